//! Alerts: rules about goals and numbers, what they come to, and the history of their messages.

pub mod evaluate;
pub mod history;
pub mod machine;
pub mod notify;
pub mod preview;
pub mod rules;
pub mod run;
pub mod template;
pub mod transitions;
pub mod trigger;
