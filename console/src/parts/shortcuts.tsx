// Keys. A page offers its own while it is shown; none works while something is typed, and all can be switched off.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { recall, remember } from "../lib/taste.ts";
import { Dialog } from "./dialog.tsx";
import { say } from "./toast.tsx";

export interface Shortcut {
  keys: string; // "d", "?", "g o": one key, or one after another
  does: string;
  run: () => void;
  group?: string;
}

export const shortcutsAreOn = signal(recall("shortcuts") !== "off");
export const isHelpOpen = signal(false);
const offered = signal<Shortcut[][]>([]);

export function switchShortcuts(): void {
  shortcutsAreOn.value = !shortcutsAreOn.value;
  remember("shortcuts", shortcutsAreOn.value ? undefined : "off");
  say(shortcutsAreOn.value ? "Keyboard shortcuts are on" : "Keyboard shortcuts are off");
}

export function useShortcuts(shortcuts: Shortcut[]): void {
  const key = shortcuts.map(({ keys }) => keys).join("|");
  // The same list object is kept, so that it always has the functions of the last rendering.
  useEffect(() => {
    offered.value = [...offered.value, shortcuts];
    return () => {
      offered.value = offered.value.filter((list) => list !== shortcuts);
    };
  }, [key, ...shortcuts.map(({ run }) => run)]);
}

const FOLLOWS_MS = 1200; // after the first of two keys
let first: { key: string; at: number } | undefined;

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || !shortcutsAreOn.value) return;
  const target = event.target as HTMLElement;
  if (target.closest?.("input, textarea, select, [contenteditable]")) return;
  // Esc closes what is open, wherever the focus is.
  if (document.querySelector("dialog[open], [popover]:popover-open")) return;
  const all = offered.value.flat();
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isSecond = first && event.timeStamp - first.at < FOLLOWS_MS;
  const keys = isSecond && first ? `${first.key} ${pressed}` : pressed;
  first = undefined;
  const shortcut = all.findLast((one) => one.keys === keys);
  if (shortcut) {
    event.preventDefault();
    shortcut.run();
  } else if (all.some((one) => one.keys.startsWith(`${pressed} `))) {
    first = { key: pressed, at: event.timeStamp };
  }
});

const SIGNS: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", "mod k": "⌘/Ctrl K" };
const shown = (key: string) => SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key);

export function Help() {
  if (!isHelpOpen.value) return null;
  const groups = Map.groupBy(offered.value.flat(), ({ group }) => group ?? "Everywhere");
  return (
    <Dialog
      title="What the keys do"
      width="wide"
      close={() => {
        isHelpOpen.value = false;
      }}
    >
      <div class="help">
        {[...groups].map(([group, shortcuts]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map(({ keys, does }) => (
                <div key={keys}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{shown(key)}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
