import assert from "node:assert/strict";
import { test } from "node:test";
import type { Day } from "./days.ts";
import { fieldsOf, flagsOf, isShown, standsOf, timestampOf } from "./notes.ts";
import { startOfDay } from "./zones.ts";

const at = (timestamp: string) => ({ timestamp, text: timestamp });

test("notes stand at their buckets, numbered by time, those of one bucket together", () => {
  const starts = ["2026-05-20T00:00:00Z", "2026-05-21T00:00:00Z", "2026-05-22T00:00:00Z"].map(Date.parse);
  const [early, first, last, late] = ["19T23:59:59.999", "20T00:00:00", "20T23:59:59.999", "29T12:00:00"].map((day) =>
    at(`2026-05-${day}Z`),
  );
  assert.deepEqual(flagsOf([late, last, early, first] as ReturnType<typeof at>[], starts), [
    { at: 0, number: 1, notes: [first, last] },
    { at: 2, number: 2, notes: [late] },
  ]);
  assert.deepEqual(flagsOf([], starts), []);
  assert.deepEqual(flagsOf([at("2026-05-20T00:00:00Z")], []), []);
});

test("flags that would cover each other stand together", () => {
  const flags = [0, 1, 4, 5, 6, 20].map((at, index) => ({ at, number: index + 1, notes: [] }));
  assert.deepEqual(
    standsOf(flags, (index) => index * 10, 25),
    [
      { x: 0, label: "1+", at: [0, 1] },
      { x: 40, label: "3+", at: [4, 5, 6] },
      { x: 200, label: "6", at: [20] },
    ],
  );
  assert.equal(standsOf(flags, (index) => index * 100, 25).length, 6);
});

test("a day and a time are the website's, and come back as they were written", () => {
  for (const zone of ["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]) {
    for (const day of ["2026-03-29", "2026-10-25", "2026-11-01", "2026-04-24", "2026-06-15"] as Day[]) {
      assert.equal(timestampOf(day, "", zone), day);
      assert.deepEqual(fieldsOf(new Date(startOfDay(day, zone)).toISOString(), zone), { day, time: "" }, `${zone} ${day}`);
      for (const time of ["00:01", "09:30", "23:59"]) {
        if (isShown(day, time, zone))
          assert.deepEqual(fieldsOf(timestampOf(day, time, zone), zone), { day, time }, `${zone} ${day}`);
      }
    }
  }
  assert.equal(timestampOf("2026-06-15" as Day, "09:30", "Asia/Kathmandu"), "2026-06-15T03:45:00.000Z");
  assert.equal(isShown("2026-03-29" as Day, "02:30", "Europe/Paris"), false);
  assert.equal(isShown("2026-03-29" as Day, "03:00", "Europe/Paris"), true);
  assert.equal(isShown("2026-04-24" as Day, "00:30", "Africa/Cairo"), false);
});
