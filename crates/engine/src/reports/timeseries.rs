//! The totals of a range and of its buckets.

use serde::{Deserialize, Serialize};

use super::money::{Money, paying_visitors};
use super::overview::{Overview, Totals};
use crate::error::Error;
use crate::selection::{Selection, Span, condition};
use crate::session;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};

#[derive(Debug, Serialize, Deserialize)]
pub struct Timeseries {
    /// The range as a whole.
    pub overview: Overview,
    /// The buckets, ascending, without gaps or overlaps.
    pub buckets: Vec<Span>,
    /// What to compute for the buckets.
    pub needs: Needs,
}

/// What to compute.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Needs {
    /// Visitors (needed for conversion too).
    pub visitors: bool,
    pub sessions: bool,
    /// Money and paying visitors.
    pub money: bool,
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
        let overview = &asked.overview;
        let totals = self.overview(overview)?;
        let mut buckets = vec![Totals::default(); asked.buckets.len()];
        let (Some(first), Some(last)) = (asked.buckets.first(), asked.buckets.last()) else {
            return Ok(Series { totals, buckets });
        };
        // Filters apply to the whole range, even if only some of its buckets are shown.
        let (selection, shown) = (&overview.selection, Span { from: first.from, to: last.to });
        if asked.needs.visitors || asked.needs.sessions {
            match self.buckets_of_days(selection, &asked.buckets)? {
                Some(rows) => fill(&mut buckets, rows, |bucket, row| {
                    bucket.visitors = row.next()?;
                    bucket.sessions = row.next()?;
                    Ok(())
                })?,
                None => {
                    if asked.needs.visitors {
                        let rows = self.visitors_by_bucket(selection, shown, &asked.buckets)?;
                        fill(&mut buckets, rows, |bucket, row| row.next().map(|count| bucket.visitors = count))?;
                    }
                    let rows = self.sessions_by_bucket(selection, &asked.buckets)?;
                    fill(&mut buckets, rows, |bucket, row| row.next().map(|count| bucket.sessions = count))?;
                }
            }
        }
        if asked.needs.money {
            let rows = self.money_by_bucket(selection, &asked.buckets, overview.with_renewals)?;
            fill(&mut buckets, rows, |bucket, row| {
                bucket.money = Money::read(row)?;
                bucket.paying = row.next()?;
                Ok(())
            })?;
        }
        Ok(Series { totals, buckets })
    }

    /// Visitors and sessions from the rollups, if every bucket consists of whole days in the object's time zone.
    fn buckets_of_days(&self, selection: &Selection, buckets: &[Span]) -> Result<Option<Vec<Row>>, Error> {
        let mut days = Vec::with_capacity(buckets.len());
        for (number, bucket) in buckets.iter().enumerate() {
            let bucket = Selection { span: *bucket, filters: selection.filters.clone() };
            let Some((first, last)) = self.whole_days(&bucket)? else { return Ok(None) };
            days.push((number, first, last));
        }
        let mut parameters = Parameters::default();
        let list = parameters.bind_list(&days);
        let rows = self.sql.rows(
            &format!(
                "WITH b AS MATERIALIZED (SELECT value ->> 0 AS number, value ->> 1 AS first, value ->> 2 AS last FROM {list}) \
                 SELECT number, \
                 (SELECT ifnull(sum(visitors), 0) FROM day_pairs WHERE day BETWEEN first AND last AND previous < first), \
                 (SELECT ifnull(sum(sessions), 0) FROM days WHERE day BETWEEN first AND last) FROM b"
            ),
            parameters.values(),
        )?;
        Ok(Some(rows))
    }

    /// A session counts its visitor in the bucket in which it begins, and in every later bucket in which it has an
    /// event.
    fn visitors_by_bucket(&self, selection: &Selection, shown: Span, buckets: &[Span]) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let b = with_buckets(buckets, &mut parameters);
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let reaching = session::reaching(self, shown.from)?;
        let (earliest, long) = (parameters.bind(reaching.earliest), parameters.bind_list(&reaching.long));
        let until = parameters.bind(shown.to);
        self.sql.rows(
            &format!(
                "WITH {b}, begun AS (SELECT b.number, b.until, s.id, s.visitor, s.ended FROM b CROSS JOIN sessions s \
                 ON s.started BETWEEN b.first AND b.until WHERE 1{condition}), \
                 reaching AS (SELECT id, visitor FROM begun WHERE ended > until UNION ALL \
                 SELECT s.id, s.visitor FROM sessions s WHERE s.started >= {earliest} \
                 AND s.started < (SELECT min(first) FROM b) AND s.ended >= (SELECT min(first) FROM b){condition} UNION ALL \
                 SELECT s.id, s.visitor FROM sessions s WHERE s.id IN {long}{condition}), \
                 further AS (SELECT DISTINCT (SELECT b.number FROM b WHERE b.first <= x.time ORDER BY b.first DESC LIMIT 1) \
                 AS number, x.visitor FROM reaching r JOIN events x ON x.visitor = r.visitor AND x.session = r.id \
                 WHERE x.time BETWEEN (SELECT min(first) FROM b) AND {until}) \
                 SELECT number, count(DISTINCT visitor) FROM (SELECT number, visitor FROM begun UNION ALL \
                 SELECT number, visitor FROM further) GROUP BY number"
            ),
            parameters.values(),
        )
    }

    fn sessions_by_bucket(&self, selection: &Selection, buckets: &[Span]) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let b = with_buckets(buckets, &mut parameters);
        let condition = condition(&self.sql, selection, &mut parameters)?;
        self.sql.rows(
            &format!(
                "WITH {b} SELECT b.number, count(*) FROM b CROSS JOIN sessions s \
                 ON s.started BETWEEN b.first AND b.until WHERE 1{condition} GROUP BY b.number"
            ),
            parameters.values(),
        )
    }

    fn money_by_bucket(&self, selection: &Selection, buckets: &[Span], with_renewals: bool) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let b = with_buckets(buckets, &mut parameters);
        let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = p.session" };
        let condition = condition(&self.sql, selection, &mut parameters)?;
        self.sql.rows(
            &format!(
                "WITH {b} SELECT b.number, {}, {} FROM b CROSS JOIN payments p ON p.time BETWEEN b.first AND b.until \
                 {sessions} WHERE 1{condition} GROUP BY b.number",
                Money::columns(),
                paying_visitors(with_renewals)
            ),
            parameters.values(),
        )
    }
}

fn with_buckets(buckets: &[Span], parameters: &mut Parameters) -> String {
    let list: Vec<_> = buckets.iter().enumerate().map(|(number, bucket)| (number, bucket.from, bucket.to)).collect();
    let list = parameters.bind_list(&list);
    format!("b AS MATERIALIZED (SELECT value ->> 0 AS number, value ->> 1 AS first, value ->> 2 AS until FROM {list})")
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
