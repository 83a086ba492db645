//! Filters choose sessions (docs/contract/reports.md#2).

use super::range::Range;
use super::sessions::{CAMPAIGN, Session, Store, country_name};

#[derive(Clone, Copy, Debug)]
pub enum Operator {
    Is,
    IsNot,
    Contains,
    DoesNotContain,
    AtLeast,
    AtMost,
}

pub struct Filter {
    /// `country`, `page`, `utm_source`…; `customer` stands for `isCustomer` of the visitors list.
    pub dimension: String,
    pub operator: Operator,
    pub values: Vec<String>,
}

const DIMENSIONS: [&str; 12] = [
    "country",
    "region",
    "city",
    "device",
    "browser",
    "os",
    "referrer",
    "page",
    "entry_page",
    "hostname",
    "goal",
    "visit_count",
];

/// The sessions that match the filters.
pub struct Selection {
    pub filtered: bool,
    chosen: Vec<bool>,
}

impl Selection {
    pub fn choose(store: &Store, filters: &[Filter], range: Range) -> Selection {
        let chosen = store.sessions.iter().map(|session| filters.iter().all(|f| f.lets(store, session, range)));
        Selection { filtered: !filters.is_empty(), chosen: chosen.collect() }
    }

    /// Whether something in this session counts; what has no session counts only without filters
    /// (docs/contract/reports.md#4).
    pub fn has(&self, session: Option<usize>) -> bool {
        match session {
            Some(index) => self.chosen[index],
            None => !self.filtered,
        }
    }

    pub fn sessions<'a>(&'a self, store: &'a Store) -> impl Iterator<Item = &'a Session> {
        store.sessions.iter().enumerate().filter(|(index, _)| self.chosen[*index]).map(|(_, session)| session)
    }
}

impl Filter {
    /// A filter of an analytics route, `filter_x` or plain `x` (docs/contract/README.md#23); `None` for any other
    /// parameter.
    pub fn analytics(name: &str, value: &str) -> Option<Filter> {
        let dimension = name.strip_prefix("filter_").unwrap_or(name);
        if !DIMENSIONS.contains(&dimension) && !CAMPAIGN.contains(&dimension) {
            return None;
        }
        let (operator, values) = match value.split_once(':') {
            None => (Operator::Is, value),
            Some(("is", values)) => (Operator::Is, values),
            Some(("is_not", values)) => (Operator::IsNot, values),
            Some(("contains", values)) => (Operator::Contains, values),
            Some(("does_not_contain", values)) => (Operator::DoesNotContain, values),
            Some(("gte", values)) => (Operator::AtLeast, values),
            Some(("lte", values)) => (Operator::AtMost, values),
            Some((other, _)) => panic!("unknown operator {other}"),
        };
        Some(Filter::new(dimension, operator, values))
    }

    /// A filter of the visitors list.
    pub fn visitors(name: &str, value: &str) -> Option<Filter> {
        Some(match name {
            "visitedPage" | "page" => Filter::new("page", Operator::Is, value),
            "visitedPageContains" | "pageContains" => Filter::new("page", Operator::Contains, value),
            "completedGoal" | "goal" => Filter::new("goal", Operator::Is, value),
            "isCustomer" | "hasRevenue" => Filter::new("customer", Operator::Is, value),
            "country" | "region" | "city" | "browser" | "os" | "device" | "referrer" | "hostname" => {
                Filter::new(name, Operator::Is, value)
            }
            _ if CAMPAIGN.contains(&name) => Filter::new(name, Operator::Is, value),
            _ => return None,
        })
    }

    fn new(dimension: &str, operator: Operator, values: &str) -> Filter {
        let values = values.split(',').map(str::to_owned).collect();
        Filter { dimension: dimension.to_owned(), operator, values }
    }

    fn lets(&self, store: &Store, session: &Session, range: Range) -> bool {
        let is = |value: &String| self.is(store, session, range, value);
        let contains = |value: &String| self.contains(session, value);
        let visits = store.visits(&session.visitor);
        match self.operator {
            Operator::Is => self.values.iter().any(is),
            Operator::IsNot => !self.values.iter().any(is),
            Operator::Contains => self.values.iter().any(contains),
            Operator::DoesNotContain => !self.values.iter().any(contains),
            Operator::AtLeast => self.values.iter().any(|value| visits >= value.parse().unwrap()),
            Operator::AtMost => self.values.iter().any(|value| visits <= value.parse().unwrap()),
        }
    }

    /// Names match in any case; paths, goal names and ids exactly (docs/contract/reports.md#2).
    fn is(&self, store: &Store, session: &Session, range: Range, value: &str) -> bool {
        let named = |name: Option<&str>| name.is_some_and(|name| name.to_lowercase() == value.to_lowercase());
        match self.dimension.as_str() {
            "country" => {
                let code = session.country();
                named(code) || named(code.map(country_name)) || code == Some("US") && named(Some("United States"))
            }
            "region" => named(session.region()) || named(session.region_code()),
            "city" => named(session.city()),
            "device" => named(session.device()),
            "browser" => named(session.browser()),
            "os" => named(session.os()),
            "referrer" => match &session.referrer {
                None => named(Some("Direct/None")),
                Some((name, host)) => named(Some(name)) || named(Some(host)) || named(Some(&format!("www.{host}"))),
            },
            "page" => session.pageviews().any(|view| view.path == value),
            "entry_page" => session.pageviews().next().is_some_and(|view| view.path == value),
            // docs/contract/reports.md#2 and #3: every host that the session touched.
            "hostname" => session.hosts().into_iter().any(|host| named(Some(host))),
            "goal" => store.completed(&session.visitor, value, range.from, range.to),
            "visit_count" => store.visits(&session.visitor) == value.parse::<i64>().unwrap(),
            "customer" => store.is_customer(&session.visitor) == (value == "true"),
            key => named(session.campaign(key)),
        }
    }

    fn contains(&self, session: &Session, value: &str) -> bool {
        match self.dimension.as_str() {
            "page" => session.pageviews().any(|view| view.path.contains(value)),
            "entry_page" => session.pageviews().next().is_some_and(|view| view.path.contains(value)),
            other => panic!("{other} has no contains"),
        }
    }
}
