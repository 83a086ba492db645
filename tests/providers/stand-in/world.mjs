// What the stand-in knows: an account for each credential, with its objects, webhooks and misfortunes, and every request.

import { createHash } from "node:crypto";

const MOST_REQUESTS = 100_000;

export class Account {
  constructor(provider, key) {
    Object.assign(this, { provider, key, name: `credential-${digest(key)}` });
    this.id = undefined; // the provider's own id of the account, where it has one
    this.title = "Sluice Demo";
    this.isUnknown = false; // the key is refused
    this.isExpired = false;
    this.isFrozen = false; // Shopify: the shop is
    this.isTest = false;
    this.denied = new Set(); // permissions
    this.collections = new Map(); // kind → id → object
    this.sortings = new Map(); // a kind's objects in an order, until one changes
    this.webhooks = new Map();
    this.history = []; // of the webhooks: { what: "made" | "deleted" | "off", id, url, events, at }
    this.answers = new Map(); // exact targets of requests, and what is answered to them instead
    this.settings = {};
  }

  collection(kind) {
    if (!this.collections.has(kind)) this.collections.set(kind, new Map());
    return this.collections.get(kind);
  }

  put(kind, object, id = object.id) {
    this.collection(kind).set(String(id), object);
    this.sortings.clear();
    return object;
  }

  drop(kind, id) {
    this.sortings.clear();
    return this.collection(kind).delete(String(id));
  }

  get(kind, id) {
    return this.collection(kind).get(String(id));
  }

  all(kind) {
    return [...this.collection(kind).values()];
  }

  // All objects of a kind by a number or text of theirs, then by id, upwards.
  sorted(kind, by, valueOf) {
    const name = `${kind} by ${by}`;
    if (!this.sortings.has(name)) {
      const rows = this.all(kind).map((object, at) => ({ object, value: valueOf(object), at }));
      const less = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      rows.sort((a, b) => less(a.value, b.value) || (typeof a.object.id === "number" ? a.object.id - b.object.id : a.at - b.at));
      this.sortings.set(name, rows.map(({ object }) => object));
    }
    return this.sortings.get(name);
  }

  note(what, { id, url, events }) {
    this.history.push({ what, id, url, events, at: Date.now() });
  }
}

// What an account has from the beginning.
const NEW = {
  stripe: (account) => Object.assign(account, { id: `acct_${account.name.slice(-12)}`, isTest: account.key.includes("_test_") }),
  lemonsqueezy: (account) => Object.assign(account, { id: "1" }),
  paddle: (account) => Object.assign(account, { id: `seller_${account.name.slice(-12)}`, isTest: account.key.startsWith("pdl_sdbx_") }),
  shopify: (account) => Object.assign(account.settings, { shop: "sluice-demo.myshopify.com" }),
};

export class World {
  constructor() {
    this.accounts = new Map();
    this.faults = [];
    this.requests = [];
    this.tokens = new Map(); // Shopify's: token → { account, until }
    this.numbers = new Map();
  }

  // The account of a credential; one that is heard of for the first time is a new, empty account.
  account(provider, key) {
    const name = `${provider} ${key}`;
    if (!this.accounts.has(name)) {
      const account = new Account(provider, key);
      NEW[provider]?.(account);
      this.accounts.set(name, account);
    }
    return this.accounts.get(name);
  }

  // 1, 2, 3, … for each name.
  next(name) {
    this.numbers.set(name, (this.numbers.get(name) ?? 0) + 1);
    return this.numbers.get(name);
  }

  // The misfortune that meets a request, if one does; `times` of them are used up.
  fault(provider, account, method, target) {
    const meets = (fault) =>
      fault.provider === provider && (!fault.key || fault.key === account?.key) && (!fault.method || fault.method === method) &&
      (!fault.path || target.includes(fault.path));
    const found = this.faults.find(meets);
    if (!found) return undefined;
    if (found.skip > 0) {
      found.skip -= 1;
      return undefined;
    }
    found.times -= 1;
    if (found.times <= 0) this.faults.splice(this.faults.indexOf(found), 1);
    return found;
  }

  remember(request) {
    this.requests.push(request);
    if (this.requests.length > MOST_REQUESTS) this.requests.splice(0, MOST_REQUESTS / 10);
  }
}

export const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);
