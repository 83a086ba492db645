//! The list of visitors, newest first.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::overview::Overview;
use crate::blocks::{self, Order};
use crate::error::Error;
use crate::event::{Campaign, Context, Kind};
use crate::fragments::{
    campaign_key, completes, completes_any, first_session, is_kind, latest_session_by, session_of_event, shown_referrer,
};
use crate::parts::EVENTS;
use crate::rows::{EventRow, VisitorRow};
use crate::selection::{Selection, Span, condition, has_session, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;
use sluice_values::{TimeZone, Timestamp, VisitorId};

/// How many events are read at once: this many per requested visitor, within the limits below.
const EVENTS_PER_VISITOR: i64 = 4;
const AT_ONCE: std::ops::RangeInclusive<i64> = 100..=2_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitorList {
    pub selection: Selection,
    /// The website's time zone, which determines the days of the rollups.
    pub zone: TimeZone,
    /// Restricts the list to visitors who completed one of these goals in the range, by their last completion; empty for
    /// all visitors.
    pub completed_goals: Vec<String>,
    pub limit: u32,
    pub offset: u32,
}

/// Visitors of a list, with when they were last seen.
type Page = Vec<(VisitorRow, VisitorId, Timestamp)>;

/// A part of the list without descriptions, in its order.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ordered {
    pub rows: Vec<(Timestamp, VisitorId)>,
    /// The number of rows on all pages.
    pub total: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Rows {
    /// A page of rows: by last seen descending, then by id ascending.
    pub rows: Vec<Seen>,
    /// The number of rows on all pages.
    pub total: i64,
}

/// A visitor of the list.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    pub visitor: VisitorId,
    /// The last pageview within the range, or completion of the goals.
    pub last_seen: Timestamp,
    /// Host and path of the last page by then.
    pub current_url: Option<String>,
    /// Place, device and language.
    pub context: Context,
    /// The referrer of the first session.
    pub referrer: Option<String>,
    pub campaign: Campaign,
}

impl<S: Sql> Site<S> {
    /// A page of the list.
    pub fn visitors(&self, asked: &VisitorList) -> Result<Rows, Error> {
        let (page, total) = self.page_of_visitors(asked)?;
        Ok(Rows { rows: self.described(&page, asked.selection.span.to)?, total })
    }

    /// Who is on a page of the list, and the number of visitors on all pages.
    fn page_of_visitors(&self, asked: &VisitorList) -> Result<(Page, i64), Error> {
        if !asked.completed_goals.is_empty() {
            return self.completers(asked);
        }
        let wanted = i64::from(asked.limit) + i64::from(asked.offset);
        let at_once = (wanted * EVENTS_PER_VISITOR).clamp(*AT_ONCE.start(), *AT_ONCE.end());
        let mut seen = HashSet::new();
        let mut found: Vec<(VisitorRow, VisitorId, Timestamp)> = Vec::new();
        let mut before: Option<(Timestamp, EventRow)> = None;
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
            // A visitor who was seen at the same time may come first by id.
            if is_last || enough.is_some_and(|(_, _, time)| before.is_some_and(|(last, _)| last < *time)) {
                break;
            }
        }
        found.sort_by(|(_, one, then), (_, other, now)| now.cmp(then).then(one.as_bytes().cmp(other.as_bytes())));
        let offset = usize::try_from(asked.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        let page: Vec<_> = found.into_iter().skip(offset).take(limit).collect();
        Ok((page, self.count_visitors(asked)?))
    }

    /// The ids of a page of the list, each with when they were last seen, and the number of visitors on all pages.
    pub(crate) fn order_of_visitors(&self, asked: &VisitorList) -> Result<Ordered, Error> {
        let (page, total) = self.page_of_visitors(asked)?;
        Ok(Ordered { rows: page.into_iter().map(|(_, visitor, time)| (time, visitor)).collect(), total })
    }

    /// Describes visitors of a list up to `until`. Who is not stored any more is left out.
    pub(crate) fn describe_visitors(&self, seen: &[(Timestamp, VisitorId)], until: i64) -> Result<Vec<Seen>, Error> {
        let mut page = Vec::with_capacity(seen.len());
        for (time, visitor) in seen {
            let known = self.sql.first("SELECT id FROM visitors WHERE uid = ?1", &[(*visitor).into()])?;
            if let Some(mut row) = known {
                page.push((row.next()?, *visitor, *time));
            }
        }
        self.described(&page, until)
    }

    /// The latest events that show when a visitor was seen, before a given one: visitor, id, time, row.
    fn latest(
        &self,
        asked: &VisitorList,
        before: Option<(Timestamp, EventRow)>,
        at_once: i64,
    ) -> Result<Vec<(VisitorRow, VisitorId, Timestamp, EventRow)>, Error> {
        let span = asked.selection.span;
        let rest = Span { to: before.map_or(span.to, |(time, _)| time.as_millis()), ..span };
        let mut found = Vec::new();
        blocks::in_order(self, &EVENTS, rest, Order::Latest, |window| {
            let missing = at_once - i64::try_from(found.len()).unwrap_or_default();
            found.extend(self.latest_within(asked, window, before, missing)?);
            Ok(i64::try_from(found.len()).is_ok_and(|count| count >= at_once))
        })?;
        Ok(found)
    }

    fn latest_within(
        &self,
        asked: &VisitorList,
        window: Span,
        before: Option<(Timestamp, EventRow)>,
        limit: i64,
    ) -> Result<Vec<(VisitorRow, VisitorId, Timestamp, EventRow)>, Error> {
        let selection = &asked.selection;
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let events = blocks::events(self, window, &mut parameters)?;
        let (first, last) = (parameters.bind(window.from), parameters.bind(window.to));
        let present = is_present(self, selection.span, &mut parameters)?;
        let condition = condition(self, selection, &mut parameters)?;
        let chosen = if selection.is_unfiltered() {
            String::new()
        } else {
            format!("AND {}", has_session("e.visitor", &present, &condition))
        };
        // A pageview; for visitors without a pageview in that time, any event of a session.
        let (seen, sees) = (is_kind("e", Kind::Pageview), is_kind("x", Kind::Pageview));
        let after = match before {
            Some((time, row)) => format!("AND (e.time, e.id) < ({}, {})", parameters.bind(time), parameters.bind(row)),
            None => String::new(),
        };
        let limit = parameters.bind(limit);
        let rows = self.sql.rows(
            &format!(
                "SELECT e.visitor, v.uid, e.time, e.id FROM {events} JOIN visitors v ON v.id = e.visitor \
                 WHERE e.time BETWEEN {first} AND {last} AND e.session IS NOT NULL \
                 AND ({seen} OR NOT EXISTS (SELECT 1 FROM events x INDEXED BY events_visitor \
                 WHERE x.visitor = e.visitor AND {sees} AND x.time BETWEEN {from} AND {to})) {after} {chosen} \
                 ORDER BY e.time DESC, e.id DESC LIMIT {limit}"
            ),
            parameters.values(),
        )?;
        rows.into_iter().map(|mut row| Ok((row.next()?, row.next()?, row.next()?, row.next()?))).collect()
    }

    fn count_visitors(&self, asked: &VisitorList) -> Result<i64, Error> {
        let (selection, zone) = (asked.selection.clone(), asked.zone.clone());
        let overview = Overview { selection, zone, with_renewals: false, pageviews: false, newcomers: false };
        Ok(self.count_visits(&overview)?.visitors)
    }

    /// A page of the visitors who completed one of the goals in the range, by their last completion. Filters choose those
    /// with a chosen session in the range, or with a completion in a chosen session, which may have begun before.
    fn completers(&self, asked: &VisitorList) -> Result<(Page, i64), Error> {
        let (selection, goals) = (&asked.selection, &asked.completed_goals);
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let names: Vec<_> = goals.iter().filter(|goal| completes(goal).is_none()).collect();
        let names = texts::exactly(&names, &mut parameters);
        let mut completions = vec![format!(
            "SELECT e.visitor AS visitor, e.time AS time, {} AS session FROM events e WHERE {} \
             AND e.name IN {names} AND e.time BETWEEN {from} AND {to}",
            session_of_event(),
            is_kind("e", Kind::Goal)
        )];
        if let Some(completes) = completes_any(goals) {
            completions.push(format!(
                "SELECT p.visitor, p.time, p.session FROM payments p WHERE {completes} AND p.time BETWEEN {from} AND {to}"
            ));
        }
        let present = is_present(self, selection.span, &mut parameters)?;
        let condition = condition(self, selection, &mut parameters)?;
        let chosen = if selection.is_unfiltered() {
            String::new()
        } else {
            let has_session = has_session("c.visitor", &present, &condition);
            format!("HAVING {has_session} OR max(EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session{condition}))")
        };
        let statement = format!(
            "WITH c AS ({}), r AS MATERIALIZED (SELECT c.visitor AS visitor, max(c.time) AS time FROM c \
             GROUP BY c.visitor {chosen}) SELECT (SELECT count(*) FROM r), visitor, uid, time FROM (SELECT 1) \
             LEFT JOIN (SELECT r.visitor, v.uid, r.time FROM r JOIN visitors v ON v.id = r.visitor \
             ORDER BY r.time DESC, v.uid LIMIT {} OFFSET {})",
            completions.join(" UNION ALL "),
            parameters.bind(asked.limit),
            parameters.bind(asked.offset)
        );
        let (mut page, mut total) = (Vec::new(), 0);
        for mut row in self.sql.rows(&statement, parameters.values())? {
            total = row.next()?;
            let visitor: Option<VisitorRow> = row.next()?;
            if let Some(visitor) = visitor {
                page.push((visitor, row.next()?, row.next()?));
            }
        }
        Ok((page, total))
    }

    fn described(&self, page: &[(VisitorRow, VisitorId, Timestamp)], until: i64) -> Result<Vec<Seen>, Error> {
        let mut parameters = Parameters::default();
        let list: Vec<_> = page.iter().map(|(visitor, _, time)| (visitor, time.as_millis())).collect();
        let list = parameters.bind_list(&list);
        let latest = latest_session_by("l.visitor", &parameters.bind(until));
        let (first, referrer) = (first_session("l.visitor"), shown_referrer("t"));
        let is_pageview = is_kind("e", Kind::Pageview);
        let numbered = list.replace("SELECT value", "SELECT key, value ->> 0 AS visitor, value ->> 1 AS time");
        let rows = self.sql.rows(
            &format!(
                "SELECT \
                 (SELECT h.text || t.text FROM events e JOIN pages p ON p.id = e.page JOIN strings h ON h.id = p.hostname \
                 JOIN strings t ON t.id = p.path WHERE e.visitor = l.visitor AND {is_pageview} AND e.time <= l.time \
                 ORDER BY e.time DESC, e.id DESC LIMIT 1), \
                 (SELECT c.json FROM sessions s JOIN events e ON e.id = s.first JOIN contexts c ON c.id = e.context \
                 WHERE s.id = {latest}), \
                 (SELECT {referrer} FROM sessions s JOIN strings t ON t.id = s.referrer WHERE s.id = {first}), \
                 (SELECT {} FROM sessions s LEFT JOIN campaigns c ON c.id = s.campaign WHERE s.id = {first}) \
                 FROM {numbered} l ORDER BY l.key",
                campaign_key("c")
            ),
            parameters.values(),
        )?;
        page.iter()
            .zip(rows)
            .map(|((_, visitor, time), mut row)| {
                Ok(Seen {
                    visitor: *visitor,
                    last_seen: *time,
                    current_url: row.next()?,
                    context: row.optional_json()?,
                    referrer: row.next()?,
                    campaign: row.optional_json()?,
                })
            })
            .collect()
    }
}
