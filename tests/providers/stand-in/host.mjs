// One of the six hosts: reads a request, finds whose it is, lets it meet a misfortune, and answers what the provider would.

import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { control } from "./control.mjs";

const SILENCE_MS = 30_000;
const HUGE_BYTES = 20 * 1024 * 1024;
const CREDENTIALS = ["authorization", "x-shopify-access-token", "cookie"];
const SECRET_NAMES = /("(?:client_secret|secret|consumer_secret)":\s*")[^"]*/g;

export class Host {
  constructor(provider, world) {
    Object.assign(this, { provider, world });
  }

  // `tls` is a certificate and its key; without it the host speaks plain HTTP.
  async listen(tls) {
    const take = (request, response) => this.#take(request, response).catch((error) => this.#fail(response, error));
    this.server = tls ? createTlsServer(tls, take) : createServer(take);
    this.server.keepAliveTimeout = 60_000;
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `${tls ? "https" : "http"}://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url, this.url);
    if (url.pathname === "/__control") return send(response, await control(this.world, JSON.parse(body || "{}")));

    const { provider, world } = this;
    const asked = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers, body, origin: this.url };
    const { account, refusal } = provider.identify(asked, world);
    const fault = world.fault(provider.name, account, asked.method, request.url);
    asked.fault = fault?.how;
    const answer = ruined(fault, asked, provider) ?? refusal ?? given(account, asked) ?? (await provider.answer(asked, account, world));
    world.remember({
      at: Date.now(), provider: provider.name, account: account?.name, method: asked.method, path: asked.path, query: cutQuery(asked.query),
      headers: cut(asked.headers), body: body.replace(SECRET_NAMES, "$1…"), status: answer.status ?? 0, fault: fault?.how,
    });
    await send(response, answer);
  }

  #fail(response, error) {
    console.error(`stand-in of ${this.provider.name}:`, error);
    if (!response.headersSent) send(response, { status: 599, json: { standIn: String(error.stack ?? error) } });
  }
}

// What is answered instead, when a misfortune of the connection or of the server meets the request.
function ruined(fault, asked, provider) {
  switch (fault?.how) {
    case "limit":
      return provider.limited(fault.retryAfter);
    case "broken":
      return provider.broken();
    case "html":
      return { status: 502, headers: { "content-type": "text/html" }, text: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>" };
    case "page":
      return { status: 200, headers: { "content-type": "text/html" }, text: "<!doctype html><title>Just a moment…</title>" };
    case "cut":
      return { how: "cut" };
    case "silence":
      return { how: "silence", ms: fault.ms ?? SILENCE_MS };
    case "huge":
      return { how: "huge", bytes: fault.bytes ?? HUGE_BYTES, status: 200 };
    case "redirect":
      return { status: fault.status ?? 301, headers: { location: fault.to ?? `https://elsewhere.example${asked.path}` }, text: "" };
    case "status":
      return { status: fault.status, headers: fault.headers, json: fault.json ?? {} };
    default: // "foreign-next" and "repeat" are for the page itself
      return undefined;
  }
}

// What a test has laid down for exactly this target.
function given(account, { method, path, query }) {
  if (!account || account.answers.size === 0) return undefined;
  const target = decodeURIComponent(`${method} ${path}${query.size ? `?${query}` : ""}`);
  return account.answers.get(target) ?? account.answers.get(target.split("?")[0]);
}

async function send(response, { status, headers = {}, json, text, how, ms, bytes }) {
  if (how === "cut") return response.socket.destroy();
  if (how === "silence") {
    setTimeout(() => response.socket?.destroy(), ms).unref();
    return;
  }
  if (how === "huge") return sendHuge(response, bytes);
  const body = json === undefined ? text : JSON.stringify(json);
  const type = json === undefined ? {} : { "content-type": "application/json; charset=utf-8" };
  response.writeHead(status, { ...type, ...headers });
  response.end(status === 204 ? undefined : body);
}

// JSON that goes on and on, and does not say how long.
function sendHuge(response, bytes) {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"data":"');
  const piece = "x".repeat(64 * 1024);
  let left = bytes;
  const more = () => {
    while (left > 0) {
      left -= piece.length;
      if (!response.write(piece)) return void response.once("drain", more);
    }
    response.end('"}');
  };
  response.on("error", () => {});
  more();
}

// Headers as they may be kept: of credentials the first characters.
function cut(headers) {
  const kept = { ...headers };
  for (const name of CREDENTIALS.filter((name) => kept[name])) kept[name] = `${kept[name].slice(0, 14)}…`;
  return kept;
}

function cutQuery(query) {
  const kept = Object.fromEntries(query);
  for (const name of ["consumer_key", "consumer_secret"].filter((name) => kept[name])) kept[name] = `${kept[name].slice(0, 5)}…`;
  return kept;
}

// ── What the providers share ─────────────────────────────────────────────────────────────────────────────────────────

// Finds the handler of a request in a table of [method, path with :names, handler] and calls it with what the names stand for.
export function route(table, asked, ...rest) {
  for (const [method, pattern, handler] of table) {
    if (method !== asked.method) continue;
    const names = [];
    const source = pattern.replace(/:(\w+)/g, (_, name) => (names.push(name), "([^/]+)"));
    const found = asked.path.match(new RegExp(`^${source}$`));
    if (found) return handler(Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1])])), asked, ...rest);
  }
  return undefined;
}

// A page as it is sent: at times its first object comes twice.
export const page = (items, { fault }) => (fault === "repeat" && items.length > 0 ? [items[0], ...items] : items);

// A link as it is sent: at times it leads to another host.
export const link = (url, { fault }) => (fault === "foreign-next" ? url.replace(/^https?:\/\/[^/]+/, "https://attacker.example") : url);

export const bearer = ({ headers }) => headers.authorization?.match(/^bearer (.+)$/i)?.[1];

export const uuid = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

// JSON of a body, or `undefined`.
export function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
