// The console in a real browser, against a real gateway.
//
//   node scripts/with-gateways.mjs -- node tests/console/run.mjs             all tests
//   node scripts/with-gateways.mjs -- node tests/console/run.mjs overview    those whose names contain an argument
//   … -- node tests/console/run.mjs --pictures                               writes docs/console/*.png as well
//   … -- node tests/console/run.mjs "no test" --pictures=goal                only those whose names begin with this, and no test
//
// CHROMIUM names the browser (/usr/bin/chromium).

import { readdirSync } from "node:fs";
import { runTests, stopAll } from "./harness.mjs";

for (const file of readdirSync(new URL(".", import.meta.url))) if (file.endsWith(".test.mjs")) await import(`./${file}`);

const isPassed = await runTests();
const pictures = process.argv.find((argument) => /^--pictures(=|$)/.test(argument));
if (pictures) {
  const { takePictures } = await import("./pictures.mjs");
  await takePictures(pictures.split("=")[1]);
}
await stopAll();
process.exit(isPassed ? 0 : 1);
