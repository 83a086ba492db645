//! Accounts and their access tokens.

pub mod access_tokens;
pub mod profile;
pub mod setup;
