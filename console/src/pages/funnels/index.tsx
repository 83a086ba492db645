// The funnels of a website, each with its conversion.

import { api, taken } from "../../api.ts";
import { change } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Snippet } from "../../parts/copy.tsx";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { Plus } from "../../parts/icons.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { type Part, useReports } from "../../reports.ts";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { type Funnel, resultOf } from "./types.ts";

// As many as one view can have parts.
const AT_ONCE = 20;

export default function Funnels({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Funnels" permission="funnels:read">
      {(website) => <FunnelList website={website} />}
    </WebsitePage>
  );
}

function FunnelList({ website }: { website: SessionWebsite }) {
  const view = useView(website);
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/funnels", { params, signal }))).data;
  };
  const { data, error, again } = useAnswer(website.id, load);
  const reason = missing("funnels:write", website, "member");
  const add = reason ? (
    <button type="button" class="button primary" disabled title={reason}>
      <Plus /> New funnel
    </button>
  ) : (
    <a class="button primary" href={`/console/w/${website.id}/funnels/new`}>
      <Plus /> New funnel
    </a>
  );
  const blocks = Array.from({ length: Math.ceil((data?.length ?? 0) / AT_ONCE) }, (_, at) => at * AT_ONCE);
  return (
    <>
      <header class="page-head">
        <h1>Funnels</h1>
        <div class="page-actions">{data && data.length > 0 && add}</div>
      </header>
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The funnels could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={5} />}
      {data?.length === 0 && (
        <section class="card">
          <Empty title="How many get from one page to the next?" actions={add}>
            A funnel has two to eight steps, pages or goals, and counts who takes them in order.
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
        <>
          <Toolbar view={view} />
          {blocks.map((from) => (
            <Block key={from} view={view} funnels={data.slice(from, from + AT_ONCE)} />
          ))}
        </>
      )}
    </>
  );
}

const example = (websiteId: string) => `curl --request POST ${location.origin}/api/v1/admin/websites/${websiteId}/funnels \\
  --header "Authorization: Bearer $SLUICE_TOKEN" \\
  --json '{"name": "Sign-up", "steps": [
    {"name": "Pricing", "type": "pageview", "url": "/pricing"},
    {"name": "Signed up", "type": "goal", "goalName": "signup"}]}'`;

function Block({ view, funnels }: { view: View; funnels: Funnel[] }) {
  const reports = useReports(
    view,
    funnels.map(({ id }) => `funnel.${id}`),
  );
  return (
    <ul class="funnels">
      {funnels.map((funnel) => (
        <Card key={funnel.id} view={view} funnel={funnel} part={reports.part(`funnel.${funnel.id}`)} />
      ))}
    </ul>
  );
}

function Card({ view, funnel, part }: { view: View; funnel: Funnel; part: Part }) {
  const [result, before] = [resultOf(part.body), resultOf(part.compare)];
  const { currency } = view.website;
  const first = Math.max(1, result?.totalVisitors ?? 1);
  return (
    <li class={part.isOld ? "card funnel-card is-old" : "card funnel-card"} aria-busy={part.isLoading}>
      <div class="funnel-about">
        <h2>
          <a href={`/console/w/${view.website.id}/funnels/${funnel.id}${location.search}`}>
            <bdi>{funnel.name}</bdi>
          </a>
        </h2>
        <p class="muted funnel-path">
          {funnel.steps.map(({ id, name }, at) => (
            <span key={id}>
              {at > 0 && <span aria-hidden="true"> → </span>}
              <bdi>{name}</bdi>
            </span>
          ))}
        </p>
      </div>
      <div class="funnel-mini" aria-hidden="true">
        {(result?.steps ?? []).map(({ id, visitors }) => (
          <span key={id} class="funnel-mini-bar" style={{ height: `${Math.max(3, (100 * visitors) / first)}%` }} />
        ))}
      </div>
      <div class="funnel-figure">
        {part.error && !result ? (
          <span class="problem">{part.error.message}</span>
        ) : result ? (
          <>
            <span class="funnel-rate">
              <Figure written={write(result.conversionRate, "rate", currency)} />
            </span>
            <span class="muted">
              {result.completedVisitors.toLocaleString(locales as string[])} of{" "}
              {result.totalVisitors.toLocaleString(locales as string[])}
              <span class="out-of-sight"> visitors, {rangeWords(view)}</span>
            </span>
            {before && <ChangeMark change={change(result.conversionRate, before.conversionRate, "rate", locales)} />}
          </>
        ) : (
          <span class="wait" role="status" aria-label="Loading" />
        )}
      </div>
    </li>
  );
}
