// Serves the built Worker (build/) straight on workerd, without wrangler's development proxy: for tests and benchmarks.
//
//   scripts/run node scripts/gateway.mjs [--port 0] [--state DIR] [--main FILE] [--var NAME=value]…
//
// Prints one line, {"url":…,"cron":…,"pids":[…]}, when it answers: its address, the address whose GET runs cron once, and its
// processes in the order in which to kill them (workerd, then this one). It stops on SIGTERM, on SIGINT, or when the pipe on
// its standard input closes, so it never outlives the process that started it. Without --state its data is temporary. --main
// serves another module than wrangler.toml's; the wasm module is in the same folder.
// Programs start it through gateway-process.mjs.

import { existsSync, fstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { localSecrets, NAMES } from "./config.mjs";
import { CRON, fail, migrateCopying, ROOT, workerdOf } from "./lib.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  fail("workerd's launcher needs Node 22.12 or newer: start this with `scripts/run node scripts/gateway.mjs`.");
}
const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    state: { type: "string" },
    main: { type: "string" },
    var: { type: "string", multiple: true, default: [] },
  },
});
if (!existsSync(join(ROOT, "build", "index.js"))) fail("There is no Worker in build/: run `make build` first.");

// wrangler would pass this process's own settings on to the gateway.
for (const name of NAMES) delete process.env[name];
Object.assign(process.env, { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "error" });
const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");

const state = resolve(options.state ?? mkdtempSync(join(tmpdir(), "sluice-gateway-")));
mkdirSync(state, { recursive: true });
await migrateCopying(state);

// Where the payment providers' APIs are, from scripts/with-gateways.mjs.
const settings = { ...JSON.parse(process.env.SLUICE_PROVIDER_BASES ?? "{}"), ...localSecrets(join(state, "secrets")) };
for (const pair of options.var) {
  const at = pair.indexOf("=");
  if (at < 1) fail(`--var takes NAME=value, not ${pair}`);
  settings[pair.slice(0, at)] = pair.slice(at + 1);
}

// Standard output carries one line of JSON and nothing else.
class StandardErrorLog extends Log {
  log(message) {
    console.error(message);
  }

  // Of what Miniflare has merely to mention, a mail is of interest: to whom, and in which files it can be read.
  logWithLevel(level, message) {
    if (message.includes("send_email binding called")) this.log(message);
    else super.logWithLevel(level, message);
  }
}

// The bindings are wrangler.toml's: a second list of them would go stale.
const config = join(ROOT, "wrangler.toml");
const envFiles = [join(state, "secrets")]; // named, or a developer's .dev.vars would be read
const { workerOptions, main: built } = unstable_getMiniflareWorkerOptions(config, undefined, { envFiles });
const main = options.main ? resolve(options.main) : built;
delete workerOptions.modulesRules; // wrangler still hands them out, this Miniflare no longer takes them
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...workerOptions,
    name: "sluice",
    modulesRoot: dirname(main),
    modules: [
      { type: "ESModule", path: main },
      { type: "CompiledWasm", path: join(dirname(main), "index_bg.wasm") },
    ],
    bindings: { ...workerOptions.bindings, ...settings },
    host: "127.0.0.1",
    port: Number(options.port),
    resourcePersistencePath: join(state, "v3"), // where `wrangler --persist-to` keeps it too
    resourceTmpPath: join(state, "tmp"), // mails, until the gateway stops
    unsafeTriggerHandlers: true, // opens /cdn-cgi/local/scheduled
    cf: false,
    log: new StandardErrorLog(LogLevel.WARN),
    handleStructuredLogs: ({ level, message }) => console.error(`[${level}] ${message}`),
  }),
);

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await miniflare.dispose();
  if (!options.state) rmSync(state, { recursive: true, force: true });
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
const input = fstatSync(0, { throwIfNoEntry: false });
if (input?.isFIFO() || input?.isSocket()) process.stdin.on("close", stop).resume();

const url = (await miniflare.ready).origin;
console.log(JSON.stringify({ url, cron: url + CRON, pids: [...workerdOf(process.pid), process.pid] }));
