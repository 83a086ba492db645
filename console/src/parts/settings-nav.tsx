// The parts of a website's settings: some are tabs of one page, the others are pages of their own.

import { path, query } from "../router.tsx";

export const PARTS = [
  { name: "General", path: "" },
  { name: "Tracking", path: "?tab=tracking" },
  { name: "Exclusions", path: "?tab=exclusions" },
  { name: "Public", path: "?tab=public" },
  { name: "Data", path: "?tab=data" },
  { name: "Integrations", path: "/integrations" },
  { name: "Team", path: "/team" },
  { name: "Keys", path: "/keys" },
  { name: "Activity", path: "/activity" },
];

export function SettingsNav({ websiteId }: { websiteId: string }) {
  const base = `/console/w/${websiteId}/settings`;
  const tab = query.value.get("tab");
  const rest = path.value.slice(base.length);
  const here = PARTS.find((part) => part.path === (rest === "" && tab ? `?tab=${tab}` : rest)) ?? PARTS[0];
  return (
    <nav class="tabs settings-nav" aria-label="Settings">
      {PARTS.map((part) => (
        <a key={part.path} href={base + part.path} aria-current={part === here ? "page" : undefined}>
          {part.name}
        </a>
      ))}
    </nav>
  );
}
