import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf } from "./code.ts";

test("a code is read as people type it", () => {
  for (const typed of ["0123-abcd", " 0123 ABCD ", "oi23abcd", "OL23-ABCD", "0-1-2-3-a-b-c-d\n"]) {
    assert.equal(codeOf(typed), "0123ABCD", typed);
  }
});

test("what is no whole code is none", () => {
  for (const typed of ["", "0123ABC", "0123ABCDE", "0123ABCU", "0123ABC€", "dft_0123"])
    assert.equal(codeOf(typed), null, typed);
});
