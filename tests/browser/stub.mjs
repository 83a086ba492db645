// A stub of the gateway with the routes that the browser's side of the tests needs. It serves freshly built scripts, accepts
// every event, and has no reports.

import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "../../tracker/build.mjs";

export async function startStub() {
  const scripts = mkdtempSync(join(tmpdir(), "sluice-scripts-"));
  await build(scripts);
  const visitorId = randomUUID(); // every cookieless visitor comes from this machine, so there is one
  const id = () => randomBytes(12).toString("hex");

  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { method, url } = request;
    response.setHeader("access-control-allow-origin", "*");
    const json = (value) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    const answer = (data) => json({ status: "success", data: [data] });

    if (method === "GET" && url.startsWith("/js/")) {
      return response.setHeader("content-type", "text/javascript").end(readFileSync(join(scripts, basename(url))));
    }
    if (method === "OPTIONS") {
      response.setHeader("access-control-allow-headers", "content-type");
      return response.writeHead(204).end();
    }
    if (url === "/api/events") return json(JSON.parse(Buffer.concat(chunks)).cookieless ? { visitorId } : {});
    if (url === "/api/v1/setup") return answer({ key: `dft_${id()}` });
    if (url === "/api/v1/admin/websites") return answer({ websiteId: id(), trackingId: `dfid_${id()}` });
    if (method === "PUT") return answer({});
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close().closeAllConnections();
      rmSync(scripts, { recursive: true });
    },
  };
}
