//! The jobs that cron runs every minute.

use futures_util::future::{LocalBoxFuture, join_all};
use sluice_values::Timestamp;

use crate::auth::revocation;
use crate::http::idempotency;
use crate::platform::{Platform, PlatformError, log};
use crate::team::invitations;
use crate::webhooks::{moving, subscriptions};
use crate::websites::{currency, tracking_settings};
use crate::{alerts, exchange_rates, health};

type Job = (&'static str, for<'a> fn(&'a Platform, Timestamp) -> LocalBoxFuture<'a, Result<(), PlatformError>>);

/// Jobs start in this order, latency-sensitive ones first, and run concurrently.
pub const JOBS: &[Job] = &[
    ("enqueue due alerts", |platform, now| Box::pin(alerts::runner::enqueue_due(platform, now))),
    ("revocations", |platform, _| Box::pin(revocation::sweep(platform))),
    ("tracking settings", |platform, now| Box::pin(tracking_settings::settle(platform, now))),
    ("changes of currency", |platform, now| Box::pin(currency::resume(platform, now))),
    ("exchange rates", |platform, now| Box::pin(exchange_rates::refresh(platform, now))),
    ("event subscriptions", |platform, now| Box::pin(subscriptions::sync_changed(platform, now))),
    ("deliveries of an earlier release", |platform, now| Box::pin(moving::move_some(platform, now))),
    ("old alert history", |platform, now| Box::pin(alerts::history::delete_expired(platform, now))),
    ("expired invitations", |platform, now| Box::pin(invitations::delete_expired(platform, now))),
    ("size of the database", |platform, now| Box::pin(health::log_database_size(platform, now))),
    ("expired idempotency keys", |platform, now| Box::pin(idempotency::sweep(platform, now))),
];

/// Jobs that run after the others, when the invocation is no longer waited for.
pub const AFTERWARDS: [Job; 1] =
    [("enqueue due alerts again", |platform, _| Box::pin(alerts::runner::enqueue_due_again(platform)))];

/// Runs jobs concurrently. A failure is logged with the job's name when it happens; the names of all failed jobs are
/// returned.
pub async fn run(platform: &Platform, now: Timestamp, jobs: &[Job]) -> Vec<&'static str> {
    let running = jobs.iter().map(async |(name, job)| match job(platform, now).await {
        Ok(()) => None,
        Err(error) => {
            log::failure("cron", name, &error.to_string());
            Some(*name)
        }
    });
    join_all(running).await.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
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
        let failed = run(&platform(Memory::new(Database::default(), NOW)), NOW, &jobs).await;
        assert_eq!(failed, ["failing"]);
        assert_eq!(DONE.take(), ["quick", "slow"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_jobs_of_cron_fail_independently() {
        let sound = platform(Memory::new(Database::default(), NOW));
        assert_eq!(run(&sound, NOW, JOBS).await, [""; 0]);
        assert_eq!(run(&sound, NOW, &AFTERWARDS).await, [""; 0]);
        let broken = Memory::new(Database::default(), NOW);
        broken.database.execute("DROP TABLE idempotency_keys; DROP TABLE revocations");
        assert_eq!(run(&platform(broken), NOW, JOBS).await, ["revocations", "expired idempotency keys"]);
    }
}
