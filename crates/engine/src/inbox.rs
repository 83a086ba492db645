//! The inbox: a live event is stored in one row, and answered. What waits is folded into the events, sessions and rollups
//! together: when it has become much, by the object's alarm, and before any other call reads or changes anything.
//!
//! A row of the inbox goes in the transaction that folds its event, so each event is in one of both places.

use std::rc::Rc;

use sluice_values::Timestamp;

use crate::append::Appended;
use crate::batch::{self, Incoming};
use crate::error::Error;
use crate::event::{Event, VisitorKey, stored_event_id};
use crate::fill::Fill;
use crate::id_store;
use crate::ids;
use crate::outbox;
use crate::schema::INBOX_TABLE;
use crate::site::Site;
use crate::sql::{Row, Sql, Value};
use crate::waiting::Waiting;

/// When so many events wait, or so many bytes of them, they are folded at once, so that no call waits long for it.
pub(crate) const MOST_EVENTS: usize = 512;
const MOST_BYTES: usize = 1 << 20;
/// So many in a store that is nearly full, because events take more room when they are folded.
const MOST_OF_FULL: usize = 16;
/// A table with so many rows or more is dropped and created, because the platform counts every row that is deleted.
const DROPPED_FROM: usize = 8;
/// How often an event that cannot be folded alone is tried before it is put aside.
const TRIES: usize = 3;
/// Events that are kept in `inbox_failed`; the oldest go.
const MOST_ASIDE: i64 = 1_000;

/// The form of `inbox.event`: an [`Event`] as JSON, whose sender is a visitor. Stored: see the rule at [`crate::event`]. An
/// event in another form has another number.
pub(crate) const FORM: i64 = 1;

/// Stores an event in the inbox, if its id is new. No entry of the outbox tells of the event itself.
pub(crate) fn take<S: Sql>(site: &Site<S>, event: &Event, now: Timestamp) -> Result<Appended, Error> {
    load(site)?;
    let is_anonymous = matches!(event.sender, VisitorKey::Anonymous(_));
    let (appended, kept) = if is_anonymous || outbox::wants_activity(site)? {
        site.write(|| insert(site, event, now))?
    } else {
        insert(site, event, now)?
    };
    if let Some((row, event, bytes)) = kept
        && let Some(waiting) = &mut *site.waiting.borrow_mut()
    {
        waiting.ids.insert(id_store::key(&stored_event_id(&event.id, event.is_public_id)));
        waiting.bytes += bytes;
        waiting.events.push((row, event));
    }
    Ok(appended)
}

/// An event as it waits: its row, and the bytes of its text.
type Kept = (i64, Rc<Event>, usize);

fn insert<S: Sql>(site: &Site<S>, event: &Event, now: Timestamp) -> Result<(Appended, Option<Kept>), Error> {
    let Incoming { visitor, eid, .. } = Incoming::new(site, event, now)?;
    let (is_waiting, last) = site.waiting.borrow().as_ref().map_or((false, 0), |waiting| {
        (waiting.ids.contains(&id_store::key(&eid)), waiting.events.last().map_or(0, |(row, _)| *row))
    });
    if is_waiting || ids::are_stored(site, &[&eid])?.contains(&true) {
        return Ok((Appended { is_new: false, visitor }, None));
    }
    let row = last + 1;
    let event = Event { sender: VisitorKey::Visitor(visitor), ..event.clone() };
    let json = serde_json::to_string(&event).map_err(|error| Error::new(error.to_string()))?;
    let bytes = json.len();
    let values = [row.into(), FORM.into(), json.into()];
    site.sql.run("INSERT INTO inbox (id, form, event) VALUES (?1, ?2, ?3)", &values)?;
    outbox::add_activity(site, now)?;
    Ok((Appended { is_new: true, visitor }, Some((row, Rc::new(event), bytes))))
}

/// Reads the inbox, if this instance has not yet. Events that cannot be read are put aside.
fn load<S: Sql>(site: &Site<S>) -> Result<(), Error> {
    if site.waiting.borrow().is_some() {
        return Ok(());
    }
    let mut waiting = Waiting::default();
    for mut row in site.sql.rows("SELECT id, form, event FROM inbox ORDER BY id", &[])? {
        let id: i64 = row.next()?;
        match read(&mut row) {
            Ok((event, bytes)) => {
                waiting.ids.insert(id_store::key(&stored_event_id(&event.id, event.is_public_id)));
                waiting.bytes += bytes;
                waiting.events.push((id, Rc::new(event)));
            }
            Err(error) => put_aside(site, (id, 0), &error)?,
        }
    }
    site.waiting.replace(Some(waiting));
    Ok(())
}

fn read(row: &mut Row) -> Result<(Event, usize), Error> {
    let (form, text): (i64, String) = (row.next()?, row.next()?);
    if form != FORM {
        return Err(Error::new(format!("an event in the form {form}")));
    }
    let event = serde_json::from_str(&text).map_err(|error| Error::new(format!("an event of the inbox: {error}")))?;
    Ok((event, text.len()))
}

/// Folds what waits. What cannot be folded together is folded in parts, and an event that cannot be folded alone is put
/// aside.
pub(crate) fn fold<S: Sql>(site: &Site<S>) -> Result<(), Error> {
    load(site)?;
    let mut parts = vec![site.waiting.borrow().as_ref().map(|waiting| waiting.events.clone()).unwrap_or_default()];
    while let Some(mut part) = parts.pop() {
        match part.as_slice() {
            [] => {}
            [(row, event)] => {
                let folded =
                    (1..TRIES).fold(fold_some(site, &part), |folded, _| folded.or_else(|_| fold_some(site, &part)));
                if let Err(error) = folded {
                    put_aside(site, (*row, event.time.as_millis()), &error)?;
                }
            }
            _ if fold_some(site, &part).is_ok() => {}
            _ => {
                let second = part.split_off(part.len() / 2);
                parts.extend([second, part]);
            }
        }
    }
    Ok(())
}

/// Folds some of the events that wait.
fn fold_some<S: Sql>(site: &Site<S>, events: &[(i64, Rc<Event>)]) -> Result<(), Error> {
    let are_all = site.waiting.borrow().as_ref().is_some_and(|waiting| waiting.events.len() == events.len());
    let folded = site.write(|| {
        let incoming = events.iter().map(|(_, event)| match &event.sender {
            VisitorKey::Visitor(visitor) => {
                Ok(Incoming { event, visitor: *visitor, eid: stored_event_id(&event.id, event.is_public_id) })
            }
            VisitorKey::Anonymous(_) => Err(Error::new("an event of the inbox without its visitor")),
        });
        batch::store(site, &incoming.collect::<Result<Vec<_>, _>>()?)?;
        if are_all && events.len() >= DROPPED_FROM {
            site.sql.run("DROP TABLE inbox", &[])?;
            return site.sql.run(INBOX_TABLE, &[]);
        }
        let rows: Vec<i64> = events.iter().map(|(row, _)| *row).collect();
        delete(site, &rows)
    });
    folded?;
    forget(site, &events.iter().map(|(row, _)| *row).collect::<Vec<_>>());
    Ok(())
}

fn delete<S: Sql>(site: &Site<S>, rows: &[i64]) -> Result<(), Error> {
    let json = serde_json::to_string(rows).map_err(|error| Error::new(error.to_string()))?;
    site.sql.run("DELETE FROM inbox WHERE id IN (SELECT value FROM json_each(?1))", &[json.into()])
}

/// Forgets events that no longer wait.
fn forget<S: Sql>(site: &Site<S>, rows: &[i64]) {
    if let Some(waiting) = &mut *site.waiting.borrow_mut() {
        let Waiting { events, ids, bytes } = waiting;
        events.retain(|(row, event)| {
            let is_gone = rows.contains(row);
            if is_gone {
                ids.remove(&id_store::key(&stored_event_id(&event.id, event.is_public_id)));
            }
            !is_gone
        });
        if events.is_empty() {
            *bytes = 0;
        }
    }
}

/// Moves an event to `inbox_failed`, out of the way of the others.
fn put_aside<S: Sql>(site: &Site<S>, (row, time): (i64, i64), error: &Error) -> Result<(), Error> {
    site.write(|| {
        site.sql.run(
            "INSERT INTO inbox_failed (time, form, event, error) SELECT ?2, form, event, ?3 FROM inbox WHERE id = ?1",
            &[row.into(), time.into(), Value::Text(error.to_string())],
        )?;
        delete(site, &[row])?;
        site.sql
            .run("DELETE FROM inbox_failed WHERE id <= (SELECT max(id) FROM inbox_failed) - ?1", &[MOST_ASIDE.into()])
    })?;
    forget(site, &[row]);
    Ok(())
}

impl<S: Sql> Site<S> {
    /// Whether events wait for being folded.
    pub fn has_waiting(&self) -> bool {
        self.waiting.borrow().as_ref().is_none_or(|waiting| !waiting.events.is_empty())
    }

    /// Whether so much waits that it is folded at once.
    pub(crate) fn has_much_waiting(&self) -> bool {
        let most = if self.filling.get().now == Fill::Ok { MOST_EVENTS } else { MOST_OF_FULL };
        let waiting = self.waiting.borrow();
        waiting.as_ref().is_some_and(|waiting| waiting.events.len() >= most || waiting.bytes >= MOST_BYTES)
    }

    /// Folds the events that wait.
    pub fn fold(&self) -> Result<(), Error> {
        fold(self)
    }
}
