// What an account has: the samples, objects that a test names, or any number made of a seed.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../scripts/lib.mjs";

const SAMPLES = join(ROOT, "docs", "contract", "providers", "samples"); // docs/contract/providers.md#6

// A sample: the bytes that are posted, how, and what comes of it.
export function sample(provider, prefix) {
  const name = samples(provider).find((name) => name.startsWith(prefix));
  if (!name) throw new Error(`there is no sample ${provider}/${prefix}`);
  const body = readFileSync(join(SAMPLES, provider, `${name}.json`), "utf8");
  const expected = JSON.parse(readFileSync(join(SAMPLES, provider, `${name}.expected.json`), "utf8"));
  const isText = expected.post.headers["content-type"] !== "application/json";
  return { provider, name, body: isText ? expected.post.body : body, json: isText ? undefined : JSON.parse(body), expected };
}

export const samples = (provider) =>
  readdirSync(join(SAMPLES, provider)).filter((name) => !name.includes(".expected.")).map((name) => name.replace(/\.json$/, "")).sort();

export function load(account, { objects = {}, samples: names = [], seed, size }) {
  for (const [kind, list] of Object.entries(objects)) for (const object of list) put(account, kind, object);
  for (const name of names) putSample(account, sample(account.provider, name));
  if (seed !== undefined) for (const [kind, object] of made(account.provider, seed, size)) put(account, kind, object);
  return { sizes: Object.fromEntries([...account.collections].map(([kind, all]) => [kind, all.size])) };
}

function put(account, kind, object) {
  if (account.provider === "stripe") return putStripe(account, object);
  if (account.provider === "shopify" && kind === "orders" && !String(object.id).startsWith("gid:")) object = graphqlOrder(object);
  return account.put(kind, object);
}

// Objects that are expanded become objects of their own, and ids again.
const EXPANDED = ["payment_intent", "balance_transaction", "invoice", "customer", "charge", "subscription", "latest_charge"];

function putStripe(account, object) {
  const copy = structuredClone(object);
  for (const name of EXPANDED) {
    if (copy[name] !== null && typeof copy[name] === "object" && copy[name].object) {
      putStripe(account, copy[name]);
      copy[name] = copy[name].id;
    }
  }
  return account.put(copy.object, copy);
}

// Samples of several payments name some of what belongs to them alike.
function apart(object) {
  if (object.object === "invoice_payment") return { ...object, id: `inpay_${object.payment.payment_intent.slice(3)}` };
  if (!object.balance_transaction?.id) return object;
  return { ...object, balance_transaction: { ...object.balance_transaction, id: `txn_${object.id.slice(3)}` } };
}

function putSample(account, { provider, json, expected }) {
  if (!json) return;
  const put = { stripe: sampleOfStripe, lemonsqueezy: ({ data }) => account.put(data.type, data), polar: sampleOfPolar, paddle: sampleOfPaddle, shopify: sampleOfShopify, woocommerce: sampleOfWooCommerce };
  put[provider](json, expected);

  function sampleOfStripe(event) {
    putStripe(account, event.data.object);
    account.put("event", event);
    for (const answer of Object.values(expected.api)) for (const object of answer.object === "list" ? answer.data : [answer]) putStripe(account, apart(object));
  }

  function sampleOfPolar({ type, data }) {
    account.put(type.startsWith("refund") ? "refunds" : "orders", data);
    if (data.subscription) account.put("subscriptions", data.subscription);
    if (data.customer) account.put("customers", data.customer);
  }

  function sampleOfPaddle({ event_type, data }) {
    account.put(event_type.startsWith("adjustment") ? "adjustments" : "transactions", data);
    for (const [target, { data }] of Object.entries(expected.api)) for (const object of [data].flat()) account.put(target.includes("/customers/") ? "customers" : "adjustments", object);
  }

  function sampleOfShopify(object) {
    if (!object.order_id) return account.put("orders", graphqlOrder(object));
    const order = account.get("orders", `gid://shopify/Order/${object.order_id}`);
    if (order) addRefund(order, object);
  }

  function sampleOfWooCommerce(order) {
    account.put("orders", order);
    for (const [target, refunds] of Object.entries(expected.api)) for (const refund of refunds) account.put("refunds", { ...refund, parent_id: Number(target.match(/orders\/(\d+)/)[1]) });
  }
}

// ── Shopify's orders, as webhooks have them and as GraphQL has them ──────────────────────────────────────────────────

const utc = (text) => (text ? new Date(text).toISOString().replace(".000Z", "Z") : null);
const money = ({ amount, currency_code }) => ({ amount, currencyCode: currency_code });
const bag = (set) => set && { shopMoney: money(set.shop_money), presentmentMoney: money(set.presentment_money) };
const alike = (amount, currencyCode) => ({ shopMoney: { amount, currencyCode }, presentmentMoney: { amount, currencyCode } });

export function graphqlOrder(order) {
  const gateway = order.payment_gateway_names?.[0] ?? "shopify_payments";
  const made = {
    id: `gid://shopify/Order/${order.id}`, legacyResourceId: String(order.id), name: order.name, createdAt: utc(order.created_at), processedAt: utc(order.processed_at),
    updatedAt: utc(order.updated_at), cancelledAt: utc(order.cancelled_at), closedAt: null, displayFinancialStatus: order.financial_status?.toUpperCase() ?? null,
    displayFulfillmentStatus: "UNFULFILLED", test: order.test, sourceName: order.source_name, sourceIdentifier: null, tags: order.tags ? order.tags.split(", ") : [],
    paymentGatewayNames: order.payment_gateway_names, email: order.email, phone: null, currencyCode: order.currency, presentmentCurrencyCode: order.presentment_currency,
    note: order.note, taxesIncluded: order.taxes_included, confirmed: order.confirmed, totalPriceSet: bag(order.total_price_set), currentTotalPriceSet: bag(order.current_total_price_set),
    totalTaxSet: bag(order.total_tax_set), customAttributes: order.note_attributes.map(({ name, value }) => ({ key: name, value })),
    customer: order.customer && {
      id: `gid://shopify/Customer/${order.customer.id}`, legacyResourceId: String(order.customer.id), email: order.customer.email,
      firstName: order.customer.first_name, lastName: order.customer.last_name, displayName: `${order.customer.first_name} ${order.customer.last_name}`,
    },
    transactions: order.stand_in_transactions ?? [{ id: `gid://shopify/OrderTransaction/${order.id}1`, kind: "SALE", status: "SUCCESS", gateway, test: order.test, amountSet: bag(order.total_price_set), createdAt: utc(order.processed_at), processedAt: utc(order.processed_at) }],
    refunds: [],
  };
  for (const refund of order.refunds ?? []) addRefund(made, refund);
  return made;
}

function addRefund(order, refund) {
  const transactions = refund.transactions.map((one) => ({
    id: `gid://shopify/OrderTransaction/${one.id}`, kind: one.kind.toUpperCase(), status: one.status.toUpperCase(), gateway: one.gateway, test: one.test,
    amountSet: alike(one.amount, one.currency), createdAt: utc(one.created_at), processedAt: utc(one.processed_at),
  }));
  order.refunds.push({ id: `gid://shopify/Refund/${refund.id}`, legacyResourceId: String(refund.id), createdAt: utc(refund.created_at), updatedAt: utc(refund.created_at), note: refund.note, transactions });
  order.transactions.push(...transactions);
}

// ── Any number of payments, made of a seed ───────────────────────────────────────────────────────────────────────────

// Numbers from 0 to below `most` (mulberry32).
function randomly(seed) {
  let state = seed | 0;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most | 0;
  };
}

const END = Date.UTC(2026, 10, 1); // payments are of the year before
const YEAR_S = 365 * 86_400;

// `size` payments: like the provider's first sample, each with its own id, amount and time; every eighth is refunded in part.
export function* made(provider, seed, size) {
  const random = randomly(seed);
  for (let number = 1; number <= size; number += 1) {
    const cents = 100 + random(100_000);
    const at = Math.floor(END / 1000) - Math.floor((number * YEAR_S) / (size + 1));
    yield* MAKE[provider]({ number, tag: `${seed}n${number}`, cents, at, refund: number % 8 === 0 ? 1 + random(cents) : 0 });
  }
}

const iso = (at, end = "Z") => new Date(at * 1000).toISOString().replace(".000Z", end);
const base = new Map();
const like = (provider, prefix) => {
  const name = `${provider}/${prefix}`;
  if (!base.has(name)) base.set(name, sample(provider, prefix));
  return structuredClone(base.get(name));
};
const padded = (tag) => tag.replace("n", "0").padStart(26, "0");
const uuidOf = (kind, tag) => `${kind}0000000-0000-4000-8000-${tag.replace("n", "0").padStart(12, "0")}`;

const MAKE = {
  *stripe({ tag, cents, at, refund }) {
    const charge = Object.values(like("stripe", "01").expected.api)[0];
    const [ch, pi, tx] = [`ch_${tag}`, `pi_${tag}`, `txn_${tag}`];
    yield ["charge", {
      ...charge, id: ch, amount: cents, amount_captured: cents, amount_refunded: refund, created: at, customer: null, billing_details: { ...charge.billing_details, email: `${tag}@example.com` },
      balance_transaction: { ...charge.balance_transaction, id: tx, amount: cents }, payment_intent: { id: pi, object: "payment_intent", created: at, metadata: {} },
    }];
    if (refund > 0) yield ["refund", { ...like("stripe", "06").json.data.object, id: `re_${tag}`, amount: refund, charge: ch, payment_intent: pi, created: at + 60, balance_transaction: `txn_${tag}r` }];
  },

  *lemonsqueezy({ number, cents, at, refund }) {
    const order = like("lemonsqueezy", "01").json.data;
    const time = iso(at, ".000000Z");
    const back = refund > 0 ? { refunded_amount: refund, refunded_amount_usd: refund, refunded_at: iso(at + 60, ".000000Z"), status: refund === cents ? "refunded" : "partial_refund", refunded: refund === cents } : {};
    yield ["orders", { ...order, id: String(number), attributes: { ...order.attributes, identifier: uuidOf("a", String(number)), total: cents, total_usd: cents, tax: 0, tax_usd: 0, subtotal: cents, created_at: time, updated_at: iso(at + 60, ".000000Z"), customer_id: number, user_email: `${number}@example.com`, ...back } }];
  },

  *polar({ tag, cents, at, refund }) {
    const order = like("polar", "01").json.data;
    const id = uuidOf("b", tag);
    yield ["orders", { ...order, id, created_at: iso(at), modified_at: iso(at + 60), subtotal_amount: cents, net_amount: cents, tax_amount: 0, total_amount: cents, due_amount: cents, refunded_amount: refund, status: refund > 0 ? "partially_refunded" : "paid", metadata: {}, checkout_id: uuidOf("c", tag) }];
    if (refund > 0) yield ["refunds", { ...like("polar", "04").json.data, id: uuidOf("d", tag), order_id: id, amount: refund, tax_amount: 0, created_at: iso(at + 60), modified_at: iso(at + 61) }];
  },

  *paddle({ tag, cents, at, refund }) {
    const transaction = like("paddle", "01").json.data;
    const id = `txn_${padded(tag)}`;
    const time = iso(at, ".000000Z");
    const totals = { ...transaction.details.totals, subtotal: String(cents), tax: "0", total: String(cents), grand_total: String(cents), grand_total_tax: "0" };
    yield ["transactions", {
      ...transaction, id, custom_data: null, details: { ...transaction.details, totals, payout_totals: { ...transaction.details.payout_totals, grand_total: String(cents), grand_total_tax: "0" } },
      payments: [{ ...transaction.payments[0], amount: String(cents), captured_at: time }], created_at: time, updated_at: time, billed_at: time,
    }];
    if (refund === 0) return;
    const adjustment = like("paddle", "05").json.data;
    yield ["adjustments", { ...adjustment, id: `adj_${padded(tag)}`, transaction_id: id, totals: { ...adjustment.totals, total: String(refund), subtotal: String(refund), tax: "0" }, created_at: time, updated_at: time }];
  },

  *shopify({ number, cents, at, refund }) {
    const order = like("shopify", "01").json;
    const text = (cents / 100).toFixed(2);
    const set = { shop_money: { amount: text, currency_code: "USD" }, presentment_money: { amount: text, currency_code: "USD" } };
    const time = iso(at);
    const back = { ...like("shopify", "03").json, id: 9_000_000 + number, order_id: number, created_at: time, processed_at: time };
    back.transactions = [{ ...back.transactions[0], id: 7_000_000 + number, order_id: number, amount: (refund / 100).toFixed(2) }];
    yield ["orders", {
      ...order, id: number, name: `#${number}`, created_at: time, processed_at: time, updated_at: time, total_price: text, total_price_set: set, current_total_price_set: set, note_attributes: [],
      financial_status: refund > 0 ? "partially_refunded" : "paid", refunds: refund > 0 ? [back] : [],
    }];
  },

  *woocommerce({ number, cents, at, refund }) {
    const order = like("woocommerce", "01").json;
    const time = iso(at, "");
    const amount = (refund / 100).toFixed(2);
    const dates = Object.fromEntries(["date_created", "date_modified", "date_paid"].flatMap((name) => [[name, time], [`${name}_gmt`, time]]));
    const refunds = refund > 0 ? [{ id: 1_000_000 + number, reason: "", total: `-${amount}` }] : [];
    yield ["orders", { ...order, ...dates, id: number, number: String(number), order_key: `wc_order_${number}`, transaction_id: "", total: (cents / 100).toFixed(2), total_tax: "0.00", meta_data: [], refunds }];
    if (refund > 0) yield ["refunds", { id: 1_000_000 + number, parent_id: number, date_created: time, date_created_gmt: time, amount, reason: "", refunded_by: 1, refunded_payment: true, meta_data: [], line_items: [] }];
  },
};
