// Writes import lines (docs/import.md), counts them, and tells at the end what was written, refused and left out.

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { EOL } from "node:os";

const MOST_SHOWN = 100; // faults that are printed; all are counted, and `--rejects` keeps all
const MOST_RENAMED = 50;
const MOST_PROPERTIES = 10;
const LONGEST_NAME = 64;

export class Fault extends Error {}

// A UUID v4 made of these texts: the same texts make the same one.
export function uuid(...texts) {
  const bytes = createHash("sha256").update(JSON.stringify(texts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Numbers from 0 to below `most`, the same for the same seed (mulberry32).
export function random(seed) {
  let state = createHash("sha256").update(seed).digest().readUInt32LE();
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

// The parts of a query that are not empty, as `?a=b&c=d` or nothing.
export function query(parameters) {
  const text = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
  return text && `?${text}`;
}

const CLICK_IDS = ["gclid", "wbraid", "gbraid", "li_fat_id", "fbclid", "msclkid", "ttclid", "twclid"];

// The click ids among these parameters.
export function clickIds(parameters) {
  const found = CLICK_IDS.map((name) => [name, parameters[name]]).filter(([, value]) => value);
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

export class Output {
  #stream;
  #rejects;
  #counts = new Map();
  #left = new Map();
  #renamed = new Map();
  refused = 0;

  // `stream` takes the lines, `rejects` is the name of a file for what is refused.
  constructor({ stream = process.stdout, rejects } = {}) {
    this.#stream = stream;
    this.#rejects = rejects && createWriteStream(rejects);
  }

  // One line. Undefined values are left out of it.
  async line(line) {
    this.count(line);
    await put(this.#stream, `${JSON.stringify(line)}\n`);
  }

  count({ type }) {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
  }

  // A row of the export that cannot be an event.
  async refuse(file, line, text, why) {
    this.refused += 1;
    if (this.refused <= MOST_SHOWN) console.error(`${file}:${line}: ${why}`);
    if (this.refused === MOST_SHOWN) console.error("(more is counted, not shown)");
    if (this.#rejects) await put(this.#rejects, text + EOL);
  }

  // Something that is left out by design.
  leave(what, count = 1) {
    this.#left.set(what, (this.#left.get(what) ?? 0) + count);
  }

  // A goal's name as Sluice spells names.
  goal(sent) {
    const name = sent.trim().toLowerCase().replaceAll(/[^a-z0-9_:-]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, LONGEST_NAME);
    if (name === "") throw new Fault(`no goal can be called "${sent.slice(0, 100)}": names have the characters a-z 0-9 _ - :`);
    if (name !== sent && this.#renamed.size < MOST_RENAMED) this.#renamed.set(sent, name);
    return name;
  }

  // A goal's properties: at most ten, the first ones.
  properties(sent) {
    const given = Object.entries(sent).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const kept = new Map();
    for (const [key, value] of given) {
      const name = key.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "_").slice(0, LONGEST_NAME);
      if (name && name !== "eventname" && kept.size < MOST_PROPERTIES) kept.set(name, typeof value === "object" ? JSON.stringify(value) : value);
      else this.leave("properties of goals beyond the first ten, or without a usable name");
    }
    return Object.fromEntries(kept);
  }

  // Tells what was done; whether nothing was refused.
  async conclude(missing = []) {
    if (this.#rejects) await new Promise((resolve) => this.#rejects.end(resolve));
    const number = (value) => value.toLocaleString("en-US");
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [...this.#counts].map(([type, count]) => `${number(count)} ${type}`);
    console.error(`\n${number(total)} lines were written${kinds.length > 0 ? `: ${kinds.join(", ")}` : ""}.`);
    console.error(`${number(this.refused)} rows were refused${this.refused > 0 ? "; all others were taken" : ""}.`);
    for (const [what, count] of this.#left) console.error(`Left out: ${number(count)} ${what}.`);
    for (const [from, to] of this.#renamed) console.error(`The goal "${from}" is called "${to}".`);
    for (const text of missing) console.error(`Not told by the export: ${text}`);
    return this.refused === 0;
  }
}

// Writes, and waits while the stream is full.
async function put(stream, text) {
  if (!stream.write(text)) await once(stream, "drain");
}
