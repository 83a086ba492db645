import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { forAll } from "../../test/random.ts";
import { curl, quoted } from "./curl.ts";

test("a report is a GET with its parameters, and the token is a variable", () => {
  const command = curl({
    url: "https://stats.example/api/v1/analytics/pages",
    query: [
      ["websiteId", "665f0b3c4d2e1a0012345678"],
      ["filter_country", "is:France,It's"],
    ],
  });
  assert.equal(
    command,
    [
      "curl --get https://stats.example/api/v1/analytics/pages",
      `  --header "Authorization: Bearer $SLUICE_TOKEN"`,
      "  --data-urlencode websiteId=665f0b3c4d2e1a0012345678",
      `  --data-urlencode 'filter_country=is:France,It'\\''s'`,
    ].join(" \\\n"),
  );
});

test("a change has its method and its body", () => {
  const command = curl({ method: "POST", url: "https://x/api", query: [["websiteId", "1"]], body: { name: "a'b" } });
  assert.match(command, /--request POST 'https:\/\/x\/api\?websiteId=1'/);
  assert.match(command, /--data-raw '\{"name":"a'\\''b"\}'/);
});

test("a shell reads back every text as it was", () => {
  const texts: string[] = [];
  forAll((random) => texts.push(random.text(30)), 60);
  const output = execFileSync("sh", ["-c", texts.map((text) => `printf '%s\\0' ${quoted(text)}`).join("\n")]);
  assert.deepEqual(output.toString().split("\0").slice(0, -1), texts);
});
