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

// Runs one check; the text it returns is printed after its name.
export async function check(name, body) {
  const started = Date.now();
  const time = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  try {
    const note = await body();
    counts.passed += 1;
    console.log(`ok      ${name}${note ? ` (${note})` : ""}, ${time()}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED  ${name}, ${time()}\n${String(error.stack ?? error).replace(/^/gm, "        ")}`);
  }
}

// Prints how many passed; whether that was all, and some.
export function conclude() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0;
}
