//! The sessions that a report covers: a time range and filters, turned into an SQL condition.

use serde::{Deserialize, Serialize};

pub use crate::dimensions::FilterField;
use crate::dimensions::{Dimension, SessionDimension};
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::rows::StringRow;
use crate::session;
use crate::site::Site;
use crate::sql::{Parameters, Sql};

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
pub(super) fn condition(sql: &impl Sql, selection: &Selection, parameters: &mut Parameters) -> Result<String, Error> {
    let mut condition = String::new();
    for filter in &selection.filters {
        let matches = matches(sql, filter, selection.span, parameters)?;
        let not = if filter.negated { "NOT " } else { "" };
        condition.push_str(&format!(" AND {not}ifnull({matches}, 0)"));
    }
    Ok(condition)
}

fn matches(sql: &impl Sql, filter: &Filter, span: Span, to: &mut Parameters) -> Result<String, Error> {
    if let Some(row) = SessionDimension::of_filter(filter.field) {
        let values = names_of(sql, &filter.test, row.spelling)?;
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
        return campaign_matches(sql, column, &filter.test);
    }
    Ok(match filter.field {
        FilterField::EntryPage => {
            format!("s.entry IN (SELECT id FROM pages WHERE path IN {})", paths_of(&filter.test, to))
        }
        FilterField::Page => format!(
            "s.id IN (SELECT f.session FROM events f WHERE {} \
             AND f.page IN (SELECT id FROM pages WHERE path IN {}))",
            is_kind("f", Kind::Pageview),
            paths_of(&filter.test, to)
        ),
        FilterField::Goal => {
            let names = exactly(&filter.test, to);
            let (from, until) = (to.bind(span.from), to.bind(span.to));
            format!(
                "s.visitor IN (SELECT f.visitor FROM events f WHERE {} AND f.name IN {names} \
                 AND f.time BETWEEN {from} AND {until})",
                is_kind("f", Kind::Goal)
            )
        }
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

fn campaign_matches(sql: &impl Sql, column: &str, test: &Test) -> Result<String, Error> {
    let values = names_of(sql, test, |_| None)?;
    Ok(format!("s.campaign IN (SELECT id FROM campaigns WHERE {column} IN {values})"))
}

/// The ids of all strings that equal one of the values in any case; `translate` returns another spelling.
fn names_of(sql: &impl Sql, test: &Test, translate: impl Fn(&str) -> Option<String>) -> Result<String, Error> {
    let (Test::Is(values) | Test::Contains(values)) = test else {
        return Err(Error::new("a name that is compared like a number"));
    };
    let mut wanted: Vec<String> = values.iter().map(|value| value.trim().to_lowercase()).collect();
    wanted.extend(values.iter().filter_map(|value| translate(value.trim())).map(|name| name.to_lowercase()));
    // A lower-case text is its own folded form.
    let mut parameters = Parameters::default();
    let list = parameters.bind_list(&wanted);
    let rows = sql.rows(
        &format!(
            "SELECT id FROM strings WHERE text IN {list} AND folded IS NULL UNION ALL \
             SELECT id FROM strings WHERE folded IN {list}"
        ),
        parameters.values(),
    )?;
    // Ids in the statement itself are compared faster than the rows of a subselect.
    let ids = rows.into_iter().map(|mut row| Ok(row.next::<StringRow>()?.0.to_string()));
    Ok(format!("({})", ids.collect::<Result<Vec<_>, Error>>()?.join(", ")))
}

/// The ids of the strings that are, or contain, one of the paths.
fn paths_of(test: &Test, to: &mut Parameters) -> String {
    match test {
        Test::Contains(parts) => {
            let parts = to.bind_list(parts);
            format!(
                "(SELECT t.id FROM strings t WHERE t.id IN (SELECT path FROM pages) \
                 AND EXISTS (SELECT 1 FROM {parts} part WHERE instr(t.text, part.value) > 0))"
            )
        }
        _ => exactly(test, to),
    }
}

/// The ids of the strings that equal one of the values exactly.
fn exactly(test: &Test, to: &mut Parameters) -> String {
    let (Test::Is(values) | Test::Contains(values)) = test else { return "(NULL)".to_owned() };
    format!("(SELECT id FROM strings WHERE text IN {})", to.bind_list(values))
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
