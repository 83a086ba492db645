// Every page, in both themes and at three widths: WCAG 2.2 AA as far as a program can tell, and nothing that scrolls sideways.

import assert from "node:assert/strict";
import { accessible, settled, test } from "./harness.mjs";
import { PAGES, places } from "./pages.mjs";

// A page is opened once and turned over, which takes a third of the time; the pages are dealt out to tests that run side by side.
const PARTS = 3;
for (let part = 0; part < PARTS; part += 1) {
  test(`accessibility: every page in both themes at three widths, part ${part + 1} of ${PARTS}`, async (visit) => {
    const at = await places();
    const context = await visit.browser({ owner: at.owner, colorScheme: "light", viewport: { width: 320, height: 800 } });
    for (const { path } of PAGES.filter((_, index) => index % PARTS === part)) {
      const page = await visit.open(context, path(at));
      await page.locator("h1").first().waitFor({ state: "attached" });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const width of [320, 768, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          await settled(page);
          const what = `${path(at)} in ${colorScheme} at ${width} px`;
          await accessible(page, what);
          const { wide, headings, title } = await page.evaluate(() => ({
            wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            headings: document.querySelectorAll("h1").length,
            title: document.title,
          }));
          assert.equal(wide, 0, `${what} scrolls sideways`);
          assert.equal(headings, 1, `${what} has one h1`);
          assert.match(title, /^.+ · Sluice$/, what);
        }
      }
      await page.close();
    }
  });
}
