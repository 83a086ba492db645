// The map is loaded when it is first seen: its countries weigh more than a page. Until then, and if it cannot be loaded, there is
// room of its size.

import { signal } from "@preact/signals";
import type { ComponentProps } from "preact";
import { useEffect } from "preact/hooks";
import type World from "./index.tsx";

const loaded = signal<typeof World | undefined>(undefined);
let isWanted = false;

export function LazyMap(props: ComponentProps<typeof World>) {
  useEffect(() => {
    if (isWanted) return;
    isWanted = true;
    import("./index.tsx").then(
      (module) => {
        loaded.value = module.default;
      },
      () => {
        isWanted = false;
      },
    );
  }, []);
  const Loaded = loaded.value;
  return Loaded ? <Loaded {...props} /> : <div class="world world-room" role="status" aria-label="The map is being loaded" />;
}
