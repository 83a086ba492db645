// Asks every 15 seconds who is there, while somebody looks.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../api.ts";
import type { Body, Reports } from "../reports.ts";
import type { SessionWebsite } from "../session.ts";
import { whileSeen } from "./attention.ts";

// How many visitors are on the website now: whichever page asks, the bar shows it.
export const online = signal<{ websiteId: string; visitors: number } | undefined>(undefined);

const EVERY_MS = 15_000;

export function useOnline(website: SessionWebsite, isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return;
    const ask = async () => {
      try {
        const { data } = await call<Body>("GET", "/api/v1/analytics/realtime", { query: { websiteId: website.id } });
        online.value = { websiteId: website.id, visitors: Number(data[0]?.visitors ?? 0) };
      } catch {
        // the bar says that nothing answers
      }
    };
    return whileSeen(EVERY_MS, ask);
  }, [website.id, isWanted]);
}

// The same from a view that asks for it as a part.
export function useOnlineOf({ id }: SessionWebsite, reports: Reports): void {
  const visitors = reports.part("realtime").body?.data[0]?.visitors;
  useEffect(() => {
    if (typeof visitors === "number") online.value = { websiteId: id, visitors };
  }, [visitors, id]);
}
