//! Ids that providers give, as text of a limited length.

use serde::{Deserialize, Serialize};

/// Characters of an id, of a name and of an address.
const LONGEST: usize = 255;

/// A text of one line as it is kept: without control characters and surrounding white space, cut to its longest.
pub fn line(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|character| !character.is_control()).collect();
    let line = line.trim();
    let end = line.char_indices().nth(LONGEST).map_or(line.len(), |(end, _)| end);
    line.get(..end).map(|kept| kept.trim_end().to_owned()).filter(|kept| !kept.is_empty())
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control) && text.trim() == text
}

macro_rules! id {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// `None` for what is empty, longer than 255 characters, or has control characters or white space around it.
            pub fn new(text: impl Into<String>) -> Option<Self> {
                Some(text.into()).filter(|text| is_id(text)).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text).ok_or(concat!(stringify!($type), ": expected 1 to 255 characters of one line"))
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// The id of a payment, a refund, a chargeback or a trial (docs/contract/providers.md#2.1).
    TransactionId
);
id!(
    /// The id of a subscription.
    SubscriptionId
);
id!(
    /// The id of a customer.
    CustomerId
);
id!(
    /// Another name of a payment: of its checkout, its invoice, its charge.
    OtherId
);

impl TransactionId {
    /// Whether it is the same text as this.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text
    }
}

/// Whether no other payment in the world has this id: Stripe's and Paddle's own, and UUIDs. Numbers and tokens are not.
pub fn is_unique_in_the_world(id: &str) -> bool {
    let has_prefix = ["pi_", "ch_", "py_", "cs_", "in_", "txn_"].into_iter().any(|prefix| {
        id.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    });
    has_prefix || (id.len() == 36 && uuid::Uuid::try_parse(id).is_ok())
}

/// Whether an id can stand in a path as it is: a payload does not choose where a request goes.
pub fn is_path_segment(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_nobody_else_gives_are_aliases() {
        for unique in
            ["pi_3Qv", "ch_wc727", "py_1", "cs_live_a1", "in_1Q", "txn_01ab", "c4a72f42-61d5-4309-8c1d-af9e7d9fd8dc"]
        {
            assert!(is_unique_in_the_world(unique), "{unique}");
        }
        for common in [
            "2201",
            "",
            "pi_",
            "pi-1",
            "sub_1",
            "re_1",
            "cus_1",
            "wc_order_4f",
            "xpi_1",
            "ch_1 2",
            "ch_ä",
            "c4a72f4261d543098c1daf9e7d9fd8dc",
        ] {
            assert!(!is_unique_in_the_world(common), "{common}");
        }
    }

    #[test]
    fn ids_are_short_lines_and_texts_become_such() {
        assert!(TransactionId::new("a".repeat(255)).is_some());
        for wrong in ["", " a", "a\n", "a\u{0}b", &"a".repeat(256)] {
            assert!(TransactionId::new(wrong).is_none(), "{wrong:?}");
            assert!(serde_json::from_value::<CustomerId>(wrong.into()).is_err(), "{wrong:?}");
        }
        assert_eq!(line("  Ada\r\n Example "), Some("Ada Example".into()));
        assert_eq!(line(&"ä".repeat(300)).unwrap().chars().count(), 255);
        assert_eq!(line(" \n "), None);
    }

    #[test]
    fn no_id_leads_a_request_to_another_path() {
        for fine in ["ch_1", "c4a72f42-61d5-4309-8c1d-af9e7d9fd8dc", "727"] {
            assert!(is_path_segment(fine), "{fine}");
        }
        for wrong in ["", "..", "a/b", "a?b", "a%2fb", "a b", "ä"] {
            assert!(!is_path_segment(wrong), "{wrong}");
        }
    }
}
