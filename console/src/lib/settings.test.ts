import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, deletes, draftOf, lineOfItem, type Setting, type Website } from "./settings.ts";

const SETTINGS: Setting[] = [
  { name: "name", kind: "text", label: "" },
  { name: "isCookieless", kind: "switch", label: "" },
  { name: "excludedIps", kind: "lines", label: "" },
  { name: "retentionDays", kind: "days", label: "" },
];
const WEBSITE = {
  name: "Acme",
  isCookieless: false,
  excludedIps: ["10.0.0.1", "10.0.0.2"],
  retentionDays: null,
} as unknown as Website;

test("only what was changed is sent", () => {
  const draft = draftOf(WEBSITE, SETTINGS);
  assert.deepEqual(draft, { name: "Acme", isCookieless: false, excludedIps: "10.0.0.1\n10.0.0.2", retentionDays: "" });
  assert.deepEqual(changesOf(draft, WEBSITE, SETTINGS), {});
  assert.deepEqual(changesOf({ ...draft, name: " Acme ", excludedIps: "10.0.0.1\n\n 10.0.0.2 \n" }, WEBSITE, SETTINGS), {});
  assert.deepEqual(
    changesOf({ ...draft, name: "", excludedIps: "", isCookieless: true, retentionDays: "90" }, WEBSITE, SETTINGS),
    {
      name: null,
      isCookieless: true,
      excludedIps: [],
      retentionDays: 90,
    },
  );
});

test("a shorter retention deletes, a longer one does not", () => {
  assert.equal(deletes({ retentionDays: 90 }, WEBSITE), true);
  assert.equal(deletes({ retentionDays: 90 }, { ...WEBSITE, retentionDays: 60 }), false);
  assert.equal(deletes({ retentionDays: null }, { ...WEBSITE, retentionDays: 60 }), false);
  assert.equal(deletes({ name: "x" }, WEBSITE), false);
});

test("an item of a list is found in its line, whatever is empty before it", () => {
  assert.equal(lineOfItem("a\n\n b\n", 1), 3);
  assert.equal(lineOfItem("a", 4), 5);
});
