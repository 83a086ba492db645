// Turns an export of Plausible Analytics into import lines (docs/moving.md): the zip of CSV files that its settings give.
//
//   node scripts/moving/plausible.mjs example_com_20260101.zip --domain example.com --timezone Europe/Paris > lines.ndjson

import { command, unzipped } from "./command.mjs";
import { convert, UNTOLD } from "./products/plausible.mjs";

const USAGE = `usage: node scripts/moving/plausible.mjs EXPORT.zip --domain example.com [--timezone Europe/Paris] [--rejects FILE] > lines.ndjson

EXPORT.zip  as Plausible gives it: Settings, Imports & exports
domain      the host of pages that name none
timezone    the zone of the website at Plausible, whose days these are; UTC if it is left out
rejects     keeps the rows that were refused`;

await command({ usage: USAGE, needs: ["domain"] }, async (files, options, output) => {
  for (const file of files) await convert(await unzipped(file), options, output);
  return UNTOLD;
});
