// Who may do what: for each role and for narrowed sessions, a page has exactly the buttons that the API would accept. What a button
// needs is read from openapi.json, and asked of the gateway as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { narrowed, Person } from "./events.mjs";
import { gateway, NOW, Owner, settled, test, text } from "./harness.mjs";
import { hook } from "./receiver.mjs";
import { Seller } from "./sellers.mjs";

const { paths } = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8"));
const ROLES = ["viewer", "member", "owner"];
const NOBODY = "4a0c1de6-53c1-4c35-9b41-2b9d1c0f0a01";
const NO_FUNNEL = "0123456789abcdef01234567";

// A page, a button of it by role and name, and the operations that it calls: with `sent`, which is refused as input by whoever is
// let in.
const KPI = ["put", "/api/v1/admin/websites/{websiteId}", { kpi: 5 }];
const LOOK = ["patch", "/api/v1/admin/websites/{websiteId}/goals/customizations", {}];
const NEW_FUNNEL = ["post", "/api/v1/admin/websites/{websiteId}/funnels", {}];
const EDIT_FUNNEL = ["put", "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}", { name: 5 }];
const DELETE_FUNNEL = ["delete", "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}"];
const DELETE_GOALS = ["delete", "/api/v1/goals"];
const DELETE_PAYMENTS = ["delete", "/api/v1/payments"];
const ERASE = ["delete", "/api/v1/visitors/{visitorId}"];
const NEW_NOTE = ["post", "/api/v1/admin/websites/{websiteId}/notes", {}];
const NEW_WEBSITE = ["post", "/api/v1/admin/websites", {}];
const ALERTS = "/api/v1/admin/websites/{websiteId}/alerts";
const HOOKS = "/api/v1/admin/websites/{websiteId}/webhooks";
const HOOK = `${HOOKS}/{webhookId}`;
const SETTINGS = "/api/v1/admin/websites/{websiteId}";
const BUTTONS = [
  ["?period=today", "Add a note", [NEW_NOTE]],
  ["goals?period=today", "signup is the KPI", [KPI]],
  ["goals/signup?period=today", "signup is the KPI", [KPI]],
  ["goals/signup?period=today", "Edit the look", [LOOK]],
  ["goals/signup?period=today", "Use in a funnel", [NEW_FUNNEL]],
  ["funnels", "New funnel", [NEW_FUNNEL]],
  ["funnels/{funnel}", "Edit", [EDIT_FUNNEL]],
  ["funnels/{funnel}", "Delete", [DELETE_FUNNEL]],
  ["visitors/{visitor}", "Delete 1 goal …", [DELETE_GOALS], "Delete"],
  ["visitors/{visitor}", "Delete 1 payment …", [DELETE_PAYMENTS], "Delete"],
  ["visitors/{visitor}", "Erase this visitor …", [ERASE], "Delete"],
  ["alerts", "New alert", [["post", ALERTS, {}]]],
  ["alerts/{alert}", "Send a test", [["post", `${ALERTS}/{alertId}/test`]]],
  ["alerts/{alert}", "Switch off", [["put", `${ALERTS}/{alertId}`, { isEnabled: 5 }]]],
  ["alerts/{alert}", "Edit", [["put", `${ALERTS}/{alertId}`, { isEnabled: 5 }]]],
  ["alerts/{alert}", "Delete …", [["delete", `${ALERTS}/{alertId}`]]],
  ["webhooks", "New webhook", [["post", HOOKS, {}]]],
  ["webhooks/{webhook}", "Send a test", [["post", `${HOOK}/test`, { type: 5 }]]],
  ["webhooks/{webhook}", "Recover …", [["post", `${HOOK}/resend`, {}]]],
  ["webhooks/{webhook}", "Switch off", [["put", HOOK, { isEnabled: 5 }]]],
  ["webhooks/{webhook}?tab=secret", "Show", [["get", `${HOOK}/secret`]]],
  ["webhooks/{webhook}?tab=secret", "New secret …", [["post", `${HOOK}/secret/rotate`]]],
  ["webhooks/{webhook}?tab=settings", "Save", [["put", HOOK, { isEnabled: 5 }]]],
  ["webhooks/{webhook}?tab=settings", "Delete this webhook …", [["delete", HOOK]]],
  ["settings/integrations", "Connect Polar", [["post", `${SETTINGS}/integrations/polar`, {}]]],
  // The same needs, of a provider that nobody has connected.
  ["settings/integrations/stripe", "Import again …", [["patch", `${SETTINGS}/integrations/polar`, { from: 5 }]]],
  ["settings/integrations/stripe", "Disconnect …", [["delete", `${SETTINGS}/integrations/polar`]]],
  ["settings/team", "Invite somebody", [["post", `${SETTINGS}/team`, {}]]],
  ["settings/keys", "New key", [["post", `${SETTINGS}/apikeys`, { name: 5 }]]],
  ["settings/keys", "New value …", [["put", `${SETTINGS}/apikeys/{apiKeyId}`]]],
  ["settings/keys", "Revoke …", [["delete", `${SETTINGS}/apikeys/{apiKeyId}`]]],
  ["/console/new", "Add the website", [NEW_WEBSITE]],
];
// What a page needs to show anything.
const SEEN = {
  "": ["get", "/api/v1/analytics/overview"],
  goals: ["get", "/api/v1/analytics/goals"],
  funnels: ["get", "/api/v1/admin/websites/{websiteId}/funnels"],
  "funnels/{funnel}": ["get", "/api/v1/analytics/funnels/{funnelId}"],
  alerts: ["get", ALERTS],
  webhooks: ["get", HOOKS],
  visitors: ["get", "/api/v1/visitors/{visitorId}"],
  "settings/integrations": ["get", `${SETTINGS}/integrations`],
  "settings/integrations/stripe": ["get", `${SETTINGS}/integrations/stripe`],
  "settings/team": ["get", `${SETTINGS}/team`],
  "settings/keys": ["get", `${SETTINGS}/apikeys`],
};

const accessOf = ([method, path]) => paths[path][method]["x-access"];
// Why a session may not call an operation; nothing where it may.
function refusal(operation, { permissions, role }) {
  const { needs, permissions: wanted, role: lowest } = accessOf(operation);
  const has = (permission) => permissions.includes("*") || permissions.includes(permission);
  if (!(needs === "any" ? wanted.some(has) : wanted.every(has))) return "permission";
  return lowest && ROLES.indexOf(role) < ROLES.indexOf(lowest) ? "role" : undefined;
}

let made;
function site() {
  made ??= (async () => {
    const owner = await Owner.signUp();
    const website = await owner.website();
    const person = new Person(website);
    await owner.import(website, [
      person.view(NOW - 600_000, "/"),
      person.goal(NOW - 590_000, "signup"),
      person.paid(NOW - 580_000, 49),
    ]);
    const steps = [
      { name: "Home", type: "pageview", url: "/" },
      { name: "Signed up", type: "goal", goalName: "signup" },
    ];
    const path = `/api/v1/admin/websites/${website.id}`;
    const [funnel] = await owner.api.rows("POST", `${path}/funnels`, { name: "Roles", steps });
    const guests = {};
    for (const role of ["viewer", "member"]) {
      const guest = await Owner.signUp();
      const invitation = await owner.api.row("POST", `${path}/team`, { email: guest.email, role });
      const [, code] = /code=([^&#]+)/.exec(invitation.inviteUrl);
      await guest.api.json("POST", `/api/v1/invitations/${invitation.invitationId}/accept`, { code });
      guests[role] = guest;
    }
    const alert = await owner.api.row("POST", `${path}/alerts`, {
      name: "Roles",
      trigger: { goalName: "signup" },
      template: { message: "Somebody signed up." },
    });
    const webhook = await hook(owner, website, "https://example.com/hooks");
    await owner.api.row("POST", `${path}/apikeys`, { name: "Roles" });
    await new Seller().connect(owner, website);
    return { owner, guests, website, funnel: funnel.id, visitor: person.id, webhook: webhook.id, alert: alert.id };
  })();
  return made;
}

const READS = ["analytics:read", "goals:read", "funnels:read"];
for (const [name, role, permissions] of [
  ["an owner", "owner", ["*"]],
  ["a member", "member", ["*"]],
  ["a viewer", "viewer", ["*"]],
  ["a session that only reads", "owner", READS],
  ["a session that writes goals", "owner", [...READS, "goals:write", "payments:write"]],
  ["a session that writes funnels and settings", "owner", [...READS, "funnels:write", "settings:write", "websites:write"]],
  ["a session that writes notes", "owner", [...READS, "notes:read", "notes:write"]],
  ["a session that writes webhooks and alerts", "owner", ["webhooks:read", "webhooks:write", "alerts:read", "alerts:write"]],
  ["a session that erases", "owner", ["analytics:read", "identify:write", "goals:write", "payments:write"]],
  ["a session that reads settings, team and keys", "owner", ["settings:read", "team:read", "api-keys:read"]],
  ["a session that writes settings, team and keys", "owner", [
    "settings:read", "settings:write", "team:read", "team:write", "api-keys:read", "api-keys:write",
  ]], // biome-ignore format: a table
  ["a session that only writes funnels", "owner", ["funnels:read", "funnels:write"]],
]) {
  test(`roles: ${name} has the buttons that the API accepts, and no other`, async (visit) => {
    const { owner, guests, website, funnel, visitor, webhook, alert } = await site();
    const who = guests[role] ?? owner;
    const token = permissions.includes("*") ? who.api.token : await narrowed(who, permissions);
    const context = await visit.browser({ token });
    visit.expect(403, "/api/v1/");
    let page;
    let at;
    for (const [path, button, operations, menu] of BUTTONS) {
      const address = path.startsWith("/")
        ? path
        : `/console/w/${website.id}/${path.replace("{funnel}", funnel).replace("{visitor}", visitor).replace("{webhook}", webhook).replace("{alert}", alert)}`;
      if (address !== at) {
        await page?.close();
        page = await visit.open(context, address);
        at = address;
        await settled(page);
      }
      const what = `${button} on ${path}`;
      const holder = { permissions, role };
      const seen = path.startsWith("/") ? undefined : (SEEN[path] ?? SEEN[path.split(/[/?]/)[0]]);
      const unseen = seen && refusal(seen, holder);
      const why = operations.map((operation) => refusal(operation, holder)).find(Boolean);
      await asTheGatewaySays(context, operations, website.id, why, what);
      if (unseen) {
        await page.getByText("Not for this session").first().waitFor();
        assert.equal(await page.getByText(button, { exact: true }).count(), 0, `${what} on a page that is not shown`);
        continue;
      }
      if (menu) {
        await page.getByRole("button", { name: menu, exact: true }).click();
      }
      const found = page.locator("#main").locator("button, a").filter({ visible: true });
      const one = found.and(page.locator(`[aria-label="${button}"]`)).or(found.filter({ hasText: button })).first(); // biome-ignore format: one line
      await one.waitFor();
      const isEnabled = await one.evaluate((element) => !element.disabled && element.getAttribute("aria-disabled") !== "true");
      assert.equal(isEnabled, why === undefined, `${what} is ${isEnabled ? "" : "not "}offered`);
      if (why) {
        const reason = (await one.getAttribute("title")) || (await text(one)) + (await page.locator("#main .hint").allInnerTexts()).join(" "); // biome-ignore format: one line
        assert.match(reason, why === "role" ? /needs the role "\w+", yours is "\w+"/ : /needs the permission "[\w:-]+"/, what);
      }
      if (menu) await page.keyboard.press("Escape");
    }
  });
}

// The gateway refuses with 403 exactly where the button is off; where it is on, it only refuses what was sent.
async function asTheGatewaySays(context, operations, websiteId, why, what) {
  for (const operation of operations) {
    const [method, path, data] = operation;
    const address = path
      .replace("{websiteId}", websiteId)
      .replace("{funnelId}", NO_FUNNEL)
      .replace("{visitorId}", NOBODY)
      .replace("{webhookId}", NO_FUNNEL)
      .replace("{alertId}", NO_FUNNEL)
      .replace("{apiKeyId}", NO_FUNNEL);
    const query = path.includes("{websiteId}") ? "" : `?websiteId=${websiteId}`;
    const headers = { origin: gateway };
    const answer = await context.request.fetch(gateway + address + query, { method, data, headers });
    assert.equal(answer.status() === 403, why !== undefined, `${what}: ${method} ${path} answered ${answer.status()}`);
  }
}
