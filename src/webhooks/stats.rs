//! How an endpoint is doing: what came of attempts by the hour or the day, how long they took, and its failure streak. The counts
//! are `delivery_hours` of the website's object, which triggers keep.

use serde::{Deserialize, Serialize};

use super::delivery::KEPT_MS;
use super::endpoints::Existing;
use super::object::{self, Call};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path, Query};
use crate::http::reply::Data;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{Moment, Timestamp, WebhookId};
use sluice_webhook_rules::schedule::Schedule;

const HOUR_MS: i64 = 3_600_000;
const DAY_HOURS: i64 = 24;
/// The longest that is asked for, in hours: hours are kept as long as deliveries.
const MOST_HOURS: i64 = KEPT_MS / HOUR_MS + DAY_HOURS;

/// The end of each step of durations but the last, in milliseconds, as the trigger of `delivery_hours` has them.
const STEPS_MS: [u32; 17] =
    [10, 20, 35, 50, 75, 100, 150, 200, 350, 500, 750, 1_000, 1_500, 2_000, 3_500, 5_000, 10_000];
const FAILED: usize = 100;
const MISSED: usize = 200;

// ---- What comes in

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "WebhookStatsQuery")]
pub struct Asked {
    /// The first hour or day; defaults to 24 hours before `until`.
    since: Option<Moment>,
    /// The last hour or day; defaults to now. At most 31 days after `since`.
    until: Option<Moment>,
    #[serde(default)]
    interval: Interval,
}

/// What is counted together; days are those of UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Interval {
    #[default]
    Hour,
    Day,
}

impl Interval {
    const fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => DAY_HOURS,
        }
    }
}

/// Whole hours or days, both included. Sent between Worker and object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub webhook: WebhookId,
    interval: Interval,
    /// Hours since 1970.
    first: i64,
    last: i64,
}

// ---- What goes out

/// How a webhook is doing.
#[derive(Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookStats {
    webhook_id: WebhookId,
    interval: Interval,
    /// The sum of the series.
    #[serde(flatten)]
    total: Counts,
    /// Since when every attempt has failed; `null` while it is well.
    failing_since: Option<Timestamp>,
    /// When it is switched off if every attempt goes on failing.
    disables_at: Option<Timestamp>,
    /// When its latest delivery was made.
    last_delivery_at: Option<Timestamp>,
    /// Every hour or day, ascending.
    series: Vec<Slot>,
}

/// An hour or a day.
#[derive(Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Slot {
    /// Its beginning.
    at: Timestamp,
    #[serde(flatten)]
    counts: Counts,
}

/// What was counted in some time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Counts {
    /// Attempts that the endpoint accepted.
    delivered: u32,
    /// Attempts that failed.
    failed: u32,
    /// Deliveries that were not attempted, because the endpoint was off or too many waited.
    missed: u32,
    /// Half of the attempts took no longer, in milliseconds, to the next step of a scale; `null` without any.
    p50_ms: Option<u32>,
    /// 95 % of the attempts took no longer.
    p95_ms: Option<u32>,
}

// ---- Rules

impl Asked {
    fn span(&self, webhook: WebhookId, now: Timestamp) -> Result<Span, Error> {
        let hour = |moment: Timestamp| moment.as_millis().div_euclid(HOUR_MS);
        let last = self.until.map_or(now, Timestamp::from);
        let first = self.since.map_or_else(|| hour(last) - (DAY_HOURS - 1), |since| hour(since.into()));
        let last = hour(last);
        let of_slot = |hour: i64| hour.div_euclid(self.interval.hours()) * self.interval.hours();
        if first > last {
            return Err(Error::bad_request("since must not be after until"));
        }
        if last - first > MOST_HOURS {
            return Err(Error::bad_request("since may be at most 31 days before until"));
        }
        let (first, last) = (of_slot(first), of_slot(last) + self.interval.hours() - 1);
        Ok(Span { webhook, interval: self.interval, first, last })
    }
}

/// Counts of one hour and kind, as they are stored.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct HourRow {
    hour: i64,
    kind: usize,
    count: u32,
}

/// An endpoint's failure streak and latest delivery.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Standing {
    failing_since: Option<Timestamp>,
    last_delivery_at: Option<Timestamp>,
}

pub fn select(span: &Span) -> Statement {
    sql("SELECT hour, kind, count FROM delivery_hours WHERE webhook_id = ?1 AND hour BETWEEN ?2 AND ?3 ORDER BY hour")
        .bind(span.webhook)
        .bind(span.first)
        .bind(span.last)
}

pub fn select_standing(webhook: WebhookId) -> Statement {
    sql("SELECT failing_since, (SELECT created_at FROM deliveries INDEXED BY deliveries_by_webhook WHERE webhook_id = ?1 \
         ORDER BY created_at DESC LIMIT 1) AS last_delivery_at FROM webhooks WHERE id = ?1")
    .bind(webhook)
}

/// Deletes the hours that are older than deliveries are kept.
pub fn forget_old(now: Timestamp) -> Statement {
    sql("DELETE FROM delivery_hours WHERE webhook_id IN (SELECT id FROM webhooks) AND hour < ?1")
        .bind(now.as_millis() / HOUR_MS - MOST_HOURS)
}

pub fn summarize(span: &Span, rows: &[HourRow], standing: Standing, schedule: &Schedule) -> WebhookStats {
    let every = span.interval.hours();
    let longest_ms = schedule.timeout.saturating_mul(1_000);
    let mut rows = rows.iter().peekable();
    let mut all = Tally::default();
    let mut series = Vec::new();
    let mut first = span.first;
    while first <= span.last {
        let mut tally = Tally::default();
        while let Some(row) = rows.next_if(|row| row.hour < first + every) {
            tally.add(row.kind, row.count);
            all.add(row.kind, row.count);
        }
        series.push(Slot { at: Timestamp::from_millis(first * HOUR_MS), counts: tally.counts(longest_ms) });
        first += every;
    }
    WebhookStats {
        webhook_id: span.webhook,
        interval: span.interval,
        total: all.counts(longest_ms),
        failing_since: standing.failing_since,
        disables_at: standing.failing_since.map(|since| since.plus_millis(i64::from(schedule.disable_after) * 1_000)),
        last_delivery_at: standing.last_delivery_at,
        series,
    }
}

#[derive(Default)]
struct Tally {
    delivered: u32,
    failed: u32,
    missed: u32,
    durations: [u32; STEPS_MS.len() + 1],
}

impl Tally {
    fn add(&mut self, kind: usize, count: u32) {
        match kind {
            MISSED.. => self.missed += count,
            FAILED.. => self.failed += count,
            _ => self.delivered += count,
        }
        if let Some(held) = self.durations.get_mut(kind % FAILED).filter(|_| kind < MISSED) {
            *held += count;
        }
    }

    fn counts(&self, longest_ms: u32) -> Counts {
        let Self { delivered, failed, missed, .. } = *self;
        let [p50_ms, p95_ms] = [50, 95].map(|percent| self.percentile(percent, longest_ms));
        Counts { delivered, failed, missed, p50_ms, p95_ms }
    }

    /// The end of the step that so many percent of the attempts do not exceed; the last step ends with the longest wait there is.
    fn percentile(&self, percent: u32, longest_ms: u32) -> Option<u32> {
        let all: u32 = self.durations.iter().sum();
        let wanted = u64::from(all) * u64::from(percent);
        let mut within = 0;
        let reached = |count: &u32| {
            within += u64::from(*count) * 100;
            within >= wanted
        };
        let step = self.durations.iter().position(reached).filter(|_| all > 0)?;
        Some(STEPS_MS.get(step).copied().unwrap_or(longest_ms))
    }
}

// ---- Handler

/// GET: how a webhook is doing.
pub async fn get(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Query<Asked>)>,
) -> Result<Data<WebhookStats>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<WebhookId>, Query<Asked>)| {
        Existing::read(batch, *id, website)
    };
    let (website, (Path(id), Query(asked)), known, results) = call.enter(input, plan).await?;
    known.check(&results, id)?;
    let span = asked.span(id, website.call.now)?;
    Ok(Data::one(object::ask(&website.call.platform, website.id, &Call::Stats(span)).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sluice_engine::memory::Memory;
    use sluice_engine::sql::Sql;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);
    const ID: &str = "6a1d74400a11e1c974506e53";

    fn webhook() -> WebhookId {
        ID.parse().unwrap()
    }

    fn asked(query: Value) -> Result<(i64, i64), String> {
        let asked: Asked = serde_json::from_value(query).unwrap();
        let span = asked.span(webhook(), NOW).map_err(|error| format!("{error:?}"))?;
        let now = NOW.as_millis() / HOUR_MS;
        Ok((span.first - now, span.last - now))
    }

    /// An object in which these statements have run, with the endpoint.
    fn object(statements: &[String]) -> Memory {
        let sql = Memory::default();
        sluice_engine::schema::migrate(&sql).unwrap();
        let endpoint = format!(
            "INSERT INTO webhooks (id, url, event_types, goal_names, is_enabled, switched_on, sealed_headers, sealed_secret, slot_ms) \
             VALUES ('{ID}', 'https://example.com', '[]', '[]', 1, 1, '', '', 0)"
        );
        for statement in [endpoint].iter().chain(statements) {
            sql.run(statement, &[]).unwrap();
        }
        sql
    }

    fn delivery(name: &str, status: &str, at: i64) -> String {
        format!(
            "INSERT INTO deliveries (id, webhook_id, message_id, type, status, created_at, updated_at) \
             VALUES ('{name}', '{ID}', 'm', 'goal.completed', '{status}', {at}, {at})"
        )
    }

    fn attempt(delivery: &str, number: u32, at: i64, duration: u32, error: &str) -> String {
        format!(
            "INSERT INTO delivery_attempts (delivery_id, number, cause, started_at, duration_ms, error) \
             VALUES ('{delivery}', {number}, 'automatic', {at}, {duration}, {error})"
        )
    }

    fn run<T: serde::de::DeserializeOwned>(sql: &Memory, statement: &Statement) -> Vec<T> {
        crate::platform::object_database::rows(sql, statement).unwrap()
    }

    fn stats(sql: &Memory, interval: Interval, hours: i64) -> Value {
        let last = NOW.as_millis() / HOUR_MS;
        let span = Span { webhook: webhook(), interval, first: last - hours + 1, last };
        let standing = run::<Standing>(sql, &select_standing(webhook())).pop().unwrap();
        json!(summarize(&span, &run::<HourRow>(sql, &select(&span)), standing, &Schedule::default()))
    }

    #[test]
    fn a_span_is_of_whole_hours_or_days_and_has_an_end() {
        assert_eq!(asked(json!({})), Ok((-23, 0)));
        // NOW is the first moment of a day.
        assert_eq!(asked(json!({ "interval": "day" })), Ok((-24, 23)));
        assert_eq!(asked(json!({ "since": "2026-05-20T22:30:00Z", "until": "2026-05-20T23:10:00Z" })), Ok((-2, -1)));
        assert_eq!(asked(json!({ "since": "2026-05-20T12:00:00Z", "interval": "day" })), Ok((-24, 23)));
        assert_eq!(asked(json!({ "since": "2026-04-20T00:00:00Z" })), Ok((-744, 0)));
        assert!(asked(json!({ "since": "2026-04-19T23:59:59Z" })).unwrap_err().contains("31 days"));
        assert!(asked(json!({ "since": "2026-05-21T01:00:00Z" })).unwrap_err().contains("after until"));
    }

    #[test]
    fn whatever_writes_an_attempt_or_misses_a_delivery_is_counted_in_its_hour() {
        let now = NOW.as_millis();
        let sql = object(&[
            delivery("a", "pending", now - HOUR_MS),
            attempt("a", 1, now - HOUR_MS, 15_000, "'timeout'"),
            attempt("a", 2, now - 1, 120, "NULL"),
            delivery("b", "missed", now),
            delivery("c", "pending", now),
            attempt("c", 1, now, 7, "NULL"),
            format!("UPDATE deliveries SET status = 'missed', updated_at = {now} WHERE id = 'c'"),
            format!("UPDATE deliveries SET status = 'missed', updated_at = {now} WHERE id = 'c'"),
            format!("UPDATE webhooks SET failing_since = {now}"),
        ]);
        let found = stats(&sql, Interval::Hour, 2);
        let slot = |at: i64, delivered: u32, failed: u32, missed: u32, p50: Value, p95: Value| {
            json!({ "at": Timestamp::from_millis(at), "delivered": delivered, "failed": failed, "missed": missed,
                    "p50Ms": p50, "p95Ms": p95 })
        };
        assert_eq!(found["series"][0], slot(now - HOUR_MS, 1, 1, 0, json!(150), json!(15_000)));
        assert_eq!(found["series"][1], slot(now, 1, 0, 2, json!(10), json!(10)));
        assert_eq!((&found["delivered"], &found["failed"], &found["missed"]), (&json!(2), &json!(1), &json!(2)));
        assert_eq!(found["failingSince"], json!(NOW));
        assert_eq!(found["disablesAt"], json!(NOW.plus_millis(432_000_000)));
        assert_eq!(found["lastDeliveryAt"], json!(NOW));
        let day = stats(&sql, Interval::Day, 24);
        assert_eq!((day["series"].as_array().unwrap().len(), &day["missed"]), (1, &json!(2)));
        sql.run("DELETE FROM webhooks", &[]).unwrap();
        assert!(sql.first("SELECT 1 FROM delivery_hours", &[]).unwrap().is_none());
    }

    /// The trigger has the steps as a text of its own.
    #[test]
    fn a_duration_is_counted_within_its_step() {
        for (step, end) in STEPS_MS.iter().enumerate() {
            for (duration, expected) in [(*end, *end), (end + 1, STEPS_MS.get(step + 1).copied().unwrap_or(15_000))] {
                let now = NOW.as_millis();
                let sql = object(&[delivery("a", "pending", now), attempt("a", 1, now, duration, "NULL")]);
                assert_eq!(stats(&sql, Interval::Hour, 1)["p50Ms"], expected, "{duration}");
            }
        }
    }

    #[test]
    fn percentiles_are_those_of_all_attempts() {
        let mut tally = Tally::default();
        assert_eq!(tally.counts(1).p50_ms, None);
        tally.add(0, 50);
        tally.add(4, 44);
        tally.add(FAILED + 17, 6);
        let counts = tally.counts(9_000);
        assert_eq!((counts.delivered, counts.failed, counts.p50_ms, counts.p95_ms), (94, 6, Some(10), Some(9_000)));
        tally.add(4, 21);
        assert_eq!(tally.counts(9_000).p95_ms, Some(75));
    }

    #[test]
    fn the_hours_of_an_endpoint_are_read_and_forgotten_by_their_key() {
        let sql = object(&[]);
        let span = Span { webhook: webhook(), interval: Interval::Hour, first: 0, last: 1 };
        for statement in [select(&span), forget_old(NOW)] {
            let (text, values) = statement.parts();
            let values = vec![sluice_engine::sql::Value::Null; values.len()];
            let plan = sql.objects(&format!("EXPLAIN QUERY PLAN {text}"), &values).unwrap();
            assert!(plan.contains("SEARCH delivery_hours USING PRIMARY KEY (webhook_id=? AND hour"), "{text}: {plan}");
        }
        let hour = |hour: i64| {
            let text = format!("INSERT INTO delivery_hours VALUES ('{ID}', {hour}, 0, 1)");
            sql.run(&text, &[]).unwrap();
        };
        let now = NOW.as_millis() / HOUR_MS;
        hour(now - MOST_HOURS - 1);
        hour(now - MOST_HOURS);
        crate::platform::object_database::run(&sql, &Batch::of(forget_old(NOW))).unwrap();
        let left: i64 = sql.one("SELECT min(hour) FROM delivery_hours", &[]).unwrap().next().unwrap();
        assert_eq!(left, now - MOST_HOURS);
    }
}
