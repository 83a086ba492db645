// Webhooks in words: what is sent, how deliveries end, and how an endpoint is doing.

import type { components } from "../../types/api.d.ts";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type Delivery = Schemas["Delivery"];
export type DeliveryDetails = Schemas["DeliveryDetails"];
export type Attempt = Schemas["Attempt"];
export type Stats = Schemas["WebhookStats"];
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

export const HEALTH_RANGES = {
  "24h": { name: "24 hours", hours: 24, interval: "hour" },
  "7d": { name: "7 days", hours: 7 * 24, interval: "hour" },
  "30d": { name: "30 days", hours: 29 * 24 + 1, interval: "day" }, // with the day that is not over
} as const;
export type HealthRange = keyof typeof HEALTH_RANGES;

/** The share of attempts that were accepted, in percent; null without any. */
export function acceptedPercent({ delivered, failed }: Pick<Stats, "delivered" | "failed">): number | null {
  return delivered + failed === 0 ? null : (100 * delivered) / (delivered + failed);
}

export interface BarPart {
  kind: "delivered" | "failed" | "missed";
  y: number;
  height: number;
}

/** The parts of each bar, from the bottom up. What there is of anything is seen, however little. */
export function heights(series: readonly Pick<Stats, BarPart["kind"]>[], height: number): BarPart[][] {
  const LEAST = 2;
  const most = Math.max(1, ...series.map(({ delivered, failed, missed }) => delivered + failed + missed));
  return series.map((slot) => {
    const kinds = (["delivered", "failed", "missed"] as const).filter((kind) => slot[kind] > 0);
    const room = height - LEAST * kinds.length;
    let top = height;
    return kinds.map((kind) => {
      const tall = LEAST + (slot[kind] / most) * room;
      top -= tall;
      return { kind, y: top, height: tall };
    });
  });
}

/** What the latest attempt that failed was answered, and when the next one is made. */
export function lastFailure(deliveries: readonly Delivery[]): { status: number | null; next: number | null } {
  const at = (moment: string) => Date.parse(moment);
  const failed = deliveries.filter(
    ({ status, attemptCount }) => attemptCount > 0 && (status === "failed" || status === "pending"),
  );
  const latest = failed.toSorted((one, other) => at(other.updatedAt) - at(one.updatedAt))[0];
  const nexts = failed.flatMap(({ nextAttemptAt }) => (nextAttemptAt ? [at(nextAttemptAt)] : []));
  return { status: latest?.lastStatusCode ?? null, next: nexts.length > 0 ? Math.min(...nexts) : null };
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
