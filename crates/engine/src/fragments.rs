//! The rules of reports as SQL fragments, each written once. They refer to a row `e` of `events`, `s` of `sessions` or
//! `p` of `payments`.

use crate::event::{CAMPAIGN_KEYS, Kind, PaymentKind};
use crate::rows::StringRow;
use sluice_values::GoalName;

/// The condition that an event is of this kind. The number is part of the statement, so that SQLite can use the partial
/// indexes of one kind.
pub fn is_kind(event: &str, kind: Kind) -> String {
    format!("{event}.kind = {}", kind.code())
}

/// The condition that a payment is of this kind.
fn is_paid_as(kind: PaymentKind) -> String {
    format!("p.kind = {}", kind.code())
}

/// The condition that a session bounced: one pageview and no goal (docs/contract/README.md#20).
pub const BOUNCED: &str = "s.pageviews = 1 AND s.goals = 0";

/// The duration of a session, in milliseconds.
pub const DURATION: &str = "s.ended - s.started";

/// The condition that a payment brought money: a first or a further payment, above zero.
pub fn is_sale() -> String {
    format!("p.kind IN ({}, {}) AND p.amount > 0", PaymentKind::New.code(), PaymentKind::Renewal.code())
}

/// The condition that a payment completes the goal of this name; `None` if payments do not complete it
/// (docs/contract/README.md#37).
pub fn completes(goal: &str) -> Option<String> {
    match goal {
        GoalName::PAYMENT => Some(is_sale()),
        GoalName::FREE_TRIAL => Some(is_paid_as(PaymentKind::Trial)),
        _ => None,
    }
}

/// The condition that a payment of a visitor completes one of these goals; `None` if payments complete none of them.
pub fn completes_any(goals: &[String]) -> Option<String> {
    let conditions: Vec<_> = goals.iter().filter_map(|goal| completes(goal)).collect();
    if conditions.is_empty() { None } else { Some(format!("p.visitor IS NOT NULL AND ({})", conditions.join(" OR "))) }
}

/// The value of a payment of this kind; zero for other kinds.
pub fn value_of(kind: PaymentKind) -> String {
    format!("iif({}, p.value, 0)", is_paid_as(kind))
}

/// What a payment adds to revenue (docs/contract/README.md#25): renewals, and their
/// refunds, only where they are included.
pub fn revenue(with_renewals: bool) -> String {
    let [new, refund] = [PaymentKind::New, PaymentKind::Refund].map(value_of);
    let [renewal, refunded] = [PaymentKind::Renewal, PaymentKind::RefundedRenewal].map(value_of);
    if with_renewals { format!("{new} + {renewal} - {refund} - {refunded}") } else { format!("{new} - {refund}") }
}

/// The visitor of a payment that counts for conversion; NULL for other payments.
pub fn payer(with_renewals: bool) -> String {
    let counts = if with_renewals { is_sale() } else { format!("{} AND p.amount > 0", is_paid_as(PaymentKind::New)) };
    format!("iif({counts}, p.visitor, NULL)")
}

/// The visitor's latest session that had begun by this time, as a subselect: the session of a payment or a backend's
/// goal at that time.
pub fn latest_session_by(visitor: &str, time: &str) -> String {
    format!(
        "(SELECT b.id FROM sessions b WHERE b.visitor = {visitor} AND b.started <= {time} \
         ORDER BY b.started DESC, b.sid DESC LIMIT 1)"
    )
}

/// The session of an event `e`: its own, or for a backend's goal the one that it is attributed to. The latter is not
/// stored, because a session that begins before many such goals would change all of them.
pub fn session_of_event() -> String {
    format!("ifnull(e.session, iif({}, {}, NULL))", is_kind("e", Kind::Goal), latest_session_by("e.visitor", "e.time"))
}

/// The visitor's latest session, as a subselect.
pub fn latest_session(visitor: &str) -> String {
    format!("(SELECT b.id FROM sessions b WHERE b.visitor = {visitor} ORDER BY b.started DESC, b.sid DESC LIMIT 1)")
}

/// The condition that a visitor with a session from this time on had none before: that their first session ever began
/// since (docs/contract/README.md#38).
pub fn is_new_since(visitor: &str, time: &str) -> String {
    format!("NOT EXISTS (SELECT 1 FROM sessions o WHERE o.visitor = {visitor} AND o.started < {time})")
}

/// The condition that a visitor was there on a day between these, which are days in the website's time zone.
pub fn was_there(visitor: &str, (first, last): (&str, &str)) -> String {
    format!("EXISTS (SELECT 1 FROM visitor_days a WHERE a.visitor = {visitor} AND a.day BETWEEN {first} AND {last})")
}

/// The display name of a session's referrer, from its row `t` of `strings`; NULL for "Direct/None".
pub fn shown_referrer(string: &str) -> String {
    format!("iif({string}.id = {}, NULL, {string}.text)", StringRow::DIRECT.0)
}

/// The visitor's first session, as a subselect.
pub fn first_session(visitor: &str) -> String {
    format!("(SELECT b.id FROM sessions b WHERE b.visitor = {visitor} ORDER BY b.started, b.sid LIMIT 1)")
}

/// All parameters of a campaign `k`, as the JSON of [`crate::event::Campaign`]; NULL without a campaign.
pub fn campaign_key(campaign: &str) -> String {
    let texts =
        CAMPAIGN_KEYS.map(|name| format!("ifnull((SELECT text FROM strings WHERE id = {campaign}.{name}), '')"));
    format!("iif({campaign}.id IS NULL, NULL, json_array({}))", texts.join(", "))
}
