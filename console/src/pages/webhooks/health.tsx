// How an endpoint is doing: what came of attempts by the hour or the day, and how long they took.

import { api, taken } from "../../api.ts";
import { bucketLabel } from "../../lib/labels.ts";
import { duration, rate } from "../../lib/numbers.ts";
import { acceptedPercent, type Delivery, HEALTH_RANGES, type HealthRange, heights, type Stats } from "../../lib/webhooks.ts";
import { type Answer, useAnswer } from "../../parts/answer.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import { query, setQuery } from "../../router.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";

const HOUR = 3_600_000;
const COUNTED = ["delivered", "failed", "missed"] as const;

interface Asked {
  websiteId: string;
  webhookId: string;
  range: HealthRange;
}

export async function loadStats({ websiteId, webhookId, range }: Asked, signal: AbortSignal): Promise<Stats> {
  const { hours, interval } = HEALTH_RANGES[range];
  // The day that ends now is the gateway's, whatever the time is here.
  const [since, until] = [hours - 1, 0].map((ago) => new Date(Date.now() - ago * HOUR).toISOString()) as [string, string];
  const query = range === "24h" ? {} : { since, until, interval };
  const params = { path: { websiteId, webhookId }, query };
  const answer = await taken(api.GET("/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/stats", { params, signal }));
  return answer.data[0] as Stats;
}

const chosenRange = (): HealthRange => {
  const chosen = query.value.get("health") ?? "";
  return Object.hasOwn(HEALTH_RANGES, chosen) ? (chosen as HealthRange) : "24h";
};

// The health of an endpoint, asked for again whenever its latest deliveries have changed.
export function useStats(
  websiteId: string,
  webhookId: string,
  latest: readonly Delivery[] | undefined,
): Answer<Stats | undefined> {
  const range = chosenRange();
  const moments = latest?.map(({ updatedAt }) => updatedAt).toSorted();
  const changed = moments && (moments.at(-1) ?? "");
  return useAnswer(JSON.stringify([webhookId, range, changed]), async (signal) =>
    changed === undefined ? undefined : loadStats({ websiteId, webhookId, range }, signal),
  );
}

export function Health({ website, answer }: { website: SessionWebsite; answer: Answer<Stats | undefined> }) {
  const { data: stats, error, again, isStale } = answer;
  const range = chosenRange();
  return (
    <section class={isStale ? "card health is-old" : "card health"} aria-label="Health" aria-busy={isStale}>
      <header>
        <h2>Health</h2>
        <div class="segments" role="group" aria-label="Time">
          {(Object.keys(HEALTH_RANGES) as HealthRange[]).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === range}
              onClick={() => setQuery({ health: one === "24h" ? undefined : one }, { replace: true })}
            >
              {HEALTH_RANGES[one].name}
            </button>
          ))}
        </div>
      </header>
      {error && !stats ? (
        <Failure error={error} again={again} title="The health could not be loaded." />
      ) : stats ? (
        <>
          <dl>
            {figures(stats).map(([name, value, about]) => (
              <div key={name} title={about}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <div>
            <HealthBars stats={stats} zone={website.timezone} height={72} />
            <p class="health-span hint" aria-hidden="true">
              <span>{spanStart(stats, website.timezone)}</span>
              <span>now</span>
            </p>
          </div>
          <Table stats={stats} zone={website.timezone} />
        </>
      ) : (
        <Loading rows={3} />
      )}
    </section>
  );
}

const spanStart = ({ series, interval }: Stats, zone: string) =>
  series[0] && bucketLabel(Date.parse(series[0].at), interval, interval === "day" ? "UTC" : zone, locales);

export const acceptedText = (stats: Stats): string => {
  const percent = acceptedPercent(stats);
  return percent === null ? "–" : rate(percent, locales).text;
};

const within = (millis: number | null) =>
  millis === null ? "–" : millis < 1_000 ? `≤ ${millis} ms` : `≤ ${duration(millis).text}`;

const figures = (stats: Stats): [name: string, value: string, about: string][] => [
  ["Accepted", acceptedText(stats), "Of all attempts"],
  ["Arrived", stats.delivered.toLocaleString(locales as string[]), "Attempts that were accepted"],
  ["Failed", stats.failed.toLocaleString(locales as string[]), "Attempts that failed; most are made again"],
  ["Missed", stats.missed.toLocaleString(locales as string[]), "Deliveries that were not attempted"],
  ["Half within", within(stats.p50Ms), "Half of the attempts took no longer"],
  ["95 % within", within(stats.p95Ms), "95 % of the attempts took no longer"],
];

interface BarsProps {
  stats: Stats;
  zone: string;
  height: number;
}

/** A bar for each hour or day, the newest at the right: what arrived below, what failed over it, what was missed on top. */
export function HealthBars({ stats, zone, height }: BarsProps) {
  const { series, interval } = stats;
  const wide = height > 30;
  const width = wide ? 720 : series.length * 5;
  const step = width / series.length;
  const at = (moment: string) => bucketLabel(Date.parse(moment), interval, interval === "day" ? "UTC" : zone, locales);
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${width} ${height}`}
      width={wide ? "100%" : width}
      height={height}
      preserveAspectRatio="none"
      role="img"
      aria-label={words(stats)}
    >
      {heights(series, height).map((parts, index) => {
        const slot = series[index] as Stats["series"][number];
        return (
          <g key={slot.at}>
            <title>{`${at(slot.at)}: ${slotWords(slot)}`}</title>
            <rect class="strip-slot" x={index * step} y={0} width={step} height={height} />
            {parts.map(({ kind, y, height: tall }) => (
              <rect key={kind} class={`is-${kind}`} x={index * step} y={y} width={step * 0.8} height={tall} />
            ))}
          </g>
        );
      })}
    </svg>
  );
}

const slotWords = (slot: Pick<Stats, (typeof COUNTED)[number]>): string => {
  const counted = COUNTED.filter((kind) => slot[kind] > 0).map((kind) => `${slot[kind]} ${kind}`);
  return counted.length > 0 ? counted.join(", ") : "nothing";
};

const words = (stats: Stats): string =>
  `${stats.interval === "hour" ? `${stats.series.length} hours` : `${stats.series.length} days`}: ${slotWords(stats)}`;

// The same for those who do not see the bars.
function Table({ stats, zone }: { stats: Stats; zone: string }) {
  const busy = stats.series.filter((slot) => COUNTED.some((kind) => slot[kind] > 0));
  if (busy.length === 0) return null;
  const { interval } = stats;
  return (
    <div class="out-of-sight">
      <table>
        <caption>What came of attempts</caption>
        <thead>
          <tr>
            {[interval === "hour" ? "Hour" : "Day", "Arrived", "Failed", "Missed", "95 % within"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map((slot) => (
            <tr key={slot.at}>
              <th scope="row">{bucketLabel(Date.parse(slot.at), interval, interval === "day" ? "UTC" : zone, locales)}</th>
              {COUNTED.map((kind) => (
                <td key={kind}>{slot[kind]}</td>
              ))}
              <td>{within(slot.p95Ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
