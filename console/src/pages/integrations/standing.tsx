// How a connection stands: a sign and a word, the colour last; and how far its import is.

import { type Connection, type Import, progressOf, STANDINGS, type Standing, standingOf } from "../../lib/providers.ts";
import { Check, Clock, Minus, Warning } from "../../parts/icons.tsx";
import { locales } from "../../view.ts";

const SIGNS: Record<Standing, [() => preact.JSX.Element, colour: string]> = {
  off: [Minus, "missed"],
  verifying: [Clock, "pending"],
  importing: [Clock, "pending"],
  connected: [Check, "delivered"],
  failing: [Warning, "failed"],
};

export function StandingMark({ connection }: { connection: Connection }) {
  const standing = standingOf(connection);
  const [Sign, colour] = SIGNS[standing];
  return (
    <span class={`state-mark is-${colour}`}>
      <Sign /> {STANDINGS[standing]}
    </span>
  );
}

export function ImportBar({ run }: { run: Import }) {
  const { share, words } = progressOf(run, locales as string[]);
  return (
    <div class="import">
      <progress value={share ?? undefined} aria-label="Import of past payments" />
      <span class="hint">{words}</span>
    </div>
  );
}

export const isBusy = (connection: Connection): boolean =>
  ["verifying", "importing"].includes(standingOf(connection)) || connection.import?.state === "running";
