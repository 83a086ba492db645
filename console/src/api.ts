// Calls of the API. Every call goes through `request`, which keeps what each answer says about the session and its limit.

import { signal } from "@preact/signals";
import createClient from "openapi-fetch";
import type { components, paths } from "../types/api.d.ts";
import { ApiError, asApiError, isAborted, readError } from "./lib/errors.ts";

export type Schemas = components["schemas"];

// The cookie is no longer valid: the frame asks to sign in again, over the page.
export const isSignedOut = signal(false);
// No answer came to the last call.
export const isOffline = signal(false);
// When calls are allowed again, in milliseconds; 0 if they are.
export const limitedUntil = signal(0);
// The limit of the session, as the last answer told it.
export const limit = signal<{ limit: number; remaining: number } | undefined>(undefined);

// A call that was refused because the sign-in is not fresh waits for a new one, and then goes on: `true`, or is given up: `false`.
export const isFreshWanted = signal<((isFresh: boolean) => void) | undefined>(undefined);

export async function request(input: Request): Promise<Response> {
  // The body of a request can be sent once.
  const again = input.method === "GET" ? input : input.clone();
  const response = await send(input);
  if (response.status !== 403 || !(await isStale(response))) return response;
  const isFresh = await new Promise<boolean>((resolve) => {
    isFreshWanted.peek()?.(false);
    isFreshWanted.value = resolve;
  });
  return isFresh && !input.signal.aborted ? send(again) : response;
}

async function isStale(response: Response): Promise<boolean> {
  const body = await response
    .clone()
    .json()
    .catch(() => undefined);
  return readError(response, body).reason === "fresh";
}

async function send(input: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input);
  } catch (error) {
    if (!isAborted(error)) isOffline.value = true;
    throw isAborted(error) ? error : asApiError(error);
  }
  isOffline.value = false;
  const [most, remaining] = ["x-ratelimit-limit", "x-ratelimit-remaining"].map((name) => response.headers.get(name));
  if (most && remaining) limit.value = { limit: Number(most), remaining: Number(remaining) };
  if (response.status === 401 && !isPublic(input.url)) isSignedOut.value = true;
  if (response.status === 429) limitedUntil.value = Date.now() + 1000 * (Number(response.headers.get("retry-after")) || 10);
  return response;
}

// A 401 of these says that what was typed is wrong, or that nobody has signed in yet.
const isPublic = (url: string) =>
  /\/api\/v1\/(console\/(session(\/options)?|sign-in-codes|status|tickets)|setup)$/.test(new URL(url).pathname);

// The routes of openapi.json, typed by their path.
export const api = createClient<paths>({ baseUrl: location.origin, fetch: request });

// The body of a success; a refusal is thrown as ApiError.
export async function taken<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw readError(response, error);
  return data as T;
}

type Query = Record<string, string | number | boolean | string[] | undefined>;

// The same without types: for routes that are named by a variable.
export async function call<T>(
  method: string,
  path: string,
  {
    query,
    body,
    lines,
    signal,
    headers,
  }: { query?: Query; body?: unknown; lines?: Blob; signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<T> {
  const response = await request(
    new Request(addressOf(path, query), {
      method,
      signal,
      headers: { ...typeOf(body, lines), ...headers },
      body: lines ?? (body === undefined ? undefined : JSON.stringify(body)),
    }),
  );
  const text = await response.text();
  const answer = parse(text);
  if (!response.ok) throw readError(response, answer);
  return answer as T;
}

function typeOf(body: unknown, lines: Blob | undefined): Record<string, string> {
  if (lines) return { "content-type": "application/x-ndjson" };
  return body === undefined ? {} : { "content-type": "application/json" };
}

export function addressOf(path: string, query: Query = {}): string {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) url.searchParams.append(name, String(one));
  }
  return url.href;
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export { ApiError, asApiError, isAborted };
