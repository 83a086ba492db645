// What happened on the website that the tests and pictures show: the same events on every machine, for any moment `now`.

const DAY = 86_400_000;
const COUNTRIES = [["US", "California", "San Francisco", 30], ["US", "New York", "New York", 14], ["US", "Texas", "Austin", 9],
  ["DE", "Berlin", "Berlin", 16], ["GB", "England", "London", 15], ["FR", "Île-de-France", "Paris", 11], ["IN", "Karnataka", "Bengaluru", 10],
  ["CA", "Ontario", "Toronto", 7], ["NL", "North Holland", "Amsterdam", 6], ["ES", "Madrid", "Madrid", 5], ["BR", "São Paulo", "São Paulo", 5],
  ["AU", "New South Wales", "Sydney", 5], ["PL", "Mazovia", "Warsaw", 4], ["JP", "Tokyo", "Tokyo", 4], ["SE", "Stockholm", "Stockholm", 3],
  ["CR", "San José", "San José", 1], ["ZA", "Western Cape", "Cape Town", 1], ["KE", "Nairobi", "Nairobi", 1]]; // biome-ignore format: a table
const SOURCES = [
  [null, "", 26],
  ["https://www.google.com/", "", 24],
  ["https://news.ycombinator.com/item?id=41", "", 12],
  ["https://t.co/abc", "", 9],
  ["https://www.reddit.com/r/webdev", "", 7],
  ["https://github.com/topics/analytics", "", 6],
  ["https://chatgpt.com/", "", 5],
  ["https://www.linkedin.com/feed/", "", 3],
  [null, "?utm_source=newsletter&utm_medium=email&utm_campaign=october", 8],
  ["https://www.google.com/", "?utm_source=google&utm_medium=cpc&utm_campaign=brand&utm_term=analytics", 5],
  [null, "?ref=producthunt", 3],
  ["https://indie.example.org/tools", "?via=lena", 2],
];
const SYSTEMS = [
  ["Chrome", "Windows", "desktop", 30],
  ["Chrome", "macOS", "desktop", 18],
  ["Safari", "macOS", "desktop", 9],
  ["Mobile Safari", "iOS", "mobile", 19],
  ["Chrome", "Android", "mobile", 15],
  ["Firefox", "Linux", "desktop", 6],
  ["Edge", "Windows", "desktop", 5],
  ["Mobile Safari", "iPadOS", "tablet", 3],
];
const LANDINGS = [
  ["/", 44],
  ["/blog/cookieless-analytics", 14],
  ["/blog/revenue-attribution", 10],
  ["/pricing", 9],
  ["/docs/getting-started", 8],
  ["/compare/plausible", 6],
  ["/docs/api", 4],
  ["/changelog", 3],
];
const NAMES = ["Jane Doe", "Lena Weber", "Tom Okafor", "Priya Nair", "Marc Dubois", "Sofia Rossi", "Ken Sato", "Ana Souza"];

// mulberry32: small, and the same everywhere.
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// The lines of an import: `days` days up to `now`, with about `daily` visitors a day at the end of them.
export function story({ now, domain, days = 90, daily = 42, seed = 7, prefix = "" }) {
  const random = randomFrom(seed);
  const pick = (table) => {
    let at = random() * table.reduce((sum, row) => sum + row.at(-1), 0);
    for (const row of table) {
      at -= row.at(-1);
      if (at < 0) return row;
    }
    return table[0];
  };
  const hex = (length) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const lines = [];
  const known = [];
  let number = 0;
  const add = (at, fields) => {
    if (at <= now) lines.push({ id: `${prefix}${++number}`, timestamp: new Date(at).toISOString(), ...fields });
  };

  for (let back = days - 1; back >= 0; back--) {
    const start = Math.floor(now / DAY) * DAY - back * DAY;
    const weekday = new Date(start).getUTCDay();
    const week = weekday === 0 || weekday === 6 ? 0.62 : 1 + (weekday === 2 ? 0.12 : 0);
    const growth = 0.55 + (0.45 * (days - back)) / days;
    const launch = back === 12 ? 2.1 : back === 11 ? 1.6 : back === 10 ? 1.2 : 1;
    const visitors = Math.round(daily * week * growth * launch * (0.88 + random() * 0.24));
    for (let one = 0; one < visitors; one++) {
      const isReturning = known.length > 20 && random() < 0.24;
      const visitor = isReturning ? known[Math.floor(random() ** 2 * known.length)] : newVisitor();
      if (!isReturning) known.unshift(visitor);
      visit(visitor, start);
    }
  }
  return lines;

  function newVisitor() {
    const [country, region, city] = pick(COUNTRIES);
    const [browser, os, device] = pick(SYSTEMS);
    return { visitorId: uuid(), visits: 0, place: { country, region, city }, system: { browser, os, device }, customer: false };
  }

  function visit(visitor, start) {
    // Most come by day, in UTC.
    let at = start + Math.floor(((random() + random() + random()) / 3) * DAY * 0.96 + 0.02 * DAY);
    const [referrer, query] = launchSource(start) ?? (visitor.visits > 0 && random() < 0.5 ? SOURCES[0] : pick(SOURCES));
    const [landing] = pick(LANDINGS);
    const base = { visitorId: visitor.visitorId, sessionId: `s${uuid()}`, ...visitor.place, ...visitor.system };
    visitor.visits += 1;
    const view = (path, first) =>
      add(at, { type: "pageview", href: `https://${domain}${path}`, ...(first && referrer ? { referrer } : {}), ...base });
    const goal = (eventName, more = {}) =>
      add(at, { type: "custom", href: `https://${domain}/`, ...base, extraData: { eventName, ...more } });

    view(landing + query, true);
    if (random() < 0.46) return; // a bounce
    at += 15_000 + random() * 120_000;
    if (random() < 0.55) {
      view(random() < 0.5 ? "/pricing" : "/docs/getting-started");
      at += 20_000 + random() * 200_000;
    }
    if (random() < 0.18) {
      goal("newsletter");
      at += 5_000;
    }
    if (random() < 0.2)
      add(at, {
        type: "external_link",
        href: `https://${domain}${landing}`,
        ...base,
        extraData: {
          url: pick([
            ["https://github.com/sluice", 5],
            ["https://status.example.net/", 2],
          ])[0],
        },
      });
    const isConvinced = random() < (referrer?.includes("google") ? 0.17 : query.includes("utm") ? 0.22 : 0.11);
    if (!isConvinced) return;
    view("/signup");
    at += 30_000 + random() * 90_000;
    const plan = random() < 0.65 ? "pro" : random() < 0.7 ? "starter" : "team";
    goal("signup", { plan, seats: String(1 + Math.floor(random() * 9)) });
    const name = NAMES[Math.floor(random() * NAMES.length)];
    add(at + 400, {
      type: "identify",
      href: `https://${domain}/welcome`,
      ...base,
      extraData: { user_id: `user_${hex(5)}`, name },
    });
    if (random() < 0.42) return;
    at += 60_000 + random() * 600_000;
    view("/checkout");
    at += 45_000;
    goal("checkout_started", { plan });
    if (random() < 0.3) return;
    at += 50_000;
    const amount = { starter: 19, pro: 49, team: 149 }[plan];
    const pay = (moment, more) =>
      add(moment, {
        type: "payment",
        extraData: {
          amount,
          currency: "USD",
          transaction_id: `txn_${hex(10)}`,
          datafast_visitor_id: visitor.visitorId,
          ...more,
        },
      });
    pay(at);
    for (let month = 1; month < 3; month++) if (random() < 0.7) pay(at + month * 30 * DAY, { renewal: true });
    if (random() < 0.05) pay(at + 2 * DAY, { refunded: true });
  }

  // Twelve days before `now` it was on a front page.
  function launchSource(start) {
    const back = Math.floor(now / DAY) - start / DAY;
    return back <= 12 && back >= 10 && random() < 0.5 ? SOURCES[2] : undefined;
  }
}
