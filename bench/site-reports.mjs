// The reports that are measured: how the gateway is asked, and the SQL by which someone who knows SQLite would answer the
// same from the base tables (events, sessions, payments, visitors and the tables of texts; none of the rollups).
//
//   key, title, path                  what is asked over HTTP
//   answered(body)                    the values in the gateway's answer
//   statements                        [sql, parameters]: all of them together answer the report
//   found(...rows)                    the same of what the statements found; it has to equal `answered`

import { DAYS, FROM } from "./site-data.mjs";

const DAY = 86_400_000;
const YEAR = { from: FROM, to: FROM + DAYS * DAY - 1 };
const LAST_30 = { from: YEAR.to + 1 - 30 * DAY, to: YEAR.to };
const date = (millis) => new Date(millis).toISOString().slice(0, 10);
const range = ({ from, to }) => `startAt=${date(from)}&endAt=${date(to)}`;

// ---- Numbers, as the API writes them

// `part` / `whole` with two decimals, half away from zero.
function ratio(part, whole) {
  if (!whole) return 0;
  const [p, w] = [BigInt(part) * 200n, BigInt(whole)];
  const rounded = ((p < 0n ? -p : p) + w) / (2n * w);
  return (Number(rounded) * (p < 0n ? -1 : 1)) / 100;
}
const percent = (part, whole) => ratio(part * 100, whole);
const major = (minor) => (minor ?? 0) / 100;

// ---- Pieces of SQL

const REVENUE = "sum(CASE p.kind WHEN 0 THEN p.value WHEN 1 THEN p.value WHEN 2 THEN -p.value ELSE 0 END)";
const PAYMENTS = "sum(p.kind IN (0, 1) AND p.amount > 0)";
// Payers who were visitors of the same time.
const payers = (from, to) =>
  `count(DISTINCT CASE WHEN p.kind IN (0, 1) AND p.amount > 0 AND EXISTS (SELECT 1 FROM events e WHERE e.visitor = p.visitor AND e.session IS NOT NULL AND e.time BETWEEN ${from} AND ${to}) THEN p.visitor END)`;
const PAYERS = payers("-9e15", "9e15");
const PAYERS_OF_DAY = payers("p.time / 86400000 * 86400000", "p.time / 86400000 * 86400000 + 86399999");
const HAS_MONEY = "sum(p.kind IN (0, 1, 2) AND (p.value > 0 OR p.amount > 0)) > 0";
const SESSIONS = "count(*) AS sessions, sum(pageviews = 1 AND goals = 0) AS bounces, sum(ended - started) AS duration, sum(pageviews) AS pageviews";
const within = (column, span) => (span ? `${column} BETWEEN ${span.from} AND ${span.to}` : "1");

// ---- Reports

function overview(key, title, query, statements) {
  const path = `/api/v1/analytics/overview${query ? `?${query}` : ""}`;
  const found = (...rows) => {
    const { visitors, sessions, bounces, duration, revenue, payments, payers, pageviews, news } = Object.assign({}, ...rows.flat());
    return {
      visitors,
      sessions,
      bounce_rate: percent(bounces ?? 0, sessions),
      avg_session_duration: ratio(duration ?? 0, sessions),
      currency: "$",
      revenue: major(revenue),
      payments: payments ?? 0,
      revenue_per_visitor: ratio(revenue ?? 0, visitors * 100),
      conversion_rate: percent(payers, visitors),
      pageviews: pageviews ?? 0,
      new_visitors: news ?? visitors,
      returning_visitors: visitors - (news ?? visitors),
    };
  };
  return { key, title, path, answered: ({ data }) => data[0], statements, found };
}

const FILTERED =
  "s.country = (SELECT id FROM strings WHERE text = 'United States of America') " +
  "AND s.device = (SELECT id FROM strings WHERE text = 'desktop') " +
  "AND s.referrer = (SELECT id FROM strings WHERE text = 'Google')";

const overviews = [
  overview("overview", "overview, all time", "", [
    [`SELECT count(DISTINCT visitor) AS visitors, ${SESSIONS} FROM sessions`],
    [`SELECT ${REVENUE} AS revenue, ${PAYMENTS} AS payments, ${PAYERS} AS payers FROM payments p`],
  ]),
  overview("overview-30", "overview, 30 days", range(LAST_30), [
    [`SELECT count(DISTINCT visitor) AS visitors FROM events WHERE session IS NOT NULL AND ${within("time", LAST_30)}`],
    [`SELECT ${SESSIONS} FROM sessions WHERE ${within("started", LAST_30)}`],
    [`SELECT ${REVENUE} AS revenue, ${PAYMENTS} AS payments, ${payers(LAST_30.from, LAST_30.to)} AS payers FROM payments p WHERE ${within("p.time", LAST_30)}`],
    // Sessions of before count here with their pageviews since.
    [`SELECT count(*) AS pageviews FROM events WHERE kind = 0 AND session IS NOT NULL AND ${within("time", LAST_30)}`],
    [
      `SELECT count(DISTINCT e.visitor) AS news FROM events e WHERE e.session IS NOT NULL AND ${within("e.time", LAST_30)}
       AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.visitor = e.visitor AND s.started < ${LAST_30.from})`,
    ],
  ]),
  overview("overview-filtered", "overview, 3 filters", "filter_country=US&filter_device=desktop&filter_referrer=Google", [
    [`SELECT count(DISTINCT visitor) AS visitors, ${SESSIONS} FROM sessions s WHERE ${FILTERED}`],
    [`SELECT ${REVENUE} AS revenue, ${PAYMENTS} AS payments, ${PAYERS} AS payers FROM payments p JOIN sessions s ON s.id = p.session WHERE ${FILTERED}`],
  ]),
];

const timeseries = {
  key: "timeseries",
  title: "timeseries, 365 days",
  path: `/api/v1/analytics/timeseries?fields=visitors,sessions,revenue,conversion_rate&interval=day&limit=1000&${range(YEAR)}`,
  answered: ({ data, totals }) => ({
    totals: [totals.visitors, totals.sessions, totals.revenue, totals.payments, totals.conversion_rate],
    days: data.map((day) => [day.timestamp.slice(0, 10), day.visitors, day.sessions, day.revenue, day.payments, day.conversion_rate]),
  }),
  statements: [
    [`SELECT time / ${DAY} AS day, count(DISTINCT visitor) AS visitors FROM events WHERE session IS NOT NULL AND ${within("time", YEAR)} GROUP BY 1`],
    [`SELECT started / ${DAY} AS day, count(*) AS sessions FROM sessions WHERE ${within("started", YEAR)} GROUP BY 1`],
    [`SELECT p.time / ${DAY} AS day, ${REVENUE} AS revenue, ${PAYMENTS} AS payments, ${PAYERS_OF_DAY} AS payers FROM payments p WHERE ${within("p.time", YEAR)} GROUP BY 1`],
    [`SELECT count(DISTINCT visitor) AS visitors FROM events WHERE session IS NOT NULL AND ${within("time", YEAR)}`],
    [`SELECT count(*) AS sessions FROM sessions WHERE ${within("started", YEAR)}`],
    [`SELECT ${REVENUE} AS revenue, ${PAYMENTS} AS payments, ${payers(YEAR.from, YEAR.to)} AS payers FROM payments p WHERE ${within("p.time", YEAR)}`],
  ],
  found: (visitors, sessions, money, ...totals) => {
    const numbers = ({ visitors = 0, sessions = 0, revenue, payments = 0, payers = 0 }) =>
      [visitors, sessions, major(revenue), payments ?? 0, percent(payers, visitors)];
    const days = new Map(Array.from({ length: DAYS }, (_, at) => [FROM / DAY + at, {}]));
    for (const row of [...visitors, ...sessions, ...money]) Object.assign(days.get(row.day), row);
    return {
      totals: numbers(Object.assign({}, ...totals.flat())),
      days: [...days].map(([day, row]) => [date(day * DAY), ...numbers(row)]),
    };
  },
};

// Visitors and money by something; `key` is of a session `s`.
function bySession(key, span, texts = ["t.text"], join = "JOIN strings t ON t.id = k") {
  const sessions = span
    ? `SELECT s.${key} AS k, count(DISTINCT e.visitor) AS visitors FROM events e JOIN sessions s ON s.id = e.session WHERE ${within("e.time", span)} AND s.${key} IS NOT NULL GROUP BY 1`
    : `SELECT ${key} AS k, count(DISTINCT visitor) AS visitors FROM sessions WHERE ${key} IS NOT NULL GROUP BY 1`;
  return both(
    sessions,
    `SELECT s.${key} AS k, ${REVENUE} AS revenue, ${PAYMENTS} AS payments FROM payments p JOIN sessions s ON s.id = p.session WHERE ${within("p.time", span)} AND s.${key} IS NOT NULL GROUP BY 1 HAVING ${HAS_MONEY}`,
    texts,
    join,
  );
}

function byPage(span) {
  return both(
    `SELECT page AS k, count(DISTINCT visitor) AS visitors FROM events WHERE kind = 0 AND page IS NOT NULL AND ${within("time", span)} GROUP BY 1`,
    `SELECT v.page AS k, ${REVENUE} AS revenue, ${PAYMENTS} AS payments FROM payments p JOIN (SELECT DISTINCT session, page FROM events WHERE kind = 0 AND page IS NOT NULL AND session IN (SELECT session FROM payments)) v ON v.session = p.session WHERE ${within("p.time", span)} GROUP BY 1 HAVING ${HAS_MONEY}`,
    ["h.text", "t.text"],
    "JOIN pages g ON g.id = k JOIN strings h ON h.id = g.hostname JOIN strings t ON t.id = g.path",
  );
}

function both(seen, paid, texts, join) {
  const named = texts.map((text, at) => `${text} AS t${at}`).join(", ");
  const order = texts.map((_, at) => `t${at}`).join(", ");
  return `WITH seen AS (${seen}), paid AS (${paid})
    SELECT ${named}, ifnull(visitors, 0) AS visitors, ifnull(revenue, 0) AS revenue, ifnull(payments, 0) AS payments, count(*) OVER () AS total
    FROM seen FULL JOIN paid USING (k) ${join} ORDER BY visitors DESC, ${order} LIMIT 100`;
}

function breakdown(route, sql, { keys, span, title = route } = {}) {
  return {
    key: span ? `${route}-30` : route,
    title: span ? `${title}, 30 days` : title,
    path: `/api/v1/analytics/${route}${span ? `?${range(span)}` : ""}`,
    answered: ({ data, pagination }) => ({
      total: pagination.total,
      rows: data.map((row) => [...keys(row), row.visitors, row.revenue, row.payments]),
    }),
    statements: [[sql]],
    found: (rows) => ({
      total: rows[0]?.total ?? 0,
      rows: rows.map(({ visitors, revenue, payments, total, ...texts }) => [...Object.values(texts), visitors, major(revenue), payments]),
    }),
  };
}

function counted(route, kind, name, count, order) {
  return {
    key: route,
    title: route,
    path: `/api/v1/analytics/${route}`,
    answered: ({ data, pagination }) => ({ total: pagination.total, rows: data.map((row) => [row[name], row[count], row.visitors]) }),
    statements: [
      [
        `WITH g AS (SELECT name, count(*) AS count, count(DISTINCT visitor) AS visitors FROM events WHERE kind = ${kind} GROUP BY name)
         SELECT t.text, count, visitors, count(*) OVER () AS total FROM g JOIN strings t ON t.id = g.name ORDER BY ${order} DESC, text LIMIT 100`,
      ],
    ],
    found: (rows) => ({ total: rows[0]?.total ?? 0, rows: rows.map(({ text, count, visitors }) => [text, count, visitors]) }),
  };
}

const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref", "source", "via"];
const parameter = (name) => `ifnull((SELECT text FROM strings WHERE id = c.${name}), '')`;
const one = (name) => ({ keys: (row) => [row[name]] });
const breakdowns = [
  breakdown("pages", byPage(), { keys: ({ hostname, path }) => [hostname, path] }),
  breakdown("referrers", bySession("referrer"), one("referrer")),
  breakdown("countries", bySession("country"), one("country")),
  breakdown("regions", bySession("region"), one("region")),
  breakdown("cities", bySession("city"), one("city")),
  breakdown("devices", bySession("device"), one("device")),
  breakdown("browsers", bySession("browser"), one("browser")),
  breakdown("operating-systems", bySession("os"), one("operating_system")),
  breakdown("hostnames", bySession("hostname"), one("hostname")),
  breakdown(
    "campaigns",
    bySession("campaign", undefined, CAMPAIGN.map(parameter), "JOIN campaigns c ON c.id = k"),
    { keys: ({ campaign }) => CAMPAIGN.map((name) => campaign[name]) },
  ),
  counted("exit-clicks", 4, "url", "clicks", "visitors"),
  counted("goals", 1, "goal", "completions", "count"),
  breakdown("countries", bySession("country", LAST_30), { ...one("country"), span: LAST_30 }),
  breakdown("pages", byPage(LAST_30), { keys: ({ hostname, path }) => [hostname, path], span: LAST_30 }),
];

const ON_PAGE = "e.kind = 0 AND e.page IN (SELECT g.id FROM pages g JOIN strings t ON t.id = g.path WHERE";
const STEPS = [
  `${ON_PAGE} t.text = '/')`,
  `${ON_PAGE} t.text LIKE '/blog/%')`,
  `${ON_PAGE} t.text = '/pricing')`,
  `${ON_PAGE} t.text = '/signup')`,
  "e.kind = 1 AND e.name = (SELECT id FROM strings WHERE text = 'signup')",
];
const funnel = (funnelId) => ({
  key: "funnel",
  title: "funnel, 5 steps",
  path: `/api/v1/analytics/funnels/${funnelId}`,
  answered: ({ data }) => data[0].steps.map(({ visitors, revenue }) => [visitors, revenue]),
  statements: [
    [
      `WITH ${STEPS.map((step, at) =>
        at === 0
          ? `s0 AS (SELECT e.visitor, min(e.time) AS time FROM events e WHERE ${step} GROUP BY e.visitor)`
          : `s${at} AS (SELECT e.visitor, min(e.time) AS time FROM s${at - 1} b JOIN events e ON e.visitor = b.visitor AND e.time > b.time WHERE ${step} GROUP BY e.visitor)`,
      ).join(", ")} ${STEPS.map(
        (_, at) => `SELECT ${at} AS step, (SELECT count(*) FROM s${at}) AS visitors, (SELECT ${REVENUE} FROM payments p WHERE p.visitor IN (SELECT visitor FROM s${at})) AS revenue`,
      ).join(" UNION ALL ")} ORDER BY step`,
    ],
  ],
  found: (rows) => rows.map(({ visitors, revenue }) => [visitors, major(revenue)]),
});

const visitors = {
  key: "visitors",
  title: "visitors, page 1",
  path: "/api/v1/visitors",
  answered: ({ data, pagination }) => ({
    total: pagination.total,
    rows: data.map(({ visitorId, lastSeenAt, currentUrl, identity, acquisition }) => [
      ...[visitorId, Date.parse(lastSeenAt), currentUrl, identity.country, identity.city, identity.browser],
      ...[acquisition.referrer, ...CAMPAIGN.map((name) => acquisition[name])],
    ]),
  }),
  statements: [
    [
      `WITH last AS (SELECT visitor, max(time) AS time FROM events WHERE kind = 0 GROUP BY visitor),
       page AS (SELECT v.id, v.uid, last.time FROM last JOIN visitors v ON v.id = last.visitor ORDER BY last.time DESC, v.uid LIMIT 100)
       SELECT lower(hex(uid)) AS uid, time,
       (SELECT h.text || t.text FROM events e JOIN pages g ON g.id = e.page JOIN strings h ON h.id = g.hostname JOIN strings t ON t.id = g.path
        WHERE e.visitor = page.id AND e.kind = 0 ORDER BY e.time DESC, e.id DESC LIMIT 1) AS url,
       (SELECT c.json FROM events e JOIN contexts c ON c.id = e.context WHERE e.visitor = page.id AND e.session IS NOT NULL ORDER BY e.time DESC, e.id DESC LIMIT 1) AS context,
       (SELECT json_array(s.referrer, t.text, ${CAMPAIGN.map(parameter).join(", ")}) FROM sessions s JOIN strings t ON t.id = s.referrer LEFT JOIN campaigns c ON c.id = s.campaign
        WHERE s.visitor = page.id ORDER BY s.started, s.sid LIMIT 1) AS acquisition
       FROM page ORDER BY time DESC, uid`,
    ],
    ["SELECT count(DISTINCT visitor) AS total FROM sessions"],
  ],
  found: (rows, [{ total }]) => ({
    total,
    rows: rows.map(({ uid, time, url, context, acquisition }) => {
      const { country = null, city = null, browser = null } = JSON.parse(context);
      const [referrer, text, ...parameters] = JSON.parse(acquisition);
      const id = uid.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      return [id, time, url, country, city, browser, referrer === 0 ? null : text, ...parameters.map((value) => value || null)];
    }),
  }),
};

export const reports = (funnelId) => [...overviews, timeseries, ...breakdowns, funnel(funnelId), visitors];
