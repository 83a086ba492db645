// The load of ingestion, in a process of its own: as bench/load.mjs (raw sockets, one request in flight on each
// connection), but every request is another visitor's pageview. `fork` it and send it a job:
//
//   { url, websites: [{ trackingId, host }], connections, seconds }

import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { PATHS, USER_AGENTS } from "./site-data.mjs";

const EMPTY_LINE = Buffer.from("\r\n\r\n");
const REFERRERS = ["null", '"https://www.google.com/"', '"https://t.co/"', '"https://news.ycombinator.com/"'];

process.on("message", async (job) => process.send(await run(job)));
process.on("disconnect", () => process.exit(0));

const any = (list) => list[Math.floor(Math.random() * list.length)];

function pageview({ trackingId, host }, server) {
  // The script's own words: docs/contract/website-api.md#5.2.
  const body =
    `{"websiteId":"${trackingId}","domain":"${host}","href":"https://${host}${any(PATHS)}","referrer":${any(REFERRERS)},` +
    `"viewport":{"width":1440,"height":790},"visitorId":"${randomUUID()}","sessionId":"s${randomUUID()}",` +
    `"type":"pageview","language":"en-US","timezone":"Europe/Berlin"}`;
  return (
    `POST /api/events HTTP/1.1\r\nhost: ${server}\r\ncontent-type: application/json\r\norigin: https://${host}\r\n` +
    `user-agent: ${any(USER_AGENTS)}\r\nx-website: ${trackingId}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

async function run({ url, websites, connections, seconds }) {
  const { hostname, port } = new URL(url);
  const latencies = [];
  const wrong = {};
  let [sent, taken] = [0, 0];
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      return new Promise((resolve, reject) => socket.once("connect", () => resolve(socket)).once("error", reject));
    }),
  );
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(sockets.map((socket) => new Promise((done) => drive(socket, done))));
  const { user, system } = process.cpuUsage(cpu);
  const elapsed = end - begin;
  return { latencies: Float64Array.from(latencies), wrong, sent, taken, elapsed, cpu: (user + system) / 1000 / elapsed };

  function drive(socket, done) {
    let sentAt = 0;
    let kept;
    const stop = (problem) => {
      if (problem) wrong[problem] = (wrong[problem] ?? 0) + 1;
      socket.removeAllListeners().on("error", () => {}).destroy();
      done();
    };
    // An answer that comes after the end is waited for, so that what is stored can be counted, but not measured.
    const send = () => {
      if (performance.now() >= end) return stop();
      sent++;
      const data = pageview(any(websites), `${hostname}:${port}`);
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
      const dropped = status === "200" && /\r\nx-sluice-dropped: (.*)\r\n/i.exec(answer.latin1Slice(0, size))?.[1];
      if (status !== "200" || dropped) {
        const problem = dropped ? `dropped: ${dropped}` : status;
        wrong[problem] = (wrong[problem] ?? 0) + 1;
      } else {
        taken++;
        if (now <= end) latencies.push(now - sentAt);
      }
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
