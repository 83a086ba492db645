// The steps as bars, from left to right, and from top to bottom on a phone. The table below has the same figures.

import { write } from "../../metrics.ts";
import { Target } from "../../parts/icons.tsx";
import { locales, type View } from "../../view.ts";
import type { Result } from "./types.ts";

export function Steps({ view, result, before }: { view: View; result: Result; before: Result | undefined }) {
  const { currency } = view.website;
  const first = Math.max(1, result.totalVisitors);
  const firstBefore = Math.max(1, before?.totalVisitors ?? 1);
  const number = (value: number) => value.toLocaleString(locales as string[]);
  const rate = (value: number) => write(value, "rate", currency).text;
  const label = result.steps
    .map(({ name, visitors, conversionRate }) => `${name}: ${number(visitors)} visitors, ${rate(conversionRate)}`)
    .join("; ");
  return (
    <div class="funnel-steps" role="img" aria-label={`Funnel. ${label}.`}>
      {result.steps.map(({ id, name, type, visitors, conversionRate, stepConversionRate, dropOff, dropOffRate }, at) => {
        const past = before?.steps[at];
        return (
          <div key={id} class="funnel-step" style={{ "--part": `${(100 * visitors) / first}%` }}>
            <p class="funnel-step-name">
              <span class="funnel-step-number">{at + 1}</span>
              <bdi>{name}</bdi>
              {type === "goal" && <Target />}
            </p>
            <div class="funnel-column">
              <div class="funnel-bar" />
              {past && (
                <div
                  class="funnel-before"
                  style={{ "--part": `${(100 * past.visitors) / firstBefore}%` }}
                  title="the range before"
                />
              )}
            </div>
            <p class="funnel-step-figure">
              <strong>{number(visitors)}</strong> <span class="muted">{rate(conversionRate)}</span>
            </p>
            <p class="funnel-step-lost">
              {at === 0 ? (
                "entered"
              ) : (
                <>
                  <span>{rate(stepConversionRate)} went on</span>
                  <span>
                    {number(dropOff)} lost ({rate(dropOffRate)})
                  </span>
                </>
              )}
            </p>
          </div>
        );
      })}
    </div>
  );
}
