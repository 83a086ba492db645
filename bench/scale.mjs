// What Sluice costs from one website to a million, and which limit each size meets first: worked out from costs that the other
// benchmarks have measured, the platform's list prices and its documented limits. Writes the table of docs/scale.md and its chart.
//
//   node bench/scale.mjs

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DOCS = join(fileURLToPath(import.meta.url), "..", "..", "docs");

// ---- What is known

// Measured on 2026-11-28 (bench/README.md): of an event, a report and a delivery. Processor time is this machine's.
const COSTS = {
  event: { workerUs: 700, objectUs: 150, rowsWritten: 10, rowsRead: 8, bytes: 245 },
  report: { workerUs: 1_000, objectUs: 8_000, rowsRead: 3_000, databaseRowsRead: 3 },
  delivery: { workerUs: 700, objectUs: 300, rowsWritten: 10, queueOperations: 3 / 5 },
};

// Dollars of the Workers Paid plan, and what its five dollars include in a month.
const PRICES = {
  base: 5,
  requests: { each: 0.3 / 1e6, included: 10e6 },
  cpuMs: { each: 0.02 / 1e6, included: 30e6 },
  objectRequests: { each: 0.15 / 1e6, included: 1e6 },
  objectGbSeconds: { each: 12.5 / 1e6, included: 400e3 },
  rowsWritten: { each: 1 / 1e6, included: 50e6 },
  rowsRead: { each: 0.001 / 1e6, included: 25e9 },
  storedGb: { each: 0.2, included: 5 },
  keyValueReads: { each: 0.5 / 1e6, included: 10e6 },
  queueOperations: { each: 0.4 / 1e6, included: 1e6 },
  databaseRowsRead: { each: 0.001 / 1e6, included: 25e9 },
};

// What the platform documents, and what one object does of ours.
const LIMITS = { objectRequestsPerSecond: 1_000, objectGb: 10, databaseQueriesPerSecond: 1_000 };

// ---- What is assumed

const DAYS = 30; // of a month
const KEPT_DAYS = 365; // how long events have been stored
const PEAK = 3; // the busiest minute over the mean
const VIEWS = 20; // reports that people and programs read of a website in a day
const DELIVERED = 0.02; // deliveries an event: two of a hundred events are goals with an endpoint
const FOLD_SECONDS = 1; // after the first event that waits; see docs/site-object.md
const FOLD_AT = 512;
const CACHED_SECONDS = 20; // a website's settings in one isolate
const ISOLATES = 50; // that serve a busy website at the same time
const OBJECT_GB = 0.128; // the memory that an object is billed for

const SIZES = [
  { websites: 1, events: 1e4 },
  { websites: 10, events: 1e5 },
  { websites: 100, events: 1e6 },
  { websites: 1e3, events: 1e7 },
  { websites: 1e4, events: 1e8 },
  { websites: 1e5, events: 5e8 },
  { websites: 1e6, events: 1e9 },
  { websites: 1, events: 1e9 },
];

// ---- A day

// Websites by size: Zipf's law, in buckets of ranks that grow by a fifth, each with its mean.
function* buckets(websites, events) {
  const harmonic = websites < 1e3 ? sum(1, websites) : sum(1, 999) + Math.log((websites + 0.5) / 999.5);
  for (let first = 1; first <= websites; ) {
    const last = Math.min(websites, Math.max(first, Math.floor(first * 1.2)));
    const share = last - first < 1e3 ? sum(first, last) : Math.log((last + 0.5) / (first - 0.5));
    const count = last - first + 1;
    yield { count, events: (events * share) / harmonic / count };
    first = last + 1;
  }
}

function sum(from, to) {
  let total = 0;
  for (let rank = from; rank <= to; rank++) total += 1 / rank;
  return total;
}

// What a month uses, and how busy the busiest object is.
function simulate({ websites, events }) {
  const month = Object.fromEntries(Object.keys(PRICES).map((name) => [name, 0]));
  const { event, report, delivery } = COSTS;
  for (const { count, events: daily } of buckets(websites, events)) {
    const rate = daily / 86_400;
    // An alarm folds a second after the first event that waits, or the 512th event does. Setting it is a row.
    const folds = Math.min(rate / (1 + rate * FOLD_SECONDS), 1 / FOLD_SECONDS) * 86_400 + daily / FOLD_AT;
    const deliveries = daily * DELIVERED;
    const days = count * DAYS;
    month.requests += days * (daily + VIEWS + deliveries / 5);
    month.cpuMs += (days * (daily * event.workerUs + VIEWS * report.workerUs + deliveries * delivery.workerUs)) / 1e3;
    month.objectRequests += days * (daily + VIEWS * 2 + deliveries / 3 + folds);
    const busyUs = daily * event.objectUs + VIEWS * report.objectUs + deliveries * delivery.objectUs;
    month.objectGbSeconds += (days * busyUs * OBJECT_GB) / 1e6;
    month.rowsWritten += days * (daily * event.rowsWritten + deliveries * delivery.rowsWritten + folds);
    month.rowsRead += days * (daily * event.rowsRead + VIEWS * report.rowsRead);
    month.storedGb += (count * daily * KEPT_DAYS * event.bytes) / 1e9;
    // Each isolate that serves the website asks once in twenty seconds, if it has an event by then.
    month.keyValueReads += days * Math.min(daily, (ISOLATES * 86_400) / CACHED_SECONDS);
    month.queueOperations += days * deliveries * delivery.queueOperations;
    month.databaseRowsRead += days * VIEWS * report.databaseRowsRead;
  }
  const [largest] = buckets(websites, events);
  const busiest = (largest.events / 86_400) * PEAK;
  const most = Math.min(LIMITS.objectRequestsPerSecond, 1e6 / event.objectUs);
  const size = (largest.events * KEPT_DAYS * event.bytes) / 1e9;
  const shards = Math.ceil(Math.max(busiest / most, size / LIMITS.objectGb));
  const queries = (websites * VIEWS * PEAK) / 86_400;
  return { websites, events, month, busiest, size, shards, queries, prices: priced(month), limit: first({ busiest, most, size, queries }) };
}

// The limit that is met first, or how far the nearest is.
function first({ busiest, most, size, queries }) {
  const used = [
    ["requests of one object", busiest / most],
    ["size of one object", size / LIMITS.objectGb],
    ["queries of D1", queries / LIMITS.databaseQueriesPerSecond],
  ];
  const [name, share] = used.sort(([, a], [, b]) => b - a)[0];
  return `${name}: ${share < 1 ? `${percent(share)} used` : `${share < 10 ? share.toFixed(1) : Math.round(share)} times`}`;
}

function priced(month) {
  const over = (name) => Math.max(0, month[name] - PRICES[name].included) * PRICES[name].each;
  const parts = {
    Workers: PRICES.base + over("requests") + over("cpuMs"),
    objects: over("objectRequests") + over("objectGbSeconds"),
    "rows written": over("rowsWritten"),
    "rows read": over("rowsRead") + over("databaseRowsRead"),
    storage: over("storedGb"),
    "KV and queues": over("keyValueReads") + over("queueOperations"),
  };
  return { ...parts, total: Object.values(parts).reduce((all, part) => all + part, 0) };
}

// ---- Output

const percent = (share) => (share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);
const dollars = (amount) => (amount === 0 ? "0" : amount < 100 ? amount.toFixed(amount < 10 ? 2 : 1) : Math.round(amount).toLocaleString("en-US"));
const many = (number) => number.toLocaleString("en-US", { maximumFractionDigits: number < 1 ? 2 : number < 10 ? 1 : 0 });

function table(runs) {
  const parts = Object.keys(runs[0].prices).filter((part) => part !== "total");
  const head = ["websites", "events a day", "events/s of the busiest", "GB of the largest", "objects for it", "D1 queries/s", ...parts, "$ a month", "$ a million events", "nearest limit"];
  const rows = runs.map(({ websites, events, busiest, size, shards, queries, prices, limit }) => [
    ...[many(websites), many(events), many(busiest), many(size), many(shards), many(queries)],
    ...parts.map((part) => dollars(prices[part])),
    ...[dollars(prices.total), dollars((prices.total / (events * DAYS)) * 1e6), limit],
  ]);
  const line = head.map((_, column) => (column === head.length - 1 ? "---" : "--:"));
  return [head, line, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

// The price by part over the number of websites, both on logarithmic scales.
function chart(runs) {
  const [width, height, left, bottom, right] = [760, 380, 70, 50, 130];
  const x = (websites) => left + (Math.log10(websites) / 6) * (width - left - right);
  const [low, high] = [-1, 6];
  const y = (price) => height - bottom - ((Math.log10(Math.max(price, 10 ** low)) - low) / (high - low)) * (height - bottom - 20);
  const colours = { total: "#111", Workers: "#d97706", objects: "#2563eb", "rows written": "#dc2626", "rows read": "#0891b2", storage: "#16a34a", "KV and queues": "#7c3aed" };
  const lines = Object.entries(colours).map(([part, colour]) => {
    const points = runs.filter(({ prices }) => prices[part] >= 10 ** low).map(({ websites, prices }) => `${x(websites).toFixed(1)},${y(prices[part]).toFixed(1)}`);
    return { part, colour, points, end: y(runs.at(-1).prices[part]) };
  });
  // Labels beside the ends of their lines, at least 14 apart.
  let above = -Infinity;
  for (const line of lines.toSorted((a, b) => a.end - b.end)) above = line.label = Math.max(line.end, above + 14);
  const text = (at, to, words, more = "") => `<text x="${at}" y="${to}" ${more}>${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...[0, 1, 2, 3, 4, 5, 6].map((power) => text(x(10 ** power), height - bottom + 20, many(10 ** power), 'text-anchor="middle"')),
    ...[-1, 0, 1, 2, 3, 4, 5, 6].map((power) => {
      const to = y(10 ** power);
      return `<line x1="${left}" x2="${width - right}" y1="${to}" y2="${to}" stroke="#ddd"/>${text(left - 8, to + 4, `$${10 ** power}`, 'text-anchor="end"')}`;
    }),
    text((left + width - right) / 2, height - 8, "websites", 'text-anchor="middle"'),
    ...lines.filter(({ points }) => points.length > 1).map(({ part, colour, points, label }) => `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${text(width - right + 8, label + 4, part, `fill="${colour}"`)}`),
    "</svg>",
    "",
  ].join("\n");
}

const runs = SIZES.map(simulate);
const path = join(DOCS, "scale.md");
const [START, END] = ["<!-- bench/scale.mjs -->", "<!-- end -->"];
const page = readFileSync(path, "utf8");
const [before, rest] = page.split(START);
writeFileSync(path, `${before}${START}\n\n${table(runs)}\n\n${END}${rest.split(END)[1]}`);
writeFileSync(join(DOCS, "scale.svg"), chart(runs.slice(0, -1)));
console.log(table(runs));
