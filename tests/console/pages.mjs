// Every page of the console, for tests that hold for each of them. `places` makes what their addresses name.

import { asks } from "./application.mjs";
import { acme } from "./harness.mjs";
import { hooked } from "./receiver.mjs";
import { Seller } from "./sellers.mjs";

const FUNNEL = {
  name: "Every page",
  steps: [
    { name: "Home", type: "pageview", url: "/*" },
    { name: "Signed up", type: "goal", goalName: "signup" },
  ],
};

const ALERT = {
  name: "Every page",
  trigger: { type: "metric", metric: "sessions", window: "1h", comparison: "above", threshold: 1_000 },
  template: { message: "{{value}} sessions in {{window}}" },
};

// What a page asks for is `data`, and `shown` is there once it has it. `calls`: of the API when it is opened. `minute`: the most
// calls of a minute in which nobody does anything. `hasDates`: a change of the dates is one call. `isLive`: it asks again and again by itself.
export const PAGES = [
  { name: "the overview", path: (at) => `${at.site}?period=7d`, data: /\/reports\?/, shown: ".figure-value .figure", hasDates: true },
  { name: "realtime", path: (at) => `${at.site}/realtime`, data: /\/realtime\/map/, shown: ".page-lead", minute: 6, isOfNow: true },
  { name: "visitors", path: (at) => `${at.site}/visitors?period=7d`, data: /\/api\/v1\/visitors\?/, shown: "tbody tr", hasDates: true },
  { name: "a journey", path: (at) => `${at.site}/visitors/${at.visitor}`, data: /\/reports\?/, shown: ".journey-step" },
  { name: "goals", path: (at) => `${at.site}/goals?period=7d`, data: /\/reports\?/, shown: "tbody tr", hasDates: true },
  { name: "a goal", path: (at) => `${at.site}/goals/signup?period=7d`, data: /\/reports\?/, shown: ".goal-number", hasDates: true },
  { name: "funnels", path: (at) => `${at.site}/funnels?period=7d`, data: /\/reports\?/, shown: ".funnel-rate", hasDates: true },
  { name: "a funnel", path: (at) => `${at.site}/funnels/${at.funnel}?period=7d`, data: /\/reports\?/, shown: ".funnel-step", hasDates: true },
  { name: "a new funnel", path: (at) => `${at.site}/funnels/new`, shown: ".step-form" },
  { name: "a funnel's form", path: (at) => `${at.site}/funnels/${at.funnel}/edit`, data: /\/reports\?/, shown: ".step-form" },
  { name: "alerts", path: (at) => `${at.site}/alerts`, data: /\/api\/.*\/alerts$/, shown: "tbody tr", isOfNow: true },
  { name: "an alert", path: (at) => `${at.site}/alerts/${at.alert}`, data: /\/api\/.*\/alerts$/, shown: ".about", calls: 4, minute: 6, isOfNow: true },
  { name: "an alert's form", path: (at) => `${at.site}/alerts/${at.alert}/edit`, data: /\/api\/.*\/alerts$/, shown: ".preview-figure", calls: 6, isOfNow: true },
  { name: "settings", path: (at) => `${at.site}/settings`, data: /\/admin\/websites\/\w+$/, shown: ".form-card" },
  { name: "exclusions", path: (at) => `${at.site}/settings?tab=exclusions`, shown: ".form-card" },
  { name: "integrations", path: (at) => `${at.site}/settings/integrations`, data: /\/admin\/.*\/integrations$/, shown: ".provider", minute: 6, isOfNow: true },
  { name: "a provider", path: (at) => `${at.site}/settings/integrations/stripe`, data: /\/admin\/.*\/integrations\/stripe$/, shown: "tbody tr", calls: 3, minute: 6, isOfNow: true },
  { name: "a provider's event", path: (at) => `${at.site}/settings/integrations/stripe?event=${at.event}`, data: /\/admin\/.*\/events\/\w+$/, shown: ".drawer .snippet", calls: 4, minute: 6, isOfNow: true },
  { name: "a webhook by hand", path: (at) => `${at.site}/settings/integrations/stripe?tab=webhook`, shown: ".steps", calls: 3, minute: 6, isOfNow: true },
  { name: "a new provider", path: (at) => `${at.site}/settings/integrations/shopify`, data: /\/admin\/.*\/integrations\/shopify$/, shown: ".steps" },
  { name: "the team", path: (at) => `${at.site}/settings/team`, data: /\/admin\/.*\/team$/, shown: "tbody tr", isOfNow: true },
  { name: "the keys", path: (at) => `${at.site}/settings/keys`, data: /\/admin\/.*\/apikeys$/, shown: "tbody tr", isOfNow: true },
  { name: "webhooks", path: (at) => `${at.site}/webhooks`, data: /\/api\/.*\/webhooks$/, shown: "tbody .strip", calls: 3, isOfNow: true },
  { name: "all deliveries", path: (at) => `${at.site}/webhooks/deliveries`, data: /\/admin\/websites\/\w+\/deliveries/, shown: "tbody tr", calls: 3, minute: 6, isOfNow: true },
  { name: "a webhook", path: (at) => `${at.site}/webhooks/${at.webhook}`, data: /\/api\/.*\/webhooks\/\w+$/, shown: "tbody tr", calls: 4, minute: 6, isOfNow: true },
  { name: "a delivery", path: (at) => `${at.site}/webhooks/${at.webhook}?delivery=${at.delivery}`, data: /\/deliveries\/\w+$/, shown: ".attempts li", calls: 5, minute: 6, isOfNow: true },
  { name: "a webhook's secret", path: (at) => `${at.site}/webhooks/${at.webhook}?tab=secret`, shown: ".secret", calls: 4, minute: 6, isOfNow: true },
  { name: "a webhook's settings", path: (at) => `${at.site}/webhooks/${at.webhook}?tab=settings`, shown: ".form-card", calls: 4, minute: 6, isOfNow: true },
  { name: "a new webhook", path: (at) => `${at.site}/webhooks/new`, shown: ".form-card", calls: 1 },
  { name: "the websites", path: () => "/console?all", data: /\/console\/websites\?/, shown: ".website-link", isOfNow: true },
  { name: "a new website", path: () => "/console/new", shown: "input", calls: 1 },
  { name: "a website's set-up", path: (at) => `/console/new?website=${at.website.id}`, data: /\/installation/, shown: ".snippet", isLive: true, minute: 20 },
  { name: "the tokens", path: () => "/console/account/tokens", data: /\/access-tokens$/, shown: "tbody tr", isOfNow: true },
  { name: "a new token", path: () => "/console/account/tokens/new", shown: ".matrix", calls: 1 },
  { name: "a consent", path: (at) => at.consent, data: /\/console\/authorization\?/, shown: ".matrix" },
  { name: "the activity", path: () => "/console/account/activity", data: /\/admin\/audit\?/, shown: "tbody tr", isOfNow: true },
  { name: "a website's activity", path: (at) => `${at.site}/settings/activity`, data: /\/websites\/\w+\/audit\?/, shown: "tbody tr", isOfNow: true },
  { name: "the devices", path: () => "/console/account", data: /\/console\/sessions/, shown: ".devices li", calls: 3, isOfNow: true },
  { name: "no page", path: () => "/console/nowhere", shown: "h1", calls: 1 },
]; // biome-ignore format: a table

// What the addresses name, of the shared story.
let made;
export function places() {
  made ??= (async () => {
    const { owner, website } = await acme();
    const [visitor] = await owner.api.rows("GET", `/api/v1/visitors?websiteId=${website.id}&completedGoal=signup&limit=1`);
    const [funnel] = await owner.api.rows("POST", `/api/v1/admin/websites/${website.id}/funnels`, FUNNEL);
    const { webhook, delivery } = await hooked(owner, website);
    const site = `/console/w/${website.id}`;
    const alert = await owner.api.row("POST", `/api/v1/admin/websites/${website.id}/alerts`, ALERT);
    await owner.api.row("POST", `/api/v1/admin/websites/${website.id}/apikeys`, { name: "Every page" });
    await owner.api.row("POST", `/api/v1/admin/websites/${website.id}/team`, { email: "guest@acme.example", role: "member" });
    const seller = await new Seller().connect(owner, website);
    const event = await seller.happens(owner, website, "product.created", { id: "prod_1", object: "product" });
    return {
      owner,
      website,
      site,
      event: event.id,
      visitor: visitor.visitorId,
      funnel: funnel.id,
      webhook,
      delivery,
      alert: alert.id,
      consent: await asks("https://client.example/cb", { scope: "analytics:read goals:write" }),
    };
  })();
  return made;
}
