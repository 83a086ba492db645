// What is asked before the past is read again, and before a provider is let go.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { Field } from "../../parts/field.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { setQuery } from "../../router.tsx";

interface Props {
  title: string; // of the provider
  path: string;
  done: () => void;
  close: () => void;
}

export function Resync({ title, path, done, close }: Props) {
  const from = useSignal("");
  const restores = useSignal(false);
  const saving = useSaving(["from"]);
  const run = () =>
    saving.run(
      () => call("PATCH", path, { body: { from: from.value || null, restoreDeleted: restores.value } }),
      "The import has begun",
      () => {
        close();
        done();
      },
    );
  return (
    <FormDialog title={`Import the past of ${title}?`} saving={saving} save={run} submit="Import" close={close}>
      <p>What is here already stays as it is: a payment is counted once, however often it is read.</p>
      <Field label="From" hint="A day in UTC. Empty: from the beginning." problem={saving.problems.value.from}>
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            value={from}
            onInput={(event) => {
              from.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <label class="choice">
        <input
          type="checkbox"
          checked={restores}
          onChange={(event) => {
            restores.value = event.currentTarget.checked;
          }}
        />
        <span>
          Payments that were deleted here come back
          <span class="choice-about choice-below">Not those of visitors who were erased.</span>
        </span>
      </label>
    </FormDialog>
  );
}

export function Disconnect({ title, path, done, close, isOwn }: Props & { isOwn: boolean }) {
  const saving = useSaving();
  const run = () =>
    saving.run(
      () => call("DELETE", path),
      `${title} is disconnected`,
      () => {
        close();
        // Nothing of the address is about what is left.
        setQuery({ tab: undefined, state: undefined, at: undefined, event: undefined }, { replace: true });
        done();
      },
    );
  return (
    <FormDialog title={`Disconnect ${title}?`} saving={saving} save={run} submit="Disconnect" isDangerous close={close}>
      <p>
        <strong>What stays:</strong> every payment that came, and the list of events for 90 days.
      </p>
      <p>
        <strong>What goes:</strong> the key, what {title} sent with its events, and an import that is running. New payments are
        no longer counted.{" "}
        {isOwn ? `The webhook at ${title} is deleted too.` : `A webhook that you made at ${title} is yours to delete.`}
      </p>
      <p>You can connect it again later: what was missed is read then.</p>
    </FormDialog>
  );
}
