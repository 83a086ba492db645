// Whatever a stranger sends is text: it runs nothing, breaks no layout, and turns nothing around.

import assert from "node:assert/strict";
import { acme, NOW, settled, test } from "./harness.mjs";

const IMG = '<img src=x onerror="globalThis.ran=1">';
const HOSTILE = [
  IMG,
  "javascript:globalThis.ran=1",
  "\u202egnp.exe\u202c right to left",
  "x".repeat(2_000),
  "👩‍👩‍👧‍👦🏳️‍🌈 emoji",
  "line\u2028separator",
  "'\"><script>globalThis.ran=1</script>",
  "%00%ff",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is sent as it is
  "${globalThis.ran=1}{{constructor}}",
  "__proto__",
];

test("hostile: sources, campaigns, paths, goals and names are text on every page", async (visit) => {
  const { owner } = await acme();
  const website = await owner.website();
  const lines = HOSTILE.flatMap((value, at) => {
    const visitorId = crypto.randomUUID();
    const href = `https://${website.domain}/${encodeURIComponent(value).slice(0, 1_500)}?utm_source=${encodeURIComponent(value.slice(0, 200))}&utm_campaign=${encodeURIComponent(value.slice(0, 200))}`; // biome-ignore format: one address
    const base = {
      href,
      visitorId,
      sessionId: `s${at}`,
      city: value.slice(0, 100),
      browser: value.slice(0, 50),
      country: "FR",
    };
    const time = (offset) => new Date(NOW - 600_000 + at * 1_000 + offset).toISOString();
    return [
      {
        id: `${website.id}-a${at}`,
        timestamp: time(0),
        type: "pageview",
        referrer: `https://${at}.evil.example/${encodeURIComponent(value.slice(0, 99))}`,
        ...base,
      },
      {
        id: `${website.id}-b${at}`,
        timestamp: time(100),
        type: "custom",
        ...base,
        extraData: { eventName: value.slice(0, 60).toLowerCase(), note: value.slice(0, 200) },
      },
      {
        id: `${website.id}-c${at}`,
        timestamp: time(200),
        type: "identify",
        ...base,
        extraData: { user_id: `u${at}`, name: value.slice(0, 100) },
      },
      {
        id: `${website.id}-d${at}`,
        timestamp: time(300),
        type: "external_link",
        ...base,
        extraData: { url: at % 2 ? value : `https://out.example/${encodeURIComponent(value)}` },
      },
    ];
  });
  await importLeniently(owner, website, lines);
  const visitors = await owner.api.rows("GET", `/api/v1/visitors?websiteId=${website.id}&limit=20`);
  assert.ok(visitors.length > 5, "strangers got in");

  const context = await visit.browser({ owner, viewport: { width: 390, height: 844 } });
  const site = `/console/w/${website.id}`;
  const paths = [
    `${site}?period=today`,
    `${site}?period=today&src=source&page=exit-clicks&geo=cities`,
    `${site}?period=today&src=campaign&more=pages`,
    `${site}?period=today&more=exit-clicks`,
    `${site}?period=today&f=${encodeURIComponent(`utm_source:is:${IMG}`)}`,
    `${site}?period=${encodeURIComponent(IMG)}`,
    `${site}/visitors?period=today`,
    ...visitors.slice(0, 3).map(({ visitorId }) => `${site}/visitors/${visitorId}`),
    `${site}/goals?period=today`,
    `${site}/goals/${encodeURIComponent(IMG.toLowerCase())}?period=today`,
    `${site}/realtime`,
    `/console/w/${encodeURIComponent(IMG)}`,
  ];
  visit.expect(400, "/api/v1/");
  visit.expect(404, "/api/v1/");
  for (const path of paths) {
    const page = await visit.open(context, path);
    await page.locator("h1").waitFor({ state: "attached" });
    await settled(page);
    const found = await page.evaluate(() => ({
      ran: globalThis.ran,
      scripts: document.querySelectorAll("main script, main img:not([src^='/console/assets/'])").length,
      unsafe: [...document.querySelectorAll("a[href]")]
        .filter((link) => !/^https?:$/.test(link.protocol))
        .map((link) => link.href),
      trusting: [...document.querySelectorAll("a[href]")].filter(
        (link) => link.origin !== location.origin && !/noopener/.test(link.rel),
      ).length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    assert.deepEqual(found, { ran: undefined, scripts: 0, unsafe: [], trusting: 0, wide: 0 }, path);
    await page.close();
  }
});

// Some of it is refused at the door, which is just as well.
async function importLeniently(owner, website, lines) {
  const body = lines.map((line) => JSON.stringify(line)).join("\n");
  await owner.api.json("POST", `/api/v1/admin/websites/${website.id}/import`, body);
}
