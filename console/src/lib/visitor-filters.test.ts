import assert from "node:assert/strict";
import { test } from "node:test";
import { type Filter, parseFilter } from "./filters.ts";
import { visitorQuery } from "./visitor-filters.ts";

const filters = (...texts: string[]) => texts.map((text) => parseFilter(text) as Filter);

test("filters get the names that the list of visitors has for them", () => {
  const { parameters, problems } = visitorQuery(
    filters("country:is:France,Germany", "page:is:/pricing", "page:contains:/blog", "goal:is:signup", "utm_source:is:x"),
    undefined,
  );
  assert.deepEqual(parameters, [
    ["country", "France,Germany"],
    ["visitedPage", "/pricing"],
    ["visitedPageContains", "/blog"],
    ["completedGoal", "signup"],
    ["utm_source", "x"],
  ]);
  assert.deepEqual(problems, []);
});

test("customers and goals exclude each other, and the goal stays", () => {
  assert.deepEqual(visitorQuery([], "no").parameters, [["isCustomer", "false"]]);
  const { parameters, problems } = visitorQuery(filters("goal:is:signup"), "yes");
  assert.deepEqual(parameters, [["completedGoal", "signup"]]);
  assert.equal(problems.length, 1);
});

test("what the list cannot do is named", () => {
  const many = Array.from({ length: 51 }, (_, at) => `c${at}`).join(",");
  for (const text of [
    "country:is_not:France",
    "entry_page:is:/",
    "visit_count:gte:2",
    "page:contains:/a,/b",
    `city:is:${many}`,
  ]) {
    const { parameters, problems } = visitorQuery(filters(text), undefined);
    assert.deepEqual([parameters.length, problems.length], [0, 1], text);
  }
  assert.equal(visitorQuery(filters("country:is:France", "country:is:Spain"), undefined).problems.length, 1);
});
