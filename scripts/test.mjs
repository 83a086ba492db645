// `make test`: every test there is, cheap ones first, and how many passed. `make test ONLY=gateway` runs the steps so named.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run } from "./lib.mjs";

const WASM = "wasm32-unknown-unknown";
const GATEWAYS = ["node", "scripts/with-gateways.mjs", "--"];

// A step without `count` is no test: it counts only when it fails, as one failure. `prepare` compiles what `command` runs:
// the wasm runner does not know the --quiet that cargo hands on, and idle gateways need not wait for a compiler.
const steps = [
  { name: "citation, layer and page tests", command: ["node", "--test", "--test-reporter=tap", "scripts/citations.test.mjs", "scripts/layers.test.mjs", "scripts/secrets.test.mjs", "scripts/migrations.test.mjs", "console/docs/markdown.test.mjs"], quiet: true, count: tap },
  { name: "statement tests", command: ["node", "--test", "--test-reporter=tap", "tests/bindings.test.mjs"], quiet: true, count: tap },
  { name: "console unit tests", command: ["node", "--test", "--test-reporter=tap", "console/**/*.test.ts"], quiet: true, count: tap },
  {
    name: "wasm unit tests",
    prepare: ["cargo", "test", "--quiet", "--no-run", "--target", WASM, "--test", "platform_wasm"],
    command: ["cargo", "test", "--target", WASM, "--test", "platform_wasm"],
    count: libtest,
  },
  // The last tests and the linker each leave a core idle.
  {
    sideBySide: [
      {
        name: "native unit tests",
        prepare: ["cargo", "test", "--quiet", "--no-run", "--workspace", "--lib", "--bin", "sluice"],
        command: ["cargo", "test", "--quiet", "--workspace", "--lib", "--bin", "sluice"],
        count: libtest,
      },
      { name: "release bundle", command: ["scripts/build-worker"] },
    ],
  },
  { name: "package", command: ["wrangler", "deploy", "--dry-run", "--outdir", "target/package"], quiet: true },
  { name: "size of the package", command: ["node", "scripts/package-size.mjs"] },
  {
    name: "gateway tests",
    prepare: ["cargo", "test", "--quiet", "--no-run", "--test", "gateway"],
    // More threads than cores: at times ten tests wait for a lease, a cooldown, a minute or a retry to be over.
    command: [...GATEWAYS, "cargo", "test", "--quiet", "--test", "gateway", "--", "--test-threads=12"],
    count: libtest,
  },
  { name: "crawler tests", command: [...GATEWAYS, "node", "tests/crawlers/run.mjs"], count: plain },
  { name: "export tests", command: [...GATEWAYS, "node", "tests/exports/run.mjs"], count: plain },
  { name: "MCP client tests", command: [...GATEWAYS, "node", "tests/mcp/run.mjs"], count: plain },
  { name: "field client tests", command: [...GATEWAYS, "node", "tests/field/run.mjs"], count: plain },
  { name: "moving tests", command: [...GATEWAYS, "node", "tests/moving/run.mjs"], count: plain },
  {
    name: "command line tests",
    prepare: ["cargo", "build", "--quiet", "--package", "sluice-cli"],
    command: [...GATEWAYS, "node", "tests/cli/run.mjs"],
    count: plain,
  },
  { name: "panic tests", command: ["node", "tests/panics/run.mjs"], count: plain },
  { name: "provider SDK tests", command: ["node", "tests/providers/sdks.mjs"], count: plain },
  // Deliveries mostly wait, and so do browsers.
  {
    sideBySide: [
      { name: "delivery tests", command: ["node", "tests/deliveries/run.mjs"], count: plain },
      { name: "browser tests", command: [...GATEWAYS, "node", "tests/browser/run.mjs"], count: plain },
    ],
  },
  { name: "console tests", command: [...GATEWAYS, "node", "tests/console/run.mjs"], count: plain },
  { name: "documentation tests", command: [...GATEWAYS, "node", "tests/docs/run.mjs"], count: plain },
  { name: "recorded examples", command: [...GATEWAYS, "node", "openapi/record.mjs", "--check"], count: plain },
  // One of them asks, the other mostly waits.
  {
    sideBySide: [
      { name: "API description", command: [...GATEWAYS, "node", "scripts/schemathesis.mjs"], count: junit },
      { name: "provider case tests", command: ["node", "tests/providers/cases.mjs"], count: plain },
    ],
  },
];

// cargo test and wasm-bindgen's runner both close with "test result: ok. 12 passed; 0 failed; …".
function libtest(output) {
  const results = [...output.matchAll(/^test result: .*?(\d+) passed; (\d+) failed/gm)];
  const sum = (group) => results.reduce((total, result) => total + Number(result[group]), 0);
  return { passed: sum(1), failed: sum(2) };
}

function tap(output) {
  const count = (name) => Number(output.match(new RegExp(`^# ${name} (\\d+)$`, "m"))?.[1] ?? 0);
  return { passed: count("pass"), failed: count("fail") };
}

// Our own programs close with "12 passed, 0 failed".
function plain(output) {
  const [, passed, failed] = output.match(/^(\d+) passed, (\d+) failed$/m) ?? [0, 0, 0];
  return { passed: Number(passed), failed: Number(failed) };
}

// The lines that name what failed, in whatever the runners print.
const FAULT = /^(not ok|FAILED)\b|--- FAILED$|^test .* FAILED$|panicked at|^error\b|Error\b.*: /;

function junit() {
  const file = join(ROOT, "target", "schemathesis", "junit.xml");
  const attribute = (name) => Number(existsSync(file) && readFileSync(file, "utf8").match(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`))?.[1]);
  const failed = attribute("failures") + attribute("errors");
  return { passed: attribute("tests") - failed, failed };
}

const total = { passed: 0, failed: 0 };
const faults = [];
const flaky = [];

// Runs a step. The output of steps that run side by side is printed when each has ended.
async function take({ name, prepare, command, count, quiet }, isAlone) {
  if (isAlone) console.log(`\n▸ ${name}`);
  const started = Date.now();
  const prepared = prepare ? await run(prepare) : { code: 0 };
  const { code, output } = prepared.code === 0 ? await run(command, { quiet: quiet || !isAlone }) : prepared;
  const { passed, failed } = count ? count(output) : { passed: 0, failed: 0 };
  if (!isAlone) console.log(`\n▸ ${name}\n${output.trimEnd()}`);
  else if (quiet && code !== 0) console.log(output);
  // A runner that ran nothing, or that fell over before its tests did, has not passed.
  const broken = failed === 0 && (code !== 0 || (count && passed === 0));
  total.passed += passed;
  total.failed += failed + (broken ? 1 : 0);
  flaky.push(...output.split("\n").filter((line) => line.startsWith("flaky ")));
  if (failed > 0 || broken) faults.push(`${name}:`, ...output.split("\n").filter((line) => FAULT.test(line)).slice(0, 20));
  const outcome = broken ? `did not run (exit code ${code})` : count ? `${passed} passed, ${failed} failed` : "ok";
  console.log(`  ${name}: ${outcome}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

const isWanted = ({ name }) => !process.env.ONLY || name.includes(process.env.ONLY);
for (const step of steps) {
  const chosen = (step.sideBySide ?? [step]).filter(isWanted);
  await Promise.all(chosen.map((one) => take(one, chosen.length === 1)));
}

if (flaky.length > 0) console.log(`\nWhat passed only when it was tried again:\n  ${flaky.join("\n  ")}`);
if (faults.length > 0) console.log(`\nWhat failed:\n  ${faults.join("\n  ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
