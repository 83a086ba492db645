// The stand-in driven by the providers' own SDKs (docs/contract/providers.md#6): what they list, make, page through, refuse
// and verify is as they expect it of the real APIs. A field that the stand-in and the gateway misspell alike shows here.
//
//   scripts/run node tests/providers/sdks.mjs            everything
//   scripts/run node tests/providers/sdks.mjs polar      the checks whose name contains this

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { ROOT } from "../../scripts/lib.mjs";
import { check, conclude, isWanted } from "../harness/checks.mjs";
import { sample, samples } from "./stand-in/objects.mjs";
import { SIGN } from "./stand-in/signing.mjs";
import { StandIn } from "./stand-in/index.mjs";
import { Told } from "./told.mjs";
import { Declarations, union } from "./types.mjs";

const require = createRequire(import.meta.url);
const packaged = (path) => join(ROOT, "node_modules", path);
const standIn = await StandIn.start();
const told = new Told(standIn.urls);
const SIZE = 250;
const vectors = JSON.parse(readFileSync(join(ROOT, "docs/contract/providers/vectors.json"), "utf8")); // docs/contract/providers.md#4

// SDKs with addresses of their own reach the stand-in through this, which has to be there before they are loaded.
const realFetch = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const host = url.hostname === "api.lemonsqueezy.com" ? "lemonsqueezy" : url.hostname.endsWith(".myshopify.com") ? "shopify" : undefined;
  const target = host ? standIn.urls[host] + url.pathname + url.search : url;
  return realFetch(input instanceof Request ? new Request(target, input) : target, init);
};

const test = async (name, body) => isWanted(name) && (await check(name, body));

// Takes what is posted while `body` runs.
async function received(body) {
  const posts = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(posts.status ?? 200).end("{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await body(`http://127.0.0.1:${server.address().port}`, posts);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  return posts;
}

async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

// Without what an SDK hangs on it.
const plain = (object) => JSON.parse(JSON.stringify(object));

const are = (objects, size) => {
  assert.equal(objects.length, size);
  assert.equal(new Set(objects.map(({ id }) => id)).size, size);
};

const LISTENED = {
  stripe:
    "charge.succeeded charge.captured refund.created refund.updated refund.failed charge.dispute.funds_withdrawn charge.dispute.funds_reinstated checkout.session.completed checkout.session.async_payment_succeeded invoice.paid customer.subscription.created customer.subscription.updated customer.subscription.deleted",
  lemonsqueezy:
    "order_created order_refunded subscription_created subscription_updated subscription_payment_success subscription_payment_refunded subscription_payment_recovered subscription_cancelled subscription_resumed subscription_expired subscription_paused subscription_unpaused",
  polar: "order.paid order.updated refund.created refund.updated subscription.created subscription.active subscription.updated subscription.canceled subscription.uncanceled subscription.revoked",
  paddle:
    "transaction.completed adjustment.created adjustment.updated subscription.created subscription.activated subscription.trialing subscription.updated subscription.canceled subscription.paused subscription.resumed api_key.expiring api_key.expired",
};
for (const [name, text] of Object.entries(LISTENED)) LISTENED[name] = text.split(" ");

// ── Stripe ───────────────────────────────────────────────────────────────────────────────────────────────────────────

{
  const { default: Stripe } = await import("stripe");
  const key = "rk_live_sdks";
  const client = (key) => new Stripe(key, { host: "127.0.0.1", port: new URL(standIn.urls.stripe).port, protocol: "http", maxNetworkRetries: 0, apiVersion: "2026-10-28.endive" });
  const stripe = client(key);
  const account = told.account("stripe", key);

  await test("stripe: lists are paged through, filtered and expanded", async () => {
    await account.load({ seed: 1, size: SIZE });
    are(await all(stripe.charges.list({ limit: 100 })), SIZE);
    const charges = await all(stripe.charges.list({ limit: 30, expand: ["data.payment_intent", "data.balance_transaction"] }));
    are(charges, SIZE);
    for (const charge of charges) assert.deepEqual([charge.payment_intent.object, charge.balance_transaction.amount], ["payment_intent", charge.amount]);
    for (let at = 1; at < charges.length; at += 1) assert.ok(charges[at - 1].created >= charges[at].created, "newest first");
    const from = charges[99].created;
    are(await all(stripe.charges.list({ limit: 100, created: { gte: from } })), charges.filter(({ created }) => created >= from).length);
    are(await all(stripe.refunds.list({ limit: 7 })), Math.floor(SIZE / 8));
    const before = await stripe.charges.list({ limit: 5, ending_before: charges[20].id });
    assert.deepEqual(before.data.map(({ id }) => id), charges.slice(15, 20).map(({ id }) => id));
  });

  await test("stripe: one object is fetched, ids stay ids unless they are expanded", async () => {
    const [charge] = (await stripe.charges.list({ limit: 1 })).data;
    assert.equal(typeof charge.payment_intent, "string");
    assert.deepEqual(plain(await stripe.charges.retrieve(charge.id)), plain(charge));
    const expanded = await stripe.charges.retrieve(charge.id, { expand: ["payment_intent", "balance_transaction"] });
    assert.equal(expanded.payment_intent.id, charge.payment_intent);
    assert.equal((await stripe.paymentIntents.retrieve(charge.payment_intent)).id, charge.payment_intent);
  });

  await test("stripe: the samples' sessions and invoices are found under their payment", async () => {
    const account = told.account("stripe", "rk_live_samples");
    await account.load({ samples: samples("stripe") });
    const stripe = client("rk_live_samples");
    const sessions = await stripe.checkout.sessions.list({ payment_intent: "pi_3QvA1bLkdIwHu7ix0hIjKlMn" });
    assert.equal(sessions.data[0].metadata.datafast_visitor_id, "b971cbbf-7ce2-4925-902b-8f95a5fb3449");
    const payments = await stripe.invoicePayments.list({ payment: { type: "payment_intent", payment_intent: "pi_3QvA2bLkdIwHu7ix0" }, expand: ["data.invoice"] });
    assert.deepEqual(payments.data.map(({ invoice }) => invoice.parent.subscription_details.subscription), ["sub_1QvA2bLkdIwHu7ix"]);
    assert.equal((await stripe.subscriptions.retrieve("sub_1QvA4bLkdIwHu7ix")).status, "trialing");
    assert.equal((await stripe.disputes.list()).data.length, 1);
    const events = await all(stripe.events.list({ limit: 4, types: ["charge.succeeded", "refund.created"] }));
    assert.deepEqual([...new Set(events.map(({ type }) => type))].sort(), ["charge.succeeded", "refund.created"]);
  });

  await test("stripe: the samples have no field that the SDK's types have not", () => {
    const files = { charge: "Charges", refund: "Refunds", dispute: "Disputes", invoice: "Invoices", subscription: "Subscriptions", invoice_payment: "InvoicePayments", "checkout.session": "Checkout/Sessions", payment_intent: "PaymentIntents", balance_transaction: "BalanceTransactions", event: "Events", webhook_endpoint: "WebhookEndpoints" };
    const types = { "checkout.session": "Session", event: "EventBase" };
    const read = new Map();
    const strange = new Set();
    const visit = (value) => {
      if (value === null || typeof value !== "object") return;
      if (files[value.object]) {
        const file = packaged(`stripe/cjs/resources/${files[value.object]}.d.ts`);
        if (!read.has(file)) read.set(file, new Declarations(file));
        const name = types[value.object] ?? value.object.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("");
        const { data, ...envelope } = value.object === "event" ? value : { ...value, data: undefined };
        if (value.object !== "event") delete envelope.data;
        for (const path of read.get(file).strangers(envelope, name)) strange.add(path);
      }
      Object.values(value).forEach(visit);
    };
    for (const name of samples("stripe")) {
      const { json, expected } = sample("stripe", name);
      visit(json);
      visit(expected.api);
    }
    assert.deepEqual([...strange], []);
  });

  await test("stripe: webhooks are made with their secret told once, listed, changed and deleted", async () => {
    const made = await stripe.webhookEndpoints.create({ url: "https://gateway.example/api/v1/hooks/stripe/1/t", enabled_events: LISTENED.stripe, api_version: "2026-10-28.endive", description: "Sluice", metadata: { website: "1" } });
    assert.match(made.secret, /^whsec_/);
    assert.deepEqual([made.enabled_events, made.metadata, made.status], [LISTENED.stripe, { website: "1" }, "enabled"]);
    const [listed] = (await stripe.webhookEndpoints.list({ limit: 100 })).data;
    assert.deepEqual([listed.id, listed.secret], [made.id, undefined]);
    const types = new Declarations(packaged("stripe/cjs/resources/WebhookEndpoints.d.ts"));
    assert.deepEqual(types.strangers(plain(made), "WebhookEndpoint"), []);
    assert.equal((await stripe.webhookEndpoints.update(made.id, { disabled: true })).status, "disabled");
    assert.deepEqual(plain(await stripe.webhookEndpoints.del(made.id)), { id: made.id, object: "webhook_endpoint", deleted: true });
    assert.equal((await stripe.webhookEndpoints.list()).data.length, 0);
    const { history } = await account.webhooks();
    assert.deepEqual(history.map(({ what }) => what), ["made", "deleted"]);
    await assert.rejects(stripe.webhookEndpoints.create({ url: "https://gateway.example/", enabled_events: ["charge.suceeded"] }), Stripe.errors.StripeInvalidRequestError);
    const known = union(packaged("stripe/cjs/resources/WebhookEndpoints.d.ts"), "EnabledEvent");
    for (const event of LISTENED.stripe) assert.ok(known.includes(event), event);
  });

  await test("stripe: refusals are the SDK's own errors", async () => {
    const { errors } = Stripe;
    await told.account("stripe", "rk_live_gone").is({ isUnknown: true });
    await assert.rejects(client("rk_live_gone").charges.list(), errors.StripeAuthenticationError);
    await assert.rejects(client("nonsense").charges.list(), errors.StripeAuthenticationError);
    await told.account("stripe", "rk_live_poor").is({ denied: ["rak_charge_read", "rak_webhook_write"] });
    const poor = client("rk_live_poor");
    await assert.rejects(poor.charges.list(), (error) => error instanceof errors.StripePermissionError && /Having the 'rak_charge_read' permission/.test(error.message));
    await assert.rejects(poor.webhookEndpoints.list(), errors.StripePermissionError);
    assert.equal((await poor.customers.list()).data.length, 0);
    await assert.rejects(stripe.charges.retrieve("ch_none"), (error) => error instanceof errors.StripeInvalidRequestError && error.code === "resource_missing" && error.statusCode === 404);
    await assert.rejects(stripe.charges.list({ limit: 101 }), errors.StripeInvalidRequestError);
    await assert.rejects(stripe.charges.list({ strange: 1 }), (error) => error.code === "parameter_unknown");
    await assert.rejects(stripe.charges.list({ expand: ["data.status"] }), errors.StripeInvalidRequestError);
    await account.misbehave("limit", { retryAfter: 3 });
    await assert.rejects(stripe.charges.list(), (error) => error instanceof errors.StripeRateLimitError && error.headers["retry-after"] === "3");
    await account.misbehave("broken");
    await assert.rejects(stripe.charges.list(), errors.StripeAPIError);
    await account.misbehave("cut", { times: 2 }); // a connection that was kept open is tried once more
    await assert.rejects(stripe.charges.list(), errors.StripeConnectionError);
  });

  await test("stripe: deliveries are verified by the SDK", async () => {
    const object = sample("stripe", "01").json.data.object;
    const secret = "whsec_sdks";
    const posts = await received(async (url) => {
      const order = { url: `${url}/hook`, secret };
      await account.happen("charge.succeeded", object, order);
      await account.happen("charge.succeeded", object, { ...order, signed: "wrong" });
      await account.happen("charge.succeeded", object, { ...order, signed: "rolled" });
      await account.happen("charge.succeeded", object, { ...order, signed: "rolled", rolled: ["another", secret] });
      await account.happen("charge.succeeded", object, { ...order, skew: -301 });
    });
    const verify = ({ body, headers }) => stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret);
    const Wrong = Stripe.errors.StripeSignatureVerificationError;
    assert.equal(verify(posts[0]).data.object.id, object.id);
    assert.throws(() => verify(posts[1]), Wrong);
    for (const post of posts.slice(2, 4)) assert.equal(verify(post).type, "charge.succeeded");
    assert.throws(() => verify(posts[4]), Wrong);
    assert.ok((await stripe.events.list({ type: "charge.succeeded" })).data.length > 0, "events are kept for those who poll");
  });

  await test("stripe: the vectors", () => {
    for (const { secret, body, timestamp: at, header } of vectors.stripe.vectors) {
      assert.deepEqual(SIGN.stripe({ secrets: [secret], body, at }), header);
      assert.equal(stripe.webhooks.constructEvent(body, header["stripe-signature"], secret, 300, undefined, at * 1000).id, JSON.parse(body).id);
    }
  });
}

// ── Lemon Squeezy ────────────────────────────────────────────────────────────────────────────────────────────────────

{
  const sdk = await import("@lemonsqueezy/lemonsqueezy.js");
  const key = "lemon-sdks";
  const account = told.account("lemonsqueezy", key);
  const types = new Declarations(packaged("@lemonsqueezy/lemonsqueezy.js/dist/index.d.ts"));
  const use = (key) => sdk.lemonSqueezySetup({ apiKey: key });
  use(key);
  const good = async (call, status = 200) => {
    const { statusCode, error, data } = await call;
    assert.deepEqual([statusCode, error], [status, null]);
    return data;
  };

  await test("lemon squeezy: user and store say whose key it is", async () => {
    assert.equal((await good(sdk.getAuthenticatedUser())).meta.test_mode, false);
    const { data } = await good(sdk.getStore(12345));
    assert.deepEqual([data.type, data.id, data.attributes.name], ["stores", "12345", "Sluice Demo"]);
    await account.is({ settings: { stores: ["12345"] } });
    assert.equal((await sdk.getStore(999)).statusCode, 404);
  });

  await test("lemon squeezy: orders and invoices are paged through by number", async () => {
    await account.load({ seed: 2, size: SIZE });
    const orders = [];
    for (let number = 1, last = 1; number <= last; number += 1) {
      const page = await good(sdk.listOrders({ filter: { storeId: 12345 }, page: { number, size: 100 } }));
      orders.push(...page.data);
      last = page.meta.page.lastPage;
      assert.equal(page.meta.page.total, SIZE);
      assert.equal("next" in page.links, number < last);
    }
    are(orders, SIZE);
    assert.equal((await good(sdk.listOrders({ filter: { storeId: 1 } }))).data.length, 0);
    const { data } = await good(sdk.getOrder(orders[0].id));
    assert.deepEqual(data, orders[0]);
  });

  await test("lemon squeezy: the samples are found, with subscriptions where they are asked for", async () => {
    use("lemon-samples");
    const started = sample("lemonsqueezy", "01").json.data;
    const order = { ...started, id: String(sample("lemonsqueezy", "07").json.data.attributes.order_id) };
    await told.account("lemonsqueezy", "lemon-samples").load({ samples: samples("lemonsqueezy"), objects: { orders: [order] } });
    const orders = await good(sdk.listOrders({ filter: { storeId: 12345 }, include: ["subscriptions"], page: { size: 100 } }));
    assert.ok(orders.data.length >= 4);
    assert.deepEqual(orders.included.map(({ type }) => type), ["subscriptions"]);
    const invoices = await good(sdk.listSubscriptionInvoices({ filter: { storeId: 12345 } }));
    assert.deepEqual(invoices.data.map(({ attributes }) => attributes.billing_reason).sort(), ["initial", "renewal"]);
    use(key);
  });

  await test("lemon squeezy: the samples have no field that the SDK's types have not", () => {
    const kinds = [...types.text.matchAll(/type (Attributes(?:\$\w+)?) = \{/g)].map(([, name]) => name);
    for (const name of samples("lemonsqueezy")) {
      const { data } = sample("lemonsqueezy", name).json;
      // The bundle calls them all Attributes$…: the one that has most of the fields is meant.
      const counts = kinds.map((kind) => [types.strangers(data.attributes, kind.replaceAll("$", "\\$"), data.type), kind]);
      const [strange] = counts.sort(([a], [b]) => a.length - b.length)[0];
      // Webhooks carry what the types of a list leave out.
      const documented = ["orders.setup_fee", "orders.setup_fee_usd", "orders.setup_fee_formatted"];
      assert.deepEqual(strange.filter((path) => !documented.includes(path)), [], name);
    }
  });

  await test("lemon squeezy: webhooks are made with our secret, listed, changed and deleted", async () => {
    const made = await good(sdk.createWebhook(12345, { url: "https://gateway.example/hook", events: LISTENED.lemonsqueezy, secret: "0123456789abcdef0123456789abcdef" }), 201);
    assert.deepEqual([made.data.type, made.data.attributes.url, made.data.attributes.store_id], ["webhooks", "https://gateway.example/hook", 12345]);
    const listed = await good(sdk.listWebhooks({ filter: { storeId: 12345 } }));
    assert.deepEqual(listed.data.map(({ id }) => id), [made.data.id]);
    assert.ok(!JSON.stringify([made, listed]).includes("0123456789abcdef"), "the secret is never told");
    assert.deepEqual((await good(sdk.updateWebhook(made.data.id, { events: ["order_created"] }))).data.attributes.events, ["order_created"]);
    await good(sdk.deleteWebhook(made.data.id), 204).catch((error) => assert.match(String(error), /JSON/)); // 4.0.0 reads a body that is not there
    assert.equal((await good(sdk.listWebhooks({}))).data.length, 0);
    assert.equal((await sdk.createWebhook(12345, { url: "https://gateway.example/hook", events: ["order_created"], secret: "short" })).statusCode, 422);
    assert.equal((await sdk.createWebhook(12345, { url: "https://gateway.example/hook", events: ["order_creatd"], secret: "0123456789" })).statusCode, 422);
    const known = union(packaged("@lemonsqueezy/lemonsqueezy.js/dist/index.d.ts"), "Events");
    for (const event of LISTENED.lemonsqueezy) assert.ok(known.includes(event), event);
  });

  await test("lemon squeezy: refusals carry arrays of errors, every answer the rate", async () => {
    await told.account("lemonsqueezy", "lemon-gone").is({ isUnknown: true });
    use("lemon-gone");
    const refused = await sdk.getAuthenticatedUser();
    assert.deepEqual([refused.statusCode, refused.error.cause[0].status, refused.error.cause[0].title], [401, "401", "Unauthorized"]);
    use(key);
    assert.equal((await sdk.getOrder(999_999)).statusCode, 404);
    await account.misbehave("limit");
    assert.equal((await sdk.listOrders()).statusCode, 429);
    await told.account("lemonsqueezy", "lemon-test").is({ isTest: true });
    use("lemon-test");
    assert.equal((await good(sdk.getAuthenticatedUser())).meta.test_mode, true);
    use(key);
    const raw = await realFetch(`${standIn.urls.lemonsqueezy}/v1/orders`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(raw.headers.get("x-ratelimit-limit"), "300");
    assert.match(raw.headers.get("content-type"), /^application\/vnd\.api\+json/);
  });

  await test("lemon squeezy: the vectors", () => {
    for (const { secret, body, header } of vectors.lemonsqueezy.vectors) assert.equal(SIGN.lemonsqueezy({ secrets: [secret], body, type: "x" })["x-signature"], header["x-signature"]);
    for (const name of samples("lemonsqueezy")) signedAsExpected("lemonsqueezy", name);
  });
}

// The headers of a sample are what the stand-in signs it with.
function signedAsExpected(provider, name) {
  const { body, expected } = sample(provider, name);
  const { headers, secret, at } = expected.post;
  const type = headers["x-event-name"] ?? headers["x-shopify-topic"] ?? headers["x-wc-webhook-topic"];
  const id = headers["webhook-id"] ?? headers["x-shopify-event-id"] ?? headers["x-wc-webhook-delivery-id"];
  const signed = SIGN[provider]({ secrets: [secret], body, at, type, id, shop: headers["x-shopify-shop-domain"], webhookId: headers["x-shopify-webhook-id"] ?? headers["x-wc-webhook-id"], triggeredAt: headers["x-shopify-triggered-at"] });
  assert.deepEqual({ "content-type": "application/json", ...signed }, headers, `${provider}/${name}`);
}

// ── Polar ────────────────────────────────────────────────────────────────────────────────────────────────────────────

{
  const { Polar } = await import("polar-sh-sdk-0");
  const { validateEvent, WebhookVerificationError } = await import("polar-sh-sdk-0/webhooks.js");
  const { createPolar, webhooks } = await import("polar-sh-sdk-1/2026-10");
  const { PolarClientError, PolarRateLimitError, PolarServerError } = await import("polar-sh-sdk-1");
  const ORGANIZATION = "e87cb45c-05ad-489d-8890-4ea398345c24";
  const key = "polar_oat_sdks";
  const account = told.account("polar", key);
  const old = (key) => new Polar({ accessToken: key, serverURL: standIn.urls.polar, retryConfig: { strategy: "none" } });
  const today = (key) => createPolar({ accessToken: key, baseUrl: standIn.urls.polar });

  await test("polar: the organization is read by both SDKs", async () => {
    for (const organization of [await old(key).organizations.get({ id: ORGANIZATION }), await today(key).organizations.get(ORGANIZATION)]) {
      assert.deepEqual([organization.id, organization.name], [ORGANIZATION, "Sluice Demo"]);
    }
  });

  await test("polar: orders and refunds are paged through by both SDKs", async () => {
    await account.load({ seed: 3, size: SIZE });
    const orders = [];
    for await (const page of await old(key).orders.list({ organizationId: ORGANIZATION, limit: 100, sorting: ["created_at"] })) orders.push(...page.result.items);
    are(orders, SIZE);
    for (let at = 1; at < orders.length; at += 1) assert.ok(orders[at - 1].createdAt <= orders[at].createdAt, "oldest first");
    are(await all(today(key).orders.iterList({ organization_id: ORGANIZATION, limit: 100 })), SIZE);
    are(await all(today(key).refunds.iterList({ organization_id: ORGANIZATION })), Math.floor(SIZE / 8));
    const refunds = await old(key).refunds.list({ limit: 100 });
    assert.equal(refunds.result.pagination.totalCount, Math.floor(SIZE / 8));
    assert.equal((await old(key).orders.get({ id: orders[0].id })).dueAmount, orders[0].dueAmount);
    const { pagination } = await today(key).orders.list({ limit: 100, created_before: orders[100].createdAt.toISOString() });
    assert.equal(pagination.total_count, 100);
  });

  await test("polar: disputes and subscriptions are read by both SDKs", async () => {
    const [order] = (await today(key).orders.list({ limit: 1 })).items;
    const dispute = (id, status) => ({
      created_at: "2026-11-20T08:00:00Z", modified_at: "2026-11-20T08:00:01Z", id, status, resolved: true, closed: true, amount: 4900, tax_amount: 931, currency: "usd", reason: "fraudulent",
      evidence_due_by: null, past_due: false, order_id: order.id, payment_id: "00000000-0000-4000-8000-000000000001", case_id: null,
      customer: order.customer,
    });
    await account.load({ objects: { disputes: [dispute("00000000-0000-4000-8000-0000000000d1", "lost"), dispute("00000000-0000-4000-8000-0000000000d2", "won")] } });
    const found = await old(key).disputes.list({ status: "lost" });
    assert.deepEqual(found.result.items.map(({ id, taxAmount }) => [id, taxAmount]), [["00000000-0000-4000-8000-0000000000d1", 931]]);
    assert.equal((await today(key).disputes.list({ status: ["lost"] })).items.length, 1);
    assert.equal((await today(key).subscriptions.list({ organization_id: ORGANIZATION })).pagination.total_count, 0);
  });

  await test("polar: webhooks are made, their secret told again and reset, deleted", async () => {
    const body = { url: "https://gateway.example/hook", format: "raw", events: LISTENED.polar, name: "Sluice" };
    const made = await old(key).webhooks.createWebhookEndpoint(body);
    const other = await today(key).webhooks.createWebhookEndpoint({ ...body, api_version: "2026-10" });
    assert.deepEqual([made.events, other.events, made.enabled], [LISTENED.polar, LISTENED.polar, true]);
    assert.match(made.secret, /^whsec_/);
    assert.equal((await today(key).webhooks.getWebhookEndpoint(made.id)).secret, made.secret);
    assert.notEqual((await old(key).webhooks.resetWebhookEndpointSecret({ id: made.id })).secret, made.secret);
    assert.equal((await today(key).webhooks.listWebhookEndpoints({})).items.length, 2);
    await old(key).webhooks.deleteWebhookEndpoint({ id: made.id });
    await today(key).webhooks.deleteWebhookEndpoint(other.id);
    assert.equal((await today(key).webhooks.listWebhookEndpoints({})).items.length, 0);
    for (const wrong of [{ url: "http://gateway.example/hook" }, { url: "https://localhost/hook" }, { events: ["order.payd"] }, { organization_id: ORGANIZATION }]) {
      await assert.rejects(today(key).webhooks.createWebhookEndpoint({ ...body, ...wrong }), (error) => error instanceof PolarClientError && error.statusCode === 422);
    }
    const { WebhookEventType } = await import("polar-sh-sdk-0/models/components/webhookeventtype.js");
    for (const event of LISTENED.polar) assert.ok(Object.values(WebhookEventType).includes(event), event);
  });

  await test("polar: refusals are the SDKs' own errors", async () => {
    await told.account("polar", "polar_oat_gone").is({ isUnknown: true });
    await assert.rejects(today("polar_oat_gone").orders.list(), (error) => error instanceof PolarClientError && error.statusCode === 401);
    await told.account("polar", "polar_oat_poor").is({ denied: ["refunds:read", "webhooks:write"] });
    await assert.rejects(today("polar_oat_poor").refunds.list(), (error) => error.statusCode === 403);
    assert.equal((await today("polar_oat_poor").orders.list()).items.length, 0);
    await assert.rejects(old(key).organizations.get({ id: "nonsense" }), { name: "HTTPValidationError" });
    await account.is({ settings: { organization: ORGANIZATION } });
    await assert.rejects(old(key).organizations.get({ id: "00000000-0000-4000-8000-000000000000" }), { name: "ResourceNotFound" });
    await account.misbehave("limit", { retryAfter: 7 });
    await assert.rejects(today(key).orders.list(), (error) => error instanceof PolarRateLimitError && error.retryAfter === 7);
    await account.misbehave("broken");
    await assert.rejects(today(key).orders.list(), PolarServerError);
    const raw = await realFetch(`${standIn.urls.polar}/v1/refunds/`, { headers: { authorization: "Bearer polar_oat_poor" } });
    assert.match(raw.headers.get("www-authenticate"), /error="insufficient_scope".*scope="refunds:read"/);
  });

  await test("polar: the samples' bodies and deliveries pass both SDKs", async () => {
    const secret = "polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK";
    const fresh = `whsec_${Buffer.from("sluice-polar-vector-0032-bytes-k").toString("base64")}`;
    const posts = await received(async (url) => {
      for (const name of samples("polar")) {
        const { type, data } = sample("polar", name).json;
        await account.happen(type, data, { url, secret });
        await account.happen(type, data, { url, secret: fresh });
        await account.happen(type, data, { url, secret: fresh, signed: "wrong" });
      }
    });
    for (let at = 0; at < posts.length; at += 3) {
      const [before, now, wrong] = posts.slice(at, at + 3);
      assert.ok(validateEvent(before.body, before.headers, secret).data.id);
      await webhooks.validateEvent(before.body, before.headers, secret);
      await webhooks.validateEvent(now.body, now.headers, fresh);
      await assert.rejects(webhooks.validateEvent(wrong.body, wrong.headers, fresh), webhooks.PolarWebhookVerificationError);
      assert.throws(() => validateEvent(wrong.body, wrong.headers, secret), WebhookVerificationError);
    }
  });

  await test("polar: the vectors", () => {
    for (const { secret, body, timestamp: at, header, scheme } of vectors.polar.vectors) {
      const signed = SIGN.polar({ secrets: [secret], body, at, id: header["webhook-id"], isOld: scheme.startsWith("original") });
      assert.equal(signed["webhook-signature"], header["webhook-signature"]);
    }
    for (const name of samples("polar")) signedAsExpected("polar", name);
  });
}

// ── Paddle ───────────────────────────────────────────────────────────────────────────────────────────────────────────

{
  const { Paddle, LogLevel, ApiError, EventName, Webhooks } = await import("@paddle/paddle-node-sdk");
  const key = "pdl_live_apikey_01jc8v2m6w7n3k4p5q6r7s8t9v_Xk2Lq9Zr4Tn7Bv1Md6Hs8Y_abc";
  const account = told.account("paddle", key);
  const client = (key) => new Paddle(key, { environment: standIn.urls.paddle, logLevel: LogLevel.none });
  const paddle = client(key);

  // What the SDK makes of an object, spelt as the API spells it: what it does not know is missing.
  const snake = (value) => {
    if (Array.isArray(value)) return value.map(snake);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(\D)4$/, "$14"), snake(inner)]));
  };
  const lost = (sent, read, path = "") => {
    if (sent === null || typeof sent !== "object") return [];
    return Object.entries(sent).flatMap(([name, value]) => {
      if (name === "custom_data") return [];
      const found = read?.[name];
      return found === undefined ? [`${path}.${name}`] : lost(value, found, `${path}.${name}`);
    });
  };

  await test("paddle: transactions and adjustments are paged through by cursor", async () => {
    await account.load({ seed: 4, size: SIZE });
    are(await all(paddle.transactions.list({ perPage: 30, status: ["completed"] })), SIZE);
    const ascending = await all(paddle.transactions.list({ perPage: 30, orderBy: "billed_at[ASC]", include: ["customer", "adjustments"] }));
    are(ascending, SIZE);
    for (let at = 1; at < SIZE; at += 1) assert.ok(ascending[at - 1].billedAt <= ascending[at].billedAt, "oldest first");
    are(await all(paddle.adjustments.list({ perPage: 20 })), Math.floor(SIZE / 8));
    const refunded = ascending.find(({ adjustments }) => adjustments.length > 0);
    const own = await all(paddle.adjustments.list({ transactionId: [refunded.id] }));
    assert.deepEqual(own.map(({ transactionId }) => transactionId), [refunded.id]);
    assert.equal((await paddle.transactions.get(refunded.id)).id, refunded.id);
    const page = paddle.transactions.list({ perPage: 30 });
    await page.next();
    assert.deepEqual([page.hasMore, page.estimatedTotal], [true, SIZE]);
  });

  await test("paddle: the SDK knows every field of the samples", async () => {
    const samplesKey = "pdl_live_apikey_samples_x_y";
    await told.account("paddle", samplesKey).load({ samples: samples("paddle") });
    const paddle = client(samplesKey);
    for (const name of samples("paddle")) {
      const { data, event_type } = sample("paddle", name).json;
      const isTransaction = event_type.startsWith("transaction");
      // Declared, but not read: price_id of an event's items; and retained_fee is of the adjusted totals only.
      const isKnown = (path) => !/\.items\.\d\.price_id$|\.details\.payout_totals\.retained_fee$/.test(path);
      if (isTransaction) assert.deepEqual(lost(data, snake(await paddle.transactions.get(data.id)), name).filter(isKnown), []);
      const posts = await received((url) => told.account("paddle", samplesKey).happen(event_type, data, { url, secret: "pdl_ntfset_x" }));
      const event = await new Webhooks().unmarshal(posts[0].body, "pdl_ntfset_x", posts[0].headers["paddle-signature"]);
      assert.equal(event.eventType, event_type);
      assert.deepEqual(lost(data, snake(event.data), name).filter(isKnown), []);
    }
    const customer = await paddle.customers.get("ctm_01ca978112ca1bbdcafac231b3");
    assert.equal(customer.email, "fay.example@example.com");
  });

  await test("paddle: notification settings are made, read again with their secret, changed and deleted", async () => {
    const made = await paddle.notificationSettings.create({ description: "Sluice", type: "url", destination: "https://gateway.example/hook", subscribedEvents: LISTENED.paddle, apiVersion: 1, trafficSource: "platform" });
    assert.deepEqual(made.subscribedEvents.map(({ name }) => name), LISTENED.paddle);
    assert.match(made.endpointSecretKey, /^pdl_ntfset_/);
    assert.equal((await paddle.notificationSettings.get(made.id)).endpointSecretKey, made.endpointSecretKey);
    assert.equal((await paddle.notificationSettings.update(made.id, { active: false })).active, false);
    assert.deepEqual((await paddle.notificationSettings.list()).map(({ id }) => id), [made.id]);
    await paddle.notificationSettings.delete(made.id);
    assert.equal((await paddle.notificationSettings.list()).length, 0);
    for (const event of LISTENED.paddle) assert.ok(Object.values(EventName).includes(event), event);
  });

  await test("paddle: refusals are the SDK's own errors", async () => {
    const refusal = (code, more = {}) => (error) => error instanceof ApiError && error.code === code && Object.entries(more).every(([name, value]) => error[name] === value);
    await told.account("paddle", "pdl_live_apikey_gone_x_y").is({ isUnknown: true });
    await assert.rejects(client("pdl_live_apikey_gone_x_y").customers.list().next(), refusal("invalid_token"));
    await assert.rejects(client("nonsense").customers.list().next(), refusal("authentication_malformed"));
    await told.account("paddle", "pdl_live_apikey_poor_x_y").is({ denied: ["customer.read", "notification_setting.write"] });
    await assert.rejects(client("pdl_live_apikey_poor_x_y").customers.list().next(), refusal("forbidden"));
    await assert.rejects(client("pdl_live_apikey_poor_x_y").notificationSettings.create({ description: "x", type: "url", destination: "https://a.example", subscribedEvents: ["transaction.completed"] }), refusal("forbidden"));
    await assert.rejects(paddle.transactions.get("txn_none"), refusal("not_found"));
    await assert.rejects(paddle.notificationSettings.create({ description: "x", type: "url", destination: "https://a.example", subscribedEvents: ["transaction.complete"] }), refusal("bad_request"));
    await account.misbehave("limit", { retryAfter: 20 });
    await assert.rejects(paddle.customers.list().next(), refusal("too_many_requests", { retryAfter: 20 }));
  });

  await test("paddle: deliveries are verified by the SDK", async () => {
    const { data } = sample("paddle", "01").json;
    const secret = "pdl_ntfset_sdks";
    const posts = await received(async (url) => {
      for (const signed of [{}, { signed: "wrong" }, { signed: "rolled", rolled: ["another", secret] }, { skew: -6 }]) await account.happen("transaction.completed", data, { url, secret, ...signed });
    });
    const isValid = ({ body, headers }) => new Webhooks().isSignatureValid(body, secret, headers["paddle-signature"]);
    assert.deepEqual(await Promise.all(posts.map(isValid)), [true, false, true, false]);
  });

  await test("paddle: the vectors", () => {
    for (const { secret, body, timestamp: at, header } of vectors.paddle.vectors) assert.deepEqual(SIGN.paddle({ secrets: [secret], body, at }), header);
    for (const name of samples("paddle")) signedAsExpected("paddle", name);
  });
}

// ── Shopify ──────────────────────────────────────────────────────────────────────────────────────────────────────────

{
  await import("@shopify/shopify-api/adapters/node");
  const { shopifyApi, GraphqlQueryError, HttpResponseError, LogSeverity } = await import("@shopify/shopify-api");
  const SHOP = "sluice-demo.myshopify.com";
  const account = told.account("shopify", "client-sdks");
  const library = (apiKey, apiSecretKey = "shpss_sdks") =>
    shopifyApi({ apiKey, apiSecretKey, apiVersion: "2026-07", hostName: "gateway.example", isEmbeddedApp: false, logger: { level: LogSeverity.Error, log: () => {} } });
  const shopify = library("client-sdks");
  const client = async () => new shopify.clients.Graphql({ session: (await shopify.auth.clientCredentials({ shop: SHOP })).session });
  const refuses = (kind, body) => assert.rejects(body, (error) => error instanceof kind);

  await test("shopify: client credentials become a token, and the token says which shop", async () => {
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    assert.match(session.accessToken, /^shpat_/);
    assert.ok(session.expires - Date.now() > 86_000_000, "it lasts a day");
    assert.match(session.scope, /read_orders/);
    const { data } = await (await client()).request("{ shop { name myshopifyDomain currencyCode } currentAppInstallation { accessScopes { handle } } }");
    assert.deepEqual([data.shop.myshopifyDomain, data.shop.currencyCode], [SHOP, "USD"]);
    assert.ok(data.currentAppInstallation.accessScopes.some(({ handle }) => handle === "read_orders"));
    await refuses(HttpResponseError, library("client-sdks", "another").auth.clientCredentials({ shop: SHOP }));
    await told.account("shopify", "client-foreign").is({ settings: { isNotPermitted: true } });
    await refuses(HttpResponseError, library("client-foreign").auth.clientCredentials({ shop: SHOP }));
  });

  const PAGE = `query Orders($after: String, $query: String) { orders(first: 50, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { id displayFinancialStatus updatedAt totalPriceSet { presentmentMoney { amount currencyCode } } refunds { id transactions(first: 20) { nodes { kind status amountSet { shopMoney { amount } } } } } }
    pageInfo { hasNextPage endCursor } } ordersCount(query: $query) { count } }`;

  await test("shopify: orders are paged through by cursor, with refunds and costs", async () => {
    await account.load({ seed: 5, size: SIZE });
    const graphql = await client();
    const orders = [];
    for (let after = null; ; ) {
      const { data, extensions } = await graphql.request(PAGE, { variables: { after, query: "updated_at:<'2026-11-28T00:00:00Z'" } });
      orders.push(...data.orders.nodes);
      assert.equal(data.ordersCount.count, SIZE);
      assert.ok(extensions.cost.throttleStatus.restoreRate > 0);
      if (!data.orders.pageInfo.hasNextPage) break;
      after = data.orders.pageInfo.endCursor;
    }
    are(orders, SIZE);
    for (let at = 1; at < SIZE; at += 1) assert.ok(orders[at - 1].updatedAt <= orders[at].updatedAt, "oldest change first");
    assert.equal(orders.filter(({ refunds }) => refunds.length > 0).length, Math.floor(SIZE / 8));
    const middle = orders[100].updatedAt;
    const { data } = await graphql.request("query Count($query: String) { ordersCount(query: $query) { count } }", { variables: { query: `updated_at:>='${middle}'` } });
    assert.equal(data.ordersCount.count, orders.filter(({ updatedAt }) => updatedAt >= middle).length);
  });

  await test("shopify: webhooks are made for each topic, once, listed and deleted", async () => {
    const graphql = await client();
    const create = `mutation Make($topic: WebhookSubscriptionTopic!, $uri: String!) { webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) { webhookSubscription { id topic uri } userErrors { field message } } }`;
    const ids = [];
    for (const topic of ["ORDERS_PAID", "ORDERS_UPDATED", "ORDERS_CANCELLED", "REFUNDS_CREATE", "APP_UNINSTALLED", "DISPUTES_CREATE", "DISPUTES_UPDATE"]) {
      const { data } = await graphql.request(create, { variables: { topic, uri: "https://gateway.example/hook" } });
      assert.deepEqual(data.webhookSubscriptionCreate.userErrors, []);
      ids.push(data.webhookSubscriptionCreate.webhookSubscription.id);
    }
    const again = await graphql.request(create, { variables: { topic: "ORDERS_PAID", uri: "https://gateway.example/hook" } });
    assert.match(again.data.webhookSubscriptionCreate.userErrors[0].message, /already been taken/);
    const list = "{ webhookSubscriptions(first: 50) { nodes { id topic uri } } }";
    assert.deepEqual((await graphql.request(list)).data.webhookSubscriptions.nodes.map(({ id }) => id), ids);
    for (const id of ids) {
      const { data } = await graphql.request("mutation Gone($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }", { variables: { id } });
      assert.equal(data.webhookSubscriptionDelete.deletedWebhookSubscriptionId, id);
    }
    assert.equal((await graphql.request(list)).data.webhookSubscriptions.nodes.length, 0);
    await refuses(GraphqlQueryError, graphql.request(create, { variables: { topic: "ORDERS_PAYED", uri: "https://gateway.example/hook" } }));
  });

  await test("shopify: refusals are the library's own errors", async () => {
    const graphql = await client();
    await assert.rejects(graphql.request("{ shop { nome } }"), (error) => error instanceof GraphqlQueryError && error.body.errors.graphQLErrors[0].extensions.code === "undefinedField");
    await account.is({ denied: ["read_orders"] });
    await assert.rejects(graphql.request(PAGE), (error) => error instanceof GraphqlQueryError && error.body.errors.graphQLErrors[0].extensions.code === "ACCESS_DENIED");
    await account.is({ denied: [] });
    await account.misbehave("limit");
    await assert.rejects(graphql.request(PAGE), (error) => error.body.errors.graphQLErrors[0].extensions.code === "THROTTLED");
    await account.is({ isFrozen: true });
    await assert.rejects(graphql.request(PAGE), (error) => error instanceof HttpResponseError && error.response.code === 402);
    await account.is({ isFrozen: false, isUnknown: true });
    await assert.rejects(graphql.request(PAGE), (error) => error instanceof HttpResponseError && error.response.code === 401);
    await account.is({ isUnknown: false, settings: { tokenSeconds: -1 } });
    await assert.rejects((await client()).request(PAGE), (error) => error instanceof HttpResponseError && error.response.code === 401);
    await account.is({ settings: { tokenSeconds: 86_399 } });
  });

  await test("shopify: deliveries are verified by the library", async () => {
    const posts = await received(async (url) => {
      const order = { url, secret: "shpss_sdks" };
      for (const name of samples("shopify")) {
        const { json, expected } = sample("shopify", name);
        await account.happen(expected.post.headers["x-shopify-topic"], json, order);
      }
      await account.happen("orders/paid", sample("shopify", "01").json, { ...order, signed: "wrong" });
    });
    const validate = ({ body, headers }) => shopify.webhooks.validate({ rawBody: body, rawRequest: { headers, method: "POST", url: "/" } });
    const results = await Promise.all(posts.map(validate));
    for (const result of results.slice(0, -1)) assert.deepEqual([result.valid, result.domain], [true, SHOP], result.reason);
    assert.deepEqual([results.at(-1).valid, results.at(-1).reason], [false, "invalid_hmac"]);
  });

  await test("shopify: the vectors", () => {
    for (const { secret, body, header } of vectors.shopify.vectors) {
      const name = Object.keys(header).find((name) => name.includes("hmac"));
      assert.equal(SIGN.shopify({ secrets: [secret], body })["x-shopify-hmac-sha256"], header[name]);
    }
    for (const name of samples("shopify")) signedAsExpected("shopify", name);
  });
}

// ── WooCommerce ──────────────────────────────────────────────────────────────────────────────────────────────────────

{
  const { default: WooCommerceRestApi } = require("@woocommerce/woocommerce-rest-api");
  const account = told.account("woocommerce", "ck_sdks");
  const client = (key, more = {}) => new WooCommerceRestApi({ url: standIn.urls.woocommerce, consumerKey: key, consumerSecret: "cs_sdks", version: "wc/v3", ...more });
  const shop = client("ck_sdks");
  const refusal = (status, code) => (error) => error.response?.status === status && error.response.data.code === code;

  await test("woocommerce: orders are paged through by number and by offset", async () => {
    await account.load({ seed: 6, size: SIZE });
    const orders = [];
    for (let page = 1, last = 1; page <= last; page += 1) {
      const { data, headers } = await shop.get("orders", { per_page: 100, page, orderby: "date", order: "asc", dates_are_gmt: true, status: "any" });
      orders.push(...data);
      last = Number(headers["x-wp-totalpages"]);
      assert.equal(headers["x-wp-total"], String(SIZE));
    }
    are(orders, SIZE);
    for (let at = 1; at < SIZE; at += 1) assert.ok(orders[at - 1].date_created_gmt <= orders[at].date_created_gmt, "oldest first");
    const { data: part } = await shop.get("orders", { per_page: 10, offset: 95, orderby: "date", order: "asc" });
    assert.deepEqual(part.map(({ id }) => id), orders.slice(95, 105).map(({ id }) => id));
    const { data: changed } = await shop.get("orders", { per_page: 100, modified_after: orders[200].date_modified_gmt, dates_are_gmt: true });
    assert.equal(changed.length, orders.filter((order) => order.date_modified_gmt > orders[200].date_modified_gmt).length);
    const refunded = orders.find(({ refunds }) => refunds.length > 0);
    const { data: refunds } = await shop.get(`orders/${refunded.id}/refunds`);
    assert.deepEqual(refunds.map(({ id, amount }) => [id, `-${amount}`]), refunded.refunds.map(({ id, total }) => [id, total]));
    assert.equal((await shop.get(`orders/${refunded.id}`)).data.id, refunded.id);
    assert.equal((await shop.get("data/currencies/current")).data.code, "EUR");
  });

  await test("woocommerce: webhooks ping while they are made, are listed, changed and deleted for good", async () => {
    let made;
    const posts = await received(async (url) => {
      made = await shop.post("webhooks", { name: "Sluice orders", topic: "order.updated", delivery_url: `${url}/hook`, secret: "0123456789abcdef0123456789abcdef", status: "active" });
    });
    assert.equal(made.status, 201);
    assert.deepEqual(posts.map(({ body, headers }) => [body, headers["content-type"], headers["x-wc-webhook-signature"]]), [[`webhook_id=${made.data.id}`, "application/x-www-form-urlencoded", undefined]]);
    const { data: listed } = await shop.get("webhooks", { per_page: 100 });
    assert.deepEqual(listed.map(({ id, topic, status }) => [id, topic, status]), [[made.data.id, "order.updated", "active"]]);
    assert.equal(listed[0].secret, undefined);
    assert.equal((await shop.put(`webhooks/${made.data.id}`, { secret: "another" })).data.id, made.data.id);
    await assert.rejects(shop.delete(`webhooks/${made.data.id}`), refusal(501, "woocommerce_rest_trash_not_supported"));
    await shop.delete(`webhooks/${made.data.id}`, { force: true });
    assert.equal((await shop.get("webhooks")).data.length, 0);
  });

  await test("woocommerce: refusals are objects of code, message and status", async () => {
    await told.account("woocommerce", "ck_gone").is({ isUnknown: true });
    await assert.rejects(client("ck_gone").get("orders"), refusal(401, "woocommerce_rest_authentication_error"));
    await told.account("woocommerce", "ck_blind").is({ denied: ["view"] });
    await assert.rejects(client("ck_blind").get("orders"), refusal(401, "woocommerce_rest_cannot_view"));
    await told.account("woocommerce", "ck_reader").is({ denied: ["write"] });
    await client("ck_reader").get("orders");
    await assert.rejects(client("ck_reader").post("webhooks", { topic: "order.created", delivery_url: "https://a.example" }), refusal(401, "woocommerce_rest_authentication_error"));
    await told.account("woocommerce", "ck_customer").is({ denied: ["create"] });
    await assert.rejects(client("ck_customer").post("webhooks", { topic: "order.created", delivery_url: "https://a.example" }), refusal(401, "woocommerce_rest_cannot_create"));
    await assert.rejects(shop.get("nothing"), refusal(404, "rest_no_route"));
    await assert.rejects(shop.get("orders/999999"), refusal(404, "woocommerce_rest_shop_order_invalid_id"));
    await assert.rejects(shop.get("orders", { per_page: 101 }), refusal(400, "rest_invalid_param"));
    await assert.rejects(shop.post("webhooks", { topic: "order.payed", delivery_url: "https://a.example" }), refusal(400, "woocommerce_rest_shop_webhook_invalid_topic"));
  });

  await test("woocommerce: keys are taken by Basic, in the query and by OAuth", async () => {
    const orders = `${standIn.urls.woocommerce}/wp-json/wc/v3/orders?per_page=1`;
    const basic = { headers: { authorization: `Basic ${Buffer.from("ck_sdks:cs_sdks").toString("base64")}` } };
    assert.equal((await realFetch(orders, basic)).status, 200);
    assert.equal((await realFetch(`${orders}&consumer_key=ck_sdks&consumer_secret=cs_sdks`)).status, 200);
    await told.account("woocommerce", "ck_stripped").is({ settings: { stripsAuthorization: true } });
    const stripped = { headers: { authorization: `Basic ${Buffer.from("ck_stripped:cs_sdks").toString("base64")}` } };
    assert.equal((await realFetch(orders, stripped)).status, 401);
    assert.equal((await realFetch(`${orders}&consumer_key=ck_stripped&consumer_secret=cs_sdks`)).status, 200);
  });

  await test("woocommerce: the vectors", () => {
    const decoded = (secret) => secret.replace(/&(amp|quot|lt|gt|#039);/g, (_, name) => ({ amp: "&", quot: '"', lt: "<", gt: ">", "#039": "'" })[name]);
    for (const { secret, body, header } of vectors.woocommerce.vectors) assert.equal(SIGN.woocommerce({ secrets: [decoded(secret)], body, type: "order.created" })["x-wc-webhook-signature"], header["x-wc-webhook-signature"]);
    for (const name of samples("woocommerce").filter((name) => !name.includes("ping"))) signedAsExpected("woocommerce", name);
  });
}

// ── All ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

await test("deliveries are tried again as each provider does, and webhooks that fail are switched off", async () => {
  const attempts = {};
  for (const [provider, key, type] of [["lemonsqueezy", "k1", "order_created"], ["polar", "polar_oat_k1", "order.paid"], ["woocommerce", "ck_k1", "order.created"]]) {
    await received(async (url, posts) => {
      posts.status = 500;
      await told.account(provider, key).happen(type, {}, { url, secret: "whsec_0123456789abcdef", retries: true });
      attempts[provider] = posts.length;
    });
  }
  assert.deepEqual(attempts, { lemonsqueezy: 4, polar: 11, woocommerce: 1 });
});

await test("misfortunes are as they are called", async () => {
  const account = told.account("paddle", "pdl_live_apikey_bad_x_y");
  await account.load({ seed: 8, size: 40 });
  const ask = async (how, order) => {
    await account.misbehave(how, order);
    const response = await realFetch(`${account.url}/transactions?per_page=10`, { redirect: "manual", headers: { authorization: `Bearer ${account.key}` } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  assert.match(JSON.parse((await ask("foreign-next")).text).meta.pagination.next, /^https:\/\/attacker\.example\//);
  const { data } = JSON.parse((await ask("repeat")).text);
  assert.deepEqual([data.length, data[0].id], [11, data[1].id]);
  const redirected = await ask("redirect");
  assert.deepEqual([redirected.status, redirected.headers.get("location")], [301, "https://elsewhere.example/transactions"]);
  const html = await ask("html");
  assert.deepEqual([html.status, html.headers.get("content-type")], [502, "text/html"]);
  assert.equal((await ask("limit")).headers.get("retry-after"), null);
  const huge = await ask("huge");
  assert.ok(huge.text.length >= 20 * 1024 * 1024);
  await assert.rejects(ask("cut"));
  const started = Date.now();
  await assert.rejects(ask("silence", { ms: 300 }));
  assert.ok(Date.now() - started >= 300);
  assert.equal((await ask("broken", { skip: 1 })).status, 200);
  const next = await realFetch(`${account.url}/transactions`, { headers: { authorization: `Bearer ${account.key}` } });
  assert.equal(next.status, 500);
});

await test("ten thousand payments of each provider are made and paged through", async () => {
  const SIZE = 10_000;
  const sizes = await Promise.all([["stripe", "rk_live_many"], ["lemonsqueezy", "many"], ["polar", "polar_oat_many"], ["paddle", "pdl_live_apikey_many"], ["shopify", "many"], ["woocommerce", "ck_many"]].map(async ([provider, key]) => {
    const { sizes } = await told.account(provider, key).load({ seed: 1, size: SIZE });
    return Math.max(...Object.values(sizes));
  }));
  assert.deepEqual(sizes, Array(6).fill(SIZE));
  const seen = new Set();
  for (let number = 1; number <= 20; number += 1) {
    const response = await realFetch(`${standIn.urls.polar}/v1/orders/?limit=100&sorting=created_at&page=${number * 5}`, { headers: { authorization: "Bearer polar_oat_many" } });
    for (const { id } of (await response.json()).items) seen.add(id);
  }
  assert.equal(seen.size, 2000);
});

await test("requests are remembered without their keys", async () => {
  const { requests, perSecond } = await told.account("stripe", "rk_live_sdks").requests();
  assert.ok(requests.length > 10 && perSecond > 1);
  const text = JSON.stringify(await told.do("requests"));
  for (const key of ["rk_live_sdks", "lemon-sdks", "polar_oat_sdks", "shpss_sdks", "cs_sdks"]) assert.ok(!text.includes(key), key);
});

await standIn.stop();
process.exitCode = conclude() ? 0 : 1;
