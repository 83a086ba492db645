//! The list of visitors, newest first.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sluice_values::ordered;

use super::money::Money;
use super::overview::Overview;
use crate::blocks::{self, Order};
use crate::error::Error;
use crate::event::{Campaign, Context, Kind};
use crate::fragments::{
    campaign_key, completes, completes_any, first_session, is_kind, latest_session_by, revenue, session_of_event,
    shown_referrer,
};
use crate::parts::EVENTS;
use crate::profile::{self, Profile};
use crate::rows::{EventRow, VisitorRow};
use crate::selection::{Selection, Span, condition, has_session, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;
use crate::wire::is_false;
use sluice_values::{TimeZone, Timestamp, VisitorId};

/// How many events are read at once: this many per requested visitor, within the limits below.
const EVENTS_PER_VISITOR: i64 = 4;
const AT_ONCE: std::ops::RangeInclusive<i64> = 100..=2_000;

/// How many profiles, and how many payments, are searched: the newest ones, so that what a search costs has an end.
pub const MOST_SEARCHED: i64 = 100_000;
/// How many of them are read as one row.
const READ_AT_ONCE: i64 = 100;
/// The digits of an id from which on it is searched for, and how many are found.
const LEAST_DIGITS: usize = 4;
const MOST_IDS: i64 = 1_000;

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
    /// A part of the name, the address or the user id, in any case, or how the visitor's id begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Whether those come first who brought most revenue in the range.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_revenue: bool,
    /// Whether renewals count as revenue.
    #[serde(default, skip_serializing_if = "is_false")]
    pub with_renewals: bool,
    /// Whether [`Details`] are added.
    #[serde(default, skip_serializing_if = "is_false")]
    pub details: bool,
}

/// A visitor of a list.
struct Placed {
    visitor: VisitorRow,
    uid: VisitorId,
    /// When they were last seen.
    time: Timestamp,
    /// Their revenue in the range, if the list is ordered by it.
    money: i64,
}

type Page = Vec<Placed>;

/// The visitors whom a list is made of, as a select of `visitor` and `time`.
struct Candidates {
    select: String,
    parameters: Parameters,
}

/// A part of the list without descriptions, in its order.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ordered {
    pub rows: Vec<(Timestamp, VisitorId)>,
    /// The number of rows on all pages.
    pub total: i64,
    /// The revenue of each, if the list is ordered by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub money: Vec<i64>,
}

/// What is told of the visitors of a list.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Told {
    pub span: Span,
    /// Whether [`Details`] are added.
    pub details: bool,
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
    /// If they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// What the list tells of a visitor beside a visit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Details {
    /// With no more than the name.
    pub profile: Option<Profile>,
    /// Whether they have any payment.
    pub is_customer: bool,
    /// What they paid in the range.
    pub money: Money,
    /// All sessions, regardless of any range.
    pub visits: i64,
    /// When the first session began.
    pub first_seen: Option<Timestamp>,
}

impl<S: Sql> Site<S> {
    /// A page of the list.
    pub fn visitors(&self, asked: &VisitorList) -> Result<Rows, Error> {
        let (page, total) = self.page_of_visitors(asked)?;
        let told = Told { span: asked.selection.span, details: asked.details };
        Ok(Rows { rows: self.described(&page, told)?, total })
    }

    /// Who is on a page of the list, and the number of visitors on all pages.
    fn page_of_visitors(&self, asked: &VisitorList) -> Result<(Page, i64), Error> {
        let found = asked.search.as_ref().map(|search| self.visitors_named(search)).transpose()?;
        match found {
            found if !asked.completed_goals.is_empty() => self.listed(asked, self.completers(asked, found.as_deref())?),
            Some(found) => self.listed(asked, self.seen(asked, &found)?),
            None if asked.by_revenue => self.payers_first(asked),
            None => Ok((self.latest_first(asked, &HashSet::new())?, self.count_visitors(asked)?)),
        }
    }

    /// A page of those who were seen last, without some. The latest events are read until the page is full.
    fn latest_first(&self, asked: &VisitorList, excluded: &HashSet<VisitorRow>) -> Result<Page, Error> {
        let wanted = i64::from(asked.limit) + i64::from(asked.offset);
        let at_once = (wanted * EVENTS_PER_VISITOR).clamp(*AT_ONCE.start(), *AT_ONCE.end());
        let mut seen = HashSet::new();
        let mut found: Page = Vec::new();
        let mut before: Option<(Timestamp, EventRow)> = None;
        loop {
            let batch = self.latest(asked, before, at_once)?;
            let is_last = i64::try_from(batch.len()).unwrap_or_default() < at_once;
            before = batch.last().map(|(_, _, time, row)| (*time, *row));
            for (visitor, uid, time, _) in batch {
                if seen.insert(visitor) && !excluded.contains(&visitor) {
                    found.push(Placed { visitor, uid, time, money: 0 });
                }
            }
            let enough = usize::try_from(wanted).ok().and_then(|wanted| found.get(wanted.saturating_sub(1)));
            // A visitor who was seen at the same time may come first by id.
            if is_last || enough.is_some_and(|placed| before.is_some_and(|(last, _)| last < placed.time)) {
                break;
            }
        }
        ordered::sort_by(&mut found, |one, other| {
            other.time.cmp(&one.time).then(one.uid.as_bytes().cmp(other.uid.as_bytes()))
        });
        let offset = usize::try_from(asked.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        Ok(found.into_iter().skip(offset).take(limit).collect())
    }

    /// A page of those who brought most revenue in the range; then who brought none, latest first; then who got more back.
    fn payers_first(&self, asked: &VisitorList) -> Result<(Page, i64), Error> {
        let span = asked.selection.span;
        let paid = format!(
            "SELECT p.visitor, sum({}) AS money FROM payments p WHERE p.time BETWEEN ?1 AND ?2 AND p.visitor IS NOT NULL \
             GROUP BY p.visitor HAVING money <> 0",
            revenue(asked.with_renewals)
        );
        let (mut payers, mut refunded) = (Vec::new(), Vec::new());
        for mut row in self.sql.rows(&paid, &[span.from.into(), span.to.into()])? {
            let (visitor, money): (VisitorRow, i64) = (row.next()?, row.next()?);
            if money > 0 { payers.push(visitor) } else { refunded.push(visitor) }
        }
        let total = self.count_visitors(asked)?;
        let (mut page, paying) = self.listed(asked, self.seen(asked, &payers)?)?;
        let none = VisitorList { limit: 0, ..asked.clone() };
        let (_, losing) = self.listed(&none, self.seen(asked, &refunded)?)?;
        // What of the page is left for the others.
        let rest = |page: &Page, before: i64| {
            let shown = u32::try_from(page.len()).unwrap_or(u32::MAX);
            let offset = (i64::from(asked.offset) + i64::from(shown) - before).max(0);
            VisitorList {
                limit: asked.limit.saturating_sub(shown),
                offset: u32::try_from(offset).unwrap_or(u32::MAX),
                ..asked.clone()
            }
        };
        let others = rest(&page, paying);
        if others.limit > 0 && i64::from(others.offset) < total - paying - losing {
            page.extend(self.latest_first(&others, &payers.into_iter().chain(refunded.iter().copied()).collect())?);
        }
        let last = rest(&page, total - losing);
        if last.limit > 0
            && losing > 0
            && i64::from(asked.offset) + i64::try_from(page.len()).unwrap_or_default() >= total - losing
        {
            page.extend(self.listed(&last, self.seen(asked, &refunded)?)?.0);
        }
        Ok((page, total))
    }

    /// Those of these visitors who are in the selection, and when they were last seen.
    fn seen(&self, asked: &VisitorList, visitors: &[VisitorRow]) -> Result<Candidates, Error> {
        let selection = &asked.selection;
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let list = parameters.bind_list(visitors);
        let chosen = if selection.is_unfiltered() {
            String::new()
        } else {
            let present = is_present(self, selection.span, &mut parameters)?;
            let condition = condition(self, selection, &mut parameters)?;
            format!("WHERE {}", has_session("k.value", &present, &condition))
        };
        let last = |kind: &str| {
            format!(
                "(SELECT e.time FROM events e INDEXED BY events_visitor WHERE e.visitor = k.value \
                 AND e.time BETWEEN {from} AND {to}{kind} AND e.session IS NOT NULL ORDER BY e.time DESC LIMIT 1)"
            )
        };
        let view = last(&format!(" AND {}", is_kind("e", Kind::Pageview)));
        let select = format!(
            "SELECT * FROM (SELECT k.value AS visitor, ifnull({view}, {}) AS time FROM {list} k {chosen}) WHERE time IS NOT NULL",
            last("")
        );
        Ok(Candidates { select, parameters })
    }

    /// A page of candidates, and their number.
    fn listed(
        &self,
        asked: &VisitorList,
        Candidates { select, mut parameters }: Candidates,
    ) -> Result<(Page, i64), Error> {
        let (limit, offset) = (parameters.bind(asked.limit), parameters.bind(asked.offset));
        let money = if asked.by_revenue {
            let (from, to) = (parameters.bind(asked.selection.span.from), parameters.bind(asked.selection.span.to));
            format!(
                "ifnull((SELECT sum({}) FROM payments p WHERE p.visitor = r.visitor AND p.time BETWEEN {from} AND {to}), 0)",
                revenue(asked.with_renewals)
            )
        } else {
            "0".to_owned()
        };
        let statement = format!(
            "WITH r AS MATERIALIZED ({select}) SELECT (SELECT count(*) FROM r), visitor, uid, time, money FROM (SELECT 1) \
             LEFT JOIN (SELECT r.visitor, v.uid, r.time, {money} AS money FROM r JOIN visitors v ON v.id = r.visitor \
             ORDER BY money DESC, r.time DESC, v.uid LIMIT {limit} OFFSET {offset})"
        );
        let (mut page, mut total) = (Vec::new(), 0);
        for mut row in self.sql.rows(&statement, parameters.values())? {
            total = row.next()?;
            let visitor: Option<VisitorRow> = row.next()?;
            if let Some(visitor) = visitor {
                page.push(Placed { visitor, uid: row.next()?, time: row.next()?, money: row.next()? });
            }
        }
        Ok((page, total))
    }

    /// The ids of a page of the list, each with when they were last seen, and the number of visitors on all pages.
    pub(crate) fn order_of_visitors(&self, asked: &VisitorList) -> Result<Ordered, Error> {
        let (page, total) = self.page_of_visitors(asked)?;
        let money = if asked.by_revenue { page.iter().map(|placed| placed.money).collect() } else { Vec::new() };
        Ok(Ordered { rows: page.into_iter().map(|placed| (placed.time, placed.uid)).collect(), total, money })
    }

    /// Describes visitors of a list. Who is not stored any more is left out.
    pub(crate) fn describe_visitors(&self, seen: &[(Timestamp, VisitorId)], told: Told) -> Result<Vec<Seen>, Error> {
        let mut page = Vec::with_capacity(seen.len());
        for (time, visitor) in seen {
            let known = self.sql.first("SELECT id FROM visitors WHERE uid = ?1", &[(*visitor).into()])?;
            if let Some(mut row) = known {
                page.push(Placed { visitor: row.next()?, uid: *visitor, time: *time, money: 0 });
            }
        }
        self.described(&page, told)
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

    /// The visitors who completed one of the goals in the range, of these or of all, by their last completion. Filters choose
    /// those with a chosen session in the range, or with a completion in a chosen session, which may have begun before.
    fn completers(&self, asked: &VisitorList, found: Option<&[VisitorRow]>) -> Result<Candidates, Error> {
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
        let of_these = match found {
            Some(found) => format!("WHERE c.visitor IN {}", parameters.bind_list(found)),
            None => String::new(),
        };
        let present = is_present(self, selection.span, &mut parameters)?;
        let condition = condition(self, selection, &mut parameters)?;
        let chosen = if selection.is_unfiltered() {
            String::new()
        } else {
            let has_session = has_session("c.visitor", &present, &condition);
            format!("HAVING {has_session} OR max(EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session{condition}))")
        };
        let select = format!(
            "SELECT c.visitor AS visitor, max(c.time) AS time FROM ({}) c {of_these} GROUP BY c.visitor {chosen}",
            completions.join(" UNION ALL ")
        );
        Ok(Candidates { select, parameters })
    }

    fn described(&self, page: &[Placed], told: Told) -> Result<Vec<Seen>, Error> {
        let mut parameters = Parameters::default();
        let list: Vec<_> = page.iter().map(|placed| (placed.visitor, placed.time.as_millis())).collect();
        let list = parameters.bind_list(&list);
        let latest = latest_session_by("l.visitor", &parameters.bind(told.span.to));
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
        let mut details = if told.details { self.details(page, told.span)? } else { Vec::new() }.into_iter();
        page.iter()
            .zip(rows)
            .map(|(placed, mut row)| {
                Ok(Seen {
                    visitor: placed.uid,
                    last_seen: placed.time,
                    current_url: row.next()?,
                    context: row.optional_json()?,
                    referrer: row.next()?,
                    campaign: row.optional_json()?,
                    details: details.next(),
                })
            })
            .collect()
    }

    fn details(&self, page: &[Placed], span: Span) -> Result<Vec<Details>, Error> {
        let mut parameters = Parameters::default();
        let list = parameters.bind_list(&page.iter().map(|placed| placed.visitor).collect::<Vec<_>>());
        let numbered = list.replace("SELECT value", "SELECT key, value");
        let known = self.sql.rows(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM payments WHERE visitor = v.id), v.sessions, \
                 (SELECT min(started) FROM sessions WHERE visitor = v.id), {} FROM {numbered} l CROSS JOIN visitors v \
                 ON v.id = l.value ORDER BY l.key",
                profile::name_columns()
            ),
            parameters.values(),
        )?;
        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
        let paid = self.sql.rows(
            &format!(
                "SELECT {} FROM {numbered} l LEFT JOIN payments p ON p.visitor = l.value AND p.time BETWEEN {from} AND {to} \
                 GROUP BY l.key ORDER BY l.key",
                Money::columns()
            ),
            parameters.values(),
        )?;
        let told = page.iter().zip(known).zip(paid).map(|((placed, mut row), mut paid)| {
            Ok(Details {
                is_customer: row.next()?,
                visits: row.next()?,
                first_seen: row.next()?,
                profile: profile::named(self, placed.visitor, &mut row)?,
                money: Money::read(&mut paid)?,
            })
        });
        told.collect()
    }

    /// The visitors with a profile or a payment in which this is a part of the name, the address or the user id, and those
    /// whose id begins like this. Of profiles and payments the newest are searched.
    fn visitors_named(&self, search: &str) -> Result<Vec<VisitorRow>, Error> {
        let search = search.trim().to_lowercase();
        let mut found = HashSet::new();
        let mut look = |statement: &str| -> Result<(), Error> {
            let packed = format!(
                "SELECT json_group_array(json(row)) FROM (SELECT row, (row_number() OVER () - 1) / {READ_AT_ONCE} AS part \
                 FROM ({statement} LIMIT ?1)) GROUP BY part"
            );
            for mut part in self.sql.rows(&packed, &[MOST_SEARCHED.into()])? {
                let rows: Vec<(VisitorRow, Vec<Option<String>>)> = part.json()?;
                let has = |text: &String| text.to_lowercase().contains(&search);
                found.extend(rows.iter().filter(|(_, texts)| texts.iter().flatten().any(has)).map(|(row, _)| *row));
            }
            Ok(())
        };
        look(&format!(
            "SELECT json_array(id, json_array({})) AS row FROM visitors INDEXED BY visitors_identified \
             WHERE merged IS NOT NULL ORDER BY id DESC",
            profile::SEARCHED
        ))?;
        look(
            "SELECT json_array(visitor, json_array(email, name)) AS row FROM payments WHERE visitor IS NOT NULL ORDER BY id DESC",
        )?;
        let mut found: Vec<VisitorRow> = found.into_iter().collect();
        if let Some((first, last)) = ids_that_begin(&search) {
            let ids = "SELECT id FROM visitors WHERE uid BETWEEN ?1 AND ?2 LIMIT ?3";
            let ids = self.sql.rows(ids, &[first.into(), last.into(), MOST_IDS.into()])?;
            found.extend(ids.into_iter().map(|mut row| row.next()).collect::<Result<Vec<VisitorRow>, _>>()?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// The first and the last id that begins like this, which is at least [`LEAST_DIGITS`] digits of an id.
fn ids_that_begin(search: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let digits: String = search.chars().filter(|letter| *letter != '-').collect();
    let is_id = (LEAST_DIGITS..=32).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_id {
        return None;
    }
    let filled = |with: char| {
        let whole = format!("{digits}{}", with.to_string().repeat(32 - digits.len()));
        u128::from_str_radix(&whole, 16).ok().map(|number| number.to_be_bytes().to_vec())
    };
    Some((filled('0')?, filled('f')?))
}
