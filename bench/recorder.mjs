// What the built Worker asks of storage for a request: its statements to D1, batch by batch, and the answer of the
// credential's object. Floors and figures are taken from this, so no statement of src/ is copied by hand.

// A module in front of the built Worker: it records D1's statements with their figures, whether a request, cron, a queue's
// consumer or a website's object runs them, and returns them on request.
export const FRONT = `
import { env } from "cloudflare:workers";
import inner, { Gate } from "./index.js";
export * from "./index.js";

let batches = [];
let verdict;
const database = Object.getPrototypeOf(env.DB);
const { batch } = database;
database.batch = async function (statements) {
  const results = await batch.call(this, statements);
  batches.push(statements.map(({ statement, params }, at) => ({ sql: statement, params, read: results[at].meta.rows_read })));
  return results;
};
const { fetch } = Gate.prototype;
Gate.prototype.fetch = async function (request) {
  const response = await fetch.call(this, request);
  verdict = await response.clone().text();
  return response;
};

export default {
  ...inner,
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/recorded") return inner.fetch(request, env, context);
    const recorded = { batches, verdict };
    batches = [];
    return Response.json(recorded);
  },
};`;

// Since the last call: { batches: [[{ sql, params, read }]], verdict }.
export function recorded(gateway) {
  return gateway.json("GET", "/recorded");
}

// The plan of bench/floor.js from a gateway with FRONT: { verdict, account, funnels, create }, of which the last three are the
// batches of a request. A parameter that differs from request to request is replaced by { is: what }.
export async function recordPlan(gateway, funnel) {
  const website = await gateway.website("plan.example.com");
  const { id: account } = await gateway.row("GET", "/api/v1/admin/account");
  const ask = async (ask) => {
    await recorded(gateway);
    const row = await ask();
    const { batches, verdict } = await recorded(gateway);
    const parameters = new Map([[account, "account"], [website.id, "website"]]);
    if (row?.slug) for (const what of ["id", "name", "slug", "steps"]) parameters.set(typeof row[what] === "string" ? row[what] : JSON.stringify(row[what]), what);
    const template = (value) => {
      if (parameters.has(value)) return { is: parameters.get(value) };
      if (/^[0-9a-f]{24}$/.test(value)) return { is: "fresh" }; // as of the audit log's row
      return typeof value === "number" && value > 1e12 ? { is: "now" } : { value };
    };
    const plan = batches.map((batch) => batch.map(({ sql, params }) => ({ sql, params: params.map(template) })));
    return { plan, verdict };
  };
  const { plan, verdict } = await ask(() => gateway.row("GET", "/api/v1/admin/account"));
  const { plan: funnels } = await ask(() => website.rows("GET", "/funnels"));
  const { plan: create } = await ask(() => website.row("POST", "/funnels", funnel));
  return { verdict, account: plan, funnels, create };
}
