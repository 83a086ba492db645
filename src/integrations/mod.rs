//! Connections to payment providers.

pub mod vault;
