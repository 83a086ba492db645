// Runs a block of shell as a reader would paste it, with every curl in it watched: what it was answered, and with which status.

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolEnv } from "../../scripts/lib.mjs";

const PATIENCE_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), "sluice-docs-"));
const curl = join(folder, "curl");
writeFileSync(
  curl,
  `#!/usr/bin/env bash
call=$CALLS/$(find "$CALLS" -name '*.head' | wc -l)
PATH=\${PATH#*:} curl -sS --dump-header "$call.head" "$@" | tee "$call.body"
exit "\${PIPESTATUS[0]}"
`,
);
chmodSync(curl, 0o755);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// Runs a program on a text: { code, output }.
export function pipe([program, ...args], input, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], timeout: PATIENCE_MS, ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (output += part));
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
    child.stdin.on("error", () => {}); // it ended before it had read everything
    child.stdin.end(input);
  });
}

// { code, output, calls: [{ status, body }] }
export async function shell(text, variables) {
  const own = mkdtempSync(join(folder, "run-"));
  const calls = join(own, "calls");
  mkdirSync(calls);
  const env = { ...toolEnv, ...variables, CALLS: calls, PATH: `${folder}:${toolEnv.PATH}` };
  const { code, output } = await pipe(["bash", "-eu", "-o", "pipefail"], text, { cwd: own, env });
  const answers = [];
  for (let index = 0; existsSync(join(calls, `${index}.head`)); index++) {
    const heads = readFileSync(join(calls, `${index}.head`), "utf8");
    const body = readFileSync(join(calls, `${index}.body`), "utf8");
    const status = Number([...heads.matchAll(/^HTTP\/\S+ (\d+)/gm)].at(-1)?.[1]);
    answers.push({ status, body: body.startsWith("HTTP/") ? body.slice(body.indexOf("\r\n\r\n") + 4) : body });
  }
  return { code, output, calls: answers };
}
