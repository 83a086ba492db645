import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Person } from "./events.mjs";
import { accessible, acme, eventually, NOW, Owner, settled, test, text, ZONE } from "./harness.mjs";

const list = (page) => page.getByRole("table", { name: /^Visitors/ }).locator("tbody tr");
const chosen = (page) => new URL(page.url()).searchParams;
const DAYS = { startAt: "2026-10-08", endAt: "2026-10-14", timezone: ZONE };

async function visitors(visit, query = "?period=7d", options = {}) {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner, ...options });
  const page = await visit.open(context, `/console/w/${website.id}/visitors${query}`);
  await settled(page);
  const api = (more = {}) =>
    owner.api.json("GET", `/api/v1/visitors?${new URLSearchParams({ websiteId: website.id, ...DAYS, limit: 50, ...more })}`);
  return { owner, website, context, page, api };
}
const idsOf = (page) => list(page).evaluateAll((all) => all.map((one) => one.querySelector("a").href.split("/").at(-1)));

test("visitors: the list is the API's, page by page", async (visit) => {
  const { page, api } = await visitors(visit);
  const first = await api();
  assert.ok(first.pagination.total > 100);
  assert.deepEqual(
    await idsOf(page),
    first.data.map(({ visitorId }) => visitorId),
  );
  await page.getByRole("heading", { level: 2, name: `${first.pagination.total} visitors` }).waitFor();
  await accessible(page);

  await page.getByRole("button", { name: "Next page" }).click();
  await settled(page);
  assert.equal(chosen(page).get("at"), "50");
  const second = await api({ offset: 50 });
  await eventually(async () => (await idsOf(page))[0] === second.data[0].visitorId);
  await page.goBack();
  await eventually(async () => (await idsOf(page))[0] === first.data[0].visitorId);
  assert.deepEqual(
    [...new Set(visit.calls.map(({ path }) => path))].filter((path) => path.includes("/analytics/")),
    [],
  );
});

test("visitors: the list says who somebody is and what they paid, and sorts by it", async (visit) => {
  const { page, api } = await visitors(visit);
  const fields = "displayName,isCustomer,revenue,visitCount,firstSeenAt";
  await page.getByLabel("Sort by").selectOption({ label: "Paid most" });
  await settled(page);
  const { data } = await api({ sort: "revenue", fields });
  await eventually(async () => (await idsOf(page))[0] === data[0].visitorId);
  const [first] = data;
  assert.ok(first.revenue > 0 && first.isCustomer);
  const shown = await text(list(page).first());
  assert.match(shown, /\bcustomer\b/);
  assert.ok(shown.includes(` ${first.visitCount} `) && shown.includes(`$${Math.floor(first.revenue)}`), shown);
  const named = data.findIndex(({ displayName }) => displayName);
  assert.ok((await text(list(page).nth(named))).startsWith(data[named].displayName));
});

test("visitors: filters are those of the list, and an address with others says so", async (visit) => {
  const { page, api } = await visitors(visit, "?period=7d&f=country:is:DE&f=page:contains:/pricing&f=city:is_not:Berlin");
  const { data, pagination } = await api({ country: "DE", visitedPageContains: "/pricing" });
  await page.getByRole("heading", { level: 2, name: `${pagination.total} visitor` }).waitFor();
  assert.deepEqual(
    await idsOf(page),
    data.map(({ visitorId }) => visitorId),
  );
  await page.getByText(/no filter “City is not”/).waitFor();

  await page.getByRole("button", { name: "Add a filter" }).click();
  await page.locator(".filter-fields").waitFor();
  assert.equal(await page.locator(".filter-fields").getByRole("button", { name: "Entry page" }).count(), 0);
  assert.equal(await page.locator(".filter-fields").getByRole("button", { name: "Country" }).count(), 1);
  await page.keyboard.press("Escape");
});

test("visitors: customers and goals exclude each other", async (visit) => {
  const { page, api } = await visitors(visit);
  await page.getByRole("button", { name: "Customers" }).click();
  await settled(page);
  assert.equal(chosen(page).get("customer"), "yes");
  const { data } = await api({ isCustomer: "true" });
  await eventually(async () => JSON.stringify(await idsOf(page)) === JSON.stringify(data.map(({ visitorId }) => visitorId)));

  const goal = await visitors(visit, "?period=7d&f=goal:is:signup");
  assert.ok(await goal.page.getByRole("button", { name: "Customers" }).isDisabled());
  await goal.page.getByText("Customers cannot be chosen together with a goal.").waitFor();
});

test("visitors: CSV has the rows that are shown, and names no spreadsheet would run", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const person = new Person(website, { country: "DE", city: "Berlin" });
  await owner.import(website, [
    person.view(NOW - 600_000, "/?utm_source=%3DSUM(A1)"),
    person.known(NOW - 500_000, "=HYPERLINK(1)"),
    new Person(website).view(NOW - 400_000, "/pricing"),
  ]);
  const page = await visit.open(await visit.browser({ owner }), `/console/w/${website.id}/visitors?period=today`);
  await settled(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  assert.match(download.suggestedFilename(), /_visitors_14-Oct-2026\.csv$/);
  const lines = (await readFile(await download.path(), "utf8")).replace("\ufeff", "").trim().split("\r\n");
  assert.equal(lines.length - 1, await list(page).count());
  assert.ok(lines.some((line) => line.includes("'=SUM(A1)")) && !/[,\n]=/.test(lines.join("\n")), lines.join("\n"));
});

test("visitors: nothing found, a refusal, too many requests and no network have each their own words", async (visit) => {
  const { context, page } = await visitors(visit, "?period=7d&f=city:is:Nowhere");
  await page.getByText(/^No visitor matches/).waitFor();
  await accessible(page, "nothing found");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await settled(page);
  await list(page).first().waitFor();

  visit.expect(500, "/visitors");
  visit.expect(429, "/visitors");
  let answer = { status: 500, json: { status: "error", error: { code: 500, message: "the website's object is away" } } };
  await context.route(/\/api\/v1\/visitors\?/, (route) => (answer ? route.fulfill(answer) : route.continue()));
  await page.keyboard.press("t");
  await page.getByText("the website's object is away").waitFor();
  await accessible(page, "an error");
  answer = undefined;
  await page.getByRole("button", { name: "Try again" }).click();
  await list(page).first().waitFor();

  answer = { status: 429, headers: { "retry-after": "2" }, json: { error: "Too many requests" } };
  await page.keyboard.press("w");
  await page.getByText(/Going on in \d+ s/).waitFor();
  assert.ok((await list(page).count()) > 0, "the old rows stay");
  answer = undefined;
  await eventually(async () => chosen(page).get("period") === "7d" && (await page.locator(".is-old").count()) === 0);

  await context.setOffline(true);
  await page.keyboard.press("t");
  await page.getByText(/does not answer/).waitFor();
  assert.ok((await list(page).count()) > 0);
  await context.setOffline(false);
  await eventually(async () => (await page.getByText(/does not answer/).count()) === 0);
});

test("visitors: on a phone nothing but the table scrolls sideways", async (visit) => {
  const { page } = await visitors(visit, "?period=7d", { viewport: { width: 320, height: 700 } });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  // Each head stands over its column.
  const seen = (selector) => page.locator(selector).evaluateAll((all) => all.filter((one) => one.offsetWidth > 0).length);
  assert.equal(await seen("table.rows thead th"), await seen("table.rows tbody tr:first-child > *"));
  assert.match(await text(list(page).first()), /\S/);
  await accessible(page, "320 pixels");
});
