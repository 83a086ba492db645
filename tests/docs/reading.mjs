// The pages in Chromium: how they are served, that nothing goes wrong, that every link leads somewhere, and WCAG 2.2 AA as far as a
// program can tell.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { check, together } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";
import { browser } from "./browser.mjs";
import { Scene } from "./scene.mjs";
import { shell } from "./shell.mjs";
import { text } from "./twins.mjs";

const { url: gateway } = Gateway.given();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
];
const WORKERS = 3;

const addressOf = (name) => (name === "start" ? "/docs" : `/docs/${name}`);

// Where the links of a page lead: { path, anchor }, to the gateway only.
const linksOf = (html, from) =>
  [...html.matchAll(/<a [^>]*href="([^"]+)"/g)]
    .map(([, href]) => new URL(href.replaceAll("&amp;", "&"), gateway + from))
    .filter(({ origin }) => origin === gateway)
    .map(({ pathname, hash }) => ({ path: pathname, anchor: decodeURIComponent(hash.slice(1)) }));
const idsOf = (html) => new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));

export async function reading(pages) {
  const html = new Map();
  for (const { name } of pages) html.set(addressOf(name), await text(addressOf(name)));

  await check("serving: a page is of the gateway, in its own headers, in the theme that was chosen", async () => {
    const answer = await fetch(`${gateway}/docs`, { headers: { cookie: "sluice-theme=dark" } });
    const page = await answer.text();
    assert.match(page, /<html[^>]* data-theme="dark"/);
    assert.ok(page.includes(`SLUICE_URL=${gateway}`) || page.includes(gateway), "it names the gateway's address");
    assert.ok(!page.includes("your-gateway.example"));
    const shell = await fetch(`${gateway}/console`);
    for (const name of ["content-security-policy", "referrer-policy", "x-content-type-options", "permissions-policy"]) {
      assert.equal(answer.headers.get(name), shell.headers.get(name), name);
    }
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    assert.doesNotMatch(page, /<style|style="|<script(?![^>]*src=)| on\w+="/);
    for (const [, file] of page.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)) {
      const asset = await fetch(gateway + file);
      assert.equal(asset.status, 200, file);
      assert.match(asset.headers.get("cache-control"), /immutable/);
    }
  });

  await check("serving: HEAD, a trailing slash, what is missing, and what is no page", async () => {
    for (const path of ["/docs", "/docs/", "/docs/webhooks", "/docs/webhooks.md", "/llms.txt"]) {
      const head = await fetch(gateway + path, { method: "HEAD" });
      assert.deepEqual([head.status, await head.text()], [200, ""], path);
    }
    assert.match((await fetch(`${gateway}/docs/webhooks.md`)).headers.get("content-type"), /^text\/markdown/);
    for (const path of ["/docs/nothing", "/docs/missing", "/docs/start.html", "/docs/..%2fshell", "/docs/api/nothing"]) {
      assert.match(await text(path, 404), /No such page/, path);
    }
    assert.match(await text("/docs/nothing.md", 404), /llms\.txt/);
    assert.equal((await fetch(`${gateway}/docs`, { method: "POST" })).status, 405);
    // As it lies there it names no gateway, and shows nothing.
    assert.equal((await fetch(`${gateway}/console/docs/start.html`)).headers.get("content-security-policy"), "default-src 'none'");
  });

  await check("twins: each begins with where it is from, links to twins, and is one page's", async () => {
    for (const { name, path, markdown } of pages) {
      const head = `Source: ${gateway}${addressOf(name)}\nMarkdown source: ${gateway}${path}\nDescription: `;
      assert.ok(markdown.startsWith(head), path);
      assert.match(markdown, /^Source: .+\nMarkdown source: .+\nDescription: .+\n\n# .+\n/, path);
      assert.ok(!markdown.includes("your-gateway.example"), path);
      const page = html.get(addressOf(name));
      assert.ok(page.includes(`href="${path}">AI agent or LLM? Read this page as markdown</a>`), path);
      const rows = (markdown.match(/^\| --- /gm) ?? []).length;
      assert.equal((page.match(/<table>/g) ?? []).length, rows, `tables of ${path}`);
      for (const [, target] of markdown.matchAll(/\]\((http:\/\/127[^)\s]+)\)/g)) {
        const { pathname } = new URL(target);
        assert.ok(pathname.endsWith(".md") || pathname === "/llms.txt", `${path} links to ${target}`);
      }
    }
  });

  await check("links: every one leads to a page that is there, and to a heading on it", async () => {
    const wrong = [];
    const others = new Map([["/console", true]]);
    for (const [from, page] of html) {
      for (const { path, anchor } of linksOf(page, from)) {
        const target = html.get(path);
        if (target === undefined) {
          if (!others.has(path)) others.set(path, (await fetch(gateway + path)).status === 200);
          if (!others.get(path)) wrong.push(`${from}: ${path}`);
        } else if (anchor && !idsOf(target).has(anchor)) wrong.push(`${from}: ${path}#${anchor}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  const tasks = LOOKS.flatMap((look) =>
    [...html.keys(), "/docs/nothing"].map((path) => () =>
      check(`reading: ${path} in ${look.colorScheme} at ${look.viewport.width} px`, () => read(path, look)),
    ),
  );
  await together(tasks, WORKERS);
  await check("keyboard: past the navigation, into the menu and out of it", keyboard);
  await check("a block of code can be copied", copying);
  await check("playground: a call is sent as the form says, with the token and no session", playing);
}

async function read(path, look) {
  const context = await browser.newContext({ ...look, reducedMotion: "reduce" });
  try {
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
    });
    page.on("request", (request) => new URL(request.url()).origin !== gateway && problems.push(`request to ${request.url()}`));
    page.on("response", (response) => {
      if (response.status() >= 400 && new URL(response.url()).pathname !== "/docs/nothing") problems.push(`${response.url()} ${response.status()}`);
    });
    await page.goto(gateway + path, { waitUntil: "load" });
    const seen = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      headings: document.querySelectorAll("h1").length,
      title: document.title,
      current: document.querySelectorAll("[aria-current=page]").length,
    }));
    assert.equal(seen.wide, 0, "it scrolls sideways");
    assert.equal(seen.headings, 1);
    assert.match(seen.title, /^.+ · Sluice docs$/);
    assert.equal(seen.current, path === "/docs/nothing" ? 0 : 1);
    // The pages of the reference are made of the same parts: in the dark, one stands for all.
    if (look.colorScheme === "dark" && /^\/docs\/api\/(?!webhooks)/.test(path)) return assert.deepEqual(problems, []);
    await page.evaluate(AXE);
    const found = await page.evaluate(async (values) => {
      const { violations } = await globalThis.axe.run(document, { runOnly: { type: "tag", values } });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" | ")}`);
    }, RULES);
    assert.deepEqual(found, []);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

async function keyboard() {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${gateway}/docs`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the page");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  const link = page.locator("#pages a", { hasText: "Webhooks" }).first();
  assert.equal(await link.isVisible(), false);
  await page.getByRole("button", { name: "Menu" }).focus();
  await page.keyboard.press("Enter");
  await link.waitFor();
  await page.keyboard.press("Escape");
  await link.waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await link.click();
  await page.waitForURL("**/docs/webhooks");
  await context.close();
}

async function copying() {
  const context = await browser.newContext();
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: gateway });
  const page = await context.newPage();
  await page.goto(`${gateway}/docs/webhooks`);
  await page.getByRole("button", { name: "Copy" }).first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^curl "\$SLUICE_URL\/api\/v1\/admin\/websites\/\$SLUICE_WEBSITE\/webhooks" /);
  await context.close();
}

async function playing() {
  const scene = await Scene.make();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${gateway}/docs/api/analytics`);
  await page.getByRole("link", { name: "Try it" }).first().click();
  await page.getByLabel("Token").fill(scene.gateway.token);
  await page.getByLabel("Token").blur();
  await page.locator("#website").waitFor();
  await page.waitForFunction((id) => document.querySelector("#website").value === id, scene.id);
  await page.getByLabel("fields", { exact: true }).fill("visitors,revenue");
  const sent = page.waitForRequest((request) => request.url().includes("/api/v1/analytics/overview"));
  await page.getByRole("button", { name: "Send" }).click();
  const request = await sent;
  assert.equal(new URL(request.url()).search, `?websiteId=${scene.id}&fields=visitors%2Crevenue`);
  assert.equal(request.headers().cookie, undefined);
  await page.getByText(/^200, \d+ requests left/).waitFor();
  assert.match(await page.locator("#caller figure").last().innerText(), /"visitors": 2/);
  // What it shows for a shell is the same call.
  const { code, output, calls } = await shell(await page.locator("#caller figure code").first().textContent(), { SLUICE_TOKEN: scene.gateway.token });
  assert.equal(code, 0, output);
  assert.deepEqual(JSON.parse(calls[0].body).data, [{ visitors: 2, revenue: 49 }]);
  // A body, and what the gateway refuses.
  await page.getByLabel("Call").selectOption("POST /api/v1/admin/websites/{websiteId}/funnels");
  await page.getByLabel(/^Body/).fill('{"name":""}');
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^400/).waitFor();
  await context.close();
}
