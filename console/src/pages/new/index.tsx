// A new website in three steps: its domain, its script, its first event.

import { useSignal } from "@preact/signals";
import { api, taken } from "../../api.ts";
import { domainOf } from "../../lib/domain.ts";
import { asApiError, fieldOf } from "../../lib/errors.ts";
import { browserZone } from "../../lib/zones.ts";
import { Field } from "../../parts/field.tsx";
import { Installation } from "../../parts/installation.tsx";
import { Snippets } from "../../parts/snippets.tsx";
import { query, setQuery, useTitle } from "../../router.tsx";
import { loadSession, missing, type SessionWebsite, websiteOf } from "../../session.ts";
import { Unreachable } from "../unreachable.tsx";

export default function New() {
  useTitle("Add a website");
  const id = query.value.get("website");
  const website = id === null ? undefined : websiteOf(id);
  if (id !== null && !website) return <Unreachable websiteId={id} />;
  return (
    <div class="narrow">
      <h1>{id ? "Add the script" : "Add a website"}</h1>
      {website ? <Install website={website} /> : <Create />}
    </div>
  );
}

const zones = Intl.supportedValuesOf("timeZone");

function Create() {
  const domain = useSignal("");
  const name = useSignal("");
  const zone = useSignal(browserZone());
  const problem = useSignal<{ field?: string; text: string } | undefined>(undefined);
  const isBusy = useSignal(false);
  const forbidden = missing("websites:write");
  const problemOf = (field: string) => (problem.value?.field === field ? problem.value.text : undefined);

  const submit = async (event: Event) => {
    event.preventDefault();
    problem.value = undefined;
    isBusy.value = true;
    try {
      const body = { domain: domainOf(domain.value), timezone: zone.value, name: name.value.trim() || undefined };
      const { data } = await taken(api.POST("/api/v1/admin/websites", { body }));
      await loadSession();
      setQuery({ website: data[0]?.websiteId });
    } catch (error) {
      const { message } = asApiError(error);
      problem.value = fieldOf(message) ?? { text: message };
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form class="card form new-step" onSubmit={submit} noValidate>
      {problem.value && !["domain", "timezone", "name"].includes(problem.value.field ?? "") && (
        <p class="problem" role="alert">
          {problem.value.text}
        </p>
      )}
      <Field label="Domain" hint="Of the website, such as example.com; subdomains count with it." problem={problemOf("domain")}>
        {(field) => (
          <input
            {...field}
            type="text"
            name="domain"
            inputMode="url"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            placeholder="example.com"
            value={domain}
            onInput={(event) => {
              domain.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Field label="Time zone" hint="Its days begin at midnight there, whoever looks." problem={problemOf("timezone")}>
        {(field) => (
          <select
            {...field}
            name="timezone"
            value={zone}
            onChange={(event) => {
              zone.value = event.currentTarget.value;
            }}
          >
            {(zones.includes(zone.value) ? zones : [zone.value, ...zones]).map((one) => (
              <option key={one} value={one}>
                {one.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Name" hint="May be left empty." problem={problemOf("name")}>
        {(field) => (
          <input
            {...field}
            type="text"
            name="name"
            autocomplete="off"
            value={name}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      {forbidden && <p class="hint">Adding a website {forbidden}.</p>}
      <div class="form-end">
        <a class="button" href="/console">
          Cancel
        </a>
        <button type="submit" class="button primary" disabled={isBusy.value || forbidden !== undefined}>
          Add the website
        </button>
      </div>
    </form>
  );
}

function Install({ website }: { website: SessionWebsite }) {
  return (
    <>
      <Snippets domain={website.domain} trackingId={website.trackingId} />
      <Installation website={website} />
    </>
  );
}
