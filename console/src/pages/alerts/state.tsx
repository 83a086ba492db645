// How an alert stands: a sign and a word, the colour last.

import { type Alert, STATES, type State } from "../../lib/alerts.ts";
import { Check, Clock, Minus, Warning } from "../../parts/icons.tsx";

const LOOKS: Record<State, [() => preact.JSX.Element, string]> = {
  firing: [Warning, "is-failed"],
  pending: [Clock, "is-pending"],
  normal: [Check, "is-delivered"],
  resolved: [Check, "is-delivered"],
  nodata: [Minus, "is-missed"],
};

export function StateMark({ state }: { state: State }) {
  const [Sign, look] = LOOKS[state];
  return (
    <span class={`state-mark ${look}`}>
      <Sign /> {STATES[state]}
    </span>
  );
}

// A goal has no state: it happens.
export function AlertMark({ alert }: { alert: Alert }) {
  if (!alert.isEnabled) {
    return (
      <span class="state-mark is-missed">
        <Minus /> off
      </span>
    );
  }
  if (alert.trigger.type === "metric") return <StateMark state={alert.state} />;
  return (
    <span class="state-mark is-delivered">
      <Check /> on
    </span>
  );
}
