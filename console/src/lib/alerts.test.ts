import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Alert,
  bodyOf,
  draftOf,
  durationWords,
  filled,
  kindOf,
  missingOf,
  NEW,
  plot,
  triggerOf,
  triggerWords,
  wordsOfSeries,
} from "./alerts.ts";

const metric = {
  type: "metric",
  metric: "visitors",
  window: "5m",
  comparison: "above",
  threshold: 100,
  for: "10m",
  noData: "ok",
  filters: { country: "France", page: "contains:/blog" },
} as const;
const alert = (trigger: unknown) =>
  ({ name: "A", trigger, destination: { type: "webhook", endpointId: "e1" }, template: { subject: null, message: "{{value}} visitors now" }, cooldown: "1h", notifyResolved: true }) as Alert; // biome-ignore format: one object

test("an alert goes through its form and back", () => {
  const draft = draftOf(alert(metric));
  assert.deepEqual(draft.filters, [
    { field: "country", operator: "is", values: ["France"] },
    { field: "page", operator: "contains", values: ["/blog"] },
  ]);
  const { trigger, ...rest } = bodyOf(draft);
  assert.deepEqual(trigger, { ...metric, filters: { country: "is:France", page: "contains:/blog" } });
  assert.deepEqual(rest, {
    name: "A",
    destination: { type: "webhook", endpointId: "e1" },
    template: { subject: null, message: "{{value}} visitors now" },
    cooldown: "1h",
    notifyResolved: true,
  });
  const goal = draftOf(alert({ type: "goal", goalName: "signup" }));
  assert.deepEqual(bodyOf(goal).trigger, { type: "goal", goalName: "signup" });
});

test("what is missing is named as the API names it", () => {
  assert.deepEqual(Object.keys(missingOf(NEW)), ["name", "trigger.goalName", "template.message"]);
  const draft = { ...NEW, name: "A", type: "metric" as const, message: "long enough" };
  assert.deepEqual(missingOf(draft), {});
  assert.deepEqual(Object.keys(missingOf({ ...draft, threshold: " " })), ["trigger.threshold"]);
  assert.equal(triggerOf({ ...draft, threshold: "many" }), undefined);
  assert.equal("goalName" in (triggerOf({ ...draft, metricGoal: "signup" }) ?? {}), false, "visitors have no goal");
  assert.equal("cooldown" in bodyOf(draft), false, "the gateway's own");
});

test("a trigger is a sentence", () => {
  const write = (value: number) => `<${value}>`;
  assert.equal(triggerWords({ ...metric, filters: null }, write), "Visitors in 5 minutes is above <100>, for 10 minutes");
  assert.equal(
    triggerWords(
      { ...metric, metric: "goals", goalName: "signup", comparison: "decrease_pct", for: "0m", window: "1d" },
      write,
    ),
    "Completed goals of signup in 1 day falls by more than 100 %",
  );
  assert.equal(durationWords("0m"), "no time");
});

test("a template is filled in with examples, and what is unknown stays", () => {
  assert.equal(
    filled("{{ value }} in {{window}} by {{metadata.plan}} {{nothing}} {{", { window: "5m" }),
    "128 in 5m by [plan] {{nothing}} {{",
  );
  assert.equal(filled("{{__proto__}} {{constructor}}", {}), "{{__proto__}} {{constructor}}");
});

test("what is drawn is what is compared, and in its unit", () => {
  assert.deepEqual([kindOf({ type: "goal" }), kindOf({ ...metric, metric: "revenue" })], ["count", "money"]);
  assert.equal(kindOf({ ...metric, metric: "revenue", comparison: "increase_pct" }), "rate");
  assert.equal(wordsOfSeries(metric), "Visitors in 5 minutes");
  assert.equal(
    wordsOfSeries({ ...metric, metric: "goals", goalName: "signup", comparison: "decrease_pct", window: "1d" }),
    "Fall of completed goals of signup in 1 day",
  );
});

test("the curve has gaps without data, its threshold, and when it would have fired", () => {
  const start = Date.parse("2026-10-07T00:00:00Z");
  const at = (hour: number) => new Date(start + hour * 3_600_000).toISOString();
  const scale = { start, end: start + 100 * 3_600_000, width: 100, height: 108 };
  const drawn = plot({
    series: [0, 50, null, 20, null].map((value, hour) => ({ at: at(hour * 10 - 0.5), value })),
    threshold: 100,
    firings: [
      { firedAt: at(50), resolvedAt: at(75) },
      { firedAt: at(100), resolvedAt: null },
    ],
    ...scale,
  });
  assert.deepEqual(drawn, {
    line: "M0 108L10 58M30 88h2",
    zero: 108,
    threshold: 8,
    firings: [
      { x: 50, width: 25 },
      { x: 100, width: 2 },
    ],
  });
  const falls = plot({ series: [{ at: at(0), value: -50 }], threshold: 50, firings: [], ...scale });
  assert.deepEqual([falls.zero, falls.threshold], [54, 4]);
});
