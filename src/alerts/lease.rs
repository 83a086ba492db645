//! Between the database and the machine: which alerts are to be looked at, what they are, and what is kept of a look.
//! Nothing here sends anything.
//!
//! Whoever looks at an alert holds its lease: its `leased_until` is theirs until then, and what they have found is
//! written only while it still is. An alert that starts anew takes the lease from them.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::resource::{Destination, read_cooldown};
use super::state_machine::{Event, GoalMemory, GoalRule, Memory, Message, Rule, State, Step};
use super::template::{Facts, render};
use super::trigger::{Comparison, MetricTrigger, Trigger};
use crate::platform::PlatformError;
use crate::platform::database::{Rows, Statement, sql};
use sluice_engine::reports::measure::{Amount, Measure, Measured, Metric};
use sluice_values::{AlertId, Currency, Id, Timestamp, WebsiteId};

// ---- Readings

impl MetricTrigger {
    /// What to ask of the website's object.
    pub fn measure(&self, with_renewals: bool) -> Measure {
        Measure {
            metric: self.metric,
            goal: self.goal_name.as_ref().map(|name| name.as_str().to_owned()),
            filters: self.filters.as_ref().map(|filters| filters.read().to_vec()).unwrap_or_default(),
            window_ms: self.window.as_millis(),
            has_base: self.comparison.has_base(),
            with_renewals,
        }
    }

    /// What is compared with the threshold, with two decimals as reports have it; nothing where there is no data. Of a
    /// comparison in percent it is the change in its own direction.
    pub fn reading(&self, measured: &Measured, currency: Currency) -> Option<f64> {
        let sees_nothing_as_zero = self.comparison == Comparison::Below && !self.metric.is_rate();
        if !measured.has_events && !sees_nothing_as_zero {
            return None;
        }
        let value = self.number(measured.current, currency)?;
        let base = || self.number(measured.base?, currency).filter(|base| *base != 0.0);
        let change = |value: f64, base: f64| ((value - base) * 10_000.0 / base.abs()).round() / 100.0;
        match self.comparison {
            Comparison::Above | Comparison::Below => Some(value),
            Comparison::IncreasePct => base().map(|base| change(value, base)),
            // Never minus zero, which would be shown.
            Comparison::DecreasePct => base().map(|base| 0.0 - change(value, base)),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    fn number(&self, amount: Amount, currency: Currency) -> Option<f64> {
        match (self.metric, amount.whole) {
            (Metric::Revenue, _) => Some(currency.major_units(amount.part)),
            (_, None) => Some(amount.part as f64),
            (_, Some(0)) => None,
            (_, Some(whole)) => Some(sluice_values::Decimal::percent(amount.part, whole).0),
        }
    }
}

// ---- What an alert says

/// What every message of an alert is made of.
#[derive(Debug, Clone)]
pub struct AlertContext {
    /// The alert.
    pub id: AlertId,
    /// Its website.
    pub website_id: WebsiteId,
    /// Its name.
    pub name: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// Where it goes.
    pub destination: Destination,
    /// The subject's template, where it has one.
    pub subject: Option<String>,
    /// The text's template.
    pub message: String,
}

/// A message as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The text.
    pub message: String,
}

impl AlertContext {
    /// One alert's; [`Self::read`] reads it.
    pub fn select(id: AlertId, website: WebsiteId) -> Statement {
        sql("SELECT id, website_id, name, condition, destination, subject, message FROM alerts \
             WHERE id = ?1 AND website_id = ?2")
        .bind(id)
        .bind(website)
    }

    /// Reads the next statement's row.
    pub fn read(rows: &mut Rows) -> Result<Option<Self>, PlatformError> {
        rows.first::<LetterRow>()?.map(Self::try_from).transpose()
    }

    /// What is known of a message by the alert itself; visitor and website are for the caller to add.
    pub fn facts(&self, at: Timestamp) -> Facts {
        let metric = match &self.trigger {
            Trigger::Goal(_) => None,
            Trigger::Metric(metric) => Some(metric),
        };
        Facts {
            goal: self.trigger.goal_name().map(str::to_owned),
            alert_name: Some(self.name.clone()),
            threshold: metric.map(|metric| metric.threshold),
            metric: metric.map(|metric| metric.metric.as_str().to_owned()),
            window: metric.map(|metric| metric.window.to_string()),
            triggered_at: Some(at),
            ..Facts::default()
        }
    }

    /// The subject's template, or what stands for it.
    pub fn subject_or_default(&self) -> String {
        match (&self.subject, &self.trigger) {
            (Some(template), _) => template.clone(),
            (None, Trigger::Goal(goal)) => format!("{}: {} completed", self.name, goal.goal_name),
            (None, Trigger::Metric(_)) => self.name.clone(),
        }
    }

    /// Subject and text of a message. One that tells of an end says so in its subject.
    pub fn render(&self, event: Event, facts: &Facts) -> Rendered {
        let subject = render(&self.subject_or_default(), facts);
        let subject = if event == Event::Resolved { format!("Resolved: {subject}") } else { subject };
        // A subject is one line, whatever was filled in.
        let subject = subject.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
        Rendered { subject, message: render(&self.message, facts) }
    }

    /// The id of a message: the same whenever the same message is made again.
    pub fn message_id<Kind>(&self, event: Event, at: Timestamp, of: &str) -> Id<Kind> {
        derived(self.id, at, &[event.as_str(), of])
    }
}

/// An id that follows from what it is for.
fn derived<Kind>(alert: AlertId, at: Timestamp, parts: &[&str]) -> Id<Kind> {
    let mut hash = Sha256::new();
    hash.update(alert.as_bytes());
    hash.update(at.as_millis().to_be_bytes());
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.finalize().into();
    Id::new(at, [a, b, c, d, e, f, g, h])
}

// ---- SQL: numbers

/// An alert on a number, with the lease of whoever looks at it.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What it says.
    pub letter: AlertContext,
    /// Its rule.
    pub rule: Rule,
    /// Its memory.
    pub memory: Memory,
    leased_until: Timestamp,
    news: i64,
}

#[derive(Deserialize)]
struct LetterRow {
    id: AlertId,
    website_id: WebsiteId,
    name: String,
    condition: String,
    destination: String,
    subject: Option<String>,
    message: String,
}

impl TryFrom<LetterRow> for AlertContext {
    type Error = PlatformError;

    fn try_from(row: LetterRow) -> Result<Self, PlatformError> {
        let broken = |error| PlatformError::new(format!("alert {}: {error}", row.id));
        Ok(Self {
            trigger: serde_json::from_str(&row.condition).map_err(broken)?,
            destination: serde_json::from_str(&row.destination).map_err(broken)?,
            id: row.id,
            website_id: row.website_id,
            name: row.name,
            subject: row.subject,
            message: row.message,
        })
    }
}

/// An alert that is ours for now.
#[derive(Debug, Clone)]
pub enum Claimed {
    /// On a number.
    Metric(Watched),
    /// On a goal.
    Goal(Awaited),
}

#[derive(Deserialize)]
struct ClaimedRow {
    #[serde(flatten)]
    letter: LetterRow,
    cooldown: Option<String>,
    notify_resolved: i64,
    state: State,
    state_since: Timestamp,
    in_force_since: Timestamp,
    last_message_at: Option<Timestamp>,
    firing_told: i64,
    held: u32,
    leased_until: Timestamp,
    news: i64,
}

impl TryFrom<ClaimedRow> for Claimed {
    type Error = PlatformError;

    fn try_from(row: ClaimedRow) -> Result<Self, PlatformError> {
        let letter = AlertContext::try_from(row.letter)?;
        let (leased_until, last_message_at) = (row.leased_until, row.last_message_at);
        let cooldown_ms = read_cooldown(row.cooldown.as_deref(), letter.trigger.kind()).as_millis();
        Ok(match letter.trigger.clone() {
            Trigger::Metric(trigger) => Self::Metric(Watched {
                rule: Rule { trigger, cooldown_ms, notify_resolved: row.notify_resolved != 0 },
                memory: Memory {
                    state: row.state,
                    since: row.state_since,
                    last_message_at,
                    is_told: row.firing_told != 0,
                },
                leased_until,
                news: row.news,
                letter,
            }),
            Trigger::Goal(_) => Self::Goal(Awaited {
                rule: GoalRule { cooldown_ms, in_force_since: row.in_force_since },
                memory: GoalMemory { last_message_at, held: row.held },
                leased_until,
                letter,
            }),
        })
    }
}

#[cfg(test)]
impl Claimed {
    /// What a row of [`claim`]'s is.
    pub fn parse(row: serde_json::Value) -> Self {
        serde_json::from_value::<ClaimedRow>(row).unwrap().try_into().unwrap()
    }
}

/// Takes the lease of those of these alerts that are due and free; [`read_claimed`] reads them.
pub fn claim(ids: &[AlertId], now: Timestamp, until: Timestamp) -> Statement {
    sql("UPDATE alerts SET leased_until = ?3 WHERE id IN (SELECT value FROM json_each(?1)) AND is_enabled = 1 \
         AND due_at IS NOT NULL AND due_at <= ?2 AND leased_until <= ?2 \
         RETURNING id, website_id, name, condition, destination, subject, message, cooldown, notify_resolved, state, \
         state_since, in_force_since, last_message_at, firing_told, held, leased_until, news")
    .bind_json(ids)
    .bind(now)
    .bind(until)
}

/// What [`claim`] took. A row that cannot be read is an error of its own, and keeps nobody from the others.
pub fn read_claimed(rows: &mut Rows) -> Result<Vec<Result<Claimed, PlatformError>>, PlatformError> {
    Ok(rows.all::<ClaimedRow>()?.into_iter().map(Claimed::try_from).collect())
}

impl Watched {
    /// When to look again if nothing happens until then: when the machine must, or the number changes by itself.
    pub fn next_look(step: &Step, measured: &Measured) -> Option<Timestamp> {
        let changes_at = measured.changes_at.map(Timestamp::from_millis);
        step.due_at.into_iter().chain(changes_at).min()
    }

    /// What is kept of a look: the change of state, then the alert itself, whose statement gives one row where the lease
    /// was still held. What goes with it (messages to be sent) belongs between the two, under the condition
    /// that the lease is held. News that came during the look make the alert due again at `now`.
    pub fn settle(&self, step: &Step, next_look: Option<Timestamp>, now: Timestamp) -> Vec<Statement> {
        let transition = step.transition.as_ref().map(|transition| {
            let id: Id<sluice_values::kinds::Transition> =
                derived(self.letter.id, transition.at, &[transition.from.as_str(), transition.to.as_str()]);
            sql("INSERT OR IGNORE INTO alert_transitions (id, website_id, alert_id, from_state, to_state, reason, value, at) \
                 SELECT ?3, website_id, id, ?4, ?5, ?6, ?7, ?8 FROM alerts WHERE id = ?1 AND leased_until = ?2")
            .bind(self.letter.id)
            .bind(self.leased_until)
            .bind(id)
            .bind(transition.from.as_str())
            .bind(transition.to.as_str())
            .bind(transition.reason.as_str())
            .bind(transition.value)
            .bind(transition.at)
        });
        let memory = step.memory;
        let alert = sql("UPDATE alerts SET state = ?3, state_since = ?4, last_message_at = ?5, firing_told = ?6, \
                         due_at = iif(news = ?7, ?8, ?9), leased_until = 0 WHERE id = ?1 AND leased_until = ?2 RETURNING id")
            .bind(self.letter.id)
            .bind(self.leased_until)
            .bind(memory.state.as_str())
            .bind(memory.since)
            .bind(memory.last_message_at)
            .bind(memory.is_told)
            .bind(self.news)
            .bind(next_look)
            .bind(now);
        transition.into_iter().chain([alert]).collect()
    }

    /// The lease, as `alerts.leased_until` has it, for statements that are to be part of [`Self::settle`]'s batch.
    pub fn leased_until(&self) -> Timestamp {
        self.leased_until
    }

    /// What a message of this alert is about; visitor and website are for the caller to add.
    pub fn facts(&self, message: &Message) -> Facts {
        Facts { value: message.value, ..self.letter.facts(message.at) }
    }
}

// ---- SQL: goals

/// An alert on a goal, with the lease of whoever tells its completions.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// What it says.
    pub letter: AlertContext,
    /// Its rule.
    pub rule: GoalRule,
    /// Its memory.
    pub memory: GoalMemory,
    leased_until: Timestamp,
}

impl Awaited {
    /// The lease, as `alerts.leased_until` has it.
    pub fn leased_until(&self) -> Timestamp {
        self.leased_until
    }

    /// The same alert after some completions, under a lease that goes on.
    #[must_use]
    pub fn with(self, memory: GoalMemory, leased_until: Timestamp) -> Self {
        Self { memory, leased_until, ..self }
    }

    /// What a message about `count` completions is about; visitor, website and metadata are for the caller to add.
    pub fn facts(&self, at: Timestamp, count: u32) -> Facts {
        Facts { count: Some(count), ..self.letter.facts(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state_machine::step;
    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use serde_json::{Value, json};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + minute * 60_000)
    }

    fn trigger(fields: &Value) -> MetricTrigger {
        let mut trigger = json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above",
            "threshold": 10 });
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        match serde_json::from_value(trigger).unwrap() {
            Trigger::Metric(trigger) => trigger,
            Trigger::Goal(_) => panic!("a metric"),
        }
    }

    #[test]
    fn a_reading_is_what_the_reports_say_or_nothing() {
        let count = |part| Amount { part, whole: None };
        let rate = |part, whole| Amount { part, whole: Some(whole) };
        let read = |fields: Value, current, base, has_events| {
            let measured = Measured { current, base, has_events, changes_at: None };
            trigger(&fields).reading(&measured, "USD".parse().unwrap())
        };
        let above = || json!({});
        let below = || json!({ "comparison": "below" });
        let bounce = |comparison: &str| json!({ "metric": "bounce_rate", "comparison": comparison });
        let rise = || json!({ "comparison": "increase_pct" });
        let fall = || json!({ "comparison": "decrease_pct" });
        for (fields, current, base, has_events, expected) in [
            (above(), count(12), None, true, Some(12.0)),
            (above(), count(0), None, true, Some(0.0)),
            (above(), count(0), None, false, None),
            (below(), count(0), None, false, Some(0.0)),
            (json!({ "metric": "revenue" }), count(1999), None, true, Some(19.99)),
            (bounce("above"), rate(1, 3), None, true, Some(33.33)),
            (bounce("below"), rate(0, 0), None, true, None),
            (bounce("below"), rate(0, 0), None, false, None),
            (rise(), count(15), Some(count(10)), true, Some(50.0)),
            (rise(), count(5), Some(count(10)), true, Some(-50.0)),
            (rise(), count(5), Some(count(0)), true, None),
            (rise(), count(5), None, true, None),
            (fall(), count(4), Some(count(10)), true, Some(60.0)),
            (fall(), count(0), Some(count(10)), true, Some(100.0)),
            (fall(), count(0), Some(count(10)), false, None),
            (fall(), count(10), Some(count(10)), true, Some(0.0)),
            (bounce("decrease_pct"), rate(1, 4), Some(rate(1, 2)), true, Some(50.0)),
            (bounce("decrease_pct"), rate(1, 4), Some(rate(0, 0)), true, None),
        ] {
            let reading = read(fields.clone(), current, base, has_events);
            assert_eq!(reading, expected, "{fields} {current:?} {base:?} {has_events}");
            assert!(reading.is_none_or(f64::is_sign_positive) || reading < Some(0.0), "never minus zero");
        }
    }

    #[test]
    fn a_letter_is_filled_in_and_its_subject_is_one_line() {
        let letter = AlertContext {
            id: AlertId::new(at(0), [1; 8]),
            website_id: WebsiteId::new(at(0), [2; 8]),
            name: "Many\nvisitors".to_owned(),
            trigger: Trigger::Metric(trigger(&json!({}))),
            destination: Destination::Email,
            subject: None,
            message: "{{metric}} in {{window}}: {{value}} > {{threshold}}\n{{visitor.id}} {{goal}}".to_owned(),
        };
        let facts = Facts { value: Some(12.0), ..letter.facts(at(0)) };
        let rendered = letter.render(Event::Firing, &facts);
        assert_eq!(rendered.subject, "Many visitors");
        assert_eq!(rendered.message, "visitors in 5m: 12 > 10\nunknown unknown");
        let with = AlertContext { subject: Some("{{alert.name}}: {{value}}".to_owned()), ..letter.clone() };
        assert_eq!(with.render(Event::Resolved, &facts).subject, "Resolved: Many visitors: 12");
        let id = |event, at, of| letter.message_id::<sluice_values::kinds::Event>(event, at, of);
        assert_eq!(id(Event::Firing, at(1), ""), id(Event::Firing, at(1), ""));
        assert_ne!(id(Event::Firing, at(1), ""), id(Event::Resolved, at(1), ""));
        assert_ne!(id(Event::Firing, at(1), "a"), id(Event::Firing, at(1), "b"));
    }

    fn database() -> Database {
        let database = Database::with_website();
        let rows = [
            ("b1", "metric", "null", json!(trigger_json()), at(0).as_millis().to_string()),
            ("b2", "goal", "'signup'", json!({ "type": "goal", "goalName": "signup" }), "NULL".to_owned()),
        ];
        for (id, kind, goal, condition, due) in rows {
            database.execute(&format!(
                "INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, message, created_at, \
                 updated_at, due_at, state_since, in_force_since) VALUES ('0000000000000000000000{id}', \
                 '0000000000000000000000d1', 'x', '{condition}', '{kind}', {goal}, '{{\"type\":\"email\"}}', 'Ten or more.', \
                 0, 0, {due}, {0}, {0})",
                at(0).as_millis()
            ));
        }
        database
    }

    fn trigger_json() -> Trigger {
        Trigger::Metric(trigger(&json!({})))
    }

    fn claimed(database: &Database, now: Timestamp) -> Vec<Watched> {
        let ids = ["b1", "b2"].map(|id| format!("0000000000000000000000{id}").parse().unwrap());
        let rows = database.batch::<ClaimedRow>(&[claim(&ids, now, now.plus_millis(30_000))]).unwrap().remove(0);
        let watched = rows.into_iter().map(|row| match Claimed::try_from(row).unwrap() {
            Claimed::Metric(watched) => watched,
            Claimed::Goal(_) => panic!("a goal without completions is not due"),
        });
        watched.collect()
    }

    fn bring_news(now: Timestamp) -> Statement {
        crate::outbox::mark("0000000000000000000000d1".parse().unwrap(), now, true)
    }

    fn settled(database: &Database, statements: &[Statement]) -> usize {
        database.batch::<Value>(statements).unwrap().pop().unwrap().len()
    }

    /// A look at which nothing is the matter.
    fn looked(watched: &Watched, now: Timestamp) -> Step {
        step(&watched.rule, watched.memory, Some(0.0), now)
    }

    fn one(database: &Database, statement: &'static str) -> Value {
        database.batch::<Value>(&[sql(statement)]).unwrap().remove(0).remove(0)
    }

    #[test]
    fn a_look_is_kept_once_and_only_by_whoever_holds_the_lease() {
        let database = database();
        let watched = claimed(&database, at(1)).remove(0);
        assert!(claimed(&database, at(1)).is_empty(), "taken");
        assert_eq!(watched.rule.cooldown_ms, 3_600_000);
        let step = step(&watched.rule, watched.memory, Some(12.0), at(1));
        let statements = watched.settle(&step, Some(at(6)), at(1));
        assert_eq!(settled(&database, &statements), 1);
        assert_eq!(settled(&database, &statements), 0, "the lease is gone");
        let row = one(
            &database,
            "SELECT state, state_since, last_message_at, firing_told, due_at, leased_until FROM alerts WHERE kind = 'metric'",
        );
        let moment = at(1).as_millis();
        assert_eq!(
            row,
            json!({ "state": "firing", "state_since": moment, "last_message_at": moment, "firing_told": 1,
                "due_at": at(6).as_millis(), "leased_until": 0 })
        );
        let transition =
            one(&database, "SELECT count(*) AS n, max(value) AS value, max(to_state) AS state FROM alert_transitions");
        assert_eq!(transition, json!({ "n": 1, "value": 12.0, "state": "firing" }));
        assert!(claimed(&database, at(5)).is_empty(), "not due");
        let next = claimed(&database, at(6)).remove(0);
        assert_eq!(next.memory, step.memory);
        // Whoever does not come back loses the lease.
        let later = claimed(&database, at(7)).remove(0);
        let quiet = looked(&next, at(7));
        assert_eq!(settled(&database, &next.settle(&quiet, None, at(7))), 0);
        assert_eq!(settled(&database, &later.settle(&quiet, None, at(7))), 1);
        assert_eq!(one(&database, "SELECT due_at FROM alerts WHERE kind = 'metric'")["due_at"], json!(null));
    }

    #[test]
    fn news_during_a_look_are_looked_at_too() {
        let database = database();
        let watched = claimed(&database, at(1)).remove(0);
        database.batch::<Value>(&[bring_news(at(1))]).unwrap();
        let quiet = looked(&watched, at(2));
        assert_eq!(settled(&database, &watched.settle(&quiet, Some(at(60)), at(2))), 1);
        assert_eq!(one(&database, "SELECT due_at FROM alerts WHERE kind = 'metric'")["due_at"], at(2).as_millis());
        database.execute("UPDATE alerts SET due_at = NULL");
        database.batch::<Value>(&[bring_news(at(3))]).unwrap();
        assert_eq!(one(&database, "SELECT due_at FROM alerts WHERE kind = 'metric'")["due_at"], at(3).as_millis());
    }

    #[test]
    fn every_question_is_answered_by_an_index() {
        let database = database();
        for (statement, index) in [
            (claim(&[], at(0), at(1)), "sqlite_autoindex_alerts_1 (id=?)"),
            (bring_news(at(0)), "alerts_by_goal (website_id=?"),
        ] {
            let plan = database.plan(&statement);
            assert!(plan.contains(index) && !plan.contains("SCAN alerts "), "{plan}");
        }
    }
}
