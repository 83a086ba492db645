//! Cryptographically secure random bytes.

use std::cell::RefCell;

use super::error::PlatformError;

/// How many bytes are drawn from the platform at once: a draw costs the same for one as for all of these.
const DRAWN: usize = 1_024;

thread_local! {
    /// Bytes that were drawn, and that nobody has been given yet.
    static POOL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

pub fn bytes<const N: usize>() -> Result<[u8; N], PlatformError> {
    POOL.with_borrow_mut(|pool| {
        if pool.len() < N {
            pool.resize(DRAWN.max(N), 0);
            getrandom::fill(pool).map_err(|error| {
                pool.clear();
                PlatformError::new(format!("no randomness: {error}"))
            })?;
        }
        let mut bytes = [0; N];
        bytes.iter_mut().zip(pool.drain(pool.len() - N..)).for_each(|(byte, drawn)| *byte = drawn);
        Ok(bytes)
    })
}
