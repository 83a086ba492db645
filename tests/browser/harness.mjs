// What the browser tests add to tests/harness: a browser that reaches only this machine, and the websites that it visits.
//
// Every test has a website of its own, both at the gateway and in the browser, so reports contain only its own events.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import { chromium } from "playwright-core";
import { sleep } from "../../scripts/lib.mjs";
import { check, conclude, eventually, isWanted } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";
import { startStub } from "./stub.mjs";

const SETTLE_MS = 300; // a surplus event would have left by then: the script debounces by 100
const ARRIVAL_MS = 10_000; // of events at the gateway, and of their effect on the reports

const random = () => randomBytes(4).toString("hex");
const stub = process.argv.includes("--stub") ? await startStub() : undefined;
const api = await (stub ? new Gateway({ url: stub.url, setupSecret: "stub" }) : Gateway.given()).signUp(`browser-${random()}@example.com`);
export const gateway = api.url;

// Serves a website's page under the website's names, and an empty page under all others.
const sites = new Map();
const server = createServer((request, response) => {
  const { hostname, pathname } = new URL(request.url, `http://${request.headers.host}`);
  const site = sites.get(hostname);
  const target = site?.proxied[pathname];
  if (target) return proxy(request, response, target);
  if (pathname === "/favicon.ico") return response.writeHead(204).end();
  if (site?.files[pathname]) return response.setHeader("content-type", "text/javascript").end(site.files[pathname]);
  response.setHeader("content-type", "text/html; charset=utf-8").end(site?.html() ?? "<!doctype html><title>elsewhere</title>");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const port = server.address().port;

// A proxy as docs/contract/website-api.md#5.6 asks for it: it forwards the visitor's headers and adds the visitor's address.
function proxy(request, response, target) {
  const { host, ...headers } = request.headers;
  const onward = httpRequest(gateway + target, {
    method: request.method,
    headers: { ...headers, "x-datafast-real-ip": request.socket.remoteAddress },
  });
  onward.on("response", (answer) => answer.pipe(response.writeHead(answer.statusCode, answer.headers)));
  onward.on("error", () => response.writeHead(502).end());
  request.pipe(onward);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-blink-features=AutomationControlled", // the script is silent in an automated browser
    `--host-resolver-rules=MAP * 127.0.0.1, EXCLUDE ${new URL(gateway).hostname}`,
  ],
});
const major = browser.version().split(".")[0];
const USER_AGENT = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;

export async function stopAll() {
  await browser.close();
  server.close().closeAllConnections();
  stub?.stop();
}

class Site {
  suffix = random();
  domain = `shop-${this.suffix}.example.com`;
  partner = `partner-${this.suffix}.example.org`; // another root domain, for the website to allow
  elsewhere = `elsewhere-${this.suffix}.example.net`; // and one that is not its own
  script = "script.js";
  attributes = {};
  head = ""; // before the script's tag
  body = "";
  proxied = {}; // path on the website: path at the gateway
  files = {};
  errors = []; // that the pages threw
  #events = [];
  #taken = 0;
  #contexts = [];

  url(path = "/", host = this.domain) {
    return `http://${host}:${port}${path}`;
  }

  html() {
    const src = this.src ?? `${gateway}/js/${this.script}`;
    const attributes = { "website-id": this.trackingId, domain: this.domain, ...this.attributes };
    const tag = Object.entries(attributes).map(([name, value]) => ` data-${name}="${value}"`);
    const script = src && `<script defer${tag.join("")} src="${src}"></script>`;
    return `<!doctype html><title>A shop</title>${this.head}${script}<body>${this.body}</body>`;
  }

  // A browser profile without a past.
  async visitor(options) {
    const context = await browser.newContext({
      userAgent: USER_AGENT,
      viewport: { width: 1000, height: 700 },
      screen: { width: 1920, height: 1080 },
      locale: "en-GB",
      timezoneId: "Europe/Paris",
      ...options,
    });
    context.setDefaultTimeout(ARRIVAL_MS);
    this.#contexts.push(context);
    context.on("weberror", (error) => this.errors.push(error.error()));
    context.on("request", (request) => this.#record(request));
    return {
      context,
      // Opens a tab.
      open: async (url = this.url(), options) => {
        const page = await context.newPage();
        await page.goto(url.startsWith("/") ? this.url(url) : url, options);
        return page;
      },
      cookie: async (name) => (await context.cookies()).find((cookie) => cookie.name === name),
    };
  }

  async #record(request) {
    if (request.method() !== "POST") return;
    const event = { ...request.postDataJSON(), to: request.url() };
    this.#events.push(event);
    const answer = await request.response().catch(() => null);
    event.answer = answer && { status: answer.status(), dropped: answer.headers()["x-sluice-dropped"] };
  }

  // Waits until exactly these types of events have left the browser since the last call, and returns them.
  async sent(...types) {
    const since = () => this.#events.slice(this.#taken);
    for (const deadline = Date.now() + ARRIVAL_MS; since().length < types.length && Date.now() < deadline; ) await sleep(20);
    await sleep(SETTLE_MS);
    const events = since();
    this.#taken += events.length;
    assert.deepEqual(events.map((event) => event.type), types, "the events that left the browser");
    return events;
  }

  // Repeats a check of the reports until it passes. The stub has no reports.
  async reports(check) {
    if (stub) return;
    for (const { type, answer } of this.#events) {
      if (answer) assert.deepEqual(answer, { status: 200, dropped: undefined }, `the answer to the ${type}`);
    }
    const get = (path, query) => this.website.report(path, query);
    await eventually(async () => (await check(get), true), ARRIVAL_MS, 200);
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

// `settings` are the website's at the gateway; the rest overrides what its pages are made of.
async function makeSite({ settings, ...page }) {
  const site = Object.assign(new Site(), page);
  site.website = await api.website(site.domain);
  site.trackingId = site.website.trackingId;
  if (settings) await site.website.row("PUT", "", typeof settings === "function" ? settings(site) : settings);
  for (const host of [site.domain, `blog.${site.domain}`, site.partner, "localhost"]) sites.set(host, site);
  return site;
}

const tests = [];

// A test; its body is given a website.
export function test(name, page, body) {
  tests.push({ name, page, body });
}

export async function runTests() {
  for (const { name, page, body } of tests.filter(({ name }) => isWanted(name))) {
    await check(name, async () => {
      const site = await makeSite(page);
      try {
        await body(site);
        assert.deepEqual(site.errors, [], "errors that the pages threw");
      } finally {
        await site.close();
      }
    });
  }
  return conclude();
}
