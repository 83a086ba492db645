//! The totals of a range.

use serde::{Deserialize, Serialize};

use super::money::{Money, paying_visitors};
use sluice_values::{TimeZone, Timestamp};

use crate::calendar;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{BOUNCED, DURATION, is_kind, is_new_since};
use crate::rows::Day;
use crate::selection::{Selection, Span, condition, has_session, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::wire::{is_false, is_zero};
use crate::zone;
use crate::zone_change;

#[derive(Debug, Serialize, Deserialize)]
pub struct Overview {
    pub selection: Selection,
    /// The website's time zone, which determines the days of the rollups.
    pub zone: TimeZone,
    /// Whether renewals count for conversion.
    pub with_renewals: bool,
    /// Whether pageviews are counted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pageviews: bool,
    /// Whether new visitors are told apart.
    #[serde(default, skip_serializing_if = "is_false")]
    pub newcomers: bool,
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
    /// Views of pages at their own times; 0 if not asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pageviews: i64,
    /// Distinct visitors whose first session ever began here; 0 if not asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub newcomers: i64,
}

impl<S: Sql> Site<S> {
    /// The totals of a selection.
    pub fn overview(&self, asked: &Overview) -> Result<Totals, Error> {
        if let Some(totals) = self.overview_of_columns(asked)? {
            return Ok(totals);
        }
        let mut totals = self.count_visits(asked)?;
        (totals.money, totals.paying) = self.money(&asked.selection, asked.with_renewals)?;
        Ok(totals)
    }

    /// The totals of a selection, but for money.
    pub(super) fn count_visits(&self, asked: &Overview) -> Result<Totals, Error> {
        // The report is exact without the change; if it could not begin, the next report tries again.
        let _ = zone_change::want(self, &asked.zone);
        match self.whole_days(&asked.selection)? {
            Some((first, last)) => self.totals_of_days(first, last, asked),
            None => match self.visits_of_columns(asked)? {
                Some(totals) => Ok(totals),
                None => self.totals_of_sessions(asked),
            },
        }
    }

    /// The days that make up a selection without filters exactly.
    pub(crate) fn whole_days(&self, selection: &Selection) -> Result<Option<(Day, Day)>, Error> {
        if !selection.is_unfiltered() || !calendar::are_days_current(self)? {
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

    fn totals_of_days(&self, first: Day, last: Day, asked: &Overview) -> Result<Totals, Error> {
        let mut sums = self.sql.one(
            "SELECT ifnull(sum(sessions), 0), ifnull(sum(bounces), 0), ifnull(sum(duration), 0), \
             ifnull(sum(pageviews), 0) FROM days WHERE day BETWEEN ?1 AND ?2",
            &[first.into(), last.into()],
        )?;
        let mut visitors = self.sql.one(
            "SELECT ifnull(sum(visitors), 0), ifnull(sum(iif(previous = ?3, visitors, 0)), 0) FROM day_pairs \
             WHERE day BETWEEN ?1 AND ?2 AND previous < ?1",
            &[first.into(), last.into(), Day::NEVER.into()],
        )?;
        let mut totals = Totals {
            visitors: visitors.next()?,
            newcomers: visitors.next()?,
            sessions: sums.next()?,
            bounces: sums.next()?,
            duration: sums.next()?,
            pageviews: sums.next()?,
            ..Totals::default()
        };
        totals.pageviews *= i64::from(asked.pageviews);
        totals.newcomers *= i64::from(asked.newcomers);
        Ok(totals)
    }

    fn totals_of_sessions(&self, asked: &Overview) -> Result<Totals, Error> {
        let (selection, span) = (&asked.selection, asked.selection.span);
        let mut parameters = Parameters::default();
        let present = is_present(self, span, &mut parameters)?;
        let condition = condition(self, selection, &mut parameters)?;
        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
        let begun = format!("s.started BETWEEN {from} AND {to}");
        let pageviews = if asked.pageviews {
            // The events of sessions that lie wholly within the range need not be read.
            format!(
                "sum(iif(s.started >= {from} AND s.ended <= {to}, s.pageviews, (SELECT count(*) FROM events v \
                 INDEXED BY events_visitor WHERE v.visitor = s.visitor AND v.time BETWEEN {from} AND {to} AND {} \
                 AND v.session = s.id)))",
                is_kind("v", Kind::Pageview)
            )
        } else {
            "0".to_owned()
        };
        let newcomers = if asked.newcomers {
            format!("count(DISTINCT iif({}, s.visitor, NULL))", is_new_since("s.visitor", &from))
        } else {
            "0".to_owned()
        };
        let mut row = self.sql.one(
            &format!(
                "SELECT count(DISTINCT s.visitor), ifnull(sum({begun}), 0), \
                 ifnull(sum({begun} AND {BOUNCED}), 0), \
                 ifnull(sum(iif({begun}, {DURATION}, 0)), 0), ifnull({pageviews}, 0), {newcomers} \
                 FROM sessions s WHERE {present}{condition}"
            ),
            parameters.values(),
        )?;
        Ok(Totals {
            visitors: row.next()?,
            sessions: row.next()?,
            bounces: row.next()?,
            duration: row.next()?,
            pageviews: row.next()?,
            newcomers: row.next()?,
            ..Totals::default()
        })
    }

    /// Money of a selection, and the number of distinct paying visitors. Without filters, payments without a visitor
    /// count too.
    fn money(&self, selection: &Selection, with_renewals: bool) -> Result<(Money, i64), Error> {
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        let present = is_present(self, selection.span, &mut parameters)?;
        let condition = condition(self, selection, &mut parameters)?;
        let visits = has_session("p.visitor", &present, &condition);
        let mut row = self.sql.one(
            &format!(
                "SELECT {}, {} FROM payments p {sessions} WHERE p.time BETWEEN {from} AND {to}{condition}",
                Money::columns(),
                paying_visitors(with_renewals, &visits)
            ),
            parameters.values(),
        )?;
        Ok((Money::read(&mut row)?, row.next()?))
    }
}
