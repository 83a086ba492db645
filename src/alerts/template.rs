//! The templates of an alert's messages: placeholders are checked when they are saved and filled in when they are sent
//! (docs/contract/automation.md#alerts-beyond-the-contract). Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::tracking::sanitize::property_name;
use sluice_values::{Invalid, Text, Timestamp, Verbatim, excerpt};

/// The subject of an alert's e-mail (docs/contract/README.md#10).
pub type Subject = Templated<Text<1, 200>>;
/// The text of an alert's message.
pub type MessageText = Templated<Verbatim<10, 2000>>;

/// Replaces a missing value.
const UNKNOWN: &str = "unknown";

/// The names of all placeholders but those of metadata.
const NAMES: [(&str, Placeholder<'static>); 15] = [
    ("goal", Placeholder::Goal),
    ("alert.name", Placeholder::AlertName),
    ("website.domain", Placeholder::WebsiteDomain),
    ("website.name", Placeholder::WebsiteName),
    ("visitor.id", Placeholder::VisitorId),
    ("visitor.country", Placeholder::VisitorCountry),
    ("visitor.city", Placeholder::VisitorCity),
    ("visitor.device", Placeholder::VisitorDevice),
    ("visitor.referrer", Placeholder::VisitorReferrer),
    ("value", Placeholder::Value),
    ("threshold", Placeholder::Threshold),
    ("metric", Placeholder::Metric),
    ("window", Placeholder::Window),
    ("count", Placeholder::Count),
    ("triggeredAt", Placeholder::TriggeredAt),
];

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder<'a> {
    Goal,
    AlertName,
    WebsiteDomain,
    WebsiteName,
    VisitorId,
    VisitorCountry,
    VisitorCity,
    VisitorDevice,
    VisitorReferrer,
    /// The property of the goal with this key.
    Metadata(&'a str),
    Value,
    Threshold,
    Metric,
    Window,
    Count,
    TriggeredAt,
}

impl<'a> Placeholder<'a> {
    fn named(name: &'a str) -> Result<Self, Invalid> {
        let name = name.trim();
        if let Some(key) = name.strip_prefix("metadata.").filter(|key| !key.is_empty()) {
            return Ok(Self::Metadata(key));
        }
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, placeholder)| *placeholder).ok_or_else(|| {
            let known: Vec<_> = NAMES.iter().map(|(known, _)| format!("{{{{{known}}}}}")).collect();
            let name = excerpt(name);
            Invalid::new(format!(
                "no placeholder {{{{{name}}}}}; there are {{{{metadata.<key>}}}}, {}",
                known.join(", ")
            ))
        })
    }
}

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Literal text.
    Text(&'a str),
    /// The text between the braces.
    Name(&'a str),
}

/// The parts of a template, in order. Unclosed braces are text; of several opening braces, the last ones count.
fn parts(template: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some(piece) = rest.find("{{").and_then(|open| {
        let close = open + 2 + rest.get(open + 2..)?.find("}}")?;
        let open = rest.get(..close)?.rfind("{{")?;
        Some((rest.get(..open)?, rest.get(open + 2..close)?, rest.get(close + 2..)?))
    }) {
        let (text, name, behind) = piece;
        parts.extend([Part::Text(text), Part::Name(name)]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The values of the placeholders of one message.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "they are the placeholders' own names")]
pub struct Facts {
    pub goal: Option<String>,
    pub alert_name: Option<String>,
    pub website_domain: Option<String>,
    pub website_name: Option<String>,
    pub visitor_id: Option<String>,
    pub visitor_country: Option<String>,
    pub visitor_city: Option<String>,
    pub visitor_device: Option<String>,
    pub visitor_referrer: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub value: Option<f64>,
    pub threshold: Option<f64>,
    pub metric: Option<String>,
    pub window: Option<String>,
    pub count: Option<u32>,
    pub triggered_at: Option<Timestamp>,
}

impl Facts {
    fn get(&self, placeholder: Placeholder<'_>) -> Cow<'_, str> {
        let text = |text: &'_ Option<String>| text.clone().map(Cow::Owned);
        let found: Option<Cow<'_, str>> = match placeholder {
            Placeholder::Goal => text(&self.goal),
            Placeholder::AlertName => text(&self.alert_name),
            Placeholder::WebsiteDomain => text(&self.website_domain),
            Placeholder::WebsiteName => text(&self.website_name),
            Placeholder::VisitorId => text(&self.visitor_id),
            Placeholder::VisitorCountry => text(&self.visitor_country),
            Placeholder::VisitorCity => text(&self.visitor_city),
            Placeholder::VisitorDevice => text(&self.visitor_device),
            Placeholder::VisitorReferrer => text(&self.visitor_referrer),
            Placeholder::Metadata(key) => {
                self.metadata.get(&key.to_ascii_lowercase()).map(|value| value.as_str().into())
            }
            Placeholder::Value => self.value.map(|value| value.to_string().into()),
            Placeholder::Threshold => self.threshold.map(|threshold| threshold.to_string().into()),
            Placeholder::Metric => text(&self.metric),
            Placeholder::Window => text(&self.window),
            Placeholder::Count => self.count.map(|count| count.to_string().into()),
            Placeholder::TriggeredAt => self.triggered_at.map(|moment| moment.to_string().into()),
        };
        found.filter(|text| !text.is_empty()).unwrap_or(UNKNOWN.into())
    }
}

/// The template with its placeholders filled in. Inserted values are not expanded again.
pub fn render(template: &str, facts: &Facts) -> String {
    let mut rendered = String::with_capacity(template.len());
    for part in parts(template) {
        match part {
            Part::Text(text) => rendered.push_str(text),
            Part::Name(name) => match Placeholder::named(name) {
                Ok(placeholder) => rendered.push_str(&facts.get(placeholder)),
                // Saved before placeholders were checked: shown unchanged.
                Err(_) => {
                    rendered.push_str("{{");
                    rendered.push_str(name);
                    rendered.push_str("}}");
                }
            },
        }
    }
    rendered
}

/// Whether all placeholders are known.
fn check(template: &str) -> Result<(), Invalid> {
    parts(template).iter().try_for_each(|part| match part {
        Part::Text(_) => Ok(()),
        Part::Name(name) => match Placeholder::named(name)? {
            // Goals have no property of another name, so the placeholder could never be filled in.
            Placeholder::Metadata(key) => property_name(key).map(|_| ()),
            _ => Ok(()),
        },
    })
}

/// A text whose placeholders are all known, stored as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Templated<T>(T);

/// A text that may be a template.
pub trait Template {
    /// The text.
    fn text(&self) -> &str;
}

impl<const MIN: usize, const MAX: usize> Template for Text<MIN, MAX> {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl<const MIN: usize, const MAX: usize> Template for Verbatim<MIN, MAX> {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl<T: Template> Templated<T> {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.text()
    }
}

impl<'de, T: Template + Deserialize<'de>> Deserialize<'de> for Templated<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = T::deserialize(from)?;
        check(text.text()).map_err(serde::de::Error::custom)?;
        Ok(Self(text))
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Templated<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = NAMES.iter().map(|(name, _)| format!("`{{{{{name}}}}}`")).collect();
        let mut schema = T::json_schema(generator);
        let description = format!(
            "Placeholders: {}, `{{{{metadata.<key>}}}}`; what has no value becomes `{UNKNOWN}`.",
            names.join(", ")
        );
        schema.insert("description".to_owned(), description.into());
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn facts() -> Facts {
        Facts {
            goal: Some("signup".into()),
            alert_name: Some("{{goal}}".into()),
            metadata: [("plan".to_owned(), "pro".to_owned())].into(),
            value: Some(12.0),
            threshold: Some(10.5),
            count: Some(3),
            visitor_city: Some(String::new()),
            triggered_at: Some(Timestamp::from_millis(1_779_321_600_000)),
            ..Facts::default()
        }
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        for (template, rendered) in [
            ("Nothing to fill in", "Nothing to fill in"),
            ("{{goal}} by {{visitor.id}}", "signup by unknown"),
            ("{{ goal }}", "signup"),
            ("{{alert.name}}!", "{{goal}}!"),
            ("{{metadata.plan}} {{metadata.size}}", "pro unknown"),
            ("{{metadata.Plan}} {{ metadata.PLAN }}", "pro pro"),
            ("{{value}} > {{threshold}} ({{count}}) in {{visitor.city}}", "12 > 10.5 (3) in unknown"),
            ("{{triggeredAt}}", "2026-05-21T00:00:00.000Z"),
            ("{{{goal}}}", "{signup}"),
            ("{{goal}", "{{goal}"),
            ("{{goal", "{{goal"),
            ("a {{ b {{goal}} c }}", "a {{ b signup c }}"),
            ("{goal} }} {{", "{goal} }} {{"),
        ] {
            assert_eq!(render(template, &facts()), rendered, "{template}");
            assert!(check(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_property_that_no_goal_can_have_is_refused() {
        let longest = format!("{{{{metadata.{}}}}}", "k".repeat(64));
        assert!(check(&longest).is_ok());
        for key in ["order id", "größe", "a.b", "a,b", &"k".repeat(65)] {
            let error = check(&format!("{{{{metadata.{key}}}}}")).unwrap_err().to_string();
            assert!(error.starts_with("a property's name has 1 to 64"), "{error}");
            // Saved before keys were checked.
            assert_eq!(render(&format!("{{{{metadata.{key}}}}}"), &facts()), UNKNOWN);
        }
    }

    #[test]
    fn unknown_placeholders_are_refused_by_name() {
        for (template, name) in [
            ("{{colour}}", "{{colour}}"),
            ("{{}}", "{{}}"),
            ("{{goal}} {{Goal}}", "{{Goal}}"),
            ("{{metadata.}}", "{{metadata.}}"),
            ("{{metadata}}", "{{metadata}}"),
        ] {
            let error = check(template).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("no placeholder {name}; there are {{{{metadata.<key>}}}}, {{{{goal}}}}")),
                "{error}"
            );
        }
        let refused = serde_json::from_value::<MessageText>("Hello, {{you}}, this is long".into()).unwrap_err();
        assert!(refused.to_string().starts_with("no placeholder {{you}}"));
    }

    proptest! {
        #[test]
        fn a_template_is_its_parts(template in "([{}a. ]|goal|\\{\\{|\\}\\}|é){0,12}") {
            let text: String = parts(&template)
                .iter()
                .map(|part| match part {
                    Part::Text(text) => (*text).to_owned(),
                    Part::Name(name) => format!("{{{{{name}}}}}"),
                })
                .collect();
            prop_assert_eq!(text, template);
        }

        #[test]
        fn text_without_placeholders_stays_as_it_is(text in "[^{]*") {
            prop_assert_eq!(render(&text, &facts()), text);
        }
    }
}
