//! The totals of a range.

use serde::{Deserialize, Serialize};

use super::{Money, paying_visitors};
use crate::Error;
use crate::Site;
use crate::selection::{Selection, Span, condition, is_present};
use crate::sql::{Parameters, Sql};

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct Overview {
    /// Of which sessions.
    pub selection: Selection,
    /// The website's time zone, by whose days rollups are kept.
    pub zone: String,
    /// Whether renewals make a visitor a paying one.
    pub with_renewals: bool,
}

/// What is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Distinct visitors.
    pub visitors: i64,
    /// Sessions begun.
    pub sessions: i64,
    /// Those that bounced.
    pub bounces: i64,
    /// Milliseconds from first to last event, of all sessions together.
    pub duration: i64,
    /// Money.
    pub money: Money,
    /// Distinct paying visitors.
    pub paying: i64,
}

impl<S: Sql> Site<S> {
    /// The totals of a selection.
    pub fn overview(&self, asked: &Overview) -> Result<Totals, Error> {
        self.keep_zone(&asked.zone)?;
        let selection = &asked.selection;
        let mut totals = match self.whole_days(selection)? {
            Some((first, last)) => self.totals_of_days(first, last)?,
            None => self.totals_of_sessions(selection)?,
        };
        (totals.money, totals.paying) = self.money(selection, asked.with_renewals)?;
        Ok(totals)
    }

    /// The days that a selection without filters is exactly made of.
    pub(crate) fn whole_days(&self, selection: &Selection) -> Result<Option<(i64, i64)>, Error> {
        if !selection.is_unfiltered() {
            return Ok(None);
        }
        if selection.span == Span::ALL {
            return Ok(Some((super::super::rollups::NEVER + 1, i64::from(i32::MAX))));
        }
        let (first, last) = (self.day(selection.span.from)?, self.day(selection.span.to)?);
        let is_whole =
            self.day_bounds(first)?.0 == selection.span.from && self.day_bounds(last)?.1 == selection.span.to + 1;
        Ok(is_whole.then_some((first, last)))
    }

    fn totals_of_days(&self, first: i64, last: i64) -> Result<Totals, Error> {
        let values = [first.into(), last.into()];
        let mut sums = self.sql.one(
            "SELECT ifnull(sum(sessions), 0), ifnull(sum(bounces), 0), ifnull(sum(duration), 0) FROM days \
             WHERE day BETWEEN ?1 AND ?2",
            &values,
        )?;
        let mut visitors = self.sql.one(
            "SELECT ifnull(sum(visitors), 0) FROM day_pairs WHERE day BETWEEN ?1 AND ?2 AND previous < ?1",
            &values,
        )?;
        Ok(Totals {
            visitors: visitors.next()?,
            sessions: sums.next()?,
            bounces: sums.next()?,
            duration: sums.next()?,
            ..Totals::default()
        })
    }

    pub(super) fn totals_of_sessions(&self, selection: &Selection) -> Result<Totals, Error> {
        let span = selection.span;
        let mut parameters = Parameters::default();
        let present = is_present(span, self.longest()?, &mut parameters);
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
        let begun = format!("s.started BETWEEN {from} AND {to}");
        let mut row = self.sql.one(
            &format!(
                "SELECT count(DISTINCT s.visitor), ifnull(sum({begun}), 0), \
                 ifnull(sum({begun} AND s.pageviews = 1 AND s.goals = 0), 0), \
                 ifnull(sum(iif({begun}, s.ended - s.started, 0)), 0) FROM sessions s WHERE {present}{condition}"
            ),
            parameters.values(),
        )?;
        Ok(Totals {
            visitors: row.next()?,
            sessions: row.next()?,
            bounces: row.next()?,
            duration: row.next()?,
            ..Totals::default()
        })
    }

    /// Money of a selection, and how many distinct visitors paid it. Without filters payments of nobody count too.
    pub(crate) fn money(&self, selection: &Selection, with_renewals: bool) -> Result<(Money, i64), Error> {
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let mut row = self.sql.one(
            &format!(
                "SELECT {}, {} FROM payments p {sessions} WHERE p.time BETWEEN {from} AND {to}{condition}",
                Money::COLUMNS,
                paying_visitors(with_renewals)
            ),
            parameters.values(),
        )?;
        Ok((Money::read(&mut row)?, row.next()?))
    }
}
