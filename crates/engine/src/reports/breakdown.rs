//! Visitors, payments and revenue by the value of a dimension.

use serde::{Deserialize, Serialize};

use super::money::Money;
use crate::blocks;
use crate::counted_money;
use crate::dimensions::Dimension;
use crate::error::Error;
use crate::event::{CAMPAIGN_KEYS, Kind};
use crate::fragments::is_kind;
use crate::selection::{Selection, Span, condition, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};
use crate::totals;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Breakdown {
    pub selection: Selection,
    pub by: By,
    pub limit: u32,
    pub offset: u32,
}

/// What rows are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// A dimension of sessions, or the page.
    Dimension(Dimension),
    /// Some of [`CAMPAIGN_KEYS`], by position.
    CampaignKeys(Vec<usize>),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Rows {
    /// A page of rows: by visitors descending, then by key ascending.
    pub rows: Vec<Group>,
    /// The number of rows on all pages.
    pub total: i64,
}

/// A value of the dimension with its numbers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Group {
    /// One text, or several if the key has several parts.
    pub key: Vec<String>,
    /// Distinct visitors.
    pub visitors: i64,
    pub money: Money,
}

/// The SQL of the key and of its texts.
struct Shape {
    /// What follows `sessions s`.
    join: String,
    /// The columns of the key.
    keys: Vec<String>,
    /// The texts of the groups `g`, whose keys are `k0`, `k1`, …; their names; and the joins that they need.
    texts: Vec<String>,
    text_join: String,
}

impl<S: Sql> Site<S> {
    /// The rows of a breakdown.
    pub fn breakdown(&self, asked: &Breakdown) -> Result<Rows, Error> {
        let mut parameters = Parameters::default();
        let shape = shape(&asked.by);
        let groups = self.groups(asked, &shape, &mut parameters)?;
        let Shape { texts, text_join, .. } = &shape;
        let width = texts.len();
        let columns = texts.join(", ");
        let order = (1..=width).map(|at| at.to_string()).collect::<Vec<_>>().join(", ");
        // Texts are read only of rows with at least as many visitors as the last row of the page.
        let read = |mut parameters: Parameters, limit: u32, offset: u32| {
            let last = parameters.bind((i64::from(limit) + i64::from(offset) - 1).max(0));
            let (limit, offset) = (parameters.bind(limit), parameters.bind(offset));
            self.sql.rows(
                &format!(
                    "WITH g AS MATERIALIZED ({groups}) \
                     SELECT {columns}, g.visitors, g.new, g.renewal, g.refund, g.unrenewal, g.payments, \
                     (SELECT count(*) FROM g) FROM g {text_join} WHERE g.visitors >= \
                     ifnull((SELECT visitors FROM g ORDER BY visitors DESC LIMIT 1 OFFSET {last}), 0) \
                     ORDER BY g.visitors DESC, {order} LIMIT {limit} OFFSET {offset}"
                ),
                parameters.values(),
            )
        };
        let mut found = read(parameters.clone(), asked.limit, asked.offset)?;
        let mut total = 0;
        if found.is_empty() && asked.offset > 0 {
            // Beyond the last row, the result still needs the total.
            let counted = read(parameters, 1, 0)?;
            return Ok(Rows { rows: Vec::new(), total: last_column(counted, width)? });
        }
        let mut rows = Vec::with_capacity(found.len());
        for row in &mut found {
            let key = (0..width).map(|_| row.next()).collect::<Result<_, _>>()?;
            rows.push(Group { key, visitors: row.next()?, money: Money::read(row)? });
            total = row.next()?;
        }
        Ok(Rows { rows, total })
    }

    /// The groups whose keys come after this one, or all, in the order of their keys.
    pub(crate) fn groups_after(&self, asked: &Breakdown, after: &[String], limit: u32) -> Result<Vec<Group>, Error> {
        let mut parameters = Parameters::default();
        let shape = shape(&asked.by);
        let groups = self.groups(asked, &shape, &mut parameters)?;
        let Shape { texts, text_join, .. } = &shape;
        let named = |(at, text): (usize, &String)| format!("{text} AS t{at}");
        let columns = texts.iter().enumerate().map(named).collect::<Vec<_>>().join(", ");
        let key = (0..texts.len()).map(|at| format!("t{at}")).collect::<Vec<_>>().join(", ");
        let begin = if after.is_empty() {
            String::new()
        } else {
            let after: Vec<_> = after.iter().map(|text| parameters.bind(text)).collect();
            format!("WHERE ({key}) > ({})", after.join(", "))
        };
        let limit = parameters.bind(limit);
        let rows = self.sql.rows(
            &format!(
                "WITH g AS MATERIALIZED ({groups}) SELECT * FROM (SELECT {columns}, g.visitors, g.new, g.renewal, g.refund, \
                 g.unrenewal, g.payments FROM g {text_join}) {begin} ORDER BY {key} LIMIT {limit}"
            ),
            parameters.values(),
        )?;
        let group = |mut row: Row| {
            let key = texts.iter().map(|_| row.next()).collect::<Result<_, _>>()?;
            Ok(Group { key, visitors: row.next()?, money: Money::read(&mut row)? })
        };
        rows.into_iter().map(group).collect()
    }

    /// Selects the key, the visitors and the money of every group.
    fn groups(&self, asked: &Breakdown, shape: &Shape, parameters: &mut Parameters) -> Result<String, Error> {
        let selection = &asked.selection;
        let is_all = selection.is_unfiltered() && selection.span == Span::ALL;
        let by_host = asked.by == By::Dimension(Dimension::Hostname)
            && self.sql.first("SELECT 1 FROM session_hosts LIMIT 1", &[])?.is_some();
        if let By::Dimension(dimension) = &asked.by
            && is_all
            && !by_host
            && counted_money::are_all_counted(self)?
        {
            totals::settle(self)?;
            return Ok(format!(
                "SELECT key AS k0, visitors, new, renewal, refund, unrenewal, payments FROM totals \
                 WHERE dimension = {} AND visitors > 0",
                parameters.bind(dimension.code())
            ));
        }
        let condition = condition(self, selection, parameters)?;
        let Shape { join, keys, .. } = shape;
        let group = (0..keys.len()).map(|at| format!("k{at}")).collect::<Vec<_>>().join(", ");
        let named = keys.iter().enumerate().map(|(at, key)| format!("{key} AS k{at}")).collect::<Vec<_>>().join(", ");
        let any_set = keys.iter().map(|key| format!("{key} IS NOT NULL")).collect::<Vec<_>>().join(" OR ");
        let is_pageview = is_kind("e", Kind::Pageview);
        let counts = match asked.by {
            By::Dimension(dimension) if !by_host && !is_all => self.count_by_columns(selection, dimension)?,
            _ => None,
        };
        let visitors = match (&asked.by, is_all) {
            _ if by_host => {
                let present = is_present(self, selection.span, parameters)?;
                let sessions = blocks::sessions(self, selection.span, parameters)?;
                visitors_by_host(&sessions, &present, &condition)
            }
            (By::Dimension(dimension), true) => {
                totals::settle(self)?;
                format!(
                    "SELECT key AS k0, visitors FROM totals WHERE dimension = {} AND visitors > 0",
                    parameters.bind(dimension.code())
                )
            }
            _ if counts.is_some() => {
                // A key and its visitors are one number: SQLite would parse each pair again.
                let counts = counts.unwrap_or_default().into_iter().map(|(key, visitors)| key << 32 | visitors);
                let list = parameters.bind_list(&counts.collect::<Vec<_>>());
                format!("SELECT value >> 32 AS k0, value & {} AS visitors FROM {list}", u32::MAX)
            }
            (By::Dimension(Dimension::Page), false) => {
                let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
                let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = e.session" };
                let events = blocks::events(self, selection.span, parameters)?;
                format!(
                    "SELECT e.page AS k0, count(DISTINCT e.visitor) AS visitors FROM {events} {sessions} \
                     WHERE {is_pageview} AND e.page IS NOT NULL AND e.time BETWEEN {from} AND {to}{condition} GROUP BY 1"
                )
            }
            _ => {
                let present = is_present(self, selection.span, parameters)?;
                let sessions = blocks::sessions(self, selection.span, parameters)?;
                format!(
                    "SELECT {named}, count(DISTINCT s.visitor) AS visitors FROM {sessions} {join} \
                     WHERE {present} AND ({any_set}){condition} GROUP BY {group}"
                )
            }
        };
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let paid = if asked.by == By::Dimension(Dimension::Page) {
            // A session's money counts once per page, however often the page was seen.
            format!(
                "SELECT v.page AS k0, {} FROM payments p JOIN sessions s ON s.id = p.session \
                 JOIN (SELECT DISTINCT e.page, e.session FROM payments q CROSS JOIN events e INDEXED BY events_visitor \
                 ON e.visitor = q.visitor AND e.session = q.session AND {is_pageview} AND e.page IS NOT NULL \
                 WHERE q.time BETWEEN {from} AND {to}) v ON v.session = p.session \
                 WHERE p.time BETWEEN {from} AND {to}{condition} GROUP BY 1",
                Money::columns()
            )
        } else if by_host {
            paid_by_host(&from, &to, &condition)
        } else {
            format!(
                "SELECT {named}, {} FROM payments p JOIN sessions s ON s.id = p.session {join} \
                 WHERE p.time BETWEEN {from} AND {to} AND ({any_set}){condition} GROUP BY {group}",
                Money::columns()
            )
        };
        Ok(format!(
            "WITH seen AS ({visitors}), paid ({group}, new, renewal, refund, unrenewal, payments) AS ({paid}) \
             SELECT {group}, sum(visitors) AS visitors, sum(new) AS new, sum(renewal) AS renewal, \
             sum(refund) AS refund, sum(unrenewal) AS unrenewal, sum(payments) AS payments FROM \
             (SELECT {group}, visitors, 0 AS new, 0 AS renewal, 0 AS refund, 0 AS unrenewal, 0 AS payments FROM seen \
             UNION ALL SELECT {group}, 0, new, renewal, refund, unrenewal, payments FROM paid \
             WHERE new + renewal + refund + unrenewal + payments > 0) GROUP BY {group}"
        ))
    }
}

/// Visitors by every host that their sessions touched (docs/contract/README.md#34).
fn visitors_by_host(sessions: &str, present: &str, condition: &str) -> String {
    format!(
        "SELECT k0, count(DISTINCT visitor) AS visitors FROM (\
         SELECT s.hostname AS k0, s.visitor AS visitor FROM {sessions} \
         WHERE {present} AND s.hostname IS NOT NULL{condition} UNION ALL \
         SELECT h.hostname, s.visitor FROM {sessions} JOIN session_hosts h ON h.session = s.id \
         WHERE {present}{condition}) GROUP BY k0"
    )
}

/// Money by host. A session's money counts for each host once.
fn paid_by_host(from: &str, to: &str, condition: &str) -> String {
    let paid = format!("SELECT session FROM payments WHERE time BETWEEN {from} AND {to}");
    format!(
        "SELECT h.hostname AS k0, {} FROM payments p JOIN sessions s ON s.id = p.session JOIN \
         (SELECT id AS session, hostname FROM sessions WHERE hostname IS NOT NULL AND id IN ({paid}) UNION ALL \
         SELECT session, hostname FROM session_hosts WHERE session IN ({paid})) h ON h.session = p.session \
         WHERE p.time BETWEEN {from} AND {to}{condition} GROUP BY 1",
        Money::columns()
    )
}

fn last_column(rows: Vec<Row>, width: usize) -> Result<i64, Error> {
    let Some(mut row) = rows.into_iter().next() else { return Ok(0) };
    for _ in 0..width {
        row.next::<String>()?;
    }
    for _ in 0..6 {
        row.next::<i64>()?;
    }
    row.next()
}

fn shape(by: &By) -> Shape {
    match by {
        By::Dimension(Dimension::Campaign) => Shape {
            join: String::new(),
            keys: vec!["s.campaign".to_owned()],
            texts: CAMPAIGN_KEYS
                .map(|name| format!("ifnull((SELECT text FROM strings WHERE id = c.{name}), '')"))
                .into(),
            text_join: "JOIN campaigns c ON c.id = g.k0".to_owned(),
        },
        By::CampaignKeys(wanted) => Shape {
            join: "JOIN campaigns c ON c.id = s.campaign".to_owned(),
            keys: wanted.iter().filter_map(|at| CAMPAIGN_KEYS.get(*at)).map(|name| format!("c.{name}")).collect(),
            texts: (0..wanted.len()).map(|at| format!("ifnull(t{at}.text, '')")).collect(),
            text_join: (0..wanted.len())
                .map(|at| format!("LEFT JOIN strings t{at} ON t{at}.id = g.k{at}"))
                .collect::<Vec<_>>()
                .join(" "),
        },
        By::Dimension(Dimension::Page) => Shape {
            join: String::new(),
            keys: vec!["e.page".to_owned()],
            texts: vec!["h.text".to_owned(), "t.text".to_owned()],
            text_join: "JOIN pages pg ON pg.id = g.k0 JOIN strings h ON h.id = pg.hostname \
                        JOIN strings t ON t.id = pg.path"
                .to_owned(),
        },
        By::Dimension(dimension) => Shape {
            join: String::new(),
            keys: vec![format!("s.{}", dimension.column().unwrap_or("hostname"))],
            texts: vec!["t.text".to_owned()],
            text_join: "JOIN strings t ON t.id = g.k0".to_owned(),
        },
    }
}
