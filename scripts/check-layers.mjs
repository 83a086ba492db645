// Refuses imports that run upward, circles of files, and the runtime where it has no place; scripts/layers.mjs judges.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faults, layersOf } from "./layers.mjs";
import { ROOT } from "./lib.mjs";

// Only the entry points, the shells of the Durable Objects and the wrappers of the platform name the runtime.
const RUNTIME = ["src/lib.rs", "src/objects", "src/platform"];

const folders = ["src", ...readdirSync(join(ROOT, "crates")).map((crate) => `crates/${crate}/src`)];
const files = new Map();
for (const folder of folders) {
  for (const entry of readdirSync(join(ROOT, folder), { recursive: true })) {
    if (entry.endsWith(".rs")) files.set(join(folder, entry), readFileSync(join(ROOT, folder, entry), "utf8"));
  }
}
const found = faults(files, layersOf(readFileSync(join(ROOT, "docs", "architecture.md"), "utf8")), RUNTIME);
for (const fault of found) console.error(fault);
if (found.length > 0) {
  console.error(`The layers do not hold: ${found.length} faults. docs/architecture.md has their order.`);
  process.exit(1);
}
