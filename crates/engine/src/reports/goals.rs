//! Goals and exit links, with the number of completions and of visitors.

use serde::{Deserialize, Serialize};
use sluice_values::ordered;

use crate::dimensions::Dimension;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{completes, is_kind, session_of_event};
use crate::rows::Day;
use crate::selection::{Selection, Span, condition};
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;
use crate::top::Top;
use crate::totals;
use sluice_values::GoalName;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GoalReport {
    pub selection: Selection,
    /// Exit links instead of goals.
    pub of_links: bool,
    pub limit: u32,
    pub offset: u32,
    /// What the names contain, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Rows {
    /// A page of rows: goals by completions descending, others by visitors descending; then by name ascending.
    pub rows: Vec<Count>,
    /// The number of rows on all pages.
    pub total: i64,
}

/// A name with its numbers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Count {
    /// A goal's name, a link's address, a property or its value.
    pub name: String,
    pub count: i64,
    /// Distinct visitors.
    pub visitors: i64,
}

/// Asks for the goals ever tracked, most frequent first.
#[derive(Debug, Serialize, Deserialize)]
pub struct TrackedGoals {}

/// The result of [`TrackedGoals`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Tracked {
    pub goals: Vec<Count>,
    /// All distinct visitors of the website.
    pub visitors: i64,
}

/// Asks whether a goal with this name was ever tracked.
#[derive(Debug, Serialize, Deserialize)]
pub struct HasGoal {
    pub name: String,
}

/// What rows are ordered by, descending, before their names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    Completions,
    Visitors,
}

impl GoalReport {
    pub(crate) const fn order(&self) -> Order {
        if self.of_links { Order::Visitors } else { Order::Completions }
    }

    /// Whether a row has the name that is searched for.
    pub(crate) fn finds(&self, count: &Count) -> bool {
        self.search.as_ref().is_none_or(|search| count.name.to_lowercase().contains(&search.to_lowercase()))
    }
}

impl Order {
    /// A row's place: rows with higher numbers come first.
    pub(crate) const fn rank(self, count: &Count) -> (i64, i64) {
        match self {
            Self::Completions => (count.count, 0),
            Self::Visitors => (count.visitors, 0),
        }
    }
}

/// The goals that payments complete, each with the condition on its payments.
fn paid_goals() -> impl Iterator<Item = (&'static str, String)> {
    GoalName::AUTOMATIC.into_iter().filter_map(|name| Some((name, completes(name)?)))
}

/// Puts the most frequent goals first.
pub(crate) fn sort_tracked(goals: &mut [Count]) {
    ordered::sort_by(goals, |one, other| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
}

/// The join that restricts events `e` to the chosen sessions.
pub(super) fn join(selection: &Selection) -> String {
    if selection.is_unfiltered() { String::new() } else { format!("JOIN sessions s ON s.id = {}", session_of_event()) }
}

impl<S: Sql> Site<S> {
    /// The goals of a selection.
    pub fn goals(&self, asked: &GoalReport) -> Result<Rows, Error> {
        let (select, parameters) = self.select_goals(asked)?;
        if asked.search.is_some() {
            let mut top = Top::new(asked.limit, asked.offset);
            let all = self.counted_after((select, parameters), &[], u32::MAX)?;
            for count in all.into_iter().filter(|count| asked.finds(count)) {
                top.take(asked.order().rank(&count), vec![count.name.clone()], count);
            }
            let (rows, total) = top.page();
            return Ok(Rows { rows, total });
        }
        self.counted(&select, parameters, asked.order(), asked.limit, asked.offset)
    }

    /// Selects name, count and visitors of all goals of a selection.
    pub(crate) fn select_goals(&self, asked: &GoalReport) -> Result<(String, Parameters), Error> {
        let selection = &asked.selection;
        let dimension = if asked.of_links { Dimension::ExitClick } else { Dimension::Goal };
        let mut parameters = Parameters::default();
        let groups = if selection.is_unfiltered() && selection.span == Span::ALL {
            totals::settle(self)?;
            let code = parameters.bind(dimension.code());
            format!("SELECT key AS name, count, visitors FROM totals WHERE dimension = {code} AND count > 0")
        } else {
            let is_counted = is_kind("e", if asked.of_links { Kind::ExternalLink } else { Kind::Goal });
            let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
            let condition = condition(self, selection, &mut parameters)?;
            let join = join(selection);
            format!(
                "SELECT e.name AS name, count(*) AS count, count(DISTINCT e.visitor) AS visitors FROM events e {join} \
                 WHERE {is_counted} AND e.time BETWEEN {from} AND {to}{condition} GROUP BY e.name"
            )
        };
        // Goals that payments complete are left out (docs/contract/README.md#37).
        let shown = if asked.of_links {
            String::new()
        } else {
            format!("WHERE t.text NOT IN {}", parameters.bind_list(&GoalName::AUTOMATIC))
        };
        let select = format!(
            "SELECT t.text AS name, g.count, g.visitors FROM ({groups}) g JOIN strings t ON t.id = g.name {shown}"
        );
        Ok((select, parameters))
    }

    /// The rows (name, count, visitors) of a select whose names come after this one, or all, in the order of their names.
    pub(crate) fn counted_after(
        &self,
        (select, mut parameters): (String, Parameters),
        after: &[String],
        limit: u32,
    ) -> Result<Vec<Count>, Error> {
        let begin = after.first().map_or_else(String::new, |name| format!("WHERE name > {}", parameters.bind(name)));
        let statement = format!(
            "WITH r AS MATERIALIZED ({select}) SELECT name, count, visitors FROM r {begin} ORDER BY name LIMIT {}",
            parameters.bind(limit)
        );
        let rows = self.sql.rows(&statement, parameters.values())?.into_iter();
        rows.map(|mut row| Ok(Count { name: row.next()?, count: row.next()?, visitors: row.next()? })).collect()
    }

    /// A page of the rows (name, count, visitors) of a select, and the number of all rows.
    pub(super) fn counted(
        &self,
        select: &str,
        mut parameters: Parameters,
        order: Order,
        limit: u32,
        offset: u32,
    ) -> Result<Rows, Error> {
        let order = match order {
            Order::Completions => "count",
            Order::Visitors => "visitors",
        };
        let statement = format!(
            "WITH r AS MATERIALIZED ({select}) SELECT (SELECT count(*) FROM r), name, count, visitors FROM \
             (SELECT 1) LEFT JOIN (SELECT * FROM r ORDER BY {order} DESC, name LIMIT {} OFFSET {})",
            parameters.bind(limit),
            parameters.bind(offset)
        );
        let (mut rows, mut total) = (Vec::new(), 0);
        for mut row in self.sql.rows(&statement, parameters.values())? {
            total = row.next()?;
            let name: Option<String> = row.next()?;
            if let Some(name) = name {
                rows.push(Count { name, count: row.next()?, visitors: row.next()? });
            }
        }
        Ok(Rows { rows, total })
    }

    /// Every goal that was ever tracked, those that payments completed included.
    pub fn tracked_goals(&self) -> Result<Tracked, Error> {
        totals::settle(self)?;
        let goals = self.sql.rows(
            "SELECT t.text, g.count, g.visitors FROM totals g JOIN strings t ON t.id = g.key \
             WHERE g.dimension = ?1 AND g.count > 0",
            &[Dimension::Goal.code().into()],
        )?;
        let goals =
            goals.into_iter().map(|mut row| Ok(Count { name: row.next()?, count: row.next()?, visitors: row.next()? }));
        let mut goals = goals.collect::<Result<Vec<_>, Error>>()?;
        goals.retain(|goal| completes(&goal.name).is_none());
        for (name, completes) in paid_goals() {
            let paid = format!("SELECT count(*), count(DISTINCT p.visitor) FROM payments p WHERE {completes}");
            let mut row = self.sql.one(&paid, &[])?;
            let goal = Count { name: name.to_owned(), count: row.next()?, visitors: row.next()? };
            goals.extend(Some(goal).filter(|goal| goal.count > 0));
        }
        sort_tracked(&mut goals);
        let everybody = "SELECT ifnull(sum(visitors), 0) FROM day_pairs WHERE previous = ?1";
        let visitors = self.sql.one(everybody, &[Day::NEVER.into()])?.next()?;
        Ok(Tracked { goals, visitors })
    }

    /// Whether the goal was ever tracked.
    pub fn has_goal(&self, name: &str) -> Result<bool, Error> {
        if let Some(completes) = completes(name) {
            let paid = format!("SELECT 1 FROM payments p WHERE {completes} LIMIT 1");
            return Ok(self.sql.first(&paid, &[])?.is_some());
        }
        let mut parameters = Parameters::default();
        totals::settle(self)?;
        let (dimension, name) = (parameters.bind(Dimension::Goal.code()), texts::same(name, &mut parameters));
        let tracked = format!("SELECT 1 FROM totals WHERE dimension = {dimension} AND key = {name} AND count > 0");
        let found = self.sql.first(&tracked, parameters.values())?;
        Ok(found.is_some())
    }
}
