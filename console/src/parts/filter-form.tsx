// The editor of a filter: which field, how, and which values of those that there were.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { call } from "../api.ts";
import { BREAKDOWNS, columnsOf, rowsOf } from "../breakdowns.ts";
import { parametersOf } from "../lib/dates.ts";
import {
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  type Filter,
  OPERATOR_NAMES,
  type Operator,
  obstacle,
  put,
} from "../lib/filters.ts";
import type { Body } from "../reports.ts";
import { filterBy, operatorsOf, type View } from "../view.ts";
import { useLater } from "./later.ts";
import { MenuItem } from "./menu.tsx";

export function NewFilter({ view, close }: { view: View; close: () => void }) {
  const field = useSignal<FieldName | undefined>(undefined);
  if (field.value) {
    const filter: Filter = { field: field.value, operator: "is", values: [] };
    return <FilterForm view={view} filter={filter} at={-1} close={close} />;
  }
  const choose = (name: FieldName) => {
    field.value = name;
  };
  return <Fields names={FIELD_NAMES.filter((name) => operatorsOf(view, name).length > 0)} choose={choose} />;
}

function Fields({ names, choose }: { names: readonly FieldName[]; choose: (name: FieldName) => void }) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => root.current?.querySelector("button")?.focus(), []);
  const groups = Map.groupBy(names, (name) => FIELDS[name].group);
  return (
    <div class="filter-fields" ref={root}>
      {[...groups].map(([group, names]) => (
        <div key={group} role="group" aria-label={group}>
          <p class="menu-title">{group}</p>
          {names.map((name) => (
            <MenuItem key={name} onClick={() => choose(name)}>
              {FIELDS[name].label}
            </MenuItem>
          ))}
        </div>
      ))}
    </div>
  );
}

interface FormProps {
  view: View;
  filter: Filter;
  at: number; // -1: a new one
  close: () => void;
}

export function FilterForm({ view, filter, at, close }: FormProps) {
  const operator = useSignal<Operator>(filter.operator);
  const values = useSignal<string[]>([...filter.values]);
  const text = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  const suggestions = useSuggestions(view, filter.field, text.value.trim());
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const { label } = FIELDS[filter.field];
  // One that this page does not understand may stay as it is.
  const operators = [...new Set([...operatorsOf(view, filter.field), filter.operator])];

  const toggle = (value: string) => {
    text.value = ""; // what was typed has found its value
    values.value = values.value.includes(value) ? values.value.filter((one) => one !== value) : [...values.value, value];
  };
  const add = (): boolean => {
    const value = text.value.trim();
    if (value === "") return true;
    problem.value = obstacle(filter.field, value) ?? undefined;
    if (problem.value) return false;
    if (!values.value.includes(value)) values.value = [...values.value, value];
    text.value = "";
    return true;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!add()) return;
    close();
    filterBy(view, put(view.state.filters, at, { field: filter.field, operator: operator.value, values: values.value }));
  };

  const wanted = text.value.trim().toLowerCase();
  const offered = suggestions.filter((value) => value.toLowerCase().includes(wanted)).slice(0, 50);
  const others = values.value.filter((value) => !suggestions.includes(value));
  return (
    <form class="filter-form" onSubmit={submit}>
      <div class="filter-operator">
        <span class="filter-label" id={id}>
          {label}
        </span>
        <select
          aria-labelledby={id}
          value={operator}
          onChange={(event) => {
            operator.value = event.currentTarget.value as Operator;
          }}
        >
          {operators.map((one) => (
            <option key={one} value={one}>
              {OPERATOR_NAMES[one]}
            </option>
          ))}
        </select>
      </div>
      <input
        type="text"
        ref={input}
        aria-label={`${label}: find or type a value`}
        aria-invalid={problem.value ? "true" : undefined}
        aria-describedby={problem.value ? `${id}-problem` : undefined}
        placeholder="Find or type a value"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          problem.value = undefined;
        }}
      />
      {problem.value && (
        <p class="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
      <div class="filter-values" role="group" aria-label="Values">
        {[...others, ...offered].map((value) => (
          <label key={value} class="menu-item">
            <span class="menu-text">{value}</span>
            <input type="checkbox" checked={values.value.includes(value)} onChange={() => toggle(value)} />
          </label>
        ))}
        {others.length + offered.length === 0 && (
          <p class="menu-note">{wanted ? "Enter takes what is typed." : "No value in this view yet."}</p>
        )}
      </div>
      <button type="submit" class="button primary" disabled={values.value.length === 0 && text.value.trim() === ""}>
        {at < 0 ? "Add the filter" : "Change the filter"}
      </button>
    </form>
  );
}

const MOST = 100; // values that are asked for at once

// The values that there were in the range, most first, whatever else is filtered.
function useSuggestions(view: View, field: FieldName, wanted: string): string[] {
  const found = useSignal<string[]>([]);
  const isCut = useSignal(false); // there are more than came, and the gateway searches them
  const q = useLater(isCut.value ? wanted : "");
  const breakdown = Object.values(BREAKDOWNS).find((one) => one.part === FIELDS[field].part);
  useEffect(() => {
    if (!breakdown) return;
    const aborter = new AbortController();
    const query = {
      websiteId: view.website.id,
      limit: MOST,
      fields: columnsOf(breakdown),
      ...(q && { q }),
      ...parametersOf(view.range, view.here.zone),
    };
    call<Body>("GET", breakdown.route, { query, signal: aborter.signal }).then(
      ({ data, pagination }) => {
        if ((pagination?.total ?? 0) > MOST) isCut.value = true;
        found.value = [...new Set(rowsOf(breakdown, data).map(({ value }) => value))].filter(
          (value) => obstacle(field, value) === null,
        );
      },
      () => undefined, // what is typed counts as well
    );
    return () => aborter.abort();
  }, [field, q]);
  return found.value;
}
