import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { bucketFrom, bucketsOf, defaultInterval, INTERVALS, intervalOf, intervalsOf, runningBucket } from "./buckets.ts";
import { days, spanOf } from "./dates.ts";
import { addDays, type Day } from "./days.ts";
import { dayAt } from "./zones.ts";

const d = (text: string) => text as Day;
const ZONES = [
  "UTC",
  "Europe/Paris",
  "America/Los_Angeles",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "America/Havana",
]; // prettier-ignore

test("the interval follows the length of the range", () => {
  const of = (length: number) => defaultInterval(days(d("2026-01-01"), addDays(d("2026-01-01"), length - 1)), "UTC");
  assert.deepEqual([1, 2, 3, 91, 92, 182, 183].map(of), ["hour", "hour", "day", "day", "week", "week", "month"]);
  assert.equal(defaultInterval({ kind: "moments", start: 0, end: 86_400_000 - 1 }, "UTC"), "hour");
});

test("an interval with one bucket, or with more than 400, is not offered", () => {
  assert.deepEqual(intervalsOf(days(d("2026-11-28"), d("2026-11-28")), "UTC"), ["hour"]);
  assert.deepEqual(intervalsOf(days(d("2026-11-01"), d("2026-11-28")), "UTC"), ["day", "week"]);
  assert.deepEqual(intervalsOf(days(d("2020-01-01"), d("2026-11-28")), "UTC"), ["week", "month"]);
  assert.equal(intervalOf("hour", days(d("2026-11-01"), d("2026-11-28")), "UTC"), "day");
  assert.equal(intervalOf("week", days(d("2026-11-01"), d("2026-11-28")), "UTC"), "week");
});

test("a day has as many hours as its clocks show", () => {
  const hours = (day: string, zone: string) => bucketsOf(days(d(day), d(day)), "hour", zone).length;
  assert.equal(hours("2026-03-29", "Europe/Paris"), 23);
  assert.equal(hours("2026-10-25", "Europe/Paris"), 25);
  assert.equal(hours("2026-11-29", "Asia/Kathmandu"), 24);
  // Set back by half an hour at 02:00: 01:30 to 02:00 comes again, as a bucket of its own.
  assert.equal(hours("2026-04-05", "Australia/Lord_Howe"), 25);
});

test("weeks begin on Monday but for the first, which begins with the range", () => {
  const weeks = bucketsOf(days(d("2026-11-05"), d("2026-11-28")), "week", "Europe/Paris");
  assert.deepEqual(
    weeks.map(({ start, end }) => `${dayAt(start, "Europe/Paris")}..${dayAt(end, "Europe/Paris")}`),
    ["2026-11-05..2026-11-08", "2026-11-09..2026-11-15", "2026-11-16..2026-11-22", "2026-11-23..2026-11-28"],
  );
});

test("buckets cover a range without a gap and without an overlap", () => {
  forAll((random) => {
    const zone = random.one(ZONES);
    const from = addDays(d("2024-01-01"), random.below(1_000));
    const interval = random.one(INTERVALS);
    const range = days(from, addDays(from, random.below(interval === "hour" ? 5 : 90)));
    const buckets = bucketsOf(range, interval, zone);
    const { start, end } = spanOf(range, zone);
    assert.equal(buckets[0]!.start, start);
    assert.equal(buckets.at(-1)!.end, end);
    for (let at = 1; at < buckets.length; at++) assert.equal(buckets[at]!.start, buckets[at - 1]!.end + 1);
  }, 150);
});

test("only the bucket that holds this moment is running", () => {
  const zone = "Europe/Paris";
  const now = Date.parse("2026-11-28T08:12:00Z");
  const starts = bucketsOf(days(d("2026-11-26"), d("2026-11-28")), "day", zone).map(({ start }) => start);
  assert.equal(runningBucket(starts, "day", zone, now), 2);
  assert.equal(runningBucket(starts.slice(0, 2), "day", zone, now), null);
  assert.equal(runningBucket([], "day", zone, now), null);
  assert.equal(bucketFrom(starts[2]!, "day", zone).end, Date.parse("2026-11-28T22:59:59.999Z"));
});
