// Objects of the providers for the cases, made of the samples: what a case does not say is as in the sample.

import { V1 } from "./visitors.mjs";
import { sample } from "./stand-in/objects.mjs";

const copy = (object) => structuredClone(object);
export const now = () => Math.floor(Date.now() / 1000);
export const visits = (visitor = V1) => ({ datafast_visitor_id: visitor, datafast_session_id: `s${visitor}` });

// ── Stripe ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const CHARGE = Object.values(sample("stripe", "01").expected.api)[0];
const SESSION = Object.values(sample("stripe", "01").expected.api)[2].data[0];
const INVOICE_PAYMENT = Object.values(sample("stripe", "02").expected.api)[1].data[0];
const TRIAL = sample("stripe", "04");
const REFUND = sample("stripe", "06").json.data.object;
const DISPUTE = sample("stripe", "08").json.data.object;

export const stripe = {
  // A charge and what belongs to it, as `objects`; `charge` is as events have it.
  sale({ id = "1", amount = 5831, currency = "usd", at = now(), customer = null, email = null, live = true, captured = true, worth, metadata = {}, session, invoice } = {}) {
    const charge = {
      ...copy(CHARGE), id: `ch_${id}`, payment_intent: `pi_${id}`, balance_transaction: `txn_${id}`, amount, amount_captured: captured ? amount : 0, captured, currency, created: at, customer, livemode: live,
      metadata: {}, billing_details: { ...CHARGE.billing_details, email, name: null },
    };
    const objects = [
      charge,
      { id: `pi_${id}`, object: "payment_intent", amount, currency, created: at, customer, livemode: live, metadata, status: "succeeded", latest_charge: `ch_${id}` },
      { id: `txn_${id}`, object: "balance_transaction", amount: worth?.amount ?? amount, currency: worth?.currency ?? currency, created: at, type: "charge", status: "pending" },
    ];
    if (session) objects.push(stripe.session({ id, amount, currency, customer, at, ...session }));
    if (invoice) objects.push(...stripe.invoice({ id, amount, currency, customer, at, ...invoice }));
    return { charge, objects, load: (account) => stripe.load(account, objects) };
  },

  session: ({ id = "1", amount = 5831, currency = "usd", customer = null, at = now(), metadata = {}, subscription = null, ...fields }) => ({
    ...copy(SESSION), id: `cs_${id}`, amount_total: amount, currency, customer, customer_details: null, created: at, metadata, subscription, mode: subscription ? "subscription" : "payment",
    payment_intent: subscription ? null : `pi_${id}`, invoice: subscription ? `in_${id}` : null, ...fields,
  }),

  // An invoice, and what ties it to its payment if there is one.
  invoice({ id = "1", amount = 5831, currency = "usd", customer = null, at = now(), reason = "subscription_create", subscription = "sub_1", metadata = {}, isPaidOutOfBand = false }) {
    const invoice = {
      ...copy(INVOICE_PAYMENT.invoice), id: `in_${id}`, amount_paid: amount, total: amount, currency, customer, created: at, billing_reason: reason, customer_email: null, customer_name: null, total_taxes: [],
      parent: subscription && { type: "subscription_details", quote_details: null, subscription_details: { metadata, subscription } },
    };
    const payment = { ...copy(INVOICE_PAYMENT), id: `inpay_${id}`, amount_paid: amount, amount_requested: amount, created: at, currency, invoice: invoice.id, payment: { type: "payment_intent", payment_intent: `pi_${id}` } };
    return isPaidOutOfBand || amount === 0 ? [invoice] : [invoice, payment];
  },

  subscription({ id = "sub_1", at = now(), trial = false, metadata = {}, ...fields } = {}) {
    const started = Object.values(TRIAL.expected.api)[0];
    return { ...copy(started), id, created: at, metadata, status: trial ? "trialing" : "active", trial_start: trial ? at : null, trial_end: trial ? at + 14 * 86_400 : null, items: { object: "list", data: [], has_more: false, url: "/v1/subscription_items" }, ...fields };
  },

  refund: ({ id = "re_1", of = "1", amount = 1500, currency = "usd", at = now(), status = "succeeded" } = {}) => ({ ...copy(REFUND), id, amount, currency, charge: `ch_${of}`, payment_intent: `pi_${of}`, created: at, status, balance_transaction: `txn_${id}` }),

  dispute: ({ id = "du_1", of = "1", amount = 5831, at = now(), status = "needs_response" } = {}) => ({ ...copy(DISPUTE), id, amount, charge: `ch_${of}`, payment_intent: `pi_${of}`, created: at, status }),

  load: (account, objects) => account.load({ objects: { any: objects } }),
};

// ── Lemon Squeezy ────────────────────────────────────────────────────────────────────────────────────────────────────

const time = (at) => `${new Date(at * 1000).toISOString().slice(0, 19)}.000000Z`;

export const lemonsqueezy = {
  order({ id = "2201", total = 5831, currency = "USD", at = now(), updated = at + 2, ...fields } = {}) {
    const { data } = copy(sample("lemonsqueezy", "01").json);
    const attributes = { ...data.attributes, total, total_usd: total, subtotal: total, tax: 0, tax_usd: 0, currency, created_at: time(at), updated_at: time(updated), ...fields };
    return { ...data, id, attributes };
  },
  invoice({ id = "7302", reason = "renewal", subscription = 6001, at = now(), updated = at + 2, ...fields } = {}) {
    const { data } = copy(sample("lemonsqueezy", "04").json);
    return { ...data, id, attributes: { ...data.attributes, billing_reason: reason, subscription_id: subscription, created_at: time(at), updated_at: time(updated), ...fields } };
  },
  subscription: () => copy(sample("lemonsqueezy", "07").json.data),
};

// ── Polar ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const iso = (at) => new Date(at * 1000).toISOString().replace(".000Z", "Z");

export const polar = {
  order: (prefix, fields = {}) => ({ ...copy(sample("polar", prefix).json.data), ...fields }),
  refund: (prefix, fields = {}) => ({ ...copy(sample("polar", prefix).json.data), ...fields }),
  dispute({ id = "00000000-0000-4000-8000-0000000000d1", order, amount = 4900, tax = 931, at = now(), status = "lost" }) {
    return {
      created_at: iso(at), modified_at: iso(at), id, status, resolved: true, closed: true, amount, tax_amount: tax, currency: "usd", reason: "fraudulent", evidence_due_by: null, past_due: false,
      order_id: order.id, payment_id: "00000000-0000-4000-8000-000000000001", case_id: null, customer: order.customer,
    };
  },
};

// ── Paddle ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const paddle = {
  transaction(prefix, change = () => {}) {
    const { data } = copy(sample("paddle", prefix).json);
    change(data);
    return data;
  },
  adjustment(prefix, fields = {}) {
    const { data } = copy(sample("paddle", prefix).json);
    return { ...data, ...fields };
  },
  customer: () => copy(Object.values(sample("paddle", "01").expected.api)[0].data),
};

// ── Shopify ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const shopify = {
  order: (prefix = "01", fields = {}) => ({ ...copy(sample("shopify", prefix).json), ...fields }),
  refund: (prefix = "03", fields = {}) => ({ ...copy(sample("shopify", prefix).json), ...fields }),
  set: (amount, currency = "USD") => ({ shop_money: { amount, currency_code: currency }, presentment_money: { amount, currency_code: currency } }),
};

// ── WooCommerce ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const woocommerce = {
  order: (prefix = "01", fields = {}) => ({ ...copy(sample("woocommerce", prefix).json), ...fields }),
  refund: ({ id = 731, order = 727, amount = "10.00", at = "2026-11-29T08:00:00" } = {}) => ({ id, parent_id: order, date_created: at, date_created_gmt: at, amount, reason: "", refunded_by: 1, refunded_payment: true, meta_data: [], line_items: [] }),
};

