import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isNothing, madeBy, ROLES } from "./team.ts";

const { components } = JSON.parse(readFileSync(new URL("../../../openapi.json", import.meta.url), "utf8"));

test("every role of the API is explained", () => {
  const known = components.schemas.TeamMember.properties.role.oneOf.map((one: { const: string }) => one.const);
  assert.deepEqual(
    ROLES.map(({ id }) => id),
    known,
  );
});

test("what goes with somebody is what they made, and alerts only where they send to a webhook", () => {
  const key = (createdBy: string | null) => ({ name: createdBy, displayKey: "df_", createdBy });
  const alert = (createdBy: string, type: string) => ({ name: type, createdBy, destination: { type } });
  const lists = {
    keys: [key("a"), key("b"), key(null)],
    webhooks: [{ url: "https://a.example", createdBy: "a" }],
    alerts: [alert("a", "webhook"), alert("a", "email"), alert("b", "webhook")],
  };
  const made = madeBy("a", lists);
  assert.deepEqual([made.keys.length, made.webhooks.length, made.alerts.map(({ name }) => name)], [1, 1, ["webhook"]]);
  assert.ok(!isNothing(made));
  assert.ok(isNothing(madeBy("c", lists)));
});
