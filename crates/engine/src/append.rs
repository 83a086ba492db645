//! Appends events: an event is stored, and every rollup corrected, in one transaction.

use sluice_values::{Timestamp, VisitorId};

use crate::attribution;
use crate::dimensions::{Dimension, FirstEvent};
use crate::error::Error;
use crate::event::{Action, Event, Kind, VisitorKey, stored_event_id, stored_session_id};
use crate::history;
use crate::interning;
use crate::profile;
use crate::rollups::{self, Change, DayTotals};
use crate::rows::{CampaignRow, EventRow, PageRow, SessionRow, StringRow};
use crate::salts;
use crate::session::{self, Session};
use crate::session_update::{self, Entry, Late};
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};
use crate::visitor::{self, Visitor};

/// The result of appending an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Whether the event is new; otherwise an event with its id was stored before.
    pub is_new: bool,
    pub visitor: VisitorId,
}

/// The session of an event.
enum Visit {
    /// The event is the session's first.
    New {
        row: SessionRow,
        sid: Value,
    },
    Known(Session),
    /// The event is in no session: a backend sent it.
    None,
}

impl Visit {
    fn row(&self) -> Option<SessionRow> {
        match self {
            Self::New { row, .. } => Some(*row),
            Self::Known(session) => Some(session.row),
            Self::None => None,
        }
    }
}

/// The rows that an event refers to.
struct References {
    page: Option<PageRow>,
    name: Option<StringRow>,
    referrer: Option<StringRow>,
    source: Option<StringRow>,
    source_host: Option<StringRow>,
    campaign: Option<CampaignRow>,
}

/// Appends one event. Runs within a transaction.
pub(crate) fn append<S: Sql>(site: &Site<S>, event: &Event, now: Timestamp) -> Result<Appended, Error> {
    let uid = match &event.sender {
        VisitorKey::Visitor(id) => *id,
        VisitorKey::Anonymous(text) => salts::anonymous_id(site, text, now)?,
    };
    let eid = stored_event_id(&event.id, event.is_public_id);
    if site.sql.first("SELECT 1 FROM events WHERE eid = ?1", std::slice::from_ref(&eid))?.is_some() {
        return Ok(Appended { is_new: false, visitor: uid });
    }
    let mut visitor = visitor::find_or_add(site, uid)?;
    history::count_if_many(site, &mut visitor)?;
    let stored = event.action.columns()?;
    let kind = stored.kind;
    let references = References {
        page: event.page.as_ref().map(|page| interning::page(site, page)).transpose()?,
        name: interning::optional(site, stored.name)?,
        referrer: interning::optional(site, event.referrer.as_deref())?,
        source: interning::optional(site, event.source.as_ref().map(|source| source.name.as_str()))?,
        source_host: interning::optional(site, event.source.as_ref().map(|source| source.host.as_str()))?,
        campaign: interning::campaign(site, &event.campaign)?,
    };
    let visit = visit_of(site, event, &visitor)?;
    let row = EventRow(site.next_row("events")?);
    let columns = Columns::new()
        .with("id", row)
        .with("eid", eid)
        .with("time", event.time)
        .with("kind", kind)
        .with("visitor", visitor.row)
        .with("session", visit.row())
        .with("page", references.page)
        .with("name", references.name)
        .with("context", interning::context(site, &event.context)?)
        .with("referrer", references.referrer)
        .with("source", references.source)
        .with("source_host", references.source_host)
        .with("campaign", references.campaign)
        .with("href", event.href.as_deref())
        .with("data", stored.data)
        .with("description", stored.description);
    let (insert, values) = columns.insert("events");
    site.sql.run(&insert, &values)?;

    let mut changes = join_visit(site, event, row, &references, &visitor, visit)?;
    if let Some(value) = Dimension::of_event(kind, references.page, references.name) {
        changes.push(history::event_added(site, &visitor, value, row)?);
    }
    rollups::count(site, &changes)?;
    match &event.action {
        Action::PaymentHint(_) => attribution::take_hint(site, &event.action, event.time, visitor.row, row)?,
        Action::Identify { user_id, traits } => {
            profile::identify(site, visitor.row, (event.time.as_millis(), row), user_id, traits)?;
        }
        Action::Pageview | Action::Goal { .. } | Action::ExternalLink { .. } => {}
    }
    Ok(Appended { is_new: true, visitor: uid })
}

/// Finds the session of an event.
fn visit_of<S: Sql>(site: &Site<S>, event: &Event, visitor: &Visitor) -> Result<Visit, Error> {
    let Some(sid) = event.session.as_ref().map(stored_session_id) else { return Ok(Visit::None) };
    let known = if visitor.is_new { None } else { session::find(site, visitor.row, &sid)? };
    match known {
        Some(session) => Ok(Visit::Known(session)),
        None => Ok(Visit::New { row: SessionRow(site.next_row("sessions")?), sid }),
    }
}

/// What a session takes from the event if it is the first one.
fn first_event<'a, S: Sql>(site: &Site<S>, event: &'a Event, references: &References) -> Result<FirstEvent<'a>, Error> {
    let hostname = event.page.as_ref().map(|page| page.hostname.as_str());
    Ok(FirstEvent {
        hostname: interning::optional(site, hostname)?,
        source: references.source,
        campaign: references.campaign,
        context: &event.context,
    })
}

/// Adds the event to its session. Returns the changes to the totals of the session's dimensions.
fn join_visit<S: Sql>(
    site: &Site<S>,
    event: &Event,
    row: EventRow,
    references: &References,
    visitor: &Visitor,
    visit: Visit,
) -> Result<Vec<Change>, Error> {
    let kind = event.action.kind();
    let (pageviews, goals) = (i64::from(kind == Kind::Pageview), i64::from(kind == Kind::Goal));
    let entry_page = references.page.filter(|_| kind == Kind::Pageview);
    let time = event.time;
    match visit {
        Visit::New { row: session, sid } => {
            let first = first_event(site, event, references)?;
            let session = Session {
                row: session,
                visitor: visitor.row,
                started: time,
                ended: time,
                pageviews,
                goals,
                hostname: first.hostname,
                keys: session::keys(site, &first)?,
            };
            let entry = Entry {
                first: row,
                entered: entry_page.map(|_| row),
                page: entry_page,
                referrer_host: references.source_host,
            };
            session_update::insert(site, &session, &sid, &entry)?;
            let is_only = visitor.sessions == 0;
            let changes = history::session_changes(site, &session, visitor.counted, is_only, 1)?;
            if !visitor.is_new {
                let one_more = "UPDATE visitors SET sessions = sessions + 1 WHERE id = ?1";
                site.sql.run(one_more, &[visitor.row.into()])?;
            }
            let visitors = rollups::add_visit_day(site, visitor.row, time, visitor.is_new)?;
            let change = DayTotals { visitors, pageviews, ..DayTotals::of(&session, 1) };
            rollups::count_day(site, (session.row, row), time, &change)?;
            if visitor.detached {
                let end = attribution::end_of_session_at(site, visitor.row, time)?;
                attribution::reassign(site, visitor.row, time, end)?;
            }
            return Ok(changes);
        }
        Visit::Known(before) if time > before.ended => {
            session_update::extend(site, &before, time, row, entry_page, goals)?;
            if let Some(page) = &event.page {
                let host = interning::optional(site, Some(&page.hostname))?;
                session_update::touch_host(site, &before, host)?;
            }
            // The visitor has been counted on the day of the session's last event.
            if !rollups::is_same_day(site, time, before.ended)? {
                let visitors = rollups::add_visit_day(site, visitor.row, time, false)?;
                rollups::count_visitors(site, time, visitors)?;
            }
        }
        Visit::Known(before) => {
            let session = before.row;
            let late = Late {
                row,
                time,
                page: entry_page,
                goals,
                first: first_event(site, event, references)?,
                referrer_host: references.source_host,
            };
            session_update::add_late(site, &before, visitor, &late)?;
            let visitors = rollups::add_visit_day(site, visitor.row, time, false)?;
            let change = DayTotals { visitors, pageviews, ..DayTotals::default() };
            rollups::count_day(site, (session, row), time, &change)?;
        }
        Visit::None if visitor.is_new => {
            // The row was added as that of a visitor with a session.
            site.sql.run("UPDATE visitors SET sessions = 0 WHERE id = ?1", &[visitor.row.into()])?;
        }
        Visit::None => {}
    }
    Ok(Vec::new())
}
