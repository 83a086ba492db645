//! Looks at connections, and what is left after them, with a provider in memory.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::address::Address;
use super::sealing::seal_context;
use super::{cleanups, registration, webhook_secrets};
use crate::platform::Platform;
use crate::platform::database::memory::Memory as Database;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::memory::{Memory, Request};
use crate::platform::outgoing::Sent;
use crate::secrets::keyring::Keyring;
use sluice_providers::provider::Provider;
use sluice_values::{Timestamp, WebsiteId};

const WEBSITE: &str = "0000000000000000000000d1";
const GATEWAY: &str = "https://gateway.example";
const OLD: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const NEW: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const HOUR_MS: i64 = 3_600_000;
/// Those whose webhooks are as many as the test says; Shopify's are made with GraphQL.
const PROVIDERS: [Provider; 5] =
    [Provider::Stripe, Provider::LemonSqueezy, Provider::Polar, Provider::Paddle, Provider::WooCommerce];

#[derive(Clone)]
struct Made {
    id: String,
    url: String,
    topic: Value,
    is_on: bool,
}

/// A provider's account.
#[derive(Default)]
struct Account {
    webhooks: Vec<Made>,
    made: usize,
    asked: usize,
    /// Answers to requests of this method, or to all.
    status: Option<(&'static str, u16)>,
}

struct World {
    memory: Rc<Memory>,
    platform: Platform,
    account: Rc<RefCell<Account>>,
    provider: Provider,
}

/// How the providers show a webhook.
fn shown(provider: Provider, made: &Made) -> Value {
    let Made { id, url, topic, is_on } = made;
    match provider {
        Provider::Stripe => json!({ "id": id, "url": url, "status": if *is_on { "enabled" } else { "disabled" } }),
        Provider::LemonSqueezy => json!({ "id": id, "attributes": { "url": url } }),
        Provider::Polar => json!({ "id": id, "url": url, "enabled": is_on, "secret": format!("polar_whs_{id}") }),
        Provider::Paddle => {
            json!({ "id": id, "destination": url, "active": is_on, "endpoint_secret_key": format!("pdl_ntfset_{id}") })
        }
        _ => {
            json!({ "id": id, "delivery_url": url, "topic": topic, "status": if *is_on { "active" } else { "disabled" } })
        }
    }
}

fn answer(provider: Provider, account: &mut Account, request: &Request) -> Sent {
    account.asked += 1;
    let sent = |status: u16, body: &Value| Sent::Answered { status, retry_after: None, body: body.to_string().into() };
    if let Some((_, status)) = account.status.filter(|(method, _)| method.is_empty() || *method == request.method) {
        return sent(status, &json!({}));
    }
    let path = request.url.split('?').next().unwrap_or_default();
    let is_webhooks = ["/webhook_endpoints", "/webhooks", "/endpoints", "/notification-settings"]
        .iter()
        .any(|end| path.ends_with(end));
    match (request.method, is_webhooks) {
        ("GET", true) => {
            let all: Vec<Value> = account.webhooks.iter().map(|made| shown(provider, made)).collect();
            let body = match provider {
                Provider::Polar => json!({ "items": all }),
                Provider::WooCommerce => json!(all),
                _ => json!({ "data": all }),
            };
            sent(200, &body)
        }
        ("POST", true) => {
            account.made += 1;
            let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
            let form = request.body.split('&').find_map(|field| field.strip_prefix("url="));
            let form = form.map(|url| json!(url.replace("%3A", ":").replace("%2F", "/")));
            let url = ["/url", "/data/attributes/url", "/destination", "/delivery_url"];
            let url = form.or_else(|| url.iter().find_map(|path| body.pointer(path).cloned())).unwrap();
            let (id, url) = (format!("w{}", account.made), url.as_str().unwrap().to_owned());
            let made = Made { id, url, topic: body["topic"].clone(), is_on: true };
            account.webhooks.push(made.clone());
            let mut body = shown(provider, &made);
            if provider == Provider::Stripe {
                body["secret"] = json!(format!("whsec_{}", made.id));
            }
            let is_wrapped = matches!(provider, Provider::LemonSqueezy | Provider::Paddle);
            sent(201, &if is_wrapped { json!({ "data": body }) } else { body })
        }
        ("DELETE", _) => {
            let id = path.rsplit('/').next().unwrap_or_default();
            account.webhooks.retain(|made| made.id != id);
            sent(204, &json!({}))
        }
        ("PATCH" | "PUT" | "POST", false) if account.webhooks.iter().any(|made| path.ends_with(&made.id)) => {
            let changed = account.webhooks.iter_mut().find(|made| path.ends_with(&made.id)).unwrap();
            changed.is_on = ["disabled=false", r#"{"enabled":true}"#, r#"{"active":true}"#, r#"{"status":"active"}"#]
                .contains(&request.body.as_str());
            sent(200, &shown(provider, changed))
        }
        _ if provider == Provider::WooCommerce => sent(200, &json!([])),
        _ => sent(200, &json!({ "id": "acct_1", "data": { "id": "12345", "account": { "id": "acct_1" } } })),
    }
}

fn body(provider: Provider) -> Value {
    match provider {
        Provider::Stripe => json!({ "stripeRak": "rk_live_1" }),
        Provider::LemonSqueezy => json!({ "lemonsqueezyApiKey": "k", "lemonsqueezyStoreId": "12345" }),
        Provider::Polar => json!({ "polarAccessToken": "polar_oat_1", "polarOrgId": "o1" }),
        Provider::Paddle => json!({ "paddleApiKey": "pdl_live_apikey_1" }),
        Provider::Shopify => json!({ "shopDomain": "x.myshopify.com", "clientId": "id", "clientSecret": "secret" }),
        Provider::WooCommerce => {
            json!({ "storeUrl": "https://shop.example.com", "consumerKey": "ck_1", "consumerSecret": "cs_1" })
        }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Shown {
    state: String,
    mode: String,
    failing_reason: Option<String>,
    sealed_webhook_secrets: Option<String>,
    setup_due_at: i64,
}

impl World {
    /// A connection that was just made.
    fn new(provider: Provider, public_url: &str) -> Self {
        let memory = Memory::new(Database::with_website(), Timestamp::from_millis(1_795_860_000_000));
        let memory = Rc::new(memory.with("ENCRYPTION_KEYS", OLD).with("PUBLIC_URL", public_url));
        let account: Rc<RefCell<Account>> = Rc::default();
        let served = account.clone();
        memory.serve(move |request| answer(provider, &mut served.borrow_mut(), request));
        let platform = Platform::in_memory(memory.clone());
        Self { memory, platform, account, provider }
    }

    async fn run(&self, statement: Statement) {
        self.platform.database().run(Batch::of(statement)).await.unwrap();
    }

    fn website() -> WebsiteId {
        WEBSITE.parse().unwrap()
    }

    fn sealed(&self) -> String {
        let context = seal_context(Self::website(), self.provider.name());
        Keyring::parse(OLD).unwrap().seal(body(self.provider).to_string().as_bytes(), &context, [1; 12]).unwrap()
    }

    async fn connect(&self) {
        let insert = sql(
            "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, account_id, setup_due_at) \
                          VALUES (?1, ?2, ?3, 0, 'acct_1', ?4)",
        );
        let insert = insert.bind(WEBSITE).bind(self.provider.name()).bind(self.sealed());
        self.run(insert.bind(self.platform.now())).await;
    }

    async fn look(&self) {
        registration::run_due(&self.platform, self.platform.now()).await.unwrap();
    }

    async fn row(&self) -> Shown {
        let select = sql("SELECT state, mode, failing_reason, sealed_webhook_secrets, setup_due_at FROM integrations");
        self.platform.database().rows(select).await.unwrap().remove(0)
    }

    fn secrets(row: &Shown) -> Vec<String> {
        let sealed = row.sealed_webhook_secrets.as_deref().unwrap();
        let provider = Provider::ALL.into_iter().find_map(|provider| {
            webhook_secrets::open(&Keyring::parse(OLD).unwrap(), (Self::website(), provider), sealed).ok()
        });
        provider.unwrap().into_iter().map(|secret| secret.secret).collect()
    }

    async fn cleanups(&self) -> usize {
        let rows: Vec<Value> = self.platform.database().rows(sql("SELECT id FROM provider_cleanups")).await.unwrap();
        rows.len()
    }

    async fn clean(&self) {
        cleanups::run_due(&self.platform, self.platform.now()).await.unwrap();
    }

    /// What disconnecting leaves.
    async fn disconnect(&self) {
        let now = self.platform.now();
        self.run(
            sql("INSERT INTO provider_cleanups (website_id, provider, id, sealed_credentials, webhook_ids, due_at, gives_up_at) \
                 SELECT website_id, provider, 'c', sealed_credentials, webhook_ids, ?1, ?2 FROM integrations")
            .bind(now)
            .bind(now.plus_millis(24 * HOUR_MS)),
        )
        .await;
        self.run(sql("DELETE FROM integrations")).await;
    }
}

const fn wanted(provider: Provider) -> usize {
    if matches!(provider, Provider::WooCommerce) { 4 } else { 1 }
}

#[tokio::test(flavor = "current_thread")]
async fn a_webhook_is_registered_once_and_made_anew_when_it_is_gone() {
    for provider in PROVIDERS {
        let world = World::new(provider, GATEWAY);
        world.connect().await;
        world.look().await;
        let row = world.row().await;
        assert_eq!((row.state.as_str(), row.mode.as_str()), ("importing", "webhook"), "{provider}");
        let secret = World::secrets(&row).remove(0);
        assert!(secret.len() > 5, "{provider}");
        assert_eq!(world.account.borrow().webhooks.len(), wanted(provider), "{provider}");
        let url = Address { website: World::website(), provider }.url(&Keyring::parse(OLD).unwrap(), GATEWAY);
        assert!(world.account.borrow().webhooks.iter().all(|made| made.url == url), "{provider}");
        // Nothing is due for a day, and then nothing has to be done.
        world.memory.advance(23 * HOUR_MS);
        let asked = world.account.borrow().asked;
        world.look().await;
        assert_eq!(world.account.borrow().asked, asked, "{provider}");
        world.memory.advance(2 * HOUR_MS);
        world.look().await;
        assert_eq!(world.account.borrow().made, wanted(provider), "{provider}");
        assert_eq!(World::secrets(&world.row().await)[0], secret, "{provider}");
        // Switched off: it is switched on where it is.
        if provider != Provider::LemonSqueezy {
            world.account.borrow_mut().webhooks[0].is_on = false;
            world.memory.advance(25 * HOUR_MS);
            world.look().await;
            assert!(world.account.borrow().webhooks.iter().all(|made| made.is_on), "{provider}");
            assert_eq!(world.account.borrow().made, wanted(provider), "{provider}");
            assert_eq!(World::secrets(&world.row().await)[0], secret, "{provider}");
        }
        // Deleted, and one of somebody else's.
        let theirs = Made { id: "x".into(), url: "https://other.example/hook".into(), topic: Value::Null, is_on: true };
        world.account.borrow_mut().webhooks.push(theirs);
        world.account.borrow_mut().webhooks.remove(0);
        world.memory.advance(25 * HOUR_MS);
        world.look().await;
        assert_eq!(world.account.borrow().made, wanted(provider) + 1, "{provider}");
        assert_eq!(world.account.borrow().webhooks.len(), wanted(provider) + 1, "{provider}");
        assert!(world.account.borrow().webhooks.iter().all(|made| made.is_on), "{provider}");
        assert!(world.account.borrow().webhooks.iter().any(|made| made.id == "x"), "{provider}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_webhook_that_cannot_be_switched_on_fails_until_it_can() {
    for (provider, method) in [
        (Provider::Stripe, "POST"),
        (Provider::Polar, "PATCH"),
        (Provider::Paddle, "PATCH"),
        (Provider::WooCommerce, "PUT"),
    ] {
        let world = World::new(provider, GATEWAY);
        world.connect().await;
        world.look().await;
        world.account.borrow_mut().webhooks[0].is_on = false;
        let standing = || (world.account.borrow().made, world.account.borrow().webhooks.len());
        let before = standing();
        // Busy is not refused: it is asked again.
        for (status, reason) in [(503, None), (422, Some("webhook_disabled")), (404, Some("webhook_disabled"))] {
            world.account.borrow_mut().status = Some((method, status));
            world.memory.advance(25 * HOUR_MS);
            world.look().await;
            assert_eq!(world.row().await.failing_reason.as_deref(), reason, "{provider} {status}");
        }
        world.account.borrow_mut().status = None;
        world.memory.advance(HOUR_MS);
        world.look().await;
        let row = world.row().await;
        assert_eq!((row.mode.as_str(), row.failing_reason), ("webhook", None), "{provider}");
        assert!(world.account.borrow().webhooks.iter().all(|made| made.is_on), "{provider}");
        assert_eq!(standing(), before, "{provider}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn without_an_address_nothing_is_registered() {
    for provider in PROVIDERS {
        let world = World::new(provider, "http://127.0.0.1:8787");
        world.connect().await;
        world.look().await;
        let mode = if provider == Provider::Stripe { "polling" } else { "manual" };
        let row = world.row().await;
        assert_eq!((row.state.as_str(), row.mode.as_str()), ("importing", mode), "{provider}");
        assert_eq!(world.account.borrow().asked, 0, "{provider}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_secret_that_we_choose_is_stored_before_the_provider_hears_of_it() {
    for provider in [Provider::LemonSqueezy, Provider::WooCommerce] {
        let world = World::new(provider, GATEWAY);
        world.connect().await;
        world.account.borrow_mut().status = Some(("POST", 503));
        world.look().await;
        let secret = World::secrets(&world.row().await).remove(0);
        assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(world.memory.requests.borrow().iter().any(|request| request.body.contains(&secret)), "{provider}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_without_the_right_to_make_webhooks_is_looked_at() {
    for provider in [Provider::Stripe, Provider::Polar, Provider::Paddle, Provider::WooCommerce] {
        let world = World::new(provider, GATEWAY);
        world.connect().await;
        world.account.borrow_mut().status = Some(("POST", 403));
        world.look().await;
        let row = world.row().await;
        assert_eq!((row.state.as_str(), row.mode.as_str()), ("importing", "polling"), "{provider}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_refused_key_fails_the_connection_until_an_hourly_look_finds_it_well() {
    let world = World::new(Provider::Stripe, GATEWAY);
    world.connect().await;
    world.account.borrow_mut().status = Some(("", 401));
    world.look().await;
    let row = world.row().await;
    assert_eq!((row.state.as_str(), row.failing_reason.as_deref()), ("failing", Some("key_refused")));
    assert_eq!(row.setup_due_at, world.platform.now().as_millis() + HOUR_MS);
    world.account.borrow_mut().status = None;
    world.memory.advance(HOUR_MS);
    world.look().await;
    let row = world.row().await;
    assert_eq!((row.state.as_str(), row.failing_reason), ("importing", None));
    assert_eq!(row.mode, "webhook");
}

#[tokio::test(flavor = "current_thread")]
async fn a_key_that_has_come_to_its_end_is_told_apart_from_one_that_is_refused() {
    for (ends_in, reason) in [(-1, "key_expired"), (HOUR_MS, "key_refused")] {
        let world = World::new(Provider::Paddle, GATEWAY);
        world.connect().await;
        let ends_at = world.platform.now().plus_millis(ends_in);
        world.run(sql("UPDATE integrations SET state = 'failing', key_expires_at = ?1").bind(ends_at)).await;
        world.account.borrow_mut().status = Some(("", 401));
        world.look().await;
        assert_eq!(world.row().await.failing_reason.as_deref(), Some(reason));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_look_renews_a_shops_token_in_its_last_hour_and_never_beside_somebody_else() {
    let world = World::new(Provider::Shopify, "http://127.0.0.1:8787");
    let asked = || world.memory.requests.take().iter().filter(|request| request.url.ends_with("/access_token")).count();
    world.memory.serve(|_| Sent::Answered {
        status: 200,
        retry_after: None,
        body: br#"{"access_token":"new","expires_in":86399}"#.to_vec(),
    });
    world.connect().await;
    let now = world.platform.now();
    let context = super::sealing::token_context(World::website(), Provider::Shopify);
    let token = Keyring::parse(OLD).unwrap().seal(b"old", &context, [2; 12]).unwrap();
    let give = |ends_in: i64| {
        sql("UPDATE integrations SET sealed_token = ?1, token_expires_at = ?2, setup_due_at = 0")
            .bind(token.as_str())
            .bind(now.plus_millis(ends_in))
    };
    world.run(give(2 * HOUR_MS)).await;
    world.look().await;
    assert_eq!(asked(), 0, "it is good for longer");
    assert_eq!(world.row().await.setup_due_at, now.as_millis() + HOUR_MS);
    world.run(give(HOUR_MS)).await;
    world.look().await;
    assert_eq!(asked(), 1);
    world.run(give(HOUR_MS)).await;
    let leased = sql("UPDATE integrations SET token_leased_until = ?1").bind(now.plus_millis(HOUR_MS));
    world.run(leased).await;
    world.look().await;
    assert_eq!(asked(), 0, "another one renews it");
    assert_eq!(world.row().await.failing_reason, None);
}

#[tokio::test(flavor = "current_thread")]
async fn a_provider_that_is_down_is_asked_again_with_growing_waits() {
    let world = World::new(Provider::Paddle, GATEWAY);
    world.connect().await;
    world.account.borrow_mut().status = Some(("", 503));
    for wait in [5, 30, 120, 600, 1_800] {
        world.look().await;
        let row = world.row().await;
        assert_eq!(
            (row.state.as_str(), row.setup_due_at),
            ("verifying", world.platform.now().as_millis() + wait * 1_000)
        );
        world.memory.advance(wait * 1_000);
    }
    world.look().await;
    let row = world.row().await;
    assert_eq!((row.state.as_str(), row.failing_reason.as_deref()), ("failing", Some("provider_unreachable")));
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_of_an_earlier_release_is_verified() {
    let world = World::new(Provider::Stripe, GATEWAY);
    world.connect().await;
    world.run(sql("UPDATE integrations SET account_id = NULL, setup_due_at = 0")).await;
    world.look().await;
    let rows: Vec<Value> =
        world.platform.database().rows(sql("SELECT account_id, state FROM integrations")).await.unwrap();
    assert_eq!(rows, [json!({ "account_id": "acct_1", "state": "importing" })]);
}

#[tokio::test(flavor = "current_thread")]
async fn an_address_under_an_older_key_stays() {
    let world = World::new(Provider::Polar, GATEWAY);
    world.connect().await;
    world.look().await;
    world.memory.variables.borrow_mut().insert("ENCRYPTION_KEYS".to_owned(), NEW.to_owned());
    world.memory.advance(25 * HOUR_MS);
    world.look().await;
    assert_eq!(world.row().await.state, "importing");
    assert_eq!(world.account.borrow().made, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_that_is_made_again_during_a_look_is_looked_at_anew() {
    let world = World::new(Provider::Stripe, GATEWAY);
    world.connect().await;
    let memory = Rc::downgrade(&world.memory);
    let account = world.account.clone();
    world.memory.serve(move |request| {
        if let Some(memory) = memory.upgrade() {
            memory.database.execute("UPDATE integrations SET setup_due_at = 7");
        }
        answer(Provider::Stripe, &mut account.borrow_mut(), request)
    });
    world.look().await;
    let row = world.row().await;
    assert_eq!((row.state.as_str(), row.setup_due_at, row.sealed_webhook_secrets), ("verifying", 7, None));
}

#[tokio::test(flavor = "current_thread")]
async fn after_a_disconnect_nothing_of_ours_is_left_at_the_provider() {
    for provider in PROVIDERS {
        let world = World::new(provider, GATEWAY);
        world.connect().await;
        world.look().await;
        // One whose id was never stored, and one of somebody else's.
        let prefix = Address { website: World::website(), provider }.prefix(GATEWAY);
        for (id, url) in [("y", format!("{prefix}token")), ("x", "https://other.example/".to_owned())] {
            world.account.borrow_mut().webhooks.push(Made { id: id.into(), url, topic: Value::Null, is_on: true });
        }
        world.disconnect().await;
        world.clean().await;
        let left: Vec<String> = world.account.borrow().webhooks.iter().map(|made| made.id.clone()).collect();
        assert_eq!(left, ["x"], "{provider}");
        assert_eq!(world.cleanups().await, 0, "{provider}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_provider_that_is_down_at_a_disconnect_is_asked_for_a_day() {
    let world = World::new(Provider::Stripe, GATEWAY);
    world.connect().await;
    world.look().await;
    world.disconnect().await;
    world.account.borrow_mut().status = Some(("", 503));
    world.clean().await;
    assert_eq!(world.cleanups().await, 1);
    world.memory.advance(2 * HOUR_MS);
    world.account.borrow_mut().status = None;
    world.clean().await;
    assert_eq!((world.cleanups().await, world.account.borrow().webhooks.len()), (0, 0));

    let world = World::new(Provider::Stripe, GATEWAY);
    world.connect().await;
    world.look().await;
    world.disconnect().await;
    world.account.borrow_mut().status = Some(("", 503));
    for _ in 0..25 {
        world.clean().await;
        world.memory.advance(HOUR_MS);
    }
    assert_eq!(world.cleanups().await, 0, "the credentials are forgotten in any case");
}

#[tokio::test(flavor = "current_thread")]
async fn a_webhook_of_a_new_connection_outlives_the_cleaning_after_the_old_one() {
    let world = World::new(Provider::Stripe, GATEWAY);
    world.connect().await;
    world.look().await;
    world.disconnect().await;
    world.account.borrow_mut().status = Some(("DELETE", 503));
    world.clean().await;
    world.connect().await;
    world.account.borrow_mut().status = None;
    world.look().await;
    world.memory.advance(HOUR_MS);
    world.clean().await;
    let left: Vec<String> = world.account.borrow().webhooks.iter().map(|made| made.id.clone()).collect();
    assert_eq!(left, ["w2"]);
}
