// A new token: what for, what it may do, and on which websites. It is shown once.

import { useSignal } from "@preact/signals";
import { call, type Schemas } from "../../api.ts";
import { curl } from "../../lib/curl.ts";
import { has, type Permission, PRESETS, presetOf } from "../../lib/tokens.ts";
import { Snippet } from "../../parts/copy.tsx";
import { Field } from "../../parts/field.tsx";
import { ChevronLeft } from "../../parts/icons.tsx";
import { Matrix } from "../../parts/matrix.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Failure, Forbidden } from "../../parts/states.tsx";
import { useTitle } from "../../router.tsx";
import { missing, session } from "../../session.ts";
import { TOKENS } from "./index.tsx";

type Issued = Schemas["IssuedAccessToken"];

const LIST = "/console/account/tokens";

export default function NewToken() {
  useTitle("New token");
  const issued = useSignal<Issued | undefined>(undefined);
  const reason = missing("api-keys:write");
  return (
    <>
      <a class="back" href={LIST}>
        <ChevronLeft /> Account tokens
      </a>
      <h1 class="form-title">{issued.value ? "Copy the token now" : "New token"}</h1>
      {reason ? (
        <section class="card">
          <Forbidden reason={reason} />
        </section>
      ) : issued.value ? (
        <ShownOnce
          secret={issued.value.key}
          what="token"
          first={curl({ url: `${location.origin}/api/v1/admin/websites`, query: [] })}
        >
          <a class="button primary" href={LIST}>
            I have stored it
          </a>
        </ShownOnce>
      ) : (
        <Form
          issued={(token) => {
            issued.value = token;
          }}
        />
      )}
    </>
  );
}

function Form({ issued }: { issued: (token: Issued) => void }) {
  const name = useSignal("");
  const permissions = useSignal<readonly Permission[]>(PRESETS[1]?.permissions ?? []);
  const websites = useSignal<readonly string[]>([]);
  const saving = useSaving(["name", "permissions", "websiteIds"]);
  const mine = session.value?.permissions ?? [];
  const all = session.value?.websites ?? [];
  const isMine = (list: readonly Permission[]) => list.every((one) => (one === "*" ? mine.includes("*") : has(mine, one)));
  const body = {
    name: name.value.trim() || null,
    permissions: permissions.value,
    ...(websites.value.length > 0 && { websiteIds: websites.value }),
  };
  const save = (event: Event) => {
    event.preventDefault();
    if (name.value.trim() === "") {
      saving.problems.value = { name: "Say what it is for." };
      return;
    }
    let answer: { data: Issued[] } | undefined;
    saving.run(
      async () => {
        answer = await call("POST", TOKENS, { body, headers: { "idempotency-key": saving.key.current } });
      },
      undefined,
      () => answer?.data[0] && issued(answer.data[0]),
    );
  };
  const toggle = (id: string) => {
    websites.value = websites.value.includes(id) ? websites.value.filter((one) => one !== id) : [...websites.value, id];
  };
  const preset = presetOf(permissions.value);
  return (
    <form class="card form form-card" noValidate onSubmit={save}>
      <Field
        label="Name"
        hint="What it is for: you will read it when you wonder whether it can go."
        problem={saving.problems.value.name}
      >
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            maxLength={100}
            value={name}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <fieldset class="choices">
        <legend>For</legend>
        {PRESETS.map((one) => (
          <label key={one.id} class="choice" title={isMine(one.permissions) ? undefined : "This session may not do all of it."}>
            <input
              type="radio"
              name="preset"
              checked={preset === one}
              disabled={!isMine(one.permissions)}
              onChange={() => {
                permissions.value = one.permissions;
              }}
            />
            <span>
              {one.name} <span class="choice-about">{one.about}</span>
            </span>
          </label>
        ))}
        <label class="choice">
          <input type="radio" name="preset" checked={!preset} disabled={preset !== undefined} />
          <span>
            Something else <span class="choice-about">As chosen below.</span>
          </span>
        </label>
      </fieldset>
      <Matrix
        mine={mine}
        permissions={permissions.value}
        put={(next) => {
          permissions.value = next;
        }}
      />
      {saving.problems.value.permissions && (
        <p class="problem" role="alert">
          {saving.problems.value.permissions}
        </p>
      )}
      <fieldset class="choices">
        <legend>Websites</legend>
        <p class="hint">{websites.value.length === 0 ? "All that you reach, and those that you add later." : "Only these."}</p>
        {all.map(({ id, domain }) => (
          <label key={id} class="choice">
            <input type="checkbox" checked={websites.value.includes(id)} onChange={() => toggle(id)} />
            <span>
              <bdi>{domain}</bdi>
            </span>
          </label>
        ))}
      </fieldset>
      <details>
        <summary>The same by the API</summary>
        <Snippet label="the request" code={curl({ method: "POST", url: location.origin + TOKENS, body })} />
      </details>
      {saving.error.value && <Failure error={saving.error.value} title="No token was made." />}
      <div class="dialog-actions">
        <a class="button" href={LIST}>
          Cancel
        </a>
        <button type="submit" class="button primary" disabled={saving.isRunning.value || permissions.value.length === 0}>
          Create the token
        </button>
      </div>
    </form>
  );
}
