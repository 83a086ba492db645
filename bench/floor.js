// The floor: a Worker that makes the hops of the gateway for the same requests, with the same rows, and does nothing
// else. No token is read, no input checked, no header computed. Hops and SQL are those of src/auth/credential.rs,
// src/account/profile.rs, src/http/call.rs and src/websites/funnels.rs; where those change, this has to follow.

import { DurableObject } from "cloudflare:workers";

const ROLE = "SELECT role FROM members WHERE website_id = ?1 AND account_id = ?2";
const ACCOUNT = "SELECT id, email, name, image, created_at FROM accounts WHERE id = ?1";
const FUNNELS =
  "SELECT id, website_id, name, slug, steps, is_active, created_at, updated_at FROM funnels " +
  "WHERE website_id = ?1 AND is_active = 1 ORDER BY created_at, id";
const NEW_FUNNEL =
  "INSERT INTO funnels (id, website_id, name, slug, steps, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) " +
  "RETURNING id, website_id, name, slug, steps, is_active, created_at, updated_at";

// As many headers as the gateway's answers have, and as long.
const HEADERS = {
  "content-type": "application/json",
  "x-ratelimit-limit": "100000000",
  "x-ratelimit-remaining": "99999999",
  "x-ratelimit-reset": "1790000000",
  "ratelimit-policy": '"default";q=100000000;w=60',
  ratelimit: '"default";r=99999999;t=60',
  "x-request-id": "000000000000000000000000",
  "server-timing": 'gate;dur=1;desc="1", d1;dur=1;desc="1", kv;dur=0;desc="0"',
};

// What a gate answers for a token with every permission.
const VERDICT = JSON.stringify({
  principal: {
    kind: "dft",
    id: "000000000000000000000000",
    account_id: "000000000000000000000000",
    permissions: [
      ...["analytics:read", "websites:read", "websites:write", "settings:read", "settings:write", "goals:read"],
      ...["funnels:read", "funnels:write", "alerts:read", "alerts:write", "team:read", "team:write"],
      ...["api_keys:read", "api_keys:write"],
    ],
    scope: [],
  },
  rate: { admitted: true, limit: 100000000, remaining: 99999999, reset_in_ms: 60000 },
});

const PRUNE_EVERY = 64;

export class Gate extends DurableObject {
  sql = this.ctx.storage.sql;
  sincePruned = 0;

  constructor(ctx, env) {
    super(ctx, env);
    this.sql.exec("CREATE TABLE IF NOT EXISTS admitted (at INTEGER NOT NULL)");
    this.sql.exec("CREATE INDEX IF NOT EXISTS admitted_at ON admitted (at)");
  }

  fetch() {
    const now = Date.now();
    this.sql.exec("INSERT INTO admitted (at) VALUES (?1)", now);
    if (this.sincePruned++ >= PRUNE_EVERY) {
      this.sincePruned = 0;
      this.sql.exec("DELETE FROM admitted WHERE at <= ?1", now - 60_000);
    }
    return new Response(VERDICT);
  }
}

const answer = (rows) => new Response(JSON.stringify({ status: "success", data: rows }), { headers: HEADERS });

let made = 0;

export default {
  async fetch(request, env) {
    // Before anything is measured: the rows that the gateway has.
    if (request.method === "PUT") {
      const statements = await request.json();
      await env.DB.batch(statements.map(({ sql, values }) => env.DB.prepare(sql).bind(...values)));
      return new Response();
    }

    const gate = await env.GATE.getByName("token").fetch("https://gate/admit/dft");
    const { principal } = await gate.json();
    if (!principal) return new Response(null, { status: 401 });
    const account = request.headers.get("x-account");
    const website = request.headers.get("x-website");
    if (!website) {
      const [rows] = await env.DB.batch([env.DB.prepare(ACCOUNT).bind(account)]);
      return answer(rows.results);
    }
    const role = env.DB.prepare(ROLE).bind(website, account);
    if (request.method === "GET") {
      const [, rows] = await env.DB.batch([role, env.DB.prepare(FUNNELS).bind(website)]);
      return answer(rows.results);
    }
    const { name, steps } = await request.json();
    await env.DB.batch([role]);
    const now = Date.now();
    const id = String(++made).padStart(24, "0");
    const values = [id, website, name, name, JSON.stringify(steps), now];
    const [rows] = await env.DB.batch([env.DB.prepare(NEW_FUNNEL).bind(...values)]);
    return answer(rows.results);
  },
};
