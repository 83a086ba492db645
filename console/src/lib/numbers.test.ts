import assert from "node:assert/strict";
import { test } from "node:test";
import { change, count, duration, money, rate, share } from "./numbers.ts";

// Narrow and no-break spaces differ between versions of ICU.
const plain = (text: string) => text.replace(/[\u2009\u202f\u00a0]/g, " ");
const GB = ["en-GB"];

test("counts are full up to 9,999 and compact above, in five locales", () => {
  for (const [locale, full, compact, inFull] of [
    ["en-US", "9,999", "12.5K", "12,450"],
    ["de-DE", "9.999", "12.450", "12.450"],
    ["fr-FR", "9 999", "12,5 k", "12 450"],
    ["ja-JP", "9,999", "1.2万", "12,450"],
    ["en-IN", "9,999", "12.5K", "12,450"],
  ] as const) {
    assert.equal(plain(count(9_999, [locale]).text), full, locale);
    assert.equal(plain(count(12_450, [locale]).text), compact, locale);
    assert.equal(plain(count(12_450, [locale]).full), inFull, locale);
  }
});

test("money has the currency's own decimals, and none from 1,000", () => {
  const written = (value: number, currency: string, locale = "en-US") => plain(money(value, currency, [locale]).text);
  assert.equal(written(2.29, "USD"), "$2.29");
  assert.equal(written(0, "USD"), "$0");
  assert.equal(written(910, "USD"), "$910.00");
  assert.equal(written(1_204.5, "USD"), "$1,205");
  assert.equal(written(28_450, "USD"), "$28.5K");
  assert.equal(written(-49, "USD"), "-$49.00");
  assert.equal(written(1_500, "JPY"), "¥1,500");
  assert.equal(written(12.345, "KWD"), "KWD 12.345");
  assert.equal(written(49.5, "EUR", "de-DE"), "49,50 €");
  assert.equal(plain(money(28_450, "USD", ["en-US"]).full), "$28,450.00");
});

test("rates have one decimal, and two in full", () => {
  assert.deepEqual(rate(65.32, GB), { text: "65.3%", full: "65.32%" });
  assert.equal(plain(rate(1.15, ["de-DE"]).text), "1,2 %");
  assert.equal(share(4_120, 12_450, GB), "33%");
  assert.equal(share(5, 1_000, GB), "0.5%");
  assert.equal(share(1, 0, GB), "0%");
});

test("durations have two units at most", () => {
  assert.equal(duration(245_678.45).text, "4 m 6 s");
  assert.equal(duration(192_000).text, "3 m 12 s");
  assert.equal(duration(0).text, "0 s");
  assert.equal(duration(60_000).text, "1 m");
  assert.equal(duration(7_500_000).text, "2 h 5 m");
  assert.equal(duration(90_061_000).full, "1 day 1 hour");
});

test("a change has a direction, a word, and a tone", () => {
  assert.deepEqual(change(112, 100, "count", GB), { direction: "up", tone: "good", text: "up 12%" });
  assert.deepEqual(change(88, 100, "money", GB), { direction: "down", tone: "bad", text: "down 12%" });
  assert.deepEqual(change(5, 0, "count", GB), { direction: "new", tone: "good", text: "new" });
  assert.deepEqual(change(0, 0, "count", GB), { direction: "same", tone: "none", text: "same" });
  assert.deepEqual(change(1.1, 1.2, "rate", GB), { direction: "down", tone: "bad", text: "down 0.1 points" });
  assert.deepEqual(change(60, 61, "rate", GB, true), { direction: "down", tone: "good", text: "down 1 point" });
  assert.deepEqual(change(245_000, 242_000, "duration", GB), { direction: "up", tone: "good", text: "up 3 s" });
  assert.equal(change(100_001, 100_000, "count", GB).text, "same");
  assert.equal(change(101.5, 100, "count", GB).text, "up 1.5%");
  assert.equal(change(-50, -100, "money", GB).text, "up 50%");
});
