// JSON as it was sent: parsing and writing it again may change numbers, and a signature is over bytes.

/** The text of the value under the first member of this name, wherever it is nested outside of strings. */
export function memberText(json: string, name: string): string | undefined {
  let at = 0;
  while (at < json.length) {
    if (json[at] !== '"') {
      at += 1;
      continue;
    }
    const end = endOfString(json, at);
    const after = skipSpace(json, end);
    if (json[after] === ":" && json.slice(at, end) === JSON.stringify(name)) {
      const start = skipSpace(json, after + 1);
      return json.slice(start, endOfValue(json, start));
    }
    at = end;
  }
  return undefined;
}

function skipSpace(json: string, at: number): number {
  let next = at;
  while (/\s/.test(json[next] ?? "")) next += 1;
  return next;
}

/** Behind the closing quote. */
function endOfString(json: string, at: number): number {
  let next = at + 1;
  while (next < json.length && json[next] !== '"') next += json[next] === "\\" ? 2 : 1;
  return next + 1;
}

function endOfValue(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at += 1) {
    const sign = json[at] as string;
    if (sign === '"') at = endOfString(json, at) - 1;
    else if ("[{".includes(sign)) depth += 1;
    else if ("]}".includes(sign)) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (sign === "," && depth === 0) return at;
    else continue;
    if (depth === 0) return at + 1;
  }
  return json.length;
}
