import assert from "node:assert/strict";
import { test } from "node:test";
import { breaking } from "./migrations.mjs";

test("what the release before cannot live with is found", () => {
  for (const statement of [
    "DROP TABLE alerts", "drop view v", "ALTER TABLE a RENAME TO b", "ALTER TABLE a RENAME COLUMN b TO c", "ALTER TABLE a DROP COLUMN b",
    "ALTER TABLE a\n  ADD COLUMN b TEXT NOT NULL", "ALTER TABLE a ADD b INTEGER NOT NULL",
  ]) assert.equal(breaking(`CREATE TABLE x (y);\n${statement};`).length, 1, statement);
});

test("what adds is not", () => {
  for (const statement of [
    "CREATE TABLE a (b TEXT NOT NULL)", "ALTER TABLE a ADD COLUMN b TEXT", "ALTER TABLE a ADD COLUMN b INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX a_b ON a (b)", "DROP INDEX a_b", "-- DROP TABLE a", "UPDATE a SET b = 'DROP TABLE; RENAME'", "DELETE FROM a",
  ]) assert.deepEqual(breaking(`${statement};`), [], statement);
});
