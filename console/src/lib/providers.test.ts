import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  type Connection,
  GUIDES,
  inOrder,
  outcomeWords,
  PROVIDERS,
  type ProviderEvent,
  parts,
  progressOf,
  providerOf,
  remedyOf,
  standingOf,
} from "./providers.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const { components, paths } = JSON.parse(read("openapi.json"));
const bodyOf = (path: string) => {
  const { $ref } = paths[`/api/v1/admin/websites/{websiteId}/integrations/${path}`].post.requestBody.content["application/json"]
    .schema as { $ref: string };
  return components.schemas[$ref.split("/").at(-1) as string];
};

test("every provider of the API has a guide, in the API's order", () => {
  const known = Object.keys(components.schemas.Integrations.properties).filter((name) => name !== "currency");
  assert.deepEqual(PROVIDERS.toSorted(), known.toSorted());
  assert.equal(providerOf("stripe"), "stripe");
  assert.equal(providerOf("toString"), undefined);
});

test("each way asks for what the body of connect wants, and hides what is secret", () => {
  for (const name of PROVIDERS) {
    const named = new Set<string>();
    for (const way of GUIDES[name].ways) {
      const { properties, required } = bodyOf(way.isConsent ? `${name}/authorize` : name);
      const inputs = way.inputs.map((input) => input.name);
      for (const input of inputs) assert.ok(Object.hasOwn(properties, input), `${name}: ${input}`);
      for (const one of required) assert.ok(inputs.includes(one), `${name}: ${one} is required`);
      if (!way.isConsent) for (const input of inputs) named.add(input);
      for (const { name: input, isSecret } of way.inputs)
        assert.equal(isSecret === true, /key$|token$|secret$|rak$/i.test(input), `${input} is ${isSecret ? "" : "not "}hidden`);
    }
    assert.deepEqual([...named].toSorted(), Object.keys(bodyOf(name).properties).toSorted(), name);
  }
});

test("a webhook by hand has the events that the gateway would ask for", () => {
  for (const name of PROVIDERS) {
    const source = read(`crates/providers/src/${name}.rs`);
    const [, list = ""] = /pub const (?:EVENTS|TOPICS): \[&str; \d+\] =\s*\[([^\]]+)\]/.exec(source) ?? [];
    const topics = [...list.matchAll(/"([^"]+)"/g)].map(([, topic]) => topic as string);
    // The shop's own page writes them in another way, and has none for the end of an app.
    const wanted =
      name === "shopify"
        ? topics.filter((topic) => topic !== "APP_UNINSTALLED").map((topic) => topic.toLowerCase().replace("_", "/"))
        : topics;
    assert.ok(wanted.length > 3, name);
    assert.deepEqual(GUIDES[name].byHand.events, wanted, name);
  }
});

test("every reason to fail has a remedy", () => {
  const { reason } = components.schemas.Integrations.properties.stripe.properties.failing.properties;
  for (const one of reason.enum) assert.match(remedyOf(one, "Stripe"), /[a-z]{4}.*\.$/, one);
});

test("what fails comes first, and what is not connected last", () => {
  const off: Connection = { connected: false };
  const of = (state: NonNullable<Connection["state"]>): Connection => ({ connected: true, state });
  const all = { stripe: off, lemonsqueezy: of("connected"), polar: off, paddle: of("failing"), shopify: of("importing") };
  const sorted = inOrder({ ...all, woocommerce: off, currency: "USD" } as Parameters<typeof inOrder>[0]);
  assert.deepEqual(
    sorted.map(([name]) => name),
    ["paddle", "lemonsqueezy", "shopify", "stripe", "polar", "woocommerce"],
  );
  assert.equal(standingOf({ connected: true }), "verifying");
});

test("progress has a share only where the total is known", () => {
  const run = (done: number, total: number | null) =>
    progressOf({ done, total, stage: "charges" } as Parameters<typeof progressOf>[0], "en");
  assert.deepEqual(run(1_200, 4_800), { share: 0.25, words: "1,200 of 4,800 read, now charges" });
  assert.deepEqual(run(12, null), { share: null, words: "12 read, now charges" });
  assert.deepEqual(run(13, 12), { share: null, words: "13 read, now charges" });
});

test("what came of an event is said in a few words", () => {
  const none = { added: 0, changed: 0, voided: 0, unchanged: 0, unattributed: 0 };
  const words = (outcome: Partial<typeof none> | null, more: Partial<ProviderEvent> = {}) =>
    outcomeWords({ state: "done", reason: null, outcome: outcome && { ...none, ...outcome }, ...more });
  assert.equal(words({ added: 1 }), "1 new");
  assert.equal(words({ added: 2, voided: 1, unattributed: 1 }), "2 new, 1 voided, 1 without a visitor");
  assert.equal(words({ added: 1, unattributed: 1 }), "1 new, without a visitor");
  assert.equal(words({ unchanged: 3 }), "known already");
  assert.equal(words({}), "nothing to count");
  assert.equal(words(null, { state: "ignored", reason: "test mode" }), "test mode");
  assert.equal(words(null, { state: "received" }), "");
});

test("a text's code and names are parts", () => {
  assert.deepEqual(parts("Open *Settings → API*, and `a.b`."), [
    { kind: "text", text: "Open " },
    { kind: "name", text: "Settings → API" },
    { kind: "text", text: ", and " },
    { kind: "code", text: "a.b" },
    { kind: "text", text: "." },
  ]);
  assert.deepEqual(parts("exempt `/api/v1/hooks/*`: so"), [
    { kind: "text", text: "exempt " },
    { kind: "code", text: "/api/v1/hooks/*" },
    { kind: "text", text: ": so" },
  ]);
});
