// Visitors by country on the world's map. The tab beside it has the same as a list.

import { BREAKDOWNS, rowsOf } from "../../breakdowns.ts";
import { share } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { Flag } from "../../parts/flag.tsx";
import { filterByRow } from "../../parts/list.tsx";
import { LazyMap } from "../../parts/map/lazy.tsx";
import { Empty, Failure } from "../../parts/states.tsx";
import type { Reports } from "../../reports.ts";
import { setQuery } from "../../router.tsx";
import { locales, type View } from "../../view.ts";
import { describeRange } from "../../words.ts";

const MOST_NAMED = 3;

export function MapTab({ view, reports, part }: { view: View; reports: Reports; part: string }) {
  const { body, error, isOld } = reports.part(part);
  if (error) return <Failure error={error} again={() => reports.again(part)} />;
  const rows = rowsOf(BREAKDOWNS.countries, body?.data ?? []);
  if (body && rows.length === 0) return <Empty title={`No country ${describeRange(view)}`} />;
  const total = rows.reduce((sum, { visitors }) => sum + visitors, 0);
  const most = Math.max(1, ...rows.map(({ visitors }) => visitors));
  const known = rows.filter(({ code }) => code);
  // One country is often far ahead: the square root lets the others be seen.
  const shades = new Map(
    known.map((row) => [
      row.code as string,
      {
        level: Math.sqrt(row.visitors / most),
        title: `${row.label}: ${row.visitors.toLocaleString()} visitors, ${share(row.visitors, total, locales)}`,
      },
    ]),
  );
  const named = rows.slice(0, MOST_NAMED);
  return (
    <div class={isOld ? "map is-old" : "map"}>
      <LazyMap
        label={`Visitors by country: ${named.map((row) => `${row.label} ${row.visitors}`).join(", ")}. The tab Country has all.`}
        shades={shades}
        choose={(code) => {
          const row = known.find((one) => one.code === code);
          if (row) filterByRow(view, "country", row, "only");
        }}
      />
      <ol class="map-top">
        {named.map((row) => (
          <li key={row.label}>
            <Flag code={row.code} /> {row.label} <strong>{write(row.visitors, "count", view.website.currency).text}</strong>
          </li>
        ))}
        {rows.length > MOST_NAMED && (
          <li>
            <button type="button" class="link" onClick={() => setQuery({ geo: "countries" })}>
              {rows.length - MOST_NAMED} more
            </button>
          </li>
        )}
      </ol>
    </div>
  );
}
