// The tracking scripts and the npm SDK in a real browser.
//
//   node tests/browser/run.mjs            against the gateway of SLUICE_URL and SLUICE_SETUP_SECRET
//   node tests/browser/run.mjs --stub     without a gateway: the events that leave the browser, but no reports
//   node tests/browser/run.mjs cookie     the tests whose names contain an argument
//
// CHROMIUM names the browser (/usr/bin/chromium). A test drives pages, states which events must have left the browser since
// it last asked (`sent`), and what the reports then show (`reports`).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { sleep } from "../../scripts/lib.mjs";
import { gateway, runTests, stopAll, test } from "./harness.mjs";

const VISITOR_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SESSION_ID = /^s[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const distinct = (values) => new Set(values).size;

// ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("a pageview says where the visitor came from and what he looks through", {}, async (site) => {
  const visitor = await site.visitor();
  const path = "/pricing?utm_source=ads&utm_medium=cpc&utm_campaign=launch&ref=friend&gclid=click-1&fbclid=#plans";
  await visitor.open(path, { referer: `http://${site.elsewhere}/post` });

  const [view] = await site.sent("pageview");
  const { id, visitorId, sessionId, visitorFirstSeenAt, answer, ...rest } = view;
  assert.match(id, VISITOR_ID);
  assert.match(visitorId, VISITOR_ID);
  assert.match(sessionId, SESSION_ID);
  assert.ok(Math.abs(Date.now() - Date.parse(visitorFirstSeenAt)) < 60_000);
  assert.deepEqual(rest, {
    to: `${gateway}/api/events`, // where the script came from, not the page
    websiteId: site.trackingId,
    domain: site.domain,
    href: site.url(path),
    referrer: `http://${site.elsewhere}/post`,
    type: "pageview",
    visitorSessionNumber: 1,
    viewport: { width: 1000, height: 700 },
    screenWidth: 1920,
    screenHeight: 1080,
    language: "en-GB",
    timezone: "Europe/Paris",
    adClickIds: { gclid: "click-1" },
  });

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [1, 1]);
    const [page] = await get("analytics/pages");
    assert.deepEqual([page.hostname, page.path, page.visitors], [site.domain, "/pricing", 1]);
    const [referrer] = await get("analytics/referrers");
    assert.deepEqual([referrer.referrer, referrer.visitors], [site.elsewhere, 1]);
    const [{ campaign }] = await get("analytics/campaigns");
    const { utm_source, utm_medium, utm_campaign, ref } = campaign;
    assert.deepEqual([utm_source, utm_medium, utm_campaign, ref], ["ads", "cpc", "launch", "friend"]);
    const [listed] = await get("visitors");
    assert.deepEqual([listed.visitorId, listed.identity.browser, listed.identity.device], [visitorId, "Chrome", "desktop"]);
    const detail = await get(`visitors/${visitorId}`);
    assert.equal(detail.identity.adClickIds.gclid, "click-1");
  });
});

test("a changed path is a page, a changed query or fragment is not", {}, async (site) => {
  const page = await (await site.visitor()).open("/");
  await site.sent("pageview");

  await page.evaluate(() => history.pushState({}, "", "/a"));
  const [a] = await site.sent("pageview");
  assert.equal(a.href, site.url("/a"));

  await page.evaluate(() => history.pushState({}, "", "/a?tab=2"));
  await page.evaluate(() => (location.hash = "more"));
  await site.sent();

  await page.evaluate(() => (history.pushState({}, "", "/b"), history.replaceState({}, "", "/c")));
  const [c] = await site.sent("pageview"); // the router settled on /c
  assert.equal(c.href, site.url("/c"));

  await page.evaluate(() => history.go(-3));
  const [back] = await site.sent("pageview");
  assert.equal(back.href, site.url("/a"));
  assert.equal(distinct([a, c, back].map((view) => view.sessionId)), 1);

  await site.reports(async (get) => {
    const pages = await get("analytics/pages");
    assert.deepEqual(pages.map((row) => row.path).sort(), ["/", "/a", "/c"]);
    assert.equal((await get(`visitors/${a.visitorId}`)).activity.pageViewCount, 4);
  });
});

test("script.hash.js counts fragments as pages", { script: "script.hash.js" }, async (site) => {
  const page = await (await site.visitor()).open("/#one");
  await site.sent("pageview");
  await page.evaluate(() => (location.hash = "two"));
  const [two] = await site.sent("pageview");
  assert.equal(two.href, site.url("/#two"));
  await page.evaluate(() => history.pushState({}, "", "/?q=1#two"));
  await site.sent();
  await page.evaluate(() => history.pushState({}, "", "/other#two"));
  await site.sent("pageview");
  await page.evaluate(() => history.back());
  await site.sent("pageview");

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [1, 1]);
    assert.equal((await get(`visitors/${two.visitorId}`)).activity.pageViewCount, 4);
  });
});

test("the same URL within a minute is not counted again", {}, async (site) => {
  const page = await (await site.visitor()).open("/");
  const [{ visitorId }] = await site.sent("pageview");
  await page.reload();
  await site.sent();

  await page.evaluate(() => {
    const state = JSON.parse(sessionStorage.datafast_pageview_state);
    sessionStorage.datafast_pageview_state = JSON.stringify({ ...state, time: state.time - 61_000 });
  });
  await page.reload();
  await site.sent("pageview");
  await site.reports(async (get) => assert.equal((await get(`visitors/${visitorId}`)).activity.pageViewCount, 2));
});

test("a prerendered page counts when it is shown", {}, async (site) => {
  const visitor = await site.visitor();
  await visitor.context.addInitScript("Object.defineProperty(document, 'prerendering', { value: true })");
  const page = await visitor.open();
  await page.evaluate(() => window.datafast("early"));
  await site.sent();
  await page.evaluate(() => document.dispatchEvent(new Event("prerenderingchange")));
  await site.sent("pageview", "custom");
});

// ── Goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const GOALS = `
  <button id="buy" data-fast-goal="Buy" data-fast-goal-price="49" data-fast-goal-plan-type="pro"><b>Buy</b></button>
  <div id="card" tabindex="0" role="button" data-fast-goal="open_card">Card</div>
  <div data-fast-goal="typed"><input id="field"></div>
  <button id="stopped" data-fast-goal="stopped" onclick="event.stopPropagation()">Stop</button>
  <button id="bad" data-fast-goal="not a name">Bad</button>`;

test("attributes make goals of clicks and keys", { body: GOALS }, async (site) => {
  const page = await (await site.visitor()).open();
  await site.sent("pageview");

  await page.click("#buy b");
  const [buy] = await site.sent("custom");
  assert.deepEqual(buy.extraData, { eventName: "buy", price: "49", plan_type: "pro" });

  // The browser clicks a button by key, and nothing else.
  await page.press("#buy", "Enter");
  await page.press("#buy", "Space");
  await site.sent("custom", "custom");
  await page.press("#card", "Enter");
  await page.press("#card", "Space");
  await page.press("#card", "a");
  const [card] = await site.sent("custom", "custom");
  assert.deepEqual(card.extraData, { eventName: "open_card" });

  await page.press("#field", "Space");
  await page.press("#field", "Enter");
  await page.click("#bad");
  await site.sent();
  await page.click("#stopped");
  await site.sent("custom");

  await site.reports(async (get) => {
    const goals = await get("analytics/goals");
    assert.deepEqual(goals.map(({ goal, completions, visitors }) => [goal, completions, visitors]).sort(), [
      ["buy", 3, 1],
      ["open_card", 2, 1],
      ["stopped", 1, 1],
    ]);
    const properties = await get("analytics/goals/properties", { eventName: "buy" });
    assert.deepEqual(properties.map((row) => row.property).sort(), ["plan_type", "price"]);
    const [plan] = await get("analytics/goals/properties", { eventName: "buy", propertyName: "plan_type" });
    assert.deepEqual([plan.value, plan.completions, plan.visitors], ["pro", 3, 1]);
  });
});

const QUEUE_STUB = `<script>
  window.datafast = window.datafast || function () { (window.datafast.q = window.datafast.q || []).push(arguments) };
  datafast("early", { step: 1 });
</script>`;

test("calls make goals, even before the script is there", { head: QUEUE_STUB }, async (site) => {
  const page = await (await site.visitor()).open();
  const [, early] = await site.sent("pageview", "custom");
  assert.deepEqual(early.extraData, { eventName: "early", step: "1" });

  const goal = async (name, params) => {
    await page.evaluate(([name, params]) => window.datafast(name, params), [name, params]);
    return (await site.sent("custom"))[0].extraData;
  };
  assert.deepEqual(await goal("signup"), { eventName: "signup" });
  const unclean = { Plan: "<b>pro</b>", url: "JavaScript:go()", many: "x".repeat(300), none: null, eventName: "no" };
  assert.deepEqual(await goal("Checkout:Start", unclean), {
    eventName: "checkout:start",
    plan: "bpro/b",
    url: "go()",
    many: "x".repeat(255),
    none: "",
  });
  const longest = "n".repeat(64);
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, String(i)]));
  assert.deepEqual(await goal(longest, ten), { eventName: longest, ...ten });

  await page.evaluate(
    ([tooLong, tooMany]) => {
      for (const name of ["", "two words", "ü", tooLong, undefined, 7]) window.datafast(name);
      window.datafast("signup", tooMany);
      window.datafast("signup", { "bad key": "1" });
      window.datafast("signup", { broken: { toString: null } });
    },
    [`${longest}n`, { ...ten, p10: "10" }],
  );
  await site.sent();

  await site.reports(async (get) => {
    const goals = await get("analytics/goals");
    assert.deepEqual(goals.map((row) => row.goal).sort(), ["checkout:start", "early", longest, "signup"].sort());
  });
});

const SCROLL = `
  <div style="height: 2000px">top</div>
  <section id="pricing" data-fast-scroll="saw_pricing" data-fast-scroll-threshold="0.8" data-fast-scroll-delay="200"
    data-fast-scroll-plan-type="pro" style="height: 400px">pricing</section>
  <div style="height: 2000px">between</div>
  <section id="tall" data-fast-scroll="saw_tall" style="height: 3000px">taller than any window</section>`;

test("scroll goals fire once an element is in view for long enough", { body: SCROLL }, async (site) => {
  const page = await (await site.visitor()).open();
  await site.sent("pageview");
  const scrollTo = (y) => page.evaluate((y) => scrollTo(0, y), y);

  await scrollTo(1600); // 300 of 400 pixels
  await site.sent();
  await page.evaluate(async () => {
    scrollTo(0, 1800);
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    scrollTo(0, 0); // seen too briefly
  });
  await site.sent();
  await scrollTo(1800);
  const [pricing] = await site.sent("custom");
  const { scroll_percentage, ...rest } = pricing.extraData;
  assert.deepEqual(rest, { eventName: "saw_pricing", plan_type: "pro", threshold: "0.8", delay: "200" });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.equal(Number(scroll_percentage), Math.round((1800 / (height - 700)) * 100));

  await scrollTo(0);
  await scrollTo(1800);
  await site.sent(); // once
  await scrollTo(5500);
  const [tall] = await site.sent("custom");
  assert.equal(tall.extraData.eventName, "saw_tall");

  // Elements that are added later, and a second page visit.
  await scrollTo(0);
  await page.evaluate(() => document.body.insertAdjacentHTML("afterbegin", '<p data-fast-scroll="saw_late">late</p>'));
  const [late] = await site.sent("custom");
  assert.deepEqual(late.extraData, { eventName: "saw_late", scroll_percentage: "0", threshold: "0.5", delay: "0" });
  await page.evaluate(() => history.pushState({}, "", "/next"));
  await site.sent("pageview", "custom");

  await site.reports(async (get) => {
    const goals = await get("analytics/goals");
    assert.deepEqual(goals.map(({ goal, completions }) => [goal, completions]).sort(), [
      ["saw_late", 2],
      ["saw_pricing", 1],
      ["saw_tall", 1],
    ]);
  });
});

test("identify gives the visitor a profile", {}, async (site) => {
  const page = await (await site.visitor()).open();
  const [{ visitorId }] = await site.sent("pageview");
  const user = { user_id: "u-1", image: "https://img.example.com/1.png?a=1&b=2", plan: "pro" };
  await page.evaluate((user) => {
    window.datafast("identify", { name: "nobody" }); // no user_id
    window.datafast("identify", user);
  }, user);
  const [identified] = await site.sent("identify");
  assert.deepEqual(identified.extraData, { name: "", ...user });

  await site.reports(async (get) => {
    const { profile } = await get(`visitors/${visitorId}`);
    assert.equal(profile.userId, "u-1");
    assert.equal(profile.metadata.plan, "pro");
  });
});

// ── Links ────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("links that leave the website are exit clicks, inner ones are not", {}, async (site) => {
  const out = site.url("/offer?x=1", site.elsewhere);
  site.body = `
    <a id="out" href="${out}"> See <b>the offer</b> </a>
    <a id="inner" href="/inner">inner</a>
    <a id="sub" href="${site.url("/", `blog.${site.domain}`)}" target="_blank">blog</a>
    <a id="mail" href="mailto:someone@${site.elsewhere}">mail</a>
    <a id="broken" href="http://[" onclick="return false">broken</a>
    <svg width="50" height="20"><a id="svg" href="${out}" target="_blank"><text y="15">drawn</text></a></svg>`;
  const visitor = await site.visitor();
  const page = await visitor.open();
  await site.sent("pageview");

  await page.click("#out b"); // and the browser leaves
  const [click] = await site.sent("external_link");
  assert.deepEqual(click.extraData, { url: out, text: "See the offer" });
  assert.equal(page.url(), out);

  const again = await visitor.open("/again");
  await site.sent("pageview");
  await again.click("#out", { button: "middle" });
  await site.sent("external_link");
  await again.click("#svg");
  await site.sent("external_link");
  await again.click("#mail");
  await again.click("#broken");
  await site.sent();
  await again.click("#sub");
  await site.sent("pageview");
  await again.press("#out", "Space");
  await site.sent("external_link");
  await again.press("#inner", "Enter");
  await site.sent("pageview");
  await again.press("#out", "Enter");
  await site.sent("external_link");

  await site.reports(async (get) => {
    const clicks = await get("analytics/exit-clicks");
    assert.deepEqual(clicks.map(({ url, clicks, visitors }) => [url, clicks, visitors]), [[out, 5, 1]]);
    assert.equal(new Set((await get("analytics/pages")).map((row) => row.hostname)).size, 2);
  });
});

const ALLOWED = { settings: (site) => ({ allowedHostnames: [site.partner] }) };

test("links to another domain of the website carry the ids there", ALLOWED, async (site) => {
  site.attributes["allowed-hostnames"] = ` other.example.org, ${site.partner}`;
  const partner = site.url("/welcome?q=1", site.partner);
  site.body = `<a id="partner" href="${partner}">partner</a> <a id="home" href="${site.url("/back")}">home</a>`;
  const visitor = await site.visitor();
  const page = await visitor.open();
  const [home] = await site.sent("pageview");

  const requests = [];
  page.on("request", (request) => request.isNavigationRequest() && requests.push(new URL(request.url())));
  await page.click("#partner");
  const [away] = await site.sent("pageview");
  const carried = requests[0].searchParams;
  assert.equal(carried.get("_df_vid"), home.visitorId);
  assert.equal(carried.get("_df_sid"), home.sessionId);
  assert.equal(carried.get("_df_vfs"), home.visitorFirstSeenAt);
  assert.equal(carried.get("_df_vsn"), "1");
  assert.equal(page.url(), partner, "the ids are gone from the address");
  for (const field of ["visitorId", "sessionId", "visitorFirstSeenAt", "visitorSessionNumber"]) {
    assert.equal(away[field], home[field], field);
  }
  assert.equal(away.href, partner);

  await page.click("#home");
  const [back] = await site.sent("pageview");
  assert.equal(page.url(), site.url("/back"));
  assert.equal(back.visitorId, home.visitorId);

  // Another script's values are not adopted.
  await visitor.open(site.url("/?_df_vid=me&_df_sid=s1&_df_vfs=never&_df_vsn=-1"));
  const [forged] = await site.sent("pageview");
  assert.deepEqual([forged.visitorId, forged.sessionId, forged.href], [home.visitorId, home.sessionId, site.url("/")]);

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [1, 1]);
    const hostnames = new Set((await get("analytics/pages")).map((row) => row.hostname));
    assert.deepEqual([...hostnames].sort(), [site.partner, site.domain].sort());
    assert.deepEqual(await get("analytics/exit-clicks"), []);
  });
});

// ── Payments ─────────────────────────────────────────────────────────────────────────────────────────────────────────

test("payment ids in the URL are sent once each", {}, async (site) => {
  const page = await (await site.visitor()).open("/thanks?session_id=cs_test_1&checkout_id=polar-1&order_id=lemon-1");
  const [, ...payments] = await site.sent("pageview", "payment", "payment", "payment");
  assert.deepEqual(payments.map((payment) => payment.extraData), [
    { stripe_session_id: "cs_test_1" },
    { polar_checkout_id: "polar-1" },
    { lemonsqueezy_order_id: "lemon-1" },
  ]);
  await page.reload();
  await site.sent();
  await page.goto(site.url("/account?session_id=login-1"));
  await site.sent("pageview");
  await page.evaluate(() => history.pushState({}, "", "/done?session_id=cs_test_2"));
  await site.sent("pageview", "payment");

  await page.evaluate(() => {
    window.datafast("payment", { amount: 5 }); // without an e-mail address
    window.datafast("payment", { email: "a@example.com", amount: 5 });
  });
  const [byCall] = await site.sent("payment");
  assert.deepEqual(byCall.extraData, { email: "a@example.com" });

  // Hints for the attribution of payments that the providers report, never revenue.
  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.revenue], [1, 0]);
    assert.deepEqual(await get("analytics/goals"), []);
  });
});

test("data-disable-payments leaves only payments by call", { attributes: { "disable-payments": "true" } }, async (site) => {
  const page = await (await site.visitor()).open("/thanks?session_id=cs_test_1&order_id=7");
  await site.sent("pageview");
  await page.evaluate(() => window.datafast("payment", { email: "a@example.com" }));
  await site.sent("payment");
});

// ── Silence ──────────────────────────────────────────────────────────────────────────────────────────────────────────

test("who opted out is not tracked, at once and until he opts in", { body: GOALS }, async (site) => {
  const visitor = await site.visitor();
  const page = await visitor.open();
  await site.sent("pageview");
  await page.evaluate(() => localStorage.setItem("datafast_ignore", "true"));
  await page.click("#buy");
  await site.sent();
  await visitor.context.clearCookies();
  const other = await visitor.open("/other");
  await other.evaluate(() => window.datafast("signup"));
  await site.sent();
  assert.deepEqual(await visitor.context.cookies(), []);

  await other.evaluate(() => localStorage.removeItem("datafast_ignore"));
  await other.reload();
  await site.sent("pageview");
});

test("localhost is silent unless data-allow-localhost", {}, async (site) => {
  const visitor = await site.visitor();
  for (const host of ["localhost", "127.0.0.1"]) await visitor.open(site.url("/", host));
  await site.sent();
  site.attributes["allow-localhost"] = "false";
  await visitor.open(site.url("/", "localhost"));
  await site.sent();
  site.attributes["allow-localhost"] = "true";
  const page = await visitor.open(site.url("/", "localhost"));
  const [first] = await site.sent("pageview");
  await page.evaluate(() => window.datafast("signup"));
  const [second] = await site.sent("custom");
  assert.equal(first.visitorId, second.visitorId);
  assert.equal((await visitor.cookie("datafast_visitor_id")).domain, "localhost");
});

test("a file is silent unless data-allow-file-protocol", {}, async (site) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-page-"));
  try {
    const file = join(folder, "page.html");
    const visitor = await site.visitor();
    writeFileSync(file, site.html());
    await visitor.open(pathToFileURL(file).href);
    await site.sent();
    site.attributes["allow-file-protocol"] = "true";
    writeFileSync(file, site.html());
    await visitor.open(pathToFileURL(file).href);
    const [view] = await site.sent("pageview");
    assert.equal(view.to, `${gateway}/api/events`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an iframe is silent unless data-debug", {}, async (site) => {
  const visitor = await site.visitor();
  const page = await visitor.open(site.url("/", site.elsewhere));
  const add = (src) => document.body.append(Object.assign(document.createElement("iframe"), { src }));
  const frame = () => page.evaluate(add, site.url());
  await frame();
  await site.sent();
  site.attributes.debug = "true";
  await frame();
  await site.sent("pageview");
});

test("bots send nothing", {}, async (site) => {
  for (const userAgent of ["Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/150.0.0.0 Safari/537.36", "curl/8.5.0", "abc"]) {
    await (await site.visitor({ userAgent })).open();
  }
  for (const trace of [
    "Object.defineProperty(navigator, 'webdriver', { value: true })",
    "window.callPhantom = () => {}",
    "window.__webdriver_evaluate = 1",
    "new MutationObserver(() => document.documentElement?.setAttribute('selenium', 'true')).observe(document, { childList: true })",
  ]) {
    const visitor = await site.visitor();
    await visitor.context.addInitScript(trace);
    const page = await visitor.open();
    await page.evaluate(() => window.datafast("signup"));
    assert.deepEqual(await visitor.context.cookies(), []);
  }
  await site.sent();

  const visitor = await site.visitor();
  await visitor.context.addInitScript("window.phantom = {}"); // a wallet
  await visitor.open();
  await site.sent("pageview");
});

test("data-disable-console silences the log", {}, async (site) => {
  const visitor = await site.visitor();
  const logged = [];
  visitor.context.on("console", (message) => logged.push(message.text()));
  const page = await visitor.open();
  await page.evaluate(() => window.datafast("not a name"));
  assert.equal(logged.length, 1);
  site.attributes["disable-console"] = "true";
  await page.reload();
  await page.evaluate(() => window.datafast("not a name"));
  assert.equal(logged.length, 1);
  await site.sent("pageview");
});

// ── Visitors and visits ──────────────────────────────────────────────────────────────────────────────────────────────

test("cookies tell visitors and visits apart, on all hosts of the domain", {}, async (site) => {
  const visitor = await site.visitor();
  const page = await visitor.open();
  const [first] = await site.sent("pageview");

  const now = Date.now() / 1000;
  const year = 365 * 24 * 60 * 60;
  const lifetimes = {
    datafast_visitor_id: year,
    datafast_visitor_first_seen_at: year,
    datafast_visitor_session_count: year,
    datafast_session_id: 30 * 60,
  };
  const cookies = await visitor.context.cookies();
  assert.deepEqual(cookies.map((cookie) => cookie.name).sort(), Object.keys(lifetimes).sort());
  for (const { name, domain, path, expires } of cookies) {
    assert.deepEqual([domain, path], [`.${site.domain}`, "/"], name);
    assert.ok(Math.abs(expires - now - lifetimes[name]) < 30, `${name} lives until ${expires}`);
  }
  const value = async (name) => decodeURIComponent((await visitor.cookie(name)).value);
  assert.equal(await value("datafast_visitor_id"), first.visitorId);
  assert.equal(await value("datafast_session_id"), first.sessionId);
  assert.equal(await value("datafast_visitor_first_seen_at"), first.visitorFirstSeenAt);
  assert.equal(await value("datafast_visitor_session_count"), "1");

  await sleep(1100);
  await page.evaluate(() => window.datafast("still_here"));
  await site.sent("custom");
  const { expires } = cookies.find((cookie) => cookie.name === "datafast_session_id");
  assert.ok((await visitor.cookie("datafast_session_id")).expires >= expires + 1, "an event keeps the visit alive");

  await visitor.open(site.url("/", `blog.${site.domain}`));
  const [blog] = await site.sent("pageview");
  assert.deepEqual([blog.visitorId, blog.sessionId, blog.visitorSessionNumber], [first.visitorId, first.sessionId, 1]);

  await visitor.context.clearCookies({ name: "datafast_session_id" }); // as after half an hour
  await visitor.open("/later");
  const [later] = await site.sent("pageview");
  assert.equal(later.visitorId, first.visitorId);
  assert.equal(later.visitorFirstSeenAt, first.visitorFirstSeenAt);
  assert.equal(later.visitorSessionNumber, 2);
  assert.notEqual(later.sessionId, first.sessionId);

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [1, 2]);
    assert.equal((await get(`visitors/${first.visitorId}`)).activity.visitCount, 2);
  });
});

test("two tabs are one visit, two browsers are two visitors", {}, async (site) => {
  const one = await site.visitor();
  await one.open("/");
  await site.sent("pageview");
  await one.open("/second-tab");
  const [tab] = await site.sent("pageview");
  const other = await site.visitor();
  await other.open("/");
  const [view] = await site.sent("pageview");
  assert.notEqual(view.visitorId, tab.visitorId);

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [2, 2]);
    const visitors = await get("visitors");
    assert.deepEqual(visitors.map((row) => row.visitorId).sort(), [view.visitorId, tab.visitorId].sort());
  });
});

test("a page works with every storage refused", { body: GOALS }, async (site) => {
  const visitor = await site.visitor();
  await visitor.context.addInitScript(() => {
    const refuse = { get: () => { throw new DOMException("refused", "SecurityError"); } };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, refuse);
    Object.defineProperty(document, "cookie", { ...refuse, set: refuse.get });
  });
  const page = await visitor.open();
  const [view] = await site.sent("pageview");
  await page.click("#buy");
  const [goal] = await site.sent("custom");
  assert.deepEqual([goal.visitorId, goal.sessionId], [view.visitorId, view.sessionId]);
  await site.reports(async (get) => assert.equal((await get("analytics/overview"))[0].sessions, 1));
});

const COOKIELESS = { script: "script.cookieless.js", settings: { isCookieless: true } };

test("script.cookieless.js sets no cookie and learns the visitor's id", COOKIELESS, async (site) => {
  const visitor = await site.visitor();
  const page = await visitor.open();
  const [first] = await site.sent("pageview");
  assert.equal(first.cookieless, true);
  assert.equal(first.visitorSessionNumber, 0);
  assert.ok(!("visitorFirstSeenAt" in first));
  assert.match(first.visitorId, VISITOR_ID);
  assert.match(first.sessionId, SESSION_ID);
  await page.waitForFunction(() => window.datafast.visitorId);
  const known = await page.evaluate(() => window.datafast.visitorId);
  assert.match(known, VISITOR_ID);
  assert.notEqual(known, first.visitorId, "the gateway's id, not the event's");

  await page.goto(site.url("/second"));
  const [second] = await site.sent("pageview");
  assert.equal(second.sessionId, first.sessionId);
  assert.equal(second.visitorId, known);
  assert.equal(await page.evaluate(() => window.datafast.visitorId), known);
  await page.evaluate(() => (window.datafast("signup"), window.datafast("identify", { user_id: "u-1" })));
  await site.sent("custom"); // and no visitor is identified
  assert.deepEqual(await visitor.context.cookies(), []);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [1, 1]);
    assert.deepEqual((await get("analytics/pages")).map((row) => row.path).sort(), ["/", "/second"]);
    assert.deepEqual((await get("analytics/goals")).map((row) => row.goal), ["signup"]);
  });
});

// ── Where events go ──────────────────────────────────────────────────────────────────────────────────────────────────

test("data-api-url is an endpoint or a path of the page's host", { proxied: { "/collect": "/api/events" } }, async (site) => {
  const visitor = await site.visitor();
  const endpointOf = async (apiUrl, path) => {
    site.attributes["api-url"] = apiUrl;
    await visitor.open(path);
    return (await site.sent("pageview"))[0].to;
  };
  assert.equal(await endpointOf("/collect", "/by-path"), site.url("/collect"));
  assert.equal(await endpointOf(`${gateway}/api/events`, "/full"), `${gateway}/api/events`);
  for (const [n, slip] of ["https://", "collect", "ftp://x/y", "javascript:alert(1)"].entries()) {
    assert.equal(await endpointOf(slip, `/slip-${n}`), `${gateway}/api/events`, slip);
  }
  await site.reports(async (get) => {
    const paths = (await get("analytics/pages")).map((row) => row.path);
    assert.deepEqual(paths.sort(), ["/by-path", "/full", "/slip-0", "/slip-1", "/slip-2", "/slip-3"]);
  });
});

const PROXY = { src: "/js/script.js", proxied: { "/js/script.js": "/js/script.js", "/api/events": "/api/events" } };

test("a script that comes through a proxy sends through it", PROXY, async (site) => {
  await (await site.visitor()).open();
  const [view] = await site.sent("pageview");
  assert.equal(view.to, site.url("/api/events"));
  await site.reports(async (get) => {
    assert.equal((await get("analytics/overview"))[0].visitors, 1);
    const [listed] = await get("visitors");
    assert.equal(listed.identity.browser, "Chrome");
  });
});

test("refused events do not disturb the page and are not sent again", { body: GOALS }, async (site) => {
  const visitor = await site.visitor();
  await visitor.open();
  await site.sent("pageview");
  await sleep(1000); // the script renews the cookie once the answer has come
  const { expires } = await visitor.cookie("datafast_session_id");
  await visitor.context.route("**/api/events", (route) =>
    route.fulfill({ status: 403, body: "no", headers: { "access-control-allow-origin": "*" } }),
  );
  const page = await visitor.open("/refused");
  await page.click("#buy");
  await page.evaluate(() => window.datafast("signup"));
  await sleep(1500);
  await site.sent("pageview", "custom", "custom");
  assert.equal((await visitor.cookie("datafast_session_id")).expires, expires, "only a taken event keeps the visit alive");
});

test("an event that the gateway fails to take is sent again", {}, async (site) => {
  const visitor = await site.visitor();
  let failures = 1;
  await visitor.context.route("**/api/events", (route) =>
    failures-- > 0
      ? route.fulfill({ status: 503, body: "no", headers: { "access-control-allow-origin": "*" } })
      : route.continue(),
  );
  await visitor.open();
  await sleep(1500);
  const [first, again] = await site.sent("pageview", "pageview");
  assert.equal(first.id, again.id);
});

test("an event whose answer is lost is sent again and counted once", {}, async (site) => {
  const visitor = await site.visitor();
  let losses = 1;
  await visitor.context.route("**/api/events", async (route) => {
    if (losses-- <= 0) return route.continue();
    await route.fetch(); // the gateway has it, the browser does not know
    await route.abort();
  });
  await visitor.open();
  await site.sent("pageview");
  await sleep(1000);
  const [again] = await site.sent("pageview");
  await site.reports(async (get) => assert.equal((await get(`visitors/${again.visitorId}`)).activity.pageViewCount, 1));
});

// ── The npm package ──────────────────────────────────────────────────────────────────────────────────────────────────

async function bundledSdk() {
  const { outputFiles } = await build({
    stdin: { contents: 'export { initDataFast } from "datafast"', resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "sdk",
  });
  return outputFiles[0].text;
}

const sdkOptions = (site) => ({ apiUrl: `${gateway}/api/events`, domain: site.domain, websiteId: site.trackingId });

test("the datafast SDK reports to the gateway", { src: "" }, async (site) => {
  site.files["/sdk.js"] = await bundledSdk();
  site.head = '<script src="/sdk.js"></script>';
  const init = (page) =>
    page.evaluate(async (options) => {
      window.client = await sdk.initDataFast(options);
    }, sdkOptions(site));

  const visitor = await site.visitor();
  const page = await visitor.open("/pricing?utm_source=ads", { referer: `http://${site.elsewhere}/` });
  await init(page);
  await page.evaluate(async (elsewhere) => {
    await client.trackPageview();
    await client.track("SignUp", { Plan: "pro" });
    await client.identify("u-1", { name: "Ada", plan: "pro" });
    await client.trackExternalLink(elsewhere, "Elsewhere");
    await client.flush();
  }, site.url("/", site.elsewhere));
  const [view, goal] = await site.sent("pageview", "custom", "identify", "external_link");
  assert.equal(view.href, site.url("/pricing?utm_source=ads"));
  assert.deepEqual(goal.extraData, { eventName: "signup", plan: "pro" });

  const local = await (await site.visitor()).open(site.url("/", "localhost"));
  await init(local);
  await local.evaluate(async () => (await client.trackPageview(), await client.flush()));
  await site.sent(); // allowLocalhost is off

  await site.reports(async (get) => {
    const [overview] = await get("analytics/overview");
    assert.deepEqual([overview.visitors, overview.sessions], [1, 1]);
    assert.deepEqual((await get("analytics/pages")).map((row) => row.path), ["/pricing"]);
    assert.equal((await get("analytics/referrers"))[0].referrer, site.elsewhere);
    const [campaign] = await get("analytics/campaigns", { fields: "utm_source,visitors" });
    assert.deepEqual([campaign.utm_source, campaign.visitors], ["ads", 1]);
    assert.deepEqual((await get("analytics/goals")).map((row) => [row.goal, row.completions]), [["signup", 1]]);
    const [click] = await get("analytics/exit-clicks");
    assert.deepEqual([click.url, click.clicks], [site.url("/", site.elsewhere), 1]);
    const { profile } = await get(`visitors/${view.visitorId}`);
    assert.equal(profile.userId, "u-1");
  });
});

test("the SDK and the script know the same visitor", {}, async (site) => {
  site.files["/sdk.js"] = await bundledSdk();
  site.body = '<script src="/sdk.js"></script>';
  const page = await (await site.visitor()).open();
  const [view] = await site.sent("pageview");
  await page.evaluate(async (options) => {
    const client = await sdk.initDataFast(options);
    await client.track("from_sdk");
    await client.flush();
  }, sdkOptions(site));
  const [goal] = await site.sent("custom");
  assert.equal(goal.visitorId, view.visitorId);
});

let passed = false;
try {
  passed = await runTests();
} finally {
  await stopAll();
}
process.exit(passed ? 0 : 1);
