// Exports of other products, which become import lines in the browser: what a file is, by its content, and the lines made of it. The
// converters are those of the command line (scripts/moving).

import { entries, type Packed, rows } from "../../../scripts/moving/products/read.mjs";
import type { Convert, Options, Source } from "../../../scripts/moving/products/types.mjs";
import { Output } from "../../../scripts/moving/products/write.mjs";
import { isCompressed, misfit } from "./import.ts";

export type { Options };

const HEAD_BYTES = 64 << 10; // what is read of a file to see what it is
const CHUNK = 64 << 10;
const MOST_ENTRIES = 100; // of an archive that are looked into
const MOST_DAYS = 20_000;
const MOST_FAULTS = 100;

const ACCEPTED =
  "What can be imported: JSON lines, an export of Plausible (.zip), rows of Umami's website_event (.csv), and events (.json) or reports (.csv) of Google Analytics 4; all but the .zip also as .gz.";

type Kind = "plausible" | "umami" | "events" | "reports" | "lines";

export interface Export {
  kind: Exclude<Kind, "lines">;
  words: string; // what it is
  needs: readonly ("timezone" | "website")[]; // of the options, beside the domain
  convert: Convert;
  untold: readonly string[];
  sources: readonly Source[];
  progress: Progress;
}

// How many bytes of the files were read.
export interface Progress {
  read: number;
}

export interface Refusal {
  file: string;
  line: number;
  why: string;
}

// What became of an export so far.
export interface Report {
  counts: readonly [type: string, count: number][];
  refused: number;
  refusals: readonly Refusal[]; // the first
  left: readonly [what: string, count: number][];
  renamed: readonly [from: string, to: string][];
  untold: readonly string[];
}

interface Converter {
  convert: Convert;
  untold: readonly string[];
}

// Only the one that is needed is loaded.
const products = {
  plausible: () => import("../../../scripts/moving/products/plausible.mjs"),
  umami: () => import("../../../scripts/moving/products/umami.mjs"),
  ga4: () => import("../../../scripts/moving/products/ga4.mjs"),
};

async function converterOf(kind: Export["kind"]): Promise<Converter> {
  if (kind === "events" || kind === "reports") {
    const ga4 = await products.ga4();
    return kind === "events"
      ? { convert: ga4.convertEvents, untold: ga4.EVENTS_UNTOLD }
      : { convert: ga4.convertReports, untold: ga4.REPORTS_UNTOLD };
  }
  const { convert, UNTOLD } = await products[kind]();
  return { convert, untold: UNTOLD };
}

const NEEDS: Record<Export["kind"], Export["needs"]> = {
  plausible: ["timezone"],
  umami: ["website"],
  events: [],
  reports: ["timezone"],
};

// What was chosen; nothing if it is a file of import lines. What nobody knows is a RangeError that says so.
export async function recognise(files: readonly File[]): Promise<Export | undefined> {
  const progress = { read: 0 };
  const found: { source: Source; kind: Kind | undefined; head: Uint8Array }[] = [];
  for (const source of (await Promise.all(files.map((file) => sourcesOf(file, progress)))).flat()) {
    const head = await headOf(source);
    found.push({ source, kind: await kindOf(source, head), head });
  }
  const known = found.filter(({ kind, source }) => kind !== undefined || !source.isEntry);
  const [first] = known;
  if (!first) throw new RangeError(`No file in ${namesOf(files)} is known. ${ACCEPTED}`);
  for (const { source, kind, head } of known) {
    if (kind === undefined || (kind === "lines" && source.isEntry))
      throw new RangeError(`${misfit(source.name, head) ?? `${source.name} is not known.`} ${ACCEPTED}`);
    if (kind !== first.kind)
      throw new RangeError(`${first.source.name} and ${source.name} are of different kinds. Choose one kind at a time.`);
    if (kind === "lines" && known.length > 1) throw new RangeError("Files of JSON lines are imported one at a time.");
  }
  const kind = first.kind as Kind;
  if (kind === "lines") return undefined;
  // All of an archive goes to the converters that say what they leave out.
  const isTold = kind === "plausible" || kind === "umami";
  const sources = (isTold ? found : known).map(({ source }) => source);
  const words = await wordsOf(kind, known);
  return { kind, words, needs: NEEDS[kind], sources, progress, ...(await converterOf(kind)) };
}

// The lines that an export becomes, as they are asked for; the report says how it went until now.
export function converted(found: Export, options: Options): { stream: ReadableStream<Uint8Array>; report: () => Report } {
  found.progress.read = 0;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({}, { highWaterMark: 1 }, { highWaterMark: 0 });
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const refusals: Refusal[] = [];
  let held: string[] = [];
  let size = 0;
  const flush = async () => {
    const chunk = encoder.encode(held.join(""));
    [held, size] = [[], 0];
    if (chunk.length > 0) await writer.write(chunk);
  };
  class Lines extends Output {
    override async put(text: string) {
      held.push(text);
      size += text.length;
      if (size >= CHUNK) await flush();
    }
    override async refusal(file: string, line: number, _text: string, why: string) {
      if (refusals.length < MOST_FAULTS) refusals.push({ file, line, why });
    }
  }
  const output = new Lines();
  found
    .convert(found.sources, options, output)
    .then(flush)
    .then(
      () => writer.close(),
      (error) => writer.abort(error),
    )
    .catch(() => {}); // whoever reads has ended it, or is told by the stream
  const report = () => ({
    counts: [...output.counts],
    refused: output.refused,
    refusals: [...refusals],
    left: [...output.left],
    renamed: [...output.renamed],
    untold: found.untold,
  });
  return { stream: readable, report };
}

// Another build's converter may write other lines: what was sent of an export is only skipped by the one that wrote it.
export const CONVERTER = import.meta.url;

const namesOf = (files: readonly File[]) => files.map(({ name }) => name).join(", ");

// A file as the converters read it; those of an archive.
async function sourcesOf(file: File, progress: Progress): Promise<Source[]> {
  const counted = (blob: Blob) => blob.stream().pipeThrough(counting(progress));
  const { name } = file;
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (isCompressed(head)) return [{ name, stream: () => counted(file).pipeThrough(unpacking("gzip")) }];
  if (head[0] !== 0x50 || head[1] !== 0x4b) return [{ name, stream: () => counted(file) }];
  const archive: Packed = {
    size: file.size,
    slice: (from, to) => {
      const part = file.slice(from, to);
      return { arrayBuffer: () => part.arrayBuffer(), stream: () => counted(part) };
    },
  };
  const found = await readable(entries(archive, name));
  const files = [...found].filter(([path]) => !path.endsWith("/") && !path.startsWith("__MACOSX/"));
  if (files.length > MOST_ENTRIES) throw new RangeError(`${name} has ${files.length} files in it. ${ACCEPTED}`);
  return files.map(([path, stream]) => ({ name: path, stream, isEntry: true }));
}

// What is wrong with an archive, said by who reads it, is what is wrong with the choice.
const readable = <T>(promise: Promise<T>): Promise<T> =>
  promise.catch((error) => {
    throw error instanceof Error && error.name === "Error" ? new RangeError(`${error.message}.`) : error;
  });

const counting = (progress: Progress) =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      progress.read += chunk.length;
      controller.enqueue(chunk);
    },
  });

const unpacking = (format: CompressionFormat) =>
  new DecompressionStream(format) as unknown as TransformStream<Uint8Array, Uint8Array>;

// The first bytes of a file.
async function headOf({ stream }: Source): Promise<Uint8Array> {
  const reader = (stream() as ReadableStream<Uint8Array>).getReader();
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  try {
    while (length < HEAD_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      const chunk = value.subarray(0, HEAD_BYTES - length);
      head.set(chunk, length);
      length += chunk.length;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  return head.subarray(0, length);
}

const textOf = (head: Uint8Array) => new TextDecoder().decode(head).trimStart();

async function kindOf(source: Source, head: Uint8Array): Promise<Kind | undefined> {
  const text = textOf(head);
  if (text.startsWith("{")) {
    const [line = ""] = text.split("\n", 1);
    return /"event_timestamp"\s*:/.test(line) && /"event_name"\s*:/.test(line) ? "events" : "lines";
  }
  const header = await headerOf(head);
  if (!header) return undefined;
  if (header[0] === "date" && /\bimported_/.test(source.name) && (await products.plausible()).kindOf(source.name))
    return "plausible";
  const umami = await products.umami();
  if (umami.misfit(source.name, header) === undefined) return "umami";
  if ((await products.ga4()).kindOf(header)) return "reports";
  // The one export that everybody finds first, and that has no events.
  if (header.join() === "x,y") throw new RangeError(umami.misfit(source.name, header));
  return undefined;
}

async function headerOf(head: Uint8Array): Promise<string[] | undefined> {
  for await (const { header } of rows(once(head))) return header;
  return undefined;
}

async function* once(head: Uint8Array): AsyncGenerator<Uint8Array> {
  yield head;
}

async function wordsOf(kind: Export["kind"], found: readonly { source: Source; head: Uint8Array }[]): Promise<string> {
  if (kind === "plausible") {
    const plausible = await products.plausible();
    const known = found.filter(({ source }) => plausible.kindOf(source.name));
    const days = known.find(({ source }) => plausible.kindOf(source.name) === "days");
    if (!days)
      throw new RangeError(
        "There is no imported_visitors.csv among these files: Plausible's export has it, and its totals are needed.",
      );
    return `An export of Plausible: ${known.length} ${known.length === 1 ? "table" : "tables"}, ${await spanOf(days.source)}`;
  }
  if (kind === "reports") {
    const ga4 = await products.ga4();
    const kinds = await Promise.all(found.map(async ({ head }) => ga4.kindOf((await headerOf(head)) ?? [])));
    const days = found[kinds.indexOf("days")];
    if (!days)
      throw new RangeError(
        "A report of the days is needed too: date, sessions, totalUsers, screenPageViews and no other dimension.",
      );
    return `Reports of Google Analytics 4: ${found.length} of them, ${await spanOf(days.source)}`;
  }
  const of = kind === "umami" ? "Umami" : "Google Analytics 4";
  const day = firstDay(kind, textOf(found[0]?.head ?? new Uint8Array()));
  return `Events of ${of}${day ? `, the first of ${day}` : ""}`;
}

// The first and the last day of a table.
async function spanOf({ stream }: Source): Promise<string> {
  let [first, last, count] = ["", "", 0];
  for await (const { row } of rows(stream())) {
    const day = dayOf(row?.date ?? row?.Date ?? "");
    if (!day) continue;
    first ||= day;
    last = day;
    count += 1;
    if (count === MOST_DAYS) break;
  }
  return first ? `${first} to ${last}` : "no days";
}

const dayOf = (text: string) => /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text)?.slice(1).join("-");

function firstDay(kind: "umami" | "events", text: string): string | undefined {
  if (kind === "umami") return /\b\d{4}-\d\d-\d\d(?=[ T]\d\d:\d\d)/.exec(text)?.[0];
  return dayOf(/"event_date"\s*:\s*"(\d{8})"/.exec(text)?.[1] ?? "");
}
