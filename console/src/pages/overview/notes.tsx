// What was noted in the range: below the chart, under the numbers of its flags. Who may write adds, changes and deletes notes here.

import { useSignal } from "@preact/signals";
import type { Schemas } from "../../api.ts";
import { dayLabel, momentLabel } from "../../lib/labels.ts";
import { type Flag, fieldsOf } from "../../lib/notes.ts";
import { Pencil, Plus } from "../../parts/icons.tsx";
import { lazy } from "../../parts/lazy.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Failure } from "../../parts/states.tsx";
import type { Reports } from "../../reports.ts";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales, type View } from "../../view.ts";

export type Note = Schemas["Note"];

const PART = "notes:1000";
const SHOWN = 4;
const NoteForm = lazy(() => import("./note-form.tsx").then((module) => module.NoteForm));

// The part that the view asks for, where the session may read it.
export const notesPart = (website: SessionWebsite): string[] => (missing("notes:read", website) ? [] : [PART]);
export const notesOf = (reports: Reports): readonly Note[] => (reports.part(PART).body?.data ?? []) as unknown as Note[];

export function AddNote({ view, reports }: { view: View; reports: Reports }) {
  const isOpen = useSignal(false);
  const reason = missing("notes:write", view.website, "member");
  const open = () => {
    isOpen.value = true;
  };
  useShortcuts(reason ? [] : [{ keys: "o", does: "Add a note", group: "Chart", run: open }]);
  return (
    <>
      <button
        type="button"
        class="button quiet small"
        aria-label="Add a note"
        title={reason ?? "Note what happened"}
        disabled={reason !== undefined}
        onClick={open}
      >
        <Plus /> Note
      </button>
      {isOpen.value && (
        <NoteForm
          view={view}
          changed={() => reports.again(PART)}
          close={() => {
            isOpen.value = false;
          }}
        />
      )}
    </>
  );
}

interface Props {
  view: View;
  reports: Reports;
  flags: readonly Flag<Note>[];
}

export function NoteList({ view, reports, flags }: Props) {
  const areAllShown = useSignal(false);
  const edited = useSignal<Note | undefined>(undefined);
  const { body, error } = reports.part(PART);
  const { website, here } = view;
  const unread = missing("notes:read", website);
  if (unread) return <p class="notes-none">Notes are not shown: this {unread}.</p>;
  if (error && !body) {
    return (
      <div class="notes-none">
        <Failure error={error} again={() => reports.again(PART)} title="The notes could not be loaded." />
      </div>
    );
  }
  const all = flags.flatMap(({ number, notes }) => notes.map((note) => ({ number, note }))).reverse();
  if (all.length === 0) return null;
  const total = body?.pagination?.total ?? all.length;
  const mayChange = missing("notes:write", website, "member") === undefined;
  return (
    <section class="notes" aria-label="Notes, newest first">
      <ul class={areAllShown.value ? "notes-list all" : "notes-list"}>
        {(areAllShown.value ? all : all.slice(0, SHOWN)).map(({ number, note }) => (
          <li key={note.id}>
            <span class="note-number" title={`At flag ${number}`}>
              {number}
            </span>
            <bdi class="note-text">{note.text}</bdi>
            <span class="note-about">
              {whenOf(note, here.zone)}
              {note.author?.name && (
                <>
                  {" · "}
                  <bdi>{note.author.name}</bdi>
                </>
              )}
            </span>
            {mayChange && (
              <button
                type="button"
                class="button quiet icon-only small"
                aria-label={`Edit the note “${note.text}”`}
                title="Edit or delete"
                onClick={() => {
                  edited.value = note;
                }}
              >
                <Pencil />
              </button>
            )}
          </li>
        ))}
      </ul>
      {all.length > SHOWN && (
        <button
          type="button"
          class="button quiet small"
          aria-expanded={areAllShown.value}
          onClick={() => {
            areAllShown.value = !areAllShown.value;
          }}
        >
          {areAllShown.value ? "Fewer notes" : `All ${all.length} notes`}
        </button>
      )}
      {total > all.length && (
        <p class="note-about">
          The newest {all.length} of {total}.
        </p>
      )}
      {edited.value && (
        <NoteForm
          key={edited.value.id}
          view={view}
          note={edited.value}
          changed={() => reports.again(PART)}
          close={() => {
            edited.value = undefined;
          }}
        />
      )}
    </section>
  );
}

function whenOf({ timestamp }: Note, zone: string): string {
  const { day, time } = fieldsOf(timestamp, zone);
  return time === "" ? dayLabel(day, locales) : momentLabel(Date.parse(timestamp), zone, locales);
}
