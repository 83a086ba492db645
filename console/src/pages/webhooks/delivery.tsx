// One delivery over the list: what was sent, byte for byte, and what came of each attempt.

import { useSignal } from "@preact/signals";
import { call, request } from "../../api.ts";
import { readError } from "../../lib/errors.ts";
import { momentLabel, untilLabel } from "../../lib/labels.ts";
import { duration } from "../../lib/numbers.ts";
import { memberText } from "../../lib/raw-json.ts";
import { type Attempt, attemptWords, type DeliveryDetails } from "../../lib/webhooks.ts";
import { useAnswer } from "../../parts/answer.ts";
import { CopyButton, Snippet } from "../../parts/copy.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { setQuery } from "../../router.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { StatusMark } from "./state.tsx";

const PENDING_MS = 5_000;

interface Props {
  website: SessionWebsite;
  path: string; // of the webhook
  id: string;
  reason: string | undefined; // why nothing can be sent
  changed: () => void;
}

interface Found {
  delivery: DeliveryDetails;
  payload: string; // as it was sent
}

export function DeliveryDrawer({ website, path, id, reason, changed }: Props) {
  const address = `${path}/deliveries/${encodeURIComponent(id)}`;
  const isWaiting = useSignal(false);
  const load = async (signal: AbortSignal): Promise<Found> => {
    const response = await request(new Request(address, { signal }));
    const text = await response.text();
    const body = JSON.parse(text);
    if (!response.ok) throw readError(response, body);
    const [delivery] = body.data as [DeliveryDetails];
    isWaiting.value = delivery.status === "pending";
    return { delivery, payload: memberText(text, "payload") ?? "" };
  };
  const { data, error, at, again } = useAnswer(id, load, { every: isWaiting.value ? PENDING_MS : undefined });
  const sending = useSaving();
  const resend = () =>
    sending.run(
      () => call("POST", `${address}/resend`, { headers: { "idempotency-key": sending.key.current } }),
      "It is on its way again",
      () => {
        again();
        changed();
      },
    );
  const close = () => setQuery({ delivery: undefined });
  return (
    <Dialog title={data?.delivery.type ?? "Delivery"} kind="drawer" close={close}>
      {error &&
        !data &&
        (error.status === 404 || error.status === 400 ? (
          <Empty title="This delivery is gone.">{error.message}</Empty>
        ) : (
          <Failure error={error} again={again} />
        ))}
      {!data && !error && <Loading rows={10} />}
      {data && <Details found={data} zone={website.timezone} now={at} />}
      {sending.error.value && <Failure error={sending.error.value} title="It was not sent." />}
      {data && (
        <div class="dialog-actions">
          <button
            type="button"
            class="button primary"
            disabled={reason !== undefined || sending.isRunning.value}
            title={reason}
            onClick={resend}
          >
            Send again
          </button>
        </div>
      )}
    </Dialog>
  );
}

function Details({ found: { delivery, payload }, zone, now }: { found: Found; zone: string; now: number }) {
  const { status, reason, nextAttemptAt, createdAt, messageId, attempts, attemptCount } = delivery;
  const moment = (text: string) => momentLabel(Date.parse(text), zone, locales);
  return (
    <>
      <dl class="about">
        <div>
          <dt>Status</dt>
          <dd>
            <StatusMark status={status} />
            {nextAttemptAt && status === "pending" && (
              <> · next attempt {untilLabel(Date.parse(nextAttemptAt), now, zone, locales)}</>
            )}
            {reason && <span class="muted"> · {reason}</span>}
          </dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>{moment(createdAt)}</dd>
        </div>
        <div>
          <dt>webhook-id</dt>
          <dd>
            <code>{messageId}</code> <CopyButton text={messageId} label="Copy the message's id" />
          </dd>
        </div>
      </dl>
      <h3>
        Payload <span class="muted">{new TextEncoder().encode(payload).length.toLocaleString(locales as string[])} bytes</span>
      </h3>
      <Snippet label="the payload, as it is sent" code={payload} shown={pretty(delivery.payload)} />
      <p class="hint">
        Copied as it is sent, byte for byte; shown with line breaks. Headers are not stored: webhook-id is above,
        webhook-timestamp is the second of the attempt, webhook-signature is made of both and the payload.
      </p>
      <h3>Attempts ({attemptCount})</h3>
      {attempts.length === 0 && <p class="muted">None yet.</p>}
      <ol class="attempts">
        {attempts.toReversed().map((attempt) => (
          <AttemptItem key={attempt.number} attempt={attempt} moment={moment} />
        ))}
      </ol>
    </>
  );
}

function AttemptItem({ attempt, moment }: { attempt: Attempt; moment: (text: string) => string }) {
  const { number, trigger, startedAt, durationMs, error, responseBody } = attempt;
  return (
    <li>
      <p>
        <span class={error ? "state-mark is-failed" : "state-mark is-delivered"}>{attemptWords(attempt)}</span>
      </p>
      <p class="muted">
        Attempt {number}, {trigger === "manual" ? "by hand" : "automatic"} · {moment(startedAt)} · after{" "}
        {durationMs < 1_000 ? `${durationMs} ms` : duration(durationMs).text}
      </p>
      {responseBody && <Snippet label={`the answer to attempt ${number}`} code={responseBody} />}
    </li>
  );
}

const pretty = (payload: unknown): string => JSON.stringify(payload, undefined, 2) ?? "";
