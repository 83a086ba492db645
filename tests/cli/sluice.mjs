// The command line as the tests call it: in a pipe or on a terminal, with an environment and a home of its own. Everything it
// prints is kept, so that one check can look through all of it for secrets.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib.mjs";

export const BINARY = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "sluice");
export const folder = mkdtempSync(join(tmpdir(), "sluice-cli-"));
export const LINK = join(folder, "datafast");
symlinkSync(BINARY, LINK);

// All that was printed: { args, text }.
export const printed = [];

// A home directory that nothing has been written to.
let homes = 0;
export function home() {
  const path = join(folder, `home-${++homes}`);
  mkdirSync(path);
  return path;
}

const shared = home();
const base = (env) => ({ PATH: process.env.PATH, HOME: shared, TERM: "xterm-256color", LANG: "C.UTF-8", ...env });

// Runs it in pipes: { code, out, err }.
export function pipe(args, { env = {}, input = "", program = BINARY } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: base(env), stdio: ["pipe", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
    child.stdin.on("error", () => {}); // it may end without having read
    child.stdin.end(input);
    child.on("close", (code, signal) => {
      printed.push({ args, text: out + err, err });
      resolve({ code: code ?? signal, out, err });
    });
  });
}

// Runs it on a terminal: { code, out }. Each step is [text to wait for, keys to press].
export function terminal(args, { env = {}, columns = 80, steps = [], seconds = 15, program = BINARY } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn("python3", [join(ROOT, "tests", "cli", "terminal.py")], { stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more) => (text += more));
    const task = { argv: [program, ...args], env: base(env), columns, seconds, steps: steps.map(([wait, send]) => ({ wait, send })) };
    child.stdin.end(JSON.stringify(task));
    child.on("close", () => {
      const { code, output, left } = JSON.parse(text);
      const out = output.replaceAll("\r\n", "\n");
      printed.push({ args, text: out, err: out });
      if (left > 0) reject(new Error(`${args.join(" ")}: was not asked for ${steps.at(-left)[0]}, but printed\n${out}`));
      else resolve({ code, out });
    });
  });
}
