// A visitor's events, put into visits. The API answers pages and goals in one list each, without saying which visit they are of.

export interface Step {
  at: number;
  kind: "page" | "goal" | "payment";
  /** The address of a page, or the name of a goal. */
  name: string;
  description: string | null;
  metadata: readonly (readonly [name: string, value: string])[];
  /** What was paid, in major units; null where nothing was. */
  paid: { amount: number; currency: string } | null;
  /** Milliseconds until the next step of the same visit; null for the last one. */
  spent: number | null;
}

export interface Visit {
  start: number;
  end: number;
  /** Which visit it is; null where the events do not tell. */
  number: number | null;
  steps: Step[];
}

interface Activity {
  visitCount: number;
  visitedPages: readonly { url: string; timestamp: string }[];
  completedGoals: readonly {
    name: string;
    timestamp: string;
    origin: string;
    description: string | null;
    metadata: Record<string, unknown>;
    amount?: number | null;
    currency?: string | null;
  }[];
}

/** A visit is over after this long without an event, as the tracking script has it. */
const PAUSE_MS = 30 * 60_000;

/** The visits, newest first; the steps of each in the order in which they were taken. */
export function visitsOf({ visitCount, visitedPages, completedGoals }: Activity): Visit[] {
  const steps = [
    ...visitedPages.map(({ url, timestamp }) => step(timestamp, "page", url)),
    ...completedGoals.map(({ name, timestamp, origin, description, metadata, amount, currency }) => ({
      ...step(timestamp, origin === "payment_provider" ? "payment" : "goal", name),
      description,
      metadata: Object.entries(metadata).map(([name, value]) => [name, written(value)] as const),
      paid: amount && currency ? { amount, currency } : null,
    })),
  ].sort((one, other) => one.at - other.at);

  const visits: Visit[] = [];
  for (const next of steps) {
    const visit = visits.at(-1);
    if (visit && next.at - visit.end <= PAUSE_MS) {
      const last = visit.steps.at(-1);
      if (last) last.spent = next.at - last.at;
      visit.steps.push(next);
      visit.end = next.at;
    } else visits.push({ start: next.at, end: next.at, number: null, steps: [next] });
  }
  // Renewals come without a visit, and old pages are cut: numbers are shown only where they are certain.
  const own = visits.filter(({ steps }) => steps.some(({ kind }) => kind === "page"));
  if (own.length === visitCount) for (const [at, visit] of own.entries()) visit.number = at + 1;
  return visits.reverse();
}

function step(timestamp: string, kind: Step["kind"], name: string): Step {
  return { at: Date.parse(timestamp), kind, name, description: null, metadata: [], paid: null, spent: null };
}

const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The first visits that have this many steps together, the last of them cut. */
export function firstSteps(visits: readonly Visit[], most: number): Visit[] {
  const shown: Visit[] = [];
  let left = most;
  for (const visit of visits) {
    if (left <= 0) break;
    shown.push({ ...visit, steps: visit.steps.slice(0, left) });
    left -= visit.steps.length;
  }
  return shown;
}
