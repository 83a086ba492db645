//! The buckets of a time series from columns, where the rollups do not have them.

use super::overview::Totals;
use super::paid::{Paid, paid};
use super::timeseries::Timeseries;
use crate::bits::Bits;
use crate::chosen::Chosen;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::packed;
use crate::pairs::Pairs;
use crate::segments::{self, Reach, SESSIONS, session};
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};

/// How many sessions are passed to a statement at once.
const AT_ONCE: usize = 10_000;

/// Buckets that are being filled: ascending, without gaps or overlaps.
struct Buckets<'a> {
    spans: &'a [Span],
    totals: Vec<Totals>,
    /// The visitors of each bucket.
    visitors: Pairs,
    has_room: bool,
}

impl Buckets<'_> {
    fn of(&self, time: i64) -> Option<(usize, Span)> {
        let at = self.spans.partition_point(|span| span.from <= time).checked_sub(1)?;
        self.spans.get(at).filter(|span| time <= span.to).map(|span| (at, *span))
    }

    /// The totals of a bucket, in which a visitor is seen.
    fn see(&mut self, bucket: usize, visitor: i64) -> Option<&mut Totals> {
        self.has_room = self.has_room && self.visitors.insert(number(bucket), visitor);
        self.totals.get_mut(bucket)
    }

    fn count_money(&mut self, paid: &[Paid], is_chosen: impl Fn(&Paid) -> bool) {
        let mut paying = Pairs::new();
        for paid in paid.iter().filter(|paid| is_chosen(paid)) {
            let Some((bucket, _)) = self.of(paid.time) else { continue };
            let key = number(bucket);
            let is_first = paid.is_paying
                && self.visitors.contains(key, paid.visitor)
                && !paying.contains(key, paid.visitor)
                && paying.insert(key, paid.visitor);
            if let Some(totals) = self.totals.get_mut(bucket) {
                totals.money.add(&paid.money);
                totals.paying += i64::from(is_first);
            }
        }
    }
}

fn number(bucket: usize) -> i64 {
    i64::try_from(bucket).unwrap_or_default()
}

impl<S: Sql> Site<S> {
    /// The buckets of a time series; `None` if columns cannot tell.
    pub(super) fn buckets_of_columns(&self, asked: &Timeseries) -> Result<Option<Vec<Totals>>, Error> {
        let (Some(first), Some(last)) = (asked.buckets.first(), asked.buckets.last()) else { return Ok(None) };
        let (selection, shown) = (&asked.overview.selection, Span { from: first.from, to: last.to });
        if !segments::are_ready(self)? {
            return Ok(None);
        }
        let paid = if asked.needs.money { paid(self, shown, asked.overview.with_renewals)? } else { Some(Vec::new()) };
        let Some(paid) = paid else { return Ok(None) };
        let mut wanted =
            vec![session::STARTED, session::DURATION, session::VISITOR, session::PAGEVIEWS, session::GOALS];
        let Some(chosen) = Chosen::of(self, selection, &mut wanted)? else { return Ok(None) };
        let mut buckets = Buckets {
            spans: &asked.buckets,
            totals: vec![Totals::default(); asked.buckets.len()],
            visitors: Pairs::new(),
            has_room: true,
        };
        let (mut matching, mut reaching) = (Bits::default(), Vec::new());
        let reach = Reach { span: shown, rows: paid.iter().map(|paid| paid.session).filter(|row| *row != 0).collect() };
        segments::scan(self, &SESSIONS, &wanted, &reach, |chunk| {
            let [all_started, durations, visitors, pageviews, goals] = chunk.columns([0, 1, 2, 3, 4])?;
            for at in chosen.of_chunk(chunk)? {
                let (id, visitor, started) = (chunk.id(at), visitors.get(at), all_started.get(at));
                if visitor == 0 {
                    continue;
                }
                matching.insert(id);
                let ended = started + durations.get(at);
                let begun = buckets.of(started);
                // The events of a session that ends in the bucket in which it began need not be read.
                let is_within = begun.is_some_and(|(_, span)| ended <= span.to);
                if let Some((bucket, _)) = begun
                    && let Some(totals) = buckets.see(bucket, visitor)
                {
                    totals.sessions += 1;
                    totals.bounces += i64::from(pageviews.get(at) == 1 && goals.get(at) == 0);
                    totals.duration += durations.get(at);
                    totals.pageviews += if is_within { pageviews.get(at) } else { 0 };
                }
                if !is_within && started <= shown.to && ended >= shown.from {
                    reaching.push(id);
                }
            }
            Ok(())
        })?;
        self.count_further(&reaching, shown, &mut buckets)?;
        if !buckets.has_room {
            return Ok(None);
        }
        buckets.count_money(&paid, |paid| selection.is_unfiltered() || matching.contains(paid.session));
        for (bucket, visitors) in buckets.visitors.counts() {
            if let Some(totals) = usize::try_from(bucket).ok().and_then(|bucket| buckets.totals.get_mut(bucket)) {
                totals.visitors = if asked.needs.visitors() { visitors } else { 0 };
            }
        }
        if asked.needs.newcomers {
            self.count_newcomers(&mut buckets)?;
        }
        for totals in &mut buckets.totals {
            totals.pageviews *= i64::from(asked.needs.pageviews);
            totals.bounces *= i64::from(asked.needs.visits);
            totals.duration *= i64::from(asked.needs.visits);
        }
        Ok(Some(buckets.totals))
    }

    /// Counts the events of sessions that extend beyond a bucket.
    fn count_further(&self, sessions: &[i64], shown: Span, buckets: &mut Buckets<'_>) -> Result<(), Error> {
        for sessions in sessions.chunks(AT_ONCE) {
            let mut parameters = Parameters::default();
            let list = parameters.bind_list(sessions);
            let (from, to) = (parameters.bind(shown.from), parameters.bind(shown.to));
            let source = format!(
                "{list} l CROSS JOIN sessions s ON s.id = l.value CROSS JOIN events x INDEXED BY events_visitor \
                 ON x.visitor = s.visitor AND x.time BETWEEN {from} AND {to} AND x.session = s.id"
            );
            let columns = ["x.time".to_owned(), "x.visitor".to_owned(), is_kind("x", Kind::Pageview)];
            packed::each_row(self, (&columns, &source), &parameters, |row| {
                if let [time, visitor, is_pageview] = *row
                    && let Some((bucket, _)) = buckets.of(time)
                    && let Some(totals) = buckets.see(bucket, visitor)
                {
                    totals.pageviews += is_pageview;
                }
            })?;
        }
        Ok(())
    }

    /// Counts the visitors of each bucket whose first session ever began in it or later.
    fn count_newcomers(&self, buckets: &mut Buckets<'_>) -> Result<(), Error> {
        let mut first = Vec::new();
        segments::scan(self, &SESSIONS, &[session::STARTED, session::VISITOR], &Reach::all(), |chunk| {
            let [started, visitors] = chunk.columns([0, 1])?;
            started.each(|at, started| {
                let Ok(visitor) = usize::try_from(visitors.get(at)) else { return };
                if visitor >= first.len() {
                    first.resize((visitor + 1).next_power_of_two(), i64::MAX);
                }
                if let Some(first) = first.get_mut(visitor) {
                    *first = started.min(*first);
                }
            });
            Ok(())
        })?;
        for (bucket, visitor) in buckets.visitors.iter() {
            let Ok(bucket) = usize::try_from(bucket) else { continue };
            let first = usize::try_from(visitor).ok().and_then(|visitor| first.get(visitor)).copied();
            if let (Some(span), Some(totals)) = (buckets.spans.get(bucket), buckets.totals.get_mut(bucket)) {
                totals.newcomers += i64::from(first.is_some_and(|first| first >= span.from));
            }
        }
        Ok(())
    }
}
