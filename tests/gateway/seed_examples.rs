//! The curl examples of `docs/seeds/`, run through a shell unchanged: only base URL, token and website id are replaced.

use std::process::Command;

use serde_json::{Value, json};

use crate::expected::table;
use crate::support::{Gateway, Website, assert_fields};

const EXAMPLES: &str = include_str!("seed_examples.txt");

/// The examples, each a whole command.
fn examples() -> Vec<&'static str> {
    EXAMPLES.split("\n\n").map(str::trim).filter(|block| block.starts_with("curl ")).collect()
}

/// Whether the route of an example exists yet.
fn is_served(example: &str) -> bool {
    let url = example.split("https://datafa.st").nth(1).unwrap();
    let path = url.split(['"', '?']).next().unwrap().replace("YOUR_WEBSITE_ID", "{websiteId}");
    table().iter().any(|route| route.path == path)
}

/// Status and body of the response to an example on `website`'s gateway.
fn run(example: &str, website: &Website, key: &str) -> (u16, Value) {
    let command = example
        .replacen("curl ", "curl --silent --show-error --write-out '\\n%{http_code}' ", 1)
        .replace("https://datafa.st", &website.owner.gateway.url)
        .replace("dft_xxx", &website.owner.token)
        .replace("df_xxx", key)
        .replace("YOUR_WEBSITE_ID", &website.id);
    let output = Command::new("bash").arg("-c").arg(&command).output().unwrap();
    assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")))
}

#[tokio::test]
async fn the_examples_of_the_seeds_work_unchanged() {
    let gateway = Gateway::strict();
    let mut ran = 0;
    for example in examples().into_iter().filter(|example| is_served(example)) {
        let website = gateway.account().await.website().await;
        // The goal that the examples choose as KPI must have been tracked.
        website.track("signup").await;
        let key = website.key().await.token;
        let (status, body) = run(example, &website, &key);
        assert_eq!(status, 200, "{example}\n{body}");
        assert_eq!(body["status"], "success", "{example}\n{body}");
        assert!(body["data"].is_array(), "{example}\n{body}");
        ran += 1;
    }
    assert!(ran == 16, "only {ran} ran");
}

#[test]
fn every_example_is_served() {
    let examples = examples();
    assert_eq!(examples.len(), 16, "the checked-in copy is whole");
    assert!(examples.into_iter().all(is_served));
}

#[tokio::test]
async fn the_values_sent_by_the_examples_are_returned() {
    let website = Gateway::roomy().account().await.website().await;
    website.track("signup").await;
    let find = |part: &str| *examples().iter().find(|example| example.contains(part)).unwrap();
    let (_, token) = run(find("Read only agent"), &website, "");
    assert_eq!(token["data"][0]["permissions"], json!(["analytics:read", "websites:read", "funnels:read"]));
    assert_eq!(token["data"][0]["websiteIds"], json!([website.id]));
    let (_, settings) = run(find("kpiColorScheme"), &website, "");
    let settings = &settings["data"][0];
    assert_fields(
        settings,
        json!({ "name": "New name", "kpi": "signup", "kpiColorScheme": "green", "includeRenewalRevenue": true }),
    );
    let (_, funnel) = run(find("Signup funnel"), &website, "");
    let steps = funnel["data"][0]["steps"].as_array().unwrap();
    let types: Vec<_> = steps.iter().map(|step| step["type"].clone()).collect();
    assert_eq!(types, ["pageview", "pageview", "goal"]);
    let (_, alert) = run(find("New signup"), &website, "");
    assert_eq!(alert["data"][0]["template"]["message"], "A visitor completed signup.");
}
