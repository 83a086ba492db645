import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { asApiError } from "../../lib/errors.ts";
import { Mark } from "../../parts/icons.tsx";
import { WaysIn } from "../../parts/ways-in.tsx";
import { go, query, useTitle } from "../../router.tsx";
import { loadStatus, type Session, type Status, session, signIn, signOut } from "../../session.ts";
import { isToOffer, Offer } from "./offer.tsx";

// Only an address of the console: whoever made the link must not choose where it ends.
function next(): string {
  const to = query.value.get("to") ?? "/console";
  return /^\/console(\/[^/\\]|\?|$)/.test(to) ? to : "/console";
}

// A ticket or a code is in the fragment, which reaches no log; it leaves the address before anything else happens.
function takeFragment(): { ticket?: string; code?: string } {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const [ticket, code] = ["ticket", "code"].map((name) => fragment.get(name) ?? undefined);
  if (ticket || code) history.replaceState(null, "", location.pathname + location.search);
  return { ticket, code };
}

export default function SignIn() {
  useTitle("Sign in");
  const status = useSignal<Status | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const asked = useSignal<Session | undefined>(undefined);
  const code = useSignal<string | undefined>(undefined);
  const isOffering = useSignal(false);
  const leave = () => go(next(), { replace: true });
  const done = async () => {
    if (await isToOffer()) isOffering.value = true;
    else leave();
  };

  useEffect(() => {
    const { ticket, code: given } = takeFragment();
    code.value = given;
    const known = loadStatus().catch(() => undefined);
    known.then((answer) => {
      status.value = answer;
      if (answer?.isEmpty && !ticket) go("/console/setup", { replace: true });
    });
    if (!ticket) return;
    isBusy.value = true;
    // Somebody else may have made the link, to their own account: it is named before anything is done in it. The link of
    // `make dev` is one's own.
    Promise.all([known, signIn({ ticket })])
      .then(([answer, entered]) => {
        if (answer?.environment === "development") done();
        else asked.value = entered;
      })
      .catch((error) => {
        problem.value = asApiError(error).message;
      })
      .finally(() => {
        isBusy.value = false;
      });
  }, []);

  if (isOffering.value) {
    return (
      <Card>
        <Offer done={leave} />
      </Card>
    );
  }
  if (asked.value) return <Question account={asked.value.account} done={done} />;

  return (
    <Card below={<Help isDevelopment={status.value?.environment === "development"} />}>
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
      {/* The link of a mail fills in the code, and a person goes on: whatever opens links of mails does nothing by it. */}
      <WaysIn key={code.value} status={status.value} code={code.value} done={done} />
    </Card>
  );
}

function Card({ children, below }: { children: ComponentChildren; below?: ComponentChildren }) {
  return (
    <div class="sign-in">
      <p class="sign-in-mark">
        <Mark />
        Sluice
      </p>
      <div class="card sign-in-card">{children}</div>
      {below}
    </div>
  );
}

function Help({ isDevelopment }: { isDevelopment: boolean }) {
  return (
    <details class="sign-in-help">
      <summary>No token at hand?</summary>
      <p>
        Whoever runs this gateway can print a link that signs in, with the set-up secret:{" "}
        <code>sign-in.mjs you@example.com</code>.
        {isDevelopment && (
          <>
            {" "}
            In development, the first line of <code>make dev</code> is such a link.
          </>
        )}
      </p>
    </details>
  );
}

function Question({ account, done }: { account: Session["account"]; done: () => void }) {
  const isBusy = useSignal(false);
  const leave = async () => {
    isBusy.value = true;
    await signOut().catch(() => undefined);
    session.value = undefined;
    location.replace("/console/sign-in");
  };
  return (
    <Card>
      <h1>
        Sign in as <bdi>{account.email}</bdi>?
      </h1>
      <p class="muted">The link opens this account{account.name ? `, which belongs to ${account.name}` : ""}.</p>
      <div class="dialog-actions">
        <button type="button" class="button" disabled={isBusy.value} onClick={leave}>
          No, this is not me
        </button>
        <button type="button" class="button primary" disabled={isBusy.value} onClick={done}>
          Sign in
        </button>
      </div>
    </Card>
  );
}
