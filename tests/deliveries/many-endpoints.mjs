// Many endpoints of all kinds: none delays another, and every delivery ends.

import assert from "node:assert/strict";
import { sleep } from "../../scripts/lib.mjs";
import { eventually, together } from "../harness/checks.mjs";
import { SOON_MS } from "./harness.mjs";
import { after, deadPort, hang, inTurn, ok, Receiver, reset, status } from "./receivers.mjs";

// ── Fairness ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const HANGING = 10;
const RATE = 2; // a second
const BURST = 10;
const SECOND_MS = 900; // what counts as one: two requests may have been held up unequally on their way

export const fairness = {
  name: "fairness",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: "1,1",
    WEBHOOK_TIMEOUT: "5",
    WEBHOOK_BACKOFF_FLOOR: "1",
    WEBHOOK_DISABLE_AFTER: "600",
  },
  atOnce: 1, // both look at the clock
  checks: {
    "ten hanging and three dead receivers delay no other": async (gateway) => {
      const [site, other] = [await gateway.website(), await gateway.website()];
      const [fast, neighbour] = [new Receiver(), new Receiver()];
      const hanging = Array.from({ length: HANGING }, () => new Receiver(hang));
      const stuck = [];
      for (const receiver of hanging) stuck.push(await site.endpoint(receiver));
      for (let number = 0; number < 3; number += 1) await site.endpoint((await deadPort()).url);
      await site.endpoint(fast); // the last in any order
      await other.endpoint(neighbour);
      await Promise.all([site.visit(), other.visit()]);
      const delays = [];
      for (let number = 0; number < 6; number += 1) {
        const began = Date.now();
        await Promise.all([site.goal(`goal-${number}`), other.goal(`goal-${number}`)]);
        for (const receiver of [fast, neighbour]) delays.push((await eventually(() => receiver.goals(`goal-${number}`)[0])).at - began);
        await sleep(300); // the hanging ones keep adding up
      }
      const worst = Math.max(...delays);
      assert.ok(worst < SOON_MS, `${delays} ms`);
      await eventually(() => hanging.every((receiver) => receiver.ids.length === 6));
      const delivery = await stuck[0].attempted(1);
      assert.equal(delivery.attempts[0].error, "timeout");
      return `${worst} ms at worst`;
    },

    "a rate limit is kept, in order of arrival, and delays no other endpoint": async (gateway) => {
      const site = await gateway.website();
      const [limited, free] = [new Receiver(), new Receiver()];
      const endpoint = await site.endpoint(limited, { rateLimit: RATE });
      assert.equal(endpoint.created.rateLimit, RATE);
      await site.endpoint(free);
      await site.visit();
      const names = Array.from({ length: BURST }, (_, number) => `goal-${number}`);
      const sent = {};
      for (const name of names) {
        sent[name] = Date.now();
        await site.goal(name);
      }
      await endpoint.settled(BURST);
      assert.deepEqual(limited.requests.map(({ json }) => json.data.goalName), names, "in order, each once");
      const times = limited.requests.map(({ at }) => at);
      for (let index = RATE; index < times.length; index += 1) {
        const span = times[index] - times[index - RATE];
        assert.ok(span > SECOND_MS, `${RATE + 1} requests within ${span} ms: ${times.map((at) => at - times[0])}`);
      }
      const slack = (times.at(-1) - times[0]) / 1000;
      assert.ok(slack < BURST / RATE + 5, `${slack} s for ${BURST} messages at ${RATE} a second`);
      await eventually(() => free.requests.length === BURST);
      const delays = names.map((name) => free.goals(name)[0].at - sent[name]);
      assert.ok(Math.max(...delays) < SOON_MS, `without a limit: ${delays} ms`);
      for (const wrong of [0, -1, 1.5, 101, "2"]) {
        assert.equal((await endpoint.ask("PUT", "", { rateLimit: wrong })).status, 400, `rateLimit ${wrong}`);
      }
      assert.equal((await endpoint.change({ rateLimit: null })).rateLimit, null);
    },
  },
};

// ── Many endpoints ───────────────────────────────────────────────────────────────────────────────────────────────────

const WEBSITES = 10;
const EVENTS = 5; // on each website
const ATTEMPTS = 3;

// Twenty endpoints on each website: how many of each kind, and on which request the receiver accepts a message.
const KINDS = [
  { count: 10, answer: ok, taken: 1 },
  { count: 2, answer: after(300, ok), taken: 1 },
  { count: 1, answer: inTurn(status(500), ok), taken: 2 },
  { count: 1, answer: inTurn(reset, ok), taken: 2 },
  { count: 1, answer: inTurn(hang, ok), taken: 2 },
  { count: 1, answer: inTurn(status(429, "", { "retry-after": "1" }), ok), taken: 2 },
  { count: 1, answer: status(500) },
  { count: 1, answer: hang },
  { count: 1, answer: reset },
  { count: 1, isDead: true },
];

export const manyEndpoints = {
  name: "many endpoints",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: "1,1",
    WEBHOOK_TIMEOUT: "5",
    WEBHOOK_BACKOFF_FLOOR: "1",
    WEBHOOK_DISABLE_AFTER: "3600",
  },
  atOnce: 1,
  checks: {
    "every delivery to 200 endpoints ends": async (gateway) => {
      const dead = await deadPort();
      const sites = await together(Array.from({ length: WEBSITES }, () => async () => {
        const site = await gateway.website();
        site.endpoints = [];
        for (const { count, answer, taken, isDead } of KINDS) {
          for (let number = 0; number < count; number += 1) {
            const receiver = new Receiver(answer);
            site.endpoints.push({ receiver, taken, isDead, endpoint: await site.endpoint(isDead ? dead.url : receiver) });
          }
        }
        await site.visit();
        return site;
      }));
      assert.equal((await sites[0].ask("POST", "/webhooks", { url: dead.url })).status, 403, "the 21st");

      const began = Date.now();
      const cron = gateway.cronEvery(3_000);
      const sending = sites.flatMap((site) => Array.from({ length: EVENTS }, (_, number) => () =>
        number % 2 ? site.pay(`t-${number}`) : site.goal(`goal-${number}`),
      ));
      await together(sending, 10);
      const every = sites.flatMap((site) => site.endpoints);
      // One endpoint after the other: those that have settled are not queried again.
      for (const one of every) one.rows = await one.endpoint.settled(EVENTS, 120_000);
      const seconds = (Date.now() - began) / 1000;
      await cron.stop();

      let [taken, doubled, attempts, repeated] = [0, 0, 0, 0];
      for (const site of sites) {
        const bodies = new Map();
        for (const { receiver, rows, taken: needed, isDead } of site.endpoints) {
          const shown = () => JSON.stringify(rows);
          assert.ok(rows.every((row) => row.status === (needed ? "delivered" : "failed")), shown());
          for (const { messageId, attemptCount } of rows) {
            attempts += attemptCount;
            if (isDead) continue;
            const requests = receiver.requests.filter((request) => request.id === messageId);
            assert.ok(requests.length >= (needed ?? ATTEMPTS), `${requests.length} requests: ${shown()}`);
            // When a busy machine answers too late, a further attempt is correct. A request without a recorded attempt is not.
            repeated += attemptCount - (needed ?? ATTEMPTS);
            doubled += Math.max(0, requests.length - attemptCount);
            taken += needed ? 1 : 0;
            for (const { body } of requests) bodies.set(messageId, (bodies.get(messageId) ?? new Set()).add(body));
          }
          if (!isDead) assert.deepEqual(new Set(receiver.ids), new Set(rows.map((row) => row.messageId)));
        }
        assert.equal(bodies.size, EVENTS, "one id for each event on a website, at every endpoint");
        for (const [id, variants] of bodies) assert.equal(variants.size, 1, `the bytes of ${id}`);
      }
      assert.equal(taken, WEBSITES * EVENTS * KINDS.reduce((sum, { count, taken }) => sum + (taken ? count : 0), 0));
      assert.equal(doubled, 0, `${doubled} requests without a recorded attempt`);
      const figures = `${attempts} attempts, ${repeated} for answers that came late, ${doubled} doubled, ${seconds.toFixed(0)} s`;
      return `${every.length * EVENTS} deliveries, ${taken} of them taken, in ${figures}`;
    },
  },
};
