// An answer of the API that a page shows: loaded when its key changes, kept while the next one is on its way, and asked for
// again when the network, the limit or the reader comes back.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type ApiError, asApiError, isAborted, limitedUntil } from "../api.ts";
import { whileSeen } from "./attention.ts";

export interface Answer<T> {
  data: T | undefined;
  error: ApiError | undefined; // that does not go away by itself
  isStale: boolean; // what is shown belongs to an earlier question
  at: number; // when `data` came
  again: () => void;
}

interface Options {
  every?: number | undefined; // milliseconds between two questions, while the page is seen
}

interface State<T> {
  key: string | undefined;
  data: T | undefined;
  error: ApiError | undefined;
  at: number;
}

const RETRY_MS = 5_000;

export function useAnswer<T>(key: string, load: (signal: AbortSignal) => Promise<T>, { every }: Options = {}): Answer<T> {
  const state = useSignal<State<T>>({ key: undefined, data: undefined, error: undefined, at: 0 });
  const round = useSignal(0);
  const latest = useRef(load);
  latest.current = load;
  const now = useRef<() => unknown>(() => undefined); // asks this question again

  useEffect(() => {
    const aborter = new AbortController();
    let retry: ReturnType<typeof setTimeout>;

    async function ask() {
      clearTimeout(retry);
      try {
        const data = await latest.current(aborter.signal);
        if (!aborter.signal.aborted) state.value = { key, data, error: undefined, at: Date.now() };
      } catch (problem) {
        if (!aborter.signal.aborted && !isAborted(problem)) fail(asApiError(problem));
      }
    }
    function fail(error: ApiError) {
      // Old figures stay, and it goes on by itself: without an answer soon, over the limit when it is over.
      if (error.status === 0) retry = setTimeout(ask, RETRY_MS);
      else if (error.status === 429) retry = setTimeout(ask, Math.max(1_000, limitedUntil.peek() - Date.now()));
      else state.value = { ...state.peek(), key, error, data: state.peek().key === key ? state.peek().data : undefined };
    }

    now.current = ask;
    ask();
    addEventListener("online", ask);
    return () => {
      aborter.abort();
      clearTimeout(retry);
      removeEventListener("online", ask);
    };
  }, [key, round.value]);

  useEffect(() => {
    if (every === undefined) return;
    const wake = () => {
      const { at } = state.peek();
      if (!document.hidden && at > 0 && Date.now() - at > every) now.current();
    };
    wake();
    const stop = whileSeen(every, () => now.current());
    document.addEventListener("visibilitychange", wake);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", wake);
    };
  }, [every]);

  const { data, error, at } = state.value;
  const again = () => {
    round.value += 1;
  };
  return { data, error, at, again, isStale: data !== undefined && state.value.key !== key };
}
