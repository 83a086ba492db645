//! How many visitors complete the steps of a funnel, in order.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::money::Money;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{completes, is_kind, session_of_event};
use crate::selection::{Selection, condition};
use crate::site::Site;
use crate::sql::{Parameters, Sql, union_all};
use crate::texts;

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
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TakenStep {
    /// Distinct visitors who completed it after all steps before.
    pub visitors: i64,
    pub money: Money,
}

impl<S: Sql> Site<S> {
    /// Follows visitors through the steps: a step is completed by the first matching event after the previous step, in the
    /// order of time, then of arrival; payments come after the events of their moment.
    pub fn funnel(&self, asked: &FunnelReport) -> Result<Taken, Error> {
        let Some((mut taken, left)) = self.follow(asked)? else { return self.follow_by_sql(asked, None) };
        if !left.is_empty() {
            for (step, of_left) in taken.steps.iter_mut().zip(self.follow_by_sql(asked, Some(&left))?.steps) {
                step.visitors += of_left.visitors;
                step.money.add(&of_left.money);
            }
        }
        Ok(taken)
    }

    /// Follows these visitors, or all.
    fn follow_by_sql(&self, asked: &FunnelReport, visitors: Option<&[i64]>) -> Result<Taken, Error> {
        let selection = &asked.selection;
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let condition = condition(self, selection, &mut parameters)?;
        let mut with = String::from("WITH ");
        let mut before: Option<(usize, Taking)> = None;
        for (number, step) in asked.steps.iter().enumerate() {
            let taking = Taking::of(step, &mut parameters);
            let (row, comma) = (taking.row(), if number > 0 { ", " } else { "" });
            let source = match before {
                Some((number, earlier)) => {
                    let index = taking.index_by_visitor();
                    let follows = taking.follows(&earlier);
                    format!("step{number} b CROSS JOIN {index} ON {row}.visitor = b.visitor AND {follows}")
                }
                None => match visitors {
                    Some(visitors) => {
                        let (list, index) = (parameters.bind_list(visitors), taking.index_by_visitor());
                        format!("{list} l CROSS JOIN {index} ON {row}.visitor = l.value")
                    }
                    None => taking.table().to_owned(),
                },
            };
            let join = if selection.is_unfiltered() { "" } else { &taking.join() };
            let is_taken = &taking.condition;
            // Of the first moment, what arrived first.
            let _ = write!(
                with,
                "{comma}step{number} AS MATERIALIZED (SELECT visitor, min(time) AS time, id FROM \
                 (SELECT {row}.visitor, {row}.time, min({row}.id) AS id FROM {source} {join} \
                 WHERE {row}.time BETWEEN {from} AND {to} AND {is_taken}{condition} GROUP BY {row}.visitor, {row}.time) \
                 GROUP BY visitor)"
            );
            before = Some((number, taking));
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

/// What completes a step: events `e`, or for goals that payments complete, payments `p`.
struct Taking {
    is_payment: bool,
    condition: String,
}

impl Taking {
    fn of(step: &Step, to: &mut Parameters) -> Self {
        let paid = match step {
            Step::Goal(name) => completes(name),
            Step::Page { .. } => None,
        };
        match paid {
            Some(paid) => Self { is_payment: true, condition: format!("p.visitor IS NOT NULL AND {paid}") },
            None => Self { is_payment: false, condition: event_of(step, to) },
        }
    }

    const fn row(&self) -> &'static str {
        if self.is_payment { "p" } else { "e" }
    }

    const fn table(&self) -> &'static str {
        if self.is_payment { "payments p" } else { "events e" }
    }

    const fn index_by_visitor(&self) -> &'static str {
        if self.is_payment { "payments p INDEXED BY payments_visitor" } else { "events e INDEXED BY events_visitor" }
    }

    /// The join with the session, which filters test.
    fn join(&self) -> String {
        let session = if self.is_payment { "p.session".to_owned() } else { session_of_event() };
        format!("JOIN sessions s ON s.id = {session}")
    }

    /// The condition that the row comes after the row of an earlier step.
    const fn follows(&self, earlier: &Self) -> &'static str {
        match (earlier.is_payment, self.is_payment) {
            (false, false) => "e.time >= b.time AND (e.time > b.time OR e.id > b.id)",
            (false, true) => "p.time >= b.time",
            (true, false) => "e.time > b.time",
            (true, true) => "p.time >= b.time AND (p.time > b.time OR p.id > b.id)",
        }
    }
}

/// The condition that an event `e` completes the step.
fn event_of(step: &Step, to: &mut Parameters) -> String {
    match step {
        Step::Goal(name) => {
            let is_goal = is_kind("e", Kind::Goal);
            format!("{is_goal} AND e.name = {}", texts::same(name, to))
        }
        Step::Page { hostname, path, is_prefix } => {
            let is_pageview = is_kind("e", Kind::Pageview);
            format!("{is_pageview} AND e.page IN ({})", pages_of(hostname.as_deref(), path, *is_prefix, to))
        }
    }
}

/// Selects the pages on a host, or any, with this path, or with any that begins with it.
pub(super) fn pages_of(hostname: Option<&str>, path: &str, is_prefix: bool, to: &mut Parameters) -> String {
    let path = if is_prefix {
        let path = to.bind(path);
        format!("substr(t.text, 1, length({path})) = {path}")
    } else {
        format!("t.id = {}", texts::same(path, to))
    };
    let host = hostname.map_or_else(String::new, |host| format!(" AND pg.hostname = {}", texts::same(host, to)));
    format!("SELECT pg.id FROM pages pg JOIN strings t ON t.id = pg.path WHERE {path}{host}")
}
