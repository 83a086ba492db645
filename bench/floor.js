// The floor: a Worker that makes the hops of the gateway for the same requests, with the same rows, and does nothing
// else. No token is read, no input checked, no header computed. Its statements to D1 and the answer of its credential object
// are those that the built Worker was recorded with (bench/recorder.mjs), in the binding PLAN; the object's own statements
// are those of src/objects/credential_do.rs.

import { DurableObject } from "cloudflare:workers";

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
    return new Response(this.env.PLAN.verdict);
  }
}

const answer = (rows) => new Response(JSON.stringify({ status: "success", data: rows }), { headers: HEADERS });

// Runs the batches of a plan and returns the rows of the last statement that has any.
async function run(env, batches, values) {
  let rows;
  for (const batch of batches) {
    const bound = batch.map(({ sql, params }) => env.DB.prepare(sql).bind(...params.map(({ is, value }) => (is ? values[is] : value))));
    const results = await env.DB.batch(bound);
    rows = results.findLast(({ results }) => results.length > 0)?.results ?? [];
  }
  return rows;
}

let created = 0;

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
    if (!website) return answer(await run(env, env.PLAN.account, { account }));
    if (request.method === "GET") return answer(await run(env, env.PLAN.funnels, { account, website }));
    const { name, steps } = await request.json();
    const id = String(++created).padStart(24, "0");
    const values = { account, website, id, fresh: id, name, slug: name, steps: JSON.stringify(steps), now: Date.now() };
    return answer(await run(env, env.PLAN.create, values));
  },
};
