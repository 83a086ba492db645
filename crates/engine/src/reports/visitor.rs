//! One visitor with all that they did.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::visitors::optional_json;
use crate::Error;
use crate::Site;
use crate::event::{Campaign, Context, PaymentKind};
use crate::sql::Sql;
use sluice_values::{Timestamp, VisitorId};

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct VisitorQuery {
    /// Who.
    pub visitor: VisitorId,
}

/// Pages and goals of a visitor answered at most, the latest of them.
const MOST_ENTRIES: i64 = 1_000;

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Visitor {
    /// What the first event of the last session says.
    pub context: Context,
    /// The parameters of the first session.
    pub campaign: Campaign,
    /// What advertising networks put into the address of the first session.
    pub first_context: Context,
    /// Sessions ever.
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
    /// Who they were told to be.
    pub profile: Option<Profile>,
}

/// A goal that a visitor completed, or a payment that looks like one.
#[derive(Debug, Serialize, Deserialize)]
pub struct Completed {
    /// The goal's name.
    pub name: String,
    /// When.
    pub time: Timestamp,
    /// What a backend wrote beside it.
    pub description: Option<String>,
    /// What came with it.
    pub metadata: Map<String, Json>,
    /// Whether a backend told it.
    pub is_server: bool,
    /// Whether it is a payment.
    pub is_payment: bool,
}

/// What is known of a user.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// In the website's own terms.
    pub user_id: String,
    /// Everything else, the latest word on each.
    pub metadata: Map<String, Json>,
    /// When they were identified last.
    pub identified_at: i64,
}

impl<S: Sql> Site<S> {
    /// A visitor; `None` for who never saw a page.
    pub fn visitor_of(&self, asked: &VisitorQuery) -> Result<Option<Visitor>, Error> {
        let Some(visitor) = self.visitor_with_pageview(asked.visitor)? else { return Ok(None) };
        let id = [visitor.into()];
        let mut activity = self
            .sql
            .one("SELECT count(*), sum(pageviews), min(started), max(started) FROM sessions WHERE visitor = ?1", &id)?;
        let (visits, pageviews) = (activity.next()?, activity.next()?);
        let (first, last): (i64, i64) = (activity.next()?, activity.next()?);
        let mut latest = self.sql.one(
            "SELECT c.json FROM sessions s JOIN events e ON e.id = s.first JOIN contexts c ON c.id = e.context \
             WHERE s.visitor = ?1 ORDER BY s.started DESC, s.sid DESC LIMIT 1",
            &id,
        )?;
        let mut origin = self.sql.one(
            "SELECT k.key, c.json FROM sessions s JOIN events e ON e.id = s.first JOIN contexts c ON c.id = e.context \
             LEFT JOIN campaigns k ON k.id = s.campaign WHERE s.visitor = ?1 ORDER BY s.started, s.sid LIMIT 1",
            &id,
        )?;
        let pages = self.sql.rows(
            "SELECT h.text || t.text, e.time FROM events e JOIN pages p ON p.id = e.page \
             JOIN strings h ON h.id = p.hostname JOIN strings t ON t.id = p.path \
             WHERE e.visitor = ?1 AND e.kind = 0 ORDER BY e.time DESC, e.id DESC LIMIT ?2",
            &[visitor.into(), MOST_ENTRIES.into()],
        )?;
        let mut pages = pages
            .into_iter()
            .map(|mut row| Ok((row.next()?, Timestamp::from_millis(row.next()?))))
            .collect::<Result<Vec<_>, Error>>()?;
        pages.reverse();
        Ok(Some(Visitor {
            context: latest.json()?,
            campaign: optional_json(origin.next()?)?,
            first_context: origin.json()?,
            visits,
            pageviews,
            first_visit: Timestamp::from_millis(first),
            last_visit: Timestamp::from_millis(last),
            pages,
            goals: self.completed(visitor)?,
            profile: self.profile(visitor)?,
        }))
    }

    /// The row of a visitor who has seen a page.
    pub(crate) fn visitor_with_pageview(&self, uid: VisitorId) -> Result<Option<i64>, Error> {
        let found = self.sql.first(
            "SELECT v.id FROM visitors v WHERE v.uid = ?1 \
             AND EXISTS (SELECT 1 FROM sessions s WHERE s.visitor = v.id AND s.pageviews > 0)",
            &[uid.as_bytes().as_slice().into()],
        )?;
        found.map(|mut row| row.next()).transpose()
    }

    fn completed(&self, visitor: i64) -> Result<Vec<Completed>, Error> {
        let values = [visitor.into(), MOST_ENTRIES.into()];
        let rows = self.sql.rows(
            "SELECT t.text, e.time, e.description, e.data, e.session IS NULL FROM events e \
             JOIN strings t ON t.id = e.name WHERE e.visitor = ?1 AND e.kind = 1 ORDER BY e.time DESC, e.id DESC LIMIT ?2",
            &values,
        )?;
        let mut completed = Vec::new();
        for mut row in rows {
            completed.push(Completed {
                name: row.next()?,
                time: Timestamp::from_millis(row.next()?),
                description: row.next()?,
                metadata: optional_json(row.next()?)?,
                is_server: row.next()?,
                is_payment: false,
            });
        }
        let payments = self
            .sql
            .rows("SELECT kind, time FROM payments WHERE visitor = ?1 ORDER BY time DESC, id DESC LIMIT ?2", &values)?;
        for mut row in payments {
            let name = match PaymentKind::of_code(row.next()?) {
                PaymentKind::Trial => "free_trial",
                PaymentKind::Refund => continue,
                PaymentKind::New | PaymentKind::Renewal => "payment",
            };
            completed.push(Completed {
                name: name.to_owned(),
                time: Timestamp::from_millis(row.next()?),
                description: None,
                metadata: Map::new(),
                is_server: true,
                is_payment: true,
            });
        }
        completed.sort_by_key(|goal| goal.time);
        Ok(completed)
    }

    /// What identifications said of a visitor, one laid over the other in the order of time.
    pub(crate) fn profile(&self, visitor: i64) -> Result<Option<Profile>, Error> {
        let rows = self.sql.rows(
            "SELECT t.text, e.data, e.time FROM events e JOIN strings t ON t.id = e.name \
             WHERE e.visitor = ?1 AND e.kind = 2 ORDER BY e.time, e.eid",
            &[visitor.into()],
        )?;
        let mut profile: Option<Profile> = None;
        for mut row in rows {
            let known = profile.get_or_insert_default();
            known.user_id = row.next()?;
            known.metadata.extend(optional_json::<Map<String, Json>>(row.next()?)?);
            known.identified_at = row.next()?;
        }
        Ok(profile)
    }
}
