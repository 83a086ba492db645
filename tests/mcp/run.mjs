// The tools of /api/mcp, driven by the protocol's official clients in both eras, and by its conformance suite
// (docs/contract/mcp.md#7).
//
//   scripts/run node scripts/with-gateways.mjs -- node tests/mcp/run.mjs           everything
//   scripts/run node scripts/with-gateways.mjs -- node tests/mcp/run.mjs "sdk 1"   the checks whose name contains this

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { Client as Client1 } from "mcp-sdk-1/client/index.js";
import { StreamableHTTPClientTransport as Transport1 } from "mcp-sdk-1/client/streamableHttp.js";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { ROOT, run } from "../../scripts/lib.mjs";
import { check, conclude, isWanted } from "../harness/checks.mjs";
import { Gateway } from "../harness/gateway.mjs";

const VISITOR = "1d7aca88-0f2a-4f4b-8f4e-5f1c1c1d2a3b";
const CLIENT = { name: "sluice-test", version: "1" };
const gateway = await Gateway.given().signUp(`mcp-${Date.now()}@example.com`);
const website = await gateway.website();
const line = (more) => ({ timestamp: "2026-06-01T10:00:00Z", type: "pageview", visitorId: VISITOR, sessionId: "s", href: `https://${website.domain}/docs`, ...more });
const lines = [line({ id: "a" }), line({ id: "b", type: "custom", extraData: { eventName: "signup", plan: "pro" } })];
await gateway.json("POST", `${website.path}/import`, lines.map((one) => JSON.stringify(one)).join("\n"), { "content-type": "application/x-ndjson" });
const funnel = await gateway.row("POST", `${website.path}/funnels`, {
  name: "Sign-up",
  steps: [
    { name: "a", type: "pageview", url: "/docs" },
    { name: "b", type: "goal", goalName: "signup" },
  ],
});
const webhook = await gateway.row("POST", `${website.path}/webhooks`, { url: "http://127.0.0.1:9/" });
const { deliveryId } = await gateway.row("POST", `${website.path}/webhooks/${webhook._id}/test`, {});

// The arguments that a tool cannot do without.
const NEEDED = {
  analytics_breakdown: { dimension: "pages" },
  analytics_goal_properties: { eventName: "signup" },
  funnels_results: { funnelId: funnel._id },
  visitors_get: { visitorId: VISITOR },
  alerts_preview: { trigger: { goalName: "signup" } },
  webhooks_deliveries: { webhookId: webhook._id },
  webhooks_delivery_get: { webhookId: webhook._id, deliveryId },
};

const url = new URL("/api/mcp", gateway.url);
const requestInit = { headers: { authorization: `Bearer ${gateway.token}` } };
const clients = {
  "client 2, with a handshake": () => [new Client(CLIENT), new StreamableHTTPClientTransport(url, { requestInit }), "2025-11-25"],
  "client 2, stateless": () => [new Client(CLIENT, { versionNegotiation: { mode: "auto" } }), new StreamableHTTPClientTransport(url, { requestInit }), "2026-07-28"],
  "sdk 1": () => [new Client1(CLIENT), new Transport1(url, { requestInit }), "2025-11-25"],
};

const test = async (name, body) => isWanted(name) && (await check(name, body));

for (const [name, make] of Object.entries(clients)) {
  await test(`${name}: connects, lists, calls every tool that only reads, and is refused in words`, async () => {
    const [client, transport, version] = make();
    await client.connect(transport);
    const spoken = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion;
    assert.equal(spoken, version);
    assert.equal(client.getServerVersion().name, "sluice");
    const { tools } = await client.listTools();
    const readOnly = tools.filter(({ annotations }) => annotations.readOnlyHint);
    assert.ok(readOnly.length > 25, `${readOnly.length} tools only read`);
    for (const tool of readOnly) {
      const own = NEEDED[tool.name.replace("datafast_", "")] ?? {};
      const named = tool.inputSchema.properties.websiteId ? { websiteId: website.domain } : {};
      // The client checks the answer against the tool's output schema.
      const result = await client.callTool({ name: tool.name, arguments: { ...named, ...own } });
      assert.ok(!result.isError, `${tool.name}: ${result.content[0].text}`);
      assert.equal(result.structuredContent.status, "success", tool.name);
      assert.ok(result.content[0].text.endsWith(JSON.stringify(result.structuredContent)) || result.content[0].text.includes('"status"'), tool.name);
    }
    const asked = await client.callTool({ name: "datafast_webhooks_delete", arguments: { websiteId: website.id, webhookId: webhook._id } });
    assert.equal(asked.structuredContent.status, "preview");
    const refused = await client.callTool({ name: "datafast_funnels_results", arguments: { websiteId: website.id, funnelId: "x" } });
    assert.ok(refused.isError && refused.content[0].text.startsWith("funnelId:"), refused.content[0].text);
    await assert.rejects(client.callTool({ name: "datafast_zebra", arguments: {} }), (error) => error.code === -32602);
    await client.close();
    return `${tools.length} tools, ${readOnly.length} called`;
  });

  await test(`${name}: a wrong token is a 401 that the client reports`, async () => {
    const [client] = make();
    const Transport = client instanceof Client1 ? Transport1 : StreamableHTTPClientTransport;
    await assert.rejects(client.connect(new Transport(url, { requestInit: { headers: { authorization: "Bearer dft_zebra" } } })), /401|Unauthorized|token/i);
  });
}

// The suite knows no tokens. The name that it asks for goes on as it is.
const withToken = createServer((incoming, answer) => {
  const headers = { ...incoming.headers, ...requestInit.headers };
  const outgoing = request(url, { method: incoming.method, headers }, (answered) => {
    answer.writeHead(answered.statusCode, answered.headers);
    answered.pipe(answer);
  });
  outgoing.on("error", () => answer.destroy());
  incoming.pipe(outgoing);
});
await new Promise((resolve) => withToken.listen(0, "127.0.0.1", resolve));
const suite = join(ROOT, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
for (const scenario of ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"]) {
  await test(`conformance: ${scenario}`, async () => {
    const address = `http://localhost:${withToken.address().port}/mcp`;
    const { code, output } = await run(["node", suite, "server", "--url", address, "--scenario", scenario], { quiet: true });
    assert.equal(code, 0, output);
  });
}
withToken.close();

process.exit(conclude() ? 0 : 1);
