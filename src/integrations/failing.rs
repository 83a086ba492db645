//! Connections that fail (docs/contract/providers.md#3.3). What waits for them stays, and they are looked at again every hour.

use super::connection::Reason;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_providers::provider::Provider;
use sluice_providers::reading::Trouble;
use sluice_values::{Timestamp, WebsiteId};

/// When a connection that fails is looked at again, in milliseconds.
pub const LOOK_MS: i64 = 3_600_000;

/// Why a connection cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub reason: Reason,
    /// In words of ours.
    pub message: String,
}

/// Notes that a connection fails. One that fails already keeps its reason and the time since when.
pub fn fail((website, provider): (WebsiteId, Provider), failing: &Failing, now: Timestamp) -> Statement {
    let Failing { reason, message } = failing;
    sql("UPDATE integrations SET state = 'failing', failing_since = ?5, failing_reason = ?3, failing_message = ?4, \
         setup_due_at = ?6 WHERE website_id = ?1 AND provider = ?2 AND state <> 'failing'")
    .bind(website)
    .bind(provider.name())
    .bind(reason.as_str())
    .bind(message.as_str())
    .bind(now)
    .bind(now.plus_millis(LOOK_MS))
}

/// Why a connection cannot be used whose request was refused.
pub fn of_trouble(provider: Provider, trouble: &Trouble) -> Option<Failing> {
    let title = provider.title();
    let (reason, message) = match trouble {
        Trouble::Later { .. } => return None,
        Trouble::Refused => (Reason::KeyRefused, format!("{title} does not accept the key any more")),
        Trouble::Denied(Some(permission)) => {
            (Reason::PermissionMissing, format!("{title}: the key lacks {permission}"))
        }
        Trouble::Denied(None) => (Reason::PermissionMissing, format!("{title}: the key lacks a permission")),
    };
    Some(Failing { reason, message })
}

/// The key has come to its end.
pub fn expired(provider: Provider) -> Failing {
    Failing { reason: Reason::KeyExpired, message: format!("{}: the key has ended", provider.title()) }
}

/// Notes that a connection fails if its request was refused.
pub async fn refused(
    platform: &Platform,
    (website, provider): (WebsiteId, Provider),
    trouble: &Trouble,
) -> Result<(), PlatformError> {
    if let Some(failing) = of_trouble(provider, trouble) {
        let fail = fail((website, provider), &failing, platform.now());
        platform.database().run(Batch::of(fail)).await?;
    }
    Ok(())
}
