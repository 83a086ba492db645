// The ways to sign in that this gateway has, the quickest first.

import { canUsePasskeys } from "../passkeys.ts";
import type { Status } from "../session.ts";
import { AccessButton } from "./access-button.tsx";
import { CodeForm } from "./code-form.tsx";
import { PasskeyButton } from "./passkey-button.tsx";
import { TokenForm } from "./token-form.tsx";

interface Props {
  status: Status | undefined; // not known yet, or not to be had
  email?: string;
  code?: string;
  done: () => void;
}

export function WaysIn({ status, email, code, done }: Props) {
  const byMail = status?.methods.email || code !== undefined;
  return (
    <div class="ways-in">
      {status?.methods.access && (
        <>
          <AccessButton done={done} />
          <p class="ways-in-or">or</p>
        </>
      )}
      {status?.methods.passkey && canUsePasskeys() && (
        <>
          <PasskeyButton done={done} />
          <p class="ways-in-or">or</p>
        </>
      )}
      {byMail && (
        <>
          <CodeForm email={email} code={code} done={done} />
          <p class="ways-in-or">or</p>
        </>
      )}
      <TokenForm done={done} />
    </div>
  );
}
