// Retries, endpoints that are switched off, and messages sent again.

import assert from "node:assert/strict";
import { sleep } from "../../scripts/lib.mjs";
import { eventually } from "../harness/checks.mjs";
import { SETTLE_MS } from "./harness.mjs";
import { dataOf, fence } from "./messages.mjs";
import { after, deadPort, hang, inTurn, ok, Receiver, reset, status } from "./receivers.mjs";

// ── Retries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// Seconds. The second wait is shorter than the first only to save time; a floor above the first wait makes it visible.
const SCHEDULE = [4, 2];
const FLOOR = 5;
const TIMEOUT = 4; // a busy machine needs longer than it should for an answer that is there at once
const ATTEMPTS = SCHEDULE.length + 1;
const JITTER = 0.2;
const CLOCK = 0.3; // that a wait may be too short: clocks are read at different moments
const WRITTEN = 0.9; // that it may be too long: from the end of an attempt until a busy machine writes down what is next
const LATE = 4; // that a retry may come on a busy machine

// Seconds that the gateway waits after an attempt.
const waitAfter = (delivery, number = 1) => {
  const { startedAt, durationMs } = delivery.attempts[number - 1];
  return (Date.parse(delivery.nextAttemptAt) - Date.parse(startedAt) - durationMs) / 1000;
};

function isBetween(seconds, from, to, what) {
  assert.ok(seconds >= from - CLOCK && seconds <= to + WRITTEN, `${what}: ${seconds.toFixed(2)} s, not ${from} to ${to}`);
}

const jittered = (base) => [base * (1 - JITTER), base * (1 + JITTER)];

// Endpoints on one website that each fail in their own way: one event tries them all.
async function oneEventFor(gateway, cases) {
  const site = await gateway.website();
  await site.visit();
  const tried = await Promise.all(
    Object.entries(cases).map(async ([name, { answer, url, ...expected }]) => {
      const receiver = new Receiver(answer);
      return { name, receiver, endpoint: await site.endpoint(url ? url : receiver), ...expected };
    }),
  );
  await site.goal("signup");
  return { site, tried };
}

const retries = {
  "every kind of failure is named and retried until the schedule ends": async (gateway) => {
    const elsewhere = new Receiver();
    const to = (code) => status(code, "moved", { location: elsewhere.url });
    const { url: refusing } = await deadPort();
    const plain = new URL(elsewhere.url);
    const { tried } = await oneEventFor(gateway, {
      "a 500": { answer: status(500, "broken"), code: 500, error: "status", body: "broken" },
      "a 503": { answer: status(503), code: 503, error: "status" },
      "a 400": { answer: status(400, "no"), code: 400, error: "status", body: "no" },
      "a 404": { answer: status(404), code: 404, error: "status" },
      "a 429": { answer: status(429), code: 429, error: "status" },
      "a 301": { answer: to(301), code: 301, error: "redirect" },
      "a 302": { answer: to(302), code: 302, error: "redirect" },
      "a 307": { answer: to(307), code: 307, error: "redirect" },
      "a 308": { answer: to(308), code: 308, error: "redirect" },
      "a slow answer": { answer: after((TIMEOUT + 2) * 1000, ok), code: null, error: "timeout" },
      "no answer": { answer: hang, code: null, error: "timeout" },
      "a reset connection": { answer: reset, code: null, error: "connection" },
      "a refused connection": { url: refusing, code: null, error: "connection" },
      // workerd does not always say why it did not get so far, and without a network a resolver takes its time.
      "a host without TLS": { url: `https://127.0.0.1:${plain.port}/`, code: null, error: ["tls", "connection"] },
      "a name that does not exist": { url: "https://nothing.invalid/", code: null, error: ["dns", "connection", "timeout"] },
    });
    for (const { name, receiver, endpoint, code, error, body } of tried) {
      const delivery = await endpoint.outcome(90_000);
      const shown = `${name}: ${JSON.stringify(delivery)}`;
      assert.deepEqual([delivery.status, delivery.attemptCount, delivery.nextAttemptAt], ["failed", ATTEMPTS, null], shown);
      assert.equal(delivery.lastStatusCode, code, shown);
      assert.deepEqual(delivery.attempts.map((attempt) => attempt.number), [1, 2, 3], shown);
      for (const attempt of delivery.attempts) {
        assert.deepEqual([attempt.trigger, attempt.statusCode], ["automatic", code], shown);
        assert.ok([error].flat().includes(attempt.error), shown);
        if (body) assert.equal(attempt.responseBody, body, shown);
        if (error === "timeout") isBetween(attempt.durationMs / 1000, TIMEOUT, TIMEOUT + 1, `${name} took`);
      }
      if (endpoint.created.url !== receiver.url) continue;
      assert.equal(receiver.requests.length, ATTEMPTS, shown);
      assert.deepEqual(receiver.ids, [delivery.messageId], "the same id");
      assert.equal(new Set(receiver.requests.map((request) => request.body)).size, 1, "the same bytes");
      const times = receiver.requests.map((request) => Number(request.headers["webhook-timestamp"]));
      assert.ok(times[0] < times[1] && times[1] < times[2], `each attempt has its own time: ${times}`);
      const row = await endpoint.row();
      assert.equal(row.isEnabled, true, "one message is not a whole streak");
    }
    assert.equal(elsewhere.requests.length, 0, "no redirect was followed");
  },

  "waits follow the schedule with a jitter of 20 %": async (gateway) => {
    const cases = Array.from({ length: 12 }, (_, number) => [`endpoint ${number}`, { answer: inTurn(status(500), status(500), ok) }]);
    const { tried } = await oneEventFor(gateway, Object.fromEntries(cases));
    const waits = [];
    const observe = async ({ name, receiver, endpoint }) => {
      for (const [number, base] of SCHEDULE.entries()) {
        const delivery = await endpoint.attempted(number + 1);
        if (delivery.attempts.length > number + 1) continue; // this machine was too slow to see it waiting
        assert.deepEqual([delivery.status, delivery.attemptCount, delivery.lastStatusCode], ["pending", number + 1, 500]);
        const wait = waitAfter(delivery, number + 1);
        isBetween(wait, ...jittered(base), `${name}, wait ${number + 1}`);
        waits.push(wait / base);
        const request = await eventually(() => receiver.requests[number + 1]);
        const late = (request.at - Date.parse(delivery.nextAttemptAt)) / 1000;
        assert.ok(late > -CLOCK && late < LATE, `${name}: ${late.toFixed(2)} s after its time`);
      }
    };
    await Promise.all(tried.map(observe));
    assert.ok(waits.length >= tried.length, `${waits.length} waits were seen`);
    assert.ok(Math.max(...waits) - Math.min(...waits) > 0.05, `all waits are alike: ${waits.map((wait) => wait.toFixed(3))}`);
    for (const { endpoint } of tried) {
      const delivery = await endpoint.outcome();
      assert.deepEqual([delivery.status, delivery.attemptCount, delivery.lastStatusCode], ["delivered", 3, 200]);
      assert.deepEqual(delivery.attempts.map(({ statusCode, error }) => [statusCode, error]), [[500, "status"], [500, "status"], [200, null]]);
    }
    return `${waits.length} waits of ${Math.min(...waits).toFixed(2)} to ${Math.max(...waits).toFixed(2)}`;
  },

  "Retry-After is clamped to one to two times the wait; a timeout or 429 waits at least the floor": async (gateway) => {
    const [base] = SCHEDULE;
    const asking = (code, seconds) => status(code, "", { "retry-after": String(seconds) });
    const date = (seconds) => (request, response) => asking(503, new Date(Date.now() + seconds * 1000).toUTCString())(request, response);
    const { tried } = await oneEventFor(gateway, {
      "503, in 6 seconds": { answer: asking(503, 6), wait: [6, 6] },
      "503, in 100 seconds": { answer: asking(503, 100), wait: [2 * base, 2 * base] },
      "503, in 1 second": { answer: asking(503, 1), wait: [base, base] },
      "503, at a time in 7 seconds": { answer: date(7), wait: [6, 7] }, // dates have no milliseconds
      "503, at a time that is over": { answer: date(-60), wait: [base, base] },
      "503, at a time tomorrow": { answer: date(86_400), wait: [2 * base, 2 * base] },
      "503, soon": { answer: asking(503, "soon"), wait: jittered(base) },
      "429": { answer: status(429), wait: [FLOOR, FLOOR] },
      "429, in 1 second": { answer: asking(429, 1), wait: [FLOOR, FLOOR] },
      "429, in 7 seconds": { answer: asking(429, 7), wait: [7, 7] },
      "429, in 100 seconds": { answer: asking(429, 100), wait: [2 * base, 2 * base] },
      "no answer": { answer: hang, wait: [FLOOR, FLOOR] },
    });
    await Promise.all(
      tried.map(async ({ name, receiver, endpoint, wait }) => {
        const delivery = await endpoint.attempted(1);
        receiver.answer = ok;
        assert.equal(delivery.attempts.length, 1, name);
        isBetween(waitAfter(delivery), ...wait, name);
        const again = await eventually(() => receiver.requests[1]);
        assert.ok(again.at >= Date.parse(delivery.nextAttemptAt) - CLOCK * 1000, `${name}: before its time`);
      }),
    );
    for (const { endpoint } of tried) assert.equal((await endpoint.outcome()).status, "delivered");
  },

  "a receiver that was down gets its message when it is back": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const receiver = new Receiver();
    const port = await deadPort(receiver);
    const endpoint = await site.endpoint(port.url);
    receiver.secrets.push(endpoint.created.secret);
    await site.goal("signup");
    const failed = await endpoint.attempted(1);
    assert.equal(failed.attempts[0].error, "connection");
    await port.open();
    const delivery = await endpoint.outcome();
    assert.deepEqual([delivery.status, delivery.attempts.map(({ error }) => error)], ["delivered", ["connection", null]]);
    assert.deepEqual(receiver.ids, [delivery.messageId]);
  },

  "a manual resend restarts the schedule": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const receiver = new Receiver((request, response) => status(request.time <= ATTEMPTS + 1 ? 500 : 200)(request, response));
    const endpoint = await site.endpoint(receiver);
    const since = new Date(Date.now() - 1_000).toISOString();
    await site.goal("signup");
    const { id, status: end } = await endpoint.outcome();
    assert.equal(end, "failed");
    assert.deepEqual(await endpoint.row("POST", "/resend", { since, dryRun: true }), { count: 1, dryRun: true });
    assert.deepEqual(await endpoint.row("POST", "/resend", { since }), { count: 1, dryRun: false });
    const waiting = await endpoint.attempted(ATTEMPTS + 1);
    const manual = waiting.attempts[ATTEMPTS];
    assert.deepEqual([manual.number, manual.trigger, manual.statusCode, waiting.status], [ATTEMPTS + 1, "manual", 500, "pending"]);
    isBetween(waitAfter(waiting, ATTEMPTS + 1), ...jittered(SCHEDULE[0]), "the first wait");
    const delivery = await endpoint.outcome();
    assert.deepEqual([delivery.id, delivery.status, delivery.attemptCount], [id, "delivered", ATTEMPTS + 2]);
    assert.equal(receiver.ids.length, 1);
    assert.deepEqual(await endpoint.row("POST", "/resend", { since, dryRun: true }), { count: 0, dryRun: true });
    assert.equal((await endpoint.ask("POST", "/resend", {})).status, 400, "since is required");
  },
};

export const failures = {
  name: "failures",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: SCHEDULE.join(","),
    WEBHOOK_TIMEOUT: String(TIMEOUT),
    WEBHOOK_BACKOFF_FLOOR: String(FLOOR),
    WEBHOOK_DISABLE_AFTER: "3600",
  },
  atOnce: Object.keys(retries).length, // nearly all they do is wait
  checks: retries,
};

// ── Endpoints that keep failing ──────────────────────────────────────────────────────────────────────────────────────

const DISABLE_AFTER = 4; // seconds

const streaks = {
  "an endpoint that keeps failing is switched off; its messages are stored and can be sent later": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const [receiver, witness, everything] = [new Receiver(status(500)), new Receiver(), new Receiver()];
    const endpoint = await site.endpoint(receiver, { eventTypes: ["goal.completed", "endpoint.disabled"] });
    await site.endpoint(witness, { eventTypes: ["endpoint.disabled"] });
    await site.endpoint(everything);
    const since = new Date(Date.now() - 1_000).toISOString();
    await site.goal("one");
    const { at: firstFailed } = await eventually(() => receiver.requests[0]);
    await site.goal("two");

    const off = await eventually(async () => ((row) => !row.isEnabled && row)(await endpoint.row()));
    assert.equal(off.disabledReason, "failing");
    const streak = (Date.now() - firstFailed) / 1000;
    assert.ok(streak > DISABLE_AFTER - 0.5, `switched off after ${streak} s`);
    const kept = await endpoint.settled(2);
    for (const row of kept) assert.deepEqual([row.status, row.nextAttemptAt], ["missed", null]);
    for (const one of [witness, everything]) {
      const data = dataOf(await eventually(() => one.of("endpoint.disabled")[0]), "endpoint.disabled", site);
      assert.deepEqual(data, { webhookId: endpoint.id, url: receiver.url, reason: "failing" });
    }
    await site.goal("three");
    await endpoint.settled(3);
    await sleep(SETTLE_MS); // an attempt that was under way when it was switched off may still arrive
    const before = receiver.requests.length;
    for (const path of [`/deliveries/${kept[0].id}/resend`, "/resend"]) {
      assert.equal((await endpoint.ask("POST", path, { since })).status, 409, `${path} while it is off`);
    }
    await gateway.cron();
    await fence(site, everything);
    assert.equal(receiver.requests.length, before, "nothing is sent while it is off");

    receiver.answer = inTurn(status(500), ok);
    const on = await endpoint.change({ isEnabled: true });
    assert.deepEqual([on.isEnabled, on.disabledReason], [true, null]);
    await site.goal("four");
    const four = await eventually(async () => (await endpoint.deliveries({ status: "delivered" }))[0]);
    assert.equal(four.attemptCount, 2, "the failure streak restarted: one more failure did not switch it off");
    assert.equal((await endpoint.row()).isEnabled, true);
    assert.equal(receiver.goals("three").length, 0, "what was missed is not sent by itself");

    receiver.answer = ok;
    const missed = await endpoint.deliveries({ status: "missed" });
    assert.deepEqual(await endpoint.row("POST", "/resend", { since, dryRun: true }), { count: missed.length, dryRun: true });
    assert.deepEqual(await endpoint.row("POST", "/resend", { since, until: since, dryRun: true }), { count: 0, dryRun: true });
    await sleep(SETTLE_MS);
    assert.equal(receiver.goals("three").length, 0, "a dry run sends nothing");
    // The fence was missed as well.
    assert.deepEqual(await endpoint.row("POST", "/resend", { since }), { count: missed.length, dryRun: false });
    const all = await eventually(async () => {
      const rows = await endpoint.deliveries();
      return rows.every((row) => row.status === "delivered") && rows;
    });
    assert.deepEqual(new Set(receiver.ids), new Set(all.map((row) => row.messageId)), "under the ids that they always had");
    assert.equal(receiver.goals("three").length, 1);
    assert.deepEqual([witness.requests.length, everything.of("endpoint.disabled").length], [1, 1], "sent once");
  },

  "an endpoint that accepts some messages stays on": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const receiver = new Receiver(inTurn(status(500), ok));
    const endpoint = await site.endpoint(receiver);
    const count = 2 * DISABLE_AFTER;
    for (let number = 0; number < count; number += 1) {
      await site.goal(`goal-${number}`);
      await eventually(() => receiver.requests.length === 2 * (number + 1));
    }
    const all = await endpoint.settled(count);
    assert.ok(all.every((row) => row.status === "delivered" && row.attemptCount === 2));
    assert.ok(receiver.requests.at(-1).at - receiver.requests[0].at > DISABLE_AFTER * 1000, "for longer than a streak may be");
    assert.equal((await endpoint.row()).isEnabled, true);
  },

  "test messages do not count towards the failure streak": async (gateway) => {
    const site = await gateway.website();
    const receiver = new Receiver(status(500));
    const endpoint = await site.endpoint(receiver);
    for (const deadline = Date.now() + (DISABLE_AFTER + 1) * 1000; Date.now() < deadline; await sleep(500)) {
      await endpoint.row("POST", "/test", {});
    }
    assert.ok(receiver.requests.length > 4);
    assert.equal((await endpoint.row()).isEnabled, true);
  },
};

export const endings = {
  name: "endings",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: "1,1,1,1,1,1,1,1",
    WEBHOOK_TIMEOUT: "5",
    WEBHOOK_BACKOFF_FLOOR: "1",
    WEBHOOK_DISABLE_AFTER: String(DISABLE_AFTER),
  },
  atOnce: Object.keys(streaks).length,
  checks: streaks,
};
