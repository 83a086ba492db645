// The alerts of a website, those that fire first.

import { call } from "../../api.ts";
import { type Alert, triggerWords } from "../../lib/alerts.ts";
import { agoLabel, momentLabel } from "../../lib/labels.ts";
import { write } from "../../metrics.ts";
import { Add } from "../../parts/add.tsx";
import { Snippet } from "../../parts/copy.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { alertsPath, useAlerts } from "./load.ts";
import { AlertMark } from "./state.tsx";

export default function Alerts({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Alerts" permission="alerts:read">
      {(website) => <List website={website} />}
    </WebsitePage>
  );
}

const RANKS = ["firing", "pending", "nodata", "normal", "resolved"];
const rank = ({ isEnabled, state }: Alert) => (isEnabled ? RANKS.indexOf(state) : RANKS.length);

function List({ website }: { website: SessionWebsite }) {
  const { data, error, again } = useAlerts(website);
  const reason = missing("alerts:write", website, "member");
  const add = <Add href={`/console/w/${website.id}/alerts/new`} label="New alert" reason={reason} />;
  return (
    <>
      <header class="page-head">
        <h1>Alerts</h1>
        <div class="page-actions">{data && data.length > 0 && add}</div>
      </header>
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The alerts could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={5} />}
      {data?.length === 0 && (
        <section class="card">
          <Empty title="Be told when it matters." actions={add}>
            An alert sends a mail or calls a webhook when a goal is completed, or when a figure crosses a threshold.
          </Empty>
          <div class="how-to">
            <div>
              <h3>By the API</h3>
              <Snippet label="the request" code={example(website.id)} />
            </div>
          </div>
        </section>
      )}
      {data && data.length > 0 && (
        <section class="card table-scroll" tabIndex={0} aria-label="Alerts">
          <table class="rows">
            <caption class="out-of-sight">Alerts of {website.domain}</caption>
            <thead>
              <tr>
                <th scope="col">Alert</th>
                <th scope="col">State</th>
                <th scope="col" class="wide-only">
                  Tells
                </th>
                <th scope="col" class="number wide-only">
                  Last message
                </th>
                <th scope="col" class="number">
                  On
                </th>
              </tr>
            </thead>
            <tbody>
              {data
                .toSorted((one, other) => rank(one) - rank(other))
                .map((alert) => (
                  <Row key={alert.id} website={website} alert={alert} reason={reason} again={again} />
                ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

interface RowProps {
  website: SessionWebsite;
  alert: Alert;
  reason: string | undefined;
  again: () => void;
}

function Row({ website, alert, reason, again }: RowProps) {
  const { id, name, trigger, destination, recentLogs, isEnabled } = alert;
  const saving = useSaving();
  const [last] = recentLogs;
  const flip = () =>
    saving.run(
      () => call("PUT", `${alertsPath(website)}/${id}`, { body: { isEnabled: !isEnabled } }),
      isEnabled ? "Switched off" : "Switched on",
      again,
    );
  return (
    <tr>
      <th scope="row">
        <a class="endpoint" href={`/console/w/${website.id}/alerts/${id}`}>
          <bdi>{name}</bdi>
        </a>
        <span class="endpoint-about">
          <bdi>{triggerWords(trigger, (value, kind) => write(value, kind, website.currency).text)}</bdi>
        </span>
        {saving.error.value && <Failure error={saving.error.value} />}
      </th>
      <td>
        <AlertMark alert={alert} />
      </td>
      <td class="wide-only">{destination.type === "email" ? "the owner, by mail" : "a webhook"}</td>
      <td class="number wide-only">
        {last ? (
          <time dateTime={last.triggeredAt} title={momentLabel(Date.parse(last.triggeredAt), website.timezone, locales)}>
            {last.status === "failed" && "failed, "}
            {agoLabel(Date.parse(last.triggeredAt), Date.now(), website.timezone, locales)}
          </time>
        ) : (
          <span class="muted">none</span>
        )}
      </td>
      <td class="number">
        <input
          type="checkbox"
          aria-label={`${name} is on`}
          title={reason}
          checked={isEnabled}
          disabled={reason !== undefined || saving.isRunning.value}
          onChange={flip}
        />
      </td>
    </tr>
  );
}

const example = (websiteId: string) => `curl --request POST ${location.origin}/api/v1/admin/websites/${websiteId}/alerts \\
  --header "Authorization: Bearer $SLUICE_TOKEN" \\
  --json '{"name": "New signup", "trigger": {"goalName": "signup"},
    "template": {"message": "Somebody from {{visitor.country}} signed up."}}'`;
