// How the goals of a website are shown: name, colour, description. Asked for once and kept; without them goals have their own names.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type Schemas, taken } from "../api.ts";
import { missing, websiteOf } from "../session.ts";

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
const known = signal(new Map<string, Looks>());
const asked = new Set<string>();

export async function loadLooks(websiteId: string): Promise<void> {
  asked.add(websiteId);
  try {
    const path = { websiteId };
    const answer = await taken(api.GET("/api/v1/admin/websites/{websiteId}/goals/customizations", { params: { path } }));
    const byGoal = new Map(answer.data.map((look) => [look.goalName, look]));
    known.value = new Map(known.value).set(websiteId, { byGoal, colours: answer.colors });
  } catch {
    asked.delete(websiteId); // the next page asks again
  }
}

export function useLooks(websiteId: string, isWanted = true): Looks {
  useEffect(() => {
    if (isWanted && !asked.has(websiteId) && !missing("goals:read", websiteOf(websiteId))) loadLooks(websiteId);
  }, [websiteId, isWanted]);
  return known.value.get(websiteId) ?? NOTHING;
}
