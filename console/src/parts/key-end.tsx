// What is common to lists of keys and tokens: when each was used last, and what is asked before it stops working.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { agoLabel, momentLabel } from "../lib/labels.ts";
import { browserZone } from "../lib/zones.ts";
import { locales } from "../view.ts";
import { FormDialog, type Saving } from "./saving.tsx";

const QUIET_MS = 90 * 86_400_000;
const RECENT_MS = 3_600_000;

// What nobody has used for long is better revoked.
export function LastUsed({ at, createdAt }: { at: string | null; createdAt: string }) {
  const zone = browserZone();
  const isQuiet = Date.now() - Date.parse(at ?? createdAt) > QUIET_MS;
  const words = at ? agoLabel(Date.parse(at), Date.now(), zone, locales) : "never";
  return (
    <span class={isQuiet ? "quiet-for-long" : undefined} title={at ? momentLabel(Date.parse(at), zone, locales) : undefined}>
      {words}
      {isQuiet && ", for 90 days"}
    </span>
  );
}

interface Props {
  title: string;
  submit: string;
  lastUsedAt: string | null;
  saving: Saving;
  end: () => void;
  close: () => void;
  children: ComponentChildren; // what stops
}

// What is in use is not ended by the way.
export function EndDialog({ title, submit, lastUsedAt, saving, end, close, children }: Props) {
  const isInUse = lastUsedAt !== null && Date.now() - Date.parse(lastUsedAt) < RECENT_MS;
  const isAware = useSignal(!isInUse);
  return (
    <FormDialog title={title} saving={saving} save={end} submit={submit} isDangerous isOff={!isAware.value} close={close}>
      {children}
      {isInUse && (
        <label class="choice">
          <input
            type="checkbox"
            checked={isAware}
            onChange={(event) => {
              isAware.value = event.currentTarget.checked;
            }}
          />
          <span>It was used within the last hour. What uses it will fail, and that is meant.</span>
        </label>
      )}
    </FormDialog>
  );
}
