//! Revocation bites on the next request everywhere (docs/contract/README.md#14).
//!
//! Deleting or rolling a credential writes its old hash into `revocations` in the same transaction, then tells that
//! hash's gate to forget. The answer waits for both. A row that stays behind (the gate could not be told) is taken up
//! by cron.

use crate::auth::client::CredentialClient;
use serde::Deserialize;

use crate::platform::database::{Rows, sql};
use crate::platform::{Platform, PlatformError};

/// Revocations taken up by one run of cron.
const PAGE: u32 = 500;

/// A row of `revocations`, and what the first statement of a revoking batch returns.
#[derive(Deserialize)]
struct Revoked {
    token_hash: String,
}

/// Tells the gate of the revoked hash, which the batch's next answer holds, and reports whether there was one.
pub async fn tell_gate(platform: &Platform, rows: &mut Rows) -> Result<bool, PlatformError> {
    let Some(revoked) = rows.first::<Revoked>()? else {
        return Ok(false);
    };
    CredentialClient::new(platform).forget(&revoked.token_hash).await?;
    Ok(true)
}

/// Tells the gates of all revocations on record and strikes them off.
pub async fn sweep(platform: &Platform) -> Result<(), PlatformError> {
    let page = sql("SELECT token_hash FROM revocations ORDER BY revoked_at LIMIT ?1").bind(PAGE);
    let revoked: Vec<Revoked> = platform.database().batch(vec![page]).await?.all()?;
    let mut told = Vec::with_capacity(revoked.len());
    for Revoked { token_hash } in revoked {
        CredentialClient::new(platform).forget(&token_hash).await?;
        told.push(sql("DELETE FROM revocations WHERE token_hash = ?1").bind(token_hash));
    }
    platform.database().batch(told).await?;
    Ok(())
}
