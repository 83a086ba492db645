// Prints an address that signs in to the console of a deployed gateway: the way back in without any token.
//
//   scripts/run node scripts/sign-in.mjs you@example.com
//
// Takes the gateway's address from SLUICE_URL or from the last `make deploy`, and the set-up secret from SETUP_SECRET or from the
// file in which that has kept it. The address works once, for ten minutes.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, ROOT, signInAddress } from "./lib.mjs";

const [email] = process.argv.slice(2);
if (!email?.includes("@")) fail("usage: scripts/run node scripts/sign-in.mjs you@example.com");

const kept = (file, form) => {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, "utf8").match(form)?.[1] : undefined;
};
const url = process.env.SLUICE_URL || kept("wrangler.deploy.toml", /^PUBLIC_URL = "(.+?)"/m);
if (!url) fail("Where is the gateway? Set SLUICE_URL to its address.");
const secret = process.env.SETUP_SECRET || kept(".state/cloudflare-secrets", /^SETUP_SECRET=(.+)$/m);
if (!secret) fail("The set-up secret is not here: set SETUP_SECRET.");

try {
  console.log(await signInAddress(url.replace(/\/+$/, ""), secret, email));
} catch (error) {
  fail(error.message);
}
