// A website's year, made up: the same for the same seed. Sessions are spread over 2025 and come in order of time, as an
// export has them. Skew is that of real websites: Zipf for pages, referrers, countries and cities; 37 % of sessions are
// of visitors who return; one in ten completes a goal, one in a hundred is followed by a payment.

export const FROM = Date.UTC(2025, 0, 1);
export const DAYS = 365;
const DAY = 86_400_000;
const YEAR = DAYS * DAY;

const UA = (system, rest) => `Mozilla/5.0 (${system}) ${rest}`;
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
export const USER_AGENTS = [
  UA("Windows NT 10.0; Win64; x64", `${WEBKIT} Chrome/131.0.0.0 Safari/537.36`),
  UA("iPhone; CPU iPhone OS 18_1 like Mac OS X", "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"),
  UA("Macintosh; Intel Mac OS X 10_15_7", `${WEBKIT} Chrome/131.0.0.0 Safari/537.36`),
  UA("Linux; Android 10; K", `${WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36`),
  UA("Macintosh; Intel Mac OS X 10_15_7", "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"),
  UA("Windows NT 10.0; Win64; x64", `${WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`),
  UA("Windows NT 10.0; Win64; x64; rv:132.0", "Gecko/20100101 Firefox/132.0"),
  UA("Linux; Android 14; SM-S918B", `${WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36`),
  UA("iPad; CPU OS 17_6 like Mac OS X", "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1"),
  UA("X11; Linux x86_64", `${WEBKIT} Chrome/131.0.0.0 Safari/537.36`),
  UA("X11; Ubuntu; Linux x86_64; rv:132.0", "Gecko/20100101 Firefox/132.0"),
  UA("Windows NT 10.0; Win64; x64", `${WEBKIT} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0`),
  UA("iPhone; CPU iPhone OS 17_6_1 like Mac OS X", "AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21G93 Instagram 349.0.0.26.102"),
  UA("X11; CrOS x86_64 14541.0.0", `${WEBKIT} Chrome/130.0.0.0 Safari/537.36`),
];
const IS_PHONE = USER_AGENTS.map((agent) => agent.includes("Mobile"));
const WINDOWS = [[1920, 947], [1536, 730], [1440, 790], [2560, 1271], [1366, 641], [1280, 720]];
const PHONES = [[390, 664], [412, 785], [393, 659], [360, 672], [430, 739]];

const COUNTRIES = (
  "US DE GB IN FR BR CA ES IT NL JP AU PL MX SE CH TR ID BE AT PT DK NO FI CZ RO GR IE HU IL KR SG HK TW TH VN PH MY ZA NG " +
  "KE EG AR CL CO PE UA BG HR SK SI LT LV EE RS MA SA AE PK NZ"
).split(" ");
const LANGUAGES = ["en-US", "de-DE", "en-GB", "en-IN", "fr-FR", "pt-BR", "en-CA", "es-ES", "it-IT", "nl-NL", "ja-JP", "pl-PL", "tr-TR"];
const ZONES = ["America/New_York", "Europe/Berlin", "Europe/London", "Asia/Kolkata", "Europe/Paris", "America/Sao_Paulo", "Asia/Tokyo"];
const CITIES = 500;

const KNOWN = (
  "www.google.com t.co www.bing.com duckduckgo.com www.facebook.com www.reddit.com news.ycombinator.com www.linkedin.com " +
  "www.youtube.com chatgpt.com github.com www.instagram.com search.yahoo.com yandex.ru www.producthunt.com perplexity.ai " +
  "medium.com www.quora.com dev.to www.pinterest.com"
).split(" ");
const REFERRERS = [...KNOWN, ...Array.from({ length: 40 }, (_, number) => `blog-${number}.example.net`)];
const HOSTS = ["example.com", "www.example.com", "app.example.com"];
const SOURCES = ["newsletter", "google", "twitter", "facebook", "linkedin", "partner", "podcast", "reddit"];
const MEDIA = ["email", "cpc", "social", "referral"];
const CAMPAIGNS = 40;
const GOALS = (
  "signup newsletter trial_opened demo_booked contact download video_played chat_opened invite_sent checkout plan_viewed docs_copied"
).split(" ");
const LINKS = Array.from({ length: 30 }, (_, number) => `https://partner-${number}.example.org/from/us`);
export const PATHS = Array.from({ length: 2000 }, (_, number) => {
  const first = ["/", "/pricing", "/signup", "/features", "/about"][number];
  return first ?? (number < 1400 ? `/blog/post-${number}` : `/docs/chapter-${number}`);
});
// The way that most who sign up take.
export const FUNNEL = [
  { name: "Home", type: "pageview", url: "/" },
  { name: "Blog", type: "pageview", url: "/blog/*" },
  { name: "Pricing", type: "pageview", url: "/pricing" },
  { name: "Sign-up page", type: "pageview", url: "/signup" },
  { name: "Signed up", type: "goal", goalName: "signup" },
];

// ---- Chance

// mulberry32
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const share = () => next() / 4294967296;
  return { next, share, below: (bound) => Math.floor(share() * bound) };
}

// Answers, for a number between 0 and 1, a position: the first is the most frequent.
function zipf(count, exponent = 1) {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let at = 0; at < count; at++) sums[at] = sum += 1 / (at + 1) ** exponent;
  return (share) => {
    const wanted = share * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
const zipfPath = zipf(PATHS.length);
const zipfReferrer = zipf(REFERRERS.length);
const zipfCountry = zipf(COUNTRIES.length);
const zipfCity = zipf(Math.floor(CITIES / COUNTRIES.length) + 1);
const zipfAgent = zipf(USER_AGENTS.length, 0.8);
const zipfCampaign = zipf(CAMPAIGNS);
const zipfGoal = zipf(GOALS.length);

const hex = (number) => number.toString(16).padStart(8, "0");

function uuid({ next }) {
  const [a, b, c, d] = [hex(next()), hex(next()), hex(next()), hex(next())];
  const variant = "89ab"[Number.parseInt(c[0], 16) & 3];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

// ---- Visitors: all that is known of one follows from their number, so nothing has to be kept.

function visitor(number, seed) {
  const random = chance(Math.imul(number + 1, 0x9e3779b1) ^ seed);
  random.next();
  const country = zipfCountry(random.share());
  // 500 cities in 60 countries: 9 in the first 20, 8 in the others.
  const city = zipfCity(random.share()) % (country < CITIES % COUNTRIES.length ? 9 : 8);
  const agent = zipfAgent(random.share());
  const windows = IS_PHONE[agent] ? PHONES : WINDOWS;
  const [width, height] = windows[random.below(windows.length)];
  const code = COUNTRIES[country];
  const context = JSON.stringify({
    userAgent: USER_AGENTS[agent],
    country: code,
    region: `${code} region ${city % 3}`,
    city: `${code} city ${city}`,
    latitude: 10 + (country * 83 % 500) / 10,
    longitude: (city * 37 % 300) / 10,
    language: LANGUAGES[country % LANGUAGES.length],
    timezone: ZONES[country % ZONES.length],
    viewport: { width, height },
    screenWidth: width,
    screenHeight: height + 133,
  });
  return { id: uuid(random), context: context.slice(1, -1) };
}

// ---- Sessions

// Yields batches of lines: { body, lines, events, payments }, of `size` lines each.
export function* batches({ sessions, seed = 1, size = 20_000 }) {
  const random = chance(seed);
  let visitors = 0;
  let pending = [];
  let batch = [];
  const counts = { events: 0, payments: 0 };
  const cut = () => {
    const made = { body: Buffer.from(`${batch.map(([, line]) => line).join("\n")}\n`), lines: batch.length, ...counts };
    batch = [];
    counts.events = counts.payments = 0;
    return made;
  };

  for (let number = 0; number <= sessions; number++) {
    const started = Math.floor(FROM + ((number + random.share()) / sessions) * (YEAR - DAY / 8));
    if (number === sessions || number % 2_000 === 0) {
      pending.sort(([one], [other]) => one - other);
      const ripe = number === sessions ? pending.length : pending.findIndex(([time]) => time >= started - DAY / 24);
      for (const entry of pending.splice(0, ripe < 0 ? pending.length : ripe)) {
        counts[entry[2]]++;
        batch.push(entry);
        if (batch.length === size) yield cut();
      }
      if (number === sessions) break;
    }

    const returns = visitors > 0 && random.share() >= 1 / 1.6;
    const who = visitor(returns ? visitors - 1 - Math.floor(visitors * random.share() ** 2) : visitors++, seed);
    pending.push(...session(who, started, random));
  }
  if (batch.length > 0) yield cut();
}

function session(who, started, random) {
  const made = [];
  const sid = uuid(random);
  const host = HOSTS[[0, 0, 0, 0, 0, 0, 0, 1, 1, 2][random.below(10)]];
  let time = started;
  const id = () => hex(Math.floor(time / 1000)) + hex(random.next()) + hex(random.next());
  const put = (kind, fields) => {
    const start = `{"id":"${id()}","timestamp":"${new Date(time).toISOString()}","visitorId":"${who.id}",`;
    made.push([time, `${start}${fields}}`, kind]);
  };
  const event = (type, href, referrer, extra) => {
    const fields = `"sessionId":"s${sid}","type":"${type}","href":"${href}","referrer":${referrer ? `"${referrer}"` : "null"},`;
    put("events", `${fields}${extra ? `"extraData":${JSON.stringify(extra)},` : ""}${who.context}`);
    time += 1_000 + random.below(90_000);
  };

  // 3 events on average: 2.86 pageviews, 0.1 goals, 0.04 links.
  const isDirect = random.share() < 0.45;
  const source = isDirect ? "" : `https://${REFERRERS[zipfReferrer(random.share())]}/`;
  let query = "";
  if (random.share() < 0.2) {
    const campaign = zipfCampaign(random.share());
    query = `?utm_source=${SOURCES[campaign % 8]}&utm_medium=${MEDIA[campaign % 4]}&utm_campaign=campaign-${campaign}`;
  }
  let views = 1;
  if (random.share() >= 0.45) {
    views = 2;
    while (views < 40 && random.share() < 0.705) views++;
  }
  const hasGoal = random.share() < 0.1;
  const way = views >= 3 && random.share() < 0.15 ? ["/", PATHS[5 + random.below(1_000)], "/pricing", "/signup"] : [];
  let last = source;
  for (let view = 0; view < views; view++) {
    const href = `https://${host}${way[view] ?? PATHS[zipfPath(random.share())]}`;
    event("pageview", view === 0 ? href + query : href, last);
    last = href;
  }
  if (hasGoal) {
    const goal = way.length > 0 && views >= 4 ? "signup" : GOALS[zipfGoal(random.share())];
    event("custom", last, source, { eventName: goal, plan: ["free", "pro", "team"][random.below(3)] });
  }
  if (random.share() < 0.04) event("external_link", last, source, { url: LINKS[random.below(LINKS.length)], text: "Partner" });
  if (random.share() < 0.01) {
    const dice = random.share();
    const amount = [9, 19, 49, 99, 190][random.below(5)];
    const kind = dice < 0.7 ? {} : dice < 0.9 ? { renewal: true } : dice < 0.95 ? { refunded: true } : { is_free_trial: true };
    const payment = { amount, currency: "USD", transaction_id: `tx_${hex(random.next())}${hex(random.next())}`, ...kind };
    put("payments", `"type":"payment","extraData":${JSON.stringify(payment)}`);
  }
  return made;
}
