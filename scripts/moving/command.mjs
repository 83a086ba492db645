// What the programs of this folder share: arguments, files, and how they end.

import { once } from "node:events";
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { EOL } from "node:os";
import { basename } from "node:path";
import { pipeline } from "node:stream";
import { parseArgs } from "node:util";
import { createGunzip } from "node:zlib";
import { entries } from "./products/read.mjs";
import { Output } from "./products/write.mjs";

const OPTIONS = { domain: { type: "string" }, timezone: { type: "string" }, rejects: { type: "string" }, help: { type: "boolean", short: "h" } };
const MOST_SHOWN = 100; // faults that are printed; all are counted, and `--rejects` keeps all

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
    const output = new Terminal(values);
    const untold = await convert(positionals, values, output);
    process.exitCode = (await output.conclude(untold)) ? 0 : 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 2;
  }
}

// What is wrong with `from` is thrown by whoever reads `to`.
const through = (from, to) => pipeline(from, to, () => {});

// A file as the converters read it, or what comes in where the name is "-"; `.gz` is unpacked.
export function source(path) {
  const open = () => (path === "-" ? process.stdin : createReadStream(path));
  return { name: basename(path), stream: () => (path.endsWith(".gz") ? through(open(), createGunzip()) : open()) };
}

// The files of a zip.
export async function unzipped(path) {
  const found = await entries(await openAsBlob(path), path);
  return [...found].map(([name, stream]) => ({ name, stream, isEntry: true }));
}

// Lines go to the standard output; what is to be said goes beside it.
export class Terminal extends Output {
  #rejects;

  // `rejects` is the name of a file for what is refused.
  constructor({ rejects } = {}) {
    super();
    this.#rejects = rejects && createWriteStream(rejects);
  }

  put(text) {
    return put(process.stdout, text);
  }

  async refusal(file, line, text, why) {
    if (this.refused <= MOST_SHOWN) console.error(`${file}:${line}: ${why}`);
    if (this.refused === MOST_SHOWN) console.error("(more is counted, not shown)");
    if (this.#rejects) await put(this.#rejects, text + EOL);
  }

  // Tells what was done; whether nothing was refused.
  async conclude(missing = []) {
    if (this.#rejects) await new Promise((resolve) => this.#rejects.end(resolve));
    const number = (value) => value.toLocaleString("en-US");
    const total = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [...this.counts].map(([type, count]) => `${number(count)} ${type}`);
    console.error(`\n${number(total)} lines were written${kinds.length > 0 ? `: ${kinds.join(", ")}` : ""}.`);
    console.error(`${number(this.refused)} rows were refused${this.refused > 0 ? "; all others were taken" : ""}.`);
    for (const [what, count] of this.left) console.error(`Left out: ${number(count)} ${what}.`);
    for (const [from, to] of this.renamed) console.error(`The goal "${from}" is called "${to}".`);
    for (const text of missing) console.error(`Not told by the export: ${text}`);
    return this.refused === 0;
  }
}

// Writes, and waits while the stream is full.
async function put(stream, text) {
  if (!stream.write(text)) await once(stream, "drain");
}
