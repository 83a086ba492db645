//! What the answers to a connection's first requests mean: all that is missing is named at once.

use serde_json::{Value, json};

use sluice_values::Environment;

use crate::access::{Account, Refused, Verified};
use crate::request::Answer;
use crate::shopify_access::ShopDomain;
use crate::{lemonsqueezy_access, paddle_access, polar_access, shopify_access, stripe_access, woocommerce_access};

fn ok(body: Value) -> Answer {
    Answer::new(200, body)
}

fn status(status: u16) -> Answer {
    Answer::new(status, Value::Null)
}

fn invalid(text: &str) -> Result<Verified, Refused> {
    Err(Refused::Invalid(text.into()))
}

// ---- Stripe

fn stripe_answers() -> Vec<Answer> {
    let mut answers: Vec<Answer> = stripe_access::checks().iter().map(|_| ok(json!({ "data": [] }))).collect();
    answers[8] = ok(json!({ "id": "acct_1Qv", "business_profile": { "name": "Sluice Demo" } }));
    answers
}

fn denied(permission: Option<&str>) -> Answer {
    let named = permission.map(|name| format!(" Having the '{name}' permission would allow this request to continue."));
    let message = format!(
        "The provided key 'rk_live_***1' does not have the required permissions for this endpoint on account 'acct_1Qv'.{}",
        named.unwrap_or_default()
    );
    Answer::new(403, json!({ "error": { "type": "invalid_request_error", "message": message } }))
}

#[test]
fn a_key_of_stripe_is_verified_with_nine_requests() {
    assert_eq!(stripe_access::checks().len(), 9);
    let account = Some(Account { id: "acct_1Qv".into(), name: Some("Sluice Demo".into()) });
    let fine = Verified { account, registers: true, ..Verified::default() };
    assert_eq!(stripe_access::verified(&stripe_answers(), Environment::Production), Ok(fine));
    let url = stripe_access::create_key_url();
    assert!(
        url.starts_with("https://dashboard.stripe.com/apikeys/create?name=Sluice&permissions[]=rak_charge_read&"),
        "{url}"
    );
    assert_eq!(url.matches("permissions[]=rak_").count(), 9);
}

#[test]
fn every_permission_that_a_key_of_stripe_lacks_is_named() {
    let with = |changes: &[(usize, Answer)]| {
        let mut answers = stripe_answers();
        for (index, answer) in changes {
            answers[*index] = answer.clone();
        }
        stripe_access::verified(&answers, Environment::Production)
    };
    for named in [true, false] {
        let lacks = |index: usize, permission| (index, denied(Some(permission).filter(|_| named)));
        assert_eq!(
            with(&[lacks(1, "rak_invoice_read"), lacks(0, "rak_charge_read")]),
            invalid("stripeRak: the key lacks the permissions rak_charge_read, rak_invoice_read")
        );
        assert_eq!(
            with(&[lacks(4, "rak_customer_read")]),
            invalid("stripeRak: the key lacks the permission rak_customer_read")
        );
        let polls = with(&[lacks(7, "rak_webhook_write")]).unwrap();
        assert_eq!((polls.registers, polls.missing), (false, vec!["rak_webhook_write".to_owned()]));
        assert_eq!(
            with(&[lacks(7, "rak_webhook_write"), lacks(6, "rak_event_read")]),
            invalid("stripeRak: the key lacks the permission rak_event_read")
        );
        let webhook = with(&[lacks(6, "rak_event_read")]).unwrap();
        assert_eq!((webhook.registers, webhook.missing), (true, vec!["rak_event_read".to_owned()]));
        assert_eq!(with(&[lacks(5, "rak_dispute_read")]).unwrap().missing, ["rak_dispute_read"]);
    }
    let nameless = with(&[(8, denied(None))]).unwrap();
    assert_eq!(nameless.account, Some(Account { id: "acct_1Qv".into(), name: None }), "from the refusal's text");
    assert_eq!(with(&[(8, status(404))]).unwrap().account, None);
    assert_eq!(with(&[(3, status(401))]), invalid("stripeRak: Stripe does not accept this key"));
    for down in [429, 500, 502, 301, 0] {
        assert_eq!(with(&[(2, status(down))]), Err(Refused::Later), "{down}");
    }
    assert_eq!(stripe_access::verified(&[], Environment::Production), Err(Refused::Later));
}

#[test]
fn test_objects_make_a_test_key() {
    let mut answers = stripe_answers();
    answers[4] = ok(json!({ "data": [{ "id": "cus_1", "livemode": false }] }));
    let refused = stripe_access::verified(&answers, Environment::Production);
    assert!(matches!(&refused, Err(Refused::Invalid(text)) if text.starts_with("stripeRak: test keys")), "{refused:?}");
    assert!(stripe_access::verified(&answers, Environment::Development).unwrap().test_mode);
}

// ---- The others

#[test]
fn a_key_of_lemon_squeezy_has_a_store_and_a_mode() {
    let store = || ok(json!({ "data": { "id": "12345", "attributes": { "name": "Demo" } } }));
    let user = |test: bool| ok(json!({ "meta": { "test_mode": test } }));
    let judge = |user: Answer, store: Answer, environment| lemonsqueezy_access::verified(&[user, store], environment);
    let production = Environment::Production;
    let fine = judge(user(false), store(), production).unwrap();
    assert_eq!(fine.account, Some(Account { id: "12345".into(), name: Some("Demo".into()) }));
    assert_eq!(
        judge(status(401), status(401), production),
        invalid("lemonsqueezyApiKey: Lemon Squeezy does not accept this key")
    );
    assert_eq!(judge(user(false), status(404), production), invalid("lemonsqueezyStoreId: the key has no such store"));
    assert_eq!(judge(user(true), store(), production), invalid("lemonsqueezyApiKey: a key of the test mode"));
    assert!(judge(user(true), store(), Environment::Development).unwrap().test_mode);
    assert_eq!(judge(user(false), status(500), production), Err(Refused::Later));
    assert_eq!(judge(status(429), store(), production), Err(Refused::Later));
    assert_eq!(lemonsqueezy_access::checks("12345")[1].request.path, "/v1/stores/12345");
}

#[test]
fn every_scope_that_a_token_of_polar_lacks_is_named() {
    let with = |changes: &[(usize, Answer)]| {
        let mut answers = vec![ok(json!({ "id": "e87c", "name": "Demo" }))];
        answers.extend((0..5).map(|_| ok(json!({ "items": [] }))));
        for (index, answer) in changes {
            answers[*index] = answer.clone();
        }
        polar_access::verified("e87c", &answers)
    };
    let mut named = status(403);
    named
        .headers
        .push(("www-authenticate".into(), r#"Bearer error="insufficient_scope", scope="refunds:read""#.into()));
    let fine = with(&[]).unwrap();
    assert_eq!((fine.account.unwrap().id.as_str(), fine.registers, fine.missing.len()), ("e87c", true, 0));
    assert_eq!(
        with(&[(1, status(403)), (2, named)]),
        invalid("polarAccessToken: the token lacks the permissions orders:read, refunds:read")
    );
    let degraded = with(&[(4, status(403)), (5, status(403))]).unwrap();
    assert_eq!(
        (degraded.registers, degraded.missing),
        (false, vec!["disputes:read".to_owned(), "webhooks:read".to_owned()])
    );
    assert_eq!(with(&[(0, status(401))]), invalid("polarAccessToken: Polar does not accept this token"));
    assert_eq!(with(&[(0, status(404))]), invalid("polarOrgId: the token has no such organization"));
    assert_eq!(
        with(&[(0, status(422)), (1, status(422))]),
        invalid("polarOrgId: expected the organization's id, a UUID")
    );
    assert_eq!(with(&[(3, status(503))]), Err(Refused::Later));
}

#[test]
fn a_key_of_paddle_tells_when_it_ends() {
    let key = "pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO";
    let checks = paddle_access::checks(key);
    assert_eq!(checks[1].request.path, "/api-keys/apikey_01gtgztp8f4kek3yd4g1wrksa3");
    let with = |changes: &[(usize, Answer)]| {
        let mut answers: Vec<Answer> = checks.iter().map(|_| ok(json!({ "data": [] }))).collect();
        answers[0] = ok(json!({ "data": { "account": { "id": "acc_1", "name": "Demo" } } }));
        answers[1] = ok(json!({ "data": { "expires_at": "2027-02-01T00:00:00.000000Z" } }));
        for (index, answer) in changes {
            answers[*index] = answer.clone();
        }
        paddle_access::verified(key, &answers)
    };
    let error = |status, code: &str| Answer::new(status, json!({ "error": { "type": "request_error", "code": code } }));
    let fine = with(&[]).unwrap();
    assert_eq!(fine.expires_at.unwrap().to_string(), "2027-02-01T00:00:00.000Z");
    assert_eq!(fine.account.unwrap().id, "acc_1");
    assert_eq!(with(&[(0, status(403)), (1, status(404))]).unwrap().account, None, "the first two may fail");
    for answer in [error(400, "authentication_malformed"), error(403, "invalid_token"), status(401)] {
        assert_eq!(with(&[(2, answer)]), invalid("paddleApiKey: Paddle does not accept this key"));
    }
    assert_eq!(
        with(&[(3, error(403, "forbidden")), (2, error(403, "forbidden"))]),
        invalid("paddleApiKey: the key lacks the permissions transaction.read, adjustment.read")
    );
    assert!(!with(&[(6, error(403, "forbidden"))]).unwrap().registers);
    assert_eq!(with(&[(2, error(429, "too_many_requests"))]), Err(Refused::Later));
}

#[test]
fn only_a_shop_of_shopify_is_asked() {
    for fine in ["sluice-demo.myshopify.com", " https://sluice-demo.myshopify.com/ ", "9.myshopify.com"] {
        assert!(fine.parse::<ShopDomain>().is_ok(), "{fine}");
    }
    for wrong in [
        "",
        ".myshopify.com",
        "-a.myshopify.com",
        "a.b.myshopify.com",
        "a/.myshopify.com",
        "evil.example/.myshopify.com",
        "a@b.myshopify.com",
        "A.myshopify.com",
        "a.myshopify.com.evil.example",
        "http://a.myshopify.com",
        "https://a.myshopify.com//",
        "a.myshopify.com:8080",
    ] {
        assert!(wrong.parse::<ShopDomain>().is_err(), "{wrong}");
    }
}

#[test]
fn an_app_of_shopify_needs_its_scopes_and_its_shop() {
    let shop: ShopDomain = "sluice-demo.myshopify.com".parse().unwrap();
    let installed = |domain: &str, scopes: &[&str]| {
        let scopes: Vec<Value> = scopes.iter().map(|scope| json!({ "handle": scope })).collect();
        ok(
            json!({ "data": { "shop": { "name": "Demo", "myshopifyDomain": domain, "currencyCode": "USD" }, "currentAppInstallation": { "accessScopes": scopes } } }),
        )
    };
    let judge = |answer: Answer| shopify_access::verified("clientId", &shop, &[answer]);
    let fine = judge(installed(
        shop.as_str(),
        &["write_orders", "read_all_orders", "read_customers", "read_shopify_payments_disputes"],
    ));
    assert_eq!(fine.unwrap().missing.len(), 0);
    let degraded = judge(installed(shop.as_str(), &["read_orders"])).unwrap();
    assert_eq!(degraded.missing, ["read_all_orders", "read_customers", "read_shopify_payments_disputes"]);
    assert_eq!(judge(installed(shop.as_str(), &[])), invalid("clientId: the app lacks the permission read_orders"));
    assert_eq!(
        judge(installed("other.myshopify.com", &["read_orders"])),
        invalid("shopDomain: the credentials are of another shop")
    );
    for (code, text) in [
        (401, "clientId: Shopify does not accept it"),
        (402, "shopDomain: the shop is frozen or locked"),
        (423, "shopDomain: the shop is frozen or locked"),
        (403, "clientId: Shopify refuses the app"),
        (404, "shopDomain: there is no such shop"),
    ] {
        assert_eq!(judge(status(code)), invalid(text));
    }
    assert_eq!(judge(status(500)), Err(Refused::Later));
    let errors = ok(json!({ "errors": [{ "extensions": { "code": "ACCESS_DENIED" } }] }));
    assert_eq!(judge(errors), invalid("clientId: the app lacks the permission read_orders"));
    let token = shopify_access::token(&ok(json!({ "access_token": "shpat_1", "expires_in": 86399 }))).ok().unwrap();
    assert_eq!((token.token.as_str(), token.secs), ("shpat_1", 86_399));
    for refused in [400, 401, 403, 404] {
        assert!(matches!(shopify_access::token(&status(refused)), Err(Refused::Invalid(_))), "{refused}");
    }
    assert!(matches!(shopify_access::token(&status(502)), Err(Refused::Later)));
}

#[test]
fn a_shop_of_woocommerce_says_what_is_wrong_or_something_before_it_does() {
    let code =
        |status, code: &str| Answer::new(status, json!({ "code": code, "message": "…", "data": { "status": status } }));
    let judge = |orders: Answer, webhooks: Answer| woocommerce_access::verified(&[orders, ok(json!({})), webhooks]);
    let orders = || ok(json!([]));
    assert!(judge(orders(), ok(json!([]))).unwrap().registers);
    assert!(!judge(orders(), code(403, "woocommerce_rest_cannot_view")).unwrap().registers);
    for (answer, text) in [
        (code(401, "woocommerce_rest_authentication_error"), "consumerKey: the shop does not accept this key"),
        (code(401, "woocommerce_rest_cannot_view"), "consumerKey: the key's user may not read orders"),
        (code(404, "rest_no_route"), "storeUrl: no WooCommerce answers there; its permalinks must not be plain"),
        (status(200), "storeUrl: something in front of the shop answers"),
        (status(403), "storeUrl: something in front of the shop answers"),
        (ok(json!({ "a": 1 })), "storeUrl: something in front of the shop answers"),
    ] {
        assert_eq!(judge(answer, ok(json!([]))), invalid(text));
    }
    let mut moved = status(301);
    assert_eq!(judge(moved.clone(), orders()), invalid("storeUrl: the shop answers somewhere else"));
    moved.headers.push(("location".into(), "https://www.shop.example/wp-json/wc/v3/orders?per_page=1".into()));
    assert_eq!(judge(moved, orders()), invalid("storeUrl: the shop answers at https://www.shop.example; use that"));
    assert_eq!(judge(status(503), orders()), Err(Refused::Later));
}

#[test]
fn a_shops_owner_consents_on_a_page_of_the_shop() {
    let url = woocommerce_access::consent_url(
        "https://shop.example/wp/",
        "n1",
        "https://me.example/?a=b",
        "https://g.example/cb?authorize=n1",
    );
    assert_eq!(
        url,
        "https://shop.example/wp/wc-auth/v1/authorize?app_name=Sluice&scope=read_write&user_id=n1&return_url=https%3A%2F%2Fme.example%2F%3Fa%3Db&callback_url=https%3A%2F%2Fg.example%2Fcb%3Fauthorize%3Dn1"
    );
    let posted = json!({ "key_id": 1, "user_id": "n1", "consumer_key": "ck_1", "consumer_secret": "cs_1", "key_permissions": "read_write" });
    let consent = woocommerce_access::consent(&posted).unwrap();
    assert_eq!((consent.nonce.as_str(), consent.consumer_key.as_str(), consent.writes), ("n1", "ck_1", true));
    for (field, value) in [
        ("user_id", json!(null)),
        ("consumer_key", json!("cs_1")),
        ("consumer_secret", json!("")),
        ("consumer_secret", json!("cs_1\r\nX: y")),
    ] {
        let mut wrong = posted.clone();
        wrong[field] = value;
        assert!(woocommerce_access::consent(&wrong).is_err(), "{field}");
    }
}
