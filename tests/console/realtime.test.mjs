import assert from "node:assert/strict";
import { narrowed, Person } from "./events.mjs";
import { accessible, eventually, Owner, settled, test, text } from "./harness.mjs";

const BERLIN = {
  country: "DE",
  region: "Berlin",
  city: "Berlin",
  latitude: 52.52,
  longitude: 13.4,
  browser: "Firefox",
  os: "Linux",
};
const AUSTIN = {
  country: "US",
  region: "Texas",
  city: "Austin",
  latitude: 30.27,
  longitude: -97.74,
  browser: "Chrome",
  os: "Mac OS",
};

const people = (page) => page.getByRole("table", { name: "Current visitors" }).locator("tbody tr");
const ago = (minutes) => Date.now() - minutes * 60_000;

async function realtime(visit, lines = () => []) {
  const owner = await Owner.signUp();
  const website = await owner.website();
  await owner.import(website, lines(website));
  const context = await visit.browser({ owner });
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(new URL(`/console/w/${website.id}/realtime`, owner.api.url).href);
  await page.getByRole("heading", { level: 1, name: "Realtime" }).waitFor();
  await settled(page);
  return { owner, website, context, page };
}

test("realtime: the map, the list and the feed show who is there", async (visit) => {
  const { owner, website, page } = await realtime(visit, (website) => {
    const [one, other] = [new Person(website, BERLIN), new Person(website, AUSTIN)];
    return [
      one.view(ago(3), "/", { referrer: "https://www.google.com/" }),
      one.known(ago(2), "Lena Weber"),
      other.view(ago(2), "/pricing"),
      other.goal(ago(1), "signup"),
      other.paid(ago(1), 49),
    ];
  });
  const { data: map } = await owner.api.json("GET", `/api/v1/analytics/realtime/map?websiteId=${website.id}`);
  assert.equal(map.count, 2);
  await page.getByText("2 visitors in the last 10 minutes").waitFor();
  assert.equal(await people(page).count(), map.count);
  const lena = people(page).filter({ hasText: "Lena Weber" });
  assert.match(await text(lena), /Lena Weber Berlin, Germany \/ Google Firefox · Linux 3 m/);
  assert.match(await text(people(page).filter({ hasText: "customer" })), /Austin, United States \/pricing/);

  assert.equal(await page.locator(".world .dot").count(), 2);
  assert.match(
    await page.locator(".world").getAttribute("aria-label"),
    /Germany 1, United States 1|United States 1, Germany 1/,
  );
  const feed = page.locator(".feed");
  await feed.getByText("completed signup").waitFor();
  assert.match(await text(feed.locator(".is-payment")), /\$49\.00 payment/);
  assert.match(await text(page.locator(".online")), /^2 online/);
  await accessible(page);
  await lena.getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: "Lena Weber" }).waitFor();
});

test("realtime: nothing changes while it is paused, and nothing is asked while nobody looks", async (visit) => {
  const { owner, website, page } = await realtime(visit, (website) => [new Person(website, BERLIN).view(ago(1), "/")]);
  assert.equal(await people(page).count(), 1);
  await page.getByRole("button", { name: "Pause" }).click();
  await owner.import(website, [new Person(website, AUSTIN).view(ago(1), "/pricing")]);
  const paused = await visit.count(() => page.clock.fastForward(60_000));
  assert.equal(paused.length, 0);
  assert.equal(await people(page).count(), 1);
  await page.getByRole("button", { name: "Go on" }).click();
  await eventually(async () => (await people(page).count()) === 2);

  await page.evaluate(() => Object.defineProperty(document, "hidden", { configurable: true, get: () => true }));
  const hidden = await visit.count(() => page.clock.fastForward(60_000));
  assert.equal(hidden.length, 0);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await eventually(() => visit.calls.length > 0 && visit.calls.at(-1).path.endsWith("/realtime/map"));
});

test("realtime: a new payment is announced once", async (visit) => {
  const { owner, website, page } = await realtime(visit, (website) => [new Person(website, BERLIN).view(ago(1), "/")]);
  const person = new Person(website, AUSTIN);
  await owner.import(website, [person.view(ago(1), "/"), person.paid(ago(0.5), 1_200, { name: "Jane Doe" })]);
  const said = page.getByRole("status").filter({ hasText: "New payment" });
  await eventually(async () => {
    await page.clock.fastForward(10_000);
    return (await said.count()) === 1;
  });
  assert.match(await text(said), /New payment of \$1,200\.00/);
  assert.equal(await page.locator(".feed-item.is-new").count(), 1);
  await page.clock.fastForward(30_000);
  assert.equal(await page.locator(".feed-item.is-payment").count(), 1);
});

test("realtime: nobody there is said, and without places the list comes first", async (visit) => {
  const { owner, website, page } = await realtime(visit);
  await page.getByText("Nobody is here right now.").waitFor();
  await accessible(page, "nobody there");
  await owner.import(website, [new Person(website).view(ago(1), "/")]);
  await eventually(async () => {
    await page.clock.fastForward(10_000);
    return (await people(page).count()) === 1;
  });
  assert.equal(await page.locator(".world").count(), 0);
  assert.match(await text(people(page)), /unknown place/);
});

test("realtime: who may not read analytics is told what is missing", async (visit) => {
  const owner = await Owner.signUp();
  const website = await owner.website();
  const token = await narrowed(owner, ["goals:read"]);
  const page = await visit.open(await visit.browser({ token }), `/console/w/${website.id}/realtime`);
  await page.getByText('needs the permission "analytics:read"').waitFor();
  assert.equal(visit.calls.filter(({ path }) => path.includes("/analytics/")).length, 0);
});
