//! 60 requests in any rolling minute per credential, and as many failures per address
//! (docs/contract/README.md#18, #19, #33).
//!
//! These run on the gateway as deployed. Addresses are distinguished by `CF-Connecting-IP`, which Cloudflare's edge
//! sets itself and Miniflare accepts from the client: each test uses its own addresses.

use std::sync::atomic::{AtomicU8, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::matrix::unknown_token;
use crate::support::{ADMIN, Answer, Caller, Gateway, answer, fields, statuses, together};

const LIMIT: i64 = 60;

/// An address that no other test uses.
fn address() -> String {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    format!("203.0.113.{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn now_secs() -> i64 {
    jiff::Timestamp::now().as_second()
}

async fn from(address: &str, caller: &Caller) -> Answer {
    answer(caller.request(Method::GET, "/account").header("cf-connecting-ip", address)).await
}

/// The exact body of the 429.
fn check_refusal(refused: &Answer) {
    assert_eq!(refused.status, 429, "{refused}");
    let body = refused.json();
    let reset = body["reset"].as_i64().unwrap();
    assert_eq!(
        refused.body,
        format!(
            r#"{{"error":"Too many requests","message":"Rate limit exceeded...","limit":60,"remaining":0,"reset":{reset}}}"#
        )
    );
    assert_eq!(refused.header("content-type"), "application/json");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let left = reset - now_secs();
    assert!((0..=61).contains(&left), "reset is {left} s ahead: Unix seconds of the next free place");
}

#[tokio::test]
async fn of_300_requests_at_once_exactly_60_pass() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let answers = together((0..300).map(|_| owner.get("/account"))).await;
    assert_eq!(statuses(&answers), [(200, 60), (429, 240)]);

    let mut left: Vec<i64> = Vec::new();
    for answer in &answers {
        let number = |name: &str| answer.header(name).parse::<i64>().unwrap();
        assert_eq!(number("x-ratelimit-limit"), LIMIT);
        assert!((0..=61).contains(&(number("x-ratelimit-reset") - now_secs())), "{answer}");
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=60;w=60");
        let remaining = number("x-ratelimit-remaining");
        assert!(answer.header("ratelimit").starts_with(&format!("\"default\";r={remaining};t=")), "{answer}");
        if answer.status == 200 {
            left.push(remaining);
        } else {
            assert_eq!(remaining, 0);
            check_refusal(answer);
            assert_eq!(number("x-ratelimit-reset"), answer.json()["reset"].as_i64().unwrap());
        }
    }
    left.sort_unstable();
    assert_eq!(left, (0..LIMIT).collect::<Vec<_>>(), "each that passed was counted once");
}

#[tokio::test]
async fn one_credential_does_not_use_up_anothers_requests() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let (second, key) = (owner.mint(json!({})).await, website.key().await);
    together((0..80).map(|_| owner.get("/account"))).await;
    check_refusal(&owner.get("/account").await);
    for other in [second, key] {
        let answer = other.get("/account").await.ok();
        assert_eq!(answer.header("x-ratelimit-remaining"), "59");
    }
}

#[tokio::test]
async fn refused_requests_of_every_kind_count_and_429_comes_before_403() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let reader = owner.mint(json!({ "permissions": ["funnels:read"] })).await;
    for round in 0..LIMIT {
        let refused = reader.get("/account").await;
        refused.error(403);
        assert_eq!(refused.header("x-ratelimit-remaining"), (LIMIT - 1 - round).to_string());
    }
    check_refusal(&reader.get("/account").await);
}

#[tokio::test]
async fn a_limited_request_changes_nothing() {
    let gateway = Gateway::strict();
    let owner = gateway.account().await;
    let watcher = owner.mint(json!({})).await;
    let answers = together((0..90).map(|round| owner.put("/account", json!({ "name": format!("{round}") })))).await;
    let passed: Vec<Value> =
        answers.iter().filter(|answer| answer.status == 200).map(|answer| answer.row()["name"].clone()).collect();
    // Minting was the first of the sixty.
    assert_eq!(passed.len(), 59);
    let name = watcher.get("/account").await.row()["name"].clone();
    assert!(passed.contains(&name), "{name}");
}

#[tokio::test]
async fn unknown_tokens_are_limited_for_each_address_exactly() {
    let gateway = Gateway::strict();
    let (here, there) = (address(), address());
    let tokens: Vec<Caller> = (0..100).map(|_| gateway.caller(&unknown_token("dft_"))).collect();
    let answers = together(tokens.iter().map(|caller| from(&here, caller))).await;
    assert_eq!(statuses(&answers), [(401, 60), (429, 40)]);
    let refused = from(&here, &tokens[0]).await;
    check_refusal(&refused);
    assert_eq!(from(&there, &tokens[0]).await.status, 401, "another address is not meant");

    // A caller with a valid token is still served (docs/contract/README.md#33).
    let owner = gateway.account().await;
    assert_eq!(from(&here, &owner).await.status, 200);
}

#[tokio::test]
async fn garbage_is_limited_for_each_address_and_costs_no_hop() {
    let gateway = Gateway::strict();
    let (here, there) = (address(), address());
    let garbage = gateway.caller("dft_garbage");
    let mut passed = 0;
    for _ in 0..LIMIT + 5 {
        let answer = from(&here, &garbage).await;
        let hops = answer.hops();
        assert_eq!((hops.gate, hops.d1, hops.kv), (0, 0, 0));
        passed += i64::from(answer.status == 401);
    }
    // Counted in the memory of one isolate; workerd runs one.
    assert_eq!(passed, LIMIT);
    check_refusal(&from(&here, &garbage).await);
    assert_eq!(from(&there, &garbage).await.status, 401);
    let owner = gateway.account().await;
    assert_eq!(from(&here, &owner).await.status, 200);
}

#[tokio::test]
async fn guessing_the_setup_secret_is_limited_and_the_right_one_still_works() {
    let gateway = Gateway::strict();
    let here = address();
    let guess = async |secret: &str| {
        let request =
            gateway.request(Method::POST, "/api/v1/setup").bearer_auth(secret).header("cf-connecting-ip", &here);
        answer(request.json(&json!({}))).await
    };
    let answers = together((0..70).map(|_| guess("wrong"))).await;
    assert_eq!(statuses(&answers), [(401, 60), (429, 10)]);
    // 400: the secret was right, the body was not.
    guess(&gateway.setup_secret).await.error(400);
}

#[tokio::test]
async fn guessing_an_invitations_code_is_limited_before_it_is_looked_up() {
    let gateway = Gateway::strict();
    let (here, there) = (address(), address());
    let guess = async |from: &str| {
        let path = format!("/api/v1/invitations/{}/accept", crate::support::NO_SUCH_ID);
        let request = gateway.request(Method::POST, &path).header("cf-connecting-ip", from);
        answer(request.json(&json!({ "code": "wrong", "name": "Eve" }))).await
    };
    for _ in 0..LIMIT {
        guess(&here).await.error(404);
    }
    let refused = guess(&here).await;
    check_refusal(&refused);
    assert_eq!(refused.hops().d1, 0);
    guess(&there).await.error(404);
    let owner = gateway.account().await;
    assert_eq!(from(&here, &owner).await.status, 200);
}

#[tokio::test]
async fn addresses_of_one_ipv6_network_are_one_client() {
    let gateway = Gateway::strict();
    let network = format!("2001:db8:{:x}", now_secs() % 0xffff);
    let unknown = gateway.caller(&unknown_token("df_"));
    let answers = together((0..70).map(|host| {
        let (unknown, address) = (&unknown, format!("{network}::{host:x}"));
        async move { from(&address, unknown).await }
    }))
    .await;
    assert_eq!(statuses(&answers), [(401, 60), (429, 10)]);
    assert_eq!(from(&format!("{network}:1::1"), &unknown).await.status, 401);
}

#[tokio::test]
async fn answers_without_a_credential_have_no_limit_headers() {
    let gateway = Gateway::strict();
    let here = address();
    let unknown = gateway.caller(&unknown_token("dft_"));
    for answer in [from(&here, &unknown).await, from(&here, &gateway.caller("x")).await] {
        answer.error(401);
        assert!(!answer.headers.keys().any(|name| name.as_str().contains("ratelimit")), "{:?}", answer.headers);
    }
    let bare =
        answer(gateway.request(Method::GET, &format!("{ADMIN}/account")).header("cf-connecting-ip", &here)).await;
    bare.error(401);
    assert_eq!(fields(&bare.json()["error"]), ["code", "message"]);
}
