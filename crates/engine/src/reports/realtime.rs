//! The current visitors: the last ten minutes (docs/contract/README.md#22).

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sluice_values::ordered;

use crate::blocks;
use crate::error::Error;
use crate::event::{Action, Campaign, Context, Kind, PaymentKind};
use crate::fragments::{campaign_key, is_kind, latest_session, shown_referrer};
use crate::profile::{self, Profile};
use crate::rows::VisitorRow;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use sluice_values::{Currency, Timestamp, VisitorId};

/// How long a visitor counts as present, in milliseconds.
pub const PRESENT_MS: i64 = 10 * 60_000;

/// The most visitors on the map: the latest ones.
const MOST_VISITORS: i64 = 500;
/// The most events and the most payments with the map.
const MOST_RECENT: i64 = 50;

/// Asks for the number of current visitors.
#[derive(Debug, Serialize, Deserialize)]
pub struct RealtimeCount {}

/// Asks for the current visitors and their activity.
#[derive(Debug, Serialize, Deserialize)]
pub struct RealtimeMap {}

/// The result of [`RealtimeMap`], newest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Everybody {
    /// Distinct visitors.
    pub count: i64,
    pub visitors: Vec<Present>,
    pub events: Vec<Recent>,
    pub payments: Vec<Paid>,
}

/// [`Everybody`] of one shard.
#[derive(Debug, Serialize, Deserialize)]
pub struct EverybodySeen {
    pub everybody: Everybody,
    /// When each of the visitors was seen.
    pub seen: Vec<Timestamp>,
}

impl EverybodySeen {
    /// Everybody of all shards.
    pub(crate) fn merge(shards: Vec<Self>) -> Everybody {
        let count = i64::try_from(shards.len()).unwrap_or_default();
        let mut all = Everybody { count: 0, visitors: Vec::new(), events: Vec::new(), payments: Vec::new() };
        let mut visitors = Vec::new();
        for (number, Self { everybody, seen }) in (0..).zip(shards) {
            all.count += everybody.count;
            visitors.extend(seen.into_iter().zip(everybody.visitors));
            // The rows of a shard are its own.
            let row = |recent: Recent| Recent { row: recent.row * count + number, ..recent };
            all.events.extend(everybody.events.into_iter().map(row));
            all.payments.extend(everybody.payments);
        }
        ordered::sort_by_key(&mut visitors, |(seen, _)| Reverse(*seen));
        all.visitors = visitors.into_iter().map(|(_, visitor)| visitor).take(at_most(MOST_VISITORS)).collect();
        ordered::sort_by_key(&mut all.events, |event| Reverse(event.time));
        all.events.truncate(at_most(MOST_RECENT));
        ordered::sort_by_key(&mut all.payments, |payment| Reverse(payment.time));
        all.payments.truncate(at_most(MOST_RECENT));
        all
    }
}

fn at_most(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or_default()
}

/// A current visitor.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    pub visitor: VisitorId,
    /// Place, device and language.
    pub context: Context,
    /// The path of the page that they are on.
    pub path: Option<String>,
    /// The referrer of their session.
    pub referrer: Option<String>,
    pub campaign: Campaign,
    pub session_start: Timestamp,
    /// All sessions, regardless of any range.
    pub visits: i64,
    /// The customer of their payments.
    pub customer: Option<Customer>,
    /// With no more than the name.
    pub profile: Option<Profile>,
}

/// The payer of a payment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Customer {
    pub name: Option<String>,
    pub email: Option<String>,
}

/// A recent event.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recent {
    pub row: i64,
    /// `pageview`, `custom`, …
    pub r#type: String,
    pub visitor: VisitorId,
    pub time: Timestamp,
    pub path: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    pub extra: Map<String, Json>,
    /// The referrer's name.
    pub referrer: Option<String>,
}

/// A recent payment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Paid {
    pub id: Vec<u8>,
    pub time: Timestamp,
    pub kind: PaymentKind,
    pub name: Option<String>,
    pub email: Option<String>,
    /// Minor units of `currency`.
    pub amount: i64,
    /// The currency of the payment.
    pub currency: Currency,
    /// Whether it is the visitor's first payment.
    pub is_first: bool,
}

const fn after(time: i64) -> Span {
    Span { from: time + 1, to: Span::ALL.to }
}

impl<S: Sql> Site<S> {
    /// The number of distinct visitors with an event in the last ten minutes.
    pub fn present(&self, now: Timestamp) -> Result<i64, Error> {
        let since = now.as_millis() - PRESENT_MS;
        let mut parameters = Parameters::default();
        let events = blocks::events(self, after(since), &mut parameters)?;
        let since = parameters.bind(since);
        let count =
            format!("SELECT count(DISTINCT e.visitor) FROM {events} WHERE e.time > {since} AND e.session IS NOT NULL");
        self.sql.one(&count, parameters.values())?.next()
    }

    /// All visitors with an event in the last ten minutes.
    pub fn everybody(&self, now: Timestamp) -> Result<Everybody, Error> {
        self.everybody_seen(now).map(|seen| seen.everybody)
    }

    /// [`Self::everybody`], with when each visitor was seen.
    pub(crate) fn everybody_seen(&self, now: Timestamp) -> Result<EverybodySeen, Error> {
        let since = now.as_millis() - PRESENT_MS;
        let mut parameters = Parameters::default();
        let events = blocks::events(self, after(since), &mut parameters)?;
        let latest = format!(
            "SELECT e.visitor, e.time, v.uid, v.sessions, c.json, {} FROM (SELECT e.visitor, max(e.time) AS time, e.context FROM {events} \
             WHERE e.time > {} AND e.session IS NOT NULL GROUP BY e.visitor ORDER BY 2 DESC, e.visitor LIMIT {}) e \
             JOIN visitors v ON v.id = e.visitor JOIN contexts c ON c.id = e.context ORDER BY e.time DESC, e.visitor",
            profile::name_columns(),
            parameters.bind(since),
            parameters.bind(MOST_VISITORS)
        );
        let latest = self.sql.rows(&latest, parameters.values())?;
        let session = format!(
            "SELECT s.started, {}, {}, (SELECT p.text FROM events e \
             JOIN pages g ON g.id = e.page JOIN strings p ON p.id = g.path WHERE e.visitor = ?1 AND {} \
             ORDER BY e.time DESC, e.id DESC LIMIT 1) FROM sessions s JOIN strings t ON t.id = s.referrer \
             LEFT JOIN campaigns k ON k.id = s.campaign WHERE s.id = {}",
            shown_referrer("t"),
            campaign_key("k"),
            is_kind("e", Kind::Pageview),
            latest_session("?1")
        );
        let (mut visitors, mut seen) = (Vec::with_capacity(latest.len()), Vec::with_capacity(latest.len()));
        for mut row in latest {
            let visitor: VisitorRow = row.next()?;
            seen.push(row.next()?);
            let (uid, visits) = (row.next()?, row.next()?);
            let context = row.json()?;
            let profile = profile::named(self, visitor, &mut row)?;
            let mut session = self.sql.one(&session, &[visitor.into()])?;
            let customer = self.sql.first(
                "SELECT name, email FROM payments WHERE visitor = ?1 ORDER BY time DESC LIMIT 1",
                &[visitor.into()],
            )?;
            let customer = customer.map(|mut row| Ok::<_, Error>(Customer { name: row.next()?, email: row.next()? }));
            visitors.push(Present {
                visitor: uid,
                context,
                session_start: session.next()?,
                referrer: session.next()?,
                campaign: session.optional_json()?,
                path: session.next()?,
                visits,
                customer: customer.transpose()?,
                profile,
            });
        }
        let everybody = Everybody {
            count: self.present(now)?,
            visitors,
            events: self.recent_events(since)?,
            payments: self.recent_payments(since)?,
        };
        Ok(EverybodySeen { everybody, seen })
    }

    fn recent_events(&self, since: i64) -> Result<Vec<Recent>, Error> {
        let mut parameters = Parameters::default();
        let events = blocks::events(self, after(since), &mut parameters)?;
        let (since, limit) = (parameters.bind(since), parameters.bind(MOST_RECENT));
        let latest = format!(
            "SELECT e.id, e.kind, v.uid, e.time, p.text, c.json, n.text, e.data, e.description, r.text FROM {events} \
             JOIN visitors v ON v.id = e.visitor LEFT JOIN pages g ON g.id = e.page LEFT JOIN strings p ON p.id = g.path \
             LEFT JOIN contexts c ON c.id = e.context LEFT JOIN strings n ON n.id = e.name \
             LEFT JOIN strings r ON r.id = e.source WHERE e.time > {since} ORDER BY e.time DESC, e.id DESC LIMIT {limit}"
        );
        let rows = self.sql.rows(&latest, parameters.values())?;
        rows.into_iter()
            .map(|mut row| {
                let (id, kind) = (row.next()?, row.next()?);
                let (visitor, time) = (row.next()?, row.next()?);
                let path = row.next()?;
                let context: Context = row.optional_json()?;
                let action = Action::of_columns(kind, row.next()?, row.next()?, row.next()?)?;
                Ok(Recent {
                    row: id,
                    r#type: action.type_name().to_owned(),
                    visitor,
                    time,
                    path,
                    country: context.country,
                    extra: action.extra_data(),
                    referrer: row.next()?,
                })
            })
            .collect()
    }

    fn recent_payments(&self, since: i64) -> Result<Vec<Paid>, Error> {
        let rows = self.sql.rows(
            "SELECT pid, time, kind, name, email, amount, currency, visitor IS NULL OR NOT EXISTS (SELECT 1 FROM payments o \
             WHERE o.visitor = p.visitor AND o.time < p.time) FROM payments p WHERE time > ?1 \
             ORDER BY time DESC, id DESC LIMIT ?2",
            &[since.into(), MOST_RECENT.into()],
        )?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Paid {
                    id: row.next()?,
                    time: row.next()?,
                    kind: row.next()?,
                    name: row.next()?,
                    email: row.next()?,
                    amount: row.next()?,
                    currency: row.next()?,
                    is_first: row.next()?,
                })
            })
            .collect()
    }
}
