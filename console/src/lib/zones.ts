// Between moments and the clocks of a time zone. The zone is always an argument: the browser's own has no say.

import { addDays, asUtc, type Day } from "./days.ts";

/** What a clock in the zone shows. */
export interface Clock {
  day: Day;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

// Making a format costs more than a hundred uses of it.
function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, format);
  }
  return format;
}

export function isZone(name: string): boolean {
  try {
    return name !== "" && formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** The browser's zone: only to be shown, or to be offered for a new website. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function clockAt(moment: number, zone: string): Clock {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(moment)) parts[type] = value;
  return {
    day: `${parts.year?.padStart(4, "0")}-${parts.month}-${parts.day}` as Day,
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    second: Number(parts.second),
  };
}

export const dayAt = (moment: number, zone: string): Day => clockAt(moment, zone).day;

const asIfUtc = ({ day, hour, minute, second }: Clock): number => asUtc(day) + ((hour * 60 + minute) * 60 + second) * 1000;

/** How far the zone's clocks are ahead of UTC at this moment, in milliseconds. */
export function offsetAt(moment: number, zone: string): number {
  const second = Math.floor(moment / 1000) * 1000;
  return asIfUtc(clockAt(second, zone)) - second;
}

/** The moment at which the zone's clocks show this: the first of two, and what the old offset says where there is none. */
export function momentOf(clock: Clock, zone: string): number {
  const shown = asIfUtc(clock);
  // No clock is changed twice within two days.
  const before = shown - offsetAt(shown - 86_400_000, zone);
  const after = shown - offsetAt(shown + 86_400_000, zone);
  const candidates = [before, after].filter((moment) => asIfUtc(clockAt(moment, zone)) === shown);
  return candidates.length === 0 ? before : Math.min(...candidates);
}

/** The day's first moment. It is not midnight where the clocks are set forward at midnight. */
export const startOfDay = (day: Day, zone: string): number => momentOf({ day, hour: 0, minute: 0, second: 0 }, zone);

/** The day's last millisecond. */
export const endOfDay = (day: Day, zone: string): number => startOfDay(addDays(day, 1), zone) - 1;

/** The next full hour on the zone's clocks, or the change of the clocks before it. */
export function nextHour(moment: number, zone: string): number {
  const offset = offsetAt(moment, zone);
  const full = (Math.floor((moment + offset) / 3_600_000) + 1) * 3_600_000 - offset;
  if (offsetAt(full - 1, zone) === offset) return full;
  // The clocks change in between: where, to the second.
  let [same, changed] = [Math.floor(moment / 1000), Math.ceil((full - 1) / 1000)];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(middle * 1000, zone) === offset) same = middle;
    else changed = middle;
  }
  return changed * 1000;
}

/** `HH:MM` on the zone's clocks. */
export function timeAt(moment: number, zone: string): string {
  const { hour, minute } = clockAt(moment, zone);
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
