// Invitations that were not accepted yet: until when, or since when they no longer can be, and what can be done about it.

import { call, type Schemas } from "../../api.ts";
import { dayLabel, momentLabel } from "../../lib/labels.ts";
import { dayAt } from "../../lib/zones.ts";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import type { Created } from "./invite.tsx";

export type Invitation = Schemas["PendingInvitation"];

interface ListProps {
  website: SessionWebsite;
  invitations: Invitation[];
  owners: string | undefined; // why nothing can be done
  ask: (what: "resend" | "cancel", invitation: Invitation) => void;
}

export function Invitations({ website, invitations, owners, ask }: ListProps) {
  return (
    <section class="invitations" aria-labelledby="invitations">
      <h2 id="invitations">Invited</h2>
      <div class="card table-scroll" tabIndex={0} role="region" aria-label="Invitations">
        <table class="rows">
          <caption class="out-of-sight">Invitations that were not accepted yet</caption>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Role</th>
              <th scope="col" class="wide-only">
                Invited
              </th>
              <th scope="col" class="wide-only">
                State
              </th>
              <th scope="col">
                <span class="out-of-sight">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {invitations.map((invitation) => (
              <tr key={invitation.id}>
                <th scope="row">
                  <bdi class="strong">{invitation.email}</bdi>
                  <span class="person-mail waiting-state">{inWords(invitation, website)}</span>
                </th>
                <td class="cell-word">{invitation.role}</td>
                <td class="wide-only">{dayLabel(dayAt(Date.parse(invitation.createdAt), website.timezone), locales)}</td>
                <td class="wide-only">{inWords(invitation, website)}</td>
                <td>
                  <div class="row-actions">
                    {(["resend", "cancel"] as const).map((what) => (
                      <button
                        key={what}
                        type="button"
                        class="button small"
                        disabled={owners !== undefined}
                        title={owners}
                        aria-label={`${VERBS[what]} the invitation of ${invitation.email}`}
                        onClick={() => ask(what, invitation)}
                      >
                        {VERBS[what]} …
                      </button>
                    ))}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        Each can be accepted once, by whoever has its link. One that ended is listed for another week, and can be sent again.
      </p>
    </section>
  );
}

const VERBS = { resend: "Send again", cancel: "Cancel" } as const;

function inWords({ state, expiresAt }: Invitation, website: SessionWebsite): string {
  const end = momentLabel(Date.parse(expiresAt), website.timezone, locales);
  return state === "pending" ? `waits until ${end}` : `ended ${end}`;
}

interface Props {
  invitation: Invitation;
  path: string;
  close: () => void;
}

export function Resend({ invitation, path, sent, close }: Props & { sent: (invitation: Created) => void }) {
  const saving = useSaving();
  const send = () => {
    let made: { data: Created[] } | undefined;
    saving.run(
      async () => {
        const headers = { "idempotency-key": saving.key.current };
        made = await call("POST", `${path}/invitations/${invitation.id}/resend`, { headers });
      },
      undefined,
      () => made?.data[0] && sent(made.data[0]),
    );
  };
  return (
    <FormDialog title="Send the invitation again?" saving={saving} save={send} submit="Send again" close={close}>
      <p>
        <bdi class="strong">{invitation.email}</bdi> gets seven days anew, and another link, which is shown once. The links that
        were sent before open nothing from then on.
      </p>
    </FormDialog>
  );
}

export function Cancel({ invitation, path, cancelled, close }: Props & { cancelled: () => void }) {
  const saving = useSaving();
  const cancel = () => {
    saving.run(() => call("DELETE", `${path}/invitations/${invitation.id}`), "The invitation is cancelled", cancelled);
  };
  return (
    <FormDialog
      title="Cancel the invitation?"
      saving={saving}
      save={cancel}
      submit="Cancel the invitation"
      isDangerous
      close={close}
    >
      <p>
        Its links open nothing from then on. <bdi class="strong">{invitation.email}</bdi> can be invited anew at any time.
      </p>
    </FormDialog>
  );
}
