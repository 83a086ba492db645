//! Alerts: rules about goals and metrics, their states, and the history of their notifications (docs/alerts.md).

pub mod history;
pub mod lease;
pub mod notify;
pub mod preview;
pub mod queue;
pub mod resource;
pub mod runner;
pub mod state_machine;
pub mod template;
pub mod transitions;
pub mod trigger;
pub mod unsubscribe;
