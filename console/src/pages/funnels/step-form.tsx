// One step of a funnel: a page or a goal, and what it is called.

import { useId } from "preact/hooks";
import { type StepDraft, stepName } from "../../lib/funnel-form.ts";
import { Field } from "../../parts/field.tsx";
import { ArrowDown, ArrowUp, Trash } from "../../parts/icons.tsx";
import type { Targets } from "./targets.ts";

interface Props {
  step: StepDraft;
  at: number;
  isLast: boolean;
  isNeeded: boolean; // without it there would be too few
  problems: ReadonlyMap<string, string>;
  targets: Targets;
  change: (step: StepDraft) => void;
  move: (by: -1 | 1) => void;
  remove: () => void;
}

export function StepForm({ step, at, isLast, isNeeded, problems, targets, change, move, remove }: Props) {
  const id = useId();
  const isGoal = step.type === "goal";
  const [target, name] = [`steps[${at}].target`, `steps[${at}].name`];
  return (
    <li class="step-form">
      <fieldset>
        <legend>
          <span class="funnel-step-number">{at + 1}</span> <span class="out-of-sight">step</span>
        </legend>
        <div class="step-fields">
          <div class="segments" role="group" aria-label={`What step ${at + 1} is`}>
            <button type="button" aria-pressed={!isGoal} onClick={() => change({ ...step, type: "pageview", target: "" })}>
              Page
            </button>
            <button type="button" aria-pressed={isGoal} onClick={() => change({ ...step, type: "goal", target: "" })}>
              Goal
            </button>
          </div>
          <Field
            label={isGoal ? "Goal" : "Path"}
            hint={isGoal ? undefined : "A * at the end stands for everything below: /blog/*"}
            problem={problems.get(target)}
          >
            {(attributes) => (
              <input
                {...attributes}
                name={target}
                type="text"
                list={`${id}-targets`}
                spellcheck={false}
                autocomplete="off"
                placeholder={isGoal ? "signup" : "/pricing"}
                value={step.target}
                onInput={(event) => change({ ...step, target: event.currentTarget.value })}
              />
            )}
          </Field>
          <datalist id={`${id}-targets`}>
            {(isGoal ? targets.goals : targets.pages).map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
          <Field label="Called" problem={problems.get(name)}>
            {(attributes) => (
              <input
                {...attributes}
                name={name}
                type="text"
                maxLength={100}
                placeholder={stepName(step) || (isGoal ? "Signed up" : "Pricing")}
                value={step.name}
                onInput={(event) => change({ ...step, name: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
        <div class="step-tools">
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Move step ${at + 1} up`}
            disabled={at === 0}
            onClick={() => move(-1)}
          >
            <ArrowUp />
          </button>
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Move step ${at + 1} down`}
            disabled={isLast}
            onClick={() => move(1)}
          >
            <ArrowDown />
          </button>
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Remove step ${at + 1}`}
            disabled={isNeeded}
            title={isNeeded ? "A funnel needs two steps." : undefined}
            onClick={remove}
          >
            <Trash />
          </button>
        </div>
      </fieldset>
    </li>
  );
}
