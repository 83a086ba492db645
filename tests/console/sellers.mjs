// Sellers at payment providers, which the stand-in plays (tests/providers), and their connections.

import assert from "node:assert/strict";
import { Told } from "../providers/told.mjs";
import { eventually } from "./harness.mjs";

const told = Told.given();
export const shop = told.urls.woocommerce;

const tag = () => crypto.randomUUID().replaceAll("-", "").slice(0, 26);
const MADE = {
  stripe: () => `rk_live_${tag()}`,
  lemonsqueezy: () => `lemon${tag()}`,
  paddle: () => `pdl_live_apikey_${tag()}_secret_abc`,
  woocommerce: () => `ck_${tag()}`,
};
const BODY = {
  stripe: (key) => ({ stripeRak: key }),
  lemonsqueezy: (key) => ({ lemonsqueezyApiKey: key, lemonsqueezyStoreId: "12345" }),
  paddle: (key) => ({ paddleApiKey: key }),
  woocommerce: (key) => ({ storeUrl: shop, consumerKey: key, consumerSecret: key.replace("ck_", "cs_") }),
};
export const SECRET = "whsec_manual";

// An account at a provider; `key` opens it.
export class Seller {
  constructor(provider = "stripe") {
    Object.assign(this, { provider, key: MADE[provider]() });
    this.account = told.account(provider, this.key);
  }

  #path(website) {
    return `/api/v1/admin/websites/${website.id}/integrations/${this.provider}`;
  }

  status(owner, website) {
    return owner.api.row("GET", this.#path(website));
  }

  // Connects it, and waits until nothing is done any more; its events are signed with a secret that was given by hand.
  async connect(owner, website) {
    await owner.api.json("POST", this.#path(website), BODY[this.provider](this.key));
    await owner.api.json("PUT", `${this.#path(website)}/webhook`, { secret: SECRET });
    const entry = await eventually(async () => {
      const found = await this.status(owner, website);
      return found.state === "connected" && found;
    });
    this.url = entry.webhookUrl;
    return this;
  }

  // Something happens, which the provider posts.
  async posts(type, object, order = {}) {
    const { attempts } = await this.account.happen(type, object, { url: this.url, secret: SECRET, ...order });
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [200],
    );
  }

  // The same; answers the event once it was worked on.
  async happens(owner, website, type, object, order = {}) {
    const known = await this.events(owner, website);
    await this.posts(type, object, order);
    return eventually(async () => {
      const events = await this.events(owner, website);
      return events.find(
        ({ id, state, attempts }) => !known.some((one) => one.id === id) && (state !== "received" || attempts > 0),
      );
    });
  }

  events(owner, website) {
    return owner.api.rows("GET", `${this.#path(website)}/events`);
  }
}
