// Writes docs/console/*.png: each page in both themes, at 1280 and 390 px, with the story of the tests.

import { mkdir, writeFile } from "node:fs/promises";
import { present } from "./events.mjs";
import { NOW, Owner, settled, Visit } from "./harness.mjs";
import { smaller } from "./png.mjs";
import { hook, Receiver, tested } from "./receiver.mjs";
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

// The receivers are on this machine, at another port each time.
function named() {
  const put = (text) => text.replace(/http:\/\/127\.0\.0\.1:\d+/g, "https://api.acme.example");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (/127\.0/.test(texts.currentNode.data)) texts.currentNode.data = put(texts.currentNode.data);
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

async function theStory() {
  const owner = await Owner.signUp();
  const acme = await owner.website("acme.example.com", { daily: 130 });
  const site = `/console/w/${acme.id}`;
  // What the page with all websites shows ends now, by the gateway's clock.
  const now = Date.now();
  const upToNow = (website, daily, seed) =>
    owner.import(website, story({ now, domain: website.domain, daily, days: 40, seed, prefix: `${website.id}-now-` }));
  await upToNow(acme, 96, 3);
  for (const [domain, name, daily, seed] of [
    ["docs.acme.example", "Documentation", 40, 11],
    ["status.acme.example", "Status", 12, 5],
    ["shop.acme.example", "Shop", 75, 21],
  ]) {
    await upToNow(await owner.website(domain, undefined, undefined, name), daily, seed);
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
      { name: "share", path: `/share/${acme.id}`, now },
      { name: "alerts", path: `${site}/alerts`, now },
      { name: "alert-edit", path: `${site}/alerts/${alert}/edit`, now },
      { name: "webhooks", path: `${site}/webhooks`, now },
      { name: "webhook", path: `${site}/webhooks/${hooks.failing}`, now, isWhole: false },
      { name: "delivery", path: `${site}/webhooks/${hooks.failing}?delivery=${hooks.failed}`, now, isWhole: false },
      { name: "webhook-edit", path: `${site}/webhooks/${hooks.well}?tab=settings`, now },
      { name: "realtime", path: `${site}/realtime`, now },
    ],
  };
}
