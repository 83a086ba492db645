// Connecting a provider: its own instructions, step by step, and the form that ends them. What is typed is sent once and never shown.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { type Entry, GUIDES, type Input, type Provider, type Way } from "../../lib/providers.ts";
import { openTab } from "../../parts/breakdown-card.tsx";
import { Field } from "../../parts/field.tsx";
import { External } from "../../parts/icons.tsx";
import { type Saving, useSaving } from "../../parts/saving.tsx";
import { Failure } from "../../parts/states.tsx";
import { setQuery } from "../../router.tsx";
import { Words } from "./words.tsx";

interface Props {
  name: Provider;
  entry: Entry;
  path: string; // of the integration
  done: () => void;
}

export function Connect({ name, entry, path, done }: Props) {
  const { title, ways } = GUIDES[name];
  const id = openTab(
    "way",
    ways.map((way) => way.id),
  );
  const way = ways.find((one) => one.id === id) ?? ways[0];
  return (
    <section class="card form form-card" aria-label={`Connect ${title}`}>
      {ways.length > 1 && (
        <fieldset class="segments">
          <legend class="out-of-sight">How</legend>
          {ways.map((one) => (
            <button
              key={one.id}
              type="button"
              aria-pressed={one === way}
              onClick={() => setQuery({ way: one === ways[0] ? undefined : one.id })}
            >
              {one.title}
            </button>
          ))}
        </fieldset>
      )}
      <ol class="steps">
        {way.steps.map((step, at) => (
          <li key={step}>
            <p>
              <Words text={step} />
            </p>
            {at === 0 && entry.createKeyUrl && (
              <div>
                <a class="button small" href={entry.createKeyUrl} target="_blank" rel="noopener">
                  <External /> Open the form, with the boxes ticked
                </a>
              </div>
            )}
          </li>
        ))}
        <li>
          {way.isConsent ? (
            <Consent key={way.id} way={way} path={path} />
          ) : (
            <Form key={way.id} {...{ way, path, done, title }} />
          )}
        </li>
      </ol>
    </section>
  );
}

interface FormProps {
  way: Way;
  path: string;
  done: () => void;
  title: string;
}

function Form({ way, path, done, title }: FormProps) {
  const { draft, saving, inputs } = useDraft(way);
  const save = (event: Event) => {
    event.preventDefault();
    if (!isFilled(way, draft.value, saving)) return;
    saving.run(
      () => call("POST", path, { body: trimmed(draft.value), headers: { "idempotency-key": saving.key.current } }),
      `${title} is connected`,
      done,
    );
  };
  return (
    <form class="form" noValidate onSubmit={save}>
      {inputs}
      {saving.error.value && <Failure error={saving.error.value} title="Nothing was stored." />}
      <div class="form-end">
        <button type="submit" class="button primary" disabled={saving.isRunning.value}>
          {saving.isRunning.value ? "Trying the key …" : `Connect ${title}`}
        </button>
      </div>
      <p class="hint">
        The key is tried before anything is stored. It is kept encrypted, and nobody is shown it again. Past payments are read
        as soon as it is connected.
      </p>
    </form>
  );
}

// The shop's page comes in place of this one, and leads back.
function Consent({ way, path }: { way: Way; path: string }) {
  const { draft, saving, inputs } = useDraft(way);
  const save = (event: Event) => {
    event.preventDefault();
    if (!isFilled(way, draft.value, saving)) return;
    let page: string | undefined;
    saving.run(
      async () => {
        const body = { ...trimmed(draft.value), returnUrl: location.origin + location.pathname };
        const { data } = await call<{ data: { authorizeUrl: string }[] }>("POST", `${path}/authorize`, {
          body,
          headers: { "idempotency-key": saving.key.current },
        });
        page = data[0]?.authorizeUrl;
      },
      undefined,
      () => {
        if (page && /^https?:\/\//.test(page)) location.assign(page);
      },
    );
  };
  return (
    <form class="form" noValidate onSubmit={save}>
      {inputs}
      {saving.error.value && <Failure error={saving.error.value} title="The shop was not asked." />}
      <div class="form-end">
        <button type="submit" class="button primary" disabled={saving.isRunning.value}>
          Go to the shop <External />
        </button>
      </div>
    </form>
  );
}

function useDraft(way: Way) {
  const draft = useSignal<Record<string, string>>({});
  const saving = useSaving(way.inputs.map(({ name }) => name));
  const inputs = way.inputs.map((input) => (
    <Typed
      key={input.name}
      input={input}
      value={draft.value[input.name] ?? ""}
      problem={saving.problems.value[input.name]}
      put={(value) => {
        draft.value = { ...draft.value, [input.name]: value };
      }}
    />
  ));
  return { draft, saving, inputs };
}

const trimmed = (draft: Record<string, string>) =>
  Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, value.trim()]));

function isFilled({ inputs }: Way, draft: Record<string, string>, saving: Saving): boolean {
  const empty = inputs.find(({ name }) => !draft[name]?.trim());
  saving.problems.value = empty ? { [empty.name]: "This is needed." } : {};
  return !empty;
}

interface TypedProps {
  input: Input;
  value: string;
  problem: string | undefined;
  put: (value: string) => void;
}

export function Typed({ input, value, problem, put }: TypedProps) {
  const { label, isSecret, placeholder } = input;
  return (
    <Field label={label} problem={problem}>
      {(attributes) => {
        const common = {
          ...attributes,
          class: "code",
          autocapitalize: "none" as const,
          spellcheck: false,
          placeholder,
          value,
          onInput: (event: { currentTarget: HTMLInputElement }) => put(event.currentTarget.value),
        };
        // A browser offers no password of its own where a new one is asked for.
        return isSecret ? (
          <input {...common} type="password" autocomplete="new-password" />
        ) : (
          <input {...common} type="text" autocomplete="off" />
        );
      }}
    </Field>
  );
}
