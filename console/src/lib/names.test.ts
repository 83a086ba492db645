import assert from "node:assert/strict";
import { test } from "node:test";
import { initials, pseudonym } from "./names.ts";

test("a visitor has the same name for ever", () => {
  assert.equal(pseudonym("b971cbbf-7ce2-4925-902b-8f95a5fb3449"), pseudonym("B971CBBF-7CE2-4925-902B-8F95A5FB3449"));
  // Pinned: a change of the words would rename everybody.
  assert.equal(pseudonym("b971cbbf-7ce2-4925-902b-8f95a5fb3449"), "Indigo Osprey");
});

test("names are spread over the words", () => {
  const names = new Set<string>();
  for (let number = 0; number < 1_000; number++)
    names.add(pseudonym(`00000000-0000-4000-8000-${String(number).padStart(12, "0")}`));
  assert.ok(names.size > 750, `${names.size} names of 1,000 visitors`);
});

test("initials are whole characters", () => {
  assert.equal(initials("Jane van Doe"), "JD");
  assert.equal(initials("  plato "), "P");
  assert.equal(initials("🦉 owl"), "🦉O");
  assert.equal(initials(""), "");
});
