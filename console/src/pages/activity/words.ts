// What the audit log says, in words.

/** An operation's or a field's name as words: `updateWebsite` is "Update website". */
export function worded(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(" ");
  const text = words.map((word) => (/^[A-Z]{2}/.test(word) ? word : word.toLowerCase())).join(" ");
  return text === "" ? name : (text[0] ?? "").toUpperCase() + text.slice(1);
}

/** A kept value for people. */
export function valued(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
    return value.length === 0 ? "none" : value.join(", ");
  if (value === "") return "empty";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export const CLIENTS: Record<string, string> = {
  console: "Console",
  cli: "Command line",
  mcp: "Agent (MCP)",
  api: "API",
  mail: "Link in a mail",
};

const KINDS: Record<string, string> = {
  token: "token",
  application: "application",
  key: "website key",
  session: "session",
  invitation: "invitation",
  setup: "set-up secret",
  link: "link in a mail",
};

/** With what somebody did it: `token CI dft_abc…wxyz`. */
export const credentialed = ({ kind, name }: { kind: string; name: string | null }): string =>
  [KINDS[kind] ?? kind, name].filter(Boolean).join(" ");
