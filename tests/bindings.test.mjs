// Tests of src/platform/bindings.js under workerd: its statements, as an object and D1 run them, and what it reads of answers.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { preparedOnce } from "../src/platform/bindings.js";

const WORKER = `
import { DurableObject } from "cloudflare:workers";
import { execute, post, runBatch } from "./bindings.js";

const JOINED = Array.from({ length: 8 }, (_, at) => "JOIN words w" + at + " ON w" + at + ".id = w.id").join(" ");

export class Site extends DurableObject {
  async fetch(request) {
    const { sql } = this.ctx.storage;
    const { statement, values, times } = await request.json();
    sql.exec("CREATE TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, word TEXT, more)");
    if (times === undefined) return Response.json(execute(sql, statement, values).toArray());
    for (let at = 0; at < times; at++) {
      const text = "SELECT count(*) FROM words w " + JOINED + " WHERE w.word = ?1 AND w.more IS NOT NULL";
      (statement === "as it is" ? sql.exec(text, "a") : execute(sql, text, ["a"])).toArray();
    }
    return new Response("[]");
  }
}
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/d1") return Response.json(await runBatch(env, "DB", await request.text()));
    if (new URL(request.url).pathname === "/post") return new Response(await post(...(await request.json())));
    return env.SITE.getByName("one").fetch(request);
  },
};`;

let miniflare;
before(async () => {
  const contents = readFileSync(new URL("../src/platform/bindings.js", import.meta.url), "utf8");
  const options = {
    modules: [{ type: "ESModule", path: "/main.js", contents: WORKER }, { type: "ESModule", path: "/bindings.js", contents }],
    compatibilityDate: "2026-01-01",
    durableObjects: { SITE: { className: "Site", useSQLite: true } },
    d1Databases: { DB: "words" },
  };
  miniflare = new Miniflare(convertV4MiniflareOptions({ name: "bindings", modulesRoot: "/", ...options }));
  await miniflare.ready;
});
after(() => miniflare.dispose());

const ask = async (path, body) => (await miniflare.dispatchFetch(`http://x${path}`, { method: "POST", body: JSON.stringify(body) })).json();

test("a parameter that stands alone has a plus before it", () => {
  for (const [statement, prepared] of [
    ["SELECT 1 FROM t WHERE a = ?1 AND b=:b LIMIT ?2 OFFSET ?3", "SELECT 1 FROM t WHERE a = +?1 AND b= +:b LIMIT +?2 OFFSET +?3"],
    ["UPDATE t SET a = ?1 WHERE b IS ?2", "UPDATE t SET a = +?1 WHERE b IS +?2"],
    ["INSERT INTO t VALUES (?1, ?2)", "INSERT INTO t VALUES (?1, ?2)"],
    ["SELECT a FROM t WHERE b IN (SELECT value FROM json_each(?1))", "SELECT a FROM t WHERE b IN (SELECT value FROM json_each(?1))"],
  ]) {
    for (let time = 0; time < 2; time++) assert.equal(preparedOnce(statement), prepared);
  }
});

test("the plus changes no value", async () => {
  for (const value of [null, 0, -7, 2 ** 53 - 1, 1.5, "", "007", "+1", "1e3", "ä"]) {
    const statement = "SELECT ?1 AS value, typeof(+?1) = typeof(?1) AS is_same WHERE ?1 IS ?1 LIMIT ?2";
    assert.deepEqual(await ask("/", { statement, values: [value, 5] }), [{ value, is_same: 1 }]);
    const [, rows] = await ask("/d1", [[statement, [value, 5]]]);
    assert.deepEqual(JSON.parse(rows), [{ value, is_same: 1 }]);
  }
});

test("a statement is prepared once, whatever is bound to it", async () => {
  const took = async (statement) => {
    const began = performance.now();
    await ask("/", { statement, values: [], times: 3_000 });
    return performance.now() - began;
  };
  await took("prepared once");
  const ratios = [];
  for (let round = 0; round < 3; round++) ratios.push((await took("as it is")) / (await took("prepared once")));
  assert.ok(Math.max(...ratios) > 2, `as it is, it takes ${ratios.map((ratio) => ratio.toFixed(1))} times as long`);
});

test("of an answer what came in time is kept, and a whole one leaves its connection open", async () => {
  const head = (length) => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`;
  let [said, connections] = ["", 0];
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => {});
    socket.on("data", () => socket.write(said));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const sent = async (text) => {
      said = text;
      return (await ask("/post", [`http://127.0.0.1:${server.address().port}/`, "{}", "x", 1_000, 5])).answered.body;
    };
    for (let time = 0; time < 3; time++) assert.equal(await sent(`${head(2)}ok`), "ok");
    assert.equal(connections, 1);
    assert.equal(await sent(`${head(4)}he`), "he", "the rest never comes");
    assert.equal(await sent(`${head(9)}more than`), "more ", "longer than what is kept");
  } finally {
    server.close();
  }
});
