// What a panic costs, on workerd: the requests in flight, and nothing else. entry.js is src/entry.js with ways to die.
//
//   scripts/run node tests/panics/run.mjs [part of a check's name …]      (after `make build`)

import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { SECRETS } from "../../scripts/config.mjs";
import { GatewayProcess } from "../../scripts/gateway-process.mjs";
import { fail, ROOT, run, sleep, toolEnv } from "../../scripts/lib.mjs";
import { check, conclude, eventually, isWanted } from "../harness/checks.mjs";
import { ADMIN, Gateway } from "../harness/gateway.mjs";

const main = join(ROOT, "build", ".glue", "panics.js");
const { code } = await run(["scripts/bundle", "tests/panics/entry.js", main], { env: toolEnv });
if (code !== 0) fail("tests/panics/entry.js could not be bundled.");

let logged = "";
const SETUP_SECRET = SECRETS.SETUP_SECRET();
const settings = { ENVIRONMENT: "development", RATE_LIMIT_PER_MINUTE: "100000", SETUP_SECRET };
const server = await GatewayProcess.start({ main, settings, log: (text) => (logged += text) });
const gateway = await new Gateway({ url: server.url, setupSecret: SETUP_SECRET }).signUp();

const instance = async () => (await gateway.call("GET", "/instance")).json;
const account = async () => (await gateway.call("GET", `${ADMIN}/account`)).status;
const remaining = async () => Number((await gateway.call("GET", `${ADMIN}/account`)).headers.get("x-ratelimit-remaining"));

// The Worker's code is found to hang, or throws.
async function die(path = "/panic") {
  const { status } = await gateway.call("GET", path);
  assert.ok(status >= 500, `${path} answered ${status}`);
}

const checks = {
  async "a panic is logged with its message"() {
    await die();
    await eventually(() => /panicked at .*queue\.rs/s.test(logged));
  },
  async "a request after a panic is answered by a new instance"() {
    const before = await instance();
    await die();
    assert.equal(await account(), 200);
    assert.equal(await instance(), before + 1);
  },
  async "a request after a trap is answered by a new instance"() {
    const before = await instance();
    await die("/trap");
    assert.equal(await account(), 200);
    assert.equal(await instance(), before + 1);
  },
  async "a Durable Object answers after a panic elsewhere, with what it has stored"() {
    const before = await remaining();
    assert.ok(before > 0);
    await die();
    assert.equal(await remaining(), before - 1, "the gate of the token has lost its count");
  },
  async "a Durable Object answers after a panic of its own, with what it has stored"() {
    const website = await gateway.website();
    await website.visit();
    const visitors = async () => (await website.report("analytics/overview"))[0].visitors;
    assert.equal(await visitors(), 1);
    await die(`/panic/SITE/${website.id}/0`);
    assert.equal(await visitors(), 1);
    await website.visit();
    assert.equal(await visitors(), 2);
  },
  async "a request in flight ends, and does not reach the new instance"() {
    const before = await instance();
    const slow = slowly("POST", `${ADMIN}/websites`, { domain: "slow.example.com", timezone: "UTC", name: "Slow" });
    await sleep(300);
    await die();
    assert.ok((await slow.finish()) >= 500, "it was answered");
    assert.equal(await instance(), before + 1, "it ended the new instance");
    assert.equal(await account(), 200);
  },
  async "panics among many requests cost those in flight only"() {
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => (i === 12 ? die().then(() => 500) : account())));
      assert.ok(answers.every((status) => status === 200 || status >= 500), `${answers}`);
      const after = await Promise.all(Array.from({ length: 24 }, account));
      assert.deepEqual(after, Array(24).fill(200));
    }
  },
};

// Sends a request but for the last byte of its body, which `finish` sends; answers its status, or 599 for a cut connection.
function slowly(method, path, body) {
  const text = JSON.stringify(body);
  const headers = { authorization: `Bearer ${gateway.token}`, "content-type": "application/json", "content-length": text.length };
  const outgoing = request(gateway.url + path, { method, headers });
  const status = new Promise((resolve) => {
    outgoing.on("response", (response) => resolve(response.resume().statusCode)).on("error", () => resolve(599));
  });
  outgoing.write(text.slice(0, -1));
  return {
    finish() {
      outgoing.end(text.slice(-1));
      return status;
    },
  };
}

for (const [name, body] of Object.entries(checks)) if (isWanted(name)) await check(name, body);
await server.stop();
const passed = conclude();
if (!passed || process.env.SLUICE_LOGS) process.stderr.write(logged);
process.exit(passed ? 0 : 1);
