//! The rows of a website's payments, as a function of all that was told (docs/contract/providers.md#2).

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::ordered::{self, Ordered as _};

use serde::{Deserialize, Serialize};

use sluice_money::Rates;
use sluice_values::{Currency, SessionId, Timestamp, VisitorId};

use crate::around::Link;
use crate::hints::Hints;
use crate::ids::{CustomerId, SubscriptionId, TransactionId};
use crate::lifecycle::Milestone;
use crate::money::{Minor, Money};
use crate::provider::Provider;
use crate::record::{Cause, What};
use crate::told::{Key, Teller, Told};

/// What a row is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowKey {
    pub id: TransactionId,
    pub refund: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    New,
    Renewal,
    Trial,
    /// Whether the payment is a renewal.
    Refund {
        of_renewal: bool,
    },
}

/// How the visitor is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The provider or the backend says it.
    Explicitly,
    ByHint,
    /// Of the payment that a refund is of.
    ByPayment,
    /// Of the same subscription or customer.
    ByRelation,
    ByEmail,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: RowKey,
    /// Who keeps it.
    pub teller: Teller,
    /// All that was told of the same money.
    pub members: BTreeSet<Key>,
    pub kind: RowKind,
    /// What counts.
    pub counted: Money,
    /// What was told, of which a refund may count less.
    pub claimed: Minor,
    pub tax: Option<Minor>,
    /// The provider's conversion of what counts.
    pub settled: Option<Money>,
    pub time: Timestamp,
    pub version: Timestamp,
    pub visitor: Option<(VisitorId, Known)>,
    pub session: Option<SessionId>,
    pub customer: Option<CustomerId>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub subscription: Option<SubscriptionId>,
    /// The row of the payment, or its id as it was told while it is not known.
    pub refund_of: Option<TransactionId>,
    /// Names of the payment that nobody else has.
    pub aliases: BTreeSet<String>,
    /// Whether it is the first money after a trial.
    pub converts: bool,
    /// The payers of all who told of it.
    pub payers: BTreeSet<Link>,
}

/// What is known of a payer, beside what was told of the same money: of those rows that count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payer {
    /// The earliest payment or trial whose visitor is explicit.
    pub named: Option<(Timestamp, TransactionId, VisitorId)>,
    pub has_trial: bool,
    /// The earliest payment.
    pub first: Option<(Timestamp, TransactionId)>,
}

/// Payers of whom more is known than is loaded.
pub type Payers = BTreeMap<Link, Payer>;

impl Row {
    /// The visitor whom the provider or the backend names.
    pub fn named(&self) -> Option<VisitorId> {
        self.visitor.filter(|(_, known)| *known == Known::Explicitly).map(|(visitor, _)| visitor)
    }

    /// What counts in the website's currency, in minor units: the provider's own conversion if it is into that, else by the
    /// rates of the row's day. `None` while these do not know a currency: the row waits.
    pub fn value(&self, currency: Currency, of_the_day: &Rates) -> Option<i64> {
        match self.settled.filter(|settled| settled.currency == currency) {
            Some(settled) => Some(settled.amount.units()),
            None => of_the_day.convert(self.counted.amount.units(), self.counted.currency.iso(), currency.iso()),
        }
    }

    /// The goals that it completes.
    pub fn milestones(&self) -> Vec<Milestone> {
        match self.kind {
            RowKind::New if self.converts => vec![Milestone::Payment, Milestone::TrialConverted],
            RowKind::New | RowKind::Renewal => vec![Milestone::Payment],
            RowKind::Trial => vec![Milestone::FreeTrial, Milestone::TrialStarted],
            RowKind::Refund { .. } => Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Item<'a> {
    key: &'a Key,
    told: &'a Told,
    counts: bool,
}

/// The same money as told by several. The first keeps the row.
struct Group<'a> {
    keeper: Item<'a>,
    others: Vec<Item<'a>>,
    aliases: BTreeSet<&'a str>,
}

impl<'a> Group<'a> {
    fn new(keeper: Item<'a>) -> Self {
        Self { keeper, others: Vec::new(), aliases: keeper.told.aliases(keeper.key).collect() }
    }

    fn members(&self) -> impl Iterator<Item = Item<'a>> + Clone {
        std::iter::once(self.keeper).chain(self.others.iter().copied())
    }

    fn order(&self) -> (Timestamp, &'a TransactionId) {
        (self.keeper.told.time, &self.keeper.key.id)
    }

    fn explicit(&self) -> Option<&'a (VisitorId, Option<SessionId>)> {
        self.members().find_map(|member| member.told.whose())
    }

    fn relations(&self) -> impl Iterator<Item = Relation<'a>> {
        self.members().flat_map(|member| relations(member.key, member.told))
    }
}

/// What ties payments of one payer together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Relation<'a> {
    Subscription(Provider, &'a SubscriptionId),
    Customer(Provider, &'a CustomerId),
}

impl<'a> Relation<'a> {
    const fn of_link(link: &'a Link) -> Option<Self> {
        match link {
            Link::Subscription(provider, id) => Some(Self::Subscription(*provider, id)),
            Link::Customer(provider, id) => Some(Self::Customer(*provider, id)),
            _ => None,
        }
    }
}

/// None of what a backend posts: its customers are its own matter.
fn relations<'a>(key: &'a Key, told: &'a Told) -> impl Iterator<Item = Relation<'a>> {
    let provider = match key.teller {
        Teller::Provider(provider) => Some(provider),
        Teller::Api => None,
    };
    let subscription = provider.zip(told.subscription()).map(|(provider, id)| Relation::Subscription(provider, id));
    let customer = provider.zip(told.customer()).map(|(provider, id)| Relation::Customer(provider, id));
    subscription.into_iter().chain(customer)
}

/// The groups of what is told of the same money, in the order of tellers, times and ids. A teller names the same money
/// always alike, so two payments of one provider are never the same: several may be of one invoice or checkout.
fn groups(mut items: Vec<Item<'_>>) -> Vec<Group<'_>> {
    ordered::sort_by_key(&mut items, |item| (item.key.teller, item.told.time, item.key));
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut by_alias: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for item in items {
        let has_other = |index: &usize| {
            let has_teller = |group: &Group<'_>| group.members().any(|member| member.key.teller == item.key.teller);
            item.key.teller == Teller::Api || groups.get(*index).is_some_and(|group| !has_teller(group))
        };
        let found = item.told.aliases(item.key).filter_map(|alias| by_alias.get(alias)).flatten();
        let index = found.filter(|index| has_other(index)).min().copied().unwrap_or(groups.len());
        for alias in item.told.aliases(item.key) {
            by_alias.entry(alias).or_default().push(index);
        }
        if let Some(group) = groups.get_mut(index) {
            group.aliases.extend(item.told.aliases(item.key));
            group.others.push(item);
        } else {
            groups.push(Group::new(item));
        }
    }
    groups
}

/// The rows of what was told and whether it counts; `payers` is what else is known of the payers.
pub fn rows<'a>(
    told: impl Iterator<Item = (&'a Key, &'a Told, bool)>,
    hints: &'a Hints,
    payers: &'a Payers,
) -> BTreeMap<RowKey, Row> {
    let (mut payments, mut trials, mut refunds) = (Vec::new(), Vec::new(), Vec::new());
    for (key, told, counts) in told {
        let item = Item { key, told, counts };
        match told.what {
            What::Payment { .. } => payments.push(item),
            What::Trial { .. } => trials.push(item),
            What::Refund { .. } => refunds.push(item),
        }
    }
    let (payments, trials) = (groups(payments), groups(trials));
    let visitors = Visitors::new((hints, payers), payments.iter().chain(&trials).filter(|group| group.keeper.counts));
    let mut rows: BTreeMap<RowKey, Row> = BTreeMap::new();
    for group in trials.iter().filter(|group| group.keeper.counts) {
        let row = payment_row(group, RowKind::Trial, false, &visitors);
        rows.insert(row.key.clone(), row);
    }
    let firsts = Firsts::new(&payments, &trials, payers);
    let mut payment_rows: Vec<Option<Row>> = Vec::new();
    for group in &payments {
        let converts = firsts.converts(group);
        let renewal = matches!(group.keeper.told.what, What::Payment { renewal: true, .. });
        let kind = if renewal && !converts { RowKind::Renewal } else { RowKind::New };
        payment_rows.push(group.keeper.counts.then(|| payment_row(group, kind, converts, &visitors)));
    }
    for row in refund_rows(refunds, &payments, &payment_rows, &visitors) {
        rows.insert(row.key.clone(), row);
    }
    for row in payment_rows.into_iter().flatten() {
        rows.insert(row.key.clone(), row);
    }
    rows
}

/// The first payments of subscriptions that began with a trial.
struct Firsts<'a> {
    of_trials: BTreeMap<Relation<'a>, (Timestamp, &'a TransactionId)>,
}

impl<'a> Firsts<'a> {
    fn new(payments: &[Group<'a>], trials: &[Group<'a>], payers: &'a Payers) -> Self {
        let of = |group: &Group<'a>| -> Vec<Relation<'a>> {
            group.relations().filter(|relation| matches!(relation, Relation::Subscription(..))).collect()
        };
        let elsewhere = || payers.iter().filter_map(|(link, payer)| Some((Relation::of_link(link)?, payer)));
        let mut begun: BTreeSet<Relation<'a>> =
            trials.iter().filter(|group| group.keeper.counts).flat_map(of).into_set();
        begun.extend(elsewhere().filter(|(_, payer)| payer.has_trial).map(|(relation, _)| relation));
        let mut of_trials = BTreeMap::new();
        for (relation, payer) in elsewhere().filter(|(relation, _)| begun.contains(relation)) {
            of_trials.extend(payer.first.as_ref().map(|(time, id)| (relation, (*time, id))));
        }
        for group in payments.iter().filter(|group| group.keeper.counts) {
            for relation in of(group).into_iter().filter(|relation| begun.contains(relation)) {
                let first = of_trials.entry(relation).or_insert(group.order());
                *first = group.order().min(*first);
            }
        }
        Self { of_trials }
    }

    fn converts(&self, group: &Group<'a>) -> bool {
        group.relations().any(|relation| self.of_trials.get(&relation) == Some(&group.order()))
    }
}

fn payment_row(group: &Group<'_>, kind: RowKind, converts: bool, visitors: &Visitors<'_>) -> Row {
    let keeper = group.keeper;
    let sum = keeper.told.sum();
    let visitor = visitors.of_group(group);
    let session = group.explicit().and_then(|(_, session)| session.clone());
    Row {
        key: RowKey { id: keeper.key.id.clone(), refund: None },
        teller: keeper.key.teller,
        members: group.members().map(|member| member.key.clone()).into_set(),
        kind,
        counted: sum.paid,
        claimed: sum.paid.amount,
        tax: sum.tax,
        settled: sum.settled,
        time: keeper.told.time,
        version: keeper.told.version,
        visitor,
        session,
        customer: group.members().find_map(|member| member.told.customer().cloned()),
        email: group.members().find_map(|member| member.told.email().map(str::to_owned)),
        name: group.members().find_map(|member| member.told.name().map(str::to_owned)),
        subscription: group.members().find_map(|member| member.told.subscription().cloned()),
        refund_of: None,
        aliases: group.aliases.iter().map(|alias| (*alias).to_owned()).into_set(),
        converts,
        payers: group.members().flat_map(|member| Link::of_payer(member.key, member.told)).into_set(),
    }
}

/// Whose payments are, of what the whole set says.
struct Visitors<'a> {
    hints: &'a Hints,
    /// The explicit visitor of the earliest payment or trial of a subscription or customer.
    related: BTreeMap<Relation<'a>, (Timestamp, &'a TransactionId, VisitorId)>,
}

impl<'a> Visitors<'a> {
    fn new<'g>((hints, payers): (&'a Hints, &'a Payers), groups: impl Iterator<Item = &'g Group<'a>>) -> Self
    where
        'a: 'g,
    {
        let mut related = BTreeMap::new();
        for (link, payer) in payers {
            let named = payer.named.as_ref().map(|(time, id, visitor)| (*time, id, *visitor));
            related.extend(Relation::of_link(link).zip(named));
        }
        for group in groups {
            let Some((visitor, _)) = group.explicit() else { continue };
            let (time, id) = group.order();
            for relation in group.relations() {
                let first = related.entry(relation).or_insert((time, id, *visitor));
                *first = (time, id, *visitor).min(*first);
            }
        }
        Self { hints, related }
    }

    fn of_group(&self, group: &Group<'a>) -> Option<(VisitorId, Known)> {
        let explicit = group.explicit().map(|(visitor, _)| (*visitor, Known::Explicitly));
        explicit.or_else(|| self.hinted(group.members())).or_else(|| self.unsaid(&group.members()))
    }

    fn hinted(&self, members: impl Iterator<Item = Item<'a>>) -> Option<(VisitorId, Known)> {
        let keys: Vec<String> = members.flat_map(|member| member.told.hint_keys(member.key)).collect();
        self.hints.hinted(keys.iter().map(String::as_str)).map(|visitor| (visitor, Known::ByHint))
    }

    /// Of the same subscription, the same customer, by e-mail.
    fn unsaid(&self, members: &(impl Iterator<Item = Item<'a>> + Clone)) -> Option<(VisitorId, Known)> {
        let related = |is_subscription: bool| {
            members
                .clone()
                .flat_map(|member| relations(member.key, member.told))
                .filter(|relation| matches!(relation, Relation::Subscription(..)) == is_subscription)
                .filter_map(|relation| self.related.get(&relation))
                .min()
                .map(|(_, _, visitor)| (*visitor, Known::ByRelation))
        };
        let by_email = || {
            let email = members.clone().find_map(|member| member.told.email())?;
            Some((self.hints.known_by_email(email)?, Known::ByEmail))
        };
        related(true).or_else(|| related(false)).or_else(by_email)
    }
}

/// Refunds with what each counts. Those of a payment that is void have no rows, nor have those that another teller than the
/// one who counts told of.
fn refund_rows<'a>(
    mut refunds: Vec<Item<'a>>,
    payments: &[Group<'a>],
    rows: &[Option<Row>],
    visitors: &Visitors<'a>,
) -> Vec<Row> {
    let mut by_alias: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, group) in payments.iter().enumerate() {
        for alias in &group.aliases {
            by_alias.entry(alias).or_default().push(index);
        }
    }
    let payment_of = |refund: &Item<'a>| -> Option<usize> {
        let of = refund.told.refund_of()?;
        let found = by_alias.get(of.as_str())?;
        let is_own = |index: &&usize| {
            let group = payments.get(**index);
            group.is_some_and(|group| {
                group.members().any(|one| one.key.teller == refund.key.teller && one.key.id == *of)
            })
        };
        found.iter().find(is_own).or_else(|| found.first()).copied()
    };
    ordered::sort_by_key(&mut refunds, |refund| refund.key);
    let mut told: BTreeMap<(&TransactionId, &Option<String>), Vec<Item<'a>>> = BTreeMap::new();
    for refund in refunds {
        told.entry((&refund.key.id, &refund.key.refund)).or_default().push(refund);
    }
    let mut of_payments: BTreeMap<usize, Vec<Refund<'a>>> = BTreeMap::new();
    let mut found = Vec::new();
    for items in told.into_values() {
        // Sorted by teller: the first keeps the row.
        let Some(first) = items.first().copied().filter(|first| first.counts) else { continue };
        let refund = Refund { item: first, members: items.iter().map(|item| item.key.clone()).collect() };
        match payment_of(&first) {
            Some(payment) => of_payments.entry(payment).or_default().push(refund),
            None => found.push(refund.row(first.told.sum().paid.amount, None, visitors)),
        }
    }
    for (payment, mut refunds) in of_payments {
        let Some(Some(payment)) = rows.get(payment) else { continue };
        let is_chargeback =
            |refund: &Refund<'a>| matches!(refund.item.told.what, What::Refund { cause: Cause::Chargeback, .. });
        let counting =
            refunds.iter().filter(|refund| !is_chargeback(refund)).map(|refund| refund.item.key.teller).min();
        refunds.retain(|refund| is_chargeback(refund) || Some(refund.item.key.teller) == counting);
        ordered::sort_by_key(&mut refunds, |refund| {
            (refund.item.told.time, &refund.item.key.id, &refund.item.key.refund)
        });
        let mut left = payment.counted.amount;
        for refund in refunds {
            let claimed = refund.item.told.sum();
            // In the payment's currency, where that is known.
            let own = if claimed.paid.currency == payment.counted.currency {
                Some((payment.counted.amount, payment.counted.amount))
            } else {
                let settled = payment.settled.filter(|settled| settled.currency == claimed.paid.currency);
                settled.map(|settled| (payment.counted.amount, settled.amount))
            };
            let counted = match own {
                Some((paid, settled)) => {
                    let taken = claimed.paid.amount.share(paid, settled);
                    let counted = if taken <= left { claimed.paid.amount } else { left.share(settled, paid) };
                    left = left.less(taken);
                    counted
                }
                None => claimed.paid.amount,
            };
            found.push(refund.row(counted, Some(payment), visitors));
        }
    }
    found
}

struct Refund<'a> {
    item: Item<'a>,
    members: BTreeSet<Key>,
}

impl<'a> Refund<'a> {
    fn row(&self, counted: Minor, payment: Option<&Row>, visitors: &Visitors<'a>) -> Row {
        let Item { key, told, .. } = self.item;
        let sum = told.sum();
        let members = std::iter::once(self.item);
        let visitor = told
            .whose()
            .map(|(visitor, _)| (*visitor, Known::Explicitly))
            .or_else(|| visitors.hinted(members.clone()))
            .or_else(|| Some((payment?.visitor?.0, Known::ByPayment)))
            .or_else(|| visitors.unsaid(&members));
        let of_payment = |text: fn(&Row) -> &Option<String>| payment.and_then(|payment| text(payment).clone());
        Row {
            key: RowKey { id: key.id.clone(), refund: key.refund.clone() },
            teller: key.teller,
            members: self.members.clone(),
            kind: RowKind::Refund { of_renewal: payment.is_some_and(|payment| payment.kind == RowKind::Renewal) },
            counted: Money { amount: counted, ..sum.paid },
            claimed: sum.paid.amount,
            tax: sum.tax.map(|tax| tax.share(counted, sum.paid.amount)),
            settled: sum
                .settled
                .map(|settled| Money { amount: settled.amount.share(counted, sum.paid.amount), ..settled }),
            time: told.time,
            version: told.version,
            visitor,
            session: told.whose().and_then(|(_, session)| session.clone()),
            customer: told.customer().cloned().or_else(|| payment?.customer.clone()),
            email: told.email().map(str::to_owned).or_else(|| of_payment(|row| &row.email)),
            name: told.name().map(str::to_owned).or_else(|| of_payment(|row| &row.name)),
            subscription: told.subscription().cloned().or_else(|| payment?.subscription.clone()),
            refund_of: payment.map(|payment| payment.key.id.clone()).or_else(|| told.refund_of().cloned()),
            aliases: BTreeSet::new(),
            converts: false,
            payers: Link::of_payer(key, told).into_iter().into_set(),
        }
    }
}
