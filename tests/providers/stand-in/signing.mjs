// Signatures of deliveries, after each provider's documentation.

import { createHmac } from "node:crypto";

const hmac = (key, text, encoding) => createHmac("sha256", key).update(text).digest(encoding);

// Polar's key: base64 after `whsec_` for secrets of today, the whole secret's bytes for older ones.
const polarKey = (secret, isOld) => (secret.startsWith("whsec_") && !isOld ? Buffer.from(secret.slice(6), "base64") : secret);

// The headers that carry a delivery's signature. `secrets` are one, or several while a secret is being rolled; `at` is in
// seconds; `id` names the delivery.
export const SIGN = {
  stripe: ({ secrets, body, at }) => ({ "stripe-signature": [`t=${at}`, ...secrets.map((secret) => `v1=${hmac(secret, `${at}.${body}`, "hex")}`)].join(",") }),

  lemonsqueezy: ({ secrets: [secret], body, type }) => ({ "x-event-name": type, "x-signature": hmac(secret, body, "hex") }),

  polar: ({ secrets, body, at, id, isOld }) => ({
    "webhook-id": id, "webhook-timestamp": String(at), "webhook-api-version": "2026-10",
    "webhook-signature": secrets.map((secret) => `v1,${hmac(polarKey(secret, isOld), `${id}.${at}.${body}`, "base64")}`).join(" "),
  }),

  paddle: ({ secrets, body, at }) => ({ "paddle-signature": [`ts=${at}`, ...secrets.map((secret) => `h1=${hmac(secret, `${at}:${body}`, "hex")}`)].join(";") }),

  shopify: ({ secrets: [secret], body, type, id, webhookId, shop, triggeredAt }) => ({
    "x-shopify-topic": type, "x-shopify-hmac-sha256": hmac(secret, body, "base64"), "x-shopify-shop-domain": shop, "x-shopify-api-version": "2026-07",
    "x-shopify-webhook-id": webhookId, "x-shopify-event-id": id, "x-shopify-triggered-at": triggeredAt,
  }),

  woocommerce: ({ secrets: [secret], body, type, id, webhookId }) => ({
    "x-wc-webhook-source": "https://shop.example.com/", "x-wc-webhook-topic": type, "x-wc-webhook-resource": type.split(".")[0], "x-wc-webhook-event": type.split(".")[1],
    "x-wc-webhook-signature": hmac(secret, body, "base64"), "x-wc-webhook-id": String(webhookId), "x-wc-webhook-delivery-id": id,
  }),
};
