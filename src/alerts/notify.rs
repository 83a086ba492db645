//! What an alert tells, and to whom: a mail to the website's owner, or an event for endpoints.

use crate::mail::mailer;
use crate::secrets::keyring::Keyring;
use crate::webhooks::queue;
use serde::{Deserialize, Serialize};

use super::history;
use super::lease::{AlertContext, Rendered};
use super::resource::{self, Destination};
use super::state_machine::Event;
use super::template::Facts;
use crate::alerts::unsubscribe;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path};
use crate::http::reply::Data;
use crate::mail::message::Mail;
use crate::platform::database::{Rows, Statement, sql};
use crate::platform::{Platform, PlatformError, random};
use crate::webhooks::event::{self, AlertNotice, Body};
use crate::webhooks::publish::{self, Due, Outgoing};
use crate::websites::website::ReportContext;
use sluice_values::{AlertId, Decimal, DeliveryId, Email, Id, Timestamp, VisitorId, WebsiteId, kinds};

/// Whom an alert's mails go to.
pub struct Recipient {
    email: Email,
    /// Where the link in them leads to; unknown of alerts that nobody has written since links were introduced.
    base_url: Option<String>,
}

impl Recipient {
    /// The owner of a website; [`Self::read`] reads it.
    pub fn select(alert: AlertId, website: WebsiteId) -> Statement {
        sql("SELECT accounts.email, (SELECT base_url FROM alerts WHERE id = ?1) AS base_url FROM websites \
             JOIN accounts ON accounts.id = websites.owner_id WHERE websites.id = ?2")
        .bind(alert)
        .bind(website)
    }

    /// Reads the next statement's row.
    pub fn read(rows: &mut Rows, website: WebsiteId) -> Result<Self, PlatformError> {
        #[derive(Deserialize)]
        struct Row {
            email: String,
            base_url: Option<String>,
        }
        let row: Option<Row> = rows.first()?;
        let row = row.ok_or_else(|| PlatformError::new(format!("website {website} is missing")))?;
        // Stored as an `Email`, so it still is one.
        let email = row.email.parse().map_err(|why| PlatformError::new(format!("owner of {website}: {why}")))?;
        Ok(Self { email, base_url: row.base_url })
    }
}

/// Something that an alert tells.
#[derive(Debug, Clone)]
pub struct Notification {
    /// The same whenever the same is told again.
    pub id: Id<kinds::Event>,
    /// What it tells.
    pub event: Event,
    /// When that happened.
    pub at: Timestamp,
    /// Who did it.
    pub visitor: Option<VisitorId>,
    rendered: Rendered,
    value: Option<f64>,
    threshold: Option<f64>,
    reason: String,
}

impl Notification {
    /// What an alert tells of this; `of` tells it from others of the same moment.
    pub fn new(letter: &AlertContext, event: Event, at: Timestamp, of: &str, facts: &Facts) -> Self {
        Self {
            id: letter.message_id(event, at, of),
            event,
            at,
            visitor: None,
            rendered: letter.render(event, facts),
            value: None,
            threshold: None,
            reason: String::new(),
        }
    }

    /// The same, about this number.
    #[must_use]
    pub fn about(self, value: Option<f64>, threshold: Option<f64>, reason: String) -> Self {
        Self { value, threshold, reason, ..self }
    }

    /// The same, about what this visitor did.
    #[must_use]
    pub fn of_visitor(self, visitor: VisitorId) -> Self {
        Self { visitor: Some(visitor), ..self }
    }

    /// What endpoints are told.
    pub fn body(&self, letter: &AlertContext, is_test: bool) -> Result<Body, PlatformError> {
        let trigger = serde_json::to_value(&letter.trigger).map_err(|error| PlatformError::new(error.to_string()))?;
        let notice = AlertNotice {
            website_id: letter.website_id,
            alert_id: letter.id,
            alert_name: letter.name.clone(),
            trigger,
            value: self.value.map(Decimal),
            threshold: self.threshold.map(Decimal),
            reason: self.reason.clone(),
            message: self.rendered.message.clone(),
            visitor_id: self.visitor,
        };
        event::of_alert(self.event == Event::Firing, self.at, notice, is_test)
    }
}

/// Sends a notice by mail, where that is where the alert's messages go. What goes to an endpoint is stored with whatever
/// else came of it, and so cannot fail by itself. The error is fit for the history.
pub async fn mail(
    platform: &Platform,
    letter: &AlertContext,
    owner: &Recipient,
    notice: &Notification,
) -> Result<(), String> {
    if letter.destination != Destination::Email {
        return Ok(());
    }
    let id = format!("alert/{}/{}", letter.id, notice.id);
    let mail = Mail::new(id, owner.email.clone(), &notice.rendered.subject, notice.rendered.message.clone());
    let base_url = platform.config().public_url().or_else(|| owner.base_url.clone());
    let mail = match (base_url, Keyring::from_config(&platform.config())) {
        (Some(base_url), Ok(keyring)) => mail.with_unsubscribe(&unsubscribe::link(&base_url, &keyring, letter.id)),
        _ => mail,
    };
    mailer::send(platform, &mail).await.map_err(|why| why.to_string())
}

// ---- Test

/// What a test answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestedAlert {
    message: &'static str,
    /// Whether the mail service took it, or the delivery is stored.
    status: history::Status,
    /// Why not.
    error: Option<String>,
    /// Of a test that went to a webhook.
    delivery_id: Option<DeliveryId>,
}

/// POST: sends one real message, marked as a test. It leaves no trace in the alert or its history.
pub async fn test(call: WebsiteCall, input: Input<Path<AlertId>>) -> Result<Data<TestedAlert>, Error> {
    let plan = |website, Path(id): &Path<AlertId>| {
        vec![AlertContext::select(*id, website), ReportContext::select(website), Recipient::select(*id, website)]
    };
    let (website, Path(id), mut rows) = call.enter(input, plan).await?;
    let mut letter = AlertContext::read(&mut rows)?.ok_or_else(|| resource::not_found(id))?;
    let facts = ReportContext::read(&mut rows, website.id)?;
    let owner = Recipient::read(&mut rows, website.id)?;
    let now = website.call.now;
    letter.subject = Some(format!("[Test] {}", letter.subject_or_default()));
    let filled =
        Facts { website_domain: Some(facts.domain), website_name: facts.name, count: Some(1), ..letter.facts(now) };
    let notice = Notification::new(&letter, Event::Firing, now, "test", &filled);
    let notice = notice.about(None, letter.trigger.threshold(), "a test that was asked for".to_owned());
    let platform = &website.call.platform;
    if let Some(endpoint) = letter.destination.endpoint() {
        let message = Outgoing::new(notice.body(&letter, true)?, random::bytes()?);
        let delivery = website.call.new_id()?;
        let statements = publish::insert_test(website.id, endpoint, delivery, &message, now);
        website.batch(statements).await?;
        queue::enqueue(platform, &[Due { id: delivery, at: now }], now).await;
        return Ok(Data::one(TestedAlert {
            message: "Test message stored for delivery",
            status: history::Status::Sent,
            error: None,
            delivery_id: Some(delivery),
        }));
    }
    let error = mail(platform, &letter, &owner, &notice).await.err();
    Ok(Data::one(match error {
        None => TestedAlert {
            message: "Test message sent to the website's owner",
            status: history::Status::Sent,
            error: None,
            delivery_id: None,
        },
        Some(error) => TestedAlert {
            message: "Test message could not be sent",
            status: history::Status::Failed,
            error: Some(error),
            delivery_id: None,
        },
    }))
}
