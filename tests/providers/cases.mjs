// The cases of docs/contract/providers.md#7 through running gateways that ask the stand-in, and the samples beside that
// document. Rows are read back by the export, visitors and revenue by the reports.
//
//   scripts/run node tests/providers/cases.mjs            everything
//   scripts/run node tests/providers/cases.mjs "case 14:"    the checks whose name contains this

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import { call, sleep } from "../../scripts/lib.mjs";
import { check, conclude, eventually, isWanted, together } from "../harness/checks.mjs";
import { Connection, credentials, development, gateway, gatewayLogs, permutations, production, registering, Site, standIn, stopAll, told, V1, V2 } from "./harness.mjs";
import { lemonsqueezy, now, paddle, polar, shopify, stripe, visits, woocommerce } from "./making.mjs";
import { sample, samples } from "./stand-in/objects.mjs";

const PROVIDERS = ["stripe", "lemonsqueezy", "polar", "paddle", "shopify", "woocommerce"];

// What the gateway cannot do yet, by the beginning of the names of checks. They are listed, not run; nothing else is left out.
const NOT_YET = [];

const checks = [];
const omitted = [];

function test(name, body) {
  if (!isWanted(name)) return;
  const why = NOT_YET.find(([beginning]) => name.startsWith(beginning))?.[1];
  // A check that is asked for by name runs all the same.
  if (why && !process.argv.slice(2).some((argument) => NOT_YET.some(([beginning]) => beginning === argument))) omitted.push([name, why]);
  else checks.push(() => check(name, body, { attempts: 2 })); // each makes a website of its own, and waits for what a provider sends late
}

async function connected(provider, prepare, gateway, settings) {
  return Connection.make(await Site.make(await gateway, settings), provider, prepare);
}

// Posts the same things in every order, each to a website of its own, and expects the same rows.
async function inAnyOrder(provider, things, rows, prepare) {
  const orders = permutations(things);
  await together(orders.map((order) => async () => {
    const connection = await connected(provider, prepare);
    for (const [type, object, more] of order) assert.deepEqual(await connection.happens(type, object, more), [200]);
    await connection.site.has(...rows);
  }), 3);
  return `${orders.length} orders`;
}

// ── The samples ──────────────────────────────────────────────────────────────────────────────────────────────────────

const LETTERS = { payment: "N", refund: "F", trial: "T" };

for (const provider of PROVIDERS) {
  for (const name of samples(provider)) {
    test(`sample ${provider} ${name}`, async () => {
      const one = sample(provider, name);
      const connection = await connected(provider, undefined, one.expected.ignored === "test mode" ? production : development);
      assert.deepEqual(await connection.sample(name), [one.expected.answer]);
      const counting = (one.expected.records ?? []).filter(({ state }) => state === "counts");
      const payment = counting.find(({ kind }) => kind === "payment");
      const worth = ({ amount, currency, settled }) => (settled?.currency === "USD" ? ` = ${settled.amount}` : currency === "USD" ? ` = ${amount}` : "");
      const rows = counting.map((record) => {
        const visitor = record.visitorId ?? (record.refundOf === payment?.transactionId ? payment?.visitorId : null);
        const letter = record.kind === "payment" && record.renewal ? "R" : LETTERS[record.kind];
        return `${letter} ${record.transactionId} ${record.amount} ${record.currency}${visitor ? " → V1" : ""}${record.kind === "trial" ? "" : worth(record)}`;
      });
      // Money of other currencies without the provider's own conversion is worth what the day's rate says.
      if (counting.some((record) => record.kind !== "trial" && worth(record) === "")) {
        await eventually(async () => assert.deepEqual(await connection.site.payments(), rows.map((row) => row.replace(/ →.*/, "")).sort()) ?? true, 15_000, 100);
      } else {
        await connection.site.has(...rows);
      }
      if (one.expected.ignored && one.expected.ignored !== "ping") assert.deepEqual(await connection.reasons(), [`ignored: ${one.expected.ignored}`]);
    });
  }
}

// ── Stripe ───────────────────────────────────────────────────────────────────────────────────────────────────────────

test("case 1: stripe: a purchase through Checkout is its visitor's", async () => {
  const connection = await connected("stripe");
  await connection.sample("01");
  await connection.site.has("N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1");
  const asked = (await connection.requests("/v1/")).filter(({ path }) => /ch_3QvA1|invoice_payments|sessions/.test(path) && !path.includes("limit"));
  assert.ok(asked.filter(({ query }) => !("limit" in query)).length <= 3, "a new payment costs at most three requests");
});

test("case 2: stripe: the same event three times is one row and one piece of news", async () => {
  const connection = await connected("stripe");
  const news = await connection.site.listen();
  const { charge, load } = stripe.sale({ at: now() + 1, session: { metadata: visits() } });
  await load(connection.account);
  assert.deepEqual(await connection.happens("charge.succeeded", charge, { times: 3 }), [200, 200, 200]);
  await connection.site.has("N pi_1 5831 USD → V1");
  await eventually(() => news.length > 0);
  await connection.settles();
  assert.deepEqual(news.map(({ type, data }) => [type, data.transactionId]), [["payment.received", "pi_1"]]);
});

test("case 3: stripe: a subscription's start is told three times, in any order", () => {
  const subscription = "sub_1";
  const { charge, objects, load } = stripe.sale({ session: { subscription, metadata: visits() }, invoice: { subscription } });
  const [session] = objects.filter(({ object }) => object === "checkout.session");
  const [invoice] = objects.filter(({ object }) => object === "invoice");
  const things = [["charge.succeeded", charge], ["checkout.session.completed", session], ["invoice.paid", invoice]];
  return inAnyOrder("stripe", things, ["N pi_1 5831 USD → V1"], async (account) => {
    await load(account);
    await stripe.load(account, [stripe.subscription({ id: subscription })]);
  });
});

test("case 4: stripe: a session that is found later brings the visitor, and no second news", async () => {
  const connection = await connected("stripe");
  const news = await connection.site.listen();
  const { charge, load } = stripe.sale({ at: now() + 1 });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  await connection.site.has("N pi_1 5831 USD");
  const session = stripe.session({ metadata: visits() });
  await stripe.load(connection.account, [session]);
  await connection.happens("checkout.session.completed", session);
  await connection.site.has("N pi_1 5831 USD → V1");
  await connection.settles();
  assert.equal(news.length, 1);
});

for (const [number, order] of [[5, ["02", "03"]], [6, ["03", "02"]]]) {
  test(`case ${number}: stripe: a renewal without a word of a visitor, heard of ${number === 5 ? "after" : "before"} the first payment`, async () => {
    const connection = await connected("stripe");
    // The two samples name their invoices alike: the past is read before either is there, then what has come meanwhile, and the first is
    // worked on before the second.
    await imports(connection);
    await catchesUp(connection);
    for (const prefix of order) {
      await connection.sample(prefix);
      await connection.events();
    }
    await connection.site.has("N pi_3QvA2bLkdIwHu7ix0 1900 EUR → V1 = 2204", "R pi_3QvA3bLkdIwHu7ix0 1900 EUR → V1 = 2204");
  });
}

test("case 7: stripe: a trial's first money is new, in any order", () => {
  const things = ["04", "05"].map((prefix) => ({ type: sample("stripe", prefix).json.type, object: sample("stripe", prefix).json.data.object }));
  return inAnyOrder("stripe", things.map(({ type, object }) => [type, object]), ["T sub_1QvA4bLkdIwHu7ix 0 EUR → V1", "N pi_3QvA5bLkdIwHu7ix0 1900 EUR → V1 = 2204"], (account) => account.load({ samples: ["04", "05"] }));
});

// A subscription that begins with a trial: its parts by name.
function trial({ metadata = visits() } = {}) {
  const [at, subscription] = [now() - 600, "sub_1"];
  const started = stripe.subscription({ id: subscription, at, trial: true, metadata, customer: "cus_1", currency: "usd" });
  const [invoice] = stripe.invoice({ id: "0", amount: 0, at, subscription, metadata, customer: "cus_1" });
  const cycle = (id, at) => stripe.sale({ id, amount: 1900, at, customer: "cus_1", invoice: { reason: "subscription_cycle", subscription } });
  return { started, invoice, first: cycle("1", at + 100), second: cycle("2", at + 200), load: (account) => stripe.load(account, [started, invoice]) };
}

test("case 8: stripe: a trial, its first payment and its second cycle, in any order", () => {
  const { invoice, first, second, load } = trial();
  const things = [["invoice.paid", invoice], ["charge.succeeded", first.charge], ["charge.succeeded", second.charge]];
  return inAnyOrder("stripe", things, ["T sub_1 0 USD → V1", "N pi_1 1900 USD → V1", "R pi_2 1900 USD → V1"], async (account) => {
    await load(account);
    await first.load(account);
    await second.load(account);
  });
});

test("case 9: stripe: a trial that is told of twice is one trial, in any order", () => {
  const { started, invoice, load } = trial();
  return inAnyOrder("stripe", [["customer.subscription.created", started], ["invoice.paid", invoice]], ["T sub_1 0 USD → V1"], load);
});

test("case 10: stripe: an upgrade is one renewal of what was paid", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale({ amount: 1300, invoice: { reason: "subscription_update", subscription: "sub_1", metadata: visits() } });
  await load(connection.account);
  await stripe.load(connection.account, [stripe.subscription()]);
  await connection.happens("charge.succeeded", charge);
  await connection.site.has("R pi_1 1300 USD → V1");
});

test("case 11: stripe: an invoice over nothing without a trial is nothing", async () => {
  const connection = await connected("stripe");
  const [invoice] = stripe.invoice({ amount: 0, reason: "subscription_cycle" });
  await stripe.load(connection.account, [invoice, stripe.subscription()]);
  assert.deepEqual(await connection.happens("invoice.paid", invoice), [200]);
  await connection.settles();
  await connection.site.has();
});

test("case 12: stripe: an invoice that was paid out of band is nothing", async () => {
  const connection = await connected("stripe");
  const [invoice] = stripe.invoice({ amount: 4900, reason: "manual", subscription: null, isPaidOutOfBand: true });
  await stripe.load(connection.account, [invoice]);
  assert.deepEqual(await connection.happens("invoice.paid", invoice), [200]);
  await connection.settles();
  await connection.site.has();
});

test("case 13: stripe: what was authorized counts when it is captured, and as much as is", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale({ captured: false });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  await connection.settles();
  await connection.site.has();
  const captured = { ...charge, captured: true, amount_captured: 3000 };
  await stripe.load(connection.account, [captured, { ...stripe.sale({ amount: 3000 }).objects[2] }]);
  await connection.happens("charge.captured", captured);
  await connection.site.has("N pi_1 3000 USD");
});

test("case 14: stripe: two refunds in part", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale({ at: now() - 60, session: { metadata: visits() } });
  await load(connection.account);
  const refunds = [stripe.refund({ id: "re_a", amount: 1500 }), stripe.refund({ id: "re_b", amount: 2000 })];
  await stripe.load(connection.account, refunds);
  await connection.happens("charge.succeeded", charge);
  for (const refund of refunds) await connection.happens("refund.created", refund);
  await connection.site.has("N pi_1 5831 USD → V1", "F re_a 1500 USD → V1", "F re_b 2000 USD → V1");
  assert.deepEqual(await connection.site.revenue(), { V1: 2331, V2: 0, all: 2331 });
});

test("case 15: stripe: a refund that waits and then succeeds, in any order", () => {
  const { charge, load } = stripe.sale({ at: now() - 60, session: { metadata: visits() } });
  const at = now();
  const [pending, succeeded] = ["pending", "succeeded"].map((status) => stripe.refund({ status, at }));
  const things = [["charge.succeeded", charge], ["refund.created", pending, { at }], ["refund.updated", succeeded, { at: at + 1 }]];
  return inAnyOrder("stripe", things, ["N pi_1 5831 USD → V1", "F re_1 1500 USD → V1"], async (account) => {
    await load(account);
    await stripe.load(account, [succeeded]);
  });
});

test("case 16: stripe: a refund that fails goes", async () => {
  const connection = await connected("stripe");
  await imports(connection);
  await connection.sample("01");
  await connection.sample("06");
  await connection.site.has("N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1", "F re_3QvA1bLkdIwHu7ix0ReFuNd 1500 USD → V1");
  await sleep(2_100); // events of one second are told apart by reading
  await connection.account.load({ objects: { any: [{ ...sample("stripe", "07").json.data.object }] } });
  await connection.happens("refund.failed", sample("stripe", "07").json.data.object);
  await connection.site.has("N pi_3QvA1bLkdIwHu7ix0hIjKlMn 5831 USD → V1");
});

test("case 17: stripe: a refund whose payment is not known yet", async () => {
  const connection = await connected("stripe");
  // After the connection, so that an import which another check's cron begins leaves it to the webhook.
  const { charge, load } = stripe.sale({ at: now() + 1, session: { metadata: visits() } });
  await load(connection.account);
  const refund = stripe.refund();
  await stripe.load(connection.account, [refund]);
  await connection.happens("refund.created", refund);
  await connection.site.has("F re_1 1500 USD");
  await connection.happens("charge.succeeded", charge);
  await connection.site.has("N pi_1 5831 USD → V1", "F re_1 1500 USD → V1");
});

test("case 18: stripe: refunded and charged back: no more goes back than was paid", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale({ at: now() - 60, session: { metadata: visits() } });
  await load(connection.account);
  const refund = stripe.refund({ amount: 5831, at: now() - 30 });
  await stripe.load(connection.account, [refund]);
  await connection.happens("charge.succeeded", charge);
  await connection.happens("refund.created", refund);
  await connection.happens("charge.dispute.funds_withdrawn", stripe.dispute());
  await connection.site.has("N pi_1 5831 USD → V1", "F re_1 5831 USD → V1", "F du_1 0 USD → V1");
});

test("case 19: stripe: a dispute that is won takes nothing, in any order", () => {
  const { charge, load } = stripe.sale({ at: now() - 60, session: { metadata: visits() } });
  const at = now();
  const things = [["charge.succeeded", charge], ["charge.dispute.funds_withdrawn", stripe.dispute(), { at: at - 10 }], ["charge.dispute.funds_reinstated", stripe.dispute({ status: "won" }), { at }]];
  return inAnyOrder("stripe", things, ["N pi_1 5831 USD → V1"], load);
});

test("case 20: stripe: krónur come as hundredths", async () => {
  const connection = await connected("stripe");
  await connection.sample("10");
  await connection.site.has("N pi_3QvAAbLkdIwHu7ix0 5000 ISK → V1 = 3643");
});

test("case 21: stripe: units of yen, dinars, ariary and shillings", async () => {
  const connection = await connected("stripe");
  for (const [id, amount, currency] of [["jpy", 1200, "jpy"], ["kwd", 1500, "kwd"], ["mga", 40, "mga"], ["ugx", 370_000, "ugx"]]) {
    const { charge, load } = stripe.sale({ id, amount, currency, worth: { amount: 100, currency: "usd" } });
    await load(connection.account);
    await connection.happens("charge.succeeded", charge);
  }
  await connection.site.has("N pi_jpy 1200 JPY = 100", "N pi_kwd 1500 KWD = 100", "N pi_mga 4000 MGA = 100", "N pi_ugx 3700 UGX = 100");
});

test("case 22: stripe: euros are worth what Stripe made of them", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale({ amount: 1900, currency: "eur", worth: { amount: 2204, currency: "usd" } });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  await connection.site.has("N pi_1 1900 EUR = 2204");
});

test("case 23: stripe: on a website in pounds the day's rate counts", async () => {
  const connection = await connected("stripe", undefined, development, { currency: "GBP" });
  const { charge, load } = stripe.sale({ amount: 1900, currency: "eur", worth: { amount: 2204, currency: "usd" } });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  await eventually(async () => (await connection.site.payments()).includes("N pi_1 1900 EUR"));
  const { all } = await connection.site.revenue();
  assert.ok(all > 1400 && all < 1850, `1900 cents are ${all} pence`);
});

test("case 24: stripe: test mode is ignored in production and counted in development", async () => {
  const { charge, load } = stripe.sale({ live: false });
  const live = await connected("stripe", undefined, production);
  await load(live.account);
  assert.deepEqual(await live.happens("charge.succeeded", charge, { isTest: true }), [200]);
  assert.deepEqual(await live.reasons(), ["ignored: test mode"]);
  await live.site.has();
  const developer = await connected("stripe");
  await load(developer.account);
  await developer.happens("charge.succeeded", charge, { isTest: true });
  await developer.site.has("N pi_1 5831 USD");
});

test("case 25: stripe: a client reference is a visitor if it has the form of one", async () => {
  for (const [reference, visitor] of [[V1, " → V1"], ["user_42", ""]]) {
    const connection = await connected("stripe");
    const { charge, load } = stripe.sale({ session: { client_reference_id: reference } });
    await load(connection.account);
    await connection.happens("charge.succeeded", charge);
    await connection.settles();
    await connection.site.has(`N pi_1 5831 USD${visitor}`);
  }
});

test("case 26: stripe: metadata weighs more than a browser's hint", async () => {
  const connection = await connected("stripe");
  await connection.site.hint(V2, { stripe_session_id: "cs_1" });
  const { charge, load } = stripe.sale({ session: { metadata: visits() } });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  await connection.settles();
  await connection.site.has("N pi_1 5831 USD → V1");
});

test("case 27: stripe: a hint that comes later still counts", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale({ at: now() - 3600, session: {} });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  await connection.site.has("N pi_1 5831 USD");
  await connection.site.hint(V2, { stripe_session_id: "cs_1" });
  await connection.site.has("N pi_1 5831 USD → V2");
});

test("case 28: stripe: a payment of another website is not ours", async () => {
  const connection = await connected("stripe");
  const other = await Site.make();
  const { charge, load } = stripe.sale({ session: { metadata: { ...visits(), datafast_website_id: other.id } } });
  await load(connection.account);
  await connection.happens("charge.succeeded", charge);
  assert.deepEqual(await connection.reasons(), ["ignored: another website"]);
  await connection.site.has();
});

test("case 29: stripe: the same events by polling and by webhook", async () => {
  const connection = await connected("stripe", (account) => account.is({ denied: ["rak_webhook_write"] }));
  assert.equal(connection.mode, "polling");
  const sale = stripe.sale({ at: now() - 60, session: { metadata: visits() } });
  await sale.load(connection.account);
  const refund = stripe.refund();
  await stripe.load(connection.account, [refund]);
  await connection.happens("charge.succeeded", sale.charge, { silently: true });
  await connection.happens("refund.created", refund, { silently: true });
  await pollUntil(connection, () => connection.site.has("N pi_1 5831 USD → V1", "F re_1 1500 USD → V1"));
  await connection.happens("charge.succeeded", sale.charge);
  await connection.settles();
  await connection.site.has("N pi_1 5831 USD → V1", "F re_1 1500 USD → V1");
});

// Runs cron until `done` holds.
async function pollUntil(connection, done) {
  let isOver = false;
  const cron = (async () => {
    while (!isOver) {
      await connection.site.gateway.cron();
      await sleep(500);
    }
  })();
  try {
    await done();
  } finally {
    isOver = true;
    await cron;
  }
}

// Once an import is done, what has come since the connection is looked for; disputes are the last of it.
const catchesUp = (connection) =>
  eventually(async () => (await connection.requests("/v1/disputes")).some(({ query }) => query["created[gte]"]), 60_000, 100);
const imports = (connection) => eventually(async () => (await connection.status()).import?.state === "done", 60_000, 200);

test("case 30: stripe: an import of a thousand charges, with a webhook coming in between", async () => {
  const connection = await connected("stripe", (account) => account.load({ seed: 30, size: 1000 }));
  const news = await connection.site.listen();
  const [, charge] = await first(connection.account);
  await connection.happens("charge.succeeded", charge);
  await pollUntil(connection, () => imports(connection));
  const rows = await connection.site.payments();
  assert.equal(rows.filter((row) => row.startsWith("N ")).length, 1000);
  assert.equal(rows.filter((row) => row.startsWith("F ")).length, 125);
  assert.equal(news.length, 0, "none of the past is news");
  for (const stage of ["charges", "refunds", "disputes"]) {
    const pages = (await connection.requests(`/v1/${stage}`)).filter(({ query }) => query.limit === "100");
    assert.ok(pages.length >= 1 && pages.length <= 11, `${stage}: ${pages.length} pages`);
  }
  const { perSecond } = await connection.account.requests();
  assert.ok(perSecond <= 20, `${perSecond} requests in a second`);
});

async function first(account) {
  const response = await fetch(`${account.url}/v1/charges?limit=1`, { headers: { authorization: `Bearer ${account.key}` } });
  const { data } = await response.json();
  return [response.status, data[0]];
}

async function refusedConnect(provider, prepare, gateway = development) {
  const site = await Site.make(gateway);
  const [key, body] = credentials(provider);
  const account = told.account(provider, key);
  await prepare(account);
  const answer = await site.ask("POST", `/integrations/${provider}`, body(key));
  assert.equal((await site.row("GET", "/integrations"))[provider].connected, false, "nothing is stored");
  assert.ok(!answer.text.includes(key), "the answer does not repeat the key");
  return { status: answer.status, message: answer.json?.error?.message ?? "", headers: answer.headers, account, site };
}

test("case 31: stripe: all permissions that a key lacks are named in one answer", async () => {
  const { status, message } = await refusedConnect("stripe", (account) => account.is({ denied: ["rak_invoice_read", "rak_charge_read"] }));
  assert.deepEqual([status, message], [400, "stripeRak: the key lacks the permissions rak_charge_read, rak_invoice_read"]);
});

test("case 32: stripe: without the right to make webhooks a connection polls", async () => {
  const connection = await connected("stripe", (account) => account.is({ denied: ["rak_webhook_write"] }));
  assert.equal(connection.mode, "polling");
});

test("case 33: stripe: signatures", async () => {
  const connection = await connected("stripe");
  const { charge, load } = stripe.sale();
  await load(connection.account);
  const post = (order) => connection.happens("charge.succeeded", charge, order);
  assert.deepEqual(await post({}), [200]);
  assert.deepEqual(await post({ skew: -301 }), [401]);
  assert.deepEqual(await post({ skew: 302 }), [401]);
  assert.deepEqual(await post({ skew: -290 }), [200]);
  assert.deepEqual(await post({ signed: "wrong" }), [401]);
  assert.deepEqual(await post({ signed: "rolled", rolled: ["another", connection.secret] }), [200]);
  assert.deepEqual(await post({ signed: "none" }), [401]);
});

// ── Lemon Squeezy ────────────────────────────────────────────────────────────────────────────────────────────────────

test("case 34: lemon squeezy: a subscription's start is told three times, in any order", () => {
  const order = sample("lemonsqueezy", "02").json;
  const invoice = sample("lemonsqueezy", "03").json;
  const subscription = lemonsqueezy.subscription();
  const started = { ...subscription, id: "6001", attributes: { ...subscription.attributes, order_id: 2202, status: "active", trial_ends_at: null } };
  const custom = order.meta.custom_data;
  const things = [["order_created", order.data, { custom }], ["subscription_created", started, { custom }], ["subscription_payment_success", invoice.data]];
  return inAnyOrder("lemonsqueezy", things, ["N lemonsqueezy:order:2202 2261 EUR → V1 = 2623"]);
});

test("case 35: lemon squeezy: a recovered payment is told twice, in any order", () => {
  const invoice = lemonsqueezy.invoice();
  return inAnyOrder("lemonsqueezy", [["subscription_payment_success", invoice], ["subscription_payment_recovered", invoice]], ["R lemonsqueezy:subscription-invoice:7302 2261 EUR = 2600"]);
});

test("case 36: lemon squeezy: refunds add up to one, in any order", () => {
  const things = ["05", "06"].map((prefix) => sample("lemonsqueezy", prefix).json).map(({ meta, data }) => [meta.event_name, data, { custom: meta.custom_data }]);
  return inAnyOrder("lemonsqueezy", things, ["N lemonsqueezy:order:2201 5831 USD → V1", "F lemonsqueezy:order:2201 5831 USD → V1"]);
});

test("case 37: lemon squeezy: a trial's first invoice is new", async () => {
  const connection = await connected("lemonsqueezy");
  await connection.sample("07");
  await connection.happens("subscription_payment_success", lemonsqueezy.invoice({ subscription: 6002, currency: "USD", at: now() + 60, total: 1900, total_usd: 1900 }));
  await connection.site.has("T lemonsqueezy:subscription:6002 0 USD → V1", "N lemonsqueezy:subscription-invoice:7302 1900 USD → V1");
});

test("case 38: lemon squeezy: an order that turns out fraudulent goes", async () => {
  const connection = await connected("lemonsqueezy");
  const at = now() - 60;
  await connection.happens("order_created", lemonsqueezy.order({ at }));
  await connection.site.has("N lemonsqueezy:order:2201 5831 USD");
  await connection.happens("order_refunded", lemonsqueezy.order({ at, updated: at + 30, status: "fraudulent" }));
  await connection.site.has();
});

test("case 39: lemon squeezy: imported orders find their visitor by e-mail", async () => {
  const connection = await connected("lemonsqueezy", (account) => account.load({ samples: ["02", "03"] }));
  await connection.site.identify("cleo", { email: "Cleo.Example@example.com" }, V1);
  await pollUntil(connection, () => imports(connection));
  await connection.site.has("N lemonsqueezy:order:2202 2261 EUR → V1 = 2623");
});

test("case 40: lemon squeezy: a hint is of one provider's order 2201", async () => {
  const site = await Site.make();
  const lemon = await Connection.make(site, "lemonsqueezy");
  const shop = await Connection.make(site, "woocommerce");
  await site.hint(V2, { lemonsqueezy_order_id: "2201" });
  const order = woocommerce.order("01", { id: 2201, currency: "USD", meta_data: [], billing: { email: "x@example.com", first_name: "X", last_name: "Y" } });
  await shop.account.load({ objects: { orders: [order] } });
  await shop.happens("order.created", order);
  await lemon.happens("order_created", lemonsqueezy.order());
  await site.has("N woocommerce:order:2201 5831 USD", "N lemonsqueezy:order:2201 5831 USD → V2");
});

test("case 41: lemon squeezy: yen as hundredths and as whole ones", async () => {
  const connection = await connected("lemonsqueezy");
  await connection.sample("09");
  const whole = lemonsqueezy.order({ id: "2206", total: 1200, currency: "JPY", total_usd: 804, currency_rate: "0.0067" });
  await connection.happens("order_created", whole);
  await connection.site.has("N lemonsqueezy:order:2205 1200 JPY → V1 = 804", "N lemonsqueezy:order:2206 1200 JPY → V1 = 804");
});

test("case 42: lemon squeezy: an older update after a newer one changes nothing", async () => {
  const connection = await connected("lemonsqueezy");
  const at = now() - 600;
  const refunded = { status: "partial_refund", refunded_amount: 1000, refunded_amount_usd: 1000, refunded_at: new Date((at + 60) * 1000).toISOString() };
  await connection.happens("order_refunded", lemonsqueezy.order({ at, updated: at + 60, ...refunded }));
  await connection.happens("order_created", lemonsqueezy.order({ at, updated: at + 1 }));
  await connection.settles();
  await connection.site.has("N lemonsqueezy:order:2201 5831 USD", "F lemonsqueezy:order:2201 1000 USD");
});

// ── Polar ────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("case 43: polar: secrets of both ages", async () => {
  const connection = await connected("polar");
  const order = polar.order("01");
  assert.deepEqual(await connection.happens("order.paid", order), [200]);
  assert.deepEqual(await connection.happens("order.paid", order, { isOld: true }), [200]);
  assert.deepEqual(await connection.happens("order.paid", order, { signed: "wrong" }), [401]);
  assert.deepEqual(await connection.happens("order.paid", order, { skew: 302 }), [401]);
  await connection.site.has("N ffb0e4fd-0a24-428d-8d0d-3140aa2a1586 5831 USD → V1");
  const old = await connected("polar");
  old.secret = "polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK";
  await old.site.rows("PUT", `${old.path}/webhook`, { secret: old.secret });
  assert.deepEqual(await old.happens("order.paid", order), [200]);
});

test("case 44: polar: an order that waits and is paid", async () => {
  const connection = await connected("polar");
  await connection.happens("order.updated", polar.order("07"));
  await connection.settles();
  await connection.site.has();
  await connection.sample("02");
  await connection.site.has("R 4c13835c-a9e2-4c56-83e0-60bc6808fc6d 2261 USD → V1");
});

test("case 45: polar: a trial's first cycle is new, in any order", () => {
  const trial = polar.order("03");
  const cycle = polar.order("02", { created_at: "2026-11-28T10:30:00Z" });
  return inAnyOrder("polar", [["order.paid", trial], ["order.paid", cycle]], ["T f7eaa7fb-45f3-4730-8a50-3e0c1d86fdb1 0 USD → V1", "N 4c13835c-a9e2-4c56-83e0-60bc6808fc6d 2261 USD → V1"]);
});

test("case 46: polar: a refund's amount is net of its tax; order.refunded says nothing new", async () => {
  const connection = await connected("polar");
  await connection.sample("01");
  await connection.sample("04");
  assert.deepEqual(await connection.happens("order.refunded", polar.order("01", { status: "partially_refunded", refunded_amount: 1000, refunded_tax_amount: 190, modified_at: "2026-11-29T08:00:02Z" })), [200]);
  await connection.settles();
  await connection.site.has("N ffb0e4fd-0a24-428d-8d0d-3140aa2a1586 5831 USD → V1", "F 1d630127-108f-4fea-81f7-beee59b66dd6 1190 USD → V1");
});

test("case 47: polar: a refund that fails goes", async () => {
  const connection = await connected("polar");
  for (const prefix of ["01", "04", "05"]) await connection.sample(prefix);
  await connection.settles();
  await connection.site.has("N ffb0e4fd-0a24-428d-8d0d-3140aa2a1586 5831 USD → V1");
});

test("case 48: polar: what the balance paid is not paid again", async () => {
  const connection = await connected("polar");
  await connection.sample("06");
  await eventually(async () => assert.deepEqual(await connection.site.payments(), ["N 62756018-0e12-48e7-81d1-f000c77a95e2 1000 JPY"]) ?? true);
});

test("case 49: polar: a lost dispute that two looks find is one refund", async () => {
  const order = polar.order("01", { created_at: recently(3), modified_at: recently(2) });
  const connection = await connected("polar", (account) => account.load({ objects: { orders: [order], disputes: [polar.dispute({ order })] } }));
  await pollUntil(connection, () => imports(connection));
  await connection.site.rows("PATCH", connection.path);
  await pollUntil(connection, () => imports(connection));
  await connection.site.has(`N ${order.id} 5831 USD → V1`, "F 00000000-0000-4000-8000-0000000000d1 5831 USD → V1");
});

// The moment of some hours ago, as text.
function recently(hours) {
  return new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z/, "Z");
}

// ── Paddle ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const second = (data) => Object.assign(data, { id: "txn_02628b49d96dcde97a430dd4f5" });

test("case 50: paddle: a customer of two payments is asked for once", async () => {
  const connection = await connected("paddle", (account) => account.load({ samples: ["01"] }));
  await connection.sample("01");
  await connection.events();
  await connection.happens("transaction.completed", paddle.transaction("01", second));
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1", "N txn_02628b49d96dcde97a430dd4f5 5831 USD → V1");
  assert.equal((await connection.requests("/customers/")).length, 1);
});

test("case 51: paddle: a customer's page that fails does not hold up the payment", async () => {
  const connection = await connected("paddle", (account) => account.load({ samples: ["01"] }));
  await connection.account.misbehave("broken", { path: "/customers/", times: 50 });
  await connection.sample("01");
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1");
});

test("case 52: paddle: a refund that waits, is approved, and one that is rejected", async () => {
  const connection = await connected("paddle");
  await connection.sample("01");
  await connection.sample("04");
  await connection.settles();
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1");
  await connection.sample("05");
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1", "F adj_01ca978112ca1bbdcafac231b3 1190 USD → V1");
  await connection.happens("adjustment.updated", paddle.adjustment("05", { status: "rejected", updated_at: "2026-11-30T08:00:00.000000Z" }));
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1");
});

for (const [what, prefixes] of [["and says so", ["06", "07", "08"]], ["without saying so", ["06", "08"]]]) {
  test(`case 53: paddle: a chargeback is reversed ${what}, in any order`, () => {
    const things = [["transaction.completed", paddle.transaction("01")], ...prefixes.map((prefix) => [sample("paddle", prefix).json.event_type, paddle.adjustment(prefix)])];
    return inAnyOrder("paddle", things, ["N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1"], (account) => account.load({ samples: ["01", ...prefixes] }));
  });
}

test("case 54: paddle: a warning and the chargeback that follows do not go below nothing", async () => {
  const connection = await connected("paddle", (account) => account.load({ samples: ["01"] }));
  await connection.sample("01");
  const adjustment = (id, action, created_at) => paddle.adjustment("06", { id, action, created_at, updated_at: created_at });
  await connection.happens("adjustment.created", adjustment("adj_1", "chargeback_warning", "2026-11-29T08:00:00.000000Z"));
  await connection.happens("adjustment.created", adjustment("adj_2", "chargeback", "2026-11-30T08:00:00.000000Z"));
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1", "F adj_1 5831 USD → V1", "F adj_2 0 USD → V1");
});

test("case 55: paddle: a credit moves no money", async () => {
  const connection = await connected("paddle");
  await connection.sample("01");
  await connection.happens("adjustment.created", paddle.adjustment("05", { id: "adj_3", action: "credit" }));
  await connection.settles();
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 5831 USD → V1");
});

test("case 56: paddle: three items with a discount and tax are one payment of the grand total", async () => {
  const connection = await connected("paddle");
  const transaction = paddle.transaction("01", (data) => {
    data.items = [1, 2, 3].map((quantity) => ({ ...data.items[0], quantity }));
    Object.assign(data.details.totals, { subtotal: "10000", discount: "1000", tax: "1710", total: "10710", grand_total: "10710", grand_total_tax: "1710" });
    Object.assign(data.details.payout_totals, { grand_total: "10710", grand_total_tax: "1710" });
  });
  await connection.happens("transaction.completed", transaction);
  await connection.site.has("N txn_01628b49d96dcde97a430dd4f5 10710 USD → V1");
});

test("case 57: paddle: two signatures, of which either is right", async () => {
  const connection = await connected("paddle");
  for (const rolled of [[connection.secret, "another"], ["another", connection.secret]]) assert.deepEqual(await connection.happens("transaction.completed", paddle.transaction("01"), { signed: "rolled", rolled }), [200]);
  assert.deepEqual(await connection.happens("transaction.completed", paddle.transaction("01"), { signed: "wrong" }), [401]);
});

test("case 58: paddle: a limit during an import is waited out", async () => {
  const connection = await connected("paddle", async (account) => {
    await account.load({ seed: 58, size: 70 });
    await account.misbehave("limit", { retryAfter: 2, path: "after=" });
  });
  await pollUntil(connection, () => imports(connection));
  const rows = await connection.site.payments();
  assert.equal(rows.length, 70 + 8);
  assert.equal(new Set(rows).size, rows.length);
});

// ── Shopify ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const ORDER = "shopify:order:5600000000001";

test("case 59: shopify: a paid order whose tags change is one payment", async () => {
  const connection = await connected("shopify");
  await connection.sample("01");
  for (let at = 1; at <= 5; at += 1) assert.deepEqual(await connection.happens("orders/updated", shopify.order("01", { tags: `tag${at}`, updated_at: `2026-11-28T05:1${at}:00-05:00` })), [200]);
  await connection.settles();
  await connection.site.has(`N ${ORDER} 5831 USD → V1`);
});

test("case 60: shopify: yen paid, dollars settled", async () => {
  const connection = await connected("shopify");
  await connection.sample("02");
  await connection.site.has("N shopify:order:5600000000002 9100 JPY = 5831");
});

test("case 61: shopify: refunds, goods that come back without money, and a refund before its order", async () => {
  const connection = await connected("shopify");
  for (const prefix of ["01", "03", "04"]) await connection.sample(prefix);
  await connection.settles();
  await connection.site.has(`N ${ORDER} 5831 USD → V1`, "F shopify:refund:890000000001 1190 USD → V1");
  const early = await connected("shopify");
  await early.happens("refunds/create", shopify.refund());
  await early.site.has("F shopify:refund:890000000001 1190 USD");
  await early.happens("orders/paid", shopify.order());
  await early.site.has(`N ${ORDER} 5831 USD → V1`, "F shopify:refund:890000000001 1190 USD → V1");
});

test("case 62: shopify: an order that grows after it was paid", async () => {
  const connection = await connected("shopify");
  await connection.sample("01");
  await connection.site.has(`N ${ORDER} 5831 USD → V1`);
  const grown = { total_price: "68.31", total_price_set: shopify.set("68.31"), current_total_price: "68.31", current_total_price_set: shopify.set("68.31"), updated_at: "2026-11-28T06:00:00-05:00" };
  await connection.happens("orders/updated", shopify.order("01", grown));
  await connection.site.has(`N ${ORDER} 6831 USD → V1`);
});

// An order of 58.31, of which a gift card paid 50.00; which part that is has to be asked for.
function paidByCard(fields = {}) {
  const bag = (amount) => ({ shop_money: { amount, currency_code: "USD" }, presentment_money: { amount, currency_code: "USD" } });
  const graphql = (amount) => ({ shopMoney: { amount, currencyCode: "USD" }, presentmentMoney: { amount, currencyCode: "USD" } });
  const part = (gateway, amount, at) => ({ id: `gid://shopify/OrderTransaction/${at}`, kind: "SALE", status: "SUCCESS", gateway, test: false, amountSet: graphql(amount), createdAt: recently(1), processedAt: recently(1) });
  return shopify.order("01", { payment_gateway_names: ["gift_card", "shopify_payments"], total_price_set: bag("58.31"), stand_in_transactions: [part("gift_card", "50.00", 1), part("shopify_payments", "8.31", 2)], ...fields });
}

test("case 63: shopify: what a gift card paid was a sale before", async () => {
  const order = paidByCard();
  const connection = await connected("shopify", (account) => account.load({ objects: { orders: [order] } }));
  await connection.happens("orders/paid", order);
  await connection.site.has(`N ${ORDER} 831 USD → V1`);
});

test("case 64: shopify: a subscription app's order, a counter's, a test", async () => {
  const connection = await connected("shopify", undefined, production);
  for (const prefix of ["05", "06", "07"]) await connection.sample(prefix);
  assert.deepEqual((await connection.reasons()).filter((reason) => reason.startsWith("ignored")).sort(), ["ignored: sold in a shop", "ignored: test mode"]);
  await connection.site.has("R shopify:order:5600000000005 5831 USD");
});

// Waits until the past is read, then lets it be read again.
async function readAgain(connection, meanwhile = () => {}) {
  await pollUntil(connection, () => imports(connection));
  await sleep(500); // the sweep that follows
  const asked = async () => (await connection.requests("/admin/oauth/access_token")).length;
  const before = await asked();
  await meanwhile();
  await connection.site.rows("PATCH", connection.path);
  await pollUntil(connection, () => imports(connection));
  assert.equal((await connection.status()).failing, null);
  return (await asked()) - before;
}

test("case 65: shopify: a token that ends in the middle of an import is renewed once", async () => {
  const connection = await connected("shopify", (account) => account.load({ seed: 65, size: 120 }));
  // The page that was refused is read again, and no other.
  const since = Date.now();
  assert.equal(await readAgain(connection, () => connection.account.revoke({ after: 2 })), 1);
  const { requests } = await connection.account.requests({ path: "graphql", since });
  assert.equal(requests.filter(({ status }) => status === 401).length, 1);
  assert.equal((await connection.site.payments()).length, 120 + 15);
});

test("case 65: shopify: a token that is refused to many at once is renewed by one of them", async () => {
  const connection = await connected("shopify");
  await pollUntil(connection, () => imports(connection));
  const orders = Array.from({ length: 12 }, (_, at) => paidByCard({ id: 5_700_000_000_000 + at, admin_graphql_api_id: `gid://shopify/Order/${5_700_000_000_000 + at}` }));
  await connection.account.load({ objects: { orders } });
  const asked = async () => (await connection.requests("/admin/oauth/access_token")).length;
  const before = await asked();
  await connection.account.revoke();
  const answers = await Promise.all(orders.map((order) => connection.happens("orders/paid", order)));
  assert.deepEqual([...new Set(answers.flat())], [200]);
  await pollUntil(connection, async () => assert.ok((await connection.events()).every(({ state }) => state === "done")));
  assert.equal((await asked()) - before, 1);
  assert.equal((await connection.site.payments()).length, 12);
  assert.equal((await connection.status()).failing, null);
});

test("case 65: shopify: a shop that gives no token any more is failing, and well again with it", async () => {
  const connection = await connected("shopify", (account) => account.load({ seed: 66, size: 3 }));
  await pollUntil(connection, () => imports(connection));
  await connection.account.is({ settings: { isNotPermitted: true } });
  await connection.account.revoke();
  await connection.site.rows("PATCH", connection.path);
  await pollUntil(connection, () => eventually(async () => (await connection.status()).failing?.reason === "key_refused"));
  await connection.account.is({ settings: { isNotPermitted: false } });
  assert.equal((await connection.connect()).status, 200);
  await pollUntil(connection, () => eventually(async () => (await connection.status()).state === "connected"));
});

test("case 66: shopify: a post of another shop, rightly signed", async () => {
  const connection = await connected("shopify");
  assert.deepEqual(await connection.happens("orders/paid", shopify.order(), { shop: "other.myshopify.com" }), [401]);
  assert.deepEqual(await connection.happens("orders/paid", shopify.order()), [200]);
});

// ── WooCommerce ──────────────────────────────────────────────────────────────────────────────────────────────────────

const inDollars = { currency: "USD" };

test("case 67: woocommerce: an order that waits, is paid, and is updated three times", async () => {
  const connection = await connected("woocommerce");
  const paid = woocommerce.order("01", inDollars);
  await connection.happens("order.created", { ...paid, ...Object.fromEntries(["status", "date_paid", "date_paid_gmt", "date_modified_gmt"].map((name) => [name, sample("woocommerce", "02").json[name]])) });
  await connection.settles();
  await connection.site.has();
  for (let at = 0; at < 3; at += 1) await connection.happens("order.updated", { ...paid, date_modified_gmt: `2026-11-28T10:00:0${at}` });
  await connection.settles();
  await connection.site.has("N woocommerce:order:727 5831 USD → V1");
});

test("case 68: woocommerce: a refund in part, and its end", async () => {
  const connection = await connected("woocommerce", (account) => account.load({ samples: ["03"] }));
  await connection.happens("order.updated", woocommerce.order("03", inDollars));
  await connection.site.has("N woocommerce:order:727 5831 USD → V1", "F woocommerce:refund:731 1000 USD → V1");
  await connection.account.drop("refunds", 731);
  await connection.happens("order.updated", woocommerce.order("04", inDollars));
  await connection.site.has("N woocommerce:order:727 5831 USD → V1");
});

test("case 69: woocommerce: an order that is cancelled after it was paid goes", async () => {
  const connection = await connected("woocommerce");
  const order = woocommerce.order("01", inDollars);
  await connection.happens("order.created", order);
  await connection.site.has("N woocommerce:order:727 5831 USD → V1");
  await connection.happens("order.updated", { ...order, status: "cancelled", date_modified_gmt: "2026-11-29T10:00:00" });
  await connection.site.has();
});

test("case 70: woocommerce: an order charged by the connected Stripe account is one payment, in any order", async () => {
  const at = Math.floor(Date.parse("2026-11-28T09:59:40Z") / 1000);
  const order = woocommerce.order("01", { ...inDollars, transaction_id: "ch_1", meta_data: [] });
  const refunded = { ...order, refunds: [{ id: 731, reason: "", total: "-10.00" }], date_modified_gmt: "2026-11-29T08:00:05" };
  const sale = stripe.sale({ at, metadata: visits(), email: "hal.example@example.com" });
  const refund = stripe.refund({ amount: 1000, at: at + 79_000 });
  const things = [["stripe", "charge.succeeded", sale.charge], ["stripe", "refund.created", refund], ["woocommerce", "order.updated", order], ["woocommerce", "order.updated", refunded]];
  const orders = permutations(things).filter((_, at) => at % 3 === 0);
  await together(orders.map((order) => async () => {
    const site = await Site.make();
    const connections = { stripe: await Connection.make(site, "stripe", sale.load), woocommerce: await Connection.make(site, "woocommerce") };
    await stripe.load(connections.stripe.account, [refund]);
    await connections.woocommerce.account.load({ objects: { orders: [refunded], refunds: [woocommerce.refund()] } });
    for (const [provider, type, object] of order) await connections[provider].happens(type, object);
    await Promise.all(Object.values(connections).map((connection) => connection.events()));
    const rows = await eventually(async () => {
      const rows = await site.payments();
      assert.deepEqual(rows.filter((row) => !/ 0 USD$/.test(row)), ["F woocommerce:refund:731 1000 USD", "N woocommerce:order:727 5831 USD"]);
      assert.deepEqual(await site.revenue(), { V1: 4831, V2: 0, all: 4831 });
      return rows;
    }, 15_000, 100);
    assert.ok(rows.length <= 3, rows.join("; "));
  }), 2);
  return `${orders.length} orders`;
});

test("case 71: woocommerce: an order whose webhook never came is found by a look", async () => {
  const connection = await connected("woocommerce");
  const paid = recently(1).replace("Z", "");
  const order = woocommerce.order("01", { ...inDollars, date_created_gmt: paid, date_modified_gmt: paid, date_paid_gmt: paid });
  await connection.account.load({ objects: { orders: [order] } });
  await connection.site.rows("PATCH", connection.path);
  await pollUntil(connection, () => connection.site.has("N woocommerce:order:727 5831 USD → V1"));
});

test("case 72: woocommerce: pings", async () => {
  const connection = await connected("woocommerce");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const ping = async (url, headers = form, body = "webhook_id=11") => (await call(url, "POST", "", undefined, body, headers)).status;
  assert.equal(await ping(connection.url), 200);
  assert.equal(await ping(`${connection.url.slice(0, -1)}${connection.url.endsWith("x") ? "y" : "x"}`), 404);
  assert.equal(await ping(connection.url, { ...form, "x-wc-webhook-signature": "x" }), 401);
  assert.equal(await ping(connection.url, form, "webhook_id=11&x=1"), 401);
});

test("case 73: woocommerce: shops where no shop can be", async () => {
  const key = { consumerKey: `ck_case73${Date.now()}`, consumerSecret: "cs_case73" };
  const public_ = "expected a public https URL";
  const asked = async () => (await told.account("woocommerce", key.consumerKey).requests()).requests.length;
  for (const [gateway, storeUrl, why] of [
    [development, "https://10.0.0.5", "10.0.0.5"], [production, "https://10.0.0.5", "10.0.0.5"], [development, "http://10.0.0.5", "http is for a host written exactly"],
    [development, "https://169.254.169.254", "169.254.169.254"], [production, "https://169.254.169.254/latest", "169.254.169.254"],
    [production, "http://shop.example.com", 'the scheme "http" is not https'], [production, standIn.urls.woocommerce, 'the scheme "http" is not https'],
    [development, "https://user@shop.example.com", "a user name or password"], [development, "https://shop.internal.local:0", "port 0"],
  ]) {
    const site = await Site.make(gateway);
    const answer = await site.ask("POST", "/integrations/woocommerce", { storeUrl, ...key });
    assert.equal(answer.status, 400, `${storeUrl}: ${answer.text}`);
    const { message } = answer.json.error;
    assert.ok(message.startsWith("storeUrl: ") && message.includes(why) && message.includes(public_), message);
    assert.equal((await site.row("GET", "/integrations")).woocommerce.connected, false);
  }
  assert.equal(await asked(), 0, "nobody was asked");
  for (const [to, message] of [["http://169.254.169.254/wp-json/wc/v3/orders", "storeUrl: the shop answers somewhere else"], ["https://www.shop.example.com/wp-json/wc/v3/orders?per_page=1", "storeUrl: the shop answers at https://www.shop.example.com; use that"]]) {
    const refused = await refusedConnect("woocommerce", (account) => account.misbehave("redirect", { to, times: 20 }));
    assert.deepEqual([refused.status, refused.message], [400, message]);
    const { requests } = await refused.account.requests();
    // The first request, and the three that tell what a key is worth; none to where the redirect led.
    assert.ok(requests.length <= 4 && requests.every(({ path }) => path.startsWith("/wp-json/wc/v3/")), JSON.stringify(requests.map(({ path }) => path)));
    await told.do("behave", { provider: "nobody" });
  }
});

// ── All ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

// An event of each provider that makes one row, with that row.
const ONE = {
  stripe: { type: "charge.succeeded", ...stripe.sale({ session: { metadata: visits() } }), row: "N pi_1 5831 USD", id: "pi_1" },
  lemonsqueezy: { type: "order_created", object: lemonsqueezy.order(), row: "N lemonsqueezy:order:2201 5831 USD", id: "lemonsqueezy:order:2201" },
  polar: { type: "order.paid", object: polar.order("01"), row: "N ffb0e4fd-0a24-428d-8d0d-3140aa2a1586 5831 USD", id: "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586" },
  paddle: { type: "transaction.completed", object: paddle.transaction("01"), row: "N txn_01628b49d96dcde97a430dd4f5 5831 USD", id: "txn_01628b49d96dcde97a430dd4f5" },
  shopify: { type: "orders/paid", object: shopify.order(), row: `N ${ORDER} 5831 USD`, id: ORDER },
  woocommerce: { type: "order.created", object: woocommerce.order("01", inDollars), row: "N woocommerce:order:727 5831 USD", id: "woocommerce:order:727" },
};
ONE.stripe.object = ONE.stripe.charge;

async function withOne(provider, gateway) {
  const { type, object, load, row } = ONE[provider];
  const connection = await connected(provider, load, gateway);
  const happens = (order) => connection.happens(type, object, order);
  const isThere = () => eventually(async () => assert.deepEqual(await connection.site.payments(), [row]) ?? true, 15_000, 100);
  const isGone = async () => {
    await connection.settles();
    assert.deepEqual(await connection.site.payments(), []);
  };
  return { connection, happens, isThere, isGone };
}

// Posts bytes with whatever Content-Length is said, and answers the status.
function postRaw(url, headers, chunks) {
  return new Promise((resolve) => {
    const request = httpRequest(url, { method: "POST", headers }, (response) => (response.resume(), resolve(response.statusCode)));
    request.on("error", (error) => resolve(error.code));
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}

for (const provider of PROVIDERS) {
  test(`case 74: ${provider}: bodies that are too long`, async () => {
    const connection = await connected(provider);
    const most = 2 * 1024 * 1024;
    assert.equal(await postRaw(connection.url, { "content-length": most + 1 }, [Buffer.alloc(10, "x")]), 413, "said so");
    assert.equal(await postRaw(connection.url, { "transfer-encoding": "chunked" }, Array(33).fill(Buffer.alloc(64 * 1024, "x"))), 413);
    assert.equal(await postRaw(connection.url, { "content-length": most }, [Buffer.alloc(most, "x")]), 401);
  });

  test(`case 75: ${provider}: tokens that are not right`, async () => {
    const { connection, happens } = await withOne(provider);
    const other = await connected(provider);
    const sibling = await Connection.make(connection.site, provider === "stripe" ? "polar" : "stripe");
    const token = (url) => url.split("/").at(-1);
    const withToken = (text) => connection.url.replace(/[^/]+$/, text);
    const bodies = new Set();
    for (const wrong of [withToken("x".repeat(32)), withToken(token(other.url)), withToken(token(sibling.url)), withToken(token(connection.url).slice(0, 31)), withToken(`${token(connection.url)}x`), connection.url.replace(connection.site.id, "0".repeat(24)), connection.url.replace(`/${provider}/`, "/other/")]) {
      const answer = await call(wrong, "POST", "", undefined, "{}");
      assert.equal(answer.status, 404, wrong);
      bodies.add(answer.text);
    }
    assert.equal(bodies.size, 1, "one body for all");
    assert.equal((await call(connection.url, "GET", "")).status, 405);
    assert.deepEqual(await happens(), [200]);
  });

  test(`case 76: ${provider}: after a disconnect`, async () => {
    const { connection, happens, isThere } = await withOne(provider, registering());
    await happens();
    await isThere();
    const { history } = await connection.account.webhooks();
    assert.equal((await connection.site.ask("DELETE", connection.path)).status, 200);
    assert.deepEqual(await happens(), [410]);
    assert.equal((await connection.site.row("GET", "/integrations"))[provider].connected, false);
    await pollUntil(connection, () => eventually(async () => (await connection.account.webhooks()).webhooks.length === 0));
    assert.ok(history.some(({ what }) => what === "made"));
    await isThere(); // payments stay
  });

  test(`case 77: ${provider}: the provider is down at a disconnect`, async () => {
    const { connection } = await withOne(provider, registering());
    assert.equal(connection.mode, "webhook");
    // A shop's token is asked for alone, so each attempt meets one of them.
    await connection.account.misbehave("broken", { times: provider === "shopify" ? 2 : 3 });
    const started = Date.now();
    assert.equal((await connection.site.ask("DELETE", connection.path)).status, 200);
    assert.ok(Date.now() - started < 3_000, "it does not wait for the provider");
    await pollUntil(connection, () => eventually(async () => (await connection.account.webhooks()).webhooks.length === 0, 60_000));
  });

  test(`case 78: ${provider}: what the owner deleted stays away until it is to come back`, async () => {
    const { connection, happens, isThere, isGone } = await withOne(provider);
    if (ONE[provider].object) await connection.account.load({ objects: { [{ polar: "orders", lemonsqueezy: "orders", paddle: "transactions", shopify: "orders", woocommerce: "orders", stripe: "any" }[provider]]: [ONE[provider].object] } });
    await happens();
    await isThere();
    const gone = await call(connection.site.gateway.url, "DELETE", `/api/v1/payments?websiteId=${connection.site.id}&transaction_id=${encodeURIComponent(ONE[provider].id)}`, connection.site.gateway.token);
    assert.equal(gone.status, 200, gone.text);
    await isGone();
    await happens();
    await isGone();
    const [event] = await connection.events();
    await connection.site.ask("POST", `${connection.path}/events/${event.id}/replay`);
    await isGone();
    await connection.site.rows("PATCH", connection.path, { restoreDeleted: true });
    await pollUntil(connection, isThere);
  });

  test(`case 80: ${provider}: POST /payments with the provider's id, before and after`, async () => {
    const { connection, happens, isThere } = await withOne(provider);
    await connection.site.pay(ONE[provider].id, { amount: 58.31, datafast_visitor_id: V1 });
    await happens();
    await connection.events();
    await isThere();
    const after = await withOne(provider);
    await after.happens();
    await after.isThere();
    await after.connection.site.pay(ONE[provider].id, { amount: 58.31, datafast_visitor_id: V1 });
    await after.isThere();
  });

  test(`case 81: ${provider}: an event of a strange type, and JSON that is no envelope`, async () => {
    const { connection } = await withOne(provider);
    const strange = { stripe: "radar.early_fraud_warning.created", lemonsqueezy: "license_key_created", polar: "benefit.created", paddle: "product.created", shopify: "products/create", woocommerce: "product.created" }[provider];
    assert.deepEqual(await connection.happens(strange, { id: provider === "stripe" ? "issfr_1" : 1, object: "radar.early_fraud_warning", type: "x", attributes: {} }), [200]);
    const [ignored] = await connection.events();
    assert.equal(ignored.state, "ignored");
    for (const body of ["[]", "{", '"text"', "7"]) {
      const { attempts } = await connection.account.post(body, { type: ONE[provider].type, url: connection.url, secret: connection.secret });
      assert.deepEqual(attempts.map(({ status }) => status), [400], body);
    }
    assert.equal((await connection.events("&state=failed")).length, 4);
  });

  test(`case 83: ${provider}: a key that is revoked in the middle`, async () => {
    const { connection, happens, isThere } = await withOne(provider);
    await connection.account.is({ isUnknown: true });
    await connection.site.ask("PATCH", connection.path);
    await pollUntil(connection, () => eventually(async () => {
      const { state, failing } = await connection.status();
      return state === "failing" && failing.reason === "key_refused" && Date.now() - Date.parse(failing.since) < 120_000;
    }));
    await connection.account.is({ isUnknown: false });
    assert.equal((await connection.connect()).status, 200);
    await pollUntil(connection, () => eventually(async () => (await connection.status()).state !== "failing"));
    await happens();
    await isThere();
  });
}

test("deleted: payments deleted by their visitor or their time do not come back, and what was sent of them is forgotten", async () => {
  for (const which of [() => `datafast_visitor_id=${V1}`, () => `startAt=${encodeURIComponent(new Date(Date.now() - 7_200_000).toISOString())}&endAt=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`]) {
    const connection = await connected("lemonsqueezy");
    const { site } = connection;
    const order = lemonsqueezy.order({ at: now() - 600 });
    await connection.account.load({ objects: { orders: [order] } });
    const happens = () => connection.happens("order_created", order, { custom: visits() });
    await happens();
    await site.has("N lemonsqueezy:order:2201 5831 USD → V1");
    const [event] = await connection.events();
    const body = async () => (await site.row("GET", `${connection.path}/events/${event.id}`)).body;
    assert.ok(await body());
    const gone = await call(site.gateway.url, "DELETE", `/api/v1/payments?websiteId=${site.id}&${which()}`, site.gateway.token);
    assert.deepEqual([gone.status, gone.data?.[0]?.deleted], [200, 1], gone.text);
    assert.equal(await body(), null);
    await happens();
    await connection.happens("order_created", { ...order, attributes: { ...order.attributes, updated_at: new Date(Date.now() + 1_000).toISOString() } }, { custom: visits() });
    await site.rows("PATCH", connection.path);
    await pollUntil(connection, () => imports(connection));
    await connection.settles();
    await site.has();
  }
});

test("case 79: a failed event is replayed, and one whose body is gone", async () => {
  const { connection, isThere } = await withOne("polar");
  const body = JSON.stringify({ type: "order.paid", timestamp: recently(0), data: { ...polar.order("01"), due_amount: "much" } });
  const { attempts } = await connection.account.post(body, { type: "order.paid", url: connection.url, secret: connection.secret, id: randomUUID() });
  assert.deepEqual(attempts.map(({ status }) => status), [200]);
  const [failed] = await connection.events();
  assert.equal(failed.state, "failed");
  assert.equal((await connection.site.ask("POST", `${connection.path}/events/${failed.id}/replay`)).status, 200);
  await connection.happens("order.paid", polar.order("01"));
  await isThere();
  const done = (await connection.events()).find(({ state }) => state === "done");
  assert.equal((await connection.site.ask("POST", `${connection.path}/events/${done.id}/replay`)).status, 200);
  await connection.settles();
  await isThere();
  assert.equal((await connection.site.ask("POST", `${connection.path}/events/${"0".repeat(24)}/replay`)).status, 404);
});

// A source of exchange rates that has none until it is told to have them.
async function ratesSource() {
  const source = { rates: undefined, asked: 0 };
  const server = createServer((_, response) => {
    source.asked += 1;
    response.writeHead(source.rates ? 200 : 503, { "content-type": "application/json" }).end(JSON.stringify(source.rates ?? {}));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  source.url = `http://127.0.0.1:${server.address().port}/{date}`;
  return source;
}

test("case 82: a payment waits for the rates of its day, and has the right value then", async () => {
  const source = await ratesSource();
  const waiting = await gateway("rates", { ENVIRONMENT: "development", EXCHANGE_RATES_URL: source.url });
  const connection = await connected("stripe", undefined, waiting);
  const sale = stripe.sale({ amount: 1900, currency: "eur", session: { metadata: visits() } });
  await sale.load(connection.account);
  const dollars = stripe.sale({ id: "2", amount: 700 });
  await dollars.load(connection.account);
  assert.deepEqual(await connection.happens("charge.succeeded", sale.charge), [200]);
  assert.deepEqual(await connection.happens("charge.succeeded", dollars.charge), [200]);
  await connection.site.has("N pi_2 700 USD");
  const waits = async () => (await connection.site.rows("GET", `${connection.path}/events?state=received`)).map(({ subject, nextAttemptAt }) => [subject, Date.parse(nextAttemptAt) > Date.now() + 300_000]);
  await eventually(async () => assert.deepEqual(await waits(), [["pi_1", true]]) ?? true);
  assert.equal(source.asked, 1, "the source is not asked again at once");
  await connection.site.has("N pi_2 700 USD"); // nothing is stored with a wrong value
  source.rates = { date: new Date().toISOString().slice(0, 10), usd: { eur: 0.5 } };
  await waiting.cron();
  assert.equal((await connection.connect()).status, 200); // wakes what waits
  await pollUntil(connection, () => connection.site.has("N pi_1 1900 EUR → V1 = 3800", "N pi_2 700 USD"));
});

test("case 84: a new first key: addresses and credentials of before still work", async () => {
  const [old, fresh] = ["old", "new"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
  const rolled = await gateway("rolled", { ENVIRONMENT: "development", ENCRYPTION_KEYS: old });
  const connection = await connected("stripe", undefined, rolled);
  const shop = await Connection.make(connection.site, "shopify");
  const sales = ["1", "2", "3"].map((id) => stripe.sale({ id, session: { metadata: visits() } }));
  const there = (id) => `N pi_${id} 5831 USD → V1`;
  const loaded = (at) => sales[at].load(connection.account); // just before: a look would find it otherwise
  await loaded(0);
  await connection.happens("charge.succeeded", sales[0].charge);
  await connection.site.has(there(1));
  for (const one of [connection, shop]) await pollUntil(one, () => imports(one));
  const restart = async (keys) => {
    await rolled.stop();
    await rolled.start({ ENCRYPTION_KEYS: keys });
    for (const { account } of [connection, shop]) await account.is({ settings: { deliverTo: rolled.url } });
    const { webhookUrl } = await connection.status();
    const here = (url) => url.replace(/^https?:\/\/[^/]+/, rolled.url);
    return { before: here(connection.url), now: here(webhookUrl) };
  };
  const { before, now: renewed } = await restart(`${fresh},${old}`);
  assert.notEqual(before, renewed, "new addresses are made with the new key");
  await loaded(1);
  // The charge is read with the old credentials, and the signature verified with the old secret.
  assert.deepEqual(await connection.happens("charge.succeeded", sales[1].charge, { url: before }), [200]);
  await connection.site.has(there(1), there(2));
  assert.deepEqual(await shop.happens("orders/paid", shopify.order(), { url: shop.url.replace(/^https?:\/\/[^/]+/, rolled.url) }), [200]);
  await connection.site.has(there(1), there(2), `N ${ORDER} 5831 USD → V1`);
  // Connecting again seals everything with the new key; then the old one can go.
  for (const one of [connection, shop]) assert.equal((await one.connect()).status, 200);
  await connection.site.rows("PUT", `${connection.path}/webhook`, { secret: connection.secret });
  await pollUntil(connection, () => eventually(async () => (await connection.status()).state === "connected" && (await shop.status()).state === "connected", 20_000));
  const gone = await restart(fresh);
  assert.equal((await call(gone.before, "POST", "", undefined, "{}")).status, 404, "the old address went with its key");
  await loaded(2);
  assert.deepEqual(await connection.happens("charge.succeeded", sales[2].charge, { url: renewed.replace(/^https?:\/\/[^/]+/, rolled.url) }), [200]);
  await connection.site.has(there(1), there(2), there(3), `N ${ORDER} 5831 USD → V1`);
});

// ── What it costs the providers (6), and accounts that are connected more than once (2.5, 3.3) ───────────────────────

// The requests that what is done leads to, once the past is read.
async function requestsOf(connection, deed) {
  await pollUntil(connection, () => imports(connection));
  // And what changed meanwhile.
  const asked = async (since) => (await connection.account.requests({ since })).requests.length;
  await pollUntil(connection, () => eventually(async () => (await sleep(QUIET_MS), await asked(Date.now() - QUIET_MS)) === 0));
  const since = Date.now();
  await deed();
  await connection.events();
  await sleep(QUIET_MS);
  return (await connection.account.requests({ since })).requests.map(({ method, path }) => `${method} ${path}`);
}
const QUIET_MS = 1_000;

for (const [provider, prepare, deeds] of [
  ["stripe", async (account) => {
    const renewal = stripe.sale({ id: "2", amount: 1900, customer: "cus_1", invoice: { reason: "subscription_cycle", subscription: "sub_1" } });
    await stripe.sale({ id: "1", session: { metadata: visits() }, customer: "cus_1" }).load(account);
    await renewal.load(account);
    await stripe.load(account, [stripe.refund({ id: "re_1" })]);
  }, () => [
    ["a purchase", 3, (connection) => connection.happens("charge.succeeded", stripe.sale({ id: "1", customer: "cus_1" }).charge)],
    ["a renewal", 2, (connection) => connection.happens("charge.succeeded", stripe.sale({ id: "2", amount: 1900, customer: "cus_1" }).charge)],
    ["a refund", 1, (connection) => connection.happens("refund.created", stripe.refund({ id: "re_1" }))],
  ]],
  ["lemonsqueezy", undefined, () => [
    ["a purchase", 0, (connection) => connection.happens("order_created", lemonsqueezy.order())],
    ["a renewal", 0, (connection) => connection.happens("subscription_payment_success", lemonsqueezy.invoice())],
    ["a refund", 0, (connection) => connection.happens("order_refunded", lemonsqueezy.order({ status: "refunded", refunded: true, refunded_amount: 5831, refunded_at: recently(0), updated: now() + 9 }))],
  ]],
  ["polar", undefined, () => [
    ["a purchase", 0, (connection) => connection.happens("order.paid", polar.order("01"))],
    ["a renewal", 0, (connection) => connection.happens("order.paid", polar.order("02"))],
    ["a refund", 0, (connection) => connection.happens("refund.created", polar.refund("04"))],
  ]],
  ["paddle", (account) => account.load({ samples: ["01"] }), () => [
    ["a purchase", 1, (connection) => connection.happens("transaction.completed", paddle.transaction("01"))],
    ["a renewal of the same customer", 0, (connection) => connection.happens("transaction.completed", paddle.transaction("01", (data) => Object.assign(data, { id: "txn_03628b49d96dcde97a430dd4f5", origin: "subscription_recurring" })))],
    ["a refund", 1, (connection) => connection.happens("adjustment.updated", paddle.adjustment("05"))],
  ]],
  ["shopify", (account) => account.load({ objects: { orders: [shopify.order()] } }), () => [
    ["a purchase", 0, (connection) => connection.happens("orders/paid", shopify.order())],
    ["a renewal", 0, (connection) => connection.happens("orders/paid", shopify.order("05"))],
    ["a refund", 0, (connection) => connection.happens("refunds/create", shopify.refund())],
  ]],
  ["woocommerce", (account) => account.load({ objects: { orders: [woocommerce.order("03", inDollars)], refunds: [woocommerce.refund()] } }), () => [
    ["a purchase", 0, (connection) => connection.happens("order.created", woocommerce.order("01", inDollars))],
    ["a refund", 1, (connection) => connection.happens("order.updated", woocommerce.order("03", inDollars))],
  ]],
]) {
  test(`requests: ${provider}: a payment costs the provider as many requests as docs/contract/providers.md#6 allows, and no more`, async () => {
    const connection = await connected(provider, prepare);
    for (const [what, most, deed] of deeds()) {
      const requests = await requestsOf(connection, async () => assert.deepEqual(await deed(connection), [200]));
      assert.ok(requests.length <= most, `${what}: ${requests.join(", ")}`);
    }
  });
}

test("accounts: stripe: connected twice to one website, it has one webhook and every payment once", async () => {
  const connection = await connected("stripe", undefined, registering());
  const first = await connection.account.webhooks();
  assert.equal((await connection.connect()).status, 200);
  await pollUntil(connection, () => imports(connection));
  const again = await connection.account.webhooks();
  assert.deepEqual(again.webhooks.map(({ id }) => id), first.webhooks.map(({ id }) => id));
  assert.equal(again.history.filter(({ what }) => what === "made").length, 1);
  const { charge, load } = stripe.sale({ session: { metadata: visits() } });
  await load(connection.account);
  const { attempts } = await connection.account.happen("charge.succeeded", charge);
  assert.deepEqual(attempts.map(({ status }) => status), [200]);
  await connection.site.has("N pi_1 5831 USD → V1");
});

test("accounts: stripe: connected to two websites, each has every payment that names no other one", async () => {
  const one = await connected("stripe", undefined, registering());
  const two = await Site.make(await registering());
  assert.equal((await two.ask("POST", "/integrations/stripe", one.body)).status, 200);
  const other = new Connection(two, "stripe", one.account, one.body);
  await pollUntil(other, () => imports(other));
  assert.equal((await one.account.webhooks()).webhooks.length, 2, "a webhook for each");
  const sale = (id, website) => stripe.sale({ id, session: { metadata: { ...visits(), ...(website && { datafast_website_id: website }) } } });
  const sales = [sale("1"), sale("2", one.site.id), sale("3", two.id), sale("4", "6a1d7440e6fa467698cfa378")];
  for (const { charge, load } of sales) {
    await load(one.account);
    const { attempts } = await one.account.happen("charge.succeeded", charge);
    assert.deepEqual(attempts.map(({ status }) => status), [200, 200]);
  }
  const rows = (...ids) => ids.map((id) => `N pi_${id} 5831 USD → V1`);
  // A website that this gateway does not have may be one elsewhere: its payments count here.
  await one.site.has(...rows(1, 2, 4));
  await two.has(...rows(1, 3, 4));
  // One of them goes; the other one is told on.
  assert.equal((await two.ask("DELETE", "/integrations/stripe")).status, 200);
  await pollUntil(one, () => eventually(async () => (await one.account.webhooks()).webhooks.length === 1));
  const last = sale("5");
  await last.load(one.account);
  assert.deepEqual((await one.account.happen("charge.succeeded", last.charge)).attempts.map(({ status }) => status), [200]);
  await one.site.has(...rows(1, 2, 4, 5));
  await two.has(...rows(1, 3, 4));
});

for (const [provider, field, order, told, message] of [
  ["stripe", "isUnknown", { isUnknown: true }, 400, /^stripeRak: Stripe does not accept this key/],
  ["stripe", "isExpired", { isExpired: true }, 400, /^stripeRak: Stripe does not accept this key/],
  ["lemonsqueezy", "isUnknown", { isUnknown: true }, 400, /^lemonsqueezyApiKey: /],
  ["lemonsqueezy", "another store", { settings: { stores: ["999"] } }, 400, /^lemonsqueezyStoreId: the key has no such store/],
  ["polar", "isUnknown", { isUnknown: true }, 400, /^polarAccessToken: /],
  ["polar", "another organization", { settings: { organization: "00000000-0000-4000-8000-000000000000" } }, 400, /^polarOrgId: /],
  ["polar", "no orders", { denied: ["orders:read", "refunds:read"] }, 400, /^polarAccessToken: .*orders:read, refunds:read/],
  ["paddle", "isUnknown", { isUnknown: true }, 400, /^paddleApiKey: /],
  ["paddle", "no transactions", { denied: ["transaction.read", "customer.read"] }, 400, /^paddleApiKey: .*transaction\.read, customer\.read/],
  ["shopify", "isUnknown", { isUnknown: true }, 400, /^clientId, clientSecret or shopDomain: /],
  ["shopify", "not permitted", { settings: { isNotPermitted: true } }, 400, /^clientId, clientSecret or shopDomain: /],
  ["shopify", "isFrozen", { isFrozen: true }, 400, /^(shopDomain|clientId, clientSecret or shopDomain): /],
  ["shopify", "no orders", { denied: ["read_orders"] }, 400, /read_orders/],
  ["shopify", "another shop", { settings: { shop: "other.myshopify.com" } }, 400, /^shopDomain: /],
  ["woocommerce", "isUnknown", { isUnknown: true }, 400, /^consumerKey: /],
  ["woocommerce", "may not see", { denied: ["view"] }, 400, /^consumerKey: /],
]) {
  test(`connect: ${provider}: ${field} is refused by name`, async () => {
    const refused = await refusedConnect(provider, (account) => account.is(order));
    assert.equal(refused.status, told, refused.message);
    assert.match(refused.message, message);
  });
}

test("connect: lemon squeezy: a key of the test mode is refused in production", async () => {
  const { status, message } = await refusedConnect("lemonsqueezy", (account) => account.is({ isTest: true }), production);
  assert.deepEqual([status, message], [400, "lemonsqueezyApiKey: a key of the test mode"]);
});

for (const provider of PROVIDERS) {
  for (const [how, order] of [["limit", { retryAfter: 5 }], ["broken", {}], ["html", {}], ["cut", {}], ["huge", {}]]) {
    test(`connect: ${provider}: a provider that answers "${how}" is asked again later`, async () => {
      const { status, headers } = await refusedConnect(provider, (account) => account.misbehave(how, { times: 20, ...order }));
      assert.deepEqual([status, headers.get("retry-after")], [503, "30"]);
    });
  }
}

test("connect: woocommerce: a page in front of the shop is told of", async () => {
  const { status, message } = await refusedConnect("woocommerce", (account) => account.misbehave("page", { times: 20 }));
  assert.deepEqual([status, message], [400, "storeUrl: something in front of the shop answers"]);
});

test("connect: a provider that is silent is not waited for longer than ten seconds", async () => {
  const started = Date.now();
  const { status } = await refusedConnect("stripe", (account) => account.misbehave("silence", { times: 20 }));
  assert.equal(status, 503);
  assert.ok(Date.now() - started < 14_000);
});

for (const provider of PROVIDERS) {
  test(`registration: ${provider}: webhooks are made once, kept by connecting again, and what was lost is made anew`, async () => {
    const connection = await connected(provider, undefined, registering());
    assert.equal(connection.mode, "webhook");
    const before = await connection.account.webhooks();
    assert.ok(before.webhooks.length > 0);
    assert.equal((await connection.connect()).status, 200);
    await eventually(async () => (await connection.status()).state !== "verifying");
    await sleep(500);
    const after = await connection.account.webhooks();
    assert.deepEqual(after.webhooks.map(({ id }) => id).sort(), before.webhooks.map(({ id }) => id).sort());
  });
}

for (const [provider, off, isOn] of [
  ["stripe", { status: "disabled" }, ({ status }) => status === "enabled"],
  ["polar", { enabled: false }, ({ enabled }) => enabled],
  ["paddle", { active: false }, ({ active }) => active],
  ["woocommerce", { status: "disabled" }, ({ status }) => status === "active"],
]) {
  test(`registration: ${provider}: a webhook that was switched off is switched on, and what stands against it is said`, async () => {
    const connection = await connected(provider, undefined, registering());
    const { account } = connection;
    const before = await account.webhooks();
    for (const { id } of before.webhooks) await account.change(String(id), off);
    const path = { stripe: "/webhook_endpoints/", polar: "/webhooks/endpoints/", paddle: "/notification-settings/", woocommerce: "/webhooks/" }[provider];
    await account.misbehave("status", { status: 400, path });
    const lookedAt = async (is) => {
      assert.equal((await connection.connect()).status, 200);
      await pollUntil(connection, () => eventually(async () => is(await connection.status())));
    };
    await lookedAt(({ state }) => state === "failing");
    const { reason, message } = (await connection.status()).failing;
    assert.equal(reason, "webhook_disabled");
    assert.match(message, /: the webhook was switched off, .* \(status 400\); switch it on there, or delete it there$/);
    assert.ok(!(await account.webhooks()).webhooks.some(isOn), "none is, as long as one cannot be");
    await lookedAt(({ state, mode, failing }) => ["connected", "importing"].includes(state) && mode === "webhook" && failing === null);
    const after = await account.webhooks();
    assert.ok(after.webhooks.every(isOn), JSON.stringify(after.webhooks));
    assert.deepEqual(after.webhooks.map(({ id }) => id).sort(), before.webhooks.map(({ id }) => id).sort());
    assert.deepEqual(after.history, before.history, "none was made or deleted");
  });
}

test("import: shopify: orders of an app that may not see customers come without them", async () => {
  const connection = await connected("shopify", async (account) => {
    await account.load({ samples: ["01", "03"] });
    await account.is({ denied: ["read_customers"] });
  });
  await pollUntil(connection, () => imports(connection));
  await connection.site.has(`N ${ORDER} 5831 USD → V1`, "F shopify:refund:890000000001 1190 USD → V1");
});

// What an owner does on the page of consent: follows the link of this class, and is led back.
async function consents(page, link = "approve") {
  const shown = await (await fetch(page)).text();
  const href = shown.match(new RegExp(`class="${link}" href="([^"]+)"`))[1].replaceAll("&amp;", "&");
  return link === "deny" ? { status: 0, location: href } : fetch(href, { redirect: "manual" }).then((answer) => ({ status: answer.status, location: answer.headers.get("location") }));
}

// A website whose owner asks for the page of the shop; `post` posts what a shop would.
async function asking(order = {}) {
  const site = await Site.make(await registering());
  const body = { storeUrl: standIn.urls.woocommerce, returnUrl: "https://app.example/done?step=2", ...order };
  const { authorizeUrl } = (await site.rows("POST", "/integrations/woocommerce/authorize", body))[0];
  const query = new URL(authorizeUrl).searchParams;
  const nonce = query.get("user_id");
  const owner = told.account("woocommerce", nonce);
  await owner.is({ settings: { deliverTo: site.gateway.url, currency: "USD" } });
  const callback = query.get("callback_url").replace(/^https:\/\/[^/]+/, site.gateway.url);
  const keys = (fields = {}) => ({ key_id: 1, user_id: nonce, consumer_key: `ck_${nonce.slice(0, 20)}`, consumer_secret: `cs_${nonce.slice(0, 20)}`, key_permissions: "read_write", ...fields });
  const post = async (body, url = callback) => (await call(url, "POST", "", undefined, typeof body === "string" ? body : JSON.stringify(body))).status;
  const isConnected = async () => (await site.row("GET", "/integrations")).woocommerce.connected;
  return { site, authorizeUrl, query, nonce, owner, callback, keys, post, isConnected };
}

test("consent: woocommerce: the owner agrees on the shop's page, and the shop is connected", async () => {
  const { site, authorizeUrl, query, nonce, isConnected } = await asking();
  assert.equal(new URL(authorizeUrl).origin, standIn.urls.woocommerce);
  assert.deepEqual([query.get("app_name"), query.get("scope")], ["Sluice", "read_write"]);
  assert.match(query.get("callback_url"), new RegExp(`^https://gateway\\.example/api/v1/hooks/woocommerce/${site.id}/\\w{32}\\?authorize=${nonce}$`));
  assert.equal(await isConnected(), false);
  const { status, location } = await consents(authorizeUrl);
  assert.deepEqual([status, location], [302, `https://app.example/done?step=2&success=1&user_id=${nonce}`]);
  const connection = new Connection(site, "woocommerce", undefined, {});
  await eventually(async () => (await connection.status()).state === "connected" || (await site.gateway.cron(), false), 20_000);
  const { mode, account } = await connection.status();
  assert.deepEqual([mode, account.id], ["webhook", standIn.urls.woocommerce]);
  // The same page again: the shop makes another key, which is not taken, and deletes it.
  assert.equal((await consents(authorizeUrl)).status, 401);
  assert.equal(await isConnected(), true);
});

test("consent: woocommerce: an owner who does not agree connects nothing", async () => {
  const { authorizeUrl, nonce, isConnected } = await asking();
  assert.equal((await consents(authorizeUrl, "deny")).location, `https://app.example/done?step=2&success=0&user_id=${nonce}`);
  assert.equal(await isConnected(), false);
});

test("consent: woocommerce: a key that nobody asked for is not taken", async () => {
  const mine = await asking();
  const other = await asking();
  assert.equal(await mine.post(mine.keys({ user_id: other.nonce })), 401, "another's word in the body");
  assert.equal(await mine.post(mine.keys(), mine.callback.replace(mine.nonce, other.nonce)), 401, "another's word in the address");
  assert.equal(await mine.post(other.keys(), mine.callback.replace(mine.nonce, other.nonce)), 401, "another website's");
  assert.equal(await mine.post(mine.keys(), mine.callback.replace(/\w{32}\?/, `${"x".repeat(32)}?`)), 404, "a wrong address");
  for (const [body, what] of [["{", "no JSON"], ["[]", "no object"], [mine.keys({ consumer_key: "x" }), "no key"], [mine.keys({ consumer_secret: 7 }), "no secret"]]) assert.equal(await mine.post(body), 400, what);
  await told.account("woocommerce", mine.keys().consumer_key).is({ isUnknown: true });
  assert.equal(await mine.post(mine.keys()), 400, "a key that the shop does not know");
  assert.equal(await mine.isConnected(), false);
  await told.account("woocommerce", mine.keys().consumer_key).is({ isUnknown: false });
  assert.equal(await mine.post(mine.keys()), 401, "what was asked for is used up");
  assert.equal(await mine.isConnected(), false);
  // Asking again ends what was asked before.
  const { authorizeUrl } = (await other.site.rows("POST", "/integrations/woocommerce/authorize", { storeUrl: standIn.urls.woocommerce }))[0];
  assert.ok(authorizeUrl.includes("return_url="));
  assert.equal(await other.post(other.keys()), 401);
});

test("consent: woocommerce: what cannot be asked for is refused by name", async () => {
  const site = await Site.make(await registering());
  const refused = async (body, from = site) => {
    const { status, json } = await from.ask("POST", "/integrations/woocommerce/authorize", body);
    return [status, json.error?.message];
  };
  const store = standIn.urls.woocommerce;
  for (const [body, field] of [[{}, "storeUrl"], [{ storeUrl: "https://10.0.0.5" }, "storeUrl"], [{ storeUrl: "https://gateway.example/x" }, "storeUrl"], [{ storeUrl: site.gateway.url }, "storeUrl"], [{ storeUrl: store, returnUrl: "javascript:alert(1)" }, "returnUrl"], [{ storeUrl: store, returnUrl: "http://app.example" }, "returnUrl"]]) {
    const [status, message] = await refused(body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.ok(message.startsWith(`${field}: `), message);
  }
  const [status, message] = await refused({ storeUrl: store }, await Site.make(development));
  assert.deepEqual([status, /PUBLIC_URL/.test(message)], [409, true]);
});

test("registration: woocommerce: a key that only reads makes the connection look by itself", async () => {
  const connection = await connected("woocommerce", (account) => account.is({ denied: ["write"] }), registering());
  assert.equal(connection.mode, "polling");
  assert.equal((await connection.status()).failing, null);
});

// Alone, when the others are done: whatever is asked of the stand-in then is asked by cron.
const beforeLast = checks.length;
test("case 85: cron with nothing due asks nobody anything", async () => {
  const quiet = await gateway("quiet", { ENVIRONMENT: "development" });
  const site = await Site.make(quiet);
  for (const provider of PROVIDERS) await Connection.make(site, provider);
  await eventually(async () => {
    const states = await Promise.all(PROVIDERS.map(async (provider) => (await site.row("GET", `/integrations/${provider}`)).state));
    await quiet.cron();
    return states.every((state) => state === "connected");
  }, 30_000);
  const since = Date.now();
  for (let at = 0; at < 3; at += 1) await quiet.cron();
  await sleep(500);
  const { requests } = await told.do("requests", { since });
  assert.deepEqual(requests.map(({ provider, method, path }) => `${provider} ${method} ${path}`), []);
});

const last = checks.splice(beforeLast);
await together(checks, Number(process.env.TOGETHER ?? 6));
await together(last, 1);
for (const [name, why] of omitted) console.log(`not yet  ${name}: ${why}`);
const isFine = conclude();
if (!isFine && process.env.SLUICE_LOGS) process.stderr.write(gatewayLogs());
await stopAll();
process.exitCode = isFine ? 0 : 1;
