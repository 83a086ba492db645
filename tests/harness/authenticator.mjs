// An authenticator in software, and the part of a browser beside it: makes a passkey, and signs in with it. For tests that say of
// each part of an answer what becomes of it; the browser's own is in tests/console/passkeys.test.mjs.
//
//   node tests/harness/authenticator.mjs add CHALLENGE ORIGIN          a new passkey: its private key, and what a browser answers
//   node tests/harness/authenticator.mjs get CHALLENGE ORIGIN PASSKEY  what a browser answers with that passkey

import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

export class Authenticator {
  count = 0;
  id = randomBytes(16);
  #key;

  constructor(key) {
    this.#key = key ?? generateKeyPairSync("ec", { namedCurve: "P-256" });
  }

  #data(origin, { host = new URL(origin).hostname, flags = 0x05, count = this.count } = {}) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    return Buffer.concat([sha256(host), Buffer.of(flags), counter]);
  }

  // What `navigator.credentials.create` answers.
  add({ challenge, name = "Laptop" }, origin) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const data = Buffer.concat([this.#data(origin, { flags: 0x45 }), Buffer.alloc(16), length, this.id]);
    return {
      id: base64url(this.id),
      name,
      publicKey: base64url(this.#key.publicKey.export({ type: "spki", format: "der" })),
      authenticatorData: base64url(data),
      clientDataJSON: base64url(JSON.stringify({ type: "webauthn.create", challenge, origin, crossOrigin: false })),
    };
  }

  // What `navigator.credentials.get` answers; `spoilt` are parts of the client's and the authenticator's data that are not right.
  get({ challenge }, origin, { client = {}, ...spoilt } = {}) {
    const data = this.#data(origin, spoilt);
    const clientData = JSON.stringify({ type: "webauthn.get", challenge, origin, crossOrigin: false, ...client });
    return {
      id: base64url(this.id),
      authenticatorData: base64url(data),
      clientDataJSON: base64url(clientData),
      signature: base64url(sign("sha256", Buffer.concat([data, sha256(clientData)]), this.#key.privateKey)),
    };
  }

  export() {
    return `${base64url(this.id)}.${base64url(this.#key.privateKey.export({ type: "pkcs8", format: "der" }))}`;
  }

  static import(text) {
    const [id, key] = text.split(".").map((part) => Buffer.from(part, "base64url"));
    const authenticator = new Authenticator({ privateKey: createPrivateKey({ key, type: "pkcs8", format: "der" }) });
    return Object.assign(authenticator, { id });
  }
}

const [what, challenge, origin, passkey] = process.argv[1]?.endsWith("/authenticator.mjs") ? process.argv.slice(2) : [];
if (what === "add") {
  const authenticator = new Authenticator();
  console.log(JSON.stringify({ passkey: authenticator.export(), answer: authenticator.add({ challenge }, origin) }));
} else if (what === "get") {
  console.log(JSON.stringify(Authenticator.import(passkey).get({ challenge }, origin)));
}
