// The reports of a view, asked for together (one call) and shown as each arrives. A part keeps its last figures until the next
// ones are there, and an answer that is no longer wanted never shows.

import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { addressOf, isOffline, limitedUntil, request } from "./api.ts";
import { ownOf } from "./breakdowns.ts";
import { type ApiError, asApiError, isAborted, readError } from "./lib/errors.ts";
import { readLines } from "./lib/ndjson.ts";
import { announce } from "./parts/toast.tsx";
import { now, parametersOfView, type View } from "./view.ts";

// The envelope of a report; rows are whatever the part has.
export interface Body<Row = Record<string, unknown>> {
  data: Row[];
  pagination?: { limit: number; offset: number; total: number };
  [name: string]: unknown;
}

export interface Part {
  body?: Body;
  compare?: Body;
  error?: ApiError;
  isLoading: boolean;
  isOld: boolean; // what is shown belongs to another view
}

interface Line {
  part: string;
  status: number;
  body: Body;
  compare?: Body;
}

const RETRY_MS = 5_000;
// "funnel.*" is answered by a part for each funnel, and done when the part after it comes.
const isPattern = (name: string) => name.endsWith(".*");
const includes = (names: string[], part: string) =>
  names.some((name) => name === part || (isPattern(name) && part.startsWith(name.slice(0, -1))));
// A name in a part's name, where commas, colons and slashes have a meaning.
export const inPart = (name: string): string => encodeURIComponent(name);

const NOTHING: Part = { isLoading: true, isOld: false };

export class Reports {
  readonly #websiteId: string;
  readonly #parts = new Map<string, Signal<Part>>();
  #key = "";
  #parameters: [string, string][] = [];
  #wanted: string[] = [];
  #running = new Set<AbortController>();
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(websiteId: string) {
    this.#websiteId = websiteId;
  }

  part(name: string): Part {
    return this.#signal(name).value;
  }

  #signal(name: string): Signal<Part> {
    let part = this.#parts.get(name);
    if (!part) {
      part = signal(NOTHING);
      this.#parts.set(name, part);
    }
    return part;
  }

  // Asks for what is not there yet of these parts.
  show(key: string, parameters: [string, string][], names: string[]): void {
    this.#wanted = names;
    if (key !== this.#key) {
      this.stop();
      this.#key = key;
      this.#parameters = parameters;
      for (const [name, part] of this.#parts) {
        if (includes(names, name))
          part.value = { ...part.peek(), error: undefined, isLoading: true, isOld: part.peek().body !== undefined };
        else part.value = NOTHING;
      }
      if (names.length > 0) this.#ask(names);
      return;
    }
    this.fetch(names);
  }

  // For a tab that will probably be opened.
  fetch(names: string[]): void {
    const missing = names.filter((name) => {
      const { body, isOld, error, isLoading } = this.#signal(name).peek();
      return (!body || isOld) && !error && !(isLoading && this.#asked.has(name));
    });
    if (missing.length > 0) this.#ask(missing);
  }

  // Asks for a part again, and for all that failed with it.
  again(name: string): void {
    const { error } = this.#signal(name).peek();
    const names = this.#wanted.filter((one) => one === name || (error && this.#signal(one).peek().error === error));
    for (const one of names.length > 0 ? names : [name]) {
      const part = this.#signal(one);
      part.value = { ...part.peek(), error: undefined, isLoading: true };
    }
    this.#ask(names.length > 0 ? names : [name]);
  }

  stop(): void {
    clearTimeout(this.#again);
    for (const controller of this.#running) controller.abort();
    this.#running.clear();
    this.#asked.clear();
  }

  #asked = new Set<string>();

  async #ask(names: string[]): Promise<void> {
    const controller = new AbortController();
    this.#running.add(controller);
    for (const name of names) this.#asked.add(name);
    const left = new Set(names);
    try {
      const query = new URLSearchParams([["parts", names.join(",")], ...names.flatMap(ownOf), ...this.#parameters]);
      const url = addressOf(`/api/v1/console/websites/${this.#websiteId}/reports`);
      const response = await request(new Request(`${url}?${query}`, { signal: controller.signal }));
      if (!response.ok) throw readError(response, await response.json().catch(() => undefined));
      if (!response.body) return;
      for await (const line of readLines<Line>(response.body)) {
        if (controller.signal.aborted) return;
        for (const name of left) {
          if (name === line.part) break;
          if (!isPattern(name) || includes([name], line.part)) continue;
          left.delete(name);
          this.#signal(name).value = { body: { data: [] }, isLoading: false, isOld: false };
        }
        left.delete(line.part);
        this.#take(line, response);
      }
      if (left.size > 0) throw new Error("The answer was cut.");
      if (names.length > 1) announce("Updated");
    } catch (error) {
      if (!isAborted(error) && !controller.signal.aborted) this.#fail(left, asApiError(error));
    } finally {
      this.#running.delete(controller);
      if (!controller.signal.aborted) for (const name of names) this.#asked.delete(name);
    }
  }

  #take({ part, status, body, compare }: Line, response: Response): void {
    const state = this.#signal(part);
    if (status === 200) state.value = { body, compare, isLoading: false, isOld: false };
    else
      state.value = {
        ...state.peek(),
        error: readError(new Response(null, { status, headers: response.headers }), body),
        isLoading: false,
      };
  }

  // Old figures stay. No answer, or too many requests: it goes on by itself.
  #fail(names: Set<string>, error: ApiError): void {
    const goesOn = error.status === 0 || error.status === 429;
    for (const name of names) {
      const part = this.#signal(name);
      if (goesOn && part.peek().body) continue;
      part.value = { ...part.peek(), error: goesOn ? undefined : error, isLoading: goesOn };
    }
    if (!goesOn) return;
    clearTimeout(this.#again);
    const wait = error.status === 429 ? Math.max(1_000, limitedUntil.peek() - Date.now()) : RETRY_MS;
    this.#again = setTimeout(() => this.#ask(this.#wanted), wait);
  }
}

export const useReports = (view: View, names: string[]): Reports =>
  useParts(view.website.id, parametersOfView(view), view.isReady ? names : []);

export function useParts(id: string, parameters: [string, string][], names: string[]): Reports {
  const reports = useMemo(() => new Reports(id), [id]);
  const key = JSON.stringify([parameters, now.value]);
  useEffect(() => reports.show(key, parameters, names), [reports, key, names.join()]);
  useEffect(() => () => reports.stop(), [reports]);
  useEffect(() => {
    const online = () => isOffline.peek() && reports.again(names[0] as string);
    addEventListener("online", online);
    return () => removeEventListener("online", online);
  }, [reports]);
  return reports;
}
