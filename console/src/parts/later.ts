// A text once nobody has typed for a moment.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const TYPING_MS = 250;

export function useLater(text: string): string {
  const later = useSignal(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      later.value = text;
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return later.value;
}
