// A newcomer's walk through an empty gateway, by the console alone: the first account, website, event, alert, webhook and payment.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { SECRETS } from "../../scripts/config.mjs";
import { GatewayProcess } from "../../scripts/gateway-process.mjs";
import { BROWSER } from "../harness/gateway.mjs";
import { stripe, visits } from "../providers/making.mjs";
import { eventually, settled, test, text } from "./harness.mjs";
import { Receiver } from "./receiver.mjs";
import { SECRET, Seller } from "./sellers.mjs";

const LIVE = { now: null };

test("newcomer: from an empty gateway to the first event, alert, webhook and payment", async (visit) => {
  const settings = Object.fromEntries(Object.entries(SECRETS).map(([name, make]) => [name, make()]));
  const own = await GatewayProcess.start({ settings: { ...settings, ENVIRONMENT: "development" }, log: () => undefined });
  try {
    await walk(visit, own, own.url.replace(/\/$/, ""), settings.SETUP_SECRET);
  } finally {
    await own.stop();
  }
});

async function walk(visit, own, url, secret) {
  const context = await visit.browser({ on: url });
  visit.expect(401, "/console/session"); // nobody has signed in yet
  const page = await visit.open(context, `${url}/console`, LIVE);
  const title = (name) => page.getByRole("heading", { level: 1, name }).waitFor();

  // The first account.
  await title("Set up this gateway");
  await page.getByLabel("Set-up secret").fill(secret);
  await page.getByLabel("Your e-mail").fill("jane@acme.example");
  await page.getByLabel("Your name").fill("Jane Doe");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("button", { name: "I do not need it: delete it" }).click();

  // The first website, and its first event.
  await title("Add a website");
  await page.getByLabel("Domain").fill("acme.example.com");
  await page.getByRole("button", { name: "Add the website" }).click();
  await page.getByRole("heading", { name: "Waiting for the first event" }).waitFor();
  const [, trackingId] = /data-website-id="(\w+)"/.exec(await text(page.locator(".snippet code").first()));
  const visitor = crypto.randomUUID();
  const send = (type, fields) => tracked(url, { websiteId: trackingId, visitorId: visitor, type, ...fields });
  await send("pageview");
  await page.getByRole("heading", { name: "The first event has arrived" }).waitFor();
  await page.getByRole("link", { name: /^Open the overview/ }).click();
  const visitors = page.getByRole("button", { name: /^Visitors/ });
  await eventually(async () => /Visitors 1 /.test(`${await text(visitors)} `));

  // The first webhook takes what the first alert tells.
  const to = (name) => page.getByRole("navigation", { name: "Pages of the website" }).getByRole("link", { name }).click();
  const receiver = await Receiver.start();
  await to("Webhooks");
  await page.getByRole("link", { name: "New webhook" }).click();
  await page.getByLabel("Address").fill(receiver.url);
  await page.getByLabel("Description").fill("Our server");
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await title("The webhook is on");
  const signing = await text(page.locator(".secret code"));
  await page.getByRole("link", { name: "Send a test" }).click();
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("Accepted with 200").waitFor();
  assert.ok(isSigned(receiver.requests[0], signing), "the secret that was shown signs");
  await page.keyboard.press("Escape");

  await to("Alerts");
  await page.getByRole("link", { name: "New alert" }).click();
  await page.getByLabel("Name", { exact: true }).fill("New signup");
  await page.getByLabel("Goal", { exact: true }).fill("signup");
  await page.getByLabel("Message", { exact: true }).fill("Somebody signed up on {{website.domain}}.");
  await page.getByLabel("Whom").selectOption({ label: "Webhook Our server" });
  await page.getByRole("button", { name: "Create the alert" }).click();
  await title("New signup");
  // Cron looks at what alerts wait for, once a minute; the website's object hears of a new alert within moments.
  const told = await eventually(
    async () => {
      await send("custom", { extraData: { eventName: "signup" } });
      await own.runCron();
      return receiver.requests.map(({ body }) => JSON.parse(body)).find(({ type }) => type === "alert.firing");
    },
    undefined,
    1_000,
  );
  assert.match(JSON.stringify(told), /Somebody signed up on acme\.example\.com\./);

  // The first payment, on the visitor who paid.
  await to("Settings");
  await page.getByRole("link", { name: "Integrations" }).click();
  await page.getByRole("link", { name: "Connect Stripe" }).click();
  const seller = new Seller();
  await page.getByLabel("Restricted key").fill(seller.key);
  await page.getByRole("button", { name: "Connect Stripe" }).click();
  await title("Stripe");
  // What the import of the past finds is no news.
  await page.locator(".page-head").getByText("connected").waitFor();
  await page.getByRole("tab", { name: "Webhook by hand" }).click();
  seller.url = await text(page.getByRole("region", { name: "the address" }));
  await page.getByLabel("Secret of the webhook").fill(SECRET);
  await page.getByRole("button", { name: "Store the secret" }).click();
  await page.getByText("A secret is stored.").waitFor();
  const { charge, load } = stripe.sale({ at: Math.floor(Date.now() / 1000) + 1, metadata: visits(visitor) });
  await load(seller.account);
  await seller.posts("charge.succeeded", charge);
  await eventually(() => receiver.requests.some(({ body }) => JSON.parse(body).type === "payment.received") || undefined);
  await to("Overview");
  const revenue = page.getByRole("button", { name: /^Revenue/ }).first();
  await eventually(async () => (await text(revenue)).includes("58"));
  await settled(page);
  await to("Visitors");
  await page.locator("tbody tr").first().getByRole("link").click();
  await page.getByText("customer").first().waitFor();
}

// As the script sends it.
async function tracked(url, fields) {
  const body = {
    domain: "acme.example.com", href: "https://acme.example.com/", referrer: null, sessionId: `s${fields.visitorId}`, visitorSessionNumber: 1,
    visitorFirstSeenAt: new Date().toISOString(), viewport: { width: 1280, height: 720 }, language: "en-US", timezone: "America/Chicago",
    screenWidth: 1440, screenHeight: 900, ...fields,
  }; // biome-ignore format: an event
  const headers = { "content-type": "application/json", "user-agent": BROWSER };
  const answer = await fetch(`${url}/api/events`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.deepEqual([answer.status, answer.headers.get("x-sluice-dropped")], [200, null]);
}

function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return headers["webhook-signature"].split(" ").includes(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
}
