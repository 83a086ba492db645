// The form of tokens (docs/contract/README.md#12): what is cut or mistyped is named before anything is sent.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ENTROPY = 30;
const CHECKSUM = 6;

export type Checked =
  | { kind: "account" }
  | { kind: "website" }
  | { kind: "malformed"; why: "prefix" | "length" | "characters" | "checksum" };

const PREFIXES = { dft_: "account", df_: "website" } as const;

export function checkToken(text: string): Checked {
  const prefix = text.startsWith("dft_") ? "dft_" : text.startsWith("df_") ? "df_" : null;
  if (!prefix) return { kind: "malformed", why: "prefix" };
  const body = text.slice(prefix.length);
  if (!/^[0-9A-Za-z]*$/.test(body)) return { kind: "malformed", why: "characters" };
  if (body.length !== ENTROPY + CHECKSUM) return { kind: "malformed", why: "length" };
  if (checksum(body.slice(0, ENTROPY)) !== body.slice(ENTROPY)) return { kind: "malformed", why: "checksum" };
  return { kind: PREFIXES[prefix] };
}

/** What to say about a token that cannot open the console; null for one that may. */
export function problemOf(text: string): string | null {
  const checked = checkToken(text);
  if (checked.kind === "account") return null;
  if (checked.kind === "website") return "This is a website key. It opens the API, not the console.";
  return {
    prefix: "An account token begins with dft_.",
    characters: "A token has only letters and digits after its prefix.",
    length: `A token has ${ENTROPY + CHECKSUM} characters after its prefix. This one was probably cut.`,
    checksum: "The token's checksum is wrong. It was probably mistyped or cut.",
  }[checked.why];
}

/** CRC-32 (IEEE) as base62 digits, padded with zeros. */
function checksum(entropy: string): string {
  let rest = crc32(entropy);
  let digits = "";
  for (let place = 0; place < CHECKSUM; place++) {
    digits = ALPHABET[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function crc32(ascii: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < ascii.length; at++) {
    crc ^= ascii.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
