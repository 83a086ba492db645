//! What was told of one movement of money by one teller, over all that was ever heard of it.
//!
//! The order in which it is heard does not matter: what changes is the latest version's, and what is known stays known,
//! whichever version said it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use sluice_values::{SessionId, Timestamp, VisitorId};

use crate::ids::{CustomerId, OtherId, SubscriptionId, TransactionId, is_unique_in_the_world};
use crate::money::{Minor, Money, Sum};
use crate::provider::Provider;
use crate::record::{Record, State, What};

/// Who tells of money. The first of two keeps the row of the same money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Teller {
    Provider(Provider),
    /// The seller's backend: `POST /payments`.
    Api,
}

impl Teller {
    /// The name as it is stored: never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider(provider) => provider.name(),
            Self::Api => "api",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        if name == "api" { Some(Self::Api) } else { name.parse().ok().map(Self::Provider) }
    }
}

/// What is told of. A teller has one payment or trial of an id, and one refund of an id and a part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    pub teller: Teller,
    pub id: TransactionId,
    /// `None` for a payment or a trial; the `refund_id` of a refund, which providers do not have.
    pub refund: Option<String>,
}

impl Key {
    pub fn of(record: &Record) -> Self {
        let refund = record.is_refund().then(String::new);
        Self { teller: Teller::Provider(record.provider), id: record.id.clone(), refund }
    }
}

/// Something that a version said and later ones may leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said<T> {
    value: T,
    version: Timestamp,
}

/// Takes what is said unless a later version said something else.
fn hear<T>(known: &mut Option<Said<T>>, value: Option<T>, version: Timestamp) {
    if let Some(value) = value
        && known.as_ref().is_none_or(|known| known.version <= version)
    {
        *known = Some(Said { value, version });
    }
}

fn said<T>(known: Option<&Said<T>>) -> Option<&T> {
    known.map(|said| &said.value)
}

/// What was told under one key. Stored in the website's object, with all types that it names: fields may be added with a default,
/// none is renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub what: What,
    pub state: State,
    pub time: Timestamp,
    pub version: Timestamp,
    /// Only of a sum that is the current one.
    tax: Option<Said<(Money, Minor)>>,
    settled: Option<Said<(Money, Money)>>,
    whose: Option<Said<(VisitorId, Option<SessionId>)>>,
    customer: Option<Said<CustomerId>>,
    email: Option<Said<String>>,
    name: Option<Said<String>>,
    subscription: Option<Said<SubscriptionId>>,
    pub ids: BTreeSet<OtherId>,
}

impl Told {
    pub fn new(record: Record) -> Self {
        let mut told = Self {
            what: record.what.clone(),
            state: record.state,
            time: record.time,
            version: record.version,
            tax: None,
            settled: None,
            whose: None,
            customer: None,
            email: None,
            name: None,
            subscription: None,
            ids: BTreeSet::new(),
        };
        told.hear(record);
        told
    }

    /// Hears of it again.
    pub fn hear(&mut self, record: Record) {
        let version = record.version;
        if let What::Payment { sum, .. } | What::Refund { sum, .. } = &record.what {
            hear(&mut self.tax, sum.tax.map(|tax| (sum.paid, tax)), version);
            hear(&mut self.settled, sum.settled.map(|settled| (sum.paid, settled)), version);
        }
        hear(&mut self.whose, record.visitor.map(|visitor| (visitor, record.session)), version);
        hear(&mut self.customer, record.customer, version);
        hear(&mut self.email, record.email, version);
        hear(&mut self.name, record.name, version);
        hear(&mut self.subscription, record.subscription, version);
        self.ids.extend(record.ids);
        if version >= self.version {
            self.what = record.what;
            self.state = record.state;
            self.time = record.time;
            self.version = version;
        }
    }

    /// Forgets whose it is: the visitor is erased.
    pub fn forget_whose(&mut self) {
        self.whose = None;
    }

    pub fn is_trial(&self) -> bool {
        matches!(self.what, What::Trial { .. })
    }

    /// What was paid, with the tax and the conversion that were told of this very sum; nothing for a trial.
    pub fn sum(&self) -> Sum {
        let paid = match &self.what {
            What::Payment { sum, .. } | What::Refund { sum, .. } => sum.paid,
            What::Trial { currency } => Money { amount: Minor::NOTHING, currency: *currency },
        };
        let tax = said(self.tax.as_ref()).filter(|(of, _)| *of == paid).map(|(_, tax)| *tax);
        let settled = said(self.settled.as_ref()).filter(|(of, _)| *of == paid).map(|(_, settled)| *settled);
        Sum { paid, tax, settled }
    }

    pub fn whose(&self) -> Option<&(VisitorId, Option<SessionId>)> {
        said(self.whose.as_ref())
    }

    pub fn customer(&self) -> Option<&CustomerId> {
        said(self.customer.as_ref())
    }

    pub fn email(&self) -> Option<&str> {
        said(self.email.as_ref()).map(String::as_str)
    }

    pub fn name(&self) -> Option<&str> {
        said(self.name.as_ref()).map(String::as_str)
    }

    pub fn subscription(&self) -> Option<&SubscriptionId> {
        said(self.subscription.as_ref())
    }

    /// The payment whose money goes back.
    pub fn refund_of(&self) -> Option<&TransactionId> {
        match &self.what {
            What::Refund { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The names by which other tellers may know the same payment.
    pub fn aliases<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = &'a str> {
        let others = self.ids.iter().map(OtherId::as_str).filter(|id| is_unique_in_the_world(id));
        std::iter::once(key.id.as_str()).chain(others)
    }

    /// The keys of browsers' hints that mean it, with its e-mail or without.
    pub fn hint_keys(&self, key: &Key) -> Vec<String> {
        let id = key.id.as_str();
        let all = std::iter::once(id).chain(self.ids.iter().map(OtherId::as_str));
        // Hints of earlier releases do not say of whom the id is.
        let mut keys: Vec<String> = all.clone().map(|id| format!("id:{id}")).collect();
        let scoped = |scope: &str, ids: &mut dyn Iterator<Item = &str>| {
            ids.map(|id| format!("{scope}:{id}")).collect::<Vec<_>>()
        };
        keys.extend(match key.teller {
            Teller::Provider(Provider::Stripe) => {
                scoped("stripe_session_id", &mut all.filter(|id| id.starts_with("cs_")))
            }
            // The ids of an invoice are no order's.
            Teller::Provider(Provider::LemonSqueezy) if id.starts_with("lemonsqueezy:subscription-invoice:") => {
                Vec::new()
            }
            Teller::Provider(Provider::LemonSqueezy) => scoped("lemonsqueezy_order_id", &mut all.skip(1)),
            Teller::Provider(Provider::Polar) => scoped("polar_checkout_id", &mut all.skip(1)),
            Teller::Provider(Provider::Paddle) => scoped("paddle_transaction_id", &mut all.take(1)),
            Teller::Provider(Provider::Shopify | Provider::WooCommerce) => Vec::new(),
            Teller::Api => ["stripe_session_id", "lemonsqueezy_order_id", "polar_checkout_id", "paddle_transaction_id"]
                .map(|scope| format!("{scope}:{id}"))
                .into(),
        });
        keys
    }
}
