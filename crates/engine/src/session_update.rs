//! Inserts, extends and recomputes sessions, with their rollups.

use sluice_values::Timestamp;

use crate::attribution;
use crate::dimensions::{FirstEvent, session_columns};
use crate::error::Error;
use crate::event::{Context, Kind};
use crate::fragments::is_kind;
use crate::rollups::{self, DayTotals};
use crate::rows::{EventRow, PageRow, SessionRow, StringRow, VisitorRow};
use crate::session::{self, Session};
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};

/// What a session stores besides the [`Session`] row.
pub(crate) struct Entry {
    /// The first event.
    pub first: EventRow,
    /// The page of the first pageview.
    pub page: Option<PageRow>,
    pub referrer_host: Option<StringRow>,
}

fn columns(session: &Session, entry: &Entry) -> Columns {
    let columns = Columns::new()
        .with("started", session.started)
        .with("ended", session.ended)
        .with("pageviews", session.pageviews)
        .with("goals", session.goals)
        .with("first", entry.first)
        .with("entry", entry.page)
        .with("referrer_host", entry.referrer_host);
    session_columns().zip(&session.keys).fold(columns, |columns, (name, key)| columns.with(name, *key))
}

pub(crate) fn insert<S: Sql>(site: &Site<S>, session: &Session, sid: &Value, entry: &Entry) -> Result<(), Error> {
    let columns = columns(session, entry).with("id", session.row).with("visitor", session.visitor);
    let (insert, values) = columns.with("sid", sid.clone()).insert("sessions");
    site.sql.run(&insert, &values)
}

/// Extends a session by an event that is later than all others. `page` is the page of a pageview.
pub(crate) fn extend<S: Sql>(
    site: &Site<S>,
    before: &Session,
    time: Timestamp,
    page: Option<PageRow>,
    goals: i64,
) -> Result<(), Error> {
    let after = Session {
        ended: time,
        pageviews: before.pageviews + i64::from(page.is_some()),
        goals: before.goals + goals,
        keys: Vec::new(),
        ..*before
    };
    site.sql.run(
        "UPDATE sessions SET ended = ?2, pageviews = ?3, goals = ?4, entry = ifnull(entry, ?5) WHERE id = ?1",
        &[before.row.into(), time.into(), after.pageviews.into(), after.goals.into(), page.into()],
    )?;
    session::record_duration(site, after.duration())?;
    let bounces = i64::from(after.bounces()) - i64::from(before.bounces());
    let duration = after.duration() - before.duration();
    rollups::count_day(site, before.started, &DayTotals { bounces, duration, ..DayTotals::default() })
}

/// Recomputes a session from its events, after one arrived out of order or was deleted.
pub(crate) fn refresh<S: Sql>(site: &Site<S>, row: SessionRow) -> Result<(), Error> {
    let before = session::load(site, row)?;
    let visitor = before.visitor;
    let is_only = sessions_of(site, visitor)? == 1;
    rollups::count_session(site, &before, is_only, -1)?;
    let counts = format!(
        "SELECT min(e.time), max(e.time), sum({}), sum({}) FROM events e WHERE e.visitor = ?1 AND e.session = ?2",
        is_kind("e", Kind::Pageview),
        is_kind("e", Kind::Goal)
    );
    let mut counts = site.sql.one(&counts, &[visitor.into(), row.into()])?;
    let started: Option<Timestamp> = counts.next()?;
    let Some(started) = started else {
        site.sql.run("DELETE FROM sessions WHERE id = ?1", &[row.into()])?;
        site.sql.run("UPDATE visitors SET sessions = sessions - 1 WHERE id = ?1", &[visitor.into()])?;
        return attribution::reassign(site, visitor);
    };
    let (ended, pageviews, goals) = (counts.next()?, counts.next()?, counts.next()?);
    let mut first = site.sql.one(
        "SELECT e.id, e.source_host, p.hostname, e.source, e.campaign, c.json FROM events e \
         LEFT JOIN pages p ON p.id = e.page LEFT JOIN contexts c ON c.id = e.context \
         WHERE e.visitor = ?1 AND e.session = ?2 ORDER BY e.time, e.eid LIMIT 1",
        &[visitor.into(), row.into()],
    )?;
    let (first_event, referrer_host) = (first.next()?, first.next()?);
    let (hostname, source, campaign) = (first.next()?, first.next()?, first.next()?);
    let context: Context = first.json()?;
    let page = format!(
        "SELECT e.page FROM events e WHERE e.visitor = ?1 AND e.session = ?2 AND {} ORDER BY e.time, e.eid LIMIT 1",
        is_kind("e", Kind::Pageview)
    );
    let page: Option<Option<PageRow>> =
        site.sql.first(&page, &[visitor.into(), row.into()])?.map(|mut row| row.next()).transpose()?;
    let keys = session::keys(site, &FirstEvent { hostname, source, campaign, context: &context })?;
    let after = Session { started, ended, pageviews, goals, keys, ..before };
    let entry = Entry { first: first_event, page: page.flatten(), referrer_host };
    let (update, values) = columns(&after, &entry).update("sessions", row);
    site.sql.run(&update, &values)?;
    session::record_duration(site, after.duration())?;
    rollups::count_session(site, &after, is_only, 1)?;
    if started == before.started { Ok(()) } else { attribution::reassign(site, visitor) }
}

fn sessions_of<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<i64, Error> {
    site.sql.one("SELECT sessions FROM visitors WHERE id = ?1", &[visitor.into()])?.next()
}
