// One section of settings, saved by itself.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { call } from "../../api.ts";
import {
  changesOf,
  type Draft,
  deletes,
  draftOf,
  lineOfItem,
  type Section,
  type Setting,
  type Website,
} from "../../lib/settings.ts";
import { Field } from "../../parts/field.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { Failure } from "../../parts/states.tsx";
import { TypedDomain } from "../../parts/typed-domain.tsx";
import { loadSession, type SessionWebsite } from "../../session.ts";

interface Props {
  website: SessionWebsite;
  known: Website;
  section: Section;
  reason: string | undefined; // why nothing can be changed
  saved: (website: Website) => void;
}

// The session knows these too.
const OF_SESSION = ["name", "domain", "timezone", "currency", "isCookieless"];

export function SettingsForm({ website, known, section, reason, saved }: Props) {
  const { settings, title, id } = section;
  const draft = useSignal<Draft>(draftOf(known, settings));
  const saving = useSaving(settings.map(({ name }) => name));
  const isAsked = useSignal(false); // to type the domain
  const form = useRef<HTMLFormElement>(null);
  const changes = changesOf(draft.value, known, settings);
  const isChanged = Object.keys(changes).length > 0;
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => isChanged && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isChanged]);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [saving.problems.value]);

  const send = () =>
    saving.run(
      async () => {
        const { data } = await call<{ data: Website[] }>("PUT", `/api/v1/admin/websites/${website.id}`, { body: changes });
        const [next] = data;
        if (!next) return;
        draft.value = draftOf(next, settings);
        saved(next);
        if (Object.keys(changes).some((name) => OF_SESSION.includes(name))) await loadSession();
      },
      "Saved",
      () => {
        isAsked.value = false;
      },
    );
  const save = (event: Event) => {
    event.preventDefault();
    if (deletes(changes, known)) isAsked.value = true;
    else send();
  };
  return (
    <form ref={form} class="card form form-card" noValidate onSubmit={save} aria-labelledby={`section-${id}`}>
      <h2 id={`section-${id}`}>{title}</h2>
      {settings.map((setting) => (
        <Input
          key={setting.name}
          setting={setting}
          value={draft.value[setting.name]}
          problem={saving.problems.value[setting.name]}
          isOff={reason !== undefined}
          put={(value) => {
            draft.value = { ...draft.value, [setting.name]: value };
          }}
        />
      ))}
      {saving.error.value && !isAsked.value && <Failure error={saving.error.value} title="Nothing was saved." />}
      <div class="dialog-actions">
        {reason && <span class="hint">{reason}</span>}
        <button type="submit" class="button primary" disabled={reason !== undefined || !isChanged || saving.isRunning.value}>
          Save
        </button>
      </div>
      {isAsked.value && (
        <Confirm
          domain={known.domain}
          days={Number(changes.retentionDays)}
          saving={saving}
          send={send}
          close={() => {
            isAsked.value = false;
          }}
        />
      )}
    </form>
  );
}

interface InputProps {
  setting: Setting;
  value: string | boolean | undefined;
  problem: string | undefined;
  isOff: boolean;
  put: (value: string | boolean) => void;
}

function Input({ setting, value, problem, isOff, put }: InputProps) {
  const { name, kind, label, hint, placeholder } = setting;
  if (kind === "switch") {
    return (
      <label class="choice">
        <input
          type="checkbox"
          checked={value === true}
          disabled={isOff}
          onChange={(event) => put(event.currentTarget.checked)}
        />
        <span>
          <strong>{label}</strong>
          <span class="choice-about choice-below">{hint}</span>
        </span>
      </label>
    );
  }
  const text = String(value ?? "");
  return (
    <Field label={label} hint={hint} problem={problem && inItsLine(problem, text)}>
      {(attributes) =>
        kind === "lines" ? (
          <textarea
            {...attributes}
            class="code"
            rows={Math.min(12, Math.max(3, text.split("\n").length + 1))}
            spellcheck={false}
            placeholder={placeholder}
            disabled={isOff}
            value={text}
            onInput={(event) => put(event.currentTarget.value)}
          />
        ) : kind === "choice" ? (
          <select {...attributes} disabled={isOff} value={text} onChange={(event) => put(event.currentTarget.value)}>
            {optionsOf(name, text).map((one) => (
              <option key={one} value={one}>
                {one.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...attributes}
            class={kind === "days" ? "short" : undefined}
            type="text"
            inputMode={kind === "days" ? "numeric" : undefined}
            disabled={isOff}
            value={text}
            onInput={(event) => put(event.currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

function optionsOf(name: string, value: string): string[] {
  const all = Intl.supportedValuesOf(name === "timezone" ? "timeZone" : "currency");
  return all.includes(value) ? all : [value, ...all];
}

// The API counts items, and people see lines.
function inItsLine(problem: string, text: string): string {
  return problem.replace(/^Line (\d+): /, (_, item: string) => `Line ${lineOfItem(text, Number(item) - 1)}: `);
}

interface ConfirmProps {
  domain: string;
  days: number;
  saving: ReturnType<typeof useSaving>;
  send: () => void;
  close: () => void;
}

// What cannot be taken back is typed.
function Confirm({ domain, days, saving, send, close }: ConfirmProps) {
  const typed = useSignal("");
  return (
    <FormDialog
      title={`Delete what is older than ${days} days?`}
      saving={saving}
      save={send}
      submit="Delete it, and keep no more"
      isDangerous
      isOff={typed.value.trim() !== domain}
      close={close}
    >
      <p>
        Events, sessions and profiles that are older are deleted, and reports of those days are empty. Nobody can bring them
        back.
      </p>
      <TypedDomain domain={domain} typed={typed} />
    </FormDialog>
  );
}
