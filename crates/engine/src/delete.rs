//! Deletes goals and payments from the events and from every rollup.

use serde::{Deserialize, Serialize};

use crate::blocks;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::ledgers;
use crate::outbox;
use crate::placed;
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
    /// Whether they are only counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_counts: bool,
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

/// The transactions of the payments that a deletion would delete and of which providers told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeletedTransactions {
    pub of: PaymentDeletion,
}

/// The most transactions that are told at once.
const MOST_TRANSACTIONS: i64 = 20_000;

/// The condition on payments `p` that a deletion deletes.
fn condition_of(of_placed: bool, which: &PaymentDeletion, parameters: &mut Parameters) -> String {
    let within = |span: &Span, parameters: &mut Parameters| {
        format!("p.time BETWEEN {} AND {}", parameters.bind(span.from), parameters.bind(span.to))
    };
    match which {
        PaymentDeletion::Transaction(id) => format!("p.transaction_id = {}", parameters.bind(id)),
        PaymentDeletion::Span(span) => within(span, parameters),
        PaymentDeletion::Visitor(visitor, span) => {
            let uid = parameters.bind(*visitor);
            let span = span.as_ref().map_or_else(|| "1".to_owned(), |span| within(span, parameters));
            visitor_is(of_placed, &uid, &span)
        }
    }
}

/// The condition on payments `p` that have another name.
const OF_OTHER_NAME: &str = "p.id IN (SELECT t.payment FROM told_links l JOIN told t ON t.id = l.told \
                             WHERE l.link = 'm:' || ?1 AND t.refunded = 0)";

/// Of `placed_payments`, a visitor is an id.
fn visitor_is(of_placed: bool, uid: &str, span: &str) -> String {
    let visitor = if of_placed { uid.to_owned() } else { format!("(SELECT id FROM visitors WHERE uid = {uid})") };
    format!("p.visitor = {visitor} AND {span}")
}

impl<S: Sql> Site<S> {
    /// The transactions of which providers told that a deletion would delete.
    pub fn deleted_transactions(&self, asked: &DeletedTransactions) -> Result<Vec<String>, Error> {
        let mut parameters = Parameters::default();
        let condition = condition_of(self.is_shard(), &asked.of, &mut parameters);
        let most = parameters.bind(MOST_TRANSACTIONS);
        let select = format!(
            "SELECT DISTINCT ifnull(p.refund_of, p.transaction_id) FROM {} p \
             WHERE p.provider IS NOT NULL AND {condition} LIMIT {most}",
            placed::table_of(self)
        );
        let rows = self.sql.rows(&select, parameters.values())?;
        rows.into_iter().map(|mut row| row.next()).collect()
    }

    /// Deletes goals, or only counts them, and returns their number.
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
            let mut events = "events e".to_owned();
            if let Some(span) = which.span {
                if which.visitor.is_none() && which.name.is_none() {
                    events = blocks::events(self, span, &mut parameters)?;
                }
                let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
                condition.push_str(&format!(" AND e.time BETWEEN {from} AND {to}"));
            }
            let goals = self.sql.rows(
                &format!("SELECT {} FROM {events} WHERE {}{condition}", removal::COLUMNS, is_kind("e", Kind::Goal)),
                parameters.values(),
            )?;
            let deleted = i64::try_from(goals.len()).unwrap_or(i64::MAX);
            if which.only_counts {
                return Ok(deleted);
            }
            remove_events(self, goals)?;
            Ok(deleted)
        })
    }

    /// Deletes payments, and returns their number.
    pub fn delete_payments(&self, which: &PaymentDeletion, now: Timestamp) -> Result<i64, Error> {
        self.write(|| {
            outbox::add_activity(self, now)?;
            let mut parameters = Parameters::default();
            let condition = condition_of(false, which, &mut parameters);
            if self.is_shard() {
                // Providers' are deleted at the home, before.
                let statement = format!("DELETE FROM payments AS p WHERE {condition} RETURNING id");
                let deleted = self.sql.rows(&statement, parameters.values())?.len();
                return Ok(i64::try_from(deleted).unwrap_or(i64::MAX));
            }
            let mut deleted = ledgers::remove(self, &condition, parameters.values(), now)?.len();
            let statement = format!("DELETE FROM payments AS p WHERE {condition} RETURNING id");
            deleted += self.sql.rows(&statement, parameters.values())?.len();
            if let (PaymentDeletion::Transaction(id), 0) = (which, deleted) {
                deleted = ledgers::remove(self, OF_OTHER_NAME, &[id.into()], now)?.len();
            }
            Ok(i64::try_from(deleted).unwrap_or(i64::MAX))
        })
    }

    /// Deletes payments of which providers told, at the home of several shards, and returns their number.
    pub(crate) fn delete_told(
        &self,
        which: &PaymentDeletion,
        by_other_name: bool,
        now: Timestamp,
    ) -> Result<i64, Error> {
        self.write(|| {
            let mut parameters = Parameters::default();
            let deleted = match which {
                PaymentDeletion::Transaction(id) if by_other_name => {
                    ledgers::remove(self, OF_OTHER_NAME, &[id.into()], now)?
                }
                which => {
                    let condition = condition_of(true, which, &mut parameters);
                    ledgers::remove(self, &condition, parameters.values(), now)?
                }
            };
            Ok(i64::try_from(deleted.len()).unwrap_or(i64::MAX))
        })
    }
}
