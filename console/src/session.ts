// Who has signed in, and what the session may do.

import { computed, signal } from "@preact/signals";
import { call, isSignedOut } from "./api.ts";
import { ApiError } from "./lib/errors.ts";

export type Role = "viewer" | "member" | "owner";

export interface SessionWebsite {
  id: string;
  domain: string;
  name: string;
  role: Role;
  timezone: string;
  currency: string;
  trackingId: string; // of its script
  isCookieless: boolean;
  createdAt: string;
}

export interface Session {
  id: string;
  account: { id: string; email: string; name: string | null };
  method: "ticket" | "token" | "invitation" | "email" | "passkey" | "access";
  permissions: string[];
  websites: SessionWebsite[];
  freshUntil: string;
  expiresAt: string;
  limit: { limit: number; remaining: number };
  version: string;
}

export interface Status {
  isEmpty: boolean;
  methods: { token: boolean; email: boolean; passkey: boolean; access: boolean };
  version: string;
  environment: "development" | "production";
}

// undefined: not known yet; null: nobody has signed in.
export const session = signal<Session | null | undefined>(undefined);
// The version that this page was made for: the first one that the gateway named.
let version: string | undefined;
export const isOutdated = computed(() => session.value != null && version !== undefined && session.value.version !== version);

type Answer<T> = { data: T | T[] };
// Single objects come as they are or as the one element of a list.
export const one = <T>({ data }: Answer<T>): T => (Array.isArray(data) ? (data[0] as T) : data);

function enter(next: Session): Session {
  version ??= next.version;
  isSignedOut.value = false;
  session.value = next;
  return next;
}

export async function loadSession(): Promise<void> {
  try {
    enter(one(await call<Answer<Session>>("GET", "/api/v1/console/session")));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    session.value = null;
  }
}

// A page that was away for long learns whether it still holds what it knows: the websites, and the gateway's version.
const AWAY_MS = 10 * 60_000;
let hiddenAt = 0;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") hiddenAt = Date.now();
  else if (session.peek() && Date.now() - hiddenAt > AWAY_MS) loadSession().catch(() => undefined); // the next call will say so
});

// What everybody is answered, whether the address has an account or not.
export async function askForCode(email: string): Promise<string> {
  return one(await call<Answer<{ message: string }>>("POST", "/api/v1/console/sign-in-codes", { body: { email } })).message;
}

export async function signIn(
  body: { ticket: string } | { token: string } | { code: string } | { passkey: Record<string, string> } | { access: true },
): Promise<Session> {
  return enter(one(await call<Answer<Session>>("POST", "/api/v1/console/session", { body })));
}

export async function signOut(): Promise<void> {
  await call("DELETE", "/api/v1/console/session");
  session.value = null;
}

export async function loadStatus(): Promise<Status> {
  return one(await call<Answer<Status>>("GET", "/api/v1/console/status"));
}

export const websiteOf = (id: string): SessionWebsite | undefined =>
  session.value?.websites.find((website) => website.id === id);

// What is missing to do something, in the API's words; undefined if nothing is.
export function missing(permission: string, website?: SessionWebsite, role: Role = "viewer"): string | undefined {
  const have = session.value?.permissions ?? [];
  if (!have.includes("*") && !have.includes(permission))
    return `needs the permission "${permission}", which this session does not have`;
  const order: Role[] = ["viewer", "member", "owner"];
  if (website && order.indexOf(website.role) < order.indexOf(role))
    return `needs the role "${role}", yours is "${website.role}"`;
  return undefined;
}
