import assert from "node:assert/strict";
import { test } from "node:test";
import { canHavePasskeys, namedAddress } from "./passkey-host.ts";

test("a host with a name has passkeys, an IP address has none", () => {
  for (const [address, can, named] of [
    ["https://s.example", true, undefined],
    ["http://s.example", false, undefined],
    ["http://localhost:8787", true, undefined],
    ["http://a.localhost", true, undefined],
    ["http://127.0.0.1:8787", false, "http://localhost:8787"],
    ["https://[::1]", false, "https://localhost"],
    ["https://198.51.100.1", false, undefined],
  ] as [string, boolean, string | undefined][]) {
    assert.equal(canHavePasskeys(new URL(address)), can, address);
    assert.equal(namedAddress(new URL(address)), named, address);
  }
});
