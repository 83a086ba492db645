//! What the formats of calls and results leave out, so that they grow without changing what earlier versions wrote.

use serde::Serialize;

use crate::error::Error;

/// A value as JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(error.to_string()))
}

/// Whether something was not asked for.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_false(asked: &bool) -> bool {
    !asked
}

/// Whether nothing was counted.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")
)]
pub(crate) fn is_zero(count: &i64) -> bool {
    *count == 0
}
