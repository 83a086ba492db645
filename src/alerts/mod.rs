//! Alerts: rules about goals, and the history of their messages.

pub mod history;
pub mod rules;
