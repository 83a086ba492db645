//! `--filter page:contains=/docs` and the flags of single filters become the API's parameters
//! (docs/contract/cli.md#5-filters-analytics-funnels-view).

use crate::failure::{Failure, Outcome};

/// The operators, as the API spells them.
const OPERATORS: [&str; 6] = ["is", "is_not", "contains", "does_not_contain", "gte", "lte"];

/// `key:operator=value` or `key=value` as key and value of a parameter, without its prefix.
pub fn parse(filter: &str) -> Outcome<(String, String)> {
    let wrong = || {
        Failure::usage(format!("--filter {filter}: a filter is key=value or key:operator=value"))
            .hint("--filter page:contains=/docs")
    };
    let (left, value) = filter.split_once('=').ok_or_else(wrong)?;
    let (key, operator) = left.split_once(':').map_or((left, None), |(key, operator)| (key, Some(operator)));
    if key.is_empty() || value.is_empty() {
        return Err(wrong());
    }
    let key = key.replace('-', "_");
    Ok((key, operator.map_or_else(|| value.to_owned(), |operator| format!("{operator}:{value}"))))
}

/// Filters with the same key: alternatives where their operator is the same.
pub fn merge(filters: Vec<(String, String)>) -> Outcome<Vec<(String, String)>> {
    let mut merged: Vec<(String, String)> = Vec::new();
    for (key, value) in filters {
        let Some((_, known)) = merged.iter_mut().find(|(name, _)| *name == key) else {
            merged.push((key, value));
            continue;
        };
        let (operator, rest) = split(&value);
        if split(known).0 != operator {
            return Err(Failure::usage(format!("{key} is filtered with two operators: {known} and {value}")));
        }
        known.push(',');
        known.push_str(rest);
    }
    Ok(merged)
}

fn split(value: &str) -> (&str, &str) {
    match value.split_once(':') {
        Some((operator, rest)) if OPERATORS.contains(&operator) => (operator, rest),
        _ => ("is", value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_filter_is_a_parameter() {
        assert_eq!(parse("page:contains=/docs").expect("a filter"), pair("page", "contains:/docs"));
        assert_eq!(parse("country=US,CA").expect("a filter"), pair("country", "US,CA"));
        assert_eq!(parse("utm-source=a=b").expect("a filter"), pair("utm_source", "a=b"));
        for wrong in ["page", "=x", "page=", ":is=x", ""] {
            assert_eq!(parse(wrong).expect_err(wrong).code, 2, "{wrong}");
        }
    }

    #[test]
    fn the_same_key_twice_is_a_list_of_alternatives() {
        let merged = merge(vec![pair("country", "US"), pair("os", "iOS"), pair("country", "is:CA")]).expect("merged");
        assert_eq!(merged, [pair("country", "US,CA"), pair("os", "iOS")]);
        let not = merge(vec![pair("page", "is_not:/a"), pair("page", "is_not:/b")]).expect("merged");
        assert_eq!(not, [pair("page", "is_not:/a,/b")]);
        assert_eq!(merge(vec![pair("page", "contains:/a"), pair("page", "/b")]).expect_err("two").code, 2);
        // A port is no operator.
        let ports = merge(vec![pair("hostname", "a:80"), pair("hostname", "b:80")]).expect("merged");
        assert_eq!(ports, [pair("hostname", "a:80,b:80")]);
    }
}
