// What the scripts share: where things are, running programs so that nothing stays behind, and a gateway's first account.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

// The environment of programs started from here: the project's own Node and wrangler first, and no wrangler phoning home.
export const toolEnv = {
  ...process.env,
  PATH: [join(ROOT, "node_modules", ".bin"), process.env.PATH].join(delimiter),
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function fail(message) {
  console.error(message);
  process.exit(1);
}

// Runs a program to its end; answers its exit code and what it printed. `quiet` keeps that from the terminal.
export function run([program, ...args], { quiet = false, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env: toolEnv, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout?.setEncoding("utf8").on("data", take(process.stdout));
    child.stderr?.setEncoding("utf8").on("data", take(process.stderr));
    child.on("error", (error) => resolve({ code: 127, output: `${program}: ${error.message}\n` }));
    child.on("close", (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal], output }));
  });
}

// Brings the local D1 database under `state` up to date, through wrangler, as in production.
export async function migrate(state) {
  const { code, output } = await run(["wrangler", "d1", "migrations", "apply", "DB", "--local", "--persist-to", state], {
    quiet: true,
    env: { ...toolEnv, CI: "true" }, // it asks for a confirmation otherwise
  });
  if (code !== 0) fail(`${output}\nThe D1 migrations could not be applied.`);
}

// The same for a gateway that tests or benchmarks start, without running wrangler, which takes longer than all the rest of a
// start: a new state is a copy of one that wrangler has migrated, and a state that has been migrated so far is left alone.
export async function migrateCopying(state) {
  const files = [join(ROOT, "wrangler.toml"), join(ROOT, "package-lock.json"), ...listed(join(ROOT, "migrations"))];
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.slice(ROOT.length)}\0`).update(readFileSync(file)).update("\0");
  const version = hash.digest("hex").slice(0, 16);
  const [stamp, database] = [join(state, "migrated"), join(state, "v3", "d1")];
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;
  if (existsSync(database)) {
    await migrate(state);
  } else {
    const template = join(ROOT, "target", `migrated-${version}`);
    if (!existsSync(template)) {
      mkdirSync(join(ROOT, "target"), { recursive: true });
      const fresh = mkdtempSync(`${template}-`);
      await migrate(fresh);
      try {
        renameSync(join(fresh, "v3", "d1"), template);
      } catch (error) {
        if (!existsSync(template)) throw error; // another gateway was faster
      }
      rmSync(fresh, { recursive: true, force: true });
    }
    cpSync(template, database, { recursive: true });
  }
  writeFileSync(stamp, version);
}

const listed = (folder) => readdirSync(folder).sort().map((name) => join(folder, name));

export function portIsFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1" }, () => probe.close(() => resolve(true)));
  });
}

// The process ids of the workerds that `parent` has started.
export function workerdOf(parent) {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const processes = lines.map((line) => line.trim().split(/\s+/));
  return processes.filter(([, ppid, name]) => Number(ppid) === parent && name.includes("workerd")).map(([pid]) => Number(pid));
}

// Where a local gateway takes a GET that runs cron once.
export const CRON = "/cdn-cgi/local/scheduled?cron=*+*+*+*+*";

// One call of a gateway: a body that is not text is sent as JSON. Never throws: a gateway that cannot be reached answers
// status 0.
export async function call(url, method, path, bearer, body, headers) {
  const isText = typeof body === "string";
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body && !isText && { "content-type": "application/json" }),
        ...headers,
      },
      body: isText ? body : body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {}
    return { status: response.status, headers: response.headers, text, json, data: json?.data };
  } catch (error) {
    return { status: 0, text: String(error.cause ?? error) };
  }
}

// Makes an account with the set-up secret and answers its token.
export async function createAccount(url, setupSecret, email) {
  const answer = await call(url, "POST", "/api/v1/setup", setupSecret, { email, name: "Developer" });
  const token = answer.data?.[0]?.key;
  if (!token) throw new Error(`POST /api/v1/setup answered ${answer.status}: ${answer.text}`);
  return token;
}

// An address that signs in to the console as the account with this e-mail address.
export async function signInAddress(url, setupSecret, email) {
  const answer = await call(url, "POST", "/api/v1/console/tickets", setupSecret, { email });
  const address = answer.data?.[0]?.url;
  if (!address) throw new Error(answer.json?.error?.message ?? `POST /api/v1/console/tickets answered ${answer.status}: ${answer.text}`);
  return address;
}

// The id of the token's first website, made when there is none.
export async function anyWebsite(url, token) {
  const list = await call(url, "GET", "/api/v1/admin/websites", token);
  if (list.data?.[0]) return list.data[0].id;
  const body = { domain: "example.com", timezone: "UTC", name: "Example" };
  const made = await call(url, "POST", "/api/v1/admin/websites", token, body);
  const id = made.data?.[0]?.websiteId;
  if (!id) throw new Error(`POST /api/v1/admin/websites answered ${made.status}: ${made.text}`);
  return id;
}
