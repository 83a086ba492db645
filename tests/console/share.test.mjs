// Public pages in a browser: no sign-in, no script, in frames of others.

import assert from "node:assert/strict";
import { present } from "./events.mjs";
import { accessible, eventually, gateway, Owner, settled, test, text } from "./harness.mjs";
import { story } from "./story.mjs";

const HOSTILE = [
  '<img src=x onerror="globalThis.ran=1">',
  "'\"><script>globalThis.ran=1</script>",
  "\u202egnp.exe right to left",
  "x".repeat(1_500),
];
const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];

// A website that shows its figures, with a story that ends now.
async function shared(settings = {}) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const put = (changes) => owner.api.json("PUT", `/api/v1/admin/websites/${website.id}`, changes);
  await put({ isPublicDashboardEnabled: true, ...settings });
  return { owner, website, put };
}
let told;
function ofStory() {
  told ??= (async () => {
    const { owner, website } = await shared({ isPublicDataEnabled: true });
    const now = Date.now();
    await owner.import(website, story({ now, domain: website.domain, daily: 40, days: 40, prefix: `${website.id}-` }));
    await owner.import(website, present(website, now));
    return { owner, website };
  })();
  return told;
}
const rows = (page, title) => page.getByRole("table", { name: `${title} by visitors` }).getByRole("row");
const tile = async (page, label) => text(page.locator("dl div", { hasText: label }).first().locator("dd"));

test("share: the dashboard works without JavaScript, and has the API's figures", async (visit) => {
  const { owner, website } = await ofStory();
  const context = await visit.browser({ javaScriptEnabled: false });
  const page = await visit.open(context, `/share/${website.id}`, { now: null });
  const days = (ago) => new Date(Date.now() - ago * 86_400_000).toLocaleDateString("en-CA", { timeZone: website.zone });
  const range = { startAt: days(29), endAt: days(0) };
  const [totals] = await owner.report(website, "overview", range);
  assert.equal(await tile(page, "Visitors"), totals.visitors.toLocaleString("en"));
  assert.equal(await tile(page, "Revenue"), `USD ${totals.revenue.toLocaleString("en", { minimumFractionDigits: 2 })}`);
  const pages = await owner.report(website, "pages", { ...range, limit: 10 });
  const shown = await Promise.all((await rows(page, "Pages").all()).map(text));
  assert.deepEqual(
    shown,
    pages.map(({ path, visitors }) => `${path} ${visitors.toLocaleString("en")}`),
  );
  assert.equal(await page.getByRole("heading", { level: 1, name: "Acme" }).count(), 1);
});

test("share: the range and the filter are in the address, and Back goes back", async (visit) => {
  const { website } = await ofStory();
  const context = await visit.browser({ javaScriptEnabled: false });
  const page = await visit.open(context, `/share/${website.id}?theme=dark`, { now: null });
  const current = () => text(page.getByRole("navigation", { name: "Range" }).locator("[aria-current=page]"));
  assert.equal(await current(), "30 days");
  const month = await tile(page, "Visitors");
  await page.getByRole("link", { name: "7 days", exact: true }).click();
  await eventually(async () => (await current()) === "7 days");
  const week = await tile(page, "Visitors");
  assert.notEqual(week, month);
  await rows(page, "Pages").getByRole("link", { name: "/pricing", exact: true }).click();
  await page.getByText("Pages: /pricing").waitFor();
  assert.equal(new URL(page.url()).search, "?period=last7d&filter_page=%2Fpricing&theme=dark");
  assert.notEqual(await tile(page, "Visitors"), week);
  await page.getByRole("link", { name: "Today", exact: true }).click();
  await page.getByText("Pages: /pricing").waitFor();
  await page.getByRole("link", { name: "Show all" }).click();
  await eventually(async () => (await page.getByText("Pages: /pricing").count()) === 0);
  for (const _ of [1, 2, 3]) await page.goBack();
  assert.equal(await current(), "7 days");
  assert.equal(await tile(page, "Visitors"), week);
  await page.goBack();
  assert.deepEqual([await current(), await tile(page, "Visitors")], ["30 days", month]);
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
});

for (const colorScheme of ["light", "dark"]) {
  test(`share: every public page is legible in the ${colorScheme} theme, on a desk and on a phone`, async (visit) => {
    const { website } = await ofStory();
    for (const viewport of SIZES) {
      const context = await visit.browser({ colorScheme, viewport });
      for (const path of [
        `/share/${website.id}`,
        `/share/${website.id}?period=last12m`,
        `/share/${website.id}?period=last7d&granularity=hourly&filter_page=/pricing`,
        `/widgets/${website.id}/realtime?mainTextSize=24`,
        `/widgets/${website.id}/recent`,
      ]) {
        const page = await visit.open(context, path, { now: null });
        // The policy lets nothing run, so axe comes by the debugger and not by the page.
        await settled(page);
        await accessible(page, `${path} at ${viewport.width}`);
        const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.ok(!isWide, `${path} is wider than ${viewport.width}`);
        const [ground] = await page.evaluate(() => [getComputedStyle(document.documentElement).backgroundColor]);
        assert.equal(ground, colorScheme === "light" ? "rgb(246, 247, 249)" : "rgb(14, 17, 22)");
        await page.close();
      }
      const chosen = await visit.open(context, `/share/${website.id}?theme=${colorScheme === "light" ? "dark" : "light"}`, {
        now: null,
      });
      const ground = await chosen.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      assert.equal(ground, colorScheme === "light" ? "rgb(14, 17, 22)" : "rgb(246, 247, 249)", "the address decides");
    }
  });
}

// A page of another origin with this frame in it.
async function framed(context, origin, src) {
  await context.route(`${origin}/**`, (route) =>
    route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Host</title><iframe src="${src}"></iframe>` }),
  );
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.waitForLoadState("load");
  const [, frame] = page.frames();
  return { page, shown: await frame.evaluate(() => document.body?.className ?? "").catch(() => "refused") };
}

test("share: the website's own pages may frame the dashboard, others may not, and any may frame a widget", async (visit) => {
  const { website } = await shared({ allowedHostnames: ["partner.example"] });
  const context = await visit.browser({});
  // Pages of the network must not ask this machine's gateway by themselves.
  await context.route(`${gateway}/**`, async (route) => route.fulfill({ response: await route.fetch() }));
  const dashboard = `${gateway}/share/${website.id}`;
  for (const [host, expected] of [
    [website.domain, "dashboard"],
    [`blog.${website.domain}`, "dashboard"],
    ["partner.example", "dashboard"],
    ["stranger.example", "refused"],
    [`${website.domain}.stranger.example`, "refused"],
  ]) {
    const { page, shown } = await framed(context, `http://${host}`, dashboard);
    assert.equal(shown === "dashboard" ? shown : "refused", expected, `${host}: ${shown}`);
    await page.close();
  }
  for (const [path, name] of [
    [`/widgets/${website.id}/realtime`, "widget"],
    [`/widgets/${website.id}/recent`, "widget feed"],
  ]) {
    const { page, shown } = await framed(context, "http://stranger.example", gateway + path);
    assert.equal(shown, name, path);
    await page.close();
  }
  const { shown } = await framed(context, `http://${website.domain}`, `${gateway}/console`);
  assert.notEqual(shown, "dashboard");
  const refusals = visit.problems.filter((problem) => /frame-ancestors/.test(problem));
  assert.ok(refusals.length >= 3, visit.problems.join("\n"));
  visit.problems.length = 0; // the hosts are others' by design
});

test("share: whatever a stranger sends is text", async (visit) => {
  const { owner, website } = await shared();
  await owner.api.json("PUT", `/api/v1/admin/websites/${website.id}`, { name: HOSTILE[0] });
  const lines = HOSTILE.map((value, at) => ({
    id: `${website.id}-${at}`,
    timestamp: new Date(Date.now() - 60_000).toISOString(),
    type: "pageview",
    visitorId: crypto.randomUUID(),
    sessionId: `s${at}`,
    href: `https://${website.domain}/${encodeURIComponent(value).slice(0, 1_500)}?utm_source=${encodeURIComponent(value.slice(0, 200))}`,
    referrer: `https://${at}.evil.example/${encodeURIComponent(value.slice(0, 99))}`,
    country: "FR",
  }));
  await owner.import(website, lines);
  for (const viewport of SIZES) {
    const context = await visit.browser({ viewport });
    for (const path of [`/share/${website.id}?period=today`, `/widgets/${website.id}/recent`]) {
      const page = await visit.open(context, path, { now: null });
      await settled(page);
      assert.equal(await page.evaluate(() => globalThis.ran), undefined);
      assert.equal(await page.locator("img, script").count(), 0);
      assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), `${path}: too wide`);
      await accessible(page, path);
    }
  }
});

test("share: the settings switch it on, and hand out the address and the frames", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}/settings?tab=public`);
  await settled(page);
  const handed = page.getByRole("region", { name: "What others see" });
  assert.equal(await handed.count(), 0, "nothing is on");
  await page.getByLabel("A public dashboard, and widgets").check();
  await page.getByRole("form", { name: "Public pages" }).getByRole("button", { name: "Save" }).click();
  await handed.waitFor();
  await accessible(page);
  const code = await handed.locator("code").allInnerTexts();
  assert.equal(code[0], `${gateway}/share/${website.id}`);
  assert.match(code[2], new RegExp(`<iframe src="${gateway}/widgets/${website.id}/realtime" title="Visitors now"`));
  const stranger = await visit.browser({});
  const shown = await visit.open(stranger, new URL(code[0]).pathname, { now: null });
  await shown.getByRole("heading", { level: 1, name: "Acme" }).waitFor();
  assert.equal(await shown.getByText("Revenue").count(), 0, "it was not chosen");
});
