// Browsers make passkeys for hosts with a name, and without https only for this machine: none for an IP address.

export function canHavePasskeys({ protocol, hostname }: { protocol: string; hostname: string }): boolean {
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.startsWith("[");
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost");
  return !isAddress && (protocol === "https:" || isLocal);
}

// The same gateway under a name, where it is this machine's by its number.
export function namedAddress({
  protocol,
  hostname,
  port,
}: {
  protocol: string;
  hostname: string;
  port: string;
}): string | undefined {
  const isHere = /^127\./.test(hostname) || hostname === "[::1]";
  return isHere ? `${protocol}//localhost${port && `:${port}`}` : undefined;
}
