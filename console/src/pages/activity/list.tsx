// What was done: who, what, when, from where, and what is different since. The filters are in the address.

import { addressOf, call, type Schemas } from "../../api.ts";
import { countryName } from "../../lib/countries.ts";
import { momentLabel } from "../../lib/labels.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Flag } from "../../parts/flag.tsx";
import { Download } from "../../parts/icons.tsx";
import { ClearNarrowing, daysOf, isNarrowedBy, NarrowingChoice, NarrowingDays, offsetOf } from "../../parts/narrowing.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { query, setQuery, withQuery } from "../../router.tsx";
import { session } from "../../session.ts";
import { locales } from "../../view.ts";
import { CLIENTS, credentialed, valued, worded } from "./words.ts";

type Entry = Schemas["AuditEntry"];
type Change = Entry["changes"][number];

const PAGE = 50;
const MOST = 1_000; // rows of a file
const DAYS = ["since", "until"];
const NAMES = ["operation", "target", "account", "website", "client", ...DAYS];

/** Whoever reads the log sees what the lists of all these show. */
export const SHOWN = ["settings", "api-keys", "team", "webhooks", "alerts", "funnels", "goals", "notes"].map(
  (one) => `${one}:read`,
);

function filtersOf(parameters: URLSearchParams, zone: string): Record<string, string> {
  const filters = Object.fromEntries(daysOf(parameters, zone));
  for (const name of NAMES) {
    const value = parameters.get(name);
    if (!value || DAYS.includes(name) || (name === "client" && !Object.hasOwn(CLIENTS, value))) continue;
    filters[name] = value;
  }
  return filters;
}

export function ActivityList({ path, zone, isOfWebsite }: { path: string; zone: string; isOfWebsite: boolean }) {
  const filters = filtersOf(query.value, zone);
  const offset = offsetOf(query.value);
  const asked = { ...filters, limit: String(PAGE + 1), offset: String(offset) };
  const load = async (signal: AbortSignal) => (await call<{ data: Entry[] }>("GET", path, { query: asked, signal })).data;
  const { data, error, again, isStale } = useAnswer(path + JSON.stringify(asked), load);
  const rows = data?.slice(0, PAGE);
  const isFiltered = isNarrowedBy(NAMES);
  return (
    <section class="card" aria-label="Activity">
      <div class="narrowing">
        <NarrowingChoice label="By" name="client" any="any way" options={Object.entries(CLIENTS)} />
        <NarrowingDays />
        <Chosen />
        <div class="page-actions">
          <a
            class="button quiet small"
            href={addressOf(path, { ...filters, limit: MOST, format: "csv" })}
            download="activity.csv"
            title={`The newest ${MOST.toLocaleString()} that match`}
          >
            <Download /> CSV
          </a>
        </div>
      </div>
      {error && <Failure error={error} again={again} title="The activity could not be loaded." />}
      {!rows && !error && <Loading rows={8} />}
      {rows?.length === 0 && !error && (
        <Empty
          title={isFiltered ? "Nothing matches." : offset > 0 ? "There is nothing further." : "Nothing was changed yet."}
          actions={isFiltered && <ClearNarrowing names={NAMES} />}
        >
          {isFiltered ? undefined : "Every change is here, by console, API, command line or agent, and is kept for a year."}
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <div
          class={isStale ? "table-scroll is-old" : "table-scroll"}
          aria-busy={isStale}
          tabIndex={0}
          role="group"
          aria-label="Activity"
        >
          <table class="rows activity">
            <caption class="out-of-sight">Activity, newest first</caption>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Who</th>
                <th scope="col">Changes</th>
                <th scope="col" class="wide-only">
                  From
                </th>
                <th scope="col" class="number">
                  When
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((entry) => (
                <Row key={entry.id} entry={entry} zone={zone} isOfWebsite={isOfWebsite} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        at={offset}
        size={PAGE}
        shown={rows?.length ?? 0}
        hasMore={(data?.length ?? 0) > PAGE}
        onGo={(next) => setQuery({ at: next === 0 ? undefined : String(next) })}
      />
    </section>
  );
}

const CHIPS: Record<string, string> = { operation: "What", target: "Of", account: "Who", website: "Website" };

// What a click in a row has narrowed the list to.
function Chosen() {
  return (
    <>
      {Object.entries(CHIPS).map(([name, label]) => {
        const value = query.value.get(name);
        if (!value) return null;
        const shown = name === "operation" ? worded(value) : name === "website" ? domainOf(value) : value;
        return (
          <button
            key={name}
            type="button"
            class="button small activity-chip"
            aria-label={`Remove ${label}: ${shown}`}
            onClick={() => setQuery({ [name]: undefined, at: undefined })}
          >
            {label}: <bdi>{shown}</bdi> ×
          </button>
        );
      })}
    </>
  );
}

const domainOf = (id: string): string => session.value?.websites.find((website) => website.id === id)?.domain ?? id;

const only = (name: string, value: string) => withQuery({ [name]: value, at: undefined });

function Row({ entry, zone, isOfWebsite }: { entry: Entry; zone: string; isOfWebsite: boolean }) {
  const { account, credential, client, country, operation, target, websiteId, changes, at } = entry;
  return (
    <tr>
      <th scope="row" class="activity-what">
        <a href={only("operation", operation)}>{worded(operation)}</a>
        {target && target !== websiteId && (
          <a class="muted activity-target" href={only("target", target)}>
            <bdi>{target}</bdi>
          </a>
        )}
        {!isOfWebsite && websiteId && (
          <a class="muted activity-target" href={only("website", websiteId)}>
            <bdi>{domainOf(websiteId)}</bdi>
          </a>
        )}
      </th>
      <td class="activity-who">
        {account ? (
          isOfWebsite ? (
            <a href={only("account", account.id)}>
              <bdi>{account.name ?? account.email ?? account.id}</bdi>
            </a>
          ) : (
            <bdi>{account.name ?? account.email ?? account.id}</bdi>
          )
        ) : (
          <span class="muted">unknown</span>
        )}
        <span class="muted activity-target">
          {CLIENTS[client] ?? client}, <bdi>{credentialed(credential)}</bdi>
        </span>
      </td>
      <td class="activity-changes">
        {changes.length === 0 ? (
          <span class="muted">–</span>
        ) : (
          <ul>
            {changes.map((change) => (
              <li key={change.field}>
                <Difference change={change} />
              </li>
            ))}
          </ul>
        )}
      </td>
      <td class="wide-only">
        {country ? (
          <span class="activity-from">
            <Flag code={country} /> {countryName(country)}
          </span>
        ) : (
          <span class="muted">–</span>
        )}
      </td>
      <td class="number">
        <time dateTime={at}>{momentLabel(Date.parse(at), zone, locales)}</time>
      </td>
    </tr>
  );
}

function Difference({ change: { field, before, after, isSecret } }: { change: Change }) {
  return (
    <>
      <span class="strong">{worded(field)}</span>{" "}
      {isSecret ? (
        <span class="muted">a new value, which is not kept</span>
      ) : (
        <>
          <del>
            <span class="out-of-sight">was </span>
            <bdi>{valued(before)}</bdi>
          </del>{" "}
          <span aria-hidden="true">→</span>{" "}
          <ins>
            <span class="out-of-sight">is </span>
            <bdi>{valued(after)}</bdi>
          </ins>
        </>
      )}
    </>
  );
}
