// The floor of ingestion: the two hops of an event and one INSERT. Nothing is parsed, checked, looked up or counted; the
// body is not even read. The object is named by a header, as finding the website in the body would be parsing.

import { DurableObject } from "cloudflare:workers";

// About as wide as what Sluice stores of a pageview.
const TEXT = "x".repeat(100);

export class SiteObject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, text TEXT NOT NULL)");
  }

  fetch(request) {
    if (request.method === "GET") return Response.json(this.sql.exec("SELECT count(*) AS events FROM events").one());
    this.sql.exec("INSERT INTO events (time, text) VALUES (?1, ?2)", Date.now(), TEXT);
    return new Response("{}");
  }
}

// wrangler.toml binds it; nobody calls it.
export class Gate extends DurableObject {}

export default {
  fetch(request, env) {
    const stub = env.SITE.getByName(request.headers.get("x-website"));
    return stub.fetch("https://site/", { method: request.method });
  },
};
