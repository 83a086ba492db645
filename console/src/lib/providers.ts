// Payment providers in words: how each is connected, how it stands, and what it has told.

import type { components } from "../../types/api.d.ts";

type Schemas = components["schemas"];
type Integrations = Schemas["Integrations"];
export type Provider = Exclude<keyof Integrations, "currency">;
export type Connection = Integrations["stripe"] & { keyExpiresAt?: string | null };
export type Failing = NonNullable<Connection["failing"]>;
export type Import = NonNullable<Connection["import"]>;
/** One provider's entry, for those who may change it with how it is set up. */
export type Entry = Connection & {
  webhookUrl?: string;
  webhookSecretKnown?: boolean;
  missingPermissions?: string[];
  createKeyUrl?: string | null;
};
export type ProviderEvent = Schemas["ProviderEvent"];
export type EventState = ProviderEvent["state"];

export interface Input {
  name: string; // of the body's member
  label: string;
  isSecret?: boolean;
  placeholder?: string;
}

/** One way to connect. In texts, `this` is code, and *this* is what a page of the provider calls something. */
export interface Way {
  id: string;
  title: string;
  steps: readonly string[];
  inputs: readonly Input[];
  isConsent?: boolean; // the shop's owner is asked on a page of the shop
}

export interface Guide {
  title: string;
  about: string;
  ways: readonly [Way, ...Way[]];
  byHand: { steps: readonly string[]; events: readonly string[]; secret: string }; // a webhook that the owner makes
  visitor: { text: string; code?: string }; // how a payment says who paid
}

const visitorIn = (before: string, after: string) => `${before}
  datafast_visitor_id: cookies.datafast_visitor_id,
  datafast_session_id: cookies.datafast_session_id,
${after}`;

const SHOP: Input = { name: "shopDomain", label: "Shop", placeholder: "example.myshopify.com" };
const STORE: Input = { name: "storeUrl", label: "Address of the shop", placeholder: "https://shop.example.com" };

export const GUIDES: Record<Provider, Guide> = {
  stripe: {
    title: "Stripe",
    about: "Charges, refunds, chargebacks, subscriptions and trials of a Stripe account.",
    ways: [
      {
        id: "key",
        title: "Restricted key",
        steps: [
          "Make a restricted key: *Developers → API keys → Create restricted key*. Read: Charges, Payment Intents, Checkout Sessions, Invoices, Subscriptions, Customers, Disputes, Events. Write: Webhook Endpoints, which is optional.",
          "Copy the key that Stripe shows, and paste it here.",
        ],
        inputs: [{ name: "stripeRak", label: "Restricted key", isSecret: true, placeholder: "rk_live_…" }],
      },
    ],
    byHand: {
      steps: ["In Stripe, open *Developers → Webhooks → Add destination*, and choose the events below."],
      events: [
        "charge.succeeded",
        "charge.captured",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "invoice.paid",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
      ],
      secret: "Stripe shows it as *Signing secret*: `whsec_…`",
    },
    visitor: {
      text: "Put the visitor into the Checkout Session's `metadata` (with Elements, into the Payment Intent's). With Payment Links, `?session_id={CHECKOUT_SESSION_ID}` in the success URL is enough.",
      code: visitorIn("stripe.checkout.sessions.create({ …, metadata: {", "} });"),
    },
  },
  lemonsqueezy: {
    title: "Lemon Squeezy",
    about: "Orders, subscription invoices and refunds of one store.",
    ways: [
      {
        id: "key",
        title: "API key",
        steps: [
          "Make a key in live mode: *Settings → API → Create API key*.",
          "The store's number is under *Settings → Stores*, without the `#`.",
        ],
        inputs: [
          { name: "lemonsqueezyApiKey", label: "API key", isSecret: true },
          { name: "lemonsqueezyStoreId", label: "Store's number", placeholder: "12345" },
        ],
      },
    ],
    byHand: {
      steps: ["In Lemon Squeezy, open *Settings → Webhooks*, and choose the events below."],
      events: [
        "order_created",
        "order_refunded",
        "subscription_created",
        "subscription_updated",
        "subscription_payment_success",
        "subscription_payment_refunded",
        "subscription_payment_recovered",
        "subscription_cancelled",
        "subscription_resumed",
        "subscription_expired",
        "subscription_paused",
        "subscription_unpaused",
      ],
      secret: "You choose it there as *Signing secret*: 6 to 40 characters.",
    },
    visitor: {
      text: "Pass the visitor to the checkout. `?order_id=[order_id]` in the link after the purchase does as well.",
      code: visitorIn("checkout_data: { custom: {", "} }"),
    },
  },
  polar: {
    title: "Polar",
    about: "Orders, refunds and subscriptions of one organization.",
    ways: [
      {
        id: "token",
        title: "Organization access token",
        steps: [
          "Make a token: *Settings → General → Developers → New token*, with `organizations:read`, `orders:read`, `refunds:read`, `subscriptions:read`, and optionally `disputes:read`, `webhooks:read`, `webhooks:write`.",
          "The organization's id is under *Settings → General*.",
        ],
        inputs: [
          { name: "polarAccessToken", label: "Access token", isSecret: true, placeholder: "polar_oat_…" },
          { name: "polarOrgId", label: "Organization's id" },
        ],
      },
    ],
    byHand: {
      steps: [
        "In Polar, open *Settings → Webhooks → Add endpoint*, choose the format *Raw* and the events below.",
        "If this gateway's zone at Cloudflare has Bot Fight Mode, exempt `/api/v1/hooks/*`: Polar is refused otherwise.",
      ],
      events: [
        "order.paid",
        "order.updated",
        "refund.created",
        "refund.updated",
        "subscription.created",
        "subscription.active",
        "subscription.updated",
        "subscription.canceled",
        "subscription.uncanceled",
        "subscription.revoked",
      ],
      secret: "Polar shows it with the endpoint.",
    },
    visitor: {
      text: "Put the visitor into the checkout's `metadata`. `?checkout_id={CHECKOUT_ID}` in the success URL does as well.",
      code: visitorIn("polar.checkouts.create({ …, metadata: {", "} });"),
    },
  },
  paddle: {
    title: "Paddle",
    about: "Completed transactions, adjustments and subscriptions of a Paddle Billing account.",
    ways: [
      {
        id: "key",
        title: "API key",
        steps: [
          "Make a key: *Developer tools → Authentication → New API key*. Read: transactions, adjustments, customers, subscriptions. Optionally read and write: notification settings.",
          "Copy the key that Paddle shows, and paste it here.",
        ],
        inputs: [{ name: "paddleApiKey", label: "API key", isSecret: true, placeholder: "pdl_live_apikey_…" }],
      },
    ],
    byHand: {
      steps: ["In Paddle, open *Developer tools → Notifications → New destination*, and choose the events below."],
      events: [
        "transaction.completed",
        "adjustment.created",
        "adjustment.updated",
        "subscription.created",
        "subscription.activated",
        "subscription.trialing",
        "subscription.updated",
        "subscription.canceled",
        "subscription.paused",
        "subscription.resumed",
        "api_key.expiring",
        "api_key.expired",
      ],
      secret: "Paddle shows it as *Secret key*: `pdl_ntfset_…`",
    },
    visitor: {
      text: "Put the visitor into the transaction's `custom_data`, or into the overlay's `customData`.",
      code: visitorIn("Paddle.Checkout.open({ …, customData: {", "} });"),
    },
  },
  shopify: {
    title: "Shopify",
    about: "Paid online orders and refunds of one shop.",
    ways: [
      {
        id: "app",
        title: "App of the Dev Dashboard",
        steps: [
          "In the Dev Dashboard, create an app. Give its version the scopes `read_orders` and, if you can, `read_all_orders`, `read_customers` and `read_shopify_payments_disputes`.",
          "Install it in the shop, and copy the client id and the secret from the app's *Settings*.",
        ],
        inputs: [
          SHOP,
          { name: "clientId", label: "Client id" },
          { name: "clientSecret", label: "Client secret", isSecret: true },
        ],
      },
      {
        id: "admin",
        title: "Older app of the shop's admin",
        steps: [
          "In the shop's admin, open *Settings → Apps and sales channels → Develop apps*, and the app.",
          "Copy its Admin API access token and its API secret key from *API credentials*.",
        ],
        inputs: [
          SHOP,
          { name: "adminApiAccessToken", label: "Admin API access token", isSecret: true, placeholder: "shpat_…" },
          { name: "apiSecretKey", label: "API secret key", isSecret: true },
        ],
      },
    ],
    byHand: {
      steps: [
        "In the shop's admin, open *Settings → Notifications → Webhooks*, and make one for each of the events below, as JSON.",
      ],
      events: ["orders/paid", "orders/updated", "orders/cancelled", "refunds/create"],
      secret: "The shop shows it below its webhooks.",
    },
    visitor: {
      text: "After consent, the theme writes the visitor into the cart.",
      code: `fetch("/cart/update.js", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ attributes: { datafast_visitor_id: "…", datafast_session_id: "…" } }),
});`,
    },
  },
  woocommerce: {
    title: "WooCommerce",
    about: "Orders and refunds of one shop.",
    ways: [
      {
        id: "consent",
        title: "By consent",
        steps: [
          "You go to a page of the shop, where its owner signs in and clicks *Approve*. The page is good for 15 minutes.",
          "The shop then sends a key to this gateway by itself, and leads you back here.",
        ],
        inputs: [STORE],
        isConsent: true,
      },
      {
        id: "key",
        title: "By a key",
        steps: ["In the shop, open *WooCommerce → Settings → Advanced → REST API → Add key*, and choose *Read/Write*."],
        inputs: [
          STORE,
          { name: "consumerKey", label: "Consumer key", isSecret: true, placeholder: "ck_…" },
          { name: "consumerSecret", label: "Consumer secret", isSecret: true, placeholder: "cs_…" },
        ],
      },
    ],
    byHand: {
      steps: [
        "In the shop, open *WooCommerce → Settings → Advanced → Webhooks*, and add one for each of the topics below, all with one secret.",
      ],
      events: ["order.created", "order.updated", "order.deleted", "order.restored"],
      secret: "You choose it there as *Secret*.",
    },
    visitor: {
      text: "The theme copies the two cookies into the order when it is made.",
      code: `foreach (['woocommerce_checkout_create_order', 'woocommerce_store_api_checkout_update_order_meta'] as $hook) {
    add_action($hook, function ($order) {
        foreach (['datafast_visitor_id', 'datafast_session_id'] as $name) {
            if (isset($_COOKIE[$name])) $order->update_meta_data("_$name", sanitize_text_field($_COOKIE[$name]));
        }
    });
}`,
    },
  },
};

export const PROVIDERS = Object.keys(GUIDES) as Provider[];

export const providerOf = (name: string): Provider | undefined => PROVIDERS.find((one) => one === name);

export type Standing = "off" | "verifying" | "importing" | "connected" | "failing";

export const standingOf = ({ connected, state }: Connection): Standing => (connected ? (state ?? "verifying") : "off");

export const STANDINGS: Record<Standing, string> = {
  off: "not connected",
  verifying: "setting up",
  importing: "importing",
  connected: "connected",
  failing: "failing",
};

/** What needs somebody first, then what is connected, then the rest in the API's order. */
export function inOrder(integrations: Integrations): [Provider, Connection][] {
  const rank: Record<Standing, number> = { failing: 0, verifying: 1, importing: 1, connected: 1, off: 2 };
  const all = PROVIDERS.map((name): [Provider, Connection] => [name, integrations[name]]);
  return all.toSorted(([, one], [, other]) => rank[standingOf(one)] - rank[standingOf(other)]);
}

/** What to do about a connection that fails. It is looked at again every hour, whatever is done. */
export function remedyOf(reason: Failing["reason"], title: string): string {
  switch (reason) {
    case "key_refused":
      return "It was revoked, or the app was removed. Make a new key, and give it here; what was missed is read then.";
    case "key_expired":
      return "Make a new key, and give it here; what was missed is read then.";
    case "permission_missing":
      return `Give the key the permission at ${title}, and the gateway finds out within the hour; or make a new key, and give it here.`;
    case "webhook_missing":
      return "The gateway tries again every hour. A new key has it try at once.";
    case "webhook_disabled":
      return `Switch the webhook on again at ${title}, or delete it there: the gateway makes it anew within the hour.`;
    case "provider_unreachable":
      return `Nothing to do if ${title} is down: the gateway tries again every hour. If it goes on, see whether the address is right and nothing in front of it answers instead.`;
    case "import_stuck":
      return "Import again, if you like from a later day. Payments that come now are counted all the same.";
  }
}

/** How events arrive. */
export function modeWords(mode: Connection["mode"], title: string): string {
  switch (mode) {
    case "webhook":
      return `${title} posts them to this gateway, which has made the webhook itself.`;
    case "manual":
      return `${title} posts them to this gateway, through a webhook made by hand.`;
    default:
      return title === "Stripe"
        ? "Stripe is asked for its events, every few minutes."
        : `${title} is asked what has changed, every ten minutes.`;
  }
}

export interface Progress {
  share: number | null; // of 1; null where nobody knows how much there is
  words: string;
}

export function progressOf({ done, total, stage }: Import, locales: Intl.LocalesArgument): Progress {
  const count = (value: number) => value.toLocaleString(locales);
  const isKnown = total !== null && total > 0 && done <= total;
  return {
    share: isKnown ? done / total : null,
    words: `${count(done)}${isKnown ? ` of ${count(total)}` : ""} read, now ${stage}`,
  };
}

export const EVENT_STATES: Record<EventState, string> = {
  received: "waiting",
  done: "done",
  ignored: "ignored",
  failed: "failed",
};

export const ORIGINS: Record<ProviderEvent["origin"], string> = {
  webhook: "posted by the provider",
  poll: "found among its events",
  sweep: "found by the daily look",
  replay: "worked on again",
};

/** What came of an event, in payments and refunds: `1 new, without a visitor`. */
export function outcomeWords({ state, reason, outcome }: Pick<ProviderEvent, "state" | "reason" | "outcome">): string {
  if (state !== "done" || !outcome) return reason ?? "";
  const { added, changed, voided, unchanged, unattributed } = outcome;
  const counted = [
    [added, "new"],
    [changed, "changed"],
    [voided, "voided"],
  ] as const;
  const words = counted.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  if (words.length === 0) return unchanged > 0 ? "known already" : "nothing to count";
  const isAll = unattributed >= added + changed;
  return words.join(", ") + (unattributed > 0 ? `, ${isAll ? "" : `${unattributed} `}without a visitor` : "");
}

/** A text with its code and names as parts. */
export function parts(text: string): { kind: "text" | "code" | "name"; text: string }[] {
  return text
    .split(/(`[^`]+`|\*[^*]+\*)/)
    .filter((part) => part !== "")
    .map((part) => {
      if (/^`.+`$/.test(part)) return { kind: "code", text: part.slice(1, -1) };
      return /^\*.+\*$/.test(part) ? { kind: "name", text: part.slice(1, -1) } : { kind: "text", text: part };
    });
}
