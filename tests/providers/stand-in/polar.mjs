// Polar's API as its schema and its SDKs have it: pages by number, scopes, FastAPI's errors and trailing slashes.

import { randomBytes, randomUUID } from "node:crypto";
import { bearer, page, parsed, route } from "./host.mjs";

const TOKEN = /^polar_\w+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const VERSIONS = ["2026-04", "2026-10", "2027-01"];
const PAGING = ["organization_id", "page", "limit", "sorting"];

const RESOURCES = {
  orders: {
    scope: "orders:read",
    filters: ["product_id", "product_billing_type", "discount_id", "customer_id", "external_customer_id", "checkout_id", "subscription_id", "metadata", "status", "created_before", "created_after"],
  },
  refunds: { scope: "refunds:read", filters: ["id", "order_id", "subscription_id", "customer_id", "external_customer_id", "succeeded", "created_before", "created_after"] },
  subscriptions: { scope: "subscriptions:read", filters: ["product_id", "customer_id", "external_customer_id", "discount_id", "active", "status", "cancel_at_period_end", "customer_cancellation_reason", "metadata"] },
  disputes: { scope: "disputes:read", filters: ["order_id", "status", "created_before", "created_after"] },
  customers: { scope: "customers:read", filters: ["email", "query", "metadata"] },
};

const EVENTS = new Set(
  [
    "checkout.created checkout.updated checkout.expired customer.created customer.updated customer.deleted customer.state_changed",
    "customer_seat.assigned customer_seat.claimed customer_seat.revoked member.created member.updated member.deleted order.created",
    "order.updated order.paid order.refunded subscription.created subscription.updated subscription.active subscription.canceled",
    "subscription.uncanceled subscription.revoked subscription.past_due refund.created refund.updated product.created product.updated",
    "benefit.created benefit.updated benefit_grant.created benefit_grant.cycled benefit_grant.updated benefit_grant.revoked organization.updated",
  ].join(" ").split(" "),
);

export const polar = {
  name: "polar",

  identify(asked, world) {
    const token = bearer(asked);
    const unauthorized = {
      refusal: {
        status: 401, json: { error: "invalid_token", error_description: "The access token provided is expired, revoked, malformed, or invalid for other reasons." },
        headers: { "www-authenticate": 'Bearer realm="Polar", error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons."' },
      },
    };
    if (!token || !TOKEN.test(token)) return unauthorized;
    const account = world.account("polar", token);
    return account.isUnknown ? { account, ...unauthorized } : { account };
  },

  answer(asked, account, world) {
    const version = asked.headers["polar-version"];
    if (version && !VERSIONS.includes(version)) return invalid(["header", "polar-version"], "enum", `Input should be ${VERSIONS.join(", ")}`, version);
    // FastAPI sends those who forget the slash, or have one too many, to the route that there is.
    const other = asked.path.endsWith("/") ? asked.path.slice(0, -1) : `${asked.path}/`;
    const is = (path) => ROUTES.some(([method, pattern]) => method === asked.method && new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}$`).test(path));
    if (!is(asked.path) && is(other)) return { status: 307, headers: { location: `${asked.origin}${other}${asked.query.size ? `?${asked.query}` : ""}` }, text: "" };
    return route(ROUTES, asked, account, world) ?? { status: 404, json: { detail: "Not Found" } };
  },

  limited: (retryAfter) => ({ status: 429, json: { error: "RateLimitExceeded", detail: "Rate limit exceeded" }, headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) } }),
  broken: () => ({ status: 500, headers: { "content-type": "text/plain" }, text: "Internal Server Error" }),
};

const ROUTES = [
  ["GET", "/v1/organizations/:id", ({ id }, asked, account) => refused("organizations:read", account) ?? notUuid(id, ["path", "id"]) ?? (isOwn(account, id) ? { status: 200, json: organization(account, id) } : notFound())],
  ["GET", "/v1/webhooks/endpoints", (_, asked, account) => refused("webhooks:read", account) ?? list([...account.webhooks.values()], ["organization_id"], asked, account)],
  ["POST", "/v1/webhooks/endpoints", (_, asked, account) => refused("webhooks:write", account) ?? makeEndpoint(asked, account)],
  ["GET", "/v1/webhooks/endpoints/:id", ({ id }, asked, account) => refused("webhooks:read", account) ?? notUuid(id, ["path", "id"]) ?? found(account.webhooks.get(id))],
  ["PATCH", "/v1/webhooks/endpoints/:id", ({ id }, asked, account) => refused("webhooks:write", account) ?? changeEndpoint(id, asked, account)],
  ["PATCH", "/v1/webhooks/endpoints/:id/secret", ({ id }, asked, account) => refused("webhooks:write", account) ?? resetSecret(id, account)],
  ["DELETE", "/v1/webhooks/endpoints/:id", ({ id }, asked, account) => refused("webhooks:write", account) ?? deleteEndpoint(id, account)],
  ...Object.entries(RESOURCES).flatMap(([path, { scope, filters }]) => [
    ["GET", `/v1/${path}/`, (_, asked, account) => refused(scope, account) ?? list(ordered(account, path, asked), filters, asked, account)],
    ["GET", `/v1/${path}/:id`, ({ id }, asked, account) => refused(scope, account) ?? notUuid(id, ["path", "id"]) ?? found(account.get(path, id))],
  ]),
];

const notFound = () => ({ status: 404, json: { error: "ResourceNotFound", detail: "Not found" } });
const found = (object) => (object ? { status: 200, json: object } : notFound());
const invalid = (loc, type, msg, input) => ({ status: 422, json: { error: "RequestValidationError", detail: [{ type, loc, msg, input }] } });
const notUuid = (text, loc) => (UUID.test(text) ? undefined : invalid(loc, "uuid_parsing", "Input should be a valid UUID, invalid character", text));
const isOwn = (account, id) => !account.settings.organization || account.settings.organization === id;

function refused(scope, account) {
  if (!account.denied.has(scope)) return undefined;
  const description = "The request requires higher privileges than provided by the access token.";
  return {
    status: 403, json: { error: "insufficient_scope", error_description: description },
    headers: { "www-authenticate": `Bearer realm="Polar", error="insufficient_scope", error_description="${description}", scope="${scope}"` },
  };
}

function organization(account, id) {
  const now = "2026-01-05T10:00:00Z";
  const all = (names, value) => Object.fromEntries(names.split(" ").map((name) => [name, value]));
  return {
    created_at: now, modified_at: null, id, name: account.title, slug: "sluice-demo", avatar_url: null, proration_behavior: "prorate", allow_customer_updates: true,
    email: null, website: null, socials: [], status: "active", details_submitted_at: now, sso_enforced: false, default_presentment_currency: "usd",
    default_tax_behavior: "location", country: "US", account_id: null, payout_account_id: null,
    feature_settings: {
      ...all("issue_funding_enabled seat_based_pricing_enabled wallets_enabled member_model_enabled checkout_localization_enabled disputes_enabled sso_enabled", false),
      overview_metrics: [],
    },
    subscription_settings: { allow_multiple_subscriptions: true, proration_behavior: "prorate", benefit_revocation_grace_period: 0, prevent_trial_abuse: false, allow_customer_updates: true },
    customer_email_settings: all(
      "order_confirmation subscription_cancellation subscription_confirmation subscription_cycled subscription_cycled_after_trial subscription_past_due subscription_paused subscription_resumed subscription_renewal_reminder subscription_revoked subscription_trial_conversion_reminder subscription_uncanceled subscription_updated",
      true,
    ),
    customer_portal_settings: { usage: { show: true }, subscription: { update_seats: true, update_plan: true } },
    capabilities: all("checkout_payments subscription_renewals payouts refunds api_access dashboard_access", true),
  };
}

// Newest first, unless `sorting` says otherwise.
function ordered(account, kind, { query }) {
  const [, minus, field] = (query.get("sorting") ?? "-created_at").match(/^(-?)((?:created|started)_at)$/) ?? [];
  if (!field) return undefined;
  const upwards = account.sorted(kind, field, (object) => Date.parse(object[field]));
  return minus ? upwards.toReversed() : upwards;
}

function list(objects, filters, asked, account) {
  const { query } = asked;
  if (!objects) return invalid(["query", "sorting"], "enum", "The stand-in sorts by moments of beginning only", query.get("sorting"));
  const number = Number(query.get("page") ?? 1);
  const limit = Number(query.get("limit") ?? 10);
  if (!(number >= 1)) return invalid(["query", "page"], "greater_than", "Input should be greater than 0", query.get("page"));
  if (!(limit >= 1 && limit <= 100)) return invalid(["query", "limit"], "less_than_equal", "Input should be less than or equal to 100", query.get("limit"));
  let kept = objects;
  for (const [name, value] of query) {
    if (name === "organization_id" && notUuid(value)) return notUuid(value, ["query", name]);
    if (name === "organization_id" && !isOwn(account, value)) kept = [];
    // FastAPI takes no notice of parameters that it does not know; a test wants to hear of them.
    if (![...PAGING, ...filters].includes(name)) return invalid(["query", name], "extra_forbidden", "The stand-in knows no such parameter", value);
    if (PAGING.includes(name)) continue;
    if (name === "created_before") kept = kept.filter((object) => Date.parse(object.created_at) < Date.parse(value));
    else if (name === "created_after") kept = kept.filter((object) => Date.parse(object.created_at) > Date.parse(value));
    else if (name === "succeeded") kept = kept.filter((object) => (object.status === "succeeded") === (value === "true"));
    else if (name === "active") kept = kept.filter((object) => ["active", "trialing"].includes(object.status) === (value === "true"));
    else kept = kept.filter((object) => query.getAll(name).includes(String(object[name])));
  }
  const from = (number - 1) * limit;
  return { status: 200, json: { items: page(kept.slice(from, from + limit), asked), pagination: { total_count: kept.length, max_page: Math.ceil(kept.length / limit) } } };
}

// ── Webhook endpoints ────────────────────────────────────────────────────────────────────────────────────────────────

// As it makes them since 2026-09-08; with `settings.oldSecrets` as before.
const newSecret = (account) => (account.settings.oldSecrets ? `polar_whs_${randomBytes(32).toString("hex").slice(0, 43)}` : `whsec_${randomBytes(32).toString("base64")}`);

function faults({ url, format, events, organization_id }, isNew) {
  const isPublic = /^https:\/\/(?!localhost|127\.|\[::1\])/.test(url ?? "");
  if ((isNew || url !== undefined) && !isPublic) return invalid(["body", "url"], "value_error", "URL scheme should be 'https' and not localhost", url);
  if ((isNew || format !== undefined) && !["raw", "discord", "slack"].includes(format)) return invalid(["body", "format"], "enum", "Input should be 'raw', 'discord' or 'slack'", format);
  if ((isNew || events !== undefined) && (!Array.isArray(events) || events.some((event) => !EVENTS.has(event)))) return invalid(["body", "events"], "enum", "Input should be an event", events);
  if (organization_id) return invalid(["body", "organization_id"], "organization_token", "Setting organization_id is disallowed when using an organization token.", organization_id);
  return undefined;
}

function makeEndpoint(asked, account) {
  const body = parsed(asked.body);
  if (!body) return invalid(["body"], "json_invalid", "JSON decode error", {});
  const wrong = faults(body, true);
  if (wrong) return wrong;
  const endpoint = {
    created_at: new Date().toISOString(), modified_at: null, id: randomUUID(), url: body.url, name: body.name ?? null, format: body.format,
    secret: newSecret(account), organization_id: account.settings.organization ?? randomUUID(), events: body.events, enabled: true,
    api_version: body.api_version ?? VERSIONS[1],
  };
  account.webhooks.set(endpoint.id, endpoint);
  account.note("made", endpoint);
  return { status: 201, json: endpoint };
}

function changeEndpoint(id, asked, account) {
  const endpoint = account.webhooks.get(id);
  const body = parsed(asked.body);
  if (!endpoint) return notFound();
  const wrong = body ? faults(body, false) : invalid(["body"], "json_invalid", "JSON decode error", {});
  if (wrong) return wrong;
  for (const name of ["url", "name", "format", "events", "enabled"]) if (body[name] !== undefined && body[name] !== null) endpoint[name] = body[name];
  return { status: 200, json: endpoint };
}

function resetSecret(id, account) {
  const endpoint = account.webhooks.get(id);
  if (!endpoint) return notFound();
  endpoint.secret = newSecret(account);
  return { status: 200, json: endpoint };
}

function deleteEndpoint(id, account) {
  const endpoint = account.webhooks.get(id);
  if (!endpoint) return notFound();
  account.webhooks.delete(id);
  account.note("deleted", endpoint);
  return { status: 204 };
}
