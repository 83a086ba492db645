// Is the script there, and what became of what it sent: waits for the first event, and names why one was dropped.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../api.ts";
import { asApiError } from "../lib/errors.ts";
import { agoLabel } from "../lib/labels.ts";
import { one, type SessionWebsite } from "../session.ts";
import { locales } from "../view.ts";
import { Snippet } from "./copy.tsx";
import { Flag } from "./flag.tsx";
import { Check, Warning } from "./icons.tsx";
import { say } from "./toast.tsx";

export interface InstallationReport {
  firstEventAt: string | null;
  lastEventAt: string | null;
  hosts: { hostname: string; lastSeenAt: string; events: number }[];
  dropped: {
    reason: string;
    count: number;
    lastAt: string;
    example?: string | null; // the host that it happened to last
    hosts?: { hostname: string; count: number; lastAt: string }[];
  }[];
  arrivals: {
    at: string;
    type: string;
    hostname: string | null;
    path: string | null;
    country: string | null;
    device: string | null;
  }[];
}

const EVERY_MS = 3_000;
const LATE_MS = 60_000;

interface Props {
  website: SessionWebsite;
  known?: InstallationReport; // the answer of this moment
}

export function Installation({ website, known }: Props) {
  const report = useSignal<InstallationReport | undefined>(known);
  const problem = useSignal<string | undefined>(undefined);
  const isLate = useSignal(false);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const late = setTimeout(() => {
      isLate.value = true;
    }, LATE_MS);
    const ask = async () => {
      if (document.visibilityState === "visible") {
        try {
          report.value = one(
            await call<{ data: InstallationReport }>("GET", `/api/v1/console/websites/${website.id}/installation`),
          );
          problem.value = undefined;
        } catch (error) {
          problem.value = asApiError(error).message;
        }
      }
      timer = setTimeout(ask, EVERY_MS);
    };
    if (known) timer = setTimeout(ask, EVERY_MS);
    else ask();
    return () => {
      clearTimeout(timer);
      clearTimeout(late);
    };
  }, [website.id]);

  const { firstEventAt, dropped = [], arrivals = [] } = report.value ?? {};
  return (
    <section class="card installation" aria-label="Installation">
      <div class="waiting" role="status">
        {firstEventAt ? (
          <>
            <span class="waiting-done">
              <Check />
            </span>
            <div>
              <h2>The first event has arrived</h2>
              <p class="muted">
                <a href={`/console/w/${website.id}`}>Open the overview of {website.domain}</a>
              </p>
            </div>
          </>
        ) : (
          <>
            <span class="pulse" aria-hidden="true" />
            <div>
              <h2>Waiting for the first event</h2>
              <p class="muted">Open {website.domain} in a browser. What arrives shows here within seconds.</p>
            </div>
          </>
        )}
      </div>
      {problem.value && <p class="problem">{problem}</p>}
      {dropped.map((drop) => (
        <Dropped key={drop.reason} website={website} drop={drop} />
      ))}
      {arrivals.length > 0 && <Arrivals arrivals={arrivals} website={website} />}
      {isLate.value && !firstEventAt && <Checklist website={website} />}
    </section>
  );
}

// What each reason means, and what is done about it.
const REASONS: Record<string, (example: string) => string> = {
  hostname: (example) => `came from ${example || "another host"}, which this website does not allow`,
  bot: () => "came from a bot or an automated browser",
  "excluded-ip": (example) => `came from ${example || "an address"} that is excluded`,
  "excluded-path": (example) => `was about ${example || "a path"} that is excluded`,
  "excluded-country": (example) => `came from ${example || "a country"} that is excluded`,
  "excluded-hostname": (example) => `came from ${example || "a host"} that is excluded`,
  "attack-mode": () => "may have come from an attack, for this website is in attack mode",
  invalid: () => "was not understood: the script or the call sends something that the gateway refuses",
  "rate-limit": () => "was more than the limit of events a minute",
  full: () => "found no room: this website's store is full",
};

const MOST_HOSTS = 5;

function Dropped({ website, drop }: { website: SessionWebsite; drop: InstallationReport["dropped"][number] }) {
  const words =
    REASONS[drop.reason]?.(drop.example ?? "") ?? `was dropped: ${drop.reason}${drop.example ? ` (${drop.example})` : ""}`;
  const isBusy = useSignal(false);
  const named = (drop.hosts ?? []).map(({ hostname }) => hostname);
  const hosts = drop.reason === "hostname" ? (named.length > 0 ? named : [drop.example]).filter((host) => !!host) : [];
  const allow = async (host: string) => {
    isBusy.value = true;
    try {
      const path = `/api/v1/admin/websites/${website.id}`;
      const { allowedHostnames = [] } = one(await call<{ data: { allowedHostnames?: string[] } }>("GET", path));
      await call("PUT", path, { body: { allowedHostnames: [...new Set([...allowedHostnames, host])] } });
      say(`${host} is allowed, in force within 60 seconds`);
    } catch (error) {
      say(asApiError(error).message);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <div class="notice warn">
      <Warning />
      <p>
        {drop.count === 1 ? "An event" : `${drop.count.toLocaleString()} events`} in the last hour {words}.
      </p>
      {hosts.slice(0, MOST_HOSTS).map((host) => (
        <button key={host} type="button" class="button small" disabled={isBusy.value} onClick={() => allow(host as string)}>
          Allow {host}
        </button>
      ))}
    </div>
  );
}

function Arrivals({ arrivals, website }: { arrivals: InstallationReport["arrivals"]; website: SessionWebsite }) {
  return (
    <table class="table">
      <caption>What has arrived</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Page</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {arrivals.map((arrival, at) => (
          <tr key={`${arrival.at} ${at}`}>
            <td>{agoLabel(Date.parse(arrival.at), Date.now(), website.timezone, locales)}</td>
            <td>{arrival.type}</td>
            <td>
              {arrival.hostname}
              {arrival.path}
            </td>
            <td class="arrival-from">
              <Flag code={arrival.country ?? undefined} /> {arrival.device}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Checklist({ website }: { website: SessionWebsite }) {
  const body = { websiteId: website.trackingId, domain: website.domain, type: "pageview", href: `https://${website.domain}/` };
  return (
    <div class="checklist">
      <h3>Nothing yet?</h3>
      <ul>
        <li>An ad blocker may stop the script: try a window without extensions.</li>
        <li>
          The website's Content-Security-Policy must allow this gateway: <code>script-src</code> and{" "}
          <code>connect-src {location.origin}</code>.
        </li>
        <li>
          <code>data-website-id</code> must be this website's: <code>{website.trackingId}</code>.
        </li>
        <li>The script is silent on localhost and in automated browsers.</li>
      </ul>
      <p>This proves that the gateway takes events of this website:</p>
      <Snippet
        label="a test event"
        code={`curl -X POST ${location.origin}/api/events -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`}
      />
    </div>
  );
}
