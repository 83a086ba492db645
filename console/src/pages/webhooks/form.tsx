// What an endpoint is: where, what about, with which headers, how fast. For a new one and a changed one.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { call } from "../../api.ts";
import { EVENT_TYPES, EVENTS, type EventType, headerLines, linesOf, parseHeaders, type Webhook } from "../../lib/webhooks.ts";
import { Field } from "../../parts/field.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Failure } from "../../parts/states.tsx";
import type { SessionWebsite } from "../../session.ts";

const INPUTS = ["url", "description", "eventTypes", "goalNames", "headers", "rateLimit"] as const;

interface Props<Saved> {
  website: SessionWebsite;
  webhook?: Webhook;
  reason?: string | undefined; // why it cannot be changed
  saved: (webhook: Saved) => void;
}

export function WebhookForm<Saved extends Webhook>({ website, webhook, reason, saved }: Props<Saved>) {
  const url = useSignal(webhook?.url ?? "");
  const description = useSignal(webhook?.description ?? "");
  const types = useSignal<readonly EventType[]>(webhook?.eventTypes ?? []);
  const goals = useSignal((webhook?.goalNames ?? []).join("\n"));
  const headers = useSignal(headerLines(webhook?.headers ?? {}));
  const rateLimit = useSignal(webhook?.rateLimit ? String(webhook.rateLimit) : "");
  const saving = useSaving(INPUTS);
  const { problems } = saving;
  const isChanged = useRef(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => isChanged.current && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problems.value]);

  const save = (event: Event) => {
    event.preventDefault();
    const parsed = parseHeaders(headers.value);
    const found = {
      ...(url.value.trim() === "" && { url: "Say where deliveries go." }),
      ...(parsed.problem && { headers: parsed.problem }),
      ...(!/^\d*$/.test(rateLimit.value.trim()) && { rateLimit: "A whole number from 1 to 100, or nothing." }),
    };
    if (Object.keys(found).length > 0) {
      problems.value = found;
      return;
    }
    const path = `/api/v1/admin/websites/${website.id}/webhooks`;
    const body = {
      url: url.value.trim(),
      description: description.value.trim() || null,
      eventTypes: types.value,
      goalNames: linesOf(goals.value),
      headers: parsed.headers, // a value that came masked goes back as it came
      rateLimit: rateLimit.value.trim() === "" ? null : Number(rateLimit.value),
    };
    let answer: { data: Saved[] } | undefined;
    const change = async () => {
      answer = webhook
        ? await call("PUT", `${path}/${webhook.id}`, { body })
        : await call("POST", path, { body, headers: { "idempotency-key": saving.key.current } });
    };
    saving.run(change, webhook ? "Saved" : undefined, () => {
      isChanged.current = false;
      if (answer?.data[0]) saved(answer.data[0]);
    });
  };
  const toggle = (type: EventType) => {
    isChanged.current = true;
    types.value = types.value.includes(type) ? types.value.filter((one) => one !== type) : [...types.value, type];
  };

  return (
    <form
      ref={form}
      class="card form form-card"
      noValidate
      onSubmit={save}
      onInput={() => {
        isChanged.current = true;
      }}
    >
      <fieldset class="form" disabled={reason !== undefined}>
        <Field
          label="Address"
          hint="https, and reachable from the internet. Redirects are not followed."
          problem={problems.value.url}
        >
          {(attributes) => (
            <input
              {...attributes}
              type="url"
              maxLength={2048}
              spellcheck={false}
              placeholder="https://example.com/hooks/sluice"
              value={url}
              onInput={(event) => {
                url.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <Field label="Description" hint="For people: what it is for." problem={problems.value.description}>
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              maxLength={500}
              value={description}
              onInput={(event) => {
                description.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <fieldset class="choices">
          <legend>Events</legend>
          <p class="hint">
            {types.value.length === 0
              ? "None chosen: all are sent, those of later versions too."
              : `${types.value.length} of ${EVENT_TYPES.length} are sent.`}
          </p>
          {EVENT_TYPES.map((type) => (
            <label key={type} class="choice">
              <input type="checkbox" checked={types.value.includes(type)} onChange={() => toggle(type)} />
              <span>
                <code>{type}</code> <span class="choice-about">{EVENTS[type]}</span>
              </span>
            </label>
          ))}
          {problems.value.eventTypes && (
            <p class="problem" role="alert">
              {problems.value.eventTypes}
            </p>
          )}
        </fieldset>
        <Field
          label="Only these goals"
          hint="One a line. Empty: every goal. Other events are sent anyway."
          problem={problems.value.goalNames}
        >
          {(attributes) => (
            <textarea
              {...attributes}
              rows={2}
              spellcheck={false}
              value={goals}
              onInput={(event) => {
                goals.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <Field
          label="Headers"
          hint="One a line, as “Name: value”. Stored sealed; what looks like a credential is shown masked, and stays as it is if the mask stays."
          problem={problems.value.headers}
        >
          {(attributes) => (
            <textarea
              {...attributes}
              class="code"
              rows={2}
              spellcheck={false}
              placeholder="X-Source: sluice"
              value={headers}
              onInput={(event) => {
                headers.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <Field label="Deliveries a second, at most" hint="1 to 100. Empty: as they come." problem={problems.value.rateLimit}>
          {(attributes) => (
            <input
              {...attributes}
              class="short"
              type="text"
              inputMode="numeric"
              maxLength={3}
              value={rateLimit}
              onInput={(event) => {
                rateLimit.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
      </fieldset>
      {saving.error.value && <Failure error={saving.error.value} title="The webhook was not saved." />}
      <div class="dialog-actions">
        {reason && <span class="hint">{reason}</span>}
        <button type="submit" class="button primary" disabled={reason !== undefined || saving.isRunning.value}>
          {webhook ? "Save" : "Create the webhook"}
        </button>
      </div>
    </form>
  );
}
