//! The sessions that a report covers: a time range and filters, turned into an SQL condition.

use std::collections::BTreeSet;
use std::rc::Rc;

use sluice_values::ordered::Ordered as _;

use serde::{Deserialize, Serialize};

pub use crate::dimensions::FilterField;
use crate::dimensions::{Dimension, SessionDimension};
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{completes, completes_any, is_kind};
use crate::page_sets;
use crate::rows::StringRow;
use crate::session;
use crate::site::Site;
use crate::sql::{Parameters, Sql, union_all};
use crate::texts;

/// A time range, both ends included, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: i64,
    pub to: i64,
}

impl Span {
    /// All time: whatever a JavaScript number and the calendar can hold.
    pub const ALL: Self = Self { from: -(1 << 52), to: 1 << 52 };
}

/// A condition on sessions; a session must meet all of a selection's filters. Sent between Worker and object, and
/// stored with alerts: fields may be added with a default, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub field: FilterField,
    /// Whether sessions that do not match pass instead, including those with unset values.
    pub negated: bool,
    pub test: Test,
}

/// What a filter matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// One of these values.
    Is(Vec<String>),
    /// Contains one of these values.
    Contains(Vec<String>),
    /// A number that is one of these.
    Equals(Vec<i64>),
    /// A number of at least this.
    AtLeast(i64),
    /// A number of at most this.
    AtMost(i64),
    /// The field itself is the condition.
    Holds,
}

/// The sessions of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    pub span: Span,
    pub filters: Vec<Filter>,
}

impl Selection {
    pub fn is_unfiltered(&self) -> bool {
        self.filters.is_empty()
    }
}

/// The filters of `selection` as a condition on a row `s` of `sessions`, beginning with ` AND`; empty without filters.
pub(super) fn condition<S: Sql>(
    site: &Site<S>,
    selection: &Selection,
    parameters: &mut Parameters,
) -> Result<String, Error> {
    page_sets::find(site, selection.filters.iter().filter_map(page_parts).collect())?;
    let mut condition = String::new();
    for filter in &selection.filters {
        if matches!(filter.field, FilterField::Page | FilterField::EntryPage) {
            continue;
        }
        let matches = matches(site, filter, selection.span, parameters)?;
        let not = if filter.negated { "NOT " } else { "" };
        condition.push_str(&format!(" AND {not}ifnull({matches}, 0)"));
    }
    condition.push_str(&entered(&page_filters(site, selection, FilterField::EntryPage)?, parameters));
    condition.push_str(&viewed(&page_filters(site, selection, FilterField::Page)?, parameters));
    Ok(condition)
}

fn matches<S: Sql>(site: &Site<S>, filter: &Filter, span: Span, to: &mut Parameters) -> Result<String, Error> {
    let sql = &site.sql;
    if let Some(row) = SessionDimension::of_filter(filter.field) {
        let values = names_of(sql, &filter.test, row.spelling, to)?;
        return Ok(match row.dimension {
            Dimension::Referrer => {
                let direct = StringRow::DIRECT.0;
                format!("(s.referrer IN {values} OR (s.referrer <> {direct} AND s.referrer_host IN {values}))")
            }
            // Every host that the session touched counts (docs/contract/README.md#34).
            Dimension::Hostname => format!(
                "(s.hostname IN {values} OR s.id IN (SELECT session FROM session_hosts WHERE hostname IN {values}))"
            ),
            _ => format!("s.{} IN {values}", row.column),
        });
    }
    if let Some(column) = filter.field.campaign_key() {
        return campaign_matches(sql, column, &filter.test, to);
    }
    Ok(match filter.field {
        FilterField::Goal => format!("s.visitor IN ({})", completers(sql, &filter.test, span, to)?),
        FilterField::VisitCount => {
            let condition = match &filter.test {
                Test::Equals(counts) => format!("IN {}", to.bind_list(counts)),
                Test::AtLeast(count) => format!(">= {}", to.bind(*count)),
                Test::AtMost(count) => format!("<= {}", to.bind(*count)),
                _ => return Err(Error::new("a visit count that is no number")),
            };
            format!("(SELECT v.sessions FROM visitors v WHERE v.id = s.visitor) {condition}")
        }
        FilterField::Customer => "s.visitor IN (SELECT visitor FROM payments)".to_owned(),
        other => return Err(Error::new(format!("no condition for the filter {}", other.name()))),
    })
}

/// Selects the visitors who completed one of a filter's goals in the span.
pub(crate) fn completers(sql: &impl Sql, test: &Test, span: Span, to: &mut Parameters) -> Result<String, Error> {
    let (Test::Is(goals) | Test::Contains(goals)) = test else {
        return Err(Error::new("a goal that is compared like a number"));
    };
    let (from, until) = (to.bind(span.from), to.bind(span.to));
    let mut visitors = Vec::new();
    if let Some(completes) = completes_any(goals) {
        visitors
            .push(format!("SELECT p.visitor FROM payments p WHERE {completes} AND p.time BETWEEN {from} AND {until}"));
    }
    if goals.iter().any(|goal| completes(goal).is_none()) {
        visitors.push(format!(
            "SELECT f.visitor FROM events f WHERE {} AND f.name IN {} AND f.time BETWEEN {from} AND {until}",
            is_kind("f", Kind::Goal),
            written(&texts::rows_of(sql, goals)?, to)
        ));
    }
    Ok(visitors.join(" UNION ALL "))
}

/// The values of a filter that pages are searched for.
pub(crate) fn page_parts(filter: &Filter) -> Option<&Vec<String>> {
    match (filter.field, &filter.test) {
        (FilterField::Page | FilterField::EntryPage, Test::Contains(parts)) => Some(parts),
        _ => None,
    }
}

fn campaign_matches(sql: &impl Sql, column: &str, test: &Test, to: &mut Parameters) -> Result<String, Error> {
    let values = names_of(sql, test, |_| None, to)?;
    Ok(format!("s.campaign IN (SELECT id FROM campaigns WHERE {column} IN {values})"))
}

/// The ids of all strings that equal one of the values in any case; `translate` returns another spelling.
pub(crate) fn ids_of_names(
    sql: &impl Sql,
    test: &Test,
    translate: impl Fn(&str) -> Option<String>,
) -> Result<Vec<i64>, Error> {
    let (Test::Is(values) | Test::Contains(values)) = test else {
        return Err(Error::new("a name that is compared like a number"));
    };
    let mut wanted: Vec<String> = values.iter().map(|value| value.trim().to_lowercase()).collect();
    wanted.extend(values.iter().filter_map(|value| translate(value.trim())).map(|name| name.to_lowercase()));
    texts::rows_in_any_case(sql, &wanted)
}

/// [`ids_of_names`], as a list.
fn names_of(
    sql: &impl Sql,
    test: &Test,
    translate: impl Fn(&str) -> Option<String>,
    to: &mut Parameters,
) -> Result<String, Error> {
    Ok(written(&ids_of_names(sql, test, translate)?, to))
}

/// These ids, as a list.
fn written(ids: &[i64], to: &mut Parameters) -> String {
    if ids.len() > WRITTEN {
        return to.bind_list(ids);
    }
    // Ids in the statement itself are compared faster than the rows of a subselect.
    format!("({})", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
}

/// The most ids of a filter that are written into a statement, which has at most 100 kB and repeats its filters up to 17
/// times; a visitor can make many spellings of one name.
const WRITTEN: usize = 8;

/// The most pages that are bound as one list, which has at most 2 MB.
const LISTED: usize = 100_000;

fn listed(ids: &[i64], to: &mut Parameters) -> String {
    let lists: Vec<_> = ids.chunks(LISTED).map(|ids| to.bind_list(ids)).collect();
    match lists.as_slice() {
        [] => "(SELECT NULL AS value WHERE 0)".to_owned(),
        [list] => list.clone(),
        lists => {
            let lists: Vec<_> = lists.iter().map(|list| format!("SELECT value FROM {list}")).collect();
            format!("({})", union_all(&lists))
        }
    }
}

/// The pages that a filter on pages matches, in order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PageFilter {
    pub negated: bool,
    pub pages: Rc<[i64]>,
}

/// The filters on a field of pages. Those that match the same pages are one.
pub(crate) fn page_filters<S: Sql>(
    site: &Site<S>,
    selection: &Selection,
    field: FilterField,
) -> Result<Vec<PageFilter>, Error> {
    let mut filters = Vec::new();
    for filter in selection.filters.iter().filter(|filter| filter.field == field) {
        let pages = match &filter.test {
            Test::Contains(parts) => page_sets::of(site, parts)?,
            test => {
                let (Test::Is(values) | Test::Contains(values)) = test else {
                    return Err(Error::new("a page that is compared like a number"));
                };
                let mut own = Parameters::default();
                let paths = texts::exactly(values, &mut own);
                let select = format!("SELECT id FROM pages WHERE path IN {paths} ORDER BY id");
                let rows = site.sql.rows(&select, own.values())?.into_iter();
                rows.map(|mut row| row.next()).collect::<Result<_, Error>>()?
            }
        };
        filters.push(PageFilter { negated: filter.negated, pages });
    }
    filters.sort_unstable();
    filters.dedup();
    Ok(filters)
}

/// The filters that want pages, and the pages that the others do not want.
fn parted(filters: &[PageFilter]) -> (Vec<&PageFilter>, Vec<i64>) {
    let (negated, wanted): (Vec<_>, Vec<_>) = filters.iter().partition(|filter| filter.negated);
    let unwanted: BTreeSet<i64> = negated.iter().flat_map(|filter| filter.pages.iter().copied()).into_set();
    (wanted, unwanted.into_iter().collect())
}

/// The pages that all these filters match.
fn matched_by_all(filters: &[&PageFilter]) -> Vec<i64> {
    let Some((first, others)) = filters.split_first() else { return Vec::new() };
    let is_matched = |page: &i64| others.iter().all(|filter| filter.pages.binary_search(page).is_ok());
    first.pages.iter().copied().filter(is_matched).collect()
}

/// The condition that a session began on a page that all these filters pass.
fn entered(filters: &[PageFilter], to: &mut Parameters) -> String {
    let (wanted, unwanted) = parted(filters);
    if wanted.is_empty() && unwanted.is_empty() {
        return String::new();
    }
    if wanted.is_empty() {
        return format!(" AND NOT ifnull(s.entry IN {}, 0)", listed(&unwanted, to));
    }
    let mut pages = matched_by_all(&wanted);
    pages.retain(|page| unwanted.binary_search(page).is_err());
    format!(" AND ifnull(s.entry IN {}, 0)", listed(&pages, to))
}

/// The condition that the pages which a session saw pass all these filters. Its pageviews are in the index of its visitor's
/// events.
fn viewed(filters: &[PageFilter], to: &mut Parameters) -> String {
    let is_pageview = is_kind("f", Kind::Pageview);
    let own = format!(
        "FROM events f INDEXED BY events_visitor WHERE f.visitor = s.visitor AND f.time BETWEEN s.started AND s.ended \
         AND {is_pageview} AND f.session = s.id"
    );
    let (wanted, unwanted) = parted(filters);
    let mut condition = String::new();
    if !unwanted.is_empty() {
        condition.push_str(&format!(" AND NOT EXISTS (SELECT 1 {own} AND f.page IN {})", listed(&unwanted, to)));
    }
    if wanted.is_empty() {
        return condition;
    }
    let by_all = matched_by_all(&wanted);
    let by_one = format!("EXISTS (SELECT 1 {own} AND f.page IN {})", listed(&by_all, to));
    if wanted.len() == 1 {
        return format!("{condition} AND {by_one}");
    }
    // Most sessions are decided by a page that all filters match. The others saw none of those: one pass over their pageviews is
    // for all filters, and the lists are short.
    let further = |filter: &PageFilter| -> Vec<i64> {
        filter.pages.iter().copied().filter(|page| by_all.binary_search(page).is_err()).collect()
    };
    let by_several: Vec<String> =
        wanted.iter().map(|filter| format!("max(f.page IN {})", listed(&further(filter), to))).collect();
    format!("{condition} AND ({by_one} OR ifnull((SELECT {} {own}), 0))", by_several.join(" AND "))
}

/// The condition that a session `s` has an event within the span, as far as its row can tell; exact only together with
/// its events.
pub(super) fn is_present<S: Sql>(site: &Site<S>, span: Span, to: &mut Parameters) -> Result<String, Error> {
    if span == Span::ALL {
        return Ok("1".to_owned());
    }
    let reaching = session::reaching(site, span.from)?;
    let (from, until) = (to.bind(span.from), to.bind(span.to));
    let earliest = to.bind(reaching.earliest);
    let begun = format!("s.started BETWEEN {earliest} AND {until}");
    let begun =
        if reaching.long.is_empty() { begun } else { format!("({begun} OR s.id IN {})", to.bind_list(&reaching.long)) };
    Ok(format!(
        "{begun} AND (s.started >= {from} OR (s.ended >= {from} AND (s.ended <= {until} \
         OR EXISTS (SELECT 1 FROM events x WHERE x.visitor = s.visitor AND x.session = s.id \
         AND x.time BETWEEN {from} AND {until}))))"
    ))
}

/// The condition that a visitor has a chosen session: one that is `present` in the span, and meets the filters' `condition`.
pub(super) fn has_session(visitor: &str, present: &str, condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM sessions s INDEXED BY sessions_visitor WHERE s.visitor = {visitor} AND {present}{condition})"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    /// The platform's limits of a statement's text and parameters, less what the largest report adds to its filters.
    const MOST_BYTES: usize = 100_000 / 17 - 700;
    const MOST_PARAMETERS: usize = 100 - 30;

    #[test]
    fn twenty_filters_of_any_kind_fit_a_statement() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        let sql = site.sql();
        // A campaign, a country, a referrer in 15,000 spellings.
        sql.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000) \
             INSERT INTO strings (text, folded) SELECT 'Spelling', 'spelling' FROM n",
            &[],
        )
        .unwrap();
        let values: Vec<String> =
            (1..50).map(|number| format!("value {number}")).chain(["SPELLING".to_owned()]).collect();
        for field in FilterField::of_reports() {
            let test = match field {
                FilterField::VisitCount => Test::Equals((0..50).collect()),
                FilterField::Page | FilterField::EntryPage => Test::Contains(values.clone()),
                _ => Test::Is(values.clone()),
            };
            let filter = Filter { field, negated: true, test };
            let selection = Selection { span: Span { from: 0, to: 1 }, filters: vec![filter; 20] };
            let mut parameters = Parameters::default();
            let text = condition(&site, &selection, &mut parameters).unwrap();
            assert!(text.len() <= MOST_BYTES, "{}: {} bytes", field.name(), text.len());
            let bound = parameters.values().len();
            assert!(bound <= MOST_PARAMETERS, "{}: {bound} parameters", field.name());
        }
    }
}
