// The entry module that workerd runs. It passes events to the wasm module, and continues after a panic.
//
// A panic ends the wasm instance and loses its memory. wasm-bindgen replaces the instance at the next call of any of its
// exports (see tools/bindgen). This module creates the Durable Objects again in the new instance.

import * as wasm from "sluice-wasm";

// A panic is logged with its stack, the upper frames of which are the panic's own.
Error.stackTraceLimit = 100;

// The `worker` crate keeps this state outside of the wasm instance; it counts instances. The call goes through
// wasm-bindgen, which thereby replaces an instance that has died.
const instance = () => wasm.__worker_init_state().instanceId;

// A class that workerd instantiates once per object; `callOf` is the text of a request's call. The Rust object inside is
// created again when its instance has died. Storage survives a panic, so the new object only lacks what the old one had in
// memory.
function durableObject(RustObject, callOf) {
  return class {
    #state;
    #env;
    #object;
    #instance;

    constructor(state, env) {
      this.#state = state;
      this.#env = env;
      this.#current();
    }

    async fetch(request) {
      const call = await callOf(request);
      const answer = await this.#current().call(call);
      return answer === undefined ? new Response("failure", { status: 500 }) : new Response(answer);
    }

    alarm() {
      return this.#current().alarm();
    }

    #current() {
      const current = instance();
      if (this.#instance !== current) {
        this.#object = new RustObject(this.#state, this.#env);
        this.#instance = current;
      }
      return this.#object;
    }
  };
}

export const Gate = durableObject(wasm.Gate, ({ url }) => url.slice("https://object".length));
export const SiteObject = durableObject(wasm.SiteObject, (request) => request.text());

export default {
  fetch: (request, env, context) => wasm.fetch(request, env, context),
  scheduled: (event, env, context) => wasm.scheduled(event, env, context),
  queue: (batch, env, context) => wasm.queue(batch, env, context),
};
