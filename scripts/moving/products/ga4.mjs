// Turns an export of Google Analytics 4 into import lines (docs/moving.md): events that BigQuery exports as JSON lines, or reports as CSV.

import { countryCode } from "./countries.mjs";
import { lines, rows } from "./read.mjs";
import { sourceFields } from "./sources.mjs";
import { MOST_A_DAY, daysOf, eventsOf } from "./sums.mjs";
import { Fault, clickIds, query, uuid } from "./write.mjs";

// ---- Events

// What Google Analytics sends by itself, and Sluice tells from pageviews.
const OWN = new Set(["session_start", "first_visit", "user_engagement", "scroll", "view_search_results", "form_start", "video_progress"]);
const OWN_PARAMETERS = /^(ga_|page_|engage|session_engaged|entrances|ignore_referrer|debug_mode|batch_|engagement_|campaign|source$|medium$|term$|content$|gclid|srsltid|firebase_|percent_scrolled)/;
const DEVICES = { desktop: "desktop", mobile: "mobile", tablet: "tablet" };
const SYSTEMS = { Macintosh: "Mac OS", "Mac OS X": "Mac OS", "Chrome OS": "Chrome OS", "(not set)": undefined };
const known = (text) => (text && text !== "(not set)" && text !== "(other)" ? text : undefined);

export const EVENTS_UNTOLD = [
  "visitors who did not consent: their events have no user_pseudo_id.",
  "regions by their codes: the export has names, and reports show them as they are.",
];

function parameters(event) {
  const found = {};
  for (const { key, value } of event.event_params ?? []) {
    const told = value?.string_value ?? value?.int_value ?? value?.float_value ?? value?.double_value;
    if (told !== undefined && told !== null) found[key] = told;
  }
  return found;
}

function* eventLines(event, domain, output) {
  const name = event.event_name;
  if (typeof name !== "string") throw new Fault("event_name: required, but missing: is this a line of events_YYYYMMDD?");
  const micros = Number(event.event_timestamp);
  if (!(micros > 0)) throw new Fault(`event_timestamp: expected microseconds, got ${JSON.stringify(event.event_timestamp)}`);
  if (event.platform && event.platform !== "WEB") return output.leave(`events of apps (${event.platform})`);
  if (OWN.has(name)) return output.leave(`events "${name}"`);
  if (!event.user_pseudo_id) return output.leave("events without a visitor (user_pseudo_id)");
  const given = parameters(event);
  const timestamp = new Date(micros / 1000).toISOString();
  const visitorId = uuid("ga4", event.user_pseudo_id);
  const id = uuid(event.user_pseudo_id, event.event_timestamp, name, event.event_bundle_sequence_id, event.batch_page_id, event.batch_ordering_id, event.batch_event_index, given.page_location, given.link_url);
  const { device = {}, geo = {}, ecommerce = {} } = event;
  const host = device.web_info?.hostname || domain;
  let href = given.page_location ?? `https://${host}/`;
  if (!URL.canParse(href)) href = `https://${host}${href.startsWith("/") ? "" : "/"}${href}`;
  const url = new URL(href);
  const country = countryCode(geo.country);
  if (known(geo.country) && !country) output.leave(`country that is not known: ${geo.country}`);
  const common = {
    timestamp, visitorId, sessionId: `ga4-${given.ga_session_id ?? event.event_date}-${visitorId.slice(0, 8)}`, href, referrer: given.page_referrer || null,
    country, region: known(geo.region), city: known(geo.city), browser: known(device.web_info?.browser ?? device.browser),
    browserVersion: known(device.web_info?.browser_version ?? device.browser_version), os: known(device.operating_system) && (SYSTEMS[device.operating_system] ?? device.operating_system),
    osVersion: known(device.operating_system_version?.replace(/^((Macintosh|Intel|iOS|Android|Windows) )+/, "")), device: DEVICES[device.category], deviceVendor: known(device.mobile_brand_name),
    deviceModel: known(device.mobile_model_name), language: known(device.language), adClickIds: clickIds(Object.fromEntries(url.searchParams)),
  };
  if (event.user_id) yield { id: `ga4-known-${uuid(event.user_pseudo_id, event.user_id)}`, type: "identify", ...common, extraData: { user_id: event.user_id } };
  if (name === "page_view") return yield { id, type: "pageview", ...common };
  if (name === "click" && given.link_url) {
    if (/^https?:/i.test(given.link_url)) yield { id, type: "external_link", ...common, extraData: { url: given.link_url, text: given.link_text } };
    else output.leave("clicks on links that lead to no website");
    return;
  }
  const transaction = ecommerce.transaction_id ?? given.transaction_id;
  const isRefund = name === "refund";
  if ((name === "purchase" || isRefund) && known(transaction) && given.currency) {
    const amount = Number(given.value ?? (isRefund ? ecommerce.refund_value : ecommerce.purchase_revenue) ?? 0);
    const extraData = {
      amount: Math.abs(amount), currency: given.currency, transaction_id: String(transaction), datafast_visitor_id: visitorId, ...(isRefund && { refunded: true }),
    };
    if (amount !== 0) yield { id, timestamp, type: "payment", extraData };
    else output.leave("purchases of nothing");
    return;
  }
  const properties = Object.fromEntries(Object.entries(given).filter(([key]) => !OWN_PARAMETERS.test(key)));
  yield { id, type: "custom", ...common, extraData: { eventName: output.goal(name), ...output.properties(properties) } };
}

async function events({ name, stream }, domain, output, identified) {
  for await (const { line, text, fault } of lines(stream())) {
    if (text.trim() === "") continue;
    try {
      if (fault) throw new Fault(fault);
      let event;
      try {
        event = JSON.parse(text);
      } catch (error) {
        throw new Fault(`no JSON: ${error.message}`);
      }
      if (event === null || typeof event !== "object" || Array.isArray(event)) throw new Fault("expected a JSON object");
      for (const one of [...eventLines(event, domain, output)]) {
        if (one.type === "identify") {
          if (identified.has(one.id)) continue;
          if (identified.size === 10_000) identified.delete(identified.values().next().value);
          identified.add(one.id);
        }
        await output.line(one);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await output.refuse(name, line, text, error.message);
    }
  }
}

// ---- Reports

export const REPORTS_UNTOLD = [
  "times of day, journeys, and which visitor came from where: a report has sums of days. The events made of them add up to each report of a day alone; a filter over two shows chance.",
  "visitors over several days: each day has its own, so a longer range counts who came on two days twice.",
  "what Google Analytics leaves out of reports: rows below its thresholds, and what it puts into (other).",
  "payments: a report has no transactions.",
];

// Columns by the names of the Data API, and by those of the reports' own CSV.
const ALIASES = {
  Date: "date", Sessions: "sessions", "Total users": "totalUsers", "Active users": "activeUsers", Views: "screenPageViews", "Engaged sessions": "engagedSessions",
  "Average session duration": "averageSessionDuration", "Page path": "pagePath", "Page path and screen class": "pagePath", Hostname: "hostName", "Landing page": "landingPage",
  "Session source": "sessionSource", "Session medium": "sessionMedium", "Session campaign": "sessionCampaignName", "Session source / medium": "sessionSourceMedium", Country: "country",
  "Country ID": "countryId", Region: "region", City: "city", "Device category": "deviceCategory", Browser: "browser", "Operating system": "operatingSystem", "Event name": "eventName",
  "Event count": "eventCount", users: "totalUsers", "Bounce rate": "bounceRate",
};

const amount = (row, name) => {
  const text = (row[name] ?? "").replaceAll(",", "");
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Fault(`${name}: expected a number, got "${row[name] ?? ""}"`);
  if (Number(text) > MOST_A_DAY) throw new Fault(`${name}: ${text} within a day are too many to make visits of`);
  return Number(text);
};
const people = (row) => amount(row, row.totalUsers === undefined ? "activeUsers" : "totalUsers");
const visits = (row) => ({ visits: Math.round(amount(row, "sessions")), visitors: people(row) });
const source = (row) => {
  const [name, medium] = row.sessionSourceMedium?.split(" / ") ?? [row.sessionSource, row.sessionMedium];
  const isLink = /^(referral|organic|\(none\)|\(not set\)|)$/.test(medium ?? "");
  const campaign = known(row.sessionCampaignName)?.replace(/^\((direct|organic|referral)\)$/, "");
  return isLink ? { campaign: "", ...sourceFields(name) } : { campaign: query({ utm_source: known(name), utm_medium: medium, utm_campaign: campaign }) };
};

// Which table a report is, by the dimension that it has, and what a row says.
const REPORTS = [
  ["eventName", "goal", (row, output) => (OWN.has(row.eventName) || row.eventName === "page_view" ? undefined : { value: goalOf(row.eventName, output), visitors: people(row), events: amount(row, "eventCount") })],
  ["pagePath", "page", (row) => ({ value: { host: known(row.hostName), path: row.pagePath }, pageviews: amount(row, "screenPageViews") })],
  ["landingPage", "entry", (row) => (known(row.landingPage) ? { value: row.landingPage, ...visits(row) } : undefined)],
  ["sessionSource", "source", (row) => ({ value: source(row), ...visits(row) })],
  ["sessionSourceMedium", "source", (row) => ({ value: source(row), ...visits(row) })],
  ["countryId", "location", (row) => ({ value: { country: known(row.countryId), region: known(row.region), city: known(row.city) }, ...visits(row) })],
  ["country", "location", (row) => ({ value: { country: countryCode(row.country), region: known(row.region), city: known(row.city) }, ...visits(row) })],
  ["deviceCategory", "device", (row) => ({ value: { device: DEVICES[row.deviceCategory] }, ...visits(row) })],
  ["browser", "browser", (row) => ({ value: { browser: known(row.browser) }, ...visits(row) })],
  ["operatingSystem", "os", (row) => ({ value: { os: known(row.operatingSystem) && (SYSTEMS[row.operatingSystem] ?? row.operatingSystem) }, ...visits(row) })],
  ["screenPageViews", "days", dayOf],
];

function goalOf(name, output) {
  output.goal(name); // refused here, with its row
  return { name, properties: {} };
}

function dayOf(row) {
  const { visits: sessions, visitors } = visits(row);
  const engaged = row.engagedSessions !== undefined ? amount(row, "engagedSessions") : row.bounceRate !== undefined ? Math.round(sessions * (1 - amount(row, "bounceRate"))) : sessions;
  const seconds = row.averageSessionDuration !== undefined ? Math.round(amount(row, "averageSessionDuration") * sessions) : 0;
  return { visits: sessions, visitors, pageviews: amount(row, "screenPageViews"), bounces: Math.max(0, sessions - engaged), seconds };
}

const columnsOf = (header) => header?.map((column) => ALIASES[column] ?? column) ?? [];
const reportOf = (columns) => (columns.includes("date") ? REPORTS.find(([column]) => columns.includes(column)) : undefined);

// What a report is of, by its header; `days` are the totals.
export const kindOf = (header) => reportOf(columnsOf(header))?.[1];

// Opens a report: its kind, and its rows in the order of their days.
async function report({ name, stream }, output) {
  const all = rows(stream());
  const { value: { header } = {} } = await all.next();
  const columns = columnsOf(header);
  const [, kind, read] = reportOf(columns) ?? [];
  if (!kind) throw new Error(`${name}: expected a report with a column date and one of ${REPORTS.map(([column]) => column).join(", ")}; got ${columns.join(", ") || "nothing"}`);
  const table = async function* () {
    let last = "";
    for await (const { line, text, row, fault } of all) {
      try {
        if (fault) throw new Fault(fault);
        const told = Object.fromEntries(Object.values(row).map((cell, index) => [columns[index], cell]));
        const date = told.date.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
        if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Fault(`date: expected a day as 20260501, got "${told.date}"`);
        if (date < last) throw new Fault(`date: ${date} comes behind ${last}; order the report by date`);
        last = date;
        const found = read(told, output);
        if (found) yield { date, ...found };
        else output.leave("rows of reports that say nothing by themselves (page_view, session_start, (not set) …)");
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await output.refuse(name, line, text, error.message);
      }
    }
  };
  return [kind, table()];
}

// ----

export async function convertEvents(sources, { domain }, output) {
  const identified = new Set();
  for (const source of sources) await events(source, domain, output, identified);
}

export async function convertReports(sources, { domain, timezone = "UTC" }, output) {
  const tables = {};
  for (const source of sources) {
    const [kind, table] = await report(source, output);
    if (tables[kind]) throw new Error(`${source.name}: there is another report with the same dimension`);
    tables[kind] = table;
  }
  if (!tables.days) throw new Error("a report of the days is needed: date, sessions, totalUsers, screenPageViews and no other dimension");
  for await (const day of daysOf(tables, output)) {
    for (const line of eventsOf(day, { domain, timezone, product: "ga4" }, output)) await output.line(line);
  }
}
