// A new funnel, or a changed one: a name, and two to eight steps in order.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, call, taken } from "../../api.ts";
import { type ApiError, asApiError, fieldOf } from "../../lib/errors.ts";
import {
  bodyOf,
  type Draft,
  draftOf,
  emptyStep,
  inputOf,
  LEAST_STEPS,
  MOST_STEPS,
  missingOf,
  moved,
  type StepDraft,
} from "../../lib/funnel-form.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Field } from "../../parts/field.tsx";
import { ChevronLeft, Plus } from "../../parts/icons.tsx";
import { Empty, Failure, Forbidden, Loading } from "../../parts/states.tsx";
import { say } from "../../parts/toast.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { useParts } from "../../reports.ts";
import { go, query, useTitle } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { StepForm } from "./step-form.tsx";
import { TARGETS, type Targets, targetsOf } from "./targets.ts";
import type { Funnel } from "./types.ts";

interface Props {
  websiteId: string;
  funnelId?: string;
}

export default function EditFunnel({ websiteId, funnelId }: Props) {
  return (
    <WebsitePage websiteId={websiteId} title={funnelId ? "Edit a funnel" : "New funnel"} permission="funnels:read">
      {(website) => {
        const reason = missing("funnels:write", website, "member");
        if (reason) {
          return (
            <>
              <h1>{funnelId ? "Edit a funnel" : "New funnel"}</h1>
              <section class="card">
                <Forbidden reason={reason} />
              </section>
            </>
          );
        }
        if (!funnelId) return <New website={website} />;
        const Existing = missing("analytics:read", website) ? Untargeted : Targeted;
        return <Existing key={funnelId} website={website} funnelId={funnelId} />;
      }}
    </WebsitePage>
  );
}

function New({ website }: { website: SessionWebsite }) {
  const goal = query.value.get("goal");
  const draft: Draft = { name: "", steps: [emptyStep(0), goal ? emptyStep(1, "goal", goal) : emptyStep(1)] };
  const reports = useParts(website.id, [], missing("analytics:read", website) ? [] : TARGETS);
  return (
    <Form
      website={website}
      draft={draft}
      targets={targetsOf(reports)}
      title="New funnel"
      back={`/console/w/${website.id}/funnels`}
    />
  );
}

interface ExistingProps {
  website: SessionWebsite;
  funnelId: string;
}

function Targeted({ website, funnelId }: ExistingProps) {
  const reports = useParts(website.id, [], ["funnels", ...TARGETS]);
  const { body, error } = reports.part("funnels");
  return (
    <Existing
      website={website}
      funnelId={funnelId}
      funnels={body?.data as unknown as Funnel[] | undefined}
      error={error}
      again={() => reports.again("funnels")}
      targets={targetsOf(reports)}
    />
  );
}

// A session that may change funnels and sees no figures.
function Untargeted({ website, funnelId }: ExistingProps) {
  const load = async (signal: AbortSignal): Promise<Funnel[]> => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/funnels", { params, signal }))).data;
  };
  const { data, error, again } = useAnswer(website.id, load);
  const targets = { pages: [], goals: [] };
  return <Existing website={website} funnelId={funnelId} funnels={data} error={error} again={again} targets={targets} />;
}

interface LoadedProps extends ExistingProps {
  funnels: Funnel[] | undefined;
  error: ApiError | undefined;
  again: () => void;
  targets: Targets;
}

function Existing({ website, funnelId, funnels: data, error, again, targets }: LoadedProps) {
  const funnel = data?.find(({ id }) => id === funnelId);
  const back = `/console/w/${website.id}/funnels`;
  if (funnel) {
    return (
      <Form
        website={website}
        draft={draftOf(funnel)}
        targets={targets}
        funnelId={funnelId}
        title={`Edit “${funnel.name}”`}
        back={`${back}/${funnelId}`}
      />
    );
  }
  return (
    <>
      <h1>Edit a funnel</h1>
      {error ? (
        <Failure error={error} again={again} title="The funnel could not be loaded." />
      ) : data ? (
        <section class="card">
          <Empty
            title="This funnel is gone."
            actions={
              <a class="button" href={back}>
                All funnels
              </a>
            }
          />
        </section>
      ) : (
        <Loading rows={6} />
      )}
    </>
  );
}

interface FormProps {
  website: SessionWebsite;
  draft: Draft;
  targets: Targets;
  funnelId?: string;
  title: string;
  back: string;
}

function Form({ website, draft, targets, funnelId, title, back }: FormProps) {
  useTitle(title, website.domain);
  const name = useSignal(draft.name);
  const steps = useSignal<readonly StepDraft[]>(draft.steps);
  const problems = useSignal<ReadonlyMap<string, string>>(new Map());
  const error = useSignal<ApiError | undefined>(undefined);
  const isRunning = useSignal(false);
  const isChanged = useRef(false);
  const nextKey = useRef(draft.steps.length);
  const form = useRef<HTMLFormElement>(null);
  // A second click, or a second try after a broken connection, makes no second funnel.
  const key = useRef(crypto.randomUUID());

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => isChanged.current && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);

  const change = (next: readonly StepDraft[]) => {
    steps.value = next;
    isChanged.current = true;
  };
  const show = (found: ReadonlyMap<string, string>) => {
    problems.value = found;
    const [first] = found.keys();
    if (first) requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus());
  };

  const save = async (event: Event) => {
    event.preventDefault();
    if (isRunning.value) return;
    const draft = { name: name.value, steps: steps.value };
    error.value = undefined;
    const missing = missingOf(draft);
    if (missing.size > 0) return show(missing);
    isRunning.value = true;
    try {
      const path = `/api/v1/admin/websites/${website.id}/funnels`;
      const body = bodyOf(draft);
      const answer = await (funnelId
        ? call<{ data: Funnel[] }>("PUT", `${path}/${funnelId}`, { body })
        : call<{ data: Funnel[] }>("POST", path, { body, headers: { "idempotency-key": key.current } }));
      isChanged.current = false;
      say("Saved");
      go(`/console/w/${website.id}/funnels/${funnelId ?? answer.data[0]?.id}`, { replace: true });
    } catch (refused) {
      const problem = asApiError(refused);
      const about = fieldOf(problem.message);
      const input = about && inputOf(about.field, steps.value.length);
      if (about && input) show(new Map([[input, about.text]]));
      else if (problem.status === 409) show(new Map([["name", problem.message]]));
      else error.value = problem;
      // What was refused is corrected, and sent as something new.
      key.current = crypto.randomUUID();
      isRunning.value = false;
    }
  };

  return (
    <>
      <a class="back" href={back}>
        <ChevronLeft /> {funnelId ? "Funnel" : "Funnels"}
      </a>
      <h1 class="form-title">
        <bdi>{title}</bdi>
      </h1>
      <form class="card funnel-form" ref={form} onSubmit={save} noValidate>
        <Field label="Name" problem={problems.value.get("name")}>
          {(attributes) => (
            <input
              {...attributes}
              name="name"
              type="text"
              maxLength={100}
              value={name}
              onInput={(event) => {
                name.value = event.currentTarget.value;
                isChanged.current = true;
              }}
            />
          )}
        </Field>
        <h2 id="steps-label">Steps, in order</h2>
        <ol class="step-forms" aria-labelledby="steps-label">
          {steps.value.map((step, at) => (
            <StepForm
              key={step.key}
              step={step}
              at={at}
              isLast={at === steps.value.length - 1}
              isNeeded={steps.value.length === LEAST_STEPS}
              problems={problems.value}
              targets={targets}
              change={(next) => change(steps.value.with(at, next))}
              move={(by) => change(moved(steps.value, at, by))}
              remove={() => change(steps.value.toSpliced(at, 1))}
            />
          ))}
        </ol>
        <div>
          <button
            type="button"
            class="button"
            disabled={steps.value.length === MOST_STEPS}
            title={steps.value.length === MOST_STEPS ? `A funnel has at most ${MOST_STEPS} steps.` : undefined}
            onClick={() => change([...steps.value, emptyStep(nextKey.current++, "goal")])}
          >
            <Plus /> Add a step
          </button>
          <span class="hint step-count">
            {steps.value.length} of {MOST_STEPS}
          </span>
        </div>
        {error.value && <Failure error={error.value} title="The funnel was not saved." />}
        <div class="dialog-actions">
          <a class="button" href={back}>
            Cancel
          </a>
          <button type="submit" class="button primary" disabled={isRunning.value}>
            {funnelId ? "Save" : "Create the funnel"}
          </button>
        </div>
      </form>
    </>
  );
}
