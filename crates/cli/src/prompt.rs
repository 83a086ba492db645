//! Questions on a terminal. Ctrl+C and Esc leave without having sent anything.

use std::fmt::Display;

use inquire::{Confirm, InquireError, MultiSelect, Password, PasswordDisplayMode, Select, Text};

use crate::failure::{Failure, Outcome};

fn answered<T>(outcome: Result<T, InquireError>) -> Outcome<T> {
    outcome.map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => Failure::interrupted(),
        error => Failure::failed(error.to_string()),
    })
}

pub fn text(question: &str, help: &str) -> Outcome<String> {
    let prompt = Text::new(question);
    answered(if help.is_empty() { prompt.prompt() } else { prompt.with_help_message(help).prompt() })
}

/// A secret: it is not echoed.
pub fn secret(question: &str) -> Outcome<String> {
    answered(Password::new(question).with_display_mode(PasswordDisplayMode::Hidden).without_confirmation().prompt())
}

pub fn confirm(question: &str) -> Outcome<bool> {
    answered(Confirm::new(question).with_default(false).prompt())
}

pub fn select<T: Display>(question: &str, options: Vec<T>) -> Outcome<T> {
    answered(Select::new(question, options).prompt())
}

pub fn select_many(question: &str, options: Vec<String>) -> Outcome<Vec<String>> {
    answered(MultiSelect::new(question, options).prompt())
}

/// An option with what it stands for.
pub struct Choice<T> {
    pub label: String,
    pub value: T,
}

impl<T> Display for Choice<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(&crate::screen::plain(&self.label))
    }
}
