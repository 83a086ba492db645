//! Recomputes sessions from their events, with their rollups.

use sluice_values::Timestamp;

use crate::attribution;
use crate::blocks;
use crate::dimensions::{Dimension, FirstEvent, session_columns};
use crate::error::Error;
use crate::event::{Context, Kind};
use crate::fragments::is_kind;
use crate::history;
use crate::parts::SESSIONS;
use crate::rollups;
use crate::rows::{EventRow, Key, PageRow, SessionRow, StringRow};
use crate::session::{self, Session};
use crate::site::Site;
use crate::sql::{Columns, Sql};
use crate::totals;

/// What a session stores besides the [`Session`] row.
struct Entry {
    /// The first event.
    pub first: EventRow,
    /// The first pageview.
    pub entered: Option<EventRow>,
    /// Its page.
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
        .with("entered", entry.entered)
        .with("referrer_host", entry.referrer_host);
    session_columns().zip(&session.keys).fold(columns, |columns, (name, key)| columns.with(name, *key))
}

/// Finds and stores the first pageview of a session.
pub(crate) fn find_entered<S: Sql>(site: &Site<S>, session: &Session) -> Result<Option<EventRow>, Error> {
    let first = format!(
        "UPDATE sessions SET entered = (SELECT e.id FROM events e INDEXED BY events_visitor WHERE e.visitor = ?1 \
         AND e.time BETWEEN ?2 AND ?3 AND {} AND e.session = ?4 ORDER BY e.time, e.eid LIMIT 1) \
         WHERE id = ?4 RETURNING entered",
        is_kind("e", Kind::Pageview)
    );
    let values = [session.visitor.into(), session.started.into(), session.ended.into(), session.row.into()];
    site.sql.one(&first, &values)?.next()
}

/// Corrects the totals of the values that a session loses and takes; after it is gone, it has none. `is_only` means that its
/// visitor has no other session.
fn recount<S: Sql>(
    site: &Site<S>,
    before: &Session,
    after: Option<&Session>,
    (is_counted, is_only): (bool, bool),
) -> Result<(), Error> {
    rollups::recount_session(site, before, after)?;
    let (lost, taken) = (before.values(), after.map(Session::values).unwrap_or_default());
    let only_in = |values: &[(Dimension, Key)], others: &[(Dimension, Key)]| -> Vec<_> {
        values.iter().copied().filter(|value| !others.contains(value)).collect()
    };
    let changes = |values: &[_], sign| history::session_changes(site, before, values, is_counted, is_only, sign);
    let mut changed = changes(&only_in(&lost, &taken), -1)?;
    changed.extend(changes(&only_in(&taken, &lost), 1)?);
    totals::count(site, &changed)
}

/// Recomputes a session from its events, after some were deleted.
pub(crate) fn refresh<S: Sql>(site: &Site<S>, row: SessionRow) -> Result<(), Error> {
    let before = session::load(site, row)?;
    let visitor = before.visitor;
    let mut known = site.sql.one("SELECT counted, sessions = 1 FROM visitors WHERE id = ?1", &[visitor.into()])?;
    let known: (bool, bool) = (known.next()?, known.next()?);
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
        recount(site, &before, None, known)?;
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
    blocks::moved(site, &SESSIONS, [(row.0, started)])?;
    site.sql.run("DELETE FROM session_hosts WHERE session = ?1", &[row.into()])?;
    site.sql.run(
        "INSERT INTO session_hosts (session, hostname) SELECT DISTINCT e.session, p.hostname FROM events e \
         JOIN pages p ON p.id = e.page WHERE e.visitor = ?1 AND e.session = ?2 AND p.hostname IS NOT ?3",
        &[visitor.into(), row.into(), hostname.into()],
    )?;
    session::record_duration(site, after.duration())?;
    recount(site, &before, Some(&after), known)?;
    if started == before.started {
        return Ok(());
    }
    let end = attribution::end_of_session_at(site, visitor, started.max(before.started))?;
    attribution::reassign(site, visitor, started.min(before.started), end)
}
