//! The test message of an alert (docs/contract/automation.md#alerts-beyond-the-contract).

use serde::Serialize;
use serde::de::IgnoredAny;

use super::history::Status;
use super::notify;
use super::rendering::{AlertContext, ContextRow, Notification};
use super::resource;
use super::state_machine::Event;
use super::template::Facts;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Input, Path};
use crate::http::reply::Data;
use crate::platform::config::ALERT_MAILS_PER_HOUR;
use crate::platform::database::{Batch, Statement, sql};
use crate::webhooks::object;
use crate::webhooks::publish::Outgoing;
use crate::websites::owner::Owner;
use crate::websites::report_context::ReportContext;
use sluice_values::{AlertId, DeliveryId};

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestedAlert {
    message: &'static str,
    status: Status,
    /// Why the message could not be sent.
    error: Option<String>,
    /// The delivery of a test that went to a webhook.
    delivery_id: Option<DeliveryId>,
}

/// Counts a test mail, and returns a row if the hour has room for it.
fn count_test(alert: AlertId, website: &EnteredWebsite, most: u32) -> Statement {
    sql("UPDATE alerts SET tests = iif(tests_since <= ?3, 1, tests + 1), tests_since = iif(tests_since <= ?3, ?4, tests_since) \
         WHERE id = ?1 AND website_id = ?2 AND (tests_since <= ?3 OR tests < ?5) RETURNING id")
    .bind(alert)
    .bind(website.id)
    .bind(website.call.now.plus_millis(-3_600_000))
    .bind(website.call.now)
    .bind(most)
}

/// POST: sends one real message, marked as a test. It leaves no trace in the alert or its history.
pub async fn test(call: WebsiteCall, input: Input<Path<AlertId>>) -> Result<Data<TestedAlert>, Error> {
    let plan = |batch: &mut Batch, website, Path(id): &Path<AlertId>| {
        let context = batch.read::<ContextRow>(AlertContext::select(*id, website));
        (context, batch.read(ReportContext::select(website)), batch.read(Owner::select(website)))
    };
    let (website, Path(id), (context, report, owner), results) = call.enter(input, plan).await?;
    let context = results.first(&context)?.ok_or_else(|| resource::not_found(id))?;
    let mut context = AlertContext::try_from(context)?;
    let report = ReportContext::of(&results, &report, website.id)?;
    let owner = Owner::of(&results, &owner, website.id)?;
    let now = website.call.now;
    context.subject = Some(format!("[Test] {}", context.subject_or_default()));
    let facts = Facts { count: Some(1), ..context.facts(&report, now) };
    let notification = Notification::new(&context, Event::Firing, now, "test", &facts)
        .with_reading(None, context.trigger.threshold())
        .with_reason("a test that was asked for".to_owned());
    let platform = &website.call.platform;
    if let Some(endpoint) = context.destination.endpoint() {
        let message = Outgoing::new(notification.body(&context, true)?, website.call.platform.random()?);
        let delivery = website.call.new_id()?;
        object::test(platform, website.id, endpoint, delivery, message).await?;
        return Ok(Data::one(TestedAlert {
            message: "Test message stored for delivery",
            status: Status::Sent,
            error: None,
            delivery_id: Some(delivery),
        }));
    }
    let most = platform.config().cap(ALERT_MAILS_PER_HOUR);
    if website.row::<IgnoredAny>(count_test(id, &website, most)).await?.is_none() {
        return Err(Error::forbidden(format!(
            "at most {most} test mails of an alert in an hour (ALERT_MAILS_PER_HOUR)"
        )));
    }
    let error = notify::mail(platform, &context, &owner, &notification).await.err();
    let (message, status) = match error {
        None => ("Test message sent to the website's owner", Status::Sent),
        Some(_) => ("Test message could not be sent", Status::Failed),
    };
    Ok(Data::one(TestedAlert { message, status, error, delivery_id: None }))
}
