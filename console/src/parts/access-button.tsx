// Signs in as whom Cloudflare Access has let through. Only on a click: whoever signs out stays signed out.

import { signIn } from "../session.ts";
import { useSaving } from "./saving.tsx";
import { Failure } from "./states.tsx";

export function AccessButton({ done }: { done: () => void }) {
  const saving = useSaving();
  const enter = () =>
    saving.run(async () => {
      await signIn({ access: true });
      done();
    });
  return (
    <div class="form">
      {saving.error.value && <Failure error={saving.error.value} />}
      <button type="button" class="button primary" disabled={saving.isRunning.value} onClick={enter}>
        Continue with Cloudflare Access
      </button>
    </div>
  );
}
