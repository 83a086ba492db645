// Builds the tracking scripts: `node tracker/build.mjs OUTDIR`.

import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const VARIANTS = {
  "script.js": { COOKIELESS: "false", HASH_IS_PAGE: "false" },
  "script.hash.js": { COOKIELESS: "false", HASH_IS_PAGE: "true" },
  "script.cookieless.js": { COOKIELESS: "true", HASH_IS_PAGE: "false" },
};
const MAX_GZIP_BYTES = 4096; // what we promise: each script is smaller than this at gzip -9

// Writes the scripts to outDir and answers their sizes: [{ name, bytes, gzipBytes }].
export async function build(outDir) {
  await mkdir(outDir, { recursive: true });
  return Promise.all(Object.entries(VARIANTS).map(([name, define]) => buildOne(join(outDir, name), name, define)));
}

async function buildOne(outfile, name, define) {
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL("tracker.js", import.meta.url))],
    outfile,
    define,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2017",
    logLevel: "warning",
  });
  const code = await readFile(outfile);
  const gzipBytes = gzipSync(code, { level: 9 }).length;
  if (gzipBytes >= MAX_GZIP_BYTES) {
    throw new Error(`${name} has ${gzipBytes} bytes at gzip -9, which must be less than ${MAX_GZIP_BYTES}`);
  }
  return { name, bytes: code.length, gzipBytes };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const outDir = process.argv[2];
  if (!outDir) {
    console.error("usage: node tracker/build.mjs OUTDIR");
    process.exit(2);
  }
  for (const { name, bytes, gzipBytes } of await build(outDir)) console.log(`${name}: ${bytes} bytes, ${gzipBytes} at gzip -9`);
}
