// A browser for the documentation, and for the pages of a website that does what the documentation says.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { eventually } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";

const { url: gateway } = Gateway.given();

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-blink-features=AutomationControlled", // the tracking script is silent in an automated browser
    `--host-resolver-rules=MAP *.example.com 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE ${new URL(gateway).hostname}`,
  ],
});
const major = browser.version().split(".")[0];
const USER_AGENT = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;

// Opens a page of the website, clicks what says that it is a goal, and answers the types of the events that the gateway took.
export async function onWebsite(scene, html, { tag = "", ...files }) {
  const server = createServer((request, response) => {
    const file = files[request.url];
    if (file !== undefined) return response.setHeader("content-type", "text/javascript").end(file);
    if (request.url === "/favicon.ico") return response.writeHead(204).end();
    response.setHeader("content-type", "text/html; charset=utf-8").end(`<!doctype html><title>A page</title>${html}${tag}`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const context = await browser.newContext({ userAgent: USER_AGENT });
  const taken = [];
  const problems = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("response", async (response) => {
      const request = response.request();
      if (request.method() !== "POST" || !response.url().endsWith("/api/events")) return;
      const dropped = response.headers()["x-sluice-dropped"];
      if (response.status() !== 200 || dropped) problems.push(`${response.status()} ${dropped}`);
      taken.push(request.postDataJSON().type);
    });
    await page.goto(`http://${scene.domain}:${server.address().port}/`);
    const wantsGoal = /data-fast-|datafast\(|track\(/.test(html) || tag !== "";
    if (html.includes("data-fast-goal=")) await page.locator("[data-fast-goal]").click();
    await eventually(() => taken.includes(wantsGoal ? "custom" : "pageview") || problems.length > 0, 15_000);
    assert.deepEqual(problems, []);
    return taken;
  } finally {
    await context.close();
    server.close().closeAllConnections();
  }
}

// Opens a page of the website with frames, and answers what each shows.
export async function framesOf(scene, html) {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(`<!doctype html><title>A page</title>${html}`));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const statuses = new Map();
    page.on("response", (response) => statuses.set(response.url(), response.status()));
    await page.goto(`http://${scene.domain}:${server.address().port}/`, { waitUntil: "load" });
    const frames = page.frames().filter((frame) => frame !== page.mainFrame());
    return await Promise.all(
      frames.map(async (frame) => ({
        path: new URL(frame.url()).pathname,
        status: statuses.get(frame.url()),
        text: (await frame.locator("body").innerText()).trim(),
      })),
    );
  } finally {
    await context.close();
    server.close().closeAllConnections();
  }
}
