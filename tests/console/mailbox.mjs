// A gateway that mails through a provider's API, which is here: what it was sent can be read.

import { createServer } from "node:http";
import { SECRETS } from "../../scripts/config.mjs";
import { GatewayProcess } from "../../scripts/gateway-process.mjs";
import { eventually, Owner } from "./harness.mjs";

export class Mailbox {
  mails = []; // as Resend takes them
  delay = 0; // milliseconds until the provider answers

  static async start() {
    const mailbox = new Mailbox();
    const server = createServer(async (incoming, response) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      mailbox.mails.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end('{"id":"x"}'), mailbox.delay);
    });
    await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
    server.unref();
    const secrets = Object.fromEntries(Object.entries(SECRETS).map(([name, make]) => [name, make()]));
    const settings = {
      ENVIRONMENT: "development",
      RATE_LIMIT_PER_MINUTE: "1000000",
      EMAIL_FROM: "sluice@acme.example",
      EMAIL_PROVIDER: "resend",
      EMAIL_API_KEY: "key",
      EMAIL_API_BASE: `http://127.0.0.1:${server.address().port}`,
    };
    const own = await GatewayProcess.start({ settings: { ...secrets, ...settings }, log: () => undefined });
    return Object.assign(mailbox, { own, url: own.url.replace(/\/$/, ""), secret: secrets.SETUP_SECRET });
  }

  stop() {
    return this.own.stop();
  }

  signUp() {
    return Owner.signUp("Jane Doe", this.url, this.secret);
  }

  // The code of the last of so many mails to an address, and its link.
  async codeFor(email, count = 1) {
    const own = () => this.mails.filter(({ to }) => to.includes(email));
    await eventually(() => own().length === count);
    const [, link, code] = /(http\S+#code=(\w+))/.exec(own().at(-1).text);
    return { link, code };
  }
}

let shared;
export const mailbox = () => (shared ??= Mailbox.start());
