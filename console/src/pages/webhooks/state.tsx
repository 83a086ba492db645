// How a delivery and an endpoint stand: a sign and a word, the colour last.

import { momentLabel, untilLabel } from "../../lib/labels.ts";
import { type Delivery, lastFailure, offWords, STATUSES, type Stats, type Status, type Webhook } from "../../lib/webhooks.ts";
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

export function EndpointMark({ webhook, stats }: { webhook: Webhook; stats?: Stats | undefined }) {
  if (!webhook.isEnabled) {
    return (
      <span class="state-mark is-missed">
        <Minus /> {offWords(webhook.disabledReason)}
      </span>
    );
  }
  if (stats?.failingSince) {
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

// Since when it fails, why, and what happens next.
interface FailingProps {
  stats: Stats;
  latest: readonly Delivery[];
  zone: string;
  now: number;
}

export function FailingNotice({ stats, latest, zone, now }: FailingProps) {
  const { status, next } = lastFailure(latest);
  const [since, until] = [stats.failingSince, stats.disablesAt].map((moment) => Date.parse(moment ?? "")) as [number, number];
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
