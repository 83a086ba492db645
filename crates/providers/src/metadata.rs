//! Whose a payment is, as the seller wrote it into metadata (docs/contract/providers.md#2.5).

use serde_json::Value;

use sluice_values::{SessionId, VisitorId, WebsiteName};

/// What metadata says: of several places, the first that names a visitor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explicit {
    pub visitor: Option<VisitorId>,
    pub session: Option<SessionId>,
    /// The website that the payment is said to be of.
    pub website: Option<WebsiteName>,
}

impl Explicit {
    /// Reads an object of names and values.
    pub fn of(metadata: Option<&Value>) -> Self {
        Self::read(|name| metadata?.get(name)?.as_str())
    }

    /// Reads a shop's list of names and values. Shops keep names with an underscore in front from customers.
    pub fn of_list(list: Option<&Value>, name_field: &str) -> Self {
        let entries = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let find = |name: &str| {
            let entry = entries.iter().find(|entry| entry.get(name_field).and_then(Value::as_str) == Some(name))?;
            entry.get("value")?.as_str()
        };
        Self::read(|name| find(&format!("_{name}")).or_else(|| find(name)))
    }

    fn read<'a>(find: impl Fn(&str) -> Option<&'a str>) -> Self {
        let sent = |name: &str| find(name).map(str::trim).filter(|text| !text.is_empty());
        Self {
            visitor: sent("datafast_visitor_id").and_then(|id| id.parse().ok()),
            session: sent("datafast_session_id").and_then(|id| id.parse().ok()),
            website: sent("datafast_website_id").and_then(|id| id.parse().ok()),
        }
    }

    /// A text that may be a visitor's id and may be anything else.
    pub fn reference(text: Option<&str>) -> Self {
        Self { visitor: text.and_then(|text| text.parse().ok()), ..Self::default() }
    }

    /// This, or what a place of lower rank says. A session is only believed beside its visitor.
    #[must_use]
    pub fn or(self, lower: Self) -> Self {
        let website = self.website.or(lower.website);
        match (self.visitor, lower.visitor) {
            (None, Some(_)) => Self { website, ..lower },
            (None, None) => Self { visitor: None, session: self.session.or(lower.session), website },
            (Some(_), _) => Self { visitor: self.visitor, session: self.session, website },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const V1: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
    const V2: &str = "c971cbbf-7ce2-4925-902b-8f95a5fb3449";

    #[test]
    fn the_first_place_that_names_a_visitor_wins() {
        let first = Explicit::of(Some(&json!({ "datafast_visitor_id": V1 })));
        let second = Explicit::of(Some(&json!({ "datafast_visitor_id": V2, "datafast_session_id": "s2" })));
        let both = first.clone().or(second.clone());
        assert_eq!((both.visitor, both.session), (Some(V1.parse().unwrap()), None));
        let silent = Explicit::of(Some(&json!({ "datafast_session_id": "s0" })));
        assert_eq!(silent.or(second.clone()), second);
        assert_eq!(Explicit::reference(Some("user_42")).or(second.clone()), second);
        assert_eq!(Explicit::reference(Some(V1)).visitor, first.visitor);
    }

    #[test]
    fn what_is_no_visitor_is_as_if_it_were_not_there() {
        for metadata in [
            json!(null),
            json!([]),
            json!("text"),
            json!({ "datafast_visitor_id": "user_42" }),
            json!({ "datafast_visitor_id": 42 }),
            json!({ "datafast_visitor_id": " ", "datafast_session_id": "" }),
        ] {
            assert_eq!(Explicit::of(Some(&metadata)), Explicit::default(), "{metadata}");
        }
        assert_eq!(Explicit::of(None), Explicit::default());
    }

    #[test]
    fn shops_have_lists_with_and_without_an_underscore() {
        let list =
            json!([{ "key": "datafast_visitor_id", "value": V2 }, { "key": "_datafast_visitor_id", "value": V1 }]);
        assert_eq!(Explicit::of_list(Some(&list), "key").visitor, Some(V1.parse().unwrap()));
        let list = json!([{ "name": "datafast_visitor_id", "value": V2 }, { "value": 7 }]);
        assert_eq!(Explicit::of_list(Some(&list), "name").visitor, Some(V2.parse().unwrap()));
    }
}
