// The endpoints of a website, and how each is doing.

import { api, taken } from "../../api.ts";
import { agoLabel, momentLabel } from "../../lib/labels.ts";
import { EVENT_TYPES, type Webhook } from "../../lib/webhooks.ts";
import { Add } from "../../parts/add.tsx";
import { useAnswer } from "../../parts/answer.ts";
import { Snippet } from "../../parts/copy.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import { acceptedText, HealthBars, loadStats } from "./health.tsx";
import { WebhooksNav } from "./nav.tsx";
import { EndpointMark } from "./state.tsx";

export default function Webhooks({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Webhooks" permission="webhooks:read">
      {(website) => <List website={website} />}
    </WebsitePage>
  );
}

function List({ website }: { website: SessionWebsite }) {
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/webhooks", { params, signal }))).data;
  };
  const { data, error, again } = useAnswer(website.id, load);
  const reason = missing("webhooks:write", website, "member");
  const add = <Add href={`/console/w/${website.id}/webhooks/new`} label="New webhook" reason={reason} />;
  return (
    <>
      <header class="page-head">
        <h1>Webhooks</h1>
        <div class="page-actions">{data && data.length > 0 && add}</div>
      </header>
      <WebhooksNav websiteId={website.id} />
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The webhooks could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={5} />}
      {data?.length === 0 && (
        <section class="card">
          <Empty title="Tell your own server what happens." actions={add}>
            A webhook sends goals, payments and alerts to an address of yours within moments, signed, and again until it is
            accepted.
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
        <section class="card table-scroll" tabIndex={0} aria-label="Webhooks">
          <table class="rows">
            <caption class="out-of-sight">Webhooks of {website.domain}</caption>
            <thead>
              <tr>
                <th scope="col">Endpoint</th>
                <th scope="col">State</th>
                <th scope="col" class="wide-only">
                  Events
                </th>
                <th scope="col" class="wide-only">
                  Last 24 hours
                </th>
                <th scope="col" class="number">
                  Accepted
                </th>
                <th scope="col" class="number wide-only">
                  Latest
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((webhook) => (
                <Row key={webhook.id} website={website} webhook={webhook} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

function Row({ website, webhook }: { website: SessionWebsite; webhook: Webhook }) {
  const asked = { websiteId: website.id, webhookId: webhook.id, range: "24h" } as const;
  const { data: stats, error, again } = useAnswer(webhook.id, (signal) => loadStats(asked, signal));
  const latest = stats?.lastDeliveryAt && Date.parse(stats.lastDeliveryAt);
  const wait = <span class="wait" role="status" aria-label="Loading" />;
  return (
    <tr>
      <th scope="row">
        <a class="endpoint" href={`/console/w/${website.id}/webhooks/${webhook.id}`}>
          <bdi>{webhook.url.replace(/^https:\/\//, "")}</bdi>
        </a>
        {webhook.description && (
          <span class="endpoint-about">
            <bdi>{webhook.description}</bdi>
          </span>
        )}
      </th>
      <td>
        <EndpointMark webhook={webhook} stats={stats} />
      </td>
      <td class="cell-text wide-only" title={webhook.eventTypes.join(", ")}>
        {eventsText(webhook)}
      </td>
      <td class="wide-only">
        {error && !stats ? (
          <button type="button" class="link" title={error.message} onClick={again}>
            not loaded, try again
          </button>
        ) : stats ? (
          latest && <HealthBars stats={stats} zone={website.timezone} height={22} />
        ) : (
          wait
        )}
      </td>
      <td class="number">{stats ? acceptedText(stats) : !error && wait}</td>
      <td class="number wide-only">
        {latest ? (
          <time dateTime={stats?.lastDeliveryAt ?? undefined} title={momentLabel(latest, website.timezone, locales)}>
            {agoLabel(latest, Date.now(), website.timezone, locales)}
          </time>
        ) : (
          stats && <span class="muted">never</span>
        )}
      </td>
    </tr>
  );
}

function eventsText({ eventTypes }: Webhook): string {
  if (eventTypes.length === 0 || eventTypes.length === EVENT_TYPES.length) return "all";
  return eventTypes.length > 2 ? `${eventTypes.length} types` : eventTypes.join(", ");
}

const example = (websiteId: string) => `curl --request POST ${location.origin}/api/v1/admin/websites/${websiteId}/webhooks \\
  --header "Authorization: Bearer $SLUICE_TOKEN" \\
  --json '{"url": "https://example.com/hooks/sluice", "eventTypes": ["payment.received"]}'`;
