// The form of a funnel: its steps as they are typed, what the API takes, and which input a refusal is about.

export const LEAST_STEPS = 2;
export const MOST_STEPS = 8;

export interface StepDraft {
  /** Stays with the step wherever it is moved. */
  key: number;
  type: "pageview" | "goal";
  /** A path, or the name of a goal. */
  target: string;
  name: string;
}

export interface Draft {
  name: string;
  steps: readonly StepDraft[];
}

interface SavedStep {
  name: string;
  type: "pageview" | "goal";
  url?: string;
  goalName?: string;
}

export const emptyStep = (key: number, type: StepDraft["type"] = "pageview", target = ""): StepDraft => ({
  key,
  type,
  target,
  name: "",
});

export function draftOf({ name, steps }: { name: string; steps: readonly SavedStep[] }): Draft {
  return {
    name,
    steps: steps.map((step, at) => ({ key: at, type: step.type, target: step.url ?? step.goalName ?? "", name: step.name })),
  };
}

/** The name that a step gets where none is typed. */
export function stepName({ type, target }: StepDraft): string {
  if (type === "goal") return target;
  return target === "/" ? "Home" : target;
}

/** The body of create and update. */
export function bodyOf({ name, steps }: Draft): { name: string; steps: SavedStep[] } {
  return {
    name: name.trim(),
    steps: steps.map((step) => {
      const target = step.target.trim();
      const named = step.name.trim() || stepName({ ...step, target });
      return step.type === "goal"
        ? { name: named, type: step.type, goalName: target.toLowerCase() }
        : { name: named, type: step.type, url: target };
    }),
  };
}

/** What is missing before it makes sense to send anything, by input. */
export function missingOf({ name, steps }: Draft): Map<string, string> {
  const problems = new Map<string, string>();
  if (name.trim() === "") problems.set("name", "A funnel needs a name.");
  for (const [at, { target, type }] of steps.entries()) {
    if (target.trim() === "") problems.set(`steps[${at}].target`, type === "goal" ? "Which goal?" : "Which page?");
  }
  return problems;
}

/** The input that a refusal is about: `steps[1].url: …` is about the second step's target. */
export function inputOf(field: string, steps: number): string | null {
  if (field === "name") return "name";
  const [, number, part] = /^steps\[(\d+)\](?:\.(\w+))?$/.exec(field) ?? [];
  if (number === undefined || Number(number) >= steps) return null;
  return `steps[${number}].${part === "name" ? "name" : "target"}`;
}

export function moved(steps: readonly StepDraft[], from: number, by: -1 | 1): StepDraft[] {
  const to = from + by;
  const [one, other] = [steps[from], steps[to]];
  return one && other ? steps.with(from, other).with(to, one) : [...steps];
}
