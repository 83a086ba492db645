//! The work on events, over D1, a provider and a website's object in memory.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value as Json, json};

use super::*;
use crate::integrations::connections::seal_context;
use crate::integrations::consumer;
use crate::integrations::events::Arrived;
use crate::platform::database::memory::Memory as Database;
use crate::platform::memory::Memory;
use crate::platform::outgoing::Sent;
use crate::platform::queues::Queue;
use sluice_engine::protocol::{Call, Request as SiteRequest, Take};
use sluice_providers::ledger;

const NOW: i64 = 1_795_860_001_000;
const WEBSITE: &str = "0000000000000000000000d1";
const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A gateway whose website is connected to every provider.
struct World {
    memory: Rc<Memory>,
    platform: Platform,
    takes: Rc<RefCell<Vec<Take>>>,
    stored: RefCell<u64>,
}

fn answered(status: u16, body: &Json) -> Sent {
    let retry_after = (status == 429).then(|| "20".to_owned());
    Sent::Answered { status, retry_after, body: body.to_string().into_bytes() }
}

impl World {
    fn new(variables: &[(&str, &str)]) -> Self {
        let memory = Memory::new(Database::with_website(), Timestamp::from_millis(NOW)).with("ENCRYPTION_KEYS", KEYS);
        let memory = variables.iter().fold(memory, |memory, (name, value)| memory.with(name, value));
        let (memory, takes) = (Rc::new(memory), Rc::<RefCell<Vec<Take>>>::default());
        let told = takes.clone();
        memory.answer_objects(move |_, _, _, body| {
            let request: SiteRequest = serde_json::from_str(body.unwrap()).unwrap();
            let Call::Take(take) = request.call else { panic!("another call") };
            let added = take.told.taking.records.len();
            told.borrow_mut().push(take);
            Ok(serde_json::to_string(&Taken { added, ..Taken::default() }).unwrap())
        });
        let keyring = Keyring::parse(KEYS).unwrap();
        for provider in Provider::ALL {
            let credentials = json!({
                "stripeRak": "rk_live_1", "shopDomain": "x.myshopify.com", "storeUrl": "https://shop.example.com",
                "consumerKey": "ck_1", "consumerSecret": "cs_1",
            });
            let context = seal_context(WEBSITE.parse().unwrap(), provider.name());
            let sealed = keyring.seal(credentials.to_string().as_bytes(), &context, [1; 12]).unwrap();
            memory.database.execute(&format!(
                "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, state) \
                 VALUES ('{WEBSITE}', '{provider}', '{sealed}', 0, 'connected')"
            ));
        }
        let platform = Platform::in_memory(memory.clone());
        Self { memory, platform, takes, stored: RefCell::default() }
    }

    /// Stores an event that comes now.
    fn store(&self, provider: Provider, kind: &str, body: &Json) -> ProviderEventId {
        let number = self.stored.replace_with(|number| *number + 1);
        let name = Name { website: WEBSITE.parse().unwrap(), provider, key: format!("event-{number}") };
        let id = ProviderEventId::new(Timestamp::from_millis(number.try_into().unwrap()), number.to_be_bytes());
        let body = body.to_string().into_bytes();
        let envelope = events::envelope(provider, kind, &body).unwrap();
        let keyring = Keyring::parse(KEYS).unwrap();
        let arrived = Arrived {
            id,
            name: &name,
            origin: Origin::Webhook,
            received_at: self.platform.now(),
            sealed_body: name.seal(&keyring, &body, [2; 12]).unwrap(),
            read: Ok(&envelope),
        };
        assert_eq!(self.memory.database.batch::<Json>(&[arrived.store()]).unwrap()[0].len(), 1);
        id
    }

    fn query(&self, text: &'static str) -> Vec<Json> {
        self.memory.database.batch::<Json>(&[sql(text)]).unwrap().remove(0)
    }

    fn row(&self) -> Json {
        self.query("SELECT state, reason, outcome, attempts, due_at, lease FROM provider_events ORDER BY id").remove(0)
    }

    /// What cron and the queue do, until nothing is due any more.
    async fn run(&self) {
        enqueue_due(&self.platform, self.platform.now()).await.unwrap();
        let bodies: Vec<String> =
            self.memory.take_queued(Queue::Providers).into_iter().map(|message| message.body).collect();
        consumer::take(&self.platform, &bodies).await.unwrap();
    }

    /// Runs once the event is due, and returns how long that took, in seconds.
    async fn run_when_due(&self) -> i64 {
        let due = self.row()["due_at"].as_i64().unwrap();
        let waited = due - self.platform.now().as_millis();
        self.memory.advance(waited.max(0));
        self.run().await;
        waited / 1_000
    }
}

fn order(changes: &Json) -> Json {
    let mut order = json!({ "type": "order.paid", "timestamp": "2026-11-28T10:00:00Z", "data": {
        "id": "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586", "created_at": "2026-11-28T09:59:40Z", "modified_at": null,
        "status": "paid", "due_amount": 5831, "total_amount": 5831, "tax_amount": 931, "currency": "usd",
        "billing_reason": "purchase", "metadata": {},
    } });
    for (name, value) in changes.as_object().unwrap() {
        order["data"][name] = value.clone();
    }
    order
}

fn charge(kind: &str, created: i64) -> Json {
    json!({ "id": format!("evt_{kind}_{created}"), "type": kind, "created": created, "livemode": true,
        "data": { "object": { "id": "ch_1", "object": "charge", "payment_intent": "pi_1" } } })
}

/// Stripe's answers about a charge without intent.
fn paid_charge() -> Json {
    json!({ "id": "ch_1", "object": "charge", "paid": true, "status": "succeeded", "captured": true, "livemode": true,
        "amount_captured": 1900, "currency": "usd", "created": NOW / 1000, "payment_intent": null, "customer": null,
        "metadata": {}, "billing_details": {} })
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_is_told_to_the_object_once_and_done() {
    let world = World::new(&[]);
    let id = world.store(Provider::Polar, "order.paid", &order(&json!({})));
    world.run().await;
    let row = world.row();
    assert_eq!((&row["state"], &row["due_at"], &row["lease"]), (&json!("done"), &Json::Null, &Json::Null));
    let outcome: Json = serde_json::from_str(row["outcome"].as_str().unwrap()).unwrap();
    assert_eq!(outcome, json!({ "added": 1, "changed": 0, "voided": 0, "unchanged": 0, "unattributed": 0 }));
    work(&world.platform, id).await.unwrap();
    let takes = world.takes.take();
    assert_eq!(takes.len(), 1);
    assert_eq!(takes[0].told.origin, ledger::Origin::Webhook);
    let connection = "SELECT last_event_at, last_payment_at FROM integrations WHERE provider = 'polar'";
    assert_eq!(world.query(connection), [json!({ "last_event_at": NOW, "last_payment_at": NOW })]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_provider_that_is_down_is_asked_again_by_the_schedule_and_given_up_after_a_day() {
    let world = World::new(&[]);
    world.memory.serve(|_| answered(500, &json!({})));
    world.store(Provider::Stripe, "charge.succeeded", &charge("charge.succeeded", NOW / 1000));
    world.run().await;
    assert_eq!(world.memory.take_queued(Queue::Providers)[0].delay_seconds, 5);
    let mut delays = Vec::new();
    while world.row()["state"] == "received" {
        assert!(delays.len() < 50, "endless");
        delays.push(world.run_when_due().await);
        world.memory.take_queued(Queue::Providers);
    }
    assert_eq!(delays[..8], [5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600]);
    assert!((23 * 3_600..25 * 3_600).contains(&delays.iter().sum::<i64>()), "{delays:?}");
    assert_eq!(world.row()["state"], "failed");
    assert!(world.takes.borrow().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn too_many_requests_are_waited_for_and_are_no_failure() {
    let world = World::new(&[]);
    world.memory.serve(|_| answered(429, &json!({})));
    world.store(Provider::Stripe, "charge.succeeded", &charge("charge.succeeded", NOW / 1000));
    world.run().await;
    for _ in 0..40 {
        assert_eq!(world.run_when_due().await, 20);
    }
    assert_eq!(world.row()["attempts"], 0);
    world.memory.serve(|_| answered(200, &paid_charge()));
    world.run_when_due().await;
    assert_eq!(world.row()["state"], "done");
}

#[tokio::test(flavor = "current_thread")]
async fn a_refused_key_makes_the_connection_fail_and_its_events_wait_for_it() {
    for (status, reason) in [(401, "key_refused"), (403, "permission_missing")] {
        let world = World::new(&[]);
        world.memory.serve(move |_| answered(status, &json!({})));
        world.store(Provider::Stripe, "charge.succeeded", &charge("charge.succeeded", NOW / 1000));
        world.store(Provider::Polar, "order.paid", &order(&json!({})));
        world.run().await;
        let failing = "SELECT state, failing_since, failing_reason FROM integrations WHERE provider = 'stripe'";
        assert_eq!(
            world.query(failing),
            [json!({ "state": "failing", "failing_since": NOW, "failing_reason": reason })]
        );
        assert_eq!(world.takes.take().len(), 1, "another provider's event is not held up");
        let asked = world.memory.requests.take().len();
        assert_eq!(asked, 1);
        for _ in 0..30 {
            assert_eq!(world.run_when_due().await, 3_600);
        }
        assert_eq!(world.memory.requests.take().len(), 0, "nobody is asked with a refused key");
        assert_eq!((&world.row()["state"], &world.row()["attempts"]), (&json!("received"), &json!(0)));
        world.memory.serve(|_| answered(200, &paid_charge()));
        world.memory.database.execute("UPDATE integrations SET state = 'connected'");
        let wake = events::wake(WEBSITE.parse().unwrap(), Provider::Stripe, world.platform.now());
        world.memory.database.batch::<Json>(&[wake]).unwrap();
        world.run().await;
        assert_eq!(world.row()["state"], "done");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_gone_test_mode_and_anothers_are_ignored_with_their_reason() {
    let world = World::new(&[]);
    world.memory.serve(|_| answered(404, &json!({})));
    world.store(Provider::Stripe, "charge.succeeded", &charge("charge.succeeded", NOW / 1000));
    let mut test = charge("charge.succeeded", NOW / 1000 + 100);
    test["livemode"] = json!(false);
    world.store(Provider::Stripe, "charge.succeeded", &test);
    let of = |website: &str| {
        order(
            &json!({ "id": format!("ffb0e4fd-0a24-428d-8d0d-{}", &website[12..]), "metadata": { "datafast_website_id": website } }),
        )
    };
    world.memory.database.execute(
        "INSERT INTO websites (id, owner_id, domain, tracking_id, timezone, currency, created_at)
         VALUES ('0000000000000000000000d2', 'a', 'b.example.com', 'dfid_2', 'UTC', 'USD', 0)",
    );
    for website in ["0000000000000000000000d2", "0000000000000000000000d3", WEBSITE] {
        world.store(Provider::Polar, "order.paid", &of(website));
    }
    world.store(
        Provider::Polar,
        "customer.created",
        &json!({ "type": "customer.created", "timestamp": "2026-11-28T10:00:00Z", "data": { "id": "c" } }),
    );
    world.run().await;
    let rows = world.query("SELECT state, reason FROM provider_events ORDER BY id");
    let ignored = |reason: &str| json!({ "state": "ignored", "reason": reason });
    let done = json!({ "state": "done", "reason": null });
    assert_eq!(rows[..5], [ignored("gone"), ignored("test mode"), ignored("another website"), done.clone(), done]);
    assert_eq!(rows[5]["state"], "ignored");
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_whose_subject_was_read_later_is_done_without_a_request() {
    let world = World::new(&[]);
    world.memory.serve(|_| answered(200, &paid_charge()));
    let early = world.store(Provider::Stripe, "charge.succeeded", &charge("charge.succeeded", NOW / 1000));
    let late = world.store(Provider::Stripe, "charge.captured", &charge("charge.captured", NOW / 1000 + 60));
    work(&world.platform, late).await.unwrap();
    let asked = world.memory.requests.take().len();
    assert!(asked > 0);
    work(&world.platform, early).await.unwrap();
    assert_eq!(world.memory.requests.take().len(), 0);
    assert_eq!(world.query("SELECT DISTINCT state FROM provider_events"), [json!({ "state": "done" })]);
    assert_eq!(world.takes.borrow().len(), 1);
    // Asked for by a person, it is read.
    world.memory.database.execute(&format!(
        "UPDATE provider_events SET state = 'received', origin = 'replay', due_at = 0 WHERE id = '{early}'"
    ));
    work(&world.platform, early).await.unwrap();
    assert_eq!(world.memory.requests.take().len(), asked);
}

#[tokio::test(flavor = "current_thread")]
async fn a_crash_leaves_the_event_leased_for_a_minute_and_a_stale_worker_changes_nothing() {
    let world = World::new(&[]);
    let id = world.store(Provider::Polar, "order.paid", &order(&json!({})));
    let leased = lease(id, "crashed", world.platform.now());
    assert_eq!(world.memory.database.batch::<Json>(&leased).unwrap()[1].len(), 1);
    world.run().await;
    work(&world.platform, id).await.unwrap();
    assert!(world.takes.borrow().is_empty());
    assert_eq!(world.run_when_due().await, 60);
    assert_eq!((world.row()["state"].as_str(), world.takes.borrow().len()), (Some("done"), 1));
    world.memory.database.execute("UPDATE provider_events SET state = 'received', lease = 'another', due_at = 1");
    let event: Leased = serde_json::from_value(json!({
        "id": id, "website_id": WEBSITE, "provider": "polar", "key": "k", "origin": "webhook", "type": "order.paid", "subject": null,
        "received_at": 0, "attempts": 1, "sealed_body": null, "connection": "connected", "connected_at": 0, "sealed_credentials": null,
        "sealed_token": null, "tracking_id": "t", "currency": "USD", "has_close_event": 0, "is_followed": 0,
    }))
    .unwrap();
    finish(&world.platform, &event, "crashed", Worked::Failed("late".to_owned())).await.unwrap();
    assert_eq!(world.row()["state"], "received");
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_that_kills_its_worker_is_given_up_and_one_that_cannot_be_read_fails_at_once() {
    let world = World::new(&[]);
    let id = world.store(Provider::Polar, "order.paid", &order(&json!({})));
    for _ in 0..MOST_ATTEMPTS {
        let now = world.platform.now();
        world.memory.database.batch::<Json>(&lease(id, "killed", now)).unwrap();
        world.memory.advance(LEASE_MS);
    }
    world.run().await;
    assert_eq!(world.row()["state"], "failed");
    assert!(world.takes.borrow().is_empty());
    let world = World::new(&[]);
    world.store(Provider::Polar, "order.paid", &order(&json!({ "due_amount": "much" })));
    world.run().await;
    assert_eq!((&world.row()["state"], &world.row()["due_at"]), (&json!("failed"), &Json::Null));
    assert!(!world.row()["reason"].as_str().unwrap().contains("much"), "nothing of the body is repeated");
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_waits_for_the_object_and_for_the_rates_of_its_day() {
    let world = World::new(&[("EXCHANGE_RATES_URL", "https://rates.example/{date}")]);
    world.memory.serve(|_| answered(503, &json!({})));
    world.store(Provider::Polar, "order.paid", &order(&json!({ "currency": "eur" })));
    world.run().await;
    assert_eq!(world.run_when_due().await, 600);
    assert!(world.takes.borrow().is_empty());
    assert_eq!(world.row()["attempts"], 0);
    world.memory.serve(|_| answered(200, &json!({ "date": "2026-11-28", "usd": { "eur": 0.5 } })));
    world.memory.values.borrow_mut().clear();
    world.run_when_due().await;
    let takes = world.takes.take();
    assert_eq!((takes.len(), takes[0].rates.len(), takes[0].rates[0].0.as_str()), (1, 1, "2026-11-28"));

    let world = World::new(&[]);
    world.memory.answer_objects(|_, _, _, _| Err(PlatformError::new("the object is gone")));
    world.store(Provider::Polar, "order.paid", &order(&json!({})));
    world.run().await;
    assert_eq!(world.run_when_due().await, 5);
    assert_eq!(world.row()["state"], "received");
}

#[tokio::test(flavor = "current_thread")]
async fn an_app_that_was_removed_from_its_shop_makes_the_connection_fail() {
    let world = World::new(&[]);
    world.store(Provider::Shopify, "app/uninstalled", &json!({ "id": 1 }));
    world.run().await;
    let failing = "SELECT state, failing_reason FROM integrations WHERE provider = 'shopify'";
    assert_eq!(world.query(failing), [json!({ "state": "failing", "failing_reason": "key_refused" })]);
    assert_eq!(world.row()["state"], "ignored");
}

#[tokio::test(flavor = "current_thread")]
async fn a_key_of_paddles_says_when_it_ends_and_that_it_has_ended() {
    let world = World::new(&[]);
    let event = |kind: &str| {
        json!({ "event_id": kind, "event_type": kind, "occurred_at": "2026-11-28T10:00:00Z",
            "data": { "id": "apikey_01", "expires_at": "2027-02-01T00:00:00Z" } })
    };
    let row = "SELECT state, failing_reason, key_expires_at FROM integrations WHERE provider = 'paddle'";
    world.store(Provider::Paddle, "api_key.expiring", &event("api_key.expiring"));
    world.run().await;
    let ends_at = "2027-02-01T00:00:00Z".parse::<Timestamp>().unwrap().as_millis();
    assert_eq!(world.query(row), [json!({ "state": "connected", "failing_reason": null, "key_expires_at": ends_at })]);
    world.store(Provider::Paddle, "api_key.expired", &event("api_key.expired"));
    world.run().await;
    assert_eq!(world.query(row)[0]["failing_reason"], "key_expired");
}

#[tokio::test(flavor = "current_thread")]
async fn a_subscriptions_life_is_told_to_the_object() {
    let world = World::new(&[]);
    let subscription = json!({ "id": "evt_1", "type": "customer.subscription.deleted", "created": NOW / 1000, "livemode": true,
        "data": { "object": { "id": "sub_1", "object": "subscription", "status": "canceled", "customer": "cus_1" } } });
    world.store(Provider::Stripe, "customer.subscription.deleted", &subscription);
    world.run().await;
    let takes = world.takes.take();
    let goals: Vec<&str> = takes[0].told.taking.goals.iter().map(|goal| goal.milestone.name()).collect();
    assert_eq!((goals, world.row()["state"].as_str()), (vec!["subscription_ended"], Some("done")));
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_of_a_provider_that_was_disconnected_is_ignored() {
    let world = World::new(&[]);
    world.store(Provider::Polar, "order.paid", &order(&json!({})));
    world.memory.database.execute("DELETE FROM integrations");
    world.run().await;
    assert_eq!((&world.row()["state"], world.takes.borrow().len()), (&json!("ignored"), 0));
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_without_its_body_is_read_from_the_provider() {
    let world = World::new(&[]);
    let data = order(&json!({}))["data"].clone();
    world.memory.serve(move |request| {
        assert!(request.url.ends_with("/v1/orders/ffb0e4fd-0a24-428d-8d0d-3140aa2a1586"), "{}", request.url);
        answered(200, &data)
    });
    world.store(Provider::Polar, "order.paid", &order(&json!({})));
    world.memory.database.execute("UPDATE provider_events SET sealed_body = NULL");
    world.run().await;
    assert_eq!((&world.row()["state"], world.takes.borrow().len()), (&json!("done"), 1));
}

#[test]
fn cron_finds_due_events_by_an_index_and_reads_none_if_none_is_due() {
    let database = Database::with_website();
    let plan = database.plan(&sql(SELECT_DUE).bind(0_i64).bind(1_u32));
    assert!(plan.contains("USING INDEX provider_events_due") && !plan.contains("TEMP B-TREE"), "{plan}");
    let id = "665f0b3c4d2e1a0012345678".parse().unwrap();
    for statement in lease(id, "x", Timestamp::from_millis(0)) {
        assert!(!database.plan(&statement).contains("SCAN"), "{}", database.plan(&statement));
    }
}
