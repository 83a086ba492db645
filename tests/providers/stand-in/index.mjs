// A stand-in of the six payment providers (docs/contract/providers.md#6): a host for each on this machine, with one state in
// memory. It takes any well-formed key until a test says otherwise, and answers as the providers document it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "./host.mjs";
import { lemonsqueezy } from "./lemonsqueezy.mjs";
import { paddle } from "./paddle.mjs";
import { polar } from "./polar.mjs";
import { shopify } from "./shopify.mjs";
import { stripe } from "./stripe.mjs";
import { woocommerce } from "./woocommerce.mjs";
import { World } from "./world.mjs";

const PROVIDERS = [stripe, lemonsqueezy, polar, paddle, shopify, woocommerce];

// The variables that tell a gateway where the providers' APIs are. A WooCommerce shop is its own.
const BASES = { stripe: "STRIPE_API_BASE", lemonsqueezy: "LEMONSQUEEZY_API_BASE", polar: "POLAR_API_BASE", paddle: "PADDLE_API_BASE", shopify: "SHOPIFY_API_BASE" };

export class StandIn {
  // `secure`: each host is there over https too.
  static async start({ secure = false } = {}) {
    const standIn = new StandIn();
    const world = new World();
    const listen = (tls) => Promise.all(PROVIDERS.map((provider) => new Host(provider, world).listen(tls)));
    standIn.hosts = await listen();
    standIn.secureHosts = secure ? await listen(standIn.#certificate()) : [];
    return standIn;
  }

  // An authority that signs for itself, made anew each time; whoever trusts `certificateFile` trusts these hosts.
  #certificate() {
    this.folder = mkdtempSync(join(tmpdir(), "sluice-stand-in-"));
    const [key, certificate] = [join(this.folder, "key.pem"), join(this.folder, "certificate.pem")];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=stand-in"];
    execFileSync("openssl", ["req", "-x509", ...kind, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], { stdio: "pipe" });
    this.certificateFile = certificate;
    return { key: readFileSync(key), cert: readFileSync(certificate) };
  }

  #urls(hosts) {
    return Object.fromEntries(hosts.map(({ provider, url }) => [provider.name, url]));
  }

  get urls() {
    return this.#urls(this.hosts);
  }

  // What makes gateways ask this stand-in, in the environment of scripts/gateway.mjs: over https, since a gateway in production
  // takes no other address.
  environment() {
    const bases = Object.entries(this.#urls(this.secureHosts)).filter(([name]) => BASES[name]);
    return {
      SLUICE_PROVIDER_BASES: JSON.stringify(Object.fromEntries(bases.map(([name, url]) => [BASES[name], url]))),
      NODE_EXTRA_CA_CERTS: this.certificateFile,
    };
  }

  async stop() {
    await Promise.all([...this.hosts, ...this.secureHosts].map((host) => host.close()));
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}
