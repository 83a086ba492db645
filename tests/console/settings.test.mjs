import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { narrowed, Person } from "./events.mjs";
import { accessible, eventually, NOW, Owner, settled, test, text } from "./harness.mjs";

async function site(visit, query = "", options = {}) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner, ...options });
  const page = await visit.open(context, `/console/w/${website.id}/settings${query}`);
  await settled(page);
  const stored = async () => (await owner.api.rows("GET", `/api/v1/admin/websites/${website.id}`))[0];
  const puts = () => visit.calls.filter(({ method }) => method === "PUT").length;
  return { owner, website, context, page, stored, puts };
}
const section = (page, name) => page.getByRole("form", { name });
const save = (page, name) => section(page, name).getByRole("button", { name: "Save" });

test("settings: a section sends only what was changed, and the frame knows it at once", async (visit) => {
  const { owner, website, page, stored } = await site(visit);
  assert.ok(await save(page, "Website").isDisabled(), "there is nothing to save yet");
  // Somebody else renames it meanwhile, and is not undone.
  await owner.api.json("PUT", `/api/v1/admin/websites/${website.id}`, { name: "Acme, renamed" });
  await page.getByLabel("Domain").fill("renamed.example.com");
  await save(page, "Website").click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const { name, domain } = await stored();
  assert.deepEqual([name, domain], ["Acme, renamed", "renamed.example.com"]);
  await page.getByRole("button", { name: "Website: renamed.example.com" }).waitFor();
  assert.ok(await save(page, "Website").isDisabled());

  await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await page.getByLabel("Renewals count as revenue").uncheck();
  await save(page, "Days and money").click();
  await eventually(async () => (await stored()).timezone === "Asia/Tokyo");
  assert.equal((await stored()).includeRenewalRevenue, false);
  await accessible(page);

  visit.expect(400, "/websites/");
  await page.getByLabel("Domain").fill("no domain");
  await save(page, "Website").click();
  await page.locator(".problem").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.value), "no domain", "the focus is where it is wrong");
});

test("settings: what is wrong with a list is said at its line", async (visit) => {
  const { page, stored } = await site(visit, "?tab=exclusions");
  visit.expect(400, "/websites/");
  await page.getByLabel("Addresses").fill("10.0.0.1\n\nnonsense\n");
  await save(page, "What is not counted").click();
  await page.getByText(/^Line 3: /).waitFor();
  await accessible(page, "a wrong line");
  await page.getByLabel("Addresses").fill("10.0.0.1\n\n10.0.0.0/24\n");
  await page.getByRole("textbox", { name: "Pages" }).fill("/admin/*");
  await save(page, "What is not counted").click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const { excludedIps, excludedPaths } = await stored();
  assert.deepEqual([excludedIps, excludedPaths], [["10.0.0.1", "10.0.0.0/24"], ["/admin/*"]]);
  assert.equal(await page.getByLabel("Addresses").inputValue(), "10.0.0.1\n10.0.0.0/24", "as it is stored");
  await page.getByText('localStorage.datafast_ignore = "true"').waitFor();
});

test("settings: tracking has the script, and its switches are the website's", async (visit) => {
  const { page, website, stored } = await site(visit, "?tab=tracking");
  assert.match(await text(page.locator(".snippet").first()), new RegExp(`data-website-id="${website.trackingId}"`));
  await page.getByLabel("Attack mode").check();
  await save(page, "Visitors").click();
  await eventually(async () => (await stored()).isAttackModeEnabled === true);
  await page.getByLabel("Further hosts").fill("shop.example.org");
  await save(page, "Hosts").click();
  await eventually(async () => (await stored()).allowedHostnames.length === 1);
  await page.evaluate(() => scrollTo(0, 0)); // nothing is half under the bar
  await accessible(page);
  await page.getByRole("link", { name: "Exclusions" }).click();
  await page.goBack();
  await page.getByLabel("Attack mode").waitFor();
});

test("settings: what deletes is confirmed by typing, and everything can be taken out", async (visit) => {
  const { owner, website, page, stored, puts } = await site(visit, "?tab=data");
  const person = new Person(website);
  await owner.import(website, [person.view(NOW - 600_000, "/"), person.goal(NOW - 590_000, "signup")]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "JSON lines" }).click()]);
  assert.match(download.suggestedFilename(), /\.ndjson$/);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map(JSON.parse);
  assert.deepEqual(lines.map(({ type }) => type).toSorted(), ["custom", "pageview"]);

  const days = section(page, "How long it is kept").getByRole("textbox", { name: "Days" });
  await days.fill("90");
  await save(page, "How long it is kept").click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: "Delete it, and keep no more" });
  assert.ok(await confirm.isDisabled());
  await accessible(page, "what deletes");
  await page.keyboard.press("Escape");
  assert.equal(puts(), 0, "nothing was sent");
  await save(page, "How long it is kept").click();
  await page.getByLabel(`Type ${website.domain} to go on`).fill(website.domain);
  await confirm.click();
  await eventually(async () => (await stored()).retentionDays === 90);
  // Longer deletes nothing, and asks nothing.
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await days.fill("");
  await save(page, "How long it is kept").click();
  await eventually(async () => (await stored()).retentionDays === null);
});

test("settings: who only reads them is told why nothing can be changed", async (visit) => {
  const { owner, website } = await site(visit);
  const token = await narrowed(owner, ["settings:read"]);
  const context = await visit.browser({ token });
  const page = await visit.open(context, `/console/w/${website.id}/settings?tab=exclusions`);
  await page
    .getByText(/needs the permission "settings:write"/)
    .first()
    .waitFor();
  assert.ok(await page.getByLabel("Addresses").isDisabled());
  await accessible(page, "settings to read");
  await page.goto(page.url().replace("exclusions", "data"));
  await page.getByText(/needs the permission "analytics:read"/).waitFor();
  const blind = await visit.browser({ token: await narrowed(owner, ["analytics:read"]) });
  const other = await visit.open(blind, `/console/w/${website.id}/settings`);
  await other.getByText(/needs the permission "settings:read"/).waitFor();
});
