// The account's passkeys, and what is left to sign in with when one goes.

import { useSignal } from "@preact/signals";
import { api, call, type Schemas, taken } from "../../api.ts";
import { dayLabel } from "../../lib/labels.ts";
import { canHavePasskeys, namedAddress } from "../../lib/passkey-host.ts";
import { browserZone, dayAt } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Field } from "../../parts/field.tsx";
import { LastUsed } from "../../parts/key-end.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { addPasskey, canUsePasskeys, isGivenUp, PASSKEYS, type Passkey } from "../../passkeys.ts";
import { loadStatus, missing, session } from "../../session.ts";
import { locales } from "../../view.ts";
import { deviceOf } from "./device.ts";

const MOST = 10; // x-limits.passkeys

export function Passkeys() {
  const { data, error, again } = useAnswer("passkeys", async (signal) => (await taken(api.GET(PASSKEYS, { signal }))).data);
  const saving = useSaving();
  const renamed = useSignal<Passkey | undefined>(undefined);
  const removed = useSignal<Passkey | undefined>(undefined);
  // A passkey signs in with every right, so a session with fewer has no say in it.
  const reason = missing("*");
  const add = () =>
    saving.run(
      async () => {
        try {
          await addPasskey(deviceOf(navigator.userAgent));
        } catch (problem) {
          if (!isGivenUp(problem)) throw problem;
        }
      },
      undefined,
      again,
    );
  const button = canUsePasskeys() && (
    <button
      type="button"
      class="button primary"
      disabled={reason !== undefined || saving.isRunning.value || (data?.length ?? 0) >= MOST}
      title={reason}
      onClick={add}
    >
      Add a passkey
    </button>
  );
  return (
    <section aria-labelledby="passkeys">
      <header class="page-head">
        <h2 id="passkeys">Passkeys</h2>
        <div class="page-actions">{data && data.length > 0 && button}</div>
      </header>
      {saving.error.value && <Failure error={saving.error.value} />}
      {error && !data && (
        <div class="card">
          <Failure error={error} again={again} title="The passkeys could not be loaded." />
        </div>
      )}
      {!data && !error && <Loading rows={2} />}
      {data?.length === 0 && (
        <div class="card">
          <Empty title="No passkey yet." actions={button}>
            {canUsePasskeys() ? (
              `It signs in with a finger, a face or a PIN, at ${location.hostname} only: if the gateway moves to another host, passkeys stay behind.`
            ) : (
              <NoPasskeys />
            )}
          </Empty>
        </div>
      )}
      {data && data.length > 0 && (
        <ul class="card devices">
          {data.map((passkey) => (
            <li key={passkey.id}>
              <div class="device-text">
                <strong>
                  <bdi>{passkey.name}</bdi>
                </strong>
                <span class="muted">
                  added {dayLabel(dayAt(Date.parse(passkey.createdAt), browserZone()), locales)}
                  {" · "}last used <LastUsed at={passkey.lastUsedAt ?? null} createdAt={passkey.createdAt} />
                </span>
              </div>
              <button
                type="button"
                class="button small"
                disabled={reason !== undefined}
                title={reason}
                aria-label={`Rename ${passkey.name}`}
                onClick={() => {
                  renamed.value = passkey;
                }}
              >
                Rename …
              </button>
              <button
                type="button"
                class="button small"
                disabled={reason !== undefined}
                title={reason}
                aria-label={`Remove ${passkey.name}`}
                onClick={() => {
                  removed.value = passkey;
                }}
              >
                Remove …
              </button>
            </li>
          ))}
        </ul>
      )}
      {renamed.value && (
        <Rename
          passkey={renamed.value}
          again={again}
          close={() => {
            renamed.value = undefined;
          }}
        />
      )}
      {removed.value && (
        <Remove
          passkey={removed.value}
          others={(data?.length ?? 1) - 1}
          again={again}
          close={() => {
            removed.value = undefined;
          }}
        />
      )}
    </section>
  );
}

function NoPasskeys() {
  const named = namedAddress(location);
  if (canHavePasskeys(location)) return <>This browser has no passkeys.</>;
  return (
    <>
      Browsers make passkeys for names only, not for IP addresses.
      {named && (
        <>
          {" "}
          Open the console at <code>{named}</code> to add one.
        </>
      )}
    </>
  );
}

interface Props {
  passkey: Passkey;
  again: () => void;
  close: () => void;
}

function Rename({ passkey, again, close }: Props) {
  const saving = useSaving(["name"]);
  const name = useSignal(passkey.name);
  const save = () =>
    saving.run(
      () => call("PUT", `${PASSKEYS}/${passkey.id}`, { body: { name: name.value } }),
      "Renamed",
      () => {
        again();
        close();
      },
    );
  return (
    <FormDialog title="Rename the passkey" saving={saving} save={save} submit="Rename" close={close}>
      <Field label="Name" problem={saving.problems.value.name}>
        {(attributes) => (
          <input
            {...attributes}
            value={name}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
    </FormDialog>
  );
}

async function waysLeft(signal: AbortSignal, others: number): Promise<string[]> {
  const [{ methods }, tokens] = await Promise.all([
    loadStatus(),
    taken(api.GET("/api/v1/admin/access-tokens", { signal })).then(({ data }) => data as Schemas["AccessToken"][]),
  ]);
  const own = tokens.filter(({ expiresAt }) => expiresAt === undefined || expiresAt === null).length;
  return [
    others > 0 && (others === 1 ? "another passkey" : `${others} other passkeys`),
    methods.email && `a code by mail to ${session.value?.account.email}`,
    methods.access && "Cloudflare Access",
    own > 0 && (own === 1 ? "an account token" : `one of ${own} account tokens`),
    "a link that whoever runs this gateway prints",
  ].filter((way) => way !== false);
}

function Remove({ passkey, others, again, close }: Props & { others: number }) {
  const saving = useSaving();
  const { data } = useAnswer("ways-left", (signal) => waysLeft(signal, others));
  const remove = () =>
    saving.run(
      () => call("DELETE", `${PASSKEYS}/${passkey.id}`),
      "The passkey is removed",
      () => {
        again();
        close();
      },
    );
  return (
    <FormDialog title={`Remove ${passkey.name}?`} saving={saving} save={remove} submit="Remove" isDangerous close={close}>
      <p>It signs in no more, and other devices that were signed in with it are signed out. Delete it on the device as well.</p>
      {data && (
        <>
          <p>What is left to sign in with:</p>
          <ul class="ways-left">
            {data.map((way) => (
              <li key={way}>{way}</li>
            ))}
          </ul>
        </>
      )}
    </FormDialog>
  );
}
