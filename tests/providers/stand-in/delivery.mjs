// Deliveries: an event in its provider's envelope, signed, posted to the webhooks that want it, and tried again as the
// provider would, a thousand times faster.

import { randomBytes, randomUUID } from "node:crypto";
import { SIGN } from "./signing.mjs";
import { sleep } from "../../../scripts/lib.mjs";

const FASTER = 1000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

// When a provider tries again after a failure, in milliseconds, what it takes for success, and what becomes of the webhook
// when it has given up.
const RETRIES = {
  // "Up to three days with exponential back off": the steps are not documented.
  stripe: { after: [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR], accepts: (status) => status >= 200 && status < 300 },
  lemonsqueezy: { after: [5_000, 25_000, 125_000], accepts: (status) => status === 200 },
  polar: { after: [2, 4, 8, 16, 32, 64, 128, 256, 600, 1200].map((seconds) => seconds * 1000), accepts: (status) => status >= 200 && status < 300, gives: (webhook) => (webhook.enabled = false) },
  paddle: { after: [...Array(19).fill(3 * MINUTE), ...Array(27).fill(50 * MINUTE), ...Array(13).fill(3.5 * HOUR)], accepts: (status) => status === 200 },
  shopify: { after: [1, 2, 4, 8, 30, 60, 120].map((minutes) => minutes * MINUTE), accepts: (status) => status >= 200 && status < 300, isDeleted: true },
  woocommerce: { after: [], accepts: (status) => (status >= 200 && status < 300) || status === 301 || status === 302, gives: (webhook) => (webhook.status = "disabled") },
};

const MOST_FAILURES = { polar: 10, woocommerce: 5 };

// How long a provider waits for an answer.
const PATIENCE_MS = { stripe: 20_000, lemonsqueezy: 20_000, polar: 10_000, paddle: 5_000, shopify: 5_000, woocommerce: 60_000 };

// Posts once. Addresses that are not this machine's are given to the origin that the account's `deliverTo` names.
export async function deliver(account, url, headers, body) {
  const target = new URL(url);
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(target.hostname);
  const origin = account.settings.deliverTo ?? (isLocal ? target.origin : undefined);
  if (!origin) return { status: 0, text: "the stand-in posts to this machine only" };
  try {
    const response = await fetch(origin + target.pathname + target.search, {
      method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS[account.provider]),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: String(error.cause ?? error) };
  }
}

const hex = (bytes) => randomBytes(bytes).toString("hex");

// The body of an event about `object`, as the provider writes it.
export const ENVELOPES = {
  stripe: ({ type, object, id = `evt_${hex(12)}`, at, isTest, previous }) => ({
    id, object: "event", api_version: "2026-10-28.endive", created: at, data: { object, ...(previous && { previous_attributes: previous }) }, livemode: !isTest,
    pending_webhooks: 1, request: { id: null, idempotency_key: null }, type,
  }),
  lemonsqueezy: ({ type, object, custom, isTest, webhookId }) => ({
    meta: { test_mode: isTest, event_name: type, webhook_id: webhookId, ...(custom && { custom_data: custom }) }, data: object,
  }),
  polar: ({ type, object, at }) => ({ type, timestamp: new Date(at * 1000).toISOString(), data: object }),
  paddle: ({ type, object, id = `evt_${hex(13)}`, at }) => ({ event_id: id, event_type: type, occurred_at: new Date(at * 1000).toISOString(), notification_id: `ntf_${hex(13)}`, data: object }),
  shopify: ({ object }) => object,
  woocommerce: ({ object }) => object,
};

const wants = {
  stripe: ({ enabled_events, status }, type) => status === "enabled" && (enabled_events.includes(type) || enabled_events.includes("*")),
  lemonsqueezy: ({ attributes }, type) => attributes.events.includes(type),
  polar: ({ events, enabled }, type) => enabled && events.includes(type),
  paddle: ({ subscribed_events, active }, type) => active && subscribed_events.some(({ name }) => name === type),
  shopify: ({ topic }, type) => topic === type.toUpperCase().replaceAll("/", "_"),
  woocommerce: ({ topic, status }, type) => status === "active" && topic === type,
};

const addressOf = (webhook) => webhook.url ?? webhook.destination ?? webhook.uri ?? webhook.delivery_url ?? webhook.attributes.url;
const secretOf = (account, webhook) => webhook.secret ?? webhook.endpoint_secret_key ?? account.settings.secret;

// Where an event goes: to the address that the test names, or to the account's webhooks that want it.
function targets(account, { url, secret, type }) {
  if (url) return [{ url, secret: secret ?? account.settings.secret, webhook: {} }];
  const chosen = [...account.webhooks.values()].filter((webhook) => wants[account.provider](webhook, type));
  return chosen.map((webhook) => ({ url: addressOf(webhook), secret: secret ?? secretOf(account, webhook), webhook }));
}

// Another secret of the same form.
const wrong = (secret) => (secret.startsWith("whsec_") ? `whsec_${Buffer.from("wrong").toString("base64")}` : `wrong-${secret}`);

// Signs and posts an event; answers what came back, attempt by attempt.
//
//   type, object       what happened, to what;  or `body`, the bytes to post
//   url, secret        where to and signed with what, instead of the account's webhooks
//   skew               seconds that the signing clock is ahead (behind, if negative)
//   signed             "right", "wrong", "rolled" (the former secret too), "none"
//   times              how often it is posted
//   retries            tried again as the provider does
export async function post(account, order) {
  const { provider } = account;
  const { type, skew = 0, signed = "right", times = 1, retries = false, headers: extra = {} } = order;
  const happened = order.at ?? Math.floor(Date.now() / 1000);
  const id = order.id ?? { polar: randomUUID(), shopify: randomUUID(), woocommerce: hex(16) }[provider];
  const attempts = [];
  const bodies = new Map();
  for (const { url, secret, webhook } of targets(account, order)) {
    const envelope = { type, object: order.object, id: order.id, at: happened, custom: order.custom, previous: order.previous, isTest: order.isTest ?? account.isTest, webhookId: randomUUID() };
    const body = order.body ?? bodies.get("body") ?? JSON.stringify(ENVELOPES[provider](envelope));
    bodies.set("body", body);
    const { after, accepts, gives, isDeleted } = RETRIES[provider];
    for (let time = 0; time < times; time += 1) {
      const pauses = retries ? [...after] : [];
      for (;;) {
        const secrets = { right: [secret], wrong: [wrong(secret)], rolled: order.rolled ?? [secret, order.former ?? `former-${secret}`], none: [] }[signed];
        const at = Math.floor(Date.now() / 1000) + skew;
        const shop = order.shop ?? account.settings.shop;
        const naming = { type, at, id, isOld: order.isOld, shop, webhookId: order.webhookId ?? webhook.legacyResourceId ?? webhook.id ?? randomUUID(), triggeredAt: new Date(happened * 1000).toISOString() };
        const signature = secrets.length > 0 ? SIGN[provider]({ secrets, body, ...naming }) : {};
        const answer = await deliver(account, url, { "content-type": "application/json", ...signature, ...extra }, body);
        attempts.push({ url, at: Date.now(), ...answer });
        if (accepts(answer.status)) {
          webhook.failures = 0;
          break;
        }
        const pause = pauses.shift();
        if (pause === undefined) {
          webhook.failures = (webhook.failures ?? 0) + 1;
          if (retries && isDeleted) account.webhooks.delete(webhook.id);
          if (webhook.failures >= (MOST_FAILURES[provider] ?? Infinity)) gives?.(webhook);
          break;
        }
        await sleep(pause / FASTER);
      }
    }
  }
  return attempts;
}
