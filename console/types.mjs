// Writes console/types/api.d.ts from openapi.json; with --check, says whether it is current instead.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const FILE = new URL("types/api.d.ts", import.meta.url);
const DOCUMENT = new URL("../openapi.json", import.meta.url);

// A field with a default may be left out of a request.
const ast = await openapiTS(DOCUMENT, { defaultNonNullable: false });
const types = `// Generated from openapi.json by console/types.mjs.\n\n${astToString(ast)}`;
if (!process.argv.includes("--check")) {
  await writeFile(FILE, types);
} else if ((await readFile(FILE, "utf8").catch(() => "")) !== types) {
  console.error("console/types/api.d.ts is not current: run `make openapi`.");
  process.exit(1);
}
