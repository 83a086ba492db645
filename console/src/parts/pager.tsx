// "51–100 of 1,204": pages, no endless scrolling.

import { ChevronLeft, ChevronRight } from "./icons.tsx";

interface Props {
  at: number;
  size: number;
  onGo: (at: number) => void;
}
// A list that nobody has counted knows how many rows it shows, and whether there are more.
type Known = { total: number } | { shown: number; hasMore: boolean };

export function Pager({ at, size, onGo, ...known }: Props & Known) {
  const total = "total" in known ? known.total : undefined;
  const last = "total" in known ? Math.min(at + size, known.total) : at + known.shown;
  const isLast = "total" in known ? last === known.total : !known.hasMore;
  if (isLast && (at === 0 || last === 0)) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <span>
        {last > at && `${(at + 1).toLocaleString()}–${last.toLocaleString()}`}
        {total !== undefined && ` of ${total.toLocaleString()}`}
      </span>
      <button
        type="button"
        class="button icon-only"
        aria-label="Previous page"
        disabled={at === 0}
        onClick={() => onGo(Math.max(0, at - size))}
      >
        <ChevronLeft />
      </button>
      <button type="button" class="button icon-only" aria-label="Next page" disabled={isLast} onClick={() => onGo(at + size)}>
        <ChevronRight />
      </button>
    </nav>
  );
}
