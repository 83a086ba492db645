import assert from "node:assert/strict";
import { stripe, visits } from "../providers/making.mjs";
import { narrowed, Person } from "./events.mjs";
import { accessible, eventually, gateway, Owner, sentTo, settled, test, text } from "./harness.mjs";
import { Seller, shop } from "./sellers.mjs";

const LIVE = { now: null };

async function site(visit, path = "") {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const at = `/console/w/${website.id}/settings/integrations`;
  const page = await visit.open(context, at + path, LIVE);
  return { owner, website, context, at, page };
}
const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const drawer = (page) => page.getByRole("dialog");
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("integrations: Stripe is connected step by step, with what is wrong at its field, and the key is never shown again", async (visit) => {
  const { page, owner, website } = await site(visit);
  await settled(page);
  assert.deepEqual(await page.locator(".provider h2").allInnerTexts(), [
    "Stripe",
    "Lemon Squeezy",
    "Polar",
    "Paddle",
    "Shopify",
    "WooCommerce",
  ]);
  await accessible(page, "nothing connected");
  await page.getByRole("link", { name: "Connect Stripe" }).click();
  await heading(page, "Connect Stripe").waitFor();
  const form = page.getByRole("link", { name: "Open the form" });
  assert.match(await form.getAttribute("href"), /^https:\/\/dashboard\.stripe\.com\/apikeys\/create\?.*rak_charge_read/);
  await accessible(page, "Stripe's steps");

  const submit = page.getByRole("button", { name: "Connect Stripe" });
  await submit.click();
  await page.getByText("This is needed.").waitFor();
  visit.expect(400, "/integrations/stripe");
  const key = page.getByLabel("Restricted key");
  assert.equal(await key.getAttribute("type"), "password");
  await key.fill("sk_live_abc");
  await submit.click();
  await page.getByText(/expected a restricted key, which starts with "rk_"/).waitFor();
  await accessible(page, "a refused key");

  const seller = new Seller();
  await seller.account.is({ title: "Acme Inc.", denied: ["rak_charge_read", "rak_invoice_read"] });
  await key.fill(seller.key);
  await submit.click();
  await page.getByText("the key lacks the permissions rak_charge_read, rak_invoice_read").waitFor();
  assert.equal(await key.inputValue(), seller.key, "nothing typed is lost");
  await seller.account.is({ denied: [] });
  await submit.dblclick();
  await heading(page, "Stripe").waitFor();
  const mark = page.locator(".page-head .state-mark");
  await eventually(async () => (await text(mark)) === "connected");
  const facts = await text(page.locator(".facts"));
  assert.match(facts, /Acme Inc\. .*Stripe is asked for its events.*Last payment none yet.*Past read on .* 0 objects/);
  await accessible(page, "a connection");
  const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!(await page.content()).includes(seller.key) && !(await kept()).includes(seller.key));
  const { connected, account } = await seller.status(owner, website);
  assert.deepEqual([connected, account.name], [true, "Acme Inc."]);

  await page.getByRole("link", { name: "Integrations", exact: true }).click();
  const first = await text(page.locator(".provider").first());
  assert.match(first, /Stripe connected Acme Inc\. · no payment yet Manage/);
});

test("integrations: events say what came of them, are seen as they were sent, and worked on again", async (visit) => {
  const { page, owner, website, at } = await site(visit);
  const person = new Person(website);
  await owner.import(website, [person.view(Date.now() - 60_000, "/")]);
  const seller = await new Seller().connect(owner, website);
  const { charge, load } = stripe.sale({ at: Math.floor(Date.now() / 1000) - 5, metadata: visits(person.id) });
  await load(seller.account);
  await seller.happens(owner, website, "charge.succeeded", charge);
  await seller.happens(owner, website, "product.created", { id: "prod_1", object: "product" });

  await page.goto(new URL(`${at}/stripe`, gateway).href);
  const rows = page.locator("tbody tr");
  await rows.nth(1).waitFor();
  assert.match(await text(rows.nth(1)), /charge\.succeeded pi_1 done 1 new$/);
  assert.match(await text(rows.first()), /product\.created .*ignored/);
  await page.getByText("Stripe posts them to this gateway, through a webhook made by hand.").waitFor();
  await accessible(page, "events");

  await page.getByLabel("State").selectOption("failed");
  await page.getByText("No event is in this state.").waitFor();
  await page.goBack();
  await page.getByLabel("State").selectOption("done");
  await eventually(async () => (await rows.count()) === 1);
  await rows.first().getByRole("link").click();
  await drawer(page).getByText("posted by the provider").waitFor();
  await drawer(page).getByRole("button", { name: "Copy what was sent" }).click();
  assert.equal(JSON.parse(await clipboard(page)).data.object.id, "ch_1");
  await accessible(page, "an event");
  await drawer(page).getByRole("button", { name: "Work on it again" }).click();
  await drawer(page).getByText("worked on again").first().waitFor();
  await eventually(async () => assert.match(await text(drawer(page)), /1 changed/) ?? true);
  await page.keyboard.press("Escape");
  assert.equal(new URL(page.url()).searchParams.get("event"), null);
  await eventually(async () => (await text(rows.first())).includes("1 changed"));

  // An address of one that is not there any more.
  const address = page.url();
  visit.expect(404, "/events/");
  await page.goto(`${address}&event=000000000000000000000000`);
  await drawer(page).getByText("This event is gone.").waitFor();
});

test("integrations: one that fails says since when and why in words, and a new key mends it", async (visit) => {
  const { page, owner, website, at } = await site(visit);
  const seller = await new Seller().connect(owner, website);
  await seller.account.is({ isUnknown: true });
  const { charge } = stripe.sale({ at: Math.floor(Date.now() / 1000) - 5 });
  await seller.posts("charge.succeeded", charge);
  await eventually(async () => (await seller.status(owner, website)).state === "failing");
  await page.reload();
  const first = page.locator(".provider").first();
  await first.getByText("failing").waitFor();
  assert.match(
    await text(first),
    /does not accept the key any more\. It was revoked, or the app was removed\. Make a new key, and give it here/,
  );
  await accessible(page, "one that fails");
  await first.getByRole("link", { name: "Manage Stripe" }).click();
  await page.getByText(/^Failing since /).waitFor();
  await accessible(page, "a connection that fails");

  const next = new Seller();
  await page.getByRole("tab", { name: "New key" }).click();
  await accessible(page, "a new key");
  await page.getByLabel("Restricted key").fill(next.key);
  await page.getByRole("button", { name: "Connect Stripe" }).click();
  await page.getByText(/^Failing since /).waitFor({ state: "detached" });
  await eventually(async () => (await text(page.locator(".page-head .state-mark"))) === "connected");
  assert.equal(new URL(page.url()).pathname, `${at}/stripe`);
});

test("integrations: where the gateway makes no webhook, its address is copied and its secret given", async (visit) => {
  const { page, owner, website } = await site(visit, "/lemonsqueezy");
  const seller = new Seller("lemonsqueezy");
  await page.getByLabel("API key").fill(seller.key);
  visit.expect(400, "/integrations/lemonsqueezy");
  await page.getByLabel("Store's number").fill("no number");
  await page.getByRole("button", { name: "Connect Lemon Squeezy" }).click();
  await page
    .locator(".field", { has: page.getByLabel("Store's number") })
    .getByRole("alert")
    .waitFor();
  await page.getByLabel("Store's number").fill("12345");
  await page.getByRole("button", { name: "Connect Lemon Squeezy" }).click();
  await page.getByText(/does not tell of new payments yet/).waitFor();
  await page.getByRole("link", { name: "Make it by hand" }).click();
  await page.getByText(/cannot reach this address from outside/).waitFor();
  const { webhookUrl } = await seller.status(owner, website);
  await page.getByRole("button", { name: "Copy the address" }).click();
  assert.equal(await clipboard(page), webhookUrl);
  await page.getByRole("button", { name: "Copy the events" }).click();
  assert.match(await clipboard(page), /^order_created\norder_refunded\n/);
  await accessible(page, "a webhook by hand");
  await page.getByRole("button", { name: "Store the secret" }).click();
  await page.getByText("This is needed.").waitFor();
  await page.getByLabel("Secret of the webhook").fill("manual-secret-0123456789");
  await page.getByRole("button", { name: "Store the secret" }).click();
  await page.getByText(/does not tell of new payments yet/).waitFor({ state: "detached" });
  await page.getByText("A secret is stored.").waitFor();
  assert.equal(await page.getByLabel("Secret of the webhook").inputValue(), "");
  assert.equal((await seller.status(owner, website)).webhookSecretKnown, true);
});

test("integrations: a shop's owner is asked on the shop's page, and the page goes on when the shop connects itself", async (visit) => {
  const { page, owner, website, context, at } = await site(visit, "/woocommerce");
  // This gateway cannot be reached from outside, and says so.
  visit.expect(409, "/authorize");
  const ask = page.getByRole("button", { name: "Go to the shop" });
  await page.getByLabel("Address of the shop").fill("https://shop.example.com");
  await ask.click();
  await page.getByText(/PUBLIC_URL is not set/).waitFor();
  await accessible(page, "a shop that was not asked");

  // A gateway that can answers the shop's page, which leads back.
  const back = new URL(`${at}/woocommerce`, gateway).href;
  let sent;
  await context.route(/\/woocommerce\/authorize$/, (route) => {
    sent = route.request().postDataJSON();
    return route.fulfill({ json: { status: "success", data: [{ authorizeUrl: `${back}?success=1&user_id=nonce` }] } });
  });
  await ask.click();
  await page.getByText(/The shop's owner has approved/).waitFor();
  assert.deepEqual(sent, { storeUrl: "https://shop.example.com", returnUrl: back });
  await accessible(page, "a shop that was approved");
  const seller = new Seller("woocommerce");
  const credentials = { storeUrl: shop, consumerKey: seller.key, consumerSecret: "cs_1" };
  await owner.api.json("POST", `/api/v1/admin/websites/${website.id}/integrations/woocommerce`, credentials);
  await heading(page, "WooCommerce").waitFor();

  await owner.api.json("DELETE", `/api/v1/admin/websites/${website.id}/integrations/woocommerce`);
  await page.goto(`${back}?success=0`);
  await page.getByText("The shop's owner has not approved.").waitFor();
  await page.getByRole("button", { name: "By a key" }).click();
  await page.getByLabel("Consumer secret").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("way"), "key");
  await page.goBack();
  await ask.waitFor();
});

test("integrations: the past is read again, and a provider that is let go leaves its payments", async (visit) => {
  const { page, owner, website, context, at } = await site(visit);
  const seller = await new Seller().connect(owner, website);
  const { charge, load } = stripe.sale({ at: Math.floor(Date.now() / 1000) - 5 });
  await load(seller.account);
  await seller.happens(owner, website, "charge.succeeded", charge);
  await page.goto(new URL(`${at}/stripe`, gateway).href);
  await page.getByRole("button", { name: "Import again …" }).click();
  await drawer(page).getByLabel("From").fill("2026-01-01");
  await accessible(page, "an import");
  const sent = await sentTo(context, /\/admin\/.*\/integrations\/stripe$/);
  await drawer(page).getByRole("button", { name: "Import", exact: true }).click();
  await drawer(page).waitFor({ state: "detached" });
  assert.deepEqual(sent, [{ from: "2026-01-01", restoreDeleted: false }]);
  await eventually(async () => /Past read on .*, from 1 Jan 2026 on/.test(await text(page.locator(".facts"))));

  await page.getByRole("button", { name: "Disconnect …" }).click();
  assert.match(await text(drawer(page)), /What stays: every payment that came/);
  await accessible(page, "letting go");
  await drawer(page).getByRole("button", { name: "Disconnect", exact: true }).click();
  await heading(page, "Connect Stripe").waitFor();
  assert.equal((await seller.status(owner, website)).connected, false);
  const [{ revenue }] = await owner.report(website, "overview", { fields: "revenue" });
  assert.equal(revenue, 58.31, "the payment stays");
});

test("integrations: an import says how far it is, as far as anybody knows", async (visit) => {
  const { page, context } = await site(visit);
  const run = {
    state: "running",
    stage: "charges",
    done: 1_200,
    total: 4_800,
    from: null,
    startedAt: "2026-10-14T08:00:00.000Z",
    finishedAt: null,
  };
  const importing = { connected: true, state: "importing", mode: "webhook", testMode: false, account: null, connectedAt: run.startedAt, lastEventAt: null, lastPaymentAt: null, failing: null }; // biome-ignore format: as the API answers
  const off = { connected: false };
  const answer = (total) => ({
    stripe: { ...importing, import: { ...run, total } }, lemonsqueezy: off, polar: off, paddle: { ...off, keyExpiresAt: null }, shopify: off, woocommerce: off, currency: "USD",
  }); // biome-ignore format: as the API answers
  let total = 4_800;
  await context.route(/\/admin\/.*\/integrations$/, (route) =>
    route.fulfill({ json: { status: "success", data: [answer(total)] } }),
  );
  await page.reload();
  await page.getByText("1,200 of 4,800 read, now charges").waitFor();
  const bar = page.getByRole("progressbar");
  assert.equal(await bar.evaluate((element) => element.value), 0.25);
  await accessible(page, "an import that runs");
  total = null;
  await page.getByText("1,200 read, now charges").waitFor();
  assert.equal(await bar.evaluate((element) => element.position), -1, "nobody knows how much is left");
});

test("integrations: who only reads sees how it goes, and nothing that is secret", async (visit) => {
  const { owner, website, at } = await site(visit);
  const seller = await new Seller().connect(owner, website);
  await seller.happens(owner, website, "product.created", { id: "prod_1", object: "product" });
  const token = await narrowed(owner, ["settings:read", "analytics:read"]);
  const page = await visit.open(await visit.browser({ token }), at, LIVE);
  const connect = page.getByRole("button", { name: "Connect Polar" });
  assert.match(await connect.getAttribute("title"), /needs the permission "settings:write"/);
  await page.getByRole("link", { name: "Manage Stripe" }).click();
  await page.getByText("product.created").waitFor();
  assert.equal(await page.locator("tbody a").count(), 0);
  for (const name of ["Import again …", "Disconnect …"]) assert.ok(await page.getByRole("button", { name }).isDisabled());
  assert.equal(await page.getByRole("tab").count(), 2);
  assert.ok(!(await page.content()).includes(seller.url));
  await accessible(page, "a connection to read");
  const [event] = await seller.events(owner, website);
  await page.goto(new URL(`${at}/stripe?event=${event.id}`, gateway).href);
  await drawer(page)
    .getByText(/needs the permission "settings:write"/)
    .waitFor();
  await page.goto(new URL(`${at}/polar`, gateway).href);
  await page.getByText(/needs the permission "settings:write"/).waitFor();
  await page.goto(new URL(`${at}/nobody`, gateway).href);
  await page.getByText("No provider has this name.").waitFor();
  await accessible(page, "no provider");
});
