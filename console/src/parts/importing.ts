// Imports of files, one a website. They go on while other pages are looked at; after a reload the same file goes on where it was.

import { type Signal, signal } from "@preact/signals";
import { ApiError, asApiError, call, isAborted, type Schemas } from "../api.ts";
import { added, cut, isCompressed, isSameFile, type LineError, misfit, NOTHING, type Part, type Place, readPlace } from "../lib/import.ts"; // biome-ignore format: one line
import { recall, remember } from "../lib/taste.ts";

type Answer = { data: Schemas["ImportResult"][] };

const MOST_ERRORS = 1_000;
const MOST_ATTEMPTS = 8;

export interface Importing {
  place: Place;
  errors: readonly LineError[]; // since the page was loaded
  read: number; // bytes of the file
  state: "running" | "waiting" | "stopped" | "failed" | "done";
  error?: ApiError;
}

interface Job {
  now: Signal<Importing | undefined>;
  file?: File;
  stop?: AbortController;
}

const jobs = new Map<string, Job>();
const nameOf = (websiteId: string) => `import.${websiteId}`;

function jobOf(websiteId: string): Job {
  const job = jobs.get(websiteId) ?? { now: signal(undefined) };
  jobs.set(websiteId, job);
  return job;
}

export const importingOf = (websiteId: string) => jobOf(websiteId).now;

// An import that a reload has ended.
export const leftOver = (websiteId: string) => readPlace(recall(nameOf(websiteId)));

export function forget(websiteId: string): void {
  jobs.delete(websiteId);
  remember(nameOf(websiteId), undefined);
}

export const stopImport = (websiteId: string) => jobOf(websiteId).stop?.abort();

export async function resumeImport(websiteId: string): Promise<void> {
  const { file } = jobOf(websiteId);
  if (file) await startImport(websiteId, file);
}

export async function startImport(websiteId: string, file: File): Promise<void> {
  const job = jobOf(websiteId);
  const before = job.now.peek()?.place ?? leftOver(websiteId);
  const isSame = before !== undefined && isSameFile(before, file);
  const { name, size, lastModified: modified } = file;
  let place: Place = isSame ? before : { name, size, modified, key: crypto.randomUUID(), end: 0, sum: NOTHING };
  let errors = isSame ? (job.now.peek()?.errors ?? []) : [];
  const stop = new AbortController();
  Object.assign(job, { file, stop });
  let read = 0;
  const tell = (state: Importing["state"], error?: ApiError) => {
    job.now.value = { place, errors, read, state, error };
  };
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener("beforeunload", leaving);
  tell("running");
  try {
    const stream = await textOf(file, count);
    for await (const part of cut(stream, place.end)) {
      const answer = await send(websiteId, place, part, stop.signal, tell);
      const next = added(place.sum, answer, part.lines);
      errors = [...errors, ...next.errors].slice(0, MOST_ERRORS);
      place = { ...place, end: part.end, sum: next.sum };
      remember(nameOf(websiteId), JSON.stringify(place));
      tell("running");
    }
    remember(nameOf(websiteId), undefined);
    tell("done");
  } catch (error) {
    if (isAborted(error)) tell("stopped");
    else tell("failed", error instanceof ApiError ? error : new ApiError(wordsOf(error), { status: 0 }));
  } finally {
    removeEventListener("beforeunload", leaving);
  }
}

async function textOf(file: File, count: TransformStream<Uint8Array, Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const head = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  const stream = file.stream().pipeThrough(count);
  if (isCompressed(head)) return stream.pipeThrough(new DecompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>);
  const problem = misfit(file.name, head);
  if (problem) throw new RangeError(problem);
  return stream;
}

// What was sent before, and whose answer was lost, gets the same answer: its key is that of its place in the file.
async function send(
  websiteId: string,
  { key }: Place,
  part: Part,
  stop: AbortSignal,
  tell: (state: Importing["state"], error?: ApiError) => void,
) {
  const headers = { "idempotency-key": `${key}-${part.start}` };
  for (let attempt = 1; ; attempt += 1) {
    stop.throwIfAborted();
    try {
      const path = `/api/v1/admin/websites/${websiteId}/import`;
      const answer = await call<Answer>("POST", path, { lines: part.body, headers, signal: stop });
      const [row] = answer.data;
      if (row) return row;
      throw new ApiError("The gateway's answer is not that of an import.", { status: 0 });
    } catch (error) {
      if (isAborted(error)) throw error;
      const problem = asApiError(error);
      const isPassing = [0, 409, 429].includes(problem.status) || problem.status >= 500;
      if (!isPassing || attempt === MOST_ATTEMPTS) throw problem;
      tell("waiting", problem);
      await pause((problem.retryAfter ?? Math.min(2 ** attempt, 30)) * 1_000, stop);
      tell("running");
    }
  }
}

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = () => {
      clearTimeout(timer);
      reject(stop.reason);
    };
    stop.addEventListener("abort", end, { once: true });
  });
}

const wordsOf = (error: unknown) =>
  error instanceof RangeError ? error.message : "The file could not be read; was it changed, moved or cut off?";
