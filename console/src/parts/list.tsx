// A list of what there was, most first: each row with its bar, its visitors and its money, and a click filters by it.

import { signal } from "@preact/signals";
import type { Breakdown, Row } from "../breakdowns.ts";
import { type Choice, choose, type FieldName, obstacle, standing } from "../lib/filters.ts";
import { share } from "../lib/numbers.ts";
import { recall, remember } from "../lib/taste.ts";
import { inColumn, write } from "../metrics.ts";
import { filterBy, locales, type View } from "../view.ts";
import { Figure } from "./figures.tsx";
import { Flag } from "./flag.tsx";
import { External, More } from "./icons.tsx";
import { Menu, MenuItem } from "./menu.tsx";
import { say } from "./toast.tsx";

// What the bars behind the rows show.
export const barsShow = signal<"visitors" | "revenue">(recall("bars") === "revenue" ? "revenue" : "visitors");
function showInBars(what: "visitors" | "revenue") {
  barsShow.value = what;
  remember("bars", what === "visitors" ? undefined : what);
}

interface Props {
  view: View;
  breakdown: Breakdown;
  rows: Row[];
  total?: number; // visitors of the whole view, for shares
  caption: string;
}

export function List({ view, breakdown, rows, total, caption }: Props) {
  const hasMoney = breakdown.hasMoney && rows.some(({ revenue }) => revenue !== 0);
  const hasConversion = hasMoney && rows.some(({ conversion }) => conversion !== undefined);
  const byMoney = hasMoney && barsShow.value === "revenue";
  const measure = (row: Row) => (byMoney ? (row.revenue ?? 0) : row.visitors);
  const most = Math.max(1e-9, ...rows.map(measure));
  const dearest = Math.max(0, ...rows.map(({ revenue }) => Math.abs(revenue ?? 0)));
  return (
    <table class="list">
      <caption class="out-of-sight">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{breakdown.one}</th>
          {breakdown.counts && (
            <th scope="col" class="number">
              {breakdown.counts}
            </th>
          )}
          <th scope="col" class="number">
            <BarsButton what="visitors" isOffered={hasMoney}>
              Visitors
            </BarsButton>
          </th>
          {total !== undefined && (
            <th scope="col" class="number list-share">
              {breakdown.shareName ?? "Share"}
            </th>
          )}
          {hasMoney && (
            <th scope="col" class="number">
              <BarsButton what="revenue" isOffered>
                Revenue
              </BarsButton>
            </th>
          )}
          {hasConversion && (
            <th scope="col" class="number wide-only">
              Conversion
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={`${row.value} ${row.href ?? row.code ?? ""} ${at}`} class={standingOf(view, breakdown, row)}>
            <th scope="row" class="list-label">
              <span
                class={byMoney ? "list-bar money" : "list-bar"}
                style={{ width: `${Math.max(0, (100 * measure(row)) / most)}%` }}
              />
              <Label view={view} breakdown={breakdown} row={row} />
              <RowMenu view={view} breakdown={breakdown} row={row} />
            </th>
            {breakdown.counts && (
              <td class="number">
                <Figure written={write(row.count ?? 0, "count", view.website.currency)} />
              </td>
            )}
            <td class="number">
              <Figure written={write(row.visitors, "count", view.website.currency)} />
            </td>
            {total !== undefined && <td class="number list-share">{share(row.visitors, total, locales)}</td>}
            {hasMoney && (
              <td class="number" title={perVisitor(row, view)}>
                {row.revenue ? (
                  <Figure written={inColumn(row.revenue, view.website.currency, dearest)} />
                ) : (
                  <span class="nothing">–</span>
                )}
              </td>
            )}
            {hasConversion && (
              <td class="number wide-only">
                {row.conversion ? (
                  <Figure written={write(row.conversion, "rate", view.website.currency)} />
                ) : (
                  <span class="nothing">–</span>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const perVisitor = ({ revenue = 0, visitors }: Row, view: View) =>
  visitors > 0 && revenue !== 0 ? `${write(revenue / visitors, "money", view.website.currency).full} per visitor` : undefined;

function BarsButton({ what, isOffered, children }: { what: "visitors" | "revenue"; isOffered: boolean; children: string }) {
  if (!isOffered) return <>{children}</>;
  return (
    <button
      type="button"
      class="list-bars"
      aria-pressed={barsShow.value === what}
      title={`Bars show ${what}`}
      onClick={() => showInBars(what)}
    >
      {children}
    </button>
  );
}

function standingOf(view: View, { field }: Breakdown, { value }: Row): string | undefined {
  const is = field && standing(view.state.filters, field, value);
  return is ? `is-chosen ${is}` : undefined;
}

// A click filters: by this alone; with Shift by this too; with Alt by all but this.
function Label({ view, breakdown: { field }, row }: { view: View; breakdown: Breakdown; row: Row }) {
  const content = (
    <>
      {row.code !== undefined && <Flag code={row.code} />}
      <span class="list-text" title={row.label}>
        {row.label}
      </span>
    </>
  );
  if (!field) return <span class="list-name">{content}</span>;
  const onClick = (event: MouseEvent) =>
    filterByRow(view, field, row, event.altKey ? "exclude" : event.shiftKey ? "also" : "only");
  return (
    <button type="button" class="list-name" onClick={onClick}>
      {content}
    </button>
  );
}

export function filterByRow(view: View, field: FieldName, { value }: Row, choice: Choice): void {
  const why = obstacle(field, value);
  if (why) say(why);
  else filterBy(view, choose(view.state.filters, field, value, choice));
}

function RowMenu({ view, breakdown: { field }, row }: { view: View; breakdown: Breakdown; row: Row }) {
  const safe = row.href && /^https?:\/\//.test(row.href) ? row.href : undefined;
  if (!field && !safe) return null;
  const item = (close: () => void, text: string, choice: Choice, hint: string) =>
    field && (
      <MenuItem
        hint={hint}
        onClick={() => {
          close();
          filterByRow(view, field, row, choice);
        }}
      >
        {text}
      </MenuItem>
    );
  return (
    <Menu label={<More />} name={`More about ${row.label}`} class="button quiet row-menu" align="end">
      {(close) => (
        <>
          {item(close, "Only this", "only", "Click")}
          {item(close, "This too", "also", "Shift")}
          {item(close, "All but this", "exclude", "Alt")}
          {safe && (
            <a class="menu-item" href={safe} target="_blank" rel="noopener noreferrer nofollow ugc">
              <span class="menu-text">Open in a new tab</span>
              <span class="menu-hint">
                <External />
              </span>
            </a>
          )}
        </>
      )}
    </Menu>
  );
}
