// How much each page asks: two calls when it is opened, one after a change, four a minute while nobody does anything, none unseen.

import assert from "node:assert/strict";
import { gateway, NOW, settled, test } from "./harness.mjs";
import { PAGES, places } from "./pages.mjs";

const MINUTE = 60_000;

for (const page of PAGES) {
  const { name, path, shown, calls: cold = 2, minute = 4, hasDates = false } = page;
  test(`calls: ${name} is opened with ${cold}, and asks at most ${minute} a minute`, async (visit) => {
    const at = await places();
    const context = await visit.browser({ owner: at.owner });
    const tab = await context.newPage();
    await tab.clock.install({ time: NOW });
    await tab.goto(gateway + path(at));
    await tab.locator(shown).first().waitFor();
    await settled(tab);
    await tab.waitForLoadState("networkidle");
    const paths = visit.calls.map(({ path }) => path);
    assert.equal(paths.length, cold, `opened by ${paths.join(", ")}`);

    if (hasDates) {
      const calls = await visit.count(async () => {
        await tab.keyboard.press("t");
        await settled(tab);
      });
      assert.equal(calls.length, 1, `a change of the dates asked ${calls.map(({ path }) => path).join(", ")}`);
    }

    const idle = await visit.count(async () => {
      await pass(tab, MINUTE);
      await tab.waitForTimeout(300); // for the last answer
    });
    assert.ok(idle.length <= minute, `${idle.length} calls in a minute: ${idle.map(({ path }) => path).join(", ")}`);

    await tab.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true });
      Object.defineProperty(document, "visibilityState", { value: "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    const before = visit.asked.length;
    await pass(tab, 5 * MINUTE);
    assert.deepEqual(visit.asked.slice(before), [], "calls of a page that nobody sees");
  });
}

// Time goes by in steps, so that an answer can come before the next question.
async function pass(tab, millis) {
  for (let step = 0; step < millis; step += 5_000) {
    await tab.clock.runFor(5_000);
    if (step % 15_000 === 10_000) await tab.waitForTimeout(30);
  }
}
