import assert from "node:assert/strict";
import { Person } from "./events.mjs";
import { accessible, eventually, NOW, Owner, settled, test, text } from "./harness.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function journey(visit, lines, options = {}) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const person = new Person(website, {
    country: "US",
    region: "Texas",
    city: "Austin",
    browser: "Chrome",
    os: "Mac OS",
    device: "desktop",
  });
  await owner.import(website, lines(person));
  const page = await visit.open(await visit.browser({ owner, ...options }), `/console/w/${website.id}/visitors/${person.id}`);
  await settled(page);
  return { owner, website, person, page };
}
const visits = (page) => page.locator(".visit");

test("journey: steps are grouped by visit, newest first, on the website's clocks", async (visit) => {
  const { page, person } = await journey(
    visit,
    (person) => [
      person.view(NOW - 3 * DAY, "/", { sessionId: "s1", referrer: "https://www.google.com/" }),
      person.view(NOW - 3 * DAY + 2 * MINUTE, "/pricing", { sessionId: "s1" }),
      person.view(NOW - HOUR, "/signup", { sessionId: "s2" }),
      person.goal(NOW - HOUR + MINUTE, "signup", { plan: "pro" }, { sessionId: "s2" }),
      person.known(NOW - HOUR + MINUTE, "Jane Doe", { plan: "pro" }, { sessionId: "s2" }),
      person.paid(NOW - 50 * MINUTE, 49),
    ],
    { timezoneId: "Asia/Tokyo" },
  );
  await page.getByRole("heading", { level: 1, name: "Jane Doe" }).waitFor();
  assert.equal(await visits(page).count(), 2);
  assert.match(
    await text(visits(page).nth(0)),
    /^Today visit 2 · 1 page · 10 m 10:12 \/signup 1 m 10:13 signup plan pro 10:22 Payment \$49\.00/,
  );
  assert.match(await text(visits(page).nth(1)), /^Sun,? 11 Oct visit 1 · 2 pages · 2 m 11:12 \/ 2 m 11:14 \/pricing/);
  const facts = await text(page.getByRole("complementary", { name: "About this visitor" }));
  assert.match(facts, /Austin, .*United States/);
  assert.match(facts, /plan pro/);
  assert.match(facts, /Payments 1 Paid \$49\.00/);
  assert.ok(facts.includes(person.id));
  await accessible(page);
});

test("journey: a long one is shown a hundred steps at a time", async (visit) => {
  const { page } = await journey(visit, (person) =>
    Array.from({ length: 230 }, (_, at) => person.view(NOW - 10 * HOUR + at * MINUTE, `/page-${at}`)),
  );
  const steps = page.locator(".journey-step");
  assert.equal(await steps.count(), 100);
  await page.getByRole("button", { name: "100 more" }).click();
  assert.equal(await steps.count(), 200);
  await page.getByRole("button", { name: "30 more" }).click();
  assert.equal(await steps.count(), 230);
});

test("journey: goals are deleted after a question that says how many", async (visit) => {
  const { owner, website, person, page } = await journey(visit, (person) => [
    person.view(NOW - HOUR, "/"),
    person.goal(NOW - HOUR + MINUTE, "signup"),
    person.goal(NOW - HOUR + 2 * MINUTE, "newsletter"),
  ]);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete 2 goals" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/^2 completed goals will be gone/).waitFor();
  await accessible(page, "the question");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete 2 goals" }).click();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await eventually(async () => (await page.locator(".journey-step.is-goal").count()) === 0);
  const { data } = await owner.api.json("GET", `/api/v1/visitors/${person.id}?websiteId=${website.id}`);
  assert.deepEqual(data.activity.completedGoals, []);
});

test("journey: who erases a visitor is back at the list, and the visitor is gone", async (visit) => {
  const { page } = await journey(visit, (person) => [person.view(NOW - HOUR, "/")]);
  const address = page.url();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Erase this visitor" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
  await page.getByRole("heading", { level: 1, name: "Visitors" }).waitFor();
  visit.expect(404, "/api/v1/visitors/");
  await page.goto(address);
  await page.getByText("There is no such visitor.").waitFor();
  await accessible(page, "no such visitor");
});

test("journey: others like this visitor are an overview's filter away", async (visit) => {
  const { page, website } = await journey(visit, (person) => [person.view(NOW - HOUR, "/")]);
  await page.getByRole("button", { name: "Others like this" }).click();
  await page.getByRole("link", { name: "From the same country" }).click();
  await page.locator(".chip").getByText("US").waitFor();
  assert.equal(new URL(page.url()).pathname, `/console/w/${website.id}`);
});

test("journey: a website without cookies says why a journey ends with its day", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const person = new Person(website);
  await owner.import(website, [person.view(NOW - HOUR, "/")]);
  await owner.api.json("PUT", `/api/v1/admin/websites/${website.id}`, { isCookieless: true });
  const page = await visit.open(await visit.browser({ owner }), `/console/w/${website.id}/visitors/${person.id}`);
  await page.getByText(/^This website sets no cookies/).waitFor();
  await accessible(page);
});
