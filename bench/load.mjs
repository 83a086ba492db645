// The load generator, in a process of its own: raw sockets, one request in flight on each connection, and no more of HTTP
// than it takes to find the end of a response. `fork` it and send it a job of prepared requests or of pageviews:
//
//   { url, requests: [{ head, body, status }], connections, seconds | count, first }
//   { url, websites: [{ trackingId, domain }], connections, seconds | count }
//
// `head` is a request up to and without the empty line; a `#` in `body` becomes a number of 8 digits that starts at
// `first` and never repeats. Every pageview is of another visitor. The report has the latencies in milliseconds, how many
// requests were accepted, the unexpected responses, and what share of a core this process itself took.

import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { PATHS, USER_AGENTS } from "./site-data.mjs";

const EMPTY_LINE = Buffer.from("\r\n\r\n");
const REFERRERS = ["null", '"https://www.google.com/"', '"https://t.co/"', '"https://news.ycombinator.com/"'];
const any = (list) => list[Math.floor(Math.random() * list.length)];

process.on("message", async (job) => process.send(await run(job)));
process.on("disconnect", () => process.exit(0));

// Both kinds of jobs become `next`, which gives the turn's request: { data, problemIn }; the latter names what is wrong with a
// response, given its status, its bytes and its length.
function preparedRequests({ requests, first = 0 }, host) {
  let number = first;
  const prepared = requests.map(({ head, body = "", status: expected }) => {
    const length = body.replace("#", "00000000").length;
    const start = `${head}\r\nhost: ${host}\r\n${body ? `content-length: ${length}\r\n` : ""}\r\n`;
    const [before, after] = body.split("#");
    const problemIn = (status) => (status === expected ? undefined : status);
    if (after === undefined) return ((request) => () => request)({ data: Buffer.from(start + body), problemIn });
    return () => ({ data: start + before + String(number++).padStart(8, "0") + after, problemIn });
  });
  return { next: (turn) => prepared[turn % prepared.length](), numbered: () => number };
}

function pageviews({ websites }, host) {
  const problemIn = (status, answer, size) => {
    if (status !== "200") return status;
    const dropped = /\r\nx-sluice-dropped: (.*)\r\n/i.exec(answer.latin1Slice(0, size))?.[1];
    return dropped && `dropped: ${dropped}`;
  };
  const next = () => {
    const { trackingId, domain } = any(websites);
    // The script's own fields: docs/contract/website-api.md#5.2.
    const body =
      `{"websiteId":"${trackingId}","domain":"${domain}","href":"https://${domain}${any(PATHS)}","referrer":${any(REFERRERS)},` +
      `"viewport":{"width":1440,"height":790},"visitorId":"${randomUUID()}","sessionId":"s${randomUUID()}",` +
      `"type":"pageview","language":"en-US","timezone":"Europe/Berlin"}`;
    const data =
      `POST /api/events HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\norigin: https://${domain}\r\n` +
      `user-agent: ${any(USER_AGENTS)}\r\nx-website: ${trackingId}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    return { data, problemIn };
  };
  return { next, numbered: () => undefined };
}

async function run(job) {
  const { connections, seconds, count = Infinity } = job;
  const { hostname, port, host } = new URL(job.url);
  const { next, numbered } = job.requests ? preparedRequests(job, host) : pageviews(job, host);
  const latencies = [];
  const wrong = {};
  let [sent, accepted, bytes] = [0, 0, 0];
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
  const share = (user + system) / 1000 / elapsed;
  return { latencies: Float64Array.from(latencies), wrong, accepted, first: numbered(), elapsed, bytes, cpu: share };

  function drive(socket, turn, done) {
    let request;
    let sentAt = 0;
    let received; // the beginning of an incomplete response
    const stop = (problem) => {
      if (problem) wrong[problem] = (wrong[problem] ?? 0) + 1;
      socket.removeAllListeners().on("error", () => {}).destroy();
      done();
    };
    // A response that comes after the end is waited for, so that accepted requests can be counted, but not measured.
    const send = () => {
      if (sent >= count || performance.now() >= end) return stop();
      sent++;
      request = next(turn++);
      sentAt = performance.now();
      socket.write(request.data, "latin1");
    };
    socket.on("data", (chunk) => {
      const answer = received ? Buffer.concat([received, chunk]) : chunk;
      const size = sizeOf(answer);
      if (size === undefined || answer.length < size) return void (received = answer);
      received = undefined;
      const now = performance.now();
      const problem = request.problemIn(answer.latin1Slice(9, 12), answer, size);
      if (problem) {
        wrong[problem] = (wrong[problem] ?? 0) + 1;
      } else {
        accepted++;
        if (now <= end) latencies.push(now - sentAt);
      }
      bytes = answer.length;
      send();
    });
    socket.on("error", (error) => stop(error.code));
    socket.on("close", () => stop("closed"));
    send();
  }
}

// The length of the response at the start of `data`, or `undefined` while it cannot be known.
function sizeOf(data) {
  const headEnd = data.indexOf(EMPTY_LINE);
  if (headEnd < 0) return undefined;
  const head = data.latin1Slice(0, headEnd).toLowerCase();
  const at = head.indexOf("\r\ncontent-length: ");
  if (at >= 0) return headEnd + 4 + Number.parseInt(head.slice(at + 18), 10);
  const last = data.latin1Slice(Math.max(headEnd + 2, data.length - 7));
  return last.endsWith("\r\n0\r\n\r\n") ? data.length : undefined; // chunked
}
