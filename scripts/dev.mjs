// `make dev`: a gateway on this machine, with an account and a website to try it with.
//
// Serves under `wrangler dev` (which rebuilds when src/ is edited) on 127.0.0.1:$PORT, with its data and secrets in $STATE_DIR.
// Any setting of scripts/config.mjs in the environment wins over the state folder's file and over wrangler.toml.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { localSecrets, pick, SETTINGS } from "./config.mjs";
import { anyWebsite, call, createAccount, fail, migrate, portIsFree, ROOT, run, sleep, toolEnv } from "./lib.mjs";

const port = Number(process.env.PORT || 8787);
if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`PORT is ${process.env.PORT}, which is not a port number.`);
const url = `http://127.0.0.1:${port}`;
const state = resolve(ROOT, process.env.STATE_DIR || ".state");
const shownState = relative(process.cwd(), state).startsWith("..") ? state : relative(process.cwd(), state) || ".";

if (!(await portIsFree(port))) fail(`Port ${port} is taken by another program. Choose one with: PORT=8788 make dev`);
await refuseSharedState();

const settings = { ENVIRONMENT: "development", ...localSecrets(join(state, "secrets")), ...pick(process.env) };
const buildEnv = { ...toolEnv, SLUICE_QUICK: "1" };
const [build] = await Promise.all([run(["scripts/build-worker"], { env: buildEnv, stdio: ["ignore", "inherit", "inherit"] }), migrate(state)]);
if (build.code !== 0) fail("The Worker does not build; see above.");

const wrangler = startWrangler();
wrangler.on("exit", (code) => stop(`wrangler dev stopped by itself (exit code ${code}).`));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop());
stopWithMake();

writeFileSync(join(state, "running.json"), JSON.stringify({ pid: process.pid, url }));
await answering();
try {
  const token = await workingToken();
  const website = await anyWebsite(url, token);
  console.log(`
Sluice is listening on ${url} (data and secrets in ${shownState}), and its cron runs every minute. Ctrl-C stops it.

SLUICE_URL=${url}
SLUICE_TOKEN=${token}
SLUICE_WEBSITE=${website}

curl -H "Authorization: Bearer ${token}" ${url}/api/v1/admin/account
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
  for (const name of SETTINGS) if (settings[name]) args.push("--var", `${name}:${settings[name]}`);

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

// A make that was killed cannot tell us; we find that we have another parent.
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

// The token of last time while it works, else a new account's: a revoked token must not lock a developer out.
async function workingToken() {
  const file = join(state, "token");
  if (existsSync(file)) {
    const token = readFileSync(file, "utf8").trim();
    const { status, text } = await call(url, "GET", "/api/v1/admin/account", token);
    if (status === 200 || status === 429) return token;
    if (status !== 401 && status !== 403) throw new Error(`GET /api/v1/admin/account answered ${status}: ${text}`);
  }
  const account = (email) => createAccount(url, settings.SETUP_SECRET, email);
  const spare = `dev-${Math.floor(Date.now() / 1000)}@example.com`;
  const token = await account("dev@example.com").catch(() => account(spare));
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

// `wrangler dev` fires no cron by itself.
async function runCron() {
  for (;;) {
    await sleep(60_000 - (Date.now() % 60_000));
    const { status, text } = await call(url, "GET", "/cdn-cgi/local/scheduled?cron=*+*+*+*+*", "");
    if (status !== 200) console.error(`The minute's cron run answered ${status}: ${text}`);
  }
}
