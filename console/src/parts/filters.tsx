// Filters: a chip each over the figures, an editor behind each chip, and "+ Filter" for new ones.

import { useRef } from "preact/hooks";
import { removeAt } from "../lib/filters.ts";
import { filterBy, type View } from "../view.ts";
import { filterWords } from "../words.ts";
import { Close, Filter as FilterIcon } from "./icons.tsx";
import { lazy } from "./lazy.tsx";
import { Menu } from "./menu.tsx";
import { useShortcuts } from "./shortcuts.tsx";

const NewFilter = lazy(() => import("./filter-form.tsx").then((module) => module.NewFilter));
const FilterForm = lazy(() => import("./filter-form.tsx").then((module) => module.FilterForm));

const TWICE_MS = 600;

export function AddFilter({ view }: { view: View }) {
  const handle = useRef<{ open?: () => void }>({}).current;
  const lastEscape = useRef(0);
  const { filters } = view.state;
  useShortcuts([
    { keys: "/", does: "Add a filter", group: "Filters", run: () => handle.open?.() },
    {
      keys: "Escape",
      does: "Remove the last filter; twice: all",
      group: "Filters",
      run: () => {
        const isTwice = Date.now() - lastEscape.current < TWICE_MS;
        lastEscape.current = Date.now();
        if (filters.length > 0) filterBy(view, isTwice ? [] : removeAt(filters, filters.length - 1));
      },
    },
  ]);
  return (
    <Menu
      label={
        <>
          <FilterIcon /> Filter
        </>
      }
      name="Add a filter"
      class="button quiet"
      handle={handle}
    >
      {(close) => <NewFilter view={view} close={close} />}
    </Menu>
  );
}

export function FilterChips({ view }: { view: View }) {
  const { filters } = view.state;
  if (filters.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters">
      {filters.map((filter, at) => (
        <li key={`${filter.field} ${filter.operator}`} class="chip">
          <Menu
            label={
              <>
                <span class="chip-field">{filterWords(filter)}</span> <strong>{shortList(filter.values)}</strong>
              </>
            }
            name={`Change the filter: ${filterWords(filter)} ${filter.values.join(", ")}`}
            class="chip-open"
          >
            {(close) => <FilterForm view={view} filter={filter} at={at} close={close} />}
          </Menu>
          <button
            type="button"
            class="chip-remove"
            aria-label={`Remove the filter: ${filterWords(filter)} ${filter.values.join(", ")}`}
            onClick={() => filterBy(view, removeAt(filters, at))}
          >
            <Close />
          </button>
        </li>
      ))}
      {filters.length > 1 && (
        <li>
          <button type="button" class="button quiet small" onClick={() => filterBy(view, [])}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}

const shortList = (values: readonly string[]) =>
  values.length > 3 ? `${values.slice(0, 2).join(", ")} and ${values.length - 2} more` : values.join(", ");
