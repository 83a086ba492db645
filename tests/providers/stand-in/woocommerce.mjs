// A WooCommerce shop's REST API v3 as its documentation and source have it: keys, pages counted in headers, its pings.

import { createHash, randomBytes } from "node:crypto";
import { deliver } from "./delivery.mjs";
import { page, parsed, route } from "./host.mjs";

const API = "/wp-json/wc/v3";
const TOPIC = /^(order|customer|product|coupon)\.(created|updated|deleted|restored)$/;
const ORDER_FILTERS = [
  "context", "page", "per_page", "search", "after", "before", "modified_after", "modified_before", "dates_are_gmt", "exclude", "include", "offset", "order",
  "orderby", "parent", "parent_exclude", "status", "customer", "product", "dp", "created_via",
];
const KEYS = /^(consumer_(key|secret)|oauth_\w+|_fields)$/;

export const woocommerce = {
  name: "woocommerce",

  // Basic; or the key in the query; or OAuth 1.0a, whose signature is taken as it comes.
  identify(asked, world) {
    const { query, headers } = asked;
    // The pages of consent are for the shop's owner, whom a test names by `user_id`.
    if (asked.path.startsWith("/wc-auth/")) return { account: query.get("user_id") ? world.account("woocommerce", query.get("user_id")) : undefined };
    const basic = headers.authorization?.match(/^basic (.+)$/i)?.[1];
    const pair = basic && !world.stripsAuthorization ? Buffer.from(basic, "base64").toString().split(":") : undefined;
    const oauth = query.get("oauth_consumer_key") ?? headers.authorization?.match(/oauth_consumer_key="([^"]+)"/)?.[1];
    const [key, secret] = pair ?? [query.get("consumer_key") ?? oauth, query.get("consumer_secret") ?? undefined];
    if (!key) return { account: undefined };
    const wrong = (message) => ({ refusal: error(401, "woocommerce_rest_authentication_error", message) });
    if (!/^ck_\w+$/.test(key)) return wrong("Consumer key is invalid.");
    if (!oauth && !/^cs_\w+$/.test(secret ?? "")) return wrong("Consumer secret is invalid.");
    const account = world.account("woocommerce", key);
    if (account.isUnknown) return { account, ...wrong("Consumer key is invalid.") };
    if (!oauth && account.settings.secret && account.settings.secret !== secret) return { account, ...wrong("Consumer secret is invalid.") };
    if (account.settings.stripsAuthorization && pair) return { account, refusal: error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.") };
    if (asked.method !== "GET" && account.denied.has("write")) return { account, ...wrong("The API key provided does not have write permissions.") };
    return { account };
  },

  async answer(asked, account, world) {
    const answer = await route(ROUTES, asked, account ?? NOBODY, world);
    return answer ?? error(404, "rest_no_route", "No route was found matching the URL and request method.");
  },

  limited: (retryAfter) => ({ status: 429, headers: { "content-type": "text/html", ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) }, text: "<h1>Too Many Requests</h1>" }),
  broken: () => error(500, "internal_server_error", "<p>There has been a critical error on this website.</p>"),
};

const NOBODY = { denied: new Set(["view", "create"]) };

const error = (status, code, message, more = {}) => ({ status, json: { code, message, data: { status, ...more } } });
const mayNot = (permission, account) => {
  if (!account.denied.has(permission)) return undefined;
  const verb = { view: "list", create: "create" }[permission];
  return error(401, `woocommerce_rest_cannot_${permission}`, `Sorry, you ${permission === "view" ? "cannot" : "are not allowed to"} ${verb} resources.`);
};

const ROUTES = [
  ["GET", "/wc-auth/v1/authorize", (_, asked) => consentPage(asked)],
  ["GET", "/wc-auth/v1/access_granted", (_, asked, account, world) => granted(asked, account, world)],
  ["GET", `${API}/orders`, (_, asked, account) => mayNot("view", account) ?? orders(asked, account)],
  ["GET", `${API}/orders/:id`, ({ id }, asked, account) => mayNot("view", account) ?? (account.get("orders", id) ? { status: 200, json: account.get("orders", id) } : noOrder())],
  ["GET", `${API}/orders/:id/refunds`, ({ id }, asked, account) => mayNot("view", account) ?? refunds(id, asked, account)],
  ["GET", `${API}/orders/:id/refunds/:refund`, ({ id, refund }, asked, account) => mayNot("view", account) ?? oneRefund(id, refund, account)],
  ["GET", `${API}/data/currencies/current`, (_, asked, account) => mayNot("view", account) ?? { status: 200, json: { code: account.settings.currency ?? "EUR", name: "Euro", symbol: "&euro;", _links: {} } }],
  ["GET", `${API}/webhooks`, (_, asked, account) => mayNot("view", account) ?? paged(asked, [...account.webhooks.values()].reverse().map(shown))],
  ["POST", `${API}/webhooks`, (_, asked, account, world) => mayNot("create", account) ?? makeWebhook(asked, account, world)],
  ["GET", `${API}/webhooks/:id`, ({ id }, asked, account) => mayNot("view", account) ?? (account.webhooks.has(id) ? { status: 200, json: shown(account.webhooks.get(id)) } : noWebhook())],
  ["PUT", `${API}/webhooks/:id`, ({ id }, asked, account) => mayNot("create", account) ?? changeWebhook(id, asked, account)],
  ["DELETE", `${API}/webhooks/:id`, ({ id }, asked, account) => mayNot("create", account) ?? deleteWebhook(id, asked, account)],
];

const noOrder = () => error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");
const noWebhook = () => error(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.");

// Pages by number, or from an offset; the totals are in headers.
function paged(asked, objects) {
  const { query } = asked;
  const size = Number(query.get("per_page") ?? 10);
  const number = Number(query.get("page") ?? 1);
  if (!(size >= 1 && size <= 100)) return error(400, "rest_invalid_param", "Invalid parameter(s): per_page", { params: { per_page: "per_page must be between 1 (inclusive) and 100 (inclusive)" } });
  if (!(number >= 1)) return error(400, "rest_invalid_param", "Invalid parameter(s): page", { params: { page: "page must be greater than or equal to 1" } });
  const from = query.has("offset") ? Number(query.get("offset")) : (number - 1) * size;
  const chosen = page(objects.slice(from, from + size), asked);
  return { status: 200, json: chosen, headers: { "x-wp-total": String(objects.length), "x-wp-totalpages": String(Math.ceil(objects.length / size)) } };
}

function orders(asked, account) {
  const { query } = asked;
  // WordPress takes no notice of parameters that it does not know; a test wants to hear of them.
  const strange = [...query.keys()].map((name) => name.replace(/\[.*$/, "")).find((name) => !ORDER_FILTERS.includes(name) && !KEYS.test(name));
  if (strange) return error(400, "rest_invalid_param", `The stand-in knows no parameter ${strange}`);
  const isGmt = ["true", "1"].includes(query.get("dates_are_gmt"));
  const time = (text) => Date.parse(/[Z+]/.test(text.slice(10)) ? text : `${text}Z`);
  const field = (name) => (isGmt ? `${name}_gmt` : name);
  const by = { after: ["date_created", 1], before: ["date_created", -1], modified_after: ["date_modified", 1], modified_before: ["date_modified", -1] };
  const column = { date: "date_created_gmt", modified: "date_modified_gmt", id: "id" }[query.get("orderby") ?? "date"];
  if (!column) return error(400, "rest_invalid_param", "Invalid parameter(s): orderby");
  const upwards = account.sorted("orders", column, (order) => order[column]);
  let kept = query.get("order") === "asc" ? upwards : upwards.toReversed();
  for (const [name, [column, sign]] of Object.entries(by)) {
    if (query.has(name)) kept = kept.filter((order) => sign * (time(order[field(column)]) - time(query.get(name))) > 0);
  }
  const statuses = query.getAll("status").concat(query.getAll("status[]")).flatMap((text) => text.split(","));
  const isAny = statuses.length === 0 || statuses.includes("any");
  kept = kept.filter(({ status }) => (isAny ? !["trash", "auto-draft", "checkout-draft"].includes(status) : statuses.includes(status)));
  if (query.has("include")) kept = kept.filter(({ id }) => query.get("include").split(",").includes(String(id)));
  return paged(asked, kept);
}

function refunds(id, asked, account) {
  if (!account.get("orders", id)) return noOrder();
  return paged(asked, account.all("refunds").filter(({ parent_id }) => String(parent_id) === id).map(({ parent_id, ...refund }) => refund));
}

function oneRefund(id, refundId, account) {
  const refund = account.get("refunds", refundId);
  if (!account.get("orders", id)) return noOrder();
  return String(refund?.parent_id) === id ? { status: 200, json: refund } : error(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.");
}

// ── Consent (class-wc-auth.php) ──────────────────────────────────────────────────────────────────────────────────────

const AUTH_PARAMETERS = ["app_name", "user_id", "return_url", "callback_url", "scope"];
const PERMISSIONS = { read: "read", write: "write", read_write: "read_write" };
const html = (status, text) => ({ status, headers: { "content-type": "text/html; charset=utf-8" }, text });
const authError = (why) => html(401, `<title>Access denied</title><p>Error: ${why}.</p>`);
const nonceOf = ({ query }) => createHash("sha256").update(AUTH_PARAMETERS.map((name) => query.get(name)).join("|")).digest("hex").slice(0, 10);
const backTo = ({ query }, success) => {
  const url = new URL(query.get("return_url"));
  url.searchParams.set("success", success);
  url.searchParams.set("user_id", query.get("user_id"));
  return url.href;
};

function unasked({ query }) {
  const missing = AUTH_PARAMETERS.find((name) => !query.get(name));
  if (missing) return authError(`Missing parameter ${missing}`);
  if (!PERMISSIONS[query.get("scope")]) return authError(`Invalid scope ${query.get("scope")}`);
  const wrong = ["return_url", "callback_url"].find((name) => !URL.canParse(query.get(name)));
  if (wrong) return authError(`The ${wrong} is not a valid URL`);
  return query.get("callback_url").startsWith("https://") ? undefined : authError("The callback_url needs to be over SSL");
}

// What the owner sees, who is signed in to WordPress: two links.
function consentPage(asked) {
  const refusal = unasked(asked);
  if (refusal) return refusal;
  const granted = new URLSearchParams(asked.query);
  granted.set("wc_auth_nonce", nonceOf(asked));
  const link = (name, url) => `<a class="${name}" href="${url.replaceAll("&", "&amp;")}">${name}</a>`;
  return html(200, `${link("approve", `${asked.origin}/wc-auth/v1/access_granted?${granted}`)}${link("deny", backTo(asked, "0"))}`);
}

// Makes a key, posts it, and leads back; a key that is not taken is deleted again.
async function granted(asked, owner, world) {
  const { query } = asked;
  if (unasked(asked) || query.get("wc_auth_nonce") !== nonceOf(asked)) return authError("Invalid nonce verification");
  const [key, secret] = ["ck_", "cs_"].map((prefix) => prefix + randomBytes(20).toString("hex"));
  const made = world.account("woocommerce", key);
  Object.assign(made, { denied: new Set(query.get("scope") === "read" ? ["write"] : []) });
  Object.assign(made.settings, owner.settings, { secret });
  const body = JSON.stringify({ key_id: world.next("woocommerce key"), user_id: query.get("user_id"), consumer_key: key, consumer_secret: secret, key_permissions: query.get("scope") });
  const { status } = await deliver(owner, query.get("callback_url"), { "content-type": "application/json;charset=UTF-8" }, body);
  owner.history.push({ what: "granted", id: key, status, at: Date.now() });
  if (status === 200) return { status: 302, headers: { location: backTo(asked, "1") }, text: "" };
  made.isUnknown = true;
  return authError("An error occurred in the request and at the time were unable to send the consumer data");
}

// ── Webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const shown = ({ secret, failures, ...webhook }) => webhook;

async function makeWebhook(asked, account, world) {
  const body = parsed(asked.body);
  if (!body) return error(400, "rest_invalid_json", "Invalid JSON body passed.");
  if (!TOPIC.test(body.topic ?? "")) return error(400, "woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic must be valid.");
  if (!/^https?:\/\//.test(body.delivery_url ?? "")) return error(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", "Webhook delivery URL must be a valid URL starting with http:// or https://.");
  const id = 10 + world.next("woocommerce webhook");
  const [resource, event] = body.topic.split(".");
  const now = new Date().toISOString().slice(0, 19);
  const webhook = {
    id, name: body.name ?? `Webhook created on ${now}`, status: body.status ?? "active", topic: body.topic, resource, event, hooks: [`woocommerce_${event}_${resource}`],
    delivery_url: body.delivery_url, date_created: now, date_created_gmt: now, date_modified: now, date_modified_gmt: now, secret: body.secret ?? "", failures: 0,
    _links: { self: [{ href: `${asked.origin}${API}/webhooks/${id}` }], collection: [{ href: `${asked.origin}${API}/webhooks` }] },
  };
  account.webhooks.set(String(id), webhook);
  account.note("made", { id, url: webhook.delivery_url, events: [webhook.topic] });
  // The shop pings the address while it makes the webhook, and makes it whatever the answer is.
  const pinged = await deliver(account, webhook.delivery_url, { "content-type": "application/x-www-form-urlencoded" }, `webhook_id=${id}`);
  account.history.push({ what: "pinged", id, status: pinged.status, at: Date.now() });
  return { status: 201, json: shown(webhook) };
}

function changeWebhook(id, asked, account) {
  const webhook = account.webhooks.get(id);
  if (!webhook) return noWebhook();
  const body = parsed(asked.body) ?? {};
  for (const name of ["name", "status", "topic", "secret", "delivery_url"]) if (body[name] !== undefined) webhook[name] = body[name];
  return { status: 200, json: shown(webhook) };
}

function deleteWebhook(id, asked, account) {
  const webhook = account.webhooks.get(id);
  if (!webhook) return noWebhook();
  if (!["true", "1"].includes(asked.query.get("force"))) return error(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.");
  account.webhooks.delete(id);
  account.note("deleted", { id: webhook.id, url: webhook.delivery_url });
  return { status: 200, json: shown(webhook) };
}
