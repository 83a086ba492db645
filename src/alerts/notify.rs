//! Sending notifications: a mail to the website's owner, and an event for the website's endpoints.

use futures_util::future::join_all;

use super::destination::Destination;
use super::history;
use super::lease::Lease;
use super::rendering::{AlertContext, Notification};
use super::unsubscribe;
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::database::Batch;
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::Keyring;
use crate::webhooks::object::{self, Call};
use crate::webhooks::publish::Outgoing;
use crate::websites::owner::Owner;

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

/// Sends these notifications: as mails, and as messages for endpoints, which the website's object stores. Both have ids of their
/// own, so an evaluation that is repeated after a crash sends each message once. Adds the statements that record them, which
/// depend on the lease.
pub async fn send(
    platform: &Platform,
    (context, lease): (&AlertContext, Lease),
    owner: &Owner,
    notifications: &[Notification],
    batch: &mut Batch,
) -> Result<(), PlatformError> {
    if notifications.is_empty() {
        return Ok(());
    }
    let mut messages = Vec::new();
    for notification in notifications {
        let name = format!("alert/{}/{}", context.id, notification.id);
        let message = Outgoing::named(notification.body(context, false)?, &name);
        messages.push(message.also_to(context.destination.endpoint()));
    }
    object::ask::<()>(platform, context.website_id, &Call::Publish { messages }).await?;
    let mails = notifications.iter().map(|notification| mail(platform, context, owner, notification));
    for (notification, sent) in notifications.iter().zip(join_all(mails).await) {
        batch.run(history::insert(lease, context, notification, sent.err().as_deref()));
    }
    Ok(())
}
