import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attemptWords,
  type Delivery,
  EVENT_TYPES,
  headerLines,
  healthOf,
  linesOf,
  offWords,
  parseHeaders,
} from "./webhooks.ts";

const START = Date.parse("2026-10-14T00:00:00Z");
const HOUR = 3_600_000;
const delivery = (hour: number, status: Delivery["status"], more: Partial<Delivery> = {}): Delivery =>
  ({
    id: String(hour),
    status,
    type: "goal.completed",
    attemptCount: status === "missed" ? 0 : 1,
    lastStatusCode: status === "delivered" ? 200 : 503,
    nextAttemptAt: null,
    createdAt: new Date(START + hour * HOUR).toISOString(),
    updatedAt: new Date(START + hour * HOUR + 1_000).toISOString(),
    ...more,
  }) as Delivery;

test("an endpoint fails from the first attempt after which nothing arrived", () => {
  assert.deepEqual(healthOf([]), {
    total: 0,
    counts: { pending: 0, delivered: 0, failed: 0, missed: 0 },
    rate: null,
    failing: null,
  });
  const well = healthOf([delivery(3, "delivered"), delivery(2, "failed"), delivery(1, "delivered")]);
  assert.equal(well.failing, null);
  assert.equal(Math.round(well.rate as number), 67);
  assert.equal(
    healthOf([delivery(2, "pending"), delivery(2, "pending", { attemptCount: 0 }), delivery(1, "delivered")]).rate,
    50,
  );

  const waits = delivery(4, "pending", { nextAttemptAt: new Date(START + 5 * HOUR).toISOString() });
  const { failing, counts } = healthOf([waits, delivery(3, "failed", { lastStatusCode: 500 }), delivery(2, "missed"), delivery(1, "delivered")]); // biome-ignore format: one case
  assert.deepEqual(counts, { pending: 1, delivered: 1, failed: 1, missed: 1 });
  assert.deepEqual(failing, { since: START + 3 * HOUR, until: START + 123 * HOUR, status: 503, next: START + 5 * HOUR });
  // What was not tried yet fails nothing, and what an endpoint missed while it was off neither.
  assert.equal(healthOf([delivery(2, "pending", { attemptCount: 0 }), delivery(1, "missed")]).failing, null);
  // An old delivery that is tried again after others arrived is no streak from its beginning.
  const old = delivery(0, "pending", { updatedAt: new Date(START + 9 * HOUR).toISOString() });
  assert.equal(healthOf([delivery(5, "delivered"), old]).failing?.since, START + 5 * HOUR + 1_000);
});

test("every error of an attempt and every reason of being off has words", () => {
  const errors = ["timeout", "connection", "dns", "tls", "redirect", "status", "blocked", "internal", null] as const;
  const words = errors.map((error) => attemptWords({ error, statusCode: error === "status" ? 503 : null }));
  assert.equal(new Set(words).size, errors.length);
  assert.equal(words[5], "Answered 503");
  assert.equal(attemptWords({ error: null, statusCode: 204 }), "Accepted with 204");
  assert.equal(new Set(["manual", "gone", "failing"].map(offWords)).size, 3);
  assert.equal(EVENT_TYPES.length, 7);
});

test("headers are written one a line, and back", () => {
  assert.deepEqual(parseHeaders("X-Key: a:b \n\nAuthorization:Bearer ••••"), {
    headers: { "X-Key": "a:b", Authorization: "Bearer ••••" },
  });
  assert.match(parseHeaders("X-Key: a\nwhat").problem as string, /^Line 2/);
  const headers = { "X-Key": "a:b", "X-Other": "" };
  assert.deepEqual(parseHeaders(headerLines(headers)).headers, headers);
  assert.deepEqual(linesOf(" a \n\n b"), ["a", "b"]);
});
