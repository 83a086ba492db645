//! What every response has, regardless of the request (docs/contract/README.md#shape).

use std::collections::HashSet;

use reqwest::Method;

use crate::expected::table;
use crate::support::{ADMIN, Gateway, NO_SUCH_ID, answer, is_id};

#[tokio::test]
async fn an_unknown_path_is_404_in_the_envelope() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    for path in [
        "/",
        "/api",
        "/api/v1/admin",
        "/api/v1/admin/nothing",
        "/api/v1/admin/websites/x/nothing",
        "/api/v2/admin/account",
    ] {
        answer(gateway.request(Method::GET, path)).await.error(404);
    }
    // Slashes and upper case matter.
    owner.get("/account/").await.error(404);
    owner.get("/Account").await.error(404);
}

#[tokio::test]
async fn a_wrong_method_is_405_and_names_the_right_ones() {
    let gateway = Gateway::roomy();
    for path in table().iter().map(|route| route.path).collect::<HashSet<_>>() {
        let mut right: Vec<_> =
            table().iter().filter(|route| route.path == path).map(|row| row.method.as_str()).collect();
        right.sort_unstable();
        let concrete = path.split('/').map(|part| if part.starts_with('{') { NO_SUCH_ID } else { part });
        let concrete = concrete.collect::<Vec<_>>().join("/");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            // A browser's preflight request is answered.
            let is_preflight = method == "OPTIONS" && table().iter().any(|route| route.path == path && route.cors);
            if right.contains(&method) || is_preflight {
                continue;
            }
            let refused = answer(gateway.request(method.parse().unwrap(), &concrete)).await;
            refused.error(405);
            let allow = refused.header("allow");
            let mut allowed: Vec<_> = allow.split(", ").filter(|method| *method != "HEAD").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, right, "{refused}");
        }
    }
}

#[tokio::test]
async fn every_response_has_its_own_id() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let mut seen = HashSet::new();
    for answer in [
        owner.get("/account").await,
        owner.get("/account").await,
        owner.get("/nothing").await,
        owner.put("/account", serde_json::json!({})).await,
        gateway.caller("garbage").get("/account").await,
        answer(gateway.request(Method::POST, "/api/v1/setup")).await,
        answer(gateway.request(Method::GET, "/healthz")).await,
    ] {
        let id = answer.header("x-request-id");
        assert!(is_id(&id.clone().into()), "{id}");
        answer.hops();
        assert!(seen.insert(id), "an id twice");
    }
}

#[tokio::test]
async fn a_head_request_is_answered_as_a_get_without_its_body() {
    let owner = Gateway::roomy().account().await;
    let head = answer(owner.request(Method::HEAD, "/account")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), "application/json");
    head.header("x-ratelimit-limit");
}

#[tokio::test]
async fn health_is_ok_without_a_token() {
    let health = answer(Gateway::strict().request(Method::GET, "/healthz")).await;
    assert_eq!((health.status, health.body.as_str()), (200, r#"{"status":"ok"}"#));
}

#[tokio::test]
async fn the_bearer_scheme_is_read_without_regard_to_case_and_nothing_else_is_a_token() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let with = async |header: String| {
        let path = format!("{ADMIN}/account");
        answer(gateway.request(Method::GET, &path).header("authorization", header)).await
    };
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(with(format!("{scheme} {}", owner.token)).await.status, 200, "{scheme}");
    }
    for header in [
        owner.token.clone(),
        format!("Basic {}", owner.token),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        String::new(),
    ] {
        with(header).await.error(401);
    }
    // A token in the query would end up in logs, so it is ignored.
    let path = format!("{ADMIN}/account?token={}&access_token={}", owner.token, owner.token);
    answer(gateway.request(Method::GET, &path)).await.error(401);
}
