// ⌘K or Ctrl+K: go to a website, a page or an action by typing.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { lazy } from "./lazy.tsx";

const List = lazy(() => import("./palette-list.tsx").then((module) => module.Palette));

const isPaletteOpen = signal(false);
const close = () => {
  isPaletteOpen.value = false;
};

export function Palette() {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        isPaletteOpen.value = !isPaletteOpen.value;
      }
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  return isPaletteOpen.value ? <List close={close} /> : null;
}
