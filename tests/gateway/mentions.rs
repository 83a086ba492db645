//! Mentions (docs/contract/surface.md#1, item 6).

use reqwest::Method;
use serde_json::json;

use crate::support::{Caller, Gateway, answer};

async fn get(caller: &Caller, query: &str) -> crate::support::Answer {
    let path = format!("/api/v1/mentions{query}");
    answer(caller.gateway.request(Method::GET, &path).bearer_auth(&caller.token)).await
}

#[tokio::test]
async fn the_list_is_empty_and_has_the_documented_shape() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let of = |query: &str| format!("?websiteId={}{query}", website.id);
    let found = get(&owner, &of("")).await.ok().json();
    let expected = |limit: u32, offset: u32| {
        json!({ "status": "success", "data": [], "meta": { "totalMentions": 0 },
            "pagination": { "limit": limit, "offset": offset, "total": 0, "hasMore": false } })
    };
    assert_eq!(found, expected(100, 0));
    let all =
        "&startAt=2026-11-01&endAt=2026-11-30&timezone=Asia/Tokyo&q=x&platform=reddit&order=asc&limit=5000&offset=7";
    assert_eq!(get(&owner, &of(all)).await.ok().json(), expected(1000, 7));
    // A website key need not name its website.
    assert_eq!(get(&website.key().await, "").await.ok().json(), expected(100, 0));
}

#[tokio::test]
async fn a_parameter_that_there_is_not_or_that_stands_twice_is_refused() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    for (query, named) in [
        ("&query=x", "query: no such parameter"),
        ("&q=a&q=b", "q: given twice"),
        ("&platform=mastodon", "platform"),
        ("&order=new", "order"),
        ("&limit=0", "limit"),
        ("&startAt=2026-11-01", "endAt"),
        ("&startAt=2026-11-02&endAt=2026-11-01", "startAt"),
        (&*format!("&q={}", "x".repeat(201)), "q"),
        (&*format!("&websiteId={}", website.id), "websiteId: given twice"),
    ] {
        let refused = get(&owner, &format!("?websiteId={}{query}", website.id)).await;
        assert!(refused.error(400).starts_with(named), "{query}: {refused}");
    }
}
