// What each page shows while there is nothing to show yet, when the gateway refuses, is busy, does not answer, or is out of reach.

import assert from "node:assert/strict";
import { accessible, eventually, gateway, NOW, settled, test } from "./harness.mjs";
import { PAGES, places } from "./pages.mjs";

const AWAY = { status: 500, json: { status: "error", error: { code: 500, message: "the website's object is away" } } };

for (const { name, path, data, shown, hasDates, isLive } of PAGES.filter(({ data }) => data)) {
  test(`states: ${name} waits, fails, is limited and is offline in its own words`, async (visit) => {
    const at = await places();
    const context = await visit.browser({ owner: at.owner });
    const page = await context.newPage();
    await page.clock.install({ time: NOW });

    // Nothing is there yet: that is said, and nothing is shown as if it were a figure.
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    let answer;
    await context.route(data, async (route) => {
      await held;
      await (answer ? route.fulfill(answer) : route.continue()).catch(() => undefined);
    });
    await page.goto(gateway + path(at));
    await page.locator("h1").first().waitFor({ state: "attached" });
    await page.clock.runFor(1_000);
    assert.ok((await page.locator("[aria-busy=true], .wait, .chart-wait, .waiting .pulse").count()) > 0, "it waits");
    await accessible(page, `${name}, waiting`);

    // It fails: in the API's words, with the id of the request, and it can be tried again.
    visit.expect(500, "/api/v1/");
    answer = AWAY;
    release();
    await page.getByText("the website's object is away").first().waitFor();
    await accessible(page, `${name}, refused`);
    answer = undefined;
    if (!isLive) await page.getByRole("button", { name: "Try again" }).first().click();
    else await page.clock.runFor(4_000);
    await page.locator(shown).first().waitFor();

    // Too many requests: what is there stays, and it goes on by itself.
    if (!hasDates) return;
    await settled(page);
    visit.expect(429, "/api/v1/");
    answer = { status: 429, headers: { "retry-after": "12" }, json: { error: "Too many requests" } };
    await page.getByRole("button", { name: /^Refresh/ }).click();
    await page.getByText("Too many requests. Going on in 12 s.").waitFor();
    assert.ok(await page.locator(shown).first().isVisible(), "the old figures stay");
    answer = undefined;
    await page.clock.runFor(13_000);
    await page.getByText("Too many requests").waitFor({ state: "detached" });
    await settled(page);

    await context.setOffline(true);
    await page.getByRole("button", { name: /^Refresh/ }).click();
    await page.getByText("The gateway does not answer.").waitFor();
    assert.ok(await page.locator(shown).first().isVisible(), "the old figures stay");
    await context.setOffline(false);
    await eventually(async () => {
      await page.clock.runFor(2_000);
      return (await page.getByText("The gateway does not answer.").count()) === 0;
    });
    visit.problems = visit.problems.filter((problem) => !problem.includes("ERR_INTERNET_DISCONNECTED"));
  });
}
