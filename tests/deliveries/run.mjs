// Webhook deliveries from end to end: real events, gateways started here, real HTTP receivers on this machine.
//
//   scripts/run node tests/deliveries/run.mjs                      everything (build/ has to be there: make build)
//   scripts/run node tests/deliveries/run.mjs cron "rate limit"    the checks whose "group: name" contains one of these
//
// Written from docs/contract/automation.md alone. receivers.mjs judges and verifies every request; harness.mjs starts, kills
// and restarts the gateways. Their logs are shown when a check fails, or with SLUICE_LOGS=1.

import assert from "node:assert/strict";
import { check, conclude } from "../harness/checks.mjs";
import { crashes, cron } from "./crashes.mjs";
import { endings, failures } from "./failures.mjs";
import { group, logs, stopGateways } from "./harness.mjs";
import { fairness, manyEndpoints } from "./many-endpoints.mjs";
import { messages } from "./messages.mjs";
import { pythonVerdict, stopReceivers, traffic } from "./receivers.mjs";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => stopGateways().then(() => process.exit(1)));
}

async function inTurn(...groups) {
  for (const one of groups) await group(one);
}

let passed = false;
try {
  // Three gateways at once, which mostly wait; those that look at the clock or fill the machine have it to themselves.
  await Promise.all([inTurn(messages, endings), inTurn(failures, cron), inTurn(crashes)]);
  await inTurn(fairness, manyEndpoints);

  const none = (findings) => assert.deepEqual(findings.slice(0, 5), [], `${findings.length} of ${traffic.requests} requests`);
  if (traffic.requests > 0) {
    await check("requests: all have the documented form", () => none(traffic.malformed));
    await check("requests: all are verified by standardwebhooks", () => none(traffic.standardwebhooks));
    await check("requests: all are verified by svix", () => none(traffic.svix));
    await check("requests: all are verified by standardwebhooks for Python", async () => {
      const { verified, refused } = await pythonVerdict();
      none(refused);
      assert.equal(verified, traffic.requests);
      return `${verified} requests`;
    });
  }
  passed = conclude();
} finally {
  if (!passed || process.env.SLUICE_LOGS) process.stderr.write(logs());
  await stopGateways();
  stopReceivers();
}
process.exit(passed ? 0 : 1);
