// What a step can be, offered while it is typed: the pages and goals that the website has had. What is typed counts as well.

import type { Reports } from "../../reports.ts";

export interface Targets {
  pages: readonly string[];
  goals: readonly string[];
}

const MOST = 200;
const [PAGES, GOALS] = [`pages:${MOST}`, `goals:${MOST}`];
export const TARGETS = [PAGES, GOALS];

export function targetsOf(reports: Reports): Targets {
  const texts = (part: string, key: string): string[] => {
    const rows = reports.part(part).body?.data ?? [];
    return [...new Set(rows.map((row) => row[key]).filter((text) => typeof text === "string"))];
  };
  return { pages: texts(PAGES, "path"), goals: texts(GOALS, "goal") };
}
