// The chart of the chosen figure with revenue on it, or its table.

import { useSignal } from "@preact/signals";
import { bucketFrom, bucketsOf, intervalsOf, runningBucket } from "../../lib/buckets.ts";
import { type Money, summary } from "../../lib/chart.ts";
import { csv, fileName } from "../../lib/csv.ts";
import { spanOf } from "../../lib/dates.ts";
import { axisLabel, bucketLabel, runningLabel } from "../../lib/labels.ts";
import { flagsOf } from "../../lib/notes.ts";
import { dayAt } from "../../lib/zones.ts";
import { FIGURES, type Figure, write } from "../../metrics.ts";
import { Chart, ChartTable, type Series } from "../../parts/chart.tsx";
import { Download, Gauge, Table } from "../../parts/icons.tsx";
import { Menu, MenuItem } from "../../parts/menu.tsx";
import { saveFile } from "../../parts/save.ts";
import { Failure } from "../../parts/states.tsx";
import type { Body, Reports } from "../../reports.ts";
import { query, setQuery } from "../../router.tsx";
import { locales, showView, type View } from "../../view.ts";
import { comparedWords, rangeWords } from "../../words.ts";
import { AddNote, NoteList, notesOf } from "./notes.tsx";

const HEIGHT = 300;
const NARROW_HEIGHT = 200;

const MOST_BUCKETS = 1_000; // that the API answers at once

export const timeseriesPart = (view: View) => `timeseries:${view.interval}:${MOST_BUCKETS}`;

export function ChartCard({ view, reports }: { view: View; reports: Reports }) {
  const name = timeseriesPart(view);
  const { body, compare, error, isOld } = reports.part(name);
  const isTable = useSignal(false);
  const figure = FIGURES[view.state.metric];
  const height = innerWidth < 700 ? NARROW_HEIGHT : HEIGHT;
  if (error && !body) return <Failure error={error} again={() => reports.again(name)} />;

  const hasBars = barsAreOn();
  const flags = body && flagsOf(notesOf(reports), startsOf(body));
  const series = body && { ...seriesOf(view, figure, body, compare, hasBars), flags };
  const hasMoney = figure.metric !== "revenue" && body?.data.some((row) => Number(row.payments ?? 0) !== 0);
  const zoom = (first: number, last: number) => {
    if (!body) return;
    const [from, to] = [first, last].map((at) => startOf(body, at)) as [number, number];
    const zone = view.here.zone;
    const days = { from: dayAt(from, zone), to: dayAt(bucketFrom(to, view.interval, zone).end, zone) };
    showView(view, { period: "custom", ...days, by: undefined });
  };
  return (
    <div class={isOld ? "chart-card is-old" : "chart-card"}>
      <div class="chart-head">
        <Legend view={view} figure={figure} series={series} />
        <div class="chart-tools">
          {hasMoney && (
            <button
              type="button"
              class="button quiet small bars-toggle"
              aria-pressed={hasBars}
              title="Revenue as bars; Shift and a click on a figure does the same"
              onClick={switchBars}
            >
              Revenue
            </button>
          )}
          <AddNote view={view} reports={reports} />
          <IntervalMenu view={view} />
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={isTable.value ? "Show the chart" : "Show the figures as a table"}
            title={isTable.value ? "Chart" : "Table"}
            onClick={() => {
              isTable.value = !isTable.value;
            }}
          >
            {isTable.value ? <Gauge /> : <Table />}
          </button>
          <button
            type="button"
            class="button quiet icon-only"
            aria-label="Download the figures as CSV"
            title="CSV"
            disabled={!series}
            onClick={() => series && save(view, series)}
          >
            <Download />
          </button>
        </div>
      </div>
      {!series ? (
        <div class="chart-wait" style={{ height: `${height}px` }} />
      ) : isTable.value ? (
        <ChartTable series={series} caption={`${figure.name} by ${view.interval}, ${rangeWords(view)}`} />
      ) : (
        <Chart
          series={series}
          height={height}
          onZoom={view.interval === "hour" ? undefined : (at) => zoom(at, at)}
          onSelect={view.interval === "hour" ? undefined : zoom}
        />
      )}
      <NoteList view={view} reports={reports} flags={flags ?? []} />
    </div>
  );
}

// Whether revenue is on the chart of another figure: the address says where it is not.
export const barsAreOn = (): boolean => query.value.get("bars") !== "off";
export const switchBars = (): void => setQuery({ bars: barsAreOn() ? "off" : undefined });

const startOf = (body: Body, at: number): number => Date.parse(String(body.data[at]?.timestamp));
const startsOf = (body: Body): number[] => body.data.map((_, at) => startOf(body, at));

function valuesOf(figure: Figure, body: Body): number[] {
  return body.data.map((row) => {
    if (figure.metric !== "revenue_per_visitor") return Number(row[figure.metric] ?? 0);
    return Number(row.visitors) > 0 ? Number(row.revenue ?? 0) / Number(row.visitors) : 0;
  });
}

function moneyOf(body: Body): Money[] {
  return body.data.map(
    (row) => (row.revenueBreakdown as Money | undefined) ?? { new: Number(row.revenue ?? 0), renewal: 0, refund: 0 },
  );
}

function seriesOf(view: View, figure: Figure, body: Body, compare: Body | undefined, hasBars: boolean): Series {
  const { interval, here, website } = view;
  const values = valuesOf(figure, body);
  const starts = startsOf(body);
  const labels = starts.map((start) => bucketLabel(start, interval, here.zone, locales));
  const isMoney = figure.metric === "revenue";
  const total = figure.isSum
    ? write(
        values.reduce((sum, value) => sum + value, 0),
        figure.kind,
        website.currency,
      ).full
    : null;
  return {
    name: figure.name,
    kind: figure.kind,
    values,
    before: view.compared && compare ? valuesOf(figure, compare) : undefined,
    money: isMoney || !hasBars ? undefined : moneyOf(body),
    running: view.isRunning ? runningBucket(starts, interval, here.zone, here.now) : null,
    runningName: runningLabel(interval, here.now, here.zone),
    currency: website.currency,
    axis: starts.map((start) => axisLabel(start, interval, here.zone, locales)),
    labels,
    beforeLabels: view.compared ? beforeLabels(view) : undefined,
    summary: summary({
      title: `${figure.name} by ${interval}`,
      when: rangeWords(view),
      total,
      values,
      label: (at) => labels[at] ?? "",
      write: (value) => write(value, figure.kind, website.currency).full,
    }),
  };
}

function beforeLabels({ compared, interval, here }: View): string[] {
  if (!compared) return [];
  return bucketsOf(compared, interval, here.zone).map(({ start }) => bucketLabel(start, interval, here.zone, locales));
}

function Legend({ view, figure, series }: { view: View; figure: Figure; series: Series | undefined }) {
  const sum = (kind: keyof Money) => series?.money?.reduce((total, money) => total + money[kind], 0) ?? 0;
  return (
    <ul class="legend">
      <li class="key-line">{figure.name}</li>
      {view.compared && <li class="key-before">{comparedWords(view)}</li>}
      {sum("new") > 0 && <li class="key-new">New revenue</li>}
      {sum("renewal") > 0 && <li class="key-renewal">Renewals</li>}
      {sum("refund") > 0 && <li class="key-refund">Refunds</li>}
      {series?.running !== null && series?.running !== undefined && <li class="key-running">{series.runningName}</li>}
    </ul>
  );
}

function IntervalMenu({ view }: { view: View }) {
  const offered = intervalsOf(view.range, view.here.zone);
  if (offered.length < 2) return null;
  return (
    <Menu label={`by ${view.interval}`} name={`Buckets: by ${view.interval}`} class="button quiet small" align="end">
      {(close) =>
        offered.map((interval) => (
          <MenuItem
            key={interval}
            isCurrent={interval === view.interval}
            onClick={() => {
              close();
              showView(view, { by: interval });
            }}
          >
            By {interval}
          </MenuItem>
        ))
      }
    </Menu>
  );
}

function save(view: View, { name, labels, values, before, money, flags = [] }: Series): void {
  const header = ["When", name, ...(before ? ["Before"] : []), ...(money ? ["New revenue", "Renewals", "Refunds"] : [])];
  if (flags.length > 0) header.push("Noted");
  const noted = (at: number) =>
    flags
      .find((flag) => flag.at === at)
      ?.notes.map(({ text }) => text)
      .join("; ") ?? "";
  const rows = labels.map((label, at) => [
    label,
    values[at],
    ...(before ? [before[at]] : []),
    ...(money ? [money[at]?.new, money[at]?.renewal, money[at]?.refund] : []),
    ...(flags.length > 0 ? [noted(at)] : []),
  ]);
  const { start, end } = spanOf(view.range, view.here.zone);
  const days = [dayAt(start, view.here.zone), dayAt(end, view.here.zone)];
  saveFile(fileName([view.website.domain, name, ...days], "csv"), csv(header, rows));
}
