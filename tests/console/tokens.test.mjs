import assert from "node:assert/strict";
import { narrowed } from "./events.mjs";
import { accessible, eventually, Gateway, gateway, Owner, settled, test, text } from "./harness.mjs";

const PATH = "/api/v1/admin/access-tokens";
const LIVE = { now: null };

test("tokens: each preset is exactly what is sent, and a choice in the matrix changes its row alone", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, "/console/account/tokens/new", LIVE);
  const sent = async (choose) => {
    await page.goto(new URL("/console/account/tokens/new", gateway).href);
    await page.getByLabel("Name").fill("Made here");
    await choose();
    await page.getByRole("button", { name: "Create the token" }).click();
    await page.getByRole("heading", { name: "Copy the token now" }).waitFor();
    const [newest] = (await owner.api.rows("GET", PATH)).toSorted((one, other) => (one.id < other.id ? 1 : -1));
    // Leaving is asked about only by the browser: the link says that it is stored.
    await page.getByRole("link", { name: "I have stored it" }).click();
    await page.getByRole("heading", { level: 1, name: "Account tokens" }).waitFor();
    return newest;
  };
  page.on("dialog", (dialog) => dialog.accept());
  const backend = await sent(() => page.getByLabel("A backend that sends").check());
  assert.deepEqual(backend.permissions.toSorted(), ["goals:write", "identify:write", "payments:write"]);
  assert.deepEqual(backend.websiteIds, []);
  const operator = await sent(async () => {
    await page.getByLabel("A webhook operator").check();
    await page.getByLabel("Notes: write").check();
    assert.ok(await page.getByLabel("Something else").isChecked());
    await page.getByLabel(website.domain).check();
    await accessible(page, "a new token");
  });
  assert.deepEqual(operator.permissions.toSorted(), [
    "notes:read",
    "notes:write",
    "webhooks:read",
    "webhooks:write",
    "websites:read",
  ]);
  assert.deepEqual(operator.websiteIds, [website.id]);
  const full = await sent(() => page.getByLabel("Full access").check());
  assert.deepEqual(full.permissions, ["*"]);
  await page.getByText("full access").first().waitFor();
  await page.getByText("A backend that sends").waitFor();
  await accessible(page, "the tokens");
});

test("tokens: one is shown once, made once by a double click, and works until it is revoked", async (visit) => {
  const owner = await Owner.signUp();
  await owner.website();
  const context = await visit.browser({ owner });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await visit.open(context, "/console/account/tokens", LIVE);
  page.on("dialog", (dialog) => dialog.accept());
  const before = (await owner.api.rows("GET", PATH)).length;
  await page.getByRole("link", { name: "New token" }).click();
  await page.getByRole("button", { name: "Create the token" }).click();
  await page.getByText("Say what it is for.").waitFor();
  await page.getByLabel("Name").fill("Reporting agent");
  await page.getByRole("button", { name: "Create the token" }).dblclick();
  const key = await text(page.locator(".secret code"));
  assert.match(key, /^dft_/);
  await accessible(page, "the token");
  await page.getByRole("button", { name: "Copy the token" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  assert.equal((await owner.api.rows("GET", PATH)).length, before + 1, "a double click makes one");
  assert.ok(
    !page.url().includes(key) &&
      !(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes(key),
  );

  const agent = new Gateway({ url: gateway, token: key });
  await agent.rows("GET", "/api/v1/admin/websites");
  await page.getByRole("link", { name: "I have stored it" }).click();
  await page.getByText("An agent that reads").waitFor();
  assert.ok(!(await page.content()).includes(key), "it is not shown again");
  await page.reload();
  await page.getByRole("button", { name: "Revoke Reporting agent" }).click();
  const revoke = page.getByRole("button", { name: "Revoke", exact: true });
  const warning = page.getByLabel(/It was used within the last hour/);
  if (await warning.count()) {
    assert.ok(await revoke.isDisabled(), "what is in use is not revoked by the way");
    await warning.check();
  }
  await accessible(page, "revoking");
  await revoke.click();
  await page.locator("tbody tr").filter({ hasText: "Reporting agent" }).waitFor({ state: "detached" });
  assert.equal((await agent.call("GET", "/api/v1/admin/websites")).status, 401);
});

test("tokens: a narrowed session gives away no more than it has, and a reading one nothing", async (visit) => {
  const owner = await Owner.signUp();
  await owner.website();
  const some = await visit.browser({
    token: await narrowed(owner, ["api-keys:read", "api-keys:write", "goals:write", "websites:read"]),
  });
  const page = await visit.open(some, "/console/account/tokens/new", LIVE);
  await settled(page);
  assert.ok(await page.getByLabel("Full access").isDisabled());
  assert.ok(await page.getByLabel("Funnels: read").isDisabled());
  assert.ok(await page.getByLabel("Goals: write").isEnabled());
  const reader = await visit.browser({ token: await narrowed(owner, ["api-keys:read"]) });
  const list = await visit.open(reader, "/console/account/tokens", LIVE);
  await list
    .getByRole("button", { name: /^Revoke / })
    .first()
    .waitFor();
  assert.ok(
    await list
      .getByRole("button", { name: /^Revoke / })
      .first()
      .isDisabled(),
  );
  const blind = await visit.browser({ token: await narrowed(owner, ["analytics:read"]) });
  const other = await visit.open(blind, "/console/account/tokens", LIVE);
  await other.getByText(/needs the permission "api-keys:read"/).waitFor();
  await eventually(() => visit.calls.length > 0);
});
