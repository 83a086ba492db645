// One endpoint: how it is doing, what was sent, its secret, and what it is.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, call, taken } from "../../api.ts";
import type { Webhook } from "../../lib/webhooks.ts";
import { useAnswer } from "../../parts/answer.ts";
import { openTab } from "../../parts/breakdown-card.tsx";
import { ChevronLeft } from "../../parts/icons.tsx";
import { lazy } from "../../parts/lazy.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { go, query, setQuery, useTitle } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { DeliveryList, useDeliveries } from "./deliveries.tsx";
import { DeliveryDrawer } from "./delivery.tsx";
import { WebhookForm } from "./form.tsx";
import { Health, useStats } from "./health.tsx";
import { Secret } from "./secret.tsx";
import { EndpointMark, FailingNotice } from "./state.tsx";
import { SendTest } from "./test.tsx";

const Recover = lazy(() => import("./recover.tsx").then((module) => module.Recover));

const TABS = [
  { id: "deliveries", title: "Deliveries" },
  { id: "secret", title: "Secret" },
  { id: "settings", title: "Settings" },
];

interface Props {
  websiteId: string;
  webhookId: string;
}

export default function WebhookPage({ websiteId, webhookId }: Props) {
  return (
    <WebsitePage websiteId={websiteId} title="Webhook" permission="webhooks:read">
      {(website) => <Endpoint key={webhookId} website={website} webhookId={webhookId} />}
    </WebsitePage>
  );
}

function Endpoint({ website, webhookId }: { website: SessionWebsite; webhookId: string }) {
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id, webhookId } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}", { params, signal }))).data[0];
  };
  const { data: webhook, error, again } = useAnswer(webhookId, load);
  const list = `/console/w/${website.id}/webhooks`;
  useTitle(webhook?.url ?? "Webhook", website.domain);
  return (
    <>
      <a class="back" href={list}>
        <ChevronLeft /> Webhooks
      </a>
      {webhook ? (
        <Known website={website} webhook={webhook} again={again} />
      ) : (
        <>
          <h1>Webhook</h1>
          <section class="card">
            {error?.status === 404 || error?.status === 400 ? (
              <Empty
                title="This webhook is gone."
                actions={
                  <a class="button" href={list}>
                    All webhooks
                  </a>
                }
              >
                {error.message}
              </Empty>
            ) : error ? (
              <Failure error={error} again={again} title="The webhook could not be loaded." />
            ) : (
              <Loading rows={8} />
            )}
          </section>
        </>
      )}
    </>
  );
}

function Known({ website, webhook, again }: { website: SessionWebsite; webhook: Webhook; again: () => void }) {
  const path = `/api/v1/admin/websites/${website.id}/webhooks/${webhook.id}`;
  const reason = missing("webhooks:write", website, "member");
  const tab = openTab(
    "tab",
    TABS.map(({ id }) => id),
  );
  const deliveries = useDeliveries(website, `${path}/deliveries`);
  const { latest } = deliveries;
  const answer = useStats(website.id, webhook.id, latest);
  const stats = answer.data;
  const asked = useSignal<"recover" | "delete" | undefined>(undefined);
  const switching = useSaving();
  const close = () => {
    asked.value = undefined;
  };
  const flip = () =>
    switching.run(
      () => call("PUT", path, { body: { isEnabled: !webhook.isEnabled } }),
      webhook.isEnabled ? "Switched off" : "Switched on",
      again,
    );
  // Who answers 410 is switched off, which takes a moment to be known everywhere.
  const isGone = webhook.isEnabled && latest?.[0]?.lastStatusCode === 410;
  useEffect(() => {
    if (isGone) again();
  }, [isGone && latest]);
  const isLost = latest?.some(({ status }) => status === "failed" || status === "missed");
  const off = webhook.isEnabled ? reason : (reason ?? "It is switched off");
  return (
    <>
      <header class="page-head">
        <h1 class="endpoint-title">
          <bdi>{webhook.url}</bdi>
        </h1>
        <EndpointMark webhook={webhook} stats={stats} />
        <div class="page-actions">
          <button type="button" class="button" disabled={off !== undefined} title={off} onClick={() => setQuery({ test: "" })}>
            Send a test
          </button>
          <button
            type="button"
            class="button"
            disabled={off !== undefined}
            title={off}
            onClick={() => {
              asked.value = "recover";
            }}
          >
            Recover …
          </button>
          <button
            type="button"
            class="button"
            disabled={reason !== undefined || switching.isRunning.value}
            title={reason}
            onClick={flip}
          >
            {webhook.isEnabled ? "Switch off" : "Switch on"}
          </button>
        </div>
      </header>
      {webhook.description && (
        <p class="endpoint-lead">
          <bdi>{webhook.description}</bdi>
        </p>
      )}
      {switching.error.value && <Failure error={switching.error.value} title="Nothing was switched." />}
      {webhook.isEnabled && stats?.failingSince && latest && (
        <FailingNotice stats={stats} latest={latest} zone={website.timezone} now={deliveries.at} />
      )}
      {!webhook.isEnabled && (
        <p class="notice" role="status">
          Nothing is sent while it is off: deliveries are kept for 30 days as missed. Switch it on, then use Recover to send
          them
          {isLost ? "" : ", if there are any"}.
        </p>
      )}
      {latest && latest.length > 0 && <Health website={website} answer={answer} />}
      <section class="card endpoint-tabs">
        <Tabs label="Webhook" tabs={TABS} open={tab} onOpen={(id) => setQuery({ tab: id === TABS[0]?.id ? undefined : id })}>
          {tab === "deliveries" && <DeliveryList website={website} deliveries={deliveries} />}
          {tab === "secret" && <Secret website={website} path={path} reason={reason} />}
          {tab === "settings" && (
            <>
              <WebhookForm key={webhook.updatedAt} website={website} webhook={webhook} reason={reason} saved={again} />
              <div class="form-card">
                <button
                  type="button"
                  class="button danger"
                  disabled={reason !== undefined}
                  title={reason}
                  onClick={() => {
                    asked.value = "delete";
                  }}
                >
                  Delete this webhook …
                </button>
              </div>
            </>
          )}
        </Tabs>
      </section>
      {query.value.get("delivery") && (
        <DeliveryDrawer
          website={website}
          path={path}
          id={query.value.get("delivery") as string}
          reason={off}
          changed={deliveries.again}
        />
      )}
      {query.value.has("test") && off === undefined && <SendTest path={path} sent={deliveries.again} />}
      {asked.value === "recover" && <Recover website={website} path={path} sent={deliveries.again} close={close} />}
      {asked.value === "delete" && <Delete website={website} webhook={webhook} path={path} close={close} />}
    </>
  );
}

interface DeleteProps {
  website: SessionWebsite;
  webhook: Webhook;
  path: string;
  close: () => void;
}

function Delete({ website, webhook, path, close }: DeleteProps) {
  const saving = useSaving();
  const remove = () =>
    saving.run(
      () => call("DELETE", path),
      "The webhook is deleted",
      () => go(`/console/w/${website.id}/webhooks`, { replace: true }),
    );
  return (
    <FormDialog title="Delete this webhook?" saving={saving} save={remove} submit="Delete" isDangerous close={close}>
      <p>
        Nothing is sent to <bdi class="strong">{webhook.url}</bdi> any more, its deliveries are gone, and its secret signs
        nothing. To stop it for a while, switch it off instead.
      </p>
    </FormDialog>
  );
}
