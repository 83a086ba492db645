// What can be looked at has a URL: the state of a view, read from its query and written to it.

import { INTERVALS, type Interval } from "./buckets.ts";
import { COMPARISONS, type Comparison, PERIODS, type Period } from "./dates.ts";
import { type Day, parseDay } from "./days.ts";
import { type Filter, formatFilter, parseFilters } from "./filters.ts";

export const METRICS = [
  "visitors",
  "revenue",
  "conversion_rate",
  "revenue_per_visitor",
  "sessions",
  "bounce_rate",
  "avg_session_duration",
] as const;
export type Metric = (typeof METRICS)[number];

export interface ViewState {
  period: Period;
  from?: Day | undefined;
  to?: Day | undefined;
  compare: Comparison;
  cfrom?: Day | undefined;
  cto?: Day | undefined;
  match: "weekday" | "date";
  by?: Interval | undefined;
  metric: Metric;
  filters: readonly Filter[];
}

export const DEFAULTS: ViewState = { period: "28d", compare: "previous", match: "weekday", metric: "visitors", filters: [] };

/** What was chosen last on a website. It fills a URL without a period; one with a period is the same for everybody. */
export type Remembered = Partial<Pick<ViewState, "period" | "compare" | "match">>;

/** The parameters that say what is looked at; a page's own come on top. */
const NAMES = ["period", "from", "to", "compare", "cfrom", "cto", "match", "by", "metric", "f"];

/** Reads the state of a view. What is not understood falls back to the default and is reported. */
export function readView(query: URLSearchParams, remembered: Remembered = {}): { view: ViewState; problems: string[] } {
  const defaults = query.has("period") ? DEFAULTS : { ...DEFAULTS, ...remembered };
  const problems: string[] = [];

  function oneOf<T extends string, D extends T | undefined>(name: string, known: readonly T[], fallback: D): T | D {
    const value = query.get(name);
    if (value === null || (known as readonly string[]).includes(value)) return (value as T | null) ?? fallback;
    problems.push(`${name}: there is no "${value.slice(0, 40)}"`);
    return fallback;
  }
  function day(name: string): Day | undefined {
    const value = query.get(name);
    if (value === null) return undefined;
    const parsed = parseDay(value);
    if (!parsed) problems.push(`${name}: "${value.slice(0, 40)}" is no day such as 2026-01-31`);
    return parsed ?? undefined;
  }
  /** Both days, in order, or neither. */
  function days(first: string, last: string, isWanted: boolean): [Day, Day] | null {
    const [from, to] = [day(first), day(last)];
    if (from && to && from <= to) return [from, to];
    if (from && to) problems.push(`${first}: lies after ${last}`);
    else if (isWanted) problems.push(`${first}, ${last}: custom dates need both`);
    return null;
  }

  const { filters, problems: ofFilters } = parseFilters(query.getAll("f"));
  const view: ViewState = {
    period: oneOf("period", PERIODS, defaults.period),
    compare: oneOf("compare", COMPARISONS, defaults.compare),
    match: oneOf("match", ["weekday", "date"] as const, defaults.match),
    by: oneOf("by", INTERVALS, undefined),
    metric: oneOf("metric", METRICS, defaults.metric),
    filters,
  };
  const chosen = days("from", "to", view.period === "custom");
  if (view.period === "custom" && chosen) [view.from, view.to] = chosen;
  else if (view.period === "custom") view.period = DEFAULTS.period;
  const compared = days("cfrom", "cto", view.compare === "custom");
  if (view.compare === "custom" && compared) [view.cfrom, view.cto] = compared;
  else if (view.compare === "custom") view.compare = DEFAULTS.compare;
  return { view, problems: [...problems, ...ofFilters] };
}

/** Writes the state over a query, leaving out what is the default, and leaving alone what is a page's own. */
export function writeView(view: ViewState, query = new URLSearchParams()): URLSearchParams {
  const written = new URLSearchParams({ period: view.period });
  const set = (name: string, value: string | undefined, fallback?: string) => {
    if (value !== undefined && value !== fallback) written.set(name, value);
  };
  if (view.period === "custom") {
    set("from", view.from);
    set("to", view.to);
  }
  set("compare", view.compare, DEFAULTS.compare);
  if (view.compare === "custom") {
    set("cfrom", view.cfrom);
    set("cto", view.cto);
  }
  set("match", view.match, DEFAULTS.match);
  set("by", view.by);
  set("metric", view.metric, DEFAULTS.metric);
  for (const filter of view.filters) written.append("f", formatFilter(filter));
  for (const [name, value] of query) if (!NAMES.includes(name)) written.append(name, value);
  return written;
}

/** A query as the address bar shows it: commas, colons and slashes stay readable. */
export function queryText(query: URLSearchParams): string {
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
  return text === "" ? "" : `?${text}`;
}
