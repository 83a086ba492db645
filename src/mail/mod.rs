//! E-mail: what a message consists of, which way it goes out, and how its receiver stops it.
//!
//! Whoever has something to say makes a [`message::Mail`] and gives it to `mailer::send(platform, …)`.

pub mod mailer;
pub mod message;
pub mod provider;

use message::one_line;

/// Characters of a reason at most: it stands in an alert's history.
const LONGEST_REASON: usize = 200;

/// Why a message could not be sent: one short line that may be shown to the website's team, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MailError(String);

impl MailError {
    /// This reason, cut to a length that fits a list.
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
    fn a_reason_that_fits_is_kept_and_a_longer_one_ends_in_an_ellipsis() {
        assert_eq!(MailError::new("x".repeat(200)).to_string(), "x".repeat(200));
        assert_eq!(MailError::new("é".repeat(201)).to_string(), format!("{}…", "é".repeat(199)));
    }
}
