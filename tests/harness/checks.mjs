// Runs checks one by one or side by side, waits for what has to happen, and counts what passed.

import { sleep } from "../../scripts/lib.mjs";

const PATIENCE_MS = 40_000; // what has to happen at some time happens within this

// Asks until the answer is neither an error nor `undefined` nor `false`, and returns it.
export async function eventually(ask, patience = PATIENCE_MS, pause = 50) {
  for (const deadline = Date.now() + patience; ; await sleep(pause)) {
    const isLast = Date.now() > deadline;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (isLast) throw new Error(`not within ${patience / 1000} s: ${ask}`);
    } catch (error) {
      if (isLast) throw error;
    }
  }
}

// Runs the tasks, `most` of them at a time.
export async function together(tasks, most = 8) {
  const answers = [];
  const waiting = [...tasks.entries()];
  const work = async () => {
    for (let next; (next = waiting.shift()); ) answers[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: most }, work));
  return answers;
}

const counts = { passed: 0, failed: 0 };
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));

// Whether a check is to run: without arguments all do, otherwise those whose name contains one of the arguments.
export const isWanted = (name) => wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part.toLowerCase()));

// Runs one check; the text it returns is printed after its name. A check with `attempts` left is begun anew when it fails: it
// must make all it needs itself. One that passes later is printed as flaky, so that nobody overlooks it.
export async function check(name, body, { attempts = 1 } = {}) {
  const started = Date.now();
  const time = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const note = await body();
      counts.passed += 1;
      console.log(`${attempt === 1 ? "ok   " : "flaky"}   ${name}${note ? ` (${note})` : ""}, ${time()}`);
      return;
    } catch (error) {
      const isLast = attempt === attempts;
      if (isLast) counts.failed += 1;
      const stack = String(error.stack ?? error).replace(/^/gm, "        ");
      console.log(`${isLast ? "FAILED" : "again "}  ${name}, ${time()}\n${stack}`);
      if (isLast) return;
    }
  }
}

// Prints how many passed; whether that was all, and some.
export function conclude() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0;
}
