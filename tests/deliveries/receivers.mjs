// Customers' servers: each records its requests and answers as the test chooses.
//
// Every request is checked at once against the wire format (docs/contract/automation.md#webhook-endpoints;
// Standard Webhooks 1.0.0) and verified by the libraries that customers use: a signature is valid for five minutes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { toolEnv } from "../../scripts/lib.mjs";

export const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/;

// The findings on all requests; run.mjs checks them at the end.
export const traffic = { requests: 0, malformed: [], standardwebhooks: [], svix: [] };

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// An answer is given the request and node's response.
export const status = (code, body = "", headers = {}) => (_, response) => response.writeHead(code, headers).end(body);
export const ok = status(200, "thank you");
export const hang = () => {};
export const reset = (_, response) => response.socket.resetAndDestroy();
export const after = (ms, answer) => (request, response) => setTimeout(() => answer(request, response), ms);
// The responses to the first arrival of a message, the second …; the last one applies to all further arrivals.
export const inTurn = (...answers) => (request, response) => (answers[request.time - 1] ?? answers.at(-1))(request, response);

// ── Receivers ────────────────────────────────────────────────────────────────────────────────────────────────────────

const receivers = new Map();

const server = createServer(async (incoming, response) => {
  const receiver = receivers.get(incoming.url.slice(1));
  const chunks = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return; // the gateway was killed while it was sending
  }
  if (!receiver) return response.writeHead(404).end();
  const { method, headers } = incoming;
  const body = Buffer.concat(chunks).toString("utf8");
  const id = headers["webhook-id"];
  const request = { at: Date.now(), method, headers, body, id, time: receiver.requests.filter((one) => one.id === id).length + 1 };
  try {
    request.json = JSON.parse(body);
  } catch {} // judged below
  response.on("close", () => (request.over = true)); // answered, or the gateway has hung up
  receiver.requests.push(request);
  inspect(receiver, request);
  receiver.answer(request, response);
});
// A connection that is closed just when it is used again would look like a failure of the gateway's.
Object.assign(server, { keepAliveTimeout: 600_000, requestTimeout: 0, headersTimeout: 0 });
await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

export class Receiver {
  requests = []; // those that came whole: {at, method, headers, body, json, id, time}
  secrets = []; // any of which may have signed

  constructor(answer = ok) {
    this.answer = answer;
    this.path = randomBytes(8).toString("hex");
    this.url = `${origin}/${this.path}`;
    receivers.set(this.path, this);
  }

  // Messages in the order of their first arrival.
  get ids() {
    return [...new Set(this.requests.map((request) => request.id))];
  }

  of(type) {
    return this.requests.filter((request) => request.json?.type === type);
  }

  goals(name) {
    return this.of("goal.completed").filter((request) => request.json.data.goalName === name);
  }
}

// A port without a listener. `open` makes the receiver listen there.
export async function deadPort(receiver) {
  const probe = createTcpServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return {
    url: `http://127.0.0.1:${port}/${receiver?.path ?? ""}`,
    open() {
      const late = createServer((request, response) => server.emit("request", request, response));
      late.keepAliveTimeout = 600_000;
      others.push(late);
      return new Promise((resolve) => late.listen(port, "127.0.0.1", resolve));
    },
  };
}

const others = [];

export function stopReceivers() {
  for (const one of [server, ...others]) one.close().closeAllConnections();
}

// ── Judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function inspect(receiver, { at, method, headers, body, json, id }) {
  traffic.requests += 1;
  try {
    assert.equal(method, "POST");
    assert.match(id ?? "", /^[A-Za-z0-9_-]{1,100}$/, "webhook-id: a dot would make what is signed ambiguous");
    assert.match(headers["webhook-timestamp"] ?? "", /^\d{10}$/, "webhook-timestamp: whole seconds");
    const late = at / 1000 - Number(headers["webhook-timestamp"]);
    assert.ok(late > -5 && late < 30, `webhook-timestamp is the attempt's, not of ${late} s ago`);
    assert.match(headers["webhook-signature"] ?? "", /^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$/, "webhook-signature");
    assert.match(headers["content-type"] ?? "", /^application\/json(; ?charset=utf-8)?$/i, "content-type");
    assert.match(headers["user-agent"] ?? "", /sluice/i, "user-agent");
    assert.ok(json, "the body is JSON");
    assert.deepEqual(Object.keys(json).sort(), ["data", "timestamp", "type"]);
    assert.match(json.type, /^[a-z_]+\.[a-z_]+$/);
    assert.match(json.timestamp, MOMENT);
    assert.match(json.data.websiteId, /^[0-9a-f]{24}$/);
  } catch (error) {
    traffic.malformed.push(`${id}: ${error.message} ${body.slice(0, 200)}`);
  }
  verify(receiver.secrets, { headers, body }, traffic);
}

// One of the secrets verifies it, says each library.
function verify(secrets, { headers, body }, findings) {
  const signed = Object.fromEntries(["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [name, headers[name]]));
  for (const [name, Library] of [["standardwebhooks", StandardWebhook], ["svix", SvixWebhook]]) {
    if (!secrets.some((secret) => isSignedWith(secret, { headers: signed, body }, Library))) {
      findings[name].push(`${headers["webhook-id"]}, by none of ${secrets.length} secrets`);
    }
  }
  python.stdin.write(`${JSON.stringify({ secrets, headers: signed, body })}\n`);
}

export function isSignedWith(secret, { headers, body }, Library = StandardWebhook) {
  try {
    new Library(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}

// The library for Python runs in a separate process, in the environment that `scripts/setup tests` made.
const python = spawn("python3", [fileURLToPath(new URL("verify.py", import.meta.url))], { env: toolEnv, stdio: ["pipe", "pipe", "pipe"] });
const pythonResult = new Promise((resolve) => {
  let [output, errors] = ["", ""];
  python.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  python.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  python.on("error", (error) => resolve({ errors: error.message }));
  python.on("close", () => resolve({ output, errors }));
});
python.stdin.on("error", () => {}); // it did not start; its error is shown

export async function pythonVerdict() {
  python.stdin.end();
  const { output, errors } = await pythonResult;
  if (!output) throw new Error(`verify.py: ${errors}\nRun it as \`scripts/run node tests/deliveries/run.mjs\`, after \`scripts/setup tests\`.`);
  return JSON.parse(output);
}
