//! Visitors one by one, newest first.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::overview::Overview;
use crate::Error;
use crate::Site;
use crate::event::{Campaign, Context};
use crate::selection::{Selection, condition};
use crate::sql::{Parameters, Sql};
use sluice_values::{Timestamp, VisitorId};

/// Events looked at in one go: so many for every visitor that is wanted, within these limits.
const EVENTS_PER_VISITOR: i64 = 4;
const AT_ONCE: std::ops::RangeInclusive<i64> = 100..=2_000;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct VisitorList {
    /// Of which sessions.
    pub selection: Selection,
    /// The website's time zone, by whose days rollups are kept.
    pub zone: String,
    /// Only who completed one of these goals, and when they did so last; empty for everybody.
    pub completed_goals: Vec<String>,
    /// Rows at most.
    pub limit: u32,
    /// Rows passed over.
    pub offset: u32,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rows {
    /// A page of them: last seen descending, then the id ascending.
    pub rows: Vec<Seen>,
    /// How many there are in all.
    pub total: i64,
}

/// A visitor of the list.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Who.
    pub visitor: VisitorId,
    /// When last, within the range.
    pub last_seen: Timestamp,
    /// Host and path of the last page by then.
    pub current_url: Option<String>,
    /// Where, and with what.
    pub context: Context,
    /// What the first session came from.
    pub referrer: Option<String>,
    /// With which parameters.
    pub campaign: Campaign,
}

impl<S: Sql> Site<S> {
    /// A page of the list.
    pub fn visitors(&self, asked: &VisitorList) -> Result<Rows, Error> {
        let wanted = i64::from(asked.limit) + i64::from(asked.offset);
        let at_once = (wanted * EVENTS_PER_VISITOR).clamp(*AT_ONCE.start(), *AT_ONCE.end());
        let mut seen = HashSet::new();
        let mut found: Vec<(i64, VisitorId, i64)> = Vec::new();
        let mut before: Option<(i64, i64)> = None;
        loop {
            let batch = self.latest(asked, before, at_once)?;
            let is_last = i64::try_from(batch.len()).unwrap_or_default() < at_once;
            before = batch.last().map(|(_, _, time, row)| (*time, *row));
            for (visitor, uid, time, _) in batch {
                if seen.insert(visitor) {
                    found.push((visitor, uid, time));
                }
            }
            let enough = usize::try_from(wanted).ok().and_then(|wanted| found.get(wanted.saturating_sub(1)));
            // Whoever was seen in the same moment may come first by the id.
            if is_last || enough.is_some_and(|(_, _, time)| before.is_some_and(|(last, _)| last < *time)) {
                break;
            }
        }
        found.sort_by(|(_, one, then), (_, other, now)| now.cmp(then).then(one.as_bytes().cmp(other.as_bytes())));
        let offset = usize::try_from(asked.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        let page: Vec<_> = found.into_iter().skip(offset).take(limit).collect();
        Ok(Rows { rows: self.described(&page, asked.selection.span.to)?, total: self.count_visitors(asked)? })
    }

    /// The latest events that show when a visitor was seen, before one of them: visitor, id, time, row.
    fn latest(
        &self,
        asked: &VisitorList,
        before: Option<(i64, i64)>,
        at_once: i64,
    ) -> Result<Vec<(i64, VisitorId, i64, i64)>, Error> {
        let selection = &asked.selection;
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let condition = condition(&self.sql, selection, &mut parameters)?;
        let which = if asked.completed_goals.is_empty() {
            // A pageview; for who has seen no page in that time, whatever else they did.
            let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = x.session" };
            format!(
                "e.session IS NOT NULL AND (e.kind = 0 OR NOT EXISTS (SELECT 1 FROM events x INDEXED BY events_visitor \
                 {sessions} WHERE x.visitor = e.visitor AND x.kind = 0 AND x.time BETWEEN {from} AND {to}{condition}))"
            )
        } else {
            let names = parameters.bind_list(&asked.completed_goals);
            format!("e.kind = 1 AND e.name IN (SELECT id FROM strings WHERE text IN {names})")
        };
        let after = match before {
            Some((time, row)) => format!("AND (e.time, e.id) < ({}, {})", parameters.bind(time), parameters.bind(row)),
            None => String::new(),
        };
        let join = super::goals::join(selection);
        let limit = parameters.bind(at_once);
        let rows = self.sql.rows(
            &format!(
                "SELECT e.visitor, v.uid, e.time, e.id FROM events e JOIN visitors v ON v.id = e.visitor {join} \
                 WHERE e.time BETWEEN {from} AND {to} AND {which} {after}{condition} \
                 ORDER BY e.time DESC, e.id DESC LIMIT {limit}"
            ),
            parameters.values(),
        )?;
        rows.into_iter().map(|mut row| Ok((row.next()?, visitor_id(row.next()?)?, row.next()?, row.next()?))).collect()
    }

    fn count_visitors(&self, asked: &VisitorList) -> Result<i64, Error> {
        let selection = asked.selection.clone();
        if asked.completed_goals.is_empty() {
            let overview = Overview { selection, zone: asked.zone.clone(), with_renewals: false };
            return Ok(self.overview(&overview)?.visitors);
        }
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let condition = condition(&self.sql, &selection, &mut parameters)?;
        let names = parameters.bind_list(&asked.completed_goals);
        let join = super::goals::join(&selection);
        let statement = format!(
            "SELECT count(DISTINCT e.visitor) FROM events e {join} WHERE e.kind = 1 AND e.time BETWEEN {from} AND {to} \
             AND e.name IN (SELECT id FROM strings WHERE text IN {names}){condition}"
        );
        self.sql.one(&statement, parameters.values())?.next()
    }

    fn described(&self, page: &[(i64, VisitorId, i64)], until: i64) -> Result<Vec<Seen>, Error> {
        let mut parameters = Parameters::default();
        let list: Vec<_> = page.iter().map(|(visitor, _, time)| (visitor, time)).collect();
        let list = parameters.bind_list(&list);
        let until = parameters.bind(until);
        let numbered = list.replace("SELECT value", "SELECT key, value ->> 0 AS visitor, value ->> 1 AS time");
        let rows = self.sql.rows(
            &format!(
                "SELECT \
                 (SELECT h.text || t.text FROM events e JOIN pages p ON p.id = e.page JOIN strings h ON h.id = p.hostname \
                 JOIN strings t ON t.id = p.path WHERE e.visitor = l.visitor AND e.kind = 0 AND e.time <= l.time \
                 ORDER BY e.time DESC, e.id DESC LIMIT 1), \
                 (SELECT c.json FROM sessions s JOIN events e ON e.id = s.first JOIN contexts c ON c.id = e.context \
                 WHERE s.visitor = l.visitor AND s.started <= {until} ORDER BY s.started DESC, s.sid DESC LIMIT 1), \
                 (SELECT iif(s.referrer = 0, NULL, t.text) FROM sessions s JOIN strings t ON t.id = s.referrer \
                 WHERE s.visitor = l.visitor ORDER BY s.started, s.sid LIMIT 1), \
                 (SELECT c.key FROM sessions s LEFT JOIN campaigns c ON c.id = s.campaign WHERE s.visitor = l.visitor \
                 ORDER BY s.started, s.sid LIMIT 1) FROM {numbered} l ORDER BY l.key"
            ),
            parameters.values(),
        )?;
        page.iter()
            .zip(rows)
            .map(|((_, visitor, time), mut row)| {
                Ok(Seen {
                    visitor: *visitor,
                    last_seen: Timestamp::from_millis(*time),
                    current_url: row.next()?,
                    context: optional_json(row.next()?)?,
                    referrer: row.next()?,
                    campaign: optional_json(row.next()?)?,
                })
            })
            .collect()
    }
}

/// The visitor's id that is stored as these bytes.
pub(crate) fn visitor_id(bytes: Vec<u8>) -> Result<VisitorId, Error> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| Error::new("a visitor's id of another length"))?;
    Ok(VisitorId::from_bytes(bytes))
}

/// What a column of JSON holds; where it is NULL, nothing.
pub(crate) fn optional_json<T: serde::de::DeserializeOwned + Default>(text: Option<String>) -> Result<T, Error> {
    let read = |text: String| serde_json::from_str(&text).map_err(|error| Error::new(error.to_string()));
    text.map_or_else(|| Ok(T::default()), read)
}
