import assert from "node:assert/strict";
import { narrowed, Person } from "./events.mjs";
import { accessible, acme, eventually, NOW, Owner, settled, test, text, ZONE } from "./harness.mjs";

const DAYS = { startAt: "2026-10-08", endAt: "2026-10-14", timezone: ZONE };
const goals = (page) => page.getByRole("table", { name: /^Goals/ }).locator("tbody tr");
const number = (value) => value.toLocaleString("en-GB");

async function open(visit, path, options = {}) {
  const { owner, website } = await acme();
  const page = await visit.open(await visit.browser({ owner, ...options }), `/console/w/${website.id}${path}`);
  await settled(page);
  return { owner, website, page };
}

// A website with goals of its own, which a test may change.
async function own(visit, path = "/goals?period=today", options = {}) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const [one, other] = [new Person(website), new Person(website)];
  await owner.import(website, [
    one.view(NOW - 600_000, "/"),
    one.goal(NOW - 590_000, "signup", { plan: "pro" }),
    one.goal(NOW - 580_000, "signup", { plan: "pro" }),
    other.view(NOW - 570_000, "/"),
    other.goal(NOW - 560_000, "signup", { plan: "starter" }),
    other.goal(NOW - 550_000, "newsletter"),
  ]);
  const page = await visit.open(await visit.browser({ owner, ...options }), `/console/w/${website.id}${path}`);
  await settled(page);
  return { owner, website, page };
}

test("goals: completions, visitors and conversion are the API's", async (visit) => {
  const { owner, website, page } = await open(visit, "/goals?period=7d");
  const rows = await owner.report(website, "goals", DAYS);
  const [{ visitors }] = await owner.report(website, "overview", DAYS);
  assert.ok(rows.length >= 3);
  const shown = await goals(page).evaluateAll((all) =>
    all.map((row) =>
      [...row.cells].map((cell) => (cell.querySelector("[aria-hidden=true]:not(.goal-dot)") ?? cell).textContent.trim()),
    ),
  );
  assert.deepEqual(
    shown.map(([, name, completions, , people, conversion]) => [name, completions, people, conversion]),
    rows.map((row) => [
      row.goal,
      number(row.completions),
      number(row.visitors),
      `${((100 * row.visitors) / visitors).toFixed(1)}%`,
    ]),
  );
  await accessible(page);
});

test("goals: one of them has its figures, its chart, and its properties by value", async (visit) => {
  const { owner, website, page } = await open(visit, "/goals?period=7d");
  await goals(page).getByRole("link", { name: "signup" }).click();
  await page.getByRole("heading", { level: 1, name: "signup" }).waitFor();
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("period"), "7d");
  const row = (await owner.report(website, "goals", DAYS)).find(({ goal }) => goal === "signup");
  assert.match(
    await text(page.locator(".goal-numbers")),
    new RegExp(`^Completions ${row.completions} .*Visitors ${row.visitors} `),
  );
  assert.match(await page.getByRole("application").getAttribute("aria-label"), /^Visitors who completed the goal by day/);

  const values = await owner.report(website, "goals/properties", { ...DAYS, eventName: "signup", propertyName: "plan" });
  await page.getByRole("tab", { name: "plan" }).click();
  const table = page.getByRole("table", { name: "Completions by plan" });
  await table.waitFor();
  const shown = await table
    .locator("tbody tr")
    .evaluateAll((all) => all.map((one) => [one.cells[0].textContent.trim(), one.cells[1].textContent]));
  assert.deepEqual(
    shown,
    values.map(({ value, completions }) => [value, String(completions)]),
  );
  await accessible(page);
});

test("goals: a look is given and taken back, and the event keeps its name", async (visit) => {
  const { owner, website, page } = await own(visit, "/goals/signup?period=today");
  await page.getByRole("button", { name: "Edit the look" }).click();
  const dialog = page.getByRole("dialog");
  await accessible(page, "the look");
  await dialog.getByLabel("Name").fill("Signed up");
  await dialog.getByLabel("Green", { exact: true }).check({ force: true });
  await dialog.getByLabel("What it means").fill("Made an account");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Signed up" }).waitFor();
  await page.getByText("Made an account").waitFor();
  const looks = () => owner.api.rows("GET", `/api/v1/admin/websites/${website.id}/goals/customizations`);
  const [{ goalName, displayName, color }] = await looks();
  assert.deepEqual([goalName, displayName, color], ["signup", "Signed up", "#22c55e"]);

  await page.getByRole("button", { name: "Edit the look" }).click();
  await dialog.getByRole("button", { name: "Reset" }).click();
  await page.getByRole("heading", { level: 1, name: "signup" }).waitFor();
  assert.deepEqual(await looks(), []);
});

test("goals: one is the KPI, and who may not choose it sees why", async (visit) => {
  const { owner, website, page } = await own(visit);
  const star = (page, goal) => page.getByRole("button", { name: `${goal} is the KPI` });
  await star(page, "signup").click();
  await eventually(async () => (await star(page, "signup").getAttribute("aria-pressed")) === "true");
  const metadata = await owner.report(website, "metadata", { fields: "kpi" });
  assert.equal(metadata[0].kpi, "signup");

  const token = await narrowed(owner, ["analytics:read", "goals:read"]);
  const reader = await visit.open(await visit.browser({ token }), `/console/w/${website.id}/goals?period=today`);
  await settled(reader);
  assert.ok(await star(reader, "signup").isDisabled());
  assert.match(await star(reader, "signup").getAttribute("title"), /needs the permission "settings:write"/);
});

test("goals: none yet is an invitation with code to copy, and filters that fit none can be cleared", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const page = await visit.open(await visit.browser({ owner }), `/console/w/${website.id}/goals?period=7d`);
  await page.getByText(/^No goal was completed/).waitFor();
  await page.getByText('data-fast-goal="signup"').waitFor();
  await accessible(page);
  const filtered = await own(visit, "/goals?period=today&f=country:is:FR");
  await filtered.page.getByRole("button", { name: "Clear filters" }).click();
  await settled(filtered.page);
  assert.equal(await goals(filtered.page).count(), 2);
});
