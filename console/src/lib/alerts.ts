// Alerts in words, the form that makes them, and the curve that their threshold is drawn over.

import type { components } from "../../types/api.d.ts";
import { type Filter, parseFilters } from "./filters.ts";
import type { Kind } from "./numbers.ts";

type Schemas = components["schemas"];
export type Alert = Schemas["Alert"];
export type Transition = Schemas["TransitionRow"];
export type Trigger = Alert["trigger"];
export type MetricTrigger = Extract<Trigger, { type: "metric" }>;
export type Metric = MetricTrigger["metric"];
export type Comparison = MetricTrigger["comparison"];
export type NoData = MetricTrigger["noData"];
export type State = Alert["state"];

export const METRICS: Record<Metric, { name: string; kind: Kind }> = {
  visitors: { name: "Visitors", kind: "count" },
  sessions: { name: "Sessions", kind: "count" },
  goals: { name: "Completed goals", kind: "count" },
  revenue: { name: "Revenue", kind: "money" },
  payments: { name: "Payments", kind: "count" },
  bounce_rate: { name: "Bounce rate", kind: "rate" },
  conversion_rate: { name: "Conversion rate", kind: "rate" },
};

export const COMPARISONS: Record<Comparison, string> = {
  above: "is above",
  below: "is below",
  increase_pct: "rises by more than (%)",
  decrease_pct: "falls by more than (%)",
};

export const NO_DATA: Record<NoData, string> = {
  ok: "nothing to tell",
  alert: "as if it were crossed",
  keep: "leave the alert as it is",
};

export const STATES: Record<State, string> = {
  normal: "normal",
  pending: "pending",
  firing: "firing",
  resolved: "resolved",
  nodata: "no data",
};

export const WINDOWS = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "1d", "7d", "30d"];
export const FORS = ["0m", "5m", "10m", "30m", "1h", "6h", "1d"];
export const COOLDOWNS = ["0m", "15m", "1h", "6h", "1d", "7d"];

const UNITS: Record<string, [string, number]> = { m: ["minute", 1], h: ["hour", 60], d: ["day", 1_440] };
export const minutesOf = (duration: string): number => Number.parseInt(duration, 10) * (UNITS[duration.slice(-1)]?.[1] ?? 1);

/** `5m` in words: `5 minutes`, `1 hour`, `no time`. */
export function durationWords(duration: string): string {
  const amount = Number.parseInt(duration, 10);
  if (!(amount > 0)) return "no time";
  return `${amount} ${UNITS[duration.slice(-1)]?.[0] ?? "minute"}${amount === 1 ? "" : "s"}`;
}

/** What an alert waits for, in a sentence. `write` writes the threshold as its metric is written. */
export function triggerWords(trigger: Trigger, write: (value: number, kind: Kind) => string): string {
  if (trigger.type === "goal") return `${trigger.goalName} is completed`;
  const { name, kind } = METRICS[trigger.metric];
  const isPercent = trigger.comparison.endsWith("_pct");
  const words = COMPARISONS[trigger.comparison].replace(" (%)", "");
  const amount = isPercent ? `${trigger.threshold} %` : write(trigger.threshold, kind);
  const held = minutesOf(trigger.for) > 0 ? `, for ${durationWords(trigger.for)}` : "";
  const goal = trigger.goalName ? ` of ${trigger.goalName}` : "";
  return `${name}${goal} in ${durationWords(trigger.window)} ${words} ${amount}${held}`;
}

export interface Draft {
  name: string;
  type: "goal" | "metric";
  goalName: string; // of the goal
  metric: Metric;
  metricGoal: string; // empty: none
  comparison: Comparison;
  threshold: string;
  window: string;
  for: string;
  noData: NoData;
  filters: readonly Filter[];
  destination: string; // an endpoint's id; empty: mail
  subject: string;
  message: string;
  cooldown: string;
  notifyResolved: boolean;
}

export const NEW: Draft = {
  name: "",
  type: "goal",
  goalName: "",
  metric: "visitors",
  metricGoal: "",
  comparison: "above",
  threshold: "100",
  window: "1h",
  for: "0m",
  noData: "ok",
  filters: [],
  destination: "",
  subject: "",
  message: "",
  cooldown: "",
  notifyResolved: false,
};

export function draftOf(alert: Alert): Draft {
  const { trigger, template, destination, name, cooldown, notifyResolved } = alert;
  const common = {
    ...NEW,
    name,
    cooldown,
    notifyResolved,
    destination: destination.type === "webhook" ? destination.endpointId : "",
    subject: template.subject ?? "",
    message: template.message,
  };
  if (trigger.type === "goal") return { ...common, type: "goal", goalName: trigger.goalName };
  return {
    ...common,
    type: "metric",
    metric: trigger.metric,
    metricGoal: trigger.goalName ?? "",
    comparison: trigger.comparison,
    threshold: String(trigger.threshold),
    window: trigger.window,
    for: trigger.for,
    noData: trigger.noData,
    filters: filtersOf(trigger.filters ?? {}),
  };
}

/** A filter without an operator means `is`. */
function filtersOf(sent: Record<string, unknown>): Filter[] {
  const known = /^(is|is_not|contains|does_not_contain|gte|lte):/;
  return parseFilters(
    Object.entries(sent).map(([field, value]) => `${field}:${known.test(String(value)) ? value : `is:${value}`}`),
  ).filters;
}

export const takesGoal = (metric: Metric): boolean => metric === "goals" || metric === "conversion_rate";

/** The trigger of a draft; undefined while something of it is missing. */
export function triggerOf(draft: Draft): Record<string, unknown> | undefined {
  if (draft.type === "goal") {
    return draft.goalName.trim() === "" ? undefined : { type: "goal", goalName: draft.goalName.trim() };
  }
  const threshold = draft.threshold.trim() === "" ? Number.NaN : Number(draft.threshold);
  if (!Number.isFinite(threshold)) return undefined;
  const filters = Object.fromEntries(
    draft.filters.map(({ field, operator, values }) => [field, `${operator}:${values.join(",")}`]),
  );
  return {
    type: "metric",
    metric: draft.metric,
    ...(takesGoal(draft.metric) && draft.metricGoal.trim() && { goalName: draft.metricGoal.trim() }),
    comparison: draft.comparison,
    threshold,
    window: draft.window,
    for: draft.for,
    noData: draft.noData,
    ...(draft.filters.length > 0 && { filters }),
  };
}

/** What is missing, by the name that the API has for it. */
export function missingOf(draft: Draft): Record<string, string> {
  return {
    ...(draft.name.trim() === "" && { name: "Give it a name." }),
    ...(draft.type === "goal" && draft.goalName.trim() === "" && { "trigger.goalName": "Name the goal." }),
    ...(draft.type === "metric" && !triggerOf(draft) && { "trigger.threshold": "A number." }),
    ...([...draft.message.trim()].length < 10 && { "template.message": "At least 10 characters." }),
  };
}

export function bodyOf(draft: Draft): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    trigger: triggerOf(draft),
    destination: draft.destination ? { type: "webhook", endpointId: draft.destination } : { type: "email" },
    template: { subject: draft.subject.trim() || null, message: draft.message },
    ...(draft.cooldown && { cooldown: draft.cooldown }),
    notifyResolved: draft.notifyResolved,
  };
}

export const PLACEHOLDERS: Record<string, string> = {
  goal: "signup",
  "alert.name": "the alert's name",
  "website.domain": "example.com",
  "website.name": "Example",
  "visitor.id": "6b2f3c1e-…",
  "visitor.country": "France",
  "visitor.city": "Paris",
  "visitor.device": "desktop",
  "visitor.referrer": "google.com",
  value: "128",
  threshold: "100",
  metric: "visitors",
  window: "1h",
  count: "1",
  triggeredAt: "today, 09:12",
};

/** A template filled in with examples; what the gateway would refuse stays as it is. */
export function filled(template: string, known: Record<string, string>): string {
  return template.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (whole, name: string) => {
    if (Object.hasOwn(known, name)) return known[name] as string;
    if (Object.hasOwn(PLACEHOLDERS, name)) return PLACEHOLDERS[name] as string;
    return /^metadata\../.test(name) ? `[${name.slice(9)}]` : whole;
  });
}

const isChange = ({ comparison }: Record<string, unknown>): boolean => String(comparison).endsWith("_pct");

/** How what a trigger compares is written: a change is in percent whatever changes. */
export function kindOf(trigger: Record<string, unknown>): Kind {
  if (trigger.type === "goal") return "count";
  return isChange(trigger) ? "rate" : METRICS[trigger.metric as Metric].kind;
}

/** What the series of a trigger shows: `Visitors in 5 minutes`, `Change of visitors in 1 hour`. */
export function wordsOfSeries(trigger: Record<string, unknown>): string {
  const { metric, goalName, window, comparison } = trigger as unknown as MetricTrigger;
  const { name } = METRICS[metric];
  const of = goalName ? ` of ${goalName}` : "";
  const change = comparison === "decrease_pct" ? "Fall" : "Rise";
  return `${isChange(trigger) ? `${change} of ${name.toLowerCase()}` : name}${of} in ${durationWords(window)}`;
}

export interface Plot {
  line: string;
  zero: number; // the height of nothing
  threshold: number | undefined; // its height
  firings: { x: number; width: number }[];
}

interface PlotInput {
  series: readonly { at: string; value: number | null }[];
  threshold?: number | undefined;
  firings: readonly { firedAt: string; resolvedAt: string | null }[];
  start: number;
  end: number;
  width: number;
  height: number;
}

/** The curve, the threshold over it, and when the alert would have fired. The curve has gaps where there is no data. */
export function plot({ series, threshold, firings, start, end, width, height }: PlotInput): Plot {
  const HALF_HOUR = 1_800_000;
  const values = series.flatMap(({ value }) => (value === null ? [] : [value]));
  const most = Math.max(1e-9, threshold ?? 0, ...values) * 1.08;
  const least = Math.min(0, threshold ?? 0, ...values) * 1.08;
  const x = (at: number) => Math.max(0, Math.min(width, ((at - start) / (end - start)) * width));
  const y = (value: number) => height - ((value - least) / (most - least)) * height;
  const round = (value: number) => Math.round(value * 10) / 10;
  const line = series.map(({ at, value }, index) => {
    if (value === null) return "";
    const isFirst = (series[index - 1]?.value ?? null) === null;
    const isAlone = isFirst && (series[index + 1]?.value ?? null) === null;
    return `${isFirst ? "M" : "L"}${round(x(Date.parse(at) + HALF_HOUR))} ${round(y(value))}${isAlone ? "h2" : ""}`;
  });
  return {
    line: line.join(""),
    zero: round(y(0)),
    threshold: threshold === undefined ? undefined : round(y(threshold)),
    firings: firings.map(({ firedAt, resolvedAt }) => {
      const from = x(Date.parse(firedAt));
      return { x: round(from), width: round(Math.max(2, resolvedAt ? x(Date.parse(resolvedAt)) - from : 2)) };
    }),
  };
}
