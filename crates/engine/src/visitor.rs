//! Rows of visitors.

use sluice_values::VisitorId;

use crate::dimensions::Dimension;
use crate::error::Error;
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;

/// The columns of a visitor's row that writing needs.
pub(crate) struct Visitor {
    pub row: VisitorRow,
    /// The number of sessions before the event that is being stored.
    pub sessions: i64,
    /// Whether the visitor has payments, which belong to no session by themselves.
    pub detached: bool,
    /// Whether `visitor_keys` has the visitor's counts.
    pub counted: bool,
    /// Whether the row was just added.
    pub is_new: bool,
}

/// The visitor with this id. A new one is added with one session, because nearly all come with one.
pub(crate) fn find_or_add<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<Visitor, Error> {
    let known = "SELECT id, sessions, detached, counted FROM visitors WHERE uid = ?1";
    if let Some(mut row) = site.sql.first(known, &[id.into()])? {
        let (row, sessions, detached, counted) = (row.next()?, row.next()?, row.next()?, row.next()?);
        return Ok(Visitor { row, sessions, detached, counted, is_new: false });
    }
    let row = VisitorRow(site.next_row("visitors")?);
    site.sql.run("INSERT INTO visitors (id, uid, sessions) VALUES (?1, ?2, 1)", &[row.into(), id.into()])?;
    Ok(Visitor { row, sessions: 0, detached: false, counted: false, is_new: true })
}

/// The row of the visitor with this id, who may have no session.
pub(crate) fn find_or_add_without_session<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<VisitorRow, Error> {
    let visitor = find_or_add(site, id)?;
    if visitor.is_new {
        site.sql.run("UPDATE visitors SET sessions = 0 WHERE id = ?1", &[visitor.row.into()])?;
    }
    Ok(visitor.row)
}

/// Marks that the visitor has payments.
pub(crate) fn detach<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<(), Error> {
    site.sql.run("UPDATE visitors SET detached = 1 WHERE id = ?1", &[visitor.into()])
}

/// The row of a visitor who has seen a page.
pub(crate) fn with_pageview<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<Option<VisitorRow>, Error> {
    let page = Dimension::Page.code();
    let found = site.sql.first(
        &format!(
            "SELECT v.id FROM visitors v WHERE v.uid = ?1 AND iif(v.counted, \
             EXISTS (SELECT 1 FROM visitor_keys k WHERE k.visitor = v.id AND k.dimension = {page} AND k.count > 0), \
             EXISTS (SELECT 1 FROM sessions s WHERE s.visitor = v.id AND s.pageviews > 0))"
        ),
        &[id.into()],
    )?;
    found.map(|mut row| row.next()).transpose()
}
