// Turns events of Umami into import lines (docs/moving.md): rows of its table `website_event` as CSV, as Umami Cloud exports them and as
// a database writes them.
//
//   node scripts/moving/umami.mjs website_event.csv --domain example.com > lines.ndjson

import { command, source, unzipped } from "./command.mjs";
import { convert, UNTOLD } from "./products/umami.mjs";

const USAGE = `usage: node scripts/moving/umami.mjs FILE… --domain example.com [--website ID] [--rejects FILE] > lines.ndjson

FILE     rows of website_event as CSV, or the same with .gz or in a .zip; - reads what comes in
domain   the host of rows that name none
website  only the rows of this website_id
rejects  keeps the rows that were refused`;

await command({ usage: USAGE, needs: ["domain"], options: { website: { type: "string" } } }, async (files, options, output) => {
  const sources = await Promise.all(files.map((file) => (/\.zip$/i.test(file) ? unzipped(file) : source(file))));
  await convert(sources.flat(), options, output);
  return UNTOLD;
});
