//! Inserts, extends and recomputes sessions, with their rollups.

use sluice_values::Timestamp;

use crate::attribution;
use crate::dimensions::{FirstEvent, session_columns};
use crate::error::Error;
use crate::event::{Context, Kind};
use crate::fragments::is_kind;
use crate::history;
use crate::rollups::{self, DayTotals};
use crate::rows::{EventRow, PageRow, SessionRow, StringRow};
use crate::session::{self, Session};
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};
use crate::visitor::Visitor;

/// What a session stores besides the [`Session`] row.
pub(crate) struct Entry {
    /// The first event.
    pub first: EventRow,
    /// The first pageview.
    pub entered: Option<EventRow>,
    /// Its page.
    pub page: Option<PageRow>,
    pub referrer_host: Option<StringRow>,
}

/// An event that is not later than all others of its session.
pub(crate) struct Late<'a> {
    pub row: EventRow,
    pub time: Timestamp,
    /// The page of a pageview.
    pub page: Option<PageRow>,
    pub goals: i64,
    /// What the session takes from the event if it is the first one.
    pub first: FirstEvent<'a>,
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
        .with("entered", entry.entered)
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
    row: EventRow,
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
        "UPDATE sessions SET ended = ?2, pageviews = ?3, goals = ?4, entry = ifnull(entry, ?5), \
         entered = iif(pageviews = 0, ?6, entered) WHERE id = ?1",
        &[
            before.row.into(),
            time.into(),
            after.pageviews.into(),
            after.goals.into(),
            page.into(),
            page.map(|_| row).into(),
        ],
    )?;
    session::record_duration(site, after.duration())?;
    let bounces = i64::from(after.bounces()) - i64::from(before.bounces());
    let duration = after.duration() - before.duration();
    let viewed = DayTotals { pageviews: after.pageviews - before.pageviews, ..DayTotals::default() };
    let began = DayTotals { bounces, duration, ..DayTotals::default() };
    let rows = (before.row, row);
    if !rollups::is_same_day(site, time, before.started)? {
        rollups::count_day(site, rows, time, &viewed)?;
        return rollups::count_day(site, rows, before.started, &began);
    }
    rollups::count_day(site, rows, time, &DayTotals { pageviews: viewed.pageviews, ..began })
}

/// Adds an event that is not later than all others of its session. Reads a fixed number of rows.
pub(crate) fn add_late<S: Sql>(
    site: &Site<S>,
    before: &Session,
    visitor: &Visitor,
    late: &Late<'_>,
) -> Result<(), Error> {
    let mut compared = site.sql.one(
        "SELECT (n.time, n.eid) < (f.time, f.eid), s.entered, (n.time, n.eid) < (p.time, p.eid) FROM sessions s \
         JOIN events n ON n.id = ?2 JOIN events f ON f.id = s.first LEFT JOIN events p ON p.id = s.entered \
         WHERE s.id = ?1",
        &[before.row.into(), late.row.into()],
    )?;
    let (is_first, entered): (bool, Option<EventRow>) = (compared.next()?, compared.next()?);
    let enters = late.page.is_some()
        && match (before.pageviews, entered) {
            _ if is_first => true,
            (0, _) => true,
            (_, Some(_)) => compared.next()?,
            // A session of an earlier version.
            (_, None) => find_entered(site, before)? == Some(late.row),
        };
    if enters {
        let values = [before.row.into(), late.page.into(), late.row.into()];
        site.sql.run("UPDATE sessions SET entry = ?2, entered = ?3 WHERE id = ?1", &values)?;
    }
    let pageviews = before.pageviews + i64::from(late.page.is_some());
    let goals = before.goals + late.goals;
    if !is_first {
        touch_host(site, before, late.first.hostname)?;
        let after = Session { pageviews, goals, keys: Vec::new(), ..*before };
        let values = [before.row.into(), pageviews.into(), goals.into()];
        site.sql.run("UPDATE sessions SET pageviews = ?2, goals = ?3 WHERE id = ?1", &values)?;
        let bounces = i64::from(after.bounces()) - i64::from(before.bounces());
        return rollups::count_day(
            site,
            (before.row, late.row),
            before.started,
            &DayTotals { bounces, ..DayTotals::default() },
        );
    }
    let before = session::load(site, before.row)?;
    let is_only = visitor.sessions == 1;
    count_session(site, &before, visitor.counted, is_only, -1)?;
    let keys = session::keys(site, &late.first)?;
    let hostname = late.first.hostname;
    let after = Session { started: late.time, pageviews, goals, hostname, keys, ..before };
    let columns = Columns::new()
        .with("started", after.started)
        .with("pageviews", pageviews)
        .with("goals", goals)
        .with("first", late.row)
        .with("referrer_host", late.referrer_host);
    let columns = session_columns().zip(&after.keys).fold(columns, |columns, (name, key)| columns.with(name, *key));
    let (update, values) = columns.update("sessions", before.row);
    site.sql.run(&update, &values)?;
    // The session begins on this host, and has touched the one that it began on before.
    touch_host(site, &after, before.hostname)?;
    if hostname != before.hostname {
        let begins = "DELETE FROM session_hosts WHERE session = ?1 AND hostname = ?2";
        site.sql.run(begins, &[before.row.into(), hostname.into()])?;
    }
    session::record_duration(site, after.duration())?;
    count_session(site, &after, visitor.counted, is_only, 1)?;
    let crossed = "SELECT 1 FROM sessions WHERE visitor = ?1 AND started BETWEEN ?2 AND ?3 AND id <> ?4 LIMIT 1";
    let values = [visitor.row.into(), after.started.into(), before.started.into(), before.row.into()];
    let to = match site.sql.first(crossed, &values)? {
        Some(_) => attribution::end_of_session_at(site, visitor.row, before.started)?,
        None => before.started,
    };
    attribution::reassign(site, visitor.row, after.started, to)
}

/// Finds and stores the first pageview of a session.
fn find_entered<S: Sql>(site: &Site<S>, session: &Session) -> Result<Option<EventRow>, Error> {
    let first = format!(
        "UPDATE sessions SET entered = (SELECT e.id FROM events e INDEXED BY events_visitor WHERE e.visitor = ?1 \
         AND e.time BETWEEN ?2 AND ?3 AND {} AND e.session = ?4 ORDER BY e.time, e.eid LIMIT 1) \
         WHERE id = ?4 RETURNING entered",
        is_kind("e", Kind::Pageview)
    );
    let values = [session.visitor.into(), session.started.into(), session.ended.into(), session.row.into()];
    site.sql.one(&first, &values)?.next()
}

/// Counts a session (`sign` 1) or removes it (-1). `is_only` means that its visitor has no other session.
fn count_session<S: Sql>(
    site: &Site<S>,
    session: &Session,
    is_counted: bool,
    is_only: bool,
    sign: i64,
) -> Result<(), Error> {
    rollups::count_session(site, session, sign)?;
    rollups::count(site, &history::session_changes(site, session, is_counted, is_only, sign)?)
}

/// Recomputes a session from its events, after some were deleted.
pub(crate) fn refresh<S: Sql>(site: &Site<S>, row: SessionRow) -> Result<(), Error> {
    let before = session::load(site, row)?;
    let visitor = before.visitor;
    let mut known = site.sql.one("SELECT sessions = 1, counted FROM visitors WHERE id = ?1", &[visitor.into()])?;
    let (is_only, is_counted): (bool, bool) = (known.next()?, known.next()?);
    count_session(site, &before, is_counted, is_only, -1)?;
    // All events of the session lie within its time.
    let within = [visitor.into(), row.into(), before.started.into(), before.ended.into()];
    let counts = format!(
        "SELECT min(e.time), max(e.time), sum({}), sum({}) FROM events e \
         WHERE e.visitor = ?1 AND e.time BETWEEN ?3 AND ?4 AND e.session = ?2",
        is_kind("e", Kind::Pageview),
        is_kind("e", Kind::Goal)
    );
    let mut counts = site.sql.one(&counts, &within)?;
    let started: Option<Timestamp> = counts.next()?;
    let Some(started) = started else {
        site.sql.run("DELETE FROM sessions WHERE id = ?1", &[row.into()])?;
        site.sql.run("DELETE FROM session_hosts WHERE session = ?1", &[row.into()])?;
        site.sql.run("UPDATE visitors SET sessions = sessions - 1 WHERE id = ?1", &[visitor.into()])?;
        let end = attribution::end_of_session_at(site, visitor, before.started)?;
        return attribution::reassign(site, visitor, before.started, end);
    };
    let (ended, pageviews, goals) = (counts.next()?, counts.next()?, counts.next()?);
    let mut first = site.sql.one(
        "SELECT e.id, e.source_host, p.hostname, e.source, e.campaign, c.json FROM events e \
         LEFT JOIN pages p ON p.id = e.page LEFT JOIN contexts c ON c.id = e.context \
         WHERE e.visitor = ?1 AND e.time BETWEEN ?3 AND ?4 AND e.session = ?2 ORDER BY e.time, e.eid LIMIT 1",
        &within,
    )?;
    let (first_event, referrer_host) = (first.next()?, first.next()?);
    let (hostname, source, campaign) = (first.next()?, first.next()?, first.next()?);
    let context: Context = first.json()?;
    let page = format!(
        "SELECT e.id, e.page FROM events e WHERE e.visitor = ?1 AND e.time BETWEEN ?3 AND ?4 AND e.session = ?2 AND {} \
         ORDER BY e.time, e.eid LIMIT 1",
        is_kind("e", Kind::Pageview)
    );
    let (entered, page) = match site.sql.first(&page, &within)? {
        Some(mut row) => (row.next()?, row.next()?),
        None => (None, None),
    };
    let keys = session::keys(site, &FirstEvent { hostname, source, campaign, context: &context })?;
    let after = Session { started, ended, pageviews, goals, hostname, keys, ..before };
    let entry = Entry { first: first_event, entered, page, referrer_host };
    let (update, values) = columns(&after, &entry).update("sessions", row);
    site.sql.run(&update, &values)?;
    site.sql.run("DELETE FROM session_hosts WHERE session = ?1", &[row.into()])?;
    site.sql.run(
        "INSERT INTO session_hosts (session, hostname) SELECT DISTINCT e.session, p.hostname FROM events e \
         JOIN pages p ON p.id = e.page WHERE e.visitor = ?1 AND e.session = ?2 AND p.hostname IS NOT ?3",
        &[visitor.into(), row.into(), hostname.into()],
    )?;
    session::record_duration(site, after.duration())?;
    count_session(site, &after, is_counted, is_only, 1)?;
    if started == before.started {
        return Ok(());
    }
    let end = attribution::end_of_session_at(site, visitor, started.max(before.started))?;
    attribution::reassign(site, visitor, started.min(before.started), end)
}

/// Notes that a session touched a host, if it is not the one it began on.
pub(crate) fn touch_host<S: Sql>(site: &Site<S>, session: &Session, host: Option<StringRow>) -> Result<(), Error> {
    if host == session.hostname {
        return Ok(());
    }
    let touched = "INSERT OR IGNORE INTO session_hosts (session, hostname) VALUES (?1, ?2)";
    site.sql.run(touched, &[session.row.into(), host.into()])
}
