// A button that opens a small panel under itself: a native popover, so that Esc and a click elsewhere close it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  label: ComponentChildren; // what the button shows
  name?: string; // what it is called, where that is not its text
  class?: string;
  align?: "start" | "end";
  disabled?: boolean;
  children: (close: () => void) => ComponentChildren; // rendered while open
  handle?: { open?: () => void }; // for shortcuts
}

export function Menu({ label, name, class: className = "button", align = "start", disabled, children, handle }: Props) {
  const id = useId();
  const isOpen = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = () => panel.current?.hidePopover();
  if (handle) handle.open = () => panel.current?.showPopover();

  useLayoutEffect(() => {
    if (!isOpen.value) return;
    const place = () => placeUnder(button.current as HTMLElement, panel.current as HTMLElement, align);
    place();
    const items = panel.current as HTMLElement;
    const first =
      items.querySelector<HTMLElement>("[aria-current=true]") ?? items.querySelector<HTMLElement>("a, button, input");
    first?.focus({ preventScroll: true });
    addEventListener("resize", place);
    addEventListener("scroll", place, true);
    return () => {
      removeEventListener("resize", place);
      removeEventListener("scroll", place, true);
    };
  }, [isOpen.value]);

  return (
    <>
      <button
        ref={button}
        type="button"
        class={className}
        disabled={disabled}
        aria-label={name}
        aria-expanded={isOpen.value}
        aria-haspopup="true"
        popovertarget={id}
      >
        {label}
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrows go through the links and buttons in it */}
      <div
        ref={panel}
        id={id}
        popover="auto"
        class="menu"
        onToggle={(event) => {
          isOpen.value = (event as ToggleEvent).newState === "open";
        }}
        onKeyDown={(event) => walk(event, panel.current as HTMLElement)}
      >
        {isOpen.value && children(close)}
      </div>
    </>
  );
}

// Arrows go from item to item, as in menus everywhere.
function walk(event: KeyboardEvent, panel: HTMLElement) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = event.target as HTMLElement;
  if (!step || target.matches("input, select, textarea, [role=grid] *")) return;
  const items = [...panel.querySelectorAll<HTMLElement>("a, button:not(:disabled)")];
  const at = items.indexOf(target);
  if (at < 0) return;
  event.preventDefault();
  event.stopPropagation();
  items[(at + step + items.length) % items.length]?.focus();
}

function placeUnder(button: HTMLElement, panel: HTMLElement, align: "start" | "end") {
  const { left, right, bottom, top } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const { clientWidth, clientHeight } = document.documentElement;
  const x = Math.max(8, Math.min(align === "start" ? left : right - width, clientWidth - width - 8));
  const y = bottom + height + 12 > clientHeight && top > height + 12 ? top - height - 6 : bottom + 6;
  panel.style.left = `${Math.round(x)}px`;
  panel.style.top = `${Math.round(y)}px`;
}

// Choices of a menu, one of which is the present one.
export function MenuItem(props: {
  children: ComponentChildren;
  onClick?: () => void;
  href?: string;
  isCurrent?: boolean;
  hint?: ComponentChildren;
  disabled?: boolean;
}) {
  const { children, onClick, href, isCurrent, hint, disabled } = props;
  const body = (
    <>
      <span class="menu-text">{children}</span>
      {hint && <span class="menu-hint">{hint}</span>}
    </>
  );
  if (href) {
    return (
      <a class="menu-item" href={href} onClick={onClick} aria-current={isCurrent ? "true" : undefined}>
        {body}
      </a>
    );
  }
  return (
    <button type="button" class="menu-item" onClick={onClick} disabled={disabled} aria-current={isCurrent ? "true" : undefined}>
      {body}
    </button>
  );
}
