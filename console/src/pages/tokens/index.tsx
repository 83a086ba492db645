// The tokens of the account: what each may do, when it was used, and an end for it.

import { useSignal } from "@preact/signals";
import { api, call, type Schemas, taken } from "../../api.ts";
import { dayLabel } from "../../lib/labels.ts";
import { presetOf } from "../../lib/tokens.ts";
import { browserZone, dayAt } from "../../lib/zones.ts";
import { Add } from "../../parts/add.tsx";
import { useAnswer } from "../../parts/answer.ts";
import { EndDialog, LastUsed } from "../../parts/key-end.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Forbidden, Loading } from "../../parts/states.tsx";
import { useTitle } from "../../router.tsx";
import { missing, session } from "../../session.ts";
import { locales } from "../../view.ts";

type Token = Schemas["AccessToken"];

export const TOKENS = "/api/v1/admin/access-tokens";

export default function Tokens() {
  useTitle("Account tokens");
  const reason = missing("api-keys:read");
  return (
    <>
      {reason ? (
        <>
          <h1>Account tokens</h1>
          <section class="card">
            <Forbidden reason={reason} />
          </section>
        </>
      ) : (
        <List />
      )}
    </>
  );
}

function List() {
  const { data, error, again } = useAnswer("tokens", async (signal) => (await taken(api.GET(TOKENS, { signal }))).data);
  const revoked = useSignal<Token | undefined>(undefined);
  const reason = missing("api-keys:write");
  const add = <Add href="/console/account/tokens/new" label="New token" reason={reason} />;
  return (
    <>
      <header class="page-head">
        <h1>Account tokens</h1>
        <div class="page-actions">{data && data.length > 0 && add}</div>
      </header>
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The tokens could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={5} />}
      {data?.length === 0 && (
        <section class="card">
          <Empty title="No token yet." actions={add}>
            A program that calls the API has a token of its own, which can do no more than it must.
          </Empty>
        </section>
      )}
      {data && data.length > 0 && (
        <section class="card table-scroll" tabIndex={0} aria-label="Account tokens">
          <table class="rows">
            <caption class="out-of-sight">Account tokens</caption>
            <thead>
              <tr>
                <th scope="col">Token</th>
                <th scope="col">May</th>
                <th scope="col" class="wide-only">
                  Websites
                </th>
                <th scope="col" class="wide-only">
                  Created
                </th>
                <th scope="col" class="number">
                  Last used
                </th>
                <th scope="col">
                  <span class="out-of-sight">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((token) => (
                <Row
                  key={token.id}
                  token={token}
                  reason={reason}
                  revoke={() => {
                    revoked.value = token;
                  }}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {revoked.value && (
        <Revoke
          token={revoked.value}
          again={again}
          close={() => {
            revoked.value = undefined;
          }}
        />
      )}
    </>
  );
}

function Row({ token, reason, revoke }: { token: Token; reason: string | undefined; revoke: () => void }) {
  const { name, displayKey, permissions, websiteIds, createdAt } = token;
  const zone = browserZone();
  const domainOf = (id: string) => session.value?.websites.find((website) => website.id === id)?.domain ?? id;
  const preset = presetOf(permissions);
  return (
    <tr>
      <th scope="row">
        <bdi class="strong">{name ?? "unnamed"}</bdi> <code class="muted">{displayKey}</code>
        {token.expiresAt && <span class="muted"> ends {dayLabel(dayAt(Date.parse(token.expiresAt), zone), locales)}</span>}
      </th>
      <td title={permissions.join(", ")}>
        {permissions.includes("*") ? (
          <span class="tag money">full access</span>
        ) : (
          (preset?.name ?? `${permissions.length} ${permissions.length === 1 ? "permission" : "permissions"}`)
        )}
      </td>
      <td class="cell-text wide-only">{websiteIds.length === 0 ? "all" : websiteIds.map(domainOf).join(", ")}</td>
      <td class="wide-only">{dayLabel(dayAt(Date.parse(createdAt), zone), locales)}</td>
      <td class="number">
        <LastUsed at={token.lastUsedAt} createdAt={createdAt} />
      </td>
      <td class="number">
        <button
          type="button"
          class="button small"
          disabled={reason !== undefined}
          title={reason}
          aria-label={`Revoke ${name ?? displayKey}`}
          onClick={revoke}
        >
          Revoke …
        </button>
      </td>
    </tr>
  );
}

function Revoke({ token, again, close }: { token: Token; again: () => void; close: () => void }) {
  const saving = useSaving();
  const { name, displayKey, lastUsedAt } = token;
  const revoke = () =>
    saving.run(
      () => call("DELETE", `${TOKENS}/${token.id}`),
      "The token is revoked",
      () => {
        again();
        close();
      },
    );
  return (
    <EndDialog
      title={`Revoke ${name ?? displayKey}?`}
      submit="Revoke"
      lastUsedAt={lastUsedAt}
      saving={saving}
      end={revoke}
      close={close}
    >
      <p>
        It stops working with the next request, and so do the sessions of the console that were signed in to with it. Nobody can
        bring it back.
      </p>
    </EndDialog>
  );
}
