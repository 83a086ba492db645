import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect } from "preact/hooks";
import { call } from "../../api.ts";
import { sparkline } from "../../lib/chart.ts";
import { agoLabel } from "../../lib/labels.ts";
import { change, type Kind, type Written } from "../../lib/numbers.ts";
import { recall, remember } from "../../lib/taste.ts";
import { write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { Plus } from "../../parts/icons.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { go, query, setQuery, useTitle } from "../../router.tsx";
import { session } from "../../session.ts";
import { locales } from "../../view.ts";

interface Compared {
  visitors: number;
  revenue: number;
  visitorsBefore: number;
  revenueBefore: number;
}

// Figures are null where a website did not answer.
interface Listed {
  id: string;
  domain: string;
  name: string | null;
  role: string;
  timezone: string;
  currency: string;
  online: number | null;
  day: Compared | null;
  week: Compared | null;
  sparkline: number[] | null;
  lastEventAt: string | null;
  hasEvents: boolean | null;
}

interface Answer {
  data: Listed[];
  pagination: { limit: number; offset: number; total: number };
  totals: {
    visitors: number;
    visitorsBefore: number;
    online: number;
    revenue: { currency: string; revenue: number; revenueBefore: number }[];
  } | null;
}

const SORTS = [
  ["visitors", "Visitors, 24 hours"],
  ["revenue", "Revenue, 24 hours"],
  ["weekVisitors", "Visitors, 7 days"],
  ["weekRevenue", "Revenue, 7 days"],
  ["online", "Online now"],
  ["lastEvent", "Latest event"],
  ["domain", "Domain"],
] as const;
const PAGE = 50;
const EVERY_MS = 60_000;
const TYPING_MS = 250;
const QUIET_MS = 2 * 86_400_000;

export default function Home() {
  useTitle("Websites");
  const websites = session.value?.websites ?? [];
  const isOnly = websites.length === 1 && !query.value.has("all");
  useEffect(() => {
    // Who has one website wants to see it; "All websites" of the menu comes with ?all.
    if (isOnly) go(`/console/w/${websites[0]?.id}`, { replace: true });
  }, []);
  if (websites.length === 0) return <First />;
  return isOnly ? <Loading /> : <Websites />;
}

function First() {
  return (
    <div class="card first">
      <h1>Add your first website</h1>
      <p class="muted">One line of script on its pages, and its figures are here.</p>
      <a class="button primary" href="/console/new">
        <Plus /> Add a website
      </a>
    </div>
  );
}

function Websites() {
  const sort = query.value.get("sort") ?? recall("websites.sort") ?? "visitors";
  const text = query.value.get("q") ?? "";
  const at = Math.max(0, Number(query.value.get("at")) || 0);
  const asked = useSettled(text);
  const parameters = { limit: PAGE, offset: at, sort, q: asked.trim() || undefined };
  const { data, error, isStale, again } = useAnswer(
    JSON.stringify(parameters),
    (signal) => call<Answer>("GET", "/api/v1/console/websites", { query: parameters, signal }),
    { every: EVERY_MS },
  );
  const choose = (next: string) => {
    remember("websites.sort", next === "visitors" ? undefined : next);
    setQuery({ sort: next, at: undefined });
  };

  return (
    <>
      <div class="page-head">
        <h1>Websites</h1>
        <div class="page-tools">
          <input
            type="search"
            class="find"
            aria-label="Find a website"
            placeholder="Find"
            value={text}
            onInput={(event) => setQuery({ q: event.currentTarget.value || undefined, at: undefined }, { replace: true })}
          />
          <label class="sort">
            <span class="sort-label">Sort by</span>
            <select value={sort} onChange={(event) => choose(event.currentTarget.value)}>
              {SORTS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <a class="button primary" href="/console/new">
            <Plus /> Add a website
          </a>
        </div>
      </div>
      {error && !data && <Failure error={error} again={again} />}
      {!error && !data && <Loading rows={8} />}
      {data && (
        <>
          <Together answer={data} />
          {data.data.length === 0 ? (
            <div class="card">
              <Empty
                title={`No website is called “${text}”`}
                actions={
                  <button type="button" class="button" onClick={() => setQuery({ q: undefined })}>
                    Show all
                  </button>
                }
              />
            </div>
          ) : (
            <Table websites={data.data} isStale={isStale && asked !== text} />
          )}
          <Pager
            at={at}
            size={PAGE}
            total={data.pagination.total}
            onGo={(next) => setQuery({ at: next === 0 ? undefined : String(next) })}
          />
        </>
      )}
    </>
  );
}

// What is typed, once the typing has paused.
function useSettled(text: string): string {
  const settled = useSignal(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      settled.value = text;
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled.value;
}

function Together({ answer: { totals, data } }: { answer: Answer }) {
  if (!totals || data.length < 2) return null;
  return (
    <dl class="card together" aria-label="All websites together, in the last 24 hours">
      <div>
        <dt>Visitors, 24 hours</dt>
        <dd>
          <Changed now={totals.visitors} before={totals.visitorsBefore} kind="count" currency="USD" />
        </dd>
      </div>
      {totals.revenue.map(({ currency, revenue, revenueBefore }) => (
        <div key={currency}>
          <dt>Revenue, 24 hours{totals.revenue.length > 1 && `, ${currency}`}</dt>
          <dd>
            <Changed now={revenue} before={revenueBefore} kind="money" currency={currency} />
          </dd>
        </div>
      ))}
      <div>
        <dt>Online now</dt>
        <dd>
          <Figure written={write(totals.online, "count", "USD")} />
        </dd>
      </div>
    </dl>
  );
}

function Changed(props: { now: number; before: number; kind: Kind; currency: string; written?: Written }) {
  const { now, before, kind, currency } = props;
  return (
    <>
      <Figure written={write(now, kind, currency)} />{" "}
      {(now !== 0 || before !== 0) && <ChangeMark change={change(now, before, kind, locales)} />}
    </>
  );
}

function Table({ websites, isStale }: { websites: Listed[]; isStale: boolean }) {
  return (
    <section class={isStale ? "card websites is-old" : "card websites"}>
      <table>
        <caption class="out-of-sight">Websites</caption>
        <thead>
          <tr>
            <th scope="col">Website</th>
            <th scope="col" class="number medium-only">
              Online
            </th>
            <th scope="col" class="number">
              Visitors, 24 h
            </th>
            <th scope="col" class="number">
              Revenue, 24 h
            </th>
            <th scope="col" class="number wide-only">
              Visitors, 7 days
            </th>
            <th scope="col" class="wide-only">
              <span class="out-of-sight">Visitors by day</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {websites.map((website) => (
            <Row key={website.id} website={website} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ website }: { website: Listed }) {
  const { id, domain, name, role, currency, online, day, week } = website;
  return (
    <tr>
      <th scope="row">
        <a class="website-link" href={`/console/w/${id}`}>
          {domain.split(".").map((part, at) => (
            <Fragment key={at}>
              {at > 0 && (
                <>
                  .<wbr />
                </>
              )}
              {part}
            </Fragment>
          ))}
        </a>
        <span class="website-note">
          {[name && name !== domain ? name : undefined, role === "owner" ? undefined : role].filter(Boolean).join(" · ")}
          <State website={website} />
        </span>
      </th>
      {website.hasEvents === false ? (
        <td colSpan={5} class="website-set-up">
          <span class="muted">No event yet</span>{" "}
          <a class="button small" href={`/console/new?website=${id}`}>
            Finish the set-up
          </a>
        </td>
      ) : (
        <>
          <td class="number medium-only">
            {online ? (
              <span class="website-online">
                <span class="pulse" aria-hidden="true" />
                {online.toLocaleString()}
              </span>
            ) : (
              <span class="nothing">{online === null ? "?" : "0"}</span>
            )}
          </td>
          <td class="number">
            {day ? <Changed now={day.visitors} before={day.visitorsBefore} kind="count" currency={currency} /> : "?"}
          </td>
          <td class="number">
            {!day ? (
              "?"
            ) : day.revenue || day.revenueBefore ? (
              <Changed now={day.revenue} before={day.revenueBefore} kind="money" currency={currency} />
            ) : (
              <span class="nothing">–</span>
            )}
          </td>
          <td class="number wide-only">
            {week ? <Changed now={week.visitors} before={week.visitorsBefore} kind="count" currency={currency} /> : "?"}
          </td>
          <td class="wide-only">{website.sparkline && <Spark values={website.sparkline} />}</td>
        </>
      )}
    </tr>
  );
}

// What is wrong with it, if anything.
function State({ website: { hasEvents, lastEventAt, timezone, day } }: { website: Listed }) {
  if (day === null && hasEvents !== false) return <span class="warn-text">no figures just now</span>;
  if (!lastEventAt || Date.now() - Date.parse(lastEventAt) < QUIET_MS) return null;
  return <span class="warn-text">nothing since {agoLabel(Date.parse(lastEventAt), Date.now(), timezone, locales)}</span>;
}

const SPARK = { width: 104, height: 28 };

// Today is not over: its end is dotted, or every morning would look like a crash.
function Spark({ values }: { values: number[] }) {
  const { width, height } = SPARK;
  const line = sparkline(values, width, height);
  const cut = 1 + ((width - 2) * Math.max(0, values.length - 2)) / Math.max(1, values.length - 1);
  return (
    <svg
      class="spark"
      width={width}
      height={height}
      role="img"
      aria-label={`Visitors of the last ${values.length} days: ${values.join(", ")}`}
    >
      <svg width={cut} height={height} aria-hidden="true">
        <path d={line} />
      </svg>
      <svg aria-hidden="true" x={cut} width={width - cut} height={height} viewBox={`${cut} 0 ${width - cut} ${height}`}>
        <path class="today" d={line} />
      </svg>
    </svg>
  );
}
