// What is common to all forms that change something: one request at a time, what is wrong with it at its field, and the rest below.

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { type ApiError, asApiError, fieldOf } from "../lib/errors.ts";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./states.tsx";
import { say } from "./toast.tsx";

export interface Saving {
  problems: Signal<Readonly<Record<string, string>>>; // by the name of the input
  error: Signal<ApiError | undefined>; // that is about no input
  isRunning: Signal<boolean>;
  key: { current: string }; // what is sent twice is made once
  run: (change: () => Promise<unknown>, done?: string, then?: () => void) => Promise<void>;
}

// `inputs` are the names that the API has for what is asked: "url" also takes what it says of "url[0]" and "url.x".
export function useSaving(inputs: readonly string[] = []): Saving {
  const problems = useSignal<Readonly<Record<string, string>>>({});
  const error = useSignal<ApiError | undefined>(undefined);
  const isRunning = useSignal(false);
  const key = useRef(crypto.randomUUID() as string);
  const run = async (change: () => Promise<unknown>, done?: string, then?: () => void) => {
    if (isRunning.peek()) return;
    isRunning.value = true;
    error.value = undefined;
    problems.value = {};
    try {
      await change();
      key.current = crypto.randomUUID();
      if (done) say(done);
      then?.();
    } catch (refused) {
      const problem = asApiError(refused);
      const about = fieldOf(problem.message);
      const input = about && inputs.find((name) => about.field === name || /^[.[]/.test(about.field.slice(name.length)) && about.field.startsWith(name)); // biome-ignore format: one line
      if (about && input) problems.value = { [input]: inLine(about.field.slice(input.length), about.text) };
      else error.value = problem;
      // What was refused is corrected, and sent as something new.
      if (problem.status !== 0) key.current = crypto.randomUUID();
    }
    isRunning.value = false;
  };
  return { problems, error, isRunning, key, run };
}

// Lists are written one a line.
function inLine(rest: string, text: string): string {
  const [, at] = /^\[(\d+)\]$/.exec(rest) ?? [];
  return at === undefined ? text : `Line ${Number(at) + 1}: ${text}`;
}

interface Props {
  title: string;
  saving: Saving;
  save: () => void;
  submit: string;
  isDangerous?: boolean;
  isOff?: boolean; // nothing can be sent yet
  close: () => void;
  start?: ComponentChildren; // a button at the other end
  children: ComponentChildren;
  width?: "narrow" | "wide";
}

export function FormDialog({ title, saving, save, submit, isDangerous, isOff, close, start, children, width }: Props) {
  return (
    <Dialog title={title} close={close} width={width}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {children}
        {saving.error.value && <Failure error={saving.error.value} />}
        <div class="dialog-actions">
          {start}
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            class={isDangerous ? "button danger" : "button primary"}
            disabled={saving.isRunning.value || isOff}
          >
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
