// Calendar days as YYYY-MM-DD. A day belongs to no time zone, so nothing here asks for one.

declare const day: unique symbol;
/** A day of the Gregorian calendar, YYYY-MM-DD. Texts of this form sort by time. */
export type Day = string & { readonly [day]: true };

const MS = 86_400_000;

export function parseDay(text: string): Day | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const parsed = new Date(`${text}T00:00:00Z`);
  // A day that does not exist either is no date, or is carried over into the next month.
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== text ? null : (text as Day);
}

/** The day's midnight as if in UTC: a number to calculate and to format with, no moment of anywhere. */
export const asUtc = (day: Day): number => Date.parse(`${day}T00:00:00Z`);

export const fromUtc = (millis: number): Day => new Date(millis).toISOString().slice(0, 10) as Day;

export const addDays = (day: Day, days: number): Day => fromUtc(asUtc(day) + days * MS);

/** How many days `to` lies after `from`. */
export const daysBetween = (from: Day, to: Day): number => Math.round((asUtc(to) - asUtc(from)) / MS);

/** How many days there are from `from` to `to`, both counted. */
export const lengthOf = (from: Day, to: Day): number => daysBetween(from, to) + 1;

/** 1 is Monday, 7 is Sunday. */
export const weekday = (day: Day): number => ((new Date(asUtc(day)).getUTCDay() + 6) % 7) + 1;

export const startOfWeek = (day: Day): Day => addDays(day, 1 - weekday(day));
export const startOfMonth = (day: Day): Day => `${day.slice(0, 7)}-01` as Day;
export const startOfYear = (day: Day): Day => `${day.slice(0, 4)}-01-01` as Day;
export const endOfMonth = (day: Day): Day => addDays(addMonths(startOfMonth(day), 1), -1);

/** The same day of another month, or that month's last day where it is shorter. */
export function addMonths(day: Day, months: number): Day {
  const date = new Date(asUtc(day));
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate();
  return fromUtc(first + (Math.min(date.getUTCDate(), last) - 1) * MS);
}

export const earlier = (one: Day, other: Day): Day => (one < other ? one : other);
export const later = (one: Day, other: Day): Day => (one > other ? one : other);
