// What is looked at, in words.

import { FIELDS, type Filter, OPERATOR_NAMES } from "./lib/filters.ts";
import { daysLabel, rangeLabel } from "./lib/labels.ts";
import { dayAt } from "./lib/zones.ts";
import { locales, type View } from "./view.ts";

export const rangeWords = (view: View): string => rangeLabel(view.range, view.here.zone, locales);

// A range that is compared up to a moment is named by its days; the menu says up to when.
export function comparedWords({ compared, range, here }: View): string | undefined {
  if (!compared) return undefined;
  if (compared.kind === "days" || range.kind === "moments") return rangeLabel(compared, here.zone, locales);
  return daysLabel(dayAt(compared.start, here.zone), dayAt(compared.end, here.zone), locales);
}

// "between 1 and 28 Nov 2026" would read better and is not to be had from Intl.
export const describeRange = (view: View): string => `in ${rangeWords(view)}`;

export const filterWords = ({ field, operator }: Filter): string => `${FIELDS[field].label} ${OPERATOR_NAMES[operator]}`;
