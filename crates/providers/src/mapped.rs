//! What a delivery, or an object that was read, becomes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use sluice_values::{Environment, Timestamp, WebsiteId, WebsiteName};

use crate::fields::Fault;
use crate::ids::TransactionId;
use crate::lifecycle::{Goal, Milestone, Seen};
use crate::provider::Provider;
use crate::record::{Record, State};

pub const TEST_MODE: &str = "test mode";
pub const ANOTHER_WEBSITE: &str = "another website";
pub const GONE: &str = "gone";
pub const NOTHING_PAID: &str = "nothing was paid";
pub const NOT_USED: &str = "not used";

/// What a mapper knows beside the payload.
#[derive(Debug, Clone)]
pub struct Context {
    pub environment: Environment,
    pub website: WebsiteId,
    /// The website's tracking id, `dfid_…`.
    pub tracking_id: Option<String>,
    /// The moment of reading.
    pub now: Timestamp,
    /// When the delivery came.
    pub arrived_at: Timestamp,
    /// Whether another event of the same subject happened less than 2 seconds apart: the provider's order of the two is not
    /// known then, and the subject is read.
    pub has_close_event: bool,
    /// Paddle's decimals of currencies, where they are known, by code.
    pub decimals: BTreeMap<String, u32>,
}

impl Context {
    pub const fn new(environment: Environment, website: WebsiteId, now: Timestamp) -> Self {
        Self {
            environment,
            website,
            tracking_id: None,
            now,
            arrived_at: now,
            has_close_event: false,
            decimals: BTreeMap::new(),
        }
    }

    /// Whether an object of the test mode is ignored here.
    pub fn ignores_tests(&self) -> bool {
        self.environment == Environment::Production
    }

    pub fn is_this_website(&self, name: &WebsiteName) -> bool {
        match name {
            WebsiteName::Id(id) => *id == self.website,
            WebsiteName::Tracking(id) => self.tracking_id.as_ref() == Some(id),
        }
    }
}

/// Records of one subject, for the website's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taking {
    pub provider: Provider,
    /// What the provider was asked about.
    pub subject: TransactionId,
    /// Since when the records are all there are of the subject; `None` if there may be others.
    pub complete: Option<Timestamp>,
    pub records: Vec<Record>,
    /// Goals of the subscription's life that come with it.
    pub goals: Vec<Goal>,
    /// What the subscription is like that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

impl Taking {
    pub fn new(provider: Provider, subject: TransactionId, records: Vec<Record>) -> Self {
        Self { provider, subject, complete: None, records, goals: Vec::new(), seen: None }
    }

    /// The taking of one record about itself.
    pub fn of(record: Record) -> Self {
        Self::new(record.provider, record.id.clone(), vec![record])
    }

    /// The same, with the goal that this payment renews its subscription, if it names one.
    #[must_use]
    pub fn renewed_by(mut self, payment: &Record) -> Self {
        let Record { provider, time, .. } = *payment;
        self.goals.extend(payment.subscription.clone().map(|subscription| Goal {
            milestone: Milestone::SubscriptionRenewed,
            provider,
            subscription,
            customer: payment.customer.clone(),
            time,
        }));
        self
    }

    /// The same, counting nothing: of a payment that is not this website's, the refunds count nothing either.
    fn voided(mut self) -> Self {
        for record in &mut self.records {
            record.state = State::Void;
        }
        Self { goals: Vec::new(), seen: None, ..self }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    Take(Taking),
    /// Taken unless the gateway has the website that the metadata names.
    TakeUnlessOf(WebsiteName, Taking),
    Ignored {
        reason: Cow<'static, str>,
        /// Void records, so that refunds of what is ignored count nothing.
        void: Option<Taking>,
    },
    /// It cannot be mapped; the reason has no customer's data.
    Failed(String),
}

impl Mapped {
    pub fn ignored(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Ignored { reason: reason.into(), void: None }
    }

    pub fn ignored_with_refunds(reason: impl Into<Cow<'static, str>>, taking: Taking) -> Self {
        Self::Ignored { reason: reason.into(), void: Some(taking.voided()) }
    }

    /// The taking of what names this website, another, or none.
    pub fn taken(taking: Taking, named: Option<WebsiteName>, context: &Context) -> Self {
        match named.filter(|named| !context.is_this_website(named)) {
            Some(named) => Self::TakeUnlessOf(named, taking),
            None => Self::Take(taking),
        }
    }

    /// Decided by whether this gateway has the website that is named.
    #[must_use]
    pub fn decided(self, has_website: bool) -> Self {
        match self {
            Self::TakeUnlessOf(_, taking) if has_website => Self::ignored_with_refunds(ANOTHER_WEBSITE, taking),
            Self::TakeUnlessOf(_, taking) => Self::Take(taking),
            other => other,
        }
    }
}

impl From<Fault> for Mapped {
    fn from(Fault(reason): Fault) -> Self {
        Self::Failed(reason)
    }
}

impl From<Result<Self, Fault>> for Mapped {
    fn from(mapped: Result<Self, Fault>) -> Self {
        mapped.unwrap_or_else(Self::from)
    }
}
