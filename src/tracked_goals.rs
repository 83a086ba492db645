//! The goals that a website has tracked (contract, account-api 6).

use serde::Serialize;

use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::Input;
use crate::http::reply::Data;
use crate::values::GoalName;

/// A goal with how often it was completed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackedGoal {
    name: GoalName,
    /// Completions.
    total: u64,
    /// Distinct visitors.
    uv: u64,
    /// Distinct visitors of the goal as a fraction of all.
    conversion_rate: f64,
    /// `custom`.
    event_type: &'static str,
}

/// GET: the tracked goals, most frequent first. No event can reach a website yet, so there are none.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<TrackedGoal>, Error> {
    let (_, (), _) = call.enter(input, |_, ()| Vec::new()).await?;
    Ok(Data::many(Vec::new()))
}
