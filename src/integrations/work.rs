//! The work on an event (docs/contract/providers.md#3.2): read from the provider what has to be read, and tell the website's object.
//! The row in D1 is the truth: a lease of a minute keeps two from working on one event, and cron finds what was left.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::Deserialize;

use super::ask::Access;
use super::connection::Reason;
use super::events::{self, Name, Origin, State};
use super::failing::{self, Failing};
use super::queue::{self, Hint};
use super::taking::{self, Came, Receiver};
use super::tokens::Sealed;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_engine::protocol::Taken;
use sluice_providers::delivery::Envelope;
use sluice_providers::mapped::{Context, Mapped};
use sluice_providers::provider::Provider;
use sluice_providers::reading::{Step, Trouble};
use sluice_providers::request::{Answer, Method, Request};
use sluice_providers::work::{Signal, signal, step};
use sluice_providers::{paddle, reread};
use sluice_values::{ProviderEventId, Timestamp, WebsiteId, hex};

/// How long an event is leased, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// The events that one run of cron enqueues.
const DUE_AT_ONCE: u32 = 500;
/// The requests for one event.
const MOST_REQUESTS: u32 = 45;
/// Seconds until the provider is asked again, after each failure. After the last of them it is asked every hour.
const DELAYS_SECS: [u32; 6] = [5, 30, 120, 600, 1_800, 3_600];
const HOUR_SECS: u32 = 3_600;
/// Failures after which an event has failed: a day's.
const MOST_ATTEMPTS: u32 = 29;
/// Seconds until a day's exchange rates are looked for again.
const RATES_SECS: u32 = 600;
/// Up to this delay in seconds the queue keeps an event; cron finds those that wait longer.
const LONGEST_DELAY_SECS: u32 = 60;

// ---- What is leased

/// An event with all that is known of its connection and its website.
#[derive(Deserialize)]
struct Leased {
    id: ProviderEventId,
    website_id: WebsiteId,
    provider: Provider,
    key: String,
    origin: Origin,
    r#type: String,
    subject: Option<String>,
    received_at: Timestamp,
    /// With this one.
    attempts: u32,
    sealed_body: Option<String>,
    /// None if the provider is not connected any more.
    connection: Option<String>,
    connected_at: Option<Timestamp>,
    sealed_credentials: Option<String>,
    #[serde(flatten)]
    token: Sealed,
    tracking_id: String,
    currency: String,
    #[serde(deserialize_with = "crate::platform::column::boolean")]
    has_close_event: bool,
    #[serde(deserialize_with = "crate::platform::column::boolean")]
    is_followed: bool,
}

fn lease(id: ProviderEventId, token: &str, now: Timestamp) -> [Statement; 2] {
    // A later event that is done was read after this one happened.
    let lease = sql(
        "UPDATE provider_events SET lease = ?2, due_at = ?3, attempts = attempts + 1 WHERE id = ?1 AND due_at <= ?4",
    );
    let of_subject = "SELECT 1 FROM provider_events o WHERE o.website_id = e.website_id AND o.provider = e.provider \
                      AND o.subject = e.subject";
    let select = sql(format!(
        "SELECT e.id, e.website_id, e.provider, e.key, e.origin, e.type, e.subject, e.received_at, e.attempts, e.sealed_body, \
         i.state AS connection, i.connected_at, i.sealed_credentials, i.sealed_token, i.token_expires_at, w.tracking_id, w.currency, \
         EXISTS ({of_subject} AND o.happened_at BETWEEN e.happened_at - 1999 AND e.happened_at + 1999 AND o.key <> e.key) \
         AS has_close_event, \
         EXISTS ({of_subject} AND o.happened_at > e.happened_at AND o.state = 'done') AS is_followed \
         FROM provider_events e JOIN websites w ON w.id = e.website_id \
         LEFT JOIN integrations i ON i.website_id = e.website_id AND i.provider = e.provider \
         WHERE e.id = ?1 AND e.lease = ?2"
    ));
    [lease.bind(id).bind(token).bind(now.plus_millis(LEASE_MS)).bind(now), select.bind(id).bind(token)]
}

impl Leased {
    fn name(&self) -> Name {
        Name { website: self.website_id, provider: self.provider, key: self.key.clone() }
    }

    /// What the provider said, read again from what is kept of it; why it cannot be read.
    fn envelope(&self, keyring: &Keyring) -> Result<Option<Result<Envelope, String>>, PlatformError> {
        let Some(sealed) = &self.sealed_body else { return Ok(None) };
        let body = self.name().open(keyring, sealed)?;
        Ok(Some(events::envelope(self.provider, &self.r#type, &body).map_err(|fault| fault.0)))
    }
}

// ---- What comes of it

/// What came of the work on an event.
#[derive(Debug, PartialEq)]
enum Worked {
    Done(Taken),
    Ignored(String),
    Failed(String),
    /// The provider, or something of ours, is not there; after `None` the time is that of the schedule.
    Later {
        after_secs: Option<u32>,
        why: &'static str,
    },
    /// Not the event's fault, and no failure: again in so many seconds.
    Waits {
        secs: u32,
        failing: Option<Failing>,
    },
}

impl Worked {
    /// Seconds until the next attempt, of which so many have failed.
    fn delay(&self, failures: u32) -> Option<u32> {
        match self {
            Self::Done(_) | Self::Ignored(_) | Self::Failed(_) => None,
            Self::Waits { secs, .. } => Some(*secs),
            Self::Later { after_secs: Some(secs), .. } => Some((*secs).clamp(1, HOUR_SECS)),
            Self::Later { after_secs: None, .. } => {
                let at = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
                Some(DELAYS_SECS.get(at).copied().unwrap_or(HOUR_SECS))
            }
        }
    }
}

/// What an answer's trouble means for the event.
fn troubled(provider: Provider, trouble: Trouble) -> Worked {
    match trouble {
        Trouble::Later { after_secs } => {
            let after_secs = after_secs.map(|secs| u32::try_from(secs).unwrap_or(u32::MAX));
            Worked::Later { after_secs, why: "the provider does not answer" }
        }
        refused => Worked::Waits { secs: HOUR_SECS, failing: failing::of_trouble(provider, &refused) },
    }
}

/// What an event of the connection itself changes of it.
fn signalled((website, provider): (WebsiteId, Provider), signal: Signal, now: Timestamp) -> Option<Statement> {
    let failing = match signal {
        Signal::AppRemoved => Failing {
            reason: Reason::KeyRefused,
            message: format!("{}: the app was removed from the shop", provider.title()),
        },
        Signal::KeyExpired => failing::expired(provider),
        Signal::KeyExpires(ends_at) => {
            let update = "UPDATE integrations SET key_expires_at = ?3 WHERE website_id = ?1 AND provider = ?2";
            return ends_at.map(|ends_at| sql(update).bind(website).bind(provider.name()).bind(ends_at));
        }
    };
    Some(failing::fail((website, provider), &failing, now))
}

// ---- The work

/// Enqueues the events that are due and whose message was lost.
pub async fn enqueue_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Due {
        id: ProviderEventId,
    }
    let due = sql(SELECT_DUE).bind(now).bind(DUE_AT_ONCE);
    let due: Vec<Due> = platform.database().rows(due).await?;
    let hints: Vec<(Hint, u32)> = due.into_iter().map(|due| (Hint::Event(due.id), 0)).collect();
    queue::enqueue(platform, &hints).await;
    Ok(())
}

const SELECT_DUE: &str =
    "SELECT id FROM provider_events WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2";

/// Works on an event if it is due.
pub async fn work(platform: &Platform, id: ProviderEventId) -> Result<(), PlatformError> {
    let (now, token) = (platform.now(), hex(&platform.random::<12>()?));
    let mut batch = Batch::new();
    let [lease, select] = lease(id, &token, now);
    batch.run(lease);
    let leased = batch.read::<Leased>(select);
    let results = platform.database().run(batch).await?;
    let Some(event) = results.first(&leased)? else { return Ok(()) };
    let worked = if event.attempts > MOST_ATTEMPTS {
        Worked::Failed("given up after a day".to_owned())
    } else {
        work_on(platform, &event).await.unwrap_or_else(|error| {
            log::failure("queue", "providers", &format!("event {id}: {error}"));
            Worked::Later { after_secs: None, why: "something of ours does not answer" }
        })
    };
    finish(platform, &event, &token, worked).await
}

async fn work_on(platform: &Platform, event: &Leased) -> Result<Worked, PlatformError> {
    if event.connection.is_none() {
        return Ok(Worked::Ignored("not connected any more".to_owned()));
    }
    let keyring = Keyring::from_config(&platform.config())?;
    let mut reader = Reader { platform, event, access: None, asked: 0 };
    let mapped = match event.envelope(&keyring)? {
        Some(Ok(envelope)) => {
            let of = (event.website_id, event.provider);
            if let Some(changed) = signal(&envelope).and_then(|signal| signalled(of, signal, platform.now())) {
                platform.database().run(Batch::of(changed)).await?;
            }
            if is_settled(event) {
                return Ok(Worked::Done(Taken::default()));
            }
            reader.read(&envelope).await?
        }
        Some(Err(reason)) => Err(Worked::Failed(reason)),
        None => {
            let subject = event.subject.as_deref().unwrap_or_default();
            match reread::step(event.provider, &event.r#type, subject) {
                Some(step) => reader.follow(step, reader.context()).await?,
                None => Err(Worked::Failed("its body is not kept any more".to_owned())),
            }
        }
    };
    let mapped = match mapped {
        Ok(mapped) => mapped,
        Err(worked) => return Ok(worked),
    };
    take(platform, event, mapped).await
}

/// Whether a later event has told all that this one could. Those of a checkout bring what may not be listed yet.
fn is_settled(event: &Leased) -> bool {
    event.is_followed
        && event.provider == Provider::Stripe
        && event.origin != Origin::Replay
        && event.r#type.starts_with("charge.")
        && event.subject.as_deref().is_some_and(|subject| subject.starts_with("pi_"))
}

/// What is read from the provider for an event.
struct Reader<'a> {
    platform: &'a Platform,
    event: &'a Leased,
    access: Option<Access>,
    asked: u32,
}

impl Reader<'_> {
    fn context(&self) -> Context {
        let event = self.event;
        let mut context = Context::new(self.platform.config().environment(), event.website_id, self.platform.now());
        context.tracking_id = Some(event.tracking_id.clone());
        context.arrived_at = event.received_at;
        context.has_close_event = event.has_close_event;
        context
    }

    async fn read(&mut self, envelope: &Envelope) -> Result<Result<Mapped, Worked>, PlatformError> {
        let mut context = self.context();
        let event = self.event;
        if event.provider == Provider::Paddle && paddle::has_doubtful_units(&envelope.json) {
            match self.ask(&paddle::currencies_request()).await? {
                Ok(answer) if answer.is_ok() => context.decimals = paddle::decimals(&answer),
                Ok(_) => {
                    return Ok(Err(Worked::Later { after_secs: None, why: "the provider does not tell its units" }));
                }
                Err(worked) => return Ok(Err(worked)),
            }
        }
        let step = step(envelope, &context);
        self.follow(step, context).await
    }

    async fn follow(&mut self, mut step: Step, mut context: Context) -> Result<Result<Mapped, Worked>, PlatformError> {
        loop {
            let reading = match step {
                Step::Done(mapped) => return Ok(Ok(mapped)),
                Step::Ask(reading) => reading,
            };
            let answer = match self.ask(reading.request()).await? {
                Ok(answer) => answer,
                Err(worked) => return Ok(Err(worked)),
            };
            // What it becomes has the moment of reading.
            context.now = self.platform.now();
            step = match reading.answered(&answer, &context) {
                Ok(step) => step,
                Err(trouble) => return Ok(Err(troubled(self.event.provider, trouble))),
            };
        }
    }

    /// The answer to a request, or why none is asked for.
    async fn ask(&mut self, request: &Request) -> Result<Result<Answer, Worked>, PlatformError> {
        let event = self.event;
        if event.connection.as_deref() == Some("failing") {
            return Ok(Err(Worked::Waits { secs: HOUR_SECS, failing: None }));
        }
        let remembered = (event.website_id, request.target());
        let may_remember =
            event.provider == Provider::Paddle && request.method == Method::Get && is_remembered(&request.path);
        let now = self.platform.now();
        if may_remember && let Some(answer) = REMEMBERED.with_borrow(|known| known.get(&remembered, now)) {
            return Ok(Ok(answer));
        }
        if self.asked >= MOST_REQUESTS {
            return Ok(Err(Worked::Failed(format!("it needs more than {MOST_REQUESTS} requests"))));
        }
        self.asked += 1;
        let access = match self.access.take() {
            Some(access) => access,
            None => {
                let credentials = event.sealed_credentials.as_deref().unwrap_or_default();
                Access::open(self.platform, event.website_id, event.provider, credentials, &event.token)?
            }
        };
        let answer = access.ask(self.platform, request).await;
        self.access = Some(access);
        if may_remember && answer.is_ok() {
            REMEMBERED.with_borrow_mut(|known| known.insert(remembered, self.platform.now(), answer.clone()));
        }
        Ok(Ok(answer))
    }
}

// ---- What Paddle need not be asked twice

/// How long an answer is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 5 * 60_000;
/// How many answers are remembered.
const MOST_REMEMBERED: usize = 500;

/// Answers about customers and currencies, which many events have in common.
#[derive(Default)]
struct Remembered(HashMap<(WebsiteId, String), (Timestamp, Answer)>);

thread_local! {
    static REMEMBERED: RefCell<Remembered> = RefCell::default();
}

fn is_remembered(path: &str) -> bool {
    path.starts_with("/customers/") || path == "/currencies"
}

impl Remembered {
    fn get(&self, key: &(WebsiteId, String), now: Timestamp) -> Option<Answer> {
        let (at, answer) = self.0.get(key)?;
        let is_fresh = (0..REMEMBERED_MS).contains(&(now.as_millis() - at.as_millis()));
        is_fresh.then(|| answer.clone())
    }

    fn insert(&mut self, key: (WebsiteId, String), now: Timestamp, answer: Answer) {
        if self.0.len() >= MOST_REMEMBERED {
            self.0.clear();
        }
        self.0.insert(key, (now, answer));
    }
}

// ---- Telling the object

async fn take(platform: &Platform, event: &Leased, mapped: Mapped) -> Result<Worked, PlatformError> {
    let broken = |_| PlatformError::new(format!("website {} has an invalid currency", event.website_id));
    let receiver = Receiver {
        website: event.website_id,
        currency: event.currency.parse().map_err(broken)?,
        connected_at: event.connected_at.unwrap_or_else(|| platform.now()),
        origin: event.origin.into(),
        known_at: event.received_at,
    };
    Ok(match taking::send(platform, &receiver, mapped).await? {
        Came::Taken(taken) => Worked::Done(taken),
        Came::Ignored(reason) => Worked::Ignored(reason),
        Came::Failed(reason) => Worked::Failed(reason),
        Came::WaitsFor(_) => waits_for_rates(),
    })
}

fn waits_for_rates() -> Worked {
    Worked::Waits { secs: RATES_SECS, failing: None }
}

// ---- What is stored of it

async fn finish(platform: &Platform, event: &Leased, token: &str, worked: Worked) -> Result<(), PlatformError> {
    let now = platform.now();
    let delay = worked.delay(event.attempts);
    // Waiting is no failure.
    let counts = matches!(worked, Worked::Later { after_secs: None, .. });
    let attempts = if delay.is_some() && !counts { event.attempts.saturating_sub(1) } else { event.attempts };
    let (state, reason, outcome, failing) = match &worked {
        Worked::Done(taken) => {
            let outcome = serde_json::to_string(taken).map_err(|error| PlatformError::new(error.to_string()))?;
            (State::Done, None, Some(outcome), None)
        }
        Worked::Ignored(reason) => (State::Ignored, Some(reason.as_str()), None, None),
        Worked::Failed(reason) => (State::Failed, Some(reason.as_str()), None, None),
        Worked::Later { why, .. } => (State::Received, Some(*why), None, None),
        Worked::Waits { failing, .. } => (State::Received, None, None, failing.as_ref()),
    };
    let mut batch = Batch::of(
        sql("UPDATE provider_events SET state = ?3, reason = ?4, outcome = ?5, due_at = ?6, attempts = ?7, lease = NULL \
             WHERE id = ?1 AND lease = ?2")
        .bind(event.id)
        .bind(token)
        .bind(state.as_str())
        .bind(reason)
        .bind(outcome)
        .bind(delay.map(|secs| now.plus_millis(i64::from(secs) * 1_000)))
        .bind(attempts),
    );
    let connection = (event.website_id, event.provider);
    if let Some(failing) = failing {
        batch.run(failing::fail(connection, failing, now));
    }
    if delay.is_none() {
        // Now and then, the oldest of too many bodies go.
        if event.id.as_bytes().last() == Some(&0) {
            batch.run(events::forget_most(event.website_id, event.provider));
        }
        let has_paid = matches!(&worked, Worked::Done(taken) if taken.added > 0);
        batch.run(
            sql("UPDATE integrations SET last_event_at = max(coalesce(last_event_at, 0), ?3), \
                 last_payment_at = CASE WHEN ?4 THEN max(coalesce(last_payment_at, 0), ?3) ELSE last_payment_at END \
                 WHERE website_id = ?1 AND provider = ?2")
            .bind(connection.0)
            .bind(connection.1.name())
            .bind(event.received_at)
            .bind(has_paid),
        );
    }
    platform.database().run(batch).await?;
    if let Some(secs) = delay.filter(|secs| *secs <= LONGEST_DELAY_SECS) {
        queue::enqueue(platform, &[(Hint::Event(event.id), secs)]).await;
    }
    Ok(())
}

#[cfg(test)]
#[path = "work_tests.rs"]
mod tests;
