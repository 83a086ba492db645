// A Shopify shop's Admin API as its reference and its library have it: tokens for client credentials, GraphQL with costs.

import { randomBytes } from "node:crypto";
import { execute, GraphqlError, parse } from "./graphql.mjs";
import { page, parsed } from "./host.mjs";

const SCOPES = ["read_orders", "read_all_orders", "read_customers", "read_shopify_payments_disputes"];
const PAST_MS = 60 * 86_400_000; // of orders without read_all_orders
const POINTS = { maximumAvailable: 1000, restoreRate: 50 };

const TOPICS = new Set(
  [
    "APP_UNINSTALLED APP_SCOPES_UPDATE ORDERS_CREATE ORDERS_PAID ORDERS_UPDATED ORDERS_CANCELLED ORDERS_DELETE ORDERS_EDITED ORDERS_FULFILLED",
    "ORDERS_PARTIALLY_FULFILLED REFUNDS_CREATE ORDER_TRANSACTIONS_CREATE DISPUTES_CREATE DISPUTES_UPDATE CUSTOMERS_CREATE CUSTOMERS_UPDATE SHOP_UPDATE",
  ].join(" ").split(" "),
);

const fields = (text, type = "Scalar") => Object.fromEntries(text.split(" ").map((name) => [name, [type]]));
const CONNECTION = ["first", "after", "last", "before", "reverse", "sortKey", "query"];

// The part of the Admin API's schema that may be asked for, with the arguments that each field takes.
const SCHEMA = {
  QueryRoot: {
    shop: ["Shop"], currentAppInstallation: ["AppInstallation"], order: ["Order", ["id"]],
    orders: ["OrderConnection", [...CONNECTION, "savedSearchId"]], ordersCount: ["Count", ["query", "savedSearchId", "limit"]],
    webhookSubscription: ["WebhookSubscription", ["id"]],
    webhookSubscriptions: ["WebhookSubscriptionConnection", [...CONNECTION, "format", "topics", "uri"]],
    disputes: ["ShopifyPaymentsDisputeConnection", [...CONNECTION]],
  },
  Mutation: {
    webhookSubscriptionCreate: ["WebhookSubscriptionCreatePayload", ["topic", "webhookSubscription"]],
    webhookSubscriptionUpdate: ["WebhookSubscriptionUpdatePayload", ["id", "webhookSubscription"]],
    webhookSubscriptionDelete: ["WebhookSubscriptionDeletePayload", ["id"]],
  },
  Shop: fields("id name email myshopifyDomain currencyCode ianaTimezone url"),
  AppInstallation: { ...fields("id"), accessScopes: ["AccessScope"] },
  AccessScope: fields("handle description"),
  Count: fields("count precision"),
  PageInfo: fields("hasNextPage hasPreviousPage startCursor endCursor"),
  OrderConnection: { nodes: ["Order"], edges: ["OrderEdge"], pageInfo: ["PageInfo"] },
  OrderEdge: { ...fields("cursor"), node: ["Order"] },
  Order: {
    ...fields("id legacyResourceId name createdAt processedAt updatedAt cancelledAt closedAt displayFinancialStatus displayFulfillmentStatus"),
    ...fields("test sourceName sourceIdentifier tags paymentGatewayNames email phone currencyCode presentmentCurrencyCode note taxesIncluded confirmed"),
    ...fields("totalPriceSet currentTotalPriceSet totalTaxSet currentTotalTaxSet totalRefundedSet netPaymentSet subtotalPriceSet totalReceivedSet", "MoneyBag"),
    customAttributes: ["Attribute"], customer: ["Customer"], transactions: ["OrderTransaction", ["first", "capturable", "manuallyResolvable"]], refunds: ["Refund", ["first"]],
  },
  MoneyBag: { presentmentMoney: ["MoneyV2"], shopMoney: ["MoneyV2"] },
  MoneyV2: fields("amount currencyCode"),
  Attribute: fields("key value"),
  Customer: fields("id legacyResourceId email firstName lastName displayName phone"),
  OrderTransaction: { ...fields("id kind status gateway formattedGateway test createdAt processedAt errorCode paymentId"), amountSet: ["MoneyBag"] },
  OrderTransactionConnection: { nodes: ["OrderTransaction"], pageInfo: ["PageInfo"] },
  Refund: { ...fields("id legacyResourceId createdAt updatedAt note"), totalRefundedSet: ["MoneyBag"], transactions: ["OrderTransactionConnection", ["first", "after"]], order: ["Order"] },
  WebhookSubscriptionConnection: { nodes: ["WebhookSubscription"], edges: ["WebhookSubscriptionEdge"], pageInfo: ["PageInfo"] },
  WebhookSubscriptionEdge: { ...fields("cursor"), node: ["WebhookSubscription"] },
  WebhookSubscription: fields("id legacyResourceId topic uri format createdAt updatedAt includeFields filter name callbackUrl"),
  WebhookSubscriptionCreatePayload: { webhookSubscription: ["WebhookSubscription"], userErrors: ["UserError"] },
  WebhookSubscriptionUpdatePayload: { webhookSubscription: ["WebhookSubscription"], userErrors: ["UserError"] },
  WebhookSubscriptionDeletePayload: { ...fields("deletedWebhookSubscriptionId"), userErrors: ["UserError"] },
  UserError: fields("field message"),
  ShopifyPaymentsDisputeConnection: { nodes: ["ShopifyPaymentsDispute"], pageInfo: ["PageInfo"] },
  ShopifyPaymentsDispute: { ...fields("id legacyResourceId status type initiatedAt finalizedOn"), amount: ["MoneyV2"], order: ["Order"] },
};

export const shopify = {
  name: "shopify",

  identify(asked, world) {
    if (asked.path === "/admin/oauth/access_token") {
      const { client_id } = parsed(asked.body) ?? {};
      return { account: client_id && world.account("shopify", client_id) };
    }
    const token = asked.headers["x-shopify-access-token"];
    const refusal = { status: 401, json: { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" } };
    const grant = world.tokens.get(token);
    const own = grant?.account ?? (/^shpat_\w+$/.test(token ?? "") && !token.startsWith("shpat_standin") ? world.account("shopify", token) : undefined);
    if (!own || own.isUnknown || (grant && (grant.until < Date.now() || grant.uses === 0))) return { account: own, refusal };
    if (grant) grant.uses -= 1;
    return { account: own };
  },

  answer(asked, own, world) {
    if (own?.isFrozen) return { status: 402, json: { errors: "Unavailable Shop" } };
    if (asked.method === "POST" && asked.path === "/admin/oauth/access_token") return grant(asked, own, world);
    const version = asked.path.match(/^\/admin\/api\/(\d{4}-(?:01|04|07|10)|unstable)\/graphql\.json$/)?.[1];
    if (asked.method !== "POST" || !version) return { status: 404, json: { errors: "Not Found" } };
    return answered(asked, own, world);
  },

  limited: (retryAfter) =>
    retryAfter === undefined
      ? { status: 200, json: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" } }], extensions: cost(152, null, 0) } }
      : { status: 429, headers: { "retry-after": String(retryAfter) }, json: { errors: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service." } },
  broken: () => ({ status: 500, json: { errors: "Internal Server Error" } }),
};

// Client credentials become a token of a day, or of as many seconds as the test says.
function grant(asked, own, world) {
  const { client_id, client_secret, grant_type } = parsed(asked.body) ?? {};
  const wrong = (status, error, error_description) => ({ status, json: { error, error_description } });
  if (grant_type !== "client_credentials") return wrong(400, "unsupported_grant_type", "The grant type is not supported.");
  if (!client_id || !client_secret) return wrong(400, "invalid_request", "The request is missing a required parameter.");
  if (own.isUnknown) return wrong(400, "application_cannot_be_found", "The application cannot be found.");
  if (own.settings.secret && own.settings.secret !== client_secret) return wrong(401, "invalid_client", "The client secret is not valid.");
  if (own.settings.isNotPermitted) return wrong(400, "shop_not_permitted", "Client credentials cannot be performed on this shop.");
  own.settings.secret ??= client_secret;
  const seconds = own.settings.tokenSeconds ?? 86_399;
  const token = `shpat_standin${randomBytes(12).toString("hex")}`;
  world.tokens.set(token, { account: own, until: Date.now() + seconds * 1000, uses: Infinity });
  return { status: 200, json: { access_token: token, scope: granted(own).join(","), expires_in: seconds } };
}

const granted = (own) => SCOPES.filter((scope) => !own.denied.has(scope));

function cost(requested, actual, available) {
  return { cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: { ...POINTS, currentlyAvailable: available } } };
}

// Takes points from the shop's bucket, which fills again by 50 a second; `undefined` when there are too few.
function paid(own, requested) {
  const now = Date.now();
  const { points = POINTS.maximumAvailable, at = now } = own.settings.bucket ?? {};
  const available = Math.min(POINTS.maximumAvailable, points + ((now - at) / 1000) * POINTS.restoreRate);
  const isEnough = available >= requested || !own.settings.isThrottled;
  own.settings.bucket = { points: Math.max(0, available - (isEnough ? requested : 0)), at: now };
  return { isEnough, available: Math.floor(own.settings.bucket.points) };
}

function answered(asked, own, world) {
  const { query, variables } = parsed(asked.body) ?? {};
  if (typeof query !== "string") return { status: 400, json: { errors: { query: "Required parameter missing or invalid" } } };
  try {
    const operation = parse(query);
    const requested = operation.fields.some(({ name }) => name === "orders") ? 152 : 10;
    const { isEnough, available } = paid(own, requested);
    if (!isEnough) return { ...shopify.limited(), json: { ...shopify.limited().json, extensions: cost(requested, null, available) } };
    const { data, errors } = execute(operation, variables, SCHEMA, (type, field, object, args) => resolved(type, field, object, args, own, world, asked));
    return { status: 200, json: { data, ...(errors.length > 0 && { errors }), extensions: cost(requested, requested, available) } };
  } catch (error) {
    if (!(error instanceof GraphqlError)) throw error;
    return { status: 200, json: { errors: [{ message: error.message, locations: [{ line: 1, column: 1 }], path: ["query"], extensions: error.extensions }] } };
  }
}

function needs(scope, what, own) {
  if (own.denied.has(scope)) {
    throw new GraphqlError(`Access denied for ${what} field. Required access: \`${scope}\` access scope.`, { code: "ACCESS_DENIED", documentation: "https://shopify.dev/api/usage/access-scopes", requiredAccess: `\`${scope}\` access scope.` });
  }
}

function resolved(type, field, object, args, own, world, asked) {
  switch (`${type}.${field}`) {
    case "QueryRoot.shop":
      return { id: "gid://shopify/Shop/1", name: own.title, email: "owner@example.com", myshopifyDomain: own.settings.shop, currencyCode: "USD", ianaTimezone: "America/New_York", url: `https://${own.settings.shop}` };
    case "QueryRoot.currentAppInstallation":
      return { id: "gid://shopify/AppInstallation/1", accessScopes: granted(own).map((handle) => ({ handle, description: handle })) };
    case "QueryRoot.orders":
      needs("read_orders", "orders", own);
      return connection(orders(own, args), args, asked);
    case "QueryRoot.ordersCount":
      needs("read_orders", "ordersCount", own);
      return { count: orders(own, args).length, precision: "EXACT" };
    case "QueryRoot.order":
      needs("read_orders", "order", own);
      return own.get("orders", args.id) ?? null;
    case "QueryRoot.disputes":
      needs("read_shopify_payments_disputes", "disputes", own);
      return connection(own.all("disputes"), args, asked);
    case "QueryRoot.webhookSubscriptions":
      return connection([...own.webhooks.values()].filter(({ topic, uri }) => (!args.topics || args.topics.includes(topic)) && (!args.uri || args.uri === uri)), args, asked);
    case "QueryRoot.webhookSubscription":
      return own.webhooks.get(args.id) ?? null;
    case "Order.customer":
      if (object.customer) needs("read_customers", "customer", own);
      return undefined;
    case "Order.transactions":
      return object.transactions.slice(0, args.first);
    case "Order.refunds":
      return object.refunds.slice(0, args.first);
    case "Refund.transactions":
      return connection(object.transactions, args, {});
    case "Mutation.webhookSubscriptionCreate":
      return makeSubscription(args, own, world);
    case "Mutation.webhookSubscriptionUpdate":
      return changeSubscription(args, own);
    case "Mutation.webhookSubscriptionDelete":
      return deleteSubscription(args, own);
    default:
      return undefined;
  }
}

function orders(own, { query = "", sortKey = "PROCESSED_AT", reverse = false }) {
  const time = { UPDATED_AT: "updatedAt", CREATED_AT: "createdAt", PROCESSED_AT: "processedAt" }[sortKey];
  if (!time) throw new GraphqlError(`Argument 'sortKey' on Field 'orders' has an invalid value (${sortKey}).`, { code: "argumentLiteralsIncompatible" });
  const upwards = own.sorted("orders", time, (order) => Date.parse(order[time]));
  let kept = reverse ? upwards.toReversed() : upwards;
  if (own.denied.has("read_all_orders")) kept = kept.filter(({ createdAt }) => Date.parse(createdAt) > Date.now() - PAST_MS);
  for (const [, field, operator, value] of (query ?? "").matchAll(/(\w+):(>=|<=|>|<)?'?([^'\s]+)'?/g)) {
    const name = { updated_at: "updatedAt", created_at: "createdAt", processed_at: "processedAt" }[field];
    if (!name) continue; // an unknown filter is a search for words there
    const holds = { ">=": (a, b) => a >= b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, "<": (a, b) => a < b }[operator] ?? ((a, b) => a === b);
    kept = kept.filter((order) => holds(Date.parse(order[name]), Date.parse(value)));
  }
  return kept;
}

const cursor = ({ id }) => Buffer.from(JSON.stringify({ last_id: id })).toString("base64");

function connection(items, { first, last, after }, asked) {
  if (first === undefined && last === undefined) throw new GraphqlError("you must provide one of first or last", { code: "BAD_REQUEST" });
  if (first > 250) throw new GraphqlError("first must be at most 250", { code: "BAD_REQUEST" });
  const from = after ? items.findIndex((item) => cursor(item) === after) + 1 : 0;
  if (after && from === 0) throw new GraphqlError(`Invalid cursor for current pagination sort.`, { code: "BAD_REQUEST" });
  const chosen = items.slice(from, from + (first ?? last));
  const pageInfo = {
    hasNextPage: from + chosen.length < items.length, hasPreviousPage: from > 0,
    startCursor: chosen.length > 0 ? cursor(chosen[0]) : null, endCursor: chosen.length > 0 ? cursor(chosen.at(-1)) : null,
  };
  const nodes = page(chosen, asked);
  return { nodes, edges: nodes.map((node) => ({ node, cursor: cursor(node) })), pageInfo };
}

// ── Webhook subscriptions ────────────────────────────────────────────────────────────────────────────────────────────

const INPUT = ["uri", "callbackUrl", "format", "filter", "includeFields", "metafieldNamespaces", "metafields", "name"];
const failed = (payload, ...userErrors) => ({ ...payload, userErrors: userErrors.map(([field, message]) => ({ field, message })) });

function makeSubscription({ topic, webhookSubscription: input = {} }, own, world) {
  if (!TOPICS.has(topic)) throw new GraphqlError(`Variable $topic of type WebhookSubscriptionTopic! was provided invalid value`, { code: "INVALID_VARIABLE" });
  const strange = Object.keys(input).find((name) => !INPUT.includes(name));
  if (strange) throw new GraphqlError(`InputObject 'WebhookSubscriptionInput' doesn't accept argument '${strange}'`, { code: "argumentNotAccepted" });
  if (/^ORDERS|^REFUNDS|^ORDER_/.test(topic)) needs("read_orders", "webhookSubscriptionCreate", own);
  const uri = input.uri ?? input.callbackUrl;
  if (!/^https:\/\//.test(uri ?? "")) return failed({ webhookSubscription: null }, [["webhookSubscription", "callbackUrl"], "Address protocol http:// is not supported"]);
  if ([...own.webhooks.values()].some((other) => other.topic === topic && other.uri === uri)) return failed({ webhookSubscription: null }, [["webhookSubscription", "callbackUrl"], "Address for this topic has already been taken"]);
  if (topic.startsWith("DISPUTES") && own.denied.has("read_shopify_payments_disputes")) return failed({ webhookSubscription: null }, [["topic"], "You do not have permission to create or update webhooks with the specified topic"]);
  const number = 1_000_000 + world.next("shopify subscription");
  const now = new Date().toISOString();
  const made = {
    id: `gid://shopify/WebhookSubscription/${number}`, legacyResourceId: String(number), topic, uri, callbackUrl: uri, format: input.format ?? "JSON",
    createdAt: now, updatedAt: now, includeFields: input.includeFields ?? [], filter: input.filter ?? null, name: input.name ?? null,
  };
  own.webhooks.set(made.id, made);
  own.note("made", { id: made.id, url: uri, events: [topic] });
  return { webhookSubscription: made, userErrors: [] };
}

function changeSubscription({ id, webhookSubscription: input = {} }, own) {
  const found = own.webhooks.get(id);
  if (!found) return failed({ webhookSubscription: null }, [["id"], "Webhook subscription does not exist"]);
  if (input.uri) Object.assign(found, { uri: input.uri, callbackUrl: input.uri });
  return { webhookSubscription: found, userErrors: [] };
}

function deleteSubscription({ id }, own) {
  const found = own.webhooks.get(id);
  if (!found) return failed({ deletedWebhookSubscriptionId: null }, [["id"], "Webhook subscription does not exist"]);
  own.webhooks.delete(id);
  own.note("deleted", { id, url: found.uri });
  return { deletedWebhookSubscriptionId: id, userErrors: [] };
}
