// The settings of a website, tab by tab.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, taken } from "../../api.ts";
import type { Website } from "../../lib/settings.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Snippet } from "../../parts/copy.tsx";
import { Download } from "../../parts/icons.tsx";
import { SettingsNav } from "../../parts/settings-nav.tsx";
import { Snippets } from "../../parts/snippets.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { query } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { SettingsForm } from "./form.tsx";
import { BringIn } from "./import.tsx";
import { SECTIONS } from "./sections.ts";

export default function Settings({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Settings" permission="settings:read" Nav={SettingsNav}>
      {(website) => <OfWebsite key={website.id} website={website} />}
    </WebsitePage>
  );
}

function OfWebsite({ website }: { website: SessionWebsite }) {
  const asked = query.value.get("tab") ?? "";
  const tab = Object.hasOwn(SECTIONS, asked) ? asked : "general";
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}", { params, signal }))).data[0];
  };
  const { data, error, again } = useAnswer(website.id, load);
  const changed = useSignal<Website | undefined>(undefined);
  useEffect(() => {
    changed.value = undefined;
  }, [data]);
  const known = changed.value ?? data;
  const reason = missing("settings:write", website, "member");
  return (
    <>
      <header class="page-head">
        <h1>Settings</h1>
      </header>
      <SettingsNav websiteId={website.id} />
      <div class="settings-tab">
        {tab === "tracking" && (
          <section class="script-card" aria-label="The script">
            <Snippets domain={website.domain} trackingId={website.trackingId} />
            <p class="hint">
              <a href={`/console/new?website=${website.id}`}>See what arrives, and what was dropped and why</a>
            </p>
          </section>
        )}
        {error && !known && (
          <section class="card">
            <Failure error={error} again={again} title="The settings could not be loaded." />
          </section>
        )}
        {!known && !error && <Loading rows={8} />}
        {known &&
          SECTIONS[tab]?.map((section) => (
            <SettingsForm
              key={section.id}
              website={website}
              known={known}
              section={section}
              reason={reason}
              saved={(next) => {
                changed.value = next;
              }}
            />
          ))}
        {tab === "exclusions" && <ExcludeMe />}
        {tab === "public" && known?.isPublicDashboardEnabled && <Shared websiteId={website.id} />}
        {tab === "data" && <BringIn website={website} />}
        {tab === "data" && <TakeOut website={website} />}
      </div>
    </>
  );
}

// What is on, to be given to others.
function Shared({ websiteId }: { websiteId: string }) {
  const dashboard = `${location.origin}/share/${websiteId}`;
  const frame = (src: string, title: string, height: number) =>
    `<iframe src="${src}" title="${title}" width="100%" height="${height}" style="border: 0" loading="lazy"></iframe>`;
  const widget = (name: string) => `${location.origin}/widgets/${websiteId}/${name}`;
  return (
    <section class="card form form-card" aria-label="What others see">
      <h2>What others see</h2>
      <p>
        <a href={dashboard} target="_blank" rel="noreferrer">
          Open the dashboard
        </a>
      </p>
      <Snippet label="the address of the dashboard" code={dashboard} />
      <p>
        The dashboard in a page of the website, or of one of its further hosts. A change of these settings takes up to a minute.
      </p>
      <Snippet label="the frame of the dashboard" code={frame(dashboard, "Visitors", 900)} />
      <p>Widgets for any page: how many visitors there are, and what happens now.</p>
      <Snippet
        label="the widgets"
        code={`${frame(widget("realtime"), "Visitors now", 48)}\n${frame(widget("recent"), "What happens now", 400)}`}
      />
    </section>
  );
}

function ExcludeMe() {
  return (
    <section class="card form form-card" aria-label="Your own visits">
      <h2>Your own visits</h2>
      <p>Run this in the console of your browser, on the website. From then on this browser is not counted there.</p>
      <Snippet label="the line" code={'localStorage.datafast_ignore = "true"'} />
    </section>
  );
}

function TakeOut({ website }: { website: SessionWebsite }) {
  const reason = missing("analytics:read", website);
  const path = `/api/v1/admin/websites/${website.id}/export`;
  return (
    <section class="card form form-card" aria-label="Take everything out">
      <h2>Take everything out</h2>
      <p>Everything that the website has stored, oldest first, as JSON lines or as an Apache Parquet table.</p>
      {reason ? (
        <p class="hint">{reason}</p>
      ) : (
        <p class="export-links">
          {(
            [
              ["JSON lines", path, "ndjson"],
              ["Parquet", `${path}?format=parquet`, "parquet"],
            ] as const
          ).map(([name, href, ending]) => (
            <a key={name} class="button" href={href} download={`${website.domain}.${ending}`}>
              <Download /> {name}
            </a>
          ))}
        </p>
      )}
    </section>
  );
}
