import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { levelOf, type Permission, PRESETS, presetOf, RESOURCES, type Resource, withLevel } from "./tokens.ts";

const { components } = JSON.parse(readFileSync(new URL("../../../openapi.json", import.meta.url), "utf8"));
const KNOWN: string[] = components.schemas.AccessToken.properties.permissions.items.oneOf.map(
  (one: { const: string }) => one.const,
);

test("the matrix has every permission of the API, once", () => {
  const rows = RESOURCES.flatMap(({ read, write }) => [read, write].filter(Boolean));
  assert.deepEqual(["*", ...rows].toSorted(), KNOWN.toSorted());
});

test("presets name permissions that there are, and are found again", () => {
  for (const preset of PRESETS) {
    assert.deepEqual(
      preset.permissions.filter((one) => !KNOWN.includes(one)),
      [],
      preset.name,
    );
    assert.equal(presetOf([...preset.permissions].reverse())?.id, preset.id);
  }
  assert.equal(presetOf(["analytics:read"]), undefined);
});

test("a choice in a row changes that row alone", () => {
  const goals = RESOURCES[1] as Resource;
  const list: Permission[] = ["analytics:read", "goals:write"];
  assert.equal(levelOf(list, goals), "write");
  assert.deepEqual(withLevel(list, goals, "read"), ["analytics:read", "goals:read"]);
  assert.deepEqual(withLevel(list, goals, "write"), ["analytics:read", "goals:read", "goals:write"]);
  assert.deepEqual(withLevel(list, goals, "none"), ["analytics:read"]);
  const fewer = withLevel(["*"], goals, "none");
  assert.equal(fewer.length, KNOWN.length - 3);
  assert.equal(levelOf(["*"], goals), "write");
});
