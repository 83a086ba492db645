// The session is over, or was begun too long ago for what is asked: the page stays as it is, with whatever is half filled in, while
// somebody signs in over it.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isFreshWanted, isSignedOut } from "../api.ts";
import { loadStatus, type Status, session } from "../session.ts";
import { refresh } from "../view.ts";
import { Dialog } from "./dialog.tsx";
import { WaysIn } from "./ways-in.tsx";

export function SignInAgain() {
  const wanted = isFreshWanted.value;
  if (isSignedOut.value || !wanted) return <Over />;
  const answer = (isFresh: boolean) => {
    isFreshWanted.value = undefined;
    wanted(isFresh);
  };
  return (
    <Dialog title="Is it you?" close={() => answer(false)}>
      <p>This needs a sign-in of the last 15 minutes. It goes on as soon as you have signed in.</p>
      <Ways done={() => answer(true)} />
    </Dialog>
  );
}

function Ways({ done }: { done: () => void }) {
  const status = useSignal<Status | undefined>(undefined);
  useEffect(() => {
    loadStatus().then(
      (answer) => {
        status.value = answer;
      },
      () => undefined, // a token needs nothing known
    );
  }, []);
  // Whoever signs in as somebody else does not go on with what another has begun.
  const account = useRef(session.value?.account);
  const isSame = () => !account.current || session.value?.account.id === account.current.id;
  return (
    <WaysIn
      status={status.value}
      email={account.current?.email}
      done={() => (isSame() ? done() : location.replace("/console"))}
    />
  );
}

function Over() {
  const close = () => {
    isSignedOut.value = false;
  };
  return (
    <Dialog title="Sign in again" close={close}>
      <p>The session is over. Nothing on this page is lost.</p>
      <Ways
        done={() => {
          close();
          refresh();
        }}
      />
    </Dialog>
  );
}
