//! The names under which what was told is found. The engine has an index of them: it loads what is linked to a message by money,
//! runs it, and writes what differs.
//!
//! What a message's money becomes depends on all that was told of the same money: that is loaded whole. Of the payers it depends
//! only on few figures, which the engine keeps ([`crate::rows::Payer`]), so that a customer with many payments costs no more.

use std::collections::BTreeSet;

use sluice_values::ordered::Ordered as _;

use sluice_values::VisitorId;

use crate::hints::compared;
use crate::ids::{CustomerId, OtherId, SubscriptionId, is_unique_in_the_world};
use crate::lifecycle::Goal;
use crate::mapped::Taking;
use crate::provider::Provider;
use crate::told::{Key, Teller, Told};

/// A name under which something that was told is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// A payment or a trial has this id or other name; a refund is of it.
    Money(String),
    /// The id of a refund, which several may tell of.
    Refund(String),
    Subscription(Provider, SubscriptionId),
    Customer(Provider, CustomerId),
    /// An id that others may have too, by which hints find it.
    Other(String),
    /// As addresses are compared.
    Email(String),
    /// Whom a provider or a backend names.
    Visitor(VisitorId),
}

impl Link {
    /// Whom a goal is of: its subscription, then its customer.
    pub fn of_goal(goal: &Goal) -> Vec<Self> {
        let customer = goal.customer.clone().map(|customer| Self::Customer(goal.provider, customer));
        [Self::Subscription(goal.provider, goal.subscription.clone())].into_iter().chain(customer).collect()
    }

    /// The links by which the same money is found.
    pub fn of_money(key: &Key, told: &Told) -> Vec<Self> {
        match told.refund_of() {
            Some(of) => vec![Self::Money(of.as_str().to_owned()), Self::Refund(key.id.as_str().to_owned())],
            None => told.aliases(key).map(|alias| Self::Money(alias.to_owned())).collect(),
        }
    }

    /// The links by which what is of the same payer is found.
    pub fn of_payer(key: &Key, told: &Told) -> Vec<Self> {
        let Teller::Provider(provider) = key.teller else { return Vec::new() };
        let subscription = told.subscription().map(|id| Self::Subscription(provider, id.clone()));
        subscription.into_iter().chain(told.customer().map(|id| Self::Customer(provider, id.clone()))).collect()
    }

    /// The links by which hints and identifications find it, beside those of its money.
    pub fn of_hints(told: &Told) -> Vec<Self> {
        let is_other = |id: &&str| told.refund_of().is_some() || !is_unique_in_the_world(id);
        let ids = told.ids.iter().map(OtherId::as_str).filter(is_other).map(|id| Self::Other(id.to_owned()));
        ids.chain(told.email().map(|email| Self::Email(compared(email)))).collect()
    }

    /// All links of something that was told.
    pub fn all(key: &Key, told: &Told) -> BTreeSet<Self> {
        let named = told.whose().map(|(visitor, _)| Self::Visitor(*visitor));
        let links = [Self::of_money(key, told), Self::of_payer(key, told), Self::of_hints(told)];
        links.into_iter().flatten().chain(named).into_set()
    }

    /// What a hint with this key may be about.
    pub fn of_hint(key: &str) -> Vec<Self> {
        match key.split_once(':') {
            Some(("email" | "identified", email)) => vec![Self::Email(email.to_owned())],
            Some((_, id)) => vec![Self::Money(id.to_owned()), Self::Refund(id.to_owned()), Self::Other(id.to_owned())],
            None => Vec::new(),
        }
    }

    /// The link as it is stored in the website's object: never changed.
    pub fn text(&self) -> String {
        match self {
            Self::Money(id) => format!("m:{id}"),
            Self::Refund(id) => format!("r:{id}"),
            Self::Subscription(provider, id) => format!("s:{provider}:{}", id.as_str()),
            Self::Customer(provider, id) => format!("c:{provider}:{}", id.as_str()),
            Self::Other(id) => format!("o:{id}"),
            Self::Email(email) => format!("e:{email}"),
            Self::Visitor(visitor) => format!("v:{visitor}"),
        }
    }

    /// The id of a transaction, if it is one.
    pub fn transaction(&self) -> Option<&str> {
        match self {
            Self::Money(id) | Self::Refund(id) => Some(id),
            _ => None,
        }
    }
}

/// The links of what a message tells, by which the search begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeds {
    pub money: BTreeSet<Link>,
    pub payers: BTreeSet<Link>,
}

impl Seeds {
    pub fn of(taking: &Taking) -> Self {
        let mut seeds = Self::default();
        if taking.complete.is_some() {
            seeds.money.insert(Link::Money(taking.subject.as_str().to_owned()));
        }
        for record in &taking.records {
            seeds.add(&Key::of(record), &Told::new(record.clone()));
        }
        seeds
    }

    pub fn add(&mut self, key: &Key, told: &Told) {
        self.money.extend(Link::of_money(key, told));
        self.payers.extend(Link::of_payer(key, told));
    }
}
