import assert from "node:assert/strict";
import { ADMIN } from "../harness/gateway.mjs";
import { Person } from "./events.mjs";
import { accessible, acme, eventually, gateway, NOW, Owner, test } from "./harness.mjs";

const field = (page) => page.getByLabel("Account token");

test("sign-in: a token opens the page that was asked for", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser();
  visit.expect(401, "/console/session");
  const page = await visit.open(context, `/console/w/${website.id}?period=7d`);
  await field(page).waitFor();
  await accessible(page, "sign-in");
  await field(page).fill(owner.api.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: website.domain }).waitFor({ state: "attached" });
  assert.equal(new URL(page.url()).search, "?period=7d");
});

test("sign-in: what is no account token is named before anything is sent", async (visit) => {
  const { owner } = await acme();
  const context = await visit.browser();
  const page = await visit.open(context, "/console/sign-in");
  await field(page).waitFor();
  const calls = await visit.count(async () => {
    for (const [typed, answer] of [
      [owner.api.token.slice(0, -3), /was probably cut/],
      [owner.api.token.replace(/.$/, (last) => (last === "a" ? "b" : "a")), /checksum/],
      [`df_${owner.api.token.slice(4)}`, /website key\. It opens the API, not the console/],
      ["password", /begins with dft_/],
    ]) {
      await field(page).fill(typed);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText(answer).waitFor();
    }
  });
  // How one can sign in is asked for as the page opens.
  assert.deepEqual(
    calls.filter(({ path }) => path !== "/api/v1/console/status"),
    [],
  );
});

test("sign-in: a revoked token is refused in the API's words", async (visit) => {
  const owner = await Owner.signUp();
  const [made] = await owner.api.rows("POST", `${ADMIN}/access-tokens`, { name: "gone" });
  await owner.api.json("DELETE", `${ADMIN}/access-tokens/${made.id}`);
  const context = await visit.browser();
  visit.expect(401, "/console/session");
  const page = await visit.open(context, "/console/sign-in");
  await field(page).fill(made.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: /./ }).waitFor();
});

test("sign-in: a ticket signs in and leaves the address", async (visit) => {
  const { owner } = await acme();
  const { data } = await ticketFor(owner);
  const context = await visit.browser();
  const page = await visit.open(context, new URL(data.url).pathname + new URL(data.url).hash);
  await page.locator("h1").waitFor({ state: "attached" });
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
  assert.equal(new URL(page.url()).hash, "");
});

test("sign-in: a ticket names its account before anything is done in it, and who says no is signed out", async (visit) => {
  const strict = process.env.SLUICE_STRICT_URL;
  const owner = await Owner.signUp("Jane Doe", strict);
  const context = await visit.browser({ on: strict });
  const open = async () => {
    const { data } = await ticketFor(owner, strict);
    const page = await visit.open(context, strict + new URL(data.url).pathname + new URL(data.url).hash);
    await page.getByRole("heading", { level: 1, name: `Sign in as ${owner.email}?` }).waitFor();
    await accessible(page, "the question");
    return page;
  };
  const page = await open();
  await page.getByRole("button", { name: "No, this is not me" }).click();
  await field(page).waitFor();
  visit.expect(401, "/console/session");
  assert.equal((await context.request.get(`${strict}/api/v1/console/session`, { headers: SAME_ORIGIN })).status(), 401);

  const other = await open();
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await other.getByRole("heading", { name: "Add your first website" }).waitFor();
});

const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };

test("sign-in: what wants a fresh sign-in asks for one over the page, and goes on", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const person = new Person(website);
  await owner.import(website, [person.view(NOW - 600_000, "/"), person.goal(NOW - 500_000, "signup")]);
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}/goals?period=today`);
  const star = page.getByRole("button", { name: "signup is the KPI" });
  await star.waitFor();
  visit.expect(403, "/api/v1/admin/websites/");
  // No page of the first half shows secrets: the refusal is the gateway's own, the call is another.
  const stale = { status: "error", error: { code: 403, message: "sign in again", reason: "fresh" } };
  await context.route(/\/admin\/websites\/\w+$/, (route) => route.fulfill({ status: 403, json: stale }), { times: 1 });
  await star.click();
  const dialog = page.getByRole("dialog", { name: "Is it you?" });
  await dialog.waitFor();
  await accessible(page, "the dialog");
  await dialog.getByLabel("Account token").fill(owner.api.token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  await eventually(async () => (await star.getAttribute("aria-pressed")) === "true");
  const [{ kpi }] = await owner.report(website, "metadata", { fields: "kpi" });
  assert.equal(kpi, "signup");

  await context.route(/\/admin\/websites\/\w+$/, (route) => route.fulfill({ status: 403, json: stale }), { times: 1 });
  await star.click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByText("sign in again").waitFor();
  assert.equal(await star.getAttribute("aria-pressed"), "true", "nothing was changed");
});

async function ticketFor(owner, at = gateway) {
  const answer = await fetch(`${at}/api/v1/console/tickets`, {
    method: "POST",
    headers: { authorization: `Bearer ${process.env.SLUICE_SETUP_SECRET}`, "content-type": "application/json" },
    body: JSON.stringify({ email: owner.email }),
  });
  const { data } = await answer.json();
  return { data: Array.isArray(data) ? data[0] : data };
}

test("sign-in: leaving ends the session, and a session that ends elsewhere asks over the page", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}?period=7d`, { now: undefined });
  await page.getByRole("button", { name: / account of / }).waitFor();

  visit.expect(401, "/api/v1/");
  await context.request.delete(`${gateway}/api/v1/console/session`, { headers: { origin: gateway } });
  // The next call finds out: this page asks every three seconds what has arrived.
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  assert.equal(new URL(page.url()).search, "?period=7d", "the address stays");
  await dialog.getByLabel("Account token").fill(owner.api.token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });

  await page.getByRole("button", { name: / account of / }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await field(page).waitFor();
});

test("sign-in: devices are listed, and the others signed out", async (visit) => {
  const owner = await Owner.signUp();
  await visit.browser({ owner });
  const context = await visit.browser({ owner });
  const page = await visit.open(context, "/console/account", { now: undefined });
  const devices = page.locator(".devices li");
  await devices.nth(1).waitFor();
  assert.equal(await devices.count(), 2);
  await accessible(page, "devices");
  await page.getByRole("button", { name: "Sign out all others" }).click();
  await devices.nth(1).waitFor({ state: "detached" });
  await page.getByText("this one").waitFor();
});
