// What an alert would have done in the last seven days, over what happened.

import { useMemo } from "preact/hooks";
import { call, type Schemas } from "../../api.ts";
import { kindOf, plot, wordsOfSeries } from "../../lib/alerts.ts";
import { momentLabel } from "../../lib/labels.ts";
import type { Kind } from "../../lib/numbers.ts";
import { onAxis, write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { useLater } from "../../parts/later.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import type { SessionWebsite } from "../../session.ts";
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
  const kind = kindOf(trigger);
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
      <Drawn website={website} trigger={trigger} result={result} kind={kind} />
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
  result: Previewed;
  kind: Kind;
}

function Drawn({ website, trigger, result, kind }: DrawnProps) {
  const { firings, series } = result;
  const isGoal = trigger.type === "goal";
  const end = Date.parse(series.at(-1)?.at ?? "") + HOUR;
  const start = end - series.length * HOUR;
  const threshold = isGoal ? undefined : Number(trigger.threshold);
  const drawn = plot({ series, threshold, firings, start, end, width: WIDTH, height: HEIGHT });
  const label = (value: number) => write(value, kind, website.currency).full;
  const words = isGoal
    ? "Completions in each hour of the last seven days"
    : `${wordsOfSeries(trigger)}, hour by hour, with the threshold of ${label(threshold as number)}`;
  const days = Array.from({ length: DAYS }, (_, day) => start + day * 24 * HOUR);
  const x = (at: number) => ((at - start) / (end - start)) * WIDTH;
  return (
    <figure class="preview-figure">
      <svg viewBox={`0 -4 ${WIDTH} ${HEIGHT + 26}`} role="img" aria-label={words}>
        {days.map((day) => (
          <line key={day} class="chart-grid" x1={x(day)} x2={x(day)} y1={0} y2={HEIGHT} />
        ))}
        {drawn.firings.map(({ x: left, width }, index) => (
          <rect key={index} class="preview-firing" x={left} y={0} width={width} height={HEIGHT} />
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
        <line class="chart-grid" x1={0} x2={WIDTH} y1={drawn.zero} y2={drawn.zero} />
        {days.map((day) => (
          <text key={day} class="chart-tick" x={x(day) + 4} y={HEIGHT + 17}>
            {weekday(day, website.timezone)}
          </text>
        ))}
      </svg>
      <figcaption class="hint">
        {words}. {firings.length > 0 && "The bands are when it would have fired. "}
        {!isGoal && "Each hour shows the value that is nearest to firing; the alert looks every minute."}
      </figcaption>
    </figure>
  );
}

const weekday = (moment: number, zone: string) =>
  new Intl.DateTimeFormat(locales as string[], { weekday: "short", timeZone: zone }).format(moment);
