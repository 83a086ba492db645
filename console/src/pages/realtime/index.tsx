// Who is on the website now: the last ten minutes, asked for again every ten seconds.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, taken } from "../../api.ts";
import { money } from "../../lib/numbers.ts";
import { timeAt } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Pause, Play } from "../../parts/icons.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { announce } from "../../parts/toast.tsx";
import { online } from "../../parts/use-online.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import { locales } from "../../view.ts";
import { Feed } from "./feed.tsx";
import { People } from "./people.tsx";
import { Places } from "./places.tsx";
import type { Payment, Present } from "./types.ts";

const EVERY_MS = 10_000;

export default function Realtime({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Realtime" permission="analytics:read">
      {(website) => <Live websiteId={website.id} zone={website.timezone} />}
    </WebsitePage>
  );
}

function Live({ websiteId, zone }: { websiteId: string; zone: string }) {
  const isPaused = useSignal(false);
  const load = async (signal: AbortSignal): Promise<Present> =>
    (await taken(api.GET("/api/v1/analytics/realtime/map", { params: { query: { websiteId } }, signal }))).data;
  const { data, error, at, again } = useAnswer(websiteId, load, { every: isPaused.value ? undefined : EVERY_MS });
  useEffect(() => {
    if (data) online.value = { websiteId, visitors: data.count };
  }, [data]);
  const fresh = useNewPayments(data?.recentPayments);

  return (
    <>
      <header class="page-head">
        <h1>Realtime</h1>
        {data && (
          <p class="page-lead">
            <strong>{data.count.toLocaleString(locales as string[])}</strong> {data.count === 1 ? "visitor" : "visitors"} in the
            last 10 minutes
          </p>
        )}
        <div class="page-actions">
          {data && <span class="muted">{isPaused.value ? `Paused at ${timeAt(at, zone)}` : `As of ${timeAt(at, zone)}`}</span>}
          <button
            type="button"
            class="button"
            aria-pressed={isPaused.value}
            onClick={() => {
              isPaused.value = !isPaused.value;
              announce(isPaused.value ? "Paused" : "Going on");
            }}
          >
            {isPaused.value ? <Play /> : <Pause />}
            {isPaused.value ? "Go on" : "Pause"}
          </button>
        </div>
      </header>
      {!data && error && (
        <section class="card">
          <Failure error={error} again={again} title="The current visitors could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={10} />}
      {data && data.count === 0 && data.recentPayments.length === 0 && (
        <section class="card">
          <Empty title="Nobody is here right now.">
            A visitor appears within seconds of opening a page, and stays on this list for ten minutes.
          </Empty>
        </section>
      )}
      {data && (data.count > 0 || data.recentPayments.length > 0) && (
        <div class="live">
          <div class="live-main">
            <Places visitors={data.visitors} />
            <People present={data} websiteId={websiteId} now={at} />
          </div>
          <Feed present={data} websiteId={websiteId} zone={zone} fresh={fresh} />
        </div>
      )}
    </>
  );
}

// The payments that came while this page was open. Each is announced once.
function useNewPayments(payments: readonly Payment[] | undefined): ReadonlySet<string> {
  const known = useRef<ReadonlySet<string>>(undefined);
  const fresh = useSignal<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (!payments) return;
    const before = known.current;
    known.current = new Set(payments.map(({ _id }) => _id));
    const added = before ? payments.filter(({ _id }) => !before.has(_id)) : [];
    if (added.length === 0) return;
    fresh.value = new Set([...fresh.peek(), ...added.map(({ _id }) => _id)]);
    announce(added.map(inWords).join(". "));
  }, [payments]);
  return fresh.value;
}

const inWords = ({ amount, currency, name, displayName }: Payment) =>
  `New payment of ${money(Number(amount), currency, locales).full}${name || displayName ? ` from ${name || displayName}` : ""}`;
