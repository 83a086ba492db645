// What the list of visitors is narrowed to besides the filters: a name, who paid, and what comes first.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Customers } from "../../lib/visitor-filters.ts";
import { setQuery } from "../../router.tsx";
import type { View } from "../../view.ts";

export const SORTS = [
  { id: "lastSeenAt", name: "Last seen" },
  { id: "revenue", name: "Paid most" },
] as const;
export type Sort = (typeof SORTS)[number]["id"];

const TYPING_MS = 250;

interface Props {
  view: View;
  customers: Customers;
  search: string;
  sort: Sort;
}

export function Narrow({ view, customers, search, sort }: Props) {
  const hasGoal = view.state.filters.some(({ field }) => field === "goal");
  return (
    <div class="narrowing">
      <Search value={search} />
      <fieldset class="segments" aria-describedby={hasGoal ? "customers-why" : undefined}>
        <legend class="out-of-sight">Who paid</legend>
        {(
          [
            [undefined, "Everybody"],
            ["yes", "Customers"],
            ["no", "Not yet"],
          ] as const
        ).map(([value, name]) => (
          <button
            key={name}
            type="button"
            aria-pressed={customers === value}
            disabled={hasGoal && value !== undefined}
            onClick={() => setQuery({ customer: value, at: undefined })}
          >
            {name}
          </button>
        ))}
      </fieldset>
      {hasGoal && (
        <span class="muted" id="customers-why">
          Customers cannot be chosen together with a goal.
        </span>
      )}
      <label class="narrowing-sort">
        <span>Sort by</span>
        <select
          value={sort}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setQuery({ sort: value === SORTS[0].id ? undefined : value, at: undefined });
          }}
        >
          {SORTS.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

// Typing is no step that Back undoes.
function Search({ value }: { value: string }) {
  const text = useSignal(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    text.value = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <input
      type="search"
      class="narrowing-search"
      aria-label="Find by name, e-mail, user id or visitor id"
      placeholder="Name, e-mail, user id or visitor id"
      spellcheck={false}
      value={text}
      onInput={(event) => {
        text.value = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = setTimeout(
          () => setQuery({ q: text.value.trim() || undefined, at: undefined }, { replace: true }),
          TYPING_MS,
        );
      }}
    />
  );
}
