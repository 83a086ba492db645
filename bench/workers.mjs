// Serves any Worker with the gateway's bindings straight on workerd, as scripts/gateway.mjs does for the built one.

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NAMES } from "../scripts/config.mjs";
import { ROOT } from "../scripts/lib.mjs";

// wrangler would pass this process's own settings on to the Workers.
for (const name of NAMES) delete process.env[name];
Object.assign(process.env, { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "error" });
const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");

// Starts the Worker of the module `main` (and its `wasm`) with its data under `state`; answers the Miniflare. `front` is the
// text of a module to be put in front of it; `options` are further ones of Miniflare.
export function start({ main, wasm, front, state, bindings = {}, options: more = {} }) {
  const noSecrets = join(state, "no-secrets"); // named, or a developer's .dev.vars would be read
  writeFileSync(noSecrets, "");
  const options = { envFiles: [noSecrets] };
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"), undefined, options);
  delete workerOptions.modulesRules; // wrangler still hands them out, this Miniflare no longer takes them
  const modules = [{ type: "ESModule", path: main }];
  if (front) modules.unshift({ type: "ESModule", path: join(dirname(main), "front.js"), contents: front });
  if (wasm) modules.push({ type: "CompiledWasm", path: wasm });
  return new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      name: "sluice",
      modulesRoot: dirname(main),
      modules,
      bindings: { ...workerOptions.bindings, ...bindings },
      host: "127.0.0.1",
      port: 0,
      resourcePersistencePath: join(state, "v3"),
      cf: false,
      log: new Log(LogLevel.WARN),
      ...more,
    }),
  );
}
