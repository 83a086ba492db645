// Builds the console into console/dist: `node console/build.mjs`; with --budget, also says what each page weighs and fails above
// its budget. Files have their content's hash in their names, and shell.html names the two that the browser starts with.

import { createHash } from "node:crypto";
import { existsSync, watch as watchFolder } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { documentation } from "./docs/build.mjs";
import { mapModule } from "./map.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "..");
const DIST = join(HERE, "dist");
const ASSETS = join(DIST, "console", "assets");
const PUBLIC = join(HERE, "public"); // what pages outside the console need, under names that stay
const DOCS = join(DIST, "console", "docs"); // the Worker puts the gateway's address into them
const FLAGS = join(ROOT, "node_modules", "country-flag-icons", "3x2");

// KiB at gzip -9. `first` is everything that the overview needs before it can be used; a page is what it adds to the frame.
const BUDGET = { first: 60, page: 15, css: 12, map: 32 };

const options = {
  absWorkingDir: ROOT,
  entryPoints: {
    main: "console/src/main.tsx",
    index: "console/styles/index.css",
    documentation: "console/src/docs.ts",
    playground: "console/src/playground.ts",
    pages: "console/styles/docs.css",
    public: "console/styles/public.css",
  },
  outdir: ASSETS,
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  target: ["chrome123", "firefox121", "safari17.5"], // light-dark() and nesting
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [{ name: "map", setup: mapModule }],
};

export async function build() {
  const result = await esbuild.build(options);
  await publish(result);
  return result;
}

// Builds again after every edit, until the process ends, and reports each time.
export async function watch(report) {
  let isFirst = true; // what is there already
  const setup = (build) =>
    build.onEnd(async (result) => {
      if (result.errors.length > 0) return report(`The console does not build: ${result.errors[0].text}`);
      try {
        await publish(result);
      } catch (error) {
        return report(`The documentation does not build: ${error.message}`);
      }
      if (!isFirst) report();
      isFirst = false;
    });
  const context = await esbuild.context({ ...options, plugins: [...options.plugins, { name: "publish", setup }] });
  await context.watch();
  // The documentation's texts are no inputs of esbuild.
  let pending;
  const again = () => {
    clearTimeout(pending);
    pending = setTimeout(() => context.rebuild().catch(() => {}), 100); // what is wrong has been reported
  };
  watchFolder(join(ROOT, "docs"), again);
}

// A page that is open may still ask for a file of the last build: what is no longer needed goes last.
async function publish({ outputFiles, metafile }) {
  await mkdir(ASSETS, { recursive: true });
  const mark = await readFile(join(HERE, "mark.svg"));
  const markName = `mark-${createHash("sha256").update(mark).digest("hex").slice(0, 8)}.svg`;
  const files = new Map([[markName, mark], ...outputFiles.map((file) => [basename(file.path), file.contents])]);
  for (const [name, contents] of files) await put(join(ASSETS, name), contents);

  const entry = (source) => basename(Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === source)[0]);
  const names = {
    "mark.svg": markName,
    "index.css": entry("console/styles/index.css"),
    "main.js": entry("console/src/main.tsx"),
  };
  const shell = (await readFile(join(HERE, "shell.html"), "utf8")).replace(/\{([\w.]+)\}/g, (_, name) => names[name]);
  await put(join(DIST, "console", "shell.html"), shell);
  await docs(names, entry);
  // Without white space between its tokens; every number stays as it is written.
  const document = (await readFile(join(ROOT, "openapi.json"), "utf8")).replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
  await put(join(DIST, "console", "openapi.json"), document);
  await put(join(DIST, "_headers"), await readFile(join(HERE, "_headers")));
  // The Worker writes public pages and knows no hashes.
  await put(join(DIST, "pages", "public.css"), files.get(entry("console/styles/public.css")));
  await flags();
  for (const file of await readdir(PUBLIC, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile()) await put(join(DIST, relative(PUBLIC, path)), await readFile(path));
  }

  for (const file of await readdir(ASSETS)) if (extname(file) && !files.has(file)) await rm(join(ASSETS, file));
}

async function docs(names, entry) {
  const address = (name) => `/console/assets/${name}`;
  const files = await documentation({
    mark: address(names["mark.svg"]),
    style: address(entry("console/styles/docs.css")),
    script: address(entry("console/src/docs.ts")),
    playground: address(entry("console/src/playground.ts")),
  });
  for (const [name, text] of files) await put(join(DOCS, name), text);
  for (const file of await readdir(DOCS, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !files.has(relative(DOCS, path))) await rm(path);
  }
}

async function flags() {
  const folder = join(ASSETS, "flags");
  if (existsSync(folder)) return;
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(FLAGS)) {
    if (/^[A-Z]{2}\.svg$/.test(file)) await put(join(folder, file), await readFile(join(FLAGS, file)));
  }
}

// Whole or not at all: a gateway may be reading.
async function put(path, contents) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}

function weigh({ outputFiles, metafile }) {
  const gzipped = new Map(
    outputFiles.map((file) => [basename(file.path), gzipSync(file.contents, { level: 9 }).length / 1024]),
  );
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const byEntry = (source) => [...outputs].find(([, output]) => output.entryPoint === source)?.[0];
  const withImports = (name, seen = new Set()) => {
    if (seen.has(name)) return seen;
    seen.add(name);
    for (const { path, kind } of outputs.get(name).imports) if (kind === "import-statement") withImports(basename(path), seen);
    return seen;
  };
  const sum = (names) => [...names].reduce((total, name) => total + gzipped.get(name), 0);

  const frame = withImports(byEntry("console/src/main.tsx"));
  const overview = withImports(byEntry("console/src/pages/overview/index.tsx"));
  const rows = [["frame and overview", sum(new Set([...frame, ...overview])), BUDGET.first]];
  for (const [name, { entryPoint }] of outputs) {
    if (name.endsWith(".css")) rows.push([name, gzipped.get(name), BUDGET.css]);
    if (!entryPoint || !name.endsWith(".js") || frame.has(name)) continue;
    const added = [...withImports(name)].filter((part) => !frame.has(part) && (part === name || !overview.has(part)));
    const isMap = entryPoint.startsWith("map:") || entryPoint.includes("parts/map");
    if (!entryPoint.includes("pages/overview/")) rows.push([entryPoint, sum(added), isMap ? BUDGET.map : BUDGET.page]);
  }
  return rows;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const result = await build();
  if (process.argv.includes("--budget")) {
    for (const [name, size, budget] of weigh(result)) {
      const isOver = size > budget;
      if (isOver) process.exitCode = 1;
      console.log(`${isOver ? "✗" : " "} ${size.toFixed(1).padStart(6)} of ${budget} KiB  ${name}`);
    }
  }
}
