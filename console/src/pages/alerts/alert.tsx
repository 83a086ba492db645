// One alert: what it waits for, how it stands and why, and what it told.

import { useSignal } from "@preact/signals";
import { api, call, type Schemas, taken } from "../../api.ts";
import { type Alert, durationWords, METRICS, minutesOf, triggerWords } from "../../lib/alerts.ts";
import { momentLabel } from "../../lib/labels.ts";
import { write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { ChevronLeft } from "../../parts/icons.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { say } from "../../parts/toast.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { go, useTitle } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { alertsPath, useAlerts } from "./load.ts";
import { AlertMark, StateMark } from "./state.tsx";

const EVERY_MS = 60_000; // as often as it can change

interface Props {
  websiteId: string;
  alertId: string;
}

export default function AlertPage({ websiteId, alertId }: Props) {
  return (
    <WebsitePage websiteId={websiteId} title="Alert" permission="alerts:read">
      {(website) => <Found key={alertId} website={website} alertId={alertId} />}
    </WebsitePage>
  );
}

function Found({ website, alertId }: { website: SessionWebsite; alertId: string }) {
  const { data, error, again } = useAlerts(website, EVERY_MS);
  const alert = data?.find(({ id }) => id === alertId);
  const list = `/console/w/${website.id}/alerts`;
  useTitle(alert?.name ?? "Alert", website.domain);
  return (
    <>
      <a class="back" href={list}>
        <ChevronLeft /> Alerts
      </a>
      {alert ? (
        <Known website={website} alert={alert} again={again} />
      ) : (
        <>
          <h1>Alert</h1>
          <section class="card">
            {error ? (
              <Failure error={error} again={again} title="The alert could not be loaded." />
            ) : data ? (
              <Empty
                title="This alert is gone."
                actions={
                  <a class="button" href={list}>
                    All alerts
                  </a>
                }
              />
            ) : (
              <Loading rows={8} />
            )}
          </section>
        </>
      )}
    </>
  );
}

function Known({ website, alert, again }: { website: SessionWebsite; alert: Alert; again: () => void }) {
  const { id, name, trigger, destination, template, cooldown, notifyResolved, isEnabled, stateSince } = alert;
  const path = `${alertsPath(website)}/${id}`;
  const reason = missing("alerts:write", website, "member");
  const at = (moment: string) => momentLabel(Date.parse(moment), website.timezone, locales);
  const isAsked = useSignal(false);
  const saving = useSaving();
  const testing = useSaving();
  const removing = useSaving();
  const tested = useSignal<Schemas["TestedAlert"] | undefined>(undefined);
  const isOff = reason !== undefined;
  const test = () =>
    testing.run(async () => {
      const headers = { "idempotency-key": testing.key.current };
      tested.value = (await call<{ data: Schemas["TestedAlert"][] }>("POST", `${path}/test`, { headers })).data[0];
      say(tested.value?.status === "sent" ? "The test is sent" : "The test could not be sent");
    });
  const flip = () =>
    saving.run(() => call("PUT", path, { body: { isEnabled: !isEnabled } }), isEnabled ? "Switched off" : "Switched on", again);
  const base = `/console/w/${website.id}`;
  return (
    <>
      <header class="page-head">
        <h1 class="endpoint-title">
          <bdi>{name}</bdi>
        </h1>
        <AlertMark alert={alert} />
        <div class="page-actions">
          <button type="button" class="button" disabled={isOff || testing.isRunning.value} title={reason} onClick={test}>
            Send a test
          </button>
          <button type="button" class="button" disabled={isOff || saving.isRunning.value} title={reason} onClick={flip}>
            {isEnabled ? "Switch off" : "Switch on"}
          </button>
          {isOff ? (
            <button type="button" class="button" disabled title={reason}>
              Edit
            </button>
          ) : (
            <a class="button" href={`${base}/alerts/${id}/edit`}>
              Edit
            </a>
          )}
          <button
            type="button"
            class="button"
            disabled={isOff}
            title={reason}
            onClick={() => {
              isAsked.value = true;
            }}
          >
            Delete …
          </button>
        </div>
      </header>
      {[saving, testing].map(({ error }, index) => error.value && <Failure key={index} error={error.value} />)}
      {tested.value && (
        <p class="notice" role="status">
          {tested.value.status === "sent"
            ? "The test was sent: "
            : `The test could not be sent, ${tested.value.error ?? "for an unknown reason"}: `}
          <bdi class="strong">{tested.value.message}</bdi>
          {tested.value.deliveryId && destination.type === "webhook" && (
            <a href={`${base}/webhooks/${destination.endpointId}?delivery=${tested.value.deliveryId}`}>Its delivery</a>
          )}
        </p>
      )}
      <section class="card form-card" aria-label="What it is">
        <dl class="about">
          <div>
            <dt>When</dt>
            <dd>
              <bdi>{triggerWords(trigger, (value, kind) => write(value, kind, website.currency).full)}</bdi>
              {trigger.type === "metric" &&
                Object.entries(trigger.filters ?? {}).map(([field, value]) => (
                  <span key={field} class="tag">
                    <bdi>
                      {field} {String(value)}
                    </bdi>
                  </span>
                ))}
            </dd>
          </div>
          <div>
            <dt>Tells</dt>
            <dd>
              {destination.type === "email" ? (
                "the website's owner, by mail"
              ) : (
                <a href={`${base}/webhooks/${destination.endpointId}`}>a webhook</a>
              )}
              {minutesOf(cooldown) > 0 ? `, at most every ${durationWords(cooldown)}` : ", each time"}
              {notifyResolved && ", and when it is over"}
            </dd>
          </div>
          <div>
            <dt>Says</dt>
            <dd>
              {template.subject && (
                <p>
                  <bdi class="strong">{template.subject}</bdi>
                </p>
              )}
              <p class="mail-text">
                <bdi>{template.message}</bdi>
              </p>
            </dd>
          </div>
          {trigger.type === "metric" && isEnabled && (
            <div>
              <dt>State</dt>
              <dd>
                <StateMark state={alert.state} /> since {at(stateSince)}
              </dd>
            </div>
          )}
        </dl>
      </section>
      {trigger.type === "metric" && <Transitions website={website} alert={alert} path={path} />}
      <History website={website} alert={alert} />
      {isAsked.value && (
        <FormDialog
          title="Delete this alert?"
          saving={removing}
          save={() =>
            removing.run(
              () => call("DELETE", path),
              "The alert is deleted",
              () => go(`${base}/alerts`, { replace: true }),
            )
          }
          submit="Delete"
          isDangerous
          close={() => {
            isAsked.value = false;
          }}
        >
          <p>
            <bdi class="strong">{name}</bdi> tells nobody any more, and its history is gone. To stop it for a while, switch it
            off instead.
          </p>
        </FormDialog>
      )}
    </>
  );
}

function Transitions({ website, alert, path }: { website: SessionWebsite; alert: Alert; path: string }) {
  const { data, error, again } = useAnswer(`${path} ${alert.stateSince}`, async (signal) => {
    const params = { path: { websiteId: website.id, alertId: alert.id }, query: { limit: 20 } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/alerts/{alertId}/transitions", { params, signal }))).data;
  });
  const kind = alert.trigger.type === "metric" ? METRICS[alert.trigger.metric].kind : "count";
  return (
    <section class="card after" aria-labelledby="transitions">
      <header class="card-head">
        <h2 id="transitions">What happened</h2>
      </header>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Loading rows={4} />}
      {data?.length === 0 && <Empty title="Its state has not changed yet." />}
      {data && data.length > 0 && (
        <div class="table-scroll">
          <table class="rows">
            <caption class="out-of-sight">Changes of its state, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">State</th>
                <th scope="col" class="number">
                  Value
                </th>
                <th scope="col" class="wide-only">
                  Why
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map(({ at, to, value, reason }) => (
                <tr key={at + to}>
                  <th scope="row">{momentLabel(Date.parse(at), website.timezone, locales)}</th>
                  <td>
                    <StateMark state={to} />
                  </td>
                  <td class="number">
                    {value === null ? <span class="muted">–</span> : write(value, kind, website.currency).text}
                  </td>
                  <td class="wide-only">{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function History({ website, alert }: { website: SessionWebsite; alert: Alert }) {
  const { data, error, again } = useAnswer(`${alert.id} ${alert.recentLogs[0]?.triggeredAt ?? ""}`, async (signal) => {
    const params = { path: { websiteId: website.id }, query: { alertId: alert.id, limit: 50 } };
    return taken(api.GET("/api/v1/admin/websites/{websiteId}/alerts/history", { params, signal }));
  });
  return (
    <section class="card after" aria-labelledby="messages">
      <header class="card-head">
        <h2 id="messages">Messages</h2>
        {data && data.counts.total > 0 && (
          <span class="muted">
            {data.counts.sent.toLocaleString(locales as string[])} sent,{" "}
            {data.counts.failed.toLocaleString(locales as string[])} failed
          </span>
        )}
      </header>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Loading rows={4} />}
      {data?.data.length === 0 && (
        <Empty title="It has told nothing yet.">A message comes about a minute after what it is about. Kept for 90 days.</Empty>
      )}
      {data && data.data.length > 0 && (
        <div class="table-scroll">
          <table class="rows">
            <caption class="out-of-sight">Messages, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">About</th>
                <th scope="col">Sent</th>
              </tr>
            </thead>
            <tbody>
              {data.data.map(({ triggeredAt, event, goalName, visitorId, status, error: why }, index) => (
                <tr key={`${triggeredAt} ${index}`}>
                  <th scope="row">{momentLabel(Date.parse(triggeredAt), website.timezone, locales)}</th>
                  <td>
                    {event === "resolved" ? "it is over" : goalName ? <bdi>{goalName}</bdi> : "it fires"}
                    {visitorId && (
                      <>
                        {" by "}
                        <a href={`/console/w/${website.id}/visitors/${encodeURIComponent(visitorId)}`}>a visitor</a>
                      </>
                    )}
                  </td>
                  <td>{status === "sent" ? "sent" : <span class="problem">failed: {why ?? "for an unknown reason"}</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
