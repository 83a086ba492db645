// Filters of the list of visitors (docs/contract/website-api.md#3.2): it has no operators, so fewer filters than reports.

import { describeFilter, FIELD_NAMES, FIELDS, type FieldName, type Filter, type Offered, type Operator } from "./filters.ts";

/** What the list can be filtered by. */
export const OFFERED = Object.fromEntries(
  FIELD_NAMES.filter((name) => name !== "entry_page" && name !== "visit_count").map((name) => [
    name,
    name === "page" ? ["is", "contains"] : ["is"],
  ]),
) as Offered;

/** The most values of a parameter of the list. */
export const MOST_LISTED = 50;

export type Customers = "yes" | "no" | undefined;

export interface VisitorQuery {
  parameters: [string, string][];
  /** Why each of the other filters does not count. */
  problems: string[];
}

const NAMES: Partial<Record<FieldName, Partial<Record<Operator, string>>>> = {
  page: { is: "visitedPage", contains: "visitedPageContains" },
  goal: { is: "completedGoal" },
};

/** The list's parameters for these filters. What it cannot do is named, not left out in silence. */
export function visitorQuery(filters: readonly Filter[], customers: Customers): VisitorQuery {
  const [parameters, problems]: [[string, string][], string[]] = [[], []];
  for (const filter of filters) {
    const { field, operator, values } = filter;
    const name = OFFERED[field]?.includes(operator) ? (NAMES[field]?.[operator] ?? field) : undefined;
    if (!name) problems.push(`the list of visitors has no filter “${FIELDS[field].label} ${operator.replaceAll("_", " ")}”`);
    else if (parameters.some(([taken]) => taken === name)) problems.push(`only one filter counts on ${FIELDS[field].label}`);
    else if (operator === "contains" && values.length > 1)
      problems.push(`${describeFilter(filter)}: only one part of a path counts`);
    else if (values.length > MOST_LISTED) problems.push(`${FIELDS[field].label} has more than ${MOST_LISTED} values`);
    else parameters.push([name, values.join(",")]);
  }
  if (customers && filters.some(({ field }) => field === "goal")) {
    problems.push("customers cannot be chosen together with a goal");
  } else if (customers) parameters.push(["isCustomer", String(customers === "yes")]);
  return { parameters, problems };
}
