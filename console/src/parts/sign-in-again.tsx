// The session is over, or was begun too long ago for what is asked: the page stays as it is, with whatever is half filled in, while
// somebody signs in over it.

import { isFreshWanted, isSignedOut } from "../api.ts";
import { refresh } from "../view.ts";
import { Dialog } from "./dialog.tsx";
import { TokenForm } from "./token-form.tsx";

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
      <TokenForm done={() => answer(true)} />
    </Dialog>
  );
}

function Over() {
  const close = () => {
    isSignedOut.value = false;
  };
  return (
    <Dialog title="Sign in again" close={close}>
      <p>The session is over. Nothing on this page is lost.</p>
      <TokenForm
        done={() => {
          close();
          refresh();
        }}
      />
    </Dialog>
  );
}
