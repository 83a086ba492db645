// What an example of the documentation needs around it: an account with a website that has a past, and what its variables name.

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { credentials } from "../../openapi/credentials.mjs";
import { call, createAccount } from "../../scripts/lib.mjs";
import { eventually } from "../harness/checks.mjs";
import { ADMIN, Gateway } from "../harness/gateway.mjs";

const STAND_IN = JSON.parse(process.env.SLUICE_STAND_IN);
const VISITOR = "b971cbbf-7ce2-4925-902b-8f95a5fb3449"; // of most examples
const OTHER_VISITOR = "a3ab2331-989f-4cfa-91c6-2461c9e3c6bd";
const STEPS = [
  { name: "Home", type: "pageview", url: "/" },
  { name: "Signed up", type: "goal", goalName: "signup" },
];
const ALERT = { name: "New signup", trigger: { goalName: "signup" }, template: { message: "A visitor completed signup." } };

const hmac = (key, data) => createHmac("sha256", key).update(data).digest();

export class Scene {
  static async make() {
    const scene = new Scene();
    scene.domain = `docs-${randomBytes(5).toString("hex")}.example.com`;
    scene.gateway = Gateway.given();
    await scene.gateway.signUp(`owner@${scene.domain}`);
    const row = await scene.gateway.row("POST", `${ADMIN}/websites`, { domain: scene.domain, timezone: "UTC", name: "Example" });
    Object.assign(scene, { id: row.websiteId, trackingId: row.trackingId, path: `${ADMIN}/websites/${row.websiteId}` });
    await scene.#past();
    return scene;
  }

  // What the examples read, change and delete.
  async #past() {
    const at = (minute) => new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString();
    const line = (id, minute, fields) => ({
      id, timestamp: at(minute), visitorId: VISITOR, sessionId: "s1", referrer: "https://www.google.com/", country: "US", browser: "Chrome",
      os: "Mac OS", device: "desktop", ...fields,
    });
    const lines = [
      line("view-1", 0, { type: "pageview", href: `https://${this.domain}/pricing?utm_source=newsletter` }),
      line("goal-1", 1, { type: "custom", href: `https://${this.domain}/signup`, extraData: { eventName: "signup", plan: "pro" } }),
      line("link-1", 2, { type: "external_link", href: `https://${this.domain}/`, extraData: { url: "https://partner.example/" } }),
      line("view-2", 3, { type: "pageview", href: `https://${this.domain}/`, visitorId: OTHER_VISITOR }),
      { id: "pay-1", timestamp: at(4), type: "payment", extraData: { amount: 49, currency: "USD", transaction_id: "tx_1", datafast_visitor_id: VISITOR } },
    ];
    const { rejected, errors } = await this.gateway.row("POST", `${this.path}/import`, lines.map((one) => JSON.stringify(one)).join("\n"));
    assert.equal(rejected, 0, JSON.stringify(errors));
  }

  row(method, path, body) {
    return this.gateway.row(method, this.path + path, body);
  }

  // The text of an example with this website's own names.
  own(text) {
    // A website that is yet to be made has another name.
    const domain = /\/admin\/websites" [^]*"domain"/.test(text) ? `new-${this.domain}` : this.domain;
    return text
      .replaceAll("https://shop.example.com", STAND_IN.woocommerce)
      .replaceAll(/(?<![\w-])example\.com/g, domain)
      .replaceAll("dfid_…", this.trackingId);
  }

  // What has to be there before an example runs, by what it calls.
  async prepare(text) {
    const provider = text.match(/\/integrations\/([a-z]+)/)?.[1];
    const isConnecting = /\/integrations\/\w+" [^]*-d/.test(text) && !/-X/.test(text);
    if (provider && !isConnecting) await this.#connect(provider);
    if (text.includes("-X DELETE") && text.includes("payment_456")) {
      const payment = { amount: 49, currency: "USD", transaction_id: "payment_456" };
      await this.gateway.json("POST", `/api/v1/payments?websiteId=${this.id}`, payment);
    }
    const wantsBotToken = /-X (PUT|DELETE) "[^"]*\/bot-traffic\/token"/.test(text) || text.includes('"requireAuthToken": true');
    if (wantsBotToken) await this.row("POST", "/bot-traffic/token");
    if (text.includes("/console/tickets")) await createAccount(this.gateway.url, this.gateway.setupSecret, `jane@${this.domain}`);
  }

  async #connect(provider) {
    const [, body] = Object.entries(credentials(STAND_IN)).find(([name]) => name.toLowerCase() === provider);
    await this.row("POST", `/integrations/${provider}`, body);
    await eventually(async () => (await this.row("GET", `/integrations/${provider}`)).import?.state === "done");
  }

  // The variables that the text names, made as they are needed.
  async variables(text) {
    const values = { SLUICE_URL: this.gateway.url, SLUICE_TOKEN: this.gateway.token, SLUICE_WEBSITE: this.id, SETUP_SECRET: this.gateway.setupSecret };
    // The owner cannot leave a team.
    if (text.includes("/team/me")) values.SLUICE_TOKEN = (await member(this)).key;
    const names = new Set([...text.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name));
    for (const name of names) if (!(name in values)) await this.#value(name, values);
    return values;
  }

  async #value(name, values) {
    const make = MAKERS[name];
    assert.ok(make, `nobody makes $${name} for the examples (tests/docs/scene.mjs)`);
    values[name] = await make(this, values);
  }
}

const webhook = async (scene, values) => {
  values.WEBHOOK_ID ??= (await scene.row("POST", "/webhooks", { url: "http://127.0.0.1:9/hooks", eventTypes: ["goal.completed"] })).id;
  return values.WEBHOOK_ID;
};

const invitation = async (scene, values) => {
  if (values.INVITATION_ID) return;
  const { id, inviteUrl } = await scene.row("POST", "/team", { email: `john@${scene.domain}`, role: "member" });
  values.INVITATION_ID = id;
  values.CODE = new URL(inviteUrl).hash.slice("#code=".length);
};

// Somebody who has accepted an invitation: { userId, key }.
async function member(scene) {
  const values = {};
  await invitation(scene, values);
  const path = `/api/v1/invitations/${values.INVITATION_ID}/accept`;
  const { status, text, data } = await call(scene.gateway.url, "POST", path, undefined, { code: values.CODE, name: "John Roe" });
  assert.equal(status, 200, text);
  return data[0];
}

const MAKERS = {
  TOKEN_ID: async ({ gateway }) => (await gateway.row("POST", `${ADMIN}/access-tokens`, { name: "Old" })).id,
  API_KEY_ID: async (scene) => (await scene.row("POST", "/apikeys", { name: "Old" })).id,
  FUNNEL_ID: async (scene) => (await scene.row("POST", "/funnels", { name: "Old", steps: STEPS })).id,
  NOTE_ID: async (scene) => (await scene.row("POST", "/notes", { text: "Old", timestamp: "2026-06-01" })).id,
  ALERT_ID: async (scene) => (await scene.row("POST", "/alerts", ALERT)).id,
  WEBHOOK_ID: webhook,
  DELIVERY_ID: async (scene, values) => {
    const path = `/webhooks/${await webhook(scene, values)}`;
    const { deliveryId } = await scene.row("POST", `${path}/test`, { type: "goal.completed" });
    await eventually(async () => (await scene.row("GET", `${path}/deliveries/${deliveryId}`)).attempts.length > 0);
    return deliveryId;
  },
  INVITATION_ID: async (scene, values) => {
    await invitation(scene, values);
    return values.INVITATION_ID;
  },
  CODE: async (scene, values) => {
    await invitation(scene, values);
    return values.CODE;
  },
  USER_ID: async (scene) => (await member(scene)).userId,
  VISITOR_ID: () => VISITOR,
  PROVIDER: (scene, values) => {
    values.PROVIDER ??= "polar";
    return values.PROVIDER;
  },
  EVENT_ID: async (scene) => (await providerEvent(scene)).id,
  // The link of a mail: an id, and a proof under a key that is derived from the first encryption key.
  TOKEN: async (scene) => {
    const { id } = await scene.row("POST", "/alerts", ALERT);
    return unsubscribeToken(id, "sluice: unsubscribe from an alert, 1");
  },
  REPORTS_TOKEN: (scene) => unsubscribeToken(scene.id, "sluice: unsubscribe from weekly reports, 1"),
};

function unsubscribeToken(id, label) {
  const bytes = Buffer.from(id, "hex");
  const key = Buffer.from(process.env.SLUICE_ENCRYPTION_KEYS.split(",")[0].split(":")[1], "base64");
  return Buffer.concat([bytes, hmac(hmac(key, label), bytes).subarray(0, 24)]).toString("base64url");
}

// Polar tells something of which nothing comes.
async function providerEvent(scene) {
  const secret = "polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK";
  const path = "/integrations/polar";
  await scene.row("POST", path, credentials(STAND_IN).Polar);
  await scene.row("PUT", `${path}/webhook`, { secret });
  const { webhookUrl } = await scene.row("GET", path);
  const told = JSON.stringify({ type: "customer.created", timestamp: new Date().toISOString(), data: { id: "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586" } });
  const [id, sentAt] = ["5c2f1a40-7d3e-4b7e-9a65-0f4b1c2d3e4f", String(Math.floor(Date.now() / 1000))];
  const answer = await fetch(webhookUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json", "webhook-id": id, "webhook-timestamp": sentAt,
      "webhook-signature": `v1,${hmac(secret, `${id}.${sentAt}.${told}`).toString("base64")}`,
    },
    body: told,
  });
  assert.equal(answer.status, 200, await answer.text());
  return eventually(async () => (await scene.gateway.rows("GET", `${scene.path}${path}/events`)).find(({ state }) => state === "ignored"));
}
