// Imports of files, one a website. They go on while other pages are looked at; after a reload the same file goes on where it was. Exports of
// other products are converted on the way: the same export makes the same lines, so that those too go on.

import { type Signal, signal } from "@preact/signals";
import { ApiError, asApiError, call, isAborted, type Schemas } from "../api.ts";
import type { Export, Options, Report } from "../lib/exports.ts";
import { added, cut, goesOn, isCompressed, isSameFile, type LineError, NOTHING, type Part, type Place, readPlace, together } from "../lib/import.ts"; // biome-ignore format: one line
import { recall, remember } from "../lib/taste.ts";

type Answer = { data: Schemas["ImportResult"][] };

const MOST_ERRORS = 1_000;
const MOST_ATTEMPTS = 8;

export interface Importing {
  place: Place;
  errors: readonly LineError[]; // since the page was loaded
  read: number; // bytes of the file
  state: "running" | "waiting" | "stopped" | "failed" | "done" | "unknown"; // unknown: nobody knows what the file is
  error?: ApiError;
  report?: Report; // of the conversion
}

// Where the lines come from.
interface Origin {
  name: string;
  size: number;
  lastModified: number;
  how?: string;
  open: () => Promise<Opened>;
}

interface Opened {
  stream: ReadableStream<Uint8Array>;
  read: () => number;
  report?: () => Report;
}

// An export that was chosen and waits for its options.
export interface Chosen {
  found: Export;
  files: readonly File[];
  before?: Options; // what its import was begun with
}

interface Job {
  now: Signal<Importing | undefined>;
  chosen: Signal<Chosen | undefined>;
  origin?: Origin;
  stop?: AbortController;
}

const jobs = new Map<string, Job>();
const nameOf = (websiteId: string) => `import.${websiteId}`;

function jobOf(websiteId: string): Job {
  const job = jobs.get(websiteId) ?? { now: signal(undefined), chosen: signal(undefined) };
  jobs.set(websiteId, job);
  return job;
}

export const importingOf = (websiteId: string) => jobOf(websiteId).now;
export const chosenOf = (websiteId: string) => jobOf(websiteId).chosen;

// An import that a reload has ended.
export const leftOver = (websiteId: string) => readPlace(recall(nameOf(websiteId)));

export function forget(websiteId: string): void {
  jobs.delete(websiteId);
  remember(nameOf(websiteId), undefined);
}

export const stopImport = (websiteId: string) => jobOf(websiteId).stop?.abort();

export async function resumeImport(websiteId: string): Promise<void> {
  const { origin } = jobOf(websiteId);
  if (origin) await run(websiteId, origin);
}

// Sees what was chosen. Lines are sent at once; an export waits for its options.
export async function choose(websiteId: string, files: readonly File[]): Promise<void> {
  const job = jobOf(websiteId);
  job.chosen.value = undefined;
  const [file] = files;
  if (!file) return;
  try {
    const { recognise } = await import("../lib/exports.ts");
    const found = await recognise(files);
    if (!found) return await run(websiteId, plain(file));
    const before = job.now.peek()?.place ?? leftOver(websiteId);
    const isSame = before !== undefined && isSameFile(before, together(files));
    job.chosen.value = { found, files, before: isSame ? readHow(before.how)?.options : undefined };
    job.now.value = undefined;
  } catch (error) {
    const { name, size, lastModified: modified } = together(files);
    const place = { name, size, modified, key: "", end: 0, sum: NOTHING };
    job.now.value = { place, errors: [], read: 0, state: "unknown", error: new ApiError(wordsOf(error), { status: 0 }) };
  }
}

export async function startConverting(websiteId: string, options: Options): Promise<void> {
  const { chosen } = jobOf(websiteId);
  if (!chosen.value) return;
  const { found, files } = chosen.value;
  const { converted, CONVERTER } = await import("../lib/exports.ts");
  chosen.value = undefined;
  await run(websiteId, {
    ...together(files),
    how: JSON.stringify({ options, kind: found.kind, by: CONVERTER }),
    open: async () => ({ ...converted(found, options), read: () => found.progress.read }),
  });
}

function readHow(text: string | undefined): { options: Options } | undefined {
  try {
    const how = JSON.parse(text ?? "") as { options: Options };
    return typeof how.options.domain === "string" ? how : undefined;
  } catch {
    return undefined;
  }
}

async function run(websiteId: string, origin: Origin): Promise<void> {
  const job = jobOf(websiteId);
  const before = job.now.peek()?.place ?? leftOver(websiteId);
  const isSame = before !== undefined && goesOn(before, origin);
  const { name, size, lastModified: modified, how } = origin;
  let place: Place = isSame ? before : { name, size, modified, how, key: crypto.randomUUID(), end: 0, sum: NOTHING };
  let errors = isSame ? (job.now.peek()?.errors ?? []) : [];
  const stop = new AbortController();
  Object.assign(job, { origin, stop });
  let opened: Opened | undefined;
  const tell = (state: Importing["state"], error?: ApiError) => {
    job.now.value = { place, errors, read: opened?.read() ?? 0, state, error, report: opened?.report?.() };
  };
  const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener("beforeunload", leaving);
  tell("running");
  try {
    opened = await origin.open();
    for await (const part of cut(opened.stream, place.end)) {
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

// A file of lines, as they are or packed.
function plain(file: File): Origin {
  const open = async () => {
    const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    let read = 0;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        read += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const stream = file.stream().pipeThrough(count);
    const opened = { stream, read: () => read };
    if (isCompressed(head)) {
      const unpacked = new DecompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>;
      return { ...opened, stream: stream.pipeThrough(unpacked) };
    }
    return opened;
  };
  return { ...together([file]), open };
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

// Of the browser's own errors, none says what a person can do; those of the converters are plain errors.
const wordsOf = (error: unknown) =>
  error instanceof RangeError || (error instanceof Error && error.name === "Error")
    ? error.message
    : "The file could not be read; was it changed, moved or cut off?";
