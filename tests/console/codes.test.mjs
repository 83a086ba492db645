import assert from "node:assert/strict";
import { accessible, eventually, test } from "./harness.mjs";
import { mailbox } from "./mailbox.mjs";

const LIVE = { now: undefined };

async function ask(page, email) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Mail me a code" }).click();
  await page.getByText("If this address has an account, a code is on its way").waitFor();
}

async function enter(page, code) {
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
}

const inside = (page) => page.getByRole("heading", { name: "Add your first website" }).waitFor();
const refused = (page, words) => page.getByRole("alert").filter({ hasText: words }).waitFor();

test("codes: a code signs in where it was asked for, as people type it, and once", async (visit) => {
  const box = await mailbox();
  const owner = await box.signUp();
  const context = await visit.browser({ on: box.url });
  visit.expect(401, "/console/session");
  const page = await visit.open(context, `${box.url}/console/sign-in`, LIVE);
  await page.getByLabel("E-mail").waitFor();
  await accessible(page, "the ways in");
  await ask(page, owner.email);
  await accessible(page, "the code's field");
  const { code } = await box.codeFor(owner.email);
  await enter(page, "0123");
  await refused(page, "8 letters and digits");
  await enter(page, ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `);
  await inside(page);
  const session = await context.request.get(`${box.url}/api/v1/console/session`, {
    headers: { "sec-fetch-site": "same-origin" },
  });
  assert.equal((await session.json()).data[0].method, "email");

  const other = await visit.open(context, `${box.url}/console/sign-in#code=${code}`, LIVE);
  await other.getByRole("button", { name: "Continue" }).click();
  await refused(other, "wrong, was used before, or has expired");
});

test("codes: after five wrong ones the right one is worth nothing", async (visit) => {
  const box = await mailbox();
  const owner = await box.signUp();
  const context = await visit.browser({ on: box.url });
  visit.expect(401, "/console/session");
  const page = await visit.open(context, `${box.url}/console/sign-in`, LIVE);
  await ask(page, owner.email);
  const { code } = await box.codeFor(owner.email);
  for (let tries = 0; tries < 5; tries++) {
    const answered = page.waitForResponse((response) => response.url().endsWith("/console/session"));
    await enter(
      page,
      code.replace(/^./, (first) => (first === "0" ? "1" : "0")),
    );
    assert.equal((await answered).status(), 401);
  }
  await enter(page, code);
  await refused(page, "wrong, was used before, or has expired");
  // Another one is good.
  await page.getByRole("button", { name: "Another code" }).click();
  await ask(page, owner.email);
  await enter(page, (await box.codeFor(owner.email, 2)).code);
  await inside(page);
});

test("codes: the mail's link fills in the code, and whoever opens it elsewhere, scanners too, does nothing", async (visit) => {
  const box = await mailbox();
  const owner = await box.signUp();
  const [own, other] = [await visit.browser({ on: box.url }), await visit.browser({ on: box.url })];
  visit.expect(401, "/console/session");
  const page = await visit.open(own, `${box.url}/console/sign-in`, LIVE);
  await ask(page, owner.email);
  const { link, code } = await box.codeFor(owner.email);
  for (const method of ["GET", "HEAD", "GET"]) assert.equal((await fetch(link, { method })).status, 200);
  // A scanner with a browser, which presses buttons.
  const scanned = await visit.open(other, link, LIVE);
  await scanned.getByRole("button", { name: "Continue" }).click();
  await refused(scanned, "works only in the browser that has asked for it");
  assert.equal(new URL(scanned.url()).hash, "");
  assert.deepEqual(
    visit.calls.filter(({ path, status }) => path.endsWith("/console/session") && status === 200),
    [],
  );

  const opened = await visit.open(own, link, LIVE);
  assert.equal(await opened.getByLabel("Code").inputValue(), code);
  assert.equal(new URL(opened.url()).hash, "", "the code leaves the address");
  await accessible(opened, "a code from a link");
  await opened.getByRole("button", { name: "Continue" }).click();
  await inside(opened);
});

test("codes: an address without an account is answered the same, as fast, however slow mail is", async (visit) => {
  const box = await mailbox();
  const owner = await box.signUp();
  const ask = async (email) => {
    const start = performance.now();
    const answer = await fetch(`${box.url}/api/v1/console/sign-in-codes`, {
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify({ email }),
    });
    const body = await answer.text();
    const names = [...answer.headers.keys()].sort().join();
    const timing = answer.headers.get("server-timing").replace(/dur=[\d.]+/g, "");
    const cookie = answer.headers.get("set-cookie").replace(/=[^;]+/, "=");
    return { took: performance.now() - start, shown: { status: answer.status, body, names, timing, cookie } };
  };
  await ask("nobody@acme.example");
  box.delay = 3_000;
  const [known, unknown] = [[], []];
  for (let turn = 0; turn < 3; turn++) {
    known.push(await ask(owner.email));
    unknown.push(await ask("nobody@acme.example"));
  }
  box.delay = 0;
  for (const { shown } of [...known, ...unknown]) assert.deepEqual(shown, unknown[0].shown);
  for (const { took } of [...known, ...unknown]) assert.ok(took < 1_500, `${took} ms`);
  await box.codeFor(owner.email, 3);
  assert.equal(box.mails.filter(({ to }) => to.includes("nobody@acme.example")).length, 0);
  assert.deepEqual(visit.problems, []);
});

test("codes: a code makes a sign-in fresh, over the page", async (visit) => {
  const box = await mailbox();
  const owner = await box.signUp();
  const context = await visit.browser({ owner, on: box.url });
  const page = await visit.open(context, `${box.url}/console/account/tokens/new`, LIVE);
  await page.getByLabel("Name").fill("CI");
  visit.expect(403, "/access-tokens");
  const stale = { status: "error", error: { code: 403, message: "sign in again", reason: "fresh" } };
  await context.route(/\/access-tokens$/, (route) => route.fulfill({ status: 403, json: stale }), { times: 1 });
  await page.getByRole("button", { name: "Create" }).click();
  const dialog = page.getByRole("dialog", { name: "Is it you?" });
  await dialog.getByRole("button", { name: "Mail me a code" }).click(); // the address is known
  await enter(dialog, (await box.codeFor(owner.email)).code);
  await dialog.waitFor({ state: "detached" });
  await eventually(async () => (await owner.api.rows("GET", "/api/v1/admin/access-tokens")).some(({ name }) => name === "CI"));
});
