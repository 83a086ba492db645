// A new alert, or a changed one, in sentences: when, whom to tell, and what to say.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, call, taken } from "../../api.ts";
import {
  type Alert,
  bodyOf,
  COMPARISONS,
  COOLDOWNS,
  type Draft,
  draftOf,
  durationWords,
  FORS,
  filled,
  METRICS,
  missingOf,
  NEW,
  NO_DATA,
  PLACEHOLDERS,
  takesGoal,
  triggerOf,
  WINDOWS,
} from "../../lib/alerts.ts";
import {
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  OPERATOR_NAMES,
  type Operator,
  parseFilter,
  put,
  removeAt,
} from "../../lib/filters.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Field } from "../../parts/field.tsx";
import { ChevronDown, ChevronLeft, Close, Plus } from "../../parts/icons.tsx";
import { Menu, MenuItem } from "../../parts/menu.tsx";
import { type Saving, useSaving } from "../../parts/saving.tsx";
import { Empty, Failure, Forbidden, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { go, query, useTitle } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { alertsPath, useAlerts } from "./load.ts";
import { Preview } from "./preview.tsx";

const INPUTS = [
  "name",
  "trigger.goalName",
  "trigger.threshold",
  "trigger.window",
  "trigger.for",
  "trigger.filters",
  "template.subject",
  "template.message",
  "destination",
  "cooldown",
];

interface Props {
  websiteId: string;
  alertId?: string;
}

export default function EditAlert({ websiteId, alertId }: Props) {
  const title = alertId ? "Edit an alert" : "New alert";
  return (
    <WebsitePage websiteId={websiteId} title={title} permission="alerts:read">
      {(website) => {
        const reason = missing("alerts:write", website, "member");
        if (reason) {
          return (
            <>
              <h1>{title}</h1>
              <section class="card">
                <Forbidden reason={reason} />
              </section>
            </>
          );
        }
        if (alertId) return <Existing key={alertId} website={website} alertId={alertId} />;
        const goal = query.value.get("goal");
        return <Form website={website} draft={goal ? { ...NEW, goalName: goal } : NEW} />;
      }}
    </WebsitePage>
  );
}

function Existing({ website, alertId }: { website: SessionWebsite; alertId: string }) {
  const { data, error, again } = useAlerts(website);
  const alert = data?.find(({ id }) => id === alertId);
  if (alert) return <Form website={website} draft={draftOf(alert)} alert={alert} />;
  return (
    <>
      <h1>Edit an alert</h1>
      <section class="card">
        {error ? (
          <Failure error={error} again={again} title="The alert could not be loaded." />
        ) : data ? (
          <Empty
            title="This alert is gone."
            actions={
              <a class="button" href={`/console/w/${website.id}/alerts`}>
                All alerts
              </a>
            }
          />
        ) : (
          <Loading rows={8} />
        )}
      </section>
    </>
  );
}

interface FormProps {
  website: SessionWebsite;
  draft: Draft;
  alert?: Alert;
}

function Form({ website, draft: first, alert }: FormProps) {
  const title = alert ? `Edit “${alert.name}”` : "New alert";
  useTitle(title, website.domain);
  const draft = useSignal(first);
  const saving = useSaving(INPUTS);
  const { problems } = saving;
  const isChanged = useRef(false);
  const form = useRef<HTMLFormElement>(null);
  const goals = useGoals(website);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => isChanged.current && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problems.value]);
  const set = (patch: Partial<Draft>) => {
    isChanged.current = true;
    draft.value = { ...draft.value, ...patch };
  };
  const save = (event: Event) => {
    event.preventDefault();
    const found = missingOf(draft.value);
    if (Object.keys(found).length > 0) {
      problems.value = found;
      return;
    }
    const body = bodyOf(draft.value);
    let id = alert?.id;
    const change = async () => {
      if (alert) await call("PUT", `${alertsPath(website)}/${alert.id}`, { body });
      else {
        const headers = { "idempotency-key": saving.key.current };
        id = (await call<{ data: Alert[] }>("POST", alertsPath(website), { body, headers })).data[0]?.id;
      }
    };
    saving.run(change, "Saved", () => {
      isChanged.current = false;
      go(`/console/w/${website.id}/alerts/${id}`, { replace: true });
    });
  };
  const back = `/console/w/${website.id}/alerts${alert ? `/${alert.id}` : ""}`;
  const { type } = draft.value;
  return (
    <>
      <a class="back" href={back}>
        <ChevronLeft /> {alert ? "Alert" : "Alerts"}
      </a>
      <h1 class="form-title">
        <bdi>{title}</bdi>
      </h1>
      <div class="beside">
        <form ref={form} class="card form form-card" noValidate onSubmit={save}>
          <Text label="Name" name="name" draft={draft} set={set} saving={saving} at="name" most={100} />
          <fieldset class="form">
            <legend class="form-part">When</legend>
            <div class="segments">
              {(["goal", "metric"] as const).map((one) => (
                <button key={one} type="button" aria-pressed={type === one} onClick={() => set({ type: one })}>
                  {one === "goal" ? "A goal is completed" : "A figure crosses a threshold"}
                </button>
              ))}
            </div>
            {type === "goal" ? (
              <Text label="Goal" name="trigger.goalName" draft={draft} set={set} saving={saving} at="goalName" list={goals} />
            ) : (
              <MetricFields draft={draft} set={set} saving={saving} goals={goals} />
            )}
          </fieldset>
          <fieldset class="form">
            <legend class="form-part">Tell</legend>
            <Destination website={website} draft={draft} set={set} saving={saving} />
            <Field
              label="Not more often than every"
              hint={type === "goal" ? "Completions in between are counted, and the next message has their number." : undefined}
              problem={problems.value.cooldown}
            >
              {(attributes) => (
                <select
                  {...attributes}
                  value={draft.value.cooldown}
                  onChange={(event) => set({ cooldown: event.currentTarget.value })}
                >
                  <option value="">{type === "goal" ? "each time" : "1 hour, as usual"}</option>
                  {[...new Set([...COOLDOWNS, ...(draft.value.cooldown ? [draft.value.cooldown] : [])])].map((one) => (
                    <option key={one} value={one}>
                      {one === "0m" ? "each time" : durationWords(one)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            {type === "metric" && (
              <label class="choice">
                <input
                  type="checkbox"
                  checked={draft.value.notifyResolved}
                  onChange={(event) => set({ notifyResolved: event.currentTarget.checked })}
                />
                <span>Also when it is over</span>
              </label>
            )}
          </fieldset>
          <fieldset class="form">
            <legend class="form-part">Say</legend>
            <Text
              label="Subject"
              name="template.subject"
              draft={draft}
              set={set}
              saving={saving}
              at="subject"
              most={200}
              hint="Empty: the alert's name."
            />
            <Message draft={draft} set={set} saving={saving} />
            <Example website={website} draft={draft.value} />
          </fieldset>
          {saving.error.value && <Failure error={saving.error.value} title="The alert was not saved." />}
          <div class="dialog-actions">
            <a class="button" href={back}>
              Cancel
            </a>
            <button type="submit" class="button primary" disabled={saving.isRunning.value}>
              {alert ? "Save" : "Create the alert"}
            </button>
          </div>
        </form>
        <Preview website={website} trigger={triggerOf(draft.value)} />
      </div>
    </>
  );
}

interface Part {
  draft: Signal<Draft>;
  set: (patch: Partial<Draft>) => void;
  saving: Saving;
}
type Texts = "name" | "goalName" | "metricGoal" | "threshold" | "subject";

interface TextProps extends Part {
  label: string;
  name: string; // that the API has for it
  at: Texts;
  most?: number;
  hint?: string;
  list?: readonly string[];
}

function Text({ label, name, draft, set, saving, at, most, hint, list }: TextProps) {
  return (
    <Field label={label} hint={hint} problem={saving.problems.value[name]}>
      {(attributes) => (
        <>
          <input
            {...attributes}
            type="text"
            inputMode={at === "threshold" ? "decimal" : undefined}
            maxLength={most}
            spellcheck={false}
            list={list && `${attributes.id}-list`}
            value={draft.value[at]}
            onInput={(event) => set({ [at]: event.currentTarget.value })}
          />
          {list && (
            <datalist id={`${attributes.id}-list`}>
              {list.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

interface ChoiceProps<Key extends keyof Draft> extends Part {
  label: string;
  name?: string;
  at: Key;
  options: readonly (readonly [string, string])[];
  hint?: string;
}

function Choice<Key extends keyof Draft>({ label, name, at, options, hint, draft, set, saving }: ChoiceProps<Key>) {
  const value = draft.value[at] as string;
  const all = options.some(([id]) => id === value) ? options : [...options, [value, durationWords(value)] as const];
  return (
    <Field label={label} hint={hint} problem={name ? saving.problems.value[name] : undefined}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => set({ [at]: event.currentTarget.value })}>
          {all.map(([id, words]) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const entries = (names: Record<string, string>) => Object.entries(names);
const durations = (all: readonly string[]) => all.map((one) => [one, durationWords(one)] as const);

function MetricFields({ goals, ...part }: Part & { goals: readonly string[] }) {
  const { draft } = part;
  return (
    <>
      <div class="fields">
        <Choice
          {...part}
          label="Figure"
          at="metric"
          options={Object.entries(METRICS).map(([id, { name }]) => [id, name] as const)}
        />
        {takesGoal(draft.value.metric) && (
          <Text
            {...part}
            label="Of the goal"
            name="trigger.goalName"
            at="metricGoal"
            list={goals}
            hint="Empty: all goals; for the rate, payments."
          />
        )}
        <Choice {...part} label="Within" name="trigger.window" at="window" options={durations(WINDOWS)} />
        <Choice {...part} label="Compared" at="comparison" options={entries(COMPARISONS)} />
        <Text {...part} label="Threshold" name="trigger.threshold" at="threshold" />
        <Choice
          {...part}
          label="For at least"
          name="trigger.for"
          at="for"
          options={FORS.map((one) => [one, one === "0m" ? "a moment" : durationWords(one)] as const)}
        />
        <Choice {...part} label="No data means" at="noData" options={entries(NO_DATA)} />
      </div>
      <Filters {...part} />
    </>
  );
}

// Only visits that match count. A field has one filter, as in the API.
function Filters({ draft, set, saving }: Part) {
  const field = useSignal<FieldName>("country");
  const operator = useSignal<Operator>("is");
  const text = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  const { filters } = draft.value;
  const add = () => {
    const parsed = parseFilter(`${field.value}:${operator.value}:${text.value}`);
    problem.value = "problem" in parsed ? parsed.problem : undefined;
    if ("problem" in parsed) return;
    set({
      filters: put(
        filters,
        filters.findIndex((one) => one.field === parsed.field),
        parsed,
      ),
    });
    text.value = "";
  };
  return (
    <fieldset class="filters-of">
      <legend>Only these visits</legend>
      {filters.length > 0 && (
        <ul class="chips">
          {filters.map((filter, at) => (
            <li key={filter.field} class="chip">
              <span class="chip-open">
                <span class="chip-field">{FIELDS[filter.field].label}</span> {OPERATOR_NAMES[filter.operator]}{" "}
                <strong>
                  <bdi>{filter.values.join(", ")}</bdi>
                </strong>
              </span>
              <button
                type="button"
                class="chip-remove"
                aria-label={`Remove the filter on ${FIELDS[filter.field].label}`}
                onClick={() => set({ filters: removeAt(filters, at) })}
              >
                <Close />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="filter-row">
        <select
          aria-label="Field"
          value={field}
          onChange={(event) => {
            field.value = event.currentTarget.value as FieldName;
            operator.value = FIELDS[field.value].operators[0] as Operator;
          }}
        >
          {FIELD_NAMES.map((name) => (
            <option key={name} value={name}>
              {FIELDS[name].label}
            </option>
          ))}
        </select>
        <select
          aria-label="How"
          value={operator}
          onChange={(event) => {
            operator.value = event.currentTarget.value as Operator;
          }}
        >
          {FIELDS[field.value].operators.map((one) => (
            <option key={one} value={one}>
              {OPERATOR_NAMES[one]}
            </option>
          ))}
        </select>
        <input
          type="text"
          aria-label="Values, separated by commas"
          placeholder="France, Germany"
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="button" class="button" disabled={text.value.trim() === ""} onClick={add}>
          <Plus /> Add
        </button>
      </div>
      {(problem.value ?? saving.problems.value["trigger.filters"]) && (
        <p class="problem" role="alert">
          {problem.value ?? saving.problems.value["trigger.filters"]}
        </p>
      )}
    </fieldset>
  );
}

function Destination({ website, draft, set, saving }: Part & { website: SessionWebsite }) {
  const reason = missing("webhooks:read", website);
  const { data } = useAnswer(`endpoints ${website.id}`, async (signal) => {
    if (reason) return [];
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/webhooks", { params, signal }))).data;
  });
  const { destination } = draft.value;
  const known = data ?? [];
  return (
    <Field label="Whom" hint={reason && `Webhooks are not listed: this ${reason}.`} problem={saving.problems.value.destination}>
      {(attributes) => (
        <select {...attributes} value={destination} onChange={(event) => set({ destination: event.currentTarget.value })}>
          <option value="">The website's owner, by mail</option>
          {known.map(({ id, url, description }) => (
            <option key={id} value={id}>
              Webhook {description || url}
            </option>
          ))}
          {destination && !known.some(({ id }) => id === destination) && (
            <option value={destination}>Webhook {destination}</option>
          )}
        </select>
      )}
    </Field>
  );
}

function Message({ draft, set, saving }: Part) {
  const input = useRef<HTMLTextAreaElement>(null);
  const insert = (name: string) => {
    const area = input.current as HTMLTextAreaElement;
    const { selectionStart: from, selectionEnd: to, value } = area;
    const text = `{{${name}}}`;
    set({ message: value.slice(0, from) + text + value.slice(to) });
    requestAnimationFrame(() => {
      area.focus();
      area.setSelectionRange(from + text.length, from + text.length);
    });
  };
  return (
    <>
      <Field label="Message" problem={saving.problems.value["template.message"]}>
        {(attributes) => (
          <textarea
            {...attributes}
            ref={input}
            rows={4}
            maxLength={2_000}
            placeholder="Somebody from {{visitor.country}} signed up."
            value={draft.value.message}
            onInput={(event) => set({ message: event.currentTarget.value })}
          />
        )}
      </Field>
      <div>
        <Menu
          label={
            <>
              Placeholder <ChevronDown />
            </>
          }
          class="button small"
        >
          {(close) =>
            [...Object.keys(PLACEHOLDERS), "metadata.plan"].map((name) => (
              <MenuItem
                key={name}
                hint={PLACEHOLDERS[name] ?? "a goal's property"}
                onClick={() => {
                  close();
                  insert(name);
                }}
              >
                <code>{`{{${name}}}`}</code>
              </MenuItem>
            ))
          }
        </Menu>
      </div>
    </>
  );
}

// The message as it will read, with examples where values come.
function Example({ website, draft }: { website: SessionWebsite; draft: Draft }) {
  const known = {
    "alert.name": draft.name || "the alert's name",
    "website.domain": website.domain,
    "website.name": website.name || website.domain,
    ...(draft.type === "goal"
      ? { goal: draft.goalName || "signup" }
      : { goal: draft.metricGoal || "unknown", metric: draft.metric, window: draft.window, threshold: draft.threshold }),
  };
  return (
    <section class="mail" aria-label="How the message reads">
      <p class="mail-subject">
        <bdi>{filled(draft.subject || draft.name || "the alert's name", known)}</bdi>
      </p>
      <p class="mail-text">
        <bdi>{filled(draft.message, known) || "…"}</bdi>
      </p>
    </section>
  );
}

// Names to choose from; a goal that never happened can be typed.
function useGoals(website: SessionWebsite): readonly string[] {
  const { data } = useAnswer(`goals ${website.id}`, async (signal) => {
    if (missing("analytics:read", website)) return [];
    const { data } = await call<{ data: { goal: string }[] }>("GET", "/api/v1/analytics/goals", {
      query: { websiteId: website.id, limit: 100 },
      signal,
    });
    return data.map(({ goal }) => goal);
  });
  return data ?? [];
}
