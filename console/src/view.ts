// What is looked at on a website: the address says it, in the website's days.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "./api.ts";
import { type Interval, intervalOf } from "./lib/buckets.ts";
import { comparedWith, comparisonParametersOf, type Here, isRunning, parametersOf, type Range, rangeOf } from "./lib/dates.ts";
import type { Day } from "./lib/days.ts";
import { FIELDS, type FieldName, type Filter, filterParameters, type Offered, type Operator } from "./lib/filters.ts";
import { recall, remember } from "./lib/taste.ts";
import { queryText, type Remembered, readView, type ViewState, writeView } from "./lib/url.ts";
import { dayAt } from "./lib/zones.ts";
import { address, go } from "./router.tsx";
import { one, type SessionWebsite } from "./session.ts";

export interface View {
  website: SessionWebsite;
  state: ViewState;
  here: Here;
  range: Range;
  compared: Range | null;
  isRunning: boolean;
  isReady: boolean; // false while the first day of "all time" is being asked for
  interval: Interval;
  problems: string[];
  offered?: Offered; // the filters that the page's list understands, where it does not understand all
}

export const locales = navigator.languages;

// The moment that "today" and "up to now" mean. It moves with each look, not by itself, or figures would never be the same.
export const now = signal(Date.now());
export const refresh = () => {
  now.value = Date.now();
};

// Who comes back to the page wants the figures of today, and not those of this morning.
const OLD_MS = 5 * 60_000;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && Date.now() - now.peek() > OLD_MS) refresh();
});

const YOUNG_MS = 2 * 86_400_000;

// What was chosen last on this website; one that is new has nothing to show but today.
function remembered(website: SessionWebsite): Remembered {
  const kept = recall(`view.${website.id}`);
  try {
    if (kept) return JSON.parse(kept) as Remembered;
  } catch {
    // somebody else wrote it
  }
  const age = now.peek() - Date.parse(website.createdAt);
  return age >= 0 && age < YOUNG_MS ? { period: "today" } : {};
}

export function viewOf(website: SessionWebsite, query: URLSearchParams): View {
  const { view: state, problems } = readView(query, remembered(website));
  const zone = website.timezone;
  const first = firstDays.value.get(website.id);
  const here = { zone, now: now.value, since: first ?? addedOn(website) };
  const range = rangeOf(state, here);
  return {
    website,
    state,
    here,
    range,
    compared: comparedWith(state, state, here),
    isRunning: isRunning(range, here),
    isReady: state.period !== "all" || first !== undefined,
    interval: intervalOf(state.by, range, zone),
    problems,
  };
}

// "All time" begins with the first event, which an import may have put before the day on which the website was added.
const firstDays = signal(new Map<string, Day>());
const asked = new Set<string>();
const addedOn = ({ createdAt, timezone }: SessionWebsite): Day => dayAt(Date.parse(createdAt), timezone);

async function learnFirstDay(website: SessionWebsite): Promise<void> {
  const { id, timezone } = website;
  asked.add(id);
  let day = addedOn(website);
  try {
    const path = `/api/v1/console/websites/${id}/installation`;
    const { firstEventAt } = one(await call<{ data: { firstEventAt: string | null } }>("GET", path));
    if (firstEventAt) day = dayAt(Date.parse(firstEventAt), timezone);
  } catch {
    asked.delete(id); // the next look asks again
  }
  firstDays.value = new Map(firstDays.peek()).set(id, day);
}

export function useView(website: SessionWebsite): View {
  const view = viewOf(website, address.value.searchParams);
  useEffect(() => {
    if (!view.isReady && !asked.has(website.id)) learnFirstDay(website);
  }, [view.isReady, website.id]);
  return view;
}

// Changes what is looked at: a step that Back undoes.
export function showView(view: View, patch: Partial<ViewState>, options?: { replace?: boolean }): void {
  go(addressOfView(view, patch), options);
  if (["period", "compare", "match"].some((name) => name in patch)) {
    const { period, compare, match } = { ...view.state, ...patch };
    // Custom dates are of this look, and not what to begin the next one with.
    if (period !== "custom" && compare !== "custom")
      remember(`view.${view.website.id}`, JSON.stringify({ period, compare, match }));
  }
  if (!("metric" in patch)) refresh();
}

export function addressOfView(view: View, patch: Partial<ViewState>): string {
  const { pathname, searchParams } = address.peek();
  return pathname + queryText(writeView({ ...view.state, ...patch }, searchParams));
}

export const operatorsOf = ({ offered }: View, field: FieldName): readonly Operator[] =>
  offered ? (offered[field] ?? []) : FIELDS[field].operators;

export const filterBy = (view: View, filters: Filter[]) => showView(view, { filters });

// The parameters that all reports of a view share.
export function parametersOfView({ range, compared, here, state }: View): [string, string][] {
  const own: Record<string, string> = parametersOf(range, here.zone);
  const other: Record<string, string> = compared ? comparisonParametersOf(compared, here.zone) : {};
  return [...Object.entries(own), ...filterParameters(state.filters), ...Object.entries(other)];
}

// The range for a list that takes all time without one.
export const boundsOf = ({ state, range, here }: View): [string, string][] =>
  state.period === "all" ? [["timezone", here.zone]] : Object.entries(parametersOf(range, here.zone));
