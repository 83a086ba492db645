// Quiet bars under the top: what holds for the whole page. One that goes on by itself says when.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isOffline, limitedUntil } from "../api.ts";
import { isOutdated } from "../session.ts";

export function Bars() {
  return (
    <div class="bars">
      {isOutdated.value && (
        <p class="bar" role="status">
          A new version was installed.{" "}
          <button type="button" class="link" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      )}
      {isOffline.value && (
        <p class="bar" role="status">
          The gateway does not answer. The figures are the last ones; it goes on by itself.
        </p>
      )}
      <Limited />
    </div>
  );
}

function Limited() {
  const now = useSignal(Date.now());
  const until = limitedUntil.value;
  useEffect(() => {
    if (until <= Date.now()) return;
    now.value = Date.now();
    const timer = setInterval(() => {
      now.value = Date.now();
      if (now.value >= until) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [until]);
  const seconds = Math.ceil((until - now.value) / 1000);
  if (seconds <= 0) return null;
  return (
    <p class="bar" role="status">
      Too many requests. Going on in {seconds} s.
    </p>
  );
}
