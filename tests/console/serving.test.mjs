// What the browser makes of how the console is served.

import assert from "node:assert/strict";
import { acme, gateway, settled, test } from "./harness.mjs";

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

test("serving: the shell's policy allows no inline script and no HTML from strings", async (visit) => {
  const { owner } = await acme();
  const context = await visit.browser({ owner });
  const answer = await context.request.get(`${gateway}/console`);
  assert.deepEqual(answer.headers()["content-security-policy"].split(/;\s*/), CSP);
  assert.equal(answer.headers()["cache-control"], "no-store");

  const page = await visit.open(context, "/console?all");
  await page.locator("h1").waitFor();
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    try {
      script.textContent = "globalThis.ran = true";
      document.head.append(script);
    } catch {
      // Trusted Types refuse it before the policy does
    }
    let isHtmlRefused = false;
    try {
      // biome-ignore lint/plugin: it has to be refused
      document.body.innerHTML = "<p>";
    } catch {
      isHtmlRefused = true;
    }
    return { ran: globalThis.ran === true, isHtmlRefused };
  });
  assert.deepEqual(ran, { ran: false, isHtmlRefused: true });
  visit.problems.length = 0; // both were reported, as they have to be
});

test("serving: hashed files never change, and a missing one is no page", async (visit) => {
  const { owner } = await acme();
  const context = await visit.browser({ owner });
  const shell = await (await context.request.get(`${gateway}/console`)).text();
  const [script] = shell.match(/\/console\/assets\/main-\w+\.js/);
  const file = await context.request.get(gateway + script);
  assert.equal(file.status(), 200);
  assert.match(file.headers()["cache-control"], /max-age=31536000, immutable/);
  assert.match(file.headers()["content-type"], /javascript/);
  const gone = await context.request.get(`${gateway}/console/assets/gone-00000000.js`);
  assert.equal(gone.status(), 404);
  assert.doesNotMatch(gone.headers()["content-type"], /html/);
});

test("serving: every address of the console can be reloaded", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const site = `/console/w/${website.id}`;
  const paths = [
    "/console?all",
    "/console/new",
    "/console/account",
    site,
    `${site}/realtime`,
    `${site}/visitors`,
    `${site}/goals`,
    `${site}/funnels`,
  ];
  for (const path of paths) {
    const page = await visit.open(context, path);
    await page.locator("h1").waitFor({ state: "attached" });
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, path);
    await page.close();
  }
  const page = await visit.open(context, "/console/nowhere");
  await page.getByText("Nothing here").last().waitFor();
});

test("serving: the API's own pages are not swallowed", async (visit) => {
  const { owner } = await acme();
  const context = await visit.browser({ owner });
  const page = await context.newPage();
  const answer = await page.goto(`${gateway}/openapi.json`);
  assert.match(answer.headers()["content-type"], /json/);
  const home = await page.goto(gateway);
  assert.equal(new URL(home.url()).pathname.startsWith("/console"), true);
});

test("serving: the theme comes with the shell and nothing flashes", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}`);
  await settled(page);
  await page.getByRole("button", { name: / account of / }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  const shell = await (await context.request.get(`${gateway}/console`)).text();
  assert.match(shell, /<html[^>]*data-theme="dark"/);
  await page.reload({ waitUntil: "commit" });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
});

test("serving: a chunk that is gone ends in one reload", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, "/console?all");
  await page.locator("h1").waitFor();
  visit.expect(404, "/console/assets/");
  await context.route(/\/assets\/goals-\w+\.js/, (route) => route.fulfill({ status: 404, body: "" }), { times: 1 });
  await page.evaluate((id) => history.pushState(null, "", `/console/w/${id}/goals`), website.id);
  await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
  await page.getByRole("heading", { level: 1, name: "Goals" }).waitFor({ state: "attached" });
});

test("serving: a chunk that stays away ends in exactly one reload, and then in words", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, "/console?all");
  await page.locator("h1").waitFor();
  visit.expect(404, "/console/assets/");
  let asked = 0;
  await context.route(/\/assets\/goals-\w+\.js/, (route) => {
    asked += 1;
    return route.fulfill({ status: 404, body: "" });
  });
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  await page.evaluate((id) => history.pushState(null, "", `/console/w/${id}/goals`), website.id);
  await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
  await page.getByRole("alert").waitFor();
  await page.waitForTimeout(500);
  assert.equal(loads, 1);
  assert.ok(asked >= 2, "it was asked for again after the reload");
});

test("serving: nothing but taste is stored in the browser", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}`);
  await settled(page);
  await page.keyboard.press("w");
  await settled(page);
  const names = await page.evaluate(() => Object.keys(localStorage));
  assert.deepEqual(
    names.filter((name) => !name.startsWith("sluice.")),
    [],
  );
  assert.equal(await page.evaluate(() => document.cookie), "", "the session is out of the page's reach");
});
