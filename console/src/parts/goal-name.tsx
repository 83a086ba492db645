// A goal as it is shown: its colour, the name that was given to it, and the event's own.

import type { Looks } from "./goal-looks.ts";

export function GoalDot({ color }: { color?: string | null | undefined }) {
  return (
    <span class={color ? "goal-dot" : "goal-dot plain"} style={color ? { background: color } : undefined} aria-hidden="true" />
  );
}

export function GoalName({ name, looks, hasOwn = false }: { name: string; looks: Looks; hasOwn?: boolean }) {
  const look = looks.byGoal.get(name);
  return (
    <span class="goal-name">
      <GoalDot color={look?.color} />
      <bdi>{look?.displayName ?? name}</bdi>
      {hasOwn && look?.displayName && <span class="muted">({name})</span>}
    </span>
  );
}
