// How the goals of a website are shown: name, colour, description. A part of the views of goals; without it they have their own names.

import type { Schemas } from "../api.ts";
import type { Body, Part, Reports } from "../reports.ts";
import { missing, type SessionWebsite } from "../session.ts";

export type Look = Schemas["Customization"];
export interface Colour {
  color: string;
  label: string;
  family: string;
}
export interface Looks {
  byGoal: ReadonlyMap<string, Look>;
  colours: readonly Colour[];
}

const NOTHING: Looks = { byGoal: new Map(), colours: [] };
const PART = "goal-customizations";
const known = new WeakMap<Body, Looks>();

// The part that a view asks for, where the session may read it.
export const looksPart = (website: SessionWebsite): string[] => (missing("goals:read", website) ? [] : [PART]);

export const looksOf = (reports: Reports): Looks => read(reports.part(PART));
export const looksChanged = (reports: Reports): void => reports.again(PART);

function read({ body }: Part): Looks {
  if (!body) return NOTHING;
  let looks = known.get(body);
  if (!looks) {
    const rows = body.data as unknown as Look[];
    looks = { byGoal: new Map(rows.map((look) => [look.goalName, look])), colours: (body.colors ?? []) as Colour[] };
    known.set(body, looks);
  }
  return looks;
}
