// CSV (RFC 4180) of what is shown. A spreadsheet must not take a tracked text for a formula.

export type Cell = string | number | null | undefined;

// A tab or a carriage return is skipped by some spreadsheets, and what follows it is then the beginning.
const FORMULA = /^[\s\p{C}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

export function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n\u2028\u2029;\t]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [header, ...rows].map((row) => row.map(cell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** A file's name that every system takes, made of what the file has in it. */
export function fileName(parts: readonly string[], extension: string): string {
  const clean = parts
    .map((part) =>
      part
        .normalize("NFC")
        .replace(/[^\p{L}\p{N}.]+/gu, "-")
        .replace(/^[-.]+|[-.]+$/g, ""),
    )
    .filter((part) => part !== "");
  return `${[...clean.join("_")].slice(0, 120).join("") || "export"}.${extension}`;
}
