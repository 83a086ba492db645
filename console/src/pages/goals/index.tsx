// The goals of a website: how often each was completed, by how many, and which of them matters most.

import { describeFilter, type Filter } from "../../lib/filters.ts";
import { change } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { type Looks, looksOf, looksPart } from "../../parts/goal-looks.ts";
import { GoalName } from "../../parts/goal-name.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { TakeAway } from "../../parts/take-away.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useOnlineOf } from "../../parts/use-online.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import { type Body, type Part, useReports } from "../../reports.ts";
import type { SessionWebsite } from "../../session.ts";
import { filterBy, locales, parametersOfView, showView, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { HowToTrack } from "./how-to-track.tsx";
import { KpiStar } from "./kpi.tsx";

const PART = "goals:250";
const ROUTE = "/api/v1/analytics/goals";

interface Row {
  goal: string;
  completions: number;
  visitors: number;
}

export default function Goals({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Goals" permission="analytics:read">
      {(website) => <GoalList website={website} />}
    </WebsitePage>
  );
}

function GoalList({ website }: { website: SessionWebsite }) {
  const view = useView(website);
  const reports = useReports(view, ["overview", PART, "metadata", ...looksPart(website), "realtime"]);
  useOnlineOf(website, reports);
  const looks = looksOf(reports);
  const goals = reports.part(PART);
  const kpi = reports.part("metadata").body?.data[0]?.kpi;
  const rows = (goals.body?.data ?? []) as unknown as Row[];
  return (
    <>
      <header class="page-head">
        <h1>Goals</h1>
      </header>
      <Toolbar view={view} />
      <section class={goals.isOld ? "card is-old" : "card"} aria-busy={goals.isLoading}>
        {goals.error && !goals.body && (
          <Failure error={goals.error} again={() => reports.again(PART)} title="The goals could not be loaded." />
        )}
        {!goals.body && !goals.error && <Loading rows={6} />}
        {goals.body && rows.length === 0 && <Nothing view={view} />}
        {rows.length > 0 && (
          <>
            <header class="card-head">
              <h2 id="goals-title">{heading(goals.body)}</h2>
              <div class="card-actions">
                <TakeAway
                  name={[website.domain, "goals", rangeWords(view), ...view.state.filters.map(describeFilter)]}
                  header={["goal", "name", "completions", "visitors"]}
                  rows={rows.map((row) => [row.goal, looks.byGoal.get(row.goal)?.displayName, row.completions, row.visitors])}
                  call={{ path: ROUTE, query: callOf(view) }}
                />
              </div>
            </header>
            <Table
              view={view}
              rows={rows}
              goals={goals}
              overview={reports.part("overview")}
              looks={looks}
              kpi={kpi}
              kpiChanged={() => reports.again("metadata")}
            />
          </>
        )}
      </section>
    </>
  );
}

const heading = (body: Body | undefined) => {
  const total = body?.pagination?.total ?? 0;
  return `${total.toLocaleString(locales as string[])} ${total === 1 ? "goal" : "goals"} completed`;
};

const callOf = (view: View): [string, string][] => [
  ["websiteId", view.website.id],
  ...parametersOfView(view).filter(([name]) => !name.startsWith("compare")),
  ["limit", "250"],
];

interface TableProps {
  view: View;
  rows: Row[];
  goals: Part;
  overview: Part;
  looks: Looks;
  kpi: unknown;
  kpiChanged: () => void;
}

function Table({ view, rows, goals, overview, looks, kpi, kpiChanged }: TableProps) {
  const { website } = view;
  const everybody = overview.body ? Number(overview.body.data[0]?.visitors ?? 0) : undefined;
  const before = new Map(((goals.compare?.data ?? []) as unknown as Row[]).map((row) => [row.goal, row.completions]));
  const most = Math.max(1, ...rows.map(({ completions }) => completions));
  return (
    <section class="table-scroll" tabIndex={0} aria-labelledby="goals-title">
      <table class="rows">
        <caption class="out-of-sight">Goals, {rangeWords(view)}</caption>
        <thead>
          <tr>
            <th scope="col" class="goal-kpi">
              KPI
            </th>
            <th scope="col">Goal</th>
            <th scope="col" class="number">
              Completions
            </th>
            {goals.compare && (
              <th scope="col" class="number">
                Change
              </th>
            )}
            <th scope="col" class="number">
              Visitors
            </th>
            <th scope="col" class="number">
              Conversion
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ goal, completions, visitors }) => (
            <tr key={goal}>
              <td class="goal-kpi">
                <KpiStar website={website} goal={goal} isKpi={kpi === goal} changed={kpiChanged} />
              </td>
              <th scope="row" class="goal-cell">
                <span class="goal-bar" style={{ width: `${(100 * completions) / most}%` }} />
                <a href={`/console/w/${website.id}/goals/${encodeURIComponent(goal)}${location.search}`}>
                  <GoalName name={goal} looks={looks} hasOwn />
                </a>
              </th>
              <td class="number">
                <Figure written={write(completions, "count", website.currency)} />
              </td>
              {goals.compare && (
                <td class="number">
                  <ChangeMark change={change(completions, before.get(goal) ?? 0, "count", locales)} />
                </td>
              )}
              <td class="number">
                <Figure written={write(visitors, "count", website.currency)} />
              </td>
              <td class="number">
                {everybody ? <Figure written={write((100 * visitors) / everybody, "rate", website.currency)} /> : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Nothing({ view }: { view: View }) {
  const { filters, period } = view.state;
  if (filters.length > 0) {
    return (
      <Empty
        title={`No goal was completed by who matches ${filters.length === 1 ? "this filter" : `these ${filters.length} filters`}.`}
        actions={
          <button type="button" class="button" onClick={() => filterBy(view, [] as Filter[])}>
            Clear filters
          </button>
        }
      >
        {filters.map(describeFilter).join(" · ")}
      </Empty>
    );
  }
  return (
    <>
      <Empty
        title={`No goal was completed, ${rangeWords(view)}.`}
        actions={
          period !== "all" && (
            <button type="button" class="button" onClick={() => showView(view, { period: "all" })}>
              All time
            </button>
          )
        }
      >
        A goal is something that visitors do: sign up, start a checkout. Name it where it happens, and it is counted here.
      </Empty>
      <HowToTrack />
    </>
  );
}
