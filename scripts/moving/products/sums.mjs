// Sums of days as events. An export of sums says how many visitors a day had, and how many visits came from each country, but not which
// visitor came from where. So visits are made up that add up to these sums: each table of a day taken alone comes out as it was, and what
// two tables say of each other is chance (docs/moving.md). The same export makes the same events, so that it can be imported again.

import { random, uuid } from "./write.mjs";

const DAY_SECONDS = 86_400;
// A day's visits are all in memory. What has more is no day of a website, or none that fits.
export const MOST_A_DAY = 2_000_000;
const DIMENSIONS = ["entry", "source", "location", "device", "browser", "os"];

// The moment at which a day begins in a time zone.
export function dayStart(date, timezone) {
  const utc = Date.parse(`${date}T00:00:00Z`);
  const form = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
  const offset = (time) => {
    const name = form.formatToParts(time).find(({ type }) => type === "timeZoneName").value;
    const [, sign, hours, minutes] = name.match(/GMT([+-])(\d\d):(\d\d)/) ?? [undefined, "+", "0", "0"];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  };
  const guess = utc - offset(utc);
  return utc - offset(guess);
}

// Tables that are read side by side, a day at a time: `tables` maps kinds to iterators of { date, … } in the order of dates, and `days`
// is the one that says which days there are.
export async function* daysOf(tables, output) {
  const { days, ...others } = tables;
  const readers = Object.entries(others).map(([kind, table]) => [kind, new Reader(table)]);
  for await (const day of days) {
    const parts = {};
    for (const [kind, reader] of readers) parts[kind] = await reader.of(day.date, output);
    yield { ...day, parts };
  }
  for (const [, reader] of readers) await reader.of("9999-99-99", output);
}

class Reader {
  #table;
  #next;

  constructor(table) {
    this.#table = table[Symbol.asyncIterator]();
  }

  async of(date, output) {
    const found = [];
    for (;;) {
      this.#next ??= await this.#table.next();
      if (this.#next.done || this.#next.value.date > date) return found;
      if (this.#next.value.date === date) found.push(this.#next.value);
      else output.leave("rows of days that have no totals");
      this.#next = undefined;
    }
  }
}

function shuffle(list, chance) {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = chance(index + 1);
    [list[index], list[other]] = [list[other], list[index]];
  }
  return list;
}

// A value for each visit, so that each has as many visits as its row says, and near as many visitors. The first `visitors` visits are
// of different visitors, the others of those again.
function assign(rows, visits, visitors, chance) {
  const [first, again] = [new Map(), new Map()];
  const add = (counts, value, count) => counts.set(value, (counts.get(value) ?? 0) + count);
  const take = (counts, value) => {
    const count = counts.get(value) ?? 0;
    if (count > 0) counts.set(value, count - 1);
    return count > 0;
  };
  for (const row of rows) {
    const alone = Math.min(row.visitors ?? row.visits, row.visits);
    add(first, row.value, alone);
    add(again, row.value, row.visits - alone);
  }
  const listed = (counts) => shuffle([...counts].flatMap(([value, count]) => Array(count).fill(value)), chance);
  const given = Array(visits);
  // Visitors who come again come as before, as far as the sums let them.
  const waiting = listed(again);
  for (let visit = visitors; visit < visits; visit += 1) {
    const visitor = visit % visitors;
    if (given[visitor] === undefined) {
      const next = waiting.findLastIndex((value) => first.get(value) > 0 && again.get(value) > 0);
      if (next < 0) break;
      const [value] = waiting.splice(next, 1);
      take(first, value);
      given[visitor] = value;
    }
    if (take(again, given[visitor])) given[visit] = given[visitor];
  }
  const alone = listed(first);
  for (let visit = 0; visit < visitors && alone.length > 0; visit += 1) {
    // Chance also says which visitors have no value, where there are too few.
    const isNone = chance(visitors - visit) >= alone.length;
    if (given[visit] === undefined && !isNone) given[visit] = alone.pop();
  }
  const left = [...alone, ...listed(again)];
  for (let visit = visits - 1; visit >= 0 && left.length > 0; visit -= 1) given[visit] ??= left.pop();
  return given;
}

// How many pages each visit has: one for those that bounced, the others share the rest, two each if there are enough.
function pageCounts(visits, bounces, pageviews, chance) {
  const others = visits - bounces;
  const counts = Array(visits).fill(1);
  let left = Math.max(0, pageviews - visits);
  for (let visit = bounces; visit < visits && left > 0; visit += 1, left -= 1) counts[visit] += 1;
  const each = others > 0 ? Math.floor(left / others) : 0;
  for (let visit = bounces; visit < visits; visit += 1) counts[visit] += each;
  left -= each * others;
  const last = others > 0 ? bounces : 0;
  for (; left > 0; left -= 1) counts[last + chance(visits - last)] += 1;
  return counts;
}

// Pages to view, each as often as its row says; whatever is left, where a page that is wanted is used up.
class Pages {
  #left = new Map(); // by path: the page on each of its hosts
  #rest;

  constructor(rows) {
    for (const { value, pageviews } of rows) {
      const pages = this.#left.get(value.path) ?? [];
      pages.push({ page: value, count: pageviews });
      this.#left.set(value.path, pages);
    }
  }

  // The page of this path, if it is to be viewed again.
  take(path) {
    const found = this.#left.get(path)?.find(({ count }) => count > 0);
    if (found) found.count -= 1;
    return found?.page;
  }

  // Any page: to be called when all that are wanted were taken.
  any(chance) {
    this.#rest ??= shuffle([...this.#left.values()].flat().flatMap(({ page, count }) => Array(count).fill(page)), chance);
    return this.#rest.pop();
  }
}

// The events of a day. `site` has the domain, the time zone, and the name of the product that the sums come from.
export function* eventsOf(day, site, output) {
  const { date, parts } = day;
  const chance = random(`${site.product} ${site.domain} ${date}`);
  const listed = (parts.page ?? []).reduce((sum, row) => sum + row.pageviews, 0);
  const pageviews = listed || day.pageviews;
  const visits = day.visits || Math.max(day.visitors, pageviews > 0 ? 1 : 0);
  if (visits === 0) return;
  const visitors = Math.max(1, Math.min(day.visitors || visits, visits));
  const bounces = Math.min(day.bounces, visits);
  if (pageviews < visits) output.leave("visits without a pageview: Sluice begins a visit with one, so they have one more", visits - pageviews);

  const start = dayStart(date, site.timezone);
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + DAY_SECONDS * 1000).toISOString().slice(0, 10);
  const seconds = (dayStart(next, site.timezone) - start) / 1000;

  const values = Object.fromEntries(DIMENSIONS.map((name) => [name, assign(parts[name] ?? [], visits, visitors, chance)]));
  const counts = pageCounts(visits, bounces, pageviews, chance);
  // Which visitors bounced is chance too.
  const order = shuffle([...counts.keys()], chance);
  const long = counts.filter((count) => count > 1).length;
  const length = long > 0 ? Math.min(day.seconds / long, seconds - 1) : 0;
  if (day.seconds > 0 && long === 0) output.leave("days whose visits have a duration, but one page each", 1);

  const all = order.map((kind, visit) => {
    const isLong = counts[kind] > 1;
    const at = chance(Math.max(1, Math.floor(seconds - (isLong ? length : 0))));
    return { visit, at, count: counts[kind], hasBounced: kind < bounces, length: isLong ? length : 0, pages: [], goals: [] };
  });
  const pages = new Pages(parts.page ?? []);
  for (const one of all) one.pages[0] = pages.take(values.entry[one.visit]);
  const exits = exitsOf(parts.exit ?? [], all, chance);
  for (const one of all) if (one.count > 1) one.pages[one.count - 1] = pages.take(exits.pop());
  for (const one of all) {
    for (let index = 0; index < one.count; index += 1) one.pages[index] ??= pages.any(chance) ?? { path: values.entry[one.visit] ?? "/" };
  }
  place(parts.goal ?? [], all, visitors);
  all.sort((one, other) => one.at - other.at);
  for (const one of all) yield* linesOf(one, { date, start, visitors, values, site }, output);
}

// The pages that visits of several pages end on: what the others, which end where they began, leave of the sums.
function exitsOf(rows, visits, chance) {
  const counts = new Map();
  for (const { value, visits } of rows) counts.set(value, (counts.get(value) ?? 0) + visits);
  for (const one of visits) {
    const path = one.count === 1 ? one.pages[0]?.path : undefined;
    if (counts.get(path) > 0) counts.set(path, counts.get(path) - 1);
  }
  return shuffle([...counts].flatMap(([value, count]) => Array(count).fill(value)), chance);
}

// Gives goals to visits: to as many visitors as their rows say. Visits come first that have one page and did not bounce (something else
// must have happened there), then others that did not bounce.
function place(goals, visits, visitors) {
  const rank = (one) => (one.hasBounced ? 2 : one.count === 1 ? 0 : 1);
  const ranked = visits.toSorted((one, other) => rank(one) - rank(other));
  const byVisitor = new Map();
  for (const one of ranked) if (!byVisitor.has(one.visit % visitors)) byVisitor.set(one.visit % visitors, one);
  const hosts = [...byVisitor.values()];
  let turn = 0;
  for (const { value, visitors: wanted, events } of goals) {
    const many = Math.max(1, Math.min(wanted, hosts.length, events));
    // Where there are visits enough that did not bounce, none of the others is asked.
    const quiet = hosts.findIndex((one) => one.hasBounced);
    const among = quiet >= many ? quiet : hosts.length;
    for (let count = 0; count < events; count += 1) hosts[(turn + (count % many)) % among].goals.push(value);
    turn = (turn + many) % among;
  }
}

function* linesOf(one, { date, start, visitors, values, site }, output) {
  const { visit } = one;
  const visitor = visit % visitors;
  const id = (what) => `${site.product}-${date}-${visit}-${what}`;
  const time = (share) => new Date(start + one.at * 1000 + Math.round(one.length * 1000 * share)).toISOString();
  const source = values.source[visit];
  const common = {
    visitorId: uuid(site.product, site.domain, date, visitor), sessionId: `${site.product}-${date}-${visit}`,
    ...values.location[visit], ...values.device[visit], ...values.browser[visit], ...values.os[visit],
  };
  const address = (page, campaign = "") => {
    const [path, ...fragment] = page.path.split("#");
    const joined = campaign && path.includes("?") ? `${path}&${campaign.slice(1)}` : path + campaign;
    return `https://${page.host || site.domain}${joined.startsWith("/") ? "" : "/"}${joined}${fragment.length > 0 ? `#${fragment.join("#")}` : ""}`;
  };
  for (const [index, page] of one.pages.entries()) {
    const isFirst = index === 0;
    const share = one.count > 1 ? index / (one.count - 1) : 0;
    yield {
      id: id(index), timestamp: time(share), type: "pageview", ...common, href: address(page, isFirst ? source?.campaign : ""),
      referrer: (isFirst && source?.referrer) || null, ...(isFirst && source?.referrerSource && { referrerSource: source.referrerSource }),
    };
  }
  for (const [index, goal] of one.goals.entries()) {
    const line = { id: id(`g${index}`), timestamp: time(one.count > 1 ? (index % 8) / 8 : 0), ...common, href: address(one.pages[0]), referrer: null };
    yield goal.link ? { ...line, type: "external_link", extraData: { url: goal.link } } : { ...line, type: "custom", extraData: { eventName: output.goal(goal.name), ...output.properties(goal.properties) } };
  }
}
