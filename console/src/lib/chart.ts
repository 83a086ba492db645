// The geometry of a chart over time: a line on the left axis, bars of money on the right one, and what it was compared with.

import { max } from "d3-array";
import { scalePoint } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import type { Kind } from "./numbers.ts";

/** Money of a bucket: what is below the zero line is positive here too. */
export interface Money {
  new: number;
  renewal: number;
  refund: number;
}

export interface ChartInput {
  width: number;
  height: number;
  margin: { top: number; right: number; bottom: number; left: number };
  values: readonly number[];
  kind: Kind;
  /** The values of the compared range, bucket by bucket. It may have more buckets, or fewer. */
  before?: readonly number[] | undefined;
  money?: readonly Money[] | undefined;
  /** The bucket that is not over yet. */
  running?: number | null | undefined;
}

export interface Tick {
  value: number;
  y: number;
}

export interface Bar {
  index: number;
  kind: keyof Money;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Chart {
  /** The middle of a bucket. */
  x: (index: number) => number;
  /** The height of a value on the left axis. */
  y: (value: number) => number;
  /** The width of a bucket. */
  step: number;
  zero: number;
  left: Tick[];
  right: Tick[];
  line: string;
  area: string;
  /** The way to the bucket that is not over yet. */
  dashed: string;
  before: string;
  bars: Bar[];
  /** The bucket that is nearest to this place. */
  indexAt: (x: number) => number;
  /** The buckets whose labels have room, if each label is this wide. */
  labelled: (labelWidth: number) => number[];
}

// d3-scale's own brings colours, number formats and calendars with it, which weigh more than the chart.
function linear([low, high]: readonly [number, number], [from, to]: readonly [number, number]): (value: number) => number {
  return (value) => from + ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * (to - from);
}

const ROWS = 4;
const WIDEST_BAR = 28;

export function chart({ width, height, margin, values, kind, before = [], money = [], running = null }: ChartInput): Chart {
  const points = scalePoint<number>()
    .domain(values.map((_, index) => index))
    .range([margin.left, width - margin.right])
    .padding(0.5);
  // One bucket has no step, and is as wide as the chart.
  const step = points.step() || width - margin.left - margin.right;
  const x = (index: number) => points(index) ?? margin.left;

  // Both axes share their lines, so that there is one grid; refunds need rows of it below zero.
  const shownBefore = before.slice(0, values.length);
  const leftStep = niceStep((max([...values, ...shownBefore]) ?? 0) / ROWS, kind);
  const rightStep = niceStep((max(money, (of) => of.new + of.renewal) ?? 0) / ROWS, "money");
  const below = Math.min(ROWS, Math.ceil((max(money, (of) => of.refund) ?? 0) / rightStep));
  const scale = (perRow: number) => linear([-below * perRow, ROWS * perRow], [height - margin.bottom, margin.top]);
  const [y, onRight] = [scale(leftStep), scale(rightStep)];
  const rows = Array.from({ length: ROWS + 1 }, (_, row) => row);

  const isRunning = running !== null && running < values.length;
  const over = isRunning ? values.slice(0, running) : values;
  const drawn = line<number>(
    (_, index) => x(index),
    (value) => y(value),
  ).curve(curveMonotoneX);
  const filled = area<number>(
    (_, index) => x(index),
    y(0),
    (value) => y(value),
  ).curve(curveMonotoneX);
  const tail = isRunning && running > 0 ? [running - 1, running] : [];

  return {
    x,
    y,
    step,
    zero: y(0),
    left: rows.map((row) => ({ value: row * leftStep, y: y(row * leftStep) })),
    right:
      money.length === 0
        ? []
        : [...negative(below), ...rows].map((row) => ({ value: row * rightStep, y: onRight(row * rightStep) })),
    line: drawn(over) ?? "",
    area: filled(over) ?? "",
    dashed: line<number>(x, (index) => y(values[index] ?? 0))(tail) ?? "",
    before: drawn(shownBefore) ?? "",
    bars: money.flatMap((of, index) => barsOf(of, index, x(index), Math.min(WIDEST_BAR, step * 0.62), onRight)),
    indexAt: (place) => Math.max(0, Math.min(values.length - 1, Math.round((place - x(0)) / step))),
    labelled: (labelWidth) => everyNth(values.length, Math.ceil(labelWidth / step)),
  };
}

const negative = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row - rows);

function barsOf(money: Money, index: number, middle: number, width: number, y: (value: number) => number): Bar[] {
  const bar = (kind: keyof Money, from: number, to: number): Bar => {
    const [top, bottom] = [Math.min(y(from), y(to)), Math.max(y(from), y(to))];
    return { index, kind, x: middle - width / 2, y: top, width, height: bottom - top };
  };
  return [
    bar("new", 0, money.new),
    bar("renewal", money.new, money.new + money.renewal),
    bar("refund", 0, -money.refund),
  ].filter(({ height }) => height > 0);
}

/** The first bucket and every so-many after it. */
function everyNth(length: number, wanted: number): number[] {
  const nth = Math.max(1, wanted);
  return Array.from({ length: Math.ceil(length / nth) }, (_, at) => at * nth);
}

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** The smallest round number that is no smaller, and not zero. Of counts there are no halves. */
export function niceStep(least: number, kind: Kind): number {
  if (kind === "duration") {
    const seconds = least / 1000;
    return 1000 * (SECONDS.find((step) => step >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400);
  }
  if (!(least > 0)) return kind === "rate" ? 0.5 : 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const round = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((factor) => Number((factor * power).toPrecision(3)));
  const fitting = round.filter((step) => step >= least * (1 - 1e-9) && (kind !== "count" || Number.isInteger(step)));
  return kind === "count" ? Math.max(1, fitting[0] ?? 1) : (fitting[0] ?? power * 10);
}

/** A line so small that it needs no axis. */
export function sparkline(values: readonly number[], width: number, height: number): string {
  const x = linear([0, Math.max(1, values.length - 1)], [1, width - 1]);
  const y = linear([0, Math.max(1, max(values) ?? 0)], [height - 1, 1]);
  return line<number>((_, index) => x(index), y).curve(curveMonotoneX)(values) ?? "";
}

export interface Summarized {
  /** What is counted: `Visitors by day`. */
  title: string;
  /** When: `1–28 Nov 2026`. */
  when: string;
  /** The total as it is shown, if a total of these makes sense. */
  total: string | null;
  values: readonly number[];
  label: (index: number) => string;
  write: (value: number) => string;
}

/** What a chart shows, in one sentence. */
export function summary({ title, when, total, values, label, write }: Summarized): string {
  const beginning = `${title}, ${when}${total === null ? "" : `: ${total}`}`;
  if (values.length === 0 || values.every((value) => value === 0)) return `${beginning}; nothing in any of it.`;
  const most = values.indexOf(Math.max(...values));
  const least = values.indexOf(Math.min(...values));
  const extremes = most === least ? "" : `, least ${label(least)} with ${write(values[least] ?? 0)}`;
  return `${beginning}; most ${label(most)} with ${write(values[most] ?? 0)}${extremes}.`;
}
