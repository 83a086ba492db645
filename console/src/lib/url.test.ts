import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll, type Random } from "../../test/random.ts";
import { INTERVALS } from "./buckets.ts";
import { COMPARISONS, PERIODS } from "./dates.ts";
import { addDays, type Day } from "./days.ts";
import { DEFAULTS, METRICS, queryText, readView, type ViewState, writeView } from "./url.ts";

const day = (random: Random) => addDays("2024-01-01" as Day, random.below(1_000));

function anyView(random: Random): ViewState {
  const view: ViewState = {
    period: random.one(PERIODS),
    compare: random.one(COMPARISONS),
    match: random.one(["weekday", "date"]),
    by: random.one([undefined, ...INTERVALS]),
    metric: random.one(METRICS),
    filters: random.list(3, () => ({ field: "page", operator: "contains", values: [`/${random.below(99)}`] }) as const),
  };
  if (view.period === "custom") [view.from, view.to] = [day(random), day(random)].sort() as [Day, Day];
  if (view.compare === "custom") [view.cfrom, view.cto] = [day(random), day(random)].sort() as [Day, Day];
  return view;
}

test("a view survives its URL, whatever was chosen last on the other side", () => {
  forAll((random) => {
    const view = anyView(random);
    const remembered = {
      period: random.one(PERIODS),
      compare: random.one(COMPARISONS),
      match: random.one(["weekday", "date"] as const),
    };
    const read = readView(new URLSearchParams(queryText(writeView(view))), remembered);
    assert.deepEqual(read, { view: { by: undefined, ...view }, problems: [] });
  });
});

test("a bare URL shows what was chosen last", () => {
  const { view } = readView(new URLSearchParams("f=country:is:FR"), { period: "7d", match: "date" });
  assert.deepEqual([view.period, view.match, view.compare], ["7d", "date", "previous"]);
  assert.equal(readView(new URLSearchParams()).view.period, "28d");
});

test("what is not understood falls back to the default and is reported", () => {
  const { view, problems } = readView(
    new URLSearchParams("period=fortnight&by=minute&metric=joy&compare=never&match=moon&f=colour:is:red&unknown=1"),
  );
  assert.deepEqual(view, { ...DEFAULTS, by: undefined });
  assert.equal(problems.length, 6);
  for (const text of [
    "period=custom",
    "period=custom&from=2026-11-05",
    "period=custom&from=2026-11-05&to=2026-11-04",
    "period=custom&from=2026-02-30&to=2026-03-04",
    "compare=custom&period=7d",
  ]) {
    const { view, problems } = readView(new URLSearchParams(text));
    assert.ok(problems.length > 0 && view.period !== "custom" && view.compare === "previous", text);
  }
});

test("a page's own parameters are left alone", () => {
  const query = writeView(
    { ...DEFAULTS, metric: "revenue" },
    new URLSearchParams("src=campaign&f=old:is:x&metric=visitors&q=a%20b"),
  );
  assert.equal(queryText(query), "?period=28d&metric=revenue&src=campaign&q=a+b");
});

test("garbage in a URL is never thrown", () => {
  forAll((random) => {
    const names = ["period", "from", "to", "compare", "cfrom", "cto", "match", "by", "metric", "f"];
    const query = new URLSearchParams(random.list(8, () => [random.one(names), random.text()]));
    const { view } = readView(query);
    assert.deepEqual(readView(writeView(view)).problems, []);
  });
});
