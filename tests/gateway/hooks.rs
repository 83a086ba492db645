//! What payment providers post (docs/contract/providers.md#3.1): every refusal, in its order, and what is stored.
//!
//! The connections are written into D1 while no gateway runs: only their secrets matter here.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use sluice::integrations::address::Address;
use sluice::integrations::connections::seal_context;
use sluice::integrations::webhook_secrets::{self, WebhookSecret};
use sluice::secrets::keyring::Keyring;
use sluice_providers::provider::Provider;
use sluice_values::{Timestamp, WebsiteId};

use crate::bad_input::{chunked, send_raw};
use crate::own_gateway::{OwnGateway, State};
use crate::stand_in::Seller;
use crate::support::{Answer, Caller, Gateway, Website, answer, statuses, text, together};

/// The key of these gateways.
pub const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
pub const SHOP: &str = "sluice-demo.myshopify.com";

pub fn keyring() -> Keyring {
    Keyring::parse(KEYS).unwrap()
}

/// A provider's secret at a website.
fn secret(provider: Provider) -> String {
    // Polar's older kind, whose whole text is the key.
    format!("polar_whs_Zebra7{provider}")
}

/// A website that is connected to every provider, on a gateway of its own.
pub struct Connected {
    pub state: State,
    pub own: OwnGateway,
    pub owner: Caller,
    pub website: String,
    /// Of the same account, without any connection.
    pub other: String,
    settings: Vec<(&'static str, &'static str)>,
}

impl Connected {
    /// `sql` runs on D1 before the gateway starts again.
    pub async fn new(settings: &[(&'static str, &'static str)], sql: &str) -> Self {
        let state = State::new();
        let mut all = vec![("RATE_LIMIT_PER_MINUTE", "100000"), ("ENCRYPTION_KEYS", KEYS)];
        all.extend(settings);
        let own = state.serve(&all);
        let account = own.gateway.account().await;
        let (website, other) = (account.website().await.id, account.website().await.id);
        let token = account.token.clone();
        drop(own);
        let id: WebsiteId = website.parse().unwrap();
        for provider in Provider::ALL {
            let secrets = [WebhookSecret { secret: secret(provider), until: None }];
            let secrets = webhook_secrets::seal(&keyring(), (id, provider), &secrets, [7; 12]).unwrap();
            let credentials = credentials(provider).to_string();
            let context = seal_context(id, provider.name());
            let credentials = keyring().seal(credentials.as_bytes(), &context, [8; 12]).unwrap();
            state.query(&format!(
                "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, state, sealed_webhook_secrets) \
                 VALUES ('{website}', '{provider}', '{credentials}', 0, 'connected', '{secrets}')"
            ));
        }
        state.query(sql);
        let own = state.serve(&all);
        let owner = own.gateway.caller(&token);
        Self { state, own, owner, website, other, settings: all }
    }

    /// Starts the gateway again on what it has stored.
    pub fn again(&mut self) {
        self.own = self.state.serve(&self.settings);
        self.owner = self.own.gateway.caller(&self.owner.token);
    }

    pub fn url(&self, provider: Provider) -> String {
        url(&self.website, provider)
    }

    /// Posts a body that is signed now.
    pub async fn post(&self, provider: Provider, headers: &[(String, String)], body: &[u8]) -> Answer {
        post(&self.own.gateway, &self.url(provider), &signed(provider, &secret(provider), headers, body, 0), body).await
    }

    pub async fn post_sample(&self, sample: &Sample) -> Answer {
        self.post(sample.provider, &sample.headers, &sample.body).await
    }

    /// The rows of a query of D1. The gateway stops for it.
    pub fn rows(&mut self, sql: &str) -> Vec<Value> {
        self.own.stop();
        let rows = self.state.query(sql).remove(0);
        self.again();
        rows
    }
}

fn credentials(provider: Provider) -> Value {
    match provider {
        Provider::Shopify => {
            json!({ "shopDomain": SHOP, "adminApiAccessToken": "shpat_Zebra7Token", "apiSecretKey": "Zebra7Key" })
        }
        Provider::WooCommerce => {
            json!({ "storeUrl": "https://shop.example.com", "consumerKey": "ck_Zebra7", "consumerSecret": "cs_Zebra7" })
        }
        Provider::Stripe => json!({ "stripeRak": "rk_live_Zebra7Stripe" }),
        Provider::LemonSqueezy => json!({ "lemonsqueezyApiKey": "Zebra7Lemon", "lemonsqueezyStoreId": "12345" }),
        Provider::Polar => json!({ "polarAccessToken": "polar_oat_Zebra7", "polarOrgId": "o" }),
        Provider::Paddle => json!({ "paddleApiKey": "pdl_live_apikey_Zebra7" }),
    }
}

/// The path that a provider posts to for a website.
pub fn url(website: &str, provider: Provider) -> String {
    Address { website: website.parse().unwrap(), provider }.url(&keyring(), "")
}

/// The id of an event that Polar has posted to a website, which is connected for it.
pub async fn an_event(website: &Website) -> String {
    let (owner, path) = (&website.owner, website.path("/integrations/polar"));
    owner.post(&path, Seller::of("polar", true).body).await.ok();
    let secret = secret(Provider::Polar);
    owner.put(&format!("{path}/webhook"), json!({ "secret": secret })).await.ok();
    let url = text(&owner.get(&path).await.ok().row()["webhookUrl"]);
    let url = url.strip_prefix(&owner.gateway.url).unwrap();
    let body = br#"{"type":"customer.created","timestamp":"2026-11-28T10:00:00Z","data":{"id":"c"}}"#;
    let headers = signed(Provider::Polar, &secret, &[], body, 0);
    assert_eq!(post(&owner.gateway, url, &headers, body).await.status, 200);
    text(&owner.get(&format!("{path}/events")).await.ok().row()["id"])
}

pub async fn post(gateway: &Gateway, url: &str, headers: &[(String, String)], body: &[u8]) -> Answer {
    let request =
        headers.iter().fold(gateway.request(Method::POST, url), |request, (name, value)| request.header(name, value));
    answer(request.body(body.to_vec())).await
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[expect(clippy::disallowed_methods, reason = "a native test")]
fn now_secs() -> i64 {
    i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// The headers with which a provider posts a body so many seconds from now, in place of those that sign it.
pub fn signed(
    provider: Provider,
    secret: &str,
    headers: &[(String, String)],
    body: &[u8],
    offset: i64,
) -> Vec<(String, String)> {
    let (key, time) = (secret.as_bytes(), (now_secs() + offset).to_string());
    let mut headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    let over_body = || hmac(key, &[body]);
    match provider {
        Provider::Stripe => {
            let signature = sluice_values::hex(&hmac(key, &[time.as_bytes(), b".", body]));
            headers.insert("stripe-signature".to_owned(), format!("t={time},v1={signature}"));
        }
        Provider::Paddle => {
            let signature = sluice_values::hex(&hmac(key, &[time.as_bytes(), b":", body]));
            headers.insert("paddle-signature".to_owned(), format!("ts={time};h1={signature}"));
        }
        Provider::Polar => {
            let id = headers.entry("webhook-id".to_owned()).or_insert_with(|| "msg_1".to_owned()).clone();
            let signature = BASE64.encode(hmac(key, &[id.as_bytes(), b".", time.as_bytes(), b".", body]));
            headers.insert("webhook-timestamp".to_owned(), time);
            headers.insert("webhook-signature".to_owned(), format!("v1,{signature}"));
        }
        Provider::LemonSqueezy => {
            headers.insert("x-signature".to_owned(), sluice_values::hex(&over_body()));
        }
        Provider::Shopify => {
            headers.insert("x-shopify-hmac-sha256".to_owned(), BASE64.encode(over_body()));
            headers.entry("x-shopify-shop-domain".to_owned()).or_insert_with(|| SHOP.to_owned());
            headers.entry("x-shopify-topic".to_owned()).or_insert_with(|| "orders/paid".to_owned());
        }
        Provider::WooCommerce => {
            headers.insert("x-wc-webhook-signature".to_owned(), BASE64.encode(over_body()));
            headers.entry("x-wc-webhook-topic".to_owned()).or_insert_with(|| "order.updated".to_owned());
        }
    }
    headers.into_iter().collect()
}

/// One of the samples of docs/contract/providers/samples.
pub struct Sample {
    pub provider: Provider,
    pub name: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contract/providers/samples");
    let mut samples = Vec::new();
    for provider in Provider::ALL {
        for entry in std::fs::read_dir(folder.join(provider.name())).unwrap() {
            let path = entry.unwrap().path();
            let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".expected.json") else {
                continue;
            };
            // A form, which is in the tests below.
            if name == "07-ping" {
                continue;
            }
            let expected: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let headers = expected["post"]["headers"].as_object().unwrap().iter();
            let headers = headers.map(|(name, value)| (name.clone(), text(value))).collect();
            let body = std::fs::read(path.with_file_name(format!("{name}.json"))).unwrap();
            samples.push(Sample { provider, name: name.to_owned(), headers, body });
        }
    }
    samples.sort_by(|one, other| (one.provider, &one.name).cmp(&(other.provider, &other.name)));
    assert_eq!(samples.len(), 49);
    samples
}

pub fn sample(provider: Provider, name: &str) -> Sample {
    samples().into_iter().find(|sample| sample.provider == provider && sample.name == name).unwrap()
}

/// Bytes of a body that is taken.
const LONGEST_BODY: usize = 2 * 1024 * 1024;

fn form() -> Vec<(String, String)> {
    vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())]
}

#[tokio::test]
async fn a_stranger_is_answered_alike_whatever_is_wrong_with_the_address_and_costs_no_read() {
    let connected = Connected::new(&[], "").await;
    let gateway = &connected.own.gateway;
    let right = connected.url(Provider::Polar);
    let token = right.rsplit('/').next().unwrap();
    let of_other = url(&connected.other, Provider::Polar);
    let mut bodies = Vec::new();
    for wrong in [
        right.replace("/polar/", "/stripe/"),
        right.replace("/polar/", "/square/"),
        right.replace("/polar/", "/POLAR/"),
        right.replace(&connected.website, &connected.other),
        right.replace(&connected.website, "x"),
        right.replace(token, of_other.rsplit('/').next().unwrap()),
        right.replace(token, &token.to_lowercase()),
        right.replace(token, &token[1..]),
        format!("{right}0"),
        right.replace(token, "%00"),
    ] {
        let refused = post(gateway, &wrong, &[], b"{}").await;
        refused.error(404);
        assert_eq!((refused.hops().d1, refused.hops().site), (0, 0), "{wrong}");
        bodies.push(refused.body);
        // The body is not read, and may not be sent to its end.
        let head = format!("POST {wrong} HTTP/1.1\r\ncontent-length: {}", LONGEST_BODY + 1);
        assert!(send_raw(gateway, &head, b"{}").starts_with("HTTP/1.1 404 "), "{wrong}");
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let refused = answer(gateway.request(method.clone(), &right)).await;
        assert_eq!((refused.status, refused.header("allow").as_str()), (405, "POST"), "{method}");
        assert!(!refused.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn every_refusal_of_a_delivery_comes_in_its_order_and_costs_what_it_has_to() {
    let full = "CREATE TRIGGER full BEFORE INSERT ON provider_events WHEN NEW.type = 'full' \
                BEGIN SELECT RAISE(ABORT, 'Exceeded maximum DB size'); END";
    let mut connected = Connected::new(&[], full).await;
    let gateway = connected.own.gateway.clone();
    let cost = |answer: &Answer| (answer.status, answer.hops().d1, answer.hops().site);
    for provider in Provider::ALL {
        let to = connected.url(provider);
        let not_connected = url(&connected.other, provider);
        let long = vec![b' '; LONGEST_BODY + 1];
        assert_eq!(cost(&connected.post(provider, &[], &long).await), (413, 0, 0), "{provider}");
        assert_eq!(cost(&post(&gateway, &not_connected, &[], &long).await), (413, 0, 0), "{provider}");
        // Without a length, the bytes are counted; a length that is too large is believed, one that is too small is the body's.
        for (length, body, status) in [
            ("transfer-encoding: chunked".to_owned(), chunked(&long), 413),
            ("transfer-encoding: chunked".to_owned(), chunked(b"{}"), 401),
            (format!("content-length: {}", LONGEST_BODY + 1), b"{}".to_vec(), 413),
            ("content-length: 2".to_owned(), long.clone(), 401),
        ] {
            let line = send_raw(&gateway, &format!("POST {to} HTTP/1.1\r\n{length}"), &body);
            assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{provider}, {length}: {line}");
        }

        let ping = post(&gateway, &to, &form(), b"webhook_id=11").await;
        let ping_of_none = post(&gateway, &not_connected, &form(), b"webhook_id=11").await;
        if provider == Provider::WooCommerce {
            assert_eq!((cost(&ping), ping.json()), ((200, 0, 0), json!({ "received": true })));
            assert_eq!(cost(&ping_of_none), (200, 0, 0));
            let mut with_signature = form();
            with_signature.push(("x-wc-webhook-signature".to_owned(), "pX7y".to_owned()));
            assert_eq!(cost(&post(&gateway, &to, &with_signature, b"webhook_id=11").await), (401, 1, 0));
        } else {
            assert_eq!((cost(&ping), cost(&ping_of_none)), ((401, 1, 0), (410, 1, 0)), "{provider}");
        }

        let body = b"[]";
        let right = signed(provider, &secret(provider), &[], body, 0);
        assert_eq!(cost(&post(&gateway, &not_connected, &right, body).await), (410, 1, 0), "{provider}");
        for (headers, body) in [
            (signed(provider, "another", &[], body, 0), &body[..]),
            (signed(provider, &secret(Provider::ALL[usize::from(provider == Provider::ALL[0])]), &[], body, 0), body),
            (right.clone(), b"[] "),
            (Vec::new(), body),
        ] {
            let refused = post(&gateway, &to, &headers, body).await;
            assert_eq!(cost(&refused), (401, 1, 0), "{provider}: {headers:?}");
            refused.error(401);
        }
        if [Provider::Stripe, Provider::Paddle, Provider::Polar].contains(&provider) {
            for offset in [-310, 310] {
                let late = signed(provider, &secret(provider), &[], body, offset);
                assert_eq!(cost(&post(&gateway, &to, &late, body).await), (401, 1, 0), "{provider}: {offset}");
            }
            let in_time = signed(provider, &secret(provider), &[], body, -290);
            assert_eq!(post(&gateway, &to, &in_time, body).await.status, 400, "{provider}");
        }
        let refused = post(&gateway, &to, &right, body).await;
        assert_eq!(cost(&refused), (400, 2, 0), "{provider}");
        refused.error(400);
    }
    let elsewhere = [("x-shopify-shop-domain".to_owned(), "another.myshopify.com".to_owned())];
    connected.post(Provider::Shopify, &elsewhere, b"{\"id\":1}").await.error(401);

    let full = json!({ "type": "full", "timestamp": "2026-11-28T10:00:00Z", "data": { "id": "o" } }).to_string();
    let refused =
        connected.post(Provider::Polar, &[("webhook-id".to_owned(), "full".to_owned())], full.as_bytes()).await;
    refused.error(503);
    assert_eq!(refused.header("retry-after"), "30");

    let stored = connected.rows("SELECT provider, state, type, reason, due_at FROM provider_events ORDER BY provider");
    let names: Vec<&Value> = stored.iter().map(|row| &row["provider"]).collect();
    assert_eq!(names, ["lemonsqueezy", "paddle", "polar", "shopify", "stripe", "woocommerce"]);
    for row in &stored {
        assert_eq!((&row["state"], &row["due_at"]), (&json!("failed"), &Value::Null), "{row}");
        assert!(text(&row["reason"]).contains("an object"), "{row}");
    }
}

#[tokio::test]
async fn every_sample_is_taken_once_and_nothing_of_it_is_stored_in_clear() {
    let mut connected = Connected::new(&[], "").await;
    let samples = samples();
    for round in 0..2 {
        for sample in &samples {
            let taken = connected.post_sample(sample).await;
            assert_eq!((taken.status, taken.body.as_str()), (200, r#"{"received":true}"#), "{round} {}", sample.name);
            assert_eq!((taken.hops().d1, taken.hops().site, taken.hops().gate), (2, 0, 0), "{}", sample.name);
            assert!(!taken.headers.contains_key("x-ratelimit-limit"));
        }
    }
    // All at once, twice.
    let again = together(samples.iter().chain(&samples).map(|sample| connected.post_sample(sample))).await;
    assert_eq!(statuses(&again), [(200, 98)]);
    let counts = connected.rows("SELECT count(*) AS events, count(sealed_body) AS bodies FROM provider_events");
    assert_eq!(counts, [json!({ "events": 49, "bodies": 49 })]);
    connected.own.stop();
    // The website's object keeps whose a payment is; D1 and the log are told nothing.
    let mut files = connected.state.files();
    files.retain(|(path, _)| !path.starts_with(connected.state.path().join("v3/do")));
    let holds =
        |needle: &str| files.iter().any(|(_, file)| file.windows(needle.len()).any(|at| at == needle.as_bytes()));
    assert!(holds("order.paid"), "the search finds what is there");
    for hidden in ["example@example.com", "Zebra7", "datafast_visitor_id", "billing_details"] {
        assert!(!holds(hidden), "{hidden} is in storage or in a log");
    }
}

#[tokio::test]
async fn wrong_signatures_cost_no_reads_from_600_a_minute_and_hold_up_no_other_website() {
    let connected = Connected::new(&[], "").await;
    let gateway = &connected.own.gateway;
    // Not across the end of a minute.
    let left = 60 - now_secs() % 60;
    if left < 30 {
        tokio::time::sleep(std::time::Duration::from_secs(u64::try_from(left).unwrap())).await;
    }
    let to = connected.url(Provider::Stripe);
    let wrong = together((0..620).map(|_| post(gateway, &to, &[], b"{}"))).await;
    let counts: BTreeMap<u16, usize> = statuses(&wrong).into_iter().collect();
    assert!(counts[&401] >= 600 && counts.len() <= 2, "{counts:?}");
    let refused = post(gateway, &to, &[], b"{}").await;
    assert_eq!((refused.status, refused.hops().d1), (429, 0), "{refused}");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 60);
    assert_eq!(post(gateway, &url(&connected.other, Provider::Stripe), &[], b"{}").await.status, 410);
}

#[tokio::test]
async fn an_address_and_what_is_sealed_outlive_a_new_first_key() {
    let mut connected = Connected::new(&[], "").await;
    let old = connected.url(Provider::Polar);
    connected.own.stop();
    for (name, value) in &mut connected.settings {
        if *name == "ENCRYPTION_KEYS" {
            *value = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        }
    }
    connected.again();
    let sample = sample(Provider::Polar, "01-order-paid-purchase");
    let headers = signed(Provider::Polar, &secret(Provider::Polar), &sample.headers, &sample.body, 0);
    assert_eq!(post(&connected.own.gateway, &old, &headers, &sample.body).await.status, 200);
}

#[tokio::test]
async fn a_secret_that_was_replaced_is_accepted_until_it_ends() {
    let mut connected = Connected::new(&[], "").await;
    let id: WebsiteId = connected.website.parse().unwrap();
    let sample = sample(Provider::Shopify, "01-orders-paid");
    for (until, status) in [(now_secs() + 3600, 200), (now_secs() - 1, 401)] {
        connected.own.stop();
        let until = Some(Timestamp::from_millis(until * 1000));
        let secrets = [
            WebhookSecret { secret: "new".to_owned(), until: None },
            WebhookSecret { secret: secret(Provider::Shopify), until },
        ];
        let sealed = webhook_secrets::seal(&keyring(), (id, Provider::Shopify), &secrets, [9; 12]).unwrap();
        connected
            .state
            .query(&format!("UPDATE integrations SET sealed_webhook_secrets = '{sealed}' WHERE provider = 'shopify'"));
        connected.again();
        assert_eq!(connected.post_sample(&sample).await.status, status);
        let new = signed(Provider::Shopify, "new", &sample.headers, &sample.body, 0);
        assert_eq!(
            post(&connected.own.gateway, &connected.url(Provider::Shopify), &new, &sample.body).await.status,
            200
        );
    }
}
