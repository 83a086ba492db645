// Stripe's API as its reference and the types of its SDK have it: lists with cursors, expansion, restricted keys, errors.

import { page, route } from "./host.mjs";

const KEY = /^[rs]k_(live|test)_\w+$/;
const COMMON = ["limit", "starting_after", "ending_before", "expand"];

// Path → kind, prefix of messages, permission, and the parameters of its list beside the common ones.
const RESOURCES = {
  charges: { kind: "charge", permission: "rak_charge_read", filters: ["created", "customer", "payment_intent", "transfer_group"] },
  refunds: { kind: "refund", permission: "rak_charge_read", filters: ["created", "charge", "payment_intent"] },
  disputes: { kind: "dispute", permission: "rak_dispute_read", filters: ["created", "charge", "payment_intent"] },
  customers: { kind: "customer", permission: "rak_customer_read", filters: ["created", "email", "test_clock"] },
  subscriptions: {
    kind: "subscription", permission: "rak_subscription_read",
    filters: ["automatic_tax", "collection_method", "created", "current_period_end", "current_period_start", "customer", "customer_account", "price", "status", "test_clock"],
  },
  payment_intents: { kind: "payment_intent", permission: "rak_payment_intent_read", filters: ["created", "customer", "customer_account"] },
  invoices: { kind: "invoice", permission: "rak_invoice_read", filters: ["collection_method", "created", "customer", "customer_account", "due_date", "status", "subscription"] },
  invoice_payments: { kind: "invoice_payment", permission: "rak_invoice_read", filters: ["created", "invoice", "payment", "status"] },
  "checkout/sessions": {
    kind: "checkout.session", permission: "rak_checkout_session_read",
    filters: ["created", "customer", "customer_account", "customer_details", "payment_intent", "payment_link", "status", "subscription"],
  },
  balance_transactions: { kind: "balance_transaction", permission: "rak_charge_read", filters: ["created", "currency", "payout", "source", "type"] },
  events: { kind: "event", permission: "rak_event_read", filters: ["created", "delivery_success", "type", "types"] },
};

// What an id names, so that it can be expanded.
const NAMED = {
  payment_intent: "payment_intent", balance_transaction: "balance_transaction", customer: "customer", charge: "charge", latest_charge: "charge",
  invoice: "invoice", subscription: "subscription",
};

const MADE_WITH = ["url", "enabled_events", "api_version", "description", "metadata", "connect", "expand"];
const VERSION = /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/;

export const stripe = {
  name: "stripe",

  identify(asked, world) {
    const { authorization } = asked.headers;
    const basic = authorization?.match(/^basic (.+)$/i)?.[1];
    const key = basic ? Buffer.from(basic, "base64").toString().split(":")[0] : authorization?.match(/^bearer (.+)$/i)?.[1];
    const mask = (key) => `${key.slice(0, 8)}${"*".repeat(Math.max(0, key.length - 12))}${key.slice(-4)}`;
    if (!key) return { refusal: error(401, { message: "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')." }) };
    if (!KEY.test(key)) return { refusal: error(401, { message: `Invalid API Key provided: ${mask(key)}` }) };
    const account = world.account("stripe", key);
    if (account.isExpired) return { account, refusal: error(401, { code: "api_key_expired", message: `Expired API Key provided: ${mask(key)}` }) };
    return account.isUnknown ? { account, refusal: error(401, { message: `Invalid API Key provided: ${mask(key)}` }) } : { account };
  },

  answer(asked, account, world) {
    const version = asked.headers["stripe-version"];
    if (version && !VERSION.test(version)) return error(400, { message: `Invalid Stripe API version: ${version}` });
    for (const [path, resource] of Object.entries(RESOURCES)) {
      const table = [
        ["GET", `/v1/${path}`, () => list(path, resource, asked, account)],
        ["GET", `/v1/${path}/:id`, ({ id }) => retrieve(id, resource, asked, account)],
      ];
      const answer = route(table, asked);
      if (answer) return denied(resource.permission, account) ?? answer;
    }
    return route(OTHERS, asked, account, world) ?? error(404, { message: `Unrecognized request URL (${asked.method}: ${asked.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.` });
  },

  limited: (retryAfter) => ({
    ...error(429, { code: "rate_limit", message: "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits." }),
    headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
  }),
  broken: () => error(500, { type: "api_error", message: "An unknown error occurred" }),
};

const OTHERS = [
  ["GET", "/v1/account", (_, asked, account) => denied("rak_account_read", account) ?? { status: 200, json: { id: account.id, object: "account", business_profile: { name: account.title }, settings: { dashboard: { display_name: account.title } }, country: "US", default_currency: "usd", type: "standard" } }],
  ["GET", "/v1/webhook_endpoints", (_, asked, account) => denied("rak_webhook_write", account) ?? unknownParameters(asked.query, COMMON) ?? paged("/v1/webhook_endpoints", [...account.webhooks.values()].reverse().map(withoutSecret), asked)],
  ["POST", "/v1/webhook_endpoints", (_, asked, account, world) => denied("rak_webhook_write", account) ?? makeEndpoint(asked, account, world)],
  ["GET", "/v1/webhook_endpoints/:id", ({ id }, asked, account) => denied("rak_webhook_write", account) ?? (account.webhooks.has(id) ? { status: 200, json: withoutSecret(account.webhooks.get(id)) } : missing("webhook endpoint", id))],
  ["POST", "/v1/webhook_endpoints/:id", ({ id }, asked, account) => denied("rak_webhook_write", account) ?? changeEndpoint(id, asked, account)],
  ["DELETE", "/v1/webhook_endpoints/:id", ({ id }, asked, account) => denied("rak_webhook_write", account) ?? deleteEndpoint(id, account)],
];

function error(status, { type = "invalid_request_error", ...fields }) {
  const doc = fields.code ? { doc_url: `https://stripe.com/docs/error-codes/${fields.code.replaceAll("_", "-")}` } : {};
  return { status, json: { error: { ...fields, ...doc, type } } };
}

const missing = (what, id, param = "id") => error(404, { code: "resource_missing", message: `No such ${what.replaceAll("_", "")}: '${id}'`, param });

function denied(permission, account) {
  if (!account.denied.has(permission)) return undefined;
  const key = `${account.key.slice(0, 8)}${"*".repeat(8)}${account.key.slice(-4)}`;
  return error(403, {
    message: `The provided key '${key}' does not have the required permissions for this endpoint on account '${account.id}'. Having the '${permission}' permission would allow this request to continue.`,
  });
}

const outer = (name) => name.replace(/\[.*$/, "");

function unknownParameters(query, known) {
  const strange = [...query.keys()].map(outer).find((name) => !known.includes(name));
  return strange && error(400, { code: "parameter_unknown", message: `Received unknown parameter: ${strange}`, param: strange });
}

function list(path, { kind, filters }, asked, account) {
  const { query } = asked;
  const strange = unknownParameters(query, [...COMMON, ...filters]);
  if (strange) return strange;
  const keeps = [];
  for (const [name, value] of query) {
    const [, field, inner] = name.match(/^(\w+)(?:\[(\w*)\])?$/) ?? [];
    if (COMMON.includes(outer(name))) continue;
    else if (field === "created" || field === "current_period_end") keeps.push(compared(inner, Number(value), field));
    else if (field === "types" || field === "delivery_success" || (field === "payment" && inner === "type")) continue;
    else if (field === "status" && kind === "subscription") keeps.push((object) => value === "all" || (value === "ended" ? ["canceled", "incomplete_expired"].includes(object.status) : object.status === value));
    else if (field === "payment") keeps.push((object) => object.payment[inner] === value);
    else if (inner) keeps.push((object) => object[field]?.[inner] === value);
    else if (field === "subscription" && kind === "invoice") keeps.push((object) => object.parent?.subscription_details?.subscription === value);
    else if (field === "customer" && !account.get("customer", value) && account.collection("customer").size > 0) return missing("customer", value, "customer");
    else keeps.push((object) => object[field] === value);
  }
  const types = query.getAll("types[]").concat([...query].filter(([name]) => /^types\[\d+\]$/.test(name)).map(([, value]) => value));
  if (types.length > 20) return error(400, { message: "You may only specify up to 20 `types`", param: "types" });
  if (types.length > 0) keeps.push((event) => types.includes(event.type));
  if (query.has("payment[type]") && !["payment_intent", "charge", "payment_record"].includes(query.get("payment[type]"))) return error(400, { message: "Invalid payment[type]", param: "payment[type]" });
  if ([...query.keys()].some((name) => name.startsWith("payment[")) && !query.has("payment[type]")) return error(400, { code: "parameter_missing", message: "Missing required param: payment[type].", param: "payment[type]" });
  // Without a status, subscriptions that are canceled are left out.
  if (kind === "subscription" && !query.has("status")) keeps.push(({ status }) => status !== "canceled");
  const sorted = account.sorted(kind, "created", ({ created }) => created).toReversed().filter((object) => keeps.every((keep) => keep(object)));
  return paged(`/v1/${path}`, sorted, asked, account);
}

function compared(operator, value, field) {
  const test = { gt: (time) => time > value, gte: (time) => time >= value, lt: (time) => time < value, lte: (time) => time <= value };
  const holds = test[operator] ?? ((time) => time === value);
  return (object) => holds(object[field]);
}

function paged(url, objects, asked, account) {
  const { query } = asked;
  const limit = Number(query.get("limit") ?? 10);
  if (!(limit >= 1 && limit <= 100)) return error(400, { code: "parameter_invalid_integer", message: "This value must be between 1 and 100.", param: "limit" });
  let [from, to] = [0, objects.length];
  const after = query.get("starting_after");
  const before = query.get("ending_before");
  const place = (id) => objects.findIndex((object) => object.id === id);
  if (after !== null) from = place(after) + 1;
  if (before !== null) to = place(before);
  if ((after !== null && from === 0) || to < 0) return error(400, { code: "resource_missing", message: `No such object: '${after ?? before}'`, param: after === null ? "ending_before" : "starting_after" });
  if (before !== null) from = Math.max(from, to - limit);
  const chosen = objects.slice(from, Math.min(to, from + limit));
  const has_more = before === null ? from + limit < to : from > 0;
  const body = { object: "list", url, has_more, data: page(chosen, asked) };
  return expanded(body, asked.query, account);
}

function retrieve(id, { kind }, asked, account) {
  const strange = unknownParameters(asked.query, ["expand"]);
  if (strange) return strange;
  const object = account.get(kind, id);
  return object ? expanded(object, asked.query, account) : missing(kind.split(".").at(-1), id);
}

// Puts objects where ids are, along the paths of `expand[]`.
function expanded(body, query, account) {
  const copy = structuredClone(body);
  for (const [name, path] of query) {
    if (outer(name) !== "expand") continue;
    if (!expand(copy, path.split("."), account)) return error(400, { message: `This property cannot be expanded (${path.split(".")[0]}).`, param: "expand" });
  }
  return { status: 200, json: copy };
}

function expand(object, [name, ...rest], account) {
  if (object === null || typeof object !== "object") return true;
  if (name === "data" && object.object === "list") return object.data.every((item) => expand(item, rest, account));
  if (!(name in object)) return object.object === undefined || name in NAMED;
  if (typeof object[name] === "string") {
    if (!NAMED[name]) return false;
    const found = account?.get(NAMED[name], object[name]);
    if (found) object[name] = structuredClone(found);
  }
  return rest.length === 0 || expand(object[name], rest, account);
}

// ── Webhook endpoints ────────────────────────────────────────────────────────────────────────────────────────────────

const withoutSecret = ({ secret, ...endpoint }) => endpoint;

const EVENT_TYPES = new Set(
  [
    "charge.succeeded charge.captured charge.failed charge.expired charge.pending charge.refunded charge.refund.updated charge.updated",
    "charge.dispute.created charge.dispute.closed charge.dispute.updated charge.dispute.funds_withdrawn charge.dispute.funds_reinstated",
    "refund.created refund.updated refund.failed checkout.session.completed checkout.session.expired checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed invoice.created invoice.finalized invoice.paid invoice.payment_failed invoice.payment_succeeded",
    "invoice.updated invoice.voided invoice_payment.paid payment_intent.created payment_intent.succeeded payment_intent.canceled",
    "payment_intent.payment_failed customer.created customer.updated customer.deleted customer.subscription.created",
    "customer.subscription.updated customer.subscription.deleted customer.subscription.paused customer.subscription.resumed",
    "customer.subscription.trial_will_end *",
  ].join(" ").split(" "),
);

// The values of an array in a form: `name[]=…` or `name[0]=…`.
const array = (form, name) => [...form].filter(([sent]) => sent !== name && outer(sent) === name).map(([, value]) => value);
const hash = (form, name) => Object.fromEntries([...form].filter(([sent]) => sent.startsWith(`${name}[`)).map(([sent, value]) => [sent.slice(name.length + 1, -1), value]));

function makeEndpoint(asked, account, world) {
  if (!asked.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return error(400, { message: "Invalid request: the body must be form-encoded." });
  const form = new URLSearchParams(asked.body);
  const strange = unknownParameters(form, MADE_WITH);
  if (strange) return strange;
  const events = array(form, "enabled_events");
  for (const name of ["url", "enabled_events"]) {
    if (name === "url" ? !form.get("url") : events.length === 0) return error(400, { code: "parameter_missing", message: `Missing required param: ${name}.`, param: name });
  }
  const unknown = events.find((event) => !EVENT_TYPES.has(event));
  if (unknown) return error(400, { message: `Invalid enabled_events: ${unknown}`, param: "enabled_events" });
  if (!/^https?:\/\/[^\s]+$/.test(form.get("url"))) return error(400, { code: "url_invalid", message: "Not a valid URL", param: "url" });
  if (account.webhooks.size >= 16) return error(400, { message: "You have reached the maximum of 16 webhook endpoints." });
  const number = world.next("stripe endpoint");
  const endpoint = {
    id: `we_1Stand${number}In`, object: "webhook_endpoint", api_version: form.get("api_version"), application: null, created: Math.floor(Date.now() / 1000),
    description: form.get("description"), enabled_events: events, livemode: !account.isTest, metadata: hash(form, "metadata"), status: "enabled", url: form.get("url"),
    secret: `whsec_standin${account.name.slice(-6)}${number}`,
  };
  account.webhooks.set(endpoint.id, endpoint);
  account.note("made", { id: endpoint.id, url: endpoint.url, events });
  return { status: 200, json: endpoint };
}

function changeEndpoint(id, asked, account) {
  const endpoint = account.webhooks.get(id);
  if (!endpoint) return missing("webhook endpoint", id);
  const form = new URLSearchParams(asked.body);
  const strange = unknownParameters(form, ["url", "enabled_events", "description", "metadata", "disabled", "expand"]);
  if (strange) return strange;
  if (form.has("url")) endpoint.url = form.get("url");
  if (form.has("description")) endpoint.description = form.get("description");
  if (form.has("disabled")) endpoint.status = form.get("disabled") === "true" ? "disabled" : "enabled";
  if (array(form, "enabled_events").length > 0) endpoint.enabled_events = array(form, "enabled_events");
  return { status: 200, json: withoutSecret(endpoint) };
}

function deleteEndpoint(id, account) {
  const endpoint = account.webhooks.get(id);
  if (!endpoint) return missing("webhook endpoint", id);
  account.webhooks.delete(id);
  account.note("deleted", { id, url: endpoint.url });
  return { status: 200, json: { id, object: "webhook_endpoint", deleted: true } };
}
