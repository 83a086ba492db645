//! The totals of a range.

use serde::{Deserialize, Serialize};

use super::money::{Money, paying_visitors};
use sluice_values::{TimeZone, Timestamp};

use crate::error::Error;
use crate::fragments::{BOUNCED, DURATION};
use crate::rollups;
use crate::rows::Day;
use crate::selection::{Selection, Span, condition, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::zone;

#[derive(Debug, Serialize, Deserialize)]
pub struct Overview {
    pub selection: Selection,
    /// The website's time zone, which determines the days of the rollups.
    pub zone: TimeZone,
    /// Whether renewals count for conversion.
    pub with_renewals: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Distinct visitors.
    pub visitors: i64,
    /// The number of sessions.
    pub sessions: i64,
    /// The number of sessions that bounced.
    pub bounces: i64,
    /// Milliseconds from the first to the last event, summed over all sessions.
    pub duration: i64,
    pub money: Money,
    /// Distinct paying visitors.
    pub paying: i64,
}

impl<S: Sql> Site<S> {
    /// The totals of a selection.
    pub fn overview(&self, asked: &Overview) -> Result<Totals, Error> {
        rollups::keep_zone(self, &asked.zone)?;
        let selection = &asked.selection;
        let mut totals = match self.whole_days(selection)? {
            Some((first, last)) => self.totals_of_days(first, last)?,
            None => self.totals_of_sessions(selection)?,
        };
        (totals.money, totals.paying) = self.money(selection, asked.with_renewals)?;
        Ok(totals)
    }

    /// The days that make up a selection without filters exactly.
    pub(crate) fn whole_days(&self, selection: &Selection) -> Result<Option<(Day, Day)>, Error> {
        if !selection.is_unfiltered() {
            return Ok(None);
        }
        if selection.span == Span::ALL {
            return Ok(Some((Day(Day::NEVER.0 + 1), Day(i64::from(i32::MAX)))));
        }
        let from = Timestamp::from_millis(selection.span.from);
        let to = Timestamp::from_millis(selection.span.to);
        let (first, last) = (zone::day(self, from)?, zone::day(self, to)?);
        // The first and the last day of the calendar have no bounds.
        let bounds = (zone::day_bounds(self, first), zone::day_bounds(self, last));
        let is_whole = matches!(bounds, (Ok((start, _)), Ok((_, end))) if start == from && end == to.plus_millis(1));
        Ok(is_whole.then_some((first, last)))
    }

    fn totals_of_days(&self, first: Day, last: Day) -> Result<Totals, Error> {
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

    fn totals_of_sessions(&self, selection: &Selection) -> Result<Totals, Error> {
        let span = selection.span;
        let mut parameters = Parameters::default();
        let present = is_present(self, span, &mut parameters)?;
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
        let begun = format!("s.started BETWEEN {from} AND {to}");
        let mut row = self.sql.one(
            &format!(
                "SELECT count(DISTINCT s.visitor), ifnull(sum({begun}), 0), \
                 ifnull(sum({begun} AND {BOUNCED}), 0), \
                 ifnull(sum(iif({begun}, {DURATION}, 0)), 0) FROM sessions s WHERE {present}{condition}"
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

    /// Money of a selection, and the number of distinct paying visitors. Without filters, payments without a visitor
    /// count too.
    fn money(&self, selection: &Selection, with_renewals: bool) -> Result<(Money, i64), Error> {
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let mut row = self.sql.one(
            &format!(
                "SELECT {}, {} FROM payments p {sessions} WHERE p.time BETWEEN {from} AND {to}{condition}",
                Money::columns(),
                paying_visitors(with_renewals)
            ),
            parameters.values(),
        )?;
        Ok((Money::read(&mut row)?, row.next()?))
    }
}
