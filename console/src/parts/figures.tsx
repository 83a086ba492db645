// Figures as they are read: short, with the full one for those who hover or listen, and changes that need no colour.

import type { Change, Written } from "../lib/numbers.ts";
import { ArrowDown, ArrowUp } from "./icons.tsx";

export function Figure({ written }: { written: Written }) {
  if (written.text === written.full) return <span class="figure">{written.text}</span>;
  return (
    <span class="figure" title={written.full}>
      <span aria-hidden="true">{written.text}</span>
      <span class="out-of-sight">{written.full}</span>
    </span>
  );
}

// "up 12 %": the arrow and the sign are for the eye, the word for everybody.
export function ChangeMark({ change }: { change: Change }) {
  const { direction, tone, text } = change;
  const amount = text.replace(/^(up|down) /, "");
  return (
    <span class={`change ${tone}`}>
      {direction === "up" && <ArrowUp />}
      {direction === "down" && <ArrowDown />}
      {(direction === "up" || direction === "down") && <span class="out-of-sight">{direction} </span>}
      {amount}
    </span>
  );
}
