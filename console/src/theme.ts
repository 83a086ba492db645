// The theme is in a cookie, so that the shell comes in the right one and nothing flashes.

import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export const THEMES: Theme[] = ["system", "light", "dark"];

const root = document.documentElement;
export const theme = signal<Theme>((root.dataset.theme as Theme) || "system");

export function chooseTheme(next: Theme): void {
  theme.value = next;
  root.dataset.theme = next;
  const age = next === "system" ? 0 : 31_536_000;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we support
  document.cookie = `sluice-theme=${next}; Path=/console; Max-Age=${age}; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
}
