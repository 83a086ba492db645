// The list of who is there, the one who was last active on top.

import { countryName } from "../../lib/countries.ts";
import { duration } from "../../lib/numbers.ts";
import { Flag } from "../../parts/flag.tsx";
import { nameOf, shortAddress } from "../../parts/person.ts";
import type { Present, Visitor } from "./types.ts";

export function People({ present, websiteId, now }: { present: Present; websiteId: string; now: number }) {
  const { visitors, count } = present;
  return (
    <section class="card">
      <header class="card-head">
        <h2 id="people">On the website</h2>
        {count > visitors.length && <span class="muted">the latest {visitors.length}</span>}
      </header>
      <section class="table-scroll" tabIndex={0} aria-labelledby="people">
        <table class="rows">
          <caption class="out-of-sight">Current visitors</caption>
          <thead>
            <tr>
              <th scope="col">Visitor</th>
              <th scope="col">Page</th>
              <th scope="col" class="wide-only">
                Source
              </th>
              <th scope="col" class="wide-only">
                Device
              </th>
              <th scope="col" class="number">
                Here for
              </th>
            </tr>
          </thead>
          <tbody>
            {visitors.map((visitor) => (
              <Row key={visitor.visitorId} visitor={visitor} websiteId={websiteId} now={now} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Row({ visitor, websiteId, now }: { visitor: Visitor; websiteId: string; now: number }) {
  const { visitorId, location, system, profileData } = visitor;
  const { name, isPseudonym } = nameOf({ visitorId, ...profileData, customerName: visitor.customerName });
  const country = location.countryCode ? countryName(location.countryCode) : null;
  const place = [location.city, country].filter(Boolean).join(", ");
  const device = [system.browser.name, system.os.name].filter(Boolean).join(" · ");
  return (
    <tr>
      <th scope="row">
        <div class="who">
          <Flag code={location.countryCode ?? undefined} />
          <a class={isPseudonym ? "who-name is-pseudonym" : "who-name"} href={`/console/w/${websiteId}/visitors/${visitorId}`}>
            <bdi>{name}</bdi>
          </a>
          {visitor.isCustomer && <span class="tag money">customer</span>}
          <span class="who-place">{place || "unknown place"}</span>
        </div>
      </th>
      <td class="cell-text">{visitor.currentUrl ?? <span class="muted">none yet</span>}</td>
      <td class="cell-text wide-only">{sourceOf(visitor)}</td>
      <td class="cell-text wide-only">{device || <span class="muted">unknown</span>}</td>
      <td class="number">{duration(Math.max(0, now - Date.parse(visitor.sessionStartTime))).text}</td>
    </tr>
  );
}

function sourceOf({ referrer, params }: Visitor): string {
  const named = params.utm_source ?? params.ref ?? params.source ?? params.via;
  return named ?? (referrer ? shortAddress(referrer) : "Direct/None");
}
