import assert from "node:assert/strict";
import { test } from "node:test";
import { firstSteps, visitsOf } from "./journey.ts";

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 10) + minutes * 60_000).toISOString();
const page = (minutes: number, url = "example.com/") => ({ url, timestamp: at(minutes) });
const goal = (minutes: number, name: string, origin = "manual") => ({
  name,
  timestamp: at(minutes),
  origin,
  description: null,
  metadata: { plan: "pro", seats: 3 } as Record<string, unknown>,
});

test("a visit is over after half an hour, and the newest comes first", () => {
  const visits = visitsOf({ visitCount: 2, visitedPages: [page(0), page(29), page(60), page(61)], completedGoals: [] });
  assert.deepEqual(
    visits.map(({ number, steps }) => [number, steps.length]),
    [
      [2, 2],
      [1, 2],
    ],
  );
});

test("a payment has its amount, and a free one none", () => {
  const paid = (amount: number) => ({ ...goal(1, "payment", "payment_provider"), amount, currency: "EUR" });
  const [visit] = visitsOf({
    visitCount: 1,
    visitedPages: [page(0)],
    completedGoals: [paid(49.5), paid(0), goal(2, "signup")],
  });
  assert.deepEqual(
    visit?.steps.map(({ paid }) => paid),
    [null, { amount: 49.5, currency: "EUR" }, null, null],
  );
});

test("pages and goals are in one line of time, with the time between them", () => {
  const [visit] = visitsOf({
    visitCount: 1,
    visitedPages: [page(0), page(3)],
    completedGoals: [goal(1, "signup"), goal(4, "payment", "payment_provider")],
  });
  assert.deepEqual(
    visit!.steps.map(({ kind, spent }) => [kind, spent]),
    [
      ["page", 60_000],
      ["goal", 120_000],
      ["page", 60_000],
      ["payment", null],
    ],
  );
  assert.deepEqual(visit!.steps[1]!.metadata, [
    ["plan", "pro"],
    ["seats", "3"],
  ]);
});

test("a renewal alone is no visit, and visits have no numbers where pages are missing", () => {
  const visits = visitsOf({
    visitCount: 1,
    visitedPages: [page(0)],
    completedGoals: [goal(50_000, "payment", "payment_provider")],
  });
  assert.deepEqual(
    visits.map(({ number }) => number),
    [null, 1],
  );
  assert.equal(visitsOf({ visitCount: 5, visitedPages: [page(0)], completedGoals: [] })[0]!.number, null);
});

test("a long journey is shown in parts", () => {
  const pages = Array.from({ length: 250 }, (_, number) => page(number));
  const visits = visitsOf({ visitCount: 1, visitedPages: pages, completedGoals: [] });
  assert.equal(firstSteps(visits, 100)[0]!.steps.length, 100);
  assert.equal(firstSteps(visits, 300)[0]!.steps.length, 250);
});
