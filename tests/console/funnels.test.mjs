import assert from "node:assert/strict";
import { narrowed } from "./events.mjs";
import { accessible, acme, eventually, Owner, settled, test, text, ZONE } from "./harness.mjs";

const DAYS = { startAt: "2026-10-08", endAt: "2026-10-14", timezone: ZONE };
const STEPS = [
  { name: "Home", type: "pageview", url: "/*" },
  { name: "Sign-up page", type: "pageview", url: "/signup" },
  { name: "Signed up", type: "goal", goalName: "signup" },
];

async function open(visit, owner, website, path) {
  const page = await visit.open(await visit.browser({ owner }), `/console/w/${website.id}${path}`);
  await settled(page);
  return page;
}

const steps = (page) => page.locator(".step-form");
const form = {
  kind: (page, at, name) => steps(page).nth(at).getByRole("button", { name, exact: true }).click(),
  target: (page, at) => steps(page).nth(at).locator(`[name$=".target"]`),
  save: (page) => page.getByRole("button", { name: "Create the funnel" }).click(),
};

test("funnels: what came of one is what the API says, and the bars and the table agree", async (visit) => {
  const { owner, website } = await acme();
  const [funnel] = await owner.api.rows("POST", `/api/v1/admin/websites/${website.id}/funnels`, {
    name: `Story ${Date.now()}`,
    steps: STEPS,
  });
  const [result] = await owner.api.rows(
    "GET",
    `/api/v1/analytics/funnels/${funnel.id}?${new URLSearchParams({ websiteId: website.id, ...DAYS })}`,
  );
  assert.ok(result.completedVisitors > 0);
  const page = await open(visit, owner, website, `/funnels/${funnel.id}?period=7d`);
  const number = (value) => value.toLocaleString("en-GB");
  const bars = await page.locator(".funnel-step-figure strong").allInnerTexts();
  assert.deepEqual(
    bars,
    result.steps.map(({ visitors }) => number(visitors)),
  );
  const cells = await page
    .getByRole("table")
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => row.cells[1].textContent.trim()));
  assert.deepEqual(cells, bars);
  assert.match(await text(page.locator(".goal-numbers")), new RegExp(`^Conversion ${result.conversionRate.toFixed(1)}%`));
  assert.deepEqual(
    visit.calls.map(({ path }) => path.split("/").at(-1)),
    ["session", "reports"],
  );
  await accessible(page);

  const list = await open(visit, owner, website, "/funnels?period=7d");
  const card = list.locator(".funnel-card").filter({ hasText: funnel.name });
  assert.match(await text(card), new RegExp(`${number(result.completedVisitors)} of ${number(result.totalVisitors)}`));
  await accessible(list, "the list");
});

test("funnels: two to eight steps are built, moved and saved, once however often it is clicked", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const page = await open(visit, owner, website, "/funnels");
  await page.getByText("How many get from one page to the next?").waitFor();
  await accessible(page, "no funnel yet");
  await page.getByRole("link", { name: "New funnel" }).click();
  await page.getByLabel("Name").fill("Sign-up");
  assert.equal(await steps(page).count(), 2);
  assert.ok(await page.getByRole("button", { name: "Remove step 1" }).isDisabled());
  for (let more = 0; more < 6; more++) await page.getByRole("button", { name: "Add a step" }).click();
  assert.equal(await steps(page).count(), 8);
  assert.ok(await page.getByRole("button", { name: "Add a step" }).isDisabled());
  for (let at = 8; at > 3; at--) await page.getByRole("button", { name: `Remove step ${at}` }).click();

  await form.target(page, 0).fill("/signup");
  await form.target(page, 1).fill("/");
  await form.kind(page, 2, "Goal");
  await form.target(page, 2).fill("signup");
  await page.getByRole("button", { name: "Move step 2 up" }).click();
  assert.equal(await form.target(page, 0).inputValue(), "/");
  await accessible(page, "the form");
  await page.getByRole("button", { name: "Create the funnel" }).dblclick();
  await page.getByRole("heading", { level: 1, name: "Sign-up" }).waitFor();
  const saved = await owner.api.rows("GET", `/api/v1/admin/websites/${website.id}/funnels`);
  assert.equal(saved.length, 1);
  assert.deepEqual(
    saved[0].steps.map(({ name, url, goalName }) => [name, url ?? goalName]),
    [
      ["Home", "/"],
      ["/signup", "/signup"],
      ["signup", "signup"],
    ],
  );

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Name").fill("From the start");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "From the start" }).waitFor();
});

test("funnels: what is refused stands at its input, and nothing typed is lost", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  await owner.api.rows("POST", `/api/v1/admin/websites/${website.id}/funnels`, { name: "Taken", steps: STEPS });
  const page = await open(visit, owner, website, "/funnels/new");
  await form.save(page);
  await page.getByText("A funnel needs a name.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), "name");

  visit.expect(400, "/funnels");
  visit.expect(409, "/funnels");
  await page.getByLabel("Name").fill("Taken");
  await form.target(page, 0).fill("/");
  await form.target(page, 1).fill("https://elsewhere.example.net/x");
  await form.save(page);
  const second = steps(page).nth(1);
  await second.getByText(/this website has no pages on elsewhere\.example\.net/).waitFor();
  assert.equal(await form.target(page, 1).getAttribute("aria-invalid"), "true");
  await accessible(page, "a refusal");

  await form.target(page, 1).fill("/pricing");
  await form.save(page);
  const name = page.locator(".field", { has: page.getByLabel("Name") });
  await name.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "Taken");
  await page.getByLabel("Name").fill("Another");
  await form.save(page);
  await page.getByRole("heading", { level: 1, name: "Another" }).waitFor();
});

test("funnels: one that is deleted is gone from the list, and its address says so", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const [funnel] = await owner.api.rows("POST", `/api/v1/admin/websites/${website.id}/funnels`, {
    name: "Short-lived",
    steps: STEPS,
  });
  const page = await open(visit, owner, website, `/funnels/${funnel.id}`);
  await page.getByText(/^Nobody took the first step/).waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page
    .getByRole("dialog")
    .getByText(/can switch it on again/)
    .waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("How many get from one page to the next?").waitFor();
  await page.goto(new URL(`/console/w/${website.id}/funnels/${funnel.id}`, owner.api.url).href);
  await page.getByText("This funnel is gone.").waitFor();
});

test("funnels: a reader sees them and cannot change them, with the reason", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  await owner.api.rows("POST", `/api/v1/admin/websites/${website.id}/funnels`, { name: "Only to look", steps: STEPS });
  const token = await narrowed(owner, ["analytics:read", "funnels:read"]);
  const page = await visit.open(await visit.browser({ token }), `/console/w/${website.id}/funnels`);
  await page.getByText("Only to look").waitFor();
  const add = page.getByRole("button", { name: "New funnel" });
  await eventually(() => add.isDisabled());
  assert.match(await add.getAttribute("title"), /needs the permission "funnels:write"/);
});

test("funnels: one is built with the keyboard alone", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const page = await open(visit, owner, website, "/funnels/new");
  await page.getByLabel("Name").focus();
  const type = (text) => page.keyboard.type(text);
  const tab = async (times = 1) => {
    for (let time = 0; time < times; time++) await page.keyboard.press("Tab");
  };
  await type("By keys");
  await tab(3); // page, goal, path
  await type("/");
  await tab(5); // its name, down, the other step's page and goal, its path: what is disabled is passed over
  await type("/pricing");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "By keys" }).waitFor();
  const [{ steps: saved }] = await owner.api.rows("GET", `/api/v1/admin/websites/${website.id}/funnels`);
  assert.deepEqual(
    saved.map(({ url }) => url),
    ["/", "/pricing"],
  );
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
});
