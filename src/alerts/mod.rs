//! Alerts: rules about goals and metrics, their states, and the history of their notifications (docs/alerts.md).

pub mod alert;
pub mod claim;
pub mod destination;
pub mod history;
pub mod lease;
pub mod notify;
pub mod preview;
pub mod queue;
pub mod reading;
pub mod rendering;
pub mod resource;
pub mod runner;
pub mod state_machine;
pub mod statements;
pub mod template;
pub mod test_message;
pub mod transitions;
pub mod trigger;
pub mod unsubscribe;
