// A part that is loaded when it is first shown: what most visits do not need must not make the first one slower.

import { signal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect } from "preact/hooks";

export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>, waiting: ComponentChildren = null) {
  const loaded = signal<{ Part: ComponentType<Props> } | undefined>(undefined);
  const start = () =>
    load().then(
      (Part) => {
        loaded.value = { Part };
      },
      () => undefined, // a click tries again
    );
  return function Lazy(props: Props) {
    useEffect(() => {
      if (!loaded.peek()) start();
    }, []);
    const found = loaded.value;
    return found ? <found.Part {...props} /> : waiting;
  };
}
