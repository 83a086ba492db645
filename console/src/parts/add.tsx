// The link that begins something new; a button that says why not, for those who may not.

import { Plus } from "./icons.tsx";

export function Add({ href, label, reason }: { href: string; label: string; reason: string | undefined }) {
  return reason ? (
    <button type="button" class="button primary" disabled title={reason}>
      <Plus /> {label}
    </button>
  ) : (
    <a class="button primary" href={href}>
      <Plus /> {label}
    </a>
  );
}
