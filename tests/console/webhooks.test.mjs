import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Person } from "./events.mjs";
import { accessible, eventually, NOW, Owner, settled, test, text } from "./harness.mjs";
import { hook, Receiver, tested } from "./receiver.mjs";

const rows = (page) => page.getByRole("table", { name: /^Deliveries/ }).locator("tbody tr");
const chosen = (page) => new URL(page.url()).searchParams;
const NOW_BY_GATEWAY = { now: null };

async function site(visit, options = {}) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner, ...options });
  const api = (method, path, body) => owner.api.json(method, `/api/v1/admin/websites/${website.id}/webhooks${path}`, body);
  return { owner, website, context, api, at: `/console/w/${website.id}/webhooks` };
}
const drawer = (page) => page.getByRole("dialog");

// A visitor whose goals are events, which an import's are not.
async function somebody(owner, website) {
  const person = new Person(website);
  await owner.import(website, [person.view(Date.now() - 60_000, "/")]);
  const path = `/api/v1/goals?websiteId=${website.id}`;
  return { completes: (name) => owner.api.json("POST", path, { datafast_visitor_id: person.id, name }) };
}

test("webhooks: a new one shows its secret, and a test is followed until it arrived", async (visit) => {
  const { context, at, api } = await site(visit);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const receiver = await Receiver.start();
  const page = await visit.open(context, at, NOW_BY_GATEWAY);
  await page.getByText("Tell your own server what happens.").waitFor();
  await accessible(page, "no webhook");
  await page.getByRole("link", { name: "New webhook" }).click();
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await page.getByText("Say where deliveries go.").waitFor();
  await page.getByLabel("Address").fill("https://10.0.0.1/hooks");
  visit.expect(400, "/webhooks");
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await page.locator(".problem").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.type), "url", "the focus is where it is wrong");
  await accessible(page, "a refused address");

  await page.getByLabel("Address").fill(receiver.url);
  await page.getByLabel("goal.completed").check();
  await page.getByLabel("payment.received").check();
  await page.getByLabel("Headers").fill("X-Source: sluice");
  await page.getByRole("button", { name: "Create the webhook" }).dblclick();
  const secret = await text(page.locator(".secret code"));
  assert.match(secret, /^whsec_/);
  const { data: all } = await api("GET", "");
  assert.equal(all.length, 1, "a double click makes one");
  assert.deepEqual([all[0].eventTypes, all[0].headers], [["goal.completed", "payment.received"], { "X-Source": "sluice" }]);
  await accessible(page, "the secret");

  await page.getByRole("link", { name: "Send a test" }).click();
  await drawer(page).getByLabel("Event").selectOption("payment.received");
  await accessible(page, "a test");
  await drawer(page).getByRole("button", { name: "Send it" }).click();
  await drawer(page).getByText("Accepted with 200").waitFor();
  const [{ headers, body }] = receiver.requests;
  assert.equal(headers["x-source"], "sluice");
  assert.ok((await text(drawer(page))).includes(headers["webhook-id"]));
  await drawer(page).getByRole("button", { name: "Copy the payload, as it is sent" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), body, "byte for byte");
  assert.ok((await text(drawer(page))).includes("thank you"), "the answer's body");
  await accessible(page, "a delivery");
  await page.keyboard.press("Escape");
  assert.equal(chosen(page).has("delivery"), false);
  assert.match(await text(rows(page).first()), /payment\.received delivered 1 200/);
});

test("webhooks: one that fails says since when, why and what comes next, and nothing is lost", async (visit) => {
  const { owner, website, context, at, api } = await site(visit);
  const receiver = await Receiver.start({ status: 503, body: "upstream down" });
  const webhook = await hook(owner, website, receiver.url);
  const visitor = await somebody(owner, website);
  await visitor.completes("signup");
  await eventually(async () => (await api("GET", `/${webhook.id}/stats`)).data[0].failed > 0);
  const page = await visit.open(context, `${at}/${webhook.id}`, NOW_BY_GATEWAY);
  await page.getByText(/^Nothing has arrived since /).waitFor();
  const notice = await text(page.locator(".failing"));
  assert.match(notice, /The last attempt was answered with 503\./);
  assert.match(notice, /The next attempt is in /);
  assert.match(notice, /If nothing arrives until .+, the endpoint is switched off/);
  await accessible(page, "a failing endpoint");
  await rows(page).first().getByRole("link").click();
  await drawer(page).getByText("Answered 503").first().waitFor();
  await drawer(page).getByText("upstream down").first().waitFor();

  receiver.answer = { status: 200, body: "" };
  await drawer(page).getByRole("button", { name: "Send again" }).click();
  await drawer(page).getByText("Accepted with 200").waitFor();
  assert.match(await text(drawer(page)), /by hand/);
  await page.keyboard.press("Escape");
  await page.locator(".failing").waitFor({ state: "detached" });

  // While it is off, events are kept; then they are counted and sent.
  await page.getByRole("button", { name: "Switch off" }).click();
  await page.getByText("switched off by hand").waitFor();
  assert.ok(await page.getByRole("button", { name: "Send a test" }).isDisabled());
  for (const name of ["one", "two"]) await visitor.completes(name);
  await eventually(async () => (await api("GET", `/${webhook.id}/deliveries?status=missed`)).data.length === 2);
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("button", { name: "Recover …" }).click();
  const before = receiver.requests.length;
  await drawer(page).getByText("2 deliveries failed or were missed since then.").waitFor();
  assert.equal(receiver.requests.length, before, "counting sends nothing");
  await accessible(page, "recovering");
  await drawer(page).getByRole("button", { name: "Send 2 deliveries again" }).click();
  await drawer(page).waitFor({ state: "detached" });
  await eventually(() => receiver.requests.length === before + 2);
  await eventually(async () => (await rows(page).filter({ hasText: "delivered" }).count()) === 3);
});

test("webhooks: the health of an endpoint is the API's, by the hour or the day", async (visit) => {
  const { owner, website, context, at, api } = await site(visit);
  const receiver = await Receiver.start();
  const webhook = await hook(owner, website, receiver.url);
  for (let count = 0; count < 3; count += 1) await tested(owner, website, webhook);
  receiver.answer = { status: 410, body: "" }; // which is not tried again, and of a test switches nothing off
  await tested(owner, website, webhook);
  const page = await visit.open(context, `${at}/${webhook.id}`, NOW_BY_GATEWAY);
  const health = page.getByRole("region", { name: "Health" });
  await health.getByRole("img", { name: "24 hours: 3 delivered, 1 failed" }).waitFor();
  assert.match(
    await text(health.locator("dl")),
    /Accepted 75\.0% Arrived 3 Failed 1 Missed 0 Half within ≤ \d+ ms 95 % within ≤ \d/,
  );
  assert.equal(await page.locator(".failing").count(), 0, "a test that fails is no streak");
  await accessible(page, "the health");
  for (const [name, bars] of [
    ["7 days", "168 hours"],
    ["30 days", "30 days"],
  ]) {
    await health.getByRole("button", { name }).click();
    await health.getByRole("img", { name: `${bars}: 3 delivered, 1 failed` }).waitFor();
  }
  assert.equal(chosen(page).get("health"), "30d");
  // It is counted again by itself when a delivery has changed.
  receiver.answer = { status: 200, body: "" };
  await page.getByRole("button", { name: "Send a test" }).click();
  await drawer(page).getByRole("button", { name: "Send it" }).click();
  await drawer(page).getByText("Accepted with 200").waitFor();
  await page.keyboard.press("Escape");
  await health.getByRole("img", { name: "30 days: 4 delivered, 1 failed" }).waitFor();
  const { data } = await api("GET", `/${webhook.id}/stats?interval=day`);
  assert.deepEqual([data[0].delivered, data[0].failed], [4, 1]);
  await page.goto(new URL(at, page.url()).href);
  await page.getByRole("img", { name: "24 hours: 4 delivered, 1 failed" }).waitFor();
  assert.match(await text(page.locator("tbody tr")), / 80\.0% /);
});

test("webhooks: an endpoint that answers 410 is off, in words", async (visit) => {
  const { owner, website, context, at, api } = await site(visit);
  const receiver = await Receiver.start({ status: 410, body: "" });
  const webhook = await hook(owner, website, receiver.url);
  await (await somebody(owner, website)).completes("signup");
  await eventually(async () => !(await api("GET", `/${webhook.id}`)).data[0].isEnabled);
  const page = await visit.open(context, at, NOW_BY_GATEWAY);
  await page.getByText("switched off: it answered 410").waitFor();
  await settled(page);
  assert.match(await text(page.locator("tbody tr")), / 0\.0% /);
  await accessible(page, "a list with one that is off");
});

test("webhooks: deliveries are the API's, filtered by the address, which Back undoes", async (visit) => {
  const { owner, website, context, at, api } = await site(visit);
  const receiver = await Receiver.start();
  const webhook = await hook(owner, website, receiver.url);
  for (const type of ["goal.completed", "payment.received", "payment.received"]) await tested(owner, website, webhook, type);
  const page = await visit.open(context, `${at}/${webhook.id}`, NOW_BY_GATEWAY);
  const ids = () =>
    rows(page).evaluateAll((all) => all.map((one) => new URL(one.querySelector("a").href).searchParams.get("delivery")));
  const wanted = async (query) => (await api("GET", `/${webhook.id}/deliveries${query}`)).data.map(({ id }) => id);
  await settled(page);
  assert.deepEqual(await ids(), await wanted(""));

  await page.getByLabel("Type").selectOption("payment.received");
  await settled(page);
  assert.equal(chosen(page).get("type"), "payment.received");
  assert.deepEqual(await ids(), await wanted("?type=payment.received"));
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  assert.match(download.suggestedFilename(), /deliveries_payment/);
  assert.equal((await readFile(await download.path(), "utf8")).trim().split("\r\n").length, 3);

  await page.getByLabel("Status").selectOption("failed");
  await page.getByText("No delivery matches.").waitFor();
  await accessible(page, "nothing matches");
  await page.goBack();
  await eventually(async () => (await ids()).length === 2);
  await page.getByLabel("Until").fill("2020-01-01");
  await page.getByText("No delivery matches.").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await eventually(async () => (await ids()).length === 3);
});

test("webhooks: the deliveries of all endpoints are one list, filtered by the address, and each opens at its endpoint", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const [well, ill] = [await Receiver.start(), await Receiver.start({ status: 503, body: "no" })];
  const first = await hook(owner, website, well.url);
  const second = await hook(owner, website, ill.url);
  const arrived = await tested(owner, website, first, "payment.received");
  const waiting = await tested(owner, website, second);
  const context = await visit.browser({ owner });
  const page = await visit.open(context, `/console/w/${website.id}/webhooks`, { now: null });
  await page.getByRole("navigation", { name: "Webhooks" }).getByRole("link", { name: "Deliveries" }).click();
  const rows = page.getByRole("region", { name: "Deliveries" }).locator("tbody tr");
  await eventually(async () => (await rows.count()) === 2);
  await rows.getByText(new URL(well.url).host).waitFor(); // the addresses of the endpoints are an answer of their own
  const texts = await rows.allTextContents();
  assert.ok(
    texts.some((row) => row.includes(new URL(well.url).host) && row.includes("payment.received") && row.includes("delivered")),
  );
  assert.ok(texts.some((row) => row.includes(new URL(ill.url).host) && row.includes("waiting") && row.includes("503")));
  await accessible(page, "the deliveries of all endpoints");
  await page.getByLabel("Status").selectOption("delivered");
  await eventually(async () => (await rows.count()) === 1);
  assert.match(page.url(), /\/webhooks\/deliveries\?status=delivered$/);
  await rows.getByRole("link").first().click();
  await page.locator(".drawer .attempts li").first().waitFor();
  assert.match(page.url(), new RegExp(`/webhooks/${first.id}\\?delivery=${arrived}$`));
  await page.goBack();
  await page.goBack();
  await eventually(async () => (await rows.count()) === 2);
  // It is followed: what is sent again arrives by itself.
  ill.answer = { status: 200, body: "" };
  await owner.api.json("POST", `/api/v1/admin/websites/${website.id}/webhooks/${second.id}/deliveries/${waiting}/resend`, {});
  await eventually(async () => (await rows.allTextContents()).every((row) => row.includes("delivered")));
});

test("webhooks: a long list goes page by page, and is followed while something waits", async (visit) => {
  const { owner, website, context, at } = await site(visit);
  const webhook = await hook(owner, website, "https://example.com/hooks");
  const asked = [];
  const one = (number) => ({
    id: String(number).padStart(24, "0"), type: "goal.completed", status: number === 0 ? "pending" : "delivered", attemptCount: 1,
    lastStatusCode: 200, nextAttemptAt: new Date(NOW + 240_000).toISOString(), createdAt: new Date(NOW - 60_000 * number).toISOString(),
    updatedAt: new Date(NOW - 60_000 * number).toISOString(), messageId: `msg${number}`,
  }); // biome-ignore format: a delivery
  await context.route(/\/deliveries\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    asked.push(query);
    const [limit, offset] = ["limit", "offset"].map((name) => Number(query.get(name) ?? 0));
    const data = Array.from({ length: Math.max(0, Math.min(limit, 120 - offset)) }, (_, index) => one(offset + index));
    return route.fulfill({ json: { status: "success", data } });
  });
  const page = await context.newPage();
  await page.clock.install({ time: NOW });
  await page.goto(new URL(`${at}/${webhook.id}`, process.env.SLUICE_URL).href);
  await rows(page).nth(49).waitFor();
  assert.equal(await rows(page).count(), 50);
  assert.match(await text(rows(page).first()), /waiting 1 200 in 4 minutes/);
  const during = async (millis) => {
    const before = asked.length;
    for (let step = 0; step < millis; step += 5_000) {
      await page.clock.runFor(5_000);
      await page.waitForTimeout(50);
    }
    return asked.length - before;
  };
  const live = await during(20_000);
  assert.ok(live >= 3 && live <= 4, `${live} questions in 20 s`);
  await page.getByRole("button", { name: "Pause" }).click();
  assert.equal(await during(20_000), 0);
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("51–100", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("101–120", { exact: true }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Next page" }).isDisabled());
});

test("webhooks: the secret is shown on demand and hidden again, and a new one signs beside it", async (visit) => {
  const { owner, website, context, at } = await site(visit);
  const receiver = await Receiver.start();
  const webhook = await hook(owner, website, receiver.url);
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(new URL(`${at}/${webhook.id}?tab=secret`, process.env.SLUICE_URL).href);
  const shown = page.locator(".secret code");
  await shown.waitFor();
  assert.ok(!(await page.content()).includes(webhook.secret));
  await page.getByRole("button", { name: "Show" }).click();
  await eventually(async () => (await text(shown)) === webhook.secret);
  await page.clock.runFor(61_000);
  await eventually(async () => (await text(shown)).includes("•"));

  await page.getByRole("button", { name: "New secret …" }).click();
  await accessible(page, "a new secret");
  await page.getByRole("button", { name: "Make a new secret", exact: true }).click();
  await page.getByText(/^Both secrets sign until /).waitFor();
  const next = await text(shown);
  assert.match(next, /^whsec_/);
  assert.notEqual(next, webhook.secret);
  await tested(owner, website, webhook);
  assert.equal(receiver.requests[0].headers["webhook-signature"].split(" ").length, 2, "both sign");
});

test("webhooks: settings keep what is masked, and one that an alert needs is not deleted", async (visit) => {
  const { owner, website, context, at } = await site(visit);
  const receiver = await Receiver.start();
  const webhook = await hook(owner, website, receiver.url, { headers: { Authorization: "Bearer abcdefghijklmnopqrstuvwxyz" } });
  const alert = await owner.api.row("POST", `/api/v1/admin/websites/${website.id}/alerts`, {
    name: "Needs it",
    trigger: { goalName: "signup" },
    destination: { type: "webhook", endpointId: webhook.id },
    template: { message: "Somebody signed up." },
  });
  const page = await visit.open(context, `${at}/${webhook.id}?tab=settings`, NOW_BY_GATEWAY);
  const headers = await page.getByLabel("Headers").inputValue();
  assert.ok(headers.startsWith("Authorization: ") && !headers.includes("abcdefghij"), headers);
  await page.getByLabel("Description").fill("Changed");
  await page.getByLabel("Headers").fill(`${headers}\nX-Second: 2\nnonsense`);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Line 3: write “Name: value”").waitFor();
  await page.getByLabel("Headers").fill(`${headers}\nX-Second: 2`);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".endpoint-lead").getByText("Changed").waitFor();
  await tested(owner, website, webhook);
  const [sent] = receiver.requests;
  assert.deepEqual([sent.headers.authorization, sent.headers["x-second"]], ["Bearer abcdefghijklmnopqrstuvwxyz", "2"]);

  visit.expect(409, "/webhooks/");
  await page.getByRole("button", { name: "Delete this webhook …" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await drawer(page).getByText("Needs it").waitFor();
  await owner.api.json("DELETE", `/api/v1/admin/websites/${website.id}/alerts/${alert.id}`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Tell your own server what happens.").waitFor();
});
