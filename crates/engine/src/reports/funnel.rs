//! How many visitors complete the steps of a funnel, in order.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::goals::join;
use super::money::Money;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::selection::{Selection, condition};
use crate::site::Site;
use crate::sql::{Parameters, Sql, union_all};

#[derive(Debug, Serialize, Deserialize)]
pub struct FunnelReport {
    pub selection: Selection,
    /// What completes each step.
    pub steps: Vec<Step>,
}

/// What completes a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// The completion of a goal.
    Goal(String),
    /// A view of a page.
    Page {
        /// On this host, or on any.
        hostname: Option<String>,
        /// With this path.
        path: String,
        /// Or with any path that begins with it.
        is_prefix: bool,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Taken {
    /// One per step.
    pub steps: Vec<TakenStep>,
}

/// A step with its numbers.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakenStep {
    /// Distinct visitors who completed it after all steps before.
    pub visitors: i64,
    pub money: Money,
}

impl<S: Sql> Site<S> {
    /// Follows visitors through the steps: a step is completed by the first matching event after the previous step.
    pub fn funnel(&self, asked: &FunnelReport) -> Result<Taken, Error> {
        let selection = &asked.selection;
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let join = join(selection);
        let mut with = String::from("WITH ");
        for (number, step) in asked.steps.iter().enumerate() {
            let event = event_of(step, &mut parameters);
            let (before, after) = match number.checked_sub(1) {
                Some(before) => (
                    format!(
                        "step{before} b CROSS JOIN events e INDEXED BY events_visitor ON e.visitor = b.visitor AND e.time > b.time"
                    ),
                    ", ",
                ),
                None => ("events e".to_owned(), ""),
            };
            let _ = write!(
                with,
                "{after}step{number} AS MATERIALIZED (SELECT e.visitor AS visitor, min(e.time) AS time FROM {before} {join} \
                 WHERE e.time BETWEEN {from} AND {to} AND {event}{condition} GROUP BY e.visitor)"
            );
        }
        let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        let selects: Vec<String> = (0..asked.steps.len())
            .map(|number| {
                format!(
                    "SELECT {number} AS number, (SELECT count(*) FROM step{number}), {} FROM payments p {sessions} \
                     WHERE p.time BETWEEN {from} AND {to} AND p.visitor IN (SELECT visitor FROM step{number}){condition}",
                    Money::columns()
                )
            })
            .collect();
        let statement = format!("{with} {} ORDER BY number", union_all(&selects));
        let mut steps = Vec::with_capacity(asked.steps.len());
        for mut row in self.sql.rows(&statement, parameters.values())? {
            row.next::<i64>()?;
            steps.push(TakenStep { visitors: row.next()?, money: Money::read(&mut row)? });
        }
        Ok(Taken { steps })
    }
}

/// The condition that an event `e` completes the step.
fn event_of(step: &Step, to: &mut Parameters) -> String {
    match step {
        Step::Goal(name) => {
            let is_goal = is_kind("e", Kind::Goal);
            format!("{is_goal} AND e.name = (SELECT id FROM strings WHERE text = {})", to.bind(name))
        }
        Step::Page { hostname, path, is_prefix } => {
            let path = to.bind(path);
            let path = if *is_prefix {
                format!("substr(t.text, 1, length({path})) = {path}")
            } else {
                format!("t.text = {path}")
            };
            let host = hostname.as_ref().map_or_else(String::new, |host| {
                format!(" AND pg.hostname = (SELECT id FROM strings WHERE text = {})", to.bind(host))
            });
            let is_pageview = is_kind("e", Kind::Pageview);
            format!(
                "{is_pageview} AND e.page IN \
                 (SELECT pg.id FROM pages pg JOIN strings t ON t.id = pg.path WHERE {path}{host})"
            )
        }
    }
}
