//! A connection as it is stored and shown (docs/contract/providers.md#3.4).

use serde::{Deserialize, Serialize};

use crate::platform::column::boolean;
use crate::platform::database::{Statement, sql};
use sluice_providers::provider::Provider as Kind;
use sluice_values::{Timestamp, WebsiteId};

/// How far a connection is. Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum State {
    /// The credentials are stored; the webhook is being registered.
    Verifying,
    /// Payments of the past are being read.
    Importing,
    Connected,
    /// `failing` says why; it is looked at again every hour.
    Failing,
}

impl State {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verifying => "verifying",
            Self::Importing => "importing",
            Self::Connected => "connected",
            Self::Failing => "failing",
        }
    }
}

/// How a provider's events arrive. Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Mode {
    /// Through a webhook that the gateway has registered.
    Webhook,
    /// Through a webhook that the owner makes with `webhookUrl`.
    Manual,
    /// By looking.
    Polling,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Manual => "manual",
            Self::Polling => "polling",
        }
    }
}

/// Why a connection is failing. Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reason {
    KeyRefused,
    KeyExpired,
    PermissionMissing,
    WebhookMissing,
    WebhookDisabled,
    ProviderUnreachable,
    ImportStuck,
}

impl Reason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyRefused => "key_refused",
            Self::KeyExpired => "key_expired",
            Self::PermissionMissing => "permission_missing",
            Self::WebhookMissing => "webhook_missing",
            Self::WebhookDisabled => "webhook_disabled",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ImportStuck => "import_stuck",
        }
    }
}

// ---- What goes out

/// Whether a provider is connected, and how that goes.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Connection {
    connected: bool,
    #[serde(flatten)]
    details: Option<Details>,
}

impl From<Option<Details>> for Connection {
    fn from(details: Option<Details>) -> Self {
        Self { connected: details.is_some(), details }
    }
}

/// A connection.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Details {
    state: State,
    mode: Mode,
    /// Whether the credentials are of the provider's test mode.
    test_mode: bool,
    /// Whose credentials they are, where the provider says it.
    account: Option<Account>,
    connected_at: Timestamp,
    last_event_at: Option<Timestamp>,
    last_payment_at: Option<Timestamp>,
    /// The last import of payments of the past.
    import: Option<Import>,
    /// Why events or payments may be missing; `null` if all is well.
    failing: Option<Failing>,
    #[serde(skip)]
    key_expires_at: Option<Timestamp>,
}

impl Details {
    pub fn key_expires_at(&self) -> Option<Timestamp> {
        self.key_expires_at
    }
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Account {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Import {
    state: ImportState,
    /// What is being read.
    stage: String,
    /// How many objects were read.
    done: i64,
    /// How many there are, where the provider says it.
    total: Option<i64>,
    /// From when on; `null`: from the beginning.
    from: Option<Timestamp>,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
}

/// Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ImportState {
    Running,
    Done,
    /// The provider was disconnected, or the connection fails.
    Stopped,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Failing {
    since: Timestamp,
    reason: Reason,
    message: String,
}

// ---- SQL

/// A row of `integrations`, with its import.
#[derive(Deserialize)]
pub struct Row {
    pub provider: String,
    state: State,
    mode: Mode,
    #[serde(deserialize_with = "boolean")]
    test_mode: bool,
    account_id: Option<String>,
    account_name: Option<String>,
    pub missing_permissions: String,
    key_expires_at: Option<Timestamp>,
    connected_at: Timestamp,
    last_event_at: Option<Timestamp>,
    last_payment_at: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    failing_reason: Option<Reason>,
    failing_message: Option<String>,
    #[serde(deserialize_with = "boolean")]
    pub has_secret: bool,
    import_state: Option<ImportState>,
    stage: Option<String>,
    done: Option<i64>,
    total: Option<i64>,
    from_time: Option<Timestamp>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

impl Row {
    pub fn details(self) -> Details {
        let failing = match (self.failing_since, self.failing_reason) {
            (Some(since), Some(reason)) => {
                Some(Failing { since, reason, message: self.failing_message.unwrap_or_default() })
            }
            _ => None,
        };
        let import = self.import_state.zip(self.started_at).map(|(state, started_at)| Import {
            state,
            stage: self.stage.unwrap_or_default(),
            done: self.done.unwrap_or_default(),
            total: self.total,
            from: self.from_time,
            started_at,
            finished_at: self.finished_at,
        });
        Details {
            state: self.state,
            mode: self.mode,
            test_mode: self.test_mode,
            account: self.account_id.map(|id| Account { id, name: self.account_name }),
            connected_at: self.connected_at,
            last_event_at: self.last_event_at,
            last_payment_at: self.last_payment_at,
            import,
            failing,
            key_expires_at: self.key_expires_at,
        }
    }
}

pub fn select(website: WebsiteId) -> Statement {
    sql("SELECT c.provider, c.state, c.mode, c.test_mode, c.account_id, c.account_name, c.missing_permissions, \
           c.key_expires_at, c.connected_at, c.last_event_at, c.last_payment_at, c.failing_since, c.failing_reason, \
           c.failing_message, c.sealed_webhook_secrets IS NOT NULL AS has_secret, i.state AS import_state, i.stage, i.done, \
           i.total, i.from_time, i.started_at, i.finished_at \
         FROM integrations c LEFT JOIN provider_imports i ON i.website_id = c.website_id AND i.provider = c.provider AND i.kind = 'import' \
         WHERE c.website_id = ?1")
    .bind(website)
}

pub fn select_one(website: WebsiteId, provider: Kind) -> Statement {
    select(website).then(" AND c.provider = ?2").bind(provider.name())
}
