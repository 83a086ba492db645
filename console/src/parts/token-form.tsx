// Signs in with an account token.

import { useSignal } from "@preact/signals";
import { asApiError } from "../lib/errors.ts";
import { problemOf } from "../lib/token.ts";
import { signIn } from "../session.ts";
import { Field } from "./field.tsx";

export function TokenForm({ done }: { done: () => void }) {
  const token = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    // What is cut is named before anything is sent.
    problem.value = problemOf(token.value.trim()) ?? undefined;
    if (problem.value) return;
    isBusy.value = true;
    try {
      await signIn({ token: token.value.trim() });
      done();
    } catch (error) {
      problem.value = asApiError(error).message;
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form class="form" onSubmit={submit} noValidate>
      <Field label="Account token" hint="Begins with dft_" problem={problem.value}>
        {(field) => (
          <input
            {...field}
            type="password"
            name="token"
            autocomplete="current-password"
            spellcheck={false}
            value={token}
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <button type="submit" class="button primary" disabled={isBusy.value}>
        Sign in
      </button>
    </form>
  );
}
