//! Stores events together: what they touch is looked up, worked out in memory, and written once, in few statements.

use std::collections::BTreeMap;

use sluice_values::ordered::{self, Ordered as _};

use sluice_values::{Timestamp, VisitorId};

use crate::attribution;
use crate::blocks;
use crate::counted_money;
use crate::dimensions::{Dimension, FirstEvent};
use crate::error::Error;
use crate::event::{Action, Event, Kind, VisitorKey, stored_event_id, stored_href, stored_session_id};
use crate::history::{self, Additions};
use crate::ids;
use crate::interning;
use crate::parts::EVENTS;
use crate::profile;
use crate::retakes;
use crate::rollups::DayChanges;
use crate::rows::{EventRow, VisitorRow};
use crate::salts;
use crate::sets;
use crate::site::Site;
use crate::sql::{Sql, Value};
use crate::totals;
use crate::visitor;
use crate::visits::{Part, Visits};

/// An event to store.
pub(crate) struct Incoming<'a> {
    pub event: &'a Event,
    pub visitor: VisitorId,
    /// Its id as it is stored.
    pub eid: Value,
}

impl<'a> Incoming<'a> {
    /// An event that arrives now.
    pub fn new<S: Sql>(site: &Site<S>, event: &'a Event, now: Timestamp) -> Result<Self, Error> {
        let visitor = match &event.sender {
            VisitorKey::Visitor(id) => *id,
            VisitorKey::Anonymous(text) => salts::anonymous_id(site, text, now)?,
        };
        Ok(Self { event, visitor, eid: stored_event_id(&event.id, event.is_public_id) })
    }
}

const INSERT_EVENTS: &str = "INSERT INTO events (id, eid, time, kind, visitor, session, page, name, context, referrer, source, \
                             source_host, campaign, href, data, description) \
                             SELECT value ->> 0, ifnull(unhex(value ->> 1), value ->> 2), value ->> 3, value ->> 4, \
                             value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, \
                             value ->> 12, value ->> 13, value ->> 14, value ->> 15, value ->> 16 FROM json_each(?1)";

/// Stores events with new ids, each another. Those of one moment are stored in the order in which they come. Runs within a
/// transaction.
pub(crate) fn store<S: Sql>(site: &Site<S>, events: &[Incoming<'_>]) -> Result<(), Error> {
    let mut events: Vec<&Incoming<'_>> = events.iter().collect();
    ordered::sort_by_key(&mut events, |incoming| incoming.event.time);
    let mut visitors = visitor::find(site, events.iter().map(|incoming| incoming.visitor))?;
    let numbers: BTreeMap<VisitorId, usize> =
        visitors.iter().enumerate().map(|(number, visitor)| (visitor.uid, number)).into_map();
    let number_of = |incoming: &Incoming<'_>| numbers.get(&incoming.visitor).copied().unwrap_or_default();
    let sids = events.iter().filter_map(|incoming| {
        incoming.event.session.as_ref().map(|sid| (number_of(incoming), stored_session_id(sid)))
    });
    let mut visits = Visits::find(site, &visitors, sids)?;
    let mut days = DayChanges::of_all(site)?;
    let mut additions = Additions::default();
    let times: Vec<_> = events.iter().map(|incoming| incoming.event.time).collect();
    let eids: Vec<_> = events.iter().map(|incoming| incoming.eid.clone()).collect();
    let mut rows = Vec::with_capacity(events.len());
    let mut numbers = Vec::with_capacity(events.len());
    let mut told = Vec::new();
    for incoming in events {
        let (event, number) = (incoming.event, number_of(incoming));
        let visitor = visitors.get_mut(number).ok_or_else(|| Error::new("an event without its visitor"))?;
        let row = EventRow(site.next_row("events")?);
        numbers.push(row.0);
        let stored = event.action.columns()?;
        let page = event.page.as_ref().map(|page| interning::page(site, page)).transpose()?;
        let name = interning::optional(site, stored.name)?;
        let referrer = interning::optional(site, event.referrer.as_deref())?;
        let source = interning::optional(site, event.source.as_ref().map(|source| source.name.as_str()))?;
        let source_host = interning::optional(site, event.source.as_ref().map(|source| source.host.as_str()))?;
        let campaign = interning::campaign(site, &event.campaign)?;
        let context = interning::context(site, &event.context)?;
        let session = match &event.session {
            Some(sid) => {
                let hostname = interning::optional(site, event.page.as_ref().map(|page| page.hostname.as_str()))?;
                let first = FirstEvent { hostname, source, campaign, context: &event.context };
                let part = Part { event, eid: &incoming.eid, row, page, source_host, first };
                let session = visits.add(site, number, visitor, stored_session_id(sid), &part)?;
                for days in &mut days {
                    days.count_event(row, stored.kind == Kind::Pageview, event.time, visitor)?;
                }
                Some(session)
            }
            None => None,
        };
        if let Some(value) = Dimension::of_event(stored.kind, page, name) {
            additions.add(number, value, 1);
        }
        if matches!(event.action, Action::PaymentHint(_) | Action::Identify { .. }) {
            told.push((event, visitor.row, row));
        }
        let [bytes, text] = sets::id_values(&incoming.eid);
        rows.push(vec![
            row.into(),
            bytes,
            text,
            event.time.into(),
            stored.kind.into(),
            visitor.row.into(),
            session.into(),
            page.into(),
            name.into(),
            context.into(),
            referrer.into(),
            source.into(),
            source_host.into(),
            campaign.into(),
            event.href.as_deref().map(|href| stored_href(href, event.page.as_ref())).into(),
            stored.data.into(),
            stored.description.into(),
        ]);
    }
    visits.settle(site, &mut days, &mut additions)?;
    // These read what was stored before.
    let changes = history::changes(site, &mut visitors, additions)?;
    days.into_iter().try_for_each(|days| days.write(site))?;
    totals::count(site, &changes)?;
    visitor::write(site, &visitors)?;
    visits.write(site)?;
    sets::run(site, INSERT_EVENTS, &rows)?;
    ids::add(site, eids.iter())?;
    blocks::add(site, &EVENTS, numbers.into_iter().zip(times))?;
    // And these what is stored now.
    for (number, (from, to)) in visits.moved() {
        if let Some(visitor) = visitors.get(number).filter(|visitor| visitor.detached) {
            let end = attribution::end_of_session_at(site, visitor.row, to)?;
            attribution::reassign(site, visitor.row, from, end)?;
        }
    }
    let paying: Vec<_> = visitors.iter().filter(|visitor| visitor.detached).map(|visitor| visitor.row).collect();
    counted_money::recount(site, &paying)?;
    told.into_iter().try_for_each(|(event, visitor, row)| hear(site, event, visitor, row))
}

/// Takes what an event says of its visitor: whose a payment is, or who the visitor is.
fn hear<S: Sql>(site: &Site<S>, event: &Event, visitor: VisitorRow, row: EventRow) -> Result<(), Error> {
    match &event.action {
        Action::PaymentHint(_) => {
            attribution::take_hint(site, &event.action, event.time, visitor, row)?;
            retake(site, &event.action.hints(), event.time)?;
        }
        Action::Identify { user_id, traits } => {
            profile::identify(site, visitor, (event.time.as_millis(), row), user_id, traits)?;
            if let Some(key) = event.action.identified() {
                attribution::add_hint(site, &key, (event.time, visitor, row))?;
                retake(site, &[key], event.time)?;
            }
        }
        Action::Pageview | Action::Goal { .. } | Action::ExternalLink { .. } => {}
    }
    Ok(())
}

/// Works out again what the hints may be about. Of several shards, the home does so once it is told of them.
fn retake<S: Sql>(site: &Site<S>, keys: &[String], now: Timestamp) -> Result<(), Error> {
    if site.is_shard() { Ok(()) } else { retakes::of_hints(site, keys, now).map(|_| ()) }
}
