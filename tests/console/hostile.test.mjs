// Whatever a stranger sends is text: it runs nothing, breaks no layout, and turns nothing around. That the policy and Trusted Types
// had nothing to refuse, and that nobody but the gateway was asked, is looked at after every test (harness.mjs).

import assert from "node:assert/strict";
import { NOW, Owner, settled, test } from "./harness.mjs";
import { hook, Receiver, tested } from "./receiver.mjs";
import { Seller } from "./sellers.mjs";

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

let made;
function strangers() {
  made ??= (async () => {
    const owner = await Owner.signUp(IMG);
    // Their names are the owner's, who may have copied them from somewhere.
    const website = await owner.website(undefined, undefined, undefined, IMG);
    await owner.website(undefined, undefined, undefined, HOSTILE[2]);
    // Realtime shows what came within the last minutes, all else the story's day.
    await importLeniently(owner, website, [
      ...linesAt(website, NOW - 600_000, "then"),
      ...linesAt(website, Date.now() - 60_000, "now"),
    ]);
    const visitors = await owner.api.rows("GET", `/api/v1/visitors?websiteId=${website.id}&limit=40`);
    assert.ok(visitors.length > 10, "strangers got in");
    const path = `/api/v1/admin/websites/${website.id}`;
    const goals = await owner.report(website, "goals", { limit: 50 });
    const goal = goals.map(({ goal }) => goal).find((name) => name.includes("onerror")) ?? goals[0].goal;
    const funnels = [];
    for (const name of HOSTILE.map((value) => value.slice(0, 100))) {
      const steps = [
        { name, type: "pageview", url: "/*" },
        { name, type: "goal", goalName: goal },
      ];
      const answer = await owner.api.call("POST", `${path}/funnels`, { name, steps });
      if (answer.status < 300) funnels.push(answer.json.data[0]);
    }
    assert.ok(funnels.length > 4, "funnels got in");
    const receiver = await Receiver.start({ status: 503, body: HOSTILE.join("\n").slice(0, 900) });
    const webhook = await hook(owner, website, `${receiver.url}?${encodeURIComponent(IMG)}`, {
      description: HOSTILE.slice(0, 3).join(" "),
    });
    const delivery = await tested(owner, website, webhook);
    const alert = await owner.api.row("POST", `${path}/alerts`, {
      name: HOSTILE[0],
      trigger: { type: "metric", metric: "visitors", window: "1h", comparison: "above", threshold: 5, filters: { city: IMG } },
      destination: { type: "webhook", endpointId: webhook.id },
      template: { subject: HOSTILE[2], message: HOSTILE.slice(0, 8).join("\n").slice(0, 1_900) },
    });
    for (const name of HOSTILE) await owner.api.call("POST", `${path}/apikeys`, { name: name.slice(0, 100) });
    const guest = await Owner.signUp(HOSTILE[2]);
    const { invitationId, inviteUrl } = await owner.api.row("POST", `${path}/team`, { email: guest.email });
    await guest.api.json("POST", `/api/v1/invitations/${invitationId}/accept`, { code: /code=([^&#]+)/.exec(inviteUrl)[1] });
    const seller = new Seller();
    await seller.account.is({ title: IMG + HOSTILE[3] });
    await seller.connect(owner, website);
    const told = { id: HOSTILE[3].slice(0, 200), object: IMG, note: HOSTILE };
    const event = await seller.happens(owner, website, IMG, told);
    const look = { goalName: goal, displayName: IMG.slice(0, 80), description: HOSTILE[2] };
    await owner.api.call("PATCH", `${path}/goals/customizations`, look);
    return {
      owner,
      website,
      visitors,
      goal,
      funnel: funnels[0].id,
      webhook: webhook.id,
      delivery,
      alert: alert.id,
      event: event.id,
      site: `/console/w/${website.id}`,
    };
  })();
  return made;
}

function linesAt(website, start, prefix) {
  return HOSTILE.flatMap((value, at) => {
    const visitorId = crypto.randomUUID();
    const href = `https://${website.domain}/${encodeURIComponent(value).slice(0, 1_500)}?utm_source=${encodeURIComponent(value.slice(0, 200))}&utm_campaign=${encodeURIComponent(value.slice(0, 200))}`; // biome-ignore format: one address
    const base = {
      href,
      visitorId,
      sessionId: `${prefix}${at}`,
      city: value.slice(0, 100),
      browser: value.slice(0, 50),
      country: "FR",
    };
    const time = (offset) => new Date(start + at * 1_000 + offset).toISOString();
    const line = (number, type, more) => ({
      id: `${website.id}-${prefix}-${number}${at}`,
      timestamp: time(100 * number),
      type,
      ...base,
      ...more,
    });
    return [
      line(0, "pageview", { referrer: `https://${at}.evil.example/${encodeURIComponent(value.slice(0, 99))}` }),
      line(1, "custom", { extraData: { eventName: value.slice(0, 60).toLowerCase(), note: value.slice(0, 200) } }),
      line(2, "custom", { extraData: { eventName: "signup", note: value.slice(0, 200), plan: value.slice(0, 200) } }),
      line(3, "identify", {
        extraData: { user_id: value.slice(0, 60), name: value.slice(0, 100), plan: value.slice(0, 200) },
      }),
      line(4, "external_link", {
        extraData: { url: at % 2 ? value : `https://out.example/${encodeURIComponent(value)}` },
      }),
    ];
  });
}

const SOURCE = encodeURIComponent(`utm_source:is:${IMG}`);
for (const [what, paths] of [
  [
    "the overview",
    ({ site }) => [
      `${site}?period=today`,
      `${site}?period=today&src=source&page=exit-clicks&geo=cities&act=visitors`,
      `${site}?period=today&src=campaign&more=pages&act=funnels`,
      `${site}?period=today&more=exit-clicks`,
      `${site}?period=today&f=${SOURCE}`,
      `${site}?period=${encodeURIComponent(IMG)}&f=${encodeURIComponent(IMG)}&more=${encodeURIComponent(IMG)}`,
      `/console/w/${encodeURIComponent(IMG)}`,
    ],
  ],
  [
    "visitors, journeys and realtime",
    ({ site, visitors }) => [
      `${site}/visitors?period=today&q=${encodeURIComponent(IMG)}&f=${SOURCE}`,
      `${site}/visitors?period=today`,
      ...visitors.slice(0, 4).map(({ visitorId }) => `${site}/visitors/${visitorId}`),
      `${site}/visitors/${encodeURIComponent(IMG)}`,
      `${site}/realtime`,
    ],
  ],
  [
    "goals and funnels",
    ({ site, goal, funnel }) => [
      `${site}/goals?period=today`,
      `${site}/goals/${encodeURIComponent(goal)}?period=today`,
      `${site}/goals/signup?period=today&tab=note`,
      `${site}/goals/${encodeURIComponent(IMG)}?period=today&tab=${encodeURIComponent(IMG)}`,
      `${site}/funnels?period=today`,
      `${site}/funnels/${funnel}?period=today`,
      `${site}/funnels/${funnel}/edit`,
      `${site}/funnels/new?goal=${encodeURIComponent(IMG)}`,
      `${site}/funnels/${encodeURIComponent(IMG)}`,
    ],
  ],
  [
    "webhooks, alerts and settings",
    ({ site, webhook, delivery, alert }) => [
      `${site}/settings`,
      `${site}/settings?tab=${encodeURIComponent(IMG)}`,
      `${site}/alerts`,
      `${site}/alerts/${alert}`,
      `${site}/alerts/${alert}/edit`,
      `${site}/alerts/${encodeURIComponent(IMG)}`,
      `${site}/alerts/new?goal=${encodeURIComponent(IMG)}`,
      `${site}/webhooks`,
      `${site}/webhooks/${webhook}?delivery=${delivery}`,
      `${site}/webhooks/${webhook}?status=${encodeURIComponent(IMG)}&since=${encodeURIComponent(IMG)}&delivery=${encodeURIComponent(IMG)}`,
      `${site}/webhooks/${webhook}?tab=settings`,
      `${site}/webhooks/${encodeURIComponent(IMG)}`,
    ],
  ],
  [
    "integrations, team and keys",
    ({ site, event }) => [
      `${site}/settings/integrations`,
      `${site}/settings/integrations/stripe?event=${event}`,
      `${site}/settings/integrations/stripe?tab=webhook`,
      `${site}/settings/integrations/stripe?state=${encodeURIComponent(IMG)}&tab=${encodeURIComponent(IMG)}&event=${encodeURIComponent(IMG)}`,
      `${site}/settings/integrations/woocommerce?success=${encodeURIComponent(IMG)}&way=${encodeURIComponent(IMG)}`,
      `${site}/settings/integrations/${encodeURIComponent(IMG)}`,
      `${site}/settings/team`,
      `${site}/settings/keys`,
      `${site}/settings/${encodeURIComponent(IMG)}`,
    ],
  ],
  [
    "the other pages",
    ({ website }) => [
      `/console?all&q=${encodeURIComponent(IMG)}`,
      "/console?all",
      `/console/new?website=${website.id}`,
      `/console/new?website=${encodeURIComponent(IMG)}`,
      "/console/account",
      "/console/account/tokens",
      "/console/account/tokens/new",
      `/console/${encodeURIComponent(IMG)}`,
      `/console/sign-in?to=${encodeURIComponent("javascript:globalThis.ran=1")}#ticket=${encodeURIComponent(IMG)}`,
    ],
  ],
]) {
  test(`hostile: what strangers send is text on ${what}`, async (visit) => {
    const at = await strangers();
    const context = await visit.browser({
      owner: at.owner,
      viewport: { width: 390, height: 844 },
      userAgent: `Mozilla/5.0 ${IMG}`,
    });
    for (const status of [400, 401, 404]) visit.expect(status, "/api/v1/");
    for (const path of paths(at)) {
      const page = await visit.open(context, path, {
        now: /realtime|all|account|new\?|webhooks|alerts|settings/.test(path) ? undefined : NOW,
      });
      await page.locator("h1").first().waitFor({ state: "attached" });
      await settled(page);
      const found = await page.evaluate(() => ({
        ran: globalThis.ran,
        scripts: document.querySelectorAll("main script, main img:not([src^='/console/assets/']), main iframe").length,
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
}

// Some of it is refused at the door, which is just as well.
async function importLeniently(owner, website, lines) {
  const body = lines.map((line) => JSON.stringify(line)).join("\n");
  await owner.api.json("POST", `/api/v1/admin/websites/${website.id}/import`, body);
}
