// How a goal is shown: its name, its colour, and what it means. The events keep their own name.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { type ApiError, asApiError, fieldOf } from "../../lib/errors.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import type { Looks } from "../../parts/goal-looks.ts";
import { Failure } from "../../parts/states.tsx";
import { say } from "../../parts/toast.tsx";
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
  const error = useSignal<ApiError | undefined>(undefined);
  const isRunning = useSignal(false);
  const problem = error.value && fieldOf(error.value.message);

  const run = async (change: () => Promise<unknown>, done: string) => {
    isRunning.value = true;
    error.value = undefined;
    try {
      await change();
      changed();
      say(done);
      close();
    } catch (refused) {
      error.value = asApiError(refused);
    }
    isRunning.value = false;
  };
  const path = `/api/v1/admin/websites/${website.id}/goals/customizations`;
  const save = (event: Event) => {
    event.preventDefault();
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
    <Dialog title={`The look of ${name}`} close={close}>
      <form class="form" onSubmit={save}>
        <Field
          label="Name"
          hint="Empty: the event's own."
          problem={problem?.field === "displayName" ? problem.text : undefined}
        >
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
          problem={problem?.field === "description" ? problem.text : undefined}
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
        {error.value && !problem && <Failure error={error.value} />}
        <div class="dialog-actions">
          {look && (
            <button type="button" class="button quiet dialog-start" disabled={isRunning.value} onClick={reset}>
              Reset
            </button>
          )}
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isRunning.value}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
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
