// A server of a customer's, which takes what webhooks send it.

import { createServer } from "node:http";
import { eventually } from "./harness.mjs";

export class Receiver {
  requests = []; // { headers, body }
  answer = { status: 200, body: "thank you" };

  static async start(answer) {
    const receiver = new Receiver();
    if (answer) receiver.answer = answer;
    const server = createServer(async (incoming, response) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      receiver.requests.push({ headers: incoming.headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(receiver.answer.status).end(receiver.answer.body);
    });
    await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
    server.unref();
    receiver.url = `http://127.0.0.1:${server.address().port}/hooks`;
    return receiver;
  }
}

const pathOf = (website) => `/api/v1/admin/websites/${website.id}/webhooks`;
export const hook = (owner, website, url, more = {}) => owner.api.row("POST", pathOf(website), { url, ...more });

// Sends an example, and waits until it was tried.
export async function tested(owner, website, webhook, type = "goal.completed") {
  const { deliveryId } = await owner.api.row("POST", `${pathOf(website)}/${webhook.id}/test`, { type });
  await eventually(async () => {
    const [{ attemptCount }] = await owner.api.rows("GET", `${pathOf(website)}/${webhook.id}/deliveries/${deliveryId}`);
    return attemptCount > 0;
  });
  return deliveryId;
}

// An endpoint that took one delivery.
export async function hooked(owner, website) {
  const receiver = await Receiver.start();
  const webhook = await hook(owner, website, receiver.url, { description: "The shop's server" });
  return { receiver, webhook: webhook.id, delivery: await tested(owner, website, webhook) };
}
