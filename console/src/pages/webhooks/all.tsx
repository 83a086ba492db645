// The deliveries of all endpoints of a website.

import { api, taken } from "../../api.ts";
import { useAnswer } from "../../parts/answer.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import type { SessionWebsite } from "../../session.ts";
import { DeliveryList, useDeliveries } from "./deliveries.tsx";
import { WebhooksNav } from "./nav.tsx";

export default function AllDeliveries({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Deliveries" permission="webhooks:read">
      {(website) => <All key={website.id} website={website} />}
    </WebsitePage>
  );
}

function All({ website }: { website: SessionWebsite }) {
  const deliveries = useDeliveries(website, `/api/v1/admin/websites/${website.id}/deliveries`);
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    const { data } = await taken(api.GET("/api/v1/admin/websites/{websiteId}/webhooks", { params, signal }));
    return new Map(data.map(({ id, url }) => [id, url]));
  };
  const { data: endpoints } = useAnswer(website.id, load);
  return (
    <>
      <header class="page-head">
        <h1>Deliveries</h1>
      </header>
      <WebhooksNav websiteId={website.id} />
      <section class="card" aria-label="Deliveries">
        <DeliveryList website={website} deliveries={deliveries} endpoints={endpoints ?? new Map()} />
      </section>
    </>
  );
}
