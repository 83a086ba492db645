// Turns an export of Google Analytics 4 into import lines (docs/moving.md): events that BigQuery exports as JSON lines, or reports as CSV.
//
//   node scripts/moving/ga4.mjs events-*.json.gz --domain example.com > lines.ndjson
//   node scripts/moving/ga4.mjs days.csv pages.csv countries.csv --domain example.com --timezone Europe/Paris > lines.ndjson

import { command, source } from "./command.mjs";
import { convertEvents, convertReports, EVENTS_UNTOLD, REPORTS_UNTOLD } from "./products/ga4.mjs";

const USAGE = `usage: node scripts/moving/ga4.mjs FILE… --domain example.com [--timezone Europe/Paris] [--rejects FILE] > lines.ndjson

FILE      events_YYYYMMDD of BigQuery as JSON lines (.json, .jsonl, .ndjson, also with .gz), or reports as .csv, with a column date:
          one with date, sessions, totalUsers and screenPageViews, and one for each further dimension (docs/moving.md)
domain    the host of pages that name none
timezone  the zone of the property, whose days reports have; UTC if it is left out
rejects   keeps the rows that were refused`;

await command({ usage: USAGE, needs: ["domain"] }, async (files, options, output) => {
  const reports = files.filter((file) => /\.csv(\.gz)?$/i.test(file));
  if (reports.length > 0 && reports.length < files.length) throw new Error("events and reports say the same twice: convert either");
  const isReports = reports.length > 0;
  await (isReports ? convertReports : convertEvents)(files.map(source), options, output);
  return isReports ? REPORTS_UNTOLD : EVENTS_UNTOLD;
});
