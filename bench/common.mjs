// What the benchmarks share: Workers to measure and what their processes take, figures, and how they are told.

import { execFileSync, fork, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { call, ROOT, toolEnv } from "../scripts/lib.mjs";
import { start } from "./workers.mjs";

export const BUILT = { main: join(ROOT, "build", "index.js"), wasm: join(ROOT, "build", "index_bg.wasm") };
export const ROOMY = "100000000"; // no limit gets in the way

export const list = (text) => text.split(",").filter(Boolean);

// ---- Servers

// A folder in memory where that can be had: a disk that others write to makes more noise than the gateway.
export function scratch(name) {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `sluice-${name}-`));
}

// The gateway as scripts/gateway.mjs serves it, in a process of its own: { name, url, pid, state, stop }. It also stops when
// this process is gone.
export async function serveGateway({ state, vars }) {
  mkdirSync(state, { recursive: true });
  const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
  const child = spawn("node", [join(ROOT, "scripts", "gateway.mjs"), "--state", state, ...args], {
    env: toolEnv,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const gateway = { name: "gateway", state, stop: () => (child.kill("SIGTERM"), gone) };
  gateway.url = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the gateway stopped with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line).url));
  });
  gateway.pid = workerdOf(child.pid)[0];
  return gateway;
}

// Any Worker, in this process with a workerd of its own, the same way; `worker` is what `start` takes.
export async function serveWorker({ name, state, ...worker }) {
  mkdirSync(state, { recursive: true });
  const before = new Set(workerdOf(process.pid));
  const miniflare = start({ state, ...worker });
  const url = (await miniflare.ready).origin;
  const pid = workerdOf(process.pid).find((pid) => !before.has(pid));
  return { name, url, pid, state, miniflare, stop: () => miniflare.dispose() };
}

// A module of this folder in a process of its own, which ends when the connection to this one does.
export function forkHere(name, options = {}) {
  const child = fork(join(ROOT, "bench", name), { serialization: "advanced", ...options });
  return { child, stop: () => child.kill("SIGTERM") };
}

// A call that has to succeed; the answer's JSON.
export async function must({ url, token }, method, path, body) {
  const answer = await call(url, method, path, token, body);
  if (answer.status !== 200) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}

export async function makeWebsite(gateway, domain) {
  const { data } = await must(gateway, "POST", "/api/v1/admin/websites", { domain, timezone: "UTC", name: "Bench" });
  return { id: data[0].websiteId, trackingId: data[0].trackingId, domain };
}

// ---- Processes

export function workerdOf(parent) {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const processes = lines.map((line) => line.trim().split(/\s+/));
  return processes.filter(([, ppid, name]) => Number(ppid) === parent && name.includes("workerd")).map(([pid]) => Number(pid));
}

export function residentMiB(pid) {
  return round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024, 1);
}

// Processor time that a process has taken so far. Where there is no /proc, that stays unknown.
export function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

export function machine() {
  return {
    cpus: cpus().length,
    model: cpus()[0].model,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    loadAverage: loadavg(),
  };
}

// What is measured: a build without optimisation is told by its size.
export function build() {
  const fingerprint = join(ROOT, "build", ".fingerprint");
  const told = existsSync(fingerprint) ? readFileSync(fingerprint, "utf8").trim() : undefined;
  return { wasmMiB: round(statSync(BUILT.wasm).size / 2 ** 20, 2), fingerprint: told };
}

export function commit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: ROOT, encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

// ---- Figures

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function round(value, digits) {
  return Number(value.toFixed(digits));
}

// ---- Telling

export function note(text) {
  console.error(`▸ ${text}`);
}

export function noteConditions() {
  note(`${cpus().length} × ${cpus()[0].model}, load average ${loadavg()[0].toFixed(2)} before the run`);
  const { wasmMiB, fingerprint } = build();
  note(`build/ has ${wasmMiB} MiB of wasm (${fingerprint})`);
}

// A Markdown table; the columns `left` hold words.
export function table(head, rows, left = [0]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => String(row[column]).length)));
  const line = widths.map((width, column) => (left.includes(column) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  for (const row of [head, line, ...rows]) {
    const cell = (text, column) => String(text)[left.includes(column) ? "padEnd" : "padStart"](widths[column]);
    console.log(`| ${row.map(cell).join(" | ")} |`);
  }
}
