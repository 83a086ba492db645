//! The dispatcher: leases the deliveries that a queue message names, makes one attempt for each, and stores the
//! consequences.
//!
//! The row in D1 is the truth and a queue message only a hint.

use futures_util::future::join_all;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::consequences::{self, FollowUp, Random};
use super::lease::{EARLY_MS, Lease, LeasedDelivery, TURN_TAKEN};
use super::owner_mail::OwnerMail;
use super::publish::Due;
use super::{attempt, queue, settings};
use crate::platform::database::Batch;
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_values::{DeliveryId, Timestamp, hex};

/// Sends those of these deliveries that are due, each independently: a slow receiver delays no other.
pub async fn send(platform: &Platform, ids: &[DeliveryId]) -> Result<(), PlatformError> {
    let schedule = settings::schedule(&platform.config());
    let token = hex(&platform.random::<16>()?);
    let lease = Lease { schedule: &schedule, token: &token };
    let mut batch = Batch::new();
    let leased = lease.take(&mut batch, ids, platform.now());
    let leased = platform.database().run(batch).await?.all(&leased)?;
    if leased.is_empty() {
        return Ok(());
    }
    let keyring = Keyring::from_config(&platform.config())?;
    let dispatcher = Dispatcher { platform, keyring: &keyring, lease };
    for sent in join_all(leased.iter().map(|delivery| dispatcher.dispatch(delivery))).await {
        if let Err(error) = sent {
            log::failure("queue", "deliveries", &error.to_string());
        }
    }
    Ok(())
}

struct Dispatcher<'a> {
    platform: &'a Platform,
    keyring: &'a Keyring,
    lease: Lease<'a>,
}

impl Dispatcher<'_> {
    async fn dispatch(&self, delivery: &LeasedDelivery) -> Result<(), PlatformError> {
        let early = delivery.next_attempt_at.as_millis() - self.platform.now().as_millis();
        if early > 0 {
            self.platform.sleep(early.unsigned_abs()).await;
        }
        if delivery.slot_ms > 0 && delivery.has_slot != TURN_TAKEN {
            // Turns are taken after the wait, in the order in which the waits end.
            let Some(turn) = self.take_turn(delivery).await? else { return Ok(()) };
            match turn.as_millis() - self.platform.now().as_millis() {
                wait if wait > EARLY_MS => return self.enqueue_again(delivery, turn).await,
                wait if wait > 0 => self.platform.sleep(wait.unsigned_abs()).await,
                _ => {}
            }
        } else if early > 0 && !self.is_leased(delivery).await? {
            return Ok(());
        }
        let outcome = attempt::make(self.platform, self.keyring, self.lease.schedule, delivery).await?;
        self.conclude(delivery, &outcome).await
    }

    /// When the delivery's turn is; `None` if the endpoint was switched off or deleted meanwhile.
    async fn take_turn(&self, delivery: &LeasedDelivery) -> Result<Option<Timestamp>, PlatformError> {
        #[derive(Deserialize)]
        struct Turn {
            at: Timestamp,
        }
        let turn = self.lease.take_turn(delivery, self.platform.now());
        let turn = self.platform.database().rows::<Turn>(turn).await?;
        Ok(turn.first().map(|turn| turn.at))
    }

    async fn is_leased(&self, delivery: &LeasedDelivery) -> Result<bool, PlatformError> {
        let rows = self.platform.database().rows::<IgnoredAny>(self.lease.holds(delivery)).await?;
        Ok(!rows.is_empty())
    }

    async fn enqueue_again(&self, delivery: &LeasedDelivery, turn: Timestamp) -> Result<(), PlatformError> {
        self.platform.database().run(Batch::of(self.lease.give_back(delivery, turn))).await?;
        queue::enqueue(self.platform, &[Due { id: delivery.id, at: turn }], self.platform.now()).await;
        Ok(())
    }

    /// Stores the attempt and its consequences in one transaction, then enqueues and sends what follows.
    async fn conclude(&self, delivery: &LeasedDelivery, outcome: &attempt::Outcome) -> Result<(), PlatformError> {
        let now = self.platform.now();
        let random =
            Random { jitter_seed: u32::from_be_bytes(self.platform.random()?), message_id: self.platform.random()? };
        let concluded = consequences::conclude(self.lease, delivery, outcome, now, &random)?;
        let results = self.platform.database().run(concluded.batch).await?;
        if let Some(at) = concluded.next_attempt_at {
            queue::enqueue(self.platform, &[Due { id: delivery.id, at }], now).await;
        }
        let mail = OwnerMail::new(delivery.website_id, delivery.webhook_id, &delivery.url, now);
        match concluded.follow_up {
            FollowUp::None => {}
            FollowUp::WarnOwner(warned) => {
                if results.first(&warned)?.is_some() {
                    mail.warn(self.platform, self.lease.schedule).await;
                }
            }
            FollowUp::Disabled { reason, disabled, due } => {
                if results.first(&disabled)?.is_some() {
                    queue::enqueue(self.platform, &results.all(&due)?, now).await;
                    mail.disabled(self.platform, reason).await;
                }
            }
        }
        Ok(())
    }
}
