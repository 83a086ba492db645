//! Verifying a key of Stripe (docs/contract/providers.md#4.1).

use sluice_values::Environment;

use crate::access::{Account, Check, Refused, Verified, account, complete};
use crate::fields::Node;
use crate::reading::named_permission;
use crate::request::{Answer, Request};

const FIELD: &str = "stripeRak";
const DISPUTES: &str = "rak_dispute_read";
const READ_EVENTS: &str = "rak_event_read";
const WEBHOOKS: &str = "rak_webhook_write";
const ACCOUNT: &str = "";

/// The permissions of a key, in the order of the page that makes one.
pub const PERMISSIONS: [&str; 9] = [
    "rak_charge_read",
    "rak_payment_intent_read",
    "rak_checkout_session_read",
    "rak_invoice_read",
    "rak_subscription_read",
    "rak_customer_read",
    DISPUTES,
    READ_EVENTS,
    WEBHOOKS,
];

/// The page that makes a key with these permissions.
pub fn create_key_url() -> String {
    let permissions = PERMISSIONS.map(|permission| format!("&permissions[]={permission}"));
    format!("https://dashboard.stripe.com/apikeys/create?name=Sluice{}", permissions.concat())
}

pub fn checks() -> Vec<Check> {
    let one = |path: &str, permission| Check::new(Request::get(path).with("limit", "1"), permission);
    let subscriptions = Request::get("/v1/subscriptions").with("limit", "1").with("status", "all");
    vec![
        one("/v1/charges", "rak_charge_read"),
        one("/v1/invoice_payments", "rak_invoice_read"),
        one("/v1/checkout/sessions", "rak_checkout_session_read"),
        Check::new(subscriptions, "rak_subscription_read"),
        one("/v1/customers", "rak_customer_read"),
        one("/v1/disputes", DISPUTES),
        one("/v1/events", READ_EVENTS),
        Check::new(Request::get("/v1/webhook_endpoints").with("limit", "100"), WEBHOOKS),
        Check::new(Request::get("/v1/account"), ACCOUNT),
    ]
}

/// What the answers to [`checks`] mean.
pub fn verified(answers: &[Answer], environment: Environment) -> Result<Verified, Refused> {
    let asked: Vec<(Check, &Answer)> = checks().into_iter().zip(answers).collect();
    if asked.iter().any(|(_, answer)| answer.status == 401) {
        return Err(Refused::field(FIELD, "Stripe does not accept this key"));
    }
    let asked_for: Vec<&(Check, &Answer)> = asked.iter().filter(|(check, _)| check.permission != ACCOUNT).collect();
    let denied = asked_for.iter().filter(|(_, answer)| answer.status == 403);
    let missing: Vec<String> =
        denied.map(|(check, answer)| named_permission(answer).unwrap_or_else(|| check.permission.to_owned())).collect();
    let lacks = |permission: &str| missing.iter().any(|missing| missing == permission);
    let registers = !lacks(WEBHOOKS);
    let can_do_without = |permission: &String| {
        permission == DISPUTES || permission == WEBHOOKS || (permission == READ_EVENTS && registers)
    };
    let (optional, needed): (Vec<String>, Vec<String>) = missing.iter().cloned().partition(can_do_without);
    complete(FIELD, "key", &needed)?;
    if asked.len() < checks().len() || asked_for.iter().any(|(_, answer)| !answer.is_ok() && answer.status != 403) {
        return Err(Refused::Later);
    }
    let is_test = |answer: &&Answer| {
        let list = Node::new("list", &answer.body);
        list.items("/data", "object").any(|object| object.value("/livemode").is_some_and(|mode| mode == false))
    };
    let test_mode = answers.iter().any(|answer| is_test(&answer));
    if test_mode && environment == Environment::Production {
        return Err(Refused::field(FIELD, "test keys are only accepted in development; expected \"rk_live_…\""));
    }
    let known = answers.last().filter(|answer| answer.is_ok()).and_then(|answer| {
        let names = ["/business_profile/name", "/settings/dashboard/display_name"];
        account(&Node::new("account", &answer.body), "/id", &names)
    });
    let account = known.or_else(|| answers.iter().find_map(named_account));
    Ok(Verified { account, registers, missing: optional, test_mode, expires_at: None })
}

/// The account that a refusal names: `… on account 'acct_…'`.
fn named_account(answer: &Answer) -> Option<Account> {
    let message = answer.body.pointer("/error/message")?.as_str()?;
    let id = message.split('\'').find(|text| {
        text.strip_prefix("acct_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    })?;
    Some(Account { id: id.to_owned(), name: None })
}
