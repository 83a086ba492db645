// The seven figures of a website, how each is written, and what counts as better.

import { type Change, change, count, duration, type Kind, money, rate, type Written } from "./lib/numbers.ts";
import { METRICS, type Metric } from "./lib/url.ts";
import { locales } from "./view.ts";

export interface Figure {
  metric: Metric;
  name: string;
  kind: Kind;
  isBetterLower?: boolean;
  isSum: boolean; // whether the buckets of a chart add up to it
}

export const FIGURES: Record<Metric, Figure> = {
  visitors: { metric: "visitors", name: "Visitors", kind: "count", isSum: false },
  revenue: { metric: "revenue", name: "Revenue", kind: "money", isSum: true },
  conversion_rate: { metric: "conversion_rate", name: "Conversion rate", kind: "rate", isSum: false },
  revenue_per_visitor: { metric: "revenue_per_visitor", name: "Revenue per visitor", kind: "money", isSum: false },
  sessions: { metric: "sessions", name: "Sessions", kind: "count", isSum: false },
  bounce_rate: { metric: "bounce_rate", name: "Bounce rate", kind: "rate", isBetterLower: true, isSum: false },
  avg_session_duration: { metric: "avg_session_duration", name: "Session time", kind: "duration", isSum: false },
};

export const ALL_FIGURES = METRICS.map((metric) => FIGURES[metric]);

export function write(value: number, kind: Kind, currency: string): Written {
  switch (kind) {
    case "count":
      return count(value, locales);
    case "money":
      return money(value, currency, locales);
    case "rate":
      return rate(value, locales);
    case "duration":
      return duration(value);
  }
}

export const changeOf = (figure: Figure, value: number, before: number): Change =>
  change(value, before, figure.kind, locales, figure.isBetterLower);

// Money in a column is all of one kind: with cents, or without where one amount is large.
export function inColumn(value: number, currency: string, largest: number): Written {
  const written = money(value, currency, locales);
  if (largest < 1_000 || Math.abs(value) >= 1_000) return written;
  return { ...written, text: whole(currency).format(value) };
}

// A tick of an axis is a round number, and of money it has cents only where it needs them.
export function onAxis(value: number, kind: Kind, currency: string): string {
  if (kind === "money" && Number.isInteger(value) && Math.abs(value) < 10_000) return whole(currency).format(value);
  if (kind === "rate" && Number.isInteger(value)) return `${value.toLocaleString(locales as string[])}%`;
  return write(value, kind, currency).text;
}

const wholes = new Map<string, Intl.NumberFormat>();
function whole(currency: string): Intl.NumberFormat {
  let format = wholes.get(currency);
  if (!format) {
    const options = { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 } as const;
    format = new Intl.NumberFormat(locales as string[], options);
    wholes.set(currency, format);
  }
  return format;
}
