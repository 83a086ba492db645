// The very call of the API as a command for a POSIX shell. The token is a variable, so that no secret is copied.

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  /** Query parameters, in the order in which they are written. */
  query?: readonly (readonly [string, string])[];
  body?: unknown;
}

/** A word of a shell in which nothing is expanded. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

export function curl({ method = "GET", url, query = [], body }: Call): string {
  const lines = [
    `curl ${method === "GET" ? "--get " : `--request ${method} `}${quoted(address(url, method === "GET" ? [] : query))}`,
  ];
  lines.push(`  --header "Authorization: Bearer $SLUICE_TOKEN"`);
  if (method === "GET") lines.push(...query.map(([name, value]) => `  --data-urlencode ${quoted(`${name}=${value}`)}`));
  if (body !== undefined) {
    lines.push(`  --header 'Content-Type: application/json'`, `  --data-raw ${quoted(JSON.stringify(body))}`);
  }
  return lines.join(" \\\n");
}

function address(url: string, query: readonly (readonly [string, string])[]): string {
  if (query.length === 0) return url;
  return `${url}?${new URLSearchParams(query.map(([name, value]) => [name, value]))}`;
}
