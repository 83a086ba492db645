import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { addDays, type Day } from "./days.ts";
import { clockAt, dayAt, endOfDay, isZone, momentOf, nextHour, offsetAt, startOfDay, timeAt } from "./zones.ts";

export const ZONES = [
  "UTC",
  "Europe/Paris",
  "America/Los_Angeles",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "America/Sao_Paulo",
  "America/Havana",
  "Africa/Cairo",
  "Asia/Beirut",
  "America/St_Johns",
  "Pacific/Chatham",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "Asia/Tehran",
  "America/Santiago",
] as const; // prettier-ignore

const d = (text: string) => text as Day;
const utc = (moment: number) => new Date(moment).toISOString();

test("a day begins where its clocks say, whatever they did in the night", () => {
  for (const [day, zone, start] of [
    ["2026-11-29", "UTC", "2026-11-29T00:00:00.000Z"],
    ["2026-11-29", "Asia/Kathmandu", "2026-11-28T18:15:00.000Z"],
    ["2026-03-29", "Europe/Paris", "2026-03-28T23:00:00.000Z"],
    ["2026-03-30", "Europe/Paris", "2026-03-29T22:00:00.000Z"],
    ["2026-10-26", "Europe/Paris", "2026-10-25T23:00:00.000Z"],
    ["2026-04-05", "Australia/Lord_Howe", "2026-04-04T13:00:00.000Z"],
    ["2026-04-06", "Australia/Lord_Howe", "2026-04-05T13:30:00.000Z"],
    // Midnight is skipped: the day begins at 01:00.
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"],
    ["2026-03-29", "Asia/Beirut", "2026-03-28T22:00:00.000Z"],
    // Midnight comes twice: the day begins with the first.
    ["2025-11-02", "America/Havana", "2025-11-02T04:00:00.000Z"],
    // The day before midnight comes twice (23:00 to 24:00).
    ["2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00:00.000Z"],
  ] as const) {
    assert.equal(utc(startOfDay(d(day), zone)), start, `${day} ${zone}`);
  }
});

test("days have 23, 23.5, 24, 24.5 and 25 hours", () => {
  const hours = (day: string, zone: string) => (endOfDay(d(day), zone) + 1 - startOfDay(d(day), zone)) / 3_600_000;
  assert.equal(hours("2026-03-29", "Europe/Paris"), 23);
  assert.equal(hours("2026-10-25", "Europe/Paris"), 25);
  assert.equal(hours("2026-10-04", "Australia/Lord_Howe"), 23.5);
  assert.equal(hours("2026-04-05", "Australia/Lord_Howe"), 24.5);
  assert.equal(hours("2026-11-01", "America/Los_Angeles"), 25);
  assert.equal(hours("2026-11-29", "Asia/Kathmandu"), 24);
});

test("days follow one another without a gap, in every zone", () => {
  for (const zone of ZONES) {
    for (let day = d("2026-01-01"); day < "2027-01-01"; day = addDays(day, 1)) {
      const [start, end] = [startOfDay(day, zone), endOfDay(day, zone)];
      assert.equal(dayAt(start, zone), day, `${zone} ${day} begins in it`);
      assert.equal(dayAt(end, zone), day, `${zone} ${day} ends in it`);
      assert.ok(end - start > 22 * 3_600_000 && end - start < 26 * 3_600_000, `${zone} ${day}`);
    }
  }
});

test("a clock's moment shows that clock again, where it exists", () => {
  forAll((random) => {
    const zone = random.one(ZONES);
    const moment = random.between(Date.UTC(2024, 0), Date.UTC(2028, 0)) * 1;
    const clock = clockAt(moment, zone);
    const again = momentOf(clock, zone);
    assert.deepEqual(clockAt(again, zone), clock, `${zone} ${utc(moment)}`);
    assert.ok(again <= moment, "the first of two");
  });
});

test("a time that the clocks skip is read as if they had not", () => {
  const clock = { day: d("2026-03-29"), hour: 2, minute: 30, second: 0 };
  assert.equal(utc(momentOf(clock, "Europe/Paris")), "2026-03-29T01:30:00.000Z");
  assert.equal(timeAt(momentOf(clock, "Europe/Paris"), "Europe/Paris"), "03:30");
});

test("hours end on the full hour or where the clocks change", () => {
  const next = (moment: string, zone: string) => utc(nextHour(Date.parse(moment), zone));
  assert.equal(next("2026-11-29T09:12:00Z", "Europe/Paris"), "2026-11-29T10:00:00.000Z");
  assert.equal(next("2026-11-29T10:00:00Z", "Europe/Paris"), "2026-11-29T11:00:00.000Z");
  assert.equal(next("2026-11-29T09:12:00Z", "Asia/Kathmandu"), "2026-11-29T09:15:00.000Z");
  // Lord Howe is set back by half an hour at 02:00, which is 15:00 UTC.
  assert.equal(next("2026-04-04T14:30:00Z", "Australia/Lord_Howe"), "2026-04-04T15:00:00.000Z");
  assert.equal(next("2026-04-04T15:00:00Z", "Australia/Lord_Howe"), "2026-04-04T15:30:00.000Z");
  assert.equal(next("2026-10-25T00:10:00Z", "Europe/Paris"), "2026-10-25T01:00:00.000Z");
  // St. John's was set back at 00:01, in the middle of an hour.
  assert.equal(next("2010-11-07T02:30:30Z", "America/St_Johns"), "2010-11-07T02:31:00.000Z");
});

test("offsets are those of the moment", () => {
  assert.equal(offsetAt(Date.parse("2026-07-01T00:00:00.500Z"), "Europe/Paris"), 2 * 3_600_000);
  assert.equal(offsetAt(0, "Asia/Kathmandu"), 5.5 * 3_600_000);
  // Morocco's clocks go back for Ramadan.
  assert.equal(offsetAt(Date.parse("2026-03-01T12:00:00Z"), "Africa/Casablanca"), 0);
  assert.equal(offsetAt(Date.parse("2026-05-01T12:00:00Z"), "Africa/Casablanca"), 3_600_000);
});

test("only names of zones are zones", () => {
  assert.ok(isZone("Asia/Kathmandu") && isZone("UTC"));
  assert.ok(!isZone("Mars/Olympus") && !isZone(""));
});
