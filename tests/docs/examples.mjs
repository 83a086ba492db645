// Every block of code of the documentation that a reader can run, run: shell, JavaScript, Python and HTML. What is not run says so on
// its page, and why.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { RUNNABLE } from "../../console/docs/markdown.mjs";
import { ROOT, toolEnv } from "../../scripts/lib.mjs";
import { check, eventually, together } from "../harness/checks.mjs";
import { ADMIN } from "../harness/gateway.mjs";
import { framesOf, onWebsite } from "./browser.mjs";
import { Scene } from "./scene.mjs";
import { pipe, shell } from "./shell.mjs";
import { blocks } from "./twins.mjs";

const WORKERS = 6;
// What the API refuses by design, and its page says so.
const REFUSED = [
  [/-X DELETE "\$SLUICE_URL\/api\/v1\/admin\/websites\/\$SLUICE_WEBSITE"/, 403], // by a token
  [/\/woocommerce\/authorize"/, 409], // no shop can reach this gateway
];

// The tests: one for each block.
export function examples(pages) {
  const tasks = [];
  let untested = 0;
  for (const { name, markdown } of pages) {
    const ofPage = blocks(markdown);
    ofPage.forEach((block, index) => {
      if (!RUNNABLE.includes(block.language)) return;
      if (block.notRun) return void (untested += 1);
      const run = RUNNERS[block.language];
      tasks.push(() =>
        check(`example: ${name}, ${block.heading} (${block.language} ${index + 1})`, () => {
          assert.ok(run, `nothing runs ${block.language}: say why with not-run="…"`);
          return run(block, name, ofPage);
        }),
      );
    });
  }
  return { run: () => together(tasks, WORKERS), count: tasks.length, untested };
}

const RUNNERS = { sh: runShell, js: runJavaScript, python: runPython, html: runHtml };

// ---- Shell

async function runShell({ code, answer }, page) {
  const scene = await Scene.make();
  const text = scene.own(code);
  const [variables] = [await scene.variables(code), await scene.prepare(code)];
  const { code: exit, output, calls } = await shell(text, variables);
  assert.equal(exit, 0, output);
  const documented = answersOf(answer);
  const expected = REFUSED.find(([form]) => form.test(code))?.[1] ?? documented[0]?.error?.code ?? 200;
  assert.equal(calls.length >= (code.match(/(^|\s)curl /gm) ?? []).length, true, "a curl that did not run");
  // A note that is made is 201; everything else that succeeds is 200 (docs/contract/account-api.md#13).
  const isRight = (status) => status === expected || (expected === 200 && status === 201 && /\/notes"? /.test(code));
  for (const { status, body } of calls) assert.ok(isRight(status), `${status}, not ${expected}: ${body}`);
  // Those of the reference are the recorded ones, which openapi/record.mjs compares.
  if (page.startsWith("api/") || expected !== 200) return;
  documented.forEach((one, index) => holds(one, JSON.parse(calls[index].body), "answer"));
}

// One answer, or one a line.
function answersOf(text) {
  if (text === undefined) return [];
  try {
    return [JSON.parse(text)];
  } catch {
    return text.split("\n").map((line) => JSON.parse(line));
  }
}

// What is documented is there, with values of the same types.
function holds(documented, actual, path) {
  if (documented === null || actual === null) return;
  assert.equal(typeof actual, typeof documented, `${path}: ${JSON.stringify(actual)}`);
  if (Array.isArray(documented)) {
    assert.ok(Array.isArray(actual), path);
    if (documented.length > 0) assert.ok(actual.length > 0, `${path} is empty`);
    if (documented.length > 0) holds(documented[0], actual[0], `${path}[0]`);
  } else if (typeof documented === "object") {
    for (const [name, value] of Object.entries(documented)) {
      assert.ok(name in actual, `${path} has no ${name}`);
      holds(value, actual[name], `${path}.${name}`);
    }
  }
}

// ---- Libraries

// A delivery as a receiver gets it.
async function delivery(scene) {
  let received;
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    received ??= { body: Buffer.concat(parts).toString(), headers: request.headers };
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${server.address().port}/hooks`;
    const { id, secret } = await scene.row("POST", "/webhooks", { url, eventTypes: ["goal.completed"] });
    await scene.row("POST", `/webhooks/${id}/test`, { type: "goal.completed" });
    await eventually(() => received !== undefined);
    return { ...received, secret };
  } finally {
    server.close().closeAllConnections();
  }
}

async function verifies(command, code, ending, extension) {
  const folder = join(ROOT, "target", "docs"); // where node finds node_modules
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `verify${extension}`);
  writeFileSync(file, `${code}\n\n${ending}\n`);
  const { body, headers, secret } = await delivery(await Scene.make());
  const verify = (sent) => pipe([command, file], JSON.stringify({ body: sent, headers }), { env: { ...toolEnv, WEBHOOK_SECRET: secret } });
  const { code: exit, output } = await verify(body);
  assert.equal(exit, 0, output);
  assert.match(output, /goal\.completed/);
  assert.notEqual((await verify(`${body} `)).code, 0, "a changed body has to be refused");
}

async function runJavaScript({ code }, _, ofPage) {
  if (!code.includes("function verify(")) return runBundled(code, ofPage);
  const ending = `const { body, headers } = JSON.parse((await import("node:fs")).readFileSync(0, "utf8"));
console.log(JSON.stringify(verify(body, headers)));`;
  await verifies("node", code, ending, ".mjs");
}

async function runPython({ code }) {
  const ending = `import json, sys
given = json.load(sys.stdin)
print(json.dumps(verify(given["body"], given["headers"])))`;
  await verifies("python3", code, ending, ".py");
}

// ---- Browsers

async function runBundled(code) {
  const { build } = await import("esbuild");
  const scene = await Scene.make();
  const { outputFiles } = await build({
    stdin: { contents: scene.own(code), resolveDir: ROOT },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "error",
  });
  const events = await onWebsite(scene, "<body></body>", { "/bundle.js": outputFiles[0].text, tag: '<script type="module" src="/bundle.js"></script>' });
  assert.ok(events.includes("custom"), `sent: ${events}`);
}

// A page with the first block of HTML on the documentation's page, which is the script's tag, and with this one.
async function runHtml({ code }, _, ofPage) {
  const scene = await Scene.make();
  if (code.includes("<iframe ")) return runFrames(scene, code);
  const tag = ofPage.find(({ language }) => language === "html").code;
  const body = code === tag ? "" : code;
  const events = await onWebsite(scene, scene.own(`<head>${tag}</head><body>${body}</body>`), {});
  assert.ok(events.includes("pageview"), `sent: ${events}`);
  if (body) assert.ok(events.includes("custom"), `sent: ${events}`);
  await eventually(async () => (await scene.gateway.json("GET", `${ADMIN}/websites/${scene.id}/goals`)).status === "success");
}

// Each frame shows the page of the gateway that it names.
async function runFrames(scene, code) {
  await scene.gateway.row("PUT", scene.path, { isPublicDashboardEnabled: true });
  const framed = await framesOf(scene, scene.own(code).replaceAll("WEBSITE_ID", scene.id));
  assert.equal(framed.length, code.match(/<iframe /g).length);
  for (const { path, status, text } of framed) {
    assert.ok(path.includes(scene.id), path);
    assert.equal(status, 200, path);
    assert.notEqual(text, "", path);
  }
}
