//! Verifying a token and an organization of Polar (docs/contract/providers.md#4.3).

use crate::access::{Check, Refused, Verified, account, complete};
use crate::fields::Node;
use crate::request::{Answer, Request};

const TOKEN: &str = "polarAccessToken";
const ORGANIZATION: &str = "polarOrgId";
const DISPUTES: &str = "disputes:read";
const WEBHOOKS: &str = "webhooks:read";

pub fn checks(organization: &str) -> Vec<Check> {
    let one = |path: &str, scope| {
        Check::new(Request::get(path).with("organization_id", organization).with("limit", "1"), scope)
    };
    vec![
        Check::new(Request::get(format!("/v1/organizations/{organization}")), "organizations:read"),
        one("/v1/orders/", "orders:read"),
        one("/v1/refunds/", "refunds:read"),
        one("/v1/subscriptions/", "subscriptions:read"),
        one("/v1/disputes/", DISPUTES),
        one("/v1/webhooks/endpoints", WEBHOOKS),
    ]
}

/// What the answers to [`checks`] mean.
pub fn verified(organization: &str, answers: &[Answer]) -> Result<Verified, Refused> {
    if answers.iter().any(|answer| answer.status == 401) {
        return Err(Refused::field(TOKEN, "Polar does not accept this token"));
    }
    let asked: Vec<(Check, &Answer)> = checks(organization).into_iter().zip(answers).collect();
    let denied = asked.iter().filter(|(_, answer)| answer.status == 403);
    let missing: Vec<String> =
        denied.map(|(check, answer)| named_scope(answer).unwrap_or_else(|| check.permission.to_owned())).collect();
    let registers = !missing.iter().any(|scope| scope == WEBHOOKS);
    let can_do_without = |scope: &String| scope == DISPUTES || scope == WEBHOOKS;
    let (optional, needed): (Vec<String>, Vec<String>) = missing.into_iter().partition(can_do_without);
    complete(TOKEN, "token", &needed)?;
    let Some(found) = answers.first() else { return Err(Refused::Later) };
    match found.status {
        404 => return Err(Refused::field(ORGANIZATION, "the token has no such organization")),
        422 => return Err(Refused::field(ORGANIZATION, "expected the organization's id, a UUID")),
        _ => {}
    }
    if asked.len() < 6 || asked.iter().any(|(_, answer)| !answer.is_ok() && answer.status != 403) {
        return Err(Refused::Later);
    }
    let account = account(&Node::new("organization", &found.body), "/id", &["/name", "/slug"]);
    Ok(Verified { account, registers, missing: optional, test_mode: false, expires_at: None })
}

/// The scope that a refusal names: `Bearer error="insufficient_scope", scope="orders:read"`.
fn named_scope(answer: &Answer) -> Option<String> {
    let (_, rest) = answer.header("www-authenticate")?.split_once("scope=\"")?;
    let scope = rest.split('"').next()?.split(' ').next()?;
    let is_scope =
        scope.contains(':') && scope.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b':' | b'_'));
    is_scope.then(|| scope.to_owned())
}
