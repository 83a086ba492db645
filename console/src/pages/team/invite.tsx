// Inviting somebody, and the one moment in which the link is shown: on the page, which a second click does not close.

import { useSignal } from "@preact/signals";
import { call, type Schemas } from "../../api.ts";
import { momentLabel } from "../../lib/labels.ts";
import type { GivenRole } from "../../lib/team.ts";
import { Field } from "../../parts/field.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { SecretBox } from "../../parts/secret-box.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { RoleChoice } from "./role.tsx";

export type Created = Schemas["CreatedInvitation"];

interface Props {
  path: string;
  invited: (invitation: Created) => void;
  close: () => void;
}

export function Invite({ path, invited, close }: Props) {
  const email = useSignal("");
  const role = useSignal<GivenRole>("viewer");
  const saving = useSaving(["email", "role"]);
  const save = () => {
    let made: { data: Created[] } | undefined;
    saving.run(
      async () => {
        const body = { email: email.value.trim(), role: role.value };
        made = await call("POST", path, { body, headers: { "idempotency-key": saving.key.current } });
      },
      undefined,
      () => made?.data[0] && invited(made.data[0]),
    );
  };
  return (
    <FormDialog title="Invite somebody" saving={saving} save={save} submit="Invite" close={close}>
      <Field label="E-mail" problem={saving.problems.value.email}>
        {(attributes) => (
          <input
            {...attributes}
            type="email"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder="member@example.com"
            value={email}
            onInput={(event) => {
              email.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <RoleChoice role={role.value} choose={(next) => (role.value = next)} />
    </FormDialog>
  );
}

interface LinkProps {
  website: SessionWebsite;
  invitation: Created;
  done: () => void;
}

export function InvitationLink({ website, invitation, done }: LinkProps) {
  const { email, role, inviteUrl, expiresAt, sendsMail } = invitation;
  return (
    <section class="card form form-card new-link" aria-labelledby="new-link">
      <h2 id="new-link">Copy the link now</h2>
      <p>
        Send it to <bdi class="strong">{email}</bdi>. Whoever opens it can accept the invitation once, as {role}, until{" "}
        {momentLabel(Date.parse(expiresAt), website.timezone, locales)}. It is not shown again.
      </p>
      <SecretBox secret={inviteUrl} what="link" />
      <p class="hint">
        {sendsMail
          ? "A mail with a link of its own is on its way too."
          : "No mail goes with it: this gateway sends none, or the address has had one today."}
      </p>
      <div class="dialog-actions">
        <button type="button" class="button primary" onClick={done}>
          Done
        </button>
      </div>
    </section>
  );
}
