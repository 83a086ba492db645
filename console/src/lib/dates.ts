// Periods, what they are compared with, and the API's parameters for both. Everything is counted in the website's zone.

import {
  addDays,
  addMonths,
  type Day,
  daysBetween,
  earlier,
  endOfMonth,
  lengthOf,
  startOfMonth,
  startOfYear,
  weekday,
} from "./days.ts";
import { clockAt, dayAt, endOfDay, momentOf, startOfDay } from "./zones.ts";

export const PERIODS = [
  "today",
  "yesterday",
  "24h",
  "7d",
  "28d",
  "30d",
  "91d",
  "mtd",
  "lastmonth",
  "ytd",
  "12mo",
  "all",
  "custom",
] as const;
export type Period = (typeof PERIODS)[number];

export const PERIOD_NAMES: Record<Period, string> = {
  today: "Today",
  yesterday: "Yesterday",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "28d": "Last 28 days",
  "30d": "Last 30 days",
  "91d": "Last 91 days",
  mtd: "Month to date",
  lastmonth: "Last month",
  ytd: "Year to date",
  "12mo": "Last 12 months",
  all: "All time",
  custom: "Custom dates",
};

interface Days {
  from: Day;
  to: Day;
}

/** What is looked at: whole days of the website, or the time between two moments. Both ends are inside. */
export type Range = ({ kind: "days" } & Days) | { kind: "moments"; start: number; end: number };

/** A choice of dates as the URL has it. */
export interface Chosen {
  period: Period;
  from?: Day | undefined;
  to?: Day | undefined;
}

/** What the dates of a website depend on. */
export interface Here {
  zone: string;
  now: number;
  /** The day with which "all time" begins. */
  since: Day;
}

export const days = (from: Day, to: Day): Range => ({ kind: "days", from, to });

const LAST_DAYS: Partial<Record<Period, number>> = { "7d": 7, "28d": 28, "30d": 30, "91d": 91 };

/** The range that a choice stands for. No range goes beyond today. */
export function rangeOf({ period, from, to }: Chosen, { zone, now, since }: Here): Range {
  const today = dayAt(now, zone);
  const last = LAST_DAYS[period];
  if (last) return days(addDays(today, 1 - last), today);
  switch (period) {
    case "yesterday":
      return days(addDays(today, -1), addDays(today, -1));
    case "24h":
      return { kind: "moments", start: now - 86_400_000 + 1, end: now };
    case "mtd":
      return days(startOfMonth(today), today);
    case "lastmonth":
      return days(addMonths(startOfMonth(today), -1), addDays(startOfMonth(today), -1));
    case "ytd":
      return days(startOfYear(today), today);
    case "12mo":
      return days(addMonths(startOfMonth(today), -11), today);
    case "all":
      return days(earlier(since, today), today);
    case "custom":
      if (from && to && from <= to && from <= today) return days(from, earlier(to, today));
      return days(today, today);
    default:
      return days(today, today);
  }
}

/** The moments between which a range lies. */
export function spanOf(range: Range, zone: string): { start: number; end: number } {
  return range.kind === "moments" ? range : { start: startOfDay(range.from, zone), end: endOfDay(range.to, zone) };
}

/** Whether the range goes on at this moment. */
export function isRunning(range: Range, { zone, now }: Here): boolean {
  const { start, end } = spanOf(range, zone);
  return start <= now && now <= end;
}

/** How many days a range touches. */
export function daysOf(range: Range, zone: string): number {
  return range.kind === "days" ? lengthOf(range.from, range.to) : lengthOf(dayAt(range.start, zone), dayAt(range.end, zone));
}

/** How many months this consists of, the last of them perhaps cut by today; 0 if it does not consist of months. */
function monthsIn({ period }: Chosen, { from, to }: Days, today: Day): number {
  // "Last 28 days" are days, though on the 28th they look like a month; so is what was chosen up to today.
  if (!["mtd", "lastmonth", "ytd", "12mo"].includes(period) && (period !== "custom" || to === today)) return 0;
  if (from !== startOfMonth(from) || (to !== endOfMonth(to) && to !== today)) return 0;
  if (period === "ytd") return 12;
  return monthNumber(to) - monthNumber(from) + 1;
}

const monthNumber = (day: Day): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));

/** The range one length before (-1) or after (1) this one; none where that would be the future. */
export function stepped(chosen: Chosen, here: Here, by: -1 | 1): Chosen | null {
  if (chosen.period === "all") return null;
  if (chosen.period === "24h") return by < 0 ? { period: "yesterday" } : null;
  const today = dayAt(here.now, here.zone);
  const range = rangeOf(chosen, here) as Days;
  if (by > 0 && range.to === today) return null;

  const months = monthsIn(chosen, range, today);
  if (months > 0) {
    const from = addMonths(range.from, by * months);
    const to = earlier(endOfMonth(addMonths(from, months - 1)), today);
    return from > today ? null : named({ from, to }, today, months);
  }
  const shift = by * lengthOf(range.from, range.to);
  // A step that would end in the future ends today and keeps its length.
  const beyond = Math.max(0, daysBetween(today, addDays(range.to, shift)));
  return named({ from: addDays(range.from, shift - beyond), to: addDays(range.to, shift - beyond) }, today, 0);
}

/** The period's own name, if it has one. */
function named({ from, to }: Days, today: Day, months: number): Chosen {
  if (months === 1 && from === startOfMonth(today)) return { period: "mtd" };
  if (months === 12 && to === today) return { period: from === startOfYear(today) ? "ytd" : "12mo" };
  if (months === 0 && from === to && to === today) return { period: "today" };
  if (months === 0 && from === to && to === addDays(today, -1)) return { period: "yesterday" };
  return { period: "custom", from, to };
}

export const COMPARISONS = ["previous", "year", "custom", "off"] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface ChosenComparison {
  compare: Comparison;
  cfrom?: Day | undefined;
  cto?: Day | undefined;
  match: "weekday" | "date";
}

/** What a range is compared with, or none. A running range is compared up to the same moment. */
export function comparedWith(chosen: Chosen, comparison: ChosenComparison, here: Here): Range | null {
  const { compare, cfrom, cto } = comparison;
  if (compare === "off" || chosen.period === "all") return null;
  const own = compare === "custom" ? (cfrom && cto && cfrom <= cto ? { from: cfrom, to: cto } : null) : undefined;
  if (own === null) return null;

  const range = rangeOf(chosen, here);
  if (range.kind === "moments") return own ? days(own.from, own.to) : momentsBefore(range, comparison, here.zone);
  const before = own ?? daysBefore(chosen, range, comparison, here);
  // Where a shorter month is before a longer one, its last day has no counterpart and counts in full.
  const isAsLong = lengthOf(before.from, before.to) === lengthOf(range.from, range.to);
  if (!isRunning(range, here) || !(isAsLong || range.to.slice(8) === before.to.slice(8))) return days(before.from, before.to);
  return { kind: "moments", start: startOfDay(before.from, here.zone), end: moved(here.now, before.to, here.zone) };
}

/** The moment of another day at which the clocks show the same. */
const moved = (moment: number, day: Day, zone: string): number =>
  momentOf({ ...clockAt(moment, zone), day }, zone) + (moment % 1000);

function momentsBefore(range: { start: number; end: number }, { compare, match }: ChosenComparison, zone: string): Range {
  const day = dayAt(range.end, zone);
  const before = compare === "year" ? yearBefore(day, match) : addDays(day, match === "weekday" ? -7 : -1);
  const end = moved(range.end, before, zone);
  return { kind: "moments", start: end - (range.end - range.start), end };
}

/** The day a year before, or the day of the same weekday that is nearest to it. */
function yearBefore(day: Day, match: "weekday" | "date"): Day {
  const before = addMonths(day, -12);
  const ahead = match === "date" ? 0 : (weekday(day) - weekday(before) + 7) % 7;
  return addDays(before, ahead > 3 ? ahead - 7 : ahead);
}

/** Above this length months have every weekday equally often, more or less. */
const LONGEST_MATCHED = 91;

function daysBefore(chosen: Chosen, { from, to }: Days, { compare, match }: ChosenComparison, here: Here): Days {
  const length = lengthOf(from, to);
  const today = dayAt(here.now, here.zone);
  const months = monthsIn(chosen, { from, to }, today);
  // Several months are compared with months; everything else with as many weeks, so that days and weeks lie over each other.
  if (match === "weekday" && (months === 0 || length <= LONGEST_MATCHED)) {
    const start = compare === "year" ? yearBefore(from, match) : addDays(from, -Math.ceil(length / 7) * 7);
    return { from: start, to: addDays(start, length - 1) };
  }
  if (compare === "previous" && months === 0) return { from: addDays(from, -length), to: addDays(to, -length) };
  const back = compare === "year" ? 12 : months;
  const isWhole = months > 0 && to !== today;
  return { from: addMonths(from, -back), to: isWhole ? endOfMonth(addMonths(startOfMonth(to), -back)) : addMonths(to, -back) };
}

/** The parameters of a report for this range. */
export function parametersOf(range: Range, zone: string): { startAt: string; endAt: string; timezone: string } {
  if (range.kind === "days") return { startAt: range.from, endAt: range.to, timezone: zone };
  const [start, end] = [new Date(range.start).toISOString(), new Date(range.end).toISOString()];
  // The API takes whole days of UTC for days of the zone. A nanosecond less is the same range, and no midnight.
  const isTaken = start.endsWith("T00:00:00.000Z") && end.slice(11, 16) === "23:59";
  const startAt = isTaken ? `${new Date(range.start - 1).toISOString().slice(0, -1)}999999Z` : start;
  return { startAt, endAt: end, timezone: zone };
}

/** The same for the range that it is compared with. */
export function comparisonParametersOf(range: Range, zone: string) {
  const { startAt, endAt } = parametersOf(range, zone);
  return { compare: "custom" as const, compareStartAt: startAt, compareEndAt: endAt };
}
