//! Mails to a website's owner about an endpoint that fails or was switched off.

use super::consequences::DisabledReason;
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::database::Batch;
use crate::platform::{Platform, PlatformError, log};
use crate::websites::owner::Owner;
use sluice_values::{Timestamp, WebhookId, WebsiteId};
use sluice_webhook_rules::destination;
use sluice_webhook_rules::schedule::Schedule;

/// A mail about an endpoint. Failing to send it is logged: the dispatcher goes on.
pub struct OwnerMail {
    website: WebsiteId,
    webhook: WebhookId,
    /// Scheme, host and port: the rest of an address may be a credential, and mails travel far.
    origin: String,
    now: Timestamp,
}

impl OwnerMail {
    pub fn new(website: WebsiteId, webhook: WebhookId, url: &str, now: Timestamp) -> Self {
        Self { website, webhook, origin: destination::origin(url), now }
    }

    /// Half of the time after which the endpoint is disabled has passed.
    pub async fn warn(&self, platform: &Platform, schedule: &Schedule) {
        let body = format!(
            "Every delivery to your webhook {} has failed for {}.\n\nIt is tried again as its schedule has it. Should it \
             go on failing, it is switched off after {} in all; what comes then is kept, and can be sent once it is \
             switched on again.",
            self.origin,
            in_words(schedule.disable_after / 2),
            in_words(schedule.disable_after)
        );
        self.send(platform, "warned", "is failing", body).await;
    }

    pub async fn disabled(&self, platform: &Platform, reason: DisabledReason) {
        let why = match reason {
            DisabledReason::Gone => "it answered 410 Gone",
            DisabledReason::Failing => "every delivery to it has failed for too long",
        };
        let body = format!(
            "Your webhook {} was switched off: {why}.\n\nNothing is lost. What waited for it, and what comes from now on, \
             is kept for 30 days. Switch it on again (isEnabled), then send all of it with \
             POST /api/v1/admin/websites/{}/webhooks/{}/resend.",
            self.origin, self.website, self.webhook
        );
        self.send(platform, "disabled", "was switched off", body).await;
    }

    async fn send(&self, platform: &Platform, about: &str, what: &str, body: String) {
        if let Err(error) = self.try_send(platform, about, what, body).await {
            log::failure("queue", "mail to the owner of a webhook", &error.to_string());
        }
    }

    async fn try_send(&self, platform: &Platform, about: &str, what: &str, body: String) -> Result<(), PlatformError> {
        let mut batch = Batch::new();
        let owner = batch.read(Owner::select(self.website));
        let results = platform.database().run(batch).await?;
        let Owner { email, domain } = Owner::of(&results, &owner, self.website)?;
        let id = format!("webhook/{}/{about}/{}", self.webhook, self.now.as_millis());
        let mail = Mail::new(id, email, &format!("A webhook of {domain} {what}"), body);
        if let Err(why) = mailer::send(platform, &mail).await {
            log::mail_failure(mail.id(), &why.to_string());
        }
        Ok(())
    }
}

/// A duration in words.
fn in_words(seconds: u32) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations_are_written_in_the_unit_that_fits() {
        assert_eq!([3, 300, 216_000].map(super::in_words), ["3 seconds", "5 minutes", "60 hours"]);
    }
}
