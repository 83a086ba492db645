// Writes import lines (docs/import.md), counts them, and knows at the end what was written, refused and left out.

import { sha256 } from "#sha256";

const MOST_RENAMED = 50;
const MOST_LEFT = 100; // kinds of what is left out
const MOST_PROPERTIES = 10;
const LONGEST_NAME = 64;

export class Fault extends Error {}

// A UUID v4 made of these texts: the same texts make the same one.
export function uuid(...texts) {
  const bytes = sha256(JSON.stringify(texts)).slice(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Numbers from 0 to below `most`, the same for the same seed (mulberry32).
export function random(seed) {
  const { buffer, byteOffset } = sha256(seed);
  let state = new DataView(buffer, byteOffset).getUint32(0, true);
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

// A moment that the export writes as text, `2026-05-01 10:00:00`, with or without a zone: without one it is UTC.
export function moment(sent) {
  const parts = sent?.trim().match(/^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/);
  const zone = !parts?.[3] || /^(Z|UTC)$/.test(parts[3]) ? "Z" : parts[3].length === 3 ? `${parts[3]}:00` : parts[3].replace(/^(...)(\d)/, "$1:$2");
  const time = parts && new Date(`${parts[1]}T${parts[2]}${zone}`);
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}

export class Output {
  counts = new Map(); // lines by their type
  left = new Map();
  renamed = new Map();
  refused = 0;

  // One line. Undefined values are left out of it.
  async line(line) {
    this.count(line);
    await this.put(`${JSON.stringify(line)}\n`);
  }

  count({ type }) {
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
  }

  // A row of the export that cannot be an event.
  async refuse(file, line, text, why) {
    this.refused += 1;
    await this.refusal(file, line, text, why);
  }

  // What takes the lines, and what is told of each refusal, are whose that is made from this.
  async put() {}
  async refusal() {}

  // Something that is left out by design.
  leave(what, count = 1) {
    if (this.left.size === MOST_LEFT && !this.left.has(what)) what = "others";
    this.left.set(what, (this.left.get(what) ?? 0) + count);
  }

  // A goal's name as Sluice spells names.
  goal(sent) {
    const name = sent.trim().toLowerCase().replaceAll(/[^a-z0-9_:-]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, LONGEST_NAME);
    if (name === "") throw new Fault(`no goal can be called "${sent.slice(0, 100)}": names have the characters a-z 0-9 _ - :`);
    if (name !== sent && this.renamed.size < MOST_RENAMED) this.renamed.set(sent, name);
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
}
