//! The Durable Object classes: thin shells around the logic in other modules.

pub mod credential_do;
pub mod site_do;
pub mod site_sql;
