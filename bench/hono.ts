// The peer: the same endpoints as a TypeScript team would write them on Hono, with the same token check, the same object for the
// rate limit, the same statements to D1, the same validation and the same envelope. The statements are those that the built
// Worker was recorded with (bench/recorder.mjs), in the binding PLAN.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { validator } from "hono/validator";

interface Env {
  DB: D1Database;
  GATE: DurableObjectNamespace<Gate>;
  PLAN: Plan;
}

type Planned = { sql: string; params: { is?: string; value?: unknown }[] };
type Plan = { account: Planned[][]; funnels: Planned[][]; create: Planned[][] };
type Principal = { id: string; accountId: string; permissions: string[]; owns: string[] };
type Rate = { admitted: boolean; limit: number; remaining: number; resetInMs: number };
type Row = Record<string, unknown>;
type Step = { name: string; type: "pageview"; url: string } | { name: string; type: "goal"; goalName: string };

const WINDOW_MS = 60_000;
const LIMIT = 100_000_000;
const PRUNE_EVERY = 64;

// ---- The object behind a token: who holds it, and may they call now

export class Gate extends DurableObject<Env> {
  sql = this.ctx.storage.sql;
  principal?: Principal;
  admitted: number[] = [];
  first = 0; // of those that are still in the window
  sincePruned = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.sql.exec("CREATE TABLE IF NOT EXISTS admitted (at INTEGER NOT NULL)");
    this.sql.exec("CREATE INDEX IF NOT EXISTS admitted_at ON admitted (at)");
    this.admitted = this.sql.exec<{ at: number }>("SELECT at FROM admitted ORDER BY at").toArray().map(({ at }) => at);
  }

  async fetch(request: Request) {
    const hash = new URL(request.url).pathname.slice(1);
    this.principal ??= await this.ctx.blockConcurrencyWhile(() => this.identify(hash));
    if (!this.principal) return Response.json({});
    return Response.json({ principal: this.principal, rate: this.admit() });
  }

  async identify(hash: string): Promise<Principal | undefined> {
    const row = await this.env.DB.prepare("SELECT id, account_id, permissions, website_ids FROM access_tokens WHERE token_hash = ?1").bind(hash).first<Row>();
    if (!row) return undefined;
    const owned = await this.env.DB.prepare("SELECT website_id FROM members WHERE account_id = ?1 AND role = 'owner'").bind(row.account_id).all<Row>();
    const owns = owned.results.map(({ website_id }) => website_id as string);
    return { id: row.id as string, accountId: row.account_id as string, permissions: JSON.parse(row.permissions as string), owns };
  }

  admit(): Rate {
    const now = Date.now();
    while (this.first < this.admitted.length && this.admitted[this.first] <= now - WINDOW_MS) this.first++;
    const used = this.admitted.length - this.first;
    const admitted = used < LIMIT;
    if (admitted) {
      this.admitted.push(now);
      this.sql.exec("INSERT INTO admitted (at) VALUES (?1)", now);
      if (this.sincePruned++ >= PRUNE_EVERY) {
        this.sincePruned = 0;
        this.admitted.splice(0, this.first);
        this.first = 0;
        this.sql.exec("DELETE FROM admitted WHERE at <= ?1", now - WINDOW_MS);
      }
    }
    const resetInMs = (this.admitted[this.first] ?? now) + WINDOW_MS - now;
    return { admitted, limit: LIMIT, remaining: LIMIT - used - Number(admitted), resetInMs };
  }
}

// ---- Tokens

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function checksum(entropy: string) {
  let crc = 0xffffffff;
  for (let at = 0; at < entropy.length; at++) crc = CRC_TABLE[(crc ^ entropy.charCodeAt(at)) & 255] ^ (crc >>> 8);
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = "";
  for (let place = 0; place < 6; place++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function isWellFormed(token: string) {
  const body = /^dft_([0-9A-Za-z]{36})$/.exec(token)?.[1];
  return body !== undefined && checksum(body.slice(0, 30)) === body.slice(30);
}

async function sha256(text: string) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const refuse = (status: 400 | 401 | 403 | 404 | 429, message: string) => new HTTPException(status, { message });

// ---- Middleware

type Context = { Bindings: Env; Variables: { principal: Principal; rate: Rate; batches: number } };

const common = createMiddleware<Context>(async (c, next) => {
  await next();
  c.header("cache-control", "no-store");
  c.header("x-content-type-options", "nosniff");
  c.header("x-request-id", newId());
  c.header("server-timing", `gate;dur=1;desc="1", d1;dur=1;desc="${c.get("batches") ?? 0}"`);
});

const authenticated = (permission: string) =>
  createMiddleware<Context>(async (c, next) => {
    const [scheme, token] = (c.req.header("authorization") ?? "").trim().split(" ");
    if (scheme.toLowerCase() !== "bearer" || !token || !isWellFormed(token)) throw refuse(401, "this is no token");
    const hash = await sha256(token);
    const answer = await c.env.GATE.getByName(hash).fetch(`https://gate/${hash}`);
    const { principal, rate } = await answer.json<{ principal?: Principal; rate?: Rate }>();
    if (!principal || !rate) throw refuse(401, "this token is unknown or was revoked");
    if (!rate.admitted) throw refuse(429, "too many requests");
    if (!principal.permissions.some((held) => held === permission || held === "*")) throw refuse(403, `this token lacks ${permission}`);
    c.set("principal", principal);
    await next();
    const reset = Math.ceil(rate.resetInMs / 1000);
    c.header("x-ratelimit-limit", String(rate.limit));
    c.header("x-ratelimit-remaining", String(rate.remaining));
    c.header("x-ratelimit-reset", String(Math.ceil((Date.now() + rate.resetInMs) / 1000)));
    c.header("ratelimit-policy", `"default";q=${rate.limit};w=60`);
    c.header("ratelimit", `"default";r=${rate.remaining};t=${reset}`);
  });

// ---- Rows

async function run(env: Env, batches: Planned[][], values: Row) {
  const results: Row[][] = [];
  for (const batch of batches) {
    const bound = batch.map(({ sql, params }) => env.DB.prepare(sql).bind(...params.map(({ is, value }) => (is ? values[is] : value))));
    for (const { results: rows } of await env.DB.batch<Row>(bound)) results.push(rows);
  }
  return results;
}

const moment = (millis: unknown) => new Date(millis as number).toISOString();

const funnel = (row: Row) => ({
  _id: row.id,
  id: row.id,
  websiteId: row.website_id,
  name: row.name,
  slug: row.slug,
  steps: JSON.parse(row.steps as string),
  isActive: row.is_active === 1,
  createdAt: moment(row.created_at),
  updatedAt: moment(row.updated_at),
});

const newId = () => {
  const random = crypto.getRandomValues(new Uint8Array(8));
  const seconds = Math.floor(Date.now() / 1000).toString(16).padStart(8, "0");
  return seconds + Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

const slug = (text: string, otherwise: string) =>
  text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || otherwise;

// ---- What comes in

const isText = (value: unknown, longest: number): value is string => typeof value === "string" && value.trim().length > 0 && value.length <= longest;

function parseStep(step: unknown): Step {
  const { name, type, url, goalName } = (step ?? {}) as Row;
  if (!isText(name, 120)) throw refuse(400, "steps: a step needs a name");
  if (type === "pageview" && isText(url, 2048) && !/[?#\s]/.test(url)) return { name, type, url };
  if (type === "goal" && isText(goalName, 64) && /^[a-z0-9_:-]+$/.test(goalName)) return { name, type, goalName };
  throw refuse(400, "steps: a step is a pageview with a url or a goal with a goalName");
}

const createFunnel = validator("json", (body: unknown) => {
  const { name, steps, ...unknown } = (body ?? {}) as Row;
  const more = Object.keys(unknown);
  if (more.length > 0) throw refuse(400, `unknown field ${more[0]}`);
  if (!isText(name, 120)) throw refuse(400, "name: required");
  if (!Array.isArray(steps) || steps.length < 2 || steps.length > 8) throw refuse(400, "steps: a funnel needs 2 to 8 steps");
  return { name: name.normalize("NFC").trim(), steps: steps.map(parseStep) };
});

const websiteOf = (sent: string | undefined, principal: Principal) => {
  if (!sent || !/^[0-9a-f]{24}$/i.test(sent)) throw refuse(400, "websiteId: expected an id of 24 hexadecimal characters");
  const website = sent.toLowerCase();
  if (!principal.owns.includes(website)) throw refuse(404, `no website ${website} that this token can reach`);
  return website;
};

// ---- Routes

const app = new Hono<Context>();
app.use(common);
app.onError((error, c) => {
  const status = error instanceof HTTPException ? error.status : 500;
  return c.json({ status: "error", error: { code: status, message: error.message } }, status);
});

app.get("/api/v1/admin/account", authenticated("account:read"), async (c) => {
  const [[row]] = await run(c.env, c.env.PLAN.account, { account: c.get("principal").accountId });
  c.set("batches", 1);
  const { id, email, name, image, created_at } = row;
  return c.json({ status: "success", data: [{ _id: id, id, email, name, image, createdAt: moment(created_at) }] });
});

app.get("/api/v1/admin/websites/:websiteId/funnels", authenticated("funnels:read"), async (c) => {
  const website = websiteOf(c.req.param("websiteId"), c.get("principal"));
  const results = await run(c.env, c.env.PLAN.funnels, { account: c.get("principal").accountId, website });
  c.set("batches", 1);
  return c.json({ status: "success", data: (results.find((rows) => rows[0] && "steps" in rows[0]) ?? []).map(funnel) });
});

app.post("/api/v1/admin/websites/:websiteId/funnels", authenticated("funnels:write"), createFunnel, async (c) => {
  const website = websiteOf(c.req.param("websiteId"), c.get("principal"));
  const { name, steps: sent } = c.req.valid("json");
  const ids = new Set<string>();
  const steps = sent.map(({ name, ...kind }) => {
    const base = slug(name, "step");
    let id = base;
    for (let number = 2; ids.has(id); number++) id = `${base}-${number}`;
    ids.add(id);
    return { id, name, ...kind };
  });
  const now = Date.now();
  const row = { id: newId(), website_id: website, name, slug: slug(name, "funnel"), steps: JSON.stringify(steps), is_active: 1, created_at: now, updated_at: now };
  await run(c.env, c.env.PLAN.create, { ...row, fresh: row.id, account: c.get("principal").accountId, website, now });
  c.set("batches", c.env.PLAN.create.length);
  return c.json({ status: "success", data: [funnel(row)] });
});

// Before anything is measured: the rows that the gateway has.
app.put("*", async (c) => {
  const statements = await c.req.json<{ sql: string; values: unknown[] }[]>();
  await c.env.DB.batch(statements.map(({ sql, values }) => c.env.DB.prepare(sql).bind(...values)));
  return c.body(null);
});

export default app;
