// An export of another product that was chosen: what it is, what is asked before it is converted, and what it does not tell.

import { useSignal } from "@preact/signals";
import { domainOf } from "../../lib/domain.ts";
import { Field } from "../../parts/field.tsx";
import { type Chosen, startConverting } from "../../parts/importing.ts";
import type { SessionWebsite } from "../../session.ts";

const OF = { plausible: "Plausible", umami: "Umami", events: "Google", reports: "Google" };
const zones = Intl.supportedValuesOf("timeZone");

export function Converting({ website, chosen }: { website: SessionWebsite; chosen: Chosen }) {
  const { found, before } = chosen;
  const domain = useSignal(before?.domain ?? website.domain);
  const zone = useSignal(before?.timezone ?? website.timezone);
  const only = useSignal(before?.website ?? "");
  const problem = useSignal<string | undefined>(undefined);
  const asks = (name: "timezone" | "website") => found.needs.includes(name);
  const start = (event: Event) => {
    event.preventDefault();
    const host = domainOf(domain.value);
    problem.value = /^[^\s/]+\.[^\s/]+$/.test(host) ? undefined : "A domain is needed, as example.com.";
    if (problem.value) return;
    startConverting(website.id, {
      domain: host,
      ...(asks("timezone") && { timezone: zone.value }),
      ...(asks("website") && only.value.trim() && { website: only.value.trim() }),
    });
  };
  return (
    <form class="form converting" noValidate onSubmit={start} aria-label="The export">
      <p role="status">
        <bdi class="strong">{found.words}.</bdi>
        {before && " Its import was interrupted; with these options it goes on where it was."}
      </p>
      <Field label="Domain" hint="For rows that name no host." problem={problem.value}>
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={domain}
            onInput={(event) => {
              domain.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      {asks("timezone") && (
        <Field
          label="Time zone of its days"
          hint={
            zone.value === website.timezone
              ? `The zone that the website has at ${OF[found.kind]}, whose days these are.`
              : `The days of this website begin at midnight in ${zoneName(website.timezone)}: days of another zone fall across two of them.`
          }
        >
          {(attributes) => (
            <select
              {...attributes}
              value={zone}
              onChange={(event) => {
                zone.value = event.currentTarget.value;
              }}
            >
              {(zones.includes(zone.value) ? zones : [zone.value, ...zones]).map((one) => (
                <option key={one} value={one}>
                  {zoneName(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {asks("website") && (
        <Field label="Only this website's id" hint="Empty: all rows. A file may have several websites in it.">
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              autocomplete="off"
              spellcheck={false}
              placeholder="86d4095c-a2a8-4fc8-9521-103e858e2b41"
              value={only}
              onInput={(event) => {
                only.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
      )}
      <Untold texts={found.untold} />
      <div class="dialog-actions">
        <button type="submit" class="button primary">
          Import it
        </button>
      </div>
    </form>
  );
}

const zoneName = (name: string) => name.replaceAll("_", " ");

export function Untold({ texts }: { texts: readonly string[] }) {
  return (
    <details>
      <summary>What this export does not tell</summary>
      <ul class="hint">
        {texts.map((text) => (
          <li key={text}>{`${text.charAt(0).toUpperCase()}${text.slice(1)}`}</li>
        ))}
      </ul>
    </details>
  );
}
