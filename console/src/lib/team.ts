// Roles of a team, and what somebody leaves behind, in words.

import type { components } from "../../types/api.d.ts";

type Schemas = components["schemas"];
export type Role = Schemas["TeamMember"]["role"];
export type GivenRole = Schemas["InviteTeamMember"]["role"];
export type Removed = Schemas["Removed"];

export interface RoleWords {
  id: Role;
  about: string;
}

export const ROLES: readonly RoleWords[] = [
  { id: "viewer", about: "Sees everything: reports, visitors, goals, settings, the team. Changes nothing." },
  {
    id: "member",
    about: "Sees everything and changes it: goals, funnels, alerts, webhooks, settings, keys, payment providers. Not the team.",
  },
  {
    id: "owner",
    about: "Decides about the team too, sees bot traffic, and can give the website away. There is one, who cannot leave.",
  },
];

/** What somebody has made on a website, as far as lists say it. */
export interface Made {
  keys: readonly { name: string | null; displayKey: string }[];
  webhooks: readonly { url: string }[];
  alerts: readonly { name: string }[];
}

export const isNothing = ({ keys, webhooks, alerts }: Made): boolean => keys.length + webhooks.length + alerts.length === 0;

interface Maker {
  createdBy: string | null;
}
type Lists = {
  keys: (Made["keys"][number] & Maker)[];
  webhooks: (Made["webhooks"][number] & Maker)[];
  alerts: (Made["alerts"][number] & Maker & { destination: { type: string } })[];
};

/** An alert that is mailed goes to the owner, and stays. */
export function madeBy(account: string, { keys, webhooks, alerts }: Lists): Made {
  const isTheirs = ({ createdBy }: Maker) => createdBy === account;
  return {
    keys: keys.filter(isTheirs),
    webhooks: webhooks.filter(isTheirs),
    alerts: alerts.filter((alert) => isTheirs(alert) && alert.destination.type === "webhook"),
  };
}
