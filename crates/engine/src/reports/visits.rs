//! The totals of a selection from the columns of sessions, where the rollups do not have them.

use super::money::Money;
use super::overview::{Overview, Totals};
use super::paid::{Paid, paid};
use crate::bits::Bits;
use crate::chosen::Chosen;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::segments::{self, Reach, SESSIONS, session};
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};

/// How many sessions are passed to a statement at once.
const AT_ONCE: usize = 10_000;

impl<S: Sql> Site<S> {
    /// The totals of a selection with filters, with money; `None` if columns cannot tell.
    pub(super) fn overview_of_columns(&self, asked: &Overview) -> Result<Option<Totals>, Error> {
        if asked.selection.is_unfiltered() || !segments::are_ready(self)? {
            return Ok(None);
        }
        let Some(paid) = paid(self, asked.selection.span, asked.with_renewals)? else { return Ok(None) };
        let Some((mut totals, matching, seen)) = self.count_columns(asked, &paid)? else { return Ok(None) };
        let mut paying = Bits::default();
        for paid in paid.iter().filter(|paid| matching.contains(paid.session)) {
            totals.money.add(&paid.money);
            if paid.is_paying && seen.contains(paid.visitor) && paying.insert(paid.visitor) {
                totals.paying += 1;
            }
        }
        Ok(Some(totals))
    }

    /// The totals of a selection, but for money; `None` if columns cannot tell.
    pub(super) fn visits_of_columns(&self, asked: &Overview) -> Result<Option<Totals>, Error> {
        if !segments::are_ready(self)? {
            return Ok(None);
        }
        Ok(self.count_columns(asked, &[])?.map(|(totals, _, _)| totals))
    }

    /// The totals but for money, the sessions that meet the filters (of those in the span and those of the payments), and the
    /// visitors with such a session in the span.
    fn count_columns(&self, asked: &Overview, paid: &[Paid]) -> Result<Option<(Totals, Bits, Bits)>, Error> {
        let span = asked.selection.span;
        let mut wanted =
            vec![session::STARTED, session::DURATION, session::VISITOR, session::PAGEVIEWS, session::GOALS];
        let Some(chosen) = Chosen::of(self, &asked.selection, &mut wanted)? else { return Ok(None) };
        let spanning = segments::spanning(self, span)?;
        let (mut totals, mut matching, mut seen) = (Totals::default(), Bits::default(), Bits::default());
        let mut partly = Vec::new();
        let reach = Reach { span, rows: paid.iter().map(|paid| paid.session).filter(|row| *row != 0).collect() };
        segments::scan(self, &SESSIONS, &wanted, &reach, |chunk| {
            let [all_started, durations, visitors, pageviews, goals] = chunk.columns([0, 1, 2, 3, 4])?;
            for at in chosen.of_chunk(chunk)? {
                let (id, visitor) = (chunk.id(at), visitors.get(at));
                if visitor == 0 {
                    continue;
                }
                matching.insert(id);
                let (started, duration) = (all_started.get(at), durations.get(at));
                let ended = started + duration;
                if !segments::is_present(span, (started, ended), || spanning.contains(id)) {
                    continue;
                }
                totals.visitors += i64::from(seen.insert(visitor));
                let viewed = pageviews.get(at);
                if started >= span.from {
                    totals.sessions += 1;
                    totals.bounces += i64::from(viewed == 1 && goals.get(at) == 0);
                    totals.duration += duration;
                }
                if started >= span.from && ended <= span.to {
                    totals.pageviews += viewed;
                } else {
                    partly.push(id);
                }
            }
            Ok(())
        })?;
        totals.pageviews = if asked.pageviews { totals.pageviews + self.pageviews_within(&partly, span)? } else { 0 };
        if asked.newcomers {
            totals.newcomers = seen.count_without(&self.seen_before(span.from)?);
        }
        Ok(Some((totals, matching, seen)))
    }

    /// The pageviews of these sessions within a span.
    fn pageviews_within(&self, sessions: &[i64], span: Span) -> Result<i64, Error> {
        let mut all = 0;
        for sessions in sessions.chunks(AT_ONCE) {
            let mut parameters = Parameters::default();
            let (list, from, to) =
                (parameters.bind_list(sessions), parameters.bind(span.from), parameters.bind(span.to));
            let count = format!(
                "SELECT count(*) FROM {list} l CROSS JOIN sessions s ON s.id = l.value CROSS JOIN events v \
                 INDEXED BY events_visitor ON v.visitor = s.visitor AND v.time BETWEEN {from} AND {to} AND {} \
                 AND v.session = s.id",
                is_kind("v", Kind::Pageview)
            );
            all += self.sql.one(&count, parameters.values())?.next::<i64>()?;
        }
        Ok(all)
    }

    /// The visitors with a session that began before a time.
    fn seen_before(&self, time: i64) -> Result<Bits, Error> {
        let mut before = Bits::default();
        let reach = Reach { span: Span { from: Span::ALL.from, to: time - 1 }, rows: Vec::new() };
        segments::scan(self, &SESSIONS, &[session::STARTED, session::VISITOR], &reach, |chunk| {
            let [started, visitors] = chunk.columns([0, 1])?;
            started.each(|at, started| {
                if started < time {
                    before.insert(visitors.get(at));
                }
            });
            Ok(())
        })?;
        Ok(before)
    }
}

impl Money {
    /// Adds money.
    pub(crate) fn add(&mut self, other: &Self) {
        self.new += other.new;
        self.renewal += other.renewal;
        self.refund += other.refund;
        self.refunded_renewal += other.refunded_renewal;
        self.payments += other.payments;
    }
}
