// What programs written for DataFast send, and what they read of the answer (docs/contract/surface.md#4): one entry for each kind of
// client, as data. The words are ours; what they send was seen in public code.
//
//   who       the program
//   bearer    "token" (an account's, the default) or "key" (the website's)
//   headers   what it sends besides the bearer
//   requests  one a line: method, path with query, and the body after " ← "; each is [line, shape] or [line, shape, status]
//
// {website}, {tracking}, {visitor}, {unseen}, {domain} stand for the ids and names of the website that run.mjs makes, {from} and {to} for
// the days of its events.
//
// A shape: a type, a value, `some(type)` for a type or null, [shape] for a list with at least one such row, [shape, n] for one with n,
// and an object for one with these keys; what else is there does not matter.

export const some = (type) => ({ maybe: type });

const of = "websiteId={website}";
const range = "startAt={from}&endAt={to}";
const v1 = "/api/v1";
const analytics = `${v1}/analytics`;
const page = { limit: Number, offset: Number, total: Number };
const rows = (row) => ({ status: "success", data: [row] });
const step = (number) => ({ name: `Step ${number}`, type: "pageview", url: `/step-${number}` });
const json = JSON.stringify;

const visitorRow = { visitorId: String, acquisition: { referrer: some(String) } };
const visitor = {
  status: "success",
  data: {
    visitorId: "{visitor}",
    identity: {
      countryCode: "FR", region: some(String), city: some(String), browser: { name: "Chrome" }, os: { name: "Mac OS" }, device: { type: "desktop" },
      viewport: { width: Number, height: Number },
    },
    activity: { visitedPages: [{ url: String, timestamp: String }], completedGoals: [{ name: String, timestamp: String }], currentUrl: some(String) },
  },
};
const map = {
  status: "success",
  data: {
    count: Number,
    visitors: [
      {
        visitorId: String, location: { city: some(String), countryCode: some(String) }, currentUrl: String,
        system: { browser: { name: some(String) }, os: { name: some(String) }, device: { type: some(String) } },
      },
    ],
    recentEvents: [{ _id: String, type: String, timestamp: String }],
    recentPayments: [{ _id: String, type: "payment_received", timestamp: String, amount: Number, currency: String, renewal: Boolean, isNew: Boolean }],
  },
};
const totals = { visitors: 3, sessions: 3, bounce_rate: Number, avg_session_duration: Number, currency: "$", revenue: Number, payments: Number, revenue_per_visitor: Number, conversion_rate: Number };
const campaign = { utm_source: String, utm_medium: String, utm_campaign: String, utm_term: String, utm_content: String, ref: String, source: String, via: String };
const breakdowns = {
  pages: { hostname: String, path: String }, referrers: { referrer: String }, countries: { country: String, image: /^https:\/\/.+\.svg$/ }, regions: { region: String },
  cities: { city: String }, devices: { device: String }, browsers: { browser: String }, "operating-systems": { operating_system: String },
  hostnames: { hostname: String }, campaigns: { campaign },
};
const eachBreakdown = (query, more = {}) =>
  Object.entries(breakdowns).map(([name, row]) => [`GET ${analytics}/${name}?${query}`, { ...rows({ ...row, visitors: Number, revenue: Number, ...more }), pagination: page }]);
const FILTERS = {
  country: "FR", region: "FR-IDF", city: "Paris", device: "desktop", browser: "Chrome", os: "Mac OS", referrer: "Google", page: "/pricing", entry_page: "/pricing",
  hostname: "{domain}", utm_source: "newsletter", utm_medium: "email", utm_campaign: "spring", utm_term: "shoes", utm_content: "top", ref: "friend",
};

export const CLIENTS = [
  {
    who: "exporter to another product (Node)",
    headers: { accept: "application/json" },
    requests: [
      [`GET ${v1}/admin/websites`, rows({ _id: "{website}", id: "{website}", domain: "{domain}" })],
      [`GET ${v1}/visitors?${of}&limit=250&offset=0&${range}`, { ...rows(visitorRow), pagination: { ...page, hasMore: false, total: 3 } }],
      [`GET ${v1}/visitors/{visitor}?${of}`, visitor],
      [`GET ${analytics}/overview?${of}&${range}`, rows(totals)],
    ],
  },
  {
    who: "command line by a third party (Go)",
    requests: [
      // It sends neither interval nor fields unless it is told to.
      [`GET ${analytics}/timeseries?${of}`, { status: "success", data: [{ timestamp: String, name: String, visitors: Number }], interval: "day", pagination: page }],
      [`GET ${analytics}/timeseries?${of}&interval=day&fields=visitors&${range}`, { data: [{ visitors: Number }], totals: { visitors: 3 } }],
      [`GET ${analytics}/metadata?${of}`, rows({ domain: "{domain}", timezone: "UTC", currency: "USD" })],
      ...eachBreakdown(`${of}&limit=10`),
      [`GET ${v1}/visitors/{visitor}?${of}`, visitor],
      [`POST ${v1}/goals?${of} ← ${json({ datafast_visitor_id: "{visitor}", name: "newsletter", metadata: { plan: "pro" } })}`, rows({ message: String, eventId: String })],
      [`POST ${v1}/payments?${of} ← ${json({ amount: 29.99, currency: "USD", transaction_id: "cli_1", datafast_visitor_id: "{visitor}" })}`, { message: String, transaction_id: "cli_1" }],
      [`DELETE ${v1}/payments?${of}&transaction_id=cli_1`, rows({ message: String })],
      [`DELETE ${v1}/goals?${of}&name=newsletter`, rows({ message: String })],
    ],
  },
  {
    who: "launcher extension (Raycast)",
    bearer: "key",
    // Always with a zone, also where there is no use for one.
    requests: [
      [`GET ${analytics}/overview?timezone=Europe%2FParis&${range}`, rows(totals)],
      [`GET ${analytics}/realtime?timezone=Europe%2FParis`, rows({ visitors: Number })],
      [`GET ${analytics}/realtime/map?timezone=Europe%2FParis`, map],
      [`GET ${analytics}/metadata?timezone=Europe%2FParis`, rows({ domain: "{domain}", name: some(String), logo: some(String), currency: "USD" })],
      ...eachBreakdown(`timezone=Europe%2FParis&limit=20&${range}`),
      [`GET ${analytics}/regions?timezone=Europe%2FParis&country=FR`, { data: [{ region: String, visitors: 1 }, 1] }],
      [`GET ${analytics}/cities?timezone=Europe%2FParis&country=FR`, { data: [{ city: "Paris", visitors: 1 }, 1] }],
    ],
  },
  {
    who: "dashboard of several websites",
    requests: [
      [`GET ${analytics}/overview?${of}&${range}`, rows(totals)],
      [
        `GET ${analytics}/timeseries?${of}&interval=day&fields=name,visitors,sessions,revenue,payments,conversion_rate&limit=1000&${range}`,
        { data: [{ name: String, timestamp: String, visitors: Number, revenue: Number, revenueBreakdown: { new: Number, renewal: Number, refund: Number } }], totals: { revenueBreakdown: { new: Number } }, currency: "$" },
      ],
      [`GET ${analytics}/realtime/map?${of}`, map],
      [`GET ${analytics}/goals?${of}&${range}`, { ...rows({ goal: "signup", completions: 1, visitors: 1 }), pagination: page }],
      [`GET ${v1}/visitors/{visitor}?${of}`, visitor],
      ...Object.entries(FILTERS).map(([name, value]) => [`GET ${analytics}/overview?${of}&${range}&filter_${name}=is:${value.startsWith("{") ? value : encodeURIComponent(value)},nothing`, rows({ visitors: name === "hostname" ? 3 : 1 })]),
      [`GET ${analytics}/overview?${of}&${range}&filter_country=${encodeURIComponent("is_not:FR")}`, rows({ visitors: 2 })],
    ],
  },
  {
    who: "workflow node (n8n)",
    headers: { "content-type": "application/json", accept: "application/json" },
    requests: [
      [`GET ${v1}/admin/account`, { status: "success", data: [{ email: String }] }],
      [`GET ${v1}/admin/websites`, rows({ _id: "{website}" })],
      [`GET ${v1}/admin/websites/{website}`, rows({ domain: "{domain}" })],
      [`GET ${v1}/admin/websites/{website}/goals`, { data: [{ name: String }] }],
      [`GET ${v1}/admin/websites/{website}/funnels`, { status: "success", data: Array }],
      [`GET ${v1}/admin/websites/{website}/alerts`, { status: "success", data: Array }],
      [`GET ${v1}/admin/websites/{website}/apikeys`, { status: "success", data: Array }],
      [`GET ${v1}/admin/websites/{website}/team`, { status: "success", data: [{ role: "owner" }] }],
      [`GET ${v1}/admin/websites/{website}/integrations`, { status: "success" }],
      [`GET ${v1}/admin/websites/{website}/notes`, { status: "success", data: Array }],
      [`GET ${v1}/admin/access-tokens`, { status: "success", data: Array }],
      [`GET ${v1}/mentions?${of}&platform=x&order=desc&limit=100`, { status: "success", data: Array, pagination: { ...page, hasMore: false } }],
      [`GET ${analytics}/exit-clicks?${of}`, { status: "success", data: Array, pagination: page }],
      [`GET ${analytics}/goals/properties?${of}&eventName=signup`, { status: "success", data: Array }],
    ],
  },
  {
    who: "MCP server of 2025, with the filters of the older documentation",
    requests: [
      [`GET ${analytics}/overview?${of}&${range}&country=FR`, rows({ visitors: 1 })],
      [`GET ${analytics}/pages?${of}&utm_source=newsletter`, { data: [{ path: /^\/(pricing|docs)$/, visitors: 1 }, 2] }],
      [`GET ${analytics}/goals?${of}&page=${encodeURIComponent("/pricing")}`, rows({ goal: "signup" })],
      [`GET ${analytics}/referrers?${of}&country=FR&device=desktop&browser=Chrome&os=${encodeURIComponent("Mac OS")}`, rows({ referrer: "Google" })],
    ],
  },
  {
    who: "bridges of a payment provider (Creem), which ask again after a failure",
    bearer: "key",
    headers: { "x-request-id": "evt_1" },
    requests: [
      [`HEAD ${v1}/payments`, undefined, [200, 204, 401, 404, 405]],
      [`POST ${v1}/payments ← ${json({ amount: 12, currency: "EUR", transaction_id: "creem_1", datafast_visitor_id: "{visitor}", email: "a@example.com", name: "A", customer_id: "cus_1", renewal: false, timestamp: "{from}T12:00:00.000Z" })}`, { message: String, transaction_id: "creem_1" }],
      [`POST ${v1}/payments ← ${json({ amount: 12, currency: "EUR", transaction_id: "creem_1", datafast_visitor_id: "{visitor}" })}`, { message: /duplicate/i, transaction_id: "creem_1" }],
      [`POST ${v1}/payments ← ${json({ amount: 12, currency: "EUR", transaction_id: "creem_1", refunded: true, datafast_visitor_id: "{visitor}" })}`, { message: String, transaction_id: "creem_1" }],
    ],
  },
  {
    who: "recipes of an agent's skill (curl)",
    headers: { "content-type": "application/json" },
    requests: [
      [`GET ${analytics}/overview?${of}`, rows({ visitors: Number })],
      [`DELETE ${v1}/goals?${of}&name=nothing&startAt=2020-01-01T00:00:00Z&endAt=2020-01-31T23:59:59Z`, rows({ message: String, timeRange: { start: String, end: String } })],
      [`DELETE ${v1}/payments?${of}&datafast_visitor_id={unseen}&startAt=2020-01-01&endAt=2020-01-31`, rows({ message: String })],
    ],
  },
  {
    who: "data set by country and brand, with all pages of a kind in one filter",
    requests: [
      [`GET ${analytics}/overview?${of}&filter_hostname={domain}&filter_country=FR&filter_page=${encodeURIComponent(Array.from({ length: 300 }, (_, number) => `/models/${number}`).join(","))}%2C%2Fpricing`, rows({ visitors: 1 })],
      [`GET ${analytics}/pages?${of}&filter_hostname={domain}&limit=1000`, rows({ path: String, visitors: Number })],
    ],
  },
  {
    who: "set-up of funnels and goals",
    bearer: "key",
    requests: [
      [
        `POST ${v1}/admin/websites/{website}/funnels ← ${json({ name: "Onboarding", steps: [1, 2, 3, 4, 5, 6, 7].map(step).concat({ name: "Paid", type: "goal", goalName: "payment" }) })}`,
        rows({ _id: String, id: String, slug: String, steps: [{ name: String }, 8] }),
      ],
      [`GET ${v1}/admin/websites/{website}/funnels`, rows({ id: String, slug: String, name: "Onboarding" })],
      ...["#f97316", "#8dcdff", "#84cc16", "#eab308", "#ec4899", "#ef4444", "#a855f7", "#14b8a6"].map((color) => [
        `PATCH ${v1}/admin/websites/{website}/goals/customizations ← ${json({ goalName: "signup", displayName: "Signed up", color })}`,
        rows({ goalName: "signup", color }),
      ]),
      [`PATCH ${v1}/admin/websites/{website}/goals/customizations ← ${json({ goalName: "payment", displayName: "Paid" })}`, rows({ goalName: "payment" })],
    ],
  },
  {
    who: "counters in the footer of a website, with the id of the script's tag",
    requests: [
      [`GET ${analytics}/overview?fields=visitors&${of}`, { data: [{ visitors: Number }, 1] }],
      [`GET ${analytics}/overview?fields=visitors&websiteId={tracking}&range=all`, { data: [{ visitors: Number }, 1] }],
      [`GET ${analytics}/realtime?fields=visitors&websiteId={tracking}`, { data: [{ visitors: Number }, 1] }],
      [`GET ${v1}/visitors?websiteId={tracking}&limit=1`, { pagination: { total: Number } }],
      [`GET ${v1}/admin/websites/{tracking}`, rows({ domain: "{domain}" })],
    ],
  },
  {
    who: "counters with a key, which name the website all the same",
    bearer: "key",
    requests: [
      [`GET ${analytics}/overview?fields=visitors&${of}`, { data: [{ visitors: Number }, 1] }],
      [`GET ${analytics}/realtime?websiteId={tracking}`, { data: [{ visitors: Number }, 1] }],
      [`GET ${v1}/visitors?limit=1`, { pagination: { total: Number } }],
    ],
  },
  {
    who: "back ends of dashboards",
    bearer: "key",
    requests: [
      [
        `GET ${analytics}/overview?${range}&fields=visitors,new_visitors,returning_visitors,pageviews,sessions,bounce_rate,avg_session_duration,currency,revenue,payments,revenue_per_visitor,conversion_rate`,
        rows({ ...totals, pageviews: 4, new_visitors: 3, returning_visitors: 0 }),
      ],
      [`GET ${analytics}/overview?${range}`, rows({ pageviews: 4 })],
      [`GET ${analytics}/overview?fields=visitors,pageviews,sessions`, rows({ visitors: Number, pageviews: Number, sessions: Number })],
      [
        `GET ${analytics}/timeseries?interval=day&fields=visitors,new_visitors,returning_visitors,pageviews,sessions,revenue,payments&limit=1000&${range}`,
        { data: [{ timestamp: String, pageviews: Number, new_visitors: Number, returning_visitors: Number, payments: Number }], totals: { pageviews: 4 } },
      ],
      // There is no such parameter; what is not known is ignored.
      [`GET ${analytics}/timeseries?groupBy=referrer&${range}`, { data: [{ visitors: Number }] }],
      [`GET ${analytics}/goals?fields=name,completions,visitors`, rows({ goal: String, completions: Number, visitors: Number })],
      [`GET ${analytics}/goals?entry_page=%2Fpricing`, rows({ goal: "signup" })],
      [`GET ${analytics}/pages?page=%2Fpricing&fields=path,visitors`, rows({ path: String, visitors: Number })],
      [`GET ${analytics}/campaigns?fields=utm_source,utm_campaign,visitors`, rows({ utm_campaign: String, utm_source: String, visitors: Number })],
      [`GET ${analytics}/devices?fields=device,visitors`, rows({ device: String, visitors: Number })],
    ],
  },
  {
    who: "services that record goals and payments (Ruby)",
    bearer: "key",
    requests: [
      [`POST ${v1}/goals ← ${json({ datafast_visitor_id: "{unseen}", name: "signup" })}`, { status: "error", error: { code: 404, message: /no recorded pageviews/i } }, 404],
      [`GET ${v1}/visitors/{unseen}`, { status: "error", error: { code: 404, message: String } }, 404],
      [`POST ${v1}/payments ← ${json({ amount: 9, currency: "usd", transaction_id: "ruby_1", renewal: true, timestamp: "{from}T12:00:00Z" })}`, { message: String, transaction_id: "ruby_1" }],
    ],
  },
  {
    who: "sign-up goals of open-source products",
    bearer: "key",
    headers: { "content-type": "application/json" },
    requests: [[`POST ${v1}/goals ← ${json({ datafast_visitor_id: "{visitor}", name: "signup", metadata: { email: "a@example.com", provider: "google" } })}`, rows({ eventId: String })]],
  },
  {
    who: "identification from a back end",
    bearer: "key",
    requests: [
      [`POST ${v1}/identify ← ${json({ datafast_visitor_id: "{visitor}", user_id: "a@example.com", name: "A", image: "https://example.com/a.png", plan: "pro" })}`, { status: "success", data: { message: String, profileId: String } }],
    ],
  },
  {
    who: "anybody with a token that is none",
    bearer: "wrong",
    requests: [
      [`GET ${analytics}/overview`, { status: "error", error: { code: 401, message: /^Invalid API Key/ } }, 401],
      [`GET ${v1}/admin/websites`, { status: "error", error: { code: 401, message: /^Invalid API Key/ } }, 401],
    ],
  },
];
