// src/entry.js with ways to end the wasm instance, which the Worker that is shipped does not have.

import * as wasm from "sluice-wasm";
import worker, * as entry from "../../src/entry.js";

// The `worker` crate unwraps what this getter is to return: a panic in Rust, while a future is polled.
const panic = (env, context) => wasm.queue({ get queue() { throw new Error("on purpose"); } }, env, context);

// A pointer out of bounds: a trap without a panic, and before there is any promise.
const trap = () => wasm.Gate.prototype.call.call({ __wbg_ptr: 0xfffffff0 }, "/ping");

const dying = (Class) =>
  class extends Class {
    #env;

    constructor(state, env) {
      super(state, env);
      this.#env = env;
    }

    fetch(request) {
      return new URL(request.url).pathname === "/panic" ? panic(this.#env, {}) : super.fetch(request);
    }
  };

export const Gate = dying(entry.Gate);
export const SiteObject = dying(entry.SiteObject);

export default {
  ...worker,
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/instance") return Response.json(wasm.__worker_init_state().instanceId);
    if (pathname === "/panic") return panic(env, context);
    if (pathname === "/trap") return trap();
    const [, binding, name] = pathname.match(/^\/panic\/(\w+)\/(.+)$/) ?? [];
    if (binding) {
      // A caller that has no time limit would wait for ever: workerd does not tell a hanging object from one that waits.
      const limit = scheduler.wait(300).then(() => new Response("no answer", { status: 504 }));
      return Promise.race([env[binding].getByName(name).fetch("https://object/panic"), limit]);
    }
    return worker.fetch(request, env, context);
  },
};
