// A card of lists: a tab each, the first rows here and all of them in the big list.

import type { ComponentChildren } from "preact";
import { BREAKDOWNS, type BreakdownId, rowsOf } from "../breakdowns.ts";
import type { Reports } from "../reports.ts";
import { query, setQuery, withQuery } from "../router.tsx";
import type { View } from "../view.ts";
import { describeRange } from "../words.ts";
import { Expand } from "./icons.tsx";
import { List } from "./list.tsx";
import { Empty, Failure, Loading } from "./states.tsx";
import { Tabs } from "./tabs.tsx";

export const ROWS = 9; // of a card

export const partOf = (id: BreakdownId) => `${BREAKDOWNS[id].part}:${ROWS}`;

interface Props {
  label: string;
  parameter: string; // of the address: which tab is open
  tabs: (BreakdownId | { id: string; title: string; part?: string; content: () => ComponentChildren })[];
  view: View;
  reports: Reports;
  visitors: number | undefined;
  isWide?: boolean;
  titles?: Partial<Record<BreakdownId, string>>; // of tabs that are called otherwise here
}

// The tab that the address names, or the first one.
export function openTab(parameter: string, ids: string[]): string {
  const wanted = query.value.get(parameter);
  return wanted && ids.includes(wanted) ? wanted : (ids[0] as string);
}

export function BreakdownCard({ label, parameter, tabs, view, reports, visitors, isWide, titles = {} }: Props) {
  const ids = tabs.map((tab) => (typeof tab === "string" ? tab : tab.id));
  const open = openTab(parameter, ids);
  const at = ids.indexOf(open);
  const tab = tabs[at] as Props["tabs"][number];
  const near = (id: string) => {
    const one = tabs[ids.indexOf(id)];
    const part = typeof one === "string" ? partOf(one) : one?.part;
    if (part) reports.fetch([part]);
  };
  const content =
    typeof tab === "string" ? <BreakdownList id={tab} view={view} reports={reports} visitors={visitors} /> : tab.content();
  return (
    <section class={isWide ? "card breakdown wide" : "card breakdown"}>
      {tabs.length === 1 ? (
        <>
          <h2 class="tabs-head">{label}</h2>
          <div class="tabs-panel">{content}</div>
        </>
      ) : (
        <Tabs
          label={label}
          tabs={tabs.map((one) => (typeof one === "string" ? { id: one, title: titles[one] ?? BREAKDOWNS[one].title } : one))}
          open={open}
          onOpen={(id) => setQuery({ [parameter]: id === ids[0] ? undefined : id })}
          onNear={near}
        >
          {content}
        </Tabs>
      )}
    </section>
  );
}

function BreakdownList({
  id,
  view,
  reports,
  visitors,
}: {
  id: BreakdownId;
  view: View;
  reports: Reports;
  visitors: number | undefined;
}) {
  const breakdown = BREAKDOWNS[id];
  const name = partOf(id);
  const { body, error, isOld, isLoading } = reports.part(name);
  if (error) return <Failure error={error} again={() => reports.again(name)} />;
  if (!body) return <Loading rows={ROWS} label={`Loading ${breakdown.title}`} />;
  const rows = rowsOf(breakdown, body.data);
  const total = body.pagination?.total ?? rows.length;
  if (rows.length === 0) return <Empty title={`No ${breakdown.title.toLowerCase()} ${describeRange(view)}`} />;
  return (
    <div class={isOld ? "is-old" : undefined} aria-busy={isLoading}>
      <List
        view={view}
        breakdown={breakdown}
        rows={rows.slice(0, ROWS)}
        total={visitors}
        caption={`${breakdown.title}, ${describeRange(view)}`}
      />
      {total > ROWS && (
        <a class="more" href={withQuery({ more: id })}>
          All {total.toLocaleString()} <Expand />
        </a>
      )}
    </div>
  );
}
