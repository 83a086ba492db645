// Writes docs/console/*.png: each page in both themes, at 1280 and 390 px, with the story of the tests.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { stripe } from "../providers/making.mjs";
import { asks } from "./application.mjs";
import { present } from "./events.mjs";
import { eventually, Gateway, gateway, NOW, Owner, settled, Visit } from "./harness.mjs";
import { smaller } from "./png.mjs";
import { hook, Receiver, tested } from "./receiver.mjs";
import { Seller } from "./sellers.mjs";
import { story } from "./story.mjs";

const FOLDER = new URL("../../docs/console/", import.meta.url);
const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];

// Pages at whose top a phone's screen says too little are taken whole.
export async function takePictures(beginning = "") {
  await mkdir(FOLDER, { recursive: true });
  const { owner, pages } = await theStory();
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of SIZES) {
      const visit = new Visit();
      const isPhone = viewport.width < 700;
      const context = await visit.browser({ owner, colorScheme, viewport, hasTouch: isPhone, isMobile: isPhone });
      for (const { name, path, now = NOW, prepare, isWhole = true } of pages) {
        if (!name.startsWith(beginning)) continue;
        const page = await visit.open(context, path, { now });
        await page.locator("h1").waitFor({ state: "attached" });
        await settled(page);
        await prepare?.(page);
        await page.evaluate(named);
        await page.waitForTimeout(200);
        const picture = await page.screenshot({ fullPage: isWhole && !isPhone, animations: "disabled" });
        await writeFile(new URL(`${name}-${colorScheme}-${viewport.width}.png`, FOLDER), smaller(picture));
        await page.close();
      }
      await visit.close();
    }
  }
}

// An export is chosen, and waits for its options.
async function bring(page) {
  const folder = new URL("../moving/files/plausible/", import.meta.url);
  const tables = (await readdir(folder)).map((name) => new URL(name, folder).pathname);
  const section = page.getByRole("region", { name: "Bring the past in" });
  await section.getByLabel("File", { exact: true }).setInputFiles(tables);
  await section.getByText("An export of Plausible").waitFor();
  await section.evaluate((element) => element.scrollIntoView());
}

// The receivers are on this machine, at another port each time.
function named() {
  const put = (text) =>
    text
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, "https://api.acme.example")
      .replace(/http:\/\/localhost:\d+/g, "https://sluice.acme.example");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    if (/127\.0|localhost/.test(texts.currentNode.data)) texts.currentNode.data = put(texts.currentNode.data);
  for (const input of document.querySelectorAll("input")) if (/127\.0/.test(input.value)) input.value = put(input.value);
}

// One that is well, one that fails, and one that was switched off.
async function endpoints(owner, website) {
  const [well, ill] = [await Receiver.start(), await Receiver.start()];
  const types = { eventTypes: ["goal.completed", "payment.received"] };
  const one = await hook(owner, website, well.url, { description: "The shop's server", ...types });
  const other = await hook(owner, website, ill.url, {
    description: "The warehouse",
    headers: { Authorization: "Bearer abcdefghijklmnop" },
  });
  const off = await hook(owner, website, "https://old.example.com/hooks", {
    description: "Of last year's partner",
    isEnabled: false,
  });
  for (let at = 0; at < 24; at += 1) {
    await tested(owner, website, one, at % 3 ? "goal.completed" : "payment.received");
    ill.answer =
      at === 3 || at > 19 ? { status: 503, body: "upstream connect error or disconnect" } : { status: 200, body: "" };
    const id = await tested(owner, website, other, at % 4 ? "goal.completed" : "payment.received");
    if (at === 23) return { well: one.id, failing: other.id, off: off.id, failed: id };
  }
}

async function alerts(owner, website, endpointId) {
  const make = (body) => owner.api.row("POST", `/api/v1/admin/websites/${website.id}/alerts`, body);
  const webhook = { type: "webhook", endpointId };
  await make({
    name: "New signup",
    trigger: { goalName: "signup" },
    template: {
      subject: "{{metadata.plan}} on {{website.domain}}",
      message: "Somebody from {{visitor.country}} signed up for {{metadata.plan}}.",
    },
  });
  const metric = { type: "metric", metric: "sessions", window: "6h", comparison: "above", threshold: 55 };
  const busy = await make({
    name: "Busy hours",
    trigger: metric,
    destination: webhook,
    notifyResolved: true,
    template: { message: "{{value}} sessions within {{window}} on {{website.domain}}." },
  });
  const quiet = { ...metric, metric: "revenue", window: "1d", comparison: "below", threshold: 20, for: "1h" };
  await make({ name: "No sales today", trigger: quiet, template: { message: "Only {{value}} in {{window}}." } });
  return busy.id;
}

// One that is well, one that fails, and one that needs a webhook.
async function sellers(owner, website) {
  const path = `/api/v1/admin/websites/${website.id}/integrations`;
  const well = new Seller();
  await well.account.is({ title: "Acme Inc." });
  await well.connect(owner, website);
  const sales = Array.from({ length: 5 }, (_, at) =>
    stripe.sale({ id: String(1001 + at), amount: [4900, 1900, 9900, 4900, 1900][at] }),
  );
  for (const { charge, load } of sales) {
    await load(well.account);
    await well.happens(owner, website, "charge.succeeded", charge);
  }
  await well.happens(owner, website, "product.created", { id: "prod_S4b", object: "product" });
  const refund = stripe.refund({ id: "re_1002", of: "1002", amount: 1900 });
  await stripe.load(well.account, [refund]);
  await well.happens(owner, website, "refund.created", refund);

  const ill = await new Seller("paddle").connect(owner, website);
  await ill.account.is({ isUnknown: true });
  await owner.api.json("PATCH", `${path}/paddle`, {});
  await eventually(async () => (await ill.status(owner, website)).state === "failing");
  const body = { lemonsqueezyApiKey: new Seller("lemonsqueezy").key, lemonsqueezyStoreId: "12345" };
  await owner.api.json("POST", `${path}/lemonsqueezy`, body);
}

async function people(owner, website) {
  const path = `/api/v1/admin/websites/${website.id}`;
  for (const [name, role] of [
    ["Lena Weber", "member"],
    ["Tom Okafor", "viewer"],
  ]) {
    const guest = await Owner.signUp(name);
    const { invitationId, inviteUrl } = await owner.api.row("POST", `${path}/team`, { email: guest.email, role });
    await guest.api.json("POST", `/api/v1/invitations/${invitationId}/accept`, { code: /code=([^&#]+)/.exec(inviteUrl)[1] });
    if (role === "member") await guest.api.row("POST", `${path}/apikeys`, { name: "Nightly export" });
  }
  await owner.api.row("POST", `${path}/team`, { email: "priya@acme.example", role: "member" });
  const { key } = await owner.api.row("POST", `${path}/apikeys`, { name: "Shop's server" });
  await owner.api.row("POST", `${path}/apikeys`, { name: "Warehouse" });
  await new Gateway({ url: gateway, token: key }).json("GET", `${path}/apikeys`);
}

async function theStory() {
  const owner = await Owner.signUp();
  const acme = await owner.website("acme.example.com", { daily: 130 });
  const site = `/console/w/${acme.id}`;
  // What the page with all websites shows ends now, by the gateway's clock.
  const now = Date.now();
  const upToNow = (website, daily, seed) =>
    owner.import(website, story({ now, domain: website.domain, daily, days: 40, seed, prefix: `${website.id}-now-` }));
  await upToNow(acme, 96, 3);
  let shop;
  for (const [domain, name, daily, seed] of [
    ["docs.acme.example", "Documentation", 40, 11],
    ["status.acme.example", "Status", 12, 5],
    ["shop.acme.example", "Shop", 75, 21],
  ]) {
    shop = await owner.website(domain, undefined, undefined, name);
    await upToNow(shop, daily, seed);
  }
  const fresh = await owner.website("new.acme.example", undefined, undefined, "Next year's");
  const [funnel] = await owner.api.rows("POST", `/api/v1/admin/websites/${acme.id}/funnels`, {
    name: "From pricing to payment",
    steps: [
      { name: "Pricing", type: "pageview", url: "/pricing" },
      { name: "Sign-up page", type: "pageview", url: "/signup" },
      { name: "Signed up", type: "goal", goalName: "signup" },
      { name: "Checkout", type: "goal", goalName: "checkout_started" },
    ],
  });
  await owner.api.rows("POST", `/api/v1/admin/websites/${acme.id}/funnels`, {
    name: "From the blog to the newsletter",
    steps: [
      { name: "Blog", type: "pageview", url: "/blog/*" },
      { name: "Newsletter", type: "goal", goalName: "newsletter" },
    ],
  });
  const look = {
    goalName: "signup",
    displayName: "Signed up",
    color: "#22c55e",
    description: "Made an account, with any plan",
  };
  await owner.api.json("PATCH", `/api/v1/admin/websites/${acme.id}/goals/customizations`, look);
  const isPublic = { isPublicDashboardEnabled: true, isPublicDataEnabled: true };
  await owner.api.json("PUT", `/api/v1/admin/websites/${acme.id}`, { kpi: "signup", ...isPublic });
  await owner.import(acme, present(acme, now));
  const hooks = await endpoints(owner, acme);
  const alert = await alerts(owner, acme, hooks.well);
  await sellers(owner, shop);
  await people(owner, shop);
  const ofShop = `/console/w/${shop.id}/settings`;
  const visitors = await owner.api
    .rows("GET", `/api/v1/visitors?websiteId=${acme.id}&isCustomer=true&startAt=2026-09-17&endAt=2026-10-14&limit=1`)
    .catch(() => []);
  const visitor = visitors[0]?.visitorId;
  return {
    owner,
    pages: [
      { name: "overview", path: site },
      { name: "dates", path: site, isWhole: false, prepare: (page) => page.getByRole("button", { name: /^Dates:/ }).click() },
      { name: "websites", path: "/console?all", now, isWhole: false },
      { name: "new", path: `/console/new?website=${fresh.id}`, now },
      { name: "visitors", path: `${site}/visitors`, isWhole: false },
      ...(visitor ? [{ name: "journey", path: `${site}/visitors/${visitor}` }] : []),
      { name: "goals", path: `${site}/goals` },
      { name: "goal", path: `${site}/goals/signup` },
      { name: "funnels", path: `${site}/funnels` },
      { name: "funnel", path: `${site}/funnels/${funnel.id}` },
      { name: "funnel-edit", path: `${site}/funnels/${funnel.id}/edit`, isWhole: false },
      { name: "settings", path: `${site}/settings`, now },
      { name: "settings-tracking", path: `${site}/settings?tab=tracking`, now },
      { name: "settings-public", path: `${site}/settings?tab=public`, now },
      { name: "settings-data", path: `${site}/settings?tab=data`, now },
      { name: "import", path: `${site}/settings?tab=data`, now, isWhole: false, prepare: bring },
      { name: "settings-activity", path: `${ofShop}/activity`, now },
      { name: "share", path: `/share/${acme.id}`, now },
      { name: "alerts", path: `${site}/alerts`, now },
      { name: "alert-edit", path: `${site}/alerts/${alert}/edit`, now },
      { name: "webhooks", path: `${site}/webhooks`, now },
      { name: "deliveries", path: `${site}/webhooks/deliveries`, now, isWhole: false },
      { name: "webhook", path: `${site}/webhooks/${hooks.failing}`, now, isWhole: false },
      { name: "delivery", path: `${site}/webhooks/${hooks.failing}?delivery=${hooks.failed}`, now, isWhole: false },
      { name: "webhook-edit", path: `${site}/webhooks/${hooks.well}?tab=settings`, now },
      { name: "realtime", path: `${site}/realtime`, now },
      { name: "integrations", path: `${ofShop}/integrations`, now },
      { name: "integration", path: `${ofShop}/integrations/stripe`, now },
      { name: "integration-connect", path: `/console/w/${acme.id}/settings/integrations/stripe`, now },
      { name: "integration-webhook", path: `${ofShop}/integrations/lemonsqueezy?tab=webhook`, now },
      { name: "team", path: `${ofShop}/team`, now },
      { name: "keys", path: `${ofShop}/keys`, now },
      { name: "account", path: "/console/account", now },
      {
        name: "consent",
        path: await asks("https://client.example/cb", { scope: "analytics:read goals:write" }, "Acme Assistant"),
        now,
      },
    ],
  };
}
