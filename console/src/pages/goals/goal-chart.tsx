// How many visitors completed a goal, over time.

import { bucketFrom, runningBucket } from "../../lib/buckets.ts";
import { summary } from "../../lib/chart.ts";
import { axisLabel, bucketLabel, runningLabel } from "../../lib/labels.ts";
import { dayAt } from "../../lib/zones.ts";
import { write } from "../../metrics.ts";
import { Chart, type Series } from "../../parts/chart.tsx";
import { Failure } from "../../parts/states.tsx";
import { type Body, inPart, type Reports } from "../../reports.ts";
import { locales, showView, type View } from "../../view.ts";
import { comparedWords, rangeWords } from "../../words.ts";

const HEIGHT = 240;
const NAME = "Visitors";

export const chartPart = (view: View, name: string) => `timeseries.${inPart(name)}:${view.interval}:1000`;

export function GoalChart({ view, name, reports }: { view: View; name: string; reports: Reports }) {
  const part = chartPart(view, name);
  const { body, compare, error, isOld } = reports.part(part);
  if (error && !body) return <Failure error={error} again={() => reports.again(part)} />;
  if (!body) return <div class="chart-wait" style={{ height: `${HEIGHT}px` }} />;
  const { here, interval } = view;
  const series = seriesOf(view, body, compare);
  const zoom = (first: number, last: number) => {
    const [from, to] = [first, last].map((at) => startOf(body, at)) as [number, number];
    const days = { from: dayAt(from, here.zone), to: dayAt(bucketFrom(to, interval, here.zone).end, here.zone) };
    showView(view, { period: "custom", ...days, by: undefined });
  };
  return (
    <div class={isOld ? "goal-chart is-old" : "goal-chart"}>
      <p class="goal-chart-title">Visitors who completed it, by {interval}</p>
      <ul class="legend goal-legend">
        <li class="key-line">{NAME}</li>
        {view.compared && <li class="key-before">{comparedWords(view)}</li>}
        {series.running !== null && <li class="key-running">{series.runningName}</li>}
      </ul>
      <Chart
        series={series}
        height={HEIGHT}
        onZoom={interval === "hour" ? undefined : (at) => zoom(at, at)}
        onSelect={interval === "hour" ? undefined : zoom}
      />
    </div>
  );
}

const startOf = (body: Body, at: number): number => Date.parse(String(body.data[at]?.timestamp));
const valuesOf = (body: Body | undefined) => body?.data.map(({ visitors }) => Number(visitors ?? 0));

function seriesOf(view: View, body: Body, compare: Body | undefined): Series {
  const { here, interval, website } = view;
  const starts = body.data.map((_, at) => startOf(body, at));
  const label = (start: number) => bucketLabel(start, interval, here.zone, locales);
  const [values, labels] = [valuesOf(body) ?? [], starts.map(label)];
  return {
    name: NAME,
    kind: "count",
    currency: website.currency,
    values,
    before: valuesOf(compare),
    labels,
    beforeLabels: compare?.data.map((_, at) => label(startOf(compare, at))),
    axis: starts.map((start) => axisLabel(start, interval, here.zone, locales)),
    running: runningBucket(starts, interval, here.zone, here.now),
    runningName: runningLabel(interval, here.now, here.zone),
    summary: summary({
      title: `Visitors who completed the goal by ${interval}`,
      when: rangeWords(view),
      total: null,
      values,
      label: (at) => labels[at] ?? "",
      write: (value) => write(value, "count", website.currency).full,
    }),
  };
}
