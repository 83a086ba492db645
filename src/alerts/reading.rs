//! The measurement that a metric alert needs from the website's object, and the reading that it compares with its
//! threshold. Pure.

use super::trigger::{Comparison, MetricTrigger};
use sluice_engine::reports::measure::{Amount, Measure, Measured};
use sluice_engine::reports::metric::Unit;
use sluice_values::{Currency, Decimal};

impl MetricTrigger {
    /// What to ask of the website's object.
    pub fn measure(&self, with_renewals: bool) -> Measure {
        Measure {
            metric: self.metric,
            goal: self.goal_name.as_ref().map(|name| name.as_str().to_owned()),
            filters: self.filters.as_ref().map(|filters| filters.parsed().to_vec()).unwrap_or_default(),
            window_ms: self.window.as_millis(),
            has_base: self.comparison.has_base(),
            with_renewals,
        }
    }

    /// The number to compare with the threshold, with two decimals like the reports; `None` if there is no data. For a
    /// comparison in percent it is the change in the direction of the comparison.
    pub fn reading(&self, measured: &Measured, currency: Currency) -> Option<f64> {
        let counts_nothing_as_zero = self.comparison == Comparison::Below && !self.metric.is_rate();
        if !measured.has_events && !counts_nothing_as_zero {
            return None;
        }
        let value = self.number(measured.current, currency)?;
        let base = || self.number(measured.base?, currency).filter(|base| *base != 0.0);
        let change = |value: f64, base: f64| ((value - base) * 10_000.0 / base.abs()).round() / 100.0;
        match self.comparison {
            Comparison::Above | Comparison::Below => Some(value),
            Comparison::IncreasePct => base().map(|base| change(value, base)),
            // Subtracted from zero rather than negated: minus zero would be shown.
            Comparison::DecreasePct => base().map(|base| 0.0 - change(value, base)),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    fn number(&self, amount: Amount, currency: Currency) -> Option<f64> {
        match (self.metric.unit(), amount.whole) {
            (Unit::Money, _) => Some(currency.major_units(amount.part)),
            (_, None) => Some(amount.part as f64),
            (_, Some(0)) => None,
            (_, Some(whole)) => Some(Decimal::percent(amount.part, whole).0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trigger::Trigger;
    use super::*;
    use serde_json::{Value, json};

    fn trigger(fields: &Value) -> MetricTrigger {
        let mut trigger = json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above",
            "threshold": 10 });
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        match serde_json::from_value(trigger).unwrap() {
            Trigger::Metric(trigger) => trigger,
            Trigger::Goal(_) => panic!("a metric"),
        }
    }

    #[test]
    fn a_reading_is_what_the_reports_say_or_nothing() {
        let count = |part| Amount { part, whole: None };
        let rate = |part, whole| Amount { part, whole: Some(whole) };
        let read = |fields: Value, current, base, has_events| {
            let measured = Measured { current, base, has_events, changes_at: None };
            trigger(&fields).reading(&measured, "USD".parse().unwrap())
        };
        let above = || json!({});
        let below = || json!({ "comparison": "below" });
        let bounce = |comparison: &str| json!({ "metric": "bounce_rate", "comparison": comparison });
        let rise = || json!({ "comparison": "increase_pct" });
        let fall = || json!({ "comparison": "decrease_pct" });
        for (fields, current, base, has_events, expected) in [
            (above(), count(12), None, true, Some(12.0)),
            (above(), count(0), None, true, Some(0.0)),
            (above(), count(0), None, false, None),
            (below(), count(0), None, false, Some(0.0)),
            (json!({ "metric": "revenue" }), count(1999), None, true, Some(19.99)),
            (bounce("above"), rate(1, 3), None, true, Some(33.33)),
            (bounce("below"), rate(0, 0), None, true, None),
            (bounce("below"), rate(0, 0), None, false, None),
            (rise(), count(15), Some(count(10)), true, Some(50.0)),
            (rise(), count(5), Some(count(10)), true, Some(-50.0)),
            (rise(), count(5), Some(count(0)), true, None),
            (rise(), count(5), None, true, None),
            (fall(), count(4), Some(count(10)), true, Some(60.0)),
            (fall(), count(0), Some(count(10)), true, Some(100.0)),
            (fall(), count(0), Some(count(10)), false, None),
            (fall(), count(10), Some(count(10)), true, Some(0.0)),
            (bounce("decrease_pct"), rate(1, 4), Some(rate(1, 2)), true, Some(50.0)),
            (bounce("decrease_pct"), rate(1, 4), Some(rate(0, 0)), true, None),
        ] {
            let reading = read(fields.clone(), current, base, has_events);
            assert_eq!(reading, expected, "{fields} {current:?} {base:?} {has_events}");
            assert!(reading.is_none_or(f64::is_sign_positive) || reading < Some(0.0), "never minus zero");
        }
    }
}
