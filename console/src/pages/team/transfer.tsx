// The website is given away: to somebody on the team, with its domain typed, because only they can give it back.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { Field } from "../../parts/field.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { TypedDomain } from "../../parts/typed-domain.tsx";
import { loadSession, missing, type SessionWebsite } from "../../session.ts";
import type { Member } from "./index.tsx";

export function Ownership({ website, others, give }: { website: SessionWebsite; others: number; give: () => void }) {
  const reason = missing("*", website, "owner") ?? (others === 0 ? "nobody else is on the team" : undefined);
  return (
    <section class="card form form-card ownership" aria-label="Ownership">
      <h2>Another owner</h2>
      <p class="hint">
        Somebody on the team becomes the owner, and the owner a member. Everything stays as it is; mails about the website go to
        the new owner.
      </p>
      <div class="dialog-actions">
        <button type="button" class="button danger" disabled={reason !== undefined} title={reason} onClick={give}>
          Transfer the website …
        </button>
      </div>
    </section>
  );
}

interface Props {
  website: SessionWebsite;
  members: Member[];
  path: string;
  done: () => void;
  close: () => void;
}

export function Transfer({ website, members, path, done, close }: Props) {
  const saving = useSaving(["userId", "domain"]);
  const to = useSignal("");
  const typed = useSignal("");
  const save = () => {
    saving.run(
      async () => {
        const body = { userId: to.value, domain: typed.value.trim() };
        await call("POST", `${path}/transfer`, { body, headers: { "idempotency-key": saving.key.current } });
        await loadSession();
      },
      `${website.domain} has another owner`,
      done,
    );
  };
  return (
    <FormDialog
      title={`Transfer ${website.domain}?`}
      saving={saving}
      save={save}
      submit="Transfer the website"
      isDangerous
      isOff={to.value === "" || typed.value.trim() !== website.domain}
      close={close}
    >
      <p>
        From the next request on you are a member: you decide no more about the team, and only the new owner can give the
        website back.
      </p>
      <Field label="New owner" problem={saving.problems.value.userId}>
        {(attributes) => (
          <select
            {...attributes}
            value={to}
            onChange={(event) => {
              to.value = event.currentTarget.value;
            }}
          >
            <option value="">Choose somebody</option>
            {members.map(({ userId, name, email, role }) => (
              <option key={userId} value={userId}>
                {name ? `${name} (${email})` : email}, {role}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TypedDomain domain={website.domain} typed={typed} problem={saving.problems.value.domain} />
    </FormDialog>
  );
}
