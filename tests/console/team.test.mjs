import assert from "node:assert/strict";
import { narrowed } from "./events.mjs";
import { accessible, eventually, Gateway, gateway, Owner, settled, test, text } from "./harness.mjs";
import { hook } from "./receiver.mjs";

const LIVE = { now: null };
const rows = (page) => page.getByRole("region", { name: "Members" }).locator("tbody tr");
const drawer = (page) => page.getByRole("dialog");

async function site(visit) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const context = await visit.browser({ owner });
  const at = `/console/w/${website.id}/settings/team`;
  const page = await visit.open(context, at, LIVE);
  return { owner, website, at, page };
}

// Somebody else's account, on the team.
async function guest(owner, website, role = "member", name = "Lena Weber") {
  const one = await Owner.signUp(name);
  const path = `/api/v1/admin/websites/${website.id}/team`;
  const { inviteUrl, invitationId } = await owner.api.row("POST", path, { email: one.email, role });
  await accept(one, invitationId, inviteUrl);
  return one;
}
const accept = (one, id, url) =>
  one.api.json("POST", `/api/v1/invitations/${id}/accept`, { code: /code=([^&#]+)/.exec(url)[1] });

test("team: somebody is invited by a link that is shown once, waits, and is on the team", async (visit) => {
  const { page, owner, website } = await site(visit);
  await settled(page);
  assert.match(await text(rows(page).first()), new RegExp(`Jane Doe you ${owner.email} owner`));
  assert.equal(await rows(page).getByRole("button").count(), 0, "the owner can neither leave nor be removed");
  await accessible(page, "a team of one");

  await page.getByRole("button", { name: "Invite somebody" }).click();
  await accessible(page, "inviting");
  visit.expect(400, "/team");
  const invite = drawer(page).getByRole("button", { name: "Invite", exact: true });
  await page.getByLabel("E-mail").fill("nobody");
  await invite.click();
  await drawer(page).getByRole("alert").waitFor();
  const one = await Owner.signUp("Lena Weber");
  await page.getByLabel("E-mail").fill(one.email);
  await page.getByRole("radio", { name: /^member/ }).check();
  await invite.dblclick();
  await page.getByRole("heading", { name: "Copy the link now" }).waitFor();
  const card = page.getByRole("region", { name: "Copy the link now" });
  const link = await text(card.locator(".secret code"));
  assert.match(link, /\/invitations\/\w{24}#code=/);
  await accessible(page, "the link");
  await card.getByRole("button", { name: "Done" }).click();
  const waiting = page.getByRole("region", { name: "Invitations" }).locator("tbody tr");
  await waiting.first().waitFor();
  assert.equal(await waiting.count(), 1, "a double click invites once");
  assert.match(
    await text(waiting.first()),
    new RegExp(`${one.email} member .* waits until .*\\d{2}:\\d{2} Send again … Cancel …$`),
  );
  assert.ok(!(await page.content()).includes(link), "it is not shown again");
  await accessible(page, "an invitation that waits");

  visit.expect(409, "/team");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByLabel("E-mail").fill(one.email);
  await invite.click();
  await drawer(page).getByText("an invitation to this address is waiting to be accepted").waitFor();
  await page.keyboard.press("Escape");

  await accept(one, /invitations\/(\w{24})/.exec(link)[1], link);
  await page.reload();
  await rows(page).nth(1).waitFor();
  assert.match(await text(rows(page).nth(1)), new RegExp(`Lena Weber ${one.email} member`));
  assert.equal(await waiting.count(), 0);
  const team = await owner.api.rows("GET", `/api/v1/admin/websites/${website.id}/team`);
  assert.equal(team[1].role, "member");
});

test("team: who is removed takes along what they made, and it is said before and after", async (visit) => {
  const { page, owner, website } = await site(visit);
  const path = `/api/v1/admin/websites/${website.id}`;
  const lena = await guest(owner, website);
  const key = await lena.api.row("POST", `${path}/apikeys`, { name: "Lena's server" });
  const mine = await owner.api.row("POST", `${path}/apikeys`, { name: "Jane's server" });
  const webhook = await hook(lena, website, "https://lena.example.com/hooks");
  const alert = (by, name) =>
    by.api.row("POST", `${path}/alerts`, {
      name,
      trigger: { goalName: "signup" },
      destination: { type: "webhook", endpointId: webhook.id },
      template: { message: "Somebody signed up." },
    });
  await alert(lena, "Lena's alert");
  await alert(owner, "Jane's alert");
  await page.reload();
  await page.getByRole("button", { name: "Remove Lena Weber" }).click();
  await drawer(page).getByText("Lena's server").waitFor();
  const before = await text(drawer(page));
  assert.match(before, /Webhook to https:\/\/lena\.example\.com\/hooks Alert Lena's alert/);
  assert.ok(!before.includes("Jane's"), before);
  await accessible(page, "removing");
  await drawer(page).getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("heading", { name: "Lena Weber is removed" }).waitFor();
  const after = await text(drawer(page));
  assert.match(after, /This went along: Key Lena's server .* Webhook to .* Alert Lena's alert/);
  assert.match(after, /switched off now: Alert Jane's alert/);
  await accessible(page, "what went");
  await drawer(page).getByRole("button", { name: "Done" }).click();
  await eventually(async () => (await rows(page).count()) === 1);
  const works = async (bearer) => (await new Gateway({ url: gateway, token: bearer }).call("GET", `${path}/apikeys`)).status;
  assert.deepEqual([await works(key.key), await works(mine.key), await works(lena.api.token)], [401, 200, 404]);
});

test("team: what a member made can stay, and then goes on working", async (visit) => {
  const { page, owner, website } = await site(visit);
  const path = `/api/v1/admin/websites/${website.id}`;
  const lena = await guest(owner, website);
  const key = await lena.api.row("POST", `${path}/apikeys`, { name: "Lena's server" });
  const tom = await guest(owner, website, "viewer", "Tom Okafor");
  await page.reload();
  await page.getByRole("button", { name: "Remove Lena Weber" }).click();
  await drawer(page).getByRole("checkbox").uncheck();
  await drawer(page)
    .getByText(/Whoever knows the values of these keys/)
    .waitFor();
  await drawer(page).getByRole("button", { name: "Remove", exact: true }).click();
  await drawer(page).getByText("This is still there, and goes on working:").waitFor();
  assert.equal((await new Gateway({ url: gateway, token: key.key }).call("GET", `${path}/apikeys`)).status, 200);
  await drawer(page).getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Remove Tom Okafor" }).click();
  await drawer(page).getByText("They made nothing of it.").waitFor();
  await drawer(page).getByRole("button", { name: "Remove", exact: true }).click();
  await drawer(page).getByText("There was no key, no webhook and no alert to a webhook to delete.").waitFor();
  assert.equal((await tom.api.call("GET", `${path}/team`)).status, 404);
});

test("team: a member sees why nobody can be invited, and leaves", async (visit) => {
  const { owner, website, at } = await site(visit);
  const lena = await guest(owner, website);
  const path = `/api/v1/admin/websites/${website.id}`;
  const key = await lena.api.row("POST", `${path}/apikeys`, { name: "Lena's server" });
  const other = await lena.website();
  const page = await visit.open(await visit.browser({ owner: lena }), at, LIVE);
  const invite = page.getByRole("button", { name: "Invite somebody" });
  assert.equal(await invite.getAttribute("title"), 'needs the role "owner", yours is "member"');
  assert.equal(await page.getByRole("region", { name: "Invitations" }).count(), 0);
  assert.match(await text(page.locator(".roles")), /member ?yours Sees everything and changes it/);
  await accessible(page, "a member's view");
  await page.getByRole("button", { name: "Leave the team" }).click();
  await drawer(page).getByText("Lena's server").waitFor();
  await accessible(page, "leaving");
  await drawer(page).getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("heading", { name: `You have left the team of ${website.domain}` }).waitFor();
  assert.match(await text(drawer(page)), /This went along: Key Lena's server/);
  await accessible(page, "what one left");
  await drawer(page).getByRole("button", { name: "All websites" }).click();
  await page.getByRole("link", { name: other.domain }).waitFor();
  assert.equal(await page.getByRole("link", { name: website.domain }).count(), 0);
  assert.equal((await lena.api.call("GET", `${path}/team`)).status, 404);
  assert.equal((await new Gateway({ url: gateway, token: key.key }).call("GET", `${path}/apikeys`)).status, 401);
});

test("team: a session without the permission is told so, and reaches the other settings", async (visit) => {
  const { owner, website, at } = await site(visit);
  const page = await visit.open(await visit.browser({ token: await narrowed(owner, ["api-keys:read"]) }), at, LIVE);
  await page.getByText(/needs the permission "team:read"/).waitFor();
  await accessible(page, "no team to see");
  await page.getByRole("link", { name: "Keys", exact: true }).click();
  await page.getByText("No key yet.").waitFor();
  const reader = await visit.browser({ token: await narrowed(owner, ["team:read"]) });
  const other = await visit.open(reader, at, LIVE);
  const invite = other.getByRole("button", { name: "Invite somebody" });
  assert.match(await invite.getAttribute("title"), /needs the permission "team:write"/);
  assert.equal(website.id.length, 24);
});

test("team: a role is changed with what it takes, and a member sees why they cannot", async (visit) => {
  const { page, owner, website, at } = await site(visit);
  const path = `/api/v1/admin/websites/${website.id}`;
  const lena = await guest(owner, website);
  const key = await lena.api.row("POST", `${path}/apikeys`, { name: "Lena's server" });
  await page.reload();
  await page.getByRole("button", { name: "Change the role of Lena Weber" }).click();
  const change = drawer(page).getByRole("button", { name: "Change the role" });
  assert.ok(await change.isDisabled(), "she is a member already");
  await page.getByRole("radio", { name: /^viewer/ }).check();
  await drawer(page).getByText("Lena's server").waitFor();
  await accessible(page, "another role");
  await change.click();
  await page.getByText("Lena Weber is a viewer now, and a key is deleted").waitFor();
  await eventually(async () => /Lena Weber .* viewer/.test(await text(rows(page).nth(1))));
  const seen = async (bearer) => (await new Gateway({ url: gateway, token: bearer }).call("GET", `${path}/team`)).status;
  assert.deepEqual([await seen(key.key), await seen(lena.api.token)], [401, 200]);
  assert.equal((await lena.api.call("POST", `${path}/apikeys`, {})).status, 403);

  await page.getByRole("button", { name: "Change the role of Lena Weber" }).click();
  await page.getByRole("radio", { name: /^member/ }).check();
  assert.equal(await drawer(page).getByRole("checkbox").count(), 0, "nothing goes");
  await change.click();
  await page.getByText("Lena Weber is a member now").waitFor();
  const again = await lena.api.row("POST", `${path}/apikeys`, { name: "Kept" });
  await page.getByRole("button", { name: "Change the role of Lena Weber" }).click();
  await page.getByRole("radio", { name: /^viewer/ }).check();
  await drawer(page).getByRole("checkbox").uncheck();
  await drawer(page)
    .getByText(/goes on changing things/)
    .waitFor();
  await change.click();
  await eventually(async () => /Lena Weber .* viewer/.test(await text(rows(page).nth(1))));
  assert.equal(await seen(again.key), 200);

  const theirs = await visit.open(await visit.browser({ owner: lena }), at, LIVE);
  const own = theirs.getByRole("button", { name: "Change the role of yourself" });
  assert.equal(await own.getAttribute("title"), 'needs the role "owner", yours is "viewer"');
});

test("team: an invitation is sent again, ends, and is cancelled", async (visit) => {
  const { page, owner, website } = await site(visit);
  const path = `/api/v1/admin/websites/${website.id}/team`;
  const one = await Owner.signUp("Lena Weber");
  const first = await owner.api.row("POST", path, { email: one.email, role: "member" });
  await page.reload();
  const waiting = page.getByRole("region", { name: "Invitations" }).locator("tbody tr");
  await page.getByRole("button", { name: `Send again the invitation of ${one.email}` }).click();
  await accessible(page, "sending again");
  await drawer(page).getByRole("button", { name: "Send again" }).dblclick();
  const card = page.getByRole("region", { name: "Copy the link now" });
  const link = await text(card.locator(".secret code"));
  assert.notEqual(link, first.inviteUrl);
  await card.getByText(/^No mail goes with it/).waitFor();
  await accessible(page, "the other link");
  const code = (url) => /code=([^&#]+)/.exec(url)[1];
  const use = (url) => one.api.call("POST", `/api/v1/invitations/${first.id}/accept`, { code: code(url) });
  assert.equal((await use(first.inviteUrl)).status, 404);
  await card.getByRole("button", { name: "Done" }).click();

  await page.getByRole("button", { name: `Cancel the invitation of ${one.email}` }).click();
  await accessible(page, "cancelling");
  await drawer(page).getByRole("button", { name: "Cancel the invitation" }).click();
  await page.getByText("The invitation is cancelled").waitFor();
  await eventually(async () => (await waiting.count()) === 0);
  assert.equal((await use(link)).status, 404);

  // One whose time is over, as the list has it.
  const ended = { ...first, state: "expired", createdAt: "2026-01-01T10:00:00.000Z", expiresAt: "2026-01-08T10:00:00.000Z" };
  const data = await owner.api.rows("GET", path);
  await page.route(`**${path}`, (route) => route.fulfill({ json: { status: "success", data, invitations: [ended] } }));
  await page.reload();
  await waiting.first().waitFor();
  assert.match(await text(waiting.first()), /member .* ended .*Send again … Cancel …$/);
  visit.expect(404, "/invitations/");
  await page.getByRole("button", { name: `Cancel the invitation of ${one.email}` }).click();
  await drawer(page).getByRole("button", { name: "Cancel the invitation" }).click();
  await drawer(page)
    .getByText(/no invitation .* on this website/)
    .waitFor();
});

test("team: a website is given to a member, with its domain typed, and the page knows", async (visit) => {
  const { page, owner, website, at } = await site(visit);
  const give = page.getByRole("button", { name: "Transfer the website …" });
  assert.equal(await give.getAttribute("title"), "nobody else is on the team");
  const lena = await guest(owner, website);
  const theirs = await visit.open(await visit.browser({ owner: lena }), at, LIVE);
  const refused = theirs.getByRole("button", { name: "Transfer the website …" });
  assert.equal(await refused.getAttribute("title"), 'needs the role "owner", yours is "member"');
  await page.reload();
  await give.click();
  const send = drawer(page).getByRole("button", { name: "Transfer the website" });
  await page.getByLabel("New owner").selectOption({ label: `Lena Weber (${lena.email}), member` });
  assert.ok(await send.isDisabled(), "the domain is not typed yet");
  await page.getByLabel(`Type ${website.domain} to go on`).fill(website.domain);
  await accessible(page, "a transfer");

  // Whoever has a website with this domain gets no second one.
  const path = `/api/v1/admin/websites/${website.id}`;
  const same = await lena.api.row("POST", "/api/v1/admin/websites", { domain: website.domain, timezone: "UTC" });
  visit.expect(409, "/team/transfer");
  await send.click();
  await drawer(page)
    .getByText(/owns a website with this domain already/)
    .waitFor();
  await lena.api.row("PUT", `/api/v1/admin/websites/${same.websiteId}`, { domain: `other-${website.domain}` });
  await send.click();
  await page.getByText(`${website.domain} has another owner`).waitFor();
  await eventually(async () => /Jane Doe you .* member/.test(await text(rows(page).first())));
  assert.match(await text(rows(page).nth(1)), /Lena Weber .* owner/);
  assert.equal(await give.getAttribute("title"), 'needs the role "owner", yours is "member"');
  await page.getByRole("button", { name: "Leave the team" }).waitFor();
  assert.equal((await owner.api.call("DELETE", `${path}/team`, { userId: lena.id })).status, 403);
});
