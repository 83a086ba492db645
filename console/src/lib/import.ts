// What a file of past events is sent as: parts that end with a line, each with its place in the file.

export const PART_BYTES = 4 << 20;

export interface Part {
  body: Blob;
  start: number; // bytes of the text before it
  end: number;
  lines: number;
}

const FEED = 0x0a;

// Whole lines of at most `most` bytes each, from `skip` bytes on.
export async function* cut(
  stream: ReadableStream<Uint8Array>,
  skip = 0,
  most = PART_BYTES,
): AsyncGenerator<Part, void, undefined> {
  const reader = stream.getReader();
  let held: Uint8Array<ArrayBuffer>[] = [];
  let start = skip;
  let ahead = skip;
  const size = () => held.reduce((sum, { length }) => sum + length, 0);
  const part = (bytes: Uint8Array<ArrayBuffer>[]): Part => {
    const length = bytes.reduce((sum, chunk) => sum + chunk.length, 0);
    const one = { body: new Blob(bytes), start, end: start + length, lines: lineCount(bytes) };
    start = one.end;
    return one;
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const chunk = new Uint8Array(value.subarray(Math.min(ahead, value.length)));
      ahead -= value.length - chunk.length;
      if (chunk.length === 0) continue;
      held.push(chunk);
      while (size() >= most) {
        const [whole, rest] = parted(held, most);
        if (whole.length === 0) throw new RangeError("There is a line that is longer than 4 MB: these are no JSON lines.");
        held = rest;
        yield part(whole);
      }
    }
    if (held.length > 0) yield part(held);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

// The lines that are whole within the first `most` bytes, and what follows them.
function parted(chunks: Uint8Array<ArrayBuffer>[], most: number): [Uint8Array<ArrayBuffer>[], Uint8Array<ArrayBuffer>[]] {
  const bytes = new Uint8Array(new ArrayBuffer(chunks.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  const end = bytes.lastIndexOf(FEED, most - 1) + 1;
  const [whole, rest] = [bytes.subarray(0, end), bytes.subarray(end)];
  return [whole.length > 0 ? [whole] : [], rest.length > 0 ? [rest] : []];
}

function lineCount(chunks: readonly Uint8Array[]): number {
  let count = 0;
  for (const chunk of chunks) for (const byte of chunk) if (byte === FEED) count += 1;
  return chunks.at(-1)?.at(-1) === FEED ? count : count + 1;
}

export interface Sum {
  lines: number; // of the parts that are done
  accepted: number;
  duplicates: number;
  rejected: number;
}

export const NOTHING: Sum = { lines: 0, accepted: 0, duplicates: 0, rejected: 0 };

export interface LineError {
  line: number;
  message: string;
}

interface Answer {
  accepted: number;
  duplicates: number;
  rejected: number;
  errors: LineError[];
}

// What the answer to a part adds; its errors count the lines of the part.
export function added(sum: Sum, answer: Answer, lines: number): { sum: Sum; errors: LineError[] } {
  const { accepted, duplicates, rejected } = answer;
  return {
    sum: {
      lines: sum.lines + lines,
      accepted: sum.accepted + accepted,
      duplicates: sum.duplicates + duplicates,
      rejected: sum.rejected + rejected,
    },
    errors: answer.errors.map(({ line, message }) => ({ line: line + sum.lines, message })),
  };
}

// How far an import has come, for the time after a reload. Nothing of the file's contents is in it.
export interface Place {
  name: string;
  size: number;
  modified: number;
  key: string; // what the keys of its parts begin with
  how?: string; // what it is converted with
  end: number;
  sum: Sum;
}

export function readPlace(text: string | undefined): Place | undefined {
  try {
    const place = JSON.parse(text ?? "") as Place;
    const numbers = [
      place.size,
      place.modified,
      place.end,
      ...Object.keys(NOTHING).map((name) => place.sum[name as keyof Sum]),
    ];
    const isWhole = numbers.every((number) => Number.isSafeInteger(number) && number >= 0);
    const texts = [place.name, place.key, place.how ?? ""];
    return isWhole && texts.every((text) => typeof text === "string") ? place : undefined;
  } catch {
    return undefined;
  }
}

export const isSameFile = (place: Place, file: { name: string; size: number; lastModified: number }) =>
  place.name === file.name && place.size === file.size && place.modified === file.lastModified;

// Whether what was sent are the first of these lines: those of the same file, converted in the same way.
export const goesOn = (place: Place, origin: { name: string; size: number; lastModified: number; how?: string }) =>
  isSameFile(place, origin) && place.how === origin.how;

// Several files as one.
export function together(files: readonly File[]): { name: string; size: number; lastModified: number } {
  return {
    name: files.map(({ name }) => name).join(", "),
    size: files.reduce((sum, { size }) => sum + size, 0),
    lastModified: Math.max(...files.map(({ lastModified }) => lastModified)),
  };
}

// What a file is not, by its first bytes; `undefined` if it may be JSON lines.
export function misfit(name: string, first: Uint8Array): string | undefined {
  const isPacked = first[0] === 0x50 && first[1] === 0x4b;
  const text = new TextDecoder()
    .decode(first)
    .replace(/^\ufeff/, "")
    .trimStart();
  if (isPacked || /^PAR1/.test(text))
    return `${name} is ${isPacked ? "an archive" : "a Parquet table"}, and JSON lines are needed.`;
  if (text === "") return `${name} is empty.`;
  if (text.startsWith("[")) return `${name} is one JSON list, and JSON lines are needed: an object a line.`;
  return text.startsWith("{") ? undefined : `${name} is no file of JSON lines: its first line is no JSON object.`;
}

export const isCompressed = (first: Uint8Array) => first[0] === 0x1f && first[1] === 0x8b;
