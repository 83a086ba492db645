import assert from "node:assert/strict";
import { narrowed } from "./events.mjs";
import { accessible, Gateway, gateway, Owner, sentTo, settled, test, text } from "./harness.mjs";

const LIVE = { now: null };
const drawer = (page) => page.getByRole("dialog");

async function site(visit) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const path = `/api/v1/admin/websites/${website.id}/apikeys`;
  const at = `/console/w/${website.id}/settings/keys`;
  const context = await visit.browser({ owner });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  return { owner, website, path, at, context, page: await visit.open(context, at, LIVE) };
}
const statusOf = async (key, path) => (await new Gateway({ url: gateway, token: key }).call("GET", path)).status;

test("keys: one is shown once, made once by a double click, and works until it is revoked", async (visit) => {
  const { page, owner, path, website, context } = await site(visit);
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByText("No key yet.").waitFor();
  await accessible(page, "no key");
  await page.getByRole("button", { name: "New key" }).click();
  await accessible(page, "a new key");
  const create = drawer(page).getByRole("button", { name: "Create the key" });
  await create.click();
  await page.getByText("Say what it is for.").waitFor();
  await page.getByLabel("Name").fill("Shop server");
  const sent = await sentTo(context, /\/apikeys$/);
  await create.dblclick();
  await page.getByRole("heading", { level: 1, name: "Copy the key now" }).waitFor();
  const key = await text(page.locator(".secret code"));
  assert.match(key, /^df_/);
  assert.deepEqual(sent, [{ name: "Shop server" }]);
  await accessible(page, "the key");
  await page.getByRole("button", { name: "Copy the key" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  const keys = await owner.api.rows("GET", path);
  assert.deepEqual([keys.length, keys[0].name], [1, "Shop server"], "a double click makes one");
  assert.ok(
    !page.url().includes(key) &&
      !(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes(key),
  );

  assert.equal(await statusOf(key, "/api/v1/analytics/overview"), 200, "the first request that is shown");
  assert.equal(await statusOf(key, path), 200);
  const other = await owner.website();
  assert.equal(await statusOf(key, path.replace(website.id, other.id)), 403, "on this website alone");
  await page.getByRole("button", { name: "I have stored it" }).click();
  const row = page.locator("tbody tr").filter({ hasText: "Shop server" });
  assert.match(await text(row), /Shop server df_.* you .* New value … ?Revoke …$/);
  assert.ok(!(await page.content()).includes(key), "it is not shown again");
  await accessible(page, "the keys");
  await page.reload();
  await page.getByRole("button", { name: "Revoke: Shop server" }).click();
  const revoke = drawer(page).getByRole("button", { name: "Revoke", exact: true });
  const warning = page.getByLabel(/It was used within the last hour/);
  if (await warning.count()) {
    assert.ok(await revoke.isDisabled(), "what is in use is not revoked by the way");
    await warning.check();
  }
  await accessible(page, "revoking");
  await revoke.click();
  await page.getByText("No key yet.").waitFor();
  assert.equal(await statusOf(key, path), 401);
});

test("keys: a new value ends the old one at once, and keeps the name", async (visit) => {
  const { page, owner, path } = await site(visit);
  page.on("dialog", (dialog) => dialog.accept());
  const { key: old } = await owner.api.row("POST", path, { name: "Shop server" });
  await page.reload();
  await page.getByRole("button", { name: "New value: Shop server" }).click();
  await accessible(page, "a new value");
  await drawer(page).getByRole("button", { name: "Make a new value" }).click();
  await page.getByRole("heading", { level: 1, name: "Copy the key now" }).waitFor();
  const key = await text(page.locator(".secret code"));
  assert.notEqual(key, old);
  assert.deepEqual([await statusOf(old, path), await statusOf(key, path)], [401, 200]);
  const [{ name, displayKey }] = await owner.api.rows("GET", path);
  assert.deepEqual([name, displayKey.slice(-4)], ["Shop server", key.slice(-4)]);
});

test("keys: what a key may do is what the session may that makes it, and that is said", async (visit) => {
  const { owner, path, at, website } = await site(visit);
  const permissions = ["api-keys:read", "api-keys:write", "goals:write", "payments:write"];
  const page = await visit.open(await visit.browser({ token: await narrowed(owner, permissions) }), at, LIVE);
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "New key" }).click();
  const told = await drawer(page).locator(".ceiling code").allInnerTexts();
  assert.deepEqual(told.toSorted(), permissions);
  await accessible(page, "a narrow ceiling");
  await page.getByLabel("Name").fill("Sends");
  await drawer(page).getByRole("button", { name: "Create the key" }).click();
  const key = await text(page.locator(".secret code"));
  const call = (method, address, body) => new Gateway({ url: gateway, token: key }).call(method, address, body);
  const payment = { amount: 49, currency: "USD", transaction_id: "order-1001" };
  assert.equal((await call("POST", "/api/v1/payments", payment)).status, 200);
  assert.equal((await call("GET", path)).status, 200);
  assert.equal((await call("GET", "/api/v1/analytics/overview")).status, 403);
  assert.equal((await call("GET", `/api/v1/admin/websites/${website.id}`)).status, 403);

  const full = await visit.open(await visit.browser({ owner }), at, LIVE);
  await full.getByRole("button", { name: "New key" }).click();
  await drawer(full)
    .getByText(/do all that a member may on this website/)
    .waitFor();
});

test("keys: there are ten at most, and who only reads them is told why", async (visit) => {
  const { page, owner, path, at } = await site(visit);
  for (let at = 0; at < 10; at += 1) await owner.api.row("POST", path, { name: `Key ${at}` });
  await page.reload();
  await page.getByText("10 of 10").waitFor();
  const add = page.getByRole("button", { name: "New key" });
  assert.equal(await add.getAttribute("title"), "A website has at most 10 keys");
  assert.ok(await add.isDisabled());
  const reader = await visit.browser({ token: await narrowed(owner, ["api-keys:read"]) });
  const other = await visit.open(reader, at, LIVE);
  await settled(other);
  for (const name of ["New key", "Revoke: Key 0", "New value: Key 0"]) {
    const button = other.getByRole("button", { name });
    assert.ok(await button.isDisabled(), name);
    assert.match(await button.getAttribute("title"), /needs the permission "api-keys:write"/, name);
  }
  await accessible(other, "keys to read");
});
