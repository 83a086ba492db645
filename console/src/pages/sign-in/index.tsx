import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asApiError } from "../../lib/errors.ts";
import { Mark } from "../../parts/icons.tsx";
import { TokenForm } from "../../parts/token-form.tsx";
import { go, query, useTitle } from "../../router.tsx";
import { loadStatus, type Status, signIn } from "../../session.ts";

// Only an address of the console: whoever made the link must not choose where it ends.
function next(): string {
  const to = query.value.get("to") ?? "/console";
  return /^\/console(\/[^/\\]|\?|$)/.test(to) ? to : "/console";
}

// A ticket is in the fragment, which reaches no log; it leaves the address before anything else happens.
function takeTicket(): string | undefined {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket") ?? undefined;
  if (ticket) history.replaceState(null, "", location.pathname + location.search);
  return ticket;
}

export default function SignIn() {
  useTitle("Sign in");
  const status = useSignal<Status | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const done = () => go(next(), { replace: true });

  useEffect(() => {
    const ticket = takeTicket();
    loadStatus().then(
      (answer) => {
        status.value = answer;
        if (answer.isEmpty && !ticket) go("/console/setup", { replace: true });
      },
      () => undefined,
    );
    if (!ticket) return;
    isBusy.value = true;
    signIn({ ticket })
      .then(done, (error) => {
        problem.value = asApiError(error).message;
      })
      .finally(() => {
        isBusy.value = false;
      });
  }, []);

  return (
    <div class="sign-in">
      <p class="sign-in-mark">
        <Mark />
        Sluice
      </p>
      <div class="card sign-in-card">
        <h1>Sign in</h1>
        {isBusy.value && (
          <p class="muted" role="status">
            Signing in …
          </p>
        )}
        {problem.value && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <TokenForm done={done} />
      </div>
      <details class="sign-in-help">
        <summary>No token at hand?</summary>
        <p>
          Whoever runs this gateway can print a link that signs in, with the set-up secret:{" "}
          <code>sign-in.mjs you@example.com</code>.
          {status.value?.environment === "development" && (
            <>
              {" "}
              In development, the first line of <code>make dev</code> is such a link.
            </>
          )}
        </p>
      </details>
    </div>
  );
}
