//! Cryptographically secure random bytes.

use super::error::PlatformError;

pub fn bytes<const N: usize>() -> Result<[u8; N], PlatformError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| PlatformError::new(format!("no randomness: {error}")))?;
    Ok(bytes)
}
