// The requests of programs in the field (clients.mjs), sent to a gateway as they send them; what they read of the answers is there.
//
//   scripts/run node scripts/with-gateways.mjs -- node tests/field/run.mjs            everything
//   scripts/run node scripts/with-gateways.mjs -- node tests/field/run.mjs counters   the clients whose name contains this

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { call, createAccount } from "../../scripts/lib.mjs";
import { check, conclude, eventually, isWanted } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";
import { CLIENTS } from "./clients.mjs";

const DAY_MS = 86_400_000;
const day = (daysAgo) => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);
const [from, to] = [day(3), day(2)];

// A website with three visitors of the days before yesterday, and somebody who is there and has just paid.
async function stage() {
  const gateway = await Gateway.given().signUp(`field-${randomUUID()}@example.com`);
  const website = await gateway.website();
  const visitors = Array.from({ length: 3 }, () => randomUUID());
  const line = (number, at, fields) => ({ id: `${number}`, timestamp: at, type: "pageview", visitorId: visitors[0], sessionId: `s-${visitors[0]}`, ...fields });
  const query = "utm_source=newsletter&utm_medium=email&utm_campaign=spring&utm_term=shoes&utm_content=top&ref=friend";
  const first = {
    href: `https://${website.domain}/pricing?${query}`, referrer: "https://www.google.com/", country: "FR", region: "FR-IDF", city: "Paris", browser: "Chrome",
    os: "Mac OS", device: "desktop", viewport: { width: 1280, height: 720 },
  };
  const other = (index) => ({
    visitorId: visitors[index], sessionId: `s-${visitors[index]}`, href: `https://${website.domain}/`, country: "US", region: "US-CA", city: "Fresno", browser: "Firefox",
    os: "Windows", device: "mobile",
  });
  const lines = [
    line(1, `${from}T10:00:00Z`, first),
    line(2, `${from}T10:01:00Z`, { ...first, type: "custom", extraData: { eventName: "signup", plan: "pro" } }),
    line(3, `${from}T10:02:00Z`, { ...first, href: `https://${website.domain}/docs`, referrer: null }),
    line(4, `${to}T10:00:00Z`, other(1)),
    line(5, `${to}T11:00:00Z`, other(2)),
  ];
  const { rejected, errors } = await website.row("POST", "/import", lines.map((one) => JSON.stringify(one)).join("\n"));
  assert.equal(rejected, 0, JSON.stringify(errors));
  const { key } = await website.row("POST", "/apikeys", { name: "Field" });
  const present = await website.visit();
  await website.pay(`now-${present}`, { datafast_visitor_id: present, email: "b@example.com" });
  await eventually(async () => (await website.report("visitors", { visitedPage: "/" })).some((row) => row.visitorId === present));
  const names = { website: website.id, tracking: website.trackingId, domain: website.domain, visitor: visitors[0], unseen: randomUUID(), from, to };
  const fill = (text) => text.replaceAll(/\{([a-z]+)\}/g, (whole, name) => names[name] ?? whole);
  return { url: gateway.url, bearers: { token: gateway.token, key, wrong: "df_zebra" }, fill };
}

// Whether `value` has the shape; what is wrong with it otherwise.
function fault(shape, value, path, fill) {
  const wrong = `${path} is ${JSON.stringify(value)?.slice(0, 200)}`;
  if (shape === Array) return Array.isArray(value) ? undefined : wrong;
  if (typeof shape === "function") return typeof value === shape.name.toLowerCase() ? undefined : `${wrong}, not a ${shape.name}`;
  if (shape instanceof RegExp) return shape.test(value) ? undefined : `${wrong}, not ${shape}`;
  if (Array.isArray(shape)) {
    const [row, count] = shape;
    if (!Array.isArray(value) || value.length === 0 || (count !== undefined && value.length !== count)) return `${wrong}, not ${count ?? "some"} rows`;
    return value.map((one, index) => fault(row, one, `${path}[${index}]`, fill)).find(Boolean);
  }
  if (shape && typeof shape === "object") {
    if ("maybe" in shape) return value === null ? undefined : fault(shape.maybe, value, path, fill);
    if (!value || typeof value !== "object") return wrong;
    return Object.entries(shape).map(([key, part]) => fault(part, value[key], `${path}.${key}`, fill)).find(Boolean);
  }
  const expected = typeof shape === "string" ? fill(shape) : shape;
  return value === expected ? undefined : `${wrong}, not ${JSON.stringify(expected)}`;
}

for (const { who, bearer = "token", headers, requests } of CLIENTS) {
  if (!isWanted(who)) continue;
  await check(who, async () => {
    const { url, bearers, fill } = await stage();
    for (const [line, shape, status = 200] of requests) {
      const [, method, path, body] = fill(line).match(/^(\S+) (\S+)(?: ← (.+))?$/);
      const answer = await call(url, method, path, bearers[bearer], body, { ...(body && { "content-type": "application/json" }), ...headers });
      const where = `${method} ${path.slice(0, 200)}`;
      assert.ok([status].flat().includes(answer.status), `${where}: ${answer.status} ${answer.text}`);
      if (shape !== undefined) assert.equal(fault(shape, answer.json, "answer", fill), undefined, `${where}: ${answer.text.slice(0, 2000)}`);
    }
    return `${requests.length} requests`;
  });
}

// What exporters go by when they have asked too often.
if (isWanted("rate limit")) {
  await check("rate limit: a refusal says when to go on, in headers and body", async () => {
    const strict = process.env.SLUICE_STRICT_URL;
    const token = await createAccount(strict, process.env.SLUICE_SETUP_SECRET, `field-${randomUUID()}@example.com`);
    const answers = await Promise.all(Array.from({ length: 70 }, () => call(strict, "GET", "/api/v1/admin/websites", token)));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 9, `${refused.length} of 70 were refused`);
    const [{ headers, json }] = refused;
    assert.equal(fault({ limit: 60, remaining: 0, reset: Number }, json, "answer", String), undefined);
    const reset = Number(headers.get("x-ratelimit-reset"));
    // Below 10^12 the clients take it for seconds.
    assert.ok(reset === json.reset && reset < 1e12 && Math.abs(reset * 1000 - Date.now()) < 70_000, `${reset}`);
    assert.deepEqual([headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")], ["60", "0"]);
  });
}

process.exit(conclude() ? 0 : 1);
