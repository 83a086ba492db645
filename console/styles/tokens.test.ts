// The colours keep WCAG's contrasts in both themes: 4.5 for text, 3 for what is drawn.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    { light: light as string, dark: dark as string },
  ]),
);

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = channels.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (red as number) + 0.7152 * (green as number) + 0.0722 * (blue as number);
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["ground", "surface", "raised", "sunken", "hover"];
const TEXT: [string, string[]][] = [
  ["text", [...GROUNDS, "bar", "bar-hover", "money-soft", "accent-soft", "warn-soft"]],
  ["text-soft", [...GROUNDS, "accent-soft"]],
  ["text-faint", ["surface", "raised", "ground"]],
  ["accent", ["surface", "ground", "raised", "hover", "accent-soft"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["money-text", ["surface", "ground"]],
  ["good", ["surface", "ground", "hover"]],
  ["bad", ["surface", "ground", "hover", "raised"]],
  ["warn", ["surface", "warn-soft"]],
];
const DRAWN: [string, string[]][] = [
  ["line-strong", ["surface", "raised", "ground"]],
  ["accent", ["surface", "ground"]],
  ["money", ["surface"]],
  ["before", ["surface"]],
  ["refund", ["surface"]],
];

for (const theme of ["light", "dark"] as const) {
  for (const [what, pairs, least] of [
    ["text", TEXT, 4.5],
    ["what is drawn", DRAWN, 3],
  ] as const) {
    test(`${what} can be seen in the ${theme} theme`, () => {
      for (const [front, grounds] of pairs) {
        for (const ground of grounds) {
          const [one, other] = [tokens.get(front), tokens.get(ground)];
          assert.ok(one && other, `--${front} and --${ground} are tokens`);
          const ratio = contrast(one[theme], other[theme]);
          assert.ok(ratio >= least, `--${front} on --${ground} has ${ratio.toFixed(2)}, and ${least} is needed`);
        }
      }
    });
  }
}
