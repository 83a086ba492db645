// Holds a running gateway against its own /openapi.json with schemathesis. Run by scripts/with-gateways.mjs, which says where.
// Further arguments go to schemathesis: `scripts/run node scripts/with-gateways.mjs -- node scripts/schemathesis.mjs --seed 7`.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { anyWebsite, call, createAccount, fail, ROOT, run } from "./lib.mjs";

const { SLUICE_URL: url, SLUICE_SETUP_SECRET: secret } = process.env;
const folder = join(ROOT, "target", "schemathesis");

const token = await createAccount(url, secret, "schemathesis@example.com");
const website = await anyWebsite(url, token);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
// A website that exists: with made-up ids nearly every answer would be the same 404.
const known = `[parameters]\n"path.websiteId" = "${website}"\n"query.websiteId" = "${website}"\n`;
// 503 is right for a shop that is nowhere.
const shops = `[[operations]]\ninclude-operation-id = "connectWooCommerce"\n[operations.checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", "503"]\n`;
writeFileSync(join(folder, "schemathesis.toml"), known + shops);

const { code } = await run(
  [
    "st", "run", `${url}/openapi.json`,
    "--header", `Authorization: Bearer ${token}`,
    "--checks", "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance",
    // Not `stateful`: it would follow a link that revokes the very token it uses.
    "--exclude-operation-id", "importEvents", // it cannot write lines of JSON; tests/gateway/imports.rs does
    "--phases", "examples,coverage,fuzzing",
    "--max-examples", "25", // what the run time hangs on: 100 seconds for 76 operations
    "--generation-deterministic",
    "--workers", "1", // two threads at once crash CPython 3.11's parser now and then (python/cpython#106905)
    "--warnings", "off",
    "--report", "junit", "--report-junit-path", join(folder, "junit.xml"),
    ...process.argv.slice(2),
  ],
  { cwd: folder, stdio: "inherit" },
);
// Had it lost its access on the way, the rest would have been a test of 401 alone.
const { status } = await call(url, "GET", "/api/v1/admin/account", token);
if (status !== 200) fail(`After the run the token is answered with ${status}: the run revoked it, and tested little from then on.`);
process.exit(code);
