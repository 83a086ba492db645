//! A website at a glance: what a list of websites shows of each.

use serde::{Deserialize, Serialize};
use sluice_values::{TimeZone, Timestamp};

use super::overview::{Overview, Totals};
use crate::blocks::{self, Order};
use crate::error::Error;
use crate::parts::EVENTS;
use crate::selection::{Selection, Span};
use crate::site::Site;
use crate::sql::{Parameters, Sql};

#[derive(Debug, Serialize, Deserialize)]
pub struct Glance {
    /// The website's time zone, which determines the days of the rollups.
    pub zone: TimeZone,
    /// Whether renewals count for conversion.
    pub with_renewals: bool,
    /// The ranges whose totals are asked for.
    pub spans: Vec<Span>,
    /// The ranges whose visitors are asked for.
    pub days: Vec<Span>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Glimpse {
    /// The totals of each range, without filters.
    pub totals: Vec<Totals>,
    /// The distinct visitors of each day.
    pub days: Vec<i64>,
    /// The number of current visitors.
    pub present: i64,
    /// The time of the latest event.
    pub last_event: Option<Timestamp>,
}

impl Glimpse {
    /// Adds what another shard has.
    pub(crate) fn add(&mut self, other: &Self) {
        self.totals.iter_mut().zip(&other.totals).for_each(|(totals, other)| totals.add(other));
        self.days.iter_mut().zip(&other.days).for_each(|(visitors, other)| *visitors += other);
        self.present += other.present;
        self.last_event = self.last_event.max(other.last_event);
    }
}

impl<S: Sql> Site<S> {
    pub fn glance(&self, asked: &Glance, now: Timestamp) -> Result<Glimpse, Error> {
        let overview = |span: &Span| Overview {
            selection: Selection { span: *span, filters: Vec::new() },
            zone: asked.zone.clone(),
            with_renewals: asked.with_renewals,
            pageviews: false,
            newcomers: false,
        };
        let visitors = |span| Ok(self.count_visits(&overview(span))?.visitors);
        Ok(Glimpse {
            totals: asked.spans.iter().map(|span| self.overview(&overview(span))).collect::<Result<_, _>>()?,
            days: asked.days.iter().map(visitors).collect::<Result<_, Error>>()?,
            present: self.present(now)?,
            last_event: self.edge_of_events(Order::Latest)?,
        })
    }

    /// The time of the earliest or the latest event.
    pub(crate) fn edge_of_events(&self, order: Order) -> Result<Option<Timestamp>, Error> {
        let edge = match order {
            Order::Earliest => "min(e.time)",
            Order::Latest => "max(e.time)",
        };
        let mut found = None;
        blocks::in_order(self, &EVENTS, Span::ALL, order, |window| {
            let mut parameters = Parameters::default();
            let events = blocks::events(self, window, &mut parameters)?;
            let (from, to) = (parameters.bind(window.from), parameters.bind(window.to));
            let edge = format!("SELECT {edge} FROM {events} WHERE e.time BETWEEN {from} AND {to}");
            found = self.sql.one(&edge, parameters.values())?.next()?;
            Ok(found.is_some())
        })?;
        Ok(found)
    }
}
