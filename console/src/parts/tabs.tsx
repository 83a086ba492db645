// Tabs, with the arrows going from one to the next. Which one is open is the address' business.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Tab {
  id: string;
  title: string;
}

interface Props {
  label: string;
  tabs: Tab[];
  open: string;
  onOpen: (id: string) => void;
  onNear?: (id: string) => void; // the pointer or the focus is on it: its figures will probably be wanted
  children: ComponentChildren;
  head?: ComponentChildren; // beside the tabs
}

export function Tabs({ label, tabs, open, onOpen, onNear, head, children }: Props) {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = tabs.findIndex((tab) => tab.id === open);
    const next = tabs[(at + step + tabs.length) % tabs.length] as Tab;
    onOpen(next.id);
    document.getElementById(`${id}-${next.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs-head">
        <h2 class="tabs-title">{label}</h2>
        <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              id={`${id}-${tab.id}`}
              type="button"
              role="tab"
              aria-selected={tab.id === open}
              aria-controls={`${id}-panel`}
              tabIndex={tab.id === open ? 0 : -1}
              onClick={() => onOpen(tab.id)}
              onPointerEnter={() => onNear?.(tab.id)}
              onFocus={() => onNear?.(tab.id)}
            >
              {tab.title}
            </button>
          ))}
        </div>
        {head}
      </div>
      <div class="tabs-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${open}`}>
        {children}
      </div>
    </>
  );
}
