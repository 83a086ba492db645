//! The totals of a range.

use serde::{Deserialize, Serialize};

use super::money::{Money, paying_visitors};
use sluice_values::{TimeZone, Timestamp};

use crate::blocks;
use crate::calendar;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{BOUNCED, DURATION, is_kind, is_new_since, was_there};
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
    /// Completions of the goal that was asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub completions: i64,
}

impl Totals {
    /// Adds the totals of other visitors.
    pub(crate) fn add(&mut self, other: &Self) {
        self.visitors += other.visitors;
        self.sessions += other.sessions;
        self.bounces += other.bounces;
        self.duration += other.duration;
        self.money.add(&other.money);
        self.paying += other.paying;
        self.pageviews += other.pageviews;
        self.newcomers += other.newcomers;
        self.completions += other.completions;
    }
}

/// The visitors of a day `d` who were not there on an earlier day since `?1`.
const FIRST_VISITS: &str =
    "(SELECT ifnull(sum(p.visitors), 0) FROM day_pairs p WHERE p.day = d.day AND p.previous < ?1)";
/// The same.
const LESS_FURTHER_VISITS: &str =
    "d.visitors - (SELECT ifnull(sum(p.visitors), 0) FROM day_pairs p WHERE p.day = d.day AND p.previous >= ?1)";

impl<S: Sql> Site<S> {
    /// The totals of a selection.
    pub fn overview(&self, asked: &Overview) -> Result<Totals, Error> {
        self.note_zone(asked);
        if let Some(totals) = self.overview_of_columns(asked)? {
            return Ok(totals);
        }
        let mut totals = self.count_visits(asked)?;
        (totals.money, totals.paying) = self.money(&asked.selection, asked.with_renewals)?;
        Ok(totals)
    }

    /// Notes the website's time zone. A change of it may end here, so no day may be read before.
    pub(super) fn note_zone(&self, asked: &Overview) {
        // The report is exact without the change; if it could not begin, the next report tries again.
        let _ = zone_change::want(self, &asked.zone);
    }

    /// The totals of a selection, but for money.
    pub(super) fn count_visits(&self, asked: &Overview) -> Result<Totals, Error> {
        self.note_zone(asked);
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
             ifnull(sum(pageviews), 0), ifnull(min(day), ?1), ifnull(max(day), ?1), \
             (SELECT ifnull(min(day), ?1) FROM days) FROM days WHERE day BETWEEN ?1 AND ?2",
            &[first.into(), last.into()],
        )?;
        let mut totals = Totals {
            sessions: sums.next()?,
            bounces: sums.next()?,
            duration: sums.next()?,
            pageviews: sums.next()?,
            ..Totals::default()
        };
        let (from, to, earliest): (i64, i64, i64) = (sums.next()?, sums.next()?, sums.next()?);
        // A visitor counts on the one day whose day before is not in the range. The days before the range are added, or those
        // in the range are taken away, whichever are fewer.
        let counted = if from - earliest <= (to - from) / 2 { FIRST_VISITS } else { LESS_FURTHER_VISITS };
        let mut visitors = self.sql.one(
            &format!(
                "SELECT ifnull(sum({counted}), 0), ifnull(sum((SELECT p.visitors FROM day_pairs p WHERE p.day = d.day \
                 AND p.previous = ?3)), 0) FROM days d WHERE d.day BETWEEN ?1 AND ?2"
            ),
            &[first.into(), last.into(), Day::NEVER.into()],
        )?;
        (totals.visitors, totals.newcomers) = (visitors.next()?, visitors.next()?);
        totals.pageviews *= i64::from(asked.pageviews);
        totals.newcomers *= i64::from(asked.newcomers);
        Ok(totals)
    }

    fn totals_of_sessions(&self, asked: &Overview) -> Result<Totals, Error> {
        let (selection, span) = (&asked.selection, asked.selection.span);
        let mut parameters = Parameters::default();
        let present = is_present(self, span, &mut parameters)?;
        let sessions = blocks::sessions(self, span, &mut parameters)?;
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
                 FROM {sessions} WHERE {present}{condition}"
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
        let condition = condition(self, selection, &mut parameters)?;
        let visits = match self.whole_days(selection)? {
            Some(days) => self.visits_within(days, &mut parameters)?,
            None => {
                let present = is_present(self, selection.span, &mut parameters)?;
                has_session("p.visitor", &present, &condition)
            }
        };
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

    /// The condition that the visitor of a payment `p` of these days was there on one of them.
    fn visits_within(&self, (first, last): (Day, Day), to: &mut Parameters) -> Result<String, Error> {
        let earlier = self.sql.first("SELECT 1 FROM days WHERE day < ?1 LIMIT 1", &[first.into()])?;
        let days = was_there("p.visitor", (&to.bind(first), &to.bind(last)));
        // The session that a payment is attributed to had begun by then, and not before the first of all days.
        Ok(if earlier.is_some() { days } else { format!("(p.session IS NOT NULL OR {days})") })
    }

    /// The number of distinct paying visitors of days.
    pub(super) fn paying_within(&self, days: (Day, Day), span: Span, with_renewals: bool) -> Result<i64, Error> {
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
        let visits = self.visits_within(days, &mut parameters)?;
        let paying = format!(
            "SELECT {} FROM payments p WHERE p.time BETWEEN {from} AND {to}",
            paying_visitors(with_renewals, &visits)
        );
        self.sql.one(&paying, parameters.values())?.next()
    }
}
