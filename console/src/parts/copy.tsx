import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Check, Copy } from "./icons.tsx";
import { say } from "./toast.tsx";

export async function copyText(text: string, what = "Copied"): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(what);
  } catch {
    say("The browser did not allow copying");
  }
}

// A button that copies; `children` are its words, and without them it is an icon.
export function CopyButton({ text, label, children }: { text: string; label: string; children?: ComponentChildren }) {
  const done = useSignal(false);
  const copy = async () => {
    await copyText(text);
    done.value = true;
    setTimeout(() => {
      done.value = false;
    }, 2000);
  };
  return (
    <button
      type="button"
      class={children ? "button small" : "button quiet icon-only"}
      onClick={copy}
      aria-label={label}
      title={label}
    >
      {done.value ? <Check /> : <Copy />}
      {children}
    </button>
  );
}

// Code that is there to be copied; `shown` is how it is read, where that is not how it is copied.
export function Snippet({ code, label, shown = code }: { code: string; label: string; shown?: string }) {
  return (
    <div class="snippet">
      <section class="snippet-code" tabIndex={0} aria-label={label}>
        <pre>
          <code>{shown}</code>
        </pre>
      </section>
      <CopyButton text={code} label={`Copy ${label}`} />
    </div>
  );
}
