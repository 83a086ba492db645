//! `POST …/import` and `GET …/export`: a website's past events, one JSON object per line (docs/contract/reports.md#20).

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::event_body::{Address, PastFields, SentEvent};
use super::payments;
use crate::exchange_rates;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Input, Upload, parse_value};
use crate::http::reply::{Answer, Data, Reply};
use crate::platform::PlatformError;
use crate::tracking::events::bare;
use crate::websites::report_context::ReportContext;
use sluice_engine::event::{Event, VisitorKey};
use sluice_engine::export::{Export, Place as ExportPlace};
use sluice_engine::protocol::{Import, Item};
use sluice_money::Rates;
use sluice_values::{Currency, EventId, Id, Place, Timestamp};

/// How many lines are sent to the website's object in one call.
const LINES_AT_ONCE: usize = 1_000;
/// How many bytes of lines are sent in one call: an object's calls are limited in size.
const BYTES_AT_ONCE: usize = 1 << 20;
/// The longest line, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// How many errors are reported: the first ones.
const MOST_ERRORS: usize = 100;
/// How far a client's clock may be ahead, in milliseconds.
const LEEWAY_MS: i64 = 5 * 60_000;
/// How many lines of an export are fetched in one call.
const EXPORTED_AT_ONCE: u32 = 1_000;

/// The result of an import.
#[derive(Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ImportResult")]
pub struct Imported {
    /// Lines stored by this import.
    accepted: u64,
    /// Lines whose ids were stored before.
    duplicates: u64,
    /// Lines that are wrong and were not stored.
    rejected: u64,
    /// The errors of the first hundred rejected lines.
    errors: Vec<LineError>,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct LineError {
    /// Counted from 1.
    line: u64,
    message: String,
}

/// What reading a line depends on.
pub struct Context<'a> {
    /// When the import runs.
    pub now: Timestamp,
    /// The website's domain: its hosts are not sources.
    pub domain: &'a str,
    pub currency: Currency,
    /// The exchange rates of a day.
    pub rates: &'a dyn Fn(Timestamp) -> Rates,
    /// The source of randomness for ids.
    pub random: &'a dyn Fn() -> [u8; 8],
}

/// The item that a line describes.
pub fn item(line: &[u8], context: &Context) -> Result<Item, Error> {
    let json: Json = parse_line(line)?;
    let object = json.as_object().ok_or_else(|| Error::bad_request("expected a JSON object"))?;
    let sent = SentEvent { past: parse_value::<PastFields>(json.clone())?, ..parse_value(json.clone())? };
    let id = sent.id.clone().ok_or_else(|| Error::bad_request("id: required, but missing"))?;
    if object.get("type").is_some_and(|kind| kind == "payment") && sent.extra_data.contains_key("transaction_id") {
        return payment(&sent, id, context);
    }
    let time = past(sent.past_time()?, context.now)?;
    let session = sent.session_id.clone();
    let address = match (&sent.href, &session) {
        (None, None) => None,
        _ => Some(sent.address()?),
    };
    if session.is_none()
        && !matches!(sent.r#type, super::event_body::EventType::Custom | super::event_body::EventType::Identify)
    {
        return Err(Error::bad_request("sessionId: required, but missing"));
    }
    let Address { page, href, campaign } = match address {
        Some(address) => Address { page: address.page, href: address.href, campaign: address.campaign },
        None => {
            let context = sent.context(Place::default(), None);
            let event = Event::of_backend(id, time, sent.visitor()?, sent.action()?);
            return Ok(Item::Event(Box::new(Event { context, ..event })));
        }
    };
    let own = |host: &str| {
        let (host, root) = (bare(host), bare(context.domain));
        host == bare(&page.hostname)
            || host.strip_suffix(root).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let (referrer, source) = sent.source(own);
    Ok(Item::Event(Box::new(Event {
        id,
        time,
        sender: VisitorKey::Visitor(sent.visitor()?),
        session,
        action: sent.action()?,
        page: Some(page),
        href,
        referrer,
        source,
        campaign,
        context: sent.context(Place::default(), None),
    })))
}

fn parse_line(line: &[u8]) -> Result<Json, Error> {
    serde_json::from_slice(line).map_err(|error| Error::bad_request(format!("not valid JSON: {error}")))
}

/// A payment's own time and visitor win over the line's (docs/contract/reports.md#20).
fn payment(sent: &SentEvent, id: EventId, context: &Context) -> Result<Item, Error> {
    let mut extra: Map<String, Json> = sent.extra_data.clone();
    for name in ["datafast_visitor_id", "email", "name", "customer_id", "timestamp"] {
        if extra.get(name).is_some_and(Json::is_null) {
            extra.remove(name);
        }
    }
    if !extra.contains_key("datafast_visitor_id")
        && !extra.contains_key("visitorId")
        && let Some(visitor) = &sent.visitor_id
    {
        extra.insert("datafast_visitor_id".to_owned(), visitor.as_str().into());
    }
    let create: payments::Create = parse_value(Json::Object(extra))?;
    let time = if create.has_time() { create.time(context.now) } else { sent.past_time()? };
    let time = past(time, context.now)?;
    let payment_id = Id::new(time, (context.random)());
    let payment = create.payment(payment_id, Some(id), time, context.currency, &(context.rates)(time))?;
    Ok(Item::Payment(Box::new(payment)))
}

/// Refuses times in the future, with a leeway for fast clocks, and times before 1970.
fn past(time: Timestamp, now: Timestamp) -> Result<Timestamp, Error> {
    if time.as_millis() > now.as_millis() + LEEWAY_MS {
        return Err(Error::bad_request(format!("timestamp: {time} lies in the future")));
    }
    if time.as_millis() < 0 {
        return Err(Error::bad_request(format!("timestamp: {time} lies before 1970")));
    }
    Ok(time)
}

/// POST: stores past events.
pub async fn import(call: WebsiteCall, input: Input<Upload>) -> Result<Data<Imported>, Error> {
    let (website, mut upload, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    let mut run =
        Run { website: &website, context: &context, result: Imported::default(), items: Vec::new(), bytes: 0 };
    let (mut number, mut line) = (0_u64, Vec::new());
    let mut is_too_long = false;
    while let Some(chunk) = upload.next().await? {
        website.call.renew_lease().await?;
        for (position, part) in chunk.split(|byte| *byte == b'\n').enumerate() {
            if position > 0 {
                number += 1;
                run.take(number, &line, is_too_long).await?;
                line.clear();
                is_too_long = false;
            }
            is_too_long = is_too_long || line.len() + part.len() > LONGEST_LINE;
            if !is_too_long {
                line.extend_from_slice(part);
            }
        }
    }
    if !line.is_empty() || is_too_long {
        run.take(number + 1, &line, is_too_long).await?;
    }
    run.flush().await?;
    Ok(Data::one(run.result))
}

/// A running import.
struct Run<'a> {
    website: &'a EnteredWebsite,
    context: &'a ReportContext,
    result: Imported,
    items: Vec<Item>,
    bytes: usize,
}

impl Run<'_> {
    async fn take(&mut self, number: u64, line: &[u8], is_too_long: bool) -> Result<(), Error> {
        let line = line.trim_ascii();
        if line.is_empty() && !is_too_long {
            return Ok(());
        }
        let item = if is_too_long {
            Err(Error::bad_request(format!("longer than {} KiB", LONGEST_LINE / 1024)))
        } else {
            self.item(line).await
        };
        match item {
            Ok(item) => {
                self.items.push(item);
                self.bytes += line.len();
            }
            Err(Error::Refused { message, .. }) => {
                self.result.rejected += 1;
                if self.result.errors.len() < MOST_ERRORS {
                    self.result.errors.push(LineError { line: number, message });
                }
            }
            Err(other) => return Err(other),
        }
        if self.items.len() >= LINES_AT_ONCE || self.bytes >= BYTES_AT_ONCE {
            self.flush().await?;
        }
        Ok(())
    }

    async fn item(&self, line: &[u8]) -> Result<Item, Error> {
        // Only payments in another currency need rates, and they are few.
        let rates = match foreign_day(line, self.context.currency, self.website.call.now) {
            Some(time) => exchange_rates::rates(&self.website.call.platform, time).await?,
            None => Rates::fallback().clone(),
        };
        let context = Context {
            now: self.website.call.now,
            domain: &self.context.domain,
            currency: self.context.currency,
            rates: &|_| rates.clone(),
            random: &|| self.website.call.platform.random().unwrap_or_default(),
        };
        item(line, &context)
    }

    async fn flush(&mut self) -> Result<(), PlatformError> {
        if self.items.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        let zone = self.context.timezone.clone();
        for is_new in self.website.site().ask_in(self.context.currency, Import { items, zone }).await? {
            *(if is_new { &mut self.result.accepted } else { &mut self.result.duplicates }) += 1;
        }
        Ok(())
    }
}

/// The time of a payment in a currency other than the website's.
fn foreign_day(line: &[u8], own: Currency, now: Timestamp) -> Option<Timestamp> {
    if !line.windows(16).any(|part| part == b"\"transaction_id\"") {
        return None;
    }
    let line: Json = serde_json::from_slice(line).ok()?;
    let extra = line.get("extraData")?;
    let currency: Currency = extra.get("currency")?.as_str()?.parse().ok()?;
    let time = extra.get("timestamp").or_else(|| line.get("timestamp")).and_then(Json::as_str);
    (currency != own).then(|| time.and_then(|time| time.parse().ok()).unwrap_or(now))
}

/// The lines of an export, as they arrive.
pub struct Lines(futures_util::stream::LocalBoxStream<'static, Result<Vec<u8>, PlatformError>>);

impl Answer for Lines {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    fn into_reply(self) -> Reply {
        Reply::streamed("application/x-ndjson", self.0)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(
            schemars::json_schema!({ "type": "string", "description": "One JSON object a line, as the import takes them." }),
        )
    }
}

/// GET: everything stored, oldest first.
pub async fn export(call: WebsiteCall, input: Input<()>) -> Result<Lines, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    let parts = futures_util::stream::try_unfold((website, Some(ExportPlace::START)), |(website, after)| async move {
        let Some(after) = after else { return Ok(None) };
        let part = website.site().ask(Export { after, limit: EXPORTED_AT_ONCE }).await?;
        Ok(Some((part.lines.into_bytes(), (website, part.next))))
    });
    Ok(Lines(Box::pin(parts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(line: &Json) -> Result<Item, String> {
        let context = Context {
            now: "2026-06-01T00:00:00Z".parse().unwrap(),
            domain: "example.com",
            currency: Currency::USD,
            rates: &|_| Rates::fallback().clone(),
            random: &|| [0; 8],
        };
        item(line.to_string().as_bytes(), &context).map_err(|error| match error {
            Error::Refused { message, .. } => message,
            other => panic!("{other:?}"),
        })
    }

    fn line(fields: &Json) -> Json {
        let mut line = json!({
            "id": "1", "timestamp": "2026-05-01T00:00:00Z", "type": "pageview", "href": "https://example.com/",
            "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "sessionId": "s1", "referrer": null,
        });
        line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        line
    }

    #[test]
    fn a_refused_line_names_its_fault() {
        for (fields, part) in [
            (json!({ "id": null }), "id: required"),
            (json!({ "timestamp": null }), "timestamp: required"),
            (json!({ "timestamp": "yesterday" }), "timestamp: expected a moment"),
            (json!({ "timestamp": "2026-06-01T00:05:01Z" }), "lies in the future"),
            (json!({ "type": "click" }), "type: unknown value"),
            (json!({ "visitorId": "me" }), "visitorId: a visitor's id is a UUID v4"),
            (json!({ "sessionId": null }), "sessionId: required"),
            (json!({ "href": null }), "href: required"),
            (json!({ "country": "Atlantis" }), "country: expected an ISO 3166-1"),
            (json!({ "country": "QM" }), "country: expected an ISO 3166-1"),
            (json!({ "type": "custom", "extraData": { "eventName": "A B" } }), "extraData.eventName: a goal name"),
        ] {
            let refused = read(&line(&fields)).unwrap_err();
            assert!(refused.contains(part), "{fields}: {refused}");
        }
        assert!(read(&line(&json!({ "timestamp": "2026-06-01T00:05:00Z" }))).is_ok());
    }

    #[test]
    fn countries_of_lines_are_those_of_live_events() {
        for (sent, kept) in [("XK", Some("XK")), ("eu", Some("EU")), ("T1", None), ("XX", None), ("", None)] {
            let Item::Event(event) = read(&line(&json!({ "country": sent }))).unwrap() else { panic!("no event") };
            assert_eq!(event.context.country.as_deref(), kept, "{sent}");
        }
    }

    #[test]
    fn payments_have_their_own_time_and_visitor() {
        let other = "a3ab2331-989f-4cfa-91c6-2461c9e3c6bd";
        let paid = |extra: &Json| match read(&line(&json!({ "type": "payment", "extraData": extra }))).unwrap() {
            Item::Payment(payment) => payment,
            Item::Event(_) => panic!("no payment"),
        };
        let extra = json!({ "amount": 49.99, "currency": "USD", "transaction_id": "t" });
        let plain = paid(&extra);
        assert_eq!(
            (plain.amount, plain.visitor.unwrap().to_string().as_str()),
            (4999, "b971cbbf-7ce2-4925-902b-8f95a5fb3449")
        );
        let extra = json!({ "amount": 1, "currency": "USD", "transaction_id": "t", "datafast_visitor_id": other,
            "timestamp": "2026-04-01T00:00:00Z", "renewal": true });
        let own = paid(&extra);
        assert_eq!(
            (own.time.to_string().as_str(), own.visitor.unwrap().to_string().as_str()),
            ("2026-04-01T00:00:00.000Z", other)
        );
        assert!(matches!(
            read(&line(&json!({ "type": "payment", "extraData": { "email": "a@b.co" } }))),
            Ok(Item::Event(_))
        ));
    }
}
