//! What the formats of calls and results leave out, so that they grow without changing what earlier versions wrote.

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
