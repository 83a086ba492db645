//! The audit log: who has changed what (docs/audit.md).

pub mod list;
pub mod records;
