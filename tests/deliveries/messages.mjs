// Which events are sent to which endpoints, in which form, and signed with which secrets.

import assert from "node:assert/strict";
import { sleep } from "../../scripts/lib.mjs";
import { eventually, together } from "../harness/checks.mjs";
import { SETTLE_MS, SOON_MS } from "./harness.mjs";
import { after, hang, isSignedWith, MOMENT, ok, Receiver, SECRET, status } from "./receivers.mjs";

// The fields of each type's data besides websiteId: these and no others.
export const FIELDS = {
  "goal.completed": ["eventId", "goalName", "visitorId", "metadata", "timestamp"],
  "payment.received": ["transactionId", "amount", "currency", "visitorId", "renewal", "freeTrial", "customerEmail"],
  "payment.refunded": ["transactionId", "amount", "currency", "visitorId", "renewal", "freeTrial", "customerEmail", "originalTransactionId"],
  "visitor.identified": ["visitorId", "userId", "metadata"],
  "alert.firing": ["alertId", "alertName", "trigger", "value", "threshold", "reason", "message", "visitorId"],
  "alert.resolved": ["alertId", "alertName", "trigger", "value", "threshold", "reason", "message", "visitorId"],
  "endpoint.disabled": ["webhookId", "url", "reason"],
};

const ENDPOINT = [
  "_id", "id", "websiteId", "url", "description", "eventTypes", "goalNames", "isEnabled", "disabledReason", "headers", "rateLimit",
  "createdAt", "createdBy", "updatedAt",
];
const DELIVERY = [
  "_id", "id", "websiteId", "webhookId", "messageId", "type", "status", "attemptCount", "nextAttemptAt", "lastStatusCode", "createdAt",
  "updatedAt",
];
const ATTEMPT = ["number", "trigger", "startedAt", "durationMs", "statusCode", "error", "responseBody"];

export function hasExactly(object, fields, what) {
  assert.deepEqual(Object.keys(object).sort(), [...fields].sort(), `the fields of ${what}`);
}

// The data of a message, which has what its type says.
export function dataOf({ json }, type, site, extra = []) {
  assert.equal(json.type, type);
  hasExactly(json.data, ["websiteId", ...FIELDS[type], ...extra], type);
  const { websiteId, ...data } = json.data;
  assert.equal(websiteId, site.id);
  return data;
}

// The first message of a type at a receiver.
const first = (receiver, type, number = 0) => eventually(() => receiver.of(type)[number]);

// Waits until the consequences of all earlier events have arrived.
export async function fence(site, ...receivers) {
  const name = `fence-${Date.now()}`;
  await site.goal(name);
  await Promise.all(receivers.map((receiver) => eventually(() => receiver.goals(name).length > 0)));
  await sleep(SETTLE_MS);
}

async function siteWith(gateway, fields, answer = ok) {
  const [site, receiver] = [await gateway.website(), new Receiver(answer)];
  const endpoint = await site.endpoint(receiver, fields);
  await site.visit();
  return { site, receiver, endpoint };
}

const checks = {
  "a goal reported by a backend is there within two seconds": async (gateway) => {
    const { site, receiver } = await siteWith(gateway);
    const began = Date.now();
    const eventId = await site.goal("signup", { plan: "pro", seats: "3" });
    const request = await first(receiver, "goal.completed");
    const { timestamp, ...data } = dataOf(request, "goal.completed", site);
    assert.deepEqual(data, { eventId, goalName: "signup", visitorId: site.visitor, metadata: { plan: "pro", seats: "3" } });
    assert.equal(timestamp, request.json.timestamp);
    assert.ok(Math.abs(Date.parse(timestamp) - began) < 5_000, timestamp);
    assert.ok(request.at - began < SOON_MS, `${request.at - began} ms`);
    return `${request.at - began} ms`;
  },

  "a goal reported by the script is there within two seconds": async (gateway) => {
    const { site, receiver } = await siteWith(gateway);
    const began = Date.now();
    await site.scriptGoal("signup", { plan: "pro" });
    const request = await first(receiver, "goal.completed");
    const { timestamp, eventId, ...data } = dataOf(request, "goal.completed", site);
    assert.deepEqual(data, { goalName: "signup", visitorId: site.visitor, metadata: { plan: "pro" } });
    assert.match(timestamp, MOMENT);
    assert.ok(typeof eventId === "string" && eventId.length > 0, eventId);
    assert.ok(request.at - began < SOON_MS, `${request.at - began} ms`);
    return `${request.at - began} ms`;
  },

  "payments, free trials, renewals and refunds": async (gateway) => {
    const { site, receiver } = await siteWith(gateway);
    await site.pay("t-1", { amount: 49.5, datafast_visitor_id: site.visitor, email: "jane@example.com" });
    await site.pay("t-2", { amount: 0, is_free_trial: true, datafast_visitor_id: site.visitor });
    await site.pay("t-3", { amount: 9.99, renewal: true, currency: "EUR" });
    await site.pay("t-4", { amount: 49.5, refunded: true, datafast_visitor_id: site.visitor });
    await eventually(() => receiver.requests.length >= 4);
    const data = (type) => receiver.of(type).map((request) => dataOf(request, type, site));
    const byId = (a, b) => a.transactionId.localeCompare(b.transactionId);
    const plain = { visitorId: site.visitor, renewal: false, freeTrial: false, customerEmail: null };
    assert.deepEqual(data("payment.received").sort(byId), [
      { ...plain, transactionId: "t-1", amount: 49.5, currency: "USD", customerEmail: "jane@example.com" },
      { ...plain, transactionId: "t-2", amount: 0, currency: "USD", freeTrial: true },
      { ...plain, transactionId: "t-3", amount: 9.99, currency: "EUR", visitorId: null, renewal: true },
    ]);
    assert.deepEqual(data("payment.refunded"), [{ ...plain, transactionId: "t-4", originalTransactionId: "t-4", amount: 49.5, currency: "USD" }]);
  },

  "neither a repeated transaction nor a payment event from a browser sends a second message": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway);
    await site.pay("t-1", { datafast_visitor_id: site.visitor });
    await site.pay("t-1", { datafast_visitor_id: site.visitor });
    await together([1, 2, 3].map(() => () => site.pay("t-2")));
    await site.send(site.visitor, "payment", { extraData: { email: "jane@example.com", amount: 49, currency: "USD" } });
    await eventually(() => receiver.of("payment.received").length >= 2);
    await fence(site, receiver);
    assert.deepEqual(receiver.of("payment.received").map(({ json }) => json.data.transactionId).sort(), ["t-1", "t-2"]);
    await endpoint.settled(3);
  },

  "a visitor is identified once, and again only when something has changed": async (gateway) => {
    const { site, receiver } = await siteWith(gateway, { eventTypes: ["visitor.identified", "goal.completed"] });
    const data = () => receiver.of("visitor.identified").map((request) => dataOf(request, "visitor.identified", site));
    await site.identify("u-1", { name: "Jane", plan: "free" });
    await eventually(() => data().length === 1);
    assert.deepEqual(data()[0], { visitorId: site.visitor, userId: "u-1", metadata: { name: "Jane", plan: "free" } });
    await site.identify("u-1", { name: "Jane", plan: "free" });
    await fence(site, receiver);
    assert.equal(data().length, 1, "nothing has changed");
    await site.identify("u-1", { plan: "pro" });
    await eventually(() => data().length === 2);
    assert.deepEqual([data()[1].userId, data()[1].metadata.plan], ["u-1", "pro"]);
    await site.send(site.visitor, "identify", { extraData: { user_id: "u-2" } });
    await eventually(() => data().length === 3);
    assert.equal(data()[2].userId, "u-2");
  },

  "a goal alert with a webhook as its destination": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const [chosen, all, deaf] = [new Receiver(), new Receiver(), new Receiver()];
    const endpoint = await site.endpoint(chosen, { eventTypes: ["payment.received"] });
    await site.endpoint(all);
    await site.endpoint(deaf, { eventTypes: ["goal.completed"] });
    const alert = await site.row("POST", "/alerts", {
      name: "Big one",
      trigger: { type: "goal", goalName: "purchase" },
      destination: { type: "webhook", endpointId: endpoint.id },
      template: { message: "{{goal}} by {{visitor.id}} on {{metadata.plan}}, {{metadata.none}}" },
    });
    await site.goal("purchase", { plan: "pro" });
    await gateway.cron();
    const request = await first(chosen, "alert.firing");
    const data = dataOf(request, "alert.firing", site);
    assert.deepEqual([data.alertId, data.alertName, data.trigger, data.visitorId], [alert.id, "Big one", alert.trigger, site.visitor]);
    assert.equal(data.message, `purchase by ${site.visitor} on pro, unknown`);
    assert.equal(data.threshold, null);
    assert.ok(typeof data.reason === "string" && data.reason.length > 0, "a reason");
    const copy = await first(all, "alert.firing");
    assert.deepEqual([copy.id, copy.body], [request.id, request.body], "one message");
    await fence(site, all, deaf);
    assert.deepEqual([chosen, all, deaf].map((receiver) => receiver.of("alert.firing").length), [1, 1, 0]);
    assert.equal(chosen.of("goal.completed").length, 0);
    const history = await site.rows("GET", `/alerts/history?alertId=${alert.id}`);
    assert.deepEqual(history.map((row) => [row.status, row.event, row.destination?.type]), [["sent", "firing", "webhook"]]);
    const deletion = await endpoint.ask("DELETE");
    assert.equal(deletion.status, 409, "an alert uses it");
    assert.match(deletion.text, /Big one/);
  },

  "410 switches an endpoint off and notifies the others": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway, { eventTypes: ["goal.completed"] }, status(410, "gone"));
    const witness = new Receiver();
    await site.endpoint(witness, { eventTypes: ["endpoint.disabled"] });
    await site.goal("signup");
    const delivery = await endpoint.outcome();
    assert.deepEqual([delivery.status, delivery.attemptCount, delivery.nextAttemptAt, delivery.lastStatusCode], ["failed", 1, null, 410]);
    const row = await eventually(async () => ((row) => !row.isEnabled && row)(await endpoint.row()));
    assert.equal(row.disabledReason, "gone");
    const data = dataOf(await first(witness, "endpoint.disabled"), "endpoint.disabled", site);
    assert.deepEqual(data, { webhookId: endpoint.id, url: receiver.url, reason: "gone" });
    await site.goal("signup");
    const [later] = await endpoint.settled(2);
    assert.deepEqual([later.status, later.attemptCount], ["missed", 0]);
    await sleep(SETTLE_MS);
    assert.deepEqual([receiver.requests.length, witness.requests.length], [1, 1]);
  },

  "one event is the same bytes under the same id at every endpoint": async (gateway) => {
    const site = await gateway.website();
    const receivers = Array.from({ length: 4 }, () => new Receiver());
    for (const receiver of receivers) await site.endpoint(receiver);
    await site.visit();
    await site.goal("signup", { name: "Zoë \u{1f600} \\ \"quoted\" </script>", note: "tab\tline" });
    await site.pay("t-1");
    for (const type of ["goal.completed", "payment.received"]) {
      const copies = await Promise.all(receivers.map((receiver) => first(receiver, type)));
      assert.equal(new Set(copies.map((copy) => copy.id)).size, 1);
      assert.equal(new Set(copies.map((copy) => copy.body)).size, 1);
      assert.equal(new Set(copies.map((copy) => copy.headers["webhook-signature"])).size, 4, "each has its own secret");
    }
    assert.notEqual(receivers[0].requests[0].id, receivers[0].requests[1].id);
  },

  "eventTypes and goalNames choose": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const [all, payments, goals, signups] = [new Receiver(), new Receiver(), new Receiver(), new Receiver()];
    await site.endpoint(all);
    await site.endpoint(payments, { eventTypes: ["payment.received", "payment.refunded"] });
    await site.endpoint(goals, { eventTypes: ["goal.completed"] });
    await site.endpoint(signups, { goalNames: ["signup"] });
    await site.goal("signup");
    await site.goal("purchase");
    await site.pay("t-1");
    await site.identify("u-1");
    const seen = (receiver) => receiver.requests.map(({ json }) => json.data.goalName ?? json.type).filter((name) => !name.startsWith("fence")).sort();
    const expected = new Map([[all, 4], [payments, 1], [goals, 2], [signups, 3]]);
    await eventually(() => [...expected].every(([receiver, count]) => seen(receiver).length >= count));
    await fence(site, all, goals);
    assert.deepEqual(seen(all), ["payment.received", "purchase", "signup", "visitor.identified"]);
    assert.deepEqual(seen(payments), ["payment.received"]);
    assert.deepEqual(seen(goals), ["purchase", "signup"]);
    // Names narrow goals, and nothing but goals.
    assert.deepEqual(seen(signups), ["payment.received", "signup", "visitor.identified"]);
  },

  "an endpoint that is off records missed deliveries and sends them only on request": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway);
    const off = await endpoint.change({ isEnabled: false });
    assert.deepEqual([off.isEnabled, off.disabledReason], [false, "manual"]);
    await site.goal("one");
    await site.goal("two");
    const missed = await endpoint.settled(2);
    for (const row of missed) assert.deepEqual([row.status, row.attemptCount, row.nextAttemptAt, row.lastStatusCode], ["missed", 0, null, null]);
    const on = await endpoint.change({ isEnabled: true });
    assert.deepEqual([on.isEnabled, on.disabledReason], [true, null]);
    await gateway.cron();
    await fence(site, receiver);
    assert.deepEqual([receiver.goals("one").length, receiver.goals("two").length], [0, 0]);
    assert.equal((await endpoint.deliveries({ status: "missed" })).length, 2);
  },

  "deliveries are listed newest first, narrowed, and shown with their attempts": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway, {}, status(202, "accepted"));
    const began = new Date().toISOString();
    for (const name of ["one", "two", "three"]) {
      await site.goal(name);
      await eventually(() => receiver.goals(name).length === 1); // or two would share a millisecond
    }
    await site.pay("t-1");
    const all = await endpoint.settled(4);
    const names = await Promise.all(all.map(async (row) => (await endpoint.delivery(row.id)).payload.data.goalName ?? row.type));
    assert.deepEqual(names, ["payment.received", "three", "two", "one"]);
    for (const row of all) {
      hasExactly(row, DELIVERY, "a delivery");
      assert.equal(row._id, row.id);
      assert.deepEqual([row.websiteId, row.webhookId, row.status, row.attemptCount], [site.id, endpoint.id, "delivered", 1]);
      assert.deepEqual([row.nextAttemptAt, row.lastStatusCode], [null, 202]);
    }
    const whole = await endpoint.delivery(all[1].id);
    hasExactly(whole, [...DELIVERY, "payload", "attempts"], "one delivery");
    assert.deepEqual(whole.payload, receiver.goals("three")[0].json);
    assert.equal(whole.messageId, receiver.goals("three")[0].id);
    assert.equal(whole.attempts.length, 1);
    hasExactly(whole.attempts[0], ATTEMPT, "an attempt");
    const { startedAt, durationMs, ...attempt } = whole.attempts[0];
    assert.deepEqual(attempt, { number: 1, trigger: "automatic", statusCode: 202, error: null, responseBody: "accepted" });
    assert.match(startedAt, MOMENT);
    assert.ok(durationMs >= 0 && durationMs < 5_000, `${durationMs} ms`);
    const ids = async (query) => (await endpoint.deliveries(query)).map((row) => row.id);
    assert.deepEqual(await ids({ type: "payment.received" }), [all[0].id]);
    assert.deepEqual(await ids({ status: "delivered", limit: 2, offset: 1 }), [all[1].id, all[2].id]);
    assert.deepEqual(await ids({ status: "failed" }), []);
    assert.deepEqual(await ids({ since: all[1].createdAt, until: new Date(Date.now() + 1_000).toISOString() }), [all[0].id, all[1].id]);
    assert.deepEqual(await ids({ until: began }), []);
    for (const query of ["status=lost", "type=goal", "since=yesterday", "limit=0", "offset=-1"]) {
      assert.equal((await endpoint.ask("GET", `/deliveries?${query}`)).status, 400, query);
    }
    assert.equal((await endpoint.ask("GET", `/deliveries/${"0".repeat(24)}`)).status, 404);
  },

  "every type can be tried, whatever the endpoint's filters and even while it is off": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway, { eventTypes: ["payment.refunded"], goalNames: ["none"] });
    await endpoint.change({ isEnabled: false });
    for (const type of [undefined, ...Object.keys(FIELDS)]) {
      const before = receiver.requests.length;
      const { deliveryId } = await endpoint.row("POST", "/test", type ? { type } : {});
      const request = await eventually(() => receiver.requests[before]);
      const data = dataOf(request, type ?? "goal.completed", site, ["test"]);
      assert.equal(data.test, true);
      const delivery = await eventually(async () => ((one) => one.status === "delivered" && one)(await endpoint.delivery(deliveryId)));
      assert.equal(delivery.messageId, request.id);
    }
    assert.equal((await endpoint.ask("POST", "/test", { type: "goal.lost" })).status, 400);
    const row = await endpoint.row();
    assert.deepEqual([row.isEnabled, row.disabledReason], [false, "manual"]);
  },

  "a secret is shown when it is made and when it is asked for, nowhere else": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway, { description: "CRM", headers: { "X-Team": "growth" } });
    hasExactly(endpoint.created, [...ENDPOINT, "secret"], "a new endpoint");
    const { secret } = endpoint.created;
    assert.match(secret, SECRET);
    const bytes = Buffer.from(secret.slice("whsec_".length), "base64").length;
    assert.ok(bytes >= 24 && bytes <= 64, `${bytes} bytes`);
    assert.equal((await endpoint.row("GET", "/secret")).secret, secret);
    for (const row of [await endpoint.row(), await endpoint.change({ description: "CRM 2" }), ...(await site.rows("GET", "/webhooks"))]) {
      hasExactly(row, ENDPOINT, "an endpoint");
    }
    await site.goal("signup");
    const request = await first(receiver, "goal.completed");
    assert.equal(request.headers["x-team"], "growth");
    assert.ok(!request.body.includes(secret));
  },

  "while a secret is changed both sign, the new one first, and never more than two": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway);
    const secrets = [endpoint.created.secret];
    const rotate = async () => {
      const row = await endpoint.row("POST", "/secret/rotate", {});
      hasExactly(row, ["secret", "previousSecretExpiresAt"], "a rotation");
      const hours = (Date.parse(row.previousSecretExpiresAt) - Date.now()) / 3_600_000;
      assert.ok(Math.abs(hours - 24) < 0.05, `${hours} h`);
      assert.match(row.secret, SECRET);
      assert.equal((await endpoint.row("GET", "/secret")).secret, row.secret);
      secrets.push(row.secret);
      receiver.secrets.push(row.secret);
    };
    // By which of the secrets each of a request's signatures is, in their order.
    const signers = async (name) => {
      await site.goal(name);
      const { headers, body } = await eventually(() => receiver.goals(name)[0]);
      return headers["webhook-signature"].split(" ").map((signature) =>
        secrets.findIndex((secret) => isSignedWith(secret, { headers: { ...headers, "webhook-signature": signature }, body })),
      );
    };
    assert.deepEqual(await signers("one"), [0]);
    await rotate();
    assert.deepEqual(await signers("two"), [1, 0]);
    await rotate();
    assert.deepEqual(await signers("three"), [2, 1]);
    assert.equal(new Set(secrets).size, 3);
  },

  "a delivered message can be sent again, the same under the same id": async (gateway) => {
    const { site, receiver, endpoint } = await siteWith(gateway);
    await site.goal("signup");
    const { id, messageId } = await endpoint.outcome();
    const row = await endpoint.row("POST", `/deliveries/${id}/resend`, {});
    assert.deepEqual([row.id, row.messageId], [id, messageId]);
    const [before, again] = await eventually(() => receiver.requests.length === 2 && receiver.requests);
    assert.deepEqual([again.id, again.body], [before.id, before.body]);
    const whole = await eventually(async () => ((one) => one.attempts.length === 2 && one.status === "delivered" && one)(await endpoint.delivery(id)));
    assert.deepEqual(whole.attempts.map(({ number, trigger }) => [number, trigger]), [[1, "automatic"], [2, "manual"]]);
    await endpoint.settled(1);
  },

  "a deleted endpoint receives nothing more": async (gateway) => {
    // Twice the wait of the schedule leaves time to delete the endpoint.
    const { site, receiver, endpoint } = await siteWith(gateway, {}, status(503, "", { "retry-after": "100" }));
    const witness = new Receiver();
    await site.endpoint(witness);
    await site.goal("signup");
    await eventually(() => receiver.requests.length > 0);
    assert.ok((await endpoint.row("DELETE")).message);
    await sleep(SETTLE_MS); // an attempt may have been under way
    const before = receiver.requests.length;
    await fence(site, witness);
    await gateway.cron();
    await sleep(2_500);
    assert.equal(receiver.requests.length, before);
    assert.equal((await endpoint.ask("GET")).status, 404);
  },

  "the response head decides the outcome, whatever happens to the body": async (gateway) => {
    const site = await gateway.website();
    await site.visit();
    const begin = (response) => response.writeHead(200, { "content-type": "text/plain" }).write("begun ");
    const endless = (_, response) => begin(response);
    const broken = (_, response) => begin(response) && after(100, () => response.socket.resetAndDestroy())();
    const block = Buffer.alloc(1_000_000, "x");
    const huge = (_, response) => {
      response.on("error", hang).writeHead(200);
      for (let times = 0; times < 10; times += 1) response.write(block);
      response.end();
    };
    for (const answer of [endless, broken, huge]) {
      const receiver = new Receiver(answer);
      const endpoint = await site.endpoint(receiver, { goalNames: [`to-${receiver.path}`], eventTypes: ["goal.completed"] });
      await site.goal(`to-${receiver.path}`);
      const delivery = await endpoint.outcome();
      assert.deepEqual([delivery.status, delivery.attemptCount, delivery.lastStatusCode], ["delivered", 1, 200]);
      const { responseBody } = delivery.attempts[0];
      assert.ok(Buffer.byteLength(responseBody ?? "") <= 20_000, `${responseBody?.length} characters kept`);
      assert.equal(receiver.requests.length, 1);
    }
  },
};

export const messages = {
  name: "messages",
  settings: {
    WEBHOOK_RETRY_SCHEDULE: "1,1",
    WEBHOOK_TIMEOUT: "5",
    WEBHOOK_BACKOFF_FLOOR: "1",
    WEBHOOK_DISABLE_AFTER: "600",
  },
  atOnce: 4, // more would be in the way of those that look at the clock
  checks,
};
