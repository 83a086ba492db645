//! Names of goals.

use std::str::FromStr;

use schemars::json_schema;

use crate::invalid::{Invalid, excerpt};
use crate::text_value;

/// The name of a goal: 1 to 64 of `a-z 0-9 _ - :` (docs/contract/account-api.md#8 and #9;
/// docs/contract/website-api.md#3.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GoalName(String);

impl GoalName {
    /// The longest goal name, in characters.
    pub const LONGEST: usize = 64;

    /// What the script sends identifications under.
    pub const IDENTIFY: &str = "identify";

    /// Payments above zero.
    pub const PAYMENT: &str = "payment";

    /// Free trials.
    pub const FREE_TRIAL: &str = "free_trial";

    /// Goals that payments complete (docs/contract/website-api.md#3.3).
    pub const AUTOMATIC: [&str; 11] = [
        Self::PAYMENT,
        Self::FREE_TRIAL,
        "trial_started",
        "trial_converted",
        "subscription_started",
        "subscription_upgraded",
        "subscription_downgraded",
        "subscription_renewed",
        "subscription_cancel_scheduled",
        "subscription_reactivated",
        "subscription_ended",
    ];

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names that nobody can send.
    pub fn reserved_names() -> impl Iterator<Item = &'static str> {
        std::iter::once(Self::IDENTIFY).chain(Self::AUTOMATIC)
    }

    /// Whether payments complete the goal of this name.
    pub fn is_automatic(name: &str) -> bool {
        Self::AUTOMATIC.contains(&name)
    }

    /// Whether browsers and backends may send a goal of this name (docs/contract/README.md#37).
    pub fn check_sendable(name: &str) -> Result<(), Invalid> {
        if Self::reserved_names().any(|reserved| reserved == name) { Err(Self::reserved(name)) } else { Ok(()) }
    }

    /// The refusal of a name that is not free.
    pub fn reserved(name: &str) -> Invalid {
        Invalid::new(format!("\"{name}\" is reserved"))
    }
}

impl FromStr for GoalName {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b':');
        if (1..=Self::LONGEST).contains(&sent.len()) && sent.bytes().all(fits) {
            Ok(Self(sent.to_owned()))
        } else {
            Err(Invalid::new(format!(
                "a goal name has 1 to {} of the characters a-z 0-9 _ - :, got \"{}\"",
                Self::LONGEST,
                excerpt(sent)
            )))
        }
    }
}

text_value!(GoalName, json_schema!({ "type": "string", "pattern": "^[a-z0-9_:-]{1,64}$" }));

/// A goal name as a person may spell it: surrounding space and upper case are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpelledGoalName(GoalName);

impl SpelledGoalName {
    /// The normalized name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for SpelledGoalName {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        sent.trim().to_ascii_lowercase().parse().map(Self)
    }
}

text_value!(SpelledGoalName, json_schema!({ "type": "string", "pattern": r"^\s*[A-Za-z0-9_:-]{1,64}\s*$" }));

/// A goal name as a backend may spell it: in any case, and with spaces for `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseGoalName(GoalName);

impl LooseGoalName {
    /// The normalized name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for LooseGoalName {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let name: GoalName = sent.trim().to_ascii_lowercase().replace(' ', "_").parse()?;
        if name.as_str() == GoalName::IDENTIFY { Err(GoalName::reserved(GoalName::IDENTIFY)) } else { Ok(Self(name)) }
    }
}

text_value!(
    LooseGoalName,
    json_schema!({ "type": "string", "pattern": r"^\s*[A-Za-z0-9_:-]([A-Za-z0-9_: -]{0,62}[A-Za-z0-9_:-])?\s*$", "examples": ["signup"] })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goal_names_have_64_characters_of_a_small_alphabet() {
        for right in ["signup", "a", "checkout:step-2_done", &"x".repeat(64)] {
            assert_eq!(right.parse::<GoalName>().unwrap().as_str(), right);
        }
        for wrong in ["", "Signup", "sign up", "naïve", "a/b", &"x".repeat(65)] {
            assert!(wrong.parse::<GoalName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn spelling_ignores_capitals_and_surrounding_space_only() {
        assert_eq!(" SignUp ".parse::<SpelledGoalName>().unwrap().as_str(), "signup");
        assert!("sign up".parse::<SpelledGoalName>().is_err());
    }
}
