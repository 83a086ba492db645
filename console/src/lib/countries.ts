// Countries by their two letters.

const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

/** The country's English name, which reports use too; what is no country's code is answered as it is. */
export const countryName = (code: string): string => (/^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code);
