import { BREAKDOWNS, type BreakdownId } from "../../breakdowns.ts";
import { BreakdownCard, openTab, partOf, ROWS } from "../../parts/breakdown-card.tsx";
import { lazy } from "../../parts/lazy.tsx";
import { Empty, Forbidden, Loading } from "../../parts/states.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useOnlineOf } from "../../parts/use-online.ts";
import { useReports } from "../../reports.ts";
import { query, useTitle } from "../../router.tsx";
import { missing, type SessionWebsite, websiteOf } from "../../session.ts";
import { filterBy, showView, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { Unreachable } from "../unreachable.tsx";
import { ChartCard, timeseriesPart } from "./chart-card.tsx";
import { Figures } from "./figures.tsx";
import { MapTab } from "./map-tab.tsx";
import { notesPart } from "./notes.tsx";

const SOURCES: BreakdownId[] = ["referrers", "channels", "campaign", "source", "medium", "term", "content", "ref", "via"];
const PAGES: BreakdownId[] = ["pages", "entry-pages", "exit-pages", "exit-clicks", "hostnames"];
const PLACES: BreakdownId[] = ["countries", "regions", "cities"];
const SYSTEM: BreakdownId[] = ["browsers", "operating-systems", "devices"];
const BigList = lazy(() => import("./big-list.tsx").then((module) => module.BigList));
const NeverAnEvent = lazy(() => import("./never.tsx").then((module) => module.NeverAnEvent));
const FunnelsTab = lazy(() => import("./actions.tsx").then((module) => module.FunnelsTab), <Loading rows={ROWS} />);
const VisitorsTab = lazy(() => import("./actions.tsx").then((module) => module.VisitorsTab), <Loading rows={ROWS} />);
const ACTIONS = ["goals", "funnels", "visitors"] as const;
// "realtime" comes after them: then the results of all funnels are there.
const FUNNELS = ["funnels", "funnel.*"];
const MAP = { id: "map", title: "Map", part: "countries:250" };

export default function Overview({ websiteId }: { websiteId: string }) {
  const website = websiteOf(websiteId);
  if (!website) return <Unreachable websiteId={websiteId} />;
  const reason = missing("analytics:read", website);
  if (!reason) return <Website website={website} />;
  return (
    <>
      <h1 class="out-of-sight">{website.domain}</h1>
      <div class="card">
        <Forbidden reason={reason} />
      </div>
    </>
  );
}

function Website({ website }: { website: SessionWebsite }) {
  useTitle("Overview", website.domain);
  const view = useView(website);
  const place = openTab("geo", [MAP.id, ...PLACES]);
  const act = openTab("act", [...ACTIONS]);
  const open = (parameter: string, ids: BreakdownId[]) => partOf(openTab(parameter, ids) as BreakdownId);
  const reports = useReports(view, [
    "overview",
    timeseriesPart(view),
    open("src", SOURCES),
    open("page", PAGES),
    place === MAP.id ? MAP.part : partOf(place as BreakdownId),
    open("sys", SYSTEM),
    ...(act === "goals" ? [partOf("goals")] : act === "funnels" && !missing("funnels:read", website) ? FUNNELS : []),
    ...notesPart(website),
    "realtime",
  ]);
  useOnlineOf(website, reports);

  const overview = reports.part("overview");
  const visitors = overview.body ? Number(overview.body.data[0]?.visitors ?? 0) : undefined;
  const card = { view, reports, visitors };
  const isEmpty = overview.body && !overview.isOld && visitors === 0 && Number(overview.body.data[0]?.revenue ?? 0) === 0;
  const more = query.value.get("more");

  return (
    <>
      <h1 class="out-of-sight">{website.domain}</h1>
      <Toolbar view={view} />
      <section class="card figures-card" aria-label="Figures and chart">
        <Figures view={view} reports={reports} />
        <ChartCard view={view} reports={reports} />
      </section>
      {isEmpty ? (
        <Nothing view={view} />
      ) : (
        <div class="cards">
          <BreakdownCard label="Sources" parameter="src" tabs={SOURCES} {...card} />
          <BreakdownCard label="Pages" parameter="page" tabs={PAGES} {...card} />
          <BreakdownCard
            label="Places"
            parameter="geo"
            tabs={[{ ...MAP, content: () => <MapTab view={view} reports={reports} part={MAP.part} /> }, ...PLACES]}
            {...card}
          />
          <BreakdownCard label="System" parameter="sys" tabs={SYSTEM} {...card} />
          <BreakdownCard
            label="Actions"
            isWide
            parameter="act"
            titles={{ goals: "Goals" }}
            tabs={[
              "goals",
              { id: "funnels", title: "Funnels", content: () => <FunnelsTab view={view} reports={reports} /> },
              { id: "visitors", title: "Visitors", content: () => <VisitorsTab view={view} /> },
            ]}
            {...card}
          />
        </div>
      )}
      {more && Object.hasOwn(BREAKDOWNS, more) && <BigList view={view} id={more as BreakdownId} visitors={visitors} />}
    </>
  );
}

// Nothing in the range, nothing that matches, or nothing ever: each has another remedy.
function Nothing({ view }: { view: View }) {
  const { filters } = view.state;
  if (filters.length > 0) {
    return (
      <div class="card">
        <Empty
          title={`Nothing matches ${filters.length === 1 ? "this filter" : `these ${filters.length} filters`}.`}
          actions={
            <button type="button" class="button" onClick={() => filterBy(view, [])}>
              Clear filters
            </button>
          }
        />
      </div>
    );
  }
  return (
    <NeverAnEvent website={view.website}>
      <div class="card">
        <Empty
          title={`Nothing in ${rangeWords(view)}.`}
          actions={
            <button type="button" class="button" onClick={() => showView(view, { period: "28d" })}>
              Last 28 days
            </button>
          }
        />
      </div>
    </NeverAnEvent>
  );
}
