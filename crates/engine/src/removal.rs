//! Removes events, with all that was derived from them: as if they had never been stored.

use std::collections::{BTreeMap, BTreeSet};

use sluice_values::Timestamp;

use crate::calendar;
use crate::counted_money;
use crate::dimensions::{Dimension, SESSION_DIMENSIONS};
use crate::error::Error;
use crate::event::Kind;
use crate::history;
use crate::ids;
use crate::orphans::{self, Shared};
use crate::rollups::{self, DayTotals};
use crate::rows::{EventRow, PageRow, SessionRow, StringRow, VisitorRow};
use crate::session;
use crate::session_update;
use crate::site::Site;
use crate::sql::{Row, Sql, Value};
use crate::totals;

/// The columns of events `e` that [`remove_events`] reads, first to last.
pub(crate) const COLUMNS: &str = "e.id, e.visitor, e.session, e.kind, e.time, e.page, e.name, e.campaign, e.context, \
                                  e.referrer, e.source, e.source_host, e.eid";

/// Removes these events, and returns their visitors. Runs within a transaction.
pub(crate) fn remove_events<S: Sql>(site: &Site<S>, events: Vec<Row>) -> Result<BTreeSet<VisitorRow>, Error> {
    let (mut visitors, mut sessions, mut days) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let (mut shared, mut pageviews, mut gone) = (Vec::new(), BTreeMap::new(), Vec::new());
    for mut event in events {
        let (row, visitor): (EventRow, VisitorRow) = (event.next()?, event.next()?);
        let (session, kind): (Option<SessionRow>, Kind) = (event.next()?, event.next()?);
        let (time, page): (Timestamp, Option<PageRow>) = (event.next()?, event.next()?);
        let name: Option<StringRow> = event.next()?;
        let change = match Dimension::of_event(kind, page, name) {
            Some(value) => Some(history::event_removed(site, visitor, value, row)?),
            None => None,
        };
        site.sql.run("DELETE FROM events WHERE id = ?1", &[row.into()])?;
        totals::count(site, change.as_slice())?;
        if matches!(kind, Kind::PaymentHint | Kind::Identify) {
            site.sql.run("DELETE FROM hints WHERE visitor = ?1 AND event = ?2", &[visitor.into(), row.into()])?;
        }
        visitors.insert(visitor);
        if let Some(session) = session {
            sessions.insert(session);
            let day = rollups::days(site, time)?;
            days.insert((visitor, day), time);
            if kind == Kind::Pageview {
                let is_counted_next = calendar::next(site)?.is_some_and(|next| row.0 <= next.events_to);
                pageviews.entry((day, is_counted_next)).or_insert((row, time, 0)).2 -= 1;
            }
        }
        shared.extend(page.map(|page| (Shared::Page, page.0)));
        shared.extend(name.map(|name| (Shared::String, name.0)));
        for of in [Shared::Campaign, Shared::Context, Shared::String, Shared::String, Shared::String] {
            shared.extend(event.next::<Option<i64>>()?.map(|id| (of, id)));
        }
        let id: Value = event.next()?;
        if kind == Kind::Goal {
            site.sql.run("DELETE FROM reached_goals WHERE eid = ?1", std::slice::from_ref(&id))?;
        }
        gone.push(id);
    }
    ids::remove(site, &gone)?;
    for (row, time, pageviews) in pageviews.into_values() {
        rollups::count_day(site, (SessionRow(0), row), time, &DayTotals { pageviews, ..DayTotals::default() })?;
    }
    for ((visitor, _), time) in days {
        rollups::remove_visit_day(site, visitor, time)?;
    }
    for session in sessions {
        let keys = session::load(site, session)?.keys;
        for (dimension, key) in SESSION_DIMENSIONS.iter().map(|row| row.dimension).zip(keys) {
            let of = if dimension == Dimension::Campaign { Shared::Campaign } else { Shared::String };
            shared.extend(key.map(|key| (of, key.0)));
        }
        session_update::refresh(site, session)?;
    }
    counted_money::recount_paying(site, &visitors)?;
    // Segments may have these events.
    site.has_uncut.set(true);
    orphans::add(site, &shared)?;
    Ok(visitors)
}

/// Removes a visitor who has no events and no payments left. Runs within a transaction.
pub(crate) fn remove_visitor<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<(), Error> {
    counted_money::forget(site, visitor)?;
    for table in ["visitor_keys", "visitor_days", "hints"] {
        site.sql.run(&format!("DELETE FROM {table} WHERE visitor = ?1"), &[visitor.into()])?;
    }
    site.sql.run("DELETE FROM visitors WHERE id = ?1", &[visitor.into()])
}
