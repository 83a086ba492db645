// Runs a command against two fresh gateways and takes them down again: `node scripts/with-gateways.mjs -- cargo test --test gateway`.
//
// The command finds in its environment
//   SLUICE_URL             a roomy gateway: no limit gets in a test's way
//   SLUICE_STRICT_URL      one as deployed: wrangler.toml's own values
//   SLUICE_SETUP_SECRET    the set-up secret of both
//   SLUICE_ENCRYPTION_KEYS the encryption keys of both
//   SLUICE_STAND_IN        the hosts of the stand-in of the payment providers, which both ask: JSON, an address by provider's name
// What the gateways logged is shown when the command fails, or always with SLUICE_LOGS=1.

import { spawn } from "node:child_process";
import { SECRETS } from "./config.mjs";
import { GatewayProcess } from "./gateway-process.mjs";
import { fail, toolEnv } from "./lib.mjs";
import { StandIn } from "../tests/providers/stand-in/index.mjs";

const command = process.argv.slice(process.argv.indexOf("--") + 1);
if (!process.argv.includes("--") || command.length === 0) fail("usage: node scripts/with-gateways.mjs -- command…");

const roomy = {
  ENVIRONMENT: "development",
  RATE_LIMIT_PER_MINUTE: "1000000",
  CONSOLE_REQUESTS_PER_MINUTE: "1000000",
  MAX_WEBSITES: "1000000",
  MAX_FUNNELS: "1000000",
  INVITATIONS_PER_DAY: "1000000",
};
const secrets = Object.fromEntries(Object.entries(SECRETS).map(([name, make]) => [name, make()]));
const logs = [];
const gateways = [];
let child;
let standIn;

async function start(name, settings) {
  const log = (text) => logs.push(text.replace(/^(?=.)/gm, `[${name}] `));
  const gateway = await GatewayProcess.start({ settings: { ...secrets, ...settings }, log });
  gateways.push(gateway);
  return gateway.url;
}

async function stopAll() {
  if (child?.exitCode === null) child.kill("SIGTERM");
  await Promise.all(gateways.filter((gateway) => gateway.isRunning).map((gateway) => gateway.stop()));
  await standIn?.stop();
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => stopAll().then(() => process.exit(1)));
}

let code = 1;
try {
  standIn = await StandIn.start({ secure: true });
  // For every gateway that is started from here, by whomever.
  Object.assign(toolEnv, standIn.environment());
  const [url, strictUrl] = await Promise.all([start("roomy", roomy), start("strict", {})]);
  const given = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`SLUICE_${name}`, value]));
  const env = { ...toolEnv, SLUICE_URL: url, SLUICE_STRICT_URL: strictUrl, SLUICE_STAND_IN: JSON.stringify(standIn.urls), ...given };
  code = await new Promise((resolve) => {
    child = spawn(command[0], command.slice(1), { env, stdio: "inherit" });
    child.on("error", (error) => resolve(console.error(error.message) ?? 127));
    child.on("exit", (code) => resolve(code ?? 1));
  });
} catch (error) {
  console.error(error.message);
}
await stopAll();
if (code !== 0 || process.env.SLUICE_LOGS) process.stderr.write(logs.join(""));
process.exit(code);
