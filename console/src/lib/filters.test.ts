import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import {
  choose,
  describeFilter,
  FIELD_NAMES,
  FIELDS,
  type Filter,
  filterParameters,
  formatFilter,
  obstacle,
  parseFilter,
  parseFilters,
  standing,
} from "./filters.ts"; // prettier-ignore

const is = (field: Filter["field"], ...values: string[]): Filter => ({ field, operator: "is", values });

test("a filter survives the URL, whatever its values are", () => {
  forAll((random) => {
    const field = random.one(FIELD_NAMES);
    const value = () => (field === "visit_count" ? String(random.below(1_000)) : random.text(10));
    const values = [...new Set(random.list(4, value, 1))].filter((text) => obstacle(field, text) === null);
    if (values.length === 0) return;
    const filter: Filter = { field, operator: random.one(FIELDS[field].operators), values };
    const query = new URLSearchParams([["f", formatFilter(filter)]]).toString();
    assert.deepEqual(parseFilter(new URLSearchParams(query).get("f")!), filter);
  });
});

test("garbage is reported and never thrown", () => {
  forAll((random) => {
    const parsed = parseFilter(random.text(20));
    assert.ok("problem" in parsed || parsed.values.length > 0);
  });
  for (const text of [
    "",
    "country",
    "country:is",
    "country:is:",
    "country:is: , ",
    "colour:is:red",
    "country:contains:F",
    "__proto__:is:1",
    "constructor:is:1",
    "visit_count:gte:many",
  ]) {
    assert.ok("problem" in parseFilter(text), text);
  }
});

test("values may have colons, and the API gets the operator in writing", () => {
  const filter = parseFilter("goal:is:demo:book,signup") as Filter;
  assert.deepEqual(filter.values, ["demo:book", "signup"]);
  assert.deepEqual(filterParameters([filter]), [["filter_goal", "is:demo:book,signup"]]);
  assert.equal(describeFilter(filter), "Goal is demo:book, signup");
});

test("a value that the API would take for two is named as such", () => {
  assert.match(obstacle("referrer", "a,b")!, /comma/);
  assert.match(obstacle("utm_source", " ")!, /empty/);
  assert.match(obstacle("city", " Oslo")!, /space/);
  assert.equal(obstacle("page", "/pricing"), null);
});

test("no more than 20 filters and 1,000 values are kept", () => {
  const { filters, problems } = parseFilters(Array.from({ length: 22 }, (_, at) => `page:is:/${at}`));
  assert.equal(filters.length, 20);
  assert.equal(problems.length, 2);
  const many = Array.from({ length: 600 }, (_, at) => `c${at}`).join(",");
  assert.equal(parseFilters([`city:is:${many}`, `region:is:${many}`]).filters.length, 1);
});

test("clicks choose, add, exclude and take back", () => {
  let filters = choose([], "country", "France", "only");
  assert.deepEqual(filters, [is("country", "France")]);
  filters = choose(filters, "country", "Germany", "also");
  assert.deepEqual(filters, [is("country", "France", "Germany")]);
  assert.deepEqual(choose(filters, "country", "Spain", "only"), [is("country", "Spain")]);
  filters = choose(filters, "country", "France", "exclude");
  assert.deepEqual(filters, [is("country", "Germany"), { field: "country", operator: "is_not", values: ["France"] }]);
  assert.equal(standing(filters, "country", "France"), "is_not");
  assert.equal(standing(filters, "country", "Germany"), "is");
  assert.equal(standing(filters, "country", "Spain"), null);
  filters = choose(filters, "country", "Germany", "only");
  assert.deepEqual(filters, [{ field: "country", operator: "is_not", values: ["France"] }]);
  assert.deepEqual(choose(filters, "country", "France", "exclude"), []);
});
