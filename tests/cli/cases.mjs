// What is checked of the command line, as lists of [name, body].

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync, mkdirSync, chmodSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { ROOT } from "../../scripts/lib.mjs";
import { Gateway } from "../harness/gateway.mjs";
import { folder, home, LINK, pipe, printed, terminal } from "./sluice.mjs";
import { stripe } from "../providers/making.mjs";
import { Told } from "../providers/told.mjs";
import { MATRIX } from "./matrix.mjs";

const DOMAIN = "shop.example.com";
const VISITOR = "1d7aca88-0f2a-4f4b-8f4e-5f1c1c1d2a3b";
const gateway = await Gateway.given().signUp(`cli-${Date.now()}@example.com`);
const site = await gateway.website(DOMAIN);
const SECRET = /(?<![A-Za-z0-9_])df(?:t|bot)?_[A-Za-z0-9]{30,}(?![A-Za-z0-9])/g;

const line = (id, day, more) => ({
  id, timestamp: `2026-06-${String(day).padStart(2, "0")}T10:00:00Z`, type: "pageview", visitorId: VISITOR, sessionId: `s${id}`,
  href: `https://${DOMAIN}/`, country: "DE", device: "desktop", browser: "Firefox", os: "Linux", ...more,
});
const PLACES = [["", "DE"], ["pricing", "US"], ["docs/start", "FR"]];
const events = [
  ...Array.from({ length: 40 }, (_, number) => {
    const [path, country] = PLACES[number % 3];
    return line(`p${number}`, 1 + (number % 20), { visitorId: VISITOR.replace(/^../, String(10 + number)), href: `https://${DOMAIN}/${path}`, country });
  }),
  line("own", 5), line("docs", 5, { href: `https://${DOMAIN}/docs` }),
  line("goal", 5, { type: "custom", extraData: { eventName: "signup", plan: "pro" } }),
  { id: "money", timestamp: "2026-06-05T10:02:00Z", type: "payment", extraData: { amount: 49.5, currency: "USD", transaction_id: "t1", datafast_visitor_id: VISITOR } },
];
const text = (lines) => lines.map((one) => JSON.stringify(one)).join("\n");
await gateway.json("POST", `${site.path}/import`, text(events), { "content-type": "application/x-ndjson" });
const { key } = await site.row("POST", "/apikeys", { name: "Tests" });
const funnel = await site.row("POST", "/funnels", {
  name: "Sign-up",
  steps: [{ name: "Docs", type: "pageview", url: "/docs" }, { name: "Signed up", type: "goal", goalName: "signup" }],
});
const webhook = await site.row("POST", "/webhooks", { url: "http://127.0.0.1:9/" });
const { deliveryId } = await site.row("POST", `/webhooks/${webhook._id}/test`, {});

const URLS = { SLUICE_URL: gateway.url };
const TOKEN = { ...URLS, SLUICE_TOKEN: gateway.token, SLUICE_WEBSITE: site.id };
const KEY = { ...URLS, SLUICE_SITE_KEY: key };
const ok = ({ code, out, err }) => assert.equal(code, 0, `${out}${err ?? ""}`);

// Makes what a command needs or takes away, on a website.
let made = 0;
const name = () => `n${++made}`;
const newDomain = () => `site-${++made}-${process.pid}.example.com`;
const STEPS = [{ name: "Docs", type: "pageview", url: "/docs" }, { name: "Signed up", type: "goal", goalName: "signup" }];
const file = join(folder, "lines.ndjson");
writeFileSync(file, text([line("one", 1)]));
const idOf = async (row) => (await row)._id;
const make = {
  website: () => site.id,
  funnel: () => funnel._id,
  webhook: () => webhook._id,
  delivery: () => deliveryId,
  lines: () => file,
  name,
  domain: newDomain,
  visitor: randomUUID,
  fresh: (on) => on.id,
  newFunnel: (on) => idOf(on.row("POST", "/funnels", { name: name(), steps: STEPS })),
  newAlert: (on) => idOf(on.row("POST", "/alerts", { name: name(), trigger: { goalName: "signup" }, template: { message: "It was completed." } })),
  newWebhook: (on) => idOf(on.row("POST", "/webhooks", { url: `http://127.0.0.1:9/${name()}` })),
  newKey: (on) => idOf(on.row("POST", "/apikeys", { name: name() })),
  newNote: (on) => idOf(on.row("POST", "/notes", { text: name(), timestamp: "2026-06-01" })),
  async newPayment(on) {
    const transaction = name();
    await on.pay(transaction);
    return transaction;
  },
  newToken: () => idOf(gateway.row("POST", "/api/v1/admin/access-tokens", { name: name() })),
};

// A row of the matrix as arguments, and the environment of each credential.
async function prepared(words) {
  const isFresh = words.includes("{fresh}");
  const on = isFresh ? await gateway.website(newDomain()) : site;
  const args = [];
  for (const word of words.split(" ")) {
    const placeholder = word.match(/\{(\w+)\}/);
    const maker = placeholder && make[placeholder[1]];
    args.push(maker ? word.replace(placeholder[0], await maker(on)) : word);
  }
  const ownKey = isFresh ? (await on.row("POST", "/apikeys", { name: "Matrix" })).key : key;
  return { args, token: TOKEN, key: { ...URLS, SLUICE_SITE_KEY: ownKey }, none: URLS };
}

// ── The documented examples, as they are written ─────────────────────────────────────────────────────────────────────

const THEIRS = { DATAFAST_API_BASE: `${gateway.url}/api/v1`, DATAFAST_TOKEN: gateway.token };
const EXAMPLES = [
  ["whoami"],
  ["analytics", "overview", "--country", "United States", "--os", "iOS"],
  ["analytics", "pages", "--filter", "page:contains=/docs", "--limit", "25"],
  ["analytics", "referrers", "--country", "United States", "--device", "mobile"],
  ["analytics", "timeseries", "--fields", "visitors,revenue", "--interval", "day", "--filter", "page:contains=/docs"],
  ["--json", "analytics", "overview", "--website", site.id, "--period", "last7d"],
  ["--json", "analytics", "goals", "--website", site.id],
  ["--json", "analytics", "pages", "--website", site.id, "--limit", "10"],
  ["visitors", "list", "--visited-page", "/pricing", "--period", "last30d"],
  ["visitors", "list", "--visited-page-contains", "/docs", "--completed-goal", "signup", "--period", "last30d"],
  ["visitors", "list", "--device", "mobile", "--referrer", "Google", "--country", "France", "--period", "last30d"],
  ["visitors", "list", "--utm-campaign", "launch", "--is-customer", "--period", "last30d"],
  ["visitors", "list", "--completed-goal", "subscription_ended", "--period", "today"],
  ["--json", "funnels", "list", site.id],
  ["funnels", "view", site.id, funnel._id, "--period", "last30d"],
  ["tokens", "create", "--name", "CI token", "--permissions", "*"],
  ["tokens", "create", "--name", "Read only", "--permissions", "analytics:read,websites:read"],
  ["tokens", "create", "--name", "AI agent", "--permissions", "analytics:read,websites:read,funnels:write,alerts:write"],
  ["websites", "apikeys", "create", site.id, "--name", "Prod key"],
  ["goals", "customize", site.id, "signup", "--display-name", "Signed up", "--color", "#8dcdff"],
  ["goals", "list"],
];

const documented = EXAMPLES.map((args) => [`documented: datafast ${args.join(" ")}`, async () => {
  const env = { ...THEIRS, HOME: home() };
  if (!args.includes(site.id)) ok(await pipe(["config", "set-website", DOMAIN], { env, program: LINK }));
  const answer = await pipe(args, { env, program: LINK });
  ok(answer);
  if (args.includes("--json")) assert.equal(JSON.parse(answer.out).status, "success");
}]);

const naming = ["a link named datafast calls itself so", async () => {
  const { out } = await pipe(["analytics", "pages", "--help"], { program: LINK });
  assert.match(out, /datafast analytics pages --filter page:contains=\/docs --limit 25/);
  assert.match(out, /Calls GET \/api\/v1\/analytics\/pages/);
  const alone = await pipe(["whoami"], { env: { DATAFAST_TOKEN: gateway.token, SLUICE_URL: gateway.url }, program: LINK });
  assert.equal(alone.code, 4, "a token for datafa.st must not go to another host");
}];

// ── Commands × credentials × pipe or terminal ────────────────────────────────────────────────────────────────────────

const matrix = MATRIX.map(([words, codes, atTerminal = codes]) => [
  `matrix: ${words}`,
  async () => {
    for (const [index, kind] of ["token", "key", "none"].entries()) {
      for (const call of [pipe, terminal]) {
        const { args, [kind]: env } = await prepared(words);
        const { code, out, err } = await call(args, { env: { ...env, HOME: home() }, input: '{"stripeRak":"rk_live_0123456789"}' });
        assert.equal(code, (call === terminal ? atTerminal : codes)[index], `${call.name}, ${kind}: ${out}${err ?? ""}`);
      }
    }
  },
]);

const complete = ["the matrix has every command", async () => {
  const { out } = await pipe(["--document"]);
  const commands = [...out.matchAll(/^\| `([a-z][a-z-]*(?: [a-z][a-z-]*)*)/gm)].map(([, name]) => name);
  assert.ok(commands.length > 80, out);
  const missing = commands.filter((name) => !MATRIX.some(([words]) => words === name || words.startsWith(`${name} `)));
  assert.deepEqual(missing, []);
  // And its page is the one that is committed.
  assert.equal(readFileSync(join(ROOT, "docs/cli.md"), "utf8"), out, "scripts/generate writes this page");
}];

const asking = ["without a terminal nothing is asked: what is missing is named, and a delete needs --yes", async () => {
  for (const [words, told] of [
    ["tokens delete", /<tokenId> is missing/],
    ["websites create --domain a.example", /--timezone is missing[\s\S]*websites create --domain/],
    ["funnels create --name x", /--steps is missing/],
    ["alerts create --name x", /--goal is missing/],
    ["goals create", /<name> is missing|datafast_visitor_id|--visitor is missing/],
    [`funnels delete ${site.id} ${funnel._id}`, /cannot be undone[\s\S]*--yes/],
    ["analytics", /a verb is missing/],
    ["analytics nothing", /unrecognized subcommand/],
    ["analytics pages --period yesteryear", /invalid value/],
    ["analytics pages --from 2026-01-01T10:00", /2026-01-01T10:00:00Z/],
    ["analytics pages --to 2026-01-01", /--to needs --from/],
    ["analytics overview --csv", /--csv is for commands that list rows/],
    ["analytics realtime --watch 1", /5 seconds or more/],
    ["payments create --amount x --currency USD --transaction-id t", /no number/],
  ]) {
    const { code, err } = await pipe(words.split(" "), { env: TOKEN });
    assert.equal(code, 2, `${words}: ${err}`);
    assert.match(err, told);
  }
  assert.ok((await site.rows("GET", "/funnels")).some(({ _id }) => _id === funnel._id), "nothing was sent");
}];

// ── Prompts ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const [DOWN, ENTER, CTRL_C] = ["\u001b[B", "\r", "\u0003"];
const prompts = [
  ["prompts: a noun alone offers its verbs", async () => {
    const picked = await terminal(["goals"], { env: TOKEN, steps: [["Command:", ENTER]] });
    ok(picked);
    assert.match(picked.out, /2\.44%/);
    const cancelled = await terminal(["goals"], { env: TOKEN, steps: [["Command:", `Cancel${ENTER}`]] });
    ok(cancelled);
    assert.doesNotMatch(cancelled.out, /2\.44%/);
  }],
  ["prompts: the website is picked", async () => {
    const { code, out } = await terminal(["funnels", "list"], { env: { ...TOKEN, SLUICE_WEBSITE: "" }, steps: [["Website:", `${DOMAIN}${ENTER}`]] });
    assert.equal(code, 0, out);
    assert.match(out, /Sign-up/);
  }],
  ["prompts: what is missing is asked for", async () => {
    const name = newDomain();
    const steps = [["domain:", `${name}${ENTER}`], ["timezone:", `Europe/Paris${ENTER}`]];
    const { code, out } = await terminal(["websites", "create"], { env: TOKEN, steps });
    assert.equal(code, 0, out);
    assert.match(out, new RegExp(`<script defer data-website-id="dfid_[0-9a-f]{24}" data-domain="${name}" src="${gateway.url}/js/script.js">`));
    const rows = await gateway.rows("GET", "/api/v1/admin/websites");
    assert.equal(rows.find(({ domain }) => domain === name)?.timezone, "Europe/Paris");
  }],
  ["prompts: Ctrl+C leaves without having sent anything", async () => {
    const before = (await gateway.rows("GET", "/api/v1/admin/websites")).length;
    const { code, out } = await terminal(["websites", "create", "--domain", "never.example.com"], { env: TOKEN, steps: [["timezone:", CTRL_C]] });
    assert.equal(code, 130, out);
    assert.ok(!(await gateway.rows("GET", "/api/v1/admin/websites")).some(({ domain }) => domain === "never.example.com"), String(before));
  }],
  ["prompts: a confirmation answered with no cancels", async () => {
    const id = await make.newFunnel(site);
    const no = await terminal(["funnels", "delete", site.id, id], { env: TOKEN, steps: [["Delete this funnel?", `n${ENTER}`]] });
    assert.equal(no.code, 1, no.out);
    assert.match(no.out, /cancelled/);
    const silence = await terminal(["funnels", "delete", site.id, id], { env: TOKEN, steps: [["Delete this funnel?", ENTER]] });
    assert.equal(silence.code, 1, silence.out);
    const yes = await terminal(["funnels", "delete", site.id, id], { env: TOKEN, steps: [["Delete this funnel?", `y${ENTER}`]] });
    assert.equal(yes.code, 0, yes.out);
  }],
  ["prompts: a funnel is made step by step", async () => {
    const steps = [
      ["Name:", `Built${ENTER}`], ["Step 1:", ENTER], ["Name of the step:", `Home${ENTER}`], ["Path:", `/${ENTER}`],
      ["Step 2:", `${DOWN}${ENTER}`], ["Name of the step:", `Done${ENTER}`], ["Goal:", `signup${ENTER}`], ["Step 3:", `${DOWN}${DOWN}${ENTER}`],
    ];
    const { code, out } = await terminal(["funnels", "create", site.id], { env: TOKEN, steps });
    assert.equal(code, 0, out);
    const built = (await site.rows("GET", "/funnels")).find(({ name }) => name === "Built");
    assert.deepEqual(built.steps.map(({ name, type, url, goalName }) => [name, type, url ?? goalName]), [["Home", "pageview", "/"], ["Done", "goal", "signup"]]);
  }],
  ["prompts: an editor saves each field at once", async () => {
    const own = await gateway.website(newDomain());
    const steps = [["Change:", `viral${ENTER}`], ["sendViralTrafficAlerts:", `y${ENTER}`], ["saved", ""], ["Change:", `Done${ENTER}`]];
    const { code, out } = await terminal(["websites", "update", own.id], { env: TOKEN, steps });
    assert.equal(code, 0, out);
    assert.equal((await own.row("GET", "")).sendViralTrafficAlerts, true);
  }],
  ["prompts: a token is asked for and never shown", async () => {
    const env = { HOME: home() };
    const { code, out } = await terminal(["login", "--url", gateway.url], { env, steps: [["Token:", `${gateway.token}${ENTER}`]] });
    assert.equal(code, 0, out);
    assert.match(out, /Logged in to .* as Developer <cli-/);
    const file = join(env.HOME, ".config", "sluice", "config.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(env.HOME, ".config", "sluice")).mode & 0o777, 0o700);
    ok(await pipe(["whoami"], { env }));
    const shown = await pipe(["config", "show"], { env });
    assert.match(shown.out, /dft_…/);
    chmodSync(file, 0o644);
    assert.match((await pipe(["whoami"], { env })).err, /warning: others can read/);
    ok(await pipe(["logout"], { env }));
    assert.equal(statSync(file).mode & 0o777, 0o600, "written anew");
    assert.equal((await pipe(["whoami"], { env })).code, 4);
  }],
];

const keyLogin = ["login takes a website key, keeps unknown keys of the file, and never a refused token", async () => {
  const env = { HOME: home() };
  const file = join(env.HOME, ".config", "sluice", "config.json");
  mkdirSync(join(env.HOME, ".config", "sluice"), { recursive: true });
  writeFileSync(file, '{"theme":"dark"}', { mode: 0o600 });
  ok(await pipe(["login", "--url", gateway.url, "--with-token"], { env, input: `${key}\n` }));
  const stored = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(stored, { theme: "dark", url: gateway.url, siteKey: key, website: site.id });
  const refused = await pipe(["login", "--url", gateway.url, "--with-token"], { env, input: `dft_${"a".repeat(36)}` });
  assert.equal(refused.code, 4, refused.err);
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), stored);
  assert.equal((await pipe(["login", "--url", "http://gateway.example", "--with-token"], { env, input: key })).code, 2);
  assert.match((await pipe(["analytics", "pages", "--website", "x.example"], { env })).err, /ignored/);
  for (const [words, website] of [["set-website example.org", site.id], ["clear-website", undefined]]) {
    await pipe(["config", ...words.split(" ")], { env });
    assert.equal(JSON.parse(readFileSync(file, "utf8")).website, website);
  }
}];

// ── What is printed ──────────────────────────────────────────────────────────────────────────────────────────────────

const SHOWN = [
  "analytics overview", "analytics pages", "analytics timeseries --from 2026-06-01 --to 2026-06-10", "websites list", "funnels list",
  `funnels view ${site.id} ${funnel._id}`, "goals colors", "visitors list --limit 3", `visitors get ${VISITOR}`, "alerts preview --metric visitors --window 1d --above 100",
];
const WRITE = process.argv.includes("--write");
// What differs from run to run, in the same width.
const stable = (out) =>
  out
    .replace(/(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])/g, "6a1d744091fbde0d0bb977af")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(?=\s+[a-z-]+\s*$)/gm, "2026-06-01 12:00")
    .replace(/(time since \w+ visit.*?)\d+[dhms][^\n]*/g, "$1…");
const snapshots = [[80, false], [80, true], [120, false], [120, true]].map(([columns, isPlain]) => [
  `snapshots: ${columns} columns, ${isPlain ? "plain" : "in colour"}`,
  async () => {
    const parts = [];
    for (const words of SHOWN) {
      const env = { ...TOKEN, ...(isPlain && { NO_COLOR: "1" }) };
      const { code, out } = await terminal(words.split(" "), { env, columns });
      assert.equal(code, 0, out);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
      assert.equal(/\u001b\[/.test(out), !isPlain && out.includes("\u001b["), words);
      parts.push(`$ sluice ${stable(words)}\n${stable(out)}`);
    }
    const whole = parts.join("\n").replaceAll("\u001b", "␛");
    const file = join(ROOT, "tests", "cli", "snapshots", `${columns}${isPlain ? "-plain" : ""}.txt`);
    if (WRITE) {
      mkdirSync(join(ROOT, "tests", "cli", "snapshots"), { recursive: true });
      writeFileSync(file, whole);
    }
    assert.equal(whole, readFileSync(file, "utf8"));
    assert.equal(whole.includes("␛"), !isPlain);
    for (const row of isPlain ? whole.split("\n") : []) assert.ok([...row].length <= columns || row.startsWith("$"), `too wide: ${row}`);
  },
]);

const forms = ["output: tabs in a pipe, CSV with a header, columns by name, every page", async () => {
  const run = async (words) => {
    const answer = await pipe(words.split(" "), { env: TOKEN });
    ok(answer);
    return answer;
  };
  assert.equal((await run("analytics pages --fields path,visitors")).out, "/\t15\n/docs/start\t13\n/pricing\t13\n/docs\t1\n");
  assert.equal((await run("analytics countries --csv --fields country,visitors --limit 1")).out.split("\r\n")[0], "country,visitors");
  assert.equal((await run("websites list --fields domain --csv")).out.split("\r\n")[0], "domain");
  const page = await run("visitors list --limit 2");
  assert.match(page.err, /2 of 41; --offset 2 for more/);
  assert.equal((await run("visitors list --limit 2 --all")).out.trim().split("\n").length, 41);
  const all = JSON.parse((await run("visitors list --all --json")).out);
  assert.equal(all.data.length, 41);
  const raw = JSON.parse((await run("analytics overview --json")).out);
  assert.equal(raw.data[0].revenue, 49.5);
  assert.equal((await run("api GET /analytics/overview --json")).out, `${JSON.stringify(raw)}\n`);
}];

const refusals = ["errors: the gateway's words, its envelope with --json, the same code", async () => {
  const words = ["websites", "get", "0123456789abcdef01234567"];
  const plain = await pipe(words, { env: TOKEN });
  assert.equal(plain.code, 1);
  assert.match(plain.err, /^error: /);
  assert.equal(plain.out, "");
  const json = await pipe([...words, "--json"], { env: TOKEN });
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.out).error.code, 404);
  const verbose = await pipe([...words, "--verbose"], { env: TOKEN });
  assert.match(verbose.err, /^GET http\S+ 404 \S+ \d+ ms$/m);
  assert.equal((await pipe(["whoami"], { env: { SLUICE_URL: "http://127.0.0.1:1", SLUICE_TOKEN: gateway.token } })).code, 1);
}];

// ── --json against openapi.json ──────────────────────────────────────────────────────────────────────────────────────

const document = JSON.parse(readFileSync(join(ROOT, "openapi.json"), "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
ajv.addFormat("idn-hostname", true);
for (const number of ["uint16", "uint32", "uint64", "uint"]) ajv.addFormat(number, true);
ajv.addSchema(document, "openapi");
const pointer = (part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
function validate(method, path, body) {
  const item = document.paths[path][method.toLowerCase()];
  const [status, response] = Object.entries(item.responses).find(([code]) => code.startsWith("2")) ?? [];
  if (!response?.content?.["application/json"]) return;
  const at = ["paths", path, method.toLowerCase(), "responses", status, "content", "application/json", "schema"].map(pointer).join("/");
  const check = ajv.compile({ $ref: `openapi#/${at}` });
  assert.ok(check(body), `${method} ${path}: ${JSON.stringify(check.errors?.slice(0, 3))}`);
}

const described = ["json: what every command prints is what openapi.json describes", async () => {
  const { out } = await pipe(["--document"]);
  const calls = new Map([...out.matchAll(/^\| `([a-z][a-z-]*(?: [a-z][a-z-]*)*)[^`]*` \|.*\(`([A-Z]+) (\S+?)`\) \|/gm)].map(([, name, method, path]) => [name, [method, path]]));
  let count = 0;
  for (const [words, [code]] of MATRIX) {
    const name = [...calls.keys()].filter((known) => words === known || words.startsWith(`${known} `)).sort((a, b) => b.length - a.length)[0];
    if (code !== 0 || !name || ["export", "import", "alerts get"].includes(name) || words.includes("webhooks resend")) continue;
    const answer = await pipe([...(await prepared(words)).args, "--json"], { env: { ...TOKEN, HOME: home() }, input: '{"stripeRak":"rk_live_0123456789"}' });
    ok(answer);
    validate(...calls.get(name), JSON.parse(answer.out));
    count += 1;
  }
  assert.ok(count > 60, String(count));
  return `${count} answers`;
}];

// ── Retries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// A gateway that does what the script says, one entry a request: a status, or "die".
async function withFaults(script, body) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, key: request.headers["idempotency-key"] });
    const next = script.shift() ?? 200;
    if (next === "die") return request.socket.destroy();
    const headers = { "content-type": "application/json", ...(next === 429 && { "retry-after": "1" }) };
    response.writeHead(next, headers).end(next === 200 ? '{"status":"success","data":[]}' : '{"error":"x","message":"slow down"}');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await body({ ...TOKEN, SLUICE_URL: `http://127.0.0.1:${server.address().port}` }, seen);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const retries = [
  ["retries: 429 is waited for", () => withFaults([429, 429], async (env, seen) => {
    const started = Date.now();
    const answer = await pipe(["websites", "list"], { env });
    ok(answer);
    assert.equal(seen.length, 3);
    assert.match(answer.err, /too many requests: waiting 1 s \(2 of 5\)/);
    assert.ok(Date.now() - started >= 2000);
  })],
  ["retries: a read is repeated after a lost connection and after 503", () => withFaults(["die", 503], async (env, seen) => {
    ok(await pipe(["websites", "list"], { env }));
    assert.equal(seen.length, 3);
  })],
  ["retries: three times is enough", () => withFaults([502, 502, 502, 502], async (env, seen) => {
    assert.equal((await pipe(["websites", "list"], { env })).code, 1);
    assert.equal(seen.length, 3);
  })],
  ["retries: a create is repeated with its key", () => withFaults(["die"], async (env, seen) => {
    ok(await pipe(["websites", "create", "--domain", "a.example", "--timezone", "UTC"], { env }));
    assert.equal(seen.length, 2);
    assert.match(seen[0].key, /^[0-9a-f]{32}$/);
    assert.equal(seen[0].key, seen[1].key);
  })],
  ["retries: an update is not repeated after a lost connection", () => withFaults(["die"], async (env, seen) => {
    assert.equal((await pipe(["websites", "update", site.id, "--name", "x"], { env })).code, 1);
    assert.equal(seen.length, 1);
  })],
  ["retries: --no-retry repeats nothing", () => withFaults([429, 429], async (env, seen) => {
    assert.equal((await pipe(["websites", "list", "--no-retry"], { env })).code, 1);
    assert.equal(seen.length, 1);
  })],
];

// ── Import, export, and the rest ─────────────────────────────────────────────────────────────────────────────────────

const transfers = ["import and export: all of it, again, and after it broke off", async () => {
  const [from, to] = [await gateway.website(newDomain()), await gateway.website(newDomain())];
  const source = join(folder, "events.ndjson");
  writeFileSync(source, `${text(events)}\n{"id":"bad"}\n`);
  const first = await pipe(["import", from.id, source, "--json"], { env: TOKEN });
  assert.equal(first.code, 1, "a line was rejected");
  const [row] = JSON.parse(first.out.split("\n")[0]).data;
  assert.deepEqual([row.accepted, row.rejected, row.errors[0].line], [events.length, 1, events.length + 1]);
  const again = await pipe(["import", from.id, "-"], { env: TOKEN, input: text(events) });
  ok(again);
  assert.match(again.out, new RegExp(`^duplicates\\t${events.length}$`, "m"));

  const out = join(folder, "export.ndjson");
  ok(await pipe(["export", from.id, "-o", out], { env: TOKEN }));
  assert.ok(!existsSync(`${out}.partial`));
  const direct = await pipe(["export", from.id], { env: TOKEN });
  assert.equal(direct.out, readFileSync(out, "utf8"));
  ok(await pipe(["import", to.id, out], { env: TOKEN }));
  assert.equal((await pipe(["export", to.id], { env: TOKEN })).out, direct.out);
  const table = join(folder, "export.parquet");
  ok(await pipe(["export", from.id, "--format", "parquet", "-o", table], { env: TOKEN }));
  assert.equal(readFileSync(table).subarray(0, 4).toString(), "PAR1");
  assert.equal((await terminal(["export", from.id, "--format", "parquet"], { env: TOKEN })).code, 2);

  // A gateway that dies in the middle of an export leaves no file that looks whole.
  const server = createServer((request, response) => {
    if (request.method === "GET") response.writeHead(200, { "content-length": "1000" }).write("{}\n", () => request.socket.destroy());
    else request.socket.destroy();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = { ...TOKEN, SLUICE_URL: `http://127.0.0.1:${server.address().port}` };
  const broken = join(folder, "broken.ndjson");
  assert.equal((await pipe(["export", from.id, "-o", broken], { env })).code, 1);
  assert.ok(!existsSync(broken));
  const lost = await pipe(["import", from.id, source], { env });
  assert.equal(lost.code, 1);
  assert.match(lost.err, /run it again/);
  server.close();
  server.closeAllConnections();
}];

const resumed = ["export: one that broke off goes on where it was, by itself and when it is run again", async () => {
  const from = await gateway.website(newDomain());
  ok(await pipe(["import", from.id, "-"], { env: TOKEN, input: text(events) }));
  const whole = (await pipe(["export", from.id], { env: TOKEN })).out;
  const asked = [];
  let breaks = [];
  // It hands on what the gateway says, and breaks off after as many bytes as it is told.
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, process.env.SLUICE_URL);
    const answer = await fetch(url, { headers: { authorization: request.headers.authorization } });
    const body = Buffer.from(await answer.arrayBuffer());
    if (!url.pathname.endsWith("/export")) return response.writeHead(answer.status).end(body);
    asked.push(url.searchParams.get("since"));
    const most = breaks.shift();
    response.writeHead(answer.status, { "content-type": "application/x-ndjson" });
    if (most === undefined) return response.end(body);
    response.write(body.subarray(0, most), () => setTimeout(() => request.socket.destroy(), 50));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = { ...TOKEN, SLUICE_URL: `http://127.0.0.1:${server.address().port}` };
  const out = join(folder, "resumed.ndjson");
  const third = Math.floor(whole.length / 3);
  breaks = [third, third];
  const done = await pipe(["export", from.id, "-o", out], { env });
  ok(done);
  assert.match(done.err, /broke off .*going on/);
  assert.equal(readFileSync(out, "utf8"), whole);
  assert.equal(asked[0], null);
  assert.ok(asked.length === 3 && asked[1] < asked[2], "each went on from the last time that there was");

  // Killed by too many failures, it goes on when it is run again; what is of another website is not added to.
  breaks = [third, 0, 0, 0, 0];
  const lost = await pipe(["export", from.id, "-o", out], { env });
  assert.equal(lost.code, 1);
  assert.match(lost.err, /goes on where it broke off/);
  assert.equal(readFileSync(out, "utf8"), whole, "what was there before is whole");
  assert.ok(existsSync(`${out}.partial`));
  asked.length = 0;
  breaks = [];
  ok(await pipe(["export", from.id, "-o", out], { env }));
  assert.equal(readFileSync(out, "utf8"), whole);
  assert.ok(asked.length === 1 && asked[0] !== null);
  const other = await gateway.website(newDomain());
  const theirs = text(events.slice(0, 3).map((event, at) => ({ ...event, id: `other-${at}` })));
  ok(await pipe(["import", other.id, "-"], { env: TOKEN, input: theirs }));
  writeFileSync(`${out}.partial`, whole.slice(0, third));
  ok(await pipe(["export", other.id, "-o", out], { env }));
  assert.equal(readFileSync(out, "utf8"), (await pipe(["export", other.id], { env: TOKEN })).out);
  server.close();
  server.closeAllConnections();
}];

const lists = ["websites update: lists are replaced, or grow and shrink", async () => {
  const own = await gateway.website(newDomain());
  ok(await pipe(["import", own.id, "-"], { env: TOKEN, input: text(events) }));
  const update = async (...args) => {
    ok(await pipe(["websites", "update", own.id, ...args], { env: TOKEN }));
    return own.row("GET", "");
  };
  assert.deepEqual((await update("--excluded-paths", "/a,/b")).excludedPaths, ["/a", "/b"]);
  assert.deepEqual((await update("--add-excluded-paths", "/c", "--remove-excluded-paths", "/a")).excludedPaths, ["/b", "/c"]);
  assert.deepEqual((await update("--excluded-paths", "")).excludedPaths, []);
  assert.equal((await update("--cookieless", "true", "--kpi", "signup")).isCookieless, true);
  const cleared = await update("--clear-kpi", "--name", "");
  assert.deepEqual([cleared.kpi, cleared.name || null], [null, null]);
  assert.equal((await update("--kpi", "signup", "--cookieless", "false")).kpi, "signup");
  ok(await pipe(["websites", "kpi", own.id, "--clear"], { env: TOKEN }));
  assert.equal((await own.row("GET", "")).kpi, null);
}];

const secrets = ["secrets: a new key alone on stdout, and through stdin to the clipboard", async () => {
  const made = await pipe(["websites", "apikeys", "create", site.id, "--name", "Alone"], { env: TOKEN });
  ok(made);
  assert.match(made.out, /^df_[A-Za-z0-9]{36}\n$/);
  assert.doesNotMatch(made.err, SECRET);
  const tools = join(folder, "tools");
  mkdirSync(tools);
  writeFileSync(join(tools, "pbcopy"), `#!/bin/sh\necho "argv: $*" > ${tools}/copied\ncat >> ${tools}/copied\n`, { mode: 0o755 });
  const env = { ...TOKEN, PATH: `${tools}:${process.env.PATH}` };
  const copied = await terminal(["tokens", "create", "--name", "x", "--permissions", "analytics:read"], { env });
  assert.equal(copied.code, 0, copied.out);
  assert.match(copied.out, /clipboard/);
  const [issued] = copied.out.match(SECRET);
  assert.equal(readFileSync(join(tools, "copied"), "utf8"), `argv: \n${issued}`);
  assert.doesNotMatch((await terminal(["tokens", "create", "--name", "x", "--no-copy"], { env })).out, /clipboard/);
  const listed = (await gateway.rows("GET", "/api/v1/admin/access-tokens")).filter(({ name }) => name === "x");
  for (const { _id } of listed) ok(await pipe(["tokens", "delete", _id, "--yes"], { env: TOKEN }));
}];

const following = ["webhooks deliveries --follow shows what is made", async () => {
  const { spawn } = await import("node:child_process");
  const { BINARY } = await import("./sluice.mjs");
  const child = spawn(BINARY, ["webhooks", "deliveries", site.id, webhook._id, "--follow"], { env: { PATH: process.env.PATH, HOME: home(), ...TOKEN }, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (out += more));
  await new Promise((resolve) => child.stderr.once("data", resolve));
  const { deliveryId: made } = await site.row("POST", `/webhooks/${webhook._id}/test`, { type: "payment.received" });
  for (let tries = 0; tries < 100 && !out.includes(made); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill("SIGINT");
  assert.match(out, new RegExp(`^${made}\t${webhook._id}\tpayment.received\t`, "m"));
}];

const opening = ["open: the console in a browser on a terminal, its address in a pipe", async () => {
  const tools = join(folder, "browser");
  mkdirSync(tools);
  writeFileSync(join(tools, "xdg-open"), `#!/bin/sh\necho "$*" > ${tools}/opened\n`, { mode: 0o755 });
  const env = { ...TOKEN, PATH: `${tools}:${process.env.PATH}` };
  const page = `${gateway.url}/console/w/${site.id}`;
  const shown = await terminal(["open", site.id], { env });
  assert.equal(shown.code, 0, shown.out);
  assert.match(shown.out, /^opened /m);
  assert.equal(readFileSync(join(tools, "opened"), "utf8"), `${page}\n`);
  assert.equal((await pipe(["open", DOMAIN], { env })).out, `${page}\n`);
  assert.equal((await pipe(["open"], { env })).out, `${gateway.url}/console\n`);
  // The page is one of the console's.
  assert.match(await (await fetch(page)).text(), /<script/);
  writeFileSync(join(tools, "xdg-open"), "#!/bin/sh\nexit 3\n", { mode: 0o755 });
  assert.ok((await terminal(["open", site.id], { env })).out.includes(page), "without a browser it is printed");
}];

const imports = ["websites integrations connect: credentials are not seen, and the import is followed to its end", async () => {
  const own = await gateway.website(newDomain());
  const key = `rk_live_${randomUUID().replaceAll("-", "")}`;
  const told = Told.given();
  const account = told.account("stripe", key);
  for (let at = 1; at <= 3; at++) await stripe.sale({ id: String(at), at: Math.floor(Date.now() / 1000) - 86_400 * at }).load(account);
  const shown = await terminal(["websites", "integrations", "connect", own.id, "stripe"], { env: TOKEN, steps: [["stripeRak:", `${key}\r`]], seconds: 60 });
  assert.equal(shown.code, 0, shown.out);
  assert.ok(!shown.out.includes(key));
  assert.match(shown.out, /import: done, 3 objects/);
  const [entry] = await own.rows("GET", "/integrations/stripe");
  assert.deepEqual([entry.state, entry.import.state], ["connected", "done"]);
  // In a pipe it does not wait, and a key that the provider refuses is told as the gateway tells it.
  const again = await pipe(["websites", "integrations", "resync", own.id, "stripe"], { env: TOKEN });
  ok(again);
  assert.doesNotMatch(again.err, /import:/);
  const unknown = `pdl_live_apikey_${randomUUID().replaceAll("-", "").slice(0, 26)}_secret_abc`;
  await told.account("paddle", unknown).is({ isUnknown: true });
  const input = JSON.stringify({ paddleApiKey: unknown });
  const refused = await pipe(["websites", "integrations", "connect", own.id, "paddle", "--with-credentials"], { env: TOKEN, input });
  assert.equal(refused.code, 1);
  assert.equal(refused.err, "error: paddleApiKey: Paddle does not accept this key\n");
}];

const encrypted = ["https: a certificate that the machine trusts is, and a token goes to no other", async () => {
  const [ca, leaf] = ["authority", "gateway"].map((name) => ["key", "pem"].map((ending) => join(folder, `${name}.${ending}`)));
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=sluice.test"];
  const make = ([key, certificate], more) =>
    execFileSync("openssl", ["req", "-x509", ...kind, "-keyout", key, "-out", certificate, ...more], { stdio: "pipe" });
  make(ca, []);
  make(leaf, ["-CA", ca[1], "-CAkey", ca[0], "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1"]);
  let asked = 0;
  const server = createSecureServer({ key: readFileSync(leaf[0]), cert: readFileSync(leaf[1]) }, async (request, response) => {
    asked += 1;
    const answer = await fetch(new URL(request.url, gateway.url), { headers: { authorization: request.headers.authorization } });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = (host) => ({ ...TOKEN, SLUICE_URL: `https://${host}:${server.address().port}` });
  const trusted = await pipe(["websites", "list"], { env: { ...at("127.0.0.1"), SSL_CERT_FILE: ca[1] } });
  ok(trusted);
  assert.ok(trusted.out.includes(DOMAIN) && asked === 1);
  for (const env of [at("127.0.0.1"), { ...at("localhost"), SSL_CERT_FILE: ca[1] }]) {
    const refused = await pipe(["websites", "list"], { env });
    assert.equal(refused.code, 1);
    assert.match(refused.err, /certificate/i);
  }
  assert.equal(asked, 1, "nothing was sent to a stranger");
  server.close();
}];

const watching = ["analytics realtime --watch asks again and again until it is stopped", async () => {
  const { spawn } = await import("node:child_process");
  const { BINARY } = await import("./sluice.mjs");
  const child = spawn(BINARY, ["analytics", "realtime", "--website", site.id, "--watch", "5"], { env: { PATH: process.env.PATH, HOME: home(), ...TOKEN }, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (out += more));
  for (let tries = 0; tries < 100 && out.trim().split("\n").length < 2; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill("SIGINT");
  assert.ok(out.trim().split("\n").length >= 2, out);
  assert.equal((await pipe(["analytics", "realtime", "--website", site.id, "--watch", "4"], { env: TOKEN })).code, 2);
}];

const shells = ["completion: installed once however often, and taken out again", async () => {
  for (const [shell, file] of [["zsh", ".zshrc"], ["bash", ".bashrc"]]) {
    const env = { HOME: home(), SHELL: `/bin/${shell}` };
    const path = join(env.HOME, file);
    writeFileSync(path, "alias a=b\n");
    for (let times = 0; times < 2; times++) ok(await pipe(["completion", "install"], { env }));
    assert.equal(readFileSync(path, "utf8").match(/>>> sluice completion >>>/g).length, 1);
    ok(await pipe(["completion", "uninstall"], { env }));
    assert.equal(readFileSync(path, "utf8"), "alias a=b\n");
  }
  const page = await pipe(["completion", "man"]);
  assert.match(page.out, /^\.TH sluice 1/m);
}];

const agents = ["mcp config names the gateway and no token", async () => {
  for (const client of ["claude", "codex", "cursor"]) {
    const { code, out } = await pipe(["mcp", "config", client], { env: TOKEN });
    assert.equal(code, 0);
    assert.ok(out.includes(`${gateway.url}/api/mcp`), out);
    assert.match(out, /SLUICE_TOKEN/);
  }
}];

// ── Over all that was printed ────────────────────────────────────────────────────────────────────────────────────────

const GIVES_SECRETS = /^(--json )?(tokens create|websites apikeys (create|roll)|websites bot-traffic (create|rotate)-token)/;
const silent = ["no output has a token but those that issue one, and stderr has none ever", () => {
  assert.ok(printed.length > 0);
  for (const { args, text, err } of printed) {
    const words = args.join(" ");
    assert.doesNotMatch(words, SECRET, "argv");
    if (!GIVES_SECRETS.test(words)) assert.doesNotMatch(text, SECRET, words);
    else if (err !== text) assert.doesNotMatch(err, SECRET, words);
    for (const own of [gateway.token, key]) assert.ok(!text.includes(own), words);
  }
  return `${printed.length} runs`;
}];

export const LISTS = {
  first: [...documented, naming, complete, asking, keyLogin, ...snapshots, forms, ...retries],
  then: [...prompts, refusals, transfers, resumed, lists, secrets, following, opening, imports, encrypted, watching, shells, agents, ...matrix, described],
  last: [silent],
};
