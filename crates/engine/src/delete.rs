//! Deleting: what is gone is gone from every report at once.

use serde::{Deserialize, Serialize};

use super::Site;
use super::rollups::Dimension;
use super::selection::Span;
use super::sql::{Parameters, Sql};
use crate::Error;
use sluice_values::{Timestamp, VisitorId};

/// Which goals: those that meet everything that is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalDeletion {
    /// Of this visitor.
    pub visitor: Option<VisitorId>,
    /// Of this name.
    pub name: Option<String>,
    /// Completed in this time.
    pub span: Option<Span>,
}

/// Which payments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PaymentDeletion {
    /// The payment, and its refund, of this transaction.
    Transaction(String),
    /// Those of a visitor, in some time or ever.
    Visitor(VisitorId, Option<Span>),
    /// Those of some time.
    Span(Span),
}

impl<S: Sql> Site<S> {
    /// Deletes goals, and tells how many there were.
    pub fn delete_goals(&self, which: &GoalDeletion, now: Timestamp) -> Result<i64, Error> {
        self.write(|| {
            self.note_activity(now)?;
            let mut parameters = Parameters::default();
            let mut condition = String::new();
            if let Some(visitor) = which.visitor {
                let uid = parameters.bind(visitor.as_bytes().as_slice());
                condition.push_str(&format!(" AND visitor = (SELECT id FROM visitors WHERE uid = {uid})"));
            }
            if let Some(name) = &which.name {
                let name = parameters.bind(name);
                condition.push_str(&format!(" AND name = (SELECT id FROM strings WHERE text = {name})"));
            }
            if let Some(span) = which.span {
                let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
                condition.push_str(&format!(" AND time BETWEEN {from} AND {to}"));
            }
            let rows = self.sql.rows(
                &format!("SELECT id, visitor, session, name, time FROM events WHERE kind = 1{condition}"),
                parameters.values(),
            )?;
            let deleted = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let mut touched = Vec::new();
            for mut row in rows {
                let (id, visitor): (i64, i64) = (row.next()?, row.next()?);
                let (session, name, time): (Option<i64>, i64, i64) = (row.next()?, row.next()?, row.next()?);
                let was_only = !self.has_other(visitor, Dimension::Goal, name, id)?;
                self.sql.run("DELETE FROM events WHERE id = ?1", &[id.into()])?;
                self.count(&[(Dimension::Goal, name, -i64::from(was_only), -1)])?;
                if let Some(session) = session {
                    self.remove_visit_day(visitor, time)?;
                    touched.push(session);
                }
            }
            touched.sort_unstable();
            touched.dedup();
            for session in touched {
                self.refresh_session(session)?;
            }
            Ok(deleted)
        })
    }

    /// Deletes payments, and tells how many there were.
    pub fn delete_payments(&self, which: &PaymentDeletion, now: Timestamp) -> Result<i64, Error> {
        self.write(|| {
            self.note_activity(now)?;
            let mut parameters = Parameters::default();
            let within = |span: &Span, parameters: &mut Parameters| {
                format!("time BETWEEN {} AND {}", parameters.bind(span.from), parameters.bind(span.to))
            };
            let condition = match which {
                PaymentDeletion::Transaction(id) => format!("transaction_id = {}", parameters.bind(id)),
                PaymentDeletion::Span(span) => within(span, &mut parameters),
                PaymentDeletion::Visitor(visitor, span) => {
                    let uid = parameters.bind(visitor.as_bytes().as_slice());
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
