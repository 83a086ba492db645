// Webhooks in words: what is sent, how deliveries end, and how an endpoint is doing.

import type { components } from "../../types/api.d.ts";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type Delivery = Schemas["Delivery"];
export type DeliveryDetails = Schemas["DeliveryDetails"];
export type Attempt = Schemas["Attempt"];
export type EventType = Delivery["type"];
export type Status = Delivery["status"];

export const EVENTS: Record<EventType, string> = {
  "goal.completed": "A visitor completed a goal.",
  "payment.received": "A payment, a renewal, or the start of a free trial.",
  "payment.refunded": "A payment was refunded.",
  "visitor.identified": "A visitor was identified as a user, or the user's metadata changed.",
  "alert.firing": "An alert fires.",
  "alert.resolved": "An alert no longer fires.",
  "endpoint.disabled": "Another endpoint was switched off because it kept failing or answered 410.",
};
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

export const STATUSES: Record<Status, string> = {
  pending: "waiting",
  delivered: "delivered",
  failed: "failed",
  missed: "missed",
};

/** Why an attempt failed, or that it did not. */
export function attemptWords({ error, statusCode }: Pick<Attempt, "error" | "statusCode">): string {
  switch (error) {
    case null:
      return statusCode === null ? "Accepted" : `Accepted with ${statusCode}`;
    case "timeout":
      return "No answer in time";
    case "connection":
      return "The connection was refused or lost";
    case "dns":
      return "The host's name does not resolve";
    case "tls":
      return "The certificate or the handshake was rejected";
    case "redirect":
      return `Answered with a redirect${statusCode === null ? "" : ` (${statusCode})`}; none is followed`;
    case "status":
      return statusCode === null ? "Refused" : `Answered ${statusCode}`;
    case "blocked":
      return "The address is not public, and nothing is sent there";
    case "internal":
      return "The gateway could not open the endpoint's secret";
  }
}

/** Why an endpoint is off. */
export function offWords(reason: string | null): string {
  if (reason === "gone") return "switched off: it answered 410";
  if (reason === "failing") return "switched off: it failed for five days";
  return "switched off by hand";
}

const HOUR = 3_600_000;
/** How long an endpoint may fail before it is switched off. */
const OFF_AFTER_MS = 120 * HOUR;

export interface Health {
  total: number;
  counts: Record<Status, number>;
  /** The share of what was tried or missed that arrived, in percent; null where nothing was. */
  rate: number | null;
  /** What fails now, and since when at least. */
  failing: Failing | null;
}

export interface Failing {
  since: number;
  /** When the endpoint is switched off if it goes on. */
  until: number;
  status: number | null;
  next: number | null;
}

/** How an endpoint is doing, by its latest deliveries, newest first. */
export function healthOf(deliveries: readonly Delivery[]): Health {
  const counts = { pending: 0, delivered: 0, failed: 0, missed: 0 };
  for (const { status } of deliveries) counts[status] += 1;
  const judged = deliveries.filter(({ status, attemptCount }) => status !== "pending" || attemptCount > 0).length;
  return {
    total: deliveries.length,
    counts,
    rate: judged === 0 ? null : (100 * counts.delivered) / judged,
    failing: failingOf(deliveries),
  };
}

// It fails while no delivery has arrived since the first attempt that failed.
function failingOf(deliveries: readonly Delivery[]): Failing | null {
  const at = (moment: string) => Date.parse(moment);
  const arrived = Math.max(
    0,
    ...deliveries.filter(({ status }) => status === "delivered").map(({ updatedAt }) => at(updatedAt)),
  );
  const failed = deliveries.filter(
    ({ status, attemptCount, updatedAt }) =>
      attemptCount > 0 && (status === "failed" || status === "pending") && at(updatedAt) > arrived,
  );
  if (failed.length === 0) return null;
  const since = Math.max(arrived, Math.min(...failed.map(({ createdAt }) => at(createdAt))));
  const latest = failed.reduce((one, other) => (at(other.updatedAt) > at(one.updatedAt) ? other : one));
  const nexts = failed.flatMap(({ nextAttemptAt }) => (nextAttemptAt ? [at(nextAttemptAt)] : []));
  return {
    since,
    until: since + OFF_AFTER_MS,
    status: latest.lastStatusCode,
    next: nexts.length > 0 ? Math.min(...nexts) : null,
  };
}

/** Headers as they are typed: `Name: value`, one a line. */
export function parseHeaders(text: string): { headers: Record<string, string>; problem?: string } {
  const headers: Record<string, string> = {};
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { headers, problem: `Line ${at + 1}: write “Name: value”` };
    headers[name] = value;
  }
  return { headers };
}

export const headerLines = (headers: Record<string, unknown>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

/** Items of a list that is written one a line. */
export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
