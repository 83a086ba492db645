// Every page, in both themes and at three widths: WCAG 2.2 AA as far as a program can tell, and nothing that scrolls sideways.

import assert from "node:assert/strict";
import { accessible, settled, test } from "./harness.mjs";
import { PAGES, places } from "./pages.mjs";

for (const colorScheme of ["light", "dark"]) {
  for (const width of [320, 768, 1280]) {
    test(`accessibility: every page in ${colorScheme} at ${width} px`, async (visit) => {
      const at = await places();
      const context = await visit.browser({ owner: at.owner, colorScheme, viewport: { width, height: 800 } });
      for (const path of PAGES.map(({ path }) => path(at))) {
        const page = await visit.open(context, path);
        await page.locator("h1").first().waitFor({ state: "attached" });
        await settled(page);
        await accessible(page, `${path} in ${colorScheme} at ${width} px`);
        const { wide, headings, title } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          headings: document.querySelectorAll("h1").length,
          title: document.title,
        }));
        assert.equal(wide, 0, `${path} scrolls sideways at ${width} px`);
        assert.equal(headings, 1, `${path} has one h1`);
        assert.match(title, /^.+ · Sluice$/, path);
        await page.close();
      }
    });
  }
}
