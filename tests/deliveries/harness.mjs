// What the delivery tests add to tests/harness: groups of checks that share a gateway, and websites with endpoints.
//
// Every check has websites of its own. No check waits longer than it has to: it asks for what should come again and again.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../../scripts/lib.mjs";
import { check, eventually, isWanted, together } from "../harness/checks.mjs";
import { OwnGateway, Website } from "../harness/gateway.mjs";
import { Receiver } from "./receivers.mjs";

export const SOON_MS = 2_000; // from an event to its receiver
export const SETTLE_MS = 700; // what should not happen would have happened by then

const folder = mkdtempSync(join(tmpdir(), "sluice-deliveries-"));
const gateways = [];

// ── Gateways ─────────────────────────────────────────────────────────────────────────────────────────────────────────

class TestGateway extends OwnGateway {
  logs = [];

  constructor(name, settings) {
    super({
      state: join(folder, name),
      settings: {
        ENVIRONMENT: "development",
        RATE_LIMIT_PER_MINUTE: "1000000",
        EVENTS_PER_MINUTE: "1000000",
        MAX_WEBSITES: "1000000",
        MAX_WAITING_DELIVERIES: "1000000",
        EXCHANGE_RATES_URL: "none",
        SETUP_SECRET: randomBytes(16).toString("hex"),
        ...settings,
      },
      log: (text) => this.logs.push(text),
    });
    this.name = name;
    gateways.push(this);
  }

  // Runs cron far more often than once a minute, until `stop` of the answer is called.
  cronEvery(ms) {
    let isOn = true;
    const runs = (async () => {
      for (; isOn; await sleep(ms)) await this.cron();
    })();
    runs.catch(() => {}); // `stop` throws it
    return { stop: () => ((isOn = false), runs) };
  }

  website() {
    return super.website(undefined, TestSite);
  }
}

export async function stopGateways() {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  rmSync(folder, { recursive: true, force: true });
}

export function logs() {
  return gateways.map(({ name, logs }) => `[${name}]\n${logs.join("")}`).join("\n");
}

// ── Websites ─────────────────────────────────────────────────────────────────────────────────────────────────────────

class TestSite extends Website {
  // An endpoint, and the receiver behind it.
  async endpoint(receiver, fields = {}) {
    const url = typeof receiver === "string" ? receiver : receiver.url;
    const row = await this.row("POST", "/webhooks", { url, ...fields });
    if (receiver instanceof Receiver) receiver.secrets.push(row.secret);
    return new Endpoint(this, row);
  }
}

class Endpoint {
  constructor(website, row) {
    Object.assign(this, { website, created: row, id: row.id, path: `/webhooks/${row.id}` });
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

  // Waits until it has exactly `count` deliveries, none of them pending, and returns them.
  settled(count, patience) {
    return eventually(async () => {
      const all = await this.deliveries();
      const states = all.map((one) => `${one.type} ${one.status}`);
      assert.equal(all.length, count, `deliveries of ${this.created.url}: ${states}`);
      assert.ok(all.every((one) => one.status !== "pending"), `deliveries of ${this.created.url}: ${states}`);
      return all;
    }, patience);
  }

  // Waits until its one delivery has ended, and returns it with its attempts.
  async outcome(patience) {
    const [only] = await this.settled(1, patience);
    return this.delivery(only.id);
  }

  // Waits until `count` attempts of its latest delivery have been made, and returns that delivery with its attempts.
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

// ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// Runs checks that share a gateway with these settings, `atOnce` of them side by side.
export async function group({ name, settings, checks, atOnce }) {
  const chosen = Object.entries(checks).filter(([title]) => isWanted(`${name}: ${title}`));
  if (chosen.length === 0) return;
  const gateway = new TestGateway(name.replace(/\W+/g, "-"), settings);
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
