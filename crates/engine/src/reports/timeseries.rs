//! The totals of a range and of its buckets.

use serde::{Deserialize, Serialize};

use super::metric::{of_goal, rows_of_goal};
use super::money::{Money, paying_visitors};
use super::overview::{Overview, Totals};
use crate::blocks;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{BOUNCED, DURATION, is_kind, is_new_since, was_there};
use crate::rows::Day;
use crate::selection::{self, Selection, Span, condition, has_session};
use crate::session;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};
use crate::wire::is_false;

#[derive(Debug, Serialize, Deserialize)]
pub struct Timeseries {
    /// The range as a whole.
    pub overview: Overview,
    /// The buckets, ascending, without gaps or overlaps.
    pub buckets: Vec<Span>,
    /// What to compute for the buckets.
    pub needs: Needs,
    /// The goal whose completions are counted, in the range and in the buckets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
}

/// What to compute.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Needs {
    /// Visitors (needed for conversion too).
    pub visitors: bool,
    pub sessions: bool,
    /// Money and paying visitors.
    pub money: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub pageviews: bool,
    /// New visitors, who are told apart from all visitors.
    #[serde(default, skip_serializing_if = "is_false")]
    pub newcomers: bool,
    /// Bounces and durations of sessions.
    #[serde(default, skip_serializing_if = "is_false")]
    pub visits: bool,
}

impl Needs {
    pub(super) const fn visitors(self) -> bool {
        self.visitors || self.newcomers
    }

    pub(super) const fn sessions(self) -> bool {
        self.sessions || self.visits
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Series {
    /// The totals of the whole range.
    pub totals: Totals,
    /// The totals of each bucket.
    pub buckets: Vec<Totals>,
}

impl<S: Sql> Site<S> {
    /// The totals of a range and of its buckets.
    pub fn timeseries(&self, asked: &Timeseries) -> Result<Series, Error> {
        let mut series = self.series(asked)?;
        if let Some(goal) = &asked.goal {
            let selection = &asked.overview.selection;
            fill(&mut series.buckets, self.completions_by_bucket(selection, goal, &asked.buckets)?, |bucket, row| {
                row.next().map(|count| bucket.completions = count)
            })?;
            let whole = std::slice::from_ref(&selection.span);
            let mut totals = [series.totals];
            fill(&mut totals, self.completions_by_bucket(selection, goal, whole)?, |totals, row| {
                row.next().map(|count| totals.completions = count)
            })?;
            [series.totals] = totals;
        }
        Ok(series)
    }

    fn series(&self, asked: &Timeseries) -> Result<Series, Error> {
        let overview = &asked.overview;
        self.note_zone(overview);
        let mut buckets = vec![Totals::default(); asked.buckets.len()];
        let (Some(first), Some(last)) = (asked.buckets.first(), asked.buckets.last()) else {
            return Ok(Series { totals: self.overview(overview)?, buckets });
        };
        // Filters apply to the whole range, even if only some of its buckets are shown.
        let (selection, shown) = (&overview.selection, Span { from: first.from, to: last.to });
        let needs = asked.needs;
        let of_days = self.days_of_buckets(selection, &asked.buckets)?;
        // What is paid in the buckets is paid in the range.
        let all_days = of_days.as_ref().filter(|_| needs.money && shown == selection.span);
        let all_days = all_days.and_then(|days| Some((days.first()?.0, days.last()?.1)));
        let mut totals = match all_days {
            Some(_) => self.count_visits(overview)?,
            None => self.overview(overview)?,
        };
        if of_days.is_none()
            && let Some(buckets) = self.buckets_of_columns(asked)?
        {
            return Ok(Series { totals, buckets });
        }
        if needs.visitors() || needs.sessions() || needs.pageviews {
            match &of_days {
                Some(days) => fill(&mut buckets, self.buckets_of_days(days)?, |bucket, row| {
                    bucket.visitors = row.next()?;
                    bucket.sessions = row.next()?;
                    bucket.newcomers = row.next::<i64>()? * i64::from(needs.newcomers);
                    bucket.pageviews = row.next::<i64>()? * i64::from(needs.pageviews);
                    bucket.bounces = row.next::<i64>()? * i64::from(needs.visits);
                    bucket.duration = row.next::<i64>()? * i64::from(needs.visits);
                    Ok(())
                })?,
                None => {
                    if needs.visitors() {
                        let rows = self.visitors_by_bucket(selection, shown, &asked.buckets, needs.newcomers)?;
                        fill(&mut buckets, rows, |bucket, row| {
                            bucket.visitors = row.next()?;
                            bucket.newcomers = row.next()?;
                            Ok(())
                        })?;
                    }
                    let rows = self.sessions_by_bucket(selection, &asked.buckets)?;
                    fill(&mut buckets, rows, |bucket, row| {
                        bucket.sessions = row.next()?;
                        bucket.bounces = row.next::<i64>()? * i64::from(needs.visits);
                        bucket.duration = row.next::<i64>()? * i64::from(needs.visits);
                        Ok(())
                    })?;
                    if needs.pageviews {
                        let rows = self.pageviews_by_bucket(selection, shown, &asked.buckets)?;
                        fill(&mut buckets, rows, |bucket, row| row.next().map(|count| bucket.pageviews = count))?;
                    }
                }
            }
        }
        if asked.needs.money {
            let rows = self.money_by_bucket(selection, &asked.buckets, of_days.as_deref(), overview.with_renewals)?;
            fill(&mut buckets, rows, |bucket, row| {
                bucket.money = Money::read(row)?;
                bucket.paying = row.next()?;
                Ok(())
            })?;
        }
        if let Some(days) = all_days {
            for bucket in &buckets {
                totals.money.add(&bucket.money);
            }
            totals.paying = self.paying_within(days, shown, overview.with_renewals)?;
        }
        Ok(Series { totals, buckets })
    }

    /// The days of each bucket, if all consist of whole days in the object's time zone.
    fn days_of_buckets(&self, selection: &Selection, buckets: &[Span]) -> Result<Option<Vec<(Day, Day)>>, Error> {
        let mut days = Vec::with_capacity(buckets.len());
        for bucket in buckets {
            let bucket = Selection { span: *bucket, filters: selection.filters.clone() };
            let Some(whole) = self.whole_days(&bucket)? else { return Ok(None) };
            days.push(whole);
        }
        Ok(Some(days))
    }

    /// Visitors, sessions, new visitors, pageviews, bounces and durations from the rollups. A visitor of several days counts on
    /// the first of them that is in the bucket.
    fn buckets_of_days(&self, days: &[(Day, Day)]) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let days: Vec<_> = days.iter().enumerate().map(|(number, (first, last))| (number, first, last)).collect();
        let (list, never) = (parameters.bind_list(&days), parameters.bind(Day::NEVER));
        self.sql.rows(
            &format!(
                "WITH b AS MATERIALIZED (SELECT value ->> 0 AS number, value ->> 1 AS first, value ->> 2 AS last FROM {list}) \
                 SELECT b.number, sum(d.visitors - (SELECT ifnull(sum(p.visitors), 0) FROM day_pairs p \
                 WHERE p.day = d.day AND p.previous >= b.first)), sum(d.sessions), \
                 ifnull(sum((SELECT p.visitors FROM day_pairs p WHERE p.day = d.day AND p.previous = {never})), 0), \
                 sum(d.pageviews), sum(d.bounces), sum(d.duration) FROM b CROSS JOIN days d ON d.day BETWEEN b.first AND b.last GROUP BY b.number"
            ),
            parameters.values(),
        )
    }

    /// A session counts its visitor in the bucket in which it begins, and in every later bucket in which it has an
    /// event.
    fn visitors_by_bucket(
        &self,
        selection: &Selection,
        shown: Span,
        buckets: &[Span],
        newcomers: bool,
    ) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let visits = self.visits(selection, shown, buckets, &mut parameters)?;
        let until = parameters.bind(shown.to);
        let new = if newcomers {
            let is_new = is_new_since("w.visitor", "b.first");
            format!("count(DISTINCT iif({is_new}, w.visitor, NULL))")
        } else {
            "0".to_owned()
        };
        self.sql.rows(
            &format!(
                "WITH {visits}, further AS (SELECT DISTINCT {BUCKET_OF_EVENT} AS number, x.visitor \
                 FROM reaching r JOIN events x ON x.visitor = r.visitor AND x.session = r.id \
                 WHERE x.time BETWEEN (SELECT min(first) FROM b) AND {until}) \
                 SELECT w.number, count(DISTINCT w.visitor), {new} FROM (SELECT number, visitor FROM begun UNION ALL \
                 SELECT number, visitor FROM further) w JOIN b ON b.number = w.number GROUP BY w.number"
            ),
            parameters.values(),
        )
    }

    /// A pageview counts in the bucket of its own time. The events of sessions that end in the bucket in which they
    /// began need not be read.
    fn pageviews_by_bucket(&self, selection: &Selection, shown: Span, buckets: &[Span]) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let visits = self.visits(selection, shown, buckets, &mut parameters)?;
        let until = parameters.bind(shown.to);
        let is_pageview = is_kind("x", Kind::Pageview);
        self.sql.rows(
            &format!(
                "WITH {visits} SELECT number, sum(pageviews) FROM (SELECT number, pageviews FROM begun WHERE ended <= until \
                 UNION ALL SELECT {BUCKET_OF_EVENT} AS number, 1 AS pageviews FROM reaching r JOIN events x \
                 INDEXED BY events_visitor ON x.visitor = r.visitor AND x.session = r.id WHERE {is_pageview} \
                 AND x.time BETWEEN (SELECT min(first) FROM b) AND {until}) GROUP BY number"
            ),
            parameters.values(),
        )
    }

    /// The chosen sessions: `begun` in a bucket of `b`, and those `reaching` into a bucket after the one they began in,
    /// if there is one.
    fn visits(
        &self,
        selection: &Selection,
        shown: Span,
        buckets: &[Span],
        parameters: &mut Parameters,
    ) -> Result<String, Error> {
        let b = with_spans(buckets, parameters);
        let condition = condition(self, selection, parameters)?;
        let reaching = session::reaching(self, shown.from)?;
        let earlier = Span { from: reaching.earliest, to: shown.from };
        let earlier = blocks::sessions_begun(self, earlier, parameters)?;
        let begun = blocks::sessions_between(self, "b.first", "b.until");
        let (earliest, long) = (parameters.bind(reaching.earliest), parameters.bind_list(&reaching.long));
        Ok(format!(
            "{b}, begun AS (SELECT b.number, b.until, s.id, s.visitor, s.ended, s.pageviews FROM b CROSS JOIN {begun} \
             WHERE 1{condition}), \
             reaching AS (SELECT id, visitor FROM begun WHERE ended > until UNION ALL \
             SELECT s.id, s.visitor FROM {earlier} WHERE s.started >= {earliest} \
             AND s.started < (SELECT min(first) FROM b) AND s.ended >= (SELECT min(first) FROM b){condition} UNION ALL \
             SELECT s.id, s.visitor FROM sessions s WHERE s.id IN {long}{condition})"
        ))
    }

    fn sessions_by_bucket(&self, selection: &Selection, buckets: &[Span]) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let b = with_spans(buckets, &mut parameters);
        let condition = condition(self, selection, &mut parameters)?;
        let begun = blocks::sessions_between(self, "b.first", "b.until");
        self.sql.rows(
            &format!(
                "WITH {b} SELECT b.number, count(*), sum({BOUNCED}), sum({DURATION}) FROM b CROSS JOIN {begun} \
                 WHERE 1{condition} GROUP BY b.number"
            ),
            parameters.values(),
        )
    }

    /// The completions of a goal in chosen sessions. The events of one goal have an index of times.
    fn completions_by_bucket(&self, selection: &Selection, goal: &str, buckets: &[Span]) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let b = with_spans(buckets, &mut parameters);
        let condition = condition(self, selection, &mut parameters)?;
        let rows = rows_of_goal(goal);
        let is_goal = of_goal(rows, Some(goal), &mut parameters);
        let source = rows.source(self, selection, true, &mut parameters)?;
        let time = rows.time();
        self.sql.rows(
            &format!(
                "WITH {b} SELECT b.number, count(*) FROM b CROSS JOIN {source}{is_goal} \
                 AND {time} BETWEEN b.first AND b.until{condition} GROUP BY b.number"
            ),
            parameters.values(),
        )
    }

    fn money_by_bucket(
        &self,
        selection: &Selection,
        buckets: &[Span],
        days: Option<&[(Day, Day)]>,
        with_renewals: bool,
    ) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let (b, visits, condition);
        if let Some(days) = days {
            let list = buckets.iter().zip(days).enumerate();
            let list: Vec<_> =
                list.map(|(number, (span, (first, last)))| (number, span.from, span.to, first, last)).collect();
            b = with_buckets(&list, ", value ->> 3 AS first_day, value ->> 4 AS last_day", &mut parameters);
            condition = String::new();
            visits = was_there("p.visitor", ("b.first_day", "b.last_day"));
        } else {
            b = with_spans(buckets, &mut parameters);
            condition = selection::condition(self, selection, &mut parameters)?;
            let present = "s.started <= b.until AND s.ended >= b.first AND (s.started >= b.first OR s.ended <= b.until \
                 OR EXISTS (SELECT 1 FROM events x WHERE x.visitor = s.visitor AND x.session = s.id \
                 AND x.time BETWEEN b.first AND b.until))";
            visits = has_session("p.visitor", present, &condition);
        }
        let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        self.sql.rows(
            &format!(
                "WITH {b} SELECT b.number, {}, {} FROM b CROSS JOIN payments p ON p.time BETWEEN b.first AND b.until \
                 {sessions} WHERE 1{condition} GROUP BY b.number",
                Money::columns(),
                paying_visitors(with_renewals, &visits)
            ),
            parameters.values(),
        )
    }
}

/// The number of the bucket of an event `x`.
const BUCKET_OF_EVENT: &str = "(SELECT b.number FROM b WHERE b.first <= x.time ORDER BY b.first DESC LIMIT 1)";

fn with_spans(buckets: &[Span], parameters: &mut Parameters) -> String {
    let list: Vec<_> = buckets.iter().enumerate().map(|(number, bucket)| (number, bucket.from, bucket.to)).collect();
    with_buckets(&list, "", parameters)
}

/// The buckets `b` of a list that begins with number, start and end of each.
fn with_buckets(list: &[impl Serialize], further: &str, parameters: &mut Parameters) -> String {
    let list = parameters.bind_list(list);
    format!(
        "b AS MATERIALIZED (SELECT value ->> 0 AS number, value ->> 1 AS first, value ->> 2 AS until{further} FROM {list})"
    )
}

/// Sorts rows, each beginning with a bucket's number, into their buckets.
fn fill(
    buckets: &mut [Totals],
    rows: Vec<Row>,
    put: impl Fn(&mut Totals, &mut Row) -> Result<(), Error>,
) -> Result<(), Error> {
    for mut row in rows {
        let number: i64 = row.next()?;
        if let Some(bucket) = usize::try_from(number).ok().and_then(|number| buckets.get_mut(number)) {
            put(bucket, &mut row)?;
        }
    }
    Ok(())
}
