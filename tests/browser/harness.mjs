// What the browser tests stand on: a browser that sees nothing but this machine, websites for it to visit, and a gateway.
//
// Every test has a website of its own, both at the gateway and in the browser, so that reports hold only its own events.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import { chromium } from "playwright-core";
import { call, createAccount, sleep } from "../../scripts/lib.mjs";
import { startStub } from "./stub.mjs";

const SETTLE_MS = 300; // an event too many would have left by then: the script debounces by 100
const ARRIVAL_MS = 10_000; // of events at the gateway's door, and of what they change in the reports

const stub = process.argv.includes("--stub") ? await startStub() : undefined;
export const gateway = stub?.url ?? process.env.SLUICE_URL?.replace(/\/$/, "");
if (!gateway) throw new Error("SLUICE_URL is not set. Without a gateway: node tests/browser/run.mjs --stub");

const random = () => randomBytes(4).toString("hex");
const token = await createAccount(gateway, process.env.SLUICE_SETUP_SECRET ?? "", `browser-${random()}@example.com`);

async function api(method, path, body) {
  const answer = await call(gateway, method, `/api/v1/${path}`, token, body);
  if (answer.status !== 200) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer.data;
}

// Serves the page of whatever website a name belongs to, and an empty one for all other names.
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

// As docs/contract/website-api.md#5.6 asks of proxies: the visitor's headers, and his address beside them.
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

  // Waits until exactly these types of events have left the browser since the last call, and answers them.
  async sent(...types) {
    const since = () => this.#events.slice(this.#taken);
    for (const deadline = Date.now() + ARRIVAL_MS; since().length < types.length && Date.now() < deadline; ) await sleep(20);
    await sleep(SETTLE_MS);
    const events = since();
    this.#taken += events.length;
    assert.deepEqual(events.map((event) => event.type), types, "the events that left the browser");
    return events;
  }

  // Checks what the reports say, again and again until they are as expected. The stub has none.
  async reports(check) {
    if (stub) return;
    for (const { type, answer } of this.#events) {
      if (answer) assert.deepEqual(answer, { status: 200, dropped: undefined }, `the answer to the ${type}`);
    }
    const get = (path, query = {}) => api("GET", `${path}?${new URLSearchParams({ websiteId: this.websiteId, ...query })}`);
    for (const deadline = Date.now() + ARRIVAL_MS; ; await sleep(200)) {
      try {
        return await check(get);
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

// `settings` are the website's at the gateway; the rest overrides what its pages are made of.
async function makeSite({ settings, ...page }) {
  const site = Object.assign(new Site(), page);
  const [made] = await api("POST", "admin/websites", { domain: site.domain, timezone: "UTC", name: "Browser test" });
  Object.assign(site, { websiteId: made.websiteId, trackingId: made.trackingId });
  if (settings) await api("PUT", `admin/websites/${site.websiteId}`, typeof settings === "function" ? settings(site) : settings);
  for (const host of [site.domain, `blog.${site.domain}`, site.partner, "localhost"]) sites.set(host, site);
  return site;
}

const tests = [];

// A test that is given a website.
export function test(name, page, body) {
  tests.push({ name, page, body });
}

export async function runTests() {
  const counts = { passed: 0, failed: 0 };
  for (const { name, page, body } of tests) {
    if (process.env.ONLY && !name.includes(process.env.ONLY)) continue;
    let site;
    try {
      site = await makeSite(page);
      await body(site);
      assert.deepEqual(site.errors, [], "errors that the pages threw");
      counts.passed += 1;
      console.log(`ok      ${name}`);
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED  ${name}\n${String(error.stack).replace(/^/gm, "        ")}`);
    }
    await site?.close();
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0;
}
