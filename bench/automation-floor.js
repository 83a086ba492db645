// The floor of deliveries: a queue whose consumer only fetches. Nothing is looked up, signed
// or written down.
//
//   POST / { name, first, count }: queues as many messages, and answers when they are queued. They go to RECEIVER/name.

// About as wide as what Sluice sends of a goal.
const BODY = JSON.stringify({ data: "x".repeat(330) });
// Messages that Sluice hands to the queue at once.
const AT_ONCE = 100;

async function post(env, { name, number }) {
  const headers = { "content-type": "application/json", "webhook-id": String(number) };
  const response = await fetch(`${env.RECEIVER}/${name}`, { method: "POST", headers, body: BODY });
  await response.text();
}

// wrangler.toml binds them; nobody calls them.
export { DurableObject as Gate, DurableObject as SiteObject } from "cloudflare:workers";

export default {
  async fetch(request, env) {
    const { name, first, count } = await request.json();
    for (let number = first; number < first + count; number += AT_ONCE) {
      const length = Math.min(AT_ONCE, first + count - number);
      await env.DELIVERIES.sendBatch(Array.from({ length }, (_, index) => ({ body: { name, number: number + index } })));
    }
    return new Response("{}");
  },

  async queue(batch, env, context) {
    batch.ackAll();
    context.waitUntil(Promise.all(batch.messages.map(({ body }) => post(env, body))));
  },
};
