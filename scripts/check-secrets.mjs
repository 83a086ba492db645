// Finds texts with the form of a token or a webhook secret in what people read: the OpenAPI document, its examples, the documents.
// Scanners would report them, and nobody could tell an example from a secret. They are written `dft_…`, `df_…`, `whsec_…`.
// Documents below docs/ that came from elsewhere are kept as they came, and tests have vectors of their own.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib.mjs";
import { secretsIn } from "./secrets.mjs";

const JUDGED = /^(openapi\.json|openapi\/|examples\/|docs\/[^/]+$|tracker\/|[^/]+\.md$)/;

const git = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
const files = git.split("\0").filter((file) => JUDGED.test(file) && existsSync(join(ROOT, file)));
const found = files.flatMap((file) => secretsIn(readFileSync(join(ROOT, file), "utf8")).map(({ line, kind }) => `${file}:${line}: has the form of a ${kind}`));
for (const fault of found) console.error(fault);
if (found.length > 0) process.exit(1);
