// What the console's tests add to tests/harness: an account with a website that has a story, a browser that is signed in to it and
// reaches nothing but the gateway, and what has to hold at the end of each test.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { check, conclude, eventually, isWanted, together } from "../harness/checks.mjs";
import { ADMIN, Gateway } from "../harness/gateway.mjs";
import { story } from "./story.mjs";

export { eventually, Gateway };

// The browser's clock. The story ends here, so that every figure is the same whenever the tests run.
export const NOW = Date.parse("2026-10-14T09:12:00Z");
export const ZONE = "Europe/Paris";

const { url: gatewayUrl, setupSecret } = Gateway.given();
export const gateway = gatewayUrl;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LINES = 4_000; // of an import

const random = () => randomBytes(4).toString("hex");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(gateway).hostname}, EXCLUDE localhost`],
});

export const stopAll = () => browser.close();

export class Owner {
  static async signUp(name = "Jane Doe", on = gateway, secret = setupSecret) {
    const owner = new Owner();
    owner.email = `jane-${random()}@acme.example`;
    owner.api = await new Gateway({ url: on, setupSecret: secret }).signUp(owner.email);
    await owner.api.json("PUT", `${ADMIN}/account`, { name });
    return owner;
  }

  // A website; `tale` are the settings of its story, and without them nothing ever happened on it.
  async website(domain = `acme-${random()}.example.com`, tale, zone = ZONE, name = "Acme") {
    const row = await this.api.row("POST", `${ADMIN}/websites`, { domain, timezone: zone, name });
    const website = { id: row.websiteId, trackingId: row.trackingId, domain, zone };
    if (tale) await this.import(website, story({ now: NOW, domain, prefix: website.id, ...tale }));
    return website;
  }

  async import(website, lines) {
    for (let at = 0; at < lines.length; at += LINES) {
      const body = lines
        .slice(at, at + LINES)
        .map((line) => JSON.stringify(line))
        .join("\n");
      const { rejected, errors } = await this.api.row("POST", `${ADMIN}/websites/${website.id}/import`, body);
      assert.equal(rejected, 0, JSON.stringify(errors));
    }
  }

  // What a report answers, to compare with what is shown.
  report(website, path, query) {
    return this.api.rows("GET", `/api/v1/analytics/${path}?${new URLSearchParams({ websiteId: website.id, ...query })}`);
  }
}

// One account with one story for all tests that only look. They share its session too: a token has at most three, and a test must
// not end that of the one beside it.
let shared;
export function acme() {
  shared ??= (async () => {
    const owner = await Owner.signUp();
    const website = await owner.website("acme.example.com", { daily: 60 });
    owner.cookies = await cookiesOf(owner.api.token);
    return { owner, website };
  })();
  return shared;
}

// A visit to the console in a browser profile of its own.
export class Visit {
  problems = [];
  calls = []; // of the API that were answered: { method, path, query, status }
  asked = []; // the path of each call of the API
  #expected = [];
  #contexts = [];

  // A signed-in browser; `token` signs in another than the owner, `on` is another gateway.
  async browser({ owner, token = owner?.api.token, on = gateway, ...options } = {}) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: "en-GB",
      timezoneId: ZONE,
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(15_000);
    this.#contexts.push(context);
    context.on("page", (page) => this.#watch(page, on));
    // What the policy or Trusted Types refuse is an error on every page.
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
        console.error(`policy: ${violatedDirective} refused ${blockedURI} of ${sourceFile}`),
      );
    });
    if (owner?.cookies && token === owner.api.token) await context.addCookies(owner.cookies);
    else if (token) await signIn(context, token, on);
    return context;
  }

  async open(context, path, { now = NOW } = {}) {
    const page = await context.newPage();
    if (now) await page.clock.setFixedTime(now);
    await page.goto(new URL(path, gateway).href);
    return page;
  }

  #watch(page, on) {
    page.on("pageerror", (error) => this.problems.push(`page error: ${error.stack ?? error}`));
    page.on("console", (message) => {
      // An answer of 4xx is reported by the browser as well; those are judged below.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.problems.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { origin, protocol, pathname } = new URL(request.url());
      if (pathname.startsWith("/api/")) this.asked.push(pathname);
      if (origin !== new URL(on).origin && !["data:", "blob:"].includes(protocol))
        this.problems.push(`request to ${request.url()}`);
    });
    page.on("response", (response) => {
      const { pathname, searchParams } = new URL(response.url());
      const call = { method: response.request().method(), path: pathname, query: searchParams, status: response.status() };
      if (pathname.startsWith("/api/")) this.calls.push(call);
      const isExpected = this.#expected.some(({ status, path }) => status === call.status && pathname.includes(path));
      if (call.status >= 400 && !isExpected) this.problems.push(`${call.method} ${pathname} answered ${call.status}`);
    });
  }

  // An answer that this test is about.
  expect(status, path) {
    this.#expected.push({ status, path });
  }

  // How many calls of the API the body makes.
  async count(body) {
    const before = this.calls.length;
    await body();
    return this.calls.slice(before);
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

async function cookiesOf(token) {
  const context = await browser.newContext();
  await signIn(context, token);
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

// The bodies that are sent to an address of the API from now on.
export async function sentTo(context, pattern) {
  const bodies = [];
  await context.route(pattern, (route) => {
    if (route.request().method() !== "GET") bodies.push(route.request().postDataJSON());
    return route.continue();
  });
  return bodies;
}

export async function signIn(context, token, on = gateway) {
  const answer = await context.request.post(`${on}/api/v1/console/session`, {
    data: { token },
    headers: { origin: on },
  });
  assert.equal(answer.status(), 200, await answer.text());
}

// Everything of the view is there: nothing loads and nothing is old.
export async function settled(page) {
  await page.waitForLoadState("load");
  // What was just done shows within two frames.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.locator(".skeleton, .wait, .is-old, .chart-wait, .world-room").first().waitFor({ state: "detached" });
  await page.evaluate(() => document.fonts.ready);
}

// WCAG 2.2 AA, as far as a program can tell. What it finds while something changes (a button that becomes active between its two
// looks at it) must still be there a moment later.
export async function accessible(page, what = "the page") {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const look = () =>
    page.evaluate(async (values) => {
      const { violations } = await globalThis.axe.run(document, { runOnly: { type: "tag", values } });
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" | ")}`,
      );
    }, RULES);
  let found = await look();
  if (found.length > 0) {
    await page.waitForTimeout(700);
    found = await look();
  }
  assert.deepEqual(found, [], `axe on ${what}`);
}

// biome-ignore lint/performance/useDomNodeTextContent: as it is read, with its spaces
export const text = async (locator) => (await locator.innerText()).replace(/\s+/g, " ").trim();

const tests = [];
export function test(name, body) {
  tests.push({ name, body, isAlone: false });
}
// It measures time, and nothing may run beside it.
export function testAlone(name, body) {
  tests.push({ name, body, isAlone: true });
}

// How many tests run side by side; each has a browser profile of its own.
const WORKERS = Number(process.env.CONSOLE_TEST_WORKERS) || 3;

export async function runTests() {
  const wanted = tests.filter(({ name }) => isWanted(name));
  const { alone = [], beside = [] } = Object.groupBy(wanted, ({ isAlone }) => (isAlone ? "alone" : "beside"));
  await together(
    beside.map((one) => () => run(one)),
    WORKERS,
  );
  await together(
    alone.map((one) => () => run(one)),
    1,
  );
  return conclude();
}

// A browser that shares two cores with a gateway is late at times; what is wrong with the console is wrong twice.
function run({ name, body }) {
  const visited = async () => {
    const visit = new Visit();
    try {
      const note = await body(visit);
      assert.deepEqual(visit.problems, [], "what went wrong in the browser");
      return note;
    } finally {
      await visit.close();
    }
  };
  return check(name, visited, { attempts: 2 });
}
