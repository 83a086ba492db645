// The pages of the documentation, in the order in which they are listed and read. A page is a file of docs/ that a person wrote, or
// it is made from openapi.json (reference.mjs); what else is in docs/ is for those who work on Sluice.
//
//   name         its address below /docs
//   label        its name in the navigation, where the heading is too long for it
//   description  what it is about: in /llms.txt, in the head of the twin, and for search engines
//   script       what else it runs
//   tag          the tag of openapi.json whose operations it lists, with `lead` as its first paragraph, those in `first` first

const page = (name, description, label) => ({ name, description, label, file: `docs/${name}.md` });
const resource = (tag, lead, first = []) => ({
  first,
  name: `api/${tag.toLowerCase().replaceAll(" ", "-")}`,
  tag,
  lead,
  description: `API reference: ${lead[0].toLowerCase()}${lead.slice(1)}`,
});

export const GROUPS = [
  {
    title: "Get started",
    pages: [
      page("start", "From an empty gateway to the first report: a website, the script, a goal, a payment, a report."),
      page("authentication", "Account tokens, website keys, permissions, roles, and the rate limit."),
      page("self-hosting", "Deploy Sluice to Cloudflare, configure it, send mail, update it."),
    ],
  },
  {
    title: "Collect",
    pages: [
      page(
        "tracking",
        "The tracking script, its attributes, goals in HTML and JavaScript, proxies, and why an event is dropped.",
      ),
      page("backend", "Send goals, payments and identities from your own server.", "From your backend"),
      page("providers", "Connect Stripe, Lemon Squeezy, Polar, Paddle, Shopify or WooCommerce, and what is counted."),
      page("import", "Bring past events and payments into a website."),
      page("moving", "Bring your past from DataFast, Plausible, Umami or Google Analytics 4.", "Moving here"),
      page("export", "Take everything out again, as JSON lines or as Apache Parquet."),
    ],
  },
  {
    title: "Read and react",
    pages: [
      page("analytics", "Reports: ranges, filters, breakdowns, channels, visitors.", "Reports"),
      page("audit", "The audit log: who has changed what."),
      page("notes", "Notes on the chart: what happened when."),
      page("bot-traffic", "Requests of AI crawlers: tell of them from your server, count them, choose which.", "Bot traffic"),
      page("alerts", "Messages about goals, and about metrics that cross a threshold."),
      page("email-reports", "A mail about the week, and one when unusually many people visit.", "E-mail reports"),
      page("public-pages", "A dashboard for everybody, and widgets for other pages.", "Public pages"),
      page("webhooks", "Signed events for your own server: verify, retry, resend."),
      page("cli", "Everything from a terminal: install, log in, every command and flag."),
      page("mcp", "Connect Claude Code, Codex, Cursor and other agents to your analytics.", "MCP"),
    ],
  },
  {
    title: "Operate",
    pages: [
      page("limits", "Limits of requests, of what is stored, and of the platform."),
      page("security", "Who can do what: tokens, keys, sessions, invitations, webhooks.", "Security"),
      page("privacy", "What is stored of visitors, for how long, and how to erase it.", "Privacy"),
    ],
  },
  {
    title: "API reference",
    pages: [
      page("api", "Addresses, answers, errors, pagination, idempotent requests, filters.", "Conventions"),
      { ...page("playground", "Call this gateway from a form in the browser."), script: "playground" },
      resource("Account", "The account behind a token."),
      resource("Access tokens", "Tokens of an account, limited to permissions and websites."),
      resource("Websites", "Websites and their settings."),
      resource("Website keys", "Keys that reach one website."),
      resource("Team", "Members of a website, and invitations."),
      resource("Tracking", "The tracking script, and the events that it sends."),
      resource("From a backend", "Goals, payments and identities from your own server."),
      resource("Analytics", "Reports on a website's visitors and revenue.", ["getOverview", "getTimeseries", "getRealtime"]),
      resource("Visitors", "Visitors one by one, and their erasure."),
      resource("Goals", "Goals that a website has tracked, and how they are shown."),
      resource("Funnels", "Funnels: steps that visitors take one after another."),
      resource("Audit log", "What accounts have done, and what was done to websites."),
      resource("Notes", "Notes on the chart of a website."),
      resource("Bot traffic", "Requests of crawlers, as a website's servers tell of them."),
      resource("Alerts", "Alerts, their history and their states."),
      resource("Webhooks", "Webhook endpoints, their deliveries and secrets."),
      resource("Integrations", "Payment providers, and what they have sent."),
      resource("Import and export", "All events of a website, in and out."),
      resource("Gateway", "Set-up, health, and the console's own calls."),
    ],
  },
];

export const PAGES = GROUPS.flatMap(({ pages }) => pages);
