// What the Worker weighs as Cloudflare counts it, gzipped. The Paid plan takes 10 MiB, the Free plan 3: this fails before it is reached.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "./lib.mjs";

const MOST_KIB = 3040;

const sizes = ["index_bg.wasm", "index.js"].map((file) => gzipSync(readFileSync(join(ROOT, "build", file)), { level: 9 }).length);
const kib = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
console.log(`${kib} KiB gzipped, of ${MOST_KIB}`);
process.exit(kib > MOST_KIB ? 1 : 0);
