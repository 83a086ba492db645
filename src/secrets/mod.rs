//! Secrets that must be read back are sealed before they are stored.

pub mod keyring;
pub mod seal;
