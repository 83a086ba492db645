//! Email: messages, providers, and the sender. Features build a [`message::Mail`] and pass it to
//! `mailer::send(platform, …)`.

pub mod mailer;
pub mod message;
pub mod provider;
pub mod unsubscribe;

use message::one_line;

/// The longest reason, in characters: it is shown in an alert's history.
const LONGEST_REASON: usize = 200;

/// Why a message could not be sent: one short line without secrets, which may be shown to the website's team.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MailError(String);

impl MailError {
    /// This reason, shortened to fit a list.
    pub fn new(reason: impl AsRef<str>) -> Self {
        let line = one_line(reason.as_ref());
        match line.char_indices().nth(LONGEST_REASON - 1) {
            Some((end, last)) if end + last.len_utf8() < line.len() => {
                Self(format!("{}…", line.get(..end).unwrap_or_default()))
            }
            _ => Self(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reason_is_one_short_line(reason in any::<String>(), count in 1..30_usize) {
            let error = MailError::new(reason.repeat(count)).to_string();
            prop_assert!(error.chars().count() <= LONGEST_REASON);
            prop_assert!(!error.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_short_reason_is_unchanged_and_a_longer_one_ends_in_an_ellipsis() {
        assert_eq!(MailError::new("x".repeat(200)).to_string(), "x".repeat(200));
        assert_eq!(MailError::new("é".repeat(201)).to_string(), format!("{}…", "é".repeat(199)));
    }
}
