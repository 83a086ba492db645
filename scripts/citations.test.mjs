// What scripts/citations.mjs finds, and what it lets pass: `node --test scripts/citations.test.mjs`.

import assert from "node:assert/strict";
import test from "node:test";
import { faults, places } from "./citations.mjs";

const FILES = {
  "README.md": "# Sluice\n\nText.\n\n## First calls\n",
  "docs/contract/README.md": "# The contract\n\n## Decisions\n\n### Shape\n1. Ids.\n2. Data.\n\n### Tokens\n30. Deleting.\n",
  "docs/contract/api.md": "# API\n\n## 3. Goals\n\n### 3.4 `POST /goals` (create)\n\n1. Twice.\n\n## Conflicts\n\n1. Twice.\n\n## Webhooks: `/x`\n\n```\n## 9. Code\n```\n",
  "src/lib.rs": "",
};
const tree = {
  has: (path) => Object.keys(FILES).some((file) => file === path || file.startsWith(`${path}/`)),
  ends: (path) => Object.keys(FILES).some((file) => `/${file}`.endsWith(`/${path}`)),
  ignores: (path) => path === "bench/results.json",
  read: (path) => FILES[path],
  roots: ["docs", "src", "bench"],
};
const judge = (text, path = "src/lib.rs") => faults(path, text, tree).map(({ line, message }) => `${line}: ${message}`);
const passes = (text, path) => assert.deepEqual(judge(text, path), []);
const fails = (text, expected, path) => {
  const found = judge(text, path);
  assert.ok(found.some((fault) => fault.includes(expected)), `${text}\n${found.join("\n") || "no fault"}`);
};

test("slugs are GitHub's", () => {
  const { slugs } = places("# First calls\n## E-mail\n## 3.4 `POST /goals` (create)\n## First calls\n## [A link](x.md), ünd more_\n");
  assert.deepEqual([...slugs], ["first-calls", "e-mail", "34-post-goals-create", "first-calls-1", "a-link-ünd-more_"]);
});

test("a citation names a file, and a heading or an item of it", () => {
  passes("// Deleting is final (docs/contract/README.md#30).");
  passes("// docs/contract/README.md#1, #2 and #30; docs/contract/README.md#shape: all of them.");
  passes("// docs/contract/api.md#3.4, docs/contract/api.md#3, docs/contract/api.md#webhooks, README.md#first-calls");
  fails("// docs/contract/README.md#31", "1: docs/contract/README.md has no heading and no list item 31");
  fails("\n// docs/contract/README.md#1, #2 and #31", "2: docs/contract/README.md has no heading and no list item 31");
  fails("// docs/contract/api.md#3.5", "no list item 3.5");
  fails("// docs/contract/nowhere.md#1", "docs/contract/nowhere.md does not exist");
  fails("// doc/contract/README.md#1", "doc/contract/README.md does not exist");
  fails("// src/lib.rs#main", "only Markdown and text files");
});

test("an item of two lists and a heading within code cannot be cited", () => {
  fails("// docs/contract/api.md#1", "no list item 1");
  fails("// docs/contract/api.md#9", "no list item 9");
});

test("a path into the repository exists, or is what a program writes", () => {
  passes("// See src/lib.rs, ../src/nothing.rs and https://example.com/src/nothing.rs; results go to bench/results.json.");
  passes('import { run } from "./src/nothing.mjs";');
  fails("// See src/nothing.rs.", "src/nothing.rs does not exist");
  passes("`lib.rs` and `lib.rs::main`", "docs/a.md");
  fails("`site/lib.rs`", "no file's path ends with site/lib.rs", "docs/a.md");
  fails("`src/nothing.rs`", "src/nothing.rs does not exist", "docs/a.md");
});

test("a Markdown link is relative to its file and takes slugs only", () => {
  passes("[calls](../README.md#first-calls) [up](contract/) [code](../src) [web](https://example.com/#x)", "docs/a.md");
  fails("[calls](../README.md#calls)", "README.md has no heading with this slug", "docs/a.md");
  fails("[contract](docs/contract/README.md#30)", "has no heading with this slug", "README.md");
  fails("[contract](contract/README.md)", "contract/README.md does not exist", "README.md");
  fails("[out](../x.md)", "leads nowhere", "README.md");
  fails("[text][ref]\n\n[ref]: nowhere.md", "3: the link nowhere.md", "README.md");
  passes("```\n[x](nowhere.md)\n```\nand `[x](nowhere.md)`", "README.md");
});

test("a citation in words is loose", () => {
  for (const words of ["Decision 30", "decisions 5 and 29", "Reports 12", "README 25", "website-api 3.4", "Account-api", "`account-api.md` 1.5"]) {
    fails(`// ${words}.`, "is a loose citation");
  }
  for (const words of ["(contract, automation)", "the contract's order", 'automation "E-mail"', "the seeds' tables", "all goals [2.7]", "to #15)."]) {
    fails(`/// ${words}`, "is a loose citation");
  }
  passes("//! The contract is in docs/contract/README.md.");
  passes("# Starts from the seeds in fuzz/seeds.");
  passes("[the contract](docs/contract/README.md)", "README.md");
  passes("let ratios = [1.5];");
});
