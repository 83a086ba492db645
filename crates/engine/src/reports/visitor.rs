//! One visitor with all activity.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sluice_values::ordered;

use crate::error::Error;
use crate::event::{Campaign, Context, Kind, PaymentKind};
use crate::fragments::{campaign_key, first_session, is_kind, latest_session};
pub use crate::profile::Profile;
use crate::profile::profile;
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;
use crate::visitor;
use crate::wire::is_false;
use sluice_values::{Currency, Timestamp, VisitorId};

#[derive(Debug, Serialize, Deserialize)]
pub struct VisitorQuery {
    pub visitor: VisitorId,
    /// Whether the result says what was paid.
    #[serde(default, skip_serializing_if = "is_false")]
    pub with_amounts: bool,
}

/// The most pages and the most goals of a visitor in the result: the latest ones.
const MOST_ENTRIES: i64 = 1_000;

#[derive(Debug, Serialize, Deserialize)]
pub struct Visitor {
    /// The context of the last session's first event.
    pub context: Context,
    /// The campaign parameters of the first session.
    pub campaign: Campaign,
    /// The context of the first session, for its click ids.
    pub first_context: Context,
    /// All sessions, regardless of any range.
    pub visits: i64,
    /// Pageviews ever.
    pub pageviews: i64,
    /// When the first session began.
    pub first_visit: Timestamp,
    /// When the last session began.
    pub last_visit: Timestamp,
    /// Host and path, oldest first.
    pub pages: Vec<(String, Timestamp)>,
    /// Goals and payments, oldest first.
    pub goals: Vec<Completed>,
    pub profile: Option<Profile>,
}

/// A goal that a visitor completed, or a payment, which is listed like one.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completed {
    /// The goal's name.
    pub name: String,
    pub time: Timestamp,
    /// A description sent by a backend.
    pub description: Option<String>,
    pub metadata: Map<String, Json>,
    /// Whether a backend reported it.
    pub is_server: bool,
    /// Whether it is a payment.
    pub is_payment: bool,
    /// Of a payment, where the query asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Paid>,
}

/// What was paid, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    pub amount: i64,
    pub currency: Currency,
}

impl<S: Sql> Site<S> {
    /// A visitor; `None` if they never saw a page.
    pub fn visitor_of(&self, asked: &VisitorQuery) -> Result<Option<Visitor>, Error> {
        let Some(visitor) = visitor::with_pageview(self, asked.visitor)? else { return Ok(None) };
        let id = [visitor.into()];
        let mut activity = self
            .sql
            .one("SELECT count(*), sum(pageviews), min(started), max(started) FROM sessions WHERE visitor = ?1", &id)?;
        let (visits, pageviews) = (activity.next()?, activity.next()?);
        let (first_visit, last_visit) = (activity.next()?, activity.next()?);
        let context_of = |session: String| {
            format!(
                "SELECT c.json, {} FROM sessions s JOIN events e ON e.id = s.first \
                 JOIN contexts c ON c.id = e.context LEFT JOIN campaigns k ON k.id = s.campaign WHERE s.id = {session}",
                campaign_key("k")
            )
        };
        let mut latest = self.sql.one(&context_of(latest_session("?1")), &id)?;
        let mut origin = self.sql.one(&context_of(first_session("?1")), &id)?;
        let pages = format!(
            "SELECT h.text || t.text, e.time FROM events e JOIN pages p ON p.id = e.page \
             JOIN strings h ON h.id = p.hostname JOIN strings t ON t.id = p.path \
             WHERE e.visitor = ?1 AND {} ORDER BY e.time DESC, e.id DESC LIMIT ?2",
            is_kind("e", Kind::Pageview)
        );
        let pages = self.sql.rows(&pages, &[visitor.into(), MOST_ENTRIES.into()])?;
        let mut pages =
            pages.into_iter().map(|mut row| Ok((row.next()?, row.next()?))).collect::<Result<Vec<_>, Error>>()?;
        pages.reverse();
        Ok(Some(Visitor {
            context: latest.json()?,
            first_context: origin.json()?,
            campaign: origin.optional_json()?,
            visits,
            pageviews,
            first_visit,
            last_visit,
            pages,
            goals: self.completed(visitor, asked.with_amounts)?,
            profile: profile(self, visitor)?,
        }))
    }

    fn completed(&self, visitor: VisitorRow, with_amounts: bool) -> Result<Vec<Completed>, Error> {
        let values = [visitor.into(), MOST_ENTRIES.into()];
        let goals = format!(
            "SELECT t.text, e.time, e.description, e.data, e.session IS NULL FROM events e \
             JOIN strings t ON t.id = e.name WHERE e.visitor = ?1 AND {} ORDER BY e.time DESC, e.id DESC LIMIT ?2",
            is_kind("e", Kind::Goal)
        );
        let mut completed = Vec::new();
        for mut row in self.sql.rows(&goals, &values)? {
            completed.push(Completed {
                name: row.next()?,
                time: row.next()?,
                description: row.next()?,
                metadata: row.optional_json()?,
                is_server: row.next()?,
                is_payment: false,
                paid: None,
            });
        }
        let payments = self.sql.rows(
            "SELECT kind, time, amount, currency FROM payments WHERE visitor = ?1 ORDER BY time DESC, id DESC LIMIT ?2",
            &values,
        )?;
        for mut row in payments {
            let kind: PaymentKind = row.next()?;
            let Some(name) = kind.goal() else { continue };
            let time = row.next()?;
            let paid = Paid { amount: row.next()?, currency: row.next()? };
            completed.push(Completed {
                name: name.to_owned(),
                time,
                description: None,
                metadata: Map::new(),
                is_server: true,
                is_payment: true,
                paid: with_amounts.then_some(paid),
            });
        }
        ordered::sort_by_key(&mut completed, |goal| goal.time);
        Ok(completed)
    }
}
