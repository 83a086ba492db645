import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import {
  type Chosen,
  type ChosenComparison,
  comparedWith,
  type Here,
  isRunning,
  PERIODS,
  type Period,
  parametersOf,
  rangeOf,
  spanOf,
  stepped,
} from "./dates.ts"; // prettier-ignore
import { addDays, type Day, endOfMonth, lengthOf, startOfMonth, weekday } from "./days.ts";
import { clockAt, dayAt } from "./zones.ts";

const d = (text: string) => text as Day;
// Sat 28 Nov 2026, 09:12 in Paris.
const PARIS: Here = { zone: "Europe/Paris", now: Date.parse("2026-11-28T08:12:30.500Z"), since: d("2025-03-10") };
const daysOf = (chosen: Chosen, here = PARIS) => {
  const range = rangeOf(chosen, here);
  return range.kind === "days" ? `${range.from}..${range.to}` : new Date(range.end).toISOString();
};
const ZONES = [
  "UTC",
  "Europe/Paris",
  "America/Los_Angeles",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Pacific/Kiritimati",
]; // prettier-ignore

test("every period has the days that its name says", () => {
  const expected: Record<Exclude<Period, "custom" | "24h">, string> = {
    today: "2026-11-28..2026-11-28",
    yesterday: "2026-11-27..2026-11-27",
    "7d": "2026-11-22..2026-11-28",
    "28d": "2026-11-01..2026-11-28",
    "30d": "2026-10-30..2026-11-28",
    "91d": "2026-08-30..2026-11-28",
    mtd: "2026-11-01..2026-11-28",
    lastmonth: "2026-10-01..2026-10-31",
    ytd: "2026-01-01..2026-11-28",
    "12mo": "2025-12-01..2026-11-28",
    all: "2025-03-10..2026-11-28",
  };
  for (const [period, days] of Object.entries(expected)) assert.equal(daysOf({ period: period as Period }), days, period);
  assert.deepEqual(rangeOf({ period: "24h" }, PARIS), { kind: "moments", start: PARIS.now - 86_400_000 + 1, end: PARIS.now });
});

test("custom dates end today at the latest", () => {
  assert.equal(daysOf({ period: "custom", from: d("2026-11-20"), to: d("2026-12-24") }), "2026-11-20..2026-11-28");
  assert.equal(daysOf({ period: "custom", from: d("2026-12-01"), to: d("2026-12-24") }), "2026-11-28..2026-11-28");
});

test("today is the website's day, whatever day the browser or UTC has", () => {
  const now = Date.parse("2026-11-28T23:30:00Z");
  const today = (zone: string) => daysOf({ period: "today" }, { zone, now, since: d("2026-01-01") });
  assert.equal(today("UTC"), "2026-11-28..2026-11-28");
  assert.equal(today("Asia/Kathmandu"), "2026-11-29..2026-11-29");
  assert.equal(today("America/Los_Angeles"), "2026-11-28..2026-11-28");
  assert.equal(today("Pacific/Kiritimati"), "2026-11-29..2026-11-29");
});

test("a step is as long as the period, and months step by months", () => {
  const step = (chosen: Chosen, by: -1 | 1) => stepped(chosen, PARIS, by);
  const custom = (from: string, to: string) => ({ period: "custom", from, to }) as Chosen;
  assert.deepEqual(step({ period: "28d" }, -1), custom("2026-10-04", "2026-10-31"));
  assert.deepEqual(step({ period: "today" }, -1), { period: "yesterday" });
  assert.deepEqual(step({ period: "yesterday" }, 1), { period: "today" });
  assert.deepEqual(step({ period: "yesterday" }, -1), custom("2026-11-26", "2026-11-26"));
  assert.deepEqual(step({ period: "24h" }, -1), { period: "yesterday" });
  assert.deepEqual(step({ period: "mtd" }, -1), custom("2026-10-01", "2026-10-31"));
  assert.deepEqual(step(custom("2026-10-01", "2026-10-31"), 1), { period: "mtd" });
  assert.deepEqual(step(custom("2026-02-01", "2026-02-28"), -1), custom("2026-01-01", "2026-01-31"));
  assert.deepEqual(step({ period: "ytd" }, -1), custom("2025-01-01", "2025-12-31"));
  assert.deepEqual(step(custom("2025-01-01", "2025-12-31"), 1), { period: "ytd" });
  assert.deepEqual(step({ period: "12mo" }, -1), custom("2024-12-01", "2025-11-30"));
  assert.deepEqual(step(custom("2024-12-01", "2025-11-30"), 1), { period: "12mo" });
  for (const period of ["today", "28d", "mtd", "ytd", "12mo", "24h", "all"] as const)
    assert.equal(step({ period }, 1), null, period);
});

test("a step that would end in the future ends today and keeps its length", () => {
  const chosen: Chosen = { period: "custom", from: d("2026-11-18"), to: d("2026-11-25") };
  assert.deepEqual(stepped(chosen, PARIS, 1), { period: "custom", from: "2026-11-21", to: "2026-11-28" });
});

test("steps never reach the future, in any zone at any time", () => {
  forAll((random) => {
    const here: Here = {
      zone: random.one(ZONES),
      now: random.between(Date.UTC(2024, 0), Date.UTC(2027, 0)),
      since: d("2023-01-01"),
    };
    let chosen: Chosen | null = { period: random.one(PERIODS.filter((period) => period !== "custom")) };
    for (let step = 0; step < 8 && chosen; step++) {
      const range = rangeOf(chosen, here);
      const { start, end } = spanOf(range, here.zone);
      assert.ok(start <= end && dayAt(start, here.zone) <= dayAt(here.now, here.zone));
      if (range.kind === "days") assert.ok(range.to <= dayAt(here.now, here.zone));
      chosen = stepped(chosen, here, random.one([-1, 1]));
    }
  });
});

const BEFORE: ChosenComparison = { compare: "previous", match: "weekday" };

test("a running period is compared up to the same moment", () => {
  const compared = comparedWith({ period: "28d" }, BEFORE, PARIS);
  assert.deepEqual(compared, {
    kind: "moments",
    start: Date.parse("2026-10-03T22:00:00.000Z"),
    // 09:12:30.500 on 31 Oct: winter by then, though summer when the comparison begins.
    end: Date.parse("2026-10-31T08:12:30.500Z"),
  });
});

test("a period that is over is compared in whole days", () => {
  const compared = (chosen: Chosen, comparison: ChosenComparison) => {
    const range = comparedWith(chosen, comparison, PARIS);
    return range?.kind === "days" ? `${range.from}..${range.to}` : range;
  };
  const september: Chosen = { period: "custom", from: d("2026-09-01"), to: d("2026-09-30") };
  assert.equal(compared(september, { compare: "previous", match: "weekday" }), "2026-07-28..2026-08-26");
  assert.equal(compared(september, { compare: "previous", match: "date" }), "2026-08-01..2026-08-31");
  assert.equal(compared(september, { compare: "year", match: "date" }), "2025-09-01..2025-09-30");
  assert.equal(compared(september, { compare: "year", match: "weekday" }), "2025-09-02..2025-10-01");
  assert.equal(compared({ period: "yesterday" }, { compare: "previous", match: "weekday" }), "2026-11-20..2026-11-20");
  assert.equal(compared({ period: "yesterday" }, { compare: "previous", match: "date" }), "2026-11-26..2026-11-26");
  assert.equal(
    compared({ period: "lastmonth" }, { compare: "custom", cfrom: d("2026-01-01"), cto: d("2026-01-31"), match: "date" }),
    "2026-01-01..2026-01-31",
  );
  assert.equal(compared(september, { compare: "off", match: "date" }), null);
  assert.equal(compared(september, { compare: "custom", match: "date" }), null);
  assert.equal(compared({ period: "all" }, BEFORE), null);
});

test("more than 91 days are compared with as many weeks, and months with months", () => {
  const compared = (from: string, to: string, compare: "previous" | "year") => {
    const range = comparedWith({ period: "custom", from: d(from), to: d(to) }, { compare, match: "weekday" }, PARIS);
    return range?.kind === "days" ? `${range.from}..${range.to}` : range;
  };
  // 120 days, from a Monday: 18 weeks before.
  assert.equal(compared("2026-03-02", "2026-06-29", "previous"), "2025-10-27..2026-02-23");
  assert.equal(compared("2026-03-02", "2026-06-29", "year"), "2025-03-03..2025-06-30");
  assert.equal(compared("2026-03-01", "2026-06-30", "previous"), "2025-11-01..2026-02-28");
  assert.equal(compared("2026-03-01", "2026-06-30", "year"), "2025-03-01..2025-06-30");
});

test("a leap year's February is compared with all of February", () => {
  const february: Chosen = { period: "custom", from: d("2025-02-01"), to: d("2025-02-28") };
  assert.deepEqual(comparedWith(february, { compare: "year", match: "date" }, PARIS), {
    kind: "days",
    from: "2024-02-01",
    to: "2024-02-29",
  });
});

test("the last day of a month that has no counterpart counts in full", () => {
  const here = { ...PARIS, now: Date.parse("2027-03-30T10:00:00Z") };
  assert.deepEqual(comparedWith({ period: "mtd" }, { compare: "previous", match: "date" }, here), {
    kind: "days",
    from: "2027-02-01",
    to: "2027-02-28",
  });
});

test("a year to date is compared with the year before, up to the same moment", () => {
  const compared = comparedWith({ period: "ytd" }, { compare: "previous", match: "date" }, PARIS);
  assert.deepEqual(compared, {
    kind: "moments",
    start: Date.parse("2024-12-31T23:00:00Z"),
    end: Date.parse("2025-11-28T08:12:30.500Z"),
  });
});

test("matched weekdays are the same weekdays, before the period, and as many", () => {
  forAll((random) => {
    const zone = random.one(ZONES);
    const here: Here = { zone, now: random.between(Date.UTC(2024, 0), Date.UTC(2027, 0)), since: d("2020-01-01") };
    const to = addDays(dayAt(here.now, zone), -random.below(400));
    const from = addDays(to, -random.below(random.one([91, 360])));
    // Several months are compared with months.
    if (from === startOfMonth(from) && (to === endOfMonth(to) || to === dayAt(here.now, zone))) return;
    const chosen: Chosen = { period: "custom", from, to };
    const compared = comparedWith(chosen, { compare: random.one(["previous", "year"] as const), match: "weekday" }, here)!;
    const span = spanOf(compared, zone);
    const [first, last] = [dayAt(span.start, zone), dayAt(span.end, zone)];
    assert.equal(weekday(first), weekday(from));
    assert.equal(lengthOf(first, last), lengthOf(from, to));
    assert.ok(last < from, `${last} lies before ${from}`);
    if (isRunning(rangeOf(chosen, here), here)) {
      // A skipped hour moves the clock, and nothing else does.
      const [now, then] = [clockAt(here.now, zone), clockAt(span.end, zone)];
      assert.ok(Math.abs(now.hour - then.hour) <= 1 && now.second === then.second);
    }
  });
});

test("the API gets days as days and moments as moments", () => {
  assert.deepEqual(parametersOf({ kind: "days", from: d("2026-11-01"), to: d("2026-11-28") }, "Europe/Paris"), {
    startAt: "2026-11-01",
    endAt: "2026-11-28",
    timezone: "Europe/Paris",
  });
  const moments = {
    kind: "moments",
    start: Date.parse("2026-10-03T22:00:00Z"),
    end: Date.parse("2026-10-31T08:12:30.500Z"),
  } as const;
  assert.deepEqual(parametersOf(moments, "Europe/Paris"), {
    startAt: "2026-10-03T22:00:00.000Z",
    endAt: "2026-10-31T08:12:30.500Z",
    timezone: "Europe/Paris",
  });
});

test("moments that look like whole days of UTC are not taken for days", () => {
  const moments = {
    kind: "moments",
    start: Date.parse("2026-11-28T00:00:00Z"),
    end: Date.parse("2026-11-28T23:59:10Z"),
  } as const;
  assert.equal(parametersOf(moments, "Asia/Kathmandu").startAt, "2026-11-27T23:59:59.999999999Z");
});
