//! The properties of a goal, or the values of one property.

use serde::{Deserialize, Serialize};

use super::goals::Order;
pub use super::goals::Rows;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;
use sluice_values::GoalName;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GoalProperties {
    pub goal: String,
    /// A property of the goal; without one, the properties themselves are listed.
    pub property: Option<String>,
    pub span: Span,
    pub limit: u32,
    pub offset: u32,
}

impl<S: Sql> Site<S> {
    /// The properties of a goal, or the values of one.
    pub fn goal_properties(&self, asked: &GoalProperties) -> Result<Rows, Error> {
        let Some((select, parameters)) = select_properties(asked) else {
            return Ok(Rows { rows: Vec::new(), total: 0 });
        };
        self.counted(&select, parameters, Order::Visitors, asked.limit, asked.offset)
    }
}

/// Selects name, count and visitors of all properties, or values; `None` if there are none.
pub(crate) fn select_properties(asked: &GoalProperties) -> Option<(String, Parameters)> {
    // Goals that payments complete are left out (docs/contract/README.md#37).
    if GoalName::is_automatic(&asked.goal) {
        return None;
    }
    let mut parameters = Parameters::default();
    let is_goal = is_kind("e", Kind::Goal);
    let goal = texts::same(&asked.goal, &mut parameters);
    let (from, to) = (parameters.bind(asked.span.from), parameters.bind(asked.span.to));
    let (shown, only) = match &asked.property {
        Some(property) => ("CAST(d.value AS TEXT)", format!(" AND d.key = {}", parameters.bind(property))),
        None => ("d.key", String::new()),
    };
    let select = format!(
        "SELECT {shown} AS name, count(*) AS count, count(DISTINCT e.visitor) AS visitors \
                 FROM events e, json_each(e.data) d WHERE {is_goal} AND e.data IS NOT NULL \
                 AND e.name = {goal} AND e.time BETWEEN {from} AND {to}{only} \
                 GROUP BY 1"
    );
    Some((select, parameters))
}
