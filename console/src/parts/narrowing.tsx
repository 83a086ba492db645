// What narrows a long list by the address: fields, days, and the way back to all of it.

import { parseDay } from "../lib/days.ts";
import { endOfDay, startOfDay } from "../lib/zones.ts";
import { query, setQuery } from "../router.tsx";

export const offsetOf = (parameters: URLSearchParams): number => Math.max(0, Math.floor(Number(parameters.get("at")) || 0));

export const isNarrowedBy = (names: readonly string[]): boolean => names.some((name) => query.value.has(name));

// Days of the address are of this zone.
export function daysOf(parameters: URLSearchParams, zone: string): [string, string][] {
  const [since, until] = ["since", "until"].map((name) => parseDay(parameters.get(name) ?? ""));
  return [
    ...(since ? [["since", new Date(startOfDay(since, zone)).toISOString()] as [string, string]] : []),
    ...(until ? [["until", new Date(endOfDay(until, zone)).toISOString()] as [string, string]] : []),
  ];
}

const choose = (name: string) => (event: { currentTarget: HTMLSelectElement | HTMLInputElement }) =>
  setQuery({ [name]: event.currentTarget.value || undefined, at: undefined });

interface ChoiceProps {
  label: string;
  name: string;
  any?: string;
  options: readonly (readonly [id: string, word: string])[];
}

export function NarrowingChoice({ label, name, any = "any", options }: ChoiceProps) {
  const chosen = options.find(([id]) => id === query.value.get(name))?.[0] ?? "";
  return (
    <label class="narrowing-field">
      <span>{label}</span>
      <select value={chosen} onChange={choose(name)}>
        <option value="">{any}</option>
        {options.map(([id, word]) => (
          <option key={id} value={id}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

export function NarrowingDays() {
  return (
    <>
      {(["since", "until"] as const).map((name) => (
        <label key={name} class="narrowing-field">
          <span>{name === "since" ? "From" : "Until"}</span>
          <input type="date" value={query.value.get(name) ?? ""} onChange={choose(name)} />
        </label>
      ))}
    </>
  );
}

export function ClearNarrowing({ names }: { names: readonly string[] }) {
  const clear = () => setQuery({ ...Object.fromEntries(names.map((name) => [name, undefined])), at: undefined });
  return (
    <button type="button" class="button" onClick={clear}>
      Clear the filters
    </button>
  );
}
