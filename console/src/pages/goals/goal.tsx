// One goal: how it goes, by whom, and with what properties.

import { useSignal } from "@preact/signals";
import { change } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { looksChanged, looksOf, looksPart } from "../../parts/goal-looks.ts";
import { GoalDot } from "../../parts/goal-name.tsx";
import { ChevronLeft, Pencil } from "../../parts/icons.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useOnlineOf } from "../../parts/use-online.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import { useReports } from "../../reports.ts";
import { useTitle } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales, showView, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { EditLook } from "./edit-look.tsx";
import { chartPart, GoalChart } from "./goal-chart.tsx";
import { KpiStar } from "./kpi.tsx";
import { Properties, propertyParts } from "./properties.tsx";

const PART = "goals:250";

interface Props {
  websiteId: string;
  name: string;
}

export default function GoalPage({ websiteId, name }: Props) {
  return (
    <WebsitePage websiteId={websiteId} title={name} permission="analytics:read">
      {(website) => <Goal key={name} website={website} name={name} />}
    </WebsitePage>
  );
}

function Goal({ website, name }: { website: SessionWebsite; name: string }) {
  useTitle(name, "Goals", website.domain);
  const view = useView(website);
  const reports = useReports(view, [
    "overview",
    PART,
    "metadata",
    ...looksPart(website),
    chartPart(view, name),
    ...propertyParts(name),
    "realtime",
  ]);
  useOnlineOf(website, reports);
  const looks = looksOf(reports);
  const isEdited = useSignal(false);
  const look = looks.byGoal.get(name);
  const goals = reports.part(PART);
  const [now, before] = [goals.body, goals.compare].map((body) => body?.data.find(({ goal }) => goal === name));
  const everybody = (body: typeof goals.body) => (body ? Number(body.data[0]?.visitors ?? 0) : undefined);
  const overview = reports.part("overview");
  const reason = missing("goals:write", website, "member");
  const noFunnel = missing("funnels:read", website) ?? missing("funnels:write", website, "member");
  const kpi = reports.part("metadata").body?.data[0]?.kpi;

  return (
    <>
      <a class="back" href={`/console/w/${website.id}/goals${location.search}`}>
        <ChevronLeft /> Goals
      </a>
      <header class="page-head">
        <h1 class="goal-name">
          <GoalDot color={look?.color} />
          <bdi>{look?.displayName ?? name}</bdi>
        </h1>
        {look?.displayName && <code class="muted">{name}</code>}
        <div class="page-actions">
          <KpiStar website={website} goal={name} isKpi={kpi === name} changed={() => reports.again("metadata")} />
          {noFunnel ? (
            <button type="button" class="button" disabled title={noFunnel}>
              Use in a funnel
            </button>
          ) : (
            <a class="button" href={`/console/w/${website.id}/funnels/new?goal=${encodeURIComponent(name)}`}>
              Use in a funnel
            </a>
          )}
          <button
            type="button"
            class="button"
            disabled={reason !== undefined}
            title={reason}
            onClick={() => {
              isEdited.value = true;
            }}
          >
            <Pencil /> Edit the look
          </button>
        </div>
      </header>
      {look?.description && <p class="goal-description">{look.description}</p>}
      <Toolbar view={view} />
      {goals.error && !goals.body ? (
        <section class="card">
          <Failure error={goals.error} again={() => reports.again(PART)} title="The goal could not be loaded." />
        </section>
      ) : !goals.body ? (
        <Loading rows={8} />
      ) : !now && !goals.isOld ? (
        <section class="card">
          <Never view={view} name={name} />
        </section>
      ) : (
        <>
          <section class={goals.isOld ? "card goal-card is-old" : "card goal-card"} aria-label="Figures and chart">
            <Numbers
              currency={website.currency}
              now={figuresOf(now, everybody(overview.body))}
              before={goals.compare && figuresOf(before, everybody(overview.compare))}
            />
            <GoalChart view={view} name={name} reports={reports} />
          </section>
          <Properties view={view} name={name} reports={reports} />
        </>
      )}
      {isEdited.value && (
        <EditLook
          website={website}
          name={name}
          looks={looks}
          changed={() => looksChanged(reports)}
          close={() => {
            isEdited.value = false;
          }}
        />
      )}
    </>
  );
}

interface Figures {
  completions: number;
  visitors: number;
  conversion: number;
}

function figuresOf(row: Record<string, unknown> | undefined, everybody: number | undefined): Figures {
  const [completions, visitors] = [Number(row?.completions ?? 0), Number(row?.visitors ?? 0)];
  return { completions, visitors, conversion: everybody ? (100 * visitors) / everybody : 0 };
}

function Numbers({ now, before, currency }: { now: Figures; before: Figures | undefined; currency: string }) {
  const all = [
    ["completions", "Completions", "count"],
    ["visitors", "Visitors", "count"],
    ["conversion", "Conversion", "rate"],
  ] as const;
  return (
    <dl class="goal-numbers">
      {all.map(([key, name, kind]) => (
        <div key={key} class="goal-number">
          <dt>{name}</dt>
          <dd>
            <span class="goal-value">
              <Figure written={write(now[key], kind, currency)} />
            </span>
            {before && <ChangeMark change={change(now[key], before[key], kind, locales)} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Never({ view, name }: { view: View; name: string }) {
  return (
    <Empty
      title={`“${name}” was not completed, ${rangeWords(view)}${view.state.filters.length > 0 ? ", by who matches the filters" : ""}.`}
      actions={
        view.state.period !== "all" && (
          <button type="button" class="button" onClick={() => showView(view, { period: "all" })}>
            All time
          </button>
        )
      }
    />
  );
}
