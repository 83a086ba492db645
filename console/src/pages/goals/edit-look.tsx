// How a goal is shown: its name, its colour, and what it means. The events keep their own name.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { Field } from "../../parts/field.tsx";
import type { Looks } from "../../parts/goal-looks.ts";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import type { SessionWebsite } from "../../session.ts";

const LONGEST_NAME = 80;
const LONGEST_DESCRIPTION = 300;

interface Props {
  website: SessionWebsite;
  name: string;
  looks: Looks;
  changed: () => void;
  close: () => void;
}

export function EditLook({ website, name, looks, changed, close }: Props) {
  const look = looks.byGoal.get(name);
  const displayName = useSignal(look?.displayName ?? "");
  const color = useSignal<string | null>(look?.color ?? null);
  const description = useSignal(look?.description ?? "");
  const saving = useSaving(["displayName", "description"]);
  const { problems } = saving;

  const run = (change: () => Promise<unknown>, done: string) =>
    saving.run(change, done, () => {
      changed();
      close();
    });
  const path = `/api/v1/admin/websites/${website.id}/goals/customizations`;
  const save = () => {
    const text = (value: string) => value.trim() || null;
    const body = {
      goalName: name,
      displayName: text(displayName.value),
      color: color.value,
      description: text(description.value),
    };
    run(() => call("PATCH", path, { body }), "Saved");
  };
  const reset = () => run(() => call("DELETE", path, { query: { goalName: name } }), "The goal has its own name again");

  return (
    <FormDialog
      title={`The look of ${name}`}
      saving={saving}
      save={save}
      submit="Save"
      close={close}
      start={
        look && (
          <button type="button" class="button quiet dialog-start" disabled={saving.isRunning.value} onClick={reset}>
            Reset
          </button>
        )
      }
    >
      <Field label="Name" hint="Empty: the event's own." problem={problems.value.displayName}>
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            maxLength={LONGEST_NAME}
            placeholder={name}
            value={displayName}
            onInput={(event) => {
              displayName.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <fieldset class="palette-field">
        <legend>Colour</legend>
        <div class="swatches">
          <Swatch
            label="None"
            isChosen={color.value === null}
            choose={() => {
              color.value = null;
            }}
          />
          {looks.colours.map((one) => (
            <Swatch
              key={one.color}
              label={one.label}
              color={one.color}
              isChosen={color.value === one.color}
              choose={() => {
                color.value = one.color;
              }}
            />
          ))}
        </div>
      </fieldset>
      <Field
        label="What it means"
        hint={`${description.value.length} of ${LONGEST_DESCRIPTION} characters`}
        problem={problems.value.description}
      >
        {(attributes) => (
          <textarea
            {...attributes}
            rows={3}
            maxLength={LONGEST_DESCRIPTION}
            value={description}
            onInput={(event) => {
              description.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
    </FormDialog>
  );
}

interface SwatchProps {
  label: string;
  color?: string;
  isChosen: boolean;
  choose: () => void;
}

function Swatch({ label, color, isChosen, choose }: SwatchProps) {
  return (
    <label class="swatch" title={label}>
      <input type="radio" name="goal-colour" class="out-of-sight" checked={isChosen} onChange={choose} />
      <span class={color ? "swatch-colour" : "swatch-colour none"} style={color ? { background: color } : undefined} />
      <span class="out-of-sight">{label}</span>
    </label>
  );
}
