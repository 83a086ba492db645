// After signing in by other means: a passkey for the next time. Whoever says no is not asked again in this browser.

import { api, taken } from "../../api.ts";
import { useSaving } from "../../parts/saving.tsx";
import { Failure } from "../../parts/states.tsx";
import { addPasskey, canUsePasskeys, isGivenUp, PASSKEYS } from "../../passkeys.ts";
import { missing, session } from "../../session.ts";
import { deviceOf } from "../account/device.ts";

// In a cookie: all else that the browser keeps goes with signing out.
const DECLINED = "sluice-passkey-offer=no";
const YEAR = 365 * 86_400;

// Only where one can be added, and none was. Whoever comes through Access has signed in there anyway.
export async function isToOffer(): Promise<boolean> {
  const isQuick = ["passkey", "access"].includes(session.value?.method ?? "");
  if (isQuick || missing("*") || !canUsePasskeys() || document.cookie.includes(DECLINED)) return false;
  try {
    return (await taken(api.GET(PASSKEYS))).data.length === 0;
  } catch {
    return false; // it can wait
  }
}

export function Offer({ done }: { done: () => void }) {
  const saving = useSaving();
  const add = () =>
    saving.run(async () => {
      try {
        await addPasskey(deviceOf(navigator.userAgent));
        done();
      } catch (problem) {
        if (!isGivenUp(problem)) throw problem;
      }
    });
  return (
    <>
      <h1>Sign in faster next time</h1>
      <p>
        A passkey signs in with a finger, a face or a PIN. Nothing has to be typed, and nothing can be stolen from this gateway.
      </p>
      {saving.error.value && <Failure error={saving.error.value} />}
      <div class="dialog-actions">
        <button
          type="button"
          class="button"
          onClick={() => {
            // biome-ignore lint/suspicious/noDocumentCookie: the cookie store is not in every browser
            document.cookie = `${DECLINED}; path=/console; max-age=${YEAR}; samesite=lax`;
            done();
          }}
        >
          Not now
        </button>
        <button type="button" class="button primary" disabled={saving.isRunning.value} onClick={add}>
          Add a passkey
        </button>
      </div>
    </>
  );
}
