//! What every response has, regardless of the request (docs/contract/README.md#shape).

use std::collections::HashSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;

use sluice::http::route::Door;

use crate::expected::table;
use crate::support::{ADMIN, Caller, Gateway, NO_SUCH_ID, answer, is_id, text};

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
    // Capitals count, and so do slashes but for one at the end.
    for path in ["/Account", "/account//", "//account", "/account/%2F", "/%41ccount"] {
        owner.get(path).await.error(404);
    }
    owner.get("//").await.error(404);
}

#[tokio::test]
async fn one_trailing_slash_and_needless_percent_encoding_do_not_change_a_path() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    for path in ["/account/", "/%61ccount", "/ac%63%6Funt/", "/access%2Dtokens", "/websites/"] {
        owner.get(path).await.ok();
    }
    let id = website.id.clone();
    let encoded = id.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    for spelling in [id.to_uppercase(), format!("{id}/"), encoded, format!("%{:02X}{}", id.as_bytes()[0], &id[1..])] {
        owner.get(&format!("/websites/{spelling}")).await.ok();
    }
    assert_eq!(answer(gateway.request(Method::GET, "/healthz/")).await.status, 200);
    assert_eq!(answer(gateway.request(Method::OPTIONS, "/api/%65vents/")).await.status, 204);
}

#[tokio::test]
async fn a_website_is_named_by_its_id_or_its_tracking_id_everywhere() {
    let gateway = Gateway::roomy();
    let (owner, stranger) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let tracking_id = text(&owner.get(&format!("/websites/{}", website.id)).await.ok().row()["trackingId"]);
    let key = website.key().await;
    let api = async |caller: &Caller, path: &str| {
        answer(gateway.request(Method::GET, &format!("/api/v1{path}")).bearer_auth(&caller.token)).await
    };
    owner.get(&format!("/websites/{tracking_id}")).await.ok();
    owner.get(&format!("/websites/{tracking_id}/funnels/")).await.ok();
    key.get(&format!("/websites/{tracking_id}")).await.ok();
    for path in ["/analytics/overview", "/analytics/realtime", "/visitors"] {
        for caller in [&owner.caller, &key] {
            let answer = api(caller, &format!("{path}?websiteId={tracking_id}")).await;
            assert_eq!(answer.status, 200, "{answer}");
        }
    }
    // A tracking id is public, and gives no access.
    stranger.get(&format!("/websites/{tracking_id}")).await.error(404);
    owner.get("/websites/dfid_nothing").await.error(404);
    key.get("/websites/dfid_nothing").await.error(403);
    owner.get("/websites/dfid_").await.error(400);
    owner.get(&format!("/websites/{}", tracking_id.to_uppercase())).await.error(400);
}

#[tokio::test]
async fn no_answer_is_cached_or_sniffed_unless_it_is_public() {
    for (gateway, is_production) in [(Gateway::roomy(), false), (Gateway::strict(), true)] {
        let owner = gateway.account().await;
        for (answer, cache) in [
            (owner.get("/account").await, "no-store"),
            (owner.get("/nothing").await, "no-store"),
            (owner.post("/access-tokens", serde_json::json!({ "name": "x" })).await, "no-store"),
            (owner.put("/account", serde_json::json!({})).await, "no-store"),
            (gateway.caller("garbage").get("/account").await, "no-store"),
            (answer(gateway.request(Method::GET, "/unsubscribe/x")).await, "no-store"),
            (answer(gateway.request(Method::GET, "/healthz")).await, "no-store"),
            (answer(gateway.request(Method::GET, "/openapi.json")).await, "public, max-age=300"),
        ] {
            assert_eq!(answer.header("cache-control"), cache, "{answer}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            let is_strict = answer.headers.contains_key("strict-transport-security");
            assert_eq!(is_strict, is_production, "{answer}");
        }
    }
}

#[tokio::test]
async fn a_body_may_be_gzipped_and_carry_a_byte_order_mark() {
    let owner = Gateway::roomy().account().await;
    let gzip = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let put = async |encoding: &str, body: Vec<u8>| {
        answer(owner.request(Method::PUT, "/account").header("content-encoding", encoding).body(body)).await
    };
    let named = put("gzip", gzip(b"\xef\xbb\xbf{\"name\":\"Zipped\"}")).await.ok();
    assert_eq!(named.row()["name"], "Zipped");
    put("identity", b"\xef\xbb\xbf{\"name\":\"Marked\"}".to_vec()).await.ok();
    put("gzip", b"{\"name\":\"x\"}".to_vec()).await.error(400);
    put("gzip", gzip(&vec![b' '; 70_000])).await.error(413);
    for encoding in ["br", "deflate", "gzip, gzip"] {
        let refused = put(encoding, gzip(b"{}")).await;
        refused.error(415);
        assert_eq!(refused.header("accept-encoding"), "gzip");
    }
    let website = owner.website().await;
    let line = br#"{"id":"zipped","type":"pageview","visitorId":"b971cbbf-7ce2-4925-902b-8f95a5fb3449","sessionId":"s1","href":"https://HOST/","timestamp":"2026-01-01T00:00:00Z"}"#;
    let line = String::from_utf8(line.to_vec()).unwrap().replace("HOST", &website.domain);
    let import = async |encoding: &str, body: Vec<u8>| {
        let path = format!("/websites/{}/import", website.id);
        answer(owner.request(Method::POST, &path).header("content-encoding", encoding).body(body)).await
    };
    let imported = import("gzip", gzip(format!("{line}\n{line}\n").as_bytes())).await.ok();
    assert_eq!(imported.row()["accepted"], 1, "{imported}");
    import("gzip", line.clone().into_bytes()).await.error(400);
    import("br", gzip(line.as_bytes())).await.error(415);
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
            let speaks_otherwise = table().iter().any(|row| row.path == path && matches!(row.door, Door::Agent { .. }));
            let is_open = speaks_otherwise || table().iter().any(|route| route.path == path && route.cors);
            let is_preflight = method == "OPTIONS" && is_open;
            if right.contains(&method) || is_preflight {
                continue;
            }
            let refused = answer(gateway.request(method.parse().unwrap(), &concrete)).await;
            // A protocol of its own has errors of its own.
            if speaks_otherwise {
                assert_eq!(refused.status, 405, "{refused}");
            } else {
                refused.error(405);
            }
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

#[tokio::test]
async fn a_broken_link_of_a_mail_shows_a_page_to_a_person_and_json_to_a_program() {
    let gateway = Gateway::roomy();
    for path in ["/unsubscribe", "/unsubscribe/", "/invitations", "/invitations/broken", "/invitations/6b0/x"] {
        let ask = async |accept: &str| answer(gateway.request(Method::GET, path).header("accept", accept)).await;
        let page = ask("text/html,application/xhtml+xml,*/*;q=0.8").await;
        assert!(matches!(page.status, 400 | 404), "{page}");
        assert!(page.header("content-type").starts_with("text/html"), "{page}");
        assert!(page.body.contains("This link does not work") && !page.body.contains("<script"), "{page}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{page}");
        for accept in ["application/json", "*/*"] {
            let plain = ask(accept).await;
            assert_eq!(plain.status, page.status);
            assert_eq!(plain.json()["status"], "error", "{plain}");
        }
    }
    let elsewhere = answer(gateway.request(Method::GET, "/nowhere").header("accept", "text/html")).await;
    assert_eq!(elsewhere.json()["error"]["code"], 404);
}
