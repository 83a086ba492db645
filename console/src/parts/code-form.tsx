// Signs in with a code that is mailed. It works only in the browser that has asked for it, so the same form does both.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { codeOf } from "../lib/code.ts";
import { asApiError } from "../lib/errors.ts";
import { askForCode, signIn } from "../session.ts";
import { Field } from "./field.tsx";

interface Props {
  email?: string; // whose account it is, where that is known
  code?: string; // from the mail's link
  done: () => void;
}

export function CodeForm({ email: known = "", code: given = "", done }: Props) {
  const email = useSignal(known);
  const code = useSignal(given);
  const isAsked = useSignal(given !== "");
  const answer = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (isAsked.value) field.current?.focus();
  }, [isAsked.value]);

  const attempt = async (body: () => Promise<void>) => {
    problem.value = undefined;
    isBusy.value = true;
    try {
      await body();
    } catch (error) {
      problem.value = asApiError(error).message;
    } finally {
      isBusy.value = false;
    }
  };
  const ask = (event: Event) => {
    event.preventDefault();
    attempt(async () => {
      answer.value = await askForCode(email.value.trim());
      isAsked.value = true;
    });
  };
  const enter = (event: Event) => {
    event.preventDefault();
    const meant = codeOf(code.value);
    if (meant === null) {
      problem.value = "A code has 8 letters and digits.";
      return;
    }
    attempt(async () => {
      await signIn({ code: meant });
      done();
    });
  };

  if (!isAsked.value) {
    return (
      <form class="form" onSubmit={ask} noValidate>
        <Field label="E-mail" problem={problem.value}>
          {(attributes) => (
            <input
              {...attributes}
              type="email"
              name="email"
              autocomplete="username webauthn"
              value={email}
              onInput={(event) => {
                email.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <button type="submit" class="button primary" disabled={isBusy.value || email.value.trim() === ""}>
          Mail me a code
        </button>
      </form>
    );
  }
  return (
    <form class="form" onSubmit={enter} noValidate>
      <p role="status">{answer.value && `${answer.value}. It works for 15 minutes, in this browser only.`}</p>
      <Field label="Code" hint="8 characters, from the mail" problem={problem.value}>
        {(attributes) => (
          <input
            {...attributes}
            ref={field}
            name="code"
            autocomplete="one-time-code"
            autocapitalize="characters"
            spellcheck={false}
            value={code}
            onInput={(event) => {
              code.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <div class="dialog-actions">
        <button
          type="button"
          class="button"
          disabled={isBusy.value}
          onClick={() => {
            problem.value = undefined;
            code.value = "";
            isAsked.value = false;
          }}
        >
          Another code
        </button>
        <button type="submit" class="button primary" disabled={isBusy.value}>
          Continue
        </button>
      </div>
    </form>
  );
}
