// Writes docs/console/*.png: each page in both themes, at 1280 and 390 px, with the story of the tests.

import { mkdir, writeFile } from "node:fs/promises";
import { present } from "./events.mjs";
import { NOW, Owner, settled, Visit } from "./harness.mjs";
import { smaller } from "./png.mjs";
import { story } from "./story.mjs";

const FOLDER = new URL("../../docs/console/", import.meta.url);
const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];

// Pages at whose top a phone's screen says too little are taken whole.
export async function takePictures() {
  await mkdir(FOLDER, { recursive: true });
  const { owner, pages } = await theStory();
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of SIZES) {
      const visit = new Visit();
      const isPhone = viewport.width < 700;
      const context = await visit.browser({ owner, colorScheme, viewport, hasTouch: isPhone, isMobile: isPhone });
      for (const { name, path, now = NOW, prepare, isWhole = true } of pages) {
        const page = await visit.open(context, path, { now });
        await page.locator("h1").waitFor({ state: "attached" });
        await settled(page);
        await prepare?.(page);
        await page.waitForTimeout(200);
        const picture = await page.screenshot({ fullPage: isWhole && !isPhone, animations: "disabled" });
        await writeFile(new URL(`${name}-${colorScheme}-${viewport.width}.png`, FOLDER), smaller(picture));
        await page.close();
      }
      await visit.close();
    }
  }
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
  await owner.api.json("PUT", `/api/v1/admin/websites/${acme.id}`, { kpi: "signup" });
  await owner.import(acme, present(acme, now));
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
      { name: "realtime", path: `${site}/realtime`, now },
    ],
  };
}
