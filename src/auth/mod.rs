//! Who is calling, and what they may do.
//!
//! A raw [`token`] is checked without touching storage; the [`gate`] of its hash answers in one hop who it belongs
//! to and whether it may call now; [`access`] decides from permission, website scope and role.

pub mod access;
pub mod failures;
pub mod gate;
pub mod gate_object;
pub mod permission;
pub mod revocation;
pub mod role;
pub mod seal;
pub mod sliding_window;
pub mod token;
