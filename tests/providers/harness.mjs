// What the provider cases add to tests/harness: gateways that ask the stand-in, connections, and rows as the cases write them.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, sleep, toolEnv } from "../../scripts/lib.mjs";
import { eventually } from "../harness/checks.mjs";
import { OwnGateway, Website } from "../harness/gateway.mjs";
import { StandIn } from "./stand-in/index.mjs";
import { sample } from "./stand-in/objects.mjs";
import { Told } from "./told.mjs";
import { V1, V2 } from "./visitors.mjs";

export { V1, V2 };

const PUBLIC = "https://gateway.example"; // where providers are told to post; the stand-in knows whom that means
const VISITORS = { V1, V2 };
const PATIENCE_MS = 15_000;
const SETTLE_MS = 400; // what should not happen would have happened by then

const folder = mkdtempSync(join(tmpdir(), "sluice-providers-"));
export const standIn = await StandIn.start({ secure: true });
export const told = new Told(standIn.urls);
Object.assign(toolEnv, standIn.environment());

const logs = [];
const gateways = [];

// A gateway. Without a public address it registers no webhooks: the secrets of deliveries are given to it by hand.
export async function gateway(name, settings) {
  const own = new OwnGateway({
    state: join(folder, name),
    settings: {
      RATE_LIMIT_PER_MINUTE: "1000000", EVENTS_PER_MINUTE: "1000000", MAX_WEBSITES: "1000000", EXCHANGE_RATES_URL: "none",
      SETUP_SECRET: randomBytes(16).toString("hex"), ...settings,
    },
    log: (text) => logs.push(`[${name}] ${text}`),
  });
  gateways.push(own);
  return own.start();
}

// Development takes shops and receivers on this machine; production leaves out what is of a test mode.
export const development = await gateway("development", { ENVIRONMENT: "development" });
export const production = await gateway("production", { ENVIRONMENT: "production" });

// One that providers can be told of, started when a case wants it.
let reachable;
export const registering = () => (reachable ??= gateway("registering", { ENVIRONMENT: "development", PUBLIC_URL: PUBLIC }));

export async function stopAll() {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await standIn.stop();
  rmSync(folder, { recursive: true, force: true });
}

export const gatewayLogs = () => logs.join("");

// ── Websites ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const DECIMALS = { JPY: 0, ISK: 0, UGX: 0, KRW: 0, KWD: 3 };

export class Site extends Website {
  // A website that V1 and V2 have been on, each by a campaign of their own.
  static async make(gateway = development, settings = {}) {
    const site = await gateway.website(undefined, Site);
    if (Object.keys(settings).length > 0) await site.row("PUT", "", settings);
    const seen = Object.entries(VISITORS).map(([name, visitorId]) => ({
      id: name, timestamp: "2026-01-02T10:00:00Z", type: "pageview", href: `https://${site.domain}/?utm_source=${name}`, visitorId, sessionId: `s${visitorId}`,
      browser: "Firefox", os: "Linux", device: "desktop",
    }));
    const lines = seen.map((line) => JSON.stringify(line)).join("\n");
    const answer = await call(gateway.url, "POST", `${site.path}/import`, gateway.token, lines, { "content-type": "application/x-ndjson" });
    assert.equal(answer.data?.[0]?.accepted, 2, answer.text);
    return site;
  }

  // A browser's word of a payment.
  hint(visitor, extraData) {
    return this.send(visitor, "payment", { extraData });
  }

  // Its payments as the cases write them: "N pi_1 5831 USD".
  async payments() {
    const answer = await this.ask("GET", "/export");
    assert.equal(answer.status, 200, answer.text);
    const lines = answer.text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)).filter(({ type, extraData }) => type === "payment" && extraData.transaction_id); // the rest are hints
    return lines.map(({ extraData: row }) => {
      const kind = row.is_free_trial ? "T" : row.refunded ? "F" : row.renewal ? "R" : "N";
      return [kind, row.refund_id ?? row.transaction_id, Math.round(row.amount * 10 ** (DECIMALS[row.currency] ?? 2)), row.currency].join(" ");
    }).sort();
  }

  // The revenue of each visitor, by their campaigns, in minor units of the website's currency; "all" has the unattributed too.
  async revenue() {
    const rows = await this.report("analytics/campaigns", { fields: "utm_source,revenue" });
    const [{ revenue }] = await this.report("analytics/overview", { fields: "revenue" });
    const minor = (major) => Math.round(major * 100);
    const own = Object.fromEntries(rows.map((row) => [row.utm_source, minor(row.revenue)]));
    return { V1: own.V1 ?? 0, V2: own.V2 ?? 0, all: minor(revenue) };
  }

  // Waits until exactly these are its payments, each "N pi_1 5831 USD", with " → V1" where it is a visitor's, and "= 6400" where
  // it is worth that in the website's currency.
  async has(...rows) {
    const wanted = rows.map((row) => {
      const [, payment, visitor, value] = row.match(/^(.+? \w{3})(?: → (V\d))?(?: = (\d+))?$/);
      const [kind, , amount] = payment.split(" ");
      return { payment, visitor, worth: kind === "T" ? 0 : (kind === "F" ? -1 : 1) * Number(value ?? amount) };
    });
    const sum = (visitor) => wanted.filter((row) => !visitor || row.visitor === visitor).reduce((all, { worth }) => all + worth, 0);
    await eventually(async () => {
      assert.deepEqual(await this.payments(), wanted.map(({ payment }) => payment).sort());
      assert.deepEqual(await this.revenue(), { V1: sum("V1"), V2: sum("V2"), all: sum() });
      return true;
    }, PATIENCE_MS, 100);
  }

  // An endpoint of the website for news of payments, and the news.
  async listen() {
    const posts = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk)).on("end", () => (posts.push(JSON.parse(body)), response.end()));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    await this.row("POST", "/webhooks", { url: `http://127.0.0.1:${server.address().port}/`, eventTypes: ["payment.received", "payment.refunded"] });
    return posts;
  }
}

// ── Connections ──────────────────────────────────────────────────────────────────────────────────────────────────────

let number = 0;
const fresh = () => `${Date.now().toString(36)}${(number += 1)}`;
const SECRETS = { stripe: "whsec_manual", lemonsqueezy: "manual-secret-0123456789", polar: `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`, paddle: "pdl_ntfset_manual", woocommerce: "manual-secret-0123456789" };
export const ORGANIZATION = "e87cb45c-05ad-489d-8890-4ea398345c24";

// The credentials of a new account: the key by which the stand-in knows it, and the body that connects it.
export function credentials(provider) {
  const tag = fresh();
  return {
    stripe: () => [`rk_live_${tag}`, (key) => ({ stripeRak: key })],
    lemonsqueezy: () => [`lemon${tag}`, (key) => ({ lemonsqueezyApiKey: key, lemonsqueezyStoreId: "12345" })],
    polar: () => [`polar_oat_${tag}`, (key) => ({ polarAccessToken: key, polarOrgId: ORGANIZATION })],
    paddle: () => [`pdl_live_apikey_${tag.padEnd(26, "0")}_secret_abc`, (key) => ({ paddleApiKey: key })],
    shopify: () => [`client-${tag}`, (key) => ({ shopDomain: "sluice-demo.myshopify.com", clientId: key, clientSecret: `shpss_${tag}` })],
    woocommerce: () => [`ck_${tag}`, (key) => ({ storeUrl: standIn.urls.woocommerce, consumerKey: key, consumerSecret: `cs_${tag}` })],
  }[provider]();
}

export class Connection {
  constructor(site, provider, account, body) {
    Object.assign(this, { site, provider, account, body, path: `/integrations/${provider}` });
  }

  // A new account at the provider, prepared as `prepare` wants it, and connected to the website.
  static async make(site, provider, prepare = () => {}) {
    const [key, body] = credentials(provider);
    const connection = new Connection(site, provider, told.account(provider, key), body(key));
    await connection.account.is({ settings: { deliverTo: site.gateway.url } });
    await prepare(connection.account);
    const answer = await connection.connect();
    assert.equal(answer.status, 200, answer.text);
    await connection.#learn();
    return connection;
  }

  connect() {
    return this.site.ask("POST", this.path, this.body);
  }

  status() {
    return this.site.row("GET", this.path);
  }

  // Waits for the webhook that the gateway makes; without one, gives the gateway a secret by hand.
  async #learn() {
    const { webhookUrl } = await this.status();
    this.url = webhookUrl.replace(/^https?:\/\/[^/]+/, this.site.gateway.url);
    if (this.provider === "shopify") this.secret = this.body.clientSecret;
    const found = await eventually(async () => {
      const { mode, state } = await this.status();
      const { webhooks } = await this.account.webhooks({ secrets: true });
      return state !== "verifying" && (mode !== "webhook" || webhooks.length > 0) && { mode, webhooks };
    }, 10_000, 50);
    this.mode = found.mode;
    if (found.mode === "webhook") {
      this.secret ??= found.webhooks[0].secret;
      return;
    }
    if (this.provider !== "shopify") {
      this.secret = SECRETS[this.provider];
      await this.site.rows("PUT", `${this.path}/webhook`, { secret: this.secret });
    }
  }

  // Something happens at the provider, which posts it. Answers the statuses of the answers.
  async happens(type, object, order = {}) {
    const { attempts } = await this.account.happen(type, object, { url: this.url, secret: this.secret, ...order });
    return attempts.map(({ status }) => status);
  }

  // A sample as it is posted.
  async posts({ provider, json, body, expected }, order = {}) {
    const { headers } = expected.post;
    if (provider === "woocommerce" && headers["content-type"] !== "application/json") {
      const answer = await call(this.url, "POST", "", undefined, body, headers);
      return [answer.status];
    }
    const type = headers["x-event-name"] ?? headers["x-shopify-topic"] ?? headers["x-wc-webhook-topic"] ?? json.type ?? json.event_type;
    const { attempts } = await this.account.post(body, { type, url: this.url, secret: this.secret, ...order });
    return attempts.map(({ status }) => status);
  }

  async sample(prefix, order) {
    const one = sample(this.provider, prefix);
    await this.account.load({ samples: [prefix] });
    return this.posts(one, order);
  }

  // What the gateway has of the provider's events, once all of them are worked on.
  events(query = "") {
    return eventually(async () => {
      const events = await this.site.rows("GET", `${this.path}/events?limit=100${query}`);
      assert.ok(events.every(({ state }) => state !== "received"), JSON.stringify(events));
      return events;
    }, PATIENCE_MS, 100);
  }

  async reasons() {
    return (await this.events()).map(({ state, reason }) => `${state}: ${reason}`);
  }

  // Everything posted has been worked on, and nothing came of what should come to nothing.
  async settles() {
    await this.events();
    await sleep(SETTLE_MS);
  }

  requests(path) {
    return this.account.requests({ path }).then(({ requests }) => requests);
  }
}

// All orders of a list.
export function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((item, at) => permutations([...list.slice(0, at), ...list.slice(at + 1)]).map((rest) => [item, ...rest]));
}
