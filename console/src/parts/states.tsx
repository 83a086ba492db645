// The states of a page or a part that has no figures to show.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { asApiError } from "../lib/errors.ts";
import { CopyButton } from "./copy.tsx";
import { Warning } from "./icons.tsx";

// Nothing at all for the first moment: most answers come within it.
export function Loading({ rows = 5, label = "Loading" }: { rows?: number; label?: string }) {
  const isLate = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      isLate.value = true;
    }, 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={isLate.value ? "skeleton" : "skeleton early"} role="status" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} class="skeleton-row" />
      ))}
    </div>
  );
}

// What the API said, the request to name when asking about it, and another try.
export function Failure({ error, again, title }: { error: unknown; again?: () => void; title?: string }) {
  const { message, status, requestId } = asApiError(error);
  return (
    <div class="state failure" role="alert">
      <Warning />
      <div>
        {title && <p class="state-title">{title}</p>}
        <p>{message}</p>
        <p class="state-actions">
          {again && status !== 403 && (
            <button type="button" class="button small" onClick={again}>
              Try again
            </button>
          )}
          {requestId && (
            <span class="request-id">
              <span class="muted">Request</span> <code>{requestId}</code>{" "}
              <CopyButton text={requestId} label="Copy the request's id" />
            </span>
          )}
        </p>
      </div>
    </div>
  );
}

// Nothing to show: one sentence why, and what to do about it.
export function Empty({
  title,
  children,
  actions,
}: {
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}) {
  return (
    <div class="state empty">
      <p class="state-title">{title}</p>
      {children && <div class="state-text">{children}</div>}
      {actions && <div class="state-actions">{actions}</div>}
    </div>
  );
}

// Something that this session or role may not see or do, in the API's words.
export function Forbidden({ reason }: { reason: string }) {
  return (
    <div class="state empty">
      <p class="state-title">Not for this session</p>
      <p class="state-text">{reason}</p>
    </div>
  );
}
