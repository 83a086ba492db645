//! Visitors, payments and revenue by the value of a dimension.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluice_values::host_in_unicode;
use sluice_values::ordered;

use super::exits::exit_page;
use super::money::Money;
use crate::blocks;
use crate::counted_money;
use crate::dimensions::Dimension;
use crate::error::Error;
use crate::event::{CAMPAIGN_KEYS, Kind};
use crate::fragments::is_kind;
use crate::selection::{Selection, Span, condition, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql, Value};
use crate::top::Top;
use crate::totals;
use crate::wire::{is_false, is_zero};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Breakdown {
    pub selection: Selection,
    pub by: By,
    pub limit: u32,
    pub offset: u32,
    /// What the rows' names contain, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    #[serde(default, skip_serializing_if = "Order::is_by_visitors")]
    pub order: Order,
    /// Whether paying visitors are counted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub paying: bool,
    /// Whether renewals count for the order by revenue, and for conversion.
    #[serde(default, skip_serializing_if = "is_false")]
    pub with_renewals: bool,
}

/// What rows are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// A dimension of sessions, or the page.
    Dimension(Dimension),
    /// Some of [`CAMPAIGN_KEYS`], by position.
    CampaignKeys(Vec<usize>),
    /// The page of a session's first pageview.
    EntryPage,
    /// The page of a session's last pageview.
    ExitPage,
    /// The channel of a session.
    Channel,
    /// Several dimensions of sessions together; the first is set.
    Several(Vec<Dimension>),
}

/// What rows are ordered by, descending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    #[default]
    Visitors,
    /// By revenue, then by visitors.
    Revenue,
}

impl Order {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_by_visitors(&self) -> bool {
        *self == Self::Visitors
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Rows {
    /// A page of rows: in their order, then by key ascending.
    pub rows: Vec<Group>,
    /// The number of rows on all pages.
    pub total: i64,
}

/// A value of the dimension with its numbers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Group {
    /// One text, or several if the key has several parts.
    pub key: Vec<String>,
    /// Distinct visitors.
    pub visitors: i64,
    pub money: Money,
    /// Distinct paying visitors; 0 if not asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub paying: i64,
}

impl Breakdown {
    /// A row's place: rows with higher numbers come first.
    pub(crate) fn rank(&self, group: &Group) -> (i64, i64) {
        match self.order {
            Order::Visitors => (group.visitors, group.visitors),
            Order::Revenue => (group.money.revenue(self.with_renewals), group.visitors),
        }
    }

    /// [`Self::rank`] of a group `g`, as SQL.
    fn rank_in_sql(&self) -> (&'static str, &'static str) {
        match (self.order, self.with_renewals) {
            (Order::Visitors, _) => ("g.visitors", "g.visitors"),
            (Order::Revenue, true) => ("g.new + g.renewal - g.refund - g.unrenewal", "g.visitors"),
            (Order::Revenue, false) => ("g.new - g.refund", "g.visitors"),
        }
    }

    /// Whether a row has the name that is searched for.
    pub(crate) fn finds(&self, group: &Group) -> bool {
        let Some(search) = &self.search else { return true };
        let search = search.to_lowercase();
        let has = |name: &str| name.to_lowercase().contains(&search);
        let first = || group.key.first().is_some_and(|name| has(name));
        match &self.by {
            // A page is called by its host and path.
            By::Dimension(Dimension::Page) | By::EntryPage | By::ExitPage => has(&group.key.concat()),
            By::Dimension(Dimension::Campaign) | By::CampaignKeys(_) => group.key.iter().any(|name| has(name)),
            By::Dimension(Dimension::Hostname | Dimension::Referrer) => {
                first() || group.key.iter().filter_map(|host| host_in_unicode(host)).any(|host| has(&host))
            }
            By::Dimension(_) | By::Channel | By::Several(_) => first(),
        }
    }
}

/// The SQL of the key and of its texts.
pub(super) struct Shape {
    /// What follows `sessions s`.
    pub join: String,
    /// The columns of the key.
    pub keys: Vec<String>,
    /// The condition that the key is set, as far as it is not tested after grouping.
    pub is_set: String,
    /// The texts of the groups `g`, whose keys are `k0`, `k1`, …; their names; and the joins that they need.
    texts: Vec<String>,
    text_join: String,
}

/// How many groups are read as one row.
const READ_AT_ONCE: i64 = 200;

/// The key of a group, by rows.
pub(super) type Keys = Vec<Option<i64>>;

impl<S: Sql> Site<S> {
    /// The rows of a breakdown.
    pub fn breakdown(&self, asked: &Breakdown) -> Result<Rows, Error> {
        if asked.by == By::Channel {
            return Ok(page_of(self.channels(asked)?, asked));
        }
        if asked.search.is_some() {
            return Ok(page_of(self.named_groups(asked)?, asked));
        }
        let mut parameters = Parameters::default();
        let shape = shape(&asked.by);
        let groups = self.groups(asked, &shape, &mut parameters)?;
        let Shape { keys, texts, text_join, .. } = &shape;
        let columns = columns(keys.len(), texts).join(", ");
        let order = (1..=texts.len()).map(|at| (at + keys.len()).to_string()).collect::<Vec<_>>().join(", ");
        let (first, second) = asked.rank_in_sql();
        // Texts are read only of rows that come before the last row of the page, or are as high.
        let read = |mut parameters: Parameters, limit: u32, offset: u32| {
            let last = parameters.bind((i64::from(limit) + i64::from(offset) - 1).max(0));
            let (limit, offset) = (parameters.bind(limit), parameters.bind(offset));
            self.sql.rows(
                &format!(
                    "WITH g AS MATERIALIZED ({groups}) \
                     SELECT {columns}, (SELECT count(*) FROM g) FROM g {text_join} WHERE ifnull(({first}, {second}) >= \
                     (SELECT {first}, {second} FROM g ORDER BY 1 DESC, 2 DESC LIMIT 1 OFFSET {last}), 1) \
                     ORDER BY {first} DESC, {second} DESC, {order} LIMIT {limit} OFFSET {offset}"
                ),
                parameters.values(),
            )
        };
        let mut found = read(parameters.clone(), asked.limit, asked.offset)?;
        let is_beyond = found.is_empty() && asked.offset > 0;
        if is_beyond {
            // Beyond the last row, the result still needs the total.
            found = read(parameters, 1, 0)?;
        }
        let paying = self.paying(asked, &shape)?;
        let mut rows = Vec::with_capacity(found.len());
        let mut total = 0;
        for row in &mut found {
            rows.push(read_group(row, &shape, &paying)?);
            total = row.next()?;
        }
        if is_beyond {
            rows.clear();
        }
        Ok(Rows { rows, total })
    }

    /// All groups whose names are searched.
    fn named_groups(&self, asked: &Breakdown) -> Result<Vec<Group>, Error> {
        let mut parameters = Parameters::default();
        let shape = shape(&asked.by);
        let groups = self.groups(asked, &shape, &mut parameters)?;
        let columns = columns(shape.keys.len(), &shape.texts).join(", ");
        let packed = self.sql.rows(
            &format!(
                "WITH g AS MATERIALIZED ({groups}) SELECT json_group_array(json(row)) FROM (SELECT json_array({columns}) AS row, \
                 (row_number() OVER () - 1) / {READ_AT_ONCE} AS part FROM g {}) GROUP BY part",
                shape.text_join
            ),
            parameters.values(),
        )?;
        let paying = self.paying(asked, &shape)?;
        let mut all = Vec::new();
        for mut packed in packed {
            let rows: Vec<Vec<Cell>> = packed.json()?;
            for row in rows {
                let mut row = Row::new(row.into_iter().map(Value::from).collect());
                let group = read_group(&mut row, &shape, &paying)?;
                all.extend(Some(group).filter(|group| asked.finds(group)));
            }
        }
        Ok(all)
    }

    /// The groups whose keys come after this one, or all, in the order of their keys.
    pub(crate) fn groups_after(&self, asked: &Breakdown, after: &[String], limit: u32) -> Result<Vec<Group>, Error> {
        if asked.by == By::Channel {
            let mut groups = self.channels(asked)?;
            groups.retain(|group| group.key.as_slice() > after);
            ordered::sort_by(&mut groups, |one, other| one.key.cmp(&other.key));
            groups.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok(groups);
        }
        let mut parameters = Parameters::default();
        let shape = shape(&asked.by);
        let groups = self.groups(asked, &shape, &mut parameters)?;
        let Shape { keys, texts, text_join, .. } = &shape;
        let named = |(at, text): (usize, &String)| format!("{text} AS t{at}");
        let named: Vec<String> = texts.iter().enumerate().map(named).collect();
        let columns = columns(keys.len(), &named).join(", ");
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
                "WITH g AS MATERIALIZED ({groups}) SELECT * FROM (SELECT {columns} FROM g {text_join}) {begin} \
                 ORDER BY {key} LIMIT {limit}"
            ),
            parameters.values(),
        )?;
        let paying = self.paying(asked, &shape)?;
        rows.into_iter().map(|mut row| read_group(&mut row, &shape, &paying)).collect()
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
        let Shape { join, is_set, .. } = shape;
        let (group, named) = (shape.group(), shape.named());
        let is_pageview = is_kind("e", Kind::Pageview);
        let counts = match &asked.by {
            By::Dimension(dimension) if !by_host && !is_all => self.count_by_columns(selection, *dimension)?,
            By::EntryPage => self.count_by_entry(selection)?,
            By::ExitPage => self.count_by_exit(selection)?,
            _ => None,
        };
        let of_several = match &asked.by {
            By::Several(dimensions) => self.count_by_several(selection, dimensions)?,
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
            _ if of_several.is_some() => {
                let of_several = of_several.unwrap_or_default();
                let keys = (0..shape.keys.len()).map(|at| format!("value -> 0 ->> {at} AS k{at}")).collect::<Vec<_>>();
                format!(
                    "SELECT {}, value ->> 1 AS visitors FROM {}",
                    keys.join(", "),
                    parameters.bind_list(&of_several)
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
                     WHERE {present} AND {is_set}{condition} GROUP BY {group}"
                )
            }
        };
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let paid = if asked.by == By::Dimension(Dimension::Page) {
            paid_by_page(&from, &to, &condition)
        } else if by_host {
            paid_by_host(&from, &to, &condition)
        } else {
            format!(
                "SELECT {named}, {} FROM payments p JOIN sessions s ON s.id = p.session {join} \
                 WHERE p.time BETWEEN {from} AND {to} AND {is_set}{condition} GROUP BY {group}",
                Money::columns()
            )
        };
        // Whether a session has such a page is known once it has been looked for.
        let having = if asked.by == By::ExitPage { " HAVING k0 IS NOT NULL" } else { "" };
        Ok(format!(
            "WITH seen AS ({visitors}), paid ({group}, new, renewal, refund, unrenewal, payments) AS ({paid}) \
             SELECT {group}, sum(visitors) AS visitors, sum(new) AS new, sum(renewal) AS renewal, \
             sum(refund) AS refund, sum(unrenewal) AS unrenewal, sum(payments) AS payments FROM \
             (SELECT {group}, visitors, 0 AS new, 0 AS renewal, 0 AS refund, 0 AS unrenewal, 0 AS payments FROM seen \
             UNION ALL SELECT {group}, 0, new, renewal, refund, unrenewal, payments FROM paid \
             WHERE new + renewal + refund + unrenewal + payments > 0) GROUP BY {group}{having}"
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

/// Money by page. A session's money counts once per page, however often the page was seen.
fn paid_by_page(from: &str, to: &str, condition: &str) -> String {
    format!(
        "SELECT v.page AS k0, {} FROM payments p JOIN sessions s ON s.id = p.session \
         JOIN (SELECT DISTINCT e.page, e.session FROM payments q CROSS JOIN events e INDEXED BY events_visitor \
         ON e.visitor = q.visitor AND e.session = q.session AND {} AND e.page IS NOT NULL \
         WHERE q.time BETWEEN {from} AND {to}) v ON v.session = p.session \
         WHERE p.time BETWEEN {from} AND {to}{condition} GROUP BY 1",
        Money::columns(),
        is_kind("e", Kind::Pageview)
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

/// The columns of a group `g` that [`read_group`] reads.
fn columns(keys: usize, texts: &[String]) -> Vec<String> {
    let keys = (0..keys).map(|at| format!("g.k{at}"));
    let numbers = ["visitors", "new", "renewal", "refund", "unrenewal", "payments"];
    keys.chain(texts.iter().cloned()).chain(numbers.map(|name| format!("g.{name}"))).collect()
}

fn read_group(row: &mut Row, shape: &Shape, paying: &BTreeMap<Keys, i64>) -> Result<Group, Error> {
    let keys = shape.keys.iter().map(|_| row.next()).collect::<Result<Keys, _>>()?;
    let key = shape.texts.iter().map(|_| row.next()).collect::<Result<_, _>>()?;
    let (visitors, money) = (row.next()?, Money::read(row)?);
    Ok(Group { key, visitors, money, paying: paying.get(&keys).copied().unwrap_or_default() })
}

/// A field of a packed row.
#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(number),
            Cell::Text(text) => Self::Text(text),
        }
    }
}

/// The page that is asked for, of all groups.
fn page_of(groups: Vec<Group>, asked: &Breakdown) -> Rows {
    let mut top = Top::new(asked.limit, asked.offset);
    for group in groups.into_iter().filter(|group| asked.finds(group)) {
        top.take(asked.rank(&group), group.key.clone(), group);
    }
    let (rows, total) = top.page();
    Rows { rows, total }
}

impl Shape {
    /// The columns of the key in a group.
    pub fn group(&self) -> String {
        (0..self.keys.len()).map(|at| format!("k{at}")).collect::<Vec<_>>().join(", ")
    }

    /// The columns of the key, each with its name in a group.
    pub fn named(&self) -> String {
        self.keys.iter().enumerate().map(|(at, key)| format!("{key} AS k{at}")).collect::<Vec<_>>().join(", ")
    }
}

fn any_is_set(keys: &[String]) -> String {
    format!("({})", keys.iter().map(|key| format!("{key} IS NOT NULL")).collect::<Vec<_>>().join(" OR "))
}

/// The texts of the pages of groups, and their join.
fn of_pages() -> (Vec<String>, String) {
    let join = "JOIN pages pg ON pg.id = g.k0 JOIN strings h ON h.id = pg.hostname JOIN strings t ON t.id = pg.path";
    (vec!["h.text".to_owned(), "t.text".to_owned()], join.to_owned())
}

fn shape(by: &By) -> Shape {
    let of_session = |keys: Vec<String>, (texts, text_join): (Vec<String>, String)| Shape {
        join: String::new(),
        is_set: any_is_set(&keys),
        keys,
        texts,
        text_join,
    };
    let of_strings = |count: usize| -> (Vec<String>, String) {
        let joins = (0..count).map(|at| format!("LEFT JOIN strings t{at} ON t{at}.id = g.k{at}")).collect::<Vec<_>>();
        ((0..count).map(|at| format!("ifnull(t{at}.text, '')")).collect(), joins.join(" "))
    };
    let column = |dimension: &Dimension| format!("s.{}", dimension.column().unwrap_or("hostname"));
    match by {
        By::Dimension(Dimension::Campaign) => {
            let texts = CAMPAIGN_KEYS.map(|name| format!("ifnull((SELECT text FROM strings WHERE id = c.{name}), '')"));
            of_session(vec!["s.campaign".to_owned()], (texts.into(), "JOIN campaigns c ON c.id = g.k0".to_owned()))
        }
        By::CampaignKeys(wanted) => {
            let keys = wanted.iter().filter_map(|at| CAMPAIGN_KEYS.get(*at)).map(|name| format!("c.{name}")).collect();
            let join = "JOIN campaigns c ON c.id = s.campaign".to_owned();
            Shape { join, ..of_session(keys, of_strings(wanted.len())) }
        }
        By::Dimension(Dimension::Page) => of_session(vec!["e.page".to_owned()], of_pages()),
        By::EntryPage => of_session(vec!["s.entry".to_owned()], of_pages()),
        By::ExitPage => Shape { is_set: "1".to_owned(), ..of_session(vec![exit_page()], of_pages()) },
        By::Several(dimensions) => {
            let keys: Vec<String> = dimensions.iter().map(column).collect();
            let is_set = any_is_set(keys.get(..1).unwrap_or_default());
            Shape { is_set, ..of_session(keys, of_strings(dimensions.len())) }
        }
        // Channels have no key in the database.
        By::Channel => of_session(vec!["s.referrer".to_owned()], of_strings(1)),
        By::Dimension(dimension) => {
            let text = (vec!["t.text".to_owned()], "JOIN strings t ON t.id = g.k0".to_owned());
            of_session(vec![column(dimension)], text)
        }
    }
}
