// A killed gateway loses nothing that it acknowledged, and overlapping cron runs double nothing.

import assert from "node:assert/strict";
import { sleep } from "../../scripts/lib.mjs";
import { eventually, together } from "../harness/checks.mjs";
import { SETTLE_MS } from "./harness.mjs";
import { after, inTurn, ok, Receiver, status } from "./receivers.mjs";

const GOALS = 80;
const PACE_MS = 150; // of each of four senders
const BEFORE_THE_KILL_MS = 3_000; // from the first message
const IN_FLIGHT_MS = 2_000; // before the kill: what had arrived by then was finished and must not arrive again
const RECOVERY_MS = 120_000; // cron finds unsent deliveries within about a minute

export const crashes = {
  name: "crashes",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: Array(10).fill(1).join(","),
    WEBHOOK_TIMEOUT: "5",
    WEBHOOK_BACKOFF_FLOOR: "1",
    WEBHOOK_DISABLE_AFTER: "3600",
  },
  atOnce: 1, // they stop the gateway
  checks: {
    "every event acknowledged before a kill is delivered": async (gateway) => {
      const site = await gateway.website();
      const kinds = { plain: ok, slow: after(400, ok), failing: inTurn(status(500), ok), limited: ok };
      const receivers = Object.entries(kinds).map(([kind, answer]) => Object.assign(new Receiver(answer), { kind }));
      for (const receiver of receivers) {
        receiver.endpoint = await site.endpoint(receiver, receiver.kind === "limited" ? { rateLimit: 10 } : {});
      }
      await site.visit();

      const acknowledged = [];
      const sending = together(Array.from({ length: GOALS }, (_, number) => async () => {
        const name = `goal-${number}`;
        try {
          await (number % 2 ? site.goal(name) : site.scriptGoal(name));
          acknowledged.push(name);
        } catch {} // the gateway is gone
        await sleep(PACE_MS);
      }), 4);
      await eventually(() => receivers.every((receiver) => receiver.requests.length > 0));
      await sleep(BEFORE_THE_KILL_MS);
      const killed = Date.now();
      await gateway.kill();
      await sending;
      assert.ok(acknowledged.length > 0, "something was acknowledged");
      const arrived = () => receivers.reduce((sum, receiver) => sum + receiver.ids.length, 0);
      const before = arrived();

      await gateway.start();
      const cron = gateway.cronEvery(2_000);
      await Promise.all(receivers.map((receiver) => eventually(async () => {
        const rows = await receiver.endpoint.deliveries();
        assert.ok(rows.length >= acknowledged.length, `${receiver.kind}: ${rows.length} deliveries of ${acknowledged.length}`);
        const open = rows.filter((row) => row.status !== "delivered");
        assert.equal(open.length, 0, `${receiver.kind}: ${JSON.stringify(open.slice(0, 3))}`);
        receiver.rows = rows;
        return true;
      }, RECOVERY_MS)));
      await cron.stop();
      await sleep(SETTLE_MS);

      let doubled = 0;
      const bodies = new Map();
      for (const { kind, requests, rows, ids } of receivers) {
        const names = new Set(requests.map(({ json }) => json.data.goalName));
        assert.deepEqual(acknowledged.filter((name) => !names.has(name)), [], `lost on the way to the ${kind} receiver`);
        assert.deepEqual(new Set(ids), new Set(rows.map((row) => row.messageId)), `the messages that the ${kind} receiver got, and those of its deliveries`);
        assert.equal(rows.length, names.size, "one message for each event");
        for (const { id, body } of requests) bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
        for (const id of ids) {
          const times = requests.filter((request) => request.id === id).map(({ at }) => at);
          const surplus = times.length - (kind === "failing" ? 2 : 1);
          if (surplus <= 0) continue;
          doubled += surplus;
          const wasOver = kind === "failing" ? times[1] : times[0];
          assert.ok(wasOver > killed - IN_FLIGHT_MS, `${kind}: ${id} came ${times.length} times, ${times.map((at) => at - killed)} ms from the kill`);
        }
      }
      for (const [id, variants] of bodies) assert.equal(variants.size, 1, `the bytes of ${id} before and after`);
      return `${acknowledged.length} of ${GOALS} events acknowledged, ${before} messages before the kill, ${arrived() - before} after, ${doubled} doubled`;
    },

    "an address that is no longer allowed is not sent to": async (gateway) => {
      const site = await gateway.website();
      const receiver = new Receiver();
      const endpoint = await site.endpoint(receiver);
      await site.visit();
      await site.goal("signup");
      const { id } = await endpoint.outcome();
      await gateway.stop();
      await gateway.start({ ENVIRONMENT: "production" });
      await endpoint.row("POST", `/deliveries/${id}/resend`, {});
      const delivery = await endpoint.attempted(2);
      assert.deepEqual([delivery.attempts[1].error, delivery.attempts[1].statusCode], ["blocked", null]);
      assert.equal(receiver.requests.length, 1);
      const refused = await site.ask("POST", "/webhooks", { url: receiver.url });
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.text, /url/);
    },
  },
};

// ── Cron ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const AT_ONCE = 5;
const RETRY = 3; // seconds

const crons = (gateway) => Promise.all(Array.from({ length: AT_ONCE }, () => gateway.cron()));

export const cron = {
  name: "cron",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: `${RETRY},${RETRY}`,
    WEBHOOK_TIMEOUT: "6",
    WEBHOOK_BACKOFF_FLOOR: "1",
    WEBHOOK_DISABLE_AFTER: "600",
  },
  atOnce: 4,
  checks: {
    "simultaneous cron runs send and record nothing twice": async (gateway) => {
      const site = await gateway.website();
      await site.visit();
      const [receiver, copy] = [new Receiver(), new Receiver()];
      const endpoint = await site.endpoint(receiver, { eventTypes: ["goal.completed"] });
      const all = await site.endpoint(copy);
      const alert = await site.row("POST", "/alerts", {
        name: "Big one",
        trigger: { type: "goal", goalName: "purchase" },
        destination: { type: "webhook", endpointId: endpoint.id },
        template: { message: "Somebody has bought something." },
      });
      await together([1, 2, 3].map((number) => () => site.goal("purchase", { number: String(number) })), 3);
      for (let round = 0; round < 3; round += 1) await crons(gateway);
      const expected = 6; // a goal and an alert for each completion
      await endpoint.settled(expected);
      await all.settled(expected);
      const history = () => site.rows("GET", `/alerts/history?alertId=${alert.id}`);
      assert.equal((await history()).length, 3);
      await crons(gateway);
      await sleep(SETTLE_MS);
      for (const one of [receiver, copy]) {
        assert.deepEqual([one.of("alert.firing").length, one.of("goal.completed").length, one.ids.length], [3, 3, expected]);
      }
      await endpoint.settled(expected);
      await all.settled(expected);
      assert.equal((await history()).length, 3);
    },

    "cron does not touch an attempt in flight": async (gateway) => {
      const site = await gateway.website();
      await site.visit();
      const receiver = new Receiver(after(4_000, ok));
      const endpoint = await site.endpoint(receiver);
      await site.goal("signup");
      const request = await eventually(() => receiver.requests[0]);
      for (; !request.over; await sleep(800)) await crons(gateway);
      const delivery = await endpoint.outcome();
      assert.deepEqual([delivery.status, delivery.attemptCount, receiver.requests.length], ["delivered", 1, 1]);
    },

    "cron retries a delivery once, and not before it is due": async (gateway) => {
      const site = await gateway.website();
      await site.visit();
      const receiver = new Receiver(inTurn(status(500), ok));
      const endpoint = await site.endpoint(receiver);
      await site.goal("signup");
      const waiting = await endpoint.attempted(1);
      const due = Date.parse(waiting.nextAttemptAt);
      for (; Date.now() < due + SETTLE_MS; await sleep(300)) await crons(gateway);
      const delivery = await endpoint.outcome();
      assert.deepEqual([delivery.status, delivery.attemptCount, receiver.requests.length], ["delivered", 2, 2]);
      assert.ok(receiver.requests[1].at > due - 300, `${due - receiver.requests[1].at} ms too early`);
    },
  },
};
