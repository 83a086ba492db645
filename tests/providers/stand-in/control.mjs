// What tests tell the stand-in: POST /__control on any of the six hosts, `{"do": …, "provider": …, "key": …, …}`.

import { digest } from "./world.mjs";
import { ENVELOPES, post } from "./delivery.mjs";
import { load } from "./objects.mjs";

export async function control(world, order) {
  const action = ACTIONS[order.do];
  if (!action) return { status: 400, json: { error: `do: expected one of ${Object.keys(ACTIONS).join(", ")}, got ${order.do}` } };
  const account = order.provider && order.key && world.account(order.provider, order.key);
  return { status: 200, json: (await action(world, account, order)) ?? {} };
}

const ACTIONS = {
  // What the account is like: { id, title, isUnknown, isExpired, isFrozen, isTest, denied: […], settings: {…} }.
  account(world, account, { id, title, isUnknown, isExpired, isFrozen, isTest, denied, settings }) {
    const given = { id, title, isUnknown, isExpired, isFrozen, isTest };
    for (const [name, value] of Object.entries(given)) if (value !== undefined) account[name] = value;
    if (denied) account.denied = new Set(denied);
    Object.assign(account.settings, settings);
    return { id: account.id, name: account.name };
  },

  // The tokens of a shop end, after so many more uses.
  revoke(world, account, { after = 0 }) {
    for (const grant of world.tokens.values()) if (grant.account === account) grant.uses = after;
  },

  // Objects: `objects` as { kind: […] }, `samples` by provider's names, or made of a `seed`, `size` of them.
  load: (world, account, order) => load(account, order),

  drop(world, account, { kind, id }) {
    return { dropped: account.drop(kind, id) };
  },

  // Lays down an answer to exactly one target, "GET /v1/charges/ch_1": { target, status, json }.
  answer(world, account, { target, ...answer }) {
    account.answers.set(target, { status: 200, ...answer });
  },

  // A misfortune for the next `times` requests (after `skip` of them): { how, times, skip, path, method, retryAfter, ms, to, bytes }.
  // How: limit, broken, html, page, cut, silence, huge, redirect, foreign-next, repeat, status.
  misbehave(world, account, { do: _, times = 1, ...fault }) {
    world.faults.push({ times, skip: 0, ...fault });
  },

  behave(world, account, { provider }) {
    world.faults = world.faults.filter((fault) => provider && fault.provider !== provider);
  },

  // Something happens: kept for those who ask for events, and posted (see delivery.mjs), unless `silently`.
  async happen(world, account, order) {
    if (account.provider === "stripe" && order.object) {
      const at = order.at ?? Math.floor(Date.now() / 1000);
      const event = ENVELOPES.stripe({ ...order, at, isTest: order.isTest ?? account.isTest });
      account.put("event", event);
      Object.assign(order, { id: event.id, body: order.body ?? JSON.stringify(event) });
    }
    return { id: order.id, attempts: order.silently ? [] : await post(account, order) };
  },

  // The webhooks that are there, without secrets unless asked for, and those that were.
  webhooks(world, account, { secrets = false }) {
    const hidden = ({ secret, endpoint_secret_key, ...webhook }) => (secrets ? { ...webhook, secret: secret ?? endpoint_secret_key } : webhook);
    return { webhooks: [...account.webhooks.values()].map(hidden), history: account.history };
  },

  change(world, account, { id, fields }) {
    return Object.assign(account.webhooks.get(id), fields);
  },

  // The requests of an account, or all: { requests: […], perSecond } since a moment.
  requests(world, account, { provider, key, since = 0, path = "" }) {
    const name = key && `credential-${digest(key)}`;
    const chosen = world.requests.filter((one) => one.at >= since && (!provider || one.provider === provider) && (!name || one.account === name) && one.path.includes(path));
    return { requests: chosen, perSecond: busiest(chosen.map(({ at }) => at)) };
  },

  forget(world) {
    world.requests = [];
  },

  now: () => ({ now: Date.now() }),
};

// The most requests within any second.
function busiest(times) {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to += 1) {
    while (times[to] - times[from] >= 1000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
