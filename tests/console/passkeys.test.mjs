import assert from "node:assert/strict";
import { Authenticator } from "../harness/authenticator.mjs";
import { accessible, eventually, gateway, Owner, test } from "./harness.mjs";

// Browsers make passkeys for names only.
const NAMED = gateway.replace("127.0.0.1", "localhost");
const LIVE = { now: undefined };
const SESSION = "/api/v1/console/session";

// The browser's own authenticator, which is software here: it shows nothing and agrees to everything, until it is told not to.
async function withAuthenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const send = (method, more) => devtools.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return {
    credentials: async () => (await send("getCredentials")).credentials,
    add: (credential) => send("addCredential", { credential }),
    // Nobody touches it, so that what waits for a passkey goes on waiting.
    isTouched: (enabled) => send("setAutomaticPresenceSimulation", { enabled }),
    isVerified: (isUserVerified) => send("setUserVerified", { isUserVerified }),
  };
}

async function signedIn(visit, owner, path = "/console/account") {
  const context = await visit.browser({ on: NAMED, owner: undefined, token: owner.api.token });
  const page = await visit.open(context, NAMED + path, LIVE);
  return { context, page, authenticator: await withAuthenticator(page) };
}

const passkeys = (page) => page.getByRole("region", { name: "Passkeys" }).getByRole("listitem");

async function add(page, count = 1) {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await passkeys(page)
    .nth(count - 1)
    .waitFor();
}

async function leave(page) {
  await page.getByRole("button", { name: / account of / }).click();
  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
}

async function signOut(page) {
  await leave(page);
  await page.getByLabel("Account token").waitFor();
}

const methodOf = async (page) => (await page.evaluate(async (path) => (await fetch(path)).json(), SESSION)).data?.[0]?.method;

test("passkeys: one is added, and signs in from the field of the address and by the button", async (visit) => {
  const owner = await Owner.signUp();
  const { page, authenticator } = await signedIn(visit, owner);
  await page.getByText("No passkey yet.").waitFor();
  await accessible(page, "no passkeys");
  await add(page);
  await accessible(page, "a passkey");
  const [credential] = await authenticator.credentials();
  assert.deepEqual([credential.isResidentCredential, credential.rpId], [true, "localhost"]);

  // Nobody presses anything: the browser has picked it in the field.
  visit.expect(401, SESSION);
  await leave(page);
  await eventually(async () => (await methodOf(page)) === "passkey");

  await authenticator.isTouched(false);
  await page.goto(`${NAMED}/console/account`);
  await signOut(page);
  const button = page.getByRole("button", { name: "Use a passkey" });
  await button.waitFor();
  await accessible(page, "the ways in");
  const email = page.getByLabel("E-mail");
  assert.equal(await email.getAttribute("autocomplete"), "username webauthn");
  await authenticator.isTouched(true);
  await button.click();
  await eventually(async () => (await methodOf(page)) === "passkey");
});

test("passkeys: several are renamed and removed, and a removed one is refused", async (visit) => {
  const owner = await Owner.signUp();
  const { page, authenticator } = await signedIn(visit, owner);
  await add(page);
  const [credential] = await authenticator.credentials();
  // The same device has one passkey of an account.
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("This device has a passkey of the account already.").waitFor();
  // Another device.
  const other = await signedIn(visit, owner);
  await passkeys(other.page).first().waitFor();
  await add(other.page, 2);
  await page.reload();
  await passkeys(page).nth(1).waitFor();

  await passkeys(page)
    .first()
    .getByRole("button", { name: /^Rename/ })
    .click();
  const dialog = page.getByRole("dialog");
  await accessible(page, "the dialog of a name");
  await dialog.getByLabel("Name").fill("Old laptop");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await passkeys(page).getByText("Old laptop").waitFor();

  await page.getByRole("button", { name: "Remove Old laptop" }).click();
  await dialog.getByText("another passkey", { exact: true }).waitFor();
  await dialog.getByText(`a code by mail to ${owner.email}`).waitFor();
  await dialog.getByText("an account token").waitFor();
  await accessible(page, "the dialog of a removal");
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await passkeys(page).getByText("Old laptop").waitFor({ state: "detached" });
  assert.equal(await passkeys(page).count(), 1);

  visit.expect(401, SESSION);
  assert.equal((await authenticator.credentials())[0].credentialId, credential.credentialId);
  await leave(page);
  await page.getByText("this passkey is not known here; it may have been removed").waitFor();
});

test("passkeys: whoever is not verified adds none, and saying no is no mistake", async (visit) => {
  const owner = await Owner.signUp();
  const { page, authenticator } = await signedIn(visit, owner);
  await authenticator.isVerified(false);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("button", { name: "Add a passkey", disabled: false }).waitFor();
  assert.equal(await page.getByRole("alert").filter({ hasText: /./ }).count(), 0);
  assert.equal(await passkeys(page).count(), 0);
});

test("passkeys: one makes a sign-in fresh, over the page", async (visit) => {
  const owner = await Owner.signUp();
  const { page, context, authenticator } = await signedIn(visit, owner);
  await add(page);
  await authenticator.isTouched(false);
  visit.expect(403, "/passkeys/options");
  const stale = { status: "error", error: { code: 403, message: "sign in again", reason: "fresh" } };
  await context.route(/\/passkeys\/options$/, (route) => route.fulfill({ status: 403, json: stale }), { times: 1 });
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog", { name: "Is it you?" });
  await dialog.getByRole("button", { name: "Use a passkey" }).waitFor();
  await accessible(page, "the dialog");
  await authenticator.isTouched(true);
  await dialog.getByRole("button", { name: "Use a passkey" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("This device has a passkey of the account already.").waitFor(); // it went on
  assert.equal(await methodOf(page), "passkey");
});

test("passkeys: one is offered after another way in, once", async (visit) => {
  const owner = await Owner.signUp();
  await owner.website();
  const context = await visit.browser({ on: NAMED });
  visit.expect(401, SESSION);
  const page = await visit.open(context, `${NAMED}/console/sign-in`, LIVE);
  await withAuthenticator(page);
  const enter = async () => {
    await page.getByLabel("Account token").fill(owner.api.token);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const account = page.getByRole("button", { name: / account of / });
  await enter();
  await page.getByRole("heading", { name: "Sign in faster next time" }).waitFor();
  await accessible(page, "the offer");
  await page.getByRole("button", { name: "Not now" }).click();
  await account.waitFor();
  await signOut(page);
  await enter();
  await account.waitFor();

  const other = await visit.browser({ on: NAMED });
  const second = await visit.open(other, `${NAMED}/console/sign-in`, LIVE);
  const authenticator = await withAuthenticator(second);
  await second.getByLabel("Account token").fill(owner.api.token);
  await second.getByRole("button", { name: "Sign in", exact: true }).click();
  await second.getByRole("button", { name: "Add a passkey" }).click();
  await second.getByRole("button", { name: / account of / }).waitFor();
  assert.equal((await authenticator.credentials()).length, 1);
});

test("passkeys: at an IP address there are none, and a hint names another", async (visit) => {
  const owner = await Owner.signUp();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, "/console/account", LIVE);
  await page.getByText("Browsers make passkeys for names only, not for IP addresses.").waitFor();
  await page.getByText(NAMED, { exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Add a passkey" }).count(), 0);
  const stranger = await visit.open(await visit.browser(), "/console/sign-in", LIVE);
  await stranger.getByLabel("E-mail").waitFor();
  assert.equal(await stranger.getByRole("button", { name: "Use a passkey" }).count(), 0);
});

// ---- The gateway alone, with an authenticator whose every answer can be spoilt

const ask = async (path, body, cookie, method = "POST") => {
  const answer = await fetch(NAMED + path, {
    method,
    headers: { "content-type": "application/json", "sec-fetch-site": "same-origin", ...(cookie && { cookie }) },
    body: body && JSON.stringify(body),
  });
  const { data, error } = await answer.json();
  return {
    status: answer.status,
    row: data?.[0],
    message: error?.message,
    cookie: answer.headers.get("set-cookie")?.split(";")[0],
  };
};

async function enrolled() {
  const owner = await Owner.signUp();
  const { cookie } = await ask(SESSION, { token: owner.api.token });
  const key = new Authenticator();
  const options = await ask("/api/v1/console/passkeys/options", undefined, cookie);
  const added = await ask("/api/v1/console/passkeys", key.add(options.row, NAMED), cookie);
  assert.equal(added.status, 200, added.message);
  return { owner, cookie, key, id: added.row.id };
}

const options = async () => (await ask("/api/v1/console/session/options")).row;
const present = (passkey) => ask(SESSION, { passkey });

test("passkeys: a signature is good once, and for what was signed only", async () => {
  const { key } = await enrolled();
  const assertion = key.get(await options(), NAMED);
  const entered = await present(assertion);
  assert.equal(entered.status, 200, entered.message);
  assert.equal(entered.row.method, "passkey");
  assert.match((await present(assertion)).message, /used before/);

  const flip = (text, at) => {
    const bytes = Buffer.from(text, "base64url");
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    return bytes.toString("base64url");
  };
  for (const [what, spoil] of [
    ["the signature", (right) => ({ ...right, signature: flip(right.signature, -1) })],
    ["the flags", (right) => ({ ...right, authenticatorData: flip(right.authenticatorData, 32) })],
    ["a backup flag", (right) => ({ ...right, authenticatorData: flip(right.authenticatorData, 36) })],
    ["the host", (right) => ({ ...right, authenticatorData: flip(right.authenticatorData, 0) })],
    ["the client's data", (right) => ({ ...right, clientDataJSON: flip(right.clientDataJSON, -3) })],
    ["the passkey's id", (right) => ({ ...right, id: flip(right.id, 0) })],
    ["another key's signature", (right, given) => ({ ...right, signature: new Authenticator().get(given, NAMED).signature })],
    [
      "no DER",
      (right) => ({ ...right, signature: Buffer.from(right.signature, "base64url").subarray(1).toString("base64url") }),
    ],
  ]) {
    const given = await options();
    const right = key.get(given, NAMED);
    assert.equal((await present(spoil(right, given))).status, 401, what);
    assert.equal((await present(right)).status, 200, `after ${what}`);
  }
});

test("passkeys: another origin, host, ceremony or challenge is refused, and whoever was not verified", async () => {
  const { key } = await enrolled();
  const challenge = (await options()).challenge;
  for (const [spoilt, words] of [
    [{ client: { origin: "https://evil.example" } }, /another origin/],
    [{ client: { origin: NAMED.replace("localhost", "127.0.0.1") } }, /another origin/],
    [{ client: { crossOrigin: true } }, /another origin/],
    [{ client: { type: "webauthn.create" } }, /not what a browser writes/],
    [{ client: { challenge: Buffer.alloc(56).toString("base64url") } }, /not one of this gateway's/],
    [{ host: "evil.example" }, /another host/],
    [{ flags: 0x01 }, /finger, a face or a PIN/],
    [{ flags: 0x04 }, /finger, a face or a PIN/],
  ]) {
    const { status, message } = await present(key.get({ challenge }, NAMED, spoilt));
    assert.equal(status, 401, message);
    assert.match(message, words);
  }
  assert.equal((await present(key.get({ challenge }, NAMED))).status, 200);
});

test("passkeys: a counter that does not go forward is refused", async () => {
  const { key } = await enrolled();
  for (const [count, status] of [
    [0, 200],
    [5, 200],
    [5, 401],
    [4, 401],
    [0, 401],
    [6, 200],
  ]) {
    // biome-ignore format: a table
    key.count = count;
    assert.equal((await present(key.get(await options(), NAMED))).status, status, `${count}`);
  }
});
