//! Authentication and authorization.
//!
//! A raw [`token`] is checked without touching storage. The Durable Object named by its hash ([`credential`]) returns
//! in one hop who holds it and whether they may call now. [`access`] decides from permission, website scope and role.

pub mod access;
pub mod assertion;
pub mod client;
pub mod credential;
pub mod credential_state;
pub mod failures;
pub mod identity;
pub mod limits;
pub mod passkeys;
pub mod permission;
pub mod revocation;
pub mod role;
pub mod session;
pub mod sessions;
pub mod sliding_window;
pub mod token;
pub mod unknown;
pub mod webauthn;
