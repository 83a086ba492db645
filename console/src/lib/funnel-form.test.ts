import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, type Draft, draftOf, emptyStep, inputOf, missingOf, moved } from "./funnel-form.ts";

const draft: Draft = {
  name: " Sign-up ",
  steps: [
    { key: 0, type: "pageview", target: " /blog/* ", name: "" },
    { key: 1, type: "goal", target: "Signup", name: "Signed up" },
  ],
};

test("a draft becomes the body that the API takes", () => {
  assert.deepEqual(bodyOf(draft), {
    name: "Sign-up",
    steps: [
      { name: "/blog/*", type: "pageview", url: "/blog/*" },
      { name: "Signed up", type: "goal", goalName: "signup" },
    ],
  });
  assert.deepEqual(bodyOf(draftOf(bodyOf(draft))), bodyOf(draft));
});

test("what is missing is named at its input", () => {
  const problems = missingOf({ name: " ", steps: [emptyStep(0), emptyStep(1, "goal")] });
  assert.deepEqual([...problems.keys()], ["name", "steps[0].target", "steps[1].target"]);
  assert.equal(missingOf(draft).size, 0);
});

test("a refusal is about the input that it names", () => {
  assert.equal(inputOf("steps[1].url", 2), "steps[1].target");
  assert.equal(inputOf("steps[1].goalName", 2), "steps[1].target");
  assert.equal(inputOf("steps[0].name", 2), "steps[0].name");
  assert.equal(inputOf("steps[0]", 2), "steps[0].target");
  assert.equal(inputOf("name", 2), "name");
  for (const field of ["steps", "steps[9].url", "isActive"]) assert.equal(inputOf(field, 2), null, field);
});

test("steps keep their keys when they move, and stay within the list", () => {
  assert.deepEqual(
    moved(draft.steps, 0, 1).map(({ key }) => key),
    [1, 0],
  );
  assert.deepEqual(
    moved(draft.steps, 0, -1).map(({ key }) => key),
    [0, 1],
  );
});
