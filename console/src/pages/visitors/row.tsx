import { countryName } from "../../lib/countries.ts";
import { write } from "../../metrics.ts";
import { Figure } from "../../parts/figures.tsx";
import { Flag } from "../../parts/flag.tsx";
import { nameOf, pathOn, shortAddress } from "../../parts/person.ts";
import type { SessionWebsite } from "../../session.ts";
import type { Listed } from "./types.ts";

interface Props {
  visitor: Listed;
  website: SessionWebsite;
  seen: string;
  seenInFull: string;
}

export function Row({ visitor, website, seen, seenInFull }: Props) {
  const { visitorId, identity, acquisition, revenue, visitCount } = visitor;
  const { name, isPseudonym } = nameOf(visitor);
  const place = [identity.city, identity.country && countryName(identity.country)].filter(Boolean).join(", ");
  const device = [identity.browser, identity.os].filter(Boolean).join(" · ");
  return (
    <tr>
      <th scope="row">
        <div class="who">
          <Flag code={identity.country ?? undefined} />
          <a class={isPseudonym ? "who-name is-pseudonym" : "who-name"} href={`/console/w/${website.id}/visitors/${visitorId}`}>
            <bdi>{name}</bdi>
          </a>
          {visitor.isCustomer && <span class="tag money">customer</span>}
          <span class="who-place">{place || "unknown place"}</span>
        </div>
      </th>
      <td class="cell-text wide-only">{sourceOf(acquisition)}</td>
      <td class="cell-text wide-only">{device || <span class="muted">unknown</span>}</td>
      <td class="cell-text wide-only" title={visitor.currentUrl ?? undefined}>
        {visitor.currentUrl ? pathOn(website.domain, visitor.currentUrl) : <span class="muted">none</span>}
      </td>
      <td class="number wide-only">
        {visitCount == null ? "" : <Figure written={write(visitCount, "count", website.currency)} />}
      </td>
      <td class="number">
        {revenue ? (
          <strong class="money">
            <Figure written={write(Number(revenue), "money", website.currency)} />
          </strong>
        ) : (
          <span class="muted">–</span>
        )}
      </td>
      <td class="number">
        <time dateTime={visitor.lastSeenAt} title={seenInFull}>
          {seen}
        </time>
      </td>
    </tr>
  );
}

function sourceOf(acquisition: Listed["acquisition"]): string {
  const named = acquisition.utm_source ?? acquisition.ref ?? acquisition.source ?? acquisition.via;
  return named ?? (acquisition.referrer ? shortAddress(acquisition.referrer) : "Direct/None");
}
