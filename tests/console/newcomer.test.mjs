// A newcomer's walk through an empty gateway, by the console alone: the first account, website, event, alert by mail, webhook and payment.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { stripe, visits } from "../providers/making.mjs";
import { eventually, settled, test, text } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { Receiver } from "./receiver.mjs";
import { SECRET, Seller } from "./sellers.mjs";
import { Shop } from "./shop.mjs";

const LIVE = { now: null };
const BUTTON = '<button data-fast-goal="signup">Sign up</button>';

test("newcomer: from an empty gateway to the first event, alert by mail, webhook and payment", async (visit) => {
  const mailbox = await Mailbox.start();
  const opened = [];
  try {
    await walk(visit, mailbox, opened);
  } finally {
    await Promise.all(opened.map((shop) => shop.close()));
    await mailbox.stop();
  }
});

async function walk(visit, mailbox, opened) {
  const { url } = mailbox;
  const context = await visit.browser({ on: url });
  visit.expect(401, "/console/session"); // nobody has signed in yet
  const page = await visit.open(context, `${url}/console`, LIVE);
  const title = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
  const to = (name) => page.getByRole("navigation", { name: "Pages of the website" }).getByRole("link", { name }).click();

  // The first account.
  await title("Set up this gateway");
  await page.getByLabel("Set-up secret").fill(mailbox.secret);
  await page.getByLabel("Your e-mail").fill("jane@acme.example");
  await page.getByLabel("Your name").fill("Jane Doe");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("button", { name: "I do not need it: delete it" }).click();

  // The first website, and its first event: the script that the console shows, in a page of the website.
  await title("Add a website");
  await page.getByLabel("Domain").fill("acme.example.com");
  await page.getByRole("button", { name: "Add the website" }).click();
  await page.getByRole("heading", { name: "Waiting for the first event" }).waitFor();
  const script = await text(page.locator(".snippet code").first());
  const shop = await Shop.open({ domain: "acme.example.com", head: script, body: BUTTON });
  opened.push(shop);
  await shop.visit();
  await page.getByRole("heading", { name: "The first event has arrived" }).waitFor();
  await page.getByRole("link", { name: /^Open the overview/ }).click();
  const visitors = page.getByRole("button", { name: /^Visitors/ });
  await eventually(async () => /Visitors 1 /.test(`${await text(visitors)} `));

  // The first alert, by mail.
  await to("Alerts");
  await page.getByRole("link", { name: "New alert" }).click();
  await page.getByLabel("Name", { exact: true }).fill("New signup");
  await page.getByLabel("Goal", { exact: true }).fill("signup");
  await page.getByLabel("Subject").fill("A signup on {{website.domain}}");
  await page.getByLabel("Message", { exact: true }).fill("Somebody signed up on {{website.domain}}.");
  await page.getByLabel("Whom").selectOption({ label: "The website's owner, by mail" });
  await page.getByRole("button", { name: "Create the alert" }).click();
  await title("New signup");
  // Cron looks at what alerts wait for, once a minute: it is run here. The website's object hears of a new alert within moments, so
  // the visitor signs up until it has.
  const mail = await eventually(
    async () => {
      await shop.page.getByRole("button", { name: "Sign up" }).click();
      await mailbox.own.runCron();
      return mailbox.mails.find(({ subject }) => subject === "A signup on acme.example.com");
    },
    undefined,
    1_000,
  );
  assert.deepEqual([mail.to].flat(), ["jane@acme.example"]);
  assert.match(mail.text, /Somebody signed up on acme\.example\.com\./);
  await page.reload();
  await page.getByRole("region", { name: "Messages" }).getByRole("cell", { name: "sent", exact: true }).first().waitFor();

  // The first webhook: its secret signs what is sent to it.
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
  const payer = await shop.visitorId();
  const { charge, load } = stripe.sale({ at: Math.floor(Date.now() / 1000) + 1, metadata: visits(payer) });
  await load(seller.account);
  await seller.posts("charge.succeeded", charge);
  await eventually(() => receiver.requests.some(({ body }) => JSON.parse(body).type === "payment.received") || undefined);
  await to("Overview");
  const revenue = page.getByRole("button", { name: /^Revenue/ }).first();
  await eventually(async () => (await text(revenue)).includes("58"));
  await settled(page);
  await to("Visitors");
  await page.locator(`tbody a[href$="/visitors/${payer}"]`).click();
  await page.getByText("customer").first().waitFor();
}

function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return headers["webhook-signature"].split(" ").includes(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
}
