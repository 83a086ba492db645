import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { addDays, addMonths, type Day, daysBetween, endOfMonth, parseDay, startOfWeek, weekday } from "./days.ts";

const d = (text: string) => text as Day;

test("only days that exist are days", () => {
  for (const day of ["2024-02-29", "0001-01-01", "2026-11-29", "9999-12-31"]) assert.equal(parseDay(day), day);
  for (const text of ["2023-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "2026-11-31", "20261129", "", "2026-11-29T00:00Z"])
    assert.equal(parseDay(text), null, text);
});

test("adding days and counting them are each other's reverse", () => {
  forAll((random) => {
    const from = addDays(d("2000-01-01"), random.between(-40_000, 40_000));
    const days = random.between(-2_000, 2_000);
    assert.equal(daysBetween(from, addDays(from, days)), days);
    assert.equal(weekday(addDays(from, 7)), weekday(from));
  });
});

test("weeks begin on Monday", () => {
  assert.equal(weekday(d("2026-11-30")), 1);
  assert.equal(weekday(d("2026-11-29")), 7);
  assert.equal(startOfWeek(d("2026-11-29")), "2026-11-23");
  assert.equal(startOfWeek(d("2026-11-23")), "2026-11-23");
});

test("months are added without running over their end", () => {
  assert.equal(addMonths(d("2024-01-31"), 1), "2024-02-29");
  assert.equal(addMonths(d("2024-03-31"), -1), "2024-02-29");
  assert.equal(addMonths(d("2024-02-29"), 12), "2025-02-28");
  assert.equal(addMonths(d("2026-11-15"), -11), "2025-12-15");
  assert.equal(endOfMonth(d("2100-02-10")), "2100-02-28");
});
