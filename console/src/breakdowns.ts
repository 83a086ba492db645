// The lists of a website: which part and route has each, what its rows are called, and what a click on one filters by.

import type { FieldName } from "./lib/filters.ts";

export interface Row {
  label: string;
  value: string; // what a filter takes
  visitors: number;
  revenue?: number;
  payments?: number;
  count?: number; // clicks, completions
  conversion?: number; // percent of the visitors who paid
  code?: string; // of a country
  href?: string; // where the row is about an address
}

export interface Breakdown {
  id: string; // of the tab and the big list
  title: string;
  one: string; // of what there is a row
  part: string; // of a view, without its limit
  route: string;
  columns: readonly string[]; // of its own
  field?: FieldName;
  counts?: string; // what the rows count besides visitors
  shareName?: string;
  hasMoney: boolean;
  row: (raw: Raw) => Omit<Row, "visitors" | "revenue" | "payments">;
}

type Raw = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const named = (key: string, nothing: string) => (raw: Raw) => {
  const value = text(raw[key]);
  return { label: text(raw.unicode) || value || nothing, value };
};
const simple = (id: string, title: string, key: string, field: FieldName, nothing = "Unknown"): Breakdown => ({
  id,
  title,
  one: title,
  part: id,
  route: `/api/v1/analytics/${id}`,
  columns: [key],
  field,
  hasMoney: true,
  row: named(key, nothing),
});
const page = (id: string, title: string, field?: FieldName): Breakdown => ({
  ...simple(id, title, "path", "page"),
  columns: ["hostname", "path"],
  field,
  row: (raw: Raw) => ({
    label: text(raw.path),
    value: text(raw.path),
    href: `https://${text(raw.hostname)}${text(raw.path)}`,
  }),
});
const place = (id: string, title: string, key: "region" | "city"): Breakdown => ({
  ...simple(id, title, key, key),
  columns: [key, "countryCode"],
  row: (raw: Raw) => ({ ...named(key, "Unknown")(raw), code: codeOf(raw) }),
});
const campaign = (id: string, key: string, title: string, field: FieldName): Breakdown => ({
  id,
  title,
  one: title,
  part: `campaigns.${key}`,
  route: "/api/v1/analytics/campaigns",
  columns: [key],
  field,
  hasMoney: true,
  row: named(key, "None"),
});

// The flag's address ends with the two letters; newer answers say them.
export const codeOf = (raw: Raw): string | undefined =>
  text(raw.countryCode) || /\/([A-Z]{2})\.svg$/.exec(text(raw.image))?.[1] || undefined;

// Reports have the United Nations' names of countries, some of which are long.
const countries = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
function shortName(code: string | undefined): string | undefined {
  return code && /^[A-Z]{2}$/.test(code) ? countries.of(code) : undefined;
}

export const BREAKDOWNS = {
  referrers: simple("referrers", "Referrer", "referrer", "referrer", "Direct/None"),
  // How the visits of a channel are told apart is the gateway's, so there is no filter for it.
  channels: { ...simple("channels", "Channel", "channel", "source"), field: undefined },
  campaign: campaign("campaign", "utm_campaign", "Campaign", "utm_campaign"),
  source: campaign("source", "utm_source", "Source", "utm_source"),
  medium: campaign("medium", "utm_medium", "Medium", "utm_medium"),
  term: campaign("term", "utm_term", "Term", "utm_term"),
  content: campaign("content", "utm_content", "Content", "utm_content"),
  ref: campaign("ref", "ref", "ref", "ref"),
  via: campaign("via", "via", "via", "via"),
  pages: page("pages", "Page", "page"),
  "entry-pages": page("entry-pages", "Entry page", "entry_page"),
  "exit-pages": page("exit-pages", "Exit page"),
  hostnames: simple("hostnames", "Host", "hostname", "hostname"),
  "exit-clicks": {
    ...simple("exit-clicks", "Exit link", "url", "page"),
    columns: ["url", "clicks"],
    field: undefined,
    hasMoney: false,
    counts: "Clicks",
    row: (raw: Raw) => ({ label: text(raw.url), value: text(raw.url), href: text(raw.url), count: Number(raw.clicks) }),
  },
  countries: {
    ...simple("countries", "Country", "country", "country"),
    columns: ["country", "countryCode"],
    row: (raw: Raw) => {
      const code = codeOf(raw);
      const { label, value } = named("country", "Unknown")(raw);
      return { label: shortName(code) ?? label, value, code };
    },
  },
  regions: place("regions", "Region", "region"),
  cities: place("cities", "City", "city"),
  browsers: simple("browsers", "Browser", "browser", "browser"),
  "operating-systems": simple("operating-systems", "OS", "operating_system", "os"),
  devices: simple("devices", "Device", "device", "device"),
  goals: {
    ...simple("goals", "Goal", "goal", "goal"),
    columns: ["name", "completions"],
    hasMoney: false,
    counts: "Completions",
    shareName: "Conversion",
    row: (raw: Raw) => ({ ...named("goal", "")(raw), count: Number(raw.completions) }),
  },
} satisfies Record<string, Breakdown>;

export type BreakdownId = keyof typeof BREAKDOWNS;
export const breakdownOf = (id: string | null): Breakdown | undefined =>
  id !== null && Object.hasOwn(BREAKDOWNS, id) ? BREAKDOWNS[id as BreakdownId] : undefined;

export function rowsOf(breakdown: Breakdown, data: Raw[]): Row[] {
  return data.map((raw) => ({
    ...breakdown.row(raw),
    visitors: Number(raw.visitors ?? 0),
    revenue: breakdown.hasMoney ? Number(raw.revenue ?? 0) : undefined,
    payments: breakdown.hasMoney ? Number(raw.payments ?? 0) : undefined,
    conversion: typeof raw.conversion_rate === "number" ? raw.conversion_rate : undefined,
  }));
}

// The columns that a list shows, and in full with what is worked out for each row.
export const columnsOf = ({ columns, hasMoney }: Breakdown, isFull = false): string =>
  [
    ...columns,
    "visitors",
    ...(hasMoney ? ["revenue", "payments"] : []),
    ...(hasMoney && isFull ? ["conversion_rate"] : []),
  ].join();

// What a part of a view is asked with, besides what all share: the columns that its route does not answer by itself.
const PLACES = [BREAKDOWNS.regions, BREAKDOWNS.cities];
export const ownOf = (part: string): [string, string][] =>
  PLACES.filter(({ part: own }) => part.startsWith(`${own}:`)).map((place) => [`${place.part}.fields`, columnsOf(place)]);
