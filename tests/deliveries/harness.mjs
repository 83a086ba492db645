// What the delivery tests stand on: gateways that they start, kill and start again, websites, and checks.
//
// Every check has websites of its own. Nothing waits longer than it has to: what should come is asked for again and again.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { call, createAccount, ROOT, sleep, toolEnv } from "../../scripts/lib.mjs";
import { Receiver } from "./receivers.mjs";

const PATIENCE_MS = 40_000; // of whatever has to happen some time
export const SOON_MS = 2_000; // from an event to its receiver
export const SETTLE_MS = 700; // what should not happen would have happened by then
const AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36";

const folder = mkdtempSync(join(tmpdir(), "sluice-deliveries-"));
const gateways = [];

// Asks until the answer is neither an error nor `undefined` nor `false`, and answers it.
export async function eventually(ask, patience = PATIENCE_MS) {
  for (const deadline = Date.now() + patience; ; await sleep(50)) {
    const isLast = Date.now() > deadline;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (isLast) throw new Error(`not within ${patience / 1000} s: ${ask}`);
    } catch (error) {
      if (isLast) throw error;
    }
  }
}

// At most `most` at a time.
export async function together(tasks, most = 8) {
  const answers = [];
  const waiting = [...tasks.entries()];
  const work = async () => {
    for (let next; (next = waiting.shift()); ) answers[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: most }, work));
  return answers;
}

// ── Gateways ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export class Gateway {
  constructor(name, settings) {
    this.state = join(folder, name);
    this.log = `${this.state}.log`;
    this.settings = {
      ENVIRONMENT: "development",
      RATE_LIMIT_PER_MINUTE: "1000000",
      EVENTS_PER_MINUTE: "1000000",
      EXCHANGE_RATES_URL: "none",
      SETUP_SECRET: randomBytes(16).toString("hex"),
      ...settings,
    };
    gateways.push(this);
  }

  // Starts it, or starts it again on what it has left.
  async start(changes = {}) {
    const settings = { ...this.settings, ...changes };
    const vars = Object.entries(settings).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
    const args = [join(ROOT, "scripts", "gateway.mjs"), "--state", this.state, ...vars];
    const log = await open(this.log, "a");
    // A pipe on its standard input: it stops when this process is gone, however it went.
    this.child = spawn("node", args, { env: toolEnv, stdio: ["pipe", "pipe", log.fd] });
    this.gone = new Promise((resolve) => this.child.on("exit", resolve));
    await log.close();
    const line = createInterface({ input: this.child.stdout });
    this.url = await new Promise((resolve, reject) => {
      this.gone.then((code) => reject(new Error(`a gateway stopped with ${code} before it was ready:\n${readFileSync(this.log, "utf8")}`)));
      line.once("line", (text) => resolve(JSON.parse(text).url));
    });
    this.token ??= await createAccount(this.url, settings.SETUP_SECRET, "owner@example.com");
    return this;
  }

  async stop() {
    this.child?.stdin.end();
    const tooLong = setTimeout(() => this.kill(), 10_000);
    await this.gone;
    clearTimeout(tooLong);
  }

  // Ends it with everything below it in the middle of whatever it does: node, and workerd, which node started.
  async kill() {
    const doomed = [this.child.pid];
    for (const parent of doomed) {
      try {
        doomed.push(...execFileSync("pgrep", ["-P", String(parent)], { encoding: "utf8" }).split(/\s+/).filter(Boolean).map(Number));
      } catch {} // it has none below it
    }
    assert.ok(doomed.length > 1, "workerd runs below node");
    // workerd first: nobody is left who could tell it to finish.
    for (const pid of doomed.reverse()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {} // it went with its parent
    }
    await this.gone;
  }

  // Runs what cron runs every minute.
  async cron() {
    const answer = await call(this.url, "GET", "/cdn-cgi/local/scheduled?cron=*+*+*+*+*", "");
    assert.equal(`${answer.status} ${answer.text}`, "200 ok", "a cron run");
  }

  // Runs it again and again, far more often than once a minute, until `stop` of what it answers is called.
  cronEvery(ms) {
    let isOn = true;
    const runs = (async () => {
      for (; isOn; await sleep(ms)) await this.cron();
    })();
    runs.catch(() => {}); // it is thrown where it is stopped
    return { stop: () => ((isOn = false), runs) };
  }

  async website() {
    const domain = `shop-${randomBytes(4).toString("hex")}.example.com`;
    const made = await call(this.url, "POST", "/api/v1/admin/websites", this.token, { domain, timezone: "UTC", name: "Deliveries" });
    assert.equal(made.status, 200, made.text);
    return new Website(this, domain, made.data[0]);
  }
}

export async function stopGateways() {
  await Promise.all(gateways.filter((one) => one.child && one.child.exitCode === null && one.child.signalCode === null).map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
}

export function logs() {
  return gateways.map((one) => `[${one.state}]\n${readFileSync(one.log, { encoding: "utf8", flag: "a+" })}`).join("\n");
}

// ── Websites ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export class Website {
  constructor(gateway, domain, { websiteId, trackingId }) {
    Object.assign(this, { gateway, domain, id: websiteId, trackingId });
  }

  // What the Account API answers, whatever its status.
  ask(method, path, body) {
    return call(this.gateway.url, method, `/api/v1/admin/websites/${this.id}${path}`, this.gateway.token, body);
  }

  // The rows of an answer that has to be a success.
  async rows(method, path, body) {
    const answer = await this.ask(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
    return answer.data;
  }

  async row(method, path, body) {
    return (await this.rows(method, path, body))[0];
  }

  // An endpoint, and the receiver behind it.
  async endpoint(receiver, fields = {}) {
    const url = typeof receiver === "string" ? receiver : receiver.url;
    const row = await this.row("POST", "/webhooks", { url, ...fields });
    if (receiver instanceof Receiver) receiver.secrets.push(row.secret);
    return new Endpoint(this, row);
  }

  async #website(path, body) {
    const answer = await call(this.gateway.url, "POST", `/api/v1${path}?websiteId=${this.id}`, this.gateway.token, body);
    assert.equal(answer.status, 200, `POST ${path}: ${answer.text}`);
    return answer.data;
  }

  // What the script sends.
  async send(visitor, type, fields = {}) {
    const event = {
      websiteId: this.trackingId, domain: this.domain, visitorId: visitor, sessionId: `s${visitor}`, visitorSessionNumber: 1,
      visitorFirstSeenAt: new Date().toISOString(), href: `https://${this.domain}/`, referrer: null, type,
      viewport: { width: 1280, height: 720 }, language: "en-US", timezone: "America/Chicago", screenWidth: 1440, screenHeight: 900,
      ...fields,
    };
    const answer = await fetch(`${this.gateway.url}/api/events`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": AGENT },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    assert.deepEqual([answer.status, answer.headers.get("x-sluice-dropped")], [200, null], text);
  }

  // A new visitor who has seen a page.
  async visit() {
    const visitor = randomUUID();
    await this.send(visitor, "pageview");
    this.visitor ??= visitor;
    return visitor;
  }

  // A goal that a backend reports; answers its event's id.
  async goal(name, metadata = {}, visitor = this.visitor) {
    const [{ eventId }] = await this.#website("/goals", { datafast_visitor_id: visitor ?? (await this.visit()), name, metadata });
    return eventId;
  }

  // A goal that the script reports.
  scriptGoal(name, metadata = {}, visitor = this.visitor) {
    return this.send(visitor, "custom", { extraData: { eventName: name, ...metadata } });
  }

  pay(transaction, fields = {}) {
    const body = { amount: 49, currency: "USD", transaction_id: transaction, ...fields };
    return this.#website("/payments", body);
  }

  identify(user, traits = {}, visitor = this.visitor) {
    return this.#website("/identify", { user_id: user, datafast_visitor_id: visitor, ...traits });
  }
}

export class Endpoint {
  constructor(website, row) {
    Object.assign(this, { website, made: row, id: row.id, path: `/webhooks/${row.id}` });
  }

  ask(method, path = "", body) {
    return this.website.ask(method, this.path + path, body);
  }

  row(method = "GET", path = "", body) {
    return this.website.row(method, this.path + path, body);
  }

  change(fields) {
    return this.row("PUT", "", fields);
  }

  // Deliveries, newest first.
  deliveries(query = {}) {
    return this.website.rows("GET", `${this.path}/deliveries?${new URLSearchParams({ limit: 100, ...query })}`);
  }

  // One delivery with its attempts and its payload.
  delivery(id) {
    return this.row("GET", `/deliveries/${id}`);
  }

  // Waits until it has exactly so many deliveries and none of them is under way; answers them.
  settled(count, patience) {
    return eventually(async () => {
      const all = await this.deliveries();
      const states = all.map((one) => `${one.type} ${one.status}`);
      assert.equal(all.length, count, `deliveries of ${this.made.url}: ${states}`);
      assert.ok(all.every((one) => one.status !== "pending"), `deliveries of ${this.made.url}: ${states}`);
      return all;
    }, patience);
  }

  // Waits for the end of its one delivery, and answers it whole.
  async outcome(patience) {
    const [only] = await this.settled(1, patience);
    return this.delivery(only.id);
  }

  // The same for a delivery of which so many attempts have been made, wherever it stands now.
  attempted(count, patience) {
    return eventually(async () => {
      const [latest] = await this.deliveries();
      assert.ok(latest, "a delivery");
      const whole = await this.delivery(latest.id);
      assert.ok(whole.attempts.length >= count, `${whole.attempts.length} attempts of ${count}`);
      return whole;
    }, patience);
  }
}

// ── Checks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const counts = { passed: 0, failed: 0 };
const wanted = process.argv.slice(2);

// Whether a check is to be run: all are, or those whose group's or own name has one of the arguments in it.
const isWanted = (text) => wanted.length === 0 || wanted.some((part) => text.toLowerCase().includes(part.toLowerCase()));

// Runs one check; what it answers is said beside its name.
export async function check(name, body) {
  const started = Date.now();
  try {
    const note = await body();
    counts.passed += 1;
    console.log(`ok      ${name}${note ? ` (${note})` : ""}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED  ${name}\n${String(error.stack ?? error).replace(/^/gm, "        ")}`);
  }
}

// Checks that share a gateway with these settings, so many of them side by side.
export async function group({ name, settings, checks, atOnce }) {
  const chosen = Object.entries(checks).filter(([title]) => isWanted(`${name}: ${title}`));
  if (chosen.length === 0) return;
  const gateway = new Gateway(name.replace(/\W+/g, "-"), settings);
  let failure;
  try {
    await gateway.start();
  } catch (error) {
    failure = error;
  }
  const runs = chosen.map(([title, body]) => () =>
    check(`${name}: ${title}`, () => {
      if (failure) throw failure;
      return body(gateway);
    }),
  );
  await together(runs, atOnce);
  if (!failure) await gateway.stop();
}

export function conclude() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0;
}
