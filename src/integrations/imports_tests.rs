//! Reading pasts, over D1, a provider and a website's object in memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::{Value as Json, json};

use super::*;
use crate::integrations::connections::seal_context;
use crate::platform::database::memory::Memory as Database;
use crate::platform::memory::Memory;
use crate::platform::outgoing::Sent;
use crate::platform::queues::Queue;
use crate::secrets::keyring::Keyring;
use sluice_engine::protocol::{Call, Request as SiteRequest, Taken};
use sluice_providers::ledger::Origin;

const NOW: i64 = 1_795_860_000_000;
const WEBSITE: &str = "0000000000000000000000d1";
const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const DAY: i64 = 86_400_000;

/// A gateway that is connected to a Polar organization with so many orders, which it tells 100 at a time.
struct World {
    memory: Rc<Memory>,
    platform: Platform,
    /// The ids of what was taken, and how it was heard of.
    taken: Rc<RefCell<Vec<(String, Origin)>>>,
    /// The messages to the website's object.
    messages: Rc<Cell<usize>>,
    /// What the provider answers instead, so many times.
    trouble: Rc<Cell<(u16, usize)>>,
}

fn order(number: usize) -> Json {
    json!({
        "id": format!("ffb0e4fd-0a24-428d-8d0d-{number:012}"), "created_at": "2026-11-27T09:59:40Z", "modified_at": null,
        "status": "paid", "due_amount": 5831, "total_amount": 5831, "tax_amount": 931, "currency": "usd",
        "billing_reason": "purchase", "metadata": {},
    })
}

fn page(url: &str, orders: usize) -> Json {
    let number = |name: &str| -> Option<usize> {
        let (_, rest) = url.split_once(&format!("{name}="))?;
        rest.split('&').next()?.parse().ok()
    };
    let (page, count) = (number("page").unwrap_or(1), if url.contains("/v1/orders/") { orders } else { 0 });
    let items: Vec<Json> = (0..count).skip((page - 1) * 100).take(100).map(order).collect();
    json!({ "items": items, "pagination": { "total_count": count, "max_page": count.div_ceil(100) } })
}

impl World {
    fn new(orders: usize) -> Self {
        let memory = Memory::new(Database::with_website(), Timestamp::from_millis(NOW)).with("ENCRYPTION_KEYS", KEYS);
        let trouble = Rc::new(Cell::new((0, 0)));
        let (taken, troubled) = (Rc::<RefCell<Vec<(String, Origin)>>>::default(), trouble.clone());
        memory.serve(move |request| {
            let (status, left) = troubled.get();
            let (status, body) = if left > 0 {
                troubled.set((status, left - 1));
                (status, json!({}))
            } else {
                (200, page(&request.url, orders))
            };
            let retry_after = (status == 429).then(|| "20".to_owned());
            Sent::Answered { status, retry_after, body: body.to_string().into_bytes() }
        });
        let (told, messages) = (taken.clone(), Rc::<Cell<usize>>::default());
        let sent = messages.clone();
        memory.answer_objects(move |_, _, _, body| {
            let request: SiteRequest = serde_json::from_str(body.unwrap()).unwrap();
            let Call::TakeAll(page) = request.call else { panic!("another call") };
            sent.set(sent.get() + 1);
            let page = page.told.iter().map(|told| (told.taking.subject.as_str().to_owned(), told.origin));
            told.borrow_mut().extend(page);
            Ok(serde_json::to_string(&Taken::default()).unwrap())
        });
        let context = seal_context(WEBSITE.parse().unwrap(), "polar");
        let credentials = br#"{"polarAccessToken":"polar_oat_1","polarOrgId":"o"}"#;
        let sealed = Keyring::parse(KEYS).unwrap().seal(credentials, &context, [1; 12]).unwrap();
        memory.database.execute(&format!(
            "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, state, sweep_due_at) \
             VALUES ('{WEBSITE}', 'polar', '{sealed}', {NOW}, 'importing', {})",
            next_sweep(WEBSITE.parse().unwrap(), DAY, Timestamp::from_millis(NOW)).as_millis()
        ));
        memory.database.execute(&format!(
            "INSERT INTO provider_imports (website_id, provider, run, stage, state, due_at, started_at) \
             VALUES ('{WEBSITE}', 'polar', 'r', 'orders', 'running', {NOW}, {NOW})"
        ));
        let memory = Rc::new(memory);
        Self { platform: Platform::in_memory(memory.clone()), memory, taken, messages, trouble }
    }

    fn query(&self, text: &'static str) -> Vec<Json> {
        self.memory.database.batch::<Json>(&[sql(text)]).unwrap().remove(0)
    }

    fn row(&self) -> Json {
        self.query("SELECT state, stage, done, total, attempts, slowed, due_at FROM provider_imports ORDER BY kind")
            .remove(0)
    }

    fn connection(&self) -> Json {
        self.query("SELECT state, failing_reason, failing_message FROM integrations").remove(0)
    }

    /// What cron and the queue do, until no message is left.
    async fn run(&self) {
        let now = self.platform.now();
        sweep_due(&self.platform, now).await.unwrap();
        enqueue_due(&self.platform, now).await.unwrap();
        loop {
            let messages = self.memory.take_queued(Queue::Providers);
            if messages.is_empty() {
                return;
            }
            for message in messages {
                let Some(Hint::Past(past)) = Hint::parse(&message.body) else { panic!("{}", message.body) };
                read_on(&self.platform, past).await.unwrap();
            }
        }
    }

    fn asked(&self) -> usize {
        self.memory.requests.take().len()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn all_of_a_past_is_taken_once_with_one_request_a_page() {
    let world = World::new(1_234);
    world.run().await;
    assert_eq!(world.asked(), 15 + 15, "13 pages of orders, one each of refunds and disputes; and what came meanwhile");
    let (taken, swept): (Vec<_>, Vec<_>) =
        world.taken.take().into_iter().partition(|(_, origin)| *origin == Origin::Import);
    assert_eq!((taken.len(), swept.len()), (1_234, 1_234));
    assert_eq!(taken.iter().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>().len(), 1_234);
    assert_eq!(world.messages.get(), 13 + 13, "one for each page of orders, and none for pages without any");
    let row = world.row();
    assert_eq!((&row["state"], &row["done"], &row["due_at"]), (&json!("done"), &json!(1_234), &Json::Null));
    assert_eq!(world.connection()["state"], "connected");
    world.run().await;
    assert_eq!(world.asked(), 0, "a past that is read costs nothing");
}

#[tokio::test(flavor = "current_thread")]
async fn a_page_that_was_not_noted_is_read_again() {
    let world = World::new(250);
    // The instance dies after the object has taken the first page.
    world.memory.database.execute(
        "CREATE TRIGGER died BEFORE UPDATE OF progressed_at ON provider_imports BEGIN SELECT RAISE(ABORT, 'died'); END",
    );
    enqueue_due(&world.platform, world.platform.now()).await.unwrap();
    for message in world.memory.take_queued(Queue::Providers) {
        let Some(Hint::Past(past)) = Hint::parse(&message.body) else { panic!("{}", message.body) };
        assert!(read_on(&world.platform, past).await.is_err());
    }
    assert_eq!(world.taken.borrow().len(), 100);
    world.memory.database.execute("DROP TRIGGER died");
    world.run().await;
    assert_eq!(world.taken.borrow().len(), 100, "its lease has not ended yet");
    world.memory.advance(60_000);
    world.run().await;
    assert_eq!(world.taken.borrow().len(), 350 + 250, "and what came meanwhile");
    assert_eq!((&world.row()["state"], &world.row()["done"]), (&json!("done"), &json!(250)));
}

#[tokio::test(flavor = "current_thread")]
async fn a_provider_that_asks_for_patience_is_waited_for_and_asked_more_slowly() {
    let world = World::new(10);
    world.trouble.set((429, 1));
    world.run().await;
    let row = world.row();
    assert_eq!((&row["attempts"], &row["slowed"]), (&json!(1), &json!(1)));
    assert_eq!(row["due_at"], world.platform.now().as_millis() + 20_000);
    world.memory.advance(19_000);
    world.run().await;
    assert_eq!(world.asked(), 1);
    world.memory.advance(1_000);
    let began = world.platform.now();
    world.run().await;
    assert_eq!((world.taken.borrow().len(), &world.row()["state"]), (20, &json!("done")));
    assert_eq!(
        world.platform.now().as_millis() - began.as_millis(),
        800 + 400,
        "half as fast: 2.5 requests a second; then a sweep"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_refused_key_makes_the_connection_fail_and_loses_nothing() {
    let world = World::new(10);
    world.trouble.set((401, 1));
    world.run().await;
    let connection = world.connection();
    assert_eq!((&connection["state"], &connection["failing_reason"]), (&json!("failing"), &json!("key_refused")));
    assert!(connection["failing_message"].as_str().unwrap().contains("Polar"));
    world.memory.advance(failing::LOOK_MS);
    world.run().await;
    assert!(world.taken.borrow().len() >= 10);
}

#[tokio::test(flavor = "current_thread")]
async fn an_import_without_progress_for_a_day_is_told_of() {
    let world = World::new(10);
    world.trouble.set((500, usize::MAX));
    let mut attempts = 0;
    while world.connection()["state"] == "importing" {
        let due = world.row()["due_at"].as_i64().unwrap();
        world.memory.advance((due - world.platform.now().as_millis()).max(0));
        world.run().await;
        attempts += 1;
    }
    assert_eq!(world.connection()["failing_reason"], "import_stuck");
    assert!((90..120).contains(&attempts), "{attempts} attempts in a day");
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_that_is_gone_is_read_no_more() {
    let world = World::new(250);
    world.memory.database.execute("DELETE FROM integrations");
    world.run().await;
    assert_eq!((world.asked(), world.taken.borrow().len()), (0, 0));
}

#[tokio::test(flavor = "current_thread")]
async fn a_sweep_reads_what_changed_lately_every_day() {
    let world = World::new(10);
    world.run().await;
    world.taken.take();
    world.asked();
    // At a minute of the website's own, whenever the import ended.
    let minute = next_sweep(WEBSITE.parse().unwrap(), DAY, world.platform.now());
    world.memory.advance(minute.as_millis() - world.platform.now().as_millis());
    world.run().await;
    let taken = world.taken.take();
    assert!(taken.len() == 10 && taken.iter().all(|(_, origin)| *origin == Origin::Sweep), "{taken:?}");
    assert_eq!(world.asked(), 3);
    world.memory.advance(DAY - 60_000);
    world.run().await;
    assert_eq!(world.asked(), 0);
    world.memory.advance(120_000);
    world.run().await;
    assert_eq!(world.asked(), 3);
}

#[test]
fn every_website_has_a_minute_of_its_own_for_its_sweeps() {
    let ids: Vec<WebsiteId> =
        (0..200_u64).map(|n| WebsiteId::new(Timestamp::from_millis(NOW), (n * 7_919).to_be_bytes())).collect();
    let at = |period: i64, now: i64| -> Vec<i64> {
        let next = |id: &WebsiteId| next_sweep(*id, period, Timestamp::from_millis(now)).as_millis();
        ids.iter().map(next).collect()
    };
    for period in [DAY, DAY / 24, 3 * DAY, 600_000] {
        let first = at(period, NOW);
        assert!(first.iter().all(|next| (NOW + 1..=NOW + period).contains(next)), "{period}");
        for (id, next) in ids.iter().zip(&first) {
            assert_eq!(next_sweep(*id, period, Timestamp::from_millis(*next)).as_millis(), next + period);
        }
    }
    let mut minutes = at(DAY, NOW);
    minutes.sort_unstable();
    minutes.dedup();
    assert!(minutes.len() > 150, "they are spread: {}", minutes.len());
}

impl World {
    /// The same gateway with another provider.
    fn of(
        provider: &str,
        credentials: &str,
        serve: impl FnMut(&crate::platform::memory::Request) -> Sent + 'static,
    ) -> Self {
        let world = Self::new(0);
        let context = seal_context(WEBSITE.parse().unwrap(), provider);
        let sealed = Keyring::parse(KEYS).unwrap().seal(credentials.as_bytes(), &context, [1; 12]).unwrap();
        world.memory.database.execute(&format!(
            "UPDATE integrations SET provider = '{provider}', sealed_credentials = '{sealed}', sweep_due_at = NULL; \
             UPDATE provider_imports SET provider = '{provider}'"
        ));
        world.memory.serve(serve);
        world
    }
}

fn answered(body: &Json) -> Sent {
    Sent::Answered { status: 200, retry_after: None, body: body.to_string().into_bytes() }
}

/// A shop with 20,000 orders, each of whose answers takes so many milliseconds.
fn small_shop(millis: i64) -> World {
    let keys = r#"{"storeUrl":"https://shop.example.com","consumerKey":"ck_1","consumerSecret":"cs_1"}"#;
    let world = World::of("woocommerce", keys, |_| unreachable!());
    let clock = world.memory.clone();
    world.memory.serve(move |request| {
        clock.advance(millis);
        let (_, rest) = request.url.split_once("offset=").unwrap();
        let offset: u64 = rest.split('&').next().unwrap().parse().unwrap();
        let order = |id: u64| json!({ "id": id, "status": "pending", "date_paid_gmt": null });
        answered(&(offset + 1..=20_000).take(100).map(order).collect())
    });
    world
}

/// Milliseconds between two requests, one after the other.
fn gaps(world: &World) -> Vec<i64> {
    let at: Vec<i64> = world.memory.requests.take().iter().map(|request| request.at.as_millis()).collect();
    at.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn a_small_shop_is_asked_three_times_a_second_after_a_minute_of_quick_answers() {
    let world = small_shop(0);
    world.run().await;
    assert_eq!(world.row()["state"], "done");
    let gaps = gaps(&world);
    // Those of the import; a sweep follows.
    let gaps = &gaps[..200];
    let first_quick = gaps.iter().position(|gap| *gap == 333).unwrap();
    assert!((58..=66).contains(&first_quick), "{first_quick}");
    assert!(gaps[first_quick..].iter().all(|gap| [0, 333].contains(gap)), "{gaps:?}");
    // A shop that takes its time is left alone, and so is one that asked for patience.
    let world = small_shop(600);
    world.run().await;
    assert!(self::gaps(&world)[..200].iter().all(|gap| *gap == 600 || *gap >= 1_600));
    let world = small_shop(0);
    world.memory.database.execute("UPDATE provider_imports SET slowed = 1");
    world.run().await;
    assert!(self::gaps(&world)[..200].iter().all(|gap| *gap == 0 || *gap >= 2_000));
}

#[tokio::test(flavor = "current_thread")]
async fn the_points_of_a_shops_queries_are_waited_for() {
    let keys = r#"{"shopDomain":"x.myshopify.com","adminApiAccessToken":"shpat_1","apiSecretKey":"s"}"#;
    for (available, gap) in [(1_000, 1_000), (100, 8_000), (0, 10_000)] {
        let world = World::of("shopify", keys, move |request| {
            let is_first = !request.body.contains("next");
            let throttle = json!({ "currentlyAvailable": available, "restoreRate": 50.0 });
            answered(&json!({
                "data": { "orders": { "nodes": [], "pageInfo": { "hasNextPage": is_first, "endCursor": "next" } } },
                "extensions": { "cost": { "requestedQueryCost": 500, "throttleStatus": throttle } },
            }))
        });
        world.run().await;
        assert_eq!(gaps(&world)[0], gap, "{available}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn paddle_is_asked_for_the_units_of_doubtful_currencies_once() {
    for (currency, asked, expected) in [("HUF", 1, 583_100), ("USD", 0, 5_831)] {
        let world = World::of("paddle", r#"{"paddleApiKey":"pdl_live_apikey_1"}"#, move |request| {
            let transaction = json!({
                "id": "txn_1", "status": "completed", "currency_code": currency, "origin": "web", "items": [], "payments": [],
                "billed_at": "2026-11-27T09:59:40Z", "updated_at": "2026-11-27T09:59:40Z", "custom_data": null,
                "details": { "totals": { "grand_total": "5831", "grand_total_tax": "0" } },
            });
            answered(&match request.url.as_str() {
                url if url.contains("/currencies") => json!({ "data": [{ "code": "HUF", "decimal_places": 0 }] }),
                url if url.contains("/transactions") && !url.contains("after=") => {
                    json!({ "data": [transaction], "meta": { "pagination": { "has_more": true } } })
                }
                url if url.contains("/transactions") => json!({ "data": [transaction], "meta": {} }),
                _ => json!({ "data": [], "meta": {} }),
            })
        });
        let amounts = Rc::<RefCell<Vec<i64>>>::default();
        let told = amounts.clone();
        world.memory.answer_objects(move |_, _, _, body| {
            let request: SiteRequest = serde_json::from_str(body.unwrap()).unwrap();
            let Call::TakeAll(page) = request.call else { panic!("another call") };
            let records = page.told.iter().flat_map(|told| &told.taking.records);
            let amounts = records.map(|record| record.money().amount.units());
            told.borrow_mut().extend(amounts);
            Ok(serde_json::to_string(&Taken::default()).unwrap())
        });
        world.memory.database.execute("UPDATE websites SET currency = 'HUF'");
        if currency == "USD" {
            world.memory.database.execute("UPDATE websites SET currency = 'USD'");
        }
        world.run().await;
        // Two pages of the import, and two of the sweep that follows.
        assert_eq!(amounts.take(), [expected; 4], "{currency}");
        let requests = world.memory.requests.take();
        assert_eq!(requests.iter().filter(|request| request.url.contains("/currencies")).count(), 2 * asked);
    }
}

#[test]
fn a_provider_that_is_down_is_asked_ever_less_often() {
    let waits: Vec<u64> = (0..12).map(backoff).collect();
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    assert_eq!(backoff(u32::MAX), 900);
}

#[test]
fn what_is_due_is_found_by_an_index() {
    let now = Timestamp::from_millis(0);
    for (statement, index) in
        [(select_due(now), "provider_imports_due"), (select_unswept(now), "integrations_sweep_due")]
    {
        let plan = Database::default().plan(&statement);
        assert!(plan.contains(index), "{plan}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_reading_goes_on_when_its_connection_is_well_again_and_anew_if_that_took_long() {
    let world = World::new(10);
    let of = (WEBSITE.parse().unwrap(), Provider::Polar);
    let run = |statements: Vec<Statement>| {
        world.memory.database.batch::<Json>(&statements).unwrap();
    };
    let row = || world.query("SELECT run, cursor, due_at, from_time FROM provider_imports").remove(0);
    let now = Timestamp::from_millis(NOW);
    let waits = "UPDATE provider_imports SET cursor = '{}', due_at = due_at + 3600000";
    for (failing, is_anew) in [(DAY, false), (4 * DAY, true)] {
        world.memory.database.execute(waits);
        world.memory.database.execute(&format!("UPDATE integrations SET failing_since = {}", NOW - failing));
        run(vec![crate::integrations::resync::catch_up(of, [9; 12], now), crate::integrations::resync::wake(of, now)]);
        let found = row();
        assert_eq!((found["cursor"].is_null(), &found["due_at"]), (is_anew, &json!(NOW)), "{failing}");
        assert_eq!(found["from_time"], Json::Null, "all of it is wanted, still");
    }
    world.memory.database.execute("UPDATE provider_imports SET state = 'done', due_at = NULL");
    run(vec![crate::integrations::resync::wake(of, now)]);
    assert_eq!(row()["due_at"], Json::Null);
    world.memory.database.execute(&format!("UPDATE integrations SET failing_since = {}", NOW - DAY));
    run(vec![crate::integrations::resync::catch_up(of, [8; 12], now)]);
    assert_eq!(row()["from_time"], NOW - 4 * DAY, "what was missed");
}
