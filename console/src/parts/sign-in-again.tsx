// The session is over: the page stays as it is, with whatever is half filled in, while somebody signs in over it.

import { isSignedOut } from "../api.ts";
import { refresh } from "../view.ts";
import { Dialog } from "./dialog.tsx";
import { TokenForm } from "./token-form.tsx";

export function SignInAgain() {
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
