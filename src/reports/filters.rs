//! The filters of a query (docs/contract/website-api.md#1.8, docs/contract/reports.md#2). Pure.

use crate::http::error::Error;
use sluice_engine::selection::{Filter, FilterField, Test};
use sluice_values::{Hostname, Invalid, excerpt, written_part, written_path};

/// The most values of one parameter of the list of visitors (docs/contract/website-api.md#3.2).
pub const MOST_LISTED: usize = 50;

/// The most values of all filters of a request together (docs/contract/README.md#46).
pub const MOST_VALUES: usize = 1_000;

/// Filters of a request at most (docs/contract/README.md#46).
pub const MOST_FILTERS: usize = 20;

pub fn operators(field: FilterField) -> &'static [&'static str] {
    match field {
        FilterField::Page | FilterField::EntryPage => &["is", "is_not", "contains", "does_not_contain"],
        FilterField::VisitCount => &["is", "is_not", "gte", "lte"],
        _ => &["is", "is_not"],
    }
}

/// The filters of a query, named with or without `filter_`.
pub fn filters(query: &str) -> Result<Vec<Filter>, Error> {
    let mut filters = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let bare = name.strip_prefix("filter_");
        match named(bare.unwrap_or(&name)) {
            Some(field) => filters.push(filter(field, &value).map_err(|why| Error::field(&name, &why))?),
            None if bare.is_some() => {
                let known: Vec<_> = names().map(|known| format!("filter_{known}")).collect();
                let name = excerpt(&name);
                return Err(Error::bad_request(format!("{name}: no such filter; there are {}", known.join(", "))));
            }
            None => {}
        }
    }
    limited(filters)
}

/// The same filters, if they are not too many.
pub fn limited(filters: Vec<Filter>) -> Result<Vec<Filter>, Error> {
    let values = filters.iter().map(|filter| match &filter.test {
        Test::Is(values) | Test::Contains(values) => values.len(),
        Test::Equals(counts) => counts.len(),
        Test::AtLeast(_) | Test::AtMost(_) | Test::Holds => 1,
    });
    match (filters.len(), values.sum()) {
        (0..=MOST_FILTERS, 0..=MOST_VALUES) => Ok(filters),
        (0..=MOST_FILTERS, count) => {
            Err(Error::bad_request(format!("filters: at most {MOST_VALUES} values in all, got {count}")))
        }
        (count, _) => Err(Error::bad_request(format!("at most {MOST_FILTERS} filters, got {count}"))),
    }
}

pub fn names() -> impl Iterator<Item = &'static str> {
    FilterField::of_reports().map(FilterField::name)
}

/// Finds a filter by its name without `filter_`.
pub fn named(name: &str) -> Option<FilterField> {
    FilterField::of_reports().find(|field| field.name() == name)
}

/// Parses a filter: an operator, unless it is `is`, and values.
pub fn filter(field: FilterField, sent: &str) -> Result<Filter, Invalid> {
    read(field, sent, When::Sent)
}

/// Reads a filter that was stored, maybe before the rules became stricter.
pub fn stored_filter(field: FilterField, sent: &str) -> Result<Filter, Invalid> {
    read(field, sent, When::Stored)
}

/// The filter on pages of these paths, or of paths with this part in them, under the name by which it was sent.
pub fn pages(name: &str, is_part: bool, values: Vec<String>) -> Result<Filter, Error> {
    let values = values.into_iter().map(|value| normal(FilterField::Page, is_part, value, When::Sent));
    let values = values.collect::<Result<_, _>>().map_err(|why| Error::field(name, &why))?;
    let test = if is_part { Test::Contains(values) } else { Test::Is(values) };
    Ok(Filter { field: FilterField::Page, negated: false, test })
}

/// Since when a filter is there: what can never match is refused when it is sent, and matches nothing when it was stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Sent,
    Stored,
}

/// A value as it is matched (docs/contract/README.md#45). Sources have names too, so that they are compared by both.
fn normal(field: FilterField, is_part: bool, value: String, when: When) -> Result<String, Invalid> {
    let normal = match field {
        FilterField::Page | FilterField::EntryPage if is_part => written_part(&value),
        FilterField::Page | FilterField::EntryPage => written_path(&value),
        FilterField::Hostname => value.parse::<Hostname>().map(|host| host.normal().to_owned()),
        _ => return Ok(value),
    };
    normal.or_else(|why| if when == When::Stored { Ok(value) } else { Err(why) })
}

fn read(field: FilterField, sent: &str, when: When) -> Result<Filter, Invalid> {
    let known = operators(field);
    let prefix = sent.split_once(':').filter(|(prefix, _)| {
        !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    });
    let (operator, values) = match prefix {
        Some((operator, values)) => match known.iter().find(|one| **one == operator) {
            Some(operator) => (*operator, values),
            None => {
                let operator = excerpt(operator);
                return Err(Invalid::new(format!(
                    "no operator \"{operator}\" here; there are {}. A value with a colon is written is:value",
                    known.join(", ")
                )));
            }
        },
        None => ("is", sent),
    };
    let test = match field {
        FilterField::VisitCount => counts(operator, values)?,
        _ => {
            let is_part = operator.contains("contain");
            let values = members(values, MOST_VALUES)?.into_iter().map(|value| normal(field, is_part, value, when));
            let values = values.collect::<Result<_, _>>()?;
            if is_part { Test::Contains(values) } else { Test::Is(values) }
        }
    };
    Ok(Filter { field, negated: matches!(operator, "is_not" | "does_not_contain"), test })
}

fn counts(operator: &str, sent: &str) -> Result<Test, Invalid> {
    let counts = members(sent, MOST_VALUES)?
        .iter()
        .map(|value| value.parse::<u32>().map(i64::from))
        .collect::<Result<Vec<_>, _>>();
    let counts = counts.map_err(|_| Invalid::new(format!("expected whole numbers, got \"{}\"", excerpt(sent))))?;
    Ok(match operator {
        "gte" => Test::AtLeast(counts.iter().copied().min().unwrap_or_default()),
        "lte" => Test::AtMost(counts.iter().copied().max().unwrap_or_default()),
        _ => Test::Equals(counts),
    })
}

/// The OpenAPI schema of the values of a filter without operators.
pub fn values_schema(field: FilterField, description: &str) -> schemars::Schema {
    let one = value_pattern(field);
    list_schema(&format!("{one}(,{one})"), MOST_LISTED, description)
}

/// The OpenAPI schema of a filter: an operator, if it is not `is`, and values.
pub fn filter_schema(field: FilterField, description: &str) -> schemars::Schema {
    let (operators, one) = (operators(field).join("|"), value_pattern(field));
    // What stands before a colon is an operator.
    let first = if one == ANY_VALUE { r"[^,:\s]+( [^,:\s]+)*" } else { one };
    list_schema(&format!("(({operators}):{one}|{first})(,{one})"), MOST_VALUES, description)
}

/// Words without commas.
const ANY_VALUE: &str = r"[^,\s]+( [^,\s]+)*";

const fn value_pattern(field: FilterField) -> &'static str {
    match field {
        FilterField::VisitCount => "[0-9]{1,9}",
        FilterField::Page | FilterField::EntryPage => r"/[^,?#*\\\s\x00-\x1f\x7f-\x9f]*",
        _ => ANY_VALUE,
    }
}

fn list_schema(list: &str, most: usize, description: &str) -> schemars::Schema {
    let more = most - 1;
    schemars::json_schema!({
        "type": "string",
        "description": format!("{description} At most {most} values."),
        "pattern": format!("^{list}{{0,{more}}}$"),
    })
}

/// The members of a comma-separated list; `name` is the parameter for errors.
pub fn values(name: &str, sent: &str) -> Result<Vec<String>, Error> {
    members(sent, MOST_LISTED).map_err(|why| Error::field(name, &why))
}

fn members(sent: &str, most: usize) -> Result<Vec<String>, Invalid> {
    let values: Vec<String> =
        sent.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect();
    match values.len() {
        0 => Err(Invalid::new("needs a value")),
        count if count <= most => Ok(values),
        count => Err(Invalid::new(format!("at most {most} values, got {count}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(field: FilterField, negated: bool, values: &[&str]) -> Filter {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Filter { field, negated, test: Test::Is(values) }
    }

    #[test]
    fn filters_are_read_with_and_without_prefix_and_operator() {
        for (query, expected) in [
            ("filter_country=US,Canada", is(FilterField::Country, false, &["US", "Canada"])),
            ("country=is_not%3AFrance", is(FilterField::Country, true, &["France"])),
            ("filter_goal=is:demo:book", is(FilterField::Goal, false, &["demo:book"])),
            ("filter_referrer=Direct%2FNone", is(FilterField::Referrer, false, &["Direct/None"])),
        ] {
            assert_eq!(filters(query).unwrap(), [expected], "{query}");
        }
        let contains = filters("filter_page=does_not_contain:/blog").unwrap();
        let test = Test::Contains(vec!["/blog".to_owned()]);
        assert_eq!(contains, [Filter { field: FilterField::Page, negated: true, test }]);
        let visits = filters("filter_visit_count=gte:3&limit=5&foo=bar").unwrap();
        assert_eq!(visits, [Filter { field: FilterField::VisitCount, negated: false, test: Test::AtLeast(3) }]);
    }

    #[test]
    fn pages_and_hosts_are_matched_in_normal_form() {
        for (query, expected) in [
            ("filter_page=/über/x,pricing", is(FilterField::Page, false, &["/%C3%BCber/x", "/pricing"])),
            ("filter_entry_page=is_not:/caf%25c3%25a9", is(FilterField::EntryPage, true, &["/caf%C3%A9"])),
            ("filter_hostname=Bücher.Example.", is(FilterField::Hostname, false, &["xn--bcher-kva.example"])),
            ("filter_referrer=bücher.example", is(FilterField::Referrer, false, &["bücher.example"])),
        ] {
            assert_eq!(filters(query).unwrap(), [expected], "{query}");
        }
        let parts = filters("filter_page=contains:über%20uns").unwrap();
        assert_eq!(parts[0].test, Test::Contains(vec!["%C3%BCber%20uns".to_owned()]));
        for never in
            ["page=is:/x?y=1", "page=is:https://d/x", "entry_page=contains:?x", "hostname=a%20b", "hostname=is:d:443"]
        {
            assert!(filters(never).is_err(), "{never}");
        }
        for stored in ["/x?y=1", "https:/", "a b"] {
            let stored = format!("is:{stored}");
            assert!(
                stored_filter(FilterField::Page, &stored).is_ok()
                    && stored_filter(FilterField::Hostname, &stored).is_ok()
            );
        }
    }

    #[test]
    fn a_request_has_at_most_20_filters() {
        let query = |count| vec!["filter_country=US"; count].join("&");
        assert_eq!(filters(&query(20)).unwrap().len(), 20);
        assert!(filters(&query(21)).is_err());
    }

    #[test]
    fn a_request_has_at_most_1_000_values_however_they_are_spread() {
        let values = |count: usize| (0..count).map(|number| format!("v{number}")).collect::<Vec<_>>().join(",");
        assert!(filters(&format!("filter_city={}", values(1_000))).is_ok());
        assert!(filters(&format!("filter_city={}", values(1_001))).is_err());
        let two = |more: usize| filters(&format!("filter_city={}&page=is_not:{}", values(600), values(400 + more)));
        assert!(two(0).is_ok() && two(1).is_err());
        assert!(super::values("country", &values(50)).is_ok() && super::values("country", &values(51)).is_err());
    }

    #[test]
    fn unknown_filters_are_refused_by_name() {
        for (query, part) in [
            ("filter_colour=red", "filter_colour: no such filter"),
            ("filter_country=like:U", "filter_country: no operator \"like\""),
            ("filter_country=contains:U", "filter_country: no operator \"contains\""),
            ("filter_page=", "filter_page: needs a value"),
            ("filter_page=is:", "filter_page: needs a value"),
            ("filter_visit_count=many", "filter_visit_count: expected whole numbers"),
        ] {
            match filters(query) {
                Err(Error::Refused { status: 400, message }) => assert!(message.starts_with(part), "{message}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
