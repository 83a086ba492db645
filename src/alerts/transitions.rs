//! What states an alert went through (docs/contract/automation.md#alerts-beyond-the-contract).

use serde::{Deserialize, Serialize};

use super::resource;
use super::state_machine::State;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path, Query};
use crate::http::reply::Data;
use crate::platform::database::{Statement, sql};
use sluice_values::{AlertId, Decimal, Limit, Offset, Timestamp, WebsiteId};

/// The query of transitions.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Page {
    #[serde(default)]
    limit: Limit<50, 100>,
    /// Rows passed over.
    #[serde(default)]
    offset: Offset,
}

/// A change of an alert's state.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TransitionRow {
    from: State,
    to: State,
    /// Why, in words.
    reason: String,
    /// What was read; `null` where there was nothing to read.
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

fn select(id: AlertId, website: WebsiteId, page: &Page) -> Statement {
    sql("SELECT from_state, to_state, reason, value, at FROM alert_transitions \
         WHERE website_id = ?1 AND alert_id = ?2 ORDER BY at DESC, id DESC LIMIT ?3 OFFSET ?4")
    .bind(website)
    .bind(id)
    .bind(page.limit.get())
    .bind(page.offset.get())
}

/// GET: an alert's changes of state, newest first.
pub async fn list(call: WebsiteCall, input: Input<(Path<AlertId>, Query<Page>)>) -> Result<Data<TransitionRow>, Error> {
    let (_, (Path(id), _), mut rows) = call
        .enter(input, |website, (Path(id), Query(page))| {
            vec![resource::select_condition(*id, website), select(*id, website, page)]
        })
        .await?;
    resource::read_condition(&mut rows)?.ok_or_else(|| resource::not_found(id))?;
    let shown = |row: Row| TransitionRow {
        from: row.from_state,
        to: row.to_state,
        reason: row.reason,
        value: row.value.map(Decimal),
        at: row.at,
    };
    Ok(Data::many(rows.all::<Row>()?.into_iter().map(shown).collect()))
}
