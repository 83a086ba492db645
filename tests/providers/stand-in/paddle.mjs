// Paddle's API as its reference and the types of its SDK have it: `data` and `meta`, cursors by id, permissions, errors.

import { randomUUID } from "node:crypto";
import { bearer, link, page, parsed, route } from "./host.mjs";

const KEY = /^pdl_(live|sdbx)_\w+$/;
const PERMISSIONS = ["transaction.read", "adjustment.read", "customer.read", "subscription.read", "notification_setting.read", "notification_setting.write"];
const PAGING = ["after", "per_page", "order_by", "id"];

const RESOURCES = {
  transactions: {
    permission: "transaction.read", most: 30,
    filters: ["billed_at", "collection_mode", "created_at", "customer_id", "include", "invoice_number", "origin", "status", "subscription_id", "updated_at"],
  },
  adjustments: { permission: "adjustment.read", most: 50, filters: ["action", "customer_id", "status", "subscription_id", "transaction_id"] },
  customers: { permission: "customer.read", most: 200, filters: ["email", "search", "status"] },
  subscriptions: { permission: "subscription.read", most: 200, filters: ["address_id", "collection_mode", "customer_id", "include", "price_id", "scheduled_change_action", "status"] },
};

const EVENTS = new Set(
  [
    "transaction.billed transaction.canceled transaction.completed transaction.created transaction.paid transaction.past_due",
    "transaction.payment_failed transaction.ready transaction.updated transaction.revised subscription.activated subscription.canceled",
    "subscription.created subscription.imported subscription.past_due subscription.paused subscription.resumed subscription.trialing",
    "subscription.updated adjustment.created adjustment.updated customer.created customer.imported customer.updated",
    "api_key.created api_key.expired api_key.expiring api_key.revoked api_key.updated",
  ].join(" ").split(" "),
);

export const paddle = {
  name: "paddle",

  identify(asked, world) {
    const key = bearer(asked);
    if (!asked.headers.authorization) return { refusal: error(403, "authentication_missing", "Authentication header included, but is empty.") };
    if (!key || !KEY.test(key)) return { refusal: error(400, "authentication_malformed", "Authentication header included, but incorrectly formatted.") };
    const account = world.account("paddle", key);
    const isRefused = account.isUnknown || account.isExpired;
    return isRefused ? { account, refusal: error(403, "invalid_token", "Authentication token is not valid.") } : { account };
  },

  answer(asked, account, world) {
    const version = asked.headers["paddle-version"];
    if (version && version !== "1") return error(400, "unsupported_api_version", "API version is not supported.");
    return route(ROUTES, asked, account, world) ?? error(404, "invalid_url", "URL is not valid.");
  },

  limited: (retryAfter) => ({ ...error(429, "too_many_requests", "IP address exceeded the allowed rate limit. Retry after the number of seconds in the Retry-After header."), headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) } }),
  broken: () => error(500, "internal_error", "Something went wrong.", "api_error"),
};

const ROUTES = [
  ["GET", "/", (_, asked, account) => one({ environment: account.isTest ? "sandbox" : "live", account: { id: account.id, name: account.title }, permissions: PERMISSIONS.filter((name) => !account.denied.has(name)) })],
  ["GET", "/api-keys/:id", ({ id }, asked, account) => apiKey(id, account)],
  ["GET", "/currencies", () => one(["USD", "EUR", "GBP", "JPY", "KRW", "HUF"].map((code) => ({ code, name: code, decimal_places: ["JPY", "KRW"].includes(code) ? 0 : 2 })))],
  ["GET", "/notification-settings", (_, asked, account) => refused("notification_setting.read", account) ?? list(asked, [...account.webhooks.values()], 200, ["active", "traffic_source"])],
  ["POST", "/notification-settings", (_, asked, account, world) => refused("notification_setting.write", account) ?? makeSetting(asked, account, world)],
  ["GET", "/notification-settings/:id", ({ id }, asked, account) => refused("notification_setting.read", account) ?? found(account.webhooks.get(id), id)],
  ["PATCH", "/notification-settings/:id", ({ id }, asked, account) => refused("notification_setting.write", account) ?? changeSetting(id, asked, account)],
  ["DELETE", "/notification-settings/:id", ({ id }, asked, account) => refused("notification_setting.write", account) ?? deleteSetting(id, account)],
  ...Object.entries(RESOURCES).flatMap(([path, { permission, most, filters }]) => [
    ["GET", `/${path}`, (_, asked, account) => refused(permission, account) ?? list(asked, ordered(account, path, asked), most, filters, account)],
    ["GET", `/${path}/:id`, ({ id }, asked, account) => refused(permission, account) ?? found(account.get(path, id), id, asked, account)],
  ]),
];

const meta = () => ({ request_id: randomUUID() });
const one = (data) => ({ status: 200, json: { data, meta: meta() } });
const refused = (permission, account) => (account.denied.has(permission) ? error(403, "forbidden", "You aren't permitted to perform this request.") : undefined);

function error(status, code, detail, type = "request_error", errors = undefined) {
  return { status, json: { error: { type, code, detail, documentation_url: `https://developer.paddle.com/v1/errors/shared/${code}`, ...(errors && { errors }) }, meta: meta() } };
}

const wrongField = (field, message) => error(400, "bad_request", "Request does not pass validation.", "request_error", [{ field, message }]);
const notFound = (id) => error(404, "not_found", `Entity ${id} not found.`);
const found = (object, id, asked, account) => (object ? one(asked ? included(object, asked, account) : object) : notFound(id));

function apiKey(id, account) {
  const own = account.key.match(/apikey_([0-9a-z]+)/)?.[1];
  if (id !== `apikey_${own}`) return refused("api_key.read", { denied: new Set(["api_key.read"]) });
  const expires_at = account.settings.keyExpiresAt === undefined ? "2027-02-01T00:00:00.000000Z" : account.settings.keyExpiresAt;
  const when = "2026-01-05T10:00:00.000000Z";
  return one({ id, name: "Sluice", description: null, key: `pdl_live_apikey_${own}_…`, status: "active", permissions: PERMISSIONS, expires_at, last_used_at: when, created_at: when, updated_at: when });
}

// What `include` asks for is put into the transaction.
function included(object, { query }, account) {
  const wanted = query.get("include")?.split(",") ?? [];
  const extra = {};
  if (wanted.includes("customer")) extra.customer = account.get("customers", object.customer_id) ?? null;
  if (wanted.includes("adjustments")) extra.adjustments = account.all("adjustments").filter(({ transaction_id }) => transaction_id === object.id);
  return wanted.length > 0 ? { ...object, ...extra } : object;
}

const ORDER = /^(id|billed_at|created_at|updated_at)\[(ASC|DESC)\]$/;

// By id downwards, unless `order_by` says otherwise.
function ordered(account, kind, { query }) {
  const [, field = "id", direction = "DESC"] = query.get("order_by")?.match(ORDER) ?? [];
  const upwards = account.sorted(kind, field, (object) => object[field]);
  return direction === "ASC" ? upwards : upwards.toReversed();
}

function list(asked, objects, most, filters, account) {
  const { query } = asked;
  let kept = objects;
  for (const [name, value] of query) {
    const [, field, operator] = name.match(/^(\w+?)(?:\[(LT|LTE|GT|GTE)\])?$/) ?? [];
    if (!field || ![...PAGING, ...filters].includes(field)) return wrongField(name, "is not a known parameter");
    const values = value.split(",");
    if (["billed_at", "created_at", "updated_at"].includes(field)) kept = kept.filter((object) => object[field] && compared(operator, Date.parse(object[field]) - Date.parse(value)));
    else if (field === "active") kept = kept.filter((object) => String(object.active) === value);
    else if (field === "id" || !["include", "search", ...PAGING].includes(field)) kept = kept.filter((object) => values.includes(object[field]));
  }
  if (query.has("order_by") && !ORDER.test(query.get("order_by"))) return wrongField("order_by", "must be a field with a direction");
  const asPage = Number(query.get("per_page") ?? 50);
  if (!(asPage >= 1 && Number.isInteger(asPage))) return wrongField("per_page", "must be a number of at least 1");
  const size = Math.min(asPage, most);
  const after = query.get("after");
  const from = after === null ? 0 : kept.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) return wrongField("after", "is not the id of an entity in this list");
  const chosen = page(kept.slice(from, from + size), asked);
  const rest = new URLSearchParams(query);
  if (chosen.length > 0) rest.set("after", chosen.at(-1).id);
  const pagination = { per_page: size, next: link(`${asked.origin}${asked.path}?${rest}`, asked), has_more: from + size < kept.length, estimated_total: kept.length };
  return { status: 200, json: { data: chosen.map((object) => included(object, asked, account)), meta: { ...meta(), pagination } } };
}

const compared = (operator, difference) => ({ LT: difference < 0, LTE: difference <= 0, GT: difference > 0, GTE: difference >= 0 })[operator] ?? difference === 0;

// ── Notification settings ────────────────────────────────────────────────────────────────────────────────────────────

const MOST_ACTIVE = 10;
const described = (names) => names.map((name) => ({ name, description: `Occurs when: ${name}`, group: name.split(".")[0], available_versions: [1] }));

function makeSetting(asked, account, world) {
  const body = parsed(asked.body);
  if (!body) return error(400, "bad_request", "Invalid request.");
  for (const name of ["description", "destination", "type", "subscribed_events"]) if (!body[name]) return wrongField(name, "is required");
  if (!["url", "email"].includes(body.type)) return wrongField("type", "must be url or email");
  if (!/^https?:\/\//.test(body.destination)) return wrongField("destination", "must be a valid URL");
  const strange = body.subscribed_events.find((name) => !EVENTS.has(name));
  if (strange) return wrongField("subscribed_events", `${strange} is not an event`);
  if (body.traffic_source && !["platform", "simulation", "all"].includes(body.traffic_source)) return wrongField("traffic_source", "is not valid");
  if ([...account.webhooks.values()].filter(({ active }) => active).length >= MOST_ACTIVE) return error(400, "notification_maximum_active_settings_reached", "Maximum of active notification settings reached.");
  const number = String(world.next("paddle setting")).padStart(26, "0");
  const setting = {
    id: `ntfset_${number}`, description: body.description, type: body.type, destination: body.destination, active: true, api_version: body.api_version ?? 1,
    include_sensitive_fields: body.include_sensitive_fields ?? false, subscribed_events: described(body.subscribed_events),
    endpoint_secret_key: `pdl_ntfset_${number}_${randomUUID().replaceAll("-", "")}`, traffic_source: body.traffic_source ?? "platform",
  };
  account.webhooks.set(setting.id, setting);
  account.note("made", { id: setting.id, url: setting.destination, events: body.subscribed_events });
  return { status: 201, json: { data: setting, meta: meta() } };
}

function changeSetting(id, asked, account) {
  const setting = account.webhooks.get(id);
  if (!setting) return notFound(id);
  const body = parsed(asked.body) ?? {};
  for (const name of ["description", "destination", "active", "api_version", "include_sensitive_fields", "traffic_source"]) if (body[name] !== undefined) setting[name] = body[name];
  if (body.subscribed_events) setting.subscribed_events = described(body.subscribed_events);
  return one(setting);
}

function deleteSetting(id, account) {
  const setting = account.webhooks.get(id);
  if (!setting) return notFound(id);
  account.webhooks.delete(id);
  account.note("deleted", { id, url: setting.destination });
  return { status: 204 };
}
