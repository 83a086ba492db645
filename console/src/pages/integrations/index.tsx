// The payment providers, and how the connection to each stands.

import { useSignal } from "@preact/signals";
import { api, taken } from "../../api.ts";
import { curl } from "../../lib/curl.ts";
import { agoLabel } from "../../lib/labels.ts";
import { type Connection, GUIDES, inOrder, type Provider, remedyOf } from "../../lib/providers.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Snippet } from "../../parts/copy.tsx";
import { SettingsNav } from "../../parts/settings-nav.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { ImportBar, isBusy, StandingMark } from "./standing.tsx";

const BUSY_MS = 5_000;
const QUIET_MS = 60_000;

export default function Integrations({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Integrations" permission="settings:read" Nav={SettingsNav}>
      {(website) => <List key={website.id} website={website} />}
    </WebsitePage>
  );
}

function List({ website }: { website: SessionWebsite }) {
  const every = useSignal(QUIET_MS);
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    const answer = await taken(api.GET("/api/v1/admin/websites/{websiteId}/integrations", { params, signal }));
    const all = inOrder(answer.data[0] as (typeof answer.data)[number]);
    every.value = all.some(([, connection]) => isBusy(connection)) ? BUSY_MS : QUIET_MS;
    return all;
  };
  const { data, error, at, again } = useAnswer(website.id, load, { every: every.value });
  return (
    <>
      <header class="page-head">
        <h1>Integrations</h1>
      </header>
      <SettingsNav websiteId={website.id} />
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The providers could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={8} />}
      {data && (
        <>
          <p class="settings-lead">
            A connected provider tells of every payment, renewal, refund and chargeback by itself, in the website's currency, on
            the visitor who paid.
          </p>
          <ul class="providers">
            {data.map(([name, connection]) => (
              <Card key={name} website={website} name={name} connection={connection} now={at} />
            ))}
          </ul>
          <Another />
        </>
      )}
    </>
  );
}

interface CardProps {
  website: SessionWebsite;
  name: Provider;
  connection: Connection;
  now: number;
}

function Card({ website, name, connection, now }: CardProps) {
  const { title, about } = GUIDES[name];
  const reason = missing("settings:write", website, "member");
  const href = `/console/w/${website.id}/settings/integrations/${name}`;
  const { connected, account, failing, lastEventAt, lastPaymentAt, mode, testMode } = connection;
  const paid = lastPaymentAt
    ? `last payment ${agoLabel(Date.parse(lastPaymentAt), now, website.timezone, locales)}`
    : "no payment yet";
  return (
    <li class={`card provider ${connected ? "is-connected" : ""}`}>
      <span class="provider-mark" aria-hidden="true">
        {title[0]}
      </span>
      <div class="provider-text">
        <h2>
          <a href={href}>{title}</a>
        </h2>
        {connected ? (
          <p class="provider-about">
            <StandingMark connection={connection} />
            {testMode && <span class="tag">test mode</span>}
            <span class="muted">
              {account && (
                <>
                  <bdi>{account.name ?? account.id}</bdi> ·{" "}
                </>
              )}
              {paid}
            </span>
          </p>
        ) : (
          <p class="provider-about muted">{about}</p>
        )}
        {connection.import?.state === "running" && !failing && <ImportBar run={connection.import} />}
        {mode === "manual" && !lastEventAt && !failing && (
          <p class="provider-trouble">
            It has told nothing yet, and is not asked. <a href={`${href}?tab=webhook`}>Make its webhook by hand</a>
          </p>
        )}
        {failing && (
          <p class="provider-trouble">
            {failing.message}. {remedyOf(failing.reason, title)}
          </p>
        )}
      </div>
      {connected ? (
        <a class="button" href={href}>
          Manage<span class="out-of-sight"> {title}</span>
        </a>
      ) : reason ? (
        <button type="button" class="button" disabled title={reason}>
          Connect<span class="out-of-sight"> {title}</span>
        </button>
      ) : (
        <a class="button" href={href}>
          Connect<span class="out-of-sight"> {title}</span>
        </a>
      )}
    </li>
  );
}

// Whoever sells in another way tells of it from a backend.
function Another() {
  const body = { amount: 49, currency: "USD", transaction_id: "order-1001", datafast_visitor_id: "…" };
  return (
    <section class="card form form-card" aria-label="Another provider">
      <h2>You take payments in another way?</h2>
      <p>
        Your backend tells of each once, with a website key. The visitor's id is in the cookie <code>datafast_visitor_id</code>.
      </p>
      <Snippet label="the request" code={curl({ method: "POST", url: `${location.origin}/api/v1/payments`, body })} />
    </section>
  );
}
