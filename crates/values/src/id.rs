//! Resource ids: 24 lower-case hexadecimal characters, 4 bytes of seconds and 8 random bytes
//! (docs/contract/README.md#5).

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use crate::hex::hex;
use crate::invalid::{Invalid, excerpt};
use crate::timestamp::Timestamp;

/// The kinds of ids. They exist so that the id of one resource cannot be passed for another's.
pub mod kinds {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {
            $($(#[$doc])* #[derive(Debug, Clone, Copy, PartialEq, Eq)] pub enum $kind {})*
        };
    }
    kinds! {
        /// A person with an account.
        Account,
        /// A `dft_` account token.
        Token,
        /// A website.
        Website,
        /// A `df_` website key.
        WebsiteKey,
        /// A funnel.
        Funnel,
        /// An alert rule.
        Alert,
        /// A change of an alert's state.
        Transition,
        /// An endpoint that receives webhooks.
        Webhook,
        /// An invitation to a website's team.
        Invitation,
        /// One request, as `X-Request-Id` shows it.
        Request,
        /// An event of a website.
        Event,
        /// A payment.
        Payment,
        /// A delivery to a webhook endpoint.
        Delivery,
        /// An event of a payment provider.
        ProviderEvent,
        /// A session of the console.
        ConsoleSession,
        /// A note on the chart.
        Note,
        /// A row of the audit log.
        Audit,
        /// An application that has registered itself for OAuth.
        OauthClient,
        /// A code by mail that signs in to the console.
        SignInCode,
        /// A passkey.
        Passkey,
    }
}

/// The id of an account.
pub type AccountId = Id<kinds::Account>;
/// The id of a `dft_` account token.
pub type TokenId = Id<kinds::Token>;
/// The id of a website.
pub type WebsiteId = Id<kinds::Website>;
/// The id of a `df_` website key.
pub type WebsiteKeyId = Id<kinds::WebsiteKey>;
/// The id of a funnel.
pub type FunnelId = Id<kinds::Funnel>;
/// The id of an alert rule.
pub type AlertId = Id<kinds::Alert>;
/// The id of a webhook endpoint.
pub type WebhookId = Id<kinds::Webhook>;
/// The id of a delivery.
pub type DeliveryId = Id<kinds::Delivery>;
/// The id of an event of a payment provider.
pub type ProviderEventId = Id<kinds::ProviderEvent>;
/// The id of a session of the console.
pub type ConsoleSessionId = Id<kinds::ConsoleSession>;
/// The id of a note on the chart.
pub type NoteId = Id<kinds::Note>;
/// The id of a row of the audit log.
pub type AuditId = Id<kinds::Audit>;
/// The id of an application that has registered itself for OAuth.
pub type OauthClientId = Id<kinds::OauthClient>;
/// The id of a passkey.
pub type PasskeyId = Id<kinds::Passkey>;
/// The id of an invitation.
pub type InvitationId = Id<kinds::Invitation>;

/// A website as requests name it: by its id, or by the tracking id of its script (docs/contract/README.md#39).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebsiteName {
    Id(WebsiteId),
    /// `dfid_…`
    Tracking(String),
}

/// The longest tracking id, in characters after `dfid_`.
const LONGEST_TRACKING_ID: usize = 64;

impl FromStr for WebsiteName {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let is_tracking_id = sent.strip_prefix("dfid_").is_some_and(|rest| {
            (1..=LONGEST_TRACKING_ID).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        match sent.parse() {
            _ if is_tracking_id => Ok(Self::Tracking(sent.to_owned())),
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => Err(Invalid::new(format!(
                "expected an id of 24 hexadecimal characters or a tracking id (dfid_…), got \"{}\"",
                excerpt(sent)
            ))),
        }
    }
}

impl schemars::JsonSchema for WebsiteName {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WebsiteName".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": format!("^([0-9a-fA-F]{{24}}|dfid_[0-9A-Za-z]{{1,{LONGEST_TRACKING_ID}}})$"),
            "examples": ["665f0b3c4d2e1a0012345678"]
        })
    }
}

/// Twelve bytes, written as 24 hexadecimal characters; ids of one kind sort by the second of their creation.
pub struct Id<Kind> {
    bytes: [u8; 12],
    kind: PhantomData<Kind>,
}

impl<Kind> Id<Kind> {
    /// A new id, created at `now` with 8 random bytes.
    pub fn new(now: Timestamp, random: [u8; 8]) -> Self {
        let [.., a, b, c, d] = (now.as_millis() / 1000).to_be_bytes();
        let [e, f, g, h, i, j, k, l] = random;
        Self { bytes: [a, b, c, d, e, f, g, h, i, j, k, l], kind: PhantomData }
    }
}

impl<Kind> Id<Kind> {
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    pub const fn as_bytes(&self) -> &[u8; 12] {
        &self.bytes
    }
}

impl<Kind> FromStr for Id<Kind> {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid::new(format!("an id has 24 hexadecimal characters, got \"{}\"", excerpt(sent)));
        let digits = sent.as_bytes();
        if digits.len() != 24 {
            return Err(refuse());
        }
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().try_fold(0, |value, digit| {
                let nibble = char::from(*digit).to_digit(16).ok_or_else(refuse)?;
                Ok(value << 4 | u8::try_from(nibble).map_err(|_| refuse())?)
            })?;
        }
        Ok(Self { bytes, kind: PhantomData })
    }
}

impl<Kind> fmt::Display for Id<Kind> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&hex(&self.bytes))
    }
}

// Written out because a derive would require the same trait of `Kind`, which is only a marker.
impl<Kind> fmt::Debug for Id<Kind> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}
impl<Kind> Clone for Id<Kind> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Kind> Copy for Id<Kind> {}
impl<Kind> PartialEq for Id<Kind> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl<Kind> Eq for Id<Kind> {}
impl<Kind> std::hash::Hash for Id<Kind> {
    fn hash<H: std::hash::Hasher>(&self, to: &mut H) {
        self.bytes.hash(to);
    }
}

impl<Kind> serde::Serialize for Id<Kind> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex(&self.bytes))
    }
}

impl<'de, Kind> serde::Deserialize<'de> for Id<Kind> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let sent = <String as serde::Deserialize>::deserialize(from)?;
        sent.parse().map_err(serde::de::Error::custom)
    }
}

impl<Kind> schemars::JsonSchema for Id<Kind> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-fA-F]{24}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_starts_with_its_second_and_ends_with_its_random_bytes() {
        let id =
            WebsiteId::new(Timestamp::from_millis(1_716_456_252_999), [0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xff]);
        assert_eq!(id.to_string(), "664f0b3c00123456789abcff");
    }

    #[test]
    fn a_website_is_named_by_its_id_or_its_tracking_id() {
        let id = "665f0b3c4d2e1a0012345678";
        assert_eq!(id.parse(), Ok(WebsiteName::Id(id.parse().unwrap())));
        assert_eq!("665F0B3C4D2E1A0012345678".parse(), Ok(WebsiteName::Id(id.parse().unwrap())));
        let tracking = format!("dfid_{id}");
        assert_eq!(tracking.parse(), Ok(WebsiteName::Tracking(tracking.clone())));
        for wrong in ["", "dfid_", "dfid_a/b", "dfid_é", "DFID_1", "example.com", &format!("dfid_{}", "x".repeat(65))]
        {
            let error = wrong.parse::<WebsiteName>().unwrap_err().to_string();
            assert!(error.contains("24 hexadecimal") && error.contains("dfid_"), "{error}");
        }
    }

    #[test]
    fn anything_but_24_hex_digits_is_refused_with_the_rule() {
        for wrong in [
            "",
            "665f0b3c4d2e1a001234567",
            "665f0b3c4d2e1a00123456789",
            "665f0b3c4d2e1a001234567g",
            "é65f0b3c4d2e1a0012345678",
        ] {
            let error = wrong.parse::<FunnelId>().unwrap_err();
            assert!(error.to_string().contains("24 hexadecimal"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_id_reads_back_unchanged(second in 0..u32::MAX, random: [u8; 8]) {
            let id = AlertId::new(Timestamp::from_millis(i64::from(second) * 1000), random);
            prop_assert_eq!(id.to_string().parse::<AlertId>().unwrap(), id);
            prop_assert_eq!(id.to_string().to_uppercase().parse::<AlertId>().unwrap(), id);
        }

        #[test]
        fn the_parser_never_panics(text in ".*") {
            let _ = text.parse::<AlertId>();
        }
    }
}
