// Why a journey is over with its day, on a website that sets no cookies. Its settings are asked for once.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, taken } from "../../api.ts";
import { missing, type SessionWebsite } from "../../session.ts";

const known = signal(new Map<string, boolean>());
const asked = new Set<string>();

async function learn(websiteId: string): Promise<void> {
  asked.add(websiteId);
  try {
    const { data } = await taken(api.GET("/api/v1/admin/websites/{websiteId}", { params: { path: { websiteId } } }));
    known.value = new Map(known.value).set(websiteId, data[0]?.isCookieless ?? false);
  } catch {
    asked.delete(websiteId); // the next page asks again
  }
}

export function CookielessNotice({ website }: { website: SessionWebsite }) {
  useEffect(() => {
    if (!asked.has(website.id) && !missing("settings:read", website)) learn(website.id);
  }, [website.id]);
  if (!known.value.get(website.id)) return null;
  return (
    <p class="notice">
      This website sets no cookies. Who comes back on another day is somebody new, so a journey ends with its day.
    </p>
  );
}
