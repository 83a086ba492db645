// What the programs of this folder share: arguments, and how they end.

import { parseArgs } from "node:util";
import { Output } from "./write.mjs";

const OPTIONS = { domain: { type: "string" }, timezone: { type: "string" }, rejects: { type: "string" }, help: { type: "boolean", short: "h" } };

// Runs `convert(files, options, output)`, which answers what the export does not tell. Exit code 1: rows were refused; 2: nothing was
// done.
export async function command({ usage, needs = [], options = {} }, convert) {
  try {
    const { values, positionals } = parseArgs({ options: { ...OPTIONS, ...options }, allowPositionals: true });
    const missing = needs.find((name) => !values[name]);
    if (values.help || positionals.length === 0 || missing) {
      if (missing && !values.help && positionals.length > 0) console.error(`--${missing} is needed\n`);
      console.error(usage);
      process.exitCode = values.help ? 0 : 2;
      return;
    }
    // A reader that has seen enough is no fault of ours.
    process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 2));
    const output = new Output(values);
    const untold = await convert(positionals, values, output);
    process.exitCode = (await output.conclude(untold)) ? 0 : 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 2;
  }
}

// A moment that the export writes as text, `2026-05-01 10:00:00`, with or without a zone: without one it is UTC.
export function moment(sent) {
  const parts = sent?.trim().match(/^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/);
  const zone = !parts?.[3] || /^(Z|UTC)$/.test(parts[3]) ? "Z" : parts[3].length === 3 ? `${parts[3]}:00` : parts[3].replace(/^(...)(\d)/, "$1:$2");
  const time = parts && new Date(`${parts[1]}T${parts[2]}${zone}`);
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
