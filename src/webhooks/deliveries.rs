//! The resource `deliveries`: the state of each message at each endpoint, sending it again, and how an endpoint is doing
//! (docs/contract/automation.md#webhook-endpoints).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::delivery::{Cause, Status};
use super::endpoints::Existing;
use super::event::{self, EventType};
use super::object::{self, Call};
use super::rows::{AttemptRow, Page, Range, Row};
use super::stats::{self, WebhookStats};
use crate::auth::role::Role;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Input, Path, Paths, Query};
use crate::http::reply::{BothIds, Data};
use crate::platform::database::Batch;
use sluice_values::{DeliveryId, Limit, Moment, Offset, Timestamp, WebhookId, WebsiteId, kinds};
use sluice_webhook_rules::schedule::Failure;

// ---- What comes in

/// The query of a list that may be skipped into so far.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Filter<const REACH: u32 = 100_000> {
    /// Only deliveries with this status.
    status: Option<Status>,
    /// Only deliveries of this type.
    r#type: Option<EventType>,
    /// Only deliveries created at this time or later.
    since: Option<Moment>,
    /// Only deliveries created at this time or earlier.
    until: Option<Moment>,
    #[serde(default)]
    limit: Limit<50, 100>,
    #[serde(default)]
    offset: Offset<REACH>,
}

/// The query of the list of all endpoints: each of them is read so deep.
type FilterOfAll = Filter<1_000>;

/// The body of resend.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ResendDeliveries")]
pub struct Resend {
    /// Deliveries created at this time or later.
    since: Moment,
    /// Deliveries created at this time or earlier; defaults to now.
    until: Option<Moment>,
    /// Only counts the deliveries.
    #[serde(default)]
    dry_run: bool,
}

// ---- What goes out

/// A message on its way to one endpoint.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    #[serde(flatten)]
    ids: BothIds<kinds::Delivery>,
    website_id: WebsiteId,
    webhook_id: WebhookId,
    /// `webhook-id`: the same on every attempt, and at every endpoint.
    message_id: String,
    r#type: EventType,
    status: Status,
    attempt_count: u32,
    next_attempt_at: Option<Timestamp>,
    last_status_code: Option<u16>,
    /// Why it is `missed` although the endpoint was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A delivery with its payload and its attempts.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct DeliveryDetails {
    #[serde(flatten)]
    delivery: Delivery,
    /// The payload, byte for byte as it is sent; viewers do not see the path of an endpoint's address in it.
    #[schemars(with = "serde_json::Value")]
    payload: Option<Box<RawValue>>,
    /// The attempts, in order.
    attempts: Vec<Attempt>,
}

/// One attempt.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    number: u32,
    #[serde(rename = "trigger")]
    cause: Cause,
    started_at: Timestamp,
    /// The time until the head of the response arrived or the attempt failed.
    duration_ms: u32,
    status_code: Option<u16>,
    /// Why it failed.
    error: Option<Failure>,
    /// At most 1,000 bytes of the response, of the last three attempts.
    response_body: Option<String>,
}

/// The response of resend.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resent {
    /// The number of failed and missed deliveries in the time range.
    count: u32,
    /// Whether the deliveries were only counted.
    dry_run: bool,
}

// ---- Rules

impl Delivery {
    fn of(row: Row, website_id: WebsiteId) -> Self {
        Self {
            ids: row.id.into(),
            website_id,
            webhook_id: row.webhook_id,
            message_id: row.message_id,
            r#type: row.r#type,
            status: row.status,
            attempt_count: row.attempt_count,
            next_attempt_at: row.next_attempt_at,
            last_status_code: row.last_status_code,
            reason: row.reason,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        let AttemptRow { number, cause, started_at, duration_ms, status_code, error, response_body } = row;
        Self { number, cause, started_at, duration_ms, status_code, error, response_body }
    }
}

/// The page that a query asks for, of one endpoint or of all.
fn page<const REACH: u32>(webhook: Option<WebhookId>, filter: &Filter<REACH>) -> Page {
    Page {
        webhook,
        status: filter.status,
        r#type: filter.r#type,
        from: filter.since.map_or(0, millis),
        to: filter.until.map_or(END_OF_TIME, millis),
        limit: filter.limit.get(),
        offset: filter.offset.get(),
    }
}

/// After every row.
const END_OF_TIME: i64 = 1 << 52;

fn millis(moment: Moment) -> i64 {
    Timestamp::from(moment).as_millis()
}

// ---- Handlers

/// GET: the endpoint's deliveries, newest first.
pub async fn list(call: WebsiteCall, input: Input<(Path<WebhookId>, Query<Filter>)>) -> Result<Data<Delivery>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<WebhookId>, Query<Filter>)| {
        Existing::read(batch, *id, website)
    };
    let (website, (Path(id), Query(filter)), known, results) = call.enter(input, plan).await?;
    known.check(&results, id)?;
    let call = Call::List(page(Some(id), &filter));
    let rows: Vec<Row> = object::ask(&website.call.platform, website.id, &call).await?;
    Ok(Data::many(rows.into_iter().map(|row| Delivery::of(row, website.id)).collect()))
}

/// GET: the deliveries of all endpoints, newest first.
pub async fn list_all(call: WebsiteCall, input: Input<Query<FilterOfAll>>) -> Result<Data<Delivery>, Error> {
    let (website, Query(filter), (), _) = call.enter(input, |_, _, _| ()).await?;
    let call = Call::List(page(None, &filter));
    let rows: Vec<Row> = object::ask(&website.call.platform, website.id, &call).await?;
    Ok(Data::many(rows.into_iter().map(|row| Delivery::of(row, website.id)).collect()))
}

/// GET: how a webhook is doing.
pub async fn stats(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Query<stats::Asked>)>,
) -> Result<Data<WebhookStats>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<WebhookId>, Query<stats::Asked>)| {
        Existing::read(batch, *id, website)
    };
    let (website, (Path(id), Query(asked)), known, results) = call.enter(input, plan).await?;
    known.check(&results, id)?;
    let span = asked.span(id, website.call.now)?;
    Ok(Data::one(object::ask(&website.call.platform, website.id, &Call::Stats(span)).await?))
}

/// GET: one delivery with its payload and its attempts.
pub async fn get(
    call: WebsiteCall,
    input: Input<Paths<WebhookId, DeliveryId>>,
) -> Result<Data<DeliveryDetails>, Error> {
    let plan = |batch: &mut Batch, website, Paths(webhook, _): &Paths<WebhookId, DeliveryId>| {
        Existing::read(batch, *webhook, website)
    };
    let (website, Paths(webhook, id), known, results) = call.enter(input, plan).await?;
    known.check(&results, webhook).map_err(|_| not_found(id, webhook))?;
    let call = Call::Get { webhook, id };
    let found: Option<object::Found> = object::ask(&website.call.platform, website.id, &call).await?;
    let object::Found { row, payload, attempts } = found.ok_or_else(|| not_found(id, webhook))?;
    let shown = |sent: String| if website.role == Role::Viewer { event::without_address(&sent) } else { sent };
    let payload = payload.and_then(|sent| RawValue::from_string(shown(sent)).ok());
    let attempts = attempts.into_iter().map(Attempt::from).collect();
    Ok(Data::one(DeliveryDetails { delivery: Delivery::of(row, website.id), payload, attempts }))
}

/// POST: sends one delivery again, whatever its status.
pub async fn resend(call: WebsiteCall, input: Input<Paths<WebhookId, DeliveryId>>) -> Result<Data<Delivery>, Error> {
    let plan = |batch: &mut Batch, website, Paths(webhook, _): &Paths<WebhookId, DeliveryId>| {
        Existing::read(batch, *webhook, website)
    };
    let (website, Paths(webhook, id), known, results) = call.enter(input, plan).await?;
    known.check(&results, webhook)?;
    let call = Call::Resend { webhook, id };
    match object::ask(&website.call.platform, website.id, &call).await? {
        object::Restarted::Is(row) => Ok(Data::one(Delivery::of(row, website.id))),
        object::Restarted::NotFound => Err(not_found(id, webhook)),
        object::Restarted::IsOff => Err(is_off()),
    }
}

/// POST: sends every failed or missed delivery of a time range again, or only counts them.
pub async fn resend_all(
    call: WebsiteCall,
    input: Input<(Path<WebhookId>, Body<Resend>)>,
) -> Result<Data<Resent>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<WebhookId>, Body<Resend>)| {
        Existing::read(batch, *id, website)
    };
    let (website, (Path(webhook), Body(asked)), known, results) = call.enter(input, plan).await?;
    known.check(&results, webhook)?;
    let range = Range { webhook, from: millis(asked.since), to: asked.until.map_or(END_OF_TIME, millis) };
    let dry_run = asked.dry_run;
    let call = if dry_run { Call::Count(range) } else { Call::ResendAll(range) };
    if dry_run {
        website.call.note_no_change();
    }
    let count: Option<u32> = object::ask(&website.call.platform, website.id, &call).await?;
    Ok(Data::one(Resent { count: count.ok_or_else(is_off)?, dry_run }))
}

fn not_found(id: DeliveryId, webhook: WebhookId) -> Error {
    Error::not_found(format!("no delivery {id} of webhook {webhook} on this website"))
}

fn is_off() -> Error {
    Error::conflict("this webhook is switched off; switch it on with isEnabled before anything is sent to it again")
}
