//! Evaluating alerts: cron hands out what is due, and whoever takes an alert looks at it, tells what there is to tell,
//! and writes down what came of it (docs/alerts.md).
//!
//! An alert is leased while it is looked at, and everything that is written depends on the lease. So cron may run late,
//! twice or over itself: what comes of it is the same.

use super::queue as alert_queue;
use crate::site;
use crate::webhooks::queue;
use futures_util::future::join_all;
use serde::Deserialize;

use super::history;
use super::lease::{AlertContext, Awaited, Claimed, Watched, claim, read_claimed};
use super::notify::{self, Notification, Recipient};
use super::state_machine::{self, Event, GoalMemory};
use super::template::Facts;
use crate::platform::database::{Rows, Statement, sql};
use crate::platform::{Platform, PlatformError, clock, log};
use crate::webhooks::publish::{self, Outgoing, When};
use crate::websites::website::ReportContext;
use sluice_engine::outbox::Completion;
use sluice_values::{AlertId, Timestamp};

/// For how long an alert is ours: longer than a look takes, and short enough for the cron run after a crash.
const LEASE_MS: i64 = 45_000;
/// Alerts that one cron run hands out at most; those that are due longest come first.
const DUE_AT_ONCE: u32 = 5_000;
/// After how long a run of cron looks again. It is as much longer.
const LATECOMERS_MS: u64 = 1_000;
/// Completions that are told in one go. Each may be a mail, and a Worker waits for at most six answers at once.
const TOLD_AT_ONCE: u32 = 5;

/// Hands the alerts that are due to the queue. What it costs grows with those, not with all that there are.
pub async fn enqueue_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Due {
        id: AlertId,
    }
    let due = sql("SELECT id FROM alerts WHERE due_at IS NOT NULL AND due_at <= ?1 AND is_enabled = 1 \
                   AND leased_until <= ?1 ORDER BY due_at LIMIT ?2");
    let due: Vec<Due> = platform.database().batch(vec![due.bind(now).bind(DUE_AT_ONCE)]).await?.all()?;
    alert_queue::enqueue(platform, &due.into_iter().map(|due| due.id).collect::<Vec<_>>()).await;
    Ok(())
}

/// Looks for due alerts again after a moment: what came in just before this run of cron may still have been on its way
/// from its website's object to D1, and would wait for the next one.
pub async fn enqueue_due_again(platform: &Platform) -> Result<(), PlatformError> {
    clock::sleep(LATECOMERS_MS).await;
    enqueue_due(platform, clock::now()).await
}

/// Looks at those of these alerts that are due. Each is on its own: one that fails holds up no other.
pub async fn evaluate(platform: &Platform, ids: &[AlertId]) -> Result<(), PlatformError> {
    let now = clock::now();
    let mut rows = platform.database().batch(vec![claim(ids, now, now.plus_millis(LEASE_MS))]).await?;
    let looks = read_claimed(&mut rows)?.into_iter().map(async |claimed| match claimed? {
        Claimed::Metric(watched) => look(platform, watched).await,
        Claimed::Goal(awaited) => tell_completions(platform, awaited).await,
    });
    for failed in join_all(looks).await.into_iter().filter_map(Result::err) {
        log::failure("queue", "alerts", &failed.to_string());
    }
    Ok(())
}

/// What is known of an alert's website.
struct Website {
    facts: ReportContext,
    owner: Recipient,
}

impl Website {
    async fn read(platform: &Platform, letter: &AlertContext) -> Result<Self, PlatformError> {
        let id = letter.website_id;
        let mut rows =
            platform.database().batch(vec![ReportContext::select(id), Recipient::select(letter.id, id)]).await?;
        Ok(Self { facts: ReportContext::read(&mut rows, id)?, owner: Recipient::read(&mut rows, id)? })
    }

    fn named_in(&self, facts: Facts) -> Facts {
        Facts { website_domain: Some(self.facts.domain.clone()), website_name: self.facts.name.clone(), ..facts }
    }
}

/// Measures, and takes the step that follows.
async fn look(platform: &Platform, watched: Watched) -> Result<(), PlatformError> {
    let website = Website::read(platform, &watched.letter).await?;
    let (letter, trigger, now) = (&watched.letter, &watched.rule.trigger, clock::now());
    let asked = trigger.measure(website.facts.include_renewal_revenue);
    let measured = site::ask(platform, letter.website_id, now, asked).await?;
    let reading = trigger.reading(&measured, website.facts.currency);
    let step = state_machine::step(&watched.rule, watched.memory, reading, now);

    let told = step.message.as_ref().map(|message| {
        let facts = website.named_in(watched.facts(message));
        let threshold = Some(trigger.threshold);
        let (value, reason) = (message.value, message.reason.clone());
        Notification::new(letter, message.event, message.at, "", &facts).about(value, threshold, reason)
    });
    let until = watched.leased_until();
    let mut settled = watched.settle(&step, Watched::next_look(&step, &measured), now);
    let last = settled.pop();
    let mut statements = settled;
    let published = tell(platform, letter, &website.owner, until, told.as_slice(), &mut statements, now).await?;
    statements.extend(last);
    commit(platform, statements, published, now).await.map(|_| ())
}

/// Tells of completions, in the order in which they came in, until there are none left.
async fn tell_completions(platform: &Platform, mut awaited: Awaited) -> Result<(), PlatformError> {
    let website = Website::read(platform, &awaited.letter).await?;
    loop {
        let now = clock::now();
        let waiting = Waiting::select(awaited.letter.id);
        let waiting: Vec<Waiting> = platform.database().batch(vec![waiting]).await?.all()?;
        let received: Vec<Timestamp> = waiting.iter().map(|row| row.received_at).collect();
        let (memory, told) = state_machine::completions(awaited.rule, awaited.memory, &received);
        let mut notices = Vec::new();
        for told in told {
            let Some(row) = waiting.get(told.index) else { continue };
            notices.push(row.notice(&awaited, &website, told.count)?);
        }
        let until = awaited.leased_until();
        let mut statements = Vec::new();
        let published = tell(platform, &awaited.letter, &website.owner, until, &notices, &mut statements, now).await?;
        statements.extend(settle(&awaited, memory, waiting.last().map(|row| row.seq), now));
        let rows = commit(platform, statements, published, now).await?;
        // Whoever has lost the lease has nothing more to say; nor has who has told all.
        match Remaining::read(rows)? {
            Some(Remaining { leased_until, due_at: Some(_) }) if !waiting.is_empty() => {
                awaited = awaited.with(memory, leased_until);
            }
            _ => return Ok(()),
        }
    }
}

/// A completion that has not been told of.
#[derive(Deserialize)]
struct Waiting {
    seq: i64,
    received_at: Timestamp,
    event: String,
}

impl Waiting {
    fn select(alert: AlertId) -> Statement {
        sql("SELECT seq, received_at, event FROM alert_completions WHERE alert_id = ?1 ORDER BY seq LIMIT ?2")
            .bind(alert)
            .bind(TOLD_AT_ONCE)
    }

    fn notice(&self, awaited: &Awaited, website: &Website, count: u32) -> Result<Notification, PlatformError> {
        let completion: Completion = serde_json::from_str(&self.event)
            .map_err(|error| PlatformError::new(format!("completion of {}: {error}", awaited.letter.id)))?;
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let facts = Facts {
            visitor_id: Some(completion.visitor_id.to_string()),
            visitor_country: completion.country,
            visitor_city: completion.city,
            visitor_device: completion.device,
            visitor_referrer: completion.referrer,
            metadata: completion.metadata.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
            ..website.named_in(awaited.facts(self.received_at, count))
        };
        let reason = match count {
            1 => format!("the goal {} was completed", completion.goal_name),
            _ => format!("the goal {} was completed {count} times", completion.goal_name),
        };
        let of = self.seq.to_string();
        let notice = Notification::new(&awaited.letter, Event::Firing, self.received_at, &of, &facts);
        Ok(notice.about(None, None, reason).of_visitor(completion.visitor_id))
    }
}

/// What is left of an alert on a goal after some completions were told.
#[derive(Deserialize)]
struct Remaining {
    leased_until: Timestamp,
    due_at: Option<Timestamp>,
}

impl Remaining {
    /// Read from the last statement of [`settle`].
    fn read(mut rows: Rows) -> Result<Option<Self>, PlatformError> {
        rows.first()
    }
}

/// Keeps what completions came to, up to the number `last`. While there are more the lease goes on, and the alert stays
/// due.
fn settle(awaited: &Awaited, memory: GoalMemory, last: Option<i64>, now: Timestamp) -> Vec<Statement> {
    let (alert, until) = (awaited.letter.id, awaited.leased_until());
    vec![
        sql("DELETE FROM alert_completions WHERE alert_id = ?1 AND seq <= ?3 \
             AND EXISTS (SELECT 1 FROM alerts WHERE id = ?1 AND leased_until = ?2)")
        .bind(alert)
        .bind(until)
        .bind(last),
        sql("UPDATE alerts SET last_message_at = ?3, held = ?4, \
             leased_until = iif(EXISTS (SELECT 1 FROM alert_completions WHERE alert_id = ?1), ?5, 0), \
             due_at = iif(EXISTS (SELECT 1 FROM alert_completions WHERE alert_id = ?1), ?6, NULL) \
             WHERE id = ?1 AND leased_until = ?2 RETURNING leased_until, due_at")
        .bind(alert)
        .bind(until)
        .bind(memory.last_message_at)
        .bind(memory.held)
        .bind(now.plus_millis(LEASE_MS))
        .bind(now),
    ]
}

/// Statements of a batch that published something, counted from its beginning.
struct Published {
    before: usize,
}

/// Sends what goes out by mail, and adds the statements that tell everybody else and keep the history.
async fn tell(
    platform: &Platform,
    letter: &AlertContext,
    owner: &Recipient,
    until: Timestamp,
    notices: &[Notification],
    statements: &mut Vec<Statement>,
    now: Timestamp,
) -> Result<Option<Published>, PlatformError> {
    if notices.is_empty() {
        return Ok(None);
    }
    let results = join_all(notices.iter().map(|notice| notify::mail(platform, letter, owner, notice))).await;
    let mut messages = Vec::new();
    for (notice, result) in notices.iter().zip(results) {
        statements.push(history::insert(letter, notice, result.err().as_deref(), until));
        let body = notice.body(letter, false)?;
        messages.push(Outgoing::new(body, crate::platform::random::bytes()?).also_to(letter.destination.endpoint()));
    }
    let before = statements.len();
    statements.extend(publish::insert(letter.website_id, &messages, now, When::Leased(letter.id, until)));
    Ok(Some(Published { before }))
}

/// Runs the batch; gives the rows of its last statement, and hands what was published to the queue.
async fn commit(
    platform: &Platform,
    statements: Vec<Statement>,
    published: Option<Published>,
    now: Timestamp,
) -> Result<Rows, PlatformError> {
    let count = statements.len();
    let mut rows = platform.database().batch(statements).await?;
    let mut passed = 0;
    if let Some(Published { before }) = published {
        (0..before).for_each(|_| rows.skip());
        let due = publish::due(&mut rows)?;
        passed = before + publish::STATEMENTS;
        queue::enqueue(platform, &due, now).await;
    }
    (passed + 1..count).for_each(|_| rows.skip());
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::lease::claim;
    use super::*;
    use crate::platform::database::memory::Memory;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const ALERT: &str = "0000000000000000000000b1";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + seconds * 1_000)
    }

    /// A website with an alert on the goal `signup`.
    fn database(cooldown: &str) -> Memory {
        let database = Memory::with_website();
        database.execute(&format!(
            "INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, message, created_at,
               updated_at, cooldown) VALUES ('{ALERT}', '0000000000000000000000d1', 'x',
               '{{\"type\":\"goal\",\"goalName\":\"signup\"}}', 'goal', 'signup', '{{\"type\":\"email\"}}',
               'Ten or more.', 0, 0, '{cooldown}')"
        ));
        database
    }

    fn receive(database: &Memory, seq: i64, second: i64) {
        let event = json!({ "time": 0, "eventId": "e", "goalName": "signup", "metadata": {}, "country": null, "city": null,
            "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "device": null, "referrer": null });
        database.execute(&format!(
            "INSERT INTO alert_completions VALUES ('{ALERT}', {seq}, {}, '{event}');
             UPDATE alerts SET due_at = {}, news = news + 1",
            at(second).as_millis(),
            at(second).as_millis()
        ));
    }

    /// What whoever takes the alert does, up to the point where it crashes.
    fn run(database: &Memory, now: Timestamp, crashes: bool) {
        let ids = [ALERT.parse().unwrap()];
        let Some(row) =
            database.batch::<Value>(&[claim(&ids, now, now.plus_millis(LEASE_MS))]).unwrap().remove(0).pop()
        else {
            return;
        };
        let Claimed::Goal(mut awaited) = Claimed::parse(row) else { panic!("it is on a goal") };
        if crashes {
            return;
        }
        loop {
            let rows = database.batch::<Value>(&[Waiting::select(awaited.letter.id)]).unwrap().remove(0);
            let waiting: Vec<Waiting> = rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect();
            let received: Vec<Timestamp> = waiting.iter().map(|row| row.received_at).collect();
            let (memory, told) = state_machine::completions(awaited.rule, awaited.memory, &received);
            let mut statements: Vec<Statement> = told
                .iter()
                .map(|told| {
                    let row = &waiting[told.index];
                    let facts = awaited.facts(row.received_at, told.count);
                    let of = row.seq.to_string();
                    let notice = Notification::new(&awaited.letter, Event::Firing, row.received_at, &of, &facts);
                    let count = told.count.to_string();
                    history::insert(&awaited.letter, &notice, Some(&count), awaited.leased_until())
                })
                .collect();
            statements.extend(settle(&awaited, memory, waiting.last().map(|row| row.seq), now));
            let remaining = database.batch::<Value>(&statements).unwrap().pop().unwrap().pop();
            let remaining: Option<Remaining> = remaining.map(|row| serde_json::from_value(row).unwrap());
            match remaining {
                Some(Remaining { leased_until, due_at: Some(_) }) if !waiting.is_empty() => {
                    awaited = awaited.with(memory, leased_until);
                }
                _ => return,
            }
        }
    }

    /// When messages were told, and of how many completions.
    fn told(database: &Memory) -> Vec<Value> {
        let rows = "SELECT triggered_at, error AS count FROM alert_history ORDER BY triggered_at, id";
        database.batch::<Value>(&[sql(rows)]).unwrap().remove(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn however_cron_runs_the_same_is_told(
            gaps in prop::collection::vec(0_i64..200, 1..12),
            runs in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 12),
            cooldown in prop_oneof![Just("0m"), Just("1m"), Just("5m")],
        ) {
            let (messy, clean) = (database(cooldown), database(cooldown));
            let mut second = 0;
            for (number, (gap, (runs, doubled, crashes))) in gaps.iter().zip(&runs).enumerate() {
                second += gap + 1;
                let seq = i64::try_from(number).unwrap() + 1;
                receive(&messy, seq, second);
                receive(&clean, seq, second);
                if *runs {
                    run(&messy, at(second), *crashes);
                }
                if *doubled {
                    run(&messy, at(second), false);
                }
            }
            // Whatever a crash has left is found once its lease is over.
            run(&messy, at(second + 100), false);
            run(&messy, at(second + 100), false);
            run(&clean, at(second), false);
            prop_assert_eq!(told(&messy), told(&clean));
            let left = "SELECT count(*) AS n FROM alert_completions";
            prop_assert_eq!(&messy.batch::<Value>(&[sql(left)]).unwrap()[0][0]["n"], 0);
        }
    }
}
