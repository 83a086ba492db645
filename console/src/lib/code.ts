// Codes by mail: 8 characters of Crockford's Base32, which has no letters that look like digits. src/console/codes.rs reads them alike.

const LENGTH = 8;

// What is meant by what was typed; null where that is no whole code.
export function codeOf(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return code.length === LENGTH && /^[0-9A-HJKMNP-TV-Z]*$/.test(code) ? code : null;
}
