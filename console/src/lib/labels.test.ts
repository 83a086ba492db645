import assert from "node:assert/strict";
import { test } from "node:test";
import type { Day } from "./days.ts";
import { agoLabel, axisLabel, bucketLabel, daysLabel, rangeLabel, runningLabel } from "./labels.ts";

const d = (text: string) => text as Day;
// Spaces around the dash, and their kind, differ between versions of ICU.
const plain = (text: string) => text.replace(/[\u2009\u202f\u00a0]/g, " ").replace(/ ?– ?/g, "–");
const PARIS = "Europe/Paris";

test("a range names each part of its dates once", () => {
  assert.equal(plain(daysLabel(d("2026-11-01"), d("2026-11-28"), "en-GB")), "1–28 Nov 2026");
  assert.equal(plain(daysLabel(d("2026-11-28"), d("2026-11-28"), "en-GB")), "28 Nov 2026");
  assert.equal(plain(daysLabel(d("2025-12-30"), d("2026-01-02"), "en-GB")), "30 Dec 2025–2 Jan 2026");
  assert.equal(plain(daysLabel(d("2026-11-01"), d("2026-11-28"), "en-US")), "Nov 1–28, 2026");
  assert.equal(plain(daysLabel(d("2026-11-01"), d("2026-11-28"), "de")), "1.–28. Nov. 2026");
});

test("moments are written on the website's clocks", () => {
  const range = {
    kind: "moments",
    start: Date.parse("2026-11-27T23:30:00Z"),
    end: Date.parse("2026-11-28T23:30:00Z"),
  } as const;
  assert.match(plain(rangeLabel(range, "Asia/Kathmandu", "en-GB")), /28 Nov.*05:15.*29 Nov.*05:15/);
});

test("buckets are named by the website's days", () => {
  const start = Date.parse("2026-11-16T23:00:00Z");
  assert.equal(axisLabel(start, "hour", PARIS, "en-GB"), "00:00");
  assert.equal(axisLabel(start, "day", PARIS, "en-GB"), "17 Nov");
  assert.equal(axisLabel(start, "month", PARIS, "en-GB"), "Nov 2026");
  assert.equal(plain(bucketLabel(start, "day", PARIS, "en-GB")), "Tue 17 Nov");
  assert.equal(plain(bucketLabel(start, "hour", PARIS, "en-GB")), "Tue 17 Nov, 00:00");
  assert.equal(plain(bucketLabel(start, "week", PARIS, "en-GB")), "16–22 Nov 2026");
  assert.equal(bucketLabel(start, "month", PARIS, "en-GB"), "November 2026");
  assert.equal(runningLabel("day", Date.parse("2026-11-28T08:12:00Z"), PARIS), "today, until 09:12");
});

test("how long ago follows the website's days", () => {
  const now = Date.parse("2026-11-28T08:12:00Z");
  const ago = (moment: string) => agoLabel(Date.parse(moment), now, PARIS, "en-GB");
  assert.equal(ago("2026-11-28T08:11:30Z"), "just now");
  assert.equal(ago("2026-11-28T08:08:00Z"), "4 minutes ago");
  assert.equal(ago("2026-11-28T00:00:00Z"), "8 hours ago");
  assert.equal(ago("2026-11-27T22:59:00Z"), "yesterday");
  assert.equal(ago("2026-11-25T12:00:00Z"), "3 days ago");
  assert.equal(ago("2026-05-21T10:00:00Z"), "21 May 2026");
});
