//! What a website's owner is told by mail of an endpoint that does not take its deliveries.

use crate::mail::mailer;

use crate::mail::message::Mail;
use crate::platform::database::Batch;
use crate::platform::{Platform, PlatformError, log};
use crate::websites::owner::Owner;
use sluice_values::{Timestamp, WebhookId, WebsiteId};
use sluice_webhook_rules::schedule::Schedule;

/// Half of the time is over.
pub async fn warn(
    platform: &Platform,
    (website, webhook, url): (WebsiteId, WebhookId, &str),
    schedule: &Schedule,
    now: Timestamp,
) {
    let body = format!(
        "Every delivery to your webhook {url} has failed for {}.\n\nIt is tried again as its schedule has it. Should it \
         go on failing, it is switched off after {} in all; what comes then is kept, and can be sent once it is \
         switched on again.",
        span(schedule.disable_after / 2),
        span(schedule.disable_after)
    );
    let said = send(platform, website, format!("webhook/{webhook}/warned/{}", now.as_millis()), "is failing", body);
    log_failure(said.await);
}

/// It has been switched off.
pub async fn disabled(
    platform: &Platform,
    (website, webhook, url): (WebsiteId, WebhookId, &str),
    reason: &str,
    now: Timestamp,
) {
    let why = if reason == "gone" { "it answered 410 Gone" } else { "every delivery to it has failed for too long" };
    let body = format!(
        "Your webhook {url} was switched off: {why}.\n\nNothing is lost. What waited for it, and what comes from now on, \
         is kept for 30 days. Switch it on again (isEnabled), then send all of it with \
         POST /api/v1/admin/websites/{website}/webhooks/{webhook}/resend."
    );
    let id = format!("webhook/{webhook}/disabled/{}", now.as_millis());
    log_failure(send(platform, website, id, "was switched off", body).await);
}

fn log_failure(said: Result<(), PlatformError>) {
    if let Err(error) = said {
        log::failure("queue", "webhook notice", &error.to_string());
    }
}

async fn send(
    platform: &Platform,
    website: WebsiteId,
    id: String,
    what: &str,
    body: String,
) -> Result<(), PlatformError> {
    let mut batch = Batch::new();
    let owner = batch.read(Owner::select(website));
    let results = platform.database().run(batch).await?;
    let Owner { email, domain } = Owner::of(&results, &owner, website)?;
    let mail = Mail::new(id, email, &format!("A webhook of {domain} {what}"), body);
    if let Err(why) = mailer::send(platform, &mail).await {
        log::mail_failure(mail.id(), &why.to_string());
    }
    Ok(())
}

/// A span of time in words.
fn span(seconds: u32) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        assert_eq!([3, 300, 216_000].map(super::span), ["3 seconds", "5 minutes", "60 hours"]);
    }
}
