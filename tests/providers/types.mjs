// Reads an SDK's declarations, to tell which fields of an object the SDK knows: a client that hands JSON on would not notice a
// misspelt one.

import { readFileSync } from "node:fs";

export class Declarations {
  constructor(file) {
    this.text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/[^\n]*/g, "");
    this.found = new Map();
  }

  // The paths of `value` that the type `name` does not have.
  strangers(value, name, path = name) {
    const members = this.#members(name, "");
    if (!members) throw new Error(`there is no type ${name}`);
    return this.#compare(value, members, name, path);
  }

  #compare(value, members, scope, path) {
    const strange = [];
    for (const [field, inner] of Object.entries(value)) {
      const here = `${path}.${field}`;
      if (!members.has(field)) strange.push(here);
      else strange.push(...this.#inside(inner, members.get(field), scope, here));
    }
    return strange;
  }

  #inside(value, type, scope, path) {
    if (value === null || typeof value !== "object") return [];
    if (Array.isArray(value)) {
      const element = type.match(/^Array<(.+)>(?: \| null)?$/s)?.[1] ?? type.replace(/\[\](?=$| \|)/, "");
      return value.flatMap((item, at) => this.#inside(item, element, scope, `${path}[${at}]`));
    }
    const options = split(type, "|").map((option) => option.trim());
    for (const option of options) {
      if (option.startsWith("{")) return this.#compare(value, membersOf(option.slice(1, -1)), scope, path);
      const members = /^[\w.]+$/.test(option) && this.#members(option, scope);
      // An object of its own is compared where it is one.
      if (members && !value.object) return this.#compare(value, members, option, path);
    }
    return [];
  }

  #members(name, scope) {
    for (const full of [name, scope && `${scope}.${name}`, scope && `${scope.split(".")[0]}.${name}`].filter(Boolean)) {
      if (!this.found.has(full)) this.found.set(full, this.#read(full));
      if (this.found.get(full)) return this.found.get(full);
    }
    return undefined;
  }

  #read(full) {
    let text = this.text;
    const parts = full.split(".");
    for (const part of parts.slice(0, -1)) {
      const at = text.search(new RegExp(`namespace ${part}\\b[^{;]*\\{`));
      if (at < 0) return undefined;
      text = body(text, text.indexOf("{", at));
    }
    const last = parts.at(-1);
    // Declared at this level, and not further in.
    const indent = text.match(/\n( *)(?:export |declare )*(?:interface|class|type)\b/)?.[1] ?? "";
    const declared = `^${indent}(?:export |declare )*`;
    const at = text.search(new RegExp(`${declared}(?:interface|class) ${last}\\b[^{;]*\\{|${declared}type ${last} = (?:\\w+<)?\\{`, "m"));
    if (at < 0) return undefined;
    const members = membersOf(body(text, text.indexOf("{", at)));
    const parents = text.slice(at, text.indexOf("{", at)).match(/extends ([\w., ]+)/)?.[1].split(",") ?? [];
    for (const parent of parents) for (const [field, type] of this.#members(parent.trim(), full) ?? []) members.set(field, type);
    return members;
  }
}

// What is between the brace at `open` and its partner.
function body(text, open) {
  for (let at = open, depth = 0; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}" && (depth -= 1) === 0) return text.slice(open + 1, at);
  }
  throw new Error("unbalanced braces");
}

function split(text, by) {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if ("{<([".includes(character)) depth += 1;
    if ("}>)]".includes(character)) depth -= 1;
    if (depth === 0 && character === by) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function membersOf(text) {
  const fields = split(text, ";").map((member) => member.trim().match(/^(?:readonly )?["']?(\w+)["']?\??:\s*([\s\S]+)$/)).filter(Boolean);
  return new Map(fields.map(([, name, type]) => [name, type.trim()]));
}

// The texts of a union: `type Events = "a" | "b"`.
export function union(file, name) {
  const [, texts] = readFileSync(file, "utf8").match(new RegExp(`type ${name} = ([^;]+);`));
  return texts.split("|").map((text) => text.trim().replace(/^["']|["']$/g, ""));
}
