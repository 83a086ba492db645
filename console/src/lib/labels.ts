// How days, moments and buckets are written, in the reader's language and the website's zone.

import { daysOfBucket, type Interval } from "./buckets.ts";
import type { Range } from "./dates.ts";
import { addDays, asUtc, type Day } from "./days.ts";
import { dayAt, timeAt } from "./zones.ts";

export type Locales = readonly string[] | string | undefined;

const formats = new Map<string, Intl.DateTimeFormat>();

// Days are formatted as if in UTC, so that no zone can shift them.
function format(locales: Locales, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locales, options]);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locales as string[], { timeZone: "UTC", calendar: "gregory", ...options });
    formats.set(key, made);
  }
  return made;
}

const DAY = { day: "numeric", month: "short", year: "numeric" } as const;

/** `17 Nov 2026`. */
export const dayLabel = (day: Day, locales: Locales): string => format(locales, DAY).format(asUtc(day));

/** `Tue 17 Nov`. */
export const weekdayLabel = (day: Day, locales: Locales): string =>
  format(locales, { weekday: "short", day: "numeric", month: "short" }).format(asUtc(day));

/** `1–28 Nov 2026`. */
export function daysLabel(from: Day, to: Day, locales: Locales): string {
  return format(locales, DAY).formatRange(asUtc(from), asUtc(to));
}

export function rangeLabel(range: Range, zone: string, locales: Locales): string {
  if (range.kind === "days") return daysLabel(range.from, range.to, locales);
  const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return format(locales, { ...options, timeZone: zone }).formatRange(range.start, range.end);
}

/** A moment in full: `17 Nov 2026, 09:12`. */
export function momentLabel(moment: number, zone: string, locales: Locales): string {
  return `${dayLabel(dayAt(moment, zone), locales)}, ${timeAt(moment, zone)}`;
}

/** The label below the axis: `14:00`, `17 Nov`, `Nov 2026`. */
export function axisLabel(start: number, interval: Interval, zone: string, locales: Locales): string {
  if (interval === "hour") return timeAt(start, zone);
  const day = dayAt(start, zone);
  if (interval === "month") return format(locales, { month: "short", year: "numeric" }).format(asUtc(day));
  return format(locales, { day: "numeric", month: "short" }).format(asUtc(day));
}

/** The bucket's name in full: `Tue 17 Nov, 14:00`, `Tue 17 Nov`, `16–22 Nov 2026`, `November 2026`. */
export function bucketLabel(start: number, interval: Interval, zone: string, locales: Locales): string {
  const [from, to] = daysOfBucket(start, interval, zone);
  switch (interval) {
    case "hour":
      return `${weekdayLabel(from, locales)}, ${timeAt(start, zone)}`;
    case "day":
      return weekdayLabel(from, locales);
    case "week":
      return daysLabel(from, to, locales);
    case "month":
      return format(locales, { month: "long", year: "numeric" }).format(asUtc(from));
  }
}

/** What the running bucket is called in the legend: `today, until 09:12`. */
export function runningLabel(interval: Interval, now: number, zone: string): string {
  const name = { hour: "this hour", day: "today", week: "this week", month: "this month" }[interval];
  return `${name}, until ${timeAt(now, zone)}`;
}

/** How long ago, in words: `just now`, `4 minutes ago`, `yesterday`, `17 Nov 2026`. */
export function agoLabel(moment: number, now: number, zone: string, locales: Locales): string {
  const minutes = Math.floor((now - moment) / 60_000);
  if (minutes < 1) return "just now";
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes < 60) return words.format(-minutes, "minute");
  const [day, today] = [dayAt(moment, zone), dayAt(now, zone)];
  if (day === today || minutes < 6 * 60) return words.format(-Math.floor(minutes / 60), "hour");
  if (day === addDays(today, -1)) return "yesterday";
  const days = Math.round((asUtc(today) - asUtc(day)) / 86_400_000);
  return days < 14 ? words.format(-days, "day") : dayLabel(day, locales);
}

/** How long until then, in words: `in a moment`, `in 4 minutes`, `in 2 hours`, `17 Nov 2026, 09:12`. */
export function untilLabel(moment: number, now: number, zone: string, locales: Locales): string {
  const seconds = Math.round((moment - now) / 1000);
  if (seconds < 60) return "in a moment";
  const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  if (seconds < 3_600) return words.format(Math.round(seconds / 60), "minute");
  return seconds < 24 * 3_600 ? words.format(Math.round(seconds / 3_600), "hour") : momentLabel(moment, zone, locales);
}
