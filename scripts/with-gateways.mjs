// Runs a command against two fresh gateways and takes them down again: `node scripts/with-gateways.mjs -- cargo test --test gateway`.
//
// The command finds in its environment
//   SLUICE_URL             a roomy gateway: no limit gets in a test's way
//   SLUICE_STRICT_URL      one as deployed: wrangler.toml's own values
//   SLUICE_SETUP_SECRET    the set-up secret of both
//   SLUICE_ENCRYPTION_KEYS the encryption keys of both
// What the gateways logged is shown when the command fails, or always with SLUICE_LOGS=1.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SECRETS } from "./config.mjs";
import { fail, ROOT, toolEnv } from "./lib.mjs";

const command = process.argv.slice(process.argv.indexOf("--") + 1);
if (!process.argv.includes("--") || command.length === 0) fail("usage: node scripts/with-gateways.mjs -- command…");

const roomy = { ENVIRONMENT: "development", RATE_LIMIT_PER_MINUTE: "1000000" };
const secrets = Object.fromEntries(Object.entries(SECRETS).map(([name, make]) => [name, make()]));
const folder = mkdtempSync(join(tmpdir(), "sluice-gateways-"));
const children = [];
const logs = [];

function start(name, settings) {
  const vars = Object.entries({ ...secrets, ...settings }).flatMap(([key, value]) => ["--var", `${key}=${value}`]);
  const args = [join(ROOT, "scripts", "gateway.mjs"), "--state", join(folder, name), ...vars];
  // A pipe on its standard input: the gateway stops when this process is gone, however it went.
  const child = spawn("node", args, { env: toolEnv, stdio: ["pipe", "pipe", "pipe"] });
  children.push(child);
  child.stderr.setEncoding("utf8").on("data", (text) => logs.push(text.replace(/^(?=.)/gm, `[${name}] `)));
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the ${name} gateway stopped with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line).url));
  });
}

async function stopAll() {
  const alive = children.filter((child) => child.exitCode === null && child.signalCode === null);
  const gone = alive.map((child) => new Promise((resolve) => child.on("exit", resolve)));
  for (const child of alive) child.kill("SIGTERM");
  const tooLong = setTimeout(() => alive.forEach((child) => child.kill("SIGKILL")), 5_000);
  await Promise.all(gone);
  clearTimeout(tooLong);
  rmSync(folder, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => stopAll().then(() => process.exit(1)));
}

let code = 1;
try {
  const [url, strictUrl] = await Promise.all([start("roomy", roomy), start("strict", {})]);
  const told = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`SLUICE_${name}`, value]));
  const env = { ...toolEnv, SLUICE_URL: url, SLUICE_STRICT_URL: strictUrl, ...told };
  code = await new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { env, stdio: "inherit" });
    child.on("error", (error) => resolve(console.error(error.message) ?? 127));
    child.on("exit", (code) => resolve(code ?? 1));
    children.push(child); // ends with the gateways, should a signal stop us early
  });
} catch (error) {
  console.error(error.message);
}
await stopAll();
if (code !== 0 || process.env.SLUICE_LOGS) process.stderr.write(logs.join(""));
process.exit(code);
