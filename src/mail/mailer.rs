//! Sends mail through the platform's `send_email` binding or a provider's HTTP API.

use super::MailError;
use super::message::Mail;
use super::provider::{Api, Sender, Settings, Way};
use crate::platform::Platform;
use crate::platform::email::Email;
use crate::platform::outgoing::{Post, Sent};

/// How long a provider may take.
const TIMEOUT_SECS: u32 = 10;
/// How many bytes of a provider's response are read: enough for the reason of a rejection.
const LONGEST_ANSWER: usize = 4096;

/// Why no mail can be sent, if that is so.
pub fn check(platform: &Platform) -> Result<(), MailError> {
    let config = platform.config();
    Settings::read(|name| config.text(name), config.environment()).map(|_| ())
}

/// Sends a message; `Ok` means that it was accepted, not that it has arrived.
pub async fn send(platform: &Platform, mail: &Mail) -> Result<(), MailError> {
    let config = platform.config();
    let settings = Settings::read(|name| config.text(name), config.environment())?;
    match &settings.way {
        Way::Binding => platform.email().send(&email(&settings.sender, mail)).await.map_err(MailError::new),
        Way::Api(api) => through_api(platform, api, &settings.sender, mail).await,
    }
}

/// Whether the gateway is set up to send mail.
pub fn is_set_up(platform: &Platform) -> bool {
    let config = platform.config();
    Settings::read(|name| config.text(name), config.environment()).is_ok()
}

/// The message in the form that the binding expects.
pub fn email(sender: &Sender, mail: &Mail) -> Email {
    Email {
        from_name: sender.name().map(str::to_owned),
        from: sender.address().as_str().to_owned(),
        to: mail.to().as_str().to_owned(),
        subject: mail.subject().to_owned(),
        text: mail.text(),
        html: mail.html(),
        headers: mail.headers(),
    }
}

async fn through_api(platform: &Platform, api: &Api, sender: &Sender, mail: &Mail) -> Result<(), MailError> {
    let request = api.request(sender, mail);
    let post = Post {
        url: &request.url,
        headers: request.headers,
        body: &request.body,
        timeout_ms: u64::from(TIMEOUT_SECS) * 1000,
        longest_answer: LONGEST_ANSWER,
    };
    match platform.outgoing().post(post).await.result {
        Sent::Answered { status, body, .. } => api.refusal(status, &body).map_or(Ok(()), Err),
        Sent::TimedOut => Err(api.late(TIMEOUT_SECS)),
        Sent::Failed(_) => Err(api.unreachable()),
        Sent::Invalid(_) => Err(api.unusable()),
    }
}
