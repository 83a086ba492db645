// The chart over time: a line, bars of money, the range before, and the bucket that is not over yet. One stop for Tab; the arrows go
// through the buckets, Enter looks into one, and the same figures are there as a table.

import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { chart, type Money } from "../lib/chart.ts";
import { type Flag, standsOf } from "../lib/notes.ts";
import type { Kind } from "../lib/numbers.ts";
import { onAxis, write } from "../metrics.ts";

export interface Series {
  name: string; // of the line
  kind: Kind;
  values: readonly number[];
  before?: readonly number[];
  money?: readonly Money[];
  running?: number | null;
  runningName?: string; // "today, until 09:12"
  flags?: readonly Flag[] | undefined; // what was noted
  currency: string;
  axis: readonly string[]; // below the chart
  labels: readonly string[]; // of the buckets, in full
  beforeLabels?: readonly (string | undefined)[];
  summary: string;
}

interface Props {
  series: Series;
  height: number;
  onZoom?: (index: number) => void;
  onSelect?: (first: number, last: number) => void; // dragged over
}

const LABEL_WIDTH = 74;
const FLAG_RADIUS = 9;

export function Chart({ series, height, onZoom, onSelect }: Props) {
  const { values, kind, money, before, running, currency } = series;
  const root = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const at = useSignal<number | undefined>(undefined);
  const dragged = useSignal<number | undefined>(undefined); // where a drag began
  const id = useId();

  useLayoutEffect(() => {
    const measure = () => {
      width.value = root.current?.clientWidth ?? 0;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(root.current as HTMLElement);
    return () => observer.disconnect();
  }, []);

  const isNarrow = width.value < 560;
  const hasMoney = money?.some((of) => of.new + of.renewal + of.refund > 0) ?? false;
  const margin = { top: 12, right: hasMoney ? (isNarrow ? 52 : 60) : 12, bottom: 26, left: isNarrow ? 40 : 48 };
  const shown = chart({
    width: Math.max(width.value, 200),
    height,
    margin,
    values,
    kind,
    before,
    money: hasMoney ? money : [],
    running,
  });
  const last = values.length - 1;

  const onKeyDown = (event: KeyboardEvent) => {
    const here = at.value ?? (event.key === "ArrowLeft" ? values.length : -1);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: last }[event.key];
    if (next !== undefined) at.value = Math.max(0, Math.min(last, next));
    else if (event.key === "Enter" && at.value !== undefined) onZoom?.(at.value);
    else if (event.key === "Escape" && at.value !== undefined) at.value = undefined;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const indexOf = (event: PointerEvent) => shown.indexAt(event.clientX - (root.current?.getBoundingClientRect().left ?? 0));
  const labelled = shown.labelled(LABEL_WIDTH).filter((index) => {
    const x = shown.x(index);
    return x - 20 > 0 && x + 20 < width.value;
  });

  return (
    <div class="chart" ref={root} style={{ height: `${height}px` }}>
      {width.value > 0 && (
        <svg
          class={onZoom ? "chart-svg zooms" : "chart-svg"}
          width={width.value}
          height={height}
          role="application"
          tabIndex={0}
          aria-roledescription="chart"
          aria-label={series.summary}
          aria-describedby={`${id}-help`}
          onKeyDown={onKeyDown}
          onBlur={() => {
            at.value = undefined;
          }}
          onPointerMove={(event) => {
            at.value = indexOf(event);
          }}
          onPointerLeave={() => {
            at.value = undefined;
            dragged.value = undefined;
          }}
          onPointerDown={(event) => {
            if (event.pointerType === "mouse" && event.button === 0 && onSelect) dragged.value = indexOf(event);
          }}
          onPointerUp={(event) => {
            const from = dragged.value;
            const to = indexOf(event);
            dragged.value = undefined;
            if (from !== undefined && from !== to) onSelect?.(Math.min(from, to), Math.max(from, to));
            else if (event.button === 0) onZoom?.(to);
          }}
        >
          <g aria-hidden="true">
            {shown.left.map((tick) => (
              <g key={tick.value}>
                <line class="chart-grid" x1={margin.left} x2={width.value - margin.right} y1={tick.y} y2={tick.y} />
                <text class="chart-tick" x={margin.left - 8} y={tick.y + 4} text-anchor="end">
                  {onAxis(tick.value, kind, currency)}
                </text>
              </g>
            ))}
            {shown.right.map((tick) => (
              <text key={tick.value} class="chart-tick money" x={width.value - margin.right + 8} y={tick.y + 4}>
                {onAxis(tick.value, "money", currency)}
              </text>
            ))}
            {labelled.map((index) => (
              <text key={index} class="chart-tick" x={shown.x(index)} y={height - 6} text-anchor="middle">
                {series.axis[index]}
              </text>
            ))}
            {at.value !== undefined && dragged.value !== undefined && (
              <rect
                class="chart-drag"
                x={shown.x(Math.min(at.value, dragged.value)) - shown.step / 2}
                width={(Math.abs(at.value - dragged.value) + 1) * shown.step}
                y={margin.top}
                height={height - margin.top - margin.bottom}
              />
            )}
            <path class="chart-area" d={shown.area} />
            {shown.bars.map((bar) => (
              <rect
                key={`${bar.index} ${bar.kind}`}
                class={`chart-bar ${bar.kind}${at.value === bar.index ? " here" : ""}`}
                x={bar.x}
                y={bar.y}
                width={bar.width}
                height={bar.height}
                rx={Math.min(2, bar.width / 4)}
              />
            ))}
            {before && <path class="chart-before" d={shown.before} />}
            <path class="chart-line" d={shown.line} />
            <path class="chart-line dashed" d={shown.dashed} />
            {running !== null && running !== undefined && (
              <circle class="chart-open" cx={shown.x(running)} cy={shown.y(values[running] ?? 0)} r={4} />
            )}
            {values.length === 1 && <circle class="chart-point" cx={shown.x(0)} cy={shown.y(values[0] ?? 0)} r={4} />}
            {standsOf(series.flags ?? [], shown.x, 2 * FLAG_RADIUS + 2).map(({ x, label, at: of }) => (
              <g key={label} class={at.value !== undefined && of.includes(at.value) ? "chart-flag here" : "chart-flag"}>
                <line x1={x} x2={x} y1={margin.top} y2={height - margin.bottom} />
                <circle cx={x} cy={height - margin.bottom} r={FLAG_RADIUS} />
                <text x={x} y={height - margin.bottom + 4} text-anchor="middle">
                  {label}
                </text>
              </g>
            ))}
            {at.value !== undefined && (
              <>
                <line
                  class="chart-cross"
                  x1={shown.x(at.value)}
                  x2={shown.x(at.value)}
                  y1={margin.top}
                  y2={height - margin.bottom}
                />
                <circle class="chart-point" cx={shown.x(at.value)} cy={shown.y(values[at.value] ?? 0)} r={4} />
              </>
            )}
          </g>
        </svg>
      )}
      <p id={`${id}-help`} class="out-of-sight">
        The arrow keys go through it{onZoom && ", Enter looks into a bucket"}.
      </p>
      {at.value !== undefined && (
        <Tooltip series={series} at={at.value} x={shown.x(at.value)} width={width.value} hasMoney={hasMoney} />
      )}
      <p class="out-of-sight" aria-live="polite">
        {at.value !== undefined && read(series, at.value)}
      </p>
    </div>
  );
}

const notesAt = ({ flags }: Series, at: number) => flags?.find((flag) => flag.at === at);
const textsAt = (series: Series, at: number) => notesAt(series, at)?.notes.map(({ text }) => text) ?? [];

function read(series: Series, at: number): string {
  const { labels, values, kind, currency, name, before, money } = series;
  const own = `${labels[at]}: ${write(values[at] ?? 0, kind, currency).full} ${name}`;
  const past = before?.[at] === undefined ? "" : `, before ${write(before[at], kind, currency).full}`;
  const sum = money?.[at];
  const revenue = sum ? `, revenue ${write(sum.new + sum.renewal - sum.refund, "money", currency).full}` : "";
  const noted = textsAt(series, at);
  return own + past + revenue + (noted.length > 0 ? `, noted: ${noted.join("; ")}` : "");
}

const MOST_TIPS = 4;

function Tooltip({
  series,
  at,
  x,
  width,
  hasMoney,
}: {
  series: Series;
  at: number;
  x: number;
  width: number;
  hasMoney: boolean;
}) {
  const { labels, beforeLabels, values, before, money, kind, currency, name, running, runningName } = series;
  const sum = money?.[at];
  const amount = (value: number) => write(value, "money", currency).full;
  const flag = notesAt(series, at);
  const isLeft = x > width / 2;
  const place = isLeft ? { right: `${width - x + 14}px` } : { left: `${x + 14}px` };
  return (
    <div class="chart-tip" style={place} aria-hidden="true">
      <p class="chart-tip-title">
        {labels[at]}
        {running === at && runningName && <span class="muted"> · {runningName}</span>}
      </p>
      <dl>
        <dt class="key-line">{name}</dt>
        <dd>{write(values[at] ?? 0, kind, currency).full}</dd>
        {before?.[at] !== undefined && (
          <>
            <dt class="key-before">{beforeLabels?.[at] ?? "Before"}</dt>
            <dd>{write(before[at], kind, currency).full}</dd>
          </>
        )}
        {hasMoney && sum && (
          <>
            <dt class="key-new">New revenue</dt>
            <dd>{amount(sum.new)}</dd>
            {sum.renewal > 0 && (
              <>
                <dt class="key-renewal">Renewals</dt>
                <dd>{amount(sum.renewal)}</dd>
              </>
            )}
            {sum.refund > 0 && (
              <>
                <dt class="key-refund">Refunds</dt>
                <dd>−{amount(sum.refund)}</dd>
              </>
            )}
          </>
        )}
      </dl>
      {flag && (
        <ul class="chart-tip-notes">
          {flag.notes.slice(0, MOST_TIPS).map((note, number) => (
            <li key={number}>
              <span class="note-number">{flag.number}</span>
              <bdi>{note.text}</bdi>
            </li>
          ))}
          {flag.notes.length > MOST_TIPS && <li class="muted">and {flag.notes.length - MOST_TIPS} more</li>}
        </ul>
      )}
    </div>
  );
}

// The same as a table.
export function ChartTable({ series, caption }: { series: Series; caption: string }) {
  const { labels, values, before, money, kind, currency, name, flags } = series;
  const hasNotes = flags !== undefined && flags.length > 0;
  return (
    <section class="chart-table" tabIndex={0} aria-label={caption}>
      <table class="table">
        <caption class="out-of-sight">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col" class="number">
              {name}
            </th>
            {before && (
              <th scope="col" class="number">
                Before
              </th>
            )}
            {money && (
              <th scope="col" class="number">
                Revenue
              </th>
            )}
            {hasNotes && <th scope="col">Noted</th>}
          </tr>
        </thead>
        <tbody>
          {labels.map((label, at) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td class="number">{write(values[at] ?? 0, kind, currency).full}</td>
              {before && <td class="number">{before[at] === undefined ? "–" : write(before[at], kind, currency).full}</td>}
              {money?.[at] && (
                <td class="number">{write(money[at].new + money[at].renewal - money[at].refund, "money", currency).full}</td>
              )}
              {hasNotes && (
                <td class="chart-noted">
                  {textsAt(series, at).map((text, number) => (
                    <bdi key={number}>{text}</bdi>
                  ))}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
