// A note's form: its text, its day, and its time where that matters, all on the website's clocks.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { spanOf } from "../../lib/dates.ts";
import { parseDay } from "../../lib/days.ts";
import { fieldsOf, isShown, timestampOf } from "../../lib/notes.ts";
import { dayAt } from "../../lib/zones.ts";
import { Field } from "../../parts/field.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import type { View } from "../../view.ts";
import type { Note } from "./notes.tsx";

const LONGEST = 500;

interface Props {
  view: View;
  note?: Note;
  changed: () => void;
  close: () => void;
}

export function NoteForm({ view, note, changed, close }: Props) {
  const { zone, now } = view.here;
  const before = note && fieldsOf(note.timestamp, zone);
  const text = useSignal(note?.text ?? "");
  const day = useSignal<string>(before?.day ?? dayAt(Math.min(now, spanOf(view.range, zone).end), zone));
  const time = useSignal(before?.time ?? "");
  const isAsked = useSignal(false); // whether it is to be deleted
  const saving = useSaving(["text", "timestamp"]);
  const { problems, key } = saving;
  const path = `/api/v1/admin/websites/${view.website.id}/notes`;

  const run = (change: () => Promise<unknown>, done: string) =>
    saving.run(change, done, () => {
      changed();
      close();
    });
  const save = () => {
    const chosen = parseDay(day.value);
    problems.value = {
      ...(text.value.trim() === "" && { text: "Say what happened." }),
      ...(!chosen && { timestamp: "Choose a day." }),
      ...(chosen && !isShown(chosen, time.value, zone) && { timestamp: `Clocks in ${zone} never show this time on that day.` }),
    };
    if (!chosen || Object.keys(problems.value).length > 0) return;
    const isMoved = day.value !== before?.day || time.value !== before?.time;
    const timestamp = timestampOf(chosen, time.value, zone);
    if (note) {
      const body = { text: text.value, ...(isMoved && { timestamp }) };
      run(() => call("PUT", `${path}/${note.id}`, { body }), "The note is changed");
    } else {
      run(() => call("POST", path, { body: { text: text.value, timestamp, idempotencyKey: key.current } }), "Noted");
    }
  };
  const remove = () => note && run(() => call("DELETE", `${path}/${note.id}`), "The note is deleted");

  if (note && isAsked.value) {
    return (
      <FormDialog
        key="delete"
        title="Delete this note?"
        saving={saving}
        save={remove}
        submit="Delete"
        isDangerous
        close={close}
      >
        <p class="note-quoted">
          <bdi>{note.text}</bdi>
        </p>
        <p>It is gone for everybody on this website. The figures stay as they are.</p>
      </FormDialog>
    );
  }
  return (
    <FormDialog
      key="form"
      title={note ? "Edit the note" : "Add a note"}
      saving={saving}
      save={save}
      submit={note ? "Save" : "Add the note"}
      close={close}
      start={
        note && (
          <button
            type="button"
            class="button quiet dialog-start"
            onClick={() => {
              isAsked.value = true;
            }}
          >
            Delete
          </button>
        )
      }
    >
      <Field label="What happened" hint={`${[...text.value].length} of ${LONGEST} characters`} problem={problems.value.text}>
        {(attributes) => (
          <textarea
            {...attributes}
            rows={3}
            maxLength={LONGEST}
            value={text}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Field label="Day" problem={problems.value.timestamp}>
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            value={day}
            onInput={(event) => {
              day.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Field label="Time" hint={`In ${zone}. Empty: the whole day.`}>
        {(attributes) => (
          <input
            {...attributes}
            type="time"
            value={time}
            onInput={(event) => {
              time.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
    </FormDialog>
  );
}
