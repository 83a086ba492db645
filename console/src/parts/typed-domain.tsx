// What cannot be taken back is confirmed by typing the website's domain.

import type { Signal } from "@preact/signals";
import { Field } from "./field.tsx";

interface Props {
  domain: string;
  typed: Signal<string>;
  problem?: string | undefined;
}

export function TypedDomain({ domain, typed, problem }: Props) {
  return (
    <Field label={`Type ${domain} to go on`} problem={problem}>
      {(attributes) => (
        <input
          {...attributes}
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      )}
    </Field>
  );
}
