// Lemon Squeezy's API as its reference and its SDK have it: JSON:API documents, pages by number, errors as arrays.

import { bearer, link, page, parsed, route } from "./host.mjs";

const BASE = "/v1";
const LIMIT_A_MINUTE = 300;

// Path → what it may be filtered by and what may be included.
const RESOURCES = {
  orders: { filters: ["store_id", "user_email", "order_number"], includes: ["store", "customer", "order-items", "subscriptions", "license-keys", "discount-redemptions"] },
  "subscription-invoices": { filters: ["store_id", "status", "refunded", "subscription_id"], includes: ["store", "subscription", "customer"] },
  subscriptions: {
    filters: ["store_id", "order_id", "order_item_id", "product_id", "variant_id", "user_email", "status"],
    includes: ["store", "customer", "order", "order-item", "product", "variant"],
  },
  customers: { filters: ["store_id", "email"], includes: ["store", "license-keys", "orders", "subscriptions"] },
};

const EVENTS = new Set(
  [
    "order_created order_refunded subscription_created subscription_updated subscription_cancelled subscription_resumed",
    "subscription_expired subscription_paused subscription_unpaused subscription_payment_failed subscription_payment_success",
    "subscription_payment_recovered subscription_payment_refunded subscription_plan_changed license_key_created license_key_updated",
    "affiliate_activated customer_updated",
  ].join(" ").split(" "),
);

export const lemonsqueezy = {
  name: "lemonsqueezy",

  identify(asked, world) {
    const key = bearer(asked);
    const unauthorized = { refusal: errors(401, "Unauthenticated.", "Unauthorized") };
    if (!key) return unauthorized;
    const account = world.account("lemonsqueezy", key);
    return account.isUnknown ? { account, ...unauthorized } : { account };
  },

  answer(asked, account, world) {
    const answer = route(ROUTES, asked, account, world) ?? notFound();
    return { ...answer, headers: { "content-type": "application/vnd.api+json", ...rate(account), ...answer.headers } };
  },

  limited: (retryAfter) => ({
    status: 429, json: { message: "Too Many Attempts." },
    headers: { "x-ratelimit-limit": String(LIMIT_A_MINUTE), "x-ratelimit-remaining": "0", ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) },
  }),
  broken: () => ({ status: 500, json: { message: "Server Error" } }),
};

const ROUTES = [
  ["GET", `${BASE}/users/me`, (_, asked, account) => document(account, { type: "users", id: account.id, attributes: { name: "Darlene Daugherty", email: "gernser@example.com", color: "#898FA9", avatar_url: "https://example.com/x.png", has_custom_avatar: false, createdAt: WHEN, updatedAt: WHEN }, links: { self: `${API}/users/1` } }, asked)],
  ["GET", `${BASE}/stores`, (_, asked, account) => list(account, (account.settings.stores ?? ["12345"]).map((id) => store(account, id)), asked)],
  ["GET", `${BASE}/stores/:id`, ({ id }, asked, account) => (/^\d+$/.test(id) && (account.settings.stores ?? [id]).includes(id) ? document(account, store(account, id), asked) : notFound())],
  ["GET", `${BASE}/webhooks`, (_, asked, account) => filtered(account, [...account.webhooks.values()].map(shown), ["store_id"], asked)],
  ["POST", `${BASE}/webhooks`, (_, asked, account, world) => makeWebhook(asked, account, world)],
  ["GET", `${BASE}/webhooks/:id`, ({ id }, asked, account) => (account.webhooks.has(id) ? document(account, shown(account.webhooks.get(id)), asked) : notFound())],
  ["PATCH", `${BASE}/webhooks/:id`, ({ id }, asked, account) => changeWebhook(id, asked, account)],
  ["DELETE", `${BASE}/webhooks/:id`, ({ id }, asked, account) => deleteWebhook(id, account)],
  ...Object.entries(RESOURCES).flatMap(([path, { filters, includes }]) => [
    ["GET", `${BASE}/${path}`, (_, asked, account) => filtered(account, newestFirst(account, path), filters, asked, includes)],
    ["GET", `${BASE}/${path}/:id`, ({ id }, asked, account) => (account.get(path, id) ? document(account, account.get(path, id), asked, includes) : notFound())],
  ]),
];

const WHEN = "2026-01-05T10:00:00.000000Z";
const API = "https://api.lemonsqueezy.com/v1";

function store(account, id) {
  const attributes = {
    name: account.title, slug: "sluice-demo", domain: "sluice-demo.lemonsqueezy.com", url: "https://sluice-demo.lemonsqueezy.com",
    avatar_url: "https://example.com/x.png", plan: "fresh", country: "US", country_nicename: "United States", currency: "USD", total_sales: 0,
    total_revenue: 0, thirty_day_sales: 0, thirty_day_revenue: 0, created_at: WHEN, updated_at: WHEN,
  };
  return { type: "stores", id, attributes, links: { self: `${API}/stores/${id}` } };
}

const newestFirst = (account, kind) => account.sorted(kind, "created_at", ({ attributes }) => attributes.created_at).toReversed();

function errors(status, detail, title, source) {
  return { status, headers: { "content-type": "application/vnd.api+json" }, json: { jsonapi: { version: "1.0" }, errors: [{ detail, status: String(status), title, ...source }] } };
}

const notFound = () => errors(404, "The requested resource could not be found.", "Not Found");
const invalid = (pointer, detail) => errors(422, detail, "Unprocessable Entity", { source: { pointer } });

// What is left of the 300 requests of a minute.
function rate(account) {
  const minute = Math.floor(Date.now() / 60_000);
  if (account.settings.minute !== minute) Object.assign(account.settings, { minute, asked: 0 });
  account.settings.asked += 1;
  return { "x-ratelimit-limit": String(LIMIT_A_MINUTE), "x-ratelimit-remaining": String(Math.max(0, LIMIT_A_MINUTE - account.settings.asked)) };
}

function document(account, data, asked, includes = []) {
  const included = inclusion(account, [data], asked, includes);
  if (included?.status) return included;
  const meta = { test_mode: account.isTest };
  return { status: 200, json: { jsonapi: { version: "1.0" }, meta, links: data.links, data, ...(included && { included }) } };
}

function filtered(account, objects, filters, asked, includes = []) {
  let kept = objects;
  for (const [name, value] of asked.query) {
    const filter = name.match(/^filter\[(.+)\]$/)?.[1];
    if (!filter) continue;
    if (!filters.includes(filter)) return errors(400, `Filter parameter ${filter} is not allowed.`, "Invalid Query Parameter", { source: { parameter: "filter" } });
    kept = kept.filter((object) => String(object.attributes[filter]) === value);
  }
  return list(account, kept, asked, includes);
}

function list(account, objects, asked, includes = []) {
  const { query } = asked;
  const strange = [...query.keys()].find((name) => !/^(filter\[.+\]|page\[(number|size)\]|include|sort)$/.test(name));
  if (strange) return errors(400, `Query parameter ${strange} is not allowed.`, "Invalid Query Parameter", { source: { parameter: strange } });
  const size = Number(query.get("page[size]") ?? 10);
  const number = Number(query.get("page[number]") ?? 1);
  if (!(size >= 1 && size <= 100)) return errors(400, "The page size must be between 1 and 100.", "Invalid Query Parameter", { source: { parameter: "page.size" } });
  const from = (number - 1) * size;
  const chosen = page(objects.slice(from, from + size), asked);
  const included = inclusion(account, chosen, asked, includes);
  if (included?.status) return included;
  const last = Math.max(1, Math.ceil(objects.length / size));
  const to = (number) => link(`${API}${asked.path.slice(BASE.length)}?page%5Bnumber%5D=${number}&page%5Bsize%5D=${size}`, asked);
  const links = { first: to(1), last: to(last), ...(number > 1 && { prev: to(number - 1) }), ...(number < last && { next: to(number + 1) }) };
  const range = chosen.length > 0 ? { from: from + 1, to: Math.min(objects.length, from + size) } : { from: null, to: null };
  const pages = { currentPage: number, ...range, lastPage: last, perPage: size, total: objects.length };
  return { status: 200, json: { meta: { page: pages, test_mode: account.isTest }, jsonapi: { version: "1.0" }, links, data: chosen, ...(included && { included }) } };
}

// The objects that `include` asks for; a refusal for names that are none.
function inclusion(account, objects, { query }, known) {
  const names = (query.get("include") || undefined)?.split(",") ?? [];
  const strange = names.find((name) => !known.includes(name));
  if (strange) return errors(400, `Include path ${strange} is not allowed.`, "Invalid Query Parameter", { source: { parameter: "include" } });
  if (names.length === 0) return undefined;
  const ids = new Set(objects.map(({ id }) => id));
  const of = {
    subscriptions: () => account.all("subscriptions").filter(({ attributes }) => ids.has(String(attributes.order_id))),
    subscription: () => objects.map(({ attributes }) => account.get("subscriptions", attributes.subscription_id)).filter(Boolean),
    customer: () => objects.map(({ attributes }) => account.get("customers", attributes.customer_id)).filter(Boolean),
    order: () => objects.map(({ attributes }) => account.get("orders", attributes.order_id)).filter(Boolean),
  };
  return names.flatMap((name) => of[name]?.() ?? []);
}

// ── Webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const shown = ({ secret, ...webhook }) => webhook;

function makeWebhook(asked, account, world) {
  const data = parsed(asked.body)?.data;
  const { url, events, secret, test_mode = false } = data?.attributes ?? {};
  const storeId = data?.relationships?.store?.data?.id;
  if (data?.type !== "webhooks") return invalid("/data/type", "The type field must be webhooks.");
  if (typeof url !== "string" || !/^https?:\/\//.test(url)) return invalid("/data/attributes/url", "The url field is required.");
  if (!Array.isArray(events) || events.length === 0) return invalid("/data/attributes/events", "The events field is required.");
  if (events.some((event) => !EVENTS.has(event))) return invalid("/data/attributes/events", "The selected events are invalid.");
  if (typeof secret !== "string" || secret.length < 6 || secret.length > 40) return invalid("/data/attributes/secret", "The secret must be between 6 and 40 characters.");
  if (typeof storeId !== "string") return invalid("/data/relationships/store", "The store field is required.");
  if (!(account.settings.stores ?? [storeId]).includes(storeId)) return notFound();
  const id = String(world.next("lemonsqueezy webhook"));
  const now = new Date().toISOString().replace("Z", "000Z");
  const webhook = {
    type: "webhooks", id, secret,
    attributes: { store_id: Number(storeId), url, events, last_sent_at: null, created_at: now, updated_at: now, test_mode: test_mode || account.isTest },
    relationships: { store: { links: { related: `${API}/webhooks/${id}/store`, self: `${API}/webhooks/${id}/relationships/store` } } },
    links: { self: `${API}/webhooks/${id}` },
  };
  account.webhooks.set(id, webhook);
  account.note("made", { id, url, events });
  return { ...document(account, shown(webhook), asked), status: 201 };
}

function changeWebhook(id, asked, account) {
  const webhook = account.webhooks.get(id);
  if (!webhook) return notFound();
  const { url, events, secret } = parsed(asked.body)?.data?.attributes ?? {};
  if (url) webhook.attributes.url = url;
  if (events) webhook.attributes.events = events;
  if (secret) webhook.secret = secret;
  return document(account, shown(webhook), asked);
}

function deleteWebhook(id, account) {
  const webhook = account.webhooks.get(id);
  if (!webhook) return notFound();
  account.webhooks.delete(id);
  account.note("deleted", { id, url: webhook.attributes.url });
  return { status: 204 };
}
