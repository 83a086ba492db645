// The row over a view: dates, comparison, filters, the address, and the figures anew.

import type { ComponentChildren } from "preact";
import { spanOf } from "../lib/dates.ts";
import { dayAt, timeAt } from "../lib/zones.ts";
import { addressOfView, refresh, type View } from "../view.ts";
import { copyText } from "./copy.tsx";
import { CompareMenu, DateMenu } from "./date-menu.tsx";
import { AddFilter, FilterChips } from "./filters.tsx";
import { Link, Refresh } from "./icons.tsx";

interface Props {
  view: View;
  hasComparison?: boolean;
  hasFilters?: boolean;
  children?: ComponentChildren; // a page's own controls
}

export function Toolbar({ view, hasComparison = true, hasFilters = true, children }: Props) {
  return (
    <div class="toolbar">
      <div class="toolbar-row">
        <DateMenu view={view} />
        {hasComparison && <CompareMenu view={view} />}
        {hasFilters && <AddFilter view={view} />}
        <div class="toolbar-end">
          {children}
          <button
            type="button"
            class="button quiet icon-only"
            title="Copy the link; with Shift, its dates stay"
            aria-label="Copy the link"
            onClick={(event) => copyLink(view, event.shiftKey)}
          >
            <Link />
          </button>
          <button type="button" class="button quiet refresh" onClick={refresh} title="Figures of this moment">
            <Refresh />
            <span class="out-of-sight">Refresh, last at </span>
            <span class="refresh-time">{timeAt(view.here.now, view.here.zone)}</span>
          </button>
        </div>
      </div>
      {hasFilters && <FilterChips view={view} />}
      {view.problems.length > 0 && (
        <p class="notice" role="status">
          The address was not understood in part: {view.problems.join("; ")}.
        </p>
      )}
    </div>
  );
}

// "Last 28 days" are other days tomorrow; with Shift the link names the days.
function copyLink(view: View, isAbsolute: boolean): void {
  const { start, end } = spanOf(view.range, view.here.zone);
  const days = { period: "custom" as const, from: dayAt(start, view.here.zone), to: dayAt(end, view.here.zone) };
  copyText(new URL(addressOfView(view, isAbsolute ? days : {}), location.href).href, "The link is copied");
}
