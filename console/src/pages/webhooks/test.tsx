// An example of an event for the endpoint, followed to its end.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { EVENT_TYPES, EVENTS, type EventType } from "../../lib/webhooks.ts";
import { Field } from "../../parts/field.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { setQuery } from "../../router.tsx";

export function SendTest({ path, sent }: { path: string; sent: () => void }) {
  const type = useSignal<EventType>("goal.completed");
  const saving = useSaving(["type"]);
  const close = () => setQuery({ test: undefined }, { replace: true });
  const send = () =>
    saving.run(async () => {
      const headers = { "idempotency-key": saving.key.current };
      const { data } = await call<{ data: { deliveryId: string }[] }>("POST", `${path}/test`, {
        body: { type: type.value },
        headers,
      });
      sent();
      setQuery({ test: undefined, delivery: data[0]?.deliveryId }, { replace: true });
    }, "The test is on its way");
  return (
    <FormDialog title="Send a test" saving={saving} save={send} submit="Send it" close={close}>
      <Field label="Event" hint={EVENTS[type.value]} problem={saving.problems.value.type}>
        {(attributes) => (
          <select
            {...attributes}
            value={type}
            onChange={(event) => {
              type.value = event.currentTarget.value as EventType;
            }}
          >
            {EVENT_TYPES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p class="hint">
        An example with <code>"test": true</code> is signed and sent as every delivery is, even if this endpoint does not ask
        for the type.{" "}
        <a href="/docs/webhooks#events" target="_blank" rel="noopener">
          What each event has
        </a>
      </p>
    </FormDialog>
  );
}
