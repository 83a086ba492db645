// What an outage cost, sent again: counted first, then sent.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../../api.ts";
import { addDays, parseDay } from "../../lib/days.ts";
import { dayAt, startOfDay } from "../../lib/zones.ts";
import { Field } from "../../parts/field.tsx";
import { useLater } from "../../parts/later.ts";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { say } from "../../parts/toast.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";

const KEPT_DAYS = 30;

interface Props {
  website: SessionWebsite;
  path: string; // of the webhook
  sent: () => void;
  close: () => void;
}

interface Resent {
  data: { count: number; dryRun: boolean }[];
}

export function Recover({ website, path, sent, close }: Props) {
  const today = dayAt(Date.now(), website.timezone);
  const since = useSignal<string>(addDays(today, -7));
  const count = useSignal<number | undefined>(undefined);
  const counting = useSaving(["since"]);
  const sending = useSaving(["since"]);
  const day = parseDay(useLater(since.value));
  const from = day ? new Date(startOfDay(day, website.timezone)).toISOString() : undefined;
  useEffect(() => {
    count.value = undefined;
    if (!from) return;
    counting.run(async () => {
      const { data } = await call<Resent>("POST", `${path}/resend`, { body: { since: from, dryRun: true } });
      count.value = data[0]?.count;
    });
  }, [from]);
  const number = (value: number) => `${value.toLocaleString(locales as string[])} ${value === 1 ? "delivery" : "deliveries"}`;
  const send = () =>
    sending.run(
      async () => {
        const headers = { "idempotency-key": sending.key.current };
        const { data } = await call<Resent>("POST", `${path}/resend`, { body: { since: from }, headers });
        say(`${number(data[0]?.count ?? 0)} on the way again`);
      },
      undefined,
      () => {
        sent();
        close();
      },
    );
  const problem = day ? (counting.problems.value.since ?? sending.problems.value.since) : "Choose a day.";
  return (
    <FormDialog
      title="Send again what failed or was missed"
      saving={sending.error.value ? sending : { ...sending, error: counting.error }}
      save={send}
      submit={count.value ? `Send ${number(count.value)} again` : "Send again"}
      isOff={!count.value}
      close={close}
    >
      <Field
        label="Since the beginning of"
        hint={`Deliveries are kept for ${KEPT_DAYS} days. Receivers know duplicates by webhook-id.`}
        problem={problem}
      >
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            min={addDays(today, -KEPT_DAYS)}
            max={today}
            value={since}
            onInput={(event) => {
              since.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <p role="status" class="recover-count">
        {count.value === undefined
          ? counting.isRunning.value && "Counting …"
          : count.value === 0
            ? "Nothing failed or was missed since then."
            : `${number(count.value)} failed or ${count.value === 1 ? "was" : "were"} missed since then.`}
      </p>
    </FormDialog>
  );
}
