// Walks the API of DataFast and writes what it tells of each website as import lines (docs/moving.md): the visitors, the pages that each
// has seen, the goals and payments that each has completed. There is no other export.
//
//   DATAFAST_TOKEN=dft_… node scripts/moving/datafast.mjs --website example.com --to moved/
//
// For each website it writes <domain>.ndjson, and beside it <domain>.done: a line for each visitor that is written whole. Run again after
// a stop, it goes on from there.

import { createReadStream, existsSync, mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Terminal } from "./command.mjs";
import { lines } from "./products/read.mjs";
import { sourceFields } from "./products/sources.mjs";
import { Fault, clickIds, uuid } from "./products/write.mjs";

const USAGE = `usage: DATAFAST_TOKEN=dft_… node scripts/moving/datafast.mjs [--website example.com] [--to FOLDER] [--from URL] [--per-minute 55]

website     only this one: its domain or id; all that the token reaches otherwise
to          the folder for the files (moved)
from        the API (https://datafa.st)
per-minute  how many requests to send a minute: DataFast allows 60`;

const PAGE = 250;
const VISIT_GAP_MS = 30 * 60_000; // after this, a visitor's next page begins a visit
const TRIES = 8;
const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref", "source", "via"];
// Goals that a payment completes, of which the payment itself tells nothing more.
const OF_SUBSCRIPTIONS = /^(trial_started|trial_converted|subscription_\w+)$/;

const UNTOLD = [
  "payments that no visitor is known of, transactions' own ids, payers, and whether a payment is a renewal.",
  "clicks on links to other websites; the properties of goals, where the answer has none.",
  "where a visitor came from on later visits: only the first source is told.",
  "where visits begin: a pause of 30 minutes between pages is taken for one.",
];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The API, asked no faster than it allows.
class Api {
  #sent = [];
  #notBefore = 0;

  constructor({ from, token, perMinute }) {
    Object.assign(this, { from: from.replace(/\/$/, ""), token, perMinute, requests: 0 });
  }

  async #turn() {
    for (;;) {
      const now = Date.now();
      this.#sent = this.#sent.filter((time) => now - time < 60_000);
      const pause = Math.max(this.#notBefore - now, this.#sent.length < this.perMinute ? 0 : this.#sent[0] + 60_000 - now);
      if (pause <= 0) return this.#sent.push(now);
      await sleep(pause);
    }
  }

  // The JSON of an answer; nothing where there is none of this id.
  async get(path, parameters = {}) {
    const url = `${this.from}/api/v1${path}?${new URLSearchParams(parameters)}`;
    for (let tried = 1; ; tried += 1) {
      await this.#turn();
      this.requests += 1;
      let why;
      try {
        const answer = await fetch(url, { headers: { authorization: `Bearer ${this.token}`, accept: "application/json" }, signal: AbortSignal.timeout(60_000) });
        const text = await answer.text();
        if (answer.ok) return JSON.parse(text);
        if (answer.status === 404) return undefined;
        why = `${answer.status} ${text.slice(0, 200)}`;
        if (answer.status === 429) this.#wait(answer.headers, text);
        else if (answer.status < 500) throw new Error(`GET ${path}: ${why}`);
      } catch (error) {
        if (error.message.startsWith("GET ")) throw error;
        why = String(error.cause ?? error);
      }
      if (tried === TRIES) throw new Error(`GET ${path}: ${why}; run this again to go on`);
      // A refusal for too many requests says itself when to go on.
      if (this.#notBefore <= Date.now()) await sleep(Math.min(60_000, 500 * 2 ** tried));
    }
  }

  // The moment to go on is told in seconds by the documentation, and in milliseconds by the service.
  #wait(headers, text) {
    let body = {};
    try {
      body = JSON.parse(text);
    } catch {}
    const reset = Number(body?.reset ?? headers.get("x-ratelimit-reset") ?? 0);
    const at = Number(headers.get("retry-after")) > 0 ? Date.now() + Number(headers.get("retry-after")) * 1000 : reset < 1e12 ? reset * 1000 : reset;
    this.#notBefore = Math.max(Date.now() + 1000, Math.min(at + 200, Date.now() + 120_000));
  }
}

// An address that the API tells without its scheme.
const addressOf = (text, domain) => (/^[a-z]+:\/\//i.test(text) ? text : text.startsWith("/") ? `https://${domain}${text}` : `https://${text}`);
const nameOf = (value) => (typeof value === "string" ? value : value?.name) || undefined;
const timeOf = (value) => {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new Fault(`expected a moment, got ${JSON.stringify(value)}`);
  return time;
};

// The lines of a visitor: what the list says (`row`) and what the detail says.
function linesOf(row, detail, domain, output) {
  const { visitorId, identity = {}, activity = {}, profile } = detail;
  const acquisition = detail.acquisition ?? row.acquisition ?? {};
  const first = Object.fromEntries(CAMPAIGN.map((name) => [name, identity.params?.[name] ?? acquisition[name]]));
  const place = identity.countryCode ?? identity.country;
  const client = {
    country: /^[A-Z]{2}$/.test(place ?? "") ? place : undefined, region: identity.region ?? undefined, city: identity.city ?? undefined, browser: nameOf(identity.browser),
    browserVersion: identity.browser?.version ?? undefined, os: nameOf(identity.os), osVersion: identity.os?.version ?? undefined, device: identity.device?.type ?? undefined,
    deviceVendor: identity.device?.vendor ?? undefined, deviceModel: identity.device?.model ?? undefined, viewport: identity.viewport?.width ? identity.viewport : undefined,
  };
  const pages = (activity.visitedPages ?? []).map(({ url, timestamp }) => ({ url, time: timeOf(timestamp) })).sort((one, other) => one.time - other.time);
  if (activity.pageViewCount > pages.length) output.leave("pageviews that the API counts, but does not list", activity.pageViewCount - pages.length);

  const seen = new Map(); // equal events of one moment are told apart by their number
  const id = (...what) => {
    const text = JSON.stringify(what);
    seen.set(text, (seen.get(text) ?? 0) + 1);
    return uuid("datafast", domain, visitorId, text, String(seen.get(text)));
  };
  const visits = []; // { id, until }
  const visitAt = (time) => {
    const found = visits.findLast((visit) => visit.from - VISIT_GAP_MS <= time && time <= visit.until + VISIT_GAP_MS);
    if (found) found.until = Math.max(found.until, time);
    else visits.push({ id: `datafast-${uuid(domain, visitorId, String(time)).slice(0, 13)}`, from: time, until: time });
    return found ?? visits.at(-1);
  };
  const found = [];
  for (const [index, { url, time }] of pages.entries()) {
    let href = addressOf(url, domain);
    const isFirst = index === 0 && (activity.pageViewCount ?? 0) <= pages.length;
    // The list of pages has no campaigns: they are the first page's.
    if (isFirst && URL.canParse(href)) {
      const parsed = new URL(href);
      for (const name of CAMPAIGN) if (first[name] && !parsed.searchParams.has(name)) parsed.searchParams.set(name, first[name]);
      href = parsed.href;
    }
    const source = isFirst ? sourceFields(acquisition.referrer) : {};
    found.push({
      id: id("pageview", url, time), timestamp: new Date(time).toISOString(), type: "pageview", visitorId, sessionId: visitAt(time).id, href, ...client, ...source,
      referrer: source.referrer ?? null, ...(isFirst && { adClickIds: clickIds(identity.adClickIds ?? {}) }),
    });
  }
  const goals = activity.completedGoals ?? activity.completedCustomGoals ?? [];
  for (const goal of goals) {
    const time = timeOf(goal.timestamp);
    const common = { id: id("goal", goal.name, time), timestamp: new Date(time).toISOString() };
    if (goal.origin === "payment_provider") {
      const { amount, currency } = goal;
      if (goal.name === "payment" && Number(amount) > 0 && currency) {
        const extraData = { amount: Number(amount), currency, transaction_id: `datafast-${common.id}`, datafast_visitor_id: visitorId, ...(goal.renewal && { renewal: true }) };
        found.push({ ...common, type: "payment", extraData });
      } else if (goal.name === "free_trial") {
        const extraData = { amount: 0, currency: currency ?? "USD", is_free_trial: true, transaction_id: `datafast-${common.id}`, datafast_visitor_id: visitorId };
        found.push({ ...common, type: "payment", extraData });
      } else output.leave(OF_SUBSCRIPTIONS.test(goal.name) ? "goals of subscriptions: they follow from payments" : "payments of which the API tells no amount");
      continue;
    }
    const page = pages.findLast((one) => one.time <= time) ?? pages[0];
    const extraData = { eventName: output.goal(goal.name), ...output.properties(goal.metadata ?? {}) };
    const line = { ...common, type: "custom", visitorId, ...client, description: goal.description ?? undefined, extraData };
    // What a backend sent belongs to no visit and no page.
    const isServer = goal.isServer ?? activity.completedCustomGoals?.find(({ name, timestamp }) => name === goal.name && timestamp === goal.timestamp)?.isServer;
    found.push(isServer || !page ? line : { ...line, sessionId: visitAt(time).id, href: addressOf(page.url, domain), referrer: null });
  }
  if (profile?.userId) {
    const time = timeOf(profile.identifiedAt ?? activity.lastVisitAt ?? activity.firstVisitAt);
    found.push({ id: id("identify"), timestamp: new Date(time).toISOString(), type: "identify", visitorId, extraData: { ...profile.metadata, user_id: profile.userId } });
  }
  return found;
}

// A website's files: lines, and which visitors are in them whole.
class Files {
  static async open(folder, domain) {
    const files = new Files();
    files.done = new Set();
    const journal = join(folder, `${domain}.done`);
    let [size, journalSize] = [0, 0];
    if (existsSync(journal)) {
      for await (const { text } of lines(createReadStream(journal))) {
        const [visitor, end] = text.split(" ");
        // A line that was being written at a stop has no end.
        if (!/^\d+\.$/.test(end ?? "")) break;
        files.done.add(visitor);
        [size, journalSize] = [Number(end.slice(0, -1)), journalSize + text.length + 1];
      }
    }
    files.lines = await open(join(folder, `${domain}.ndjson`), "a+");
    files.journal = await open(journal, "a+");
    // What was written of a visitor after the last whole one.
    await files.lines.truncate(size);
    if ((await files.journal.stat()).size < journalSize) await files.journal.appendFile("\n");
    else await files.journal.truncate(journalSize);
    files.size = size;
    return files;
  }

  async add(visitor, found) {
    const text = found.map((line) => `${JSON.stringify(line)}\n`).join("");
    await this.lines.appendFile(text);
    this.size += Buffer.byteLength(text);
    await this.journal.appendFile(`${visitor} ${this.size}.\n`);
    this.done.add(visitor);
  }

  async close() {
    await this.lines.sync();
    await this.lines.close();
    await this.journal.close();
  }
}

async function walk(api, site, folder, output) {
  const websiteId = site._id ?? site.id;
  const own = websiteId ? { websiteId } : {};
  const domain = /^[a-z0-9][a-z0-9.-]*$/i.test(site.domain) ? site.domain : (websiteId ?? "website"); // it names files
  // Who comes while the list is read is none of it.
  const range = { startAt: "2000-01-01T00:00:00Z", endAt: new Date().toISOString() };
  const files = await Files.open(folder, domain);
  if (files.done.size > 0) console.error(`${domain}: ${files.done.size} visitors are there already`);
  let written = 0;
  let gone = 0;
  try {
    // The list may move while it is read: it is read until nobody new is in it.
    for (let found = -1; found !== 0; ) {
      found = 0;
      for (let offset = 0, hasMore = true; hasMore; offset += PAGE) {
        const page = await api.get("/visitors", { ...own, limit: PAGE, offset, ...range });
        for (const row of page?.data ?? []) {
          if (files.done.has(row.visitorId)) continue;
          found += 1;
          const detail = (await api.get(`/visitors/${row.visitorId}`, own))?.data;
          let of = [];
          try {
            if (detail) of = linesOf(row, { visitorId: row.visitorId, ...detail }, domain, output);
            else gone += 1;
          } catch (error) {
            if (!(error instanceof Fault)) throw error;
            await output.refuse(domain, row.visitorId, JSON.stringify(detail), error.message);
          }
          await files.add(row.visitorId, of);
          for (const line of of) output.count(line);
          written += of.length;
          if (files.done.size % 100 === 0) console.error(`${domain}: ${files.done.size} of ${page.pagination?.total ?? "?"} visitors, ${written} lines`);
        }
        hasMore = page?.pagination?.hasMore ?? (page?.data?.length ?? 0) === PAGE;
      }
    }
    const overview = (await api.get("/analytics/overview", own))?.data?.[0] ?? {};
    console.error(`${domain}: ${files.done.size} visitors, of ${overview.visitors ?? "?"} that the overview counts; ${written} new lines in ${join(folder, `${domain}.ndjson`)}`);
    if (gone > 0) output.leave("visitors who are in the list and have no detail", gone);
  } finally {
    await files.close();
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      website: { type: "string" }, to: { type: "string", default: "moved" }, from: { type: "string", default: "https://datafa.st" }, "per-minute": { type: "string", default: "55" },
      rejects: { type: "string" }, help: { type: "boolean", short: "h" },
    },
  });
  const token = process.env.DATAFAST_TOKEN?.trim();
  const perMinute = Number(values["per-minute"]);
  if (values.help || !token || !(perMinute >= 1)) {
    if (!values.help) console.error(token ? "--per-minute has to be a number from 1\n" : "DATAFAST_TOKEN is not set: a token that may read analytics and websites, or a website's key\n");
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  mkdirSync(values.to, { recursive: true });
  const api = new Api({ from: values.from, token, perMinute });
  const output = new Terminal(values);
  // A website's key reaches its website without naming it, and no list.
  const isKey = token.startsWith("df_");
  const all = (await api.get(isKey ? "/analytics/metadata" : "/admin/websites"))?.data ?? [];
  const wanted = all.filter((site) => !values.website || [site.domain, site._id, site.id].includes(values.website));
  if (wanted.length === 0) throw new Error(values.website ? `the token reaches no website ${values.website}; it reaches ${all.map(({ domain }) => domain).join(", ") || "none"}` : "the token reaches no website");
  for (const site of wanted) await walk(api, site, values.to, output);
  console.error(`${api.requests} requests`);
  return (await output.conclude(UNTOLD)) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
