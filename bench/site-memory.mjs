// The memory of the isolate: the built Worker once more, on the state of a gateway that has stopped, with a module in
// front of it that keeps a reference to the wasm instance's memory, and with an inspector that reports the size of V8's heap.

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localSecrets } from "../scripts/config.mjs";
import { ROOT } from "../scripts/lib.mjs";
import "./workers.mjs"; // clears this process's environment of what is not meant for Workers

const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");

const PROBE = `
const Instance = WebAssembly.Instance;
export const memories = [];
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports);
    memories.push(this.exports.memory);
  }
};`;
const MAIN = `
import { memories } from "./probe.js";
import inner from "./index.js";
export * from "./index.js";
export default {
  ...inner,
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/probe") return inner.fetch(request, env, context);
    return Response.json({ wasm: memories.map((memory) => memory.buffer.byteLength) });
  },
};`;

// Answers { url, measure, collect, stop }; `measure` answers bytes of the wasm memory and of V8's heap, `collect` runs V8's
// garbage collector.
export async function serveWithProbe({ state, folder, vars }) {
  mkdirSync(folder, { recursive: true });
  for (const name of ["index.js", "index_bg.wasm"]) cpSync(join(ROOT, "build", name), join(folder, name));
  writeFileSync(join(folder, "probe.js"), PROBE);
  writeFileSync(join(folder, "main.js"), MAIN);
  const envFiles = [join(state, "secrets")];
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"), undefined, { envFiles });
  delete workerOptions.modulesRules;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      name: "sluice",
      modulesRoot: folder,
      modules: [
        ...["main.js", "probe.js", "index.js"].map((name) => ({ type: "ESModule", path: join(folder, name) })),
        { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
      ],
      bindings: { ...workerOptions.bindings, ...localSecrets(join(state, "secrets")), ...vars },
      host: "127.0.0.1",
      port: 0,
      inspectorPort: 0,
      resourcePersistencePath: join(state, "v3"),
      cf: false,
      log: new Log(LogLevel.WARN),
    }),
  );
  const url = (await miniflare.ready).origin;
  const heap = await inspector(miniflare).catch((error) => {
    console.error(`▸ no inspector: ${error.message}`);
    return { use: async () => undefined, collect() {}, close() {} };
  });
  return {
    url,
    async measure() {
      const { wasm } = await (await fetch(`${url}/probe`)).json();
      return { wasm: wasm.reduce((sum, bytes) => sum + bytes, 0), heap: await heap.use() };
    },
    collect: () => heap.collect(),
    async stop() {
      heap.close();
      await miniflare.dispose();
    },
  };
}

async function inspector(miniflare) {
  const base = await miniflare.getInspectorURL();
  const listed = await (await fetch(new URL("/json", `http://${base.host}`))).json();
  const target = listed.find(({ id, webSocketDebuggerUrl }) => /sluice/.test(`${id} ${webSocketDebuggerUrl}`)) ?? listed[0];
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`cannot be reached at ${target.webSocketDebuggerUrl}`));
  });
  let number = 0;
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  const ask = (method) =>
    new Promise((resolve) => {
      waiting.set(++number, resolve);
      socket.send(JSON.stringify({ id: number, method }));
      setTimeout(() => resolve(undefined), 5_000).unref();
    });
  // workerd collects without an answer; the next request is answered after the collection.
  const collect = () => void ask("HeapProfiler.collectGarbage");
  return { use: () => ask("Runtime.getHeapUsage"), collect, close: () => socket.close() };
}
