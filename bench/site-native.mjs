// The reports' SQL in native SQLite, in a process of its own. `fork` it and send it a job:
//
//   { file, reports: [{ key, statements }], requests, seconds }
//
// It answers { version, sizes, reports: [{ key, millis, rows }] }, with the rows of each statement.

import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

process.once("message", (job) => process.send(run(job), () => process.exit(0)));
process.on("disconnect", () => process.exit(1));

function run({ file, reports, requests, seconds }) {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec("PRAGMA cache_size = -65536"); // 64 MiB: what an engineer would give it
  const { version } = database.prepare("SELECT sqlite_version() AS version").get();
  const answered = reports.map(({ key, statements }) => {
    try {
      const prepared = statements.map(([sql, ...values]) => ({ statement: database.prepare(sql), values }));
      const once = () => prepared.map(({ statement, values }) => statement.all(...values));
      const rows = once().map((found) => found.map((row) => ({ ...row })));
      const millis = [];
      const end = performance.now() + seconds * 1000;
      while (millis.length < requests && (millis.length < 3 || performance.now() < end)) {
        const began = performance.now();
        once();
        millis.push(performance.now() - began);
      }
      return { key, millis, rows };
    } catch (error) {
      return { key, error: error.message };
    }
  });
  return { version, sizes: sizes(database, file), reports: answered };
}

// Bytes, as a whole and by table and index.
function sizes(database, file) {
  const bytes = { file: statSync(file).size, free: 0, parts: [] };
  const pragma = (name) => Object.values(database.prepare(`PRAGMA ${name}`).get())[0];
  bytes.free = pragma("freelist_count") * pragma("page_size");
  bytes.rows = database
    .prepare("SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM visitors) AS visitors, (SELECT count(*) FROM payments) AS payments, (SELECT count(*) FROM contexts) AS contexts, (SELECT count(*) FROM strings) AS strings")
    .get();
  bytes.rows = { ...bytes.rows };
  try {
    const parts = database.prepare("SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC").all();
    bytes.parts = parts.map(({ name, bytes }) => ({ name, bytes }));
  } catch {} // not every build of SQLite can tell
  return bytes;
}
