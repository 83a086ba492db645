//! A notification: an alert's templates, filled in with what happened. Pure.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::destination::Destination;
use super::state_machine::Event;
use super::template::{Facts, render};
use super::trigger::Trigger;
use crate::platform::PlatformError;
use crate::platform::database::{Statement, sql};
use crate::webhooks::event::{self, AlertNotice, Body};
use crate::websites::report_context::ReportContext;
use sluice_values::{AlertId, Decimal, Id, Timestamp, VisitorId, WebsiteId, kinds};

/// What every notification of an alert is made of.
#[derive(Debug, Clone)]
pub struct AlertContext {
    pub id: AlertId,
    pub website_id: WebsiteId,
    pub name: String,
    pub trigger: Trigger,
    pub destination: Destination,
    /// The template of the subject, if the alert has one.
    pub subject: Option<String>,
    /// The template of the text.
    pub message: String,
    /// Where links in mails lead; unknown for alerts that were last written before mails had links.
    pub base_url: Option<String>,
}

/// The columns of a [`ContextRow`].
pub const CONTEXT_COLUMNS: &str = "id, website_id, name, condition, destination, subject, message, base_url";

/// A row of `alerts` as far as notifications need it.
#[derive(Deserialize)]
pub struct ContextRow {
    id: AlertId,
    website_id: WebsiteId,
    name: String,
    /// A [`Trigger`] as JSON.
    condition: String,
    /// A [`Destination`] as JSON.
    destination: String,
    subject: Option<String>,
    message: String,
    base_url: Option<String>,
}

impl TryFrom<ContextRow> for AlertContext {
    type Error = PlatformError;

    fn try_from(row: ContextRow) -> Result<Self, PlatformError> {
        let broken = |error| PlatformError::new(format!("alert {}: {error}", row.id));
        Ok(Self {
            trigger: serde_json::from_str(&row.condition).map_err(broken)?,
            destination: serde_json::from_str(&row.destination).map_err(broken)?,
            id: row.id,
            website_id: row.website_id,
            name: row.name,
            subject: row.subject,
            message: row.message,
            base_url: row.base_url,
        })
    }
}

/// Templates filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    pub message: String,
}

impl AlertContext {
    /// Selects a [`ContextRow`].
    pub fn select(id: AlertId, website: WebsiteId) -> Statement {
        sql(format!("SELECT {CONTEXT_COLUMNS} FROM alerts WHERE id = ?1 AND website_id = ?2")).bind(id).bind(website)
    }

    /// What the alert and its website contribute to a notification about something that happened at this time.
    pub fn facts(&self, report: &ReportContext, at: Timestamp) -> Facts {
        let metric = match &self.trigger {
            Trigger::Goal(_) => None,
            Trigger::Metric(metric) => Some(metric),
        };
        Facts {
            goal: self.trigger.goal_name().map(str::to_owned),
            alert_name: Some(self.name.clone()),
            website_domain: Some(report.domain.clone()),
            website_name: report.name.clone(),
            threshold: metric.map(|metric| metric.threshold),
            metric: metric.map(|metric| metric.metric.as_str().to_owned()),
            window: metric.map(|metric| metric.window.to_string()),
            triggered_at: Some(at),
            ..Facts::default()
        }
    }

    /// The template of the subject, or the default one.
    pub fn subject_or_default(&self) -> String {
        match (&self.subject, &self.trigger) {
            (Some(template), _) => template.clone(),
            (None, Trigger::Goal(goal)) => format!("{}: {} completed", self.name, goal.goal_name),
            (None, Trigger::Metric(_)) => self.name.clone(),
        }
    }

    /// Subject and text of a notification. The subject says whether the alert has resolved.
    pub fn render(&self, event: Event, facts: &Facts) -> Rendered {
        let subject = render(&self.subject_or_default(), facts);
        let subject = if event == Event::Resolved { format!("Resolved: {subject}") } else { subject };
        // A subject is one line, whatever was filled in.
        let subject = subject.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
        Rendered { subject, message: render(&self.message, facts) }
    }
}

/// A notification that an alert sends.
#[derive(Debug, Clone)]
pub struct Notification {
    /// A repeated evaluation of a completion makes the same id. The id of a notification about a metric contains the
    /// time of the evaluation.
    pub id: Id<kinds::Event>,
    pub event: Event,
    /// When it happened.
    pub at: Timestamp,
    /// Who completed the goal.
    pub visitor: Option<VisitorId>,
    pub rendered: Rendered,
    value: Option<f64>,
    threshold: Option<f64>,
    reason: String,
}

impl Notification {
    /// The notification about this event; `of` distinguishes it from others with the same timestamp.
    pub fn new(context: &AlertContext, event: Event, at: Timestamp, of: &str, facts: &Facts) -> Self {
        Self {
            id: derived_id(context.id, at, &[event.as_str(), of]),
            event,
            at,
            visitor: None,
            rendered: context.render(event, facts),
            value: None,
            threshold: None,
            reason: String::new(),
        }
    }

    #[must_use]
    pub fn with_reason(self, reason: String) -> Self {
        Self { reason, ..self }
    }

    /// The metric's value, and the threshold that it was compared with.
    #[must_use]
    pub fn with_reading(self, value: Option<f64>, threshold: Option<f64>) -> Self {
        Self { value, threshold, ..self }
    }

    /// The visitor who completed the goal.
    #[must_use]
    pub fn of_visitor(self, visitor: Option<VisitorId>) -> Self {
        Self { visitor, ..self }
    }

    /// The webhook event.
    pub fn body(&self, context: &AlertContext, is_test: bool) -> Result<Body, PlatformError> {
        let trigger = serde_json::to_value(&context.trigger).map_err(|error| PlatformError::new(error.to_string()))?;
        let alert = AlertNotice {
            website_id: context.website_id,
            alert_id: context.id,
            alert_name: context.name.clone(),
            trigger,
            value: self.value.map(Decimal),
            threshold: self.threshold.map(Decimal),
            reason: self.reason.clone(),
            message: self.rendered.message.clone(),
            visitor_id: self.visitor,
        };
        event::of_alert(self.event == Event::Firing, self.at, alert, is_test)
    }
}

/// An id derived from its parts, so that a repeated evaluation finds its own rows.
pub fn derived_id<Kind>(alert: AlertId, at: Timestamp, parts: &[&str]) -> Id<Kind> {
    let mut hash = Sha256::new();
    hash.update(alert.as_bytes());
    hash.update(at.as_millis().to_be_bytes());
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.finalize().into();
    Id::new(at, [a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websites::website::Settings;
    use serde_json::json;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + minute * 60_000)
    }

    #[test]
    fn templates_are_filled_in_and_the_subject_is_one_line() {
        let trigger = json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above",
            "threshold": 10 });
        let context = AlertContext {
            id: AlertId::new(at(0), [1; 8]),
            website_id: WebsiteId::new(at(0), [2; 8]),
            name: "Many\nvisitors".to_owned(),
            trigger: serde_json::from_value(trigger).unwrap(),
            destination: Destination::Email,
            subject: None,
            message:
                "{{metric}} on {{website.domain}} in {{window}}: {{value}} > {{threshold}}\n{{visitor.id}} {{goal}}"
                    .to_owned(),
            base_url: None,
        };
        let report = ReportContext {
            domain: "example.com".to_owned(),
            name: None,
            timezone: "UTC".parse().unwrap(),
            currency: "USD".parse().unwrap(),
            settings: Settings::default(),
        };
        let facts = Facts { value: Some(12.0), ..context.facts(&report, at(0)) };
        let rendered = context.render(Event::Firing, &facts);
        assert_eq!(rendered.subject, "Many visitors");
        assert_eq!(rendered.message, "visitors on example.com in 5m: 12 > 10\nunknown unknown");
        let with = AlertContext { subject: Some("{{alert.name}}: {{value}}".to_owned()), ..context.clone() };
        assert_eq!(with.render(Event::Resolved, &facts).subject, "Resolved: Many visitors: 12");
    }

    #[test]
    fn the_id_of_a_notification_follows_from_what_it_is_about() {
        let id = |alert, event, moment, of| {
            derived_id::<kinds::Event>(AlertId::new(at(0), [alert; 8]), moment, &[event, of])
        };
        assert_eq!(id(1, "firing", at(1), ""), id(1, "firing", at(1), ""));
        assert_ne!(id(1, "firing", at(1), ""), id(1, "resolved", at(1), ""));
        assert_ne!(id(1, "firing", at(1), "a"), id(1, "firing", at(1), "b"));
        assert_ne!(id(1, "firing", at(1), ""), id(2, "firing", at(1), ""));
    }
}
