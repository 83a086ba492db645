// The list of visitors: who they are, where they come from, what they paid.

import { call } from "../../api.ts";
import { describeFilter } from "../../lib/filters.ts";
import { agoLabel, momentLabel } from "../../lib/labels.ts";
import { type Customers, OFFERED, visitorQuery } from "../../lib/visitor-filters.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Pager } from "../../parts/pager.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { TakeAway } from "../../parts/take-away.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { query, setQuery } from "../../router.tsx";
import type { SessionWebsite } from "../../session.ts";
import { boundsOf, filterBy, locales, showView, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { Narrow, SORTS } from "./narrow.tsx";
import { Row } from "./row.tsx";
import type { Listed } from "./types.ts";

const LIMIT = 50;
const ROUTE = "/api/v1/visitors";
const COLUMNS = "displayName,isCustomer,revenue,visitCount,firstSeenAt";

interface Page {
  data: Listed[];
  pagination: { limit: number; offset: number; total: number };
}

export default function Visitors({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Visitors" permission="analytics:read">
      {(website) => <VisitorList website={website} />}
    </WebsitePage>
  );
}

function VisitorList({ website }: { website: SessionWebsite }) {
  const view: View = { ...useView(website), offered: OFFERED };
  const customers = (["yes", "no"] as const).find((value) => value === query.value.get("customer")) as Customers;
  const search = query.value.get("q") ?? "";
  const sort = SORTS.find(({ id }) => id === query.value.get("sort"))?.id ?? SORTS[0].id;
  const offset = Math.max(0, Math.floor(Number(query.value.get("at")) || 0));
  const { parameters, problems } = visitorQuery(view.state.filters, customers);
  const asked: [string, string][] = [
    ["websiteId", website.id],
    ...boundsOf(view),
    ...parameters,
    ...(search ? [["q", search] as [string, string]] : []),
    ...(sort === SORTS[0].id ? [] : [["sort", sort] as [string, string]]),
    ["fields", COLUMNS],
    ["limit", String(LIMIT)],
    ["offset", String(offset)],
  ];
  const load = (signal: AbortSignal) => call<Page>("GET", ROUTE, { query: Object.fromEntries(asked), signal });
  const { data, error, isStale, again } = useAnswer(JSON.stringify([asked, view.here.now]), load);
  const rows = data?.data ?? [];

  return (
    <>
      <header class="page-head">
        <h1>Visitors</h1>
      </header>
      <Toolbar view={view} hasComparison={false} />
      <Narrow view={view} customers={customers} search={search} sort={sort} />
      {problems.length > 0 && (
        <p class="notice" role="status">
          Not everything counts here: {problems.join("; ")}.
        </p>
      )}
      <section class={isStale ? "card is-old" : "card"} aria-busy={isStale}>
        {error && <Failure error={error} again={again} title="The visitors could not be loaded." />}
        {!data && !error && <Loading rows={12} />}
        {data && rows.length === 0 && !error && <Nobody view={view} hasMore={Boolean(customers || search)} />}
        {rows.length > 0 && (
          <>
            <header class="card-head">
              <h2 id="visitors-title">{count(data?.pagination.total ?? 0)}</h2>
              <div class="card-actions">
                <TakeAway
                  name={[website.domain, "visitors", rangeWords(view), ...view.state.filters.map(describeFilter)]}
                  header={HEADER}
                  rows={rows.map(cells)}
                  call={{ path: ROUTE, query: asked }}
                />
              </div>
            </header>
            <section class="table-scroll" tabIndex={0} aria-labelledby="visitors-title">
              <table class="rows">
                <caption class="out-of-sight">Visitors, {rangeWords(view)}</caption>
                <thead>
                  <tr>
                    <th scope="col">Visitor</th>
                    <th scope="col" class="wide-only">
                      Source
                    </th>
                    <th scope="col" class="wide-only">
                      Device
                    </th>
                    <th scope="col" class="wide-only">
                      Last page
                    </th>
                    <th scope="col" class="number wide-only">
                      Visits
                    </th>
                    <th scope="col" class="number">
                      Paid
                    </th>
                    <th scope="col" class="number">
                      Last seen
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Row
                      key={row.visitorId}
                      visitor={row}
                      website={website}
                      seen={agoLabel(Date.parse(row.lastSeenAt), view.here.now, website.timezone, locales)}
                      seenInFull={momentLabel(Date.parse(row.lastSeenAt), website.timezone, locales)}
                    />
                  ))}
                </tbody>
              </table>
            </section>
            <Pager
              at={offset}
              size={LIMIT}
              total={data?.pagination.total ?? 0}
              onGo={(next) => setQuery({ at: next === 0 ? undefined : String(next) })}
            />
          </>
        )}
      </section>
    </>
  );
}

const count = (total: number) => `${total.toLocaleString(locales as string[])} ${total === 1 ? "visitor" : "visitors"}`;

function Nobody({ view, hasMore }: { view: View; hasMore: boolean }) {
  const { filters } = view.state;
  const isFiltered = filters.length > 0 || hasMore;
  const clear = () => {
    setQuery({ customer: undefined, q: undefined, at: undefined });
    if (filters.length > 0) filterBy(view, []);
  };
  if (isFiltered) {
    return (
      <Empty
        title={`No visitor matches, ${rangeWords(view)}.`}
        actions={
          <button type="button" class="button" onClick={clear}>
            Clear the filters
          </button>
        }
      >
        {filters.map(describeFilter).join(" · ")}
      </Empty>
    );
  }
  return (
    <Empty
      title={`Nobody came, ${rangeWords(view)}.`}
      actions={
        view.state.period !== "28d" && (
          <button type="button" class="button" onClick={() => showView(view, { period: "28d" })}>
            Last 28 days
          </button>
        )
      }
    >
      A visitor is listed once they have seen a page in these days.
    </Empty>
  );
}

const HEADER = [
  "visitor_id",
  "name",
  "country",
  "region",
  "city",
  "browser",
  "os",
  "device",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "last_page",
  "visits",
  "revenue",
  "is_customer",
  "first_seen_at",
  "last_seen_at",
];

const cells = ({ identity, acquisition, ...row }: Listed) => [
  row.visitorId,
  row.displayName,
  identity.country,
  identity.region,
  identity.city,
  identity.browser,
  identity.os,
  identity.device,
  acquisition.referrer,
  acquisition.utm_source,
  acquisition.utm_medium,
  acquisition.utm_campaign,
  row.currentUrl,
  row.visitCount,
  row.revenue === undefined ? undefined : Number(row.revenue),
  row.isCustomer === undefined ? undefined : String(row.isCustomer),
  row.firstSeenAt,
  row.lastSeenAt,
];
