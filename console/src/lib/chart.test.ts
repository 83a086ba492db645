import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { type ChartInput, chart, niceStep, sparkline, summary } from "./chart.ts";

const FRAME = { width: 1000, height: 300, margin: { top: 10, right: 50, bottom: 30, left: 50 } };
const draw = (input: Partial<ChartInput>) => chart({ ...FRAME, values: [], kind: "count", ...input });
const numbers = (path: string) => [...path.matchAll(/-?[\d.]+(?:e-?\d+)?/g)].map(([text]) => Number(text));

test("steps are round, and counts have no halves", () => {
  assert.deepEqual(
    [0, 0.2, 1, 3, 21, 203, 1_700].map((least) => niceStep(least, "count")),
    [1, 1, 1, 3, 25, 250, 2_000],
  );
  assert.deepEqual(
    [0.03, 0.3, 12].map((least) => niceStep(least, "rate")),
    [0.03, 0.3, 15],
  );
  assert.deepEqual(
    [800, 4_000, 61_000].map((least) => niceStep(least, "duration")),
    [1_000, 5_000, 120_000],
  );
});

test("everything that is drawn lies inside the frame, whatever the figures are", () => {
  forAll((random) => {
    const size = random.between(0, 60);
    const value = () => random.one([0, 1, random.below(10), random.below(1e6), random.below(100) / 100]);
    const list = (length: number) => Array.from({ length }, value);
    const drawn = draw({
      values: list(size),
      before: list(random.between(0, 70)),
      money: random.one([[], Array.from({ length: size }, () => ({ new: value(), renewal: value(), refund: value() }))]),
      running: random.one([null, size - 1 >= 0 ? size - 1 : null]),
      kind: random.one(["count", "money", "rate"] as const),
    });
    for (const path of [drawn.line, drawn.area, drawn.dashed, drawn.before]) {
      const all = numbers(path);
      assert.equal(all.length % 2, 0);
      for (const [at, number] of all.entries()) {
        const [least, most] = at % 2 === 0 ? [50, 950] : [10, 270];
        assert.ok(number >= least - 0.01 && number <= most + 0.01, `${number} in ${path}`);
      }
    }
    for (const bar of drawn.bars) {
      assert.ok(bar.x >= 49 && bar.x + bar.width <= 951 && bar.y >= 9.9 && bar.y + bar.height <= 270.1, JSON.stringify(bar));
    }
    for (const tick of [...drawn.left, ...drawn.right]) assert.ok(tick.y >= 9.9 && tick.y <= 270.1);
  });
});

test("both axes share their lines, and refunds hang below zero", () => {
  const drawn = draw({
    values: [100, 300],
    money: [
      { new: 900, renewal: 100, refund: 0 },
      { new: 0, renewal: 0, refund: 300 },
    ],
  });
  const right = drawn.right.filter(({ value }) => value >= 0);
  assert.deepEqual(
    drawn.left.map(({ y }) => y),
    right.map(({ y }) => y),
  );
  assert.ok(drawn.zero < 270 && drawn.right[0]!.value < 0);
  const refund = drawn.bars.find(({ kind }) => kind === "refund")!;
  assert.equal(refund.y, drawn.zero);
  const [fresh, renewal] = drawn.bars;
  assert.ok(Math.abs(renewal!.y + renewal!.height - fresh!.y) < 0.001, "renewals stand on new revenue");
});

test("the bucket that is not over yet is dashed, and the line ends before it", () => {
  const drawn = draw({ values: [1, 2, 3, 1], running: 3 });
  assert.equal(numbers(drawn.line).at(-2), drawn.x(2));
  assert.deepEqual(numbers(drawn.dashed), [drawn.x(2), drawn.y(3), drawn.x(3), drawn.y(1)]);
  assert.equal(draw({ values: [5], running: 0 }).dashed, "");
  assert.equal(draw({ values: [1, 2] }).dashed, "");
});

test("the nearest bucket to a place is the one whose middle is nearest", () => {
  const drawn = draw({ values: [1, 2, 3, 4] });
  for (const index of [0, 1, 2, 3]) assert.equal(drawn.indexAt(drawn.x(index) + drawn.step * 0.4), index);
  assert.equal(drawn.indexAt(-100), 0);
  assert.equal(drawn.indexAt(5_000), 3);
});

test("labels leave each other room", () => {
  const drawn = draw({ values: Array.from({ length: 28 }, () => 1) });
  const labelled = drawn.labelled(80);
  assert.deepEqual(labelled.slice(0, 3), [0, 3, 6]);
  assert.ok(drawn.x(labelled[1]!) - drawn.x(labelled[0]!) >= 80);
});

test("a sparkline of nothing is a flat line", () => {
  assert.deepEqual(numbers(sparkline([0, 0], 80, 20)), [1, 19, 79, 19]);
  assert.equal(sparkline([], 80, 20), "");
});

test("a chart is summed up in a sentence", () => {
  const labels = ["Mon 16 Nov", "Tue 17 Nov", "Wed 18 Nov"];
  const of = {
    title: "Visitors by day",
    when: "16–18 Nov 2026",
    total: "1,204",
    label: (index: number) => labels[index]!,
    write: String,
  };
  assert.equal(
    summary({ ...of, values: [300, 812, 92] }),
    "Visitors by day, 16–18 Nov 2026: 1,204; most Tue 17 Nov with 812, least Wed 18 Nov with 92.",
  );
  assert.equal(summary({ ...of, total: null, values: [0, 0, 0] }), "Visitors by day, 16–18 Nov 2026; nothing in any of it.");
});
