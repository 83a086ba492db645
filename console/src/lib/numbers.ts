// How figures are written: counts, money, rates, durations, changes.

/** A figure to show, and the same in full for titles and screen readers. */
export interface Written {
  text: string;
  full: string;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(locales: readonly string[], options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify([locales, options]);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.NumberFormat(locales as string[], options);
    formats.set(key, made);
  }
  return made;
}

/** The largest figure that is written in full. */
const LARGEST_FULL = 9_999;
/** From here on cents are noise. */
const NO_CENTS_FROM = 1_000;

const COMPACT: Intl.NumberFormatOptions = { notation: "compact", maximumFractionDigits: 1 };

export function count(value: number, locales: readonly string[]): Written {
  const full = format(locales, { maximumFractionDigits: 0 }).format(value);
  return { text: Math.abs(value) <= LARGEST_FULL ? full : format(locales, COMPACT).format(value), full };
}

/** An amount in major units of an ISO currency, as reports have it. */
export function money(value: number, currency: string, locales: readonly string[]): Written {
  const options: Intl.NumberFormatOptions = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
  const full = format(locales, options).format(value);
  if (Math.abs(value) > LARGEST_FULL) return { text: format(locales, { ...options, ...COMPACT }).format(value), full };
  const isWhole = Math.abs(value) >= NO_CENTS_FROM || value === 0;
  return { text: isWhole ? format(locales, { ...options, maximumFractionDigits: 0 }).format(value) : full, full };
}

/** A percentage, of which reports write 1.15 for 1.15 %. */
export function rate(value: number, locales: readonly string[]): Written {
  const write = (digits: number) =>
    format(locales, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value / 100);
  return { text: write(1), full: write(2) };
}

/** The share of a part, written as a percentage without decimals, or with one below 1 %. */
export function share(part: number, whole: number, locales: readonly string[]): string {
  const value = whole > 0 ? part / whole : 0;
  const digits = value > 0 && value < 0.01 ? 1 : 0;
  return format(locales, { style: "percent", maximumFractionDigits: digits }).format(value);
}

/** A duration from milliseconds: `12 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`. */
export function duration(millis: number): Written {
  const seconds = Math.round(Math.max(0, millis) / 1000);
  const units = [
    [Math.floor(seconds / 86_400), "d", "day"],
    [Math.floor(seconds / 3600) % 24, "h", "hour"],
    [Math.floor(seconds / 60) % 60, "m", "minute"],
    [seconds % 60, "s", "second"],
  ] as const;
  const first = units.findIndex(([value]) => value > 0);
  const shown = first < 0 ? units.slice(3) : units.slice(first, first + 2).filter(([value], at) => at === 0 || value > 0);
  return {
    text: shown.map(([value, unit]) => `${value} ${unit}`).join(" "),
    full: shown.map(([value, , word]) => `${value} ${word}${value === 1 ? "" : "s"}`).join(" "),
  };
}

/** What kind of figure changes: counts and money by percent, rates by points, durations by time. */
export type Kind = "count" | "money" | "rate" | "duration";

export interface Change {
  direction: "up" | "down" | "same" | "new";
  /** Whether that is good news; never the only sign. */
  tone: "good" | "bad" | "none";
  /** `up 12 %`, `down 0.4 points`, `same`, `new`. */
  text: string;
}

export function change(now: number, before: number, kind: Kind, locales: readonly string[], isBetterLower = false): Change {
  const difference = now - before;
  if (before === 0 && now !== 0 && kind !== "rate")
    return { direction: "new", tone: isBetterLower ? "bad" : "good", text: "new" };
  const amount = changeText(Math.abs(difference), before, kind, locales);
  if (amount === null) return { direction: "same", tone: "none", text: "same" };
  const direction = difference > 0 ? "up" : "down";
  return { direction, tone: difference > 0 !== isBetterLower ? "good" : "bad", text: `${direction} ${amount}` };
}

/** The size of a change; null where nothing of it would be seen. */
function changeText(difference: number, before: number, kind: Kind, locales: readonly string[]): string | null {
  if (kind === "rate") {
    const points = Math.round(difference * 10) / 10;
    const word = points === 1 ? "point" : "points";
    return points === 0 ? null : `${format(locales, { maximumFractionDigits: 1 }).format(points)} ${word}`;
  }
  if (kind === "duration") return difference < 500 ? null : duration(difference).text;
  const part = before === 0 ? 0 : difference / Math.abs(before);
  const digits = part < 0.0995 ? 1 : 0;
  if (Math.round(part * 1000) === 0) return null;
  return format(locales, { style: "percent", maximumFractionDigits: digits }).format(part);
}
