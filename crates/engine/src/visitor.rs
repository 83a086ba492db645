//! Rows of visitors.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::VisitorId;

use crate::dimensions::Dimension;
use crate::error::Error;
use crate::rows::VisitorRow;
use crate::sets;
use crate::site::Site;
use crate::sql::{Sql, Value};

/// A visitor of the events that are being stored.
pub(crate) struct Visitor {
    pub row: VisitorRow,
    pub uid: VisitorId,
    /// The number of sessions before these events.
    pub sessions: i64,
    /// The number of sessions that these events begin.
    pub begun: i64,
    /// Whether the visitor has payments, which belong to no session by themselves.
    pub detached: bool,
    /// Whether `visitor_keys` has the visitor's counts.
    pub counted: bool,
    /// Whether the row is yet to be added.
    pub is_new: bool,
}

/// The visitors with these ids, in the order in which they first occur.
pub(crate) fn find<S: Sql>(site: &Site<S>, ids: impl Iterator<Item = VisitorId>) -> Result<Vec<Visitor>, Error> {
    let mut seen = BTreeSet::new();
    let ids: Vec<VisitorId> = ids.filter(|id| seen.insert(*id)).collect();
    let keys: Vec<_> = (0..).zip(&ids).map(|(at, id)| vec![Value::Integer(at), (*id).into()]).collect();
    let known = sets::read(
        site,
        "SELECT k.value ->> 0, v.id, v.sessions, v.detached, v.counted FROM json_each(?1) k \
         CROSS JOIN visitors v ON v.uid = unhex(k.value ->> 1)",
        &keys,
    )?;
    let mut rows = BTreeMap::new();
    for mut row in known {
        rows.insert(row.next::<i64>()?, row);
    }
    let visitor = |(at, uid)| {
        let known = rows.remove(&at);
        let is_new = known.is_none();
        let (row, sessions, detached, counted) = match known {
            Some(mut row) => (row.next()?, row.next()?, row.next()?, row.next()?),
            None => (VisitorRow(site.next_row("visitors")?), 0, false, false),
        };
        Ok(Visitor { row, uid, sessions, begun: 0, detached, counted, is_new })
    };
    (0..).zip(ids).map(visitor).collect()
}

/// Adds the new ones of these visitors, and the sessions that they began.
pub(crate) fn write<S: Sql>(site: &Site<S>, visitors: &[Visitor]) -> Result<(), Error> {
    let (added, known): (Vec<_>, Vec<_>) = visitors.iter().partition(|visitor| visitor.is_new);
    let added: Vec<_> =
        added.into_iter().map(|visitor| vec![visitor.row.into(), visitor.uid.into(), visitor.begun.into()]).collect();
    sets::run(
        site,
        "INSERT INTO visitors (id, uid, sessions) SELECT value ->> 0, unhex(value ->> 1), value ->> 2 FROM json_each(?1)",
        &added,
    )?;
    let known: Vec<_> = known
        .into_iter()
        .filter(|visitor| visitor.begun > 0)
        .map(|visitor| vec![visitor.row.into(), (visitor.sessions + visitor.begun).into()])
        .collect();
    sets::run(
        site,
        "UPDATE visitors SET sessions = k.value ->> 1 FROM json_each(?1) k WHERE visitors.id = k.value ->> 0",
        &known,
    )
}

/// The row of the visitor with this id, who may have no session.
pub(crate) fn find_or_add<S: Sql>(site: &Site<S>, id: VisitorId) -> Result<VisitorRow, Error> {
    if let Some(mut row) = site.sql.first("SELECT id FROM visitors WHERE uid = ?1", &[id.into()])? {
        return row.next();
    }
    let row = VisitorRow(site.next_row("visitors")?);
    site.sql.run("INSERT INTO visitors (id, uid, sessions) VALUES (?1, ?2, 0)", &[row.into(), id.into()])?;
    Ok(row)
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
