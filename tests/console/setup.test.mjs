// The first account of an empty gateway: on a gateway of its own, as `make deploy` leaves one.

import assert from "node:assert/strict";
import { SECRETS } from "../../scripts/config.mjs";
import { GatewayProcess } from "../../scripts/gateway-process.mjs";
import { accessible, test } from "./harness.mjs";

async function emptyGateway(body) {
  const settings = Object.fromEntries(Object.entries(SECRETS).map(([name, make]) => [name, make()]));
  const logged = [];
  const own = await GatewayProcess.start({
    settings: { ...settings, ENVIRONMENT: "development" },
    log: (text) => logged.push(text),
  });
  try {
    await body({ url: own.url.replace(/\/$/, ""), secret: settings.SETUP_SECRET });
  } finally {
    await own.stop();
  }
}

test("set-up: an empty gateway asks for its first account, signs in, and shows the token once", async (visit) => {
  await emptyGateway(async ({ url, secret }) => {
    const context = await visit.browser({ on: url });
    visit.expect(401, "/console/session");
    visit.expect(401, "/setup");
    visit.expect(400, "/setup");
    // Wherever one comes in.
    const page = await visit.open(context, `${url}/console/account`, { now: undefined });
    await page.getByRole("heading", { level: 1, name: "Set up this gateway" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/console/setup");
    await accessible(page, "set-up");

    const submit = page.getByRole("button", { name: "Make the account" });
    const problem = (label) => page.locator(".field", { has: page.getByLabel(label) }).getByRole("alert");
    await page.getByLabel("Set-up secret").fill("wrong");
    await page.getByLabel("Your e-mail").fill("jane@acme.example");
    await submit.click();
    await problem("Set-up secret").waitFor();
    await page.getByLabel("Set-up secret").fill(secret);
    await page.getByLabel("Your e-mail").fill("nobody");
    await submit.click();
    await problem("Your e-mail").waitFor();
    await accessible(page, "a refusal");
    assert.equal(await page.getByLabel("Set-up secret").inputValue(), secret, "nothing typed is lost");

    await page.getByLabel("Your e-mail").fill("jane@acme.example");
    await page.getByLabel("Your name").fill("Jane Doe");
    await submit.click();
    await page.getByRole("heading", { level: 1, name: "You are signed in" }).waitFor();
    await accessible(page, "the first token");
    const token = await page.locator(".snippet code").textContent();
    assert.match(token, /^dft_/);
    const me = (bearer) => fetch(`${url}/api/v1/admin/account`, { headers: { authorization: `Bearer ${bearer}` } });
    assert.equal((await me(token.trim())).status, 200);

    await page.getByRole("button", { name: "I do not need it: delete it" }).click();
    await page.getByRole("heading", { level: 1, name: "Add a website" }).waitFor();
    assert.equal((await me(token.trim())).status, 401, "the token is gone, and the session is not");
    await page.goto(`${url}/console`);
    await page.getByRole("heading", { name: "Add your first website" }).waitFor();
    assert.ok(!(await page.content()).includes(token.trim()));

    // There is a second browser, and somebody in the gateway now.
    const other = await visit.open(await visit.browser({ on: url }), `${url}/console/setup`, { now: undefined });
    await other.getByRole("heading", { level: 1, name: "This gateway is set up" }).waitFor();
    await accessible(other, "a gateway that is set up");
    await other.getByRole("link", { name: "Sign in" }).click();
    await other.getByLabel("Account token").waitFor();
  });
});
