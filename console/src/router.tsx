// The address is the state: `address` follows the browser, `go` and links change it, and `Routes` shows the page it names.

import { computed, signal, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Failure, Loading } from "./parts/states.tsx";

export type Params = Record<string, string>;
type Page = ComponentType<Record<string, unknown>>;
export interface Route {
  path: string; // "/console/w/:websiteId/visitors"
  load: () => Promise<{ default: ComponentType<never> }>;
}

export const address = signal(new URL(location.href));
export const path = computed(() => address.value.pathname.replace(/\/+$/, "") || "/");
export const query = computed(() => address.value.searchParams);

// A step that Back undoes; `replace` for what is no step, such as typing.
export function go(to: string, { replace = false } = {}): void {
  const url = new URL(to, location.href);
  if (url.href === address.value.href) return;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  address.value = url;
  // Pages scroll to their top; changes of the query keep the place.
}

// Changes parameters of this page; an undefined one leaves the address.
export function setQuery(patch: Record<string, string | string[] | undefined>, options?: { replace?: boolean }): void {
  go(withQuery(patch), options);
}

export function withQuery(patch: Record<string, string | string[] | undefined>): string {
  const url = new URL(address.value);
  for (const [name, value] of Object.entries(patch)) {
    url.searchParams.delete(name);
    for (const one of value === undefined ? [] : [value].flat()) url.searchParams.append(name, one);
  }
  return url.pathname + readable(url.search) + url.hash;
}

// Colons, commas and slashes mean nothing in a query, and the address is there to be read.
const readable = (search: string) => search.replace(/%(3A|2C|2F)/gi, (code) => decodeURIComponent(code));

addEventListener("popstate", () => {
  address.value = new URL(location.href);
});

addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.("a");
  if (!link || link.target || link.download || link.origin !== location.origin || link.hash) return;
  if (!/^\/console(\/|$)/.test(link.pathname)) return;
  event.preventDefault();
  go(link.href);
});

export function match(pattern: string, pathname: string): Params | undefined {
  const [want, have] = [pattern, pathname].map((path) => path.split("/")) as [string[], string[]];
  if (want.length !== have.length) return undefined;
  const params: Params = {};
  for (const [at, part] of want.entries()) {
    const value = have[at] as string;
    if (!part.startsWith(":")) {
      if (part !== value) return undefined;
    } else if (value === "") return undefined;
    else params[part.slice(1)] = decode(value);
  }
  return params;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

interface Shown {
  route: Route | undefined;
  Page: Page | undefined;
  params: Params;
  error?: unknown;
}

const loaded = new Map<Route, Page>();

// Fetches the page that the address names, before it can be shown: while one waits for something else.
export function preload(routes: Route[]): void {
  const route = routes.find((one) => match(one.path, path.peek()));
  route?.load().catch(() => undefined); // it is loaded again, and told, when it is shown
}

// The last page stays until the next one is there.
export function Routes({ routes, missing: Missing }: { routes: Route[]; missing: ComponentType }) {
  const shown = useRef(signal<Shown | undefined>(undefined)).current;

  useSignalEffect(() => {
    const pathname = path.value;
    for (const route of routes) {
      const params = match(route.path, pathname);
      if (!params) continue;
      const Page = loaded.get(route);
      if (Page) {
        shown.value = { route, Page, params };
        return;
      }
      let isCurrent = true;
      route.load().then(
        (module) => {
          loaded.set(route, module.default as unknown as Page);
          if (isCurrent) shown.value = { route, Page: module.default as unknown as Page, params };
        },
        (error) => {
          if (isCurrent && !reloadOnce()) shown.value = { route, Page: undefined, params, error };
        },
      );
      return () => {
        isCurrent = false;
      };
    }
    shown.value = { route: undefined, Page: undefined, params: {} };
  });

  const now = shown.value;
  const key = now && `${now.route?.path} ${now.params.websiteId ?? ""}`;
  useEffect(() => {
    if (key) arrive();
  }, [key]);
  if (!now) return <Loading />;
  if (now.error) return <Failure title="This page could not be loaded." error={now.error} again={() => location.reload()} />;
  if (!now.Page) return <Missing />;
  return <now.Page key={key} {...now.params} />;
}

// A reader of the screen hears where it is; the first page of all leaves the focus to the browser.
let isFirst = true;
function arrive() {
  if (isFirst) {
    isFirst = false;
    return;
  }
  scrollTo(0, 0);
  const heading = document.querySelector<HTMLElement>("h1");
  if (!heading || document.activeElement?.closest("dialog")) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

// A new version was installed, and this one's files are gone: once, because a file may also be missing for other reasons.
function reloadOnce(): boolean {
  const flag = "sluice.reloaded";
  if (Date.now() - Number(sessionStorage.getItem(flag)) < 60_000) return false;
  sessionStorage.setItem(flag, String(Date.now()));
  location.reload();
  return true;
}

// The title of the page in the browser's tab: "Pages · example.com · Sluice".
export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), "Sluice"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
