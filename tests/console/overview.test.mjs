import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { accessible, acme, eventually, gateway, NOW, Owner, settled, test, testAlone, text, ZONE } from "./harness.mjs";

const site = (website, query = "") => `/console/w/${website.id}${query}`;
const figure = (page, name) => page.locator(".figure-button", { has: page.getByText(name, { exact: true }) });
const card = (page, name) => page.locator(".breakdown", { has: page.getByRole("heading", { name, exact: true }) });
const rows = (card) => card.locator("tbody tr");
const row = (card, label) => rows(card).filter({ hasText: label }).first();
const reports = (calls) => calls.filter(({ path }) => path.endsWith("/reports"));
const WEEK = { startAt: "2026-10-08", endAt: "2026-10-14", timezone: ZONE };

async function overview(visit, query = "?period=7d", options = {}) {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner, ...options });
  const page = await visit.open(context, site(website, query));
  await settled(page);
  return { owner, website, context, page };
}

test("overview: the figures are the API's", async (visit) => {
  const { owner, website, page } = await overview(visit);
  const [totals] = await owner.report(website, "overview", WEEK);
  assert.ok(totals.visitors > 100 && totals.revenue > 0, "the story has something to show");
  const number = (value) => value.toLocaleString("en-GB");
  assert.match(await text(figure(page, "Visitors")), new RegExp(`^Visitors ${number(totals.visitors)} `));
  assert.match(await text(figure(page, "Sessions")), new RegExp(`^Sessions ${number(totals.sessions)} `));
  assert.match(await text(figure(page, "Bounce rate")), new RegExp(`^Bounce rate ${totals.bounce_rate.toFixed(1)}%`));
  assert.match(await text(figure(page, "Revenue per visitor")), new RegExp(`\\$${totals.revenue_per_visitor.toFixed(2)}`));

  for (const [name, path, key] of [
    ["Sources", "referrers", "referrer"],
    ["Pages", "pages", "path"],
    ["System", "browsers", "browser"],
    ["Actions", "goals", "goal"],
  ]) {
    const wanted = (await owner.report(website, path, { ...WEEK, limit: 9 })).map((one) => [
      one[key] || "Direct/None",
      number(one.visitors),
    ]);
    const shown = await rows(card(page, name)).evaluateAll((all, isGoals) =>
      all.map((one) => [one.querySelector(".list-text").textContent, one.querySelectorAll("td")[isGoals ? 1 : 0].textContent.trim()]), name === "Actions"); // biome-ignore format: one call
    assert.deepEqual(shown, wanted, name);
  }
});

test("overview: two calls open it, one follows a change, none a tab that was prefetched", async (visit) => {
  const { page } = await overview(visit);
  assert.deepEqual(
    visit.calls.map(({ path }) => path.split("/").at(-1)),
    ["session", "reports"],
  );
  const one = async (body, expected) => {
    const calls = await visit.count(async () => {
      await body();
      await settled(page);
    });
    assert.equal(reports(calls).length, expected);
    assert.equal(calls.length, expected);
  };
  await one(() => page.keyboard.press("t"), 1);
  await one(() => row(card(page, "Pages"), "/pricing").locator(".list-name").click(), 1);
  await one(() => page.keyboard.press("2"), 0); // another figure of the same answer
  await one(() => card(page, "System").getByRole("tab", { name: "OS" }).click(), 1);
  await one(() => card(page, "System").getByRole("tab", { name: "Browser" }).click(), 0);
});

test("overview: Shift and a click on a figure takes revenue off the chart and puts it back, and so does its button", async (visit) => {
  const { page } = await overview(visit);
  const bars = () => page.locator(".chart-bar").count();
  const toggle = page.getByRole("button", { name: "Revenue", exact: true }).and(page.locator(".bars-toggle"));
  assert.ok((await bars()) > 0);
  const calls = await visit.count(async () => {
    await figure(page, "Sessions").click({ modifiers: ["Shift"] });
    await settled(page);
  });
  assert.equal(calls.length, 0);
  assert.equal(await bars(), 0);
  assert.equal(new URL(page.url()).searchParams.get("bars"), "off");
  assert.equal(await figure(page, "Visitors").getAttribute("aria-pressed"), "true", "the line stays");
  await page.goBack();
  await eventually(async () => (await bars()) > 0);
  await toggle.click();
  assert.equal(await toggle.getAttribute("aria-pressed"), "false");
  assert.equal(await bars(), 0);
  await toggle.click();
  assert.equal(new URL(page.url()).searchParams.has("bars"), false);
  await eventually(async () => (await bars()) > 0);
});

test("overview: the last card has goals, funnels and visitors, each asked for when it is opened", async (visit) => {
  const { owner } = await acme();
  const website = await owner.website(undefined, { daily: 8, days: 10 });
  const steps = [
    { name: "Home", type: "pageview", url: "/*" },
    { name: "Signed up", type: "goal", goalName: "signup" },
  ];
  const [funnel] = await owner.api.rows("POST", `/api/v1/admin/websites/${website.id}/funnels`, { name: "To sign-up", steps });
  const page = await visit.open(await visit.browser({ owner }), site(website, "?period=7d"));
  await settled(page);
  const actions = card(page, "Actions");
  const open = async (tab) => {
    const calls = await visit.count(async () => {
      await actions.getByRole("tab", { name: tab }).click();
      await settled(page);
      await rows(actions).first().waitFor();
    });
    assert.equal(calls.length, 1, tab);
  };
  await open("Funnels");
  const [result] = await owner.api.rows("GET", `/api/v1/analytics/funnels/${funnel.id}?${new URLSearchParams({ websiteId: website.id, ...WEEK })}`); // biome-ignore format: one call
  assert.ok(result.totalVisitors > 0);
  await eventually(async () => (await text(row(actions, "To sign-up"))).startsWith(`To sign-up ${result.totalVisitors} ${result.completedVisitors} ${result.conversionRate.toFixed(1)}%`)); // biome-ignore format: one line
  await accessible(page, "the funnels of the overview");
  assert.equal(new URL(page.url()).searchParams.get("act"), "funnels");

  await open("Visitors");
  const { data, pagination } = await owner.api.json("GET", `/api/v1/visitors?${new URLSearchParams({ websiteId: website.id, ...WEEK, limit: 9 })}`); // biome-ignore format: one call
  const shown = await rows(actions).evaluateAll((all) => all.map((one) => one.querySelector("a").href.split("/").at(-1)));
  assert.deepEqual(shown, data.map(({ visitorId }) => visitorId)); // biome-ignore format: one line
  assert.match(await text(actions.locator(".more")), new RegExp(`^All ${pagination.total}`));
  await accessible(page, "the visitors of the overview");
  await row(actions, "").locator("a").click();
  await page.locator(".journey").waitFor();
  for (const tab of ["visitors", "funnels"]) {
    await page.goBack();
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("act"), tab);
  }
  // With the keyboard: the browser is still putting the page back to where it was scrolled.
  await row(actions, "To sign-up").locator("a").press("Enter");
  await page.getByRole("heading", { level: 1, name: "To sign-up" }).waitFor();
});

test("overview: all time begins with the first event, also where that was imported from before the website was added", async (visit) => {
  const { owner } = await acme();
  const website = await owner.website();
  const at = ["2021-03-05T10:00:00Z", "2024-07-01T10:00:00Z", "2026-10-14T08:00:00Z"];
  await owner.import(
    website,
    at.map((timestamp, number) => ({
      id: `${website.id}-${number}`,
      timestamp,
      type: "pageview",
      href: `https://${website.domain}/`,
      visitorId: crypto.randomUUID(),
      sessionId: `s${number}`,
    })),
  );
  const context = await visit.browser({ owner });
  for (const path of ["", "/goals", "/funnels"]) {
    const page = await visit.open(context, `/console/w/${website.id}${path}?period=all`);
    await settled(page);
    const { query } = reports(visit.calls).at(-1);
    assert.deepEqual([query.get("startAt"), query.get("endAt")], ["2021-03-05", "2026-10-14"], path);
    if (path === "") assert.match(await text(figure(page, "Visitors")), /^Visitors 3/);
    await page.close();
  }
  assert.equal(reports(visit.calls).length, 3, "nothing is asked twice");
  const page = await visit.open(context, `/console/w/${website.id}/visitors?period=all`);
  await page.getByRole("heading", { level: 2, name: "3 visitors" }).waitFor();
});

test("overview: each tab and each metric has an address, and Back goes through them", async (visit) => {
  const { page } = await overview(visit);
  const steps = [
    () => card(page, "Sources").getByRole("tab", { name: "Campaign" }).click(),
    () => figure(page, "Sessions").click(),
    () => row(card(page, "Pages"), "/pricing").locator(".list-name").click(),
    () => page.keyboard.press("x"),
    () => page.keyboard.press("ArrowLeft"),
    () => card(page, "Places").getByRole("tab", { name: "City" }).click(),
    () => row(card(page, "Places"), "Berlin").locator(".list-name").click(),
    () => page.keyboard.press("f"),
  ];
  const addresses = [page.url()];
  for (const step of steps) {
    await step();
    await settled(page);
    addresses.push(page.url());
  }
  assert.equal(new Set(addresses).size, steps.length + 1, addresses.join("\n"));
  for (const address of addresses.slice(0, -1).reverse()) {
    await page.goBack();
    assert.equal(page.url(), address);
  }
  await settled(page);
  assert.equal(await page.locator(".chip").count(), 0);
  assert.equal(await card(page, "Sources").getByRole("tab", { name: "Referrer" }).getAttribute("aria-selected"), "true");
});

test("overview: a click filters by a row, Shift adds one, Alt takes one out, and the figures follow", async (visit) => {
  const { owner, website, page } = await overview(visit, "?period=7d&geo=countries");
  const country = (name) => row(card(page, "Places"), name).locator(".list-name");
  await country("Germany").click();
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("f"), "country:is:Germany");
  await page.locator(".chip").getByText("Germany").waitFor();
  const [totals] = await owner.report(website, "overview", { ...WEEK, filter_country: "is:Germany" });
  assert.match(await text(figure(page, "Visitors")), new RegExp(`^Visitors ${totals.visitors} `));

  await page.getByRole("button", { name: /^Remove the filter/ }).click();
  await settled(page);
  await country("Germany").click();
  await settled(page);
  await country("Germany").click(); // a second click takes it back
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("f"), null);
  await country("France").click({ modifiers: ["Alt"] });
  await settled(page);
  await country("Germany").click({ modifiers: ["Alt"] });
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("f"), "country:is_not:France,Germany");
  assert.equal(await row(card(page, "Places"), "Germany").count(), 0);
});

test("overview: filters are made and changed in the editor, and Esc takes them away", async (visit) => {
  const { page } = await overview(visit);
  await page.keyboard.press("/");
  await page.getByRole("button", { name: "Browser", exact: true }).click();
  await page.getByRole("textbox", { name: /Browser: find/ }).fill("saf");
  await page.getByRole("checkbox", { name: "Safari", exact: true }).check();
  await page.getByRole("button", { name: "Add the filter" }).click();
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("f"), "browser:is:Safari");

  await page.getByRole("button", { name: /^Change the filter/ }).click();
  await page.getByRole("combobox", { name: "Browser" }).selectOption("is_not");
  await page.getByRole("button", { name: "Change the filter", exact: true }).click();
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("f"), "browser:is_not:Safari");

  await page.keyboard.press("/");
  await page.getByRole("button", { name: "Page", exact: true }).last().click();
  await page.getByRole("textbox", { name: /Page: find/ }).fill("/a,b");
  await page.keyboard.press("Enter");
  await page.getByText("A value with a comma cannot be filtered.").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("h1").evaluate((heading) => heading.ownerDocument.activeElement.blur());
  await page.keyboard.press("Escape");
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("f"), null);
});

test("overview: every letter chooses its dates, none while something is typed, and none when switched off", async (visit) => {
  const { page } = await overview(visit);
  const period = () => new URL(page.url()).searchParams.get("period");
  const letters = {
    d: "today",
    e: "yesterday",
    h: "24h",
    w: "7d",
    f: "28d",
    t: "30d",
    n: "91d",
    m: "mtd",
    p: "lastmonth",
    y: "ytd",
    l: "12mo",
  };
  for (const [letter, wanted] of Object.entries(letters)) {
    await page.keyboard.press(letter);
    assert.equal(period(), wanted, letter);
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "What the keys do" }).waitFor();
  await page.keyboard.press("w");
  assert.equal(period(), "12mo", "a dialog is open");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("d");
  assert.equal(period(), "12mo", "something is typed");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: / account of / }).click();
  await page.getByRole("button", { name: /^Keyboard shortcuts/ }).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("d");
  assert.equal(period(), "12mo", "they are switched off");
  await settled(page);
});

// The website's days, whatever the browser's zone is, and over both changes of the clocks.
for (const [zone, browserZone, now, today] of [
  ["Asia/Kathmandu", "UTC", "2026-10-13T18:20:00Z", "2026-10-14"],
  ["America/Los_Angeles", "Asia/Tokyo", "2026-10-14T03:00:00Z", "2026-10-13"],
  ["Australia/Lord_Howe", "Europe/Paris", "2026-10-03T15:45:00Z", "2026-10-04"],
  ["Europe/Paris", "America/New_York", "2026-03-29T22:30:00Z", "2026-03-30"],
  ["America/New_York", "Pacific/Auckland", "2025-11-03T04:30:00Z", "2025-11-02"],
]) {
  test(`overview: today in ${zone} seen from ${browserZone} is ${today}`, async (visit) => {
    const { owner } = await acme();
    const website = await owner.website(undefined, undefined, zone);
    const at = Date.parse(now);
    await owner.import(website, [
      { id: `${website.id}-1`, timestamp: new Date(at - 60_000).toISOString(), type: "pageview", href: `https://${website.domain}/`, visitorId: crypto.randomUUID(), sessionId: "s1" },
    ]); // biome-ignore format: one line, one event
    const context = await visit.browser({ owner, timezoneId: browserZone });
    const page = await visit.open(context, site(website, "?period=today"), { now: at });
    await settled(page);
    const asked = reports(visit.calls)[0].query;
    assert.deepEqual([asked.get("startAt"), asked.get("endAt"), asked.get("timezone")], [today, today, zone]);
    assert.match(await text(figure(page, "Visitors")), /^Visitors 1 /);
    await page.keyboard.press("ArrowLeft");
    await settled(page);
    const before = reports(visit.calls).at(-1).query;
    assert.ok(before.get("endAt") < today);
  });
}

test("overview: a running period is compared up to the same moment, by weekday", async (visit) => {
  const { page } = await overview(visit);
  const { query } = reports(visit.calls)[0];
  assert.equal(query.get("compare"), "custom");
  assert.match(query.get("compareStartAt"), /^2026-09-30T22:00:00\.000Z$/);
  assert.match(query.get("compareEndAt"), /^2026-10-07T09:12:00/);
  await page.getByText("today, until 11:12").first().waitFor();
  await page.keyboard.press("x");
  await settled(page);
  assert.equal(reports(visit.calls).at(-1).query.has("compare"), false);
});

test("overview: the chart is read by keyboard, looked into, and shown as a table", async (visit) => {
  const { page } = await overview(visit);
  const chart = page.getByRole("application");
  assert.match(await chart.getAttribute("aria-label"), /^Visitors by day, 8.+14 Oct 2026; most/);
  await chart.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.locator(".chart-tip").getByText("Tue 13 Oct").waitFor();
  await page.keyboard.press("Enter");
  await settled(page);
  const query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get("period"), query.get("from"), query.get("to")], ["custom", "2026-10-13", "2026-10-13"]);
  assert.equal(reports(visit.calls).at(-1).query.get("parts").includes("timeseries:hour"), true);
  await page.getByRole("button", { name: "Show the figures as a table" }).click();
  assert.equal(await page.locator(".chart-table tbody tr").count(), 24);
  await accessible(page, "the chart as a table");
});

test("overview: CSV has what is shown, and nothing that a spreadsheet would run", async (visit) => {
  const { owner } = await acme();
  const website = await owner.website();
  const paths = ["/=cmd()", "/+1", "/plain", '/"quoted"'];
  await owner.import(
    website,
    paths.map((path, at) => ({
      id: `${website.id}-${at}`,
      timestamp: new Date(NOW - 3_600_000 - at).toISOString(),
      type: "pageview",
      href: `https://${website.domain}/?utm_source=${encodeURIComponent(path.slice(1))}`,
      visitorId: crypto.randomUUID(),
      sessionId: `s${at}`,
    })),
  );
  const context = await visit.browser({ owner });
  const page = await visit.open(context, site(website, "?period=today&src=source&more=source"));
  await settled(page);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("table").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "CSV" }).click()]);
  assert.match(download.suggestedFilename(), /_Source_2026-10-14_2026-10-14\.csv$/);
  const file = await readFile(await download.path(), "utf8");
  const lines = file.replace("\ufeff", "").trim().split("\r\n");
  assert.deepEqual(lines[0], "Source,Visitors,Revenue,Payments,Conversion rate");
  assert.equal(lines.length - 1, await dialog.locator("tbody tr").count());
  assert.ok(
    lines.some((line) => line.startsWith("'=cmd()")),
    file,
  );
  assert.ok(!lines.some((line) => /^[=+@-]/.test(line)), file);
});

test("overview: a list in full is searched and sorted, and copied as the very call", async (visit) => {
  const { context, page } = await overview(visit, "?period=28d&more=cities");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("table").waitFor();
  await accessible(page, "a list in full");
  await dialog.getByRole("searchbox").fill("san");
  await eventually(async () => (await dialog.locator("tbody tr").count()) <= 3);
  await dialog.getByRole("combobox").selectOption("label");
  await dialog.getByRole("button", { name: "curl" }).click();
  const call = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(call, /^curl --get .*\/api\/v1\/analytics\/cities/);
  assert.match(call, /\$SLUICE_TOKEN/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).searchParams.has("more"), false);
});

test("overview: channels, entry and exit pages are the API's, and places have their flags", async (visit) => {
  const { owner, website, page } = await overview(visit, "?period=7d&src=channels&page=entry-pages&geo=cities");
  const shown = (name) =>
    rows(card(page, name)).evaluateAll((all) => all.map((one) => one.querySelector(".list-text").textContent));
  const wanted = async (path, key) =>
    (await owner.report(website, path, { ...WEEK, limit: 9 })).map((row) => row[key] || "Direct/None");
  assert.deepEqual(await shown("Sources"), await wanted("channels", "channel"));
  assert.deepEqual(await shown("Pages"), await wanted("entry-pages", "path"));
  assert.match(await row(card(page, "Places"), "Berlin").locator(".flag").getAttribute("src"), /\/flags\/DE\.svg$/);
  await card(page, "Pages").getByRole("tab", { name: "Exit page" }).click();
  await settled(page);
  assert.deepEqual(await shown("Pages"), await wanted("exit-pages", "path"));

  await card(page, "Pages").getByRole("tab", { name: "Entry page" }).click();
  await rows(card(page, "Pages")).nth(1).locator(".list-name").click();
  assert.match(new URL(page.url()).searchParams.get("f"), /^entry_page:is:/);
});

test("overview: a list in full has the conversion of its rows, and the gateway searches what is too long to come", async (visit) => {
  const { owner, website, context, page } = await overview(visit, "?period=7d");
  const asked = [];
  await context.route(/\/analytics\/pages\?/, async (route) => {
    const { pathname, search, searchParams } = new URL(route.request().url());
    asked.push(searchParams);
    const body = await owner.api.json("GET", pathname + search);
    await route.fulfill({ json: { ...body, pagination: { ...body.pagination, total: asked.length === 1 ? 1_204 : 3 } } });
  });
  await page.goto(gateway + site(website, "?period=7d&more=pages"));
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/^The first \d+ of 1,204, by visitors/).waitFor();
  const fields = "path,hostname,visitors,revenue,payments,conversion_rate";
  const [first] = (await owner.report(website, "pages", { ...WEEK, fields })).filter((row) => row.conversion_rate > 0);
  assert.match(await text(row(dialog, first.path)), new RegExp(` ${first.conversion_rate.toFixed(1)}% `));

  await dialog.getByRole("searchbox").pressSequentially("pric");
  await eventually(() => asked.at(-1).get("q") === "pric");
  assert.equal(asked.length, 2, "it asks once nobody types");
  await dialog.getByRole("combobox").selectOption("revenue");
  await eventually(() => asked.at(-1).get("sort") === "revenue");
  await row(dialog, "/pricing").waitFor();
});

test("overview: slow answers never overtake, and one failing part leaves the others", async (visit) => {
  const { context, page } = await overview(visit);
  let number = 0;
  await context.route(/\/reports\?/, async (route) => {
    number += 1;
    const isFirst = number === 1;
    if (isFirst) await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue().catch(() => {}); // it was given up
  });
  await page.keyboard.press("t");
  await page.keyboard.press("d");
  await settled(page);
  const shown = await text(figure(page, "Visitors"));
  await page.waitForTimeout(1_800);
  assert.equal(await text(figure(page, "Visitors")), shown);
  await context.unroute(/\/reports\?/);

  await context.route(/\/reports\?/, async (route) => {
    // Not the browser but the test asks, and says from where.
    const answer = await route.fetch({ headers: { ...route.request().headers(), origin: gateway } });
    const lines = (await answer.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const broken = lines.map((line) => {
      if (!line.part.startsWith("pages")) return line;
      return {
        part: line.part,
        status: 500,
        body: { status: "error", error: { code: 500, message: "the object did not answer" } },
      };
    });
    await route.fulfill({ response: answer, body: broken.map((line) => JSON.stringify(line)).join("\n") });
  });
  await page.keyboard.press("w");
  await card(page, "Pages").getByText("the object did not answer").waitFor();
  assert.ok((await rows(card(page, "Sources")).count()) > 3);
  await context.unroute(/\/reports\?/);
  await card(page, "Pages").getByRole("button", { name: "Try again" }).click();
  await rows(card(page, "Pages")).first().waitFor();
});

test("overview: too many requests and no network leave the figures, say so, and go on by themselves", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const page = await context.newPage();
  await page.clock.install({ time: NOW });
  await page.goto(gateway + site(website, "?period=7d"));
  await settled(page);
  const shown = await text(figure(page, "Visitors"));
  visit.expect(429, "/reports");
  await context.route(/\/reports\?/, (route) => route.fulfill({ status: 429, headers: { "retry-after": "12" }, json: { error: "Too many requests" } }), { times: 1 }); // biome-ignore format: one answer
  await page.getByRole("button", { name: /^Refresh/ }).click();
  await page.getByText("Too many requests. Going on in 12 s.").waitFor();
  assert.equal(await text(figure(page, "Visitors")), shown);
  const calls = await visit.count(async () => {
    await page.clock.runFor(13_000);
    await page.getByText("Too many requests").waitFor({ state: "detached" });
    await settled(page);
  });
  assert.equal(reports(calls).length, 1);

  await context.setOffline(true);
  await page.getByRole("button", { name: /^Refresh/ }).click();
  await page.getByText("The gateway does not answer.").waitFor();
  assert.equal(await text(figure(page, "Visitors")), shown);
  await context.setOffline(false);
  await page.clock.runFor(6_000);
  await page.getByText("The gateway does not answer.").waitFor({ state: "detached" });
  visit.problems = visit.problems.filter((problem) => !problem.includes("ERR_INTERNET_DISCONNECTED"));
});

test("overview: a website without events shows how to install, a range and filters without any say so", async (visit) => {
  const owner = await Owner.signUp();
  const fresh = await owner.website();
  const context = await visit.browser({ owner });
  let page = await visit.open(context, site(fresh), { now: undefined });
  await page.getByRole("heading", { name: "Waiting for the first event" }).waitFor();
  await accessible(page, "a website without events");

  const { owner: other, website } = await acme();
  const looking = await visit.browser({ owner: other });
  page = await visit.open(looking, site(website, "?period=custom&from=2025-01-01&to=2025-01-07"));
  await page.getByText(/^Nothing in 1.+7 Jan 2025/).waitFor();
  await accessible(page, "an empty range");
  await page.getByRole("button", { name: "Last 28 days" }).click();
  await settled(page);
  page = await visit.open(looking, site(website, "?period=7d&f=country:is:Atlantis"));
  await page.getByText("Nothing matches this filter.").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await rows(card(page, "Sources")).first().waitFor();
});

test("overview: what the address says wrongly is told, and the rest is shown", async (visit) => {
  const { page } = await overview(visit, "?period=fortnight&metric=luck&f=planet:is:Mars");
  const notice = await text(page.locator(".notice"));
  for (const part of ["fortnight", "luck", "planet"]) assert.match(notice, new RegExp(part));
  assert.ok((await rows(card(page, "Sources")).count()) > 3);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [320, 768, 1280]) {
    test(`overview: accessible in ${colorScheme} at ${width} px, and nothing scrolls sideways`, async (visit) => {
      const { page } = await overview(visit, "?period=7d&f=country:is_not:France", {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await accessible(page, `the overview in ${colorScheme} at ${width} px`);
      const [inner, outer] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      assert.ok(inner <= outer, `${inner} px of content in ${outer} px`);
    });
  }
}

test("overview: menus and dialogs give the focus back", async (visit) => {
  const { page } = await overview(visit);
  for (const name of [/^Dates:/, /^vs /, /^Add a filter/, / account of /, /^Website:/]) {
    const button = page.getByRole("button", { name });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.locator(".menu:popover-open").waitFor();
    await accessible(page, `the menu ${name}`);
    await page.keyboard.press("Escape");
    await page.locator(".menu:popover-open").waitFor({ state: "detached" });
    assert.equal(await button.evaluate((one) => one === document.activeElement), true, `${name}`);
  }
});

testAlone("overview: nothing moves while it loads", async (visit) => {
  const { owner, website } = await acme();
  const context = await visit.browser({ owner });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  await page.addInitScript(() => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(gateway + site(website, "?period=28d"));
  await settled(page);
  await page.waitForTimeout(300);
  const shift = await page.evaluate(() => globalThis.shift);
  assert.ok(shift <= 0.02, `a layout shift of ${shift.toFixed(3)}`);
});

test("overview: usable with forced colours, at 200 % zoom and by keyboard alone", async (visit) => {
  const { page } = await overview(visit, "?period=7d", { forcedColors: "active", viewport: { width: 640, height: 450 } });
  await accessible(page, "forced colours at 200 %");
  const [inner, outer] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(inner <= outer, `${inner} px of content in ${outer} px`);

  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  // Each stop has a name, is seen, and does not lie under the bar.
  const names = [];
  for (let stop = 0; stop < 60; stop++) {
    await page.keyboard.press("Tab");
    const { name, isSeen } = await page.evaluate(() => {
      const { activeElement: it } = document;
      const box = it.getBoundingClientRect();
      const top = document.querySelector(".top").getBoundingClientRect().bottom;
      const name = it.getAttribute("aria-label") || it.textContent.trim() || it.getAttribute("placeholder");
      return { name, isSeen: it === document.body || it.closest(".top") !== null || box.bottom > top };
    });
    assert.ok(name, `stop ${stop + 1} has a name`);
    assert.ok(isSeen, `${name} is not under the bar`);
    names.push(name);
  }
  for (const wanted of [/^Dates:/, /^vs /, /^Add a filter/, /^Visitors/, /^Visitors by day/, /^Google$/]) {
    assert.ok(
      names.some((name) => wanted.test(name)),
      `${wanted} is reached: ${names.join(" | ")}`,
    );
  }
});

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());

// Fast 4G and a processor four times slower, as the browser's own tools define them.
async function slowed(visit, owner) {
  const context = await visit.browser({ owner });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 60,
    downloadThroughput: 1_125_000,
    uploadThroughput: 187_500,
  });
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.addInitScript(() => {
    globalThis.long = [];
    globalThis.slowest = 0;
    new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
    new PerformanceObserver((list) => {
      globalThis.largest = list.getEntries().at(-1).startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
    // From the input to the next frame: what INP counts.
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries())
        if (interactionId) globalThis.slowest = Math.max(globalThis.slowest, duration);
    }).observe({ type: "event", durationThreshold: 16, buffered: true });
  });
  return page;
}

// How many times slower than the machine of the budgets this one is now, slowed as the test has it: what the same work takes.
async function slowness(page) {
  await page.goto(`${gateway}/healthz`);
  const takes = await page.evaluate(() => {
    const work = () => {
      const before = performance.now();
      for (let round = 0; round < 10; round++) {
        const list = document.createElement("ul");
        for (let at = 0; at < 200; at++) {
          const item = document.createElement("li");
          item.textContent = JSON.stringify(JSON.parse(`{"at":${at},"of":[1,2,3],"name":"${"x".repeat(50)}"}`));
          list.append(item);
        }
        document.body.append(list);
        list.getBoundingClientRect();
        list.remove();
      }
      return performance.now() - before;
    };
    return Math.min(...Array.from({ length: 4 }, work));
  });
  return Math.max(1, takes / WORK_MS);
}

// The best of up to five rounds, each on a page of its own: this machine may do other things at the same time.
async function rounds(visit, owner, measure) {
  const takes = [];
  while (takes.length < 5 && !takes.some((take) => take.isWithin)) {
    const page = await slowed(visit, owner);
    const before = await slowness(page);
    const took = await measure(page);
    const slow = Math.max(before, await slowness(page));
    await page.close();
    const shares = Object.entries(took).map(([what, ms]) => ms / BUDGETS_MS[what] / slow);
    const text = Object.entries(took).map(([what, ms]) => `${what} ${Math.round(ms)} ms`);
    takes.push({ isWithin: Math.max(...shares) <= 1, text: `${text.join(", ")} on a machine ${slow.toFixed(1)} times slower` });
  }
  const last = takes.at(-1);
  assert.ok(last.isWithin, takes.map((take) => take.text).join("; "));
  return last.text;
}

testAlone("overview: its figures are there and a filter answers in time, on a slow machine and network", async (visit) => {
  const { owner, website } = await acme();
  return rounds(visit, owner, async (page) => {
    await page.goto(gateway + site(website, "?period=28d"));
    await settled(page);
    const paint = await page.evaluate(() => globalThis.largest);
    await page.evaluate(() => {
      globalThis.slowest = 0;
    });
    await row(card(page, "Pages"), "/pricing").locator(".list-name").click();
    await settled(page);
    await page.waitForTimeout(200);
    return { paint, frame: await page.evaluate(() => globalThis.slowest) };
  });
});

testAlone("overview: a long list is no burden on a slow machine", async (visit) => {
  const { owner } = await acme();
  const website = await owner.website();
  const lines = Array.from({ length: 1_000 }, (_, at) => ({
    id: `${website.id}-${at}`,
    timestamp: new Date(NOW - 3_600_000 - at).toISOString(),
    type: "pageview",
    href: `https://${website.domain}/page/${at}`,
    visitorId: crypto.randomUUID(),
    sessionId: `s${at}`,
  }));
  await owner.import(website, lines);
  return rounds(visit, owner, async (page) => {
    await page.goto(`${gateway}${site(website, "?period=today&more=pages")}`);
    const dialog = page.getByRole("dialog");
    await dialog.locator("tbody tr").nth(49).waitFor();
    await settled(page);
    const known = await page.evaluate(() => globalThis.long.length);
    await dialog.getByRole("searchbox").fill("page/9");
    await dialog.getByRole("combobox").selectOption("label");
    await dialog.getByRole("button", { name: "Next page" }).click();
    await page.waitForTimeout(300);
    return { task: Math.max(0, ...(await page.evaluate((count) => globalThis.long.slice(count), known))) };
  });
});

// The budgets (console.md, 9): until the largest paint, from a click to the next frame, the longest task.
const BUDGETS_MS = { paint: 1_500, frame: 200, task: 100 };
// What the work of `slowness` takes where they were set: on two cores of a virtual machine that does nothing else, slowed four times.
const WORK_MS = 275;
