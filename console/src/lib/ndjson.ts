// Reads JSON values from a stream, one a line, as soon as each line is complete.

export async function* readLines<T>(stream: ReadableStream<Uint8Array>): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  // A character that is cut in two waits in the decoder for its other half.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let number = 0;
  try {
    for (let isOver = false; !isOver; ) {
      const { done, value } = await reader.read();
      isOver = done;
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      // What follows the last line feed is complete only when the stream is.
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) {
        number += 1;
        if (line.trim() !== "") yield parse<T>(line, number);
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parse<T>(line: string, number: number): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new SyntaxError(`line ${number} of the answer is no JSON; it was probably cut`);
  }
}
