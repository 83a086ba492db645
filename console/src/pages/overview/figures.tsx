// The seven figures. A click charts one; the digits 1 to 7 do the same.

import type { Metric } from "../../lib/url.ts";
import { ALL_FIGURES, changeOf, write } from "../../metrics.ts";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Failure } from "../../parts/states.tsx";
import type { Reports } from "../../reports.ts";
import { showView, type View } from "../../view.ts";
import { comparedWords } from "../../words.ts";
import { switchBars, timeseriesPart } from "./chart-card.tsx";

export function Figures({ view, reports }: { view: View; reports: Reports }) {
  const { body, compare, error, isOld, isLoading } = reports.part("overview");
  useShortcuts(
    ALL_FIGURES.map(({ metric, name }, at) => ({
      keys: String(at + 1),
      does: `Chart: ${name}`,
      group: "Chart",
      run: () => showView(view, { metric }),
    })),
  );
  if (error && !body) return <Failure error={error} again={() => reports.again("overview")} />;
  const now = body?.data[0];
  const before = view.compared ? compare?.data[0] : undefined;
  const words = comparedWords(view);
  const bucket = reports.part(timeseriesPart(view)).body?.data[0];
  const isCharted = (metric: Metric) => bucket === undefined || metric === "revenue_per_visitor" || metric in bucket;
  return (
    <div
      class={isOld ? "figures is-old" : "figures"}
      aria-busy={isLoading}
      role="group"
      aria-label="Figures; a click charts one"
    >
      {ALL_FIGURES.map((figure) => {
        const value = Number(now?.[figure.metric] ?? 0);
        const past = before && Number(before[figure.metric] ?? 0);
        return (
          <button
            key={figure.metric}
            type="button"
            class="figure-button"
            aria-pressed={view.state.metric === figure.metric}
            disabled={!isCharted(figure.metric)}
            onClick={(event) => (event.shiftKey ? switchBars() : showView(view, { metric: figure.metric }))}
          >
            <span class="figure-name">{figure.name}</span>
            <span class="figure-value">
              {now ? <Figure written={write(value, figure.kind, view.website.currency)} /> : <span class="wait" />}
            </span>
            <span
              class="figure-change"
              title={past === undefined ? undefined : `${write(past, figure.kind, view.website.currency).full} in ${words}`}
            >
              {past !== undefined && <ChangeMark change={changeOf(figure, value, past)} />}
            </span>
          </button>
        );
      })}
    </div>
  );
}
