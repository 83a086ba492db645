// Reads the files of an export as streams: lines, rows of CSV, and the entries of a zip. What cannot be read is told with the number of
// its line, and the next line is read.

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { createGunzip, createInflateRaw } from "node:zlib";

// The longest line or row that is read: what is longer is no row.
const LONGEST = 1 << 20;

// A file, or what comes in where the name is "-"; `.gz` is unpacked.
export function input(path) {
  const stream = path === "-" ? process.stdin : createReadStream(path);
  return path.endsWith(".gz") ? through(stream, createGunzip()) : stream;
}

// What is wrong with `from` is thrown by whoever reads `to`.
const through = (from, to) => pipeline(from, to, () => {});

// The chunks of a stream as text, without a byte order mark.
async function* texts(stream) {
  const decoder = new StringDecoder("utf8");
  let isFirst = true;
  for await (const chunk of stream) {
    const text = decoder.write(chunk);
    yield isFirst && text.startsWith("\ufeff") ? text.slice(1) : text;
    if (text) isFirst = false;
  }
  yield decoder.end();
}

// The lines of a stream: { line, text } or { line, text, fault }.
export async function* lines(stream) {
  let [rest, line] = ["", 1];
  let isTooLong = false; // in the middle of a line of which the beginning was dropped
  for await (const text of texts(stream)) {
    rest += text;
    let start = 0;
    for (let end; (end = rest.indexOf("\n", start)) >= 0; start = end + 1, line += 1) {
      if (!isTooLong) yield { line, text: rest.slice(start, end).replace(/\r$/, "") };
      isTooLong = false;
    }
    rest = rest.slice(start);
    if (rest.length > LONGEST) {
      if (!isTooLong) yield { line, text: rest, fault: "longer than 1 MiB" };
      [rest, isTooLong] = ["", true];
    }
  }
  if (rest && !isTooLong) yield { line, text: rest.replace(/\r$/, "") };
}

// The rows of a CSV file (RFC 4180) by the names of its header: { line, text, row } or { line, text, fault }. Lines before the header
// that begin with # are passed over. `line` is where the row begins: cells in quotes may have several lines.
export async function* rows(stream) {
  let header;
  for await (const { line, text, cells, fault } of records(stream)) {
    if (fault) yield { line, text, fault };
    else if (cells.length === 1 && cells[0] === "") continue;
    else if (header === undefined) {
      if (cells[0].startsWith("#")) continue;
      header = cells.map((name) => name.trim());
      yield { line, text, header };
    } else if (cells.length !== header.length) {
      yield { line, text, fault: `expected ${header.length} cells, as the header has, got ${cells.length}` };
    } else {
      // Databases write NULL in their own ways.
      yield { line, text, row: Object.fromEntries(header.map((name, index) => [name, cells[index] === "\\N" ? "" : cells[index]])) };
    }
  }
}

async function* records(stream) {
  let [rest, line, start] = ["", 1, 0];
  const parser = texts(stream);
  for (let isLast = false; !isLast; ) {
    const { value, done } = await parser.next();
    isLast = Boolean(done);
    rest = rest.slice(start) + (value ?? "");
    start = 0;
    while (start < rest.length) {
      const record = cut(rest, start, isLast);
      if (record) {
        yield { line, text: rest.slice(start, record.end).replace(/\r?\n$/, ""), cells: record.cells };
        line += record.newlines;
        start = record.end;
      } else if (isLast || rest.length - start > LONGEST) {
        // A quote that nobody closes. Only its own line is lost.
        const end = rest.indexOf("\n", start);
        const next = end < 0 ? rest.length : end + 1;
        yield { line, text: rest.slice(start, next).replace(/\r?\n$/, ""), fault: "a quote is opened and not closed" };
        line += 1;
        start = next;
      } else break;
    }
  }
}

// The record that begins at `start`: its cells, where it ends, and how many lines it has. Nothing if its end is not there yet.
function cut(text, start, isLast) {
  const newline = text.indexOf("\n", start);
  if (newline < 0 && !isLast) return undefined;
  const line = text.slice(start, newline < 0 ? text.length : newline);
  if (!line.includes('"')) return { cells: line.replace(/\r$/, "").split(","), end: start + line.length + (newline < 0 ? 0 : 1), newlines: 1 };
  const cells = [];
  let [position, newlines] = [start, 1];
  for (;;) {
    let cell;
    if (text[position] === '"') {
      cell = "";
      for (let from = position + 1; ; ) {
        const close = text.indexOf('"', from);
        if (close < 0 || (close + 1 === text.length && !isLast)) return undefined;
        cell += text.slice(from, close);
        if (text[close + 1] !== '"') {
          position = close + 1;
          break;
        }
        cell += '"';
        from = close + 2;
      }
      newlines += cell.split("\n").length - 1;
    }
    // The rest of the cell; there is none behind a closing quote, or it is kept as it is.
    let end = position;
    while (end < text.length && text[end] !== "," && text[end] !== "\n") end += 1;
    if (end === text.length && !isLast) return undefined;
    const tail = text.slice(position, end);
    cells.push((cell ?? "") + (text[end] === "," ? tail : tail.replace(/\r$/, "")));
    if (text[end] !== ",") return { cells, end: Math.min(end + 1, text.length), newlines };
    position = end + 1;
  }
}

// The entries of a zip: a map of their names to functions that open them as a stream. Its directory is read, nothing else.
export async function entries(path) {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (from, length) => {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    };
    const [tailFrom, found] = [Math.max(0, size - 66_000), new Map()];
    const tail = await read(tailFrom, size - tailFrom);
    const at = tail.lastIndexOf(Buffer.from("PK\x05\x06"));
    if (at < 0) throw new Error(`${path} is no zip, or its end is missing: fetch it again`);
    let [count, length, offset] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    // Zip64 keeps what does not fit elsewhere.
    const locator = tail.lastIndexOf(Buffer.from("PK\x06\x07"));
    if (locator >= 0) {
      const end = await read(Number(tail.readBigUInt64LE(locator + 8)), 56);
      [count, length, offset] = [32, 40, 48].map((position) => Number(end.readBigUInt64LE(position)));
    }
    const directory = await read(offset, length);
    for (let position = 0; count > 0; count -= 1) {
      const word = (from) => directory.readUInt16LE(position + from);
      const long = (from) => directory.readUInt32LE(position + from);
      const [method, nameLength, extraLength] = [word(10), word(28), word(30)];
      const name = directory.toString("utf8", position + 46, position + 46 + nameLength);
      const sizes = { packed: long(20), unpacked: long(24), header: long(42) };
      const extra = directory.subarray(position + 46 + nameLength, position + 46 + nameLength + extraLength);
      for (let from = 0; from + 4 <= extra.length; from += 4 + extra.readUInt16LE(from + 2)) {
        if (extra.readUInt16LE(from) !== 1) continue;
        let next = from + 4;
        for (const which of ["unpacked", "packed", "header"]) {
          if (sizes[which] !== 0xffffffff) continue;
          sizes[which] = Number(extra.readBigUInt64LE(next));
          next += 8;
        }
      }
      // The entry's own header may be longer than the directory says.
      const own = await read(sizes.header, 30);
      const from = sizes.header + 30 + own.readUInt16LE(26) + own.readUInt16LE(28);
      found.set(name, () => {
        if (sizes.packed === 0) return [];
        const stored = createReadStream(path, { start: from, end: from + sizes.packed - 1 });
        if (method === 0) return stored;
        if (method === 8) return through(stored, createInflateRaw());
        throw new Error(`${path}: ${name} is packed in a way that is not known (${method})`);
      });
      position += 46 + nameLength + extraLength + word(32);
    }
    return found;
  } finally {
    await file.close();
  }
}
