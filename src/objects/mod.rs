//! The shells of the Durable Objects, as the platform sees them.

pub mod credential_do;
pub mod site_do;
pub mod site_sql;
