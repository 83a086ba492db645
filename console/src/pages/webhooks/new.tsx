// A new endpoint, and then the one moment in which its secret is shown by itself.

import { useSignal } from "@preact/signals";
import type { Schemas } from "../../api.ts";
import { ChevronLeft } from "../../parts/icons.tsx";
import { SecretBox } from "../../parts/secret-box.tsx";
import { Forbidden } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { WebhookForm } from "./form.tsx";
import { Verification } from "./secret.tsx";

export default function NewWebhook({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="New webhook" permission="webhooks:read">
      {(website) => <New website={website} />}
    </WebsitePage>
  );
}

function New({ website }: { website: SessionWebsite }) {
  const created = useSignal<Schemas["CreatedWebhook"] | undefined>(undefined);
  const list = `/console/w/${website.id}/webhooks`;
  const reason = missing("webhooks:write", website, "member");
  return (
    <>
      <a class="back" href={list}>
        <ChevronLeft /> Webhooks
      </a>
      <h1 class="form-title">{created.value ? "The webhook is on" : "New webhook"}</h1>
      {reason ? (
        <section class="card">
          <Forbidden reason={reason} />
        </section>
      ) : created.value ? (
        <section class="card form form-card">
          <p>
            Events go to <bdi class="strong">{created.value.url}</bdi> from now on, signed with this secret. Give it to your
            server; it can be shown again later.
          </p>
          <SecretBox secret={created.value.secret} />
          <h2>Verify what arrives</h2>
          <Verification />
          <div class="dialog-actions">
            <a class="button primary" href={`${list}/${created.value.id}?test`}>
              Send a test
            </a>
          </div>
        </section>
      ) : (
        <WebhookForm<Schemas["CreatedWebhook"]>
          website={website}
          saved={(webhook) => {
            created.value = webhook;
          }}
        />
      )}
    </>
  );
}
