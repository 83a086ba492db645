//! The states that an alert went through (docs/contract/automation.md#alerts-beyond-the-contract).

use serde::{Deserialize, Serialize};

use super::resource;
use super::state_machine::State;
use super::statements::{self, StoredTrigger};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path, Query};
use crate::http::reply::Data;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{AlertId, Decimal, Limit, Offset, Timestamp, WebsiteId};

#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct TransitionsQuery {
    #[serde(default)]
    limit: Limit<50, 100>,
    /// Rows to skip.
    #[serde(default)]
    offset: Offset,
}

/// A change of an alert's state.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TransitionRow {
    from: State,
    to: State,
    /// Why, in words for people.
    reason: String,
    /// The metric's value at the time; `null` if there was no data.
    value: Option<Decimal>,
    at: Timestamp,
}

#[derive(Deserialize)]
struct Row {
    from_state: State,
    to_state: State,
    reason: String,
    value: Option<f64>,
    at: Timestamp,
}

fn select(id: AlertId, website: WebsiteId, query: &TransitionsQuery) -> Statement {
    sql("SELECT from_state, to_state, reason, value, at FROM alert_transitions \
         WHERE website_id = ?1 AND alert_id = ?2 ORDER BY at DESC, id DESC LIMIT ?3 OFFSET ?4")
    .bind(website)
    .bind(id)
    .bind(query.limit.get())
    .bind(query.offset.get())
}

/// GET: the alert's changes of state, newest first.
pub async fn list(
    call: WebsiteCall,
    input: Input<(Path<AlertId>, Query<TransitionsQuery>)>,
) -> Result<Data<TransitionRow>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), Query(query)): &(Path<AlertId>, Query<TransitionsQuery>)| {
        let trigger = batch.read::<StoredTrigger>(statements::select_trigger(*id, website));
        (trigger, batch.read::<Row>(select(*id, website, query)))
    };
    let (_, (Path(id), _), (trigger, rows), results) = call.enter(input, plan).await?;
    results.first(&trigger)?.ok_or_else(|| resource::not_found(id))?;
    let shown = |row: Row| TransitionRow {
        from: row.from_state,
        to: row.to_state,
        reason: row.reason,
        value: row.value.map(Decimal),
        at: row.at,
    };
    Ok(Data::many(results.all(&rows)?.into_iter().map(shown).collect()))
}
