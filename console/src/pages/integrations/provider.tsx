// One payment provider: connecting it, or how the connection goes, what it has told, and an end for it.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { agoLabel, dayLabel, momentLabel } from "../../lib/labels.ts";
import { type Entry, GUIDES, modeWords, type Provider, providerOf, remedyOf } from "../../lib/providers.ts";
import { dayAt } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { openTab } from "../../parts/breakdown-card.tsx";
import { Snippet } from "../../parts/copy.tsx";
import { ChevronLeft, Warning } from "../../parts/icons.tsx";
import { Empty, Failure, Forbidden, Loading } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { query, setQuery } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { Connect } from "./connect.tsx";
import { Disconnect, Resync } from "./dialogs.tsx";
import { EventDrawer } from "./event.tsx";
import { EventList, useEvents } from "./events.tsx";
import { ImportBar, isBusy, StandingMark } from "./standing.tsx";
import { ByHand } from "./webhook.tsx";
import { Words } from "./words.tsx";

const BUSY_MS = 5_000;
const QUIET_MS = 60_000;

interface Props {
  websiteId: string;
  provider: string;
}

export default function ProviderPage({ websiteId, provider }: Props) {
  const name = providerOf(provider);
  const title = name ? GUIDES[name].title : "Integration";
  const list = `/console/w/${websiteId}/settings/integrations`;
  return (
    <WebsitePage websiteId={websiteId} title={title} permission="settings:read">
      {(website) => (
        <>
          <a class="back" href={list}>
            <ChevronLeft /> Integrations
          </a>
          {name ? (
            <One key={name} website={website} name={name} />
          ) : (
            <>
              <h1>Integration</h1>
              <section class="card">
                <Empty
                  title="No provider has this name."
                  actions={
                    <a class="button" href={list}>
                      All providers
                    </a>
                  }
                />
              </section>
            </>
          )}
        </>
      )}
    </WebsitePage>
  );
}

function One({ website, name }: { website: SessionWebsite; name: Provider }) {
  const { title } = GUIDES[name];
  const path = `/api/v1/admin/websites/${website.id}/integrations/${name}`;
  const every = useSignal<number | undefined>(undefined);
  const load = async (signal: AbortSignal) => {
    const { data } = await call<{ data: [Entry] }>("GET", path, { signal });
    // Nothing changes by itself where nothing is connected, unless a shop is about to.
    if (data[0].connected) every.value = isBusy(data[0]) ? BUSY_MS : QUIET_MS;
    else every.value = isAwaited() ? BUSY_MS : undefined;
    return data[0];
  };
  const { data: entry, error, at, again } = useAnswer(path, load, { every: every.value });
  if (!entry) {
    return (
      <>
        <h1>{title}</h1>
        <section class="card">
          {error ? <Failure error={error} again={again} title={`${title} could not be loaded.`} /> : <Loading rows={8} />}
        </section>
      </>
    );
  }
  const props = { website, name, entry, path, now: at, again };
  return entry.connected ? <Connected {...props} /> : <Unconnected {...props} />;
}

// A shop that its owner has just been asked about says so in the address, and connects itself within moments.
const isAwaited = () => query.value.get("success") === "1";

interface EntryProps {
  website: SessionWebsite;
  name: Provider;
  entry: Entry;
  path: string;
  now: number;
  again: () => void;
}

function Unconnected({ website, name, entry, path, again }: EntryProps) {
  const { title, about } = GUIDES[name];
  const reason = missing("settings:write", website, "member");
  const answer = query.value.get("success");
  return (
    <>
      <h1 class="form-title">Connect {title}</h1>
      <p class="settings-lead">{about}</p>
      {answer === "1" && (
        <p class="notice" role="status">
          <span class="pulse" aria-hidden="true" /> The shop's owner has approved. The shop sends its key now; this page goes on
          by itself.
        </p>
      )}
      {answer === "0" && (
        <p class="notice" role="status">
          The shop's owner has not approved. Nothing is connected.
        </p>
      )}
      {reason ? (
        <section class="card">
          <Forbidden reason={reason} />
        </section>
      ) : (
        <Connect name={name} entry={entry} path={path} done={again} />
      )}
    </>
  );
}

function Connected({ website, name, entry, path, now, again }: EntryProps) {
  const { title, visitor } = GUIDES[name];
  const reason = missing("settings:write", website, "member");
  const events = useEvents(path);
  const asked = useSignal<"resync" | "disconnect" | undefined>(undefined);
  const close = () => {
    asked.value = undefined;
  };
  const isManual = entry.mode === "manual";
  const tabs = [
    { id: "events", title: "Events" },
    { id: "visitor", title: "Who paid" },
    ...(reason
      ? []
      : [
          { id: "webhook", title: "Webhook by hand" },
          { id: "key", title: "New key" },
        ]),
  ];
  const tab = openTab(
    "tab",
    tabs.map(({ id }) => id),
  );
  const button = (label: string, what: "resync" | "disconnect", isDangerous = false) => (
    <button
      type="button"
      class={isDangerous ? "button danger" : "button"}
      disabled={reason !== undefined}
      title={reason}
      onClick={() => {
        asked.value = what;
      }}
    >
      {label}
    </button>
  );
  const needsSecret = isManual && entry.webhookSecretKnown === false;
  const event = query.value.get("event");
  return (
    <>
      <header class="page-head">
        <h1>{title}</h1>
        <StandingMark connection={entry} />
        {entry.testMode && <span class="tag">test mode</span>}
        <div class="page-actions">
          {button("Import again …", "resync")}
          {button("Disconnect …", "disconnect", true)}
        </div>
      </header>
      {entry.failing && (
        <div class="notice failing" role="status">
          <Warning />
          <div>
            <p>
              <strong>Failing since {momentLabel(Date.parse(entry.failing.since), website.timezone, locales)}.</strong>{" "}
              {entry.failing.message}.
            </p>
            <p>{remedyOf(entry.failing.reason, title)}</p>
          </div>
        </div>
      )}
      {needsSecret && (
        <p class="notice">
          <Warning /> {title} does not tell of new payments yet: it needs a webhook.
          {reason ? ` To make one ${reason}.` : <a href="?tab=webhook">Make it by hand</a>}
        </p>
      )}
      <Facts website={website} title={title} entry={entry} now={now} />
      <section class="card endpoint-tabs">
        <Tabs label={title} tabs={tabs} open={tab} onOpen={(id) => setQuery({ tab: id === tabs[0]?.id ? undefined : id })}>
          {tab === "events" && <EventList website={website} title={title} events={events} reason={reason} />}
          {tab === "visitor" && (
            <div class="form form-card">
              <p>
                <Words text={visitor.text} />
              </p>
              {visitor.code && <Snippet label="the code" code={visitor.code} />}
              <p class="hint">
                A payment that names nobody is somebody's whose address you have identified, or who has paid before. Otherwise
                it counts in revenue alone.{" "}
                <a href="/docs/providers#who-paid" target="_blank" rel="noopener">
                  All that decides
                </a>
              </p>
            </div>
          )}
          {tab === "webhook" && (
            <div class="form form-card">
              {entry.mode === "webhook" && (
                <p>
                  The gateway has made its webhook at {title}. There is nothing to do here, unless you want another of your own.
                </p>
              )}
              <ByHand name={name} entry={entry} path={path} done={again} />
            </div>
          )}
          {tab === "key" && (
            <div class="new-key">
              <p class="settings-lead">
                A new key of the same account takes the place of the old one, and nothing is read twice. With a key of another
                account, the payments stay that came, and the other's past is read.
              </p>
              <Connect name={name} entry={entry} path={path} done={again} />
            </div>
          )}
        </Tabs>
      </section>
      {event && <EventDrawer website={website} path={path} id={event} reason={reason} changed={events.again} />}
      {asked.value === "resync" && <Resync title={title} path={path} done={again} close={close} />}
      {asked.value === "disconnect" && (
        <Disconnect title={title} path={path} done={again} close={close} isOwn={entry.mode === "webhook"} />
      )}
    </>
  );
}

interface FactsProps {
  website: SessionWebsite;
  title: string;
  entry: Entry;
  now: number;
}

function Facts({ website, title, entry, now }: FactsProps) {
  const { account, connectedAt, lastEventAt, lastPaymentAt, keyExpiresAt, missingPermissions = [], mode } = entry;
  const zone = website.timezone;
  const when = (moment: string | null | undefined) =>
    moment ? (
      <time dateTime={moment} title={momentLabel(Date.parse(moment), zone, locales)}>
        {agoLabel(Date.parse(moment), now, zone, locales)}
      </time>
    ) : (
      <span class="muted">none yet</span>
    );
  const day = (moment: string) => dayLabel(dayAt(Date.parse(moment), zone), locales);
  const run = entry.import;
  return (
    <section class="card facts" aria-label="The connection">
      <dl class="about">
        {account && (
          <div>
            <dt>Account</dt>
            <dd>
              <bdi class="strong">{account.name ?? account.id}</bdi>
              {account.name && (
                <>
                  {" "}
                  <code class="muted">{account.id}</code>
                </>
              )}
            </dd>
          </div>
        )}
        <div>
          <dt>Events</dt>
          <dd>{modeWords(mode, title)}</dd>
        </div>
        <div>
          <dt>Last event</dt>
          <dd>{when(lastEventAt)}</dd>
        </div>
        <div>
          <dt>Last payment</dt>
          <dd>{when(lastPaymentAt)}</dd>
        </div>
        {connectedAt && (
          <div>
            <dt>Connected</dt>
            <dd>{day(connectedAt)}</dd>
          </div>
        )}
        {keyExpiresAt && (
          <div>
            <dt>Key ends</dt>
            <dd>{day(keyExpiresAt)}</dd>
          </div>
        )}
        {missingPermissions.length > 0 && (
          <div>
            <dt>Key lacks</dt>
            <dd>
              {missingPermissions.map((one) => (
                <code key={one}>{one} </code>
              ))}
              <span class="muted">which it can do without</span>
            </dd>
          </div>
        )}
        {run && (
          <div>
            <dt>Past</dt>
            <dd>
              {run.state === "running" ? (
                <ImportBar run={run} />
              ) : (
                <>
                  {run.state === "done" && run.finishedAt
                    ? `read on ${momentLabel(Date.parse(run.finishedAt), zone, locales)}`
                    : "not read to its end"}
                  {run.from ? `, from ${day(run.from)} on` : ""} · {run.done.toLocaleString(locales as string[])} objects
                </>
              )}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
