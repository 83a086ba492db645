// One polite region says what has happened: "Updated", "Saved", "Copied".

import { signal } from "@preact/signals";

const message = signal("");
const isShown = signal(false);
let timer: ReturnType<typeof setTimeout> | undefined;

// Says something to everybody.
export function say(text: string): void {
  announce(text);
  isShown.value = true;
  clearTimeout(timer);
  timer = setTimeout(() => {
    isShown.value = false;
  }, 4000);
}

// Says something to readers of the screen only: the others see it.
export function announce(text: string): void {
  isShown.value = false;
  message.value = "";
  setTimeout(() => {
    message.value = text;
  });
}

export function Toast() {
  return (
    <div class={isShown.value ? "toast" : "toast out-of-sight"} role="status" aria-live="polite">
      {message}
    </div>
  );
}
