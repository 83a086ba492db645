// Turns an export of Plausible Analytics into import lines (docs/moving.md): the zip of CSV files that its settings give.

import { rows } from "./read.mjs";
import { sourceFields } from "./sources.mjs";
import { MOST_A_DAY, daysOf, eventsOf } from "./sums.mjs";
import { Fault, query } from "./write.mjs";

export const UNTOLD = [
  "times of day, journeys, and which visitor came from where: the export has sums of days. The events made of them add up to each table of a day alone; a filter over two tables shows chance.",
  "visitors over several days: each day has its own, so a longer range counts who came on two days twice, as Plausible does with imports.",
  "cities: the export has numbers of GeoNames instead of names.",
  "properties of goals other than url and path, and revenue.",
];

const number = (row, name) => {
  const text = row[name] ?? "";
  if (!/^\d+$/.test(text)) throw new Fault(`${name}: expected a number, got "${text}"`);
  if (Number(text) > MOST_A_DAY && name !== "visit_duration") throw new Fault(`${name}: ${text} within a day are too many to make visits of`);
  return Number(text);
};
const DEVICES = { desktop: "desktop", laptop: "desktop", "ultra-wide": "desktop", tablet: "tablet", mobile: "mobile" };
const known = (name) => (name && name !== "(not set)" ? name : undefined);

function source(row) {
  const campaign = query({
    utm_source: row.utm_source, utm_medium: row.utm_medium, utm_campaign: row.utm_campaign, utm_content: row.utm_content, utm_term: row.utm_term,
    // A source without a referrer or a campaign was in the address, as `ref` or `source`.
    ref: !row.referrer && !row.utm_source && known(row.source) !== undefined && !/^direct/i.test(row.source) ? row.source : "",
  });
  return { campaign, ...(row.referrer ? sourceFields(row.referrer) : {}) };
}

function goal(row, output) {
  const link = row.link_url && /^https?:/i.test(row.link_url) ? row.link_url : undefined;
  if (/^outbound link/i.test(row.name) && link) return { link };
  output.goal(row.name); // refused here, with its row
  return { name: row.name, properties: { url: row.link_url, path: row.path } };
}

// What a row of each file says: a value, and how often.
const TABLES = {
  imported_visitors: ["days", (row) => ({
    visitors: number(row, "visitors"), visits: number(row, "visits"), pageviews: number(row, "pageviews"), bounces: number(row, "bounces"), seconds: number(row, "visit_duration"),
  })],
  imported_pages: ["page", (row) => ({ value: { host: known(row.hostname), path: row.page }, pageviews: number(row, "pageviews") })],
  imported_entry_pages: ["entry", (row) => ({ value: row.entry_page, visits: number(row, "entrances"), visitors: number(row, "visitors") })],
  imported_exit_pages: ["exit", (row) => ({ value: row.exit_page, visits: number(row, "exits"), visitors: number(row, "visitors") })],
  imported_sources: ["source", (row) => ({ value: source(row), ...visits(row) })],
  imported_locations: ["location", (row) => ({ value: { country: row.country, region: known(row.region) }, ...visits(row) })],
  imported_devices: ["device", (row) => ({ value: { device: DEVICES[(row.device ?? "").toLowerCase()] }, ...visits(row) })],
  imported_browsers: ["browser", (row) => ({ value: { browser: known(row.browser), browserVersion: known(row.browser_version) }, ...visits(row) })],
  imported_operating_systems: ["os", (row) => ({ value: { os: known(row.operating_system)?.replace(/^Mac$/, "Mac OS"), osVersion: known(row.operating_system_version) }, ...visits(row) })],
  imported_custom_events: ["goal", (row, output) => ({ value: goal(row, output), visitors: number(row, "visitors"), events: number(row, "events") })],
};
const visits = (row) => ({ visits: number(row, "visits"), visitors: number(row, "visitors") });

const named = (path) => path.slice(path.lastIndexOf("/") + 1);
const tableOf = (path) => TABLES[named(path).replace(/(_\d{8}_\d{8})?\.csv$/, "")];

// What a file of an export holds, by its name: `days` are the totals.
export const kindOf = (path) => tableOf(path)?.[0];

// The rows of one file, in the order of their dates.
async function* table(name, stream, read, output) {
  let last = "";
  for await (const { line, text, row, header, fault } of rows(stream)) {
    if (header) continue;
    try {
      if (fault) throw new Fault(fault);
      if (!/^\d{4}-\d{2}-\d{2}$/.test(row.date)) throw new Fault(`date: expected a day as 2026-05-01, got "${row.date}"`);
      if (row.date < last) throw new Fault(`date: ${row.date} comes behind ${last}; the rows of an export are in the order of their days`);
      last = row.date;
      if (name.startsWith("imported_custom_events") && row.name === "engagement") continue; // how long a page was read
      yield { date: row.date, ...read(row, output) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await output.refuse(name, line, text, error.message);
    }
  }
}

// `sources` are the files of one export.
export async function convert(sources, { domain, timezone = "UTC" }, output) {
  const tables = {};
  for (const { name, stream } of sources) {
    const [kind, read] = tableOf(name) ?? [];
    if (kind) tables[kind] = table(named(name), stream(), read, output);
    else if (!name.endsWith("/")) output.leave(`file that is not known: ${name}`);
  }
  if (!tables.days) throw new Error("there is no imported_visitors.csv: this is no export of Plausible");
  for await (const day of daysOf(tables, output)) {
    for (const line of eventsOf(day, { domain, timezone, product: "plausible" }, output)) await output.line(line);
  }
}
