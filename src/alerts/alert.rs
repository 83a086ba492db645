//! The model of an alert: what clients send, the rules for it, and what the API shows (docs/contract/account-api.md#9,
//! docs/contract/README.md#28 and #32, docs/contract/automation.md#alerts-beyond-the-contract).

use serde::{Deserialize, Serialize};

use super::destination::Destination;
use super::history::Log;
use super::state_machine::State;
use super::template::{MessageText, Subject};
use super::trigger::{SentTrigger, Trigger, TriggerType, UpdateTrigger};
use crate::http::error::Error;
use crate::http::input::Patch;
use crate::http::reply::BothIds;
use crate::platform::PlatformError;
use sluice_values::{AccountId, AlertId, Duration, Name, Timestamp, WebhookId, WebsiteId, kinds};

/// The time between two notifications of an alert.
pub type Cooldown = Duration<0, 43_200>;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateAlert")]
pub struct Create {
    pub(super) name: Name,
    #[schemars(with = "SentTrigger")]
    pub(super) trigger: Trigger,
    #[serde(default)]
    pub(super) destination: Destination,
    pub(super) template: Template,
    /// Defaults to `true`.
    is_enabled: Option<bool>,
    /// The time between two messages of the alert; defaults to `0m` for goals and `1h` for metrics.
    pub(super) cooldown: Option<Cooldown>,
    /// Whether a message is also sent when the alert stops firing; defaults to `false`.
    notify_resolved: Option<bool>,
}

impl Create {
    pub fn is_enabled(&self) -> bool {
        self.is_enabled.unwrap_or(true)
    }

    pub fn notify_resolved(&self) -> bool {
        self.notify_resolved.unwrap_or_default()
    }
}

/// The text of an alert's messages.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Template {
    pub(super) subject: Option<Subject>,
    pub(super) message: MessageText,
}

/// The body of update.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateAlert")]
pub struct Update {
    pub(super) name: Patch<Name>,
    trigger: Patch<UpdateTrigger>,
    pub(super) destination: Patch<Destination>,
    template: Patch<UpdateTemplate>,
    pub(super) is_enabled: Patch<bool>,
    /// The time between two messages of the alert.
    pub(super) cooldown: Patch<Cooldown>,
    /// Whether a message is also sent when the alert stops firing.
    pub(super) notify_resolved: Patch<bool>,
}

#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
struct UpdateTemplate {
    /// `null` clears it.
    subject: Patch<Option<Subject>>,
    message: Patch<MessageText>,
}

// ---- Rules

impl Update {
    /// Whether the new trigger depends on the stored one.
    pub fn needs_stored(&self) -> bool {
        self.trigger.as_set().is_some_and(|trigger| trigger.complete().is_none())
    }

    /// The new trigger, if the update has one. `stored` is the JSON of the present trigger, read if
    /// [`Self::needs_stored`].
    pub fn edit(&self, stored: Option<String>) -> Result<Option<Edit>, Error> {
        let Some(patch) = self.trigger.as_set() else { return Ok(None) };
        if let Some(trigger) = patch.complete() {
            return Ok(Some(Edit { trigger: trigger.possible()?, based_on: None }));
        }
        let text = stored.ok_or_else(|| PlatformError::new("a partial trigger without the stored one"))?;
        let before = serde_json::from_str(&text).map_err(|error| PlatformError::new(format!("a trigger: {error}")))?;
        Ok(Some(Edit { trigger: patch.onto(before)?.possible()?, based_on: Some(text) }))
    }

    /// The endpoint that the update names as the new destination.
    pub fn endpoint(&self) -> Option<WebhookId> {
        self.destination.as_set().and_then(Destination::endpoint)
    }

    pub(super) fn subject(&self) -> Option<&Option<Subject>> {
        self.template.as_set().and_then(|template| template.subject.as_set())
    }

    pub(super) fn message(&self) -> Option<&MessageText> {
        self.template.as_set().and_then(|template| template.message.as_set())
    }
}

/// A new trigger.
pub struct Edit {
    pub trigger: Trigger,
    /// The stored JSON that the new trigger was derived from. The update applies only while it is still stored.
    pub based_on: Option<String>,
}

/// The cooldown of an alert whose owner has not set one.
pub fn default_cooldown(kind: TriggerType) -> Cooldown {
    Cooldown::of_minutes(match kind {
        TriggerType::Goal => 0,
        TriggerType::Metric => 60,
    })
}

/// The cooldown that `alerts.cooldown` stores: as the API spells it, or NULL for the default.
pub fn read_cooldown(stored: Option<&str>, kind: TriggerType) -> Cooldown {
    stored.and_then(|text| text.parse().ok()).unwrap_or_else(|| default_cooldown(kind))
}

// ---- What goes out

/// An alert rule.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    #[serde(flatten)]
    pub(super) ids: BothIds<kinds::Alert>,
    pub(super) website_id: WebsiteId,
    pub(super) name: String,
    pub(super) trigger: Trigger,
    pub(super) destination: Destination,
    pub(super) template: ShownTemplate,
    pub(super) is_enabled: bool,
    pub(super) cooldown: Cooldown,
    pub(super) notify_resolved: bool,
    /// The state of an alert on a metric; an alert on a goal stays `normal`.
    pub(super) state: State,
    pub(super) state_since: Timestamp,
    /// The latest messages, newest first.
    pub(super) recent_logs: Vec<Log>,
    /// The account whose token made it; `null` for alerts from before this was stored.
    pub(super) created_by: Option<AccountId>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub(super) struct ShownTemplate {
    pub(super) subject: Option<String>,
    pub(super) message: String,
}

impl Alert {
    /// The alert that `create` makes.
    pub fn new(
        id: AlertId,
        website_id: WebsiteId,
        (now, created_by): (Timestamp, Option<AccountId>),
        create: Create,
    ) -> Self {
        Self {
            ids: id.into(),
            website_id,
            name: create.name.as_str().to_owned(),
            is_enabled: create.is_enabled(),
            cooldown: create.cooldown.unwrap_or_else(|| default_cooldown(create.trigger.kind())),
            notify_resolved: create.notify_resolved(),
            trigger: create.trigger,
            destination: create.destination,
            template: ShownTemplate {
                subject: create.template.subject.map(|subject| subject.as_str().to_owned()),
                message: create.template.message.as_str().to_owned(),
            },
            state: State::Normal,
            state_since: now,
            recent_logs: Vec::new(),
            created_by,
            created_at: now,
            updated_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Create, String> {
        serde_json::from_str(body).map_err(|error| error.to_string())
    }

    #[test]
    fn the_server_supplies_what_clients_do_not_send() {
        let body =
            r#"{"name":"New signup","trigger":{"goalName":" SignUp "},"template":{"message":"Somebody signed up."}}"#;
        let create = parse(body).unwrap();
        assert_eq!(create.trigger.goal_name(), Some("signup"));
        assert_eq!(create.destination, Destination::default());
        assert!(create.template.subject.is_none() && create.is_enabled.is_none());
    }

    #[test]
    fn limits_are_those_of_the_contract() {
        let with = |subject: usize, message: usize| {
            let (subject, message) = ("s".repeat(subject), "m".repeat(message));
            parse(&format!(
                r#"{{"name":"x","trigger":{{"goalName":"g"}},"template":{{"subject":"{subject}","message":"{message}"}}}}"#
            ))
        };
        for (subject, message, fits) in
            [(200, 10, true), (201, 10, false), (1, 2000, true), (1, 2001, false), (1, 9, false)]
        {
            assert_eq!(with(subject, message).is_ok(), fits, "{subject} {message}");
        }
    }
}
