// A note's form: its text, its day, and its time where that matters, all on the website's clocks.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { call } from "../../api.ts";
import { spanOf } from "../../lib/dates.ts";
import { parseDay } from "../../lib/days.ts";
import { type ApiError, asApiError, fieldOf } from "../../lib/errors.ts";
import { fieldsOf, isShown, timestampOf } from "../../lib/notes.ts";
import { dayAt } from "../../lib/zones.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { Failure } from "../../parts/states.tsx";
import { say } from "../../parts/toast.tsx";
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
  const problems = useSignal<{ text?: string; timestamp?: string }>({});
  const error = useSignal<ApiError | undefined>(undefined);
  const isRunning = useSignal(false);
  const isAsked = useSignal(false); // whether it is to be deleted
  const key = useRef(crypto.randomUUID() as string); // what is sent twice is noted once
  const path = `/api/v1/admin/websites/${view.website.id}/notes`;

  const run = async (change: () => Promise<unknown>, done: string) => {
    isRunning.value = true;
    error.value = undefined;
    try {
      await change();
      changed();
      say(done);
      close();
    } catch (refused) {
      const problem = asApiError(refused);
      const about = fieldOf(problem.message);
      if (about?.field === "text" || about?.field === "timestamp") problems.value = { [about.field]: about.text };
      else error.value = problem;
      // What was refused is corrected, and sent as something new.
      if (problem.status !== 0) key.current = crypto.randomUUID();
    }
    isRunning.value = false;
  };
  const save = (event: Event) => {
    event.preventDefault();
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
      <Dialog key="delete" title="Delete this note?" close={close}>
        <p class="note-quoted">
          <bdi>{note.text}</bdi>
        </p>
        <p>It is gone for everybody on this website. The figures stay as they are.</p>
        {error.value && <Failure error={error.value} />}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="button" class="button danger" disabled={isRunning.value} onClick={remove}>
            Delete
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog key="form" title={note ? "Edit the note" : "Add a note"} close={close}>
      <form class="form" onSubmit={save} noValidate>
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
        {error.value && <Failure error={error.value} />}
        <div class="dialog-actions">
          {note && (
            <button
              type="button"
              class="button quiet dialog-start"
              onClick={() => {
                isAsked.value = true;
              }}
            >
              Delete
            </button>
          )}
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isRunning.value}>
            {note ? "Save" : "Add the note"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
