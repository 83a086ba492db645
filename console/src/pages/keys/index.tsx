// The keys of a website: who made each and when it was used, a new value, and an end for it.

import { useSignal } from "@preact/signals";
import { api, call, type Schemas, taken } from "../../api.ts";
import { curl } from "../../lib/curl.ts";
import { dayLabel } from "../../lib/labels.ts";
import { presetOf } from "../../lib/tokens.ts";
import { dayAt } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Field } from "../../parts/field.tsx";
import { Plus } from "../../parts/icons.tsx";
import { EndDialog, LastUsed } from "../../parts/key-end.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { SettingsNav } from "../../parts/settings-nav.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite, session } from "../../session.ts";
import { locales } from "../../view.ts";

type Key = Schemas["WebsiteKey"];
type Issued = Schemas["IssuedWebsiteKey"];

const MOST = 10;

export default function Keys({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Keys" permission="api-keys:read" Nav={SettingsNav}>
      {(website) => <OfWebsite key={website.id} website={website} />}
    </WebsitePage>
  );
}

function OfWebsite({ website }: { website: SessionWebsite }) {
  const issued = useSignal<Issued | undefined>(undefined);
  const { value } = issued;
  const put = (key: Issued | undefined) => {
    issued.value = key;
  };
  if (!value) return <List website={website} issued={put} />;
  return (
    <>
      <h1 class="form-title">Copy the key now</h1>
      <ShownOnce secret={value.key} what="key" first={curl({ url: `${location.origin}/api/v1/analytics/overview` })}>
        <button type="button" class="button primary" onClick={() => put(undefined)}>
          I have stored it
        </button>
      </ShownOnce>
    </>
  );
}

type Asked = { what: "new" } | { what: "roll" | "revoke"; key: Key };

function List({ website, issued }: { website: SessionWebsite; issued: (key: Issued) => void }) {
  const path = `/api/v1/admin/websites/${website.id}/apikeys`;
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/apikeys", { params, signal }))).data;
  };
  const { data, error, again } = useAnswer(website.id, load);
  const makers = useMakers(website, data);
  const asked = useSignal<Asked | undefined>(undefined);
  const ask = (next: Asked) => () => {
    asked.value = next;
  };
  const close = () => {
    asked.value = undefined;
  };
  const reason = missing("api-keys:write", website, "member");
  const full = data && data.length >= MOST ? `A website has at most ${MOST} keys` : undefined;
  const why = reason ?? full;
  const add = (
    <button type="button" class="button primary" disabled={why !== undefined} title={why} onClick={ask({ what: "new" })}>
      <Plus /> New key
    </button>
  );
  return (
    <>
      <header class="page-head">
        <h1>Keys</h1>
        {data && data.length > 0 && (
          <>
            <span class="muted">
              {data.length} of {MOST}
            </span>
            <div class="page-actions">{add}</div>
          </>
        )}
      </header>
      <SettingsNav websiteId={website.id} />
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The keys could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={5} />}
      {data && (
        <p class="settings-lead">
          A key opens the API for this website alone, for a backend that sends or a program that reads. For several websites
          there are <a href="/console/account/tokens">account tokens</a>.
        </p>
      )}
      {data?.length === 0 && (
        <section class="card">
          <Empty title="No key yet." actions={add}>
            A program has a key of its own, so that each can be ended by itself.
          </Empty>
        </section>
      )}
      {data && data.length > 0 && (
        <section class="card table-scroll" tabIndex={0} aria-label="Keys">
          <table class="rows">
            <caption class="out-of-sight">Keys of {website.domain}</caption>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col" class="wide-only">
                  Made by
                </th>
                <th scope="col" class="wide-only">
                  Created
                </th>
                <th scope="col" class="number">
                  Last used
                </th>
                <th scope="col">
                  <span class="out-of-sight">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((key) => (
                <tr key={key.id}>
                  <th scope="row">
                    <bdi class="strong">{key.name ?? "unnamed"}</bdi> <code class="muted">{key.displayKey}</code>
                  </th>
                  <td class="cell-text wide-only">
                    <bdi>{makers(key.createdBy)}</bdi>
                  </td>
                  <td class="wide-only">{dayLabel(dayAt(Date.parse(key.createdAt), website.timezone), locales)}</td>
                  <td class="number">
                    <LastUsed at={key.lastUsedAt} createdAt={key.createdAt} />
                  </td>
                  <td>
                    <div class="row-actions">
                      {(
                        [
                          ["New value", "roll"],
                          ["Revoke", "revoke"],
                        ] as const
                      ).map(([word, what]) => (
                        <button
                          key={what}
                          type="button"
                          class="button small"
                          disabled={reason !== undefined}
                          title={reason}
                          aria-label={`${word}: ${key.name ?? key.displayKey}`}
                          onClick={ask({ what, key })}
                        >
                          {word} …
                        </button>
                      ))}
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {asked.value?.what === "new" && <New path={path} issued={issued} close={close} />}
      {asked.value?.what === "roll" && <Roll path={path} of={asked.value.key} issued={issued} close={close} />}
      {asked.value?.what === "revoke" && <Revoke path={path} of={asked.value.key} again={again} close={close} />}
    </>
  );
}

// Who made a key, by name: asked for where somebody else did.
function useMakers(website: SessionWebsite, keys: Key[] | undefined): (id: string | null) => string {
  const me = session.value?.account.id;
  const isNeeded = keys?.some(({ createdBy }) => createdBy !== null && createdBy !== me) && !missing("team:read", website);
  const load = async (signal: AbortSignal) => {
    if (!isNeeded) return [];
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/team", { params, signal }))).data;
  };
  const { data: team } = useAnswer(isNeeded ? "team" : "", load);
  return (id) => {
    if (id === me) return "you";
    const member = team?.find(({ userId }) => userId === id);
    return member ? (member.name ?? member.email) : "–";
  };
}

interface DialogProps {
  path: string;
  close: () => void;
}

function New({ path, issued, close }: DialogProps & { issued: (key: Issued) => void }) {
  const name = useSignal("");
  const saving = useSaving(["name"]);
  const save = () => {
    if (name.value.trim() === "") {
      saving.problems.value = { name: "Say what it is for." };
      return;
    }
    let made: { data: Issued[] } | undefined;
    saving.run(
      async () => {
        const headers = { "idempotency-key": saving.key.current };
        made = await call("POST", path, { body: { name: name.value.trim() }, headers });
      },
      undefined,
      () => made?.data[0] && issued(made.data[0]),
    );
  };
  return (
    <FormDialog title="New key" saving={saving} save={save} submit="Create the key" close={close}>
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
            autocomplete="off"
            value={name}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Ceiling />
    </FormDialog>
  );
}

// A key may do what the session may that makes it: the API takes no list.
function Ceiling() {
  const permissions = session.value?.permissions ?? [];
  const preset = presetOf(permissions);
  return (
    <div class="ceiling">
      <h3>It may</h3>
      {permissions.includes("*") ? (
        <p>do all that a member may on this website: read it, send to it and change it. Not the team.</p>
      ) : (
        <>
          <p>{preset ? `${preset.name}: ` : ""}what this session may, on this website, and no more than a member:</p>
          <p class="event-names">
            {permissions.map((one) => (
              <code key={one}>{one}</code>
            ))}
          </p>
        </>
      )}
      <p class="hint">
        One that may do less is an <a href="/console/account/tokens/new">account token</a> for this website, or a key that a
        session makes which may do less.
      </p>
    </div>
  );
}

function Roll({ path, of, issued, close }: DialogProps & { of: Key; issued: (key: Issued) => void }) {
  const saving = useSaving();
  const roll = () => {
    let made: { data: Issued[] } | undefined;
    saving.run(
      async () => {
        made = await call("PUT", `${path}/${of.id}`);
      },
      undefined,
      () => made?.data[0] && issued(made.data[0]),
    );
  };
  return (
    <EndDialog
      title={`A new value for ${of.name ?? of.displayKey}?`}
      submit="Make a new value"
      lastUsedAt={of.lastUsedAt}
      saving={saving}
      end={roll}
      close={close}
    >
      <p>
        The present value stops working with the next request. Whatever uses it fails until it has the new one, which is shown
        once. What the key may do stays.
      </p>
    </EndDialog>
  );
}

function Revoke({ path, of, again, close }: DialogProps & { of: Key; again: () => void }) {
  const saving = useSaving();
  const revoke = () =>
    saving.run(
      () => call("DELETE", `${path}/${of.id}`),
      "The key is revoked",
      () => {
        again();
        close();
      },
    );
  return (
    <EndDialog
      title={`Revoke ${of.name ?? of.displayKey}?`}
      submit="Revoke"
      lastUsedAt={of.lastUsedAt}
      saving={saving}
      end={revoke}
      close={close}
    >
      <p>It stops working with the next request. Nobody can bring it back.</p>
    </EndDialog>
  );
}
