// What a provider has told, newest first, and what came of it.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { momentLabel, weekdayLabel } from "../../lib/labels.ts";
import { EVENT_STATES, type EventState, outcomeWords, type ProviderEvent } from "../../lib/providers.ts";
import { dayAt, timeAt } from "../../lib/zones.ts";
import { type Answer, useAnswer } from "../../parts/answer.ts";
import { Check, Clock, Close, Minus } from "../../parts/icons.tsx";
import { NarrowingChoice, offsetOf } from "../../parts/narrowing.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { query, setQuery, withQuery } from "../../router.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";

const PAGE = 50;
const WAITING_MS = 5_000;
const QUIET_MS = 60_000;

const SIGNS: Record<EventState, [() => preact.JSX.Element, colour: string]> = {
  received: [Clock, "pending"],
  done: [Check, "delivered"],
  ignored: [Minus, "missed"],
  failed: [Close, "failed"],
};

export function EventMark({ state }: { state: EventState }) {
  const [Sign, colour] = SIGNS[state];
  return (
    <span class={`state-mark is-${colour}`}>
      <Sign /> {EVENT_STATES[state]}
    </span>
  );
}

const stateOf = (parameters: URLSearchParams): EventState | undefined => {
  const state = parameters.get("state") ?? "";
  return Object.hasOwn(EVENT_STATES, state) ? (state as EventState) : undefined;
};

export function useEvents(path: string): Answer<ProviderEvent[]> {
  const [state, offset] = [stateOf(query.value), offsetOf(query.value)];
  const every = useSignal(QUIET_MS);
  const load = async (signal: AbortSignal) => {
    const { data } = await call<{ data: ProviderEvent[] }>("GET", `${path}/events`, {
      query: { state, limit: PAGE + 1, offset },
      signal,
    });
    every.value = data.some((event) => event.state === "received") ? WAITING_MS : QUIET_MS;
    return data;
  };
  return useAnswer(`${state} ${offset}`, load, { every: every.value });
}

interface Props {
  website: SessionWebsite;
  title: string;
  events: Answer<ProviderEvent[]>;
  reason: string | undefined; // why none can be opened
}

export function EventList({ website, title, events, reason }: Props) {
  const { data, error, isStale, again } = events;
  const [state, offset] = [stateOf(query.value), offsetOf(query.value)];
  const rows = data?.slice(0, PAGE);
  return (
    <>
      <div class="narrowing">
        <NarrowingChoice label="State" name="state" options={Object.entries(EVENT_STATES)} />
        {reason && <span class="hint">To see what was sent {reason}.</span>}
      </div>
      {error && !rows && <Failure error={error} again={again} title="The events could not be loaded." />}
      {!rows && !error && <Loading rows={6} />}
      {rows?.length === 0 && (
        <Empty
          title={
            state ? "No event is in this state." : offset > 0 ? "There are no further ones." : `${title} has told nothing yet.`
          }
          actions={
            state && (
              <button type="button" class="button" onClick={() => setQuery({ state: undefined, at: undefined })}>
                Show all
              </button>
            )
          }
        >
          {!state &&
            offset === 0 &&
            "Each payment, refund and change of a subscription comes as an event, and is listed for 90 days."}
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <div class={isStale ? "table-scroll is-old" : "table-scroll"} aria-busy={isStale}>
          <table class="rows">
            <caption class="out-of-sight">Events of {title}, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Received</th>
                <th scope="col">Event</th>
                <th scope="col">State</th>
                <th scope="col" class="wide-only">
                  Payments and refunds
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((event) => (
                <Row key={event.id} event={event} zone={website.timezone} isOpen={reason === undefined} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        at={offset}
        size={PAGE}
        shown={rows?.length ?? 0}
        hasMore={(data?.length ?? 0) > PAGE}
        onGo={(next) => setQuery({ at: next === 0 ? undefined : String(next) })}
      />
    </>
  );
}

function Row({ event, zone, isOpen }: { event: ProviderEvent; zone: string; isOpen: boolean }) {
  const { id, type, subject, state, receivedAt } = event;
  const at = Date.parse(receivedAt);
  const time = (
    <time dateTime={receivedAt} title={momentLabel(at, zone, locales)}>
      {weekdayLabel(dayAt(at, zone), locales)}, {timeAt(at, zone)}
    </time>
  );
  return (
    <tr>
      <th scope="row">{isOpen ? <a href={withQuery({ event: id })}>{time}</a> : time}</th>
      <td class="cell-text">
        <code>{type}</code>
        {subject && (
          <span class="event-subject">
            <bdi>{subject}</bdi>
          </span>
        )}
      </td>
      <td class="cell-word">
        <EventMark state={state} />
      </td>
      <td class="cell-text wide-only" title={outcomeWords(event)}>
        {outcomeWords(event) || <span class="muted">–</span>}
      </td>
    </tr>
  );
}
