//! Verifying a key of Paddle (docs/contract/providers.md#4.4).

use crate::access::{Check, Refused, Verified, account, complete};
use crate::fields::Node;
use crate::ids::is_path_segment;
use crate::request::{Answer, Request};

const FIELD: &str = "paddleApiKey";
const WEBHOOKS: &str = "notification_setting.read";

/// The requests with this key; the first two tell more of it, and may fail.
pub fn checks(key: &str) -> Vec<Check> {
    let one = |path: &str, permission| Check::new(Request::get(path).with("per_page", "1"), permission);
    // pdl_live_apikey_<id>_<secret>_<checksum>
    let id = key.split("apikey_").nth(1).and_then(|rest| rest.split('_').next()).filter(|id| is_path_segment(id));
    vec![
        Check::new(Request::get("/"), ""),
        Check::new(Request::get(format!("/api-keys/apikey_{}", id.unwrap_or_default())), ""),
        one("/transactions", "transaction.read"),
        one("/adjustments", "adjustment.read"),
        one("/customers", "customer.read"),
        one("/subscriptions", "subscription.read"),
        one("/notification-settings", WEBHOOKS),
    ]
}

/// What the answers to [`checks`] mean.
pub fn verified(key: &str, answers: &[Answer]) -> Result<Verified, Refused> {
    let asked: Vec<(Check, &Answer)> = checks(key).into_iter().zip(answers).collect();
    let needs = asked.iter().filter(|(check, _)| !check.permission.is_empty());
    let code = |answer: &Answer| answer.body.pointer("/error/code").and_then(|code| code.as_str().map(str::to_owned));
    let is_refused = |answer: &Answer| {
        answer.status == 401 || matches!(code(answer).as_deref(), Some("authentication_malformed" | "invalid_token"))
    };
    if needs.clone().any(|(_, answer)| is_refused(answer)) {
        return Err(Refused::field(FIELD, "Paddle does not accept this key"));
    }
    let missing: Vec<String> = needs
        .clone()
        .filter(|(_, answer)| answer.status == 403)
        .map(|(check, _)| check.permission.to_owned())
        .collect();
    let registers = !missing.iter().any(|permission| permission == WEBHOOKS);
    let (optional, needed): (Vec<String>, Vec<String>) =
        missing.into_iter().partition(|permission| permission == WEBHOOKS);
    complete(FIELD, "key", &needed)?;
    if asked.len() < 7 || needs.clone().any(|(_, answer)| !answer.is_ok() && answer.status != 403) {
        return Err(Refused::Later);
    }
    let body = |index: usize| answers.get(index).filter(|answer| answer.is_ok()).map(|answer| &answer.body);
    let account = body(0).and_then(|body| {
        let node = Node::new("root", body);
        account(&node, "/data/account/id", &["/data/account/name"])
            .or_else(|| account(&node, "/account/id", &["/account/name"]))
    });
    let expires_at = body(1).and_then(|body| Node::new("api_key", body).moment("/data/expires_at").ok());
    Ok(Verified { account, registers, missing: optional, test_mode: key.starts_with("pdl_sdbx_"), expires_at })
}
