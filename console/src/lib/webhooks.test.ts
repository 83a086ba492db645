import assert from "node:assert/strict";
import { test } from "node:test";
import {
  acceptedPercent,
  attemptWords,
  type Delivery,
  EVENT_TYPES,
  headerLines,
  heights,
  lastFailure,
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

test("the share of accepted attempts is of those that were made", () => {
  assert.equal(acceptedPercent({ delivered: 0, failed: 0 }), null);
  assert.equal(acceptedPercent({ delivered: 3, failed: 1 }), 75);
});

test("bars are as high as their counts, and what there is of anything is seen", () => {
  const [empty, full, mixed] = heights(
    [
      { delivered: 0, failed: 0, missed: 0 },
      { delivered: 100, failed: 0, missed: 0 },
      { delivered: 49, failed: 1, missed: 50 },
    ],
    100,
  );
  assert.deepEqual(empty, []);
  assert.deepEqual(full, [{ kind: "delivered", y: 0, height: 100 }]);
  assert.deepEqual(
    mixed?.map(({ kind }) => kind),
    ["delivered", "failed", "missed"],
  );
  assert.ok(mixed?.every(({ height, y }) => height >= 2 && y >= -1e-9));
  assert.equal(Math.round(mixed?.reduce((sum, { height }) => sum + height, 0) ?? 0), 100);
});

test("the last failure is the latest of what was attempted", () => {
  assert.deepEqual(lastFailure([delivery(2, "pending", { attemptCount: 0 }), delivery(1, "missed")]), { status: null, next: null }); // biome-ignore format: one case
  const waits = delivery(4, "pending", { nextAttemptAt: new Date(START + 5 * HOUR).toISOString() });
  const older = delivery(3, "failed", { lastStatusCode: 500 });
  assert.deepEqual(lastFailure([older, waits, delivery(5, "delivered")]), { status: 503, next: START + 5 * HOUR });
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
