// What has just happened, payments and events in one line of time.

import { countryName } from "../../lib/countries.ts";
import { timeAt } from "../../lib/zones.ts";
import { write } from "../../metrics.ts";
import { goalOf } from "../../parts/events.ts";
import { Figure } from "../../parts/figures.tsx";
import { Flag } from "../../parts/flag.tsx";
import { External, Star, Target, Users } from "../../parts/icons.tsx";
import { nameOf } from "../../parts/person.ts";
import type { Event, Payment, Present } from "./types.ts";

interface Props {
  present: Present;
  websiteId: string;
  zone: string;
  fresh: ReadonlySet<string>;
}

const MOST_SHOWN = 60;

export function Feed({ present, websiteId, zone, fresh }: Props) {
  const names = new Map(
    present.visitors.map((visitor) => [
      visitor.visitorId,
      nameOf({ visitorId: visitor.visitorId, ...visitor.profileData, customerName: visitor.customerName }).name,
    ]),
  );
  const entries = [
    ...present.recentEvents.map((event) => ({ at: event.timestamp, key: event._id, event, payment: undefined })),
    ...present.recentPayments.map((payment) => ({ at: payment.timestamp, key: payment._id, event: undefined, payment })),
  ];
  entries.sort((one, other) => other.at.localeCompare(one.at));
  return (
    <section class="card live-feed" aria-labelledby="feed">
      <header class="card-head">
        <h2 id="feed">What just happened</h2>
      </header>
      <section class="feed-scroll" tabIndex={0} aria-labelledby="feed">
        <ol class="feed">
          {entries.slice(0, MOST_SHOWN).map(({ key, at, event, payment }) => (
            <li
              key={key}
              class={payment ? (fresh.has(key) ? "feed-item is-payment is-new" : "feed-item is-payment") : "feed-item"}
            >
              <time class="feed-time" dateTime={at}>
                {timeAt(Date.parse(at), zone)}
              </time>
              {payment ? <Paid payment={payment} /> : <Happened event={event as Event} names={names} websiteId={websiteId} />}
            </li>
          ))}
        </ol>
      </section>
    </section>
  );
}

function Paid({ payment }: { payment: Payment }) {
  const { amount, currency, renewal, name, displayName, email } = payment;
  const who = name || displayName || email;
  return (
    <>
      <span class="feed-sign">
        <Star />
      </span>
      <span class="feed-text">
        <strong class="money">
          <Figure written={write(Number(amount), "money", currency)} />
        </strong>{" "}
        {renewal ? "renewal" : "payment"}
        {who && (
          <>
            {" "}
            from <bdi>{who}</bdi>
          </>
        )}
      </span>
    </>
  );
}

function Happened({ event, names, websiteId }: { event: Event; names: ReadonlyMap<string, string>; websiteId: string }) {
  const { visitorId, type, path, countryCode, extraData } = event;
  const name = names.get(visitorId) ?? nameOf({ visitorId, displayName: event.displayName }).name;
  const who = (
    <a href={`/console/w/${websiteId}/visitors/${visitorId}`}>
      <bdi>{name}</bdi>
    </a>
  );
  const url = typeof extraData.url === "string" ? extraData.url : "another website";
  const goal = type === "custom" ? goalOf(extraData) : undefined;
  return (
    <>
      <span class="feed-sign" title={countryCode ? countryName(countryCode) : undefined}>
        {goal ? (
          <Target />
        ) : type === "external_link" ? (
          <External />
        ) : type === "identify" ? (
          <Users />
        ) : (
          <Flag code={countryCode ?? undefined} />
        )}
      </span>
      <span class="feed-text">
        {who}{" "}
        {goal ? (
          <>
            completed <strong>{goal}</strong>
          </>
        ) : type === "external_link" ? (
          <>left for {url}</>
        ) : type === "identify" ? (
          "was identified"
        ) : (
          <>viewed {path ?? "a page"}</>
        )}
      </span>
    </>
  );
}
