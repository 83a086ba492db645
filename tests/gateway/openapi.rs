//! The OpenAPI document.

use reqwest::Method;
use serde_json::Value;

use crate::expected::table;
use crate::support::{Gateway, answer};

#[tokio::test]
async fn the_description_is_the_one_in_the_repository_and_open_to_every_origin() {
    let served = answer(Gateway::strict().request(Method::GET, "/openapi.json")).await;
    assert_eq!(served.status, 200);
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.header("access-control-allow-origin"), "*");
    let kept: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    assert!(served.json() == kept, "build/ or openapi.json is stale: run `make build` and `make openapi`");
}

#[tokio::test]
async fn every_route_is_described_with_its_refusals() {
    let described = answer(Gateway::strict().request(Method::GET, "/openapi.json")).await.json();
    for route in table().iter().filter(|route| route.is_documented()) {
        let operation = &described["paths"][route.path][route.method.as_str().to_lowercase()];
        assert_eq!(operation["operationId"], route.operation, "{}", route.path);
        let answers = operation["responses"].as_object().unwrap_or_else(|| panic!("{}: no responses", route.path));
        // A route that always refuses has no success to describe.
        let always_refused = (route.method.as_str(), route.path) == ("DELETE", "/api/v1/admin/websites/{websiteId}");
        assert_eq!(answers.contains_key("200"), !always_refused, "{} {}", route.method.as_str(), route.path);
        if route.path.starts_with("/api/v1/admin/") {
            for refusal in ["401", "403", "429"] {
                assert!(answers.contains_key(refusal), "{} {}: {refusal}", route.method.as_str(), route.path);
            }
        }
    }
}
