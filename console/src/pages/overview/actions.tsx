// What visitors did: the funnels of the website with their conversion, and the visitors who were seen last.

import { call } from "../../api.ts";
import { agoLabel, momentLabel } from "../../lib/labels.ts";
import { change } from "../../lib/numbers.ts";
import { visitorQuery } from "../../lib/visitor-filters.ts";
import { write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { ROWS } from "../../parts/breakdown-card.tsx";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { Flag } from "../../parts/flag.tsx";
import { Expand } from "../../parts/icons.tsx";
import { nameOf, pathOn, shortAddress } from "../../parts/person.ts";
import { Empty, Failure, Forbidden, Loading } from "../../parts/states.tsx";
import type { Reports } from "../../reports.ts";
import { missing } from "../../session.ts";
import { boundsOf, locales, type View } from "../../view.ts";
import { describeRange } from "../../words.ts";
import type { Funnel, Result } from "../funnels/types.ts";
import type { Listed } from "../visitors/types.ts";

const LIST = "funnels";

export function FunnelsTab({ view, reports }: { view: View; reports: Reports }) {
  const { website } = view;
  const { body, error } = reports.part(LIST);
  const reason = missing("funnels:read", website);
  if (reason) return <Forbidden reason={reason} />;
  if (error && !body) return <Failure error={error} again={() => reports.again(LIST)} />;
  if (!body) return <Loading rows={ROWS} label="Loading the funnels" />;
  const funnels = body.data as unknown as Funnel[];
  const base = `/console/w/${website.id}/funnels`;
  if (funnels.length === 0) {
    return (
      <Empty
        title="No funnel yet"
        actions={
          <a class="button" href={missing("funnels:write", website, "member") ? base : `${base}/new`}>
            {missing("funnels:write", website, "member") ? "What funnels are" : "New funnel"}
          </a>
        }
      >
        A funnel counts who gets from one page or goal to the next.
      </Empty>
    );
  }
  const shown = funnels.slice(0, ROWS);
  return (
    <>
      <table class="list">
        <caption class="out-of-sight">Funnels, {describeRange(view)}</caption>
        <thead>
          <tr>
            <th scope="col">Funnel</th>
            <th scope="col" class="number">
              Entered
            </th>
            <th scope="col" class="number">
              Completed
            </th>
            <th scope="col" class="number">
              Conversion
            </th>
            {view.compared && (
              <th scope="col" class="number wide-only">
                Change
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ id, name }) => (
            <FunnelRow
              key={id}
              view={view}
              href={`${base}/${id}${location.search}`}
              name={name}
              part={reports.part(`funnel.${id}`)}
            />
          ))}
        </tbody>
      </table>
      <a class="more" href={base + location.search}>
        {funnels.length > ROWS ? `All ${funnels.length}` : "Funnels"} <Expand />
      </a>
    </>
  );
}

interface RowProps {
  view: View;
  href: string;
  name: string;
  part: ReturnType<Reports["part"]>;
}

function FunnelRow({ view, href, name, part }: RowProps) {
  const [result, before] = [part.body, part.compare].map((body) => body?.data[0] as unknown as Result | undefined);
  const { currency } = view.website;
  const cell = (value: number | undefined, kind: "count" | "rate") =>
    value === undefined ? part.isLoading ? <span class="wait" /> : "–" : <Figure written={write(value, kind, currency)} />;
  return (
    <tr class={part.isOld ? "is-old" : undefined}>
      <th scope="row" class="list-label">
        <span class="list-bar" style={{ width: `${result?.conversionRate ?? 0}%` }} />
        <a class="list-name" href={href}>
          <span class="list-text" title={name}>
            {name}
          </span>
        </a>
      </th>
      <td class="number">{cell(result?.totalVisitors, "count")}</td>
      <td class="number">{cell(result?.completedVisitors, "count")}</td>
      <td class="number">{cell(result?.conversionRate, "rate")}</td>
      {view.compared && (
        <td class="number wide-only">
          {result && before && <ChangeMark change={change(result.conversionRate, before.conversionRate, "rate", locales)} />}
        </td>
      )}
    </tr>
  );
}

interface Answer {
  data: Listed[];
  pagination: { total: number };
}

export function VisitorsTab({ view }: { view: View }) {
  const { website, here, state } = view;
  const { parameters, problems } = visitorQuery(state.filters, undefined);
  const asked = Object.fromEntries([["websiteId", website.id], ...boundsOf(view), ...parameters, ["limit", String(ROWS)]]);
  const { data, error, isStale, again } = useAnswer(JSON.stringify([asked, here.now]), (signal) =>
    call<Answer>("GET", "/api/v1/visitors", { query: asked, signal }),
  );
  if (error && !data) return <Failure error={error} again={again} />;
  if (!data) return <Loading rows={ROWS} label="Loading the visitors" />;
  const base = `/console/w/${website.id}/visitors`;
  if (data.data.length === 0) return <Empty title={`No visitor ${describeRange(view)}`} />;
  return (
    <div class={isStale ? "is-old" : undefined} aria-busy={isStale}>
      {problems.length > 0 && (
        <p class="notice" role="status">
          Not everything counts here: {problems.join("; ")}.
        </p>
      )}
      <table class="list">
        <caption class="out-of-sight">Visitors, {describeRange(view)}</caption>
        <thead>
          <tr>
            <th scope="col">Visitor</th>
            <th scope="col" class="wide-only">
              Source
            </th>
            <th scope="col" class="wide-only">
              Last page
            </th>
            <th scope="col" class="number">
              Last seen
            </th>
          </tr>
        </thead>
        <tbody>
          {data.data.map((visitor) => (
            <VisitorRow key={visitor.visitorId} view={view} visitor={visitor} href={`${base}/${visitor.visitorId}`} />
          ))}
        </tbody>
      </table>
      <a class="more" href={base + location.search}>
        All {data.pagination.total.toLocaleString(locales as string[])} <Expand />
      </a>
    </div>
  );
}

function VisitorRow({ view: { website, here }, visitor, href }: { view: View; visitor: Listed; href: string }) {
  const { identity, acquisition } = visitor;
  const { name, isPseudonym } = nameOf(visitor);
  const named = acquisition.utm_source ?? acquisition.ref ?? acquisition.source ?? acquisition.via;
  const seen = Date.parse(visitor.lastSeenAt);
  return (
    <tr>
      <th scope="row" class="list-label">
        <a class="list-name" href={href}>
          <Flag code={identity.country ?? undefined} />
          <span class={isPseudonym ? "list-text muted" : "list-text"} title={name}>
            {name}
          </span>
        </a>
      </th>
      <td class="cell-text wide-only">
        {named ?? (acquisition.referrer ? shortAddress(acquisition.referrer) : "Direct/None")}
      </td>
      <td class="cell-text wide-only">{visitor.currentUrl ? pathOn(website.domain, visitor.currentUrl) : "–"}</td>
      <td class="number">
        <time dateTime={visitor.lastSeenAt} title={momentLabel(seen, website.timezone, locales)}>
          {agoLabel(seen, here.now, website.timezone, locales)}
        </time>
      </td>
    </tr>
  );
}
