// A customer's server and a mail service, in a process of its own: answers 200 to everything and remembers when it came.
// `fork` it; it says { url } once it listens. What is sent to URL/NAME/… is kept under NAME. Then send it jobs:
//
//   { name, count, patience }
//
// Each is answered as soon as `count` different messages have come to NAME, or after `patience` milliseconds, and a moment
// for those that come twice: { name, arrivals: [{ at, id, body }], cpu }. `at` is in milliseconds by the clock that all
// processes share, `cpu` what share of a core this one took. Reported arrivals are forgotten.

import { createServer } from "node:http";

// The same in every process, and it only goes forward.
const now = () => Number(process.hrtime.bigint()) / 1e6;
const GRACE_MS = 300;

const boxes = new Map(); // by name: { arrivals, ids, enough }
const box = (name) => boxes.get(name) ?? boxes.set(name, { arrivals: [], ids: new Set() }).get(name);

const server = createServer((request, response) => {
  const at = now();
  const { url, headers } = request;
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(200, { "content-length": 2 }).end("ok");
    const { arrivals, ids, count, enough } = box(url.split("/")[1]);
    const id = headers["webhook-id"] ?? headers["idempotency-key"];
    arrivals.push({ at, id, body: Buffer.concat(chunks).toString("utf8") });
    ids.add(id);
    if (ids.size >= count) enough();
  });
});
// A connection that is closed just when it is used again would look like a failure of the gateway's.
Object.assign(server, { keepAliveTimeout: 600_000, requestTimeout: 0, headersTimeout: 0 });
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));

process.on("message", async ({ name, count, patience }) => {
  const [cpu, began] = [process.cpuUsage(), now()];
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, patience);
    const enough = () => (clearTimeout(timer), resolve());
    Object.assign(box(name), { count, enough });
    if (box(name).ids.size >= count) enough();
  });
  const { user, system } = process.cpuUsage(cpu);
  const taken = (user + system) / 1000 / (now() - began);
  await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
  const { arrivals } = box(name);
  boxes.delete(name);
  process.send({ name, arrivals, cpu: taken });
});
process.on("disconnect", () => process.exit(0));
