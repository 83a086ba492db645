//! The filters of a selection, as a test of a session's columns: what [`crate::selection::condition`] is in SQL.

use crate::bits::Bits;
use crate::dimensions::{Dimension, FilterField, SessionDimension};
use crate::error::Error;
use crate::event::Kind;
use crate::packed;
use crate::page_sets;
use crate::rows::StringRow;
use crate::segments::{self, Chunk, EVENTS, Reach, event, session};
use crate::selection::{self, Filter, Selection, Span};
use crate::site::Site;
use crate::sql::{Parameters, Sql};

/// Tests sessions.
pub(crate) struct Chosen(Vec<Test>);

struct Test {
    negated: bool,
    condition: Condition,
}

/// A condition on a session. Columns are positions among the wanted columns of a scan; keys are as in columns, so that the
/// key of what is not set is never among them.
enum Condition {
    Key {
        column: usize,
        keys: Bits,
    },
    /// The referrer, or the host that it is one of the names of.
    Referrer {
        column: usize,
        host: usize,
        keys: Bits,
    },
    /// The host on which it began, or another that it touched.
    Hostname {
        column: usize,
        keys: Bits,
        sessions: Bits,
    },
    Visitor {
        column: usize,
        visitors: Bits,
    },
    Session(Bits),
}

/// The key of a row in a column.
fn keys(rows: impl IntoIterator<Item = i64>) -> Bits {
    rows.into_iter().map(|row| row + 1).collect()
}

impl Chosen {
    /// The filters of a selection; `None` if columns cannot tell. Adds the columns that they test to `wanted`.
    pub fn of<S: Sql>(site: &Site<S>, selection: &Selection, wanted: &mut Vec<usize>) -> Result<Option<Self>, Error> {
        page_sets::find(site, selection.filters.iter().filter_map(selection::page_parts).collect())?;
        let mut tests = Vec::new();
        for filter in &selection.filters {
            if matches!(filter.field, FilterField::Page | FilterField::EntryPage) {
                continue;
            }
            let Some(condition) = condition(site, filter, selection.span, wanted)? else { return Ok(None) };
            tests.push(Test { negated: filter.negated, condition });
        }
        for filter in selection::page_filters(site, selection, FilterField::EntryPage)? {
            let keys = keys(filter.pages.iter().copied());
            let condition = Condition::Key { column: position(wanted, session::ENTRY), keys };
            tests.push(Test { negated: filter.negated, condition });
        }
        let viewed = selection::page_filters(site, selection, FilterField::Page)?;
        let sets: Vec<_> = viewed.iter().map(|filter| &*filter.pages).collect();
        for (filter, sessions) in viewed.iter().zip(sessions_that_viewed(site, &sets)?) {
            tests.push(Test { negated: filter.negated, condition: Condition::Session(sessions) });
        }
        Ok(Some(Self(tests)))
    }

    /// The positions of the sessions of a chunk that pass. Holes may pass.
    pub fn of_chunk(&self, chunk: &Chunk) -> Result<Vec<usize>, Error> {
        let mut passing: Option<Vec<usize>> = None;
        for Test { negated, condition } in &self.0 {
            let passed = match condition {
                Condition::Key { column, keys } | Condition::Visitor { column, visitors: keys } => {
                    let [column] = chunk.columns([*column])?;
                    if passing.is_none() {
                        let mut first = Vec::new();
                        column.each(|at, key| first.extend((keys.contains(key) != *negated).then_some(at)));
                        first
                    } else {
                        filtered(chunk, passing, |at| keys.contains(column.get(at)) != *negated)
                    }
                }
                Condition::Referrer { column, host, keys } => {
                    let [referrers, hosts] = chunk.columns([*column, *host])?;
                    filtered(chunk, passing, |at| {
                        let referrer = referrers.get(at);
                        let is_direct = referrer == StringRow::DIRECT.0 + 1;
                        (keys.contains(referrer) || (!is_direct && keys.contains(hosts.get(at)))) != *negated
                    })
                }
                Condition::Hostname { column, keys, sessions } => {
                    let [hostnames] = chunk.columns([*column])?;
                    let matches = |at| keys.contains(hostnames.get(at)) || sessions.contains(chunk.id(at));
                    filtered(chunk, passing, |at| matches(at) != *negated)
                }
                Condition::Session(sessions) => {
                    filtered(chunk, passing, |at| sessions.contains(chunk.id(at)) != *negated)
                }
            };
            passing = Some(passed);
        }
        Ok(passing.unwrap_or_else(|| (0..chunk.rows()).collect()))
    }
}

/// Those of the positions, or of all in a chunk, that pass.
fn filtered(chunk: &Chunk, positions: Option<Vec<usize>>, passes: impl Fn(usize) -> bool) -> Vec<usize> {
    match positions {
        Some(mut positions) => {
            positions.retain(|at| passes(*at));
            positions
        }
        None => (0..chunk.rows()).filter(|at| passes(*at)).collect(),
    }
}

/// The position of a column among the wanted ones, to which it is added.
pub(crate) fn position(wanted: &mut Vec<usize>, column: usize) -> usize {
    wanted.iter().position(|known| *known == column).unwrap_or_else(|| {
        wanted.push(column);
        wanted.len() - 1
    })
}

fn condition<S: Sql>(
    site: &Site<S>,
    filter: &Filter,
    span: Span,
    wanted: &mut Vec<usize>,
) -> Result<Option<Condition>, Error> {
    let mut parameters = Parameters::default();
    if let Some(row) = SessionDimension::of_filter(filter.field) {
        let Some(column) = segments::of_dimension(row.column) else { return Ok(None) };
        let column = position(wanted, column);
        let ids = selection::ids_of_names(&site.sql, &filter.test, row.spelling)?;
        let touched = format!("SELECT session FROM session_hosts WHERE hostname IN {}", parameters.bind_list(&ids));
        let keys = keys(ids);
        return Ok(Some(match row.dimension {
            Dimension::Referrer => Condition::Referrer { column, host: position(wanted, session::REFERRER_HOST), keys },
            Dimension::Hostname => {
                Condition::Hostname { column, keys, sessions: set(site, "session", &touched, &parameters)? }
            }
            _ => Condition::Key { column, keys },
        }));
    }
    if let Some(key) = filter.field.campaign_key() {
        let Some(column) = segments::of_dimension("campaign") else { return Ok(None) };
        let ids = selection::ids_of_names(&site.sql, &filter.test, |_| None)?;
        let campaigns = format!("SELECT id FROM campaigns WHERE {key} IN {}", parameters.bind_list(&ids));
        let rows = site.sql.rows(&campaigns, parameters.values())?;
        let rows = rows.into_iter().map(|mut row| row.next()).collect::<Result<Vec<i64>, _>>()?;
        return Ok(Some(Condition::Key { column: position(wanted, column), keys: keys(rows) }));
    }
    let visitors = match filter.field {
        FilterField::Goal => selection::completers(&site.sql, &filter.test, span, &mut parameters)?,
        FilterField::Customer => "SELECT visitor FROM payments WHERE visitor IS NOT NULL".to_owned(),
        _ => return Ok(None),
    };
    let visitors = set(site, "visitor", &visitors, &parameters)?;
    Ok(Some(Condition::Visitor { column: position(wanted, session::VISITOR), visitors }))
}

/// The numbers that a statement selects, in its only column `visitor` or `session`.
fn set<S: Sql>(site: &Site<S>, column: &str, select: &str, parameters: &Parameters) -> Result<Bits, Error> {
    let mut bits = Bits::default();
    let source = format!("(SELECT DISTINCT {column} FROM ({select}) WHERE {column} IS NOT NULL)");
    packed::each_row(site, (&[column.to_owned()], &source), parameters, |row| {
        for number in row {
            bits.insert(*number);
        }
    })?;
    Ok(bits)
}

/// For each set of pages, the sessions that viewed one of them. The events are read once.
fn sessions_that_viewed<S: Sql>(site: &Site<S>, sets: &[&[i64]]) -> Result<Vec<Bits>, Error> {
    let mut found: Vec<_> = sets.iter().map(|_| Bits::default()).collect();
    if found.is_empty() {
        return Ok(found);
    }
    let of_page: Vec<_> = sets
        .iter()
        .map(|pages| pages.iter().map(|page| segments::what(Kind::Pageview, *page)).collect::<Bits>())
        .collect();
    segments::scan(site, &EVENTS, &[event::WHAT, event::SESSION], &Reach::all(), |chunk| {
        let [whats, of_events] = chunk.columns([0, 1])?;
        whats.each(|at, what| {
            for (pages, sessions) in of_page.iter().zip(&mut found) {
                if pages.contains(what) {
                    sessions.insert(of_events.get(at));
                }
            }
        });
        Ok(())
    })?;
    Ok(found)
}
