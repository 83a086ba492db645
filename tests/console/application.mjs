// An application of the tests: a page on this machine, at an origin of its own, that connects to the gateway's tools with the OAuth
// client of an official SDK. `finish` is how the SDK takes the answer.

import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../../scripts/lib.mjs";
import { gateway } from "./harness.mjs";

const SDKS = {
  "sdk 1": {
    imports: `import { Client } from "mcp-sdk-1/client/index.js";
      import { StreamableHTTPClientTransport } from "mcp-sdk-1/client/streamableHttp.js";`,
    finish: `transport.finishAuth(answer.get("code"))`,
  },
  "client 2": {
    imports: `import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";`,
    finish: `transport.finishAuth(answer)`,
  },
};

// What the SDK keeps is in the page's session storage: the way to the gateway and back leaves the page.
const script = ({ imports, finish }) => `
  ${imports}
  const kept = (name) => JSON.parse(sessionStorage.getItem(name) ?? "null") ?? undefined;
  const keep = (name) => (value) => sessionStorage.setItem(name, JSON.stringify(value));
  const provider = {
    redirectUrl: location.origin + "/cb",
    clientMetadata: {
      client_name: "Test agent", redirect_uris: [location.origin + "/cb"], grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"], token_endpoint_auth_method: "none",
    },
    state: () => "state-1",
    clientInformation: () => kept("client"), saveClientInformation: keep("client"),
    tokens: () => kept("tokens"), saveTokens: keep("tokens"),
    codeVerifier: () => kept("verifier"), saveCodeVerifier: keep("verifier"),
    discoveryState: () => kept("discovery"), saveDiscoveryState: keep("discovery"),
    invalidateCredentials: (what) => sessionStorage.removeItem(what),
    redirectToAuthorization: (url) => location.assign(url),
  };
  const at = kept("at") ?? new URLSearchParams(location.search).get("at");
  keep("at")(at);
  const make = () => new StreamableHTTPClientTransport(new URL(at), { authProvider: provider });
  const show = (text) => { document.querySelector("output").value = text; };
  globalThis.connect = async () => {
    const client = new Client({ name: "test-agent", version: "1" });
    await client.connect(make());
    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: "datafast_websites_list", arguments: {} });
    return { tools: tools.map(({ name }) => name), websites: structuredContent?.data?.map(({ domain }) => domain) };
  };
  const answer = new URLSearchParams(location.search);
  try {
    if (answer.has("error")) show("refused: " + answer.get("error"));
    else {
      if (answer.has("code")) {
        const transport = make();
        await ${finish};
      }
      show("connected: " + JSON.stringify(await connect()));
    }
  } catch (error) {
    show(error.name + ": " + error.message);
  }`;

export const SDK_NAMES = Object.keys(SDKS);

// Serves the application; `url` is its page.
export async function application(sdk) {
  const contents = script(SDKS[sdk]);
  const options = { bundle: true, write: false, format: "esm", platform: "browser", logLevel: "silent" };
  const { outputFiles } = await build({ stdin: { contents, resolveDir: join(ROOT) }, ...options });
  const server = createServer((request, response) => {
    const isScript = request.url === "/app.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript
        ? outputFiles[0].text
        : '<!doctype html><title>Test agent</title><link rel="icon" href="data:,"><output></output><script type="module" src="/app.js"></script>',
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

// An application with this address that asks.
export async function asks(redirect_uri, more = {}, client_name = "<b>Agent</b>\u202e") {
  const body = JSON.stringify({ client_name, redirect_uris: [redirect_uri] });
  const { client_id } = await (await fetch(new URL("/oauth/register", gateway), { method: "POST", body })).json();
  const query = {
    client_id,
    redirect_uri,
    response_type: "code",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    state: "s",
    ...more,
  };
  return `/console/authorize?${new URLSearchParams(query)}`;
}
