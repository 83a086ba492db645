//! Deletes goals and payments from the events and from every rollup.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::outbox;
use crate::removal::{self, remove_events};
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;
use sluice_values::{Timestamp, VisitorId};

/// The goals to delete: those that meet every condition that is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalDeletion {
    pub visitor: Option<VisitorId>,
    pub name: Option<String>,
    /// Completed in this span.
    pub span: Option<Span>,
}

/// The payments to delete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PaymentDeletion {
    /// The payment, and its refund, of this transaction.
    Transaction(String),
    /// A visitor's payments, within a span or all of them.
    Visitor(VisitorId, Option<Span>),
    /// All payments within a span.
    Span(Span),
}

impl<S: Sql> Site<S> {
    /// Deletes goals, and returns their number.
    pub fn delete_goals(&self, which: &GoalDeletion, now: Timestamp) -> Result<i64, Error> {
        self.write(|| {
            outbox::add_activity(self, now)?;
            let mut parameters = Parameters::default();
            let mut condition = String::new();
            if let Some(visitor) = which.visitor {
                let uid = parameters.bind(visitor);
                condition.push_str(&format!(" AND e.visitor = (SELECT id FROM visitors WHERE uid = {uid})"));
            }
            if let Some(name) = &which.name {
                let name = texts::same(name, &mut parameters);
                condition.push_str(&format!(" AND e.name = {name}"));
            }
            if let Some(span) = which.span {
                let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
                condition.push_str(&format!(" AND e.time BETWEEN {from} AND {to}"));
            }
            let goals = self.sql.rows(
                &format!("SELECT {} FROM events e WHERE {}{condition}", removal::COLUMNS, is_kind("e", Kind::Goal)),
                parameters.values(),
            )?;
            let deleted = i64::try_from(goals.len()).unwrap_or(i64::MAX);
            remove_events(self, goals)?;
            Ok(deleted)
        })
    }

    /// Deletes payments, and returns their number.
    pub fn delete_payments(&self, which: &PaymentDeletion, now: Timestamp) -> Result<i64, Error> {
        self.write(|| {
            outbox::add_activity(self, now)?;
            let mut parameters = Parameters::default();
            let within = |span: &Span, parameters: &mut Parameters| {
                format!("time BETWEEN {} AND {}", parameters.bind(span.from), parameters.bind(span.to))
            };
            let condition = match which {
                PaymentDeletion::Transaction(id) => format!("transaction_id = {}", parameters.bind(id)),
                PaymentDeletion::Span(span) => within(span, &mut parameters),
                PaymentDeletion::Visitor(visitor, span) => {
                    let uid = parameters.bind(*visitor);
                    let span = span.as_ref().map_or_else(|| "1".to_owned(), |span| within(span, &mut parameters));
                    format!("visitor = (SELECT id FROM visitors WHERE uid = {uid}) AND {span}")
                }
            };
            let statement = format!("DELETE FROM payments WHERE {condition} RETURNING id");
            let deleted = self.sql.rows(&statement, parameters.values())?;
            Ok(i64::try_from(deleted.len()).unwrap_or(i64::MAX))
        })
    }
}
