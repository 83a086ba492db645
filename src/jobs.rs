//! The jobs that cron runs every minute.

use std::slice;

use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::join;
use serde::de::IgnoredAny;
use sluice_values::Timestamp;

use crate::alerts::history;
use crate::auth::{revocation, sessions};
use crate::console::{codes, passkeys, tickets};
use crate::email_reports::runner;
use crate::http::idempotency;
use crate::integrations::{cleanups, consent, registration};
use crate::oauth::{clients, grants};
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::team::invitations;
use crate::webhooks::moving::{self, Which};
use crate::webhooks::subscriptions;
use crate::websites::{currency, shards, tracking_settings};
use crate::{alerts, audit, exchange_rates, health, integrations};

type Job = (&'static str, for<'a> fn(&'a Platform, Timestamp) -> LocalBoxFuture<'a, Result<(), PlatformError>>);

/// Jobs of every run, latency-sensitive ones first.
const JOBS: &[Job] = &[
    ("enqueue due alerts", |platform, now| Box::pin(alerts::runner::enqueue_due(platform, now))),
    ("exchange rates", |platform, now| Box::pin(exchange_rates::refresh(platform, now))),
    ("size of the database", |platform, now| Box::pin(health::log_database_size(platform, now))),
];

/// Jobs that run if anything is due that [`DUE`] names.
const WHEN_DUE: &[Job] = &[
    ("revocations", |platform, _| Box::pin(revocation::sweep(platform))),
    ("events of payment providers", |platform, now| Box::pin(integrations::work::enqueue_due(platform, now))),
    ("pasts of payment providers", |platform, now| Box::pin(integrations::imports::enqueue_due(platform, now))),
    ("sweeps of payment providers", |platform, now| Box::pin(integrations::imports::sweep_due(platform, now))),
    ("looks at payment providers", |platform, now| Box::pin(integrations::polling::enqueue_due(platform, now))),
    ("payment providers' connections", |platform, now| Box::pin(registration::run_due(platform, now))),
    ("webhooks of former connections", |platform, now| Box::pin(cleanups::run_due(platform, now))),
    ("weekly reports", |platform, now| Box::pin(runner::weekly_reports(platform, now))),
    ("looks at traffic", |platform, now| Box::pin(runner::looks_at_traffic(platform, now))),
];

/// Jobs that run if any website has something unfinished.
const UNFINISHED: &[Job] = &[
    ("tracking settings", |platform, now| Box::pin(tracking_settings::settle(platform, now))),
    ("changes of currency", |platform, now| Box::pin(currency::resume(platform, now))),
    ("websites to split", |platform, now| Box::pin(shards::split(platform, now))),
    ("event subscriptions", |platform, now| Box::pin(subscriptions::sync_changed(platform, now))),
];

/// Jobs that can wait: each runs every twenty minutes, the first at 0, the second at 1, and so on; what there may be much of runs twice.
/// Each asks about one table, so that a run with nothing to do stays cheap.
const HOUSEKEEPING: &[Job] = &[
    KEYS,
    WAITING_DELIVERIES,
    ENDED_DELIVERIES,
    ("old alert history", |platform, now| Box::pin(history::EXPIRED.delete(platform, now))),
    ("old alert transitions", |platform, now| Box::pin(history::EXPIRED_TRANSITIONS.delete(platform, now))),
    ("old rows of the audit log", |platform, now| Box::pin(audit::list::forget_old(platform, now))),
    ("expired invitations", |platform, now| Box::pin(invitations::EXPIRED.delete(platform, now))),
    ("invitations that no cap counts", |platform, now| Box::pin(invitations::UNCOUNTED.delete(platform, now))),
    ("sessions that are over", |platform, now| Box::pin(sessions::end_over(platform, now))),
    ("expired tickets", |platform, now| Box::pin(tickets::EXPIRED.delete(platform, now))),
    KEYS,
    WAITING_DELIVERIES,
    ENDED_DELIVERIES,
    ("expired codes", |platform, now| Box::pin(codes::EXPIRED.delete(platform, now))),
    ("expired challenges", |platform, now| Box::pin(passkeys::EXPIRED.delete(platform, now))),
    ("applications that nobody uses", |platform, now| Box::pin(clients::EXPIRED.delete(platform, now))),
    ("grants that are over", |platform, now| Box::pin(grants::end_over(platform, now))),
    ("expired consents of shops", |platform, now| Box::pin(consent::EXPIRED.delete(platform, now))),
    ("old events of payment providers", |platform, now| Box::pin(integrations::events::forget_old(platform, now))),
];
const KEYS: Job = ("expired idempotency keys", |platform, now| Box::pin(idempotency::EXPIRED.delete(platform, now)));
const WAITING_DELIVERIES: Job =
    ("deliveries of an earlier release", |platform, now| Box::pin(moving::move_some(platform, Which::Waiting, now)));
const ENDED_DELIVERIES: Job = ("ended deliveries of an earlier release", |platform, now| {
    Box::pin(moving::move_some(platform, Which::Ended, now))
});
/// After so many minutes housekeeping begins again.
const ROUND: i64 = 20;
const _: () = assert!(HOUSEKEEPING.len() <= 20, "one a minute");
const MINUTE_MS: i64 = 60_000;

/// Jobs that run after the others, when the invocation is no longer waited for.
const AFTERWARDS: &[Job] =
    &[("enqueue due alerts again", |platform, _| Box::pin(alerts::runner::enqueue_due_again(platform)))];

/// Runs the jobs that are due in the run of cron that was `planned` for this time, concurrently. With nothing to do they read
/// five rows, one for each statement.
pub async fn run(platform: &Platform, planned: Timestamp, now: Timestamp) -> Vec<&'static str> {
    let turn = usize::try_from(planned.as_millis().div_euclid(MINUTE_MS).rem_euclid(ROUND)).unwrap_or_default();
    let housekeeping = HOUSEKEEPING.get(turn).map_or(&[] as &[Job], slice::from_ref);
    let (due, unfinished) = (run_due(platform, now), run_unfinished(platform, now));
    let (jobs, housekeeping) = (run_all(platform, now, JOBS), run_all(platform, now, housekeeping));
    let (jobs, due, unfinished, housekeeping) = join!(jobs, due, unfinished, housekeeping);
    [jobs, due, unfinished, housekeeping].concat()
}

/// Runs the jobs that come after the others, when the invocation is no longer waited for.
pub async fn run_afterwards(platform: &Platform, now: Timestamp) -> Vec<&'static str> {
    run_all(platform, now, AFTERWARDS).await
}

const SELECT_UNFINISHED: &str = "SELECT 1 FROM websites WHERE tracking_settled = 0 OR wished_currency IS NOT NULL \
                                 OR watch_synced < watch_version OR shards <> shards_set LIMIT 1";

/// Where it is said when something is due for [`WHEN_DUE`].
const DUE: [(&str, &str); 9] = [
    ("revocations", "revoked_at"),
    ("provider_events", "due_at"),
    ("provider_imports", "due_at"),
    ("provider_cleanups", "due_at"),
    ("integrations", "setup_due_at"),
    ("integrations", "poll_due_at"),
    ("integrations", "sweep_due_at"),
    ("websites", "weekly_report_at"),
    ("websites", "traffic_look_at"),
];

/// One row if anything may be due for [`WHEN_DUE`]: one is read, however many websites and connections there are.
fn select_due(now: Timestamp) -> Statement {
    sql("SELECT 1 FROM cron_due WHERE id = 1 AND due_at <= ?1").bind(now)
}

/// Notes when anything is due next for [`WHEN_DUE`]. What comes to be due earlier notes itself, by triggers.
fn note_due() -> Statement {
    let earliest = DUE.map(|(table, column)| {
        format!("coalesce((SELECT {column} FROM {table} WHERE {column} >= 0 ORDER BY {column} LIMIT 1), {NEVER})")
    });
    sql(format!("UPDATE cron_due SET due_at = nullif(min({}), {NEVER}) WHERE id = 1", earliest.join(", ")))
}

/// After all that is ever due.
const NEVER: i64 = 9_007_199_254_740_991;

/// Runs the jobs of [`WHEN_DUE`] if anything is due for them.
async fn run_due(platform: &Platform, now: Timestamp) -> Vec<&'static str> {
    const WHAT: &str = "what is due";
    match platform.database().rows::<IgnoredAny>(select_due(now)).await {
        Ok(found) if found.is_empty() => Vec::new(),
        Ok(_) => {
            let mut failures = run_all(platform, now, WHEN_DUE).await;
            if let Err(error) = platform.database().run(Batch::of(note_due())).await {
                failures.push(failed(WHAT, &error));
            }
            failures
        }
        Err(error) => vec![failed(WHAT, &error)],
    }
}

/// Runs the jobs of [`UNFINISHED`] if any website has something unfinished.
async fn run_unfinished(platform: &Platform, now: Timestamp) -> Vec<&'static str> {
    match platform.database().rows::<IgnoredAny>(sql(SELECT_UNFINISHED)).await {
        Ok(found) if found.is_empty() => Vec::new(),
        Ok(_) => run_all(platform, now, UNFINISHED).await,
        Err(error) => vec![failed("unfinished websites", &error)],
    }
}

/// Runs jobs concurrently. A failure is logged with the job's name when it happens; the names of all failed jobs are
/// returned.
async fn run_all(platform: &Platform, now: Timestamp, jobs: &[Job]) -> Vec<&'static str> {
    let running = jobs.iter().map(async |(name, job)| job(platform, now).await.err().map(|error| failed(name, &error)));
    join_all(running).await.into_iter().flatten().collect()
}

fn failed(job: &'static str, error: &PlatformError) -> &'static str {
    log::failure("cron", job, &error.to_string());
    job
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::expired::Expired;
    use crate::platform::memory::Memory;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    thread_local! {
        static DONE: RefCell<Vec<&'static str>> = RefCell::default();
    }

    fn done(name: &'static str) {
        DONE.with_borrow_mut(|done| done.push(name));
    }

    fn platform(memory: Memory) -> Platform {
        Platform::in_memory(Rc::new(memory))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_slow_or_failing_job_delays_no_other() {
        let jobs: [Job; 3] = [
            ("slow", |_, _| {
                Box::pin(async {
                    tokio::task::yield_now().await;
                    done("slow");
                    Ok(())
                })
            }),
            ("failing", |_, _| Box::pin(async { Err(PlatformError::new("out of order")) })),
            ("quick", |_, _| {
                Box::pin(async {
                    done("quick");
                    Ok(())
                })
            }),
        ];
        let failed = run_all(&platform(Memory::new(Database::default(), NOW)), NOW, &jobs).await;
        assert_eq!(failed, ["failing"]);
        assert_eq!(DONE.take(), ["quick", "slow"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_jobs_of_cron_fail_independently() {
        let sound = platform(Memory::new(Database::default(), NOW));
        for minute in 0..ROUND {
            assert_eq!(run(&sound, NOW.plus_millis(minute * MINUTE_MS), NOW).await, [""; 0]);
        }
        assert_eq!(run_afterwards(&sound, NOW).await, [""; 0]);
        let broken = Memory::new(Database::default(), NOW);
        broken.database.execute("DROP TABLE idempotency_keys; DROP TABLE revocations");
        assert_eq!(run(&platform(broken), NOW, NOW).await, ["revocations", "what is due", "expired idempotency keys"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn expired_rows_go_and_renewed_ones_stay() {
        for (expired, columns, others) in [
            (idempotency::EXPIRED, "scope, holder", "'h'"),
            (
                history::EXPIRED_TRANSITIONS,
                "id, website_id, alert_id, from_state, to_state, reason",
                "'w', 'a', 'ok', 'ok', 'r'",
            ),
            (invitations::UNCOUNTED, "id, account_id, email, is_mailed", "'a', 'e', 1"),
        ] {
            let Expired { table, time, kept_ms, .. } = expired;
            let memory = Memory::new(Database::default(), NOW);
            let last = NOW.as_millis() - kept_ms;
            memory.database.execute(&format!(
                "PRAGMA foreign_keys = OFF; WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                 INSERT INTO {table} ({columns}, {time}) SELECT printf('%024x', i), {others}, {last} + 1 - i FROM n"
            ));
            let platform = platform(memory);
            expired.delete(&platform, NOW).await.unwrap();
            let left = sql(format!("SELECT {time} - {last} AS later FROM {table}"));
            let left: Vec<serde_json::Value> = platform.database().rows(left).await.unwrap();
            assert_eq!(left, [serde_json::json!({ "later": 1 })], "{table}");
        }
    }

    #[test]
    fn cron_finds_what_is_due_by_indexes() {
        let database = Database::default();
        for Expired { table, key, time, .. } in [
            idempotency::EXPIRED,
            history::EXPIRED,
            history::EXPIRED_TRANSITIONS,
            invitations::EXPIRED,
            invitations::UNCOUNTED,
        ] {
            let plan =
                database.plan(&sql(format!("SELECT {key} FROM {table} WHERE {time} <= 1 ORDER BY {time} LIMIT 2")));
            assert!(plan.contains("SEARCH") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        let plan = database.plan(&sql(SELECT_UNFINISHED));
        assert!(plan.contains("websites_unfinished"), "{plan}");
        let plan = database.plan(&select_due(NOW));
        assert!(plan.contains("SEARCH cron_due USING INTEGER PRIMARY KEY"), "{plan}");
        let plan = database.plan(&note_due());
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}");
        for (table, column) in DUE {
            let (index, by) = (format!("SEARCH {table} USING COVERING INDEX"), format!("({column}>?)"));
            assert!(
                plan.split('\n').any(|step| step.contains(&index) && step.contains(&by)),
                "{table}.{column}: {plan}"
            );
        }
    }

    const WEBSITE: &str = "0000000000000000000000d1";

    /// A row of a table whose column says when something is due.
    fn due(database: &Database, table: &str, column: &str, number: usize, at: &str) {
        if table == "revocations" {
            database.execute(&format!("INSERT INTO revocations (token_hash, {column}) VALUES ('p{number}', {at})"));
            return;
        }
        if table == "websites" {
            let values = format!("'{number:024}', 'a', 'd{number}', 'n', 't{number}', 'UTC', 'USD', 0, {at}");
            let columns = "id, owner_id, domain, name, tracking_id, timezone, currency, created_at";
            database.execute(&format!(
                "PRAGMA foreign_keys = OFF; INSERT INTO websites ({columns}, {column}) VALUES ({values})"
            ));
            return;
        }
        let (more, values) = match table {
            "provider_events" => {
                ("key, id, origin, type, received_at, state", "'k', 'i{n}', 'webhook', 't', 0, 'received'")
            }
            "provider_imports" => ("kind, run, stage, state, started_at", "'import', 'r', 's', 'running', 0"),
            "provider_cleanups" => ("id, sealed_credentials, gives_up_at", "'c{n}', 's', 0"),
            _ => ("sealed_credentials, connected_at", "'s', 0"),
        };
        let values = values.replace("{n}", &number.to_string());
        database.execute(&format!(
            "INSERT INTO {table} (website_id, provider, {more}, {column}) VALUES ('{WEBSITE}', 'p{number}', {values}, {at})"
        ));
    }

    fn noted(database: &Database) -> serde_json::Value {
        let noted = database.batch::<serde_json::Value>(&[sql("SELECT due_at FROM cron_due")]).unwrap();
        noted[0][0]["due_at"].clone()
    }

    #[test]
    fn whatever_comes_to_be_due_is_noted_and_forgotten_when_it_is_done() {
        for (table, column) in DUE {
            let database = Database::with_website();
            let settle = || database.batch::<serde_json::Value>(&[note_due()]).unwrap();
            settle();
            assert_eq!(noted(&database), serde_json::Value::Null, "nothing is ever due");
            due(&database, table, column, 0, "5000");
            assert_eq!(noted(&database), 5_000, "{table}.{column}: added");
            due(&database, table, column, 1, "9000");
            assert_eq!(noted(&database), 5_000, "{table}.{column}: later");
            if table != "revocations" {
                database.execute(&format!("UPDATE {table} SET {column} = 3000 WHERE {column} = 9000"));
                assert_eq!(noted(&database), 3_000, "{table}.{column}: changed");
            }
            database.execute(&format!("DELETE FROM {table} WHERE {column} IN (3000, 9000)"));
            settle();
            assert_eq!(noted(&database), 5_000, "{table}.{column}: settled");
            database.execute(&format!("DELETE FROM {table}"));
            settle();
            assert_eq!(noted(&database), serde_json::Value::Null, "{table}.{column}: gone");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_run_with_nothing_due_of_500_connections_asks_about_one_row_and_does_nothing() {
        let later = (NOW.as_millis() + MINUTE_MS).to_string();
        let memory = Memory::new(Database::with_website(), NOW);
        for number in 0..500 {
            due(&memory.database, "integrations", "sweep_due_at", number, &later);
        }
        memory.database.execute(&format!("UPDATE integrations SET setup_due_at = {later}, poll_due_at = {later}"));
        let memory = Rc::new(memory);
        let platform = Platform::in_memory(memory.clone());
        let asked = async |now| {
            let before = memory.database.asked();
            assert_eq!(run_due(&platform, now).await, [""; 0]);
            memory.database.asked() - before
        };
        // The row may say too early a time, once.
        assert!(asked(NOW).await > 1);
        for _ in 0..3 {
            assert_eq!(asked(NOW).await, 1);
        }
        let steps = || memory.database.steps(&select_due(NOW));
        let of_many = steps();
        memory.database.execute("DELETE FROM integrations WHERE provider <> 'p0'");
        assert_eq!(steps(), of_many, "the work does not grow with the connections");
        assert!(asked(NOW.plus_millis(MINUTE_MS)).await > 1, "what is due is found");
    }
}
