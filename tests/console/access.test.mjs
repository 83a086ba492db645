import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { newKey, Team, team } from "./access.mjs";
import { accessible, eventually, test } from "./harness.mjs";

const LIVE = { now: undefined };
const SESSION = "/api/v1/console/session";

const inside = (page) => page.getByRole("heading", { name: "Add your first website" }).waitFor();
const button = (page) => page.getByRole("button", { name: "Continue with Cloudflare Access" });

const cookies = (acme, email) => [{ name: "CF_Authorization", value: acme.assertion(email), url: acme.url, httpOnly: true }];

// A browser that Access has let through as somebody.
async function through(visit, acme, email) {
  const context = await visit.browser({ on: acme.url });
  await context.addCookies(cookies(acme, email));
  return context;
}

test("access: a click signs in, and signing out lasts", async (visit) => {
  const acme = await team();
  const owner = await acme.signUp();
  const context = await through(visit, acme, owner.email.toUpperCase());
  visit.expect(401, SESSION);
  const page = await visit.open(context, `${acme.url}/console/sign-in`, LIVE);
  await button(page).waitFor();
  await accessible(page, "the ways in with Access");
  await button(page).click();
  // No passkey is offered: whoever comes through Access has signed in there anyway.
  await inside(page);
  await page.goto(`${acme.url}/console/account`);
  await page.getByText("Cloudflare Access").first().waitFor();
  await page.getByRole("button", { name: / account of / }).click();
  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
  await button(page).waitFor();
  await page.reload();
  await button(page).waitFor();
  const sessions = await page.evaluate(async (path) => (await fetch(path)).status, SESSION);
  assert.equal(sessions, 401);
});

test("access: whoever has no account is told with which address, and has the other ways", async (visit) => {
  const acme = await team();
  const owner = await acme.signUp();
  const context = await through(visit, acme, "nobody@acme.example");
  visit.expect(401, SESSION);
  const page = await visit.open(context, `${acme.url}/console/sign-in`, LIVE);
  await button(page).click();
  await page.getByRole("alert").filter({ hasText: "you are nobody@acme.example: no account here has this address" }).waitFor();
  await accessible(page, "a refusal of Access");
  await page.getByLabel("Account token").fill(owner.api.token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await inside(page);
});

test("access: it makes a sign-in fresh, over the page", async (visit) => {
  const acme = await team();
  const owner = await acme.signUp();
  const context = await visit.browser({ owner, on: acme.url });
  await context.addCookies(cookies(acme, owner.email));
  const page = await visit.open(context, `${acme.url}/console/account/tokens/new`, LIVE);
  await page.getByLabel("Name").fill("CI");
  visit.expect(403, "/access-tokens");
  const stale = { status: "error", error: { code: 403, message: "sign in again", reason: "fresh" } };
  await context.route(/\/access-tokens$/, (route) => route.fulfill({ status: 403, json: stale }), { times: 1 });
  await page.getByRole("button", { name: "Create" }).click();
  const dialog = page.getByRole("dialog", { name: "Is it you?" });
  await button(dialog).click();
  await dialog.waitFor({ state: "detached" });
  await eventually(async () => (await owner.api.rows("GET", "/api/v1/admin/access-tokens")).some(({ name }) => name === "CI"));
});

test("access: nothing but what the team has signed for this gateway signs in", async () => {
  const acme = await Team.start({ AUTH_FAILURES_PER_MINUTE: "1000000" });
  const { email } = await acme.signUp();
  const now = Math.floor(Date.now() / 1000);
  const entered = await acme.enter(acme.assertion(email));
  assert.deepEqual([entered.status, entered.row?.method, entered.row?.account.email], [200, "access", email]);
  assert.match(entered.cookie, /HttpOnly; SameSite=Strict/);

  const unsigned = acme.assertion(email, { header: { alg: "none" } }).replace(/[^.]+$/, "");
  const [head, body] = acme.assertion(email, { header: { alg: "HS256" } }).split(".");
  const published = acme.keys.get("k1").publicKey.export({ format: "pem", type: "spki" });
  const hmac = createHmac("sha256", published).update(`${head}.${body}`).digest("base64url");
  const right = acme.assertion(email);
  const other = acme.assertion("mary@acme.example");
  for (const [name, jwt, why] of [
    ["the audience of another", acme.assertion(email, { claims: { aud: ["another"] } }), /another application/],
    ["the issuer of another", acme.assertion(email, { claims: { iss: "https://evil.cloudflareaccess.com" } }), /another team/],
    ["over", acme.assertion(email, { claims: { exp: now - 61 } }), /is over/],
    ["not valid yet", acme.assertion(email, { claims: { nbf: now + 120 } }), /not valid yet/],
    ["issued later", acme.assertion(email, { claims: { iat: now + 120 } }), /not valid yet/],
    ["not signed", unsigned, /not signed with RS256/],
    ["signed with what everybody has", `${head}.${body}.${hmac}`, /not signed with RS256/],
    ["another algorithm", acme.assertion(email, { header: { alg: "RS512" } }), /not signed with RS256/],
    ["a key of nobody", acme.assertion(email, { header: { kid: "k9" }, key: newKey() }), /does not publish/],
    ["a stranger's signature", acme.assertion(email, { key: newKey() }), /not what it has signed/],
    ["another's claims", other.replace(/[^.]+$/, right.split(".")[2]), /not what it has signed/],
    ["no address", acme.assertion(undefined), /nobody who has an account/],
    [
      "a service",
      acme.assertion(undefined, { claims: { common_name: "e367826f.access", sub: "" } }),
      /nobody who has an account/,
    ],
    ["no account", other, /you are mary@acme.example: no account/],
    ["too long", acme.assertion(email, { claims: { custom: "x".repeat(9_000) } }), /not a JWT/],
    ["something else", "x", /not a JWT/],
  ]) {
    const refused = await acme.enter(jwt);
    assert.equal(refused.status, 401, `${name}: ${refused.message}`);
    assert.match(refused.message, why, name);
    assert.equal(refused.cookie, null, name);
  }
  assert.equal((await acme.enter(right, {})).status, 401, "not through Access");
  for (const site of ["cross-site", "same-site", "none"])
    assert.equal((await acme.enter(right, { "cf-access-jwt-assertion": right, "sec-fetch-site": site })).status, 403, site);
  assert.ok(acme.asked <= 2, `the keys were asked for ${acme.asked} times`);
});

test("access: its keys change, and without them nobody signs in", async () => {
  const acme = await Team.start({ AUTH_FAILURES_PER_MINUTE: "1000000" });
  const { email } = await acme.signUp();
  acme.isDown = true;
  const refused = await acme.enter(acme.assertion(email));
  assert.deepEqual([refused.status, refused.cookie], [503, null]);
  assert.match(refused.message, /keys of Cloudflare Access cannot be had/);
  acme.isDown = false;
  acme.keys.set("k2", newKey(4096));
  for (const kid of ["k1", "k2"]) assert.equal((await acme.enter(acme.assertion(email, { header: { kid } }))).status, 200, kid);
  assert.equal(acme.asked, 2);
});

test("access: without its settings there is no button", async (visit) => {
  const acme = await Team.start({ ACCESS_AUD: "" });
  const { email } = await acme.signUp();
  const refused = await acme.enter(acme.assertion(email));
  assert.equal(refused.status, 404);
  assert.match(refused.message, /ACCESS_TEAM_DOMAIN is set, but ACCESS_AUD is not/);
  const context = await through(visit, acme, email);
  visit.expect(401, SESSION);
  const page = await visit.open(context, `${acme.url}/console/sign-in`, LIVE);
  await page.getByLabel("Account token").waitFor();
  assert.equal(await button(page).count(), 0);
});
