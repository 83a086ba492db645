// A gateway as test programs and benchmarks use it: calls with a token, websites, and the events that reach them.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { GatewayProcess } from "../../scripts/gateway-process.mjs";
import { call, createAccount } from "../../scripts/lib.mjs";

export const BROWSER =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36";
export const ADMIN = "/api/v1/admin";

export class Gateway {
  constructor(fields = {}) {
    Object.assign(this, fields);
  }

  // The gateway that scripts/with-gateways.mjs has started.
  static given() {
    const { SLUICE_URL: url, SLUICE_SETUP_SECRET: setupSecret } = process.env;
    if (!url) throw new Error("SLUICE_URL is not set: run this through `node scripts/with-gateways.mjs -- …`");
    return new Gateway({ url: url.replace(/\/$/, ""), setupSecret });
  }

  // Makes an account, whose token the calls below carry.
  async signUp(email = "owner@example.com") {
    this.token = await createAccount(this.url, this.setupSecret, email);
    return this;
  }

  // The answer, whatever its status.
  call(method, path, body, headers) {
    return call(this.url, method, path, this.token, body, headers);
  }

  // The JSON of an answer that has to be a success.
  async json(method, path, body, headers) {
    const answer = await this.call(method, path, body, headers);
    assert.ok([200, 201].includes(answer.status), `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  async rows(method, path, body) {
    return (await this.json(method, path, body)).data;
  }

  async row(method, path, body) {
    return (await this.rows(method, path, body))[0];
  }

  // A new website; `Type` extends `Website`.
  async website(domain = `shop-${randomBytes(4).toString("hex")}.example.com`, Type = Website) {
    const row = await this.row("POST", `${ADMIN}/websites`, { domain, timezone: "UTC", name: "Test" });
    return new Type(this, domain, row);
  }
}

// A gateway that the program starts itself, and may kill and start again on what it has stored.
export class OwnGateway extends Gateway {
  #process;

  // `log` is given what the gateway logs.
  constructor({ state, settings, log }) {
    super({ state, settings, log, setupSecret: settings.SETUP_SECRET });
  }

  async start(changes = {}) {
    const { state, log } = this;
    this.#process = await GatewayProcess.start({ state, settings: { ...this.settings, ...changes }, log });
    this.url = this.#process.url;
    if (!this.token) await this.signUp();
    return this;
  }

  // The process id of workerd.
  get pid() {
    return this.#process.pids[0];
  }

  async stop() {
    if (this.#process?.isRunning) await this.#process.stop();
  }

  kill() {
    return this.#process.kill();
  }

  cron() {
    return this.#process.runCron();
  }
}

export class Website {
  constructor(gateway, domain, { websiteId, trackingId }) {
    Object.assign(this, { gateway, domain, id: websiteId, trackingId, path: `${ADMIN}/websites/${websiteId}` });
  }

  // The Account API's answer, whatever its status.
  ask(method, path, body) {
    return this.gateway.call(method, this.path + path, body);
  }

  // The rows of an answer that has to be a success.
  rows(method, path, body) {
    return this.gateway.rows(method, this.path + path, body);
  }

  row(method, path, body) {
    return this.gateway.row(method, this.path + path, body);
  }

  // The rows of a report or list of the Website API.
  report(path, query = {}) {
    return this.gateway.rows("GET", `/api/v1/${path}?${new URLSearchParams({ websiteId: this.id, ...query })}`);
  }

  #record(path, body) {
    return this.gateway.rows("POST", `/api/v1${path}?websiteId=${this.id}`, body);
  }

  // Sends the event that the script would send.
  async send(visitor, type, fields = {}) {
    const event = {
      websiteId: this.trackingId, domain: this.domain, visitorId: visitor, sessionId: `s${visitor}`, visitorSessionNumber: 1,
      visitorFirstSeenAt: new Date().toISOString(), href: `https://${this.domain}/`, referrer: null, type,
      viewport: { width: 1280, height: 720 }, language: "en-US", timezone: "America/Chicago", screenWidth: 1440, screenHeight: 900,
      ...fields,
    };
    const answer = await call(this.gateway.url, "POST", "/api/events", undefined, event, { "user-agent": BROWSER });
    assert.deepEqual([answer.status, answer.headers?.get("x-sluice-dropped") ?? null], [200, null], answer.text);
  }

  // A new visitor who has seen a page.
  async visit() {
    const visitor = randomUUID();
    await this.send(visitor, "pageview");
    this.visitor ??= visitor;
    return visitor;
  }

  // Records a goal from a backend and returns the id of its event.
  async goal(name, metadata = {}, visitor = this.visitor) {
    const [{ eventId }] = await this.#record("/goals", { datafast_visitor_id: visitor ?? (await this.visit()), name, metadata });
    return eventId;
  }

  // Records a goal from the script.
  scriptGoal(name, metadata = {}, visitor = this.visitor) {
    return this.send(visitor, "custom", { extraData: { eventName: name, ...metadata } });
  }

  pay(transaction, fields = {}) {
    return this.#record("/payments", { amount: 49, currency: "USD", transaction_id: transaction, ...fields });
  }

  identify(user, traits = {}, visitor = this.visitor) {
    return this.#record("/identify", { user_id: user, datafast_visitor_id: visitor, ...traits });
  }
}
