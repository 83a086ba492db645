// Records one real request and answer of every operation into openapi/examples.json, from a fresh gateway
// (scripts/with-gateways.mjs starts one). With --check it makes the same requests and compares what it would record with what
// is recorded.

import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { call as request } from "../scripts/lib.mjs";
import { Authenticator } from "../tests/harness/authenticator.mjs";
import { eventually } from "../tests/harness/checks.mjs";
import { BROWSER, Gateway } from "../tests/harness/gateway.mjs";
import { credentials as credentialsOf } from "./credentials.mjs";
import { stableExamples } from "./stable.mjs";

const file = new URL("examples.json", import.meta.url);
const gateway = Gateway.given();
const began = Date.now();
const recordings = [];
let cookie; // of the session of the console that began last

// A token cannot delete its website, and no shop could reach this gateway.
const STATUSES = { deleteWebsite: 403, authorizeWooCommerce: 409, createNote: 201 };

// Makes one call and records it as the example of its operation.
async function example(operation, method, path, bearer, body, headers, url = gateway.url) {
  const at = Date.now();
  const answer = await request(url, method, path, bearer, body, headers);
  cookie = answer.headers?.get("set-cookie")?.split(";")[0] ?? cookie;
  const expected = STATUSES[operation] ?? 200;
  if (answer.status !== expected) throw new Error(`${operation}: ${answer.status} ${answer.text}`);
  if (!answer.headers.get("content-type")?.startsWith("application/json") || operation === "getOpenApi") {
    // Pages, scripts, exports and the document itself are too long for the document.
    recordings.push({ operation, at, example: {} });
    return undefined;
  }
  // The catalogue of crawlers says as much with its first company.
  if (operation.endsWith("BotSettings")) answer.json.data[0].companies.splice(1);
  // A refusal is no example of a success.
  const recorded = { ...(typeof body === "object" && { request: body }), ...(expected < 300 && { response: answer.json }) };
  recordings.push({ operation, at, example: recorded });
  return answer.data?.[0] ?? answer.json;
}

const owner = await example("createFirstAccount", "POST", "/api/v1/setup", gateway.setupSecret, { email: "jane@example.com", name: "Jane Doe" });
const token = owner.key;
gateway.token = token;
const call = (operation, method, path, body) => example(operation, method, `/api/v1/admin${path}`, token, body);

await example("getHealth", "GET", "/healthz");
await example("getOpenApi", "GET", "/openapi.json");
const own = (operation, method, path, body) =>
  example(operation, method, `/api/v1/console${path}`, undefined, body, { "user-agent": BROWSER, "sec-fetch-site": "same-origin", ...(cookie && { cookie }) });
await own("getConsoleStatus", "GET", "/status");
await own("createSignInCode", "POST", "/sign-in-codes", { email: "jane@example.com" });
await example("createConsoleTicket", "POST", "/api/v1/console/tickets", gateway.setupSecret, { email: "jane@example.com" });
const device = await own("signIn", "POST", "/session", { token });
cookie = undefined; // another browser
await request(gateway.url, "POST", "/api/v1/console/session", undefined, { token }, { "sec-fetch-site": "same-origin" }).then((answer) => {
  cookie = answer.headers.get("set-cookie").split(";")[0];
});
await own("getConsoleSession", "GET", "/session");
await own("listConsoleSessions", "GET", "/sessions");
const application = await request(gateway.url, "POST", "/oauth/register", undefined, { client_name: "Agent", redirect_uris: ["https://client.example/cb"] });
const asked = new URLSearchParams({
  client_id: application.json.client_id, redirect_uri: "https://client.example/cb", response_type: "code",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", scope: "analytics:read", state: "xyz",
});
await own("getAuthorization", "GET", `/authorization?${asked}`);
await own("grantAuthorization", "POST", `/authorization?${asked}`, { permissions: ["analytics:read"], websiteIds: [], days: 30 });
// Browsers make passkeys for names only.
const origin = gateway.url.replace(/\/$/, "").replace("127.0.0.1", "localhost");
const authenticator = new Authenticator();
const passkeys = (operation, method, path, body) =>
  example(operation, method, `/api/v1/console${path}`, undefined, body, { "sec-fetch-site": "same-origin", cookie }, origin);
const passkey = await passkeys("addPasskey", "POST", "/passkeys", authenticator.add(await passkeys("createPasskeyOptions", "POST", "/passkeys/options"), origin));
await passkeys("createSignInOptions", "POST", "/session/options");
await passkeys("listPasskeys", "GET", "/passkeys");
await passkeys("renamePasskey", "PUT", `/passkeys/${passkey.id}`, { name: "Old laptop" });
await passkeys("deletePasskey", "DELETE", `/passkeys/${passkey.id}`);
await own("deleteConsoleSession", "DELETE", `/sessions/${device.id}`);
await own("deleteOtherConsoleSessions", "DELETE", "/sessions?others=true");
await call("getAccount", "GET", "/account");
await call("updateAccount", "PUT", "/account", { name: "Jane Doe" });

const { websiteId } = await call("createWebsite", "POST", "/websites", { domain: "example.com", timezone: "America/New_York", name: "Example" });
await call("listWebsites", "GET", "/websites");
const site = `/websites/${websiteId}`;
await call("getWebsite", "GET", site);
// A past to report on: the first lines in the form of an import, in which a KPI has to have been tracked.
const visitor = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
const at = (minute) => new Date(Date.UTC(2026, 4, 21, 10, minute)).toISOString();
const line = (id, minute, fields) => ({
  id, timestamp: at(minute), visitorId: visitor, sessionId: "s0d8a0a3b-6f2f-4d0c-9a52-2f5f1f0a7c11", referrer: "https://www.google.com/",
  country: "US", region: "US-CA", city: "San Francisco", browser: "Chrome", os: "Mac OS", device: "desktop", ...fields,
});
const lines = [
  line("view-1", 0, { type: "pageview", href: "https://example.com/?utm_source=newsletter&ref=friend" }),
  line("view-2", 1, { type: "pageview", href: "https://example.com/signup" }),
  line("goal-1", 2, { type: "custom", href: "https://example.com/signup", extraData: { eventName: "signup", plan: "pro" } }),
  line("link-1", 3, { type: "external_link", href: "https://example.com/signup", extraData: { url: "https://partner.example/", text: "Partner" } }),
  { id: "payment-1", timestamp: at(4), type: "payment", extraData: { amount: 49, currency: "USD", transaction_id: "tx_1", datafast_visitor_id: visitor } },
];
await call("importEvents", "POST", `${site}/import`, lines.map((one) => JSON.stringify(one)).join("\n"));
await call("exportEvents", "GET", `${site}/export`);

await call("updateWebsite", "PUT", site, {
  domain: "example.com", name: "New name", timezone: "America/New_York", currency: "USD", kpi: "signup", kpiColorScheme: "green",
  revenueMetric: "revenue", sendWeeklyReports: true, sendViralTrafficAlerts: false, isPublicDashboardEnabled: false,
  isPublicDataEnabled: false, isCookieless: false, isAttackModeEnabled: false, includeRenewalRevenue: true,
  allowedHostnames: ["app.example.com"], isAllHostnamesAllowed: false, excludedIps: ["203.0.113.0/24", "2001:db8::1"],
  excludedPaths: ["/admin/*"], excludedCountries: ["AQ"], excludedHostnames: ["staging.example.com"],
  trustedProxies: ["198.51.100.7"], retentionDays: 365,
});
await own("listConsoleWebsites", "GET", "/websites");
await own("getView", "GET", `/websites/${websiteId}/reports?parts=overview,pages:5&startAt=2026-05-01&endAt=2026-05-31`);
await own("getInstallation", "GET", `/websites/${websiteId}/installation`);
await own("signOut", "DELETE", "/session");
await call("deleteWebsite", "DELETE", site);

const accessToken = await call("createAccessToken", "POST", "/access-tokens", { name: "Read only agent", permissions: ["analytics:read", "websites:read", "funnels:read"], websiteIds: [websiteId] });
await call("listAccessTokens", "GET", "/access-tokens");
await call("deleteAccessToken", "DELETE", `/access-tokens/${accessToken.id}`);

const key = await call("createWebsiteKey", "POST", `${site}/apikeys`, { name: "Production key" });
await call("listWebsiteKeys", "GET", `${site}/apikeys`);
await call("rollWebsiteKey", "PUT", `${site}/apikeys/${key.id}`);
await call("deleteWebsiteKey", "DELETE", `${site}/apikeys/${key.id}`);

await call("customizeGoal", "PATCH", `${site}/goals/customizations`, { goalName: "signup", displayName: "Signed up", color: "#8dcdff", description: "Visitor made an account" });
await call("listGoalCustomizations", "GET", `${site}/goals/customizations`);
await call("listTrackedGoals", "GET", `${site}/goals`);
await call("resetGoal", "DELETE", `${site}/goals/customizations?goalName=signup`);

const steps = [
  { name: "Landing page", type: "pageview", url: "/" },
  { name: "Signup page", type: "pageview", url: "/signup" },
  { name: "Signed up", type: "goal", goalName: "signup" },
];
const funnel = await call("createFunnel", "POST", `${site}/funnels`, { name: "Signup funnel", steps });
await call("listFunnels", "GET", `${site}/funnels`);
await call("updateFunnel", "PUT", `${site}/funnels/${funnel.id}`, { name: "Signup", steps, isActive: true });
await call("listAudit", "GET", "/audit?limit=2");
await call("listWebsiteAudit", "GET", `${site}/audit?operation=updateWebsite&limit=1`);
const note = await call("createNote", "POST", `${site}/notes`, { text: "Launch on Product Hunt", timestamp: at(0), idempotencyKey: "launch-1" });
await call("listNotes", "GET", `${site}/notes?startAt=2026-05-01&endAt=2026-05-31`);
await call("updateNote", "PUT", `${site}/notes/${note.id}`, { text: "Launch on Product Hunt, second of the day", timestamp: "2026-05-21" });
await call("deleteNote", "DELETE", `${site}/notes/${note.id}`);
const bots = `${site}/bot-traffic`;
await example("trackCrawl", "POST", "/api/ai-crawls", undefined, {
  websiteId, href: "https://example.com/pricing",
  ai: { userAgent: "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.3; +https://openai.com/gptbot", ip: "203.0.113.7", statusCode: 200 },
});
await call("getBotUsage", "GET", "/bot-traffic/usage");
await call("createBotToken", "POST", `${bots}/token`);
await call("getBotToken", "GET", `${bots}/token`);
await call("rotateBotToken", "PUT", `${bots}/token`);
await call("updateBotSettings", "PATCH", `${bots}/settings`, { verifiedOnly: false, requireAuthToken: true, disableCompanies: ["ByteDance"], enableCompanies: ["OpenAI"], disableCrawlerIds: ["ccbot"], enableCrawlerIds: ["bingbot"], hiddenCrawlers: ["googlebot"], hideDashboardCard: false, groupBy: "companies" });
await call("getBotSettings", "GET", `${bots}/settings`);
await call("deleteBotToken", "DELETE", `${bots}/token`);
const ask = (operation, method, path, body) =>
  example(operation, method, `/api/v1${path}${path.includes("?") ? "&" : "?"}websiteId=${websiteId}`, token, body);
await example("trackEvent", "POST", "/api/events", undefined, {
  websiteId, domain: "example.com", visitorId: visitor, sessionId: "s5a1f7e52-8a4e-4c9e-8f0d-0a8d1c5b9e77", type: "custom", id: "event-1",
  href: "https://example.com/pricing?utm_source=newsletter", referrer: "https://news.ycombinator.com/", viewport: { width: 1440, height: 900 },
  screenWidth: 1440, screenHeight: 900, language: "en", timezone: "Europe/Berlin", cookieless: false, hashIsPage: false,
  adClickIds: { gclid: "x" }, device: { platform: "web", model: "Browser" }, extraData: { eventName: "signup", plan: "pro" },
}, { "user-agent": BROWSER });
await ask("createGoal", "POST", "/goals", { datafast_visitor_id: visitor, name: "newsletter", description: "Signed up for the newsletter", metadata: { list: "weekly" } });
await ask("createPayment", "POST", "/payments", {
  amount: 49, currency: "USD", transaction_id: "payment_456", datafast_visitor_id: visitor, email: "jane@example.com", name: "Jane Doe",
  customer_id: "cus_abc123", renewal: false, refunded: false, is_free_trial: false, timestamp: at(5),
});
await ask("identifyVisitor", "POST", "/identify", { user_id: "user_1", datafast_visitor_id: visitor, name: "Jane Doe", plan: "pro" });
for (const [operation, name] of Object.entries({
  getOverview: "overview", getMetadata: "metadata", getRealtime: "realtime", getRealtimeMap: "realtime/map", listPages: "pages",
  listEntryPages: "entry-pages", listExitPages: "exit-pages", listChannels: "channels",
  listReferrers: "referrers", listCountries: "countries", listRegions: "regions", listCities: "cities", listDevices: "devices",
  listBrowsers: "browsers", listOperatingSystems: "operating-systems", listHostnames: "hostnames", listCampaigns: "campaigns",
  listExitClicks: "exit-clicks", listGoals: "goals",
})) await ask(operation, "GET", `/analytics/${name}`);
await ask("getTimeseries", "GET", "/analytics/timeseries?fields=name,visitors,sessions,revenue,conversion_rate&interval=day&startAt=2026-05-20&endAt=2026-05-22");
await ask("listGoalProperties", "GET", "/analytics/goals/properties?eventName=signup");
await ask("getFunnelResult", "GET", `/analytics/funnels/${funnel.id}`);
await ask("getBotTraffic", "GET", "/analytics/bot-traffic?startAt=2026-05-20&endAt=2026-05-22");
await ask("listBotPages", "GET", "/analytics/bot-traffic/pages");
await ask("listMentions", "GET", "/mentions");
await ask("listVisitors", "GET", "/visitors?limit=10");
await ask("getVisitor", "GET", `/visitors/${visitor}`);
await ask("deleteGoals", "DELETE", "/goals?name=newsletter&startAt=2026-01-01&endAt=2036-01-01");
await ask("deletePayments", "DELETE", "/payments?transaction_id=payment_456");
await example("getScript", "GET", "/js/script.js");
await example("getHashScript", "GET", "/js/script.hash.js");
await example("getCookielessScript", "GET", "/js/script.cookieless.js");

await call("deleteFunnel", "DELETE", `${site}/funnels/${funnel.id}`);

const alertBody = {
  name: "New signup",
  trigger: { type: "goal", goalName: "signup" },
  destination: { type: "email" },
  template: { subject: "New signup", message: "A visitor completed signup." },
  isEnabled: true,
};
const alert = await call("createAlert", "POST", `${site}/alerts`, alertBody);
await call("listAlerts", "GET", `${site}/alerts`);
await call("previewAlert", "POST", `${site}/alerts/preview`, { trigger: alertBody.trigger });
await call("listAlertTransitions", "GET", `${site}/alerts/${alert.id}/transitions?limit=50`);
await call("updateAlert", "PUT", `${site}/alerts/${alert.id}`, { ...alertBody, isEnabled: false });
await call("listAlertHistory", "GET", `${site}/alerts/history?alertId=${alert.id}&limit=50`);
await call("testAlert", "POST", `${site}/alerts/${alert.id}/test`);
// The link of an alert's mail: the id, and a proof by a key that is derived from the first encryption key.
const hmac = (key, data) => createHmac("sha256", key).update(data).digest();
const key1 = Buffer.from(process.env.SLUICE_ENCRYPTION_KEYS.split(",")[0].split(":")[1], "base64");
const proven = (id, label) => Buffer.concat([id, hmac(hmac(key1, label), id).subarray(0, 24)]).toString("base64url");
const unsubscribe = `/unsubscribe/${proven(Buffer.from(alert.id, "hex"), "sluice: unsubscribe from an alert, 1")}`;
await example("getUnsubscribePage", "GET", unsubscribe);
await example("unsubscribe", "POST", unsubscribe, undefined, "List-Unsubscribe=One-Click", { "content-type": "application/x-www-form-urlencoded" });
// And of a weekly report: the website's id.
const reports = `/unsubscribe/reports/${proven(Buffer.from(websiteId, "hex"), "sluice: unsubscribe from weekly reports, 1")}`;
await example("getReportsPage", "GET", reports);
await example("unsubscribeFromReports", "POST", reports, undefined, "List-Unsubscribe=One-Click", { "content-type": "application/x-www-form-urlencoded" });
// The address that a provider posts to ends with a token by a derived key, in base 62.
const base62 = (bytes) => {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let digits = "";
  for (let number = BigInt(`0x${bytes.toString("hex")}`); digits.length < 43; number /= 62n) digits = alphabet[Number(number % 62n)] + digits;
  return digits;
};
const hookToken = base62(hmac(hmac(key1, "provider-hooks"), `polar/${websiteId}`)).slice(0, 32);
const told = { type: "customer.created", timestamp: "2026-11-28T09:59:53.120000Z", data: { id: "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586" } };
const polarSecret = "polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK";
await gateway.json("POST", `/api/v1/admin${site}/integrations/polar`, { polarAccessToken: "polar_oat_AbCdEfGh", polarOrgId: "0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6" });
await gateway.json("PUT", `/api/v1/admin${site}/integrations/polar/webhook`, { secret: polarSecret });
const sentAt = String(Math.floor(Date.now() / 1000));
await example("receiveProviderEvent", "POST", `/api/v1/hooks/polar/${websiteId}/${hookToken}`, undefined, told, {
  "webhook-id": "5c2f1a40-7d3e-4b7e-9a65-0f4b1c2d3e4f",
  "webhook-timestamp": sentAt,
  "webhook-signature": `v1,${hmac(polarSecret, `5c2f1a40-7d3e-4b7e-9a65-0f4b1c2d3e4f.${sentAt}.${JSON.stringify(told)}`).toString("base64")}`,
});
const events = `${site}/integrations/polar/events`;
await eventually(async () => (await gateway.rows("GET", `/api/v1/admin${events}`))[0].state === "ignored");
const told1 = await call("listProviderEvents", "GET", events);
await call("getProviderEvent", "GET", `${events}/${told1.id}`);
await call("replayProviderEvent", "POST", `${events}/${told1.id}/replay`);
await call("deleteAlert", "DELETE", `${site}/alerts/${alert.id}`);

// This port has no listener on the recording machine, so the example is a delivery that waits for its next attempt.
const webhook = await call("createWebhook", "POST", `${site}/webhooks`, {
  url: "http://127.0.0.1:9/hooks/sluice", description: "Our billing", eventTypes: ["goal.completed", "payment.received"], goalNames: ["signup"],
  isEnabled: true, headers: { "X-Team": "growth", Authorization: "Bearer secret" }, rateLimit: 10,
});
const hook = `${site}/webhooks/${webhook.id}`;
await call("listWebhooks", "GET", `${site}/webhooks`);
await call("getWebhook", "GET", hook);
await call("updateWebhook", "PUT", hook, { eventTypes: [], isEnabled: true });
await call("getWebhookSecret", "GET", `${hook}/secret`);
await call("rotateWebhookSecret", "POST", `${hook}/secret/rotate`, {});
const tested = await call("testWebhook", "POST", `${hook}/test`, { type: "goal.completed" });
const delivery = `${hook}/deliveries/${tested.deliveryId}`;
await eventually(async () => (await gateway.row("GET", `/api/v1/admin${delivery}`)).attempts.length > 0);
await call("listAllDeliveries", "GET", `${hook.replace(/\/webhooks\/.*/, "")}/deliveries?status=pending&limit=10`);
await call("getWebhookStats", "GET", `${hook}/stats?since=2026-05-20T22:00:00Z&until=2026-05-20T23:59:59Z`);
await call("listDeliveries", "GET", `${hook}/deliveries?status=pending&limit=10`);
await call("getDelivery", "GET", delivery);
await call("resendDelivery", "POST", `${delivery}/resend`);
await call("resendDeliveries", "POST", `${hook}/resend`, { since: at(0), dryRun: true });
await call("deleteWebhook", "DELETE", hook);
await ask("eraseVisitor", "DELETE", `/visitors/${visitor}`);

const invitation = await call("inviteTeamMember", "POST", `${site}/team`, { email: "john@example.com", role: "viewer" });
const link = new URL(invitation.inviteUrl);
await call("listTeam", "GET", `${site}/team`);
await example("getInvitationPage", "GET", link.pathname);
const again = await call("resendInvitation", "POST", `${site}/team/invitations/${invitation.id}/resend`);
const accept = { code: new URL(again.inviteUrl).hash.slice("#code=".length), name: "John Roe" };
const member = await example("acceptInvitation", "POST", `/api/v1/invitations/${invitation.id}/accept`, undefined, accept);
await call("updateTeamMember", "PUT", `${site}/team/${member.userId}`, { role: "member" });
const { domain } = await gateway.row("GET", `/api/v1/admin${site}`);
await call("transferWebsite", "POST", `${site}/team/transfer`, { userId: member.userId, domain });
await request(gateway.url, "POST", `/api/v1/admin${site}/team/transfer`, member.key, { userId: owner.id, domain });
await call("removeTeamMember", "DELETE", `${site}/team`, { userId: member.userId });
const { data: [mistaken] } = (await request(gateway.url, "POST", `/api/v1/admin${site}/team`, token, { email: "jon@example.com" })).json;
await call("cancelInvitation", "DELETE", `${site}/team/invitations/${mistaken.id}`);
const { data: [other] } = (await request(gateway.url, "POST", `/api/v1/admin${site}/team`, token, { email: "mary@example.com", role: "member" })).json;
const theirs = { code: new URL(other.inviteUrl).hash.slice("#code=".length), name: "Mary Roe" };
const { data: [{ key: leaver }] } = (await request(gateway.url, "POST", `/api/v1/invitations/${other.id}/accept`, undefined, theirs)).json;
await example("leaveTeam", "DELETE", `/api/v1/admin${site}/team/me`, leaver);

const credentials = credentialsOf(JSON.parse(process.env.SLUICE_STAND_IN));
const integration = (provider) => `${site}/integrations/${provider.toLowerCase()}`;
for (const [provider, body] of Object.entries(credentials)) await call(`connect${provider}`, "POST", integration(provider), body);
// Once their past is read.
const isRead = (provider) => eventually(async () => {
  const [row] = await gateway.rows("GET", `/api/v1/admin${integration(provider)}`);
  return row.state === "connected" && row.import?.state === "done";
});
for (const provider of Object.keys(credentials)) await isRead(provider);
await call("getIntegrations", "GET", `${site}/integrations`);
await call("authorizeWooCommerce", "POST", `${site}/integrations/woocommerce/authorize`, { storeUrl: "https://shop.example.com", returnUrl: "https://app.example.com/settings" });
for (const provider of Object.keys(credentials)) {
  await call(`set${provider}WebhookSecret`, "PUT", `${integration(provider)}/webhook`, { secret: "whsec_0123456789" });
  await call(`resync${provider}`, "PATCH", integration(provider), { from: "2026-01-01" });
  await isRead(provider);
  await call(`get${provider}`, "GET", integration(provider));
  await call(`disconnect${provider}`, "DELETE", integration(provider));
}

// Shops of test gateways are on this machine, the tokens of addresses are made of the website's id, and usage is of the calendar's month.
const stable = JSON.stringify(stableExamples(recordings, gateway.url, began)).replaceAll(credentials.WooCommerce.storeUrl, "https://shop.example.com");
const month = '"periodStartAt":"2026-05-01T00:00:00.000Z","resetAt":"2026-06-01T00:00:00.000Z"';
const dated = stable.replace(/"periodStartAt":"[^"]+","resetAt":"[^"]+"/g, month);
const examples = JSON.parse(dated.replace(/(?<to>\/api\/v1\/hooks\/[a-z]+\/[0-9a-f]{24}\/)[0-9A-Za-z]{32}/g, "$<to>0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"));
if (process.argv.includes("--check")) {
  const recorded = JSON.parse(await readFile(file, "utf8"));
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(examples)])];
  const wrong = names.filter((name) => JSON.stringify(recorded[name]) !== JSON.stringify(examples[name]));
  for (const name of wrong) console.error(`the example of ${name} is not what the gateway answers: run \`make examples\`\n${JSON.stringify(examples[name])}`);
  console.log(`${names.length - wrong.length} passed, ${wrong.length} failed`);
  process.exitCode = wrong.length ? 1 : 0;
} else {
  await writeFile(file, `${JSON.stringify(examples, null, 2)}\n`);
}
