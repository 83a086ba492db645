// Filters as the URL has them, `f=country:is:France,Germany`, and as the API takes them (docs/contract/website-api.md#1.8).

export const OPERATORS = ["is", "is_not", "contains", "does_not_contain", "gte", "lte"] as const;
export type Operator = (typeof OPERATORS)[number];

export const OPERATOR_NAMES: Record<Operator, string> = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  does_not_contain: "does not contain",
  gte: "is at least",
  lte: "is at most",
};

export type Group = "Source" | "Campaign" | "Page" | "Place" | "System" | "Visitor" | "Goal";

interface Field {
  label: string;
  group: Group;
  operators: readonly Operator[];
  /** The part of a view that knows this field's values. */
  part: string | null;
}

const CHOICE = ["is", "is_not"] as const;
const TEXT = ["is", "is_not", "contains", "does_not_contain"] as const;
const NUMBER = ["is", "is_not", "gte", "lte"] as const;

const field = (label: string, group: Group, part: string | null, operators: readonly Operator[] = CHOICE): Field => ({
  label,
  group,
  operators,
  part,
});

export const FIELDS = {
  referrer: field("Referrer", "Source", "referrers"),
  ref: field("ref", "Source", "campaigns.ref"),
  source: field("source", "Source", "campaigns.source"),
  via: field("via", "Source", "campaigns.via"),
  utm_campaign: field("Campaign", "Campaign", "campaigns.utm_campaign"),
  utm_source: field("Campaign source", "Campaign", "campaigns.utm_source"),
  utm_medium: field("Medium", "Campaign", "campaigns.utm_medium"),
  utm_term: field("Term", "Campaign", "campaigns.utm_term"),
  utm_content: field("Content", "Campaign", "campaigns.utm_content"),
  page: field("Page", "Page", "pages", TEXT),
  entry_page: field("Entry page", "Page", "entry-pages", TEXT),
  hostname: field("Host", "Page", "hostnames"),
  country: field("Country", "Place", "countries"),
  region: field("Region", "Place", "regions"),
  city: field("City", "Place", "cities"),
  browser: field("Browser", "System", "browsers"),
  os: field("Operating system", "System", "operating-systems"),
  device: field("Device", "System", "devices"),
  visit_count: field("Visits", "Visitor", null, NUMBER),
  goal: field("Goal", "Goal", "goals"),
} as const;
export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

/** Fields with the operators that a list understands, where it does not understand all. */
export type Offered = Partial<Record<FieldName, readonly Operator[]>>;

export interface Filter {
  field: FieldName;
  operator: Operator;
  values: readonly string[];
}

/** What the gateway takes at most (docs/contract/README.md#46). */
export const MOST_FILTERS = 20;
export const MOST_VALUES = 1_000;

/** Why there can be no filter on this value; null if there can. */
export function obstacle(name: FieldName, value: string): string | null {
  if (value.includes(",")) return "A value with a comma cannot be filtered.";
  if (value.trim() === "") return "An empty value cannot be filtered.";
  if (value !== value.trim()) return "A value that begins or ends with a space cannot be filtered.";
  if (name === "visit_count" && !/^\d{1,9}$/.test(value)) return "A number of visits is a whole number.";
  return null;
}

/** The filter that a text of the URL stands for, or what is wrong with it. */
export function parseFilter(text: string): Filter | { problem: string } {
  const [name = "", operator = ""] = text.split(":", 2);
  if (!Object.hasOwn(FIELDS, name)) return { problem: `there is no filter "${shortened(name)}"` };
  const known: readonly string[] = FIELDS[name as FieldName].operators;
  if (!known.includes(operator)) {
    return { problem: `${name} has no operator "${shortened(operator)}"; there are ${known.join(", ")}` };
  }
  const list = text
    .slice(name.length + operator.length + 2)
    .split(",")
    .map((value) => value.trim());
  const values = [...new Set(list.filter((value) => value !== ""))];
  if (values.length === 0) return { problem: `the filter on ${name} has no value` };
  const wrong = values.map((value) => obstacle(name as FieldName, value)).find((why) => why !== null);
  if (wrong) return { problem: `${name}: ${wrong}` };
  return { field: name as FieldName, operator: operator as Operator, values };
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

export const formatFilter = ({ field, operator, values }: Filter): string => `${field}:${operator}:${values.join(",")}`;

/** All filters of a URL, and what was wrong with the others. */
export function parseFilters(texts: readonly string[]): { filters: Filter[]; problems: string[] } {
  const [filters, problems]: [Filter[], string[]] = [[], []];
  let room = MOST_VALUES;
  for (const text of texts) {
    const parsed = parseFilter(text);
    if ("problem" in parsed) problems.push(parsed.problem);
    else if (filters.length === MOST_FILTERS) problems.push(`there are more than ${MOST_FILTERS} filters`);
    else if (parsed.values.length > room) problems.push(`the filters have more than ${MOST_VALUES} values`);
    else {
      filters.push(parsed);
      room -= parsed.values.length;
    }
  }
  return { filters, problems };
}

/** The API's parameters of these filters. */
export const filterParameters = (filters: readonly Filter[]): [string, string][] =>
  filters.map(({ field, operator, values }) => [`filter_${field}`, `${operator}:${values.join(",")}`]);

export const describeFilter = ({ field, operator, values }: Filter): string =>
  `${FIELDS[field].label} ${OPERATOR_NAMES[operator]} ${values.join(", ")}`;

/** What a click on a value means: this one alone, this one too, or all but it. */
export type Choice = "only" | "also" | "exclude";

/** The filters after a click on a value. A second click takes it back. */
export function choose(filters: readonly Filter[], name: FieldName, value: string, choice: Choice): Filter[] {
  const operator = choice === "exclude" ? "is_not" : "is";
  const at = filters.findIndex((filter) => filter.field === name && filter.operator === operator);
  const old = filters[at]?.values ?? [];
  const has = old.includes(value);
  let values: string[];
  if (choice === "only") values = has && old.length === 1 ? [] : [value];
  else values = has ? old.filter((other) => other !== value) : [...old, value];
  // What is excluded cannot be wanted as well.
  const opposite = operator === "is" ? "is_not" : "is";
  return put(
    filters.map((filter) => (filter.field === name && filter.operator === opposite ? without(filter, value) : filter)),
    at,
    { field: name, operator, values },
  );
}

const without = (filter: Filter, value: string): Filter => ({
  ...filter,
  values: filter.values.filter((other) => other !== value),
});

/** Puts a filter in the place `at`, or at the end. Filters without values go. */
export function put(filters: readonly Filter[], at: number, filter: Filter): Filter[] {
  const next = at < 0 ? [...filters, filter] : filters.with(at, filter);
  return next.filter(({ values }) => values.length > 0);
}

export const removeAt = (filters: readonly Filter[], at: number): Filter[] => filters.toSpliced(at, 1);

/** Whether a value is chosen (`is`), excluded (`is_not`), or neither. */
export function standing(filters: readonly Filter[], name: FieldName, value: string): "is" | "is_not" | null {
  const of = filters.find(
    ({ field, operator, values }) => field === name && (operator === "is" || operator === "is_not") && values.includes(value),
  );
  return of ? (of.operator as "is" | "is_not") : null;
}
