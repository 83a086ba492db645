import assert from "node:assert/strict";
import { Person } from "./events.mjs";
import { accessible, eventually, Owner, settled, test, text } from "./harness.mjs";
import { hook, Receiver } from "./receiver.mjs";

const HOUR = 3_600_000;
// What a preview looks at are the last seven days by the gateway's clock.
const LIVE = { now: null };

// Sign-ups of the last days, and one busy hour.
async function site(visit, options = {}) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const now = Date.now();
  const lines = Array.from({ length: 30 }, (_, at) => {
    const person = new Person(website, { country: at % 2 ? "FR" : "DE" });
    const start = at < 20 ? now - 50 * HOUR + at * 1_000 : now - (at - 15) * 7 * HOUR;
    return [person.view(start, "/"), ...(at % 3 ? [] : [person.goal(start + 1_000, "signup", { plan: "pro" })])];
  });
  await owner.import(website, lines.flat());
  const context = await visit.browser({ owner, ...options });
  const path = `/api/v1/admin/websites/${website.id}/alerts`;
  const api = (method, more = "", body) => owner.api.json(method, path + more, body);
  return { owner, website, context, api, at: `/console/w/${website.id}/alerts` };
}
const preview = (page) => page.getByRole("region", { name: "The last seven days" });

test("alerts: one on a goal shows what it would have told, reads as it will, is saved and tested", async (visit) => {
  const { owner, website, context, at, api } = await site(visit);
  const receiver = await Receiver.start();
  const webhook = await hook(owner, website, receiver.url, { description: "The shop's server" });
  const page = await visit.open(context, at, LIVE);
  await page.getByText("Be told when it matters.").waitFor();
  await accessible(page, "no alert");
  await page.getByRole("link", { name: "New alert" }).click();
  await page.getByRole("button", { name: "Create the alert" }).click();
  await page.getByText("Name the goal.").waitFor();
  await page.getByText("At least 10 characters.").waitFor();
  await accessible(page, "what is missing");

  await page.getByLabel("Name", { exact: true }).fill("New signup");
  await page.getByLabel("Goal", { exact: true }).fill("signup");
  const { data } = await api("POST", "/preview", { trigger: { type: "goal", goalName: "signup" } });
  await preview(page).getByText(`The goal was completed ${data[0].count} times.`).waitFor();
  assert.equal(data[0].count, 10);
  await preview(page)
    .getByRole("img", { name: /^Completions in each hour/ })
    .waitFor();
  await page.getByLabel("Message", { exact: true }).fill("Somebody took  on {{website.domain}}");
  await page.getByLabel("Message", { exact: true }).evaluate((area) => area.setSelectionRange(14, 14));
  await page.getByRole("button", { name: "Placeholder" }).click();
  await page.getByRole("button", { name: /metadata\.plan/ }).click();
  assert.equal(
    await page.getByLabel("Message", { exact: true }).inputValue(),
    "Somebody took {{metadata.plan}} on {{website.domain}}",
  );
  assert.match(await text(page.getByRole("region", { name: "How the message reads" })), new RegExp(`^New signup Somebody took \\[plan\\] on ${website.domain}$`)); // biome-ignore format: one line
  await page.getByLabel("Whom").selectOption({ label: "Webhook The shop's server" });
  await accessible(page, "a filled form");
  await page.getByRole("button", { name: "Create the alert" }).dblclick();
  await page.getByRole("heading", { level: 1, name: "New signup" }).waitFor();
  const { data: all } = await api("GET");
  assert.equal(all.length, 1, "a double click makes one");
  assert.deepEqual(
    [all[0].trigger, all[0].destination, all[0].cooldown],
    [{ type: "goal", goalName: "signup" }, { type: "webhook", endpointId: webhook.id }, "0m"],
  );

  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText(/^The test was sent: /).waitFor();
  await eventually(() => receiver.requests.length === 1);
  assert.equal(JSON.parse(receiver.requests[0].body).data.test, true);
  await page.getByText("It has told nothing yet.").waitFor();
  await accessible(page, "an alert");
  await page.getByRole("link", { name: "Its delivery" }).click();
  await page.getByRole("dialog").getByText("Accepted with 200").waitFor();
});

test("alerts: one on a figure is drawn with its threshold", async (visit) => {
  const { context, at, api } = await site(visit);
  const page = await visit.open(context, `${at}/new`, LIVE);
  await page.getByRole("button", { name: "A figure crosses a threshold" }).click();
  await page.getByLabel("Threshold").fill("10");
  const fired = async (trigger) =>
    (
      await api("POST", "/preview", {
        trigger: { type: "metric", metric: "visitors", comparison: "above", threshold: 10, ...trigger },
      })
    ).data[0].count;
  assert.equal(await fired({ window: "1h" }), 1);
  await preview(page).getByText("It would have fired once.").waitFor();
  await preview(page)
    .getByRole("img", { name: /with the threshold of 10$/ })
    .waitFor();
  assert.equal(await preview(page).locator(".preview-threshold").count(), 1);
  assert.equal(await preview(page).locator(".preview-firing").count(), 1);

  await page.getByLabel("Within").selectOption("5m");
  await preview(page)
    .getByRole("img", { name: /^Visitors in 5 minutes, hour by hour, with the threshold of 10$/ })
    .waitFor();
  assert.equal(await preview(page).locator(".preview-threshold").count(), 1);
  await page.getByLabel("Values, separated by commas").fill("DE");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("Country is DE").waitFor();
  await page.getByLabel("Threshold", { exact: true }).fill("1000");
  await preview(page).getByText("It would not have fired.").waitFor();
  await accessible(page, "a figure");

  await page.getByLabel("Name", { exact: true }).fill("Many visitors");
  await page.getByLabel("Message", { exact: true }).fill("{{value}} visitors in {{nothing}}");
  await page.getByLabel("Also when it is over").check();
  visit.expect(400, "/alerts");
  await page.getByRole("button", { name: "Create the alert" }).click();
  await page.locator(".problem").filter({ hasText: "nothing" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "TEXTAREA", "the focus is where it is wrong");
  await page.getByLabel("Message", { exact: true }).fill("{{value}} visitors in {{window}}");
  await page.getByRole("button", { name: "Create the alert" }).click();
  await page.getByText("Visitors in 5 minutes is above 1,000").waitFor();
  const [saved] = (await api("GET")).data;
  assert.deepEqual(saved.trigger.filters, { country: "is:DE" });
  assert.deepEqual([saved.notifyResolved, saved.cooldown], [true, "1h"]);

  // What is not touched stays as it is.
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Threshold").fill("2000");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Visitors in 5 minutes is above 2,000").waitFor();
  const [changed] = (await api("GET")).data;
  assert.deepEqual(changed.trigger, { ...saved.trigger, threshold: 2000 });
  await page.getByRole("button", { name: "Delete …" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Be told when it matters.").waitFor();
});

test("alerts: the list begins with what fires, and what happened is told with its reason", async (visit) => {
  const { owner, website, context, at, api } = await site(visit);
  const make = (name) =>
    owner.api.row("POST", `/api/v1/admin/websites/${website.id}/alerts`, {
      name,
      trigger: { type: "metric", metric: "revenue", window: "1h", comparison: "below", threshold: 5 },
      template: { message: "{{value}} in an hour" },
    });
  const [first, second] = [await make("First"), await make("Second")];
  const moment = new Date().toISOString();
  const fires = { ...second, state: "firing", stateSince: moment };
  await context.route(/\/api\/.*\/alerts$/, (route) =>
    route.request().method() === "GET"
      ? route.fulfill({ json: { status: "success", data: [first, fires] } })
      : route.continue(),
  );
  const log = { from: "normal", to: "firing", reason: "revenue was 1.50, below 5", value: 1.5, at: moment };
  await context.route(/\/transitions\?/, (route) => route.fulfill({ json: { status: "success", data: [log] } }));
  const message = { alertId: second.id, alertName: "Second", goalName: null, event: "firing", destination: { type: "email" }, status: "failed",
    error: "mailbox full", visitorId: null, triggeredAt: moment }; // biome-ignore format: a row
  const counts = { sent: 0, failed: 1, total: 1 };
  await context.route(/\/history\?/, (route) => route.fulfill({ json: { status: "success", data: [message], counts } }));
  const page = await visit.open(context, at, LIVE);
  const rows = page.locator("tbody tr");
  await rows.nth(1).waitFor();
  assert.match(await text(rows.first()), /^Second Revenue in 1 hour is below \$5\.00 firing/);
  await accessible(page, "a list");
  await page.getByRole("link", { name: "Second" }).click();
  await page.getByText("revenue was 1.50, below 5").waitFor();
  await page.getByText("failed: mailbox full").waitFor();
  await page.getByText("0 sent, 1 failed").waitFor();
  await accessible(page, "what happened");

  await context.unrouteAll();
  await page.goto(new URL(at, page.url()).href);
  await page.getByLabel("First is on").click();
  await eventually(async () => (await api("GET")).data.find(({ name }) => name === "First").isEnabled === false);
  await settled(page);
  assert.match(await text(rows.filter({ hasText: "First" })), /^First .* off/);
});
