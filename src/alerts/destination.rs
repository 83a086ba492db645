//! Where the notifications of an alert go (docs/contract/automation.md#alerts-beyond-the-contract).
//!
//! Stored as JSON in `alerts.destination` and `alert_history.destination`. Types and optional fields may be added; what
//! is there is never renamed, because old rows are read as they are.

use serde::{Deserialize, Deserializer, Serialize};

use sluice_values::WebhookId;

/// Where an alert's notifications go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[schemars(inline)]
pub enum Destination {
    /// To the website owner's mailbox.
    #[default]
    Email,
    /// To a webhook endpoint of the website.
    Webhook { endpoint_id: WebhookId },
}

impl Destination {
    pub fn endpoint(&self) -> Option<WebhookId> {
        match self {
            Self::Email => None,
            Self::Webhook { endpoint_id } => Some(*endpoint_id),
        }
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Kind {
            Email,
            Webhook,
        }

        // As loose as JSON allows, so that errors name the field.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct AnyDestination {
            r#type: Kind,
            endpoint_id: Option<WebhookId>,
        }

        match AnyDestination::deserialize(from)? {
            AnyDestination { r#type: Kind::Email, .. } => Ok(Self::Email),
            AnyDestination { endpoint_id: Some(endpoint_id), .. } => Ok(Self::Webhook { endpoint_id }),
            AnyDestination { .. } => Err(serde::de::Error::missing_field("endpointId")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_mailbox_or_an_endpoint() {
        let read = |sent: &str| serde_json::from_str::<Destination>(sent).map_err(|error| error.to_string());
        let endpoint = "0123456789abcdef01234567";
        let webhook = format!(r#"{{"type":"webhook","endpointId":"{endpoint}"}}"#);
        assert_eq!(read(r#"{"type":"email"}"#).unwrap(), Destination::Email);
        assert_eq!(read(&webhook).unwrap(), Destination::Webhook { endpoint_id: endpoint.parse().unwrap() });
        assert_eq!(serde_json::to_string(&read(&webhook).unwrap()).unwrap(), webhook);
        for (sent, part) in [
            (r#"{"type":"webhook"}"#, "missing field `endpointId`"),
            (r#"{"type":"webhook","endpointId":"x"}"#, "24 hexadecimal"),
            (r#"{"type":"pigeon"}"#, "expected `email` or `webhook`"),
            ("{}", "missing field `type`"),
        ] {
            let error = read(sent).unwrap_err();
            assert!(error.contains(part), "{sent}: {error}");
        }
    }
}
