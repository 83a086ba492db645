// Shared by the benchmarks: Workers to measure, what their processes take, figures, and tables.

import { execFileSync, fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT, workerdOf } from "../scripts/lib.mjs";
import { Gateway, OwnGateway } from "../tests/harness/gateway.mjs";
import { start } from "./workers.mjs";

export const BUILT = { main: join(ROOT, "build", "index.js"), wasm: join(ROOT, "build", "index_bg.wasm") };
export const ROOMY = "100000000"; // no limit gets in the way

export const list = (text) => text.split(",").filter(Boolean);

// ---- Servers

// A folder in memory where that can be had: a disk that others write to makes more noise than the gateway.
export function scratch(name) {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `sluice-${name}-`));
}

// The gateway as scripts/gateway.mjs serves it, in a process of its own and with an account: { name, url, pid, state, stop }.
export function serveGateway({ state, vars }) {
  mkdirSync(state, { recursive: true });
  return Object.assign(new OwnGateway({ state, settings: vars }), { name: "gateway" }).start();
}

// Any Worker, in this process with a workerd of its own, the same way; `worker` is what `start` takes.
export async function serveWorker({ name, state, ...worker }) {
  mkdirSync(state, { recursive: true });
  const before = new Set(workerdOf(process.pid));
  const miniflare = start({ state, ...worker });
  const url = (await miniflare.ready).origin;
  const pid = workerdOf(process.pid).find((pid) => !before.has(pid));
  return new Gateway({ name, url, pid, state, miniflare, stop: () => miniflare.dispose() });
}

// A module of this folder in a process of its own, which ends when the connection to this one does.
export function forkHere(name, options = {}) {
  const child = fork(join(ROOT, "bench", name), { serialization: "advanced", ...options });
  return { child, stop: () => child.kill("SIGTERM") };
}

// ---- Processes

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

// What is measured: the size shows a build without optimisation.
export function build() {
  const fingerprint = join(ROOT, "build", ".fingerprint");
  const text = existsSync(fingerprint) ? readFileSync(fingerprint, "utf8").trim() : undefined;
  return { wasmMiB: round(statSync(BUILT.wasm).size / 2 ** 20, 2), fingerprint: text };
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

// ---- Output

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
