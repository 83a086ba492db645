// Notes on the overview's chart: written, seen, changed, deleted, by whoever may.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { narrowed } from "./events.mjs";
import { accessible, acme, Owner, settled, test, text, ZONE } from "./harness.mjs";

const flags = (page) => page.locator(".chart-flag");
const list = (page) => page.getByRole("region", { name: "Notes, newest first" });
const add = (page) => page.getByRole("button", { name: "Add a note" });
const form = (page, name = "Add a note") => page.getByRole("dialog", { name });
const notesOf = (owner, website, query = "") => owner.api.rows("GET", `/api/v1/admin/websites/${website.id}/notes${query}`);

// A website of its own, where something was noted already.
async function noted(notes = [], query = "?period=7d&compare=off") {
  const { owner } = await acme();
  const website = await owner.website(undefined, { daily: 8, days: 12 });
  for (const [text, timestamp] of notes) {
    const answer = await owner.api.call("POST", `/api/v1/admin/websites/${website.id}/notes`, { text, timestamp });
    assert.equal(answer.status, 201, answer.text);
  }
  return { owner, website, path: `/console/w/${website.id}${query}` };
}

async function open(visit, at, options = {}) {
  const page = await visit.open(await visit.browser({ owner: at.owner, ...options }), at.path);
  await settled(page);
  return page;
}

// The request as the page has sent it; the fetch of a route leaves out what browsers add.
const passed = (route) => route.fetch({ headers: { ...route.request().headers(), "sec-fetch-site": "same-origin" } });

test("notes: one is written, seen, changed and deleted", async (visit) => {
  const at = await noted();
  const page = await open(visit, at);
  assert.equal(await flags(page).count(), 0);
  assert.equal(await list(page).count(), 0, "no list without notes");

  await page.keyboard.press("o");
  await accessible(page, "the form");
  await form(page).getByLabel("What happened").fill("Launch on Product Hunt");
  await form(page).getByLabel("Day").fill("2026-10-12");
  const calls = await visit.count(async () => {
    await form(page).getByRole("button", { name: "Add the note" }).click();
    await form(page).waitFor({ state: "detached" });
    await flags(page).first().waitFor();
  });
  assert.deepEqual(calls.map(({ method, path }) => `${method} ${path.split("/").at(-1)}`), ["POST notes", "GET reports"]); // biome-ignore format: one line
  await page.getByText("Noted", { exact: true }).waitFor();
  assert.match(await text(list(page)), /^1 Launch on Product Hunt 12 Oct 2026 · Jane Doe/);
  const [{ timestamp }] = await notesOf(at.owner, at.website);
  assert.equal(timestamp, "2026-10-11T22:00:00.000Z", "the day begins in the website's zone");

  // By the keyboard the chart reads it, and its tip shows it.
  await page.locator(".chart-svg").focus();
  await page.keyboard.press("Home");
  for (let bucket = 0; bucket < 4; bucket++) await page.keyboard.press("ArrowRight");
  await page.locator(".chart-tip").getByText("Launch on Product Hunt").waitFor();
  assert.match(await text(page.locator(".chart [aria-live]")), /^Mon 12 Oct: .* noted: Launch on Product Hunt$/);
  await accessible(page, "a note's tip");
  await page.keyboard.press("Escape");

  // As a table, it is a column.
  await page.getByRole("button", { name: "Show the figures as a table" }).click();
  const row = page.locator(".chart-table tbody tr").filter({ hasText: "Mon 12 Oct" });
  assert.match(await text(row), /Launch on Product Hunt$/);
  assert.match(await text(list(page)), /Launch/);
  await page.getByRole("button", { name: "Show the chart" }).click();

  await list(page).getByRole("button", { name: "Edit the note “Launch on Product Hunt”" }).click();
  const edit = form(page, "Edit the note");
  assert.equal(await edit.getByLabel("Day").inputValue(), "2026-10-12");
  assert.equal(await edit.getByLabel("Time").inputValue(), "");
  await edit.getByLabel("What happened").fill("Relaunch");
  await edit.getByLabel("Time").fill("09:30");
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.waitFor({ state: "detached" });
  await list(page).getByText("Relaunch").waitFor();
  assert.match(await text(list(page)), /12 Oct 2026, 09:30/);
  const [changed] = await notesOf(at.owner, at.website);
  assert.deepEqual([changed.text, changed.timestamp], ["Relaunch", "2026-10-12T07:30:00.000Z"]);

  await list(page).getByRole("button", { name: "Edit the note “Relaunch”" }).click();
  await edit.getByRole("button", { name: "Delete" }).click();
  const asked = form(page, "Delete this note?");
  await accessible(page, "the question");
  assert.match(await text(asked), /Relaunch/);
  await asked.getByRole("button", { name: "Delete" }).click();
  await asked.waitFor({ state: "detached" });
  await flags(page).first().waitFor({ state: "detached" });
  assert.equal(await list(page).count(), 0);
  assert.deepEqual(await notesOf(at.owner, at.website), []);
});

test("notes: those of the range stand at their buckets, by day, by week, by hour, in the website's zone", async (visit) => {
  const at = await noted([
    ["Before", "2026-10-07T21:59:59Z"],
    ["First", "2026-10-07T22:00:00Z"], // 8 October in Paris
    ["Early", "2026-10-13T01:00:00+02:00"],
    ["Late", "2026-10-13T23:59:59+02:00"],
  ]);
  const page = await open(visit, at, { timezoneId: "America/Los_Angeles" });
  const shown = async () => (await list(page).locator(".note-text").allInnerTexts()).map((one) => one.trim());
  assert.deepEqual(await shown(), ["Late", "Early", "First"]);
  assert.deepEqual(await flags(page).locator("text").allTextContents(), ["1", "2"], "one flag a bucket");
  await page.locator(".chart-svg").focus();
  await page.keyboard.press("Home");
  await page.locator(".chart-tip").getByText("First").waitFor();
  await page.goto(page.url().replace("period=7d", "period=custom&from=2026-10-13&to=2026-10-13"));
  await settled(page);
  assert.deepEqual(await shown(), ["Late", "Early"]);
  assert.deepEqual(await flags(page).locator("text").allTextContents(), ["1", "2"], "by hour they are apart");
  await page.locator(".chart-svg").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.locator(".chart-tip").getByText("Early").waitFor();
});

test("notes: many stand together on the chart, and are shown a few at a time", async (visit) => {
  const days = Array.from({ length: 12 }, (_, day) => [`Day ${day}`, `2026-10-${String(day + 3).padStart(2, "0")}`]);
  const at = await noted([...days, ["And more", "2026-10-14T01:00:00+02:00"]], "?period=28d&compare=off");
  const page = await open(visit, at, { viewport: { width: 390, height: 844 } });
  const labels = await flags(page).locator("text").allTextContents();
  assert.ok(labels.length < 12 && labels.some((label) => label.endsWith("+")), labels.join());
  assert.equal(await list(page).locator("li").count(), 4);
  await list(page).getByRole("button", { name: "All 13 notes" }).click();
  assert.equal(await list(page).locator("li").count(), 13);
  await accessible(page, "all notes");
  await list(page).getByRole("button", { name: "Fewer notes" }).click();
  assert.equal(await list(page).locator("li").count(), 4);
  assert.match(await text(list(page)), /^12 And more/, "the newest first");
});

test("notes: what is wrong is said at its field, and twice is once", async (visit) => {
  const at = await noted();
  const page = await open(visit, at);
  await add(page).click();
  const save = () => form(page).getByRole("button", { name: "Add the note" }).click();
  await save();
  await form(page).getByText("Say what happened.").waitFor();
  await form(page).getByLabel("What happened").fill("  Clocks  ");
  await form(page).getByLabel("Day").fill("2026-03-29");
  await form(page).getByLabel("Time").fill("02:30");
  await save();
  await form(page).getByText(`Clocks in ${ZONE} never show this time on that day.`).waitFor();
  await accessible(page, "a refused form");
  await form(page).getByLabel("Day").fill("2026-10-13");

  // The answer is lost on its way; the second try finds the note there.
  let isLost = true;
  await page.context().route(/\/notes$/, async (route) => {
    if (!isLost) return route.continue();
    isLost = false;
    assert.equal((await passed(route)).status(), 201);
    await route.abort("connectionreset");
  });
  await save();
  await form(page).getByText("The gateway does not answer.").waitFor();
  await save();
  await form(page).waitFor({ state: "detached" });
  await list(page).getByText("Clocks").waitFor();
  assert.equal((await notesOf(at.owner, at.website)).length, 1);
  visit.problems = visit.problems.filter((problem) => !problem.includes("ERR_CONNECTION_RESET"));
});

test("notes: a viewer sees them and changes none, and whoever may not read them is told", async (visit) => {
  const at = await noted([["Launch", "2026-10-12"]]);
  const viewer = await Owner.signUp();
  const path = `/api/v1/admin/websites/${at.website.id}/team`;
  const invitation = await at.owner.api.row("POST", path, { email: viewer.email, role: "viewer" });
  const [, code] = /code=([^&#]+)/.exec(invitation.inviteUrl);
  await viewer.api.json("POST", `/api/v1/invitations/${invitation.invitationId}/accept`, { code });
  const page = await open(visit, { ...at, owner: viewer });
  await list(page).getByText("Launch").waitFor();
  assert.equal(await list(page).getByRole("button").count(), 0);
  assert.ok(await add(page).isDisabled());
  assert.equal(await add(page).getAttribute("title"), 'needs the role "member", yours is "viewer"');
  await page.keyboard.press("o");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "What the keys do" });
  await help.waitFor();
  assert.equal(await help.getByText("Add a note").count(), 0);

  const token = await narrowed(at.owner, ["analytics:read"]);
  const other = await open(visit, { ...at, owner: undefined }, { token });
  await other.getByText('Notes are not shown: this needs the permission "notes:read"').waitFor();
  assert.equal(await flags(other).count(), 0);
  assert.equal(await add(other).getAttribute("title"), 'needs the permission "notes:write", which this session does not have');
});

test("notes: the chart stays where they cannot be had", async (visit) => {
  const at = await noted([["Launch", "2026-10-12"]]);
  const context = await visit.browser({ owner: at.owner });
  let isAway = true;
  await context.route(/\/reports\?/, async (route) => {
    const answer = await passed(route);
    const error = { status: "error", error: { code: 500, message: "the notes are away" } };
    const lines = (await answer.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map((line) => (isAway && line.part === "notes:1000" ? { part: line.part, status: 500, body: error } : line));
    await route.fulfill({
      contentType: "application/x-ndjson",
      body: `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`,
    });
  });
  const page = await visit.open(context, at.path);
  await settled(page);
  await page.getByText("the notes are away").waitFor();
  assert.ok(await page.locator(".chart-line").first().isVisible());
  isAway = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await list(page).getByText("Launch").waitFor();
});

test("notes: what people write is text", async (visit) => {
  const hostile = [
    '<img src=x onerror="globalThis.ran=1">',
    "\u202egnp.exe\u202c right to left",
    "x".repeat(500),
    '=HYPERLINK("http://evil.example")',
    "line\u2028separator \u0000 and '\"><script>globalThis.ran=1</script>",
  ];
  const at = await noted(hostile.map((said) => [said.replaceAll("\u0000", ""), "2026-10-12"]));
  const page = await open(visit, at, { viewport: { width: 390, height: 844 } });
  const check = async (what) => {
    const found = await page.evaluate(() => ({
      ran: globalThis.ran,
      inside: document.querySelectorAll("main script, main img:not([src^='/console/assets/']), .notes a").length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    assert.deepEqual(found, { ran: undefined, inside: 0, wide: 0 }, what);
  };
  await list(page).getByRole("button", { name: "All 5 notes" }).click();
  await check("the list");
  assert.ok((await list(page).textContent()).includes(hostile[0]));
  await page.locator(".chart-svg").focus();
  await page.keyboard.press("Home");
  for (let bucket = 0; bucket < 4; bucket++) await page.keyboard.press("ArrowRight");
  await page.locator(".chart-tip").getByText("and 1 more").waitFor();
  await check("the tip");
  await page.getByRole("button", { name: "Show the figures as a table" }).click();
  await page.locator(".chart-table").getByText("right to left").waitFor();
  await check("the table");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the figures as CSV" }).click()]); // biome-ignore format: one call
  const rows = await readFile(await download.path(), "utf8");
  assert.match(rows, /When,Visitors.*Noted/);
  assert.doesNotMatch(rows, /,=HYPERLINK/);
  await list(page)
    .getByRole("button", { name: /^Edit the note/ })
    .first()
    .click();
  await form(page, "Edit the note").waitFor();
  await check("the form");
});
