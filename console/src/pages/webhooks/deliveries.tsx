// What was sent to an endpoint or to all, newest first: filtered by the address, and followed while something waits.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { momentLabel, untilLabel, weekdayLabel } from "../../lib/labels.ts";
import { type Delivery, EVENT_TYPES, STATUSES } from "../../lib/webhooks.ts";
import { dayAt, timeAt } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Pause, Play } from "../../parts/icons.tsx";
import { ClearNarrowing, daysOf, isNarrowedBy, NarrowingChoice, NarrowingDays, offsetOf } from "../../parts/narrowing.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { TakeAway } from "../../parts/take-away.tsx";
import { announce } from "../../parts/toast.tsx";
import { query, setQuery, withQuery } from "../../router.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { StatusMark } from "./state.tsx";

const PAGE = 50;
const MOST = 100; // that the API answers at once
const PENDING_MS = 5_000;
const QUIET_MS = 30_000;

export interface Deliveries {
  rows: Delivery[] | undefined; // of this page of the list, as filtered
  latest: Delivery[] | undefined; // unfiltered, by which the endpoint is judged
  hasMore: boolean;
  at: number;
  isStale: boolean;
  error: ReturnType<typeof useAnswer>["error"];
  again: () => void;
  asked: [string, string][];
  path: string;
  isPaused: boolean;
  pause: (isPaused: boolean) => void;
}

// The first page of all deliveries is also what the endpoint is judged by: then one answer does for both.
export function useDeliveries({ timezone }: SessionWebsite, path: string): Deliveries {
  const isPaused = useSignal(false);
  const filters = filtersOf(query.value, timezone);
  const offset = offsetOf(query.value);
  const asked: [string, string][] = [...filters, ["limit", String(PAGE + 1)], ["offset", String(offset)]];
  const isPlain = filters.length === 0 && offset === 0;
  const every = useSignal(QUIET_MS);
  const pace = isPaused.value ? undefined : every.value;
  const load = (parameters: [string, string][]) => async (signal: AbortSignal) => {
    const { data } = await call<{ data: Delivery[] }>("GET", path, { query: Object.fromEntries(parameters), signal });
    every.value = data.some(({ status }) => status === "pending") ? PENDING_MS : QUIET_MS;
    return data;
  };
  const all = useAnswer(path, load([["limit", String(MOST)]]), { every: isPlain ? pace : undefined });
  const some = useAnswer(isPlain ? "" : JSON.stringify(asked), isPlain ? async () => undefined : load(asked), {
    every: isPlain ? undefined : pace,
  });
  const shown = isPlain ? all : some;
  return {
    rows: shown.data?.slice(0, PAGE),
    latest: all.data,
    hasMore: (shown.data?.length ?? 0) > PAGE,
    at: shown.at,
    isStale: shown.isStale,
    error: shown.error,
    again: () => {
      all.again();
      if (!isPlain) some.again();
    },
    asked: isPlain ? [["limit", String(PAGE)]] : asked,
    path,
    isPaused: isPaused.value,
    pause: (next) => {
      isPaused.value = next;
      announce(next ? "Paused" : "Going on");
    },
  };
}

// Days of the address are the website's.
function filtersOf(parameters: URLSearchParams, zone: string): [string, string][] {
  const [status, type] = [parameters.get("status"), parameters.get("type")];
  return [
    ...(status && Object.hasOwn(STATUSES, status) ? [["status", status] as [string, string]] : []),
    ...(type && (EVENT_TYPES as string[]).includes(type) ? [["type", type] as [string, string]] : []),
    ...daysOf(parameters, zone),
  ];
}

const NAMES = ["status", "type", "since", "until"];

interface ListProps {
  website: SessionWebsite;
  deliveries: Deliveries;
  endpoints?: ReadonlyMap<string, string>; // their addresses, where the list is of all
}

export function DeliveryList({ website, deliveries, endpoints }: ListProps) {
  const { rows, hasMore, at, isStale, error, again, asked, path, isPaused, pause } = deliveries;
  const zone = website.timezone;
  const offset = offsetOf(query.value);
  const isFiltered = isNarrowedBy(NAMES);
  return (
    <>
      <div class="narrowing">
        <NarrowingChoice label="Status" name="status" options={Object.entries(STATUSES)} />
        <NarrowingChoice label="Type" name="type" options={EVENT_TYPES.map((type) => [type, type])} />
        <NarrowingDays />
        <div class="page-actions">
          {at > 0 && <span class="muted">{isPaused ? `Paused at ${timeAt(at, zone)}` : `As of ${timeAt(at, zone)}`}</span>}
          <button type="button" class="button small" aria-pressed={isPaused} onClick={() => pause(!isPaused)}>
            {isPaused ? <Play /> : <Pause />} {isPaused ? "Go on" : "Pause"}
          </button>
          <TakeAway
            name={[website.domain, "deliveries", ...NAMES.map((one) => query.value.get(one) ?? "").filter(Boolean)]}
            header={HEADER}
            rows={(rows ?? []).map(cells)}
            call={{ path, query: asked }}
          />
        </div>
      </div>
      {error && <Failure error={error} again={again} title="The deliveries could not be loaded." />}
      {!rows && !error && <Loading rows={8} />}
      {rows?.length === 0 && !error && (
        <Empty
          title={isFiltered ? "No delivery matches." : offset > 0 ? "There are no further ones." : "Nothing was sent yet."}
          actions={isFiltered && <ClearNarrowing names={NAMES} />}
        >
          {isFiltered ? undefined : "Every event that a webhook asks for becomes a delivery, and is kept for 30 days."}
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <div class={isStale ? "table-scroll is-old" : "table-scroll"} aria-busy={isStale}>
          <table class="rows">
            <caption class="out-of-sight">Deliveries, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {endpoints && <th scope="col">Endpoint</th>}
                <th scope="col">Event</th>
                <th scope="col">Status</th>
                <th scope="col" class="number wide-only">
                  Attempts
                </th>
                <th scope="col" class="number">
                  Answer
                </th>
                <th scope="col" class="wide-only">
                  Next attempt
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} websiteId={website.id} delivery={row} endpoints={endpoints} zone={zone} now={at} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        at={offset}
        size={PAGE}
        shown={rows?.length ?? 0}
        hasMore={hasMore}
        onGo={(next) => setQuery({ at: next === 0 ? undefined : String(next) })}
      />
    </>
  );
}

interface RowProps {
  websiteId: string;
  delivery: Delivery;
  endpoints?: ReadonlyMap<string, string> | undefined;
  zone: string;
  now: number;
}

function Row({ websiteId, delivery, endpoints, zone, now }: RowProps) {
  const endpoint = `/console/w/${websiteId}/webhooks/${delivery.webhookId}`;
  const { id, type, status, attemptCount, lastStatusCode, nextAttemptAt, createdAt, reason } = delivery;
  const at = Date.parse(createdAt);
  return (
    <tr>
      <th scope="row">
        <a href={endpoints ? `${endpoint}?delivery=${id}` : withQuery({ delivery: id })}>
          <time dateTime={createdAt} title={momentLabel(at, zone, locales)}>
            {weekdayLabel(dayAt(at, zone), locales)}, {timeAt(at, zone)}
          </time>
        </a>
      </th>
      {endpoints && (
        <td class="cell-text">
          <a href={endpoint}>
            <bdi>{endpoints.get(delivery.webhookId)?.replace(/^https:\/\//, "") ?? delivery.webhookId}</bdi>
          </a>
        </td>
      )}
      <td class="cell-text">
        <code>{type}</code>
      </td>
      <td title={reason ?? undefined}>
        <StatusMark status={status} />
      </td>
      <td class="number wide-only">{attemptCount}</td>
      <td class="number">{lastStatusCode ?? <span class="muted">{attemptCount > 0 ? "none" : "–"}</span>}</td>
      <td class="wide-only">
        {nextAttemptAt ? untilLabel(Date.parse(nextAttemptAt), now, zone, locales) : <span class="muted">–</span>}
      </td>
    </tr>
  );
}

const HEADER = [
  "id",
  "created_at",
  "webhook_id",
  "type",
  "status",
  "attempts",
  "last_status",
  "next_attempt_at",
  "message_id",
  "reason",
];
const cells = (row: Delivery) => [
  row.id,
  row.createdAt,
  row.webhookId,
  row.type,
  row.status,
  row.attemptCount,
  row.lastStatusCode,
  row.nextAttemptAt,
  row.messageId,
  row.reason,
];
