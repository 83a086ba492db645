// Puts the names of functions into a log: `wasm-function[812]` becomes the name that function had in the build at hand.
//
//   wrangler tail | node scripts/symbolize.mjs [build/symbols]

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const lines = readFileSync(process.argv[2] ?? "build/symbols", "utf8").trimEnd().split("\n");
const names = new Map(lines.map((line) => line.split(/:(.*)/s, 2)));
const named = (text) => text.replace(/wasm-function\[(\d+)\]/g, (whole, number) => names.get(number) ?? whole);

for await (const line of createInterface({ input: process.stdin })) console.log(named(line));
