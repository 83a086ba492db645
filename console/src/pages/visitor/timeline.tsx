// The visits, newest first, each with its steps in order.

import { type ComponentChildren, Fragment } from "preact";
import { addDays } from "../../lib/days.ts";
import type { Step, Visit } from "../../lib/journey.ts";
import { dayLabel, weekdayLabel } from "../../lib/labels.ts";
import { duration } from "../../lib/numbers.ts";
import { dayAt, timeAt } from "../../lib/zones.ts";
import { write } from "../../metrics.ts";
import { Figure } from "../../parts/figures.tsx";
import type { Looks } from "../../parts/goal-looks.ts";
import { GoalDot } from "../../parts/goal-name.tsx";
import { Star } from "../../parts/icons.tsx";
import { pathOn } from "../../parts/person.ts";
import { Empty } from "../../parts/states.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";

interface Props {
  visits: readonly Visit[];
  website: SessionWebsite;
  looks: Looks;
  now: number;
  children: ComponentChildren; // after the last visit
}

export function Timeline({ visits, website, looks, now, children }: Props) {
  return (
    <section class="card timeline" aria-label="Journey">
      {visits.length === 0 && <Empty title="Nothing of this visitor is left." />}
      {visits.map((visit) => (
        <section key={visit.start} class="visit">
          <h2 class="visit-head">
            {dayName(visit.start, website.timezone, now)}
            <span class="visit-about">{about(visit)}</span>
          </h2>
          <ol class="journey-steps">
            {visit.steps.map((step, at) => (
              <li key={`${step.at} ${at}`} class={`journey-step is-${step.kind}`}>
                <time class="journey-time" dateTime={new Date(step.at).toISOString()}>
                  {timeAt(step.at, website.timezone)}
                </time>
                <What step={step} looks={looks} domain={website.domain} />
                {step.kind === "page" && step.spent !== null && (
                  <span class="journey-spent" title="until the next step">
                    {duration(step.spent).text}
                  </span>
                )}
              </li>
            ))}
          </ol>
        </section>
      ))}
      {children && <p class="timeline-end">{children}</p>}
    </section>
  );
}

function What({ step, looks, domain }: { step: Step; looks: Looks; domain: string }) {
  if (step.kind === "page") {
    return (
      <>
        <span class="journey-sign" aria-hidden="true" />
        <span class="journey-text">
          <bdi>{pathOn(domain, step.name)}</bdi>
        </span>
      </>
    );
  }
  const look = looks.byGoal.get(step.name);
  return (
    <>
      <span class="journey-sign">{step.kind === "payment" ? <Star /> : <GoalDot color={look?.color} />}</span>
      <span class="journey-text">
        <strong class={step.kind === "payment" ? "money" : undefined}>
          <bdi>{look?.displayName ?? (step.kind === "payment" ? paymentName(step.name) : step.name)}</bdi>
          {step.paid && (
            <>
              {" "}
              <Figure written={write(step.paid.amount, "money", step.paid.currency)} />
            </>
          )}
        </strong>
        {step.description && (
          <>
            {" "}
            <bdi>{step.description}</bdi>
          </>
        )}
        {step.metadata.map(([name, value]) => (
          <Fragment key={name}>
            {" "}
            <span class="journey-fact">
              <bdi>{name}</bdi> <bdi>{value}</bdi>
            </span>
          </Fragment>
        ))}
      </span>
    </>
  );
}

// "subscription_started" is a name of ours, and no goal of the website's.
const paymentName = (name: string) => (name[0] ?? "").toUpperCase() + name.slice(1).replaceAll("_", " ");

function dayName(moment: number, zone: string, now: number): string {
  const [day, today] = [dayAt(moment, zone), dayAt(now, zone)];
  if (day === today) return "Today";
  if (day === addDays(today, -1)) return "Yesterday";
  return day.slice(0, 4) === today.slice(0, 4) ? weekdayLabel(day, locales) : dayLabel(day, locales);
}

function about({ number, start, end, steps }: Visit): string {
  const pages = steps.filter(({ kind }) => kind === "page").length;
  const parts = [
    number === null ? undefined : `visit ${number}`,
    pages > 0 && `${pages} ${pages === 1 ? "page" : "pages"}`,
    end > start && duration(end - start).text,
  ];
  return parts.filter(Boolean).join(" · ");
}
