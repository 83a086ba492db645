// Signs in with a passkey: by the button, or picked in the field of the address, which the browser offers by itself.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { asApiError } from "../lib/errors.ts";
import { isGivenUp, offersInField, signInByPasskey } from "../passkeys.ts";

// A challenge is good for five minutes.
const AGAIN_MS = 4 * 60_000;

export function PasskeyButton({ done }: { done: () => void }) {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const asking = useRef<AbortController | undefined>(undefined);

  const ask = async (mediation?: "conditional") => {
    asking.current?.abort(); // a browser asks for one thing at a time
    const own = new AbortController();
    asking.current = own;
    try {
      await signInByPasskey(own.signal, mediation);
      done();
    } catch (error) {
      if (own.signal.aborted) return;
      if (!isGivenUp(error)) problem.value = error instanceof DOMException ? error.message : asApiError(error).message;
      if (mediation === undefined) wait();
    }
  };
  const wait = async () => {
    if (await offersInField()) ask("conditional");
  };

  useEffect(() => {
    wait();
    const again = setInterval(() => {
      if (!isBusy.value && document.visibilityState === "visible") wait();
    }, AGAIN_MS);
    return () => {
      clearInterval(again);
      asking.current?.abort();
    };
  }, []);

  return (
    <div class="form">
      {problem.value && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button
        type="button"
        class="button primary"
        disabled={isBusy.value}
        onClick={async () => {
          problem.value = undefined;
          isBusy.value = true;
          await ask();
          isBusy.value = false;
        }}
      >
        Use a passkey
      </button>
    </div>
  );
}
