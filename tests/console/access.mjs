// A gateway behind Cloudflare Access, whose team is here: its keys are made by Node, as is what it signs.

import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { SECRETS } from "../../scripts/config.mjs";
import { GatewayProcess } from "../../scripts/gateway-process.mjs";
import { Owner } from "./harness.mjs";

const AUDIENCE = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export const newKey = (modulusLength = 2048) => generateKeyPairSync("rsa", { modulusLength });

export class Team {
  keys = new Map([["k1", newKey()]]); // those that are published
  asked = 0; // how often they were
  isDown = false;

  static async start(more) {
    const team = new Team();
    const server = createServer((incoming, response) => {
      team.asked += 1;
      if (team.isDown || incoming.url !== "/cdn-cgi/access/certs") return response.writeHead(500).end();
      const keys = [...team.keys].map(([kid, { publicKey }]) => ({
        ...publicKey.export({ format: "jwk" }),
        kid,
        alg: "RS256",
        use: "sig",
      }));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
    });
    await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
    server.unref();
    team.issuer = `http://127.0.0.1:${server.address().port}`;
    const secrets = Object.fromEntries(Object.entries(SECRETS).map(([name, make]) => [name, make()]));
    const settings = {
      ENVIRONMENT: "development",
      RATE_LIMIT_PER_MINUTE: "1000000",
      ACCESS_TEAM_DOMAIN: team.issuer,
      ACCESS_AUD: AUDIENCE,
      ...more,
    };
    const own = await GatewayProcess.start({ settings: { ...secrets, ...settings }, log: () => undefined });
    return Object.assign(team, { url: own.url.replace(/\/$/, ""), secret: secrets.SETUP_SECRET });
  }

  signUp() {
    return Owner.signUp("Jane Doe", this.url, this.secret);
  }

  // What Access says of somebody; `claims` and `header` say it otherwise, `key` signs in place of the one that is named.
  assertion(email, { claims, header, key = this.keys.get(header?.kid ?? "k1") } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const said = {
      aud: [AUDIENCE],
      email,
      exp: now + 3600,
      iat: now,
      nbf: now,
      iss: this.issuer,
      type: "app",
      sub: "7335d417",
      country: "FR",
      ...claims,
    };
    const signed = `${base64url({ alg: "RS256", kid: "k1", typ: "JWT", ...header })}.${base64url(said)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), key.privateKey).toString("base64url")}`;
  }

  // As a page of the gateway sends it, on which Access has let somebody through.
  async enter(assertion, headers = { "cf-access-jwt-assertion": assertion }) {
    const response = await fetch(`${this.url}/api/v1/console/session`, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", "content-type": "application/json", ...headers },
      body: '{"access":true}',
    });
    const { data, error } = await response.json();
    return { status: response.status, row: data?.[0], message: error?.message, cookie: response.headers.get("set-cookie") };
  }
}

let shared;
export const team = () => (shared ??= Team.start());
