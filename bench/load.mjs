// The load generator, in a process of its own: raw sockets, prepared requests, one in flight on each connection, and
// no more of HTTP than it takes to find an answer's end. `fork` it and send it a job:
//
//   { url, requests: [{ head, body, status }], connections, seconds | count, first }
//
// `head` is a request up to and without the empty line; a `#` in `body` becomes a number of 8 digits that starts at
// `first` and never repeats. The report has the latencies in milliseconds, the answers of an unexpected status, and
// what share of a core this process itself took.

import { connect } from "node:net";

const EMPTY_LINE = Buffer.from("\r\n\r\n");

process.on("message", async (job) => process.send(await run(job)));
process.on("disconnect", () => process.exit(0));

async function run({ url, requests, connections, seconds, count = Infinity, first = 0 }) {
  const { hostname, port } = new URL(url);
  const prepared = requests.map(({ head, body = "", status }) => {
    const length = body.replace("#", "00000000").length;
    const start = `${head}\r\nhost: ${hostname}:${port}\r\n${body ? `content-length: ${length}\r\n` : ""}\r\n`;
    const [before, after] = body.split("#");
    if (after === undefined) return { status, next: ((whole) => () => whole)(Buffer.from(start + body)) };
    return { status, next: () => start + before + String(first++).padStart(8, "0") + after };
  });

  const latencies = [];
  const wrong = {};
  let sent = 0;
  let bytes = 0;
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      return new Promise((resolve, reject) => socket.once("connect", () => resolve(socket)).once("error", reject));
    }),
  );

  const cpu = process.cpuUsage();
  const begin = performance.now();
  const end = begin + (seconds ?? 3600) * 1000;
  await Promise.all(sockets.map((socket, lane) => new Promise((done) => drive(socket, lane, done))));
  const elapsed = seconds === undefined ? performance.now() - begin : end - begin;
  const { user, system } = process.cpuUsage(cpu);
  return { latencies: Float64Array.from(latencies), wrong, first, elapsed, bytes, cpu: (user + system) / 1000 / elapsed };

  function drive(socket, turn, done) {
    let request;
    let sentAt = 0;
    let kept; // what has come of an answer, while it is not whole
    const stop = (problem) => {
      if (problem) wrong[problem] = (wrong[problem] ?? 0) + 1;
      socket.removeAllListeners().on("error", () => {}).destroy();
      done();
    };
    const send = () => {
      if (sent >= count || performance.now() >= end) return stop();
      sent++;
      request = prepared[turn++ % prepared.length];
      const data = request.next();
      sentAt = performance.now();
      socket.write(data, "latin1");
    };
    socket.on("data", (chunk) => {
      const answer = kept ? Buffer.concat([kept, chunk]) : chunk;
      const size = sizeOf(answer);
      if (size === undefined || answer.length < size) return void (kept = answer);
      kept = undefined;
      const now = performance.now();
      const status = answer.latin1Slice(9, 12);
      if (status !== request.status) wrong[status] = (wrong[status] ?? 0) + 1;
      else if (now <= end) latencies.push(now - sentAt);
      bytes = answer.length;
      send();
    });
    socket.on("error", (error) => stop(error.code));
    socket.on("close", () => stop("closed"));
    send();
  }
}

// How long the answer at the start of `data` is; `undefined` while that cannot be told.
function sizeOf(data) {
  const headEnd = data.indexOf(EMPTY_LINE);
  if (headEnd < 0) return undefined;
  const head = data.latin1Slice(0, headEnd).toLowerCase();
  const at = head.indexOf("\r\ncontent-length: ");
  if (at >= 0) return headEnd + 4 + Number.parseInt(head.slice(at + 18), 10);
  const last = data.latin1Slice(Math.max(headEnd + 2, data.length - 7));
  return last.endsWith("\r\n0\r\n\r\n") ? data.length : undefined; // chunked
}
