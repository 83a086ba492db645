// One event over the list: what the provider sent, and another try.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { momentLabel, untilLabel } from "../../lib/labels.ts";
import { ORIGINS, outcomeWords, type ProviderEvent } from "../../lib/providers.ts";
import { useAnswer } from "../../parts/answer.ts";
import { CopyButton, Snippet } from "../../parts/copy.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Forbidden, Loading } from "../../parts/states.tsx";
import { setQuery } from "../../router.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { EventMark } from "./events.tsx";

const WAITING_MS = 3_000;

type Details = ProviderEvent & { body: unknown };

interface Props {
  website: SessionWebsite;
  path: string; // of the integration
  id: string;
  reason: string | undefined; // why it may not be seen
  changed: () => void;
}

export function EventDrawer({ reason, ...props }: Props) {
  const close = () => setQuery({ event: undefined });
  if (!reason) return <Open {...props} close={close} />;
  return (
    <Dialog title="Event" kind="drawer" close={close}>
      <Forbidden reason={reason} />
    </Dialog>
  );
}

function Open({ website, path, id, changed, close }: Omit<Props, "reason"> & { close: () => void }) {
  const address = `${path}/events/${encodeURIComponent(id)}`;
  const isWaiting = useSignal(false);
  const load = async (signal: AbortSignal) => {
    const { data } = await call<{ data: [Details] }>("GET", address, { signal });
    const wasWaiting = isWaiting.value;
    isWaiting.value = data[0].state === "received";
    if (wasWaiting && !isWaiting.value) changed();
    return data[0];
  };
  const { data: event, error, at, again } = useAnswer(id, load, { every: isWaiting.value ? WAITING_MS : undefined });
  const replaying = useSaving();
  const replay = () =>
    replaying.run(
      () => call("POST", `${address}/replay`, { headers: { "idempotency-key": replaying.key.current } }),
      "It is worked on again",
      () => {
        again();
        changed();
      },
    );
  return (
    <Dialog title={event?.type ?? "Event"} kind="drawer" close={close}>
      {error &&
        !event &&
        (error.status === 404 || error.status === 400 ? (
          <Empty title="This event is gone.">{error.message}</Empty>
        ) : (
          <Failure error={error} again={again} />
        ))}
      {!event && !error && <Loading rows={10} />}
      {event && (
        <>
          <Facts event={event} zone={website.timezone} now={at} />
          <h3>What was sent</h3>
          {event.body === null || event.body === undefined ? (
            <p class="muted">It is not kept any more.</p>
          ) : (
            <Snippet
              label="what was sent"
              code={typeof event.body === "string" ? event.body : JSON.stringify(event.body, null, 2)}
            />
          )}
          {replaying.error.value && <Failure error={replaying.error.value} title="It was not worked on again." />}
          <p class="hint">To work on it again does no harm: a payment is counted once.</p>
          <div class="dialog-actions">
            <button
              type="button"
              class="button primary"
              disabled={replaying.isRunning.value || isWaiting.value}
              onClick={replay}
            >
              Work on it again
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Facts({ event, zone, now }: { event: Details; zone: string; now: number }) {
  const { state, origin, subject, happenedAt, receivedAt, attempts, nextAttemptAt } = event;
  const moment = (text: string) => momentLabel(Date.parse(text), zone, locales);
  const words = outcomeWords(event);
  return (
    <dl class="about">
      <div>
        <dt>State</dt>
        <dd>
          <EventMark state={state} />
          {state === "received" && nextAttemptAt && (
            <> · next attempt {untilLabel(Date.parse(nextAttemptAt), now, zone, locales)}</>
          )}
          {words && <span class="muted"> · {words}</span>}
        </dd>
      </div>
      {subject && (
        <div>
          <dt>About</dt>
          <dd>
            <code>{subject}</code> <CopyButton text={subject} label="Copy what it is about" />
          </dd>
        </div>
      )}
      <div>
        <dt>Received</dt>
        <dd>
          {moment(receivedAt)}, {ORIGINS[origin]}
        </dd>
      </div>
      {happenedAt && (
        <div>
          <dt>Happened</dt>
          <dd>{moment(happenedAt)}</dd>
        </div>
      )}
      <div>
        <dt>Attempts</dt>
        <dd>{attempts}</dd>
      </div>
    </dl>
  );
}
