// Links of the documentation, and the HTML of its Markdown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf, relinked, rendered } from "./markdown.mjs";

const PAGES = [
  { name: "start", file: "docs/start.md" },
  { name: "api/funnels", file: "docs/api/funnels.md" },
];
const linked = (text, file = "docs/start.md") =>
  relinked(text, file, PAGES, ({ name }, anchor) => `/docs/${name}${anchor ? `#${anchor}` : ""}`);

test("links between pages lead to their addresses", () => {
  assert.equal(linked("[a](api/funnels.md#create) and [b](./start.md)"), "[a](/docs/api/funnels#create) and [b](/docs/start)");
  assert.equal(linked("[up](../start.md#x)", "docs/api/funnels.md"), "[up](/docs/start#x)");
  assert.equal(linked("[here](#goals)"), "[here](/docs/start#goals)");
  assert.equal(linked("[out](https://example.com/a.md)"), "[out](https://example.com/a.md)");
});

test("a link to what no reader has is refused", () => {
  assert.throws(() => linked("[layers](architecture.md)"), /docs\/start\.md links to architecture\.md, which is no page/);
  assert.throws(() => linked("[source](../src/lib.rs)"), /no page/);
});

test("code is left as it is", () => {
  for (const text of ["`[a](nowhere.md)`", "```\n[a](nowhere.md)\n```", "~~~\n```\n[a](nowhere.md)\n~~~"])
    assert.equal(linked(text), text);
});

test("headings have anchors of their own, and the first is the title", () => {
  const { html, headings } = rendered("# A `b`\n\n## Same\n\n## Same\n");
  assert.deepEqual(
    headings.map(({ level, id }) => [level, id]),
    [
      [1, "a-b"],
      [2, "same"],
      [2, "same-1"],
    ],
  );
  assert.match(html, /<h2 id="same-1"><a class="anchor" href="#same-1">Same<\/a><\/h2>/);
});

test("a block that is not run says so", () => {
  assert.deepEqual(infoOf('sh not-run="needs a shop"'), { language: "sh", notRun: "needs a shop" });
  assert.deepEqual(infoOf("sh"), { language: "sh", notRun: undefined });
  const { html } = rendered('```sh not-run="needs a shop"\ncurl "$A<b>"\n```');
  assert.match(html, /Not run by the tests: needs a shop\./);
  assert.match(html, /&lt;b&gt;/);
  assert.doesNotMatch(rendered("```sh\ncurl\n```").html, /Not run/);
});
