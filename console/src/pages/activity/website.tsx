// What was done to a website, for its owner.

import { SettingsNav } from "../../parts/settings-nav.tsx";
import { Forbidden } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { ActivityList, SHOWN } from "./list.tsx";

export default function WebsiteActivity({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Activity" permission="settings:read" Nav={SettingsNav}>
      {(website) => <OfWebsite key={website.id} website={website} />}
    </WebsitePage>
  );
}

function OfWebsite({ website }: { website: SessionWebsite }) {
  const reason = SHOWN.map((permission) => missing(permission, website, "owner")).find((reason) => reason !== undefined);
  return (
    <>
      <header class="page-head">
        <h1>Activity</h1>
      </header>
      <SettingsNav websiteId={website.id} />
      {reason ? (
        <section class="card">
          <Forbidden reason={reason} />
        </section>
      ) : (
        <ActivityList path={`/api/v1/admin/websites/${website.id}/audit`} zone={website.timezone} isOfWebsite />
      )}
    </>
  );
}
