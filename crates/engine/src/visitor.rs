//! Rows of visitors.

use sluice_values::VisitorId;

use crate::error::Error;
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;

/// A visitor's row, as far as writing needs it.
pub(crate) struct Visitor {
    pub row: VisitorRow,
    /// Sessions before the event that is being written.
    pub sessions: i64,
    /// Whether the visitor has payments, or goals of a backend, which belong to no session by themselves.
    pub detached: bool,
    /// Whether the row was added just now.
    pub is_new: bool,
}

/// The visitor of this id. A new one is added with one session, since nearly all come with one.
pub(crate) fn find_or_add<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<Visitor, Error> {
    if let Some(mut row) = site.sql.first("SELECT id, sessions, detached FROM visitors WHERE uid = ?1", &[id.into()])? {
        return Ok(Visitor { row: row.next()?, sessions: row.next()?, detached: row.next()?, is_new: false });
    }
    let row = VisitorRow(site.next_row("visitors")?);
    site.sql.run("INSERT INTO visitors (id, uid, sessions) VALUES (?1, ?2, 1)", &[row.into(), id.into()])?;
    Ok(Visitor { row, sessions: 0, detached: false, is_new: true })
}

/// The row of the visitor of this id, who need not have come with a session.
pub(crate) fn find_or_add_without_session<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<VisitorRow, Error> {
    let visitor = find_or_add(site, id)?;
    if visitor.is_new {
        site.sql.run("UPDATE visitors SET sessions = 0 WHERE id = ?1", &[visitor.row.into()])?;
    }
    Ok(visitor.row)
}

/// Marks that the visitor has payments, or goals of a backend.
pub(crate) fn detach<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<(), Error> {
    site.sql.run("UPDATE visitors SET detached = 1 WHERE id = ?1", &[visitor.into()])
}

/// The row of a visitor who has seen a page.
pub(crate) fn with_pageview<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<Option<VisitorRow>, Error> {
    let found = site.sql.first(
        "SELECT v.id FROM visitors v WHERE v.uid = ?1 \
         AND EXISTS (SELECT 1 FROM sessions s WHERE s.visitor = v.id AND s.pageviews > 0)",
        &[id.into()],
    )?;
    found.map(|mut row| row.next()).transpose()
}
