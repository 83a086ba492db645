// Country codes by English name, as Google Analytics spells them.

const names = new Intl.DisplayNames("en", { type: "region" });
const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const plain = (name) => name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll("&", "and").replaceAll(".", "").trim();

// What Intl names otherwise, or would name by two codes.
const OTHERS = {
  "hong kong": "HK", macao: "MO", macau: "MO", turkey: "TR", turkiye: "TR", "czech republic": "CZ", czechia: "CZ", "myanmar (burma)": "MM", myanmar: "MM",
  "cote d'ivoire": "CI", "cote d’ivoire": "CI", "ivory coast": "CI", palestine: "PS", "congo - kinshasa": "CD", "congo - brazzaville": "CG", "north macedonia": "MK", "macedonia (fyrom)": "MK",
  swaziland: "SZ", eswatini: "SZ", "cape verde": "CV", "the bahamas": "BS", "the gambia": "GM", "united kingdom": "GB", kosovo: "XK", "st martin": "MF", "sint maarten": "SX", micronesia: "FM",
};
const CODES = new Map(
  letters.flatMap((first) => letters.map((second) => first + second)).flatMap((code) => {
    const name = names.of(code);
    // Of a country that is called otherwise today, Intl knows the old code too.
    const isToday = new Intl.Locale(`und-${code}`).region === code;
    return name === code || !isToday || /^X[A-JL-Z]|^Q|^ZZ|^EU|^UN|^EZ|^AA/.test(code) ? [] : [[plain(name), code]];
  }),
);
for (const [name, code] of Object.entries(OTHERS)) CODES.set(name, code);

// The code of a country, if there is one of this name.
export const countryCode = (name) => CODES.get(plain(name ?? ""));
