//! Reads a connection's past page by page (docs/contract/providers.md#3.6): all of it once, and daily what changed lately.
//!
//! A page is read under a lease, and what it holds is taken before the cursor moves on. A page that was read by an instance
//! which died is read again, and ends in the same rows.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask::Access;
use super::connection::{Mode, Reason};
use super::failing::{self, Failing};
use super::past::{Kind, Past};
use super::queue::{self, Hint};
use super::taking::{self, PageCame, Receiver};
use super::tokens::Sealed;
use crate::platform::config::PROVIDER_SWEEP_HOURS;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::site;
use sluice_engine::protocol::{KeepLinks, KeptLink};
use sluice_providers::mapped::{Context, Mapped};
use sluice_providers::pages;
use sluice_providers::paging::{Cursor, Link, Links, Page, Reach};
use sluice_providers::provider::Provider;
use sluice_providers::reading::{self, Step, Trouble};
use sluice_providers::request::{Answer, Request};
use sluice_providers::{paddle, shopify};
use sluice_values::{Currency, Timestamp, WebsiteId, hex};

pub const DAY_MS: i64 = 86_400_000;
/// How long a reader may be silent before another one takes over, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// The most requests of one message: the platform's free plan allows 50.
const MOST_REQUESTS: u32 = 30;
/// How long one message reads, in milliseconds.
const LONGEST_READ_MS: i64 = 20_000;
/// How far back a sweep reaches, in milliseconds.
const SWEEP_MS: i64 = 3 * DAY_MS;
/// The longest wait for a provider that says nothing about it, in seconds.
const LONGEST_WAIT_SECS: u64 = 900;
/// The longest wait that a provider may ask for, in seconds.
const MOST_PATIENCE_SECS: u64 = 86_400;
/// Payments of so many milliseconds before an import are left to the sweep that follows it: they may be told at the same time.
const LIVE_MS: i64 = 300_000;
/// An import that does not come forward for so long has failed, in milliseconds.
const STUCK_MS: i64 = DAY_MS;
/// Seconds before a page is read again whose exchange rates are not known yet.
const RATES_SECS: u64 = 600;
/// Payments that a sweep may find before it is worth a line in the log.
const MOST_SWEPT: i64 = 5;
/// How many readings one run of cron goes on with.
const AT_ONCE: u32 = 20;

/// An answer that takes longer is not quick, in milliseconds.
const QUICK_MS: i64 = 500;
/// After so many milliseconds of quick answers more may be asked.
const QUICK_FOR_MS: i64 = 60_000;
/// The longest rest that the points of a provider's queries need, in milliseconds.
const LONGEST_REST_MS: u64 = 20_000;

/// Where a reading is. Stored in `provider_imports.cursor`: fields may be added with a default, none is renamed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    #[serde(flatten)]
    cursor: Cursor,
    /// How many objects of the page are done, where it needed more requests than one message may make.
    #[serde(default)]
    skip: usize,
    /// Since when all answers have been quick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quick_since: Option<Timestamp>,
}

// ---- SQL

#[derive(Deserialize)]
struct Row {
    cursor: Option<String>,
    from_time: Option<Timestamp>,
    attempts: u32,
    slowed: u32,
    started_at: Timestamp,
    progressed_at: Option<Timestamp>,
    sealed_credentials: String,
    #[serde(flatten)]
    token: Sealed,
    connected_at: Timestamp,
    tracking_id: String,
    currency: Currency,
}

/// A reading that is over.
#[derive(Deserialize)]
struct Over {
    added: i64,
}

impl Past {
    /// Binds the parameters of [`IS_THIS`].
    fn bind(self, statement: Statement) -> Statement {
        statement
            .bind_named("website", self.website)
            .bind_named("provider", self.provider.name())
            .bind_named("kind", self.kind.as_str())
    }

    fn take(self, lease: &str, now: Timestamp) -> Statement {
        self.bind(sql(format!(
            "UPDATE provider_imports SET lease = :lease, due_at = :until WHERE {IS_THIS} AND state = 'running' AND due_at <= :now"
        )))
        .bind_named("lease", lease)
        .bind_named("until", now.plus_millis(LEASE_MS))
        .bind_named("now", now)
    }

    fn select(self, lease: &str) -> Statement {
        self.bind(sql(
            "SELECT p.cursor, p.from_time, p.attempts, p.slowed, p.started_at, p.progressed_at, i.sealed_credentials, \
             i.sealed_token, i.token_expires_at, i.connected_at, w.tracking_id, w.currency FROM provider_imports p JOIN integrations i \
             ON i.website_id = p.website_id AND i.provider = p.provider JOIN websites w ON w.id = p.website_id \
             WHERE p.website_id = :website AND p.provider = :provider AND p.kind = :kind AND p.lease = :lease",
        ))
        .bind_named("lease", lease)
    }
}

/// The condition that a row is of this reading.
const IS_THIS: &str = "website_id = :website AND provider = :provider AND kind = :kind";

#[derive(Deserialize)]
struct Due {
    website_id: WebsiteId,
    provider: String,
    kind: String,
}

impl Due {
    fn past(self) -> Option<Past> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == self.kind)?;
        Some(Past { website: self.website_id, provider: self.provider.parse().ok()?, kind })
    }
}

fn select_due(now: Timestamp) -> Statement {
    sql("SELECT website_id, provider, kind FROM provider_imports WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2")
        .bind(now)
        .bind(AT_ONCE)
}

// ---- The sweep

/// How often a connection without webhooks is swept, in milliseconds: only Stripe's events can be asked for.
const SWEEP_OF_POLLING_MS: i64 = 600_000;

#[derive(Deserialize)]
struct Unswept {
    website_id: WebsiteId,
    provider: String,
    mode: Mode,
}

fn select_unswept(now: Timestamp) -> Statement {
    sql("SELECT website_id, provider, mode FROM integrations WHERE sweep_due_at <= ?1 ORDER BY sweep_due_at LIMIT ?2")
        .bind(now)
        .bind(AT_ONCE)
}

/// Begins the sweeps that are due.
pub async fn sweep_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let due: Vec<Unswept> = platform.database().rows(select_unswept(now)).await?;
    let hours = i64::from(platform.config().cap(PROVIDER_SWEEP_HOURS));
    for Unswept { website_id, provider, mode } in due {
        let Ok(provider) = provider.parse::<Provider>() else { continue };
        let polls = mode == Mode::Polling && provider != Provider::Stripe;
        let next = if polls {
            now.plus_millis(SWEEP_OF_POLLING_MS)
        } else {
            next_sweep(website_id, hours.saturating_mul(3_600_000), now)
        };
        let mut batch = Batch::new();
        batch.run(begin((website_id, provider), hex(&platform.random::<12>()?), now));
        batch.run(
            sql("UPDATE integrations SET sweep_due_at = ?3 WHERE website_id = ?1 AND provider = ?2 AND sweep_due_at <= ?4")
                .bind(website_id)
                .bind(provider.name())
                .bind(next)
                .bind(now),
        );
        platform.database().run(batch).await?;
    }
    Ok(())
}

/// When a website's connections are swept next: once a period, at a minute of its own.
pub fn next_sweep(website: WebsiteId, period: i64, now: Timestamp) -> Timestamp {
    let period = period.max(60_000);
    let number = website.as_bytes().iter().fold(0_i64, |number, byte| (number * 31 + i64::from(*byte)) % 1_440);
    let minute = (number * 60_000) % period;
    let begun = (now.as_millis() - minute).div_euclid(period) * period + minute;
    Timestamp::from_millis(begun.saturating_add(period))
}

/// A sweep of a connection that is not failing, unless one is running.
fn begin((website, provider): (WebsiteId, Provider), run: String, now: Timestamp) -> Statement {
    sql("INSERT INTO provider_imports (website_id, provider, kind, run, stage, state, due_at, started_at) \
         SELECT website_id, provider, 'sweep', ?3, ?4, 'running', ?5, ?5 FROM integrations \
         WHERE website_id = ?1 AND provider = ?2 AND state IN ('connected', 'importing') \
         ON CONFLICT DO UPDATE SET run = excluded.run, stage = excluded.stage, cursor = NULL, done = 0, added = 0, total = NULL, \
         state = excluded.state, attempts = 0, slowed = 0, due_at = excluded.due_at, lease = NULL, started_at = excluded.started_at, \
         progressed_at = NULL, finished_at = NULL WHERE provider_imports.state <> 'running'")
    .bind(website)
    .bind(provider.name())
    .bind(run)
    .bind(pages::stages(provider).first().copied().unwrap_or_default())
    .bind(now)
}

// ---- Reading

/// Goes on with what is due of connections' pasts.
pub async fn enqueue_due(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let due: Vec<Due> = platform.database().rows(select_due(now)).await?;
    let due: Vec<Past> = due.into_iter().filter_map(Due::past).collect();
    enqueue(platform, &due).await;
    Ok(())
}

/// What came of a page.
enum Turn {
    /// There is more to read.
    Further,
    Over,
    /// Nothing can be read for so many seconds; at the provider's wish, or because it is down.
    Waits {
        secs: u64,
        is_too_fast: bool,
    },
    /// The provider refuses the credentials, or a permission is missing.
    Refused(Trouble),
    /// Someone else reads, or the connection is gone.
    Lost,
}

/// A reading under its lease.
struct Reader<'a> {
    platform: &'a Platform,
    past: Past,
    lease: String,
    access: Access,
    reach: Reach,
    /// What happened later is told by the provider itself, or found by the next sweep: it is news then.
    until: Timestamp,
    context: Context,
    receiver: Receiver,
    position: Position,
    /// Milliseconds between two requests.
    pace: u64,
    /// The same, once all answers have been quick for a while.
    quick_pace: u64,
    /// Since when they have been.
    quick_since: Option<Timestamp>,
    /// Milliseconds that the provider needs before it can answer the next request.
    rest: u64,
    requests: u32,
}

/// Reads some pages, and leaves the rest to another message.
pub async fn read_on(platform: &Platform, past: Past) -> Result<(), PlatformError> {
    let began = platform.now();
    let lease = hex(&platform.random::<16>()?);
    let mut batch = Batch::new();
    batch.run(past.take(&lease, began));
    let row = batch.read::<Row>(past.select(&lease));
    let results = platform.database().run(batch).await?;
    let Some(row) = results.first(&row)? else { return Ok(()) };
    let (attempts, slowed) = (row.attempts, row.slowed);
    let progressed_at = row.progressed_at.unwrap_or(row.started_at);
    let mut reader = Reader::new(platform, past, lease, row)?;
    loop {
        let came = reader.page().await?;
        let has_time = reader.requests < MOST_REQUESTS && platform.now() < began.plus_millis(LONGEST_READ_MS);
        match came {
            Turn::Further if has_time => {}
            Turn::Further => {
                reader.leave(platform.now(), (0, slowed)).await?;
                enqueue(platform, &[past]).await;
                return Ok(());
            }
            Turn::Over => return reader.end().await,
            Turn::Waits { secs, is_too_fast } => {
                let waited = secs.min(MOST_PATIENCE_SECS).max(backoff(attempts));
                let due =
                    platform.now().plus_millis(i64::try_from(waited).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000));
                if past.kind == Kind::Import && platform.now() > progressed_at.plus_millis(STUCK_MS) {
                    let message = format!("{} has let nothing be read for a day", past.provider.title());
                    let fail = failing::fail(
                        (past.website, past.provider),
                        &Failing { reason: Reason::ImportStuck, message },
                        platform.now(),
                    );
                    platform.database().run(Batch::of(fail)).await?;
                }
                return reader.leave(due, (attempts.saturating_add(1), slowed + u32::from(is_too_fast))).await;
            }
            Turn::Refused(trouble) => {
                failing::refused(platform, (past.website, past.provider), &trouble).await?;
                return reader
                    .leave(platform.now().plus_millis(failing::LOOK_MS), (attempts.saturating_add(1), slowed))
                    .await;
            }
            Turn::Lost => return Ok(()),
        }
    }
}

/// Seconds before the next attempt: twice as many each time.
const fn backoff(attempts: u32) -> u64 {
    let secs = 2_u64.saturating_pow(attempts.saturating_add(1));
    if secs < LONGEST_WAIT_SECS { secs } else { LONGEST_WAIT_SECS }
}

impl<'a> Reader<'a> {
    fn new(platform: &'a Platform, past: Past, lease: String, row: Row) -> Result<Self, PlatformError> {
        let Past { website, provider, kind } = past;
        let position = row.cursor.as_deref().map(serde_json::from_str).transpose();
        let position = position.map_err(|error| PlatformError::new(format!("cursor of {past}: {error}")))?;
        let access = Access::open(platform, website, provider, &row.sealed_credentials, &row.token)?;
        let (started, now) = (row.started_at, platform.now());
        let reach = Reach {
            from: if kind == Kind::Sweep { Some(started.plus_millis(-SWEEP_MS)) } else { row.from_time },
            until: started,
            is_sweep: kind == Kind::Sweep,
            of: access.store().to_owned(),
        };
        let mut context = Context::new(platform.config().environment(), website, now);
        context.tracking_id = Some(row.tracking_id);
        let chosen = platform.config().number("PROVIDER_REQUESTS_PER_SECOND");
        let second = 1_000 / u64::from(chosen.unwrap_or(pages::requests_a_second(provider)));
        let quick = 1_000 / u64::from(chosen.unwrap_or(pages::quick_requests_a_second(provider)));
        let position: Position = position.unwrap_or_default();
        Ok(Self {
            platform,
            past,
            lease,
            access,
            reach,
            until: match kind {
                Kind::Import => started.plus_millis(-LIVE_MS).max(row.connected_at),
                Kind::Sweep => started,
            },
            context,
            receiver: Receiver {
                website,
                currency: row.currency,
                connected_at: row.connected_at,
                origin: kind.origin(),
                known_at: now,
            },
            pace: second.saturating_mul(1 << row.slowed.min(6)),
            // Who was asked too fast once is not asked faster in this run.
            quick_pace: if row.slowed == 0 { quick } else { second.saturating_mul(1 << row.slowed.min(6)) },
            quick_since: position.quick_since,
            rest: 0,
            position,
            requests: 0,
        })
    }

    /// Sends a request, a while after the one before.
    async fn ask(&mut self, request: &Request) -> Answer {
        if self.requests > 0 {
            self.platform.sleep(self.pause().max(self.rest)).await;
        }
        self.requests += 1;
        let began = self.platform.now();
        let answer = self.access.ask(self.platform, request).await;
        let ended = self.platform.now();
        let is_quick = answer.is_ok() && ended <= began.plus_millis(QUICK_MS);
        self.quick_since = if is_quick { Some(self.quick_since.unwrap_or(began)) } else { None };
        if self.past.provider == Provider::Shopify {
            self.rest = shopify::rest_secs(&answer).saturating_mul(1_000).min(LONGEST_REST_MS);
        }
        answer
    }

    /// Milliseconds before the next request.
    fn pause(&self) -> u64 {
        let is_quick = |since: Timestamp| since.plus_millis(QUICK_FOR_MS) <= self.platform.now();
        if self.quick_since.is_some_and(is_quick) { self.quick_pace } else { self.pace }
    }

    /// Reads a page, takes what it holds, and moves on.
    async fn page(&mut self) -> Result<Turn, PlatformError> {
        let provider = self.past.provider;
        let Some(request) = pages::request(provider, &self.position.cursor, &self.reach) else { return Ok(Turn::Over) };
        let answer = self.ask(&request).await;
        if let Some(trouble) = reading::trouble(&answer) {
            return Ok(Turn::of(trouble, answer.status));
        }
        if provider == Provider::Paddle && self.context.decimals.is_empty() && paddle::has_doubtful_units(&answer.body)
        {
            let currencies = self.ask(&paddle::currencies_request()).await;
            if !currencies.is_ok() {
                let trouble = reading::trouble(&currencies).unwrap_or(Trouble::Later { after_secs: None });
                return Ok(Turn::of(trouble, currencies.status));
            }
            self.context.decimals = paddle::decimals(&currencies);
        }
        self.context.now = self.platform.now();
        self.receiver.known_at = self.context.now;
        let wanted = pages::wanted_links(provider, &self.position.cursor, &answer, &Links::new());
        let mut links = self.links(Vec::new(), wanted).await?;
        // Sessions of subscriptions are found by what invoices say.
        let wanted = pages::wanted_links(provider, &self.position.cursor, &answer, &links);
        links.extend(self.links(Vec::new(), wanted).await?);
        let page = pages::page(provider, &self.position.cursor, &self.reach, &answer, &links, &self.context);
        match page {
            Ok(page) => self.take(page).await,
            Err(trouble) => Ok(Turn::of(trouble, answer.status)),
        }
    }

    /// Keeps what the page tells about later ones, and finds what earlier ones told about it.
    async fn links(&self, kept: Vec<(String, Link)>, wanted: Vec<String>) -> Result<Links, PlatformError> {
        if kept.is_empty() && wanted.is_empty() {
            return Ok(Links::new());
        }
        let text = |value: Option<Value>| value.map(|value| value.to_string());
        let kept = kept.into_iter().map(|(id, link)| KeptLink {
            id,
            session: text(link.session),
            invoice: text(link.invoice),
        });
        let asked = KeepLinks { provider: self.past.provider, kept: kept.collect(), wanted, is_over: false };
        let found = site::ask(self.platform, self.past.website, self.platform.now(), asked).await?;
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(found
            .into_iter()
            .map(|kept| (kept.id, Link { session: json(kept.session), invoice: json(kept.invoice) }))
            .collect())
    }

    async fn take(&mut self, page: Page) -> Result<Turn, PlatformError> {
        let Page { steps, links, next, total, done } = page;
        self.links(links, Vec::new()).await?;
        let mut all = Vec::with_capacity(steps.len());
        let (mut position, count) = (self.position.skip, steps.len());
        for step in steps.into_iter().skip(self.position.skip) {
            if matches!(step, Step::Ask(_)) && self.requests >= MOST_REQUESTS {
                break;
            }
            match self.finish(step).await {
                Ok(mapped) => all.push(mapped),
                Err(trouble) => return Ok(Turn::of(trouble, 0)),
            }
            position += 1;
        }
        let known = all.into_iter().filter(|mapped| !is_after(mapped, self.until));
        let PageCame { failed, waits_for, added } = taking::send_page(self.platform, &self.receiver, known).await?;
        if waits_for.is_some() {
            return Ok(Turn::Waits { secs: RATES_SECS, is_too_fast: false });
        }
        for reason in failed {
            log::failure("integrations", "import", &format!("{}: {reason}", self.past));
        }
        let is_done = position >= count;
        let next = if is_done {
            next.map(|cursor| Position { cursor, ..Position::default() })
        } else {
            Some(Position { cursor: self.position.cursor.clone(), skip: position, ..Position::default() })
        };
        let next = next.map(|next| Position { quick_since: self.quick_since, ..next });
        let done = if is_done { done } else { 0 };
        self.advance(next, (done, added), total).await
    }

    /// What becomes of an object, of which more may have to be read.
    async fn finish(&mut self, mut step: Step) -> Result<Mapped, Trouble> {
        loop {
            match step {
                Step::Done(mapped) => return Ok(mapped),
                Step::Ask(reading) => {
                    let answer = self.ask(reading.request()).await;
                    step = reading.answered(&answer, &self.context)?;
                }
            }
        }
    }

    /// Notes that a page is taken.
    async fn advance(
        &mut self,
        next: Option<Position>,
        (done, added): (usize, usize),
        total: Option<u64>,
    ) -> Result<Turn, PlatformError> {
        let position = next.clone().unwrap_or_else(|| self.position.clone());
        let now = self.platform.now();
        let stages = pages::stages(self.past.provider);
        let statement = self.past.bind(sql(format!(
            "UPDATE provider_imports SET stage = :stage, cursor = :cursor, done = done + :done, added = added + :added, total = ifnull(:total, total), \
             attempts = 0, progressed_at = :now, due_at = :until WHERE {IS_THIS} AND lease = :lease AND state = 'running' RETURNING done"
        )));
        let statement = statement
            .bind_named("stage", stages.get(position.cursor.stage).copied().unwrap_or_default())
            .bind_named("cursor", json(&position)?)
            .bind_named("done", i64::try_from(done).unwrap_or_default())
            .bind_named("added", i64::try_from(added).unwrap_or_default())
            .bind_named("total", total.and_then(|total| i64::try_from(total).ok()))
            .bind_named("now", now)
            .bind_named("until", now.plus_millis(LEASE_MS))
            .bind_named("lease", self.lease.as_str());
        let is_held = self.platform.database().rows::<IgnoredAny>(statement).await?.pop().is_some();
        self.position = position;
        Ok(match next {
            _ if !is_held => Turn::Lost,
            Some(_) => Turn::Further,
            None => Turn::Over,
        })
    }

    /// Leaves the reading until a time.
    async fn leave(&self, due_at: Timestamp, (attempts, slowed): (u32, u32)) -> Result<(), PlatformError> {
        let statement = self.past.bind(sql(format!(
            "UPDATE provider_imports SET lease = NULL, due_at = :due, attempts = :attempts, slowed = :slowed \
             WHERE {IS_THIS} AND lease = :lease AND state = 'running'"
        )));
        let statement = statement
            .bind_named("due", due_at)
            .bind_named("attempts", attempts)
            .bind_named("slowed", slowed)
            .bind_named("lease", self.lease.as_str());
        self.platform.database().run(Batch::of(statement)).await.map(|_| ())
    }

    /// All is read.
    async fn end(&self) -> Result<(), PlatformError> {
        let now = self.platform.now();
        if self.past.provider == Provider::Stripe {
            let over = KeepLinks { provider: self.past.provider, kept: Vec::new(), wanted: Vec::new(), is_over: true };
            site::ask(self.platform, self.past.website, now, over).await?;
        }
        let mut batch = Batch::new();
        let over = batch.read::<Over>(
            self.past
                .bind(sql(format!(
                    "UPDATE provider_imports SET state = 'done', lease = NULL, due_at = NULL, finished_at = :now \
                     WHERE {IS_THIS} AND lease = :lease AND state = 'running' RETURNING added"
                )))
                .bind_named("now", now)
                .bind_named("lease", self.lease.as_str()),
        );
        if self.past.kind == Kind::Import {
            batch.run(
                sql("UPDATE integrations SET state = CASE state WHEN 'importing' THEN 'connected' ELSE state END, sweep_due_at = ?3 \
                     WHERE website_id = ?1 AND provider = ?2")
                .bind(self.past.website)
                .bind(self.past.provider.name())
                .bind(now),
            );
        }
        let results = self.platform.database().run(batch).await?;
        if let Some(Over { added }) = results.first(&over)?
            && self.past.kind == Kind::Sweep
            && added > MOST_SWEPT
        {
            let said = format!("{}: {added} payments were found that no webhook had told of", self.past);
            log::failure("integrations", "sweep", &said);
        }
        if self.past.kind == Kind::Import {
            // What has come meanwhile.
            sweep_due(self.platform, now).await?;
            enqueue_due(self.platform, now).await?;
        }
        Ok(())
    }
}

/// Whether all that was told happened after this time.
fn is_after(mapped: &Mapped, until: Timestamp) -> bool {
    let taking = match mapped {
        Mapped::Take(taking) | Mapped::TakeUnlessOf(_, taking) | Mapped::Ignored { void: Some(taking), .. } => taking,
        Mapped::Ignored { .. } | Mapped::Failed(_) => return false,
    };
    !taking.records.is_empty() && taking.records.iter().all(|record| record.time > until)
}

impl Turn {
    fn of(trouble: Trouble, status: u16) -> Self {
        match trouble {
            Trouble::Later { after_secs } => {
                Self::Waits { secs: after_secs.unwrap_or_default(), is_too_fast: status == 429 }
            }
            refused => Self::Refused(refused),
        }
    }
}

async fn enqueue(platform: &Platform, pasts: &[Past]) {
    let hints: Vec<(Hint, u32)> = pasts.iter().map(|past| (Hint::Past(*past), 0)).collect();
    queue::enqueue(platform, &hints).await;
}

fn json(position: &Position) -> Result<String, PlatformError> {
    serde_json::to_string(position).map_err(|error| PlatformError::new(format!("cursor: {error}")))
}

#[cfg(test)]
#[path = "imports_tests.rs"]
mod tests;
