//! The goals that a website has tracked (docs/contract/account-api.md#6).

use std::collections::HashMap;

use serde::Serialize;

use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::Input;
use crate::http::reply::Data;
use crate::platform::database::Batch;
use crate::websites::goal_customizations::{self, Customization};
use sluice_engine::reports::goals::TrackedGoals;

/// A goal, its counts, and how it is displayed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackedGoal {
    name: String,
    /// Completions.
    total: i64,
    /// Distinct visitors.
    uv: i64,
    /// Distinct visitors of the goal as a fraction of all visitors.
    conversion_rate: f64,
    /// Always `custom`.
    event_type: &'static str,
    display_name: Option<String>,
    color: Option<String>,
    description: Option<String>,
}

/// Fractions are rounded to four decimals.
const PRECISION: f64 = 1e4;

/// GET: the tracked goals, most frequent first.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<TrackedGoal>, Error> {
    let plan =
        |batch: &mut Batch, website, (): &()| batch.read::<Customization>(goal_customizations::select(website, None));
    let (website, (), shown, results) = call.enter(input, plan).await?;
    let shown = results.all(&shown)?.into_iter();
    let mut shown: HashMap<_, _> = shown.map(|row| (row.goal_name().to_owned(), row)).collect();
    let tracked = website.site().ask(TrackedGoals {}).await?;
    let goals = tracked.goals.into_iter().map(|goal| {
        let (display_name, color, description) =
            shown.remove(&goal.name).map_or((None, None, None), Customization::into_parts);
        #[expect(clippy::cast_precision_loss, reason = "a fraction of two counts")]
        let fraction = if tracked.visitors == 0 { 0.0 } else { goal.visitors as f64 / tracked.visitors as f64 };
        TrackedGoal {
            name: goal.name,
            total: goal.count,
            uv: goal.visitors,
            conversion_rate: (fraction * PRECISION).round() / PRECISION,
            event_type: "custom",
            display_name,
            color,
            description,
        }
    });
    Ok(Data::many(goals.collect()))
}
