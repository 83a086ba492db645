// What a token may do: rows of a matrix, presets, and the list that is sent.

import type { components } from "../../types/api.d.ts";

export type Permission = components["schemas"]["AccessToken"]["permissions"][number];
export type Level = "none" | "read" | "write";

export interface Resource {
  name: string;
  read?: Permission;
  write?: Permission;
}

export const RESOURCES: readonly Resource[] = [
  { name: "Analytics", read: "analytics:read" },
  { name: "Goals", read: "goals:read", write: "goals:write" },
  { name: "Payments", read: "payments:read", write: "payments:write" },
  { name: "Identities", write: "identify:write" },
  { name: "Websites", read: "websites:read", write: "websites:write" },
  { name: "Settings", read: "settings:read", write: "settings:write" },
  { name: "Keys and tokens", read: "api-keys:read", write: "api-keys:write" },
  { name: "Funnels", read: "funnels:read", write: "funnels:write" },
  { name: "Alerts", read: "alerts:read", write: "alerts:write" },
  { name: "Webhooks", read: "webhooks:read", write: "webhooks:write" },
  { name: "Team", read: "team:read", write: "team:write" },
  { name: "Notes", read: "notes:read", write: "notes:write" },
];

const READS = RESOURCES.flatMap(({ read }) => (read ? [read] : []));

export interface Preset {
  id: string;
  name: string;
  about: string;
  permissions: readonly Permission[];
}

export const PRESETS: readonly Preset[] = [
  { id: "reads", name: "Reads everything", about: "Reports, settings and lists; changes nothing.", permissions: READS },
  {
    id: "agent",
    name: "An agent that reads",
    about: "Reports, funnels, goals, alerts and notes; no keys, no team.",
    permissions: ["analytics:read", "goals:read", "websites:read", "funnels:read", "alerts:read", "notes:read"],
  },
  {
    id: "grows",
    name: "An agent that manages",
    about: "Reads, and makes funnels, alerts, goals' looks and notes.",
    permissions: [
      "analytics:read",
      "goals:read",
      "goals:write",
      "websites:read",
      "funnels:read",
      "funnels:write",
      "alerts:read",
      "alerts:write",
      "notes:read",
      "notes:write",
    ],
  },
  {
    id: "sends",
    name: "A backend that sends",
    about: "Goals, payments and identities; reads nothing.",
    permissions: ["goals:write", "payments:write", "identify:write"],
  },
  {
    id: "hooks",
    name: "A webhook operator",
    about: "Endpoints, their secrets and deliveries.",
    permissions: ["websites:read", "webhooks:read", "webhooks:write"],
  },
  { id: "all", name: "Full access", about: "Everything that you can do.", permissions: ["*"] },
];

export const has = (permissions: readonly string[], one: Permission): boolean =>
  permissions.includes("*") || permissions.includes(one);

/** What is chosen in a row. A list may have "write" alone, which a backend that only sends wants. */
export function levelOf(permissions: readonly string[], { read, write }: Resource): Level {
  if (write && has(permissions, write)) return "write";
  return read && has(permissions, read) ? "read" : "none";
}

/** The list after a choice in one row: who writes reads as well, for in this API the one does not include the other. */
export function withLevel(permissions: readonly Permission[], resource: Resource, level: Level): Permission[] {
  const { read, write } = resource;
  const all = permissions.includes("*")
    ? [...READS, ...RESOURCES.flatMap((one) => (one.write ? [one.write] : []))]
    : permissions;
  const others = all.filter((one) => one !== read && one !== write);
  return [...others, ...(level !== "none" && read ? [read] : []), ...(level === "write" && write ? [write] : [])];
}

/** The preset that a list is, if it is one. */
export function presetOf(permissions: readonly string[]): Preset | undefined {
  const list = permissions.toSorted().join();
  return PRESETS.find((preset) => preset.permissions.toSorted().join() === list);
}
