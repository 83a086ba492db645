// The command line against a real gateway, in pipes and on terminals (docs/contract/cli.md#8-acceptance).
//
//   scripts/run node scripts/with-gateways.mjs -- node tests/cli/run.mjs             everything
//   scripts/run node scripts/with-gateways.mjs -- node tests/cli/run.mjs retries     the checks whose name contains this
//   … -- node tests/cli/run.mjs snapshots --write                                    writes tests/cli/snapshots

import { rmSync } from "node:fs";
import { check, conclude, isWanted, together } from "../harness/checks.mjs";
import { folder } from "./sluice.mjs";
import * as cases from "./cases.mjs";

// Those of one list run side by side; what looks at all that was printed comes last.
for (const list of [cases.LISTS.first, cases.LISTS.then, cases.LISTS.last]) {
  await together(list.filter(([name]) => isWanted(name)).map(([name, body]) => () => check(name, body)), 3);
}
rmSync(folder, { recursive: true, force: true });
process.exit(conclude() ? 0 : 1);
