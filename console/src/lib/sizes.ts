// Numbers of lines and bytes.

export const ordinary = (value: number, locales?: readonly string[]) => value.toLocaleString(locales as string[] | undefined);

/** Bytes with three digits: "18.4 MB". */
export function sizeOf(bytes: number, locales?: readonly string[]): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return (bytes / 1000 ** power).toLocaleString(locales as string[] | undefined, {
    style: "unit",
    unit: units[power],
    unitDisplay: power === 0 ? "long" : "short",
    maximumSignificantDigits: power === 0 ? 4 : 3,
  });
}
