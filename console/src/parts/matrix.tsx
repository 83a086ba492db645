// What a token may do: a row for each resource, and a choice in each.

import { has, levelOf, type Permission, RESOURCES, type Resource, withLevel } from "../lib/tokens.ts";

interface Props {
  mine: readonly string[]; // what can be chosen at all
  permissions: readonly Permission[];
  put: (permissions: Permission[]) => void;
}

export function Matrix(props: Props) {
  return (
    <div class="table-scroll">
      <table class="rows matrix">
        <caption class="out-of-sight">What it may do</caption>
        <thead>
          <tr>
            <th scope="col">May</th>
            <th scope="col">nothing</th>
            <th scope="col">read</th>
            <th scope="col">write</th>
          </tr>
        </thead>
        <tbody>
          {RESOURCES.map((resource) => (
            <MatrixRow key={resource.name} resource={resource} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MatrixRow({ resource, mine, permissions, put }: Props & { resource: Resource }) {
  const chosen = levelOf(permissions, resource);
  const { name, read, write } = resource;
  const needs = { none: undefined, read, write };
  return (
    <tr>
      <th scope="row">{name}</th>
      {(["none", "read", "write"] as const).map((level) => {
        const need = needs[level];
        if (level !== "none" && !need) return <td key={level} />;
        const isOff = need !== undefined && !has(mine, need);
        return (
          <td key={level}>
            <label class="matrix-cell" title={isOff ? `${need} cannot be chosen here.` : need}>
              <input
                type="radio"
                name={`level-${name}`}
                aria-label={`${name}: ${level === "none" ? "nothing" : level}`}
                checked={chosen === level}
                disabled={isOff}
                onChange={() => put(withLevel(permissions, resource, level))}
              />
            </label>
          </td>
        );
      })}
    </tr>
  );
}
