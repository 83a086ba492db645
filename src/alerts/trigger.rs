//! The trigger of an alert: a goal, or a metric that crosses a threshold
//! (docs/contract/automation.md#alerts-beyond-the-contract). Pure.
//!
//! Stored as JSON in `alerts.condition`, and sent in webhooks. Types and fields may be added, a field with a default for
//! the rows that lack it; nothing is renamed. Reading a stored trigger and writing it again gives the same text, because an
//! update compares texts to see whether the trigger changes.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::http::error::Error;
use crate::http::input::Patch;
use crate::reports::filters;
pub use sluice_engine::reports::measure::Metric;
use sluice_engine::selection::{Filter, FilterField, Test};
use sluice_values::{Decimal, Duration, SpelledGoalName, display_names, excerpt};

/// The window that a metric is measured over.
pub type Window = Duration<5, 43_200>;
/// How long the comparison must hold before the alert fires.
pub type For = Duration<0, 1440>;

/// The trigger of an alert.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(inline)]
pub enum Trigger {
    /// A visitor completes a goal.
    Goal(GoalTrigger),
    /// A metric of the website crosses a threshold.
    Metric(MetricTrigger),
}

/// A visitor completes this goal.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct GoalTrigger {
    pub goal_name: SpelledGoalName,
}

/// A metric crosses a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct MetricTrigger {
    pub metric: Metric,
    /// One goal, for the metrics `goals` and `conversion_rate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_name: Option<SpelledGoalName>,
    /// Which sessions count: the filters of reports, named without `filter_`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Filters>,
    /// The time up to now over which the metric is measured.
    pub window: Window,
    pub comparison: Comparison,
    #[serde(serialize_with = "as_decimal")]
    pub threshold: f64,
    /// How long the comparison must hold without interruption.
    pub r#for: For,
    pub no_data: NoData,
}

/// How the metric is compared with the threshold; all comparisons are strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Comparison {
    /// The metric is above the threshold.
    Above,
    /// The metric is below the threshold.
    Below,
    /// The metric rose by more than the threshold, in percent of the window just before.
    IncreasePct,
    /// The metric fell by more than the threshold, in percent of the window just before.
    DecreasePct,
}

impl Comparison {
    /// Whether the window just before is measured too.
    pub const fn has_base(self) -> bool {
        matches!(self, Self::IncreasePct | Self::DecreasePct)
    }
}

/// How an alert treats missing data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum NoData {
    /// The comparison does not hold.
    #[default]
    Ok,
    /// The comparison holds.
    Alert,
    /// The alert keeps its state.
    Keep,
}

/// Filters by their names: as they were sent, which is how they are stored and shown, and parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Filters {
    sent: BTreeMap<String, String>,
    parsed: Vec<Filter>,
}

impl Filters {
    pub fn parsed(&self) -> &[Filter] {
        &self.parsed
    }
}

impl<'de> Deserialize<'de> for Filters {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        /// The value of one filter, parsed while its name is still known, so that errors name it.
        struct Value(FilterField);

        impl<'de> DeserializeSeed<'de> for Value {
            type Value = (String, Filter);

            fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
                let sent = String::deserialize(from)?;
                let parsed = filters::stored_filter(self.0, &sent).map_err(D::Error::custom)?;
                Ok((sent, parsed))
            }
        }

        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Filters;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object such as {\"country\":\"US\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Filters, A::Error> {
                let mut filters = Filters { sent: BTreeMap::new(), parsed: Vec::new() };
                while let Some(name) = map.next_key::<String>()? {
                    let Some(field) = filters::named(&name) else {
                        let known: Vec<_> = filters::names().collect();
                        let (name, known) = (excerpt(&name), known.join(", "));
                        return Err(A::Error::custom(format!("no filter \"{name}\"; there are {known}")));
                    };
                    let (sent, parsed) = map.next_value_seed(Value(field))?;
                    if filters.sent.insert(name, sent).is_some() {
                        return Err(A::Error::custom("the same filter twice"));
                    }
                    filters.parsed.push(parsed);
                }
                Ok(filters)
            }
        }

        from.deserialize_map(All)
    }
}

impl Serialize for Filters {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.sent.serialize(to)
    }
}

impl schemars::JsonSchema for Filters {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Filters".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = serde_json::json!({ "type": "string", "minLength": 1 });
        let properties: serde_json::Map<_, _> = filters::names().map(|name| (name.to_owned(), value.clone())).collect();
        schemars::json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

fn as_decimal<N: Copy + Into<f64>, S: serde::Serializer>(number: &N, to: S) -> Result<S::Ok, S::Error> {
    Decimal((*number).into()).serialize(to)
}

// ---- Parsing

/// The kinds of trigger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum TriggerType {
    /// A visitor completes a goal.
    #[default]
    Goal,
    /// A number crosses a threshold.
    Metric,
}

impl TriggerType {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::Metric => "metric",
        }
    }
}

/// A trigger of either kind, as loose as JSON allows, so that errors can name what the kind requires.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AnyTrigger {
    r#type: Option<TriggerType>,
    goal_name: Option<SpelledGoalName>,
    metric: Option<Metric>,
    filters: Option<Filters>,
    window: Option<Window>,
    comparison: Option<Comparison>,
    threshold: Option<f64>,
    r#for: Option<For>,
    no_data: Option<NoData>,
}

/// Why fields do not make a trigger.
#[derive(Debug, PartialEq, Eq)]
struct Misfit {
    field: &'static str,
    /// `None` if the field is missing.
    why: Option<&'static str>,
}

impl fmt::Display for Misfit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            // Worded as serde does, which `http::input` turns into the message for clients.
            None => write!(to, "missing field `{}`", self.field),
            Some(why) => write!(to, "{}: {why}", self.field),
        }
    }
}

impl From<Misfit> for Error {
    fn from(Misfit { field, why }: Misfit) -> Self {
        Self::bad_request(format!("trigger.{field}: {}", why.unwrap_or("required, but missing")))
    }
}

impl TryFrom<AnyTrigger> for Trigger {
    type Error = Misfit;

    fn try_from(sent: AnyTrigger) -> Result<Self, Misfit> {
        let missing = |field| Misfit { field, why: None };
        if sent.r#type.unwrap_or_default() == TriggerType::Goal {
            let goal_name = sent.goal_name.ok_or(missing("goalName"))?;
            return Ok(Self::Goal(GoalTrigger { goal_name }));
        }
        let metric = sent.metric.ok_or(missing("metric"))?;
        if sent.goal_name.is_some() && !metric.may_be_of_one_goal() {
            let why = "only for the metrics goals and conversion_rate; leave it out, or send null to drop it";
            return Err(Misfit { field: "goalName", why: Some(why) });
        }
        Ok(Self::Metric(MetricTrigger {
            metric,
            goal_name: sent.goal_name,
            filters: sent.filters,
            window: sent.window.ok_or(missing("window"))?,
            comparison: sent.comparison.ok_or(missing("comparison"))?,
            threshold: sent.threshold.ok_or(missing("threshold"))?,
            r#for: sent.r#for.unwrap_or(For::of_minutes(0)),
            no_data: sent.no_data.unwrap_or_default(),
        }))
    }
}

impl<'de> Deserialize<'de> for Trigger {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        AnyTrigger::deserialize(from)?.try_into().map_err(D::Error::custom)
    }
}

impl MetricTrigger {
    /// Refuses a rule that can never fire (a stored one may be such a rule).
    fn can_fire(&self) -> Result<(), Error> {
        let refused = |field: &str, why: String| Err(Error::bad_request(format!("trigger.{field}: {why}")));
        let threshold = self.threshold;
        let is_rate = self.metric.is_rate();
        let has_no_floor = self.metric == Metric::Revenue;
        let why = match self.comparison {
            Comparison::Above | Comparison::Below if is_rate && !(0.0..=100.0).contains(&threshold) => {
                "a rate lies between 0 and 100"
            }
            Comparison::Above if is_rate && threshold >= 100.0 => "a rate is never above 100",
            Comparison::Below if !has_no_floor && threshold <= 0.0 => "the metric is never below 0",
            Comparison::DecreasePct if threshold > 100.0 || !has_no_floor && threshold >= 100.0 => {
                "a metric never falls by more than 100 percent"
            }
            _ => "",
        };
        if !why.is_empty() {
            let threshold = Decimal(threshold);
            let threshold = serde_json::to_string(&threshold).unwrap_or_default();
            return refused("threshold", format!("{why}, so this rule could never fire, got {threshold}"));
        }
        let Some(filters) = &self.filters else { return Ok(()) };
        for (name, sent) in &filters.sent {
            let Some(field) = filters::named(name) else { continue };
            let field_name = format!("filters.{name}");
            let filter = match filters::filter(field, sent) {
                Ok(filter) => filter,
                Err(why) => return refused(&field_name, why.to_string()),
            };
            if field == FilterField::Country
                && let Test::Is(countries) = &filter.test
                && let Some(unknown) = countries.iter().find(|country| display_names::country_of(country).is_none())
            {
                return refused(&field_name, format!("no country \"{}\"; give its code or its name", excerpt(unknown)));
            }
        }
        filters::limited(filters.parsed.clone()).map(|_| ())
    }
}

impl Trigger {
    /// This trigger, if it can ever fire.
    pub fn possible(self) -> Result<Self, Error> {
        if let Self::Metric(metric) = &self {
            metric.can_fire()?;
        }
        Ok(self)
    }

    pub fn kind(&self) -> TriggerType {
        match self {
            Self::Goal(_) => TriggerType::Goal,
            Self::Metric(_) => TriggerType::Metric,
        }
    }

    pub fn threshold(&self) -> Option<f64> {
        match self {
            Self::Goal(_) => None,
            Self::Metric(metric) => Some(metric.threshold),
        }
    }

    /// The goal that the trigger is about, if it is about one.
    pub fn goal_name(&self) -> Option<&str> {
        match self {
            Self::Goal(goal) => Some(goal.goal_name.as_str()),
            Self::Metric(metric) => metric.goal_name.as_ref().map(SpelledGoalName::as_str),
        }
    }

    fn into_fields(self) -> AnyTrigger {
        let kind = Some(self.kind());
        match self {
            Self::Goal(goal) => AnyTrigger { r#type: kind, goal_name: Some(goal.goal_name), ..AnyTrigger::default() },
            Self::Metric(metric) => AnyTrigger {
                r#type: kind,
                goal_name: metric.goal_name,
                metric: Some(metric.metric),
                filters: metric.filters,
                window: Some(metric.window),
                comparison: Some(metric.comparison),
                threshold: Some(metric.threshold),
                r#for: Some(metric.r#for),
                no_data: Some(metric.no_data),
            },
        }
    }
}

/// What sets an alert off: a goal, or a metric that crosses a threshold.
// The trigger of a request, where fields with a default may be left out. Only the document needs it.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub enum SentTrigger {
    /// A visitor completes a goal.
    Goal(SentGoal),
    /// A metric of the website crosses a threshold.
    Metric(Box<SentMetric>),
}

/// A visitor completes this goal.
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", inline)]
#[expect(dead_code, reason = "for the document alone")]
pub struct SentGoal {
    #[schemars(default)]
    r#type: GoalWord,
    goal_name: SpelledGoalName,
}

#[derive(Default, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
enum GoalWord {
    #[default]
    Goal,
}

#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "for the document alone")]
enum MetricWord {
    Metric,
}

/// A metric crosses a threshold.
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", inline)]
#[expect(dead_code, reason = "for the document alone")]
pub struct SentMetric {
    r#type: MetricWord,
    metric: Metric,
    /// One goal, for the metrics `goals` and `conversion_rate`.
    goal_name: Option<SpelledGoalName>,
    /// Which sessions count: the filters of reports, named without `filter_`.
    filters: Option<Filters>,
    /// The time up to now over which the metric is measured.
    window: Window,
    comparison: Comparison,
    threshold: f64,
    /// How long the comparison must hold without interruption; left out: `0m`.
    r#for: Option<For>,
    /// Left out: `ok`.
    no_data: Option<NoData>,
}

// ---- Changing

/// A change of a trigger. A complete trigger, its type included, replaces the old one. Anything else changes the fields
/// that it names, and `null` removes optional ones.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(inline)]
pub struct UpdateTrigger {
    r#type: Patch<TriggerType>,
    goal_name: Patch<Option<SpelledGoalName>>,
    metric: Patch<Metric>,
    filters: Patch<Option<Filters>>,
    window: Patch<Window>,
    comparison: Patch<Comparison>,
    threshold: Patch<f64>,
    r#for: Patch<Option<For>>,
    no_data: Patch<Option<NoData>>,
}

impl UpdateTrigger {
    /// The trigger, if this names its type and is complete.
    pub fn complete(&self) -> Option<Trigger> {
        self.r#type.as_set()?;
        self.over(AnyTrigger::default()).ok()
    }

    /// The trigger that this change makes of the stored one.
    pub fn onto(&self, stored: Trigger) -> Result<Trigger, Error> {
        let is_of_another_type = self.r#type.as_set().is_some_and(|kind| *kind != stored.kind());
        let fields = if is_of_another_type { AnyTrigger::default() } else { stored.into_fields() };
        Ok(self.over(fields)?)
    }

    fn over(&self, stored: AnyTrigger) -> Result<Trigger, Misfit> {
        fn set<T: Clone>(patch: &Patch<T>, stored: Option<T>) -> Option<T> {
            patch.as_set().cloned().or(stored)
        }
        fn clear<T: Clone>(patch: &Patch<Option<T>>, stored: Option<T>) -> Option<T> {
            patch.as_set().map_or(stored, Clone::clone)
        }
        AnyTrigger {
            r#type: set(&self.r#type, stored.r#type),
            goal_name: clear(&self.goal_name, stored.goal_name),
            metric: set(&self.metric, stored.metric),
            filters: clear(&self.filters, stored.filters),
            window: set(&self.window, stored.window),
            comparison: set(&self.comparison, stored.comparison),
            threshold: set(&self.threshold, stored.threshold),
            r#for: clear(&self.r#for, stored.r#for),
            no_data: clear(&self.no_data, stored.no_data),
        }
        .try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::input::parse_value;
    use serde_json::{Value, json};

    fn parse(sent: &Value) -> Result<Trigger, String> {
        #[derive(Deserialize)]
        struct Body {
            trigger: Trigger,
        }
        let parsed = parse_value::<Body>(json!({ "trigger": sent })).map(|body| body.trigger);
        parsed.map_err(message)
    }

    fn message(error: Error) -> String {
        match error {
            Error::Refused { status: 400, message } => message,
            other => panic!("{other:?}"),
        }
    }

    fn metric() -> Value {
        json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10 })
    }

    fn with(fields: &Value) -> Value {
        let mut trigger = metric();
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        trigger
    }

    #[test]
    fn a_rule_that_can_never_fire_is_refused() {
        let possible = |fields: Value| parse(&with(&fields)).unwrap().possible().map(|_| ()).map_err(message);
        for (metric, comparison, threshold, is_possible) in [
            ("bounce_rate", "above", 101.0, false),
            ("bounce_rate", "above", 100.0, false),
            ("bounce_rate", "above", 99.99, true),
            ("bounce_rate", "above", -1.0, false),
            ("bounce_rate", "below", 0.0, false),
            ("bounce_rate", "below", 100.0, true),
            ("bounce_rate", "below", 101.0, false),
            ("conversion_rate", "above", 150.0, false),
            ("conversion_rate", "increase_pct", 150.0, true),
            ("visitors", "below", 0.0, false),
            ("visitors", "below", -3.0, false),
            ("visitors", "below", 1.0, true),
            ("visitors", "above", 0.0, true),
            ("visitors", "decrease_pct", 150.0, false),
            ("visitors", "decrease_pct", 100.0, false),
            ("visitors", "decrease_pct", 99.0, true),
            ("revenue", "below", -5.0, true),
            ("revenue", "decrease_pct", 100.0, true),
            ("revenue", "decrease_pct", 100.5, false),
        ] {
            let fields = json!({ "metric": metric, "comparison": comparison, "threshold": threshold });
            assert_eq!(possible(fields.clone()).is_ok(), is_possible, "{fields}");
        }
        for (filters, part) in [
            (json!({ "country": "Atlantis" }), "trigger.filters.country: no country \"Atlantis\""),
            (json!({ "country": "is_not:US,ZZ" }), "no country \"ZZ\""),
            (json!({ "page": "/cart?x=1" }), "trigger.filters.page: \"/cart?x=1\" never matches"),
            (json!({ "entry_page": "is:https://d/x" }), "trigger.filters.entry_page:"),
            (json!({ "hostname": "a b" }), "trigger.filters.hostname:"),
        ] {
            let refused = possible(json!({ "filters": filters })).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
        possible(json!({ "filters": { "country": "Kosovo,EU,Iran", "page": "/über", "hostname": "Bücher.example" } }))
            .unwrap();
    }

    #[test]
    fn a_trigger_comes_back_as_it_was_sent_with_its_defaults() {
        let goal = parse(&json!({ "goalName": " SignUp " })).unwrap();
        assert_eq!(json!(goal), json!({ "type": "goal", "goalName": "signup" }));
        assert_eq!(json!(parse(&metric()).unwrap()), with(&json!({ "for": "0m", "noData": "ok" })));
        let full = with(
            &json!({ "metric": "goals", "goalName": "signup", "for": "60m", "noData": "keep", "window": "24h",
            "filters": { "country": "US,CA", "page": "contains:/blog" }, "threshold": 1.5, "comparison": "decrease_pct" }),
        );
        let read = parse(&full).unwrap();
        assert_eq!(json!(read), full);
        assert_eq!(serde_json::from_str::<Trigger>(&json!(read).to_string()).unwrap(), read, "as it is stored");
        let Trigger::Metric(read) = read else { panic!("a metric") };
        let values = |list: &[&str]| list.iter().map(|value| (*value).to_owned()).collect();
        let filters = [
            Filter { field: FilterField::Country, negated: false, test: Test::Is(values(&["US", "CA"])) },
            Filter { field: FilterField::Page, negated: false, test: Test::Contains(values(&["/blog"])) },
        ];
        assert_eq!(read.filters.unwrap().parsed(), filters);
    }

    #[test]
    fn errors_name_the_field_of_a_wrong_trigger() {
        for (sent, expected) in [
            (json!({}), "trigger.goalName: required"),
            (json!("signup"), "trigger: "),
            (json!({ "type": "metric" }), "trigger.metric: required"),
            (json!({ "type": "moon" }), "trigger.type: unknown value `moon`, expected `goal` or `metric`"),
            (with(&json!({ "metric": "moons" })), "trigger.metric: unknown value"),
            (with(&json!({ "comparison": "near" })), "trigger.comparison: unknown value"),
            (with(&json!({ "noData": "what" })), "trigger.noData: unknown value"),
            (with(&json!({ "window": "4m" })), "trigger.window: expected a time from 5m to 30d"),
            (with(&json!({ "window": "31d" })), "trigger.window: "),
            (with(&json!({ "window": null })), "trigger.window: required"),
            (with(&json!({ "for": "25h" })), "trigger.for: expected a time from 0m to 1d"),
            (with(&json!({ "threshold": "10" })), "trigger.threshold: "),
            (with(&json!({ "threshold": null })), "trigger.threshold: required"),
            (with(&json!({ "goalName": "signup" })), "trigger: goalName: only for the metrics"),
            (with(&json!({ "metric": "goals", "goalName": "!" })), "trigger.goalName: a goal name has"),
            (
                with(&json!({ "filters": { "colour": "red" } })),
                "trigger.filters: no filter \"colour\"; there are country",
            ),
            (with(&json!({ "filters": { "filter_country": "US" } })), "trigger.filters: no filter"),
            (with(&json!({ "filters": { "country": "" } })), "trigger.filters.country: needs a value"),
            (with(&json!({ "filters": { "country": 7 } })), "trigger.filters.country: expected a string, got 7"),
            (with(&json!({ "filters": { "country": "like:U" } })), "trigger.filters.country: no operator \"like\""),
            (with(&json!({ "filters": "US" })), "trigger.filters: "),
        ] {
            let error = parse(&sent).unwrap_err();
            assert!(error.starts_with(expected), "{sent}: {error}");
        }
    }

    #[test]
    fn a_change_is_applied_to_the_old_trigger_unless_it_is_complete() {
        let goal = json!({ "type": "goal", "goalName": "signup" });
        let full = with(
            &json!({ "metric": "goals", "goalName": "signup", "filters": { "os": "iOS" }, "for": "5m", "noData": "ok" }),
        );
        let became = |stored: &Value, patch: Value| {
            let patch: UpdateTrigger = parse_value(patch).map_err(message)?;
            let stored = serde_json::from_value(stored.clone()).unwrap();
            patch.complete().map_or_else(|| patch.onto(stored), Ok).map(|trigger| json!(trigger)).map_err(message)
        };
        let changed = |fields: Value| {
            let mut trigger = full.clone();
            for (name, value) in fields.as_object().unwrap() {
                if value.is_null() {
                    trigger.as_object_mut().unwrap().remove(name);
                } else {
                    trigger[name] = value.clone();
                }
            }
            Ok(trigger)
        };
        assert_eq!(became(&goal, json!({ "goalName": "Buy" })).unwrap()["goalName"], "buy");
        assert_eq!(became(&full, json!({ "threshold": 3 })), changed(json!({ "threshold": 3 })));
        assert_eq!(became(&full, json!({ "goalName": "buy" })), changed(json!({ "goalName": "buy" })));
        assert_eq!(
            became(&full, json!({ "filters": null, "goalName": null })),
            changed(json!({ "filters": null, "goalName": null }))
        );
        assert_eq!(became(&full, json!({ "window": null, "threshold": 3 })), changed(json!({ "threshold": 3 })));
        assert_eq!(became(&full, json!({ "for": null })), changed(json!({ "for": "0m" })));
        assert_eq!(became(&full, json!({ "type": "metric", "threshold": 3 })), changed(json!({ "threshold": 3 })));
        assert_eq!(
            became(&full, metric()),
            Ok(with(&json!({ "for": "0m", "noData": "ok" }))),
            "nothing of the old is left"
        );
        assert_eq!(became(&full, goal.clone()), Ok(goal.clone()));
        assert_eq!(became(&goal, full.clone()), Ok(full.clone()));
        for (stored, patch, expected) in [
            (&goal, json!({ "goalName": null }), "trigger.goalName: required"),
            (&goal, json!({ "type": "metric" }), "trigger.metric: required"),
            (&goal, json!({ "type": "metric", "metric": "visitors" }), "trigger.window: required"),
            (&full, json!({ "type": "goal" }), "trigger.goalName: required"),
            (&full, json!({ "metric": "visitors" }), "trigger.goalName: only for the metrics"),
        ] {
            let error = became(stored, patch.clone()).unwrap_err();
            assert!(error.starts_with(expected), "{patch}: {error}");
        }
    }
}
