// Refuses migrations that the release before cannot live with: `make deploy` migrates first and uploads then, and a rollback keeps
// the database. Tables, columns and indexes may be added; nothing is dropped, renamed or rebuilt, but for indexes, which no
// release names. What was there before this rule stays.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib.mjs";
import { breaking } from "./migrations.mjs";

const BEFORE_THE_RULE = 9;

const files = readdirSync(join(ROOT, "migrations")).filter((file) => Number(file.slice(0, 4)) > BEFORE_THE_RULE);
const found = files.flatMap((file) => breaking(readFileSync(join(ROOT, "migrations", file), "utf8")).map((statement) => `migrations/${file}: ${statement}`));
for (const fault of found) console.error(`${fault}\n  is nothing that the release before can live with`);
if (found.length > 0) process.exit(1);
