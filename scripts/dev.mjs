// `make dev`: a gateway on this machine, with an account and a website to try it with.
//
// Serves under `wrangler dev` (which rebuilds when src/ is edited; the console is rebuilt from here) on 127.0.0.1:$PORT, with its data and secrets in $STATE_DIR.
// Any setting of scripts/config.mjs in the environment wins over the state folder's file and over wrangler.toml.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { watch } from "../console/build.mjs";
import { localSecrets, OPTIONAL_SECRETS, pick, SETTINGS } from "./config.mjs";
import { anyWebsite, call, createAccount, CRON, fail, migrate, portIsFree, ROOT, run, signInAddress, sleep, toolEnv } from "./lib.mjs";

const port = Number(process.env.PORT || 8787);
if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`PORT is ${process.env.PORT}, which is not a port number.`);
const url = `http://127.0.0.1:${port}`;
const state = resolve(ROOT, process.env.STATE_DIR || ".state");
const shownState = relative(process.cwd(), state).startsWith("..") ? state : relative(process.cwd(), state) || ".";

if (!(await portIsFree(port))) fail(`Port ${port} is taken by another program. Choose one with: PORT=8788 make dev`);
await refuseSharedState();

// Development needs nothing from the network: the built-in exchange rates are enough. Mails that cron sends need an address for
// their links.
const settings = { ENVIRONMENT: "development", EXCHANGE_RATES_URL: "none", PUBLIC_URL: url, ...localSecrets(join(state, "secrets")), ...pick(process.env) };
const buildEnv = { ...toolEnv, SLUICE_QUICK: "1" };
const [build] = await Promise.all([run(["scripts/build-worker"], { env: buildEnv, stdio: ["ignore", "inherit", "inherit"] }), migrate(state)]);
if (build.code !== 0) fail("The Worker does not build; see above.");

await watch((problem) => console.error(problem ?? "The console was built anew."));
const wrangler = startWrangler();
wrangler.on("exit", (code) => stop(`wrangler dev stopped by itself (exit code ${code}).`));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop());
stopWithMake();

writeFileSync(join(state, "running.json"), JSON.stringify({ pid: process.pid, url }));
await answering();
try {
  const { printed, own } = await workingTokens();
  const signedIn = await consoleAddress(own);
  const website = await anyWebsite(url, own);
  console.log(`Console   ${signedIn}   (opens as Developer; works until it stops)
Docs      ${url}/docs

Sluice is listening on ${url} (data and secrets in ${shownState}), and its cron runs every minute. Ctrl-C stops it.

SLUICE_URL=${url}
SLUICE_TOKEN=${printed}
SLUICE_WEBSITE=${website}

curl -H "Authorization: Bearer ${printed}" ${url}/api/v1/admin/account
`);
} catch (error) {
  await stop(`The first account could not be made. ${error.message}`);
}
runCron();

// Two servers on one state folder would write to one SQLite file from two processes.
async function refuseSharedState() {
  const file = join(state, "running.json");
  if (!existsSync(file)) return;
  const other = JSON.parse(readFileSync(file, "utf8"));
  try {
    process.kill(other.pid, 0);
  } catch {
    return; // it is gone, and did not get to clean up
  }
  const { status } = await call(other.url, "GET", "/", "");
  if (status !== 0) fail(`${shownState} is in use by the gateway on ${other.url}. Choose another with: STATE_DIR=.state2 make dev`);
}

function startWrangler() {
  const args = ["dev", "--local", "--ip", "127.0.0.1", "--port", String(port), "--persist-to", state];
  // Port 0 lets the system pick: a second gateway would collide on the inspector's usual one.
  args.push("--inspector-port", "0", "--show-interactive-dev-session=false");
  args.push("--env-file", join(state, "secrets"));
  // Of secrets, wrangler takes only the required ones from its environment; the others have to be named here.
  for (const name of [...SETTINGS, ...OPTIONAL_SECRETS]) if (settings[name]) args.push("--var", `${name}:${settings[name]}`);

  const child = spawn("wrangler", args, {
    cwd: ROOT,
    // wrangler takes required secrets from its environment, where other users of the machine cannot read them.
    // Its registry of running Workers is one per machine; ours must not find each other there.
    env: { ...buildEnv, ...settings, WRANGLER_REGISTRY_PATH: join(state, "registry"), SLUICE_KEEP_SERVING: "1" },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true, // a process group of its own: stopping it reaches workerd, esbuild and a build under way
  });
  child.on("error", (error) => stop(`wrangler could not be started: ${error.message}`));

  // Should this process be killed outright, the pipe closes and the shell ends the group in its stead.
  const leash = `read -r line; kill -TERM -${child.pid} && sleep 3 && kill -KILL -${child.pid}`;
  spawn("sh", ["-c", leash], { stdio: ["pipe", "ignore", "ignore"], detached: true }).unref();
  return child;
}

let stopping;
function stop(problem) {
  stopping ??= (async () => {
    signalGroup("SIGTERM");
    for (const end = Date.now() + 5_000; Date.now() < end && signalGroup(0); ) await sleep(50);
    signalGroup("SIGKILL");
    rmSync(join(state, "running.json"), { force: true });
    if (problem) console.error(problem);
    process.exit(problem ? 1 : 0);
  })();
  return stopping;
}

function signalGroup(signal) {
  try {
    return process.kill(-wrangler.pid, signal);
  } catch {
    return false; // nothing is left in the group
  }
}

// A killed make cannot notify this process, which notices that its parent has changed.
function stopWithMake() {
  const parent = process.ppid;
  if (process.env.MAKELEVEL) setInterval(() => process.ppid !== parent && stop(), 500).unref();
}

async function answering() {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200)) {
    if ((await call(url, "GET", "/", "")).status !== 0) return;
  }
  await stop(`Nothing answered on ${url} within two minutes.`);
}

// The token to print, and one for this script's own calls, which must not use up the rate limit of the printed one.
// A stored pair is used if it still works; otherwise a new account is created.
async function workingTokens() {
  const file = join(state, "tokens.json");
  if (existsSync(file)) {
    const { printed, own } = JSON.parse(readFileSync(file, "utf8"));
    const list = await call(url, "GET", "/api/v1/admin/access-tokens", own);
    const shown = `${printed.slice(0, 7)}...${printed.slice(-4)}`;
    if (list.data?.some((token) => token.displayKey === shown)) return { printed, own };
    // Its own token may be revoked while the printed one still works.
    if ((await call(url, "GET", "/api/v1/admin/account", printed)).status === 200) return { printed, own: printed };
  }
  const account = (email) => createAccount(url, settings.SETUP_SECRET, email);
  const spare = `dev-${Math.floor(Date.now() / 1000)}@example.com`;
  const own = await account("dev@example.com").catch(() => account(spare));
  const minted = await call(url, "POST", "/api/v1/admin/access-tokens", own, { name: "make dev" });
  const printed = minted.data?.[0]?.key;
  if (!printed) throw new Error(`POST /api/v1/admin/access-tokens answered ${minted.status}: ${minted.text}`);
  writeFileSync(file, `${JSON.stringify({ printed, own })}\n`, { mode: 0o600 });
  return { printed, own };
}

// The address that opens the console, signed in as the account of the token.
async function consoleAddress(token) {
  const account = await call(url, "GET", "/api/v1/admin/account", token);
  return signInAddress(url, settings.SETUP_SECRET, account.data?.[0]?.email);
}

// `wrangler dev` fires no cron by itself.
async function runCron() {
  for (;;) {
    await sleep(60_000 - (Date.now() % 60_000));
    const { status, text } = await call(url, "GET", CRON, "");
    if (status !== 200) console.error(`The minute's cron run answered ${status}: ${text}`);
  }
}
