// How a delivery and an endpoint stand: a sign and a word, the colour last.

import { momentLabel, untilLabel } from "../../lib/labels.ts";
import { rate } from "../../lib/numbers.ts";
import { type Delivery, type Failing, type Health, offWords, STATUSES, type Status, type Webhook } from "../../lib/webhooks.ts";
import { Check, Clock, Close, Minus, Warning } from "../../parts/icons.tsx";
import { locales } from "../../view.ts";

const SIGNS: Record<Status, () => preact.JSX.Element> = { pending: Clock, delivered: Check, failed: Close, missed: Minus };

export function StatusMark({ status }: { status: Status }) {
  const Sign = SIGNS[status];
  return (
    <span class={`state-mark is-${status}`}>
      <Sign /> {STATUSES[status]}
    </span>
  );
}

export function EndpointMark({ webhook, health }: { webhook: Webhook; health?: Health | undefined }) {
  if (!webhook.isEnabled) {
    return (
      <span class="state-mark is-missed">
        <Minus /> {offWords(webhook.disabledReason)}
      </span>
    );
  }
  if (health?.failing) {
    return (
      <span class="state-mark is-failed">
        <Warning /> failing
      </span>
    );
  }
  return (
    <span class="state-mark is-delivered">
      <Check /> on
    </span>
  );
}

const HEIGHTS: Record<Status, number> = { delivered: 22, failed: 22, pending: 12, missed: 6 };

// The latest deliveries, the newest at the right: one bar each.
export function Strip({ deliveries }: { deliveries: readonly Delivery[] }) {
  const shown = deliveries.slice(0, 50).toReversed();
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${shown.length * 5} 22`}
      width={shown.length * 5}
      height={22}
      role="img"
      aria-label={stripWords(deliveries)}
    >
      {shown.map(({ id, status }, at) => (
        <rect key={id} class={`is-${status}`} x={at * 5} y={22 - HEIGHTS[status]} width={4} height={HEIGHTS[status]} rx={1} />
      ))}
    </svg>
  );
}

function stripWords(deliveries: readonly Delivery[]): string {
  const counted = Object.entries(STATUSES)
    .map(([status, word]) => [deliveries.filter((one) => one.status === status).length, word] as const)
    .filter(([count]) => count > 0);
  return `Of the last ${deliveries.length}: ${counted.map(([count, word]) => `${count} ${word}`).join(", ")}`;
}

export const rateText = ({ rate: percent }: Health): string => (percent === null ? "–" : rate(percent, locales).text);

// Since when it fails, why, and what happens next.
export function FailingNotice({ failing, zone, now }: { failing: Failing; zone: string; now: number }) {
  const { since, until, status, next } = failing;
  const at = (moment: number) => momentLabel(moment, zone, locales);
  return (
    <div class="notice failing" role="status">
      <Warning />
      <div>
        <p>
          <strong>Nothing has arrived since {at(since)}.</strong> The last attempt{" "}
          {status === null ? "got no answer" : `was answered with ${status}`}.
        </p>
        <p>
          {next === null
            ? "Nothing waits for another attempt. "
            : `The next attempt is ${untilLabel(next, now, zone, locales)}. `}
          Each delivery is tried eight times within 27 and a half hours. If nothing arrives until {at(until)}, the endpoint is
          switched off; the website's owner gets a mail after 60 hours, and when that happens. Answer with 2xx within 15
          seconds, then use Recover to send what was lost.
        </p>
      </div>
    </div>
  );
}
