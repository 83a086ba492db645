// What a step can be, offered while it is typed: the pages and goals that the website has had.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../../api.ts";
import type { Body } from "../../reports.ts";
import { missing, type SessionWebsite } from "../../session.ts";

export interface Targets {
  pages: readonly string[];
  goals: readonly string[];
}

const MOST = 200;

export function useTargets(website: SessionWebsite): Targets {
  const targets = useSignal<Targets>({ pages: [], goals: [] });
  useEffect(() => {
    if (missing("analytics:read", website)) return;
    const aborter = new AbortController();
    const texts = async (list: string, key: string): Promise<string[]> => {
      const query = { websiteId: website.id, limit: MOST };
      const { data } = await call<Body>("GET", `/api/v1/analytics/${list}`, { query, signal: aborter.signal });
      return [...new Set(data.map((row) => row[key]).filter((text) => typeof text === "string"))];
    };
    Promise.all([texts("pages", "path"), texts("goals", "goal")]).then(
      ([pages, goals]) => {
        targets.value = { pages, goals };
      },
      () => undefined, // what is typed counts as well
    );
    return () => aborter.abort();
  }, [website.id]);
  return targets.value;
}
