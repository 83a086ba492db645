// Reads the files of an export as streams: lines, rows of CSV, and the entries of a zip. What cannot be read is told with the number of
// its line, and the next line is read. A stream is a ReadableStream of bytes or whatever else gives chunks of them; a file is a Blob.

// The longest line or row that is read: what is longer is no row.
const LONGEST = 1 << 20;
// The longest directory of a zip that is read: that of a hundred thousand files.
const LONGEST_DIRECTORY = 16 << 20;

// The chunks of a stream. Not every browser can iterate over one.
export async function* chunksOf(stream) {
  if (!stream.getReader) return yield* stream;
  const reader = stream.getReader();
  try {
    for (let next; !(next = await reader.read()).done; ) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

// The chunks of a stream as text, without a byte order mark.
async function* texts(stream) {
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(stream)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
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
export async function entries(blob, name) {
  try {
    return await directoryOf(blob, name);
  } catch (error) {
    // A number in it points outside of it.
    if (error instanceof RangeError) throw new Error(`${name} is no zip, or its end is missing: fetch it again`);
    throw error;
  }
}

async function directoryOf(blob, path) {
  const read = async (from, length) => new DataView(await blob.slice(from, from + length).arrayBuffer());
  const tail = await read(Math.max(0, blob.size - 66_000), 66_000);
  const at = lastIndexOf(tail, 0x06054b50);
  if (at < 0) throw new RangeError("end");
  let [count, length, offset] = [tail.getUint16(at + 10, true), tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  // Zip64 keeps what does not fit elsewhere.
  const locator = lastIndexOf(tail, 0x07064b50);
  if (locator >= 0) {
    const end = await read(Number(tail.getBigUint64(locator + 8, true)), 56);
    [count, length, offset] = [32, 40, 48].map((position) => Number(end.getBigUint64(position, true)));
  }
  if (length > LONGEST_DIRECTORY) throw new RangeError("directory");
  const directory = await read(offset, length);
  const found = new Map();
  for (let position = 0; count > 0; count -= 1) {
    const word = (from) => directory.getUint16(position + from, true);
    const long = (from) => directory.getUint32(position + from, true);
    const [isLocked, method, nameLength, extraLength] = [word(8) & 1, word(10), word(28), word(30)];
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, position + 46, nameLength));
    const sizes = { packed: long(20), unpacked: long(24), header: long(42) };
    const extra = new DataView(directory.buffer, position + 46 + nameLength, extraLength);
    for (let from = 0; from + 4 <= extraLength; from += 4 + extra.getUint16(from + 2, true)) {
      if (extra.getUint16(from, true) !== 1) continue;
      let next = from + 4;
      for (const which of ["unpacked", "packed", "header"]) {
        if (sizes[which] !== 0xffffffff) continue;
        sizes[which] = Number(extra.getBigUint64(next, true));
        next += 8;
      }
    }
    // The entry's own header may be longer than the directory says.
    const own = await read(sizes.header, 30);
    const from = sizes.header + 30 + own.getUint16(26, true) + own.getUint16(28, true);
    if (from + sizes.packed > blob.size) throw new RangeError("entry");
    found.set(name, () => {
      const stored = blob.slice(from, from + sizes.packed).stream();
      if (sizes.packed === 0 || (method === 0 && !isLocked)) return stored;
      if (method === 8 && !isLocked) return stored.pipeThrough(new DecompressionStream("deflate-raw"));
      throw new Error(`${path}: ${name} is packed in a way that is not known (${isLocked ? "with a password" : method})`);
    });
    position += 46 + nameLength + extraLength + word(32);
  }
  return found;
}

// Where this number is for the last time, or -1.
function lastIndexOf(view, wanted) {
  for (let at = view.byteLength - 4; at >= 0; at -= 1) if (view.getUint32(at, true) === wanted) return at;
  return -1;
}
