// One visitor: who they are, and everything they did, by visit.

import { useSignal } from "@preact/signals";
import { firstSteps, visitsOf } from "../../lib/journey.ts";
import { looksOf, looksPart } from "../../parts/goal-looks.ts";
import { ChevronLeft } from "../../parts/icons.tsx";
import { nameOf } from "../../parts/person.ts";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { useOnlineOf } from "../../parts/use-online.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import { useParts } from "../../reports.ts";
import type { SessionWebsite } from "../../session.ts";
import { now } from "../../view.ts";
import { Actions } from "./actions.tsx";
import { CookielessNotice } from "./cookieless.tsx";
import { Facts } from "./facts.tsx";
import { Timeline } from "./timeline.tsx";
import type { Detail } from "./types.ts";

const STEP = 100; // entries at a time

interface Props {
  websiteId: string;
  visitorId: string;
}

export default function VisitorPage({ websiteId, visitorId }: Props) {
  return (
    <WebsitePage websiteId={websiteId} title="Visitor" permission="analytics:read">
      {(website) => <Journey key={visitorId} website={website} visitorId={visitorId} />}
    </WebsitePage>
  );
}

function Journey({ website, visitorId }: { website: SessionWebsite; visitorId: string }) {
  const part = `visitor.${visitorId}`;
  const reports = useParts(website.id, [], [part, ...looksPart(website), "realtime"]);
  useOnlineOf(website, reports);
  const { body, error } = reports.part(part);
  const data = body?.data as unknown as Detail | undefined;
  const again = () => reports.again(part);
  const most = useSignal(STEP);
  const visits = data ? visitsOf(data.activity) : [];
  const looks = looksOf(reports);
  const total = visits.reduce((sum, { steps }) => sum + steps.length, 0);
  const back = `/console/w/${website.id}/visitors`;

  if (error?.status === 404 || error?.status === 400) {
    return (
      <>
        <Back href={back} />
        <h1>Visitor</h1>
        <section class="card">
          <Empty
            title="There is no such visitor."
            actions={
              <a class="button" href={back}>
                All visitors
              </a>
            }
          >
            {error.message}
          </Empty>
        </section>
      </>
    );
  }
  const { name, isPseudonym } = nameOf({ visitorId, displayName: data && metadataName(data), userId: data?.profile?.userId });
  return (
    <>
      <Back href={back} />
      <header class="page-head">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        {isPseudonym && <span class="muted">a name made of the id, always the same</span>}
        {data && <Actions website={website} visitorId={visitorId} detail={data} again={again} />}
      </header>
      {error && !data && (
        <section class="card">
          <Failure error={error} again={again} title="The visitor could not be loaded." />
        </section>
      )}
      {!data && !error && <Loading rows={10} />}
      {data?.activity.visitCount === 1 && <CookielessNotice website={website} />}
      {data && (
        <div class="journey">
          <Facts visitorId={visitorId} detail={data} website={website} now={now.value} />
          <Timeline visits={firstSteps(visits, most.value)} website={website} looks={looks} now={now.value}>
            {total > most.value && (
              <button
                type="button"
                class="button"
                onClick={() => {
                  most.value += STEP;
                }}
              >
                {Math.min(STEP, total - most.value)} more
              </button>
            )}
          </Timeline>
        </div>
      )}
    </>
  );
}

function Back({ href }: { href: string }) {
  return (
    <a class="back" href={href}>
      <ChevronLeft /> Visitors
    </a>
  );
}

function metadataName({ profile }: Detail): string | undefined {
  const name = profile?.metadata.name;
  return typeof name === "string" ? name : undefined;
}
