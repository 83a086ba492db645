import assert from "node:assert/strict";
import { application, asks, SDK_NAMES } from "./application.mjs";
import { accessible, Gateway, gateway, Owner, test, text } from "./harness.mjs";

const LIVE = { now: null };
const TOKENS = "/api/v1/admin/access-tokens";

test("consent: says who asks and where the answer goes, and offers only reading at first", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const other = await owner.website();
  const context = await visit.browser({ owner });
  const scope = "analytics:read goals:read goals:write websites:write api-keys:write *";
  const page = await visit.open(context, await asks("http://localhost:3118/cb", { scope }), LIVE);
  await page.getByText("<b>Agent</b>", { exact: true }).waitFor();
  await page.getByText("localhost:3118", { exact: true }).waitFor();
  await page.getByText("That is your own computer").waitFor();
  await page.getByText(owner.email, { exact: true }).waitFor();
  const chosen = () => page.locator(".matrix input:checked").evaluateAll((inputs) => inputs.map((input) => input.ariaLabel));
  assert.deepEqual(
    (await chosen()).filter((label) => !label.endsWith("nothing")),
    ["Analytics: read", "Goals: read"],
  );
  await page.getByText("goals:write websites:write").waitFor();
  assert.ok(await page.getByLabel("Keys and tokens: write").isDisabled());
  assert.ok(await page.getByLabel("Team: write").isDisabled());
  // Of two websites none is chosen.
  const allow = page.getByRole("button", { name: "Allow" });
  assert.ok(await allow.isDisabled());
  await page.getByLabel(website.domain).check();
  assert.ok(await allow.isEnabled());
  await page.getByLabel("All that I reach").check();
  assert.ok(await page.getByLabel(other.domain).isDisabled());
  await page.getByLabel("All that I reach").uncheck();
  await accessible(page, "the consent");
  assert.ok(!(await page.content()).includes("\u202e"));
});

test("consent: who refuses goes back with that, and nothing is made", async (visit) => {
  const owner = await Owner.signUp();
  await owner.website();
  const context = await visit.browser({ owner });
  await context.route("https://client.example/**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<title>back</title>" }),
  );
  const page = await visit.open(context, await asks("https://client.example/cb"), LIVE);
  await page.getByText("client.example", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Refuse" }).click();
  await page.waitForURL("https://client.example/**");
  const answer = new URL(page.url()).searchParams;
  assert.deepEqual(Object.fromEntries(answer), { error: "access_denied", state: "s", iss: gateway });
  assert.equal((await owner.api.rows("GET", TOKENS)).length, 1);
  visit.problems = visit.problems.filter((problem) => !problem.startsWith("request to https://client.example/"));
});

test("consent: a program with a scheme of its own gets the answer there, and the page says how to open it", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner });
  const page = await visit.open(context, await asks("cursor://anysphere.cursor-mcp/oauth/callback"), LIVE);
  await page.getByText("cursor:", { exact: true }).waitFor();
  await page.getByText("That is your own computer").waitFor();
  await page.getByLabel(website.domain).check();
  await page.getByRole("button", { name: "Allow" }).click();
  const open = page.getByRole("link", { name: "open it yourself" });
  const to = new URL(await open.getAttribute("href"));
  assert.equal(to.href.split("?")[0], "cursor://anysphere.cursor-mcp/oauth/callback");
  assert.match(to.searchParams.get("code"), /^dfc_/);
  assert.deepEqual([to.searchParams.get("state"), to.searchParams.get("iss")], ["s", gateway]);
  assert.ok(await page.getByRole("button", { name: "Allow" }).isDisabled());
  await accessible(page, "after the answer");
  assert.deepEqual(visit.problems, [`request to ${to.href}`], "the browser has asked the system");
  visit.problems = [];
});

test("consent: an application that is not known, or asks wrongly, gets nothing", async (visit) => {
  visit.expect(400, "/authorization");
  const owner = await Owner.signUp();
  await owner.website();
  const context = await visit.browser({ owner });
  const good = await asks("https://client.example/cb");
  const page = await visit.open(context, good.replace(/client_id=\w+/, "client_id=000000000000000000000000"), LIVE);
  await page.getByText("no such application is registered").waitFor();
  assert.equal(await page.getByRole("button", { name: "Allow" }).count(), 0);
  await accessible(page, "an unknown application");
  await page.goto(new URL(good.replace("client.example%2Fcb", "evil.example%2Fcb"), gateway).href);
  await page.getByText("not one of the addresses").waitFor();
  await page.goto(new URL(good.replace("S256", "plain"), gateway).href);
  await page.getByText("code_challenge_method: expected S256").waitFor();
  assert.equal(await page.getByRole("button", { name: "Allow" }).count(), 0);
  await page.getByRole("button", { name: "Back to the application" }).waitFor();
  await accessible(page, "a wrong question");
});

for (const sdk of SDK_NAMES)
  test(`consent: the OAuth client of ${sdk} connects, is renewed, and is out when its token is revoked`, async (visit) => {
    visit.expect(401, "/mcp");
    visit.expect(405, "/mcp"); // there is no stream
    visit.expect(400, "/oauth/token");
    const owner = await Owner.signUp();
    const website = await owner.website();
    await owner.website();
    const app = await application(sdk);
    try {
      // Nobody is signed in yet: the question survives the sign-in.
      visit.expect(401, "/console/session");
      const context = await visit.browser();
      const page = await context.newPage();
      await page.goto(`${app.url}?at=${encodeURIComponent(new URL("/mcp", gateway))}`);
      await page.waitForURL("**/console/sign-in?to=**");
      await page.getByLabel("Account token").fill(owner.api.token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("Test agent", { exact: true }).waitFor();
      await page.getByText(new URL(app.url).host, { exact: true }).waitFor();
      await page.getByLabel(website.domain).check();
      await page.getByLabel("Ends after").selectOption({ label: "7 days" });
      await page.getByRole("button", { name: "Allow" }).click();
      await page.waitForURL(`${app.url}cb?**`);
      const answer = new URL(page.url()).searchParams;
      assert.deepEqual([answer.get("state"), answer.get("iss")], ["state-1", gateway]);
      const output = page.locator("output");
      await output.filter({ hasText: /./ }).waitFor();
      const said = await text(output);
      assert.match(said, /^connected: /, said);
      const { tools, websites } = JSON.parse(said.slice("connected: ".length));
      assert.ok(tools.includes("datafast_analytics_overview") && !tools.includes("datafast_goals_customize"), tools.join());
      assert.deepEqual(websites, [website.domain]);

      const rows = await owner.api.rows("GET", TOKENS);
      const row = rows.find(({ name }) => name === `Test agent (${new URL(app.url).host})`);
      assert.ok(
        row.permissions.every((permission) => permission.endsWith(":read")),
        row.permissions.join(),
      );
      assert.deepEqual(row.websiteIds, [website.id]);
      const days = (Date.parse(row.expiresAt) - Date.now()) / 86_400_000;
      assert.ok(days > 6.9 && days <= 7, `${days} days`);

      // An access token that is over is renewed without a question.
      const tokens = () => page.evaluate(() => JSON.parse(sessionStorage.getItem("tokens")));
      const first = await tokens();
      await page.evaluate(() => {
        const kept = JSON.parse(sessionStorage.getItem("tokens"));
        sessionStorage.setItem("tokens", JSON.stringify({ ...kept, access_token: "dft_over" }));
      });
      assert.deepEqual((await page.evaluate(() => globalThis.connect())).websites, [website.domain]);
      const second = await tokens();
      assert.ok(second.access_token !== first.access_token && second.refresh_token !== first.refresh_token);
      const former = await fetch(new URL(TOKENS, gateway), { headers: { authorization: `Bearer ${first.access_token}` } });
      assert.equal(former.status, 401);

      // It is among the account's tokens, and ends there.
      const list = await visit.open(context, "/console/account/tokens", LIVE);
      const listed = list.locator("tbody tr").filter({ hasText: "Test agent" });
      await listed.getByText("ends").waitFor();
      await accessible(list, "the tokens, with an application's");
      await owner.api.json("DELETE", `${TOKENS}/${row.id}`);
      const agent = new Gateway({ url: gateway, token: second.access_token });
      await assert.rejects(agent.rows("GET", "/api/v1/admin/websites"));
      // It has to ask again.
      await page.evaluate(() => globalThis.connect().catch(() => undefined));
      await page.waitForURL("**/console/authorize?**");
      visit.problems = visit.problems.filter((problem) => !problem.startsWith(`request to ${app.url}`));
    } finally {
      app.stop();
    }
  });
