// Somebody leaves the team: what they made, what of it goes, and what has gone.

import { useSignal } from "@preact/signals";
import { api, call, taken } from "../../api.ts";
import { isNothing, type Made, madeBy, type Removed } from "../../lib/team.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import type { Member } from "./index.tsx";

export type { Removed };

interface Props {
  website: SessionWebsite;
  member: Member;
  path: string;
  close: () => void;
}

export function Remove({
  website,
  member,
  path,
  removed,
  close,
}: Props & { removed: (member: Member, removed: Removed) => void }) {
  const saving = useSaving();
  const takesAll = useSignal(true);
  const name = member.name ?? member.email;
  const remove = () => {
    let answer: { data: Removed[] } | undefined;
    saving.run(
      async () => {
        answer = await call("DELETE", path, { body: { userId: member.userId, revokeKeys: takesAll.value } });
      },
      `${name} is removed`,
      () => answer?.data[0] && removed(member, answer.data[0]),
    );
  };
  return (
    <FormDialog title={`Remove ${name}?`} saving={saving} save={remove} submit="Remove" isDangerous close={close}>
      <p>
        From their next request on they reach nothing of <bdi class="strong">{website.domain}</bdi>: not with their account's
        tokens, and not with a session that is open.
      </p>
      <label class="choice">
        <input
          type="checkbox"
          checked={takesAll}
          onChange={(event) => {
            takesAll.value = event.currentTarget.checked;
          }}
        />
        <span>
          Delete the keys, the webhooks and the alerts to webhooks that they made
          <span class="choice-about choice-below">
            {takesAll.value
              ? "Also the keys whose value they know, and what they have sent to an address of theirs."
              : "Whoever knows the values of these keys gets in with them, and what they set up goes on sending."}
          </span>
        </span>
      </label>
      <TheirThings website={website} account={member.userId} />
    </FormDialog>
  );
}

export function Leave({ website, member, path, left, close }: Props & { left: (removed: Removed) => void }) {
  const saving = useSaving();
  const leave = () => {
    let answer: { data: Removed[] } | undefined;
    saving.run(
      async () => {
        answer = await call("DELETE", `${path}/me`);
      },
      undefined,
      () => answer?.data[0] && left(answer.data[0]),
    );
  };
  return (
    <FormDialog
      title={`Leave the team of ${website.domain}?`}
      saving={saving}
      save={leave}
      submit="Leave"
      isDangerous
      close={close}
    >
      <p>
        You reach nothing of it any more. The keys, the webhooks and the alerts to webhooks that you made are deleted. Only the
        owner can invite you again.
      </p>
      <TheirThings website={website} account={member.userId} />
    </FormDialog>
  );
}

interface TheirProps {
  website: SessionWebsite;
  account: string;
  areKeysOnly?: boolean;
}

// As far as this session may see the lists.
export function TheirThings({ website, account, areKeysOnly }: TheirProps) {
  const params = { path: { websiteId: website.id } };
  const load = async (signal: AbortSignal): Promise<Made> => {
    const list = async <T,>(permission: string, get: () => Promise<{ data: T[] }>) =>
      missing(permission, website) || (areKeysOnly && permission !== "api-keys:read") ? [] : (await get()).data;
    const [keys, webhooks, alerts] = await Promise.all([
      list("api-keys:read", () => taken(api.GET("/api/v1/admin/websites/{websiteId}/apikeys", { params, signal }))),
      list("webhooks:read", () => taken(api.GET("/api/v1/admin/websites/{websiteId}/webhooks", { params, signal }))),
      list("alerts:read", () => taken(api.GET("/api/v1/admin/websites/{websiteId}/alerts", { params, signal }))),
    ]);
    return madeBy(account, { keys, webhooks, alerts });
  };
  const { data } = useAnswer(account, load);
  if (!data) return <p class="hint made-count">{"\u00a0"}</p>;
  if (isNothing(data)) return <p class="hint made-count">They made {areKeysOnly ? "no key" : "nothing of it"}.</p>;
  return <Things made={data} />;
}

function Things({ made: { keys, webhooks, alerts } }: { made: Made }) {
  return (
    <ul class="made">
      {keys.map(({ name, displayKey }) => (
        <li key={displayKey}>
          Key <bdi class="strong">{name ?? "unnamed"}</bdi> <code class="muted">{displayKey}</code>
        </li>
      ))}
      {webhooks.map(({ url }, at) => (
        <li key={at}>
          Webhook to <bdi class="strong">{url}</bdi>
        </li>
      ))}
      {alerts.map(({ name }, at) => (
        <li key={at}>
          Alert <bdi class="strong">{name}</bdi>
        </li>
      ))}
    </ul>
  );
}

export function Gone({ member, removed, close }: { member: Member; removed: Removed; close: () => void }) {
  return (
    <Dialog title={`${member.name ?? member.email} is removed`} close={close}>
      <div class="form">
        <WhatWent removed={removed} />
        <div class="dialog-actions">
          <button type="button" class="button primary" onClick={close}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}

// The session learns of it anew, and with it the whole page: there is nothing of the website to show any more.
export function Left({ website, removed }: { website: SessionWebsite; removed: Removed }) {
  const leave = () => location.replace("/console?all");
  return (
    <Dialog title={`You have left the team of ${website.domain}`} close={leave}>
      <div class="form">
        <WhatWent removed={removed} />
        <div class="dialog-actions">
          <button type="button" class="button primary" onClick={leave}>
            All websites
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function WhatWent({ removed }: { removed: Removed }) {
  const { revoked, switchedOffAlerts } = removed;
  return (
    <>
      {isNothing(removed) ? (
        <p>There was no key, no webhook and no alert to a webhook to delete.</p>
      ) : (
        <>
          <p>{revoked ? "This went along:" : "This is still there, and goes on working:"}</p>
          <Things made={removed} />
        </>
      )}
      {switchedOffAlerts.length > 0 && (
        <>
          <p>These alerts of others sent to one of the webhooks, and are switched off now:</p>
          <Things made={{ keys: [], webhooks: [], alerts: switchedOffAlerts }} />
        </>
      )}
    </>
  );
}
