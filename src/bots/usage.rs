//! `GET …/bot-traffic/usage`: how many requests of crawlers the websites of an account have had this month.

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use sluice_values::ordered;

use super::{allowance, month_of, unexpected};
use crate::auth::access::{Principal, Refusal, WebsiteScope};
use crate::http::call::AccountCall;
use crate::http::error::Error;
use crate::http::reply::Data;
use crate::platform::PlatformError;
use crate::platform::database::{Statement, sql};
use crate::site;
use sluice_engine::bots::{BotUsage, BotsAnswer};
use sluice_engine::protocol::Bots;
use sluice_values::{AccountId, Decimal, Timestamp, WebsiteId};

/// How many objects are asked at once.
const AT_ONCE: usize = 8;
/// The most websites that one request asks.
const MOST_ASKED: u32 = 200;

/// What was counted this month.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BotUsage")]
pub struct Shown {
    usage: ShownUsage,
    /// The websites that had any, most first.
    website_stats: Vec<OfWebsite>,
    /// Nothing is billed.
    billing: Option<Billing>,
}

/// There is none.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Billing {}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ShownUsage {
    usage: i64,
    /// What came beyond the allowance of a website.
    dropped: i64,
    /// Of all websites together. Each has its own, which no other uses up.
    allowance: i64,
    remaining: i64,
    /// At most 100.
    percent_used: Decimal,
    period_start_at: Timestamp,
    reset_at: Timestamp,
    /// Whether no website has used up its own allowance.
    is_counting: bool,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct OfWebsite {
    website_id: WebsiteId,
    domain: String,
    requests: i64,
    dropped: i64,
    allowance: i64,
}

#[derive(Deserialize)]
struct Owned {
    id: WebsiteId,
    domain: String,
}

fn select(account: AccountId, scope: &WebsiteScope) -> Statement {
    sql("SELECT id, domain FROM websites WHERE owner_id = ?1 AND (?2 OR id IN (SELECT value FROM json_each(?3))) \
         ORDER BY created_at, id LIMIT ?4")
    .bind(account)
    .bind(scope.is_all())
    .bind_json(scope)
    .bind(MOST_ASKED)
}

/// GET: the usage of the websites that the caller owns.
pub async fn get(call: AccountCall, (): ()) -> Result<Data<Shown>, Error> {
    let Principal::Account { scope, .. } = &call.principal else { return Err(Refusal::WebsiteKey.into()) };
    let owned = call.rows::<Owned>(select(call.account_id(), scope)).await?;
    let (platform, now) = (&call.call.platform, call.call.now);
    let (month, period_start_at, reset_at) = month_of(now);
    let each = i64::from(allowance(&platform.config()));
    let allowance = each.saturating_mul(i64::try_from(owned.len()).unwrap_or(i64::MAX));
    let asked = stream::iter(owned).map(|Owned { id, domain }| async move {
        match site::ask(platform, id, now, Bots::Usage { month }).await? {
            BotsAnswer::Usage(BotUsage { counted, dropped }) => {
                Ok(OfWebsite { website_id: id, domain, requests: counted, dropped, allowance: each })
            }
            other => Err(unexpected(&other)),
        }
    });
    let all: Vec<Result<OfWebsite, PlatformError>> = asked.buffered(AT_ONCE).collect().await;
    let mut website_stats = all.into_iter().collect::<Result<Vec<_>, _>>()?;
    website_stats.retain(|one| one.requests + one.dropped > 0);
    ordered::sort_by_key(&mut website_stats, |one| std::cmp::Reverse(one.requests));
    let usage = website_stats.iter().map(|one| one.requests).sum::<i64>();
    #[expect(clippy::cast_precision_loss, reason = "a percentage of two counts")]
    let percent = if allowance == 0 { 0.0 } else { (usage as f64 / allowance as f64 * 1e4).round() / 1e2 };
    let usage = ShownUsage {
        usage,
        dropped: website_stats.iter().map(|one| one.dropped).sum(),
        allowance,
        remaining: (allowance - usage).max(0),
        percent_used: Decimal(percent.min(100.0)),
        period_start_at,
        reset_at,
        is_counting: website_stats.iter().all(|one| one.requests < each),
    };
    Ok(Data::one(Shown { usage, website_stats, billing: None }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory as Database;

    #[test]
    fn the_websites_that_somebody_owns_are_found_by_their_index() {
        let owner = "0000000000000000000000d1".parse().unwrap();
        let plan = Database::default().plan(&select(owner, &WebsiteScope::default()));
        assert!(plan.contains("(owner_id=?)") && !plan.contains("SCAN websites"), "{plan}");
    }
}
