// The documentation: every example of it is run, and every page is read in Chromium.
//
//   node scripts/with-gateways.mjs -- node tests/docs/run.mjs            everything
//   node scripts/with-gateways.mjs -- node tests/docs/run.mjs example    only the examples; any part of a page's name chooses its own
//   … -- node tests/docs/run.mjs reading                                 only the pages
//
// CHROMIUM names the browser (/usr/bin/chromium).

import assert from "node:assert/strict";
import { PAGES } from "../../console/docs/navigation.mjs";
import { check, conclude } from "../harness/checks.mjs";
import { browser } from "./browser.mjs";
import { examples } from "./examples.mjs";
import { reading } from "./reading.mjs";
import { twins } from "./twins.mjs";

const [part] = process.argv.slice(2);
const pages = await twins();
await check("index: /llms.txt lists every page", () => assert.deepEqual(pages.map(({ name }) => name), PAGES.map(({ name }) => name)));
if (part !== "reading") {
  const chosen = pages.filter(({ name }) => !part || part === "example" || name.includes(part));
  const { run, count, untested } = examples(chosen);
  await run();
  console.log(`${count} examples were run; ${untested} say on their page why they are not`);
}
if (!part || part === "reading") await reading(pages);
await browser.close();
process.exit(conclude() ? 0 : 1);
