// Finds the citations and links of this repository that lead nowhere; scripts/citations.mjs says what a citation is.
// Files as git knows them, those not yet added included.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sources } from "../console/docs/build.mjs";
import { faults } from "./citations.mjs";
import { ROOT } from "./lib.mjs";

// Not judged: licences, documents that are kept as they came, generated files, the check itself, which quotes bad citations, and tests that name made-up files.
const EXEMPT = /^(LICENSE|docs\/(contract|seeds)\/|fuzz\/seeds\/|package-lock\.json|openapi\.json|openapi\/examples\.json|scripts\/((check-)?citations|layers\.test)|console\/docs\/markdown\.test)|\.lock$/;

const git = (...args) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 }).split("\0").filter(Boolean);
const files = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").filter((file) => existsSync(join(ROOT, file)));
const paths = new Set(files.flatMap((file) => file.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"))));

const texts = new Map();
const read = (file) => texts.get(file) ?? texts.set(file, readFileSync(join(ROOT, file), "utf8")).get(file);
// Pages of the documentation that are made from openapi.json can be linked to all the same.
for (const { file, markdown } of (await sources()).filter(({ tag }) => tag)) {
  paths.add(file);
  texts.set(file, markdown);
}
const tree = {
  has: (path) => paths.has(path),
  ends: (path) => files.some((file) => file === path || file.endsWith(`/${path}`)),
  ignores: (path) => spawnSync("git", ["check-ignore", "--quiet", path], { cwd: ROOT }).status === 0,
  read,
  roots: [...new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]))],
};

const judged = files.filter((file) => !EXEMPT.test(file) && !read(file).includes("\0"));
const found = judged.flatMap((file) => faults(file, read(file), tree).map(({ line, message }) => `${file}:${line}: ${message}`));
for (const fault of found) console.error(fault);
if (found.length > 0) {
  console.error(`${found.length} citations or links lead nowhere.`);
  process.exit(1);
}
