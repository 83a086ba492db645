// Holds a running gateway against its own /openapi.json with schemathesis. Run by scripts/with-gateways.mjs, which says where.
// Further arguments go to schemathesis: `scripts/run node scripts/with-gateways.mjs -- node scripts/schemathesis.mjs --seed 7`.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { anyWebsite, createAccount, ROOT, run } from "./lib.mjs";

const { SLUICE_URL: url, SLUICE_SETUP_SECRET: secret } = process.env;
const folder = join(ROOT, "target", "schemathesis");
const seconds = process.env.SCHEMATHESIS_SECONDS || "45";

const token = await createAccount(url, secret, "schemathesis@example.com");
await anyWebsite(url, token);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { code } = await run(
  [
    "st", "run", `${url}/openapi.json`,
    "--header", `Authorization: Bearer ${token}`,
    "--checks", "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance",
    // Not `stateful`: it would follow a link that revokes the very token it uses.
    "--phases", "examples,coverage,fuzzing",
    "--max-examples", "25",
    "--max-time", seconds,
    "--generation-deterministic",
    "--workers", "2",
    "--warnings", "off",
    "--report", "junit", "--report-junit-path", join(folder, "junit.xml"),
    ...process.argv.slice(2),
  ],
  { cwd: folder, stdio: "inherit" },
);
process.exit(code);
