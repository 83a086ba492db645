import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { accessible, Owner, test } from "./harness.mjs";

const LIVE = { now: null };
const IMG = '<img src=x onerror="globalThis.ran=1">';

async function changed() {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const path = `/api/v1/admin/websites/${website.id}`;
  await owner.api.json("PUT", path, { name: "Shop", excludedIps: ["203.0.113.7"], isCookieless: true });
  const webhook = await owner.api.row("POST", `${path}/webhooks`, { url: "https://hooks.example.org/x", isEnabled: false });
  await owner.api.json("POST", `${path}/webhooks/${webhook.id}/secret/rotate`, {});
  return { owner, website, path, webhook, page: `/console/w/${website.id}/settings/activity` };
}

const operations = (page) => page.locator("tbody th > a:first-child").allTextContents();

test("activity: a website's changes with their values, filtered by the address", async (visit) => {
  const { owner, website, webhook, page: path } = await changed();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, path, LIVE);
  await page.locator("tbody tr").first().waitFor();
  assert.deepEqual(await operations(page), ["Rotate webhook secret", "Create webhook", "Update website", "Create website"]);
  const update = page.locator("tbody tr").filter({ hasText: "Update website" });
  const text = (await update.textContent()).replace(/\s+/g, " ");
  for (const part of ["Jane Doe", "API", "Acme → is Shop", "203.0.113.7", "– → is yes"]) {
    assert.ok(text.includes(part), `${part}: ${text}`);
  }
  await page.locator("tbody tr").filter({ hasText: "a new value, which is not kept" }).first().waitFor();
  await accessible(page, "a website's activity");

  await page.getByRole("link", { name: webhook.id }).first().click();
  await page.getByRole("button", { name: `Remove Of: ${webhook.id}` }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("target"), webhook.id);
  await page.locator("tbody tr").nth(2).waitFor({ state: "detached" });
  assert.deepEqual(await operations(page), ["Rotate webhook secret", "Create webhook"]);
  await page.getByRole("link", { name: "Create webhook" }).click();
  await page.locator("tbody tr").nth(1).waitFor({ state: "detached" });
  await page.goBack();
  await page.locator("tbody tr").nth(1).waitFor();
  await page.getByRole("button", { name: `Remove Of: ${webhook.id}` }).click();
  await page.locator("tbody tr").nth(3).waitFor();
  await page.getByRole("combobox").first().selectOption("console");
  await page.getByText("Nothing matches.").waitFor();
  await accessible(page, "no activity");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.locator("tbody tr").nth(3).waitFor();

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  assert.equal(file.trim().split("\r\n").length, 5, file);
  assert.ok(file.includes("updateWebsite") && file.includes(website.id));
});

test("activity: the account's own, with what it does in the console and its sign-in", async (visit) => {
  const { owner, website, path } = await changed();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}/settings`, LIVE);
  await page.getByLabel("Name", { exact: true }).fill(IMG);
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Saved").first().waitFor();
  await page.goto(new URL("/console/account/activity", page.url()).href);
  const update = page.locator("tbody tr").filter({ hasText: "onerror" });
  await update.waitFor();
  assert.match(await update.textContent(), /Console, session/);
  await page.locator("tbody tr").filter({ hasText: "Sign in" }).first().waitFor();
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
  await accessible(page, "the account's activity");
  await page.getByRole("link", { name: website.domain }).first().click();
  await page.locator("tbody tr").filter({ hasText: "Sign in" }).waitFor({ state: "detached" });
  assert.equal((await owner.api.rows("GET", `${path}/audit`)).length, await page.locator("tbody tr").count());
});

test("activity: members are told why a website's is not for them", async (visit) => {
  const { owner, path, page: address } = await changed();
  const guest = await Owner.signUp("Guest");
  const { invitationId, inviteUrl } = await owner.api.row("POST", `${path}/team`, { email: guest.email });
  await guest.api.json("POST", `/api/v1/invitations/${invitationId}/accept`, { code: /code=([^&#]+)/.exec(inviteUrl)[1] });
  const theirs = await visit.open(await visit.browser({ owner: guest }), address, LIVE);
  await theirs.getByText('needs the role "owner", yours is').waitFor();
  await accessible(theirs, "a website's activity for a member");
});
