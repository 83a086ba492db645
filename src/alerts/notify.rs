//! Sending notifications: a mail to the website's owner, and an event for the website's endpoints.

use futures_util::future::join_all;

use super::destination::Destination;
use super::history;
use super::lease::Lease;
use super::rendering::{AlertContext, Notification};
use super::unsubscribe;
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::config::MAX_WAITING_DELIVERIES;
use crate::platform::database::{Batch, Handle};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use crate::webhooks::publish::{self, Due, Outgoing, When};
use crate::websites::owner::Owner;
use sluice_values::Timestamp;

/// Sends a notification by mail, if the alert's destination is a mailbox. The error is a text for the history.
pub async fn mail(
    platform: &Platform,
    context: &AlertContext,
    owner: &Owner,
    notification: &Notification,
) -> Result<(), String> {
    if context.destination != Destination::Email {
        return Ok(());
    }
    let id = format!("alert/{}/{}", context.id, notification.id);
    let rendered = &notification.rendered;
    let mail = Mail::new(id, owner.email.clone(), &rendered.subject, rendered.message.clone());
    let base_url = platform.config().public_url().or_else(|| context.base_url.clone());
    let mail = match (base_url, Keyring::from_config(&platform.config())) {
        (Some(base_url), Ok(keyring)) => mail.with_unsubscribe(&unsubscribe::link(&base_url, &keyring, context.id)),
        _ => mail,
    };
    mailer::send(platform, &mail).await.map_err(|why| why.to_string())
}

/// Sends the mails of these notifications, and adds the statements that record them and publish them to endpoints. All of
/// these depend on the lease. The handle is that of the deliveries to enqueue once the batch has run.
pub async fn send(
    platform: &Platform,
    (context, lease): (&AlertContext, Lease),
    owner: &Owner,
    notifications: &[Notification],
    batch: &mut Batch,
    now: Timestamp,
) -> Result<Option<Handle<Due>>, PlatformError> {
    if notifications.is_empty() {
        return Ok(None);
    }
    let mails = notifications.iter().map(|notification| mail(platform, context, owner, notification));
    let mut messages = Vec::new();
    for (notification, sent) in notifications.iter().zip(join_all(mails).await) {
        batch.run(history::insert(lease, context, notification, sent.err().as_deref()));
        let body = notification.body(context, false)?;
        messages.push(Outgoing::new(body, platform.random()?).also_to(context.destination.endpoint()));
    }
    let when = When::Leased(lease.alert, lease.until);
    let most_waiting = platform.config().cap(MAX_WAITING_DELIVERIES);
    Ok(Some(publish::insert(batch, context.website_id, &messages, most_waiting, now, when)))
}
