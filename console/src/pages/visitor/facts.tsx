// What is known about a visitor, as a list of names and values.

import type { ComponentChildren } from "preact";
import { countryName } from "../../lib/countries.ts";
import { momentLabel } from "../../lib/labels.ts";
import { money } from "../../lib/numbers.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { Flag } from "../../parts/flag.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";
import type { Detail } from "./types.ts";

interface Props {
  visitorId: string;
  detail: Detail;
  website: SessionWebsite;
  now: number;
}

const number = (value: number) => value.toLocaleString(locales as string[]);

export function Facts({ visitorId, detail, website }: Props) {
  const { identity, activity, profile } = detail;
  const moment = (text: string) => momentLabel(Date.parse(text), website.timezone, locales);
  const payments = activity.completedGoals.filter(({ name, origin }) => origin === "payment_provider" && name === "payment");
  const paid = sums(payments);
  const country = identity.countryCode && countryName(identity.countryCode);
  const place = [...new Set([identity.city, identity.region, country].filter(Boolean))];
  const sources = Object.entries(identity.params).filter(([, value]) => value);
  const clicks = Object.entries(identity.adClickIds);
  const versioned = ({ name, version }: { name: string | null; version: string | null }) =>
    [name, version].filter(Boolean).join(" ");
  const device = [identity.device.type, identity.device.vendor, identity.device.model].filter(Boolean).join(" · ");
  const { width, height } = identity.viewport;
  return (
    <aside class="card facts" aria-label="About this visitor">
      <dl>
        <Fact name="Visits">{number(activity.visitCount)}</Fact>
        <Fact name="Pages seen">{number(activity.pageViewCount)}</Fact>
        {payments.length > 0 && <Fact name="Payments">{number(payments.length)}</Fact>}
        {paid.map(({ amount, currency }) => (
          <Fact key={currency} name="Paid">
            <strong class="money">{money(amount, currency, locales).full}</strong>
          </Fact>
        ))}
        <Fact name="First visit">{moment(activity.firstVisitAt)}</Fact>
        <Fact name="Last visit">{moment(activity.lastVisitAt)}</Fact>
      </dl>
      <dl>
        <Fact name="Place">
          {place.length > 0 ? (
            <span class="with-flag">
              <Flag code={identity.countryCode ?? undefined} /> {place.join(", ")}
            </span>
          ) : (
            "unknown"
          )}
        </Fact>
        <Fact name="Browser">{versioned(identity.browser) || "unknown"}</Fact>
        <Fact name="System">{versioned(identity.os) || "unknown"}</Fact>
        {device && <Fact name="Device">{device}</Fact>}
        {width !== null && height !== null && (
          <Fact name="Window">
            {width} × {height}
          </Fact>
        )}
      </dl>
      {(sources.length > 0 || clicks.length > 0) && (
        <dl>
          {[...sources, ...clicks].map(([name, value]) => (
            <Fact key={name} name={name}>
              <bdi>{String(value)}</bdi>
            </Fact>
          ))}
        </dl>
      )}
      {profile && (
        <dl>
          <Fact name="User id">
            <bdi>{profile.userId}</bdi>
          </Fact>
          {Object.entries(profile.metadata).map(([name, value]) => (
            <Fact key={name} name={name}>
              <bdi>{typeof value === "string" ? value : JSON.stringify(value)}</bdi>
            </Fact>
          ))}
          <Fact name="Identified">{moment(profile.identifiedAt)}</Fact>
        </dl>
      )}
      <dl>
        <Fact name="Visitor id">
          <span class="with-flag">
            <code>{visitorId}</code> <CopyButton text={visitorId} label="Copy the visitor's id" />
          </span>
        </Fact>
      </dl>
    </aside>
  );
}

// Payments in several currencies have no sum.
function sums(payments: Detail["activity"]["completedGoals"]): { amount: number; currency: string }[] {
  const totals = new Map<string, number>();
  for (const { amount, currency } of payments) {
    if (amount && currency) totals.set(currency, (totals.get(currency) ?? 0) + amount);
  }
  return [...totals].map(([currency, amount]) => ({ amount, currency }));
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
