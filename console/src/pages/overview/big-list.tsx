// A breakdown in full: searched, sorted, page by page, as CSV and as the very call of the API.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addressOf, call } from "../../api.ts";
import { BREAKDOWNS, type BreakdownId, columnsOf, type Row, rowsOf } from "../../breakdowns.ts";
import { csv, fileName } from "../../lib/csv.ts";
import { curl } from "../../lib/curl.ts";
import { spanOf } from "../../lib/dates.ts";
import { asApiError, isAborted } from "../../lib/errors.ts";
import { formatFilter } from "../../lib/filters.ts";
import { dayAt } from "../../lib/zones.ts";
import { copyText } from "../../parts/copy.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Copy, Download } from "../../parts/icons.tsx";
import { useLater } from "../../parts/later.ts";
import { List } from "../../parts/list.tsx";
import { Pager } from "../../parts/pager.tsx";
import { saveFile } from "../../parts/save.ts";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import type { Body } from "../../reports.ts";
import { query, setQuery } from "../../router.tsx";
import { parametersOfView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";

const MOST_ROWS = 1_000; // that the API answers at once
const PAGE = 50;

type Sort = "visitors" | "revenue" | "label";

export function BigList({ view, id, visitors }: { view: View; id: BreakdownId; visitors: number | undefined }) {
  const breakdown = BREAKDOWNS[id];
  const body = useSignal<Body | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const cut = useSignal(""); // the list of which not all rows came
  const parameters = parametersOfView(view).filter(([name]) => !name.startsWith("compare"));
  const text = query.value.get("q") ?? "";
  const sort = (query.value.get("sort") as Sort) ?? "visitors";
  // A list that is here as a whole is searched and sorted here; of a longer one the gateway knows the rest.
  const whole = JSON.stringify([id, parameters]);
  const isCut = cut.value === whole;
  const asked = useLater(isCut ? text.trim() : "");
  const own: Record<string, string> = {
    websiteId: view.website.id,
    fields: columnsOf(breakdown, true),
    ...(isCut && asked && { q: asked }),
    ...(isCut && sort === "revenue" && { sort }),
    limit: String(MOST_ROWS),
  };
  const key = JSON.stringify([own, parameters]);

  const load = (signal?: AbortSignal) => {
    error.value = undefined;
    call<Body>("GET", breakdown.route, { query: { ...own, ...Object.fromEntries(parameters) }, signal }).then(
      (answer) => {
        body.value = answer;
        if ((answer.pagination?.total ?? 0) > MOST_ROWS) cut.value = whole;
      },
      (problem) => {
        if (!isAborted(problem)) error.value = asApiError(problem);
      },
    );
  };
  useEffect(() => {
    const aborter = new AbortController();
    load(aborter.signal);
    return () => aborter.abort();
  }, [key]);

  const at = Math.max(0, Number(query.value.get("at")) || 0);
  const all = body.value ? rowsOf(breakdown, body.value.data) : [];
  const rows = sorted(
    all.filter(({ label, value }) => `${label} ${value}`.toLowerCase().includes(text.trim().toLowerCase())),
    sort,
  );
  const shown = rows.slice(at, at + PAGE);
  const total = body.value?.pagination?.total ?? all.length;
  const close = () => setQuery({ more: undefined, q: undefined, sort: undefined, at: undefined });

  const { start, end } = spanOf(view.range, view.here.zone);
  const days = [dayAt(start, view.here.zone), dayAt(end, view.here.zone)];
  const save = () => {
    const header = [
      breakdown.one,
      ...(breakdown.counts ? [breakdown.counts] : []),
      "Visitors",
      ...(breakdown.hasMoney ? ["Revenue", "Payments", "Conversion rate"] : []),
    ];
    const lines = rows.map((row) => [
      row.label,
      ...(breakdown.counts ? [row.count] : []),
      row.visitors,
      ...(breakdown.hasMoney ? [row.revenue, row.payments, row.conversion] : []),
    ]);
    const name = [view.website.domain, breakdown.title, ...days, ...view.state.filters.map(formatFilter), text];
    saveFile(fileName(name, "csv"), csv(header, lines));
  };
  const copyCall = () =>
    copyText(curl({ url: addressOf(breakdown.route), query: [...Object.entries(own), ...parameters] }), "The call is copied");

  return (
    <Dialog title={`${breakdown.title} · ${rangeWords(view)}`} kind="drawer" close={close}>
      <div class="list-tools">
        <input
          type="search"
          aria-label={`Find in ${breakdown.title}`}
          placeholder="Find"
          value={text}
          onInput={(event) => setQuery({ q: event.currentTarget.value || undefined, at: undefined }, { replace: true })}
        />
        <label class="sort">
          Sort by
          <select
            value={sort}
            onChange={(event) =>
              setQuery({
                sort: event.currentTarget.value === "visitors" ? undefined : event.currentTarget.value,
                at: undefined,
              })
            }
          >
            <option value="visitors">Visitors</option>
            {breakdown.hasMoney && <option value="revenue">Revenue</option>}
            <option value="label">{breakdown.one}</option>
          </select>
        </label>
        <button type="button" class="button" onClick={save} disabled={rows.length === 0}>
          <Download /> CSV
        </button>
        <button type="button" class="button" onClick={copyCall}>
          <Copy /> curl
        </button>
      </div>
      {error.value ? (
        <Failure error={error.value} again={load} />
      ) : !body.value ? (
        <Loading rows={20} />
      ) : shown.length === 0 ? (
        <Empty title={text ? `Nothing is called “${text}”.` : "Nothing here."} />
      ) : (
        <List view={view} breakdown={breakdown} rows={shown} total={visitors} caption={breakdown.title} />
      )}
      {total > all.length && (
        <p class="hint">
          The first {all.length.toLocaleString()} of {total.toLocaleString()}, by{" "}
          {isCut && sort === "revenue" ? "revenue" : "visitors"}.
        </p>
      )}
      <Pager at={at} size={PAGE} total={rows.length} onGo={(next) => setQuery({ at: next === 0 ? undefined : String(next) })} />
    </Dialog>
  );
}

function sorted(rows: Row[], by: Sort): Row[] {
  if (by === "label") return rows.toSorted((one, other) => one.label.localeCompare(other.label));
  const measure = (row: Row) => (by === "revenue" ? (row.revenue ?? 0) : row.visitors);
  return rows.toSorted((one, other) => measure(other) - measure(one));
}
