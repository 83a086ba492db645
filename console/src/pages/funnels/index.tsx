// The funnels of a website, each with its conversion.

import type { ComponentChildren } from "preact";
import { type ApiError, api, taken } from "../../api.ts";
import { change } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { Add } from "../../parts/add.tsx";
import { useAnswer } from "../../parts/answer.ts";
import { Snippet } from "../../parts/copy.tsx";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useOnlineOf } from "../../parts/use-online.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import { type Part, type Reports, useReports } from "../../reports.ts";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { type Funnel, resultOf } from "./types.ts";

// The first results come with the list; further ones as many at a time as a view can have parts.
const LIST = "funnels";
const RESULTS = "funnel.*";
const FIRST = 18;
const AT_ONCE = 20;

export default function Funnels({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Funnels" permission="funnels:read">
      {(website) => (missing("analytics:read", website) ? <OnlyNames website={website} /> : <WithResults website={website} />)}
    </WebsitePage>
  );
}

function WithResults({ website }: { website: SessionWebsite }) {
  const view = useView(website);
  // "realtime" comes last: then all results are there.
  const reports = useReports(view, [LIST, RESULTS, "realtime"]);
  useOnlineOf(website, reports);
  const { body, error } = reports.part(LIST);
  const funnels = body?.data as unknown as Funnel[] | undefined;
  const later = Array.from(
    { length: Math.ceil(Math.max(0, (funnels?.length ?? 0) - FIRST) / AT_ONCE) },
    (_, at) => FIRST + at * AT_ONCE,
  );
  return (
    <FunnelList website={website} funnels={funnels} error={error} again={() => reports.again(LIST)}>
      <Toolbar view={view} />
      <Cards view={view} funnels={(funnels ?? []).slice(0, FIRST)} reports={reports} />
      {later.map((from) => (
        <Block key={from} view={view} funnels={(funnels ?? []).slice(from, from + AT_ONCE)} />
      ))}
    </FunnelList>
  );
}

// A session that may see funnels and no figures.
function OnlyNames({ website }: { website: SessionWebsite }) {
  const view = useView(website);
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/funnels", { params, signal }))).data;
  };
  const { data, error, again } = useAnswer(website.id, load);
  const reason = missing("analytics:read", website);
  return (
    <FunnelList website={website} funnels={data} error={error} again={again}>
      <p class="notice">There are no figures: {reason}.</p>
      <Cards view={view} funnels={data ?? []} />
    </FunnelList>
  );
}

interface ListProps {
  website: SessionWebsite;
  funnels: Funnel[] | undefined;
  error: ApiError | undefined;
  again: () => void;
  children: ComponentChildren;
}

function FunnelList({ website, funnels: data, error, again, children }: ListProps) {
  const reason = missing("funnels:write", website, "member");
  const add = <Add href={`/console/w/${website.id}/funnels/new`} label="New funnel" reason={reason} />;
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
      {data && data.length > 0 && children}
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
  return <Cards view={view} funnels={funnels} reports={reports} />;
}

function Cards({ view, funnels, reports }: { view: View; funnels: Funnel[]; reports?: Reports }) {
  return (
    <ul class="funnels">
      {funnels.map((funnel) => (
        <Card key={funnel.id} view={view} funnel={funnel} part={reports?.part(`funnel.${funnel.id}`)} />
      ))}
    </ul>
  );
}

const WITHOUT: Part = { isLoading: false, isOld: false };

function Card({ view, funnel, part = WITHOUT }: { view: View; funnel: Funnel; part: Part | undefined }) {
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
          part.isLoading && <span class="wait" role="status" aria-label="Loading" />
        )}
      </div>
    </li>
  );
}
