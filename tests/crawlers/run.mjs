// The package @datafast/ai-crawl, unchanged, in front of servers of each kind that it has a way for, against a real gateway.
//
//   node scripts/with-gateways.mjs -- node tests/crawlers/run.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import {
  classifyAICrawlerUserAgent,
  createAICrawlerMiddleware,
  createExpressAICrawlerMiddleware,
  trackAICrawlerRequest,
  trackAICrawlerResponse,
  withAICrawlerTracking,
} from "@datafast/ai-crawl";
import { check, conclude, eventually } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";

const AGENTS = {
  GPTBot: "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.3; +https://openai.com/gptbot",
  Bingbot: "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  "Claude-User": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
};
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

// What operators say, where the package says something else (docs/bot-traffic.md).
const OURS = { Applebot: "search_index", "Applebot-Extended": "search_index" };

const gateway = await Gateway.given().signUp(`crawls-${crypto.randomUUID()}@example.com`);
const apiUrl = `${gateway.url}/api/ai-crawls`;

// A website, and what the package is configured with for it.
async function website() {
  const site = await gateway.website();
  const ask = (path, query = {}) =>
    gateway.json("GET", `/api/v1/analytics/bot-traffic${path}?${new URLSearchParams({ websiteId: site.id, ...query })}`);
  return {
    site,
    config: { websiteId: site.trackingId, apiUrl, timeoutMs: 10_000 },
    counted: async () => (await ask("")).data[0],
    pages: async () => (await ask("/pages")).data.map(({ hostname, path, requests, errorRequests }) => ({ hostname, path, requests, errorRequests })), // biome-ignore format: one line
    page: (path, agent = AGENTS.GPTBot, headers = {}) =>
      new Request(`https://${site.domain}${path}`, { headers: { "user-agent": agent, "cf-connecting-ip": "203.0.113.9", ...headers } }), // biome-ignore format: one line
  };
}

const waits = () => {
  const pending = [];
  return { waitUntil: (promise) => pending.push(promise), done: () => Promise.all(pending) };
};

await check("crawlers: what the package sends is counted as the package classifies it", async () => {
  const { config, counted, pages, page, site } = await website();
  for (const [name, agent] of Object.entries(AGENTS)) {
    const result = await trackAICrawlerRequest(page("/pricing?utm_source=x#top", agent), config);
    assert.deepEqual([result.tracked, result.status, result.crawler.agent], [true, 200, name]);
  }
  assert.equal((await trackAICrawlerRequest(page("/pricing", BROWSER), config)).reason, "not_ai_crawler");
  const { requests, crawlers } = await counted();
  assert.equal(requests, 3);
  for (const [name, agent] of Object.entries(AGENTS)) {
    const { provider, category } = classifyAICrawlerUserAgent(agent);
    const one = crawlers.find((crawler) => crawler.name === name);
    assert.deepEqual([one.company, one.category], [provider, category]);
  }
  assert.deepEqual(await pages(), [{ hostname: site.domain, path: "/pricing", requests: 3, errorRequests: 0 }]);
});

await check("crawlers: middleware, wrapped handlers and Express tell of the status too", async () => {
  const { config, pages, page, site } = await website();
  const context = waits();
  createAICrawlerMiddleware(config)(page("/middleware"), context);
  trackAICrawlerResponse(page("/response"), new Response("", { status: 404 }), context, config);
  const handler = withAICrawlerTracking(async () => new Response("", { status: 500 }), config);
  await handler(page("/wrapped"), {}, context);
  await context.done();

  const express = createExpressAICrawlerMiddleware({ ...config, publicOrigin: `https://${site.domain}` });
  const server = createServer((request, response) =>
    express(request, response, () => {
      response.statusCode = 403;
      response.end();
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  await fetch(`http://127.0.0.1:${server.address().port}/express`, { headers: { "user-agent": AGENTS.Bingbot } });
  server.close();
  const found = await eventually(async () => {
    const rows = await pages();
    return rows.length === 4 && rows;
  });
  const errors = Object.fromEntries(found.map(({ path, errorRequests }) => [path, errorRequests]));
  assert.deepEqual(errors, { "/middleware": 0, "/response": 1, "/wrapped": 1, "/express": 1 });
});

await check("crawlers: a required token lets the package in, and a rotated one no more", async () => {
  const { site, config, counted, page } = await website();
  const path = `${site.path}/bot-traffic`;
  const { requestAuthToken: authToken } = await gateway.row("POST", `${path}/token`);
  await gateway.json("PATCH", `${path}/settings`, { requireAuthToken: true });
  const track = (more) => trackAICrawlerRequest(page("/"), { ...config, ...more });
  assert.deepEqual([(await track({})).status, (await track({ authToken })).status], [401, 200]);
  const { requestAuthToken: rotated } = await gateway.row("PUT", `${path}/token`);
  assert.deepEqual([(await track({ authToken })).status, (await track({ authToken: rotated })).status], [401, 200]);
  assert.equal((await counted()).requests, 2);
});

await check("crawlers: every crawler that the package knows by name is counted, under its company", async () => {
  const { config, counted, page } = await website();
  const source = readFileSync(new URL("../../node_modules/@datafast/ai-crawl/dist/index.mjs", import.meta.url), "utf8");
  const list = source.slice(source.indexOf("AI_CRAWLER_PROVIDERS = ["), source.indexOf("NORMALIZED_AGENTS"));
  const names = [...list.matchAll(/agent: "([^"]+)"/g)].map(([, name]) => name);
  assert.ok(names.length > 40, `${names.length} names`);
  const dropped = [];
  const companies = {};
  const categories = {};
  for (const name of names) {
    const result = await trackAICrawlerRequest(page("/", `${name}/1.0`), {
      ...config,
      fetch: async (...request) => {
        const answer = await fetch(...request);
        if (answer.headers.has("x-sluice-dropped")) dropped.push(`${name}: ${answer.headers.get("x-sluice-dropped")}`);
        return answer;
      },
    });
    assert.equal(result.status, 200, name);
    const { provider, category } = result.crawler;
    companies[provider] = (companies[provider] ?? 0) + 1;
    const ours = OURS[name] ?? category;
    categories[ours] = (categories[ours] ?? 0) + 1;
  }
  assert.deepEqual(dropped, []);
  const found = await counted();
  assert.deepEqual(Object.fromEntries(found.companies.map(({ company, requests }) => [company, requests])), companies);
  assert.deepEqual(Object.fromEntries(found.categories.map(({ category, requests }) => [category, requests])), categories);
});

process.exit(conclude() ? 0 : 1);
