//! Revocation takes effect on the next request, everywhere (docs/contract/README.md#14).
//!
//! Deleting or rolling a credential inserts its old hash into `revocations` in the same transaction, then makes that
//! hash's credential object forget its holder. The response waits for both. If the object cannot be reached, the row
//! remains and cron tries again. A transfer of a website does the same to credentials that go on (`is_live`): their objects
//! only read anew.

use crate::auth::client::CredentialClient;
use serde::Deserialize;

use crate::platform::database::{Batch, Handle, Results, sql};
use crate::platform::{Platform, PlatformError, log};

/// How many revocations one run of cron handles.
const PAGE: u32 = 500;

/// A row of `revocations`, as the statement that inserts it returns it.
#[derive(Deserialize)]
pub struct Revoked {
    pub token_hash: String,
}

/// Makes the revoked hash's credential object forget its holder, and reports whether there was a revocation.
pub async fn forget(platform: &Platform, results: &Results, revoked: &Handle<Revoked>) -> Result<bool, PlatformError> {
    let Some(revoked) = results.first(revoked)? else {
        return Ok(false);
    };
    CredentialClient::new(platform).forget(&revoked.token_hash).await?;
    Ok(true)
}

/// Makes the credential objects of all the revoked hashes forget them.
pub async fn forget_all(
    platform: &Platform,
    results: &Results,
    revoked: &Handle<Revoked>,
) -> Result<(), PlatformError> {
    for Revoked { token_hash } in results.all(revoked)? {
        CredentialClient::new(platform).forget(&token_hash).await?;
    }
    Ok(())
}

/// Makes the credential objects of all recorded revocations forget their holders, and deletes those rows.
pub async fn sweep(platform: &Platform) -> Result<(), PlatformError> {
    let page = sql("SELECT token_hash FROM revocations ORDER BY revoked_at LIMIT ?1").bind(PAGE);
    let revoked: Vec<Revoked> = platform.database().rows(page).await?;
    let mut forgotten = Batch::new();
    for Revoked { token_hash } in revoked {
        if let Err(error) = CredentialClient::new(platform).forget(&token_hash).await {
            // It is left for the next run and holds up no other.
            log::failure("cron", "revocations", &error.to_string());
            continue;
        }
        forgotten.run(sql("DELETE FROM revocations WHERE token_hash = ?1").bind(token_hash));
    }
    platform.database().run(forgotten).await?;
    Ok(())
}
