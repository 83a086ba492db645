// "51–100 of 1,204": pages, no endless scrolling.

import { ChevronLeft, ChevronRight } from "./icons.tsx";

interface Props {
  at: number;
  size: number;
  total: number;
  onGo: (at: number) => void;
}

export function Pager({ at, size, total, onGo }: Props) {
  if (total <= size) return null;
  const last = Math.min(at + size, total);
  return (
    <nav class="pager" aria-label="Pages of the list">
      <span>
        {(at + 1).toLocaleString()}–{last.toLocaleString()} of {total.toLocaleString()}
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
      <button
        type="button"
        class="button icon-only"
        aria-label="Next page"
        disabled={last === total}
        onClick={() => onGo(at + size)}
      >
        <ChevronRight />
      </button>
    </nav>
  );
}
