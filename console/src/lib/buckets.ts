// The buckets of a time series, cut as the gateway cuts them.

import { daysOf, type Range, spanOf } from "./dates.ts";
import { addDays, type Day, endOfMonth, startOfMonth, startOfWeek } from "./days.ts";
import { dayAt, nextHour, startOfDay } from "./zones.ts";

export const INTERVALS = ["hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

/** A bucket; both ends are inside. */
export interface Bucket {
  start: number;
  end: number;
}

/** What is shown unless another interval is chosen. */
export function defaultInterval(range: Range, zone: string): Interval {
  const days = range.kind === "moments" ? (range.end - range.start) / 86_400_000 : daysOf(range, zone);
  if (days <= 2) return "hour";
  if (days <= 91) return "day";
  return days <= 26 * 7 ? "week" : "month";
}

/** More points than this are no chart but a carpet. */
const MOST_POINTS = 400;

/** The intervals that make sense: at most 400 points, and more than one bucket. */
export function intervalsOf(range: Range, zone: string): Interval[] {
  const days = daysOf(range, zone);
  const fits: Record<Interval, boolean> = {
    hour: days * 24 <= MOST_POINTS,
    day: days > 1 && days <= MOST_POINTS,
    week: days > 7 && days / 7 <= MOST_POINTS,
    month: days > 31,
  };
  return INTERVALS.filter((interval) => fits[interval]);
}

/** The interval that a series of this range has: the gateway shows a range within one day by hour. */
export function intervalOf(chosen: Interval | undefined, range: Range, zone: string): Interval {
  return chosen && intervalsOf(range, zone).includes(chosen) ? chosen : defaultInterval(range, zone);
}

/** The bucket that begins at this moment, as the calendar has it. */
export function bucketFrom(start: number, interval: Interval, zone: string): Bucket {
  return { start, end: nextStart(start, interval, zone) - 1 };
}

function nextStart(start: number, interval: Interval, zone: string): number {
  if (interval === "hour") return nextHour(start, zone);
  const [, to] = daysOfBucket(start, interval, zone);
  return startOfDay(addDays(to, 1), zone);
}

/** The days of the bucket in which this moment lies. */
export function daysOfBucket(moment: number, interval: Interval, zone: string): [Day, Day] {
  const day = dayAt(moment, zone);
  if (interval === "week") return [startOfWeek(day), addDays(startOfWeek(day), 6)];
  if (interval === "month") return [startOfMonth(day), endOfMonth(day)];
  return [day, day];
}

export function bucketsOf(range: Range, interval: Interval, zone: string): Bucket[] {
  const { start, end } = spanOf(range, zone);
  const buckets: Bucket[] = [];
  for (let from = start; from <= end; ) {
    const bucket = { start: from, end: Math.min(bucketFrom(from, interval, zone).end, end) };
    buckets.push(bucket);
    from = bucket.end + 1;
  }
  return buckets;
}

/** Which of these buckets is not over yet. */
export function runningBucket(starts: number[], interval: Interval, zone: string, now: number): number | null {
  const at = starts.findLastIndex((start) => start <= now);
  const start = starts[at];
  return start !== undefined && bucketFrom(start, interval, zone).end >= now ? at : null;
}
