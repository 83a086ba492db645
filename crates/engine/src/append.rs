//! Writing: events and payments come in, and every rollup is corrected in the same transaction.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Site;
use super::event::{
    Action, Campaign, Context, Event, Page, Payment, PaymentKind, VisitorKey, hint_keys, kind, stored_event_id,
    stored_session_id,
};
use super::rollups::{Day, Dimension};
use super::sql::{Sql, Value};
use crate::Error;
use sluice_values::display_names;
use sluice_values::{Timestamp, VisitorId};

/// The id of "Direct/None" among the strings: sessions without a referrer have it.
pub const DIRECT: i64 = 0;

/// Contexts remembered at most, each with its digest.
const MOST_CONTEXTS: usize = 20_000;
/// Strings remembered at most.
const MOST_STRINGS: usize = 50_000;

/// A session's row, as far as writing needs it.
pub(super) struct SessionRow {
    pub id: i64,
    pub visitor: i64,
    pub started: i64,
    pub ended: i64,
    pub pageviews: i64,
    pub goals: i64,
    /// Its value of each of [`Dimension::OF_SESSIONS`].
    pub dimensions: Vec<Option<i64>>,
}

impl SessionRow {
    /// One pageview and no goal (docs/contract/README.md#20).
    pub fn bounces(&self) -> bool {
        self.pageviews == 1 && self.goals == 0
    }
}

/// A visitor's row, as far as writing needs it.
struct VisitorRow {
    id: i64,
    /// Sessions before the event that is being written.
    sessions: i64,
    /// Whether anything of theirs came without a session.
    detached: bool,
    /// Whether nothing of theirs came before.
    is_new: bool,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Whether it was stored now; otherwise its id had been before.
    pub is_new: bool,
    /// Whose it is.
    pub visitor: VisitorId,
}

impl<S: Sql> Site<S> {
    /// Appends one event. Runs within a transaction.
    #[expect(
        clippy::too_many_lines,
        reason = "one step after the other; in pieces they would hand each other ten values"
    )]
    pub(super) fn append(&self, event: &Event, now: Timestamp) -> Result<Appended, Error> {
        let uid = match &event.sender {
            VisitorKey::Visitor(id) => *id,
            VisitorKey::Anonymous(text) => self.anonymous_id(text, now)?,
        };
        let eid = stored_event_id(&event.id);
        if self.sql.first("SELECT 1 FROM events WHERE eid = ?1", std::slice::from_ref(&eid))?.is_some() {
            return Ok(Appended { is_new: false, visitor: uid });
        }
        let visitor = self.visitor(uid)?;
        let context = self.context(&event.context)?;
        let page = event.page.as_ref().map(|page| self.page(page)).transpose()?;
        let referrer = event.referrer.as_deref().map(|url| self.string(url)).transpose()?;
        let source = event.source.as_ref().map(|source| self.string(&source.name)).transpose()?;
        let source_host = event.source.as_ref().map(|source| self.string(&source.host)).transpose()?;
        let campaign = self.campaign(&event.campaign)?;
        let (code, name, data) = event.action.columns()?;
        let name = name.map(|name| self.string(name)).transpose()?;
        let description = match &event.action {
            Action::Goal { description, .. } => description.clone(),
            _ => None,
        };
        let time = event.time.as_millis();
        let (pageviews, goals) = (i64::from(code == kind::PAGEVIEW), i64::from(code == kind::GOAL));

        let sid = event.session.as_ref().map(stored_session_id);
        let known = match &sid {
            Some(sid) if !visitor.is_new => self.find_session(visitor.id, sid)?,
            _ => None,
        };
        let begins = sid.is_some() && known.is_none();
        let session = match &known {
            Some(session) => Some(session.id),
            None if begins => Some(self.next_id("sessions")?),
            None => None,
        };
        let owner = if sid.is_none() && code == kind::GOAL { self.session_before(visitor.id, time)? } else { None };
        let row = self.next_id("events")?;
        self.sql.run(
            "INSERT INTO events (id, eid, time, kind, visitor, session, owner, page, name, context, referrer, source, \
             source_host, campaign, href, data, description) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            &[
                row.into(),
                eid,
                time.into(),
                code.into(),
                visitor.id.into(),
                session.into(),
                owner.into(),
                page.into(),
                name.into(),
                context.into(),
                referrer.into(),
                source.into(),
                source_host.into(),
                campaign.into(),
                event.href.as_deref().into(),
                data.into(),
                description.into(),
            ],
        )?;

        let mut changes = Vec::new();
        match (sid, known, session) {
            (Some(sid), None, Some(id)) => {
                let dimensions = self.dimensions(event, source, campaign)?;
                let entry = page.filter(|_| pageviews == 1);
                let session =
                    SessionRow { id, visitor: visitor.id, started: time, ended: time, pageviews, goals, dimensions };
                self.insert_session(&session, &sid, row, entry, source_host)?;
                changes = self.session_changes(&session, visitor.sessions == 0, 1)?;
                if !visitor.is_new {
                    self.sql.run("UPDATE visitors SET sessions = sessions + 1 WHERE id = ?1", &[visitor.id.into()])?;
                }
                let visitors = self.add_visit_day(visitor.id, time, visitor.is_new)?;
                self.count_day(time, &Day { visitors, ..Day::of(&session, 1) })?;
                if visitor.detached {
                    self.reattribute(visitor.id)?;
                }
            }
            (Some(_), Some(before), _) if time > before.ended => {
                self.extend_session(&before, time, page.filter(|_| pageviews == 1), goals)?;
                // A visitor who was there at the session's end has been counted on that day.
                if self.day(time)? != self.day(before.ended)? {
                    let visitors = self.add_visit_day(visitor.id, time, false)?;
                    self.count_day(time, &Day { visitors, ..Day::default() })?;
                }
            }
            (Some(_), Some(before), _) => {
                self.refresh_session(before.id)?;
                let visitors = self.add_visit_day(visitor.id, time, false)?;
                self.count_day(time, &Day { visitors, ..Day::default() })?;
            }
            _ if visitor.is_new => {
                // Made as one who comes with a session.
                let alone = "UPDATE visitors SET sessions = 0, detached = ?2 WHERE id = ?1";
                self.sql.run(alone, &[visitor.id.into(), (code == kind::GOAL).into()])?;
            }
            _ => {
                if code == kind::GOAL {
                    self.sql.run("UPDATE visitors SET detached = 1 WHERE id = ?1", &[visitor.id.into()])?;
                }
            }
        }
        if let Some((dimension, key)) = Dimension::of_event(code, page, name) {
            let is_first = visitor.is_new || !self.has_other(visitor.id, dimension, key, row)?;
            changes.push((dimension, key, i64::from(is_first), 1));
        }
        self.count(&changes)?;
        match code {
            kind::PAYMENT_HINT => self.take_hint(&event.action, time, visitor.id, row)?,
            // Whoever is identified for the first time gets a profile, with an id of this second and this event.
            kind::IDENTIFY => self.sql.run(
                "UPDATE visitors SET profile = ifnull(profile, ?2) WHERE id = ?1",
                &[visitor.id.into(), format!("{:08x}{row:016x}", time / 1000).into()],
            )?,
            _ => {}
        }
        Ok(Appended { is_new: true, visitor: uid })
    }

    /// Stores a payment, and tells whether it is new.
    pub(super) fn pay(&self, payment: &Payment) -> Result<bool, Error> {
        let event_id = payment.event_id.as_ref().map(stored_event_id);
        let refunded = payment.kind == PaymentKind::Refund;
        let known = self.sql.first(
            "SELECT 1 FROM payments WHERE (transaction_id = ?1 AND refunded = ?2) OR eid = ?3",
            &[(&payment.transaction_id).into(), refunded.into(), event_id.clone().into()],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let visitor = match payment.visitor {
            Some(uid) => Some(self.visitor_alone(uid)?),
            None => self.hinted(&hint_keys(&payment.transaction_id, payment.email.as_deref()))?,
        };
        self.sql.run(
            "INSERT INTO payments (pid, eid, transaction_id, refunded, time, kind, visitor, named, amount, currency, \
             value, email, name, customer_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            &[
                payment.id.as_bytes().to_vec().into(),
                event_id.into(),
                (&payment.transaction_id).into(),
                refunded.into(),
                payment.time.into(),
                payment.kind.code().into(),
                visitor.into(),
                payment.visitor.is_some().into(),
                payment.amount.into(),
                payment.currency.as_str().into(),
                payment.value.into(),
                payment.email.as_ref().map(|email| email.trim().to_lowercase()).into(),
                payment.name.as_deref().into(),
                payment.customer_id.as_deref().into(),
            ],
        )?;
        if let Some(visitor) = visitor {
            self.sql.run("UPDATE visitors SET detached = 1 WHERE id = ?1", &[visitor.into()])?;
            self.reattribute(visitor)?;
        }
        Ok(true)
    }

    /// The visitor of this id. A new one is made as one who comes with a session, as nearly all do.
    fn visitor(&self, uid: VisitorId) -> Result<VisitorRow, Error> {
        let uid = uid.as_bytes().as_slice();
        if let Some(mut row) =
            self.sql.first("SELECT id, sessions, detached FROM visitors WHERE uid = ?1", &[uid.into()])?
        {
            return Ok(VisitorRow { id: row.next()?, sessions: row.next()?, detached: row.next()?, is_new: false });
        }
        let id = self.next_id("visitors")?;
        self.sql.run("INSERT INTO visitors (id, uid, sessions) VALUES (?1, ?2, 1)", &[id.into(), uid.into()])?;
        Ok(VisitorRow { id, sessions: 0, detached: false, is_new: true })
    }

    /// The row of the visitor of this id, who need not have come with a session.
    pub(super) fn visitor_alone(&self, uid: VisitorId) -> Result<i64, Error> {
        let visitor = self.visitor(uid)?;
        if visitor.is_new {
            self.sql.run("UPDATE visitors SET sessions = 0 WHERE id = ?1", &[visitor.id.into()])?;
        }
        Ok(visitor.id)
    }

    /// The number of the next row of a table: the object alone writes, so it can count by itself.
    fn next_id(&self, table: &'static str) -> Result<i64, Error> {
        let last = self.caches.borrow().last_ids.get(table).copied();
        let last = match last {
            Some(last) => last,
            None => self.sql.one(&format!("SELECT ifnull(max(id), 0) FROM {table}"), &[])?.next()?,
        };
        self.caches.borrow_mut().last_ids.insert(table, last + 1);
        Ok(last + 1)
    }

    /// The session that a payment or a backend's goal of this moment belongs to: the visitor's latest begun by then.
    fn session_before(&self, visitor: i64, time: i64) -> Result<Option<i64>, Error> {
        let row = self.sql.first(
            "SELECT id FROM sessions WHERE visitor = ?1 AND started <= ?2 ORDER BY started DESC, sid DESC LIMIT 1",
            &[visitor.into(), time.into()],
        )?;
        row.map(|mut row| row.next()).transpose()
    }

    /// Gives every payment and backend's goal of the visitor to the session that it belongs to now.
    pub(super) fn reattribute(&self, visitor: i64) -> Result<(), Error> {
        self.sql.run(
            "UPDATE payments SET session = (SELECT id FROM sessions WHERE visitor = ?1 AND started <= payments.time \
             ORDER BY started DESC, sid DESC LIMIT 1) WHERE visitor = ?1",
            &[visitor.into()],
        )?;
        self.sql.run(
            "UPDATE events SET owner = (SELECT id FROM sessions WHERE visitor = ?1 AND started <= events.time \
             ORDER BY started DESC, sid DESC LIMIT 1) WHERE visitor = ?1 AND session IS NULL AND kind = 1",
            &[visitor.into()],
        )
    }

    fn find_session(&self, visitor: i64, sid: &Value) -> Result<Option<SessionRow>, Error> {
        let row = self.sql.first(
            "SELECT id, started, ended, pageviews, goals FROM sessions WHERE visitor = ?1 AND sid = ?2",
            &[visitor.into(), sid.clone()],
        )?;
        row.map(|mut row| {
            Ok(SessionRow {
                id: row.next()?,
                visitor,
                started: row.next()?,
                ended: row.next()?,
                pageviews: row.next()?,
                goals: row.next()?,
                dimensions: Vec::new(),
            })
        })
        .transpose()
    }

    fn insert_session(
        &self,
        session: &SessionRow,
        sid: &Value,
        first: i64,
        entry: Option<i64>,
        referrer_host: Option<i64>,
    ) -> Result<(), Error> {
        let mut values: Vec<Value> = vec![
            session.id.into(),
            session.visitor.into(),
            sid.clone(),
            session.started.into(),
            session.ended.into(),
            session.pageviews.into(),
            session.goals.into(),
            first.into(),
            entry.into(),
            referrer_host.into(),
        ];
        values.extend(session.dimensions.iter().copied().map(Value::from));
        self.sql.run(
            "INSERT INTO sessions (id, visitor, sid, started, ended, pageviews, goals, first, entry, referrer_host, \
             hostname, referrer, country, region, city, device, browser, os, campaign) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
            &values,
        )
    }

    /// A session goes on: the event is later than all it has.
    fn extend_session(&self, before: &SessionRow, time: i64, page: Option<i64>, goals: i64) -> Result<(), Error> {
        let after = SessionRow {
            ended: time,
            pageviews: before.pageviews + i64::from(page.is_some()),
            goals: before.goals + goals,
            dimensions: Vec::new(),
            ..*before
        };
        self.sql.run(
            "UPDATE sessions SET ended = ?2, pageviews = ?3, goals = ?4, entry = ifnull(entry, ?5) WHERE id = ?1",
            &[before.id.into(), time.into(), after.pageviews.into(), after.goals.into(), page.into()],
        )?;
        self.note_duration(time - before.started)?;
        let bounces = i64::from(after.bounces()) - i64::from(before.bounces());
        self.count_day(before.started, &Day { bounces, duration: time - before.ended, ..Day::default() })
    }

    /// Works a session out anew from its events: after one came out of order, or was deleted.
    pub(super) fn refresh_session(&self, id: i64) -> Result<(), Error> {
        let before = self.load_session(id)?;
        let (was_only, _) = self.sessions_of(before.visitor)?;
        self.count_session(&before, was_only == 1, -1)?;
        let mut facts = self.sql.one(
            "SELECT min(time), max(time), sum(kind = 0), sum(kind = 1) FROM events WHERE visitor = ?1 AND session = ?2",
            &[before.visitor.into(), id.into()],
        )?;
        let started: Option<i64> = facts.next()?;
        let Some(started) = started else {
            self.sql.run("DELETE FROM sessions WHERE id = ?1", &[id.into()])?;
            self.sql.run("UPDATE visitors SET sessions = sessions - 1 WHERE id = ?1", &[before.visitor.into()])?;
            return self.reattribute(before.visitor);
        };
        let (ended, pageviews, goals): (i64, i64, i64) = (facts.next()?, facts.next()?, facts.next()?);
        let mut first = self.sql.one(
            "SELECT e.id, p.hostname, e.source, e.source_host, e.campaign, c.json FROM events e \
             LEFT JOIN pages p ON p.id = e.page LEFT JOIN contexts c ON c.id = e.context \
             WHERE e.visitor = ?1 AND e.session = ?2 ORDER BY e.time, e.eid LIMIT 1",
            &[before.visitor.into(), id.into()],
        )?;
        let row: i64 = first.next()?;
        let (hostname, source, source_host, campaign): (_, Option<i64>, Option<i64>, Option<i64>) =
            (first.next()?, first.next()?, first.next()?, first.next()?);
        let context: Context = first.json()?;
        let entry = self.sql.first(
            "SELECT page FROM events WHERE visitor = ?1 AND session = ?2 AND kind = 0 ORDER BY time, eid LIMIT 1",
            &[before.visitor.into(), id.into()],
        )?;
        let entry: Option<i64> = entry.map(|mut row| row.next()).transpose()?;
        let dimensions = self.dimensions_of(hostname, &context, source, campaign)?;
        let after = SessionRow { started, ended, pageviews, goals, dimensions, ..before };
        let mut values: Vec<Value> = vec![
            id.into(),
            started.into(),
            ended.into(),
            pageviews.into(),
            goals.into(),
            row.into(),
            entry.into(),
            source_host.into(),
        ];
        values.extend(after.dimensions.iter().copied().map(Value::from));
        self.sql.run(
            "UPDATE sessions SET started = ?2, ended = ?3, pageviews = ?4, goals = ?5, first = ?6, entry = ?7, \
             referrer_host = ?8, hostname = ?9, referrer = ?10, country = ?11, region = ?12, city = ?13, device = ?14, \
             browser = ?15, os = ?16, campaign = ?17 WHERE id = ?1",
            &values,
        )?;
        self.note_duration(ended - started)?;
        self.count_session(&after, was_only == 1, 1)?;
        if started == before.started { Ok(()) } else { self.reattribute(before.visitor) }
    }

    /// How long the longest session ever lasted: no session that began earlier than that before a span reaches into it.
    pub(super) fn longest(&self) -> Result<i64, Error> {
        if let Some(longest) = self.caches.borrow().longest {
            return Ok(longest);
        }
        let stored = self.sql.first("SELECT value FROM meta WHERE key = 'longest'", &[])?;
        let longest = stored.map_or(Ok(0), |mut row| row.next())?;
        self.caches.borrow_mut().longest = Some(longest);
        Ok(longest)
    }

    fn note_duration(&self, duration: i64) -> Result<(), Error> {
        if duration <= self.longest()? {
            return Ok(());
        }
        self.caches.borrow_mut().longest = Some(duration);
        self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('longest', ?1)", &[duration.into()])
    }

    fn load_session(&self, id: i64) -> Result<SessionRow, Error> {
        let mut row = self.sql.one(
            "SELECT visitor, started, ended, pageviews, goals, hostname, referrer, country, region, city, device, \
             browser, os, campaign FROM sessions WHERE id = ?1",
            &[id.into()],
        )?;
        Ok(SessionRow {
            id,
            visitor: row.next()?,
            started: row.next()?,
            ended: row.next()?,
            pageviews: row.next()?,
            goals: row.next()?,
            dimensions: Dimension::OF_SESSIONS.iter().map(|_| row.next()).collect::<Result<_, _>>()?,
        })
    }

    fn sessions_of(&self, visitor: i64) -> Result<(i64, bool), Error> {
        let mut row = self.sql.one("SELECT sessions, detached FROM visitors WHERE id = ?1", &[visitor.into()])?;
        Ok((row.next()?, row.next()?))
    }

    fn dimensions(&self, event: &Event, source: Option<i64>, campaign: Option<i64>) -> Result<Vec<Option<i64>>, Error> {
        let hostname = event.page.as_ref().map(|page| self.string(&page.hostname)).transpose()?;
        self.dimensions_of(hostname, &event.context, source, campaign)
    }

    /// The values of [`Dimension::OF_SESSIONS`] that a session takes from its first event.
    fn dimensions_of(
        &self,
        hostname: Option<i64>,
        context: &Context,
        source: Option<i64>,
        campaign: Option<i64>,
    ) -> Result<Vec<Option<i64>>, Error> {
        let string = |text: Option<String>| text.map(|text| self.string(&text)).transpose();
        Ok(vec![
            hostname,
            Some(source.unwrap_or(DIRECT)),
            string(context.country.as_deref().map(display_names::country))?,
            string(context.region.as_deref().map(display_names::region))?,
            string(context.city.clone())?,
            string(context.device.clone())?,
            string(context.browser.clone())?,
            string(context.os.clone())?,
            campaign,
        ])
    }

    /// The number of a string, which it gets when it is first seen.
    pub(super) fn string(&self, text: &str) -> Result<i64, Error> {
        if let Some(id) = self.caches.borrow().strings.get(text) {
            return Ok(*id);
        }
        let id = match self.sql.first("SELECT id FROM strings WHERE text = ?1", &[text.into()])? {
            Some(mut row) => row.next()?,
            None => {
                let folded = Some(text.to_lowercase()).filter(|folded| folded != text);
                let insert = "INSERT INTO strings (text, folded) VALUES (?1, ?2) RETURNING id";
                self.sql.one(insert, &[text.into(), folded.into()])?.next()?
            }
        };
        let strings = &mut self.caches.borrow_mut().strings;
        if strings.len() >= MOST_STRINGS {
            strings.clear();
        }
        strings.insert(text.to_owned(), id);
        Ok(id)
    }

    fn page(&self, page: &Page) -> Result<i64, Error> {
        if let Some(id) = self.caches.borrow().pages.get(page) {
            return Ok(*id);
        }
        let values = [self.string(&page.path)?.into(), self.string(&page.hostname)?.into()];
        let id = match self.sql.first("SELECT id FROM pages WHERE path = ?1 AND hostname = ?2", &values)? {
            Some(mut row) => row.next()?,
            None => self.sql.one("INSERT INTO pages (path, hostname) VALUES (?1, ?2) RETURNING id", &values)?.next()?,
        };
        let pages = &mut self.caches.borrow_mut().pages;
        if pages.len() >= MOST_STRINGS {
            pages.clear();
        }
        pages.insert(page.clone(), id);
        Ok(id)
    }

    fn campaign(&self, campaign: &Campaign) -> Result<Option<i64>, Error> {
        if campaign.is_empty() {
            return Ok(None);
        }
        let key = serde_json::to_string(campaign).map_err(|error| Error::new(error.to_string()))?;
        if let Some(mut row) = self.sql.first("SELECT id FROM campaigns WHERE key = ?1", &[key.as_str().into()])? {
            return row.next().map(Some);
        }
        let mut values: Vec<Value> = vec![key.into()];
        for text in &campaign.0 {
            values.push(if text.is_empty() { Value::Null } else { self.string(text)?.into() });
        }
        let insert = "INSERT INTO campaigns (key, utm_source, utm_medium, utm_campaign, utm_term, utm_content, ref, \
                      source, via) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
        self.sql.one(insert, &values)?.next().map(Some)
    }

    fn context(&self, context: &Context) -> Result<i64, Error> {
        let json = serde_json::to_string(context).map_err(|error| Error::new(error.to_string()))?;
        let digest: [u8; 16] = Sha256::digest(json.as_bytes()).first_chunk().copied().unwrap_or_default();
        if let Some(id) = self.caches.borrow().contexts.get(&digest) {
            return Ok(*id);
        }
        let values = [digest.as_slice().into(), json.into()];
        let id = match self.sql.first("SELECT id FROM contexts WHERE digest = ?1", values.get(..1).unwrap_or(&[]))? {
            Some(mut row) => row.next()?,
            None => {
                self.sql.one("INSERT INTO contexts (digest, json) VALUES (?1, ?2) RETURNING id", &values)?.next()?
            }
        };
        let contexts = &mut self.caches.borrow_mut().contexts;
        if contexts.len() >= MOST_CONTEXTS {
            contexts.clear();
        }
        contexts.insert(digest, id);
        Ok(id)
    }

    /// Remembers what a browser said of a payment, and gives payments that named no visitor to whom it belongs.
    fn take_hint(&self, action: &Action, time: i64, visitor: i64, event: i64) -> Result<(), Error> {
        for key in action.hints() {
            self.sql.run(
                "INSERT OR IGNORE INTO hints (key, time, visitor, event) VALUES (?1, ?2, ?3, ?4)",
                &[key.as_str().into(), time.into(), visitor.into(), event.into()],
            )?;
            let (column, value) = key.split_once(':').unwrap_or_default();
            let waiting = if column == "email" {
                "SELECT id, transaction_id, email FROM payments WHERE named = 0 AND email = ?1"
            } else {
                "SELECT id, transaction_id, email FROM payments WHERE named = 0 AND transaction_id = ?1"
            };
            for mut row in self.sql.rows(waiting, &[value.into()])? {
                let (payment, transaction, email): (i64, String, Option<String>) =
                    (row.next()?, row.next()?, row.next()?);
                let Some(visitor) = self.hinted(&hint_keys(&transaction, email.as_deref()))? else { continue };
                let values = [payment.into(), visitor.into()];
                self.sql.run("UPDATE payments SET visitor = ?2 WHERE id = ?1", &values)?;
                self.sql.run("UPDATE visitors SET detached = 1 WHERE id = ?1", &[visitor.into()])?;
                self.reattribute(visitor)?;
            }
        }
        Ok(())
    }

    /// The visitor of the latest hint under any of these keys.
    fn hinted(&self, keys: &[String]) -> Result<Option<i64>, Error> {
        let json = serde_json::to_string(keys).map_err(|error| Error::new(error.to_string()))?;
        let row = self.sql.first(
            "SELECT visitor FROM hints WHERE key IN (SELECT value FROM json_each(?1)) \
             ORDER BY time DESC, visitor DESC LIMIT 1",
            &[json.into()],
        )?;
        row.map(|mut row| row.next()).transpose()
    }

    /// The id of a visitor without cookies: the same all day for the same text, and nobody can tell it afterwards, since
    /// the day's salt is deleted when the day is over.
    fn anonymous_id(&self, text: &str, now: Timestamp) -> Result<VisitorId, Error> {
        let today = now.as_millis().div_euclid(super::DAY_MS);
        let salt: Vec<u8> = match self.sql.first("SELECT salt FROM salts WHERE day = ?1", &[today.into()])? {
            Some(mut row) => row.next()?,
            None => {
                self.sql.run("DELETE FROM salts WHERE day <> ?1", &[today.into()])?;
                let salt = (self.random)()?;
                let values = [today.into(), salt.as_slice().into()];
                self.sql.run("INSERT INTO salts (day, salt) VALUES (?1, ?2)", &values)?;
                self.new_salt.set(Some(today));
                salt.to_vec()
            }
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&salt).map_err(|_| Error::new("a salt of impossible length"))?;
        mac.update(text.as_bytes());
        let digest = mac.finalize().into_bytes();
        Ok(VisitorId::of_random(digest.first_chunk().copied().unwrap_or_default()))
    }
}
