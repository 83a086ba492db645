// Why a journey is over with its day, on a website that sets no cookies.

import type { SessionWebsite } from "../../session.ts";

export function CookielessNotice({ website }: { website: SessionWebsite }) {
  if (!website.isCookieless) return null;
  return (
    <p class="notice">
      This website sets no cookies. Who comes back on another day is somebody new, so a journey ends with its day.
    </p>
  );
}
