// What an alert would have done in the last seven days, over what happened.

import { useMemo } from "preact/hooks";
import { call, type Schemas } from "../../api.ts";
import { type Curve, curveOf, METRICS, type Metric, minutesOf, type Point, plot, rolled } from "../../lib/alerts.ts";
import { addDays } from "../../lib/days.ts";
import { momentLabel } from "../../lib/labels.ts";
import type { Kind } from "../../lib/numbers.ts";
import { dayAt } from "../../lib/zones.ts";
import { onAxis, write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { useLater } from "../../parts/later.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import type { Body } from "../../reports.ts";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { alertsPath } from "./load.ts";

const DAYS = 7;
const HOUR = 3_600_000;
const [WIDTH, HEIGHT] = [640, 180];
const SHOWN = 8;

type Previewed = Schemas["Previewed"];

interface Props {
  website: SessionWebsite;
  trigger: Record<string, unknown> | undefined;
}

export function Preview({ website, trigger }: Props) {
  const key = useLater(trigger ? JSON.stringify(trigger) : "");
  const asked = useMemo(() => (key ? (JSON.parse(key) as Record<string, unknown>) : undefined), [key]);
  const { data, error, isStale, again } = useAnswer(key, async (signal) => {
    if (!asked) return undefined;
    const { data } = await call<{ data: Previewed[] }>("POST", `${alertsPath(website)}/preview`, {
      body: { trigger: asked },
      signal,
    });
    return data[0];
  });
  return (
    <section class="card preview" aria-label="The last seven days" aria-busy={isStale}>
      <h2>The last seven days</h2>
      {!asked ? (
        <p class="muted">Say when, and see how often it would have told you.</p>
      ) : error && !isStale ? (
        <Failure error={error} again={again} title="There is no preview." />
      ) : !data ? (
        <Loading rows={6} />
      ) : (
        <div class={isStale ? "is-old" : undefined}>
          <Result website={website} trigger={asked} result={data} />
        </div>
      )}
    </section>
  );
}

function Result({
  website,
  trigger,
  result,
}: {
  website: SessionWebsite;
  trigger: Record<string, unknown>;
  result: Previewed;
}) {
  const { count, firings } = result;
  const isGoal = trigger.type === "goal";
  const at = (moment: string) => momentLabel(Date.parse(moment), website.timezone, locales);
  const kind = isGoal ? "count" : METRICS[trigger.metric as Metric].kind;
  const curve = missing("analytics:read", website) ? undefined : curveOf(trigger);
  return (
    <>
      <p class="preview-lead">
        {isGoal
          ? count === 0
            ? "The goal was not completed."
            : `The goal was completed ${times(count)}.`
          : count === 0
            ? "It would not have fired."
            : `It would have fired ${times(count)}.`}
      </p>
      {curve ? (
        <Drawn website={website} trigger={trigger} curve={curve} firings={firings} kind={kind} />
      ) : (
        <p class="hint">There is no report of this figure by the hour, so no curve.</p>
      )}
      {firings.length > 0 && (
        <ul class="preview-list">
          {firings
            .slice(-SHOWN)
            .toReversed()
            .map(({ firedAt, resolvedAt, value }) => (
              <li key={firedAt}>
                {at(firedAt)}
                {value !== null && <strong> {write(value, kind, website.currency).text}</strong>}
                {!isGoal && <span class="muted">{resolvedAt ? `, until ${at(resolvedAt)}` : ", and still"}</span>}
              </li>
            ))}
          {count > SHOWN && <li class="muted">and {(count - SHOWN).toLocaleString(locales as string[])} before</li>}
        </ul>
      )}
    </>
  );
}

const times = (count: number) => (count === 1 ? "once" : `${count.toLocaleString(locales as string[])} times`);

interface DrawnProps {
  website: SessionWebsite;
  trigger: Record<string, unknown>;
  curve: Curve;
  firings: Previewed["firings"];
  kind: Kind;
}

function Drawn({ website, trigger, curve, firings, kind }: DrawnProps) {
  const { column, goalName, hours, fits } = curve;
  const query = timeseriesQuery(website, trigger, column, goalName);
  const { data, error, at } = useAnswer(JSON.stringify(query), (signal) =>
    call<Body>("GET", "/api/v1/analytics/timeseries", { query, signal }),
  );
  if (error && !data) return <Failure error={error} title="There is no curve." />;
  if (!data) return <div class="chart-wait" style={{ height: `${HEIGHT}px` }} />;
  const end = at;
  const start = end - DAYS * 24 * HOUR;
  const points: Point[] = data.data
    .map((row) => ({ at: Date.parse(String(row.timestamp)) + HOUR, value: Number(row[column] ?? 0) }))
    .filter((point) => point.at <= end + HOUR);
  const threshold = fits ? Number(trigger.threshold) : undefined;
  const drawn = plot({
    points: rolled(points, hours).filter((point) => point.at >= start),
    threshold,
    firings,
    start,
    end,
    width: WIDTH,
    height: HEIGHT,
  });
  const name = trigger.type === "goal" ? "Completions" : METRICS[trigger.metric as Metric].name;
  const words = `${name} in ${hours === 1 ? "each hour" : `${hours} hours at a time`} of the last seven days${
    threshold === undefined ? "" : `, with the threshold of ${write(threshold, kind, website.currency).full}`
  }`;
  const days = Array.from({ length: DAYS }, (_, day) => day);
  return (
    <figure class="preview-figure">
      <svg viewBox={`0 -4 ${WIDTH} ${HEIGHT + 26}`} role="img" aria-label={words}>
        {days.map((day) => (
          <line key={day} class="chart-grid" x1={(day * WIDTH) / DAYS} x2={(day * WIDTH) / DAYS} y1={0} y2={HEIGHT} />
        ))}
        {drawn.firings.map(({ x, width }, index) => (
          <rect key={index} class="preview-firing" x={x} y={0} width={width} height={HEIGHT} />
        ))}
        <path class="preview-line" d={drawn.line} />
        {drawn.threshold !== undefined && (
          <>
            <line class="preview-threshold" x1={0} x2={WIDTH} y1={drawn.threshold} y2={drawn.threshold} />
            <text class="chart-tick" x={WIDTH - 4} y={drawn.threshold - 5} text-anchor="end">
              {onAxis(threshold as number, kind, website.currency)}
            </text>
          </>
        )}
        <line class="chart-grid" x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {days.map((day) => (
          <text key={day} class="chart-tick" x={(day * WIDTH) / DAYS + 4} y={HEIGHT + 17}>
            {weekday(start + day * 24 * HOUR, website.timezone)}
          </text>
        ))}
      </svg>
      <figcaption class="hint">
        {words}. {threshold === undefined && trigger.type === "metric" && isMeasured(trigger)}
        {firings.length > 0 && "The bands are when it would have fired. "}
        The alert itself looks every minute.
      </figcaption>
    </figure>
  );
}

// Why the threshold is not drawn.
function isMeasured(trigger: Record<string, unknown>): string {
  if (String(trigger.comparison).endsWith("_pct")) return "The threshold is a change in percent, so it is not on the curve. ";
  const minutes = minutesOf(String(trigger.window));
  const window = minutes < 60 ? `${minutes} minutes` : minutes < 1_440 ? `${minutes / 60} hours` : `${minutes / 1_440} days`;
  return `The alert measures ${window} at a time, so its threshold is not on the curve. `;
}

const weekday = (moment: number, zone: string) =>
  new Intl.DateTimeFormat(locales as string[], { weekday: "short", timeZone: zone }).format(moment);

function timeseriesQuery(
  { id, timezone }: SessionWebsite,
  { filters }: Record<string, unknown>,
  column: string,
  goalName?: string,
) {
  const today = dayAt(Date.now(), timezone);
  return {
    websiteId: id,
    interval: "hour",
    limit: 1_000,
    timezone,
    startAt: addDays(today, -DAYS - 2),
    endAt: today,
    fields: `name,${column}`,
    ...(goalName && { goalName }),
    ...Object.fromEntries(
      Object.entries((filters ?? {}) as Record<string, string>).map(([field, value]) => [`filter_${field}`, value]),
    ),
  };
}
