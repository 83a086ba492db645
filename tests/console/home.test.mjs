import assert from "node:assert/strict";
import { accessible, eventually, gateway, Owner, settled, test, text } from "./harness.mjs";
import { story } from "./story.mjs";

test("websites: figures are those of the last 24 hours, sorted and searched", async (visit) => {
  const owner = await Owner.signUp();
  const now = Date.now();
  for (const [domain, daily] of [
    ["large.example.com", 30],
    ["small.example.com", 8],
  ]) {
    const website = await owner.website(domain);
    await owner.import(website, story({ now, domain, daily, days: 4, prefix: website.id }));
  }
  await owner.website("quiet.example.com");
  const context = await visit.browser({ owner });
  const page = await visit.open(context, "/console", { now: undefined });
  const domains = () => page.locator(".website-link").allInnerTexts();
  await eventually(async () => (await domains()).length === 3);
  assert.deepEqual((await domains()).slice(0, 2), ["large.example.com", "small.example.com"]);
  await page.getByText("No event yet").waitFor();
  await accessible(page, "the websites");
  assert.deepEqual(
    visit.calls.map(({ path }) => path.split("/").at(-1)),
    ["session", "websites"],
  );

  await page.getByRole("combobox").selectOption("domain");
  await eventually(async () => (await domains()).join() === "large.example.com,quiet.example.com,small.example.com");
  await page.getByRole("searchbox").fill("quiet");
  await eventually(async () => (await domains()).join() === "quiet.example.com");
  assert.equal(new URL(page.url()).searchParams.get("q"), "quiet");
  await page.getByRole("searchbox").fill("nobody");
  await page.getByText("No website is called “nobody”").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await eventually(async () => (await domains()).length === 3);
  await page.getByRole("link", { name: "large.example.com" }).click();
  await page.getByRole("heading", { level: 1, name: "large.example.com" }).waitFor({ state: "attached" });
});

test("websites: who has none is asked for the first, who has one sees it", async (visit) => {
  const owner = await Owner.signUp();
  let context = await visit.browser({ owner });
  let page = await visit.open(context, "/console", { now: undefined });
  await page.getByRole("heading", { name: "Add your first website" }).waitFor();
  await accessible(page, "no website");
  const website = await owner.website();
  context = await visit.browser({ owner });
  page = await visit.open(context, "/console", { now: undefined });
  await page.waitForURL(`**/console/w/${website.id}`);
  await settled(page);
  await page.getByRole("link", { name: "Sluice, all websites" }).click();
  await page.getByRole("heading", { level: 1, name: "Websites" }).waitFor();
});

test("new website: from the domain to the first event, with the reason why another was dropped", async (visit) => {
  const owner = await Owner.signUp();
  const context = await visit.browser({ owner, timezoneId: "Asia/Tokyo" });
  const page = await visit.open(context, "/console/new", { now: undefined });
  const zone = page.getByLabel("Time zone");
  await zone.waitFor();
  assert.equal(await zone.inputValue(), "Asia/Tokyo");
  await accessible(page, "a new website");

  visit.expect(400, "/admin/websites");
  await page.getByLabel("Domain").fill("not a domain");
  await page.getByRole("button", { name: "Add the website" }).click();
  await page.locator("#main .problem").waitFor();
  assert.equal(await page.getByLabel("Domain").getAttribute("aria-invalid"), "true");

  const domain = `new-${crypto.randomUUID().slice(0, 8)}.example.com`;
  await page.getByLabel("Domain").fill(`https://www.${domain}/pricing?x=1`);
  await page.getByRole("button", { name: "Add the website" }).click();
  await page.getByRole("heading", { name: "Waiting for the first event" }).waitFor();
  const snippet = await text(page.locator(".snippet code").first());
  const trackingId = /data-website-id="(\w+)"/.exec(snippet)[1];
  assert.match(snippet, new RegExp(`data-domain="${domain}".*src="${gateway}/js/script.js"`));
  await accessible(page, "waiting for an event");

  const send = (host) => fetch(`${gateway}/api/events`, { method: "POST", headers: { "content-type": "application/json", "user-agent": BROWSER }, body: JSON.stringify(event(trackingId, domain, host)) }); // biome-ignore format: one call
  await send("elsewhere.example.org");
  await page.getByText(/came from elsewhere\.example\.org, which this website does not allow/).waitFor();
  await page.getByRole("button", { name: "Allow elsewhere.example.org" }).click();
  await page.getByText("elsewhere.example.org is allowed").first().waitFor();
  await send(domain);
  await page.getByRole("heading", { name: "The first event has arrived" }).waitFor();
  await page.getByRole("link", { name: /^Open the overview/ }).click();
  await settled(page);
});

const BROWSER =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36";
const event = (websiteId, domain, host) => ({
  websiteId,
  domain,
  type: "pageview",
  href: `https://${host}/`,
  referrer: null,
  visitorId: crypto.randomUUID(),
  sessionId: `s${crypto.randomUUID()}`,
  visitorSessionNumber: 1,
  visitorFirstSeenAt: new Date().toISOString(),
  viewport: { width: 1280, height: 720 },
  language: "en-US",
  timezone: "America/Chicago",
  screenWidth: 1440,
  screenHeight: 900,
});
