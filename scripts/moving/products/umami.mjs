// Turns events of Umami into import lines (docs/moving.md): rows of its table `website_event` as CSV, as Umami Cloud exports them and as
// a database writes them.

import { rows } from "./read.mjs";
import { Fault, clickIds, moment, query, uuid } from "./write.mjs";

export const NEEDED = ["session_id", "url_path", "event_type", "created_at"];
const BROWSERS = {
  chrome: "Chrome", "chromium-webview": "Chrome", crios: "Chrome", "edge-chromium": "Edge", edge: "Edge", "edge-ios": "Edge", safari: "Safari", ios: "Safari",
  "ios-webview": "Safari", firefox: "Firefox", fxios: "Firefox", opera: "Opera", "opera-mini": "Opera", samsung: "Samsung Internet", facebook: "Facebook",
  instagram: "Instagram", android: "Android Browser", silk: "Silk", yandexbrowser: "Yandex", ie: "IE",
};
const DEVICES = { desktop: "desktop", laptop: "desktop", mobile: "mobile", tablet: "tablet" };
const KINDS = { 3: "clicks of short links", 4: "loads of pixels", 5: "measurements of performance" };
const REMEMBERED = 10_000; // visitors that were told to be known by a name

export const UNTOLD = [
  "visitors beyond a month: Umami gives a visitor a new session_id each month, so who comes back later is a new visitor.",
  "payments, but for those that a query joins (docs/moving.md): Umami keeps them apart, and without a transaction's id.",
];

const os = (name) => name?.replace(/^Windows.*/, "Windows").replace(/^Android OS$/, "Android").replace(/^Mac OS.*/, "Mac OS") || undefined;

const UTM = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];

// Queries are written with and without their question mark.
const questioned = (text) => (text ? `?${text.replace(/^\?/, "")}` : "");

// The page's address. Umami has campaigns in columns of their own, and cuts long queries.
function address(row, domain) {
  const path = row.url_path.startsWith("/") ? row.url_path : `/${row.url_path}`;
  const own = questioned(row.url_query);
  const campaign = /[?&]utm_/.test(own) ? "" : query(Object.fromEntries(UTM.map((name) => [name, row[name]])));
  return `https://${row.hostname || domain}${path}${own}${own ? campaign.replace("?", "&") : campaign}`;
}

// Newer files have regions as ISO 3166-2, others without their country.
function regionOf(row) {
  const region = row.region || row.subdivision1;
  if (!region) return undefined;
  return /^[A-Z]{2}-/.test(region) ? region : `${row.country}-${region}`;
}

// A goal's properties, which a query joins as JSON.
function propertiesOf(sent) {
  if (!sent) return {};
  let data;
  try {
    data = JSON.parse(sent);
  } catch {}
  if (data === null || typeof data !== "object" || Array.isArray(data)) throw new Fault(`event_data: expected an object of JSON, got "${sent.slice(0, 100)}"`);
  return data;
}

function* events(row, domain, output) {
  const timestamp = moment(row.created_at);
  if (!timestamp) throw new Fault(`created_at: expected a time, got "${row.created_at}"`);
  for (const name of ["session_id", "url_path"]) if (!row[name]) throw new Fault(`${name}: required, but empty`);
  const type = Number(row.event_type);
  if (KINDS[type]) return output.leave(KINDS[type]);
  if (type !== 1 && type !== 2) throw new Fault(`event_type: expected 1 or 2, got "${row.event_type}"`);
  const [width, height] = (row.screen ?? "").split("x").map(Number);
  const referrer = row.referrer_domain && `https://${row.referrer_domain}${row.referrer_path ?? ""}${questioned(row.referrer_query)}`;
  const common = {
    timestamp, visitorId: uuid("umami", row.session_id), sessionId: row.visit_id || row.session_id, href: address(row, domain), referrer: referrer || null,
    country: row.country || undefined, region: regionOf(row), city: row.city || undefined, browser: BROWSERS[row.browser] ?? (row.browser || undefined), os: os(row.os),
    device: DEVICES[row.device], language: row.language || undefined, ...(width > 0 && height > 0 && { screenWidth: width, screenHeight: height }), adClickIds: clickIds(row),
  };
  const id = row.event_id || uuid("umami", JSON.stringify(row));
  if (type === 1) yield { id, type: "pageview", ...common };
  else {
    const data = propertiesOf(row.event_data);
    yield { id, type: "custom", ...common, extraData: { eventName: output.goal(row.event_name ?? ""), ...output.properties(data) } };
  }
  if (Number(row.revenue) > 0 && row.currency) {
    const extraData = { amount: Number(row.revenue), currency: row.currency.toUpperCase(), transaction_id: `umami-${id}`, datafast_visitor_id: common.visitorId };
    yield { id: `${id}-payment`, timestamp, type: "payment", extraData };
  }
  if (Number(row.revenue) < 0) output.leave("revenues below zero: Umami tells no payment that they are refunds of");
  if (row.distinct_id) yield { id: `umami-known-${row.session_id}`, type: "identify", ...common, extraData: { user_id: row.distinct_id } };
}

// Why a file with this header has no events, if so.
export function misfit(name, header) {
  const missing = NEEDED.filter((column) => !header.includes(column));
  if (missing.length === 0) return undefined;
  const isSums = header.includes("x") && header.includes("y");
  const sums = isSums ? " This is what the button \"Export\" of a website gives: sums, without times. Sums are no events: export the events." : "";
  return `${name} has no column ${missing.join(", ")}: these are no rows of website_event.${sums}`;
}

export async function convert(sources, { domain, website }, output) {
  const known = new Set();
  for (const { name, stream, isEntry } of sources) {
    for await (const { line, text, row, header, fault } of rows(stream())) {
      if (header) {
        const problem = misfit(name, header);
        // An archive may hold other tables too.
        if (problem && isEntry) output.leave(`file that is not known: ${name}`);
        else if (problem) throw new Error(problem);
        if (problem) break;
        continue;
      }
      try {
        if (fault) throw new Fault(fault);
        if (website && row.website_id !== website) {
          output.leave("rows of other websites");
          continue;
        }
        for (const event of [...events(row, domain, output)]) {
          if (event.type === "identify") {
            if (known.has(event.id)) continue;
            if (known.size === REMEMBERED) known.delete(known.values().next().value);
            known.add(event.id);
          }
          await output.line(event);
        }
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await output.refuse(name, line, text, error.message);
      }
    }
  }
}
