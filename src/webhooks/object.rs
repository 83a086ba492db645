//! Messages and deliveries of a website, in the database of its object: the calls of the Worker, and what they do. All of it
//! is one turn of the object, so nothing else happens in between.

use std::cell::Cell;
use std::collections::BTreeMap;

use sluice_values::ordered::Ordered as _;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::attempt::Outcome;
use super::consequences::{Conclusion, DISABLED, DisabledReason, Endpoint, Random};
use super::delivery;
use super::event;
use super::lease::{self, LeasedDelivery};
use super::moved::Moved;
use super::owner_mail::OwnerMail;
use super::publish::{self, Outgoing, Share};
use super::rows::{self, AttemptRow, Page, Range, Row};
use super::settings::{MOST_ENDPOINTS, Rules};
use super::stats;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::object_database::{self, run};
use crate::platform::{Platform, PlatformError, log};
use crate::site;
use sluice_engine::Site;
use sluice_engine::layout::Standing;
use sluice_engine::outbox::{OutboxEntry, OutboxEvent};
use sluice_engine::sql::Sql;
use sluice_values::{DeliveryId, Timestamp, VisitorId, WebhookId, WebsiteId};

/// The calls of the Worker to a website's object about webhooks. During a rollout the two may run different releases: calls
/// may be added, and fields with a default; nothing is renamed.
#[derive(Debug, Serialize, Deserialize)]
pub enum Call {
    /// Leases those of the deliveries that are due: `Vec<LeasedDelivery>`.
    Take { ids: Vec<DeliveryId>, token: String },
    /// Stores what came of deliveries that were taken under a token.
    Record { token: String, attempts: Vec<Attempted> },
    /// Stores messages with their deliveries, each once.
    Publish { messages: Vec<Outgoing> },
    /// Stores an example for one endpoint: whether the object knows the endpoint.
    Test { webhook: WebhookId, delivery: DeliveryId, message: Outgoing },
    /// Deliveries of an endpoint or of all, newest first: `Vec<Row>`.
    List(Page),
    /// One delivery: `Option<Found>`.
    Get { webhook: WebhookId, id: DeliveryId },
    /// Sends one delivery again: [`Restarted`].
    Resend { webhook: WebhookId, id: DeliveryId },
    /// Sends all that failed or was missed again: their number, or `None` if the endpoint is off.
    ResendAll(Range),
    /// How many failed or were missed: `Option<u32>`.
    Count(Range),
    /// How an endpoint is doing: [`stats::WebhookStats`].
    Stats(stats::Span),
    /// Deletes what names an erased visitor, or one of these transactions.
    Forget { visitor: VisitorId, transactions: Vec<String> },
    /// Stores rows of an earlier release, which were in D1.
    Move(Moved),
}

/// A call as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    webhooks: &'a Call,
}

/// How the text of a [`Sent`] begins, by which the object tells it from the engine's calls.
const BEGIN: &str = r#"{"webhooks":"#;

/// The call that this text is, if it is one about webhooks.
pub fn parse(text: &str) -> Option<Result<Call, PlatformError>> {
    #[derive(Deserialize)]
    struct Received {
        webhooks: Call,
    }
    let parse = || serde_json::from_str::<Received>(text).map(|received| received.webhooks);
    text.starts_with(BEGIN).then(|| parse().map_err(|error| PlatformError::new(format!("no such call: {error}"))))
}

/// A delivery, and what came of its attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempted {
    pub delivery: LeasedDelivery,
    pub outcome: Outcome,
}

/// The answer of [`Call::Get`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    pub row: Row,
    pub payload: Option<String>,
    pub attempts: Vec<AttemptRow>,
}

/// The answer of [`Call::Resend`].
#[derive(Debug, Serialize, Deserialize)]
pub enum Restarted {
    Is(Row),
    NotFound,
    IsOff,
}

/// An endpoint that the object knows.
#[derive(Deserialize)]
struct Known {
    id: WebhookId,
}

// ---- The Worker's side

/// Calls the object of a website. `T` is the answer that [`Call`] says.
pub async fn ask<T: DeserializeOwned>(
    platform: &Platform,
    website: WebsiteId,
    call: &Call,
) -> Result<T, PlatformError> {
    let broken = |error: serde_json::Error| PlatformError::new(format!("webhooks: {error}"));
    let body = serde_json::to_string(&Sent { webhooks: call }).map_err(broken)?;
    let answer = site::ask_home(platform, website, &body).await?;
    serde_json::from_str(&answer).map_err(broken)
}

/// Sends an example to one endpoint, even if it is off.
pub async fn test(
    platform: &Platform,
    website: WebsiteId,
    webhook: WebhookId,
    delivery: DeliveryId,
    message: Outgoing,
) -> Result<(), PlatformError> {
    if ask(platform, website, &Call::Test { webhook, delivery, message }).await? {
        Ok(())
    } else {
        Err(PlatformError::new(format!("the object does not know webhook {webhook} yet")))
    }
}

// ---- The object's side

/// An entry of the outbox that could not be published this often is put aside.
const MOST_FAILURES: u32 = 5;
/// How long deliveries are left to the queue before the object looks at them again, in milliseconds.
const LEFT_MS: i64 = 5_000;
/// The most messages that one transaction deletes of an erased visitor.
const FORGOTTEN_AT_ONCE: u32 = 200;

/// The messages and deliveries of one website.
pub struct Store<'a, S> {
    pub platform: &'a Platform,
    pub site: &'a Site<S>,
    pub website: WebsiteId,
    pub rules: &'a Rules,
    /// How many deliveries wait at most, if that is known: counting them for each message would cost a row for each.
    pub waiting: &'a Cell<Option<u32>>,
}

#[derive(Deserialize)]
struct Count {
    count: u32,
}

impl<S: Sql> Store<'_, S> {
    /// Runs a call, and returns its answer as JSON.
    pub fn answer(&self, call: Call) -> Result<String, PlatformError> {
        let now = self.platform.now();
        if matches!(call, Call::Test { .. } | Call::Resend { .. } | Call::ResendAll(_) | Call::Move(_)) {
            self.waiting.set(None);
        }
        match call {
            Call::Take { ids, token } => json(&self.take(&ids, &token)?),
            Call::Record { token, attempts } => json(&self.record(&token, &attempts)?),
            Call::Publish { messages } => json(&self.publish_once(messages)?),
            Call::Test { webhook, delivery, message } => {
                let mut batch = Batch::new();
                publish::insert_test(&mut batch, webhook, delivery, &message, now);
                let stored = batch.read::<IgnoredAny>(sql("SELECT 1 FROM deliveries WHERE id = ?1").bind(delivery));
                json(&self.run(&batch)?.first(&stored)?.is_some())
            }
            Call::List(page) => json(&self.list(&page)?),
            Call::Get { webhook, id } => json(&self.find(webhook, id)?),
            Call::Resend { webhook, id } => json(&self.restart(webhook, id, now)?),
            Call::ResendAll(range) => {
                let mut batch = Batch::new();
                let is_on = batch.read::<IgnoredAny>(select_enabled(range.webhook));
                let count = batch.read::<Count>(rows::count_not_sent(range));
                batch.run(rows::restart_all(range, now));
                batch.run(rows::advance_next_slot(range.webhook));
                let results = self.run(&batch)?;
                let count = results.first(&count)?.map(|row| row.count);
                json(&results.first(&is_on)?.and(count))
            }
            Call::Count(range) => {
                let counted: Vec<Count> = self.rows(&rows::count_not_sent(range))?;
                json(&counted.first().map(|row| row.count))
            }
            Call::Stats(span) => {
                let standing = self.rows(&stats::select_standing(span.webhook))?.pop().unwrap_or_default();
                json(&stats::summarize(&span, &self.rows(&stats::select(&span))?, standing, &self.rules.schedule))
            }
            Call::Forget { visitor, transactions } => json(&self.forget(visitor, &transactions)?),
            Call::Move(moved) => json(&self.run(&moved.insert(now)).map(|_| ())?),
        }
    }

    fn run(&self, batch: &Batch) -> Result<crate::platform::database::Results, PlatformError> {
        run(self.site.sql(), batch)
    }

    fn rows<T: DeserializeOwned>(&self, statement: &Statement) -> Result<Vec<T>, PlatformError> {
        object_database::rows(self.site.sql(), statement)
    }

    fn list(&self, page: &Page) -> Result<Vec<Row>, PlatformError> {
        if page.webhook.is_some() {
            return self.rows(&rows::select_page(page));
        }
        let mut rows = Vec::new();
        for Known { id } in self.rows(&sql("SELECT id FROM webhooks"))? {
            rows.extend(self.rows(&rows::select_page(&page.share_of(id)))?);
        }
        Ok(page.of_shares(rows))
    }

    fn find(&self, webhook: WebhookId, id: DeliveryId) -> Result<Option<Found>, PlatformError> {
        #[derive(Deserialize)]
        struct Stored {
            payload: String,
        }
        let Some(row) = self.rows(&rows::select_one(id, webhook))?.pop() else { return Ok(None) };
        let payload = self.rows::<Stored>(&rows::select_payload(id))?.pop().map(|stored| stored.payload);
        Ok(Some(Found { row, payload, attempts: self.rows(&rows::select_attempts(id))? }))
    }

    fn restart(&self, webhook: WebhookId, id: DeliveryId, now: Timestamp) -> Result<Restarted, PlatformError> {
        let mut batch = Batch::new();
        let found = batch.read::<IgnoredAny>(rows::select_one(id, webhook));
        let restarted = batch.read::<Row>(rows::restart(id, webhook, now));
        batch.run(rows::advance_next_slot(webhook));
        let results = self.run(&batch)?;
        Ok(match (results.first(&found)?, results.first(&restarted)?) {
            (None, _) => Restarted::NotFound,
            (_, Some(row)) => Restarted::Is(row),
            (_, None) => Restarted::IsOff,
        })
    }

    // ---- Publishing

    /// Publishes what is in the outbox, each entry in one transaction. An entry that cannot be published again and again is
    /// put aside, so that it does not hold up the rest. An object that does not know its endpoints publishes nothing. Returns whether there was
    /// any.
    pub fn publish_outbox(&self) -> Result<bool, PlatformError> {
        let mut has_published = false;
        if !self.site.has_outbox() || !self.site.knows_endpoints()? {
            return Ok(false);
        }
        while let Some(entry) = self.site.unpublished()? {
            if let Err(error) = self.publish_entry(&entry) {
                if error.is_full() || self.site.count_failure(entry.seq)? < MOST_FAILURES {
                    return Err(error);
                }
                self.site.put_aside(entry.seq, &error.to_string())?;
                let what = format!("entry {} was put aside after {MOST_FAILURES} failures", entry.seq);
                log::failure("object", "webhooks", &format!("{what} on website {}", self.website));
            }
            self.site.published_up_to(entry.seq);
            has_published = true;
        }
        Ok(has_published)
    }

    fn publish_entry(&self, entry: &OutboxEntry) -> Result<(), PlatformError> {
        let (sql, now) = (self.site.sql(), self.platform.now());
        let mut batch = Batch::new();
        if let Some(body) = event::of_outbox(self.website, &entry.event)? {
            let message = Outgoing::new(body, self.platform.random()?);
            let message = match &entry.event {
                OutboxEvent::Goal(completion) => message.of_goal(&*completion.goal_name),
                _ => message,
            };
            publish::insert(&mut batch, &[message], self.share(1)?, now, None);
        }
        object_database::transaction(sql, || {
            object_database::run_within(sql, &batch)?;
            Ok(self.site.mark_published(entry)?)
        })
    }

    /// Publishes those of the messages that have not been.
    fn publish_once(&self, mut messages: Vec<Outgoing>) -> Result<(), PlatformError> {
        #[derive(Deserialize)]
        struct Stored {
            id: String,
        }
        let stored: Vec<Stored> = self.rows(&publish::select_stored(&messages))?;
        messages.retain(|message| stored.iter().all(|stored| stored.id != message.id));
        let mut batch = Batch::new();
        let share = self.share(u32::try_from(messages.len()).unwrap_or(u32::MAX))?;
        publish::insert(&mut batch, &messages, share, self.platform.now(), None);
        self.run(&batch).map(|_| ())
    }

    /// The website's share of deliveries that wait, of which so many messages are about to take some.
    fn share(&self, messages: u32) -> Result<Share, PlatformError> {
        let (most, taken) = (self.rules.most_waiting, messages.saturating_mul(MOST_ENDPOINTS));
        let known = self.waiting.get().filter(|waiting| waiting.saturating_add(taken) <= most);
        let waiting = match known {
            Some(waiting) => waiting,
            None => self.rows::<Count>(&publish::count_waiting(most))?.first().map_or(0, |row| row.count),
        };
        self.waiting.set(Some(waiting.saturating_add(taken)));
        Ok(Share { most, waiting: Some(waiting) })
    }

    // ---- Sending

    /// Pending deliveries that nobody is at, with their endpoints, oldest first.
    pub fn due(&self, most: u32, now: Timestamp) -> Result<Vec<Due>, PlatformError> {
        self.rows(
            &sql("SELECT id, webhook_id FROM deliveries INDEXED BY deliveries_due WHERE status = 'pending' \
                  AND due_at <= ?1 ORDER BY due_at LIMIT ?2")
            .bind(now)
            .bind(most),
        )
    }

    /// Leaves those of the deliveries that are due at `now` to the queue: for a while the object does not look at them again.
    pub fn leave<'b>(&self, ids: impl Iterator<Item = &'b DeliveryId>, now: Timestamp) -> Result<(), PlatformError> {
        let ids: Vec<&DeliveryId> = ids.collect();
        if ids.is_empty() {
            return Ok(());
        }
        let left =
            sql("UPDATE deliveries SET due_at = ?2 WHERE id IN (SELECT value FROM json_each(?1)) AND due_at <= ?3");
        self.run(&Batch::of(left.bind_json(&ids).bind(now.plus_millis(LEFT_MS)).bind(now))).map(|_| ())
    }

    /// Leases those of the deliveries that are due.
    pub fn take(&self, ids: &[DeliveryId], token: &str) -> Result<Vec<LeasedDelivery>, PlatformError> {
        let now = self.platform.now();
        let due = self.rows(&lease::select_due(ids, now))?;
        let mut batch = Batch::new();
        let leased = lease::take(&mut batch, due, (&self.rules.schedule, token), now);
        self.run(&batch)?;
        Ok(leased)
    }

    /// Stores attempts under one lease, and their consequences, in one transaction.
    pub fn record(&self, token: &str, attempts: &[Attempted]) -> Result<(), PlatformError> {
        self.record_each(attempts.iter().map(|attempted| (token, attempted)))
    }

    /// Stores attempts, each with the lease that it was made under, and their consequences in one transaction.
    pub fn record_each<'b>(
        &self,
        attempts: impl Iterator<Item = (&'b str, &'b Attempted)> + Clone,
    ) -> Result<(), PlatformError> {
        let webhooks: Vec<WebhookId> = attempts.clone().map(|(_, attempted)| attempted.delivery.webhook_id).collect();
        let endpoints: Vec<Endpoint> = self.rows(&Endpoint::select(&webhooks))?;
        let endpoints: BTreeMap<_, _> = endpoints.into_iter().map(|one| (one.id.to_string(), one)).into_map();
        let (rules, website, now) = (self.rules, self.website, self.platform.now());
        let mut conclusion = Conclusion { rules, website, endpoints, batch: Batch::new() };
        for (token, Attempted { delivery, outcome }) in attempts {
            let random = Random {
                jitter_seed: u32::from_be_bytes(self.platform.random()?),
                message_id: self.platform.random()?,
            };
            conclusion.add(token, delivery, outcome, now, &random)?;
        }
        self.run(&conclusion.batch).map(|_| ())
    }

    /// When the object must look at a delivery again, or tell something.
    pub fn next_due(&self) -> Result<Option<Timestamp>, PlatformError> {
        #[derive(Deserialize)]
        struct Next {
            at: Option<Timestamp>,
            tells: i64,
        }
        let next = sql("SELECT min(due_at) AS at, EXISTS (SELECT 1 FROM webhooks WHERE to_tell IS NOT NULL) AS tells \
                        FROM deliveries INDEXED BY deliveries_due WHERE status = 'pending'");
        let next = self.rows::<Next>(&next)?.pop();
        Ok(next.and_then(|next| if next.tells == 0 { next.at } else { Some(self.platform.now()) }))
    }

    // ---- Cleaning up

    /// Deletes what names an erased visitor, or one of these transactions.
    pub fn forget(&self, visitor: VisitorId, transactions: &[String]) -> Result<(), PlatformError> {
        if matches!(self.site.standing(), Standing::Shard(..)) {
            // Another shard has erased the visitor.
            self.site.forget_told(&[&[visitor.to_string()][..], transactions].concat())?;
        }
        for (field, values) in [("visitorId", &[visitor.to_string()][..]), ("transactionId", transactions)] {
            loop {
                let (statements, messages) = publish::forget(field, values, FORGOTTEN_AT_ONCE);
                let mut batch = Batch::new();
                for statement in statements {
                    batch.run(statement);
                }
                let messages = batch.read::<IgnoredAny>(messages);
                if self.run(&batch)?.all(&messages)?.len() < FORGOTTEN_AT_ONCE as usize {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Deletes some of what is older than 30 days, and returns whether there may be more.
    pub fn delete_expired(&self) -> Result<bool, PlatformError> {
        let [attempts, deliveries, messages] = delivery::delete_expired(self.platform.now());
        let mut batch = Batch::new();
        batch.run(attempts);
        batch.run(deliveries);
        batch.run(stats::forget_old(self.platform.now()));
        let messages = batch.read::<IgnoredAny>(messages);
        Ok(self.run(&batch)?.all(&messages)?.len() >= delivery::DELETED_AT_ONCE as usize)
    }

    /// When something is 30 days old; not in the past, because what waits for so long is kept until it is over.
    pub fn next_expiry(&self) -> Result<Option<Timestamp>, PlatformError> {
        const HOUR_MS: i64 = 3_600_000;
        #[derive(Deserialize)]
        struct Oldest {
            at: Option<Timestamp>,
        }
        let oldest = self.rows::<Oldest>(&sql("SELECT min(created_at) AS at FROM messages"))?.pop();
        let oldest = oldest.and_then(|oldest| oldest.at);
        Ok(oldest.map(|at| at.plus_millis(delivery::KEPT_MS + 1).max(self.platform.now().plus_millis(HOUR_MS))))
    }

    // ---- Telling

    /// Tells D1 and the owner of endpoints that were switched off here, and the owner of those that keep failing. D1 hears of
    /// each once or more often, to the same effect.
    pub async fn tell(&self) -> Result<(), PlatformError> {
        #[derive(Deserialize)]
        struct Told {
            id: WebhookId,
            url: String,
            to_tell: String,
            disabled_reason: Option<DisabledReason>,
            disabled_at: Option<Timestamp>,
            warned_at: Option<Timestamp>,
            switched_on: i64,
        }
        let told = sql("SELECT id, url, to_tell, disabled_reason, disabled_at, warned_at, switched_on FROM webhooks \
                        WHERE to_tell IS NOT NULL");
        for told in self.rows::<Told>(&told)? {
            let disabled = told.disabled_reason.filter(|_| told.to_tell == DISABLED);
            if let Some(reason) = disabled {
                // Not if it was switched on since: D1 then knows better.
                let disabled = sql("UPDATE webhooks SET is_enabled = 0, disabled_reason = ?2, updated_at = ?3 \
                                    WHERE id = ?1 AND is_enabled AND switched_on <= ?4")
                .bind(told.id)
                .bind(reason.as_str())
                .bind(told.disabled_at)
                .bind(told.switched_on);
                self.platform.database().run(Batch::of(disabled)).await?;
            }
            let done = sql("UPDATE webhooks SET to_tell = NULL WHERE id = ?1 AND to_tell = ?2");
            self.run(&Batch::of(done.bind(told.id).bind(told.to_tell.as_str())))?;
            let at = if disabled.is_some() { told.disabled_at } else { told.warned_at };
            let mail = OwnerMail::new(self.website, told.id, &told.url, at.unwrap_or_else(|| self.platform.now()));
            match disabled {
                Some(reason) => mail.disabled(self.platform, reason).await,
                None => mail.warn(self.platform, &self.rules.schedule).await,
            }
        }
        Ok(())
    }
}

/// A delivery that is due.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Due {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
}

fn select_enabled(webhook: WebhookId) -> Statement {
    sql("SELECT 1 FROM webhooks WHERE id = ?1 AND is_enabled").bind(webhook)
}

fn json<T: Serialize>(value: &T) -> Result<String, PlatformError> {
    serde_json::to_string(value).map_err(|error| PlatformError::new(format!("webhooks: {error}")))
}
