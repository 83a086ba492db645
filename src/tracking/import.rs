//! `POST …/import`: a website's past events, one JSON object per line (docs/contract/reports.md#20).

use serde::Serialize;
use serde_json::Value as Json;

use super::event_body::{EventType, PastFields, Received, SentEvent};
use super::payments;
use crate::exchange_rates::RatesOfDays;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Input, Upload, parse_borrowed, parse_lenient};
use crate::http::json::{self, DEEPEST};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_engine::event::{Event, VisitorKey};
use sluice_engine::protocol::{Import, Item};
use sluice_engine::reports::realtime::RealtimeCount;
use sluice_money::Rates;
use sluice_values::{Currency, EventId, Id, Place, Timestamp};

/// How many lines are sent to the website's object in one call.
const LINES_AT_ONCE: usize = 1_000;
/// How many bytes of lines are sent in one call: an object's calls are limited in size.
const BYTES_AT_ONCE: usize = 1 << 20;
/// The longest line, in bytes.
pub const LONGEST_LINE: usize = 64 * 1024;
/// How many errors are reported: the first ones.
pub const MOST_ERRORS: usize = 100;
/// How many batches of an import may fail before it stops.
const MOST_FAILURES: u32 = 100;
/// How deep arrays and objects of a line may be nested: what `POST /identify` takes is one deeper in its line.
const DEEPEST_LINE: usize = DEEPEST + 1;

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

/// What the lines of an import are read with.
pub struct Context<'a> {
    /// When the import runs.
    pub now: Timestamp,
    /// Whether a host belongs to the website: those are no referrers.
    pub owns: &'a dyn Fn(&str) -> bool,
    /// The website's currency.
    pub currency: Currency,
    /// The rates of a day.
    pub rates: &'a dyn Fn(Timestamp) -> Rates,
    /// Eight random bytes for an id.
    pub random: &'a dyn Fn() -> [u8; 8],
}

/// What a line says.
pub enum Line {
    Event(Box<Event>),
    Payment(Box<PastPayment>),
}

/// A payment that may have to be converted.
pub struct PastPayment {
    create: payments::Create,
    id: EventId,
    time: Timestamp,
}

impl PastPayment {
    /// The day whose rates are needed; `None` if it was paid in the website's own currency.
    fn foreign_day(&self, own: Currency) -> Option<Timestamp> {
        (self.create.currency() != own).then_some(self.time)
    }

    fn item(self, rates: &Rates, context: &Context) -> Result<Item, Error> {
        let id = Id::new(self.time, (context.random)());
        let payment = self.create.payment(id, Some(self.id), self.time, context.currency, rates)?;
        Ok(Item::Payment(Box::new(payment)))
    }
}

/// Parses a line into an item.
pub fn item(line: &[u8], context: &Context) -> Result<Item, Error> {
    match read(line, context)? {
        Line::Event(event) => Ok(Item::Event(event)),
        Line::Payment(payment) => {
            let rates = (context.rates)(payment.time);
            payment.item(&rates, context)
        }
    }
}

/// Parses a line.
fn read(line: &[u8], context: &Context) -> Result<Line, Error> {
    let json = json::parse(line, DEEPEST_LINE).map_err(|why| Error::bad_request(why.to_string()))?;
    if !json.is_object() {
        return Err(Error::bad_request("expected a JSON object"));
    }
    let sent = SentEvent { past: parse_borrowed::<PastFields>(&json)?, ..parse_borrowed(&json)? };
    let id = sent.id.clone().ok_or_else(|| Error::bad_request("id: required, but missing"))?;
    if is_payment(&sent) {
        let payment = payment(&sent, id, context)?;
        // An older export has what browsers said of payments in the form of payments, but within a session.
        return match sent.session_id {
            None => Ok(Line::Payment(Box::new(payment))),
            Some(_) => Err(Error::bad_request(
                "sessionId: a payment is part of no session; what a browser said of one has no extraData.transaction_id",
            )),
        };
    }
    let time = sent.past_time(context.now)?;
    let is_public_id = sent.past.is_public_id;
    if sent.session_id.is_none() && !matches!(sent.r#type, EventType::Custom | EventType::Identify) {
        return Err(Error::bad_request("sessionId: required, but missing"));
    }
    let event = if sent.session_id.is_none() && sent.href.is_none() {
        let event = Event::of_backend(id, time, sent.visitor()?, sent.action()?);
        Event { context: sent.context(Place::default(), None), ..event }
    } else {
        let received = Received {
            id,
            time,
            sender: VisitorKey::Visitor(sent.visitor()?),
            session: sent.session_id.clone(),
            place: Place::default(),
            user_agent: None,
            owns: context.owns,
        };
        sent.event(sent.action()?, sent.address()?, received)
    };
    Ok(Line::Event(Box::new(Event { is_public_id, ..event })))
}

/// Whether a line is of a payment. What a browser said of one has a session and is none, and no more than a key of one in
/// exports of today (docs/contract/reports.md#13 and #20).
fn is_payment(sent: &SentEvent) -> bool {
    let has = |name: &str| sent.extra_data.get(name).is_some_and(|value| !value.is_null());
    sent.r#type == EventType::Payment
        && has("transaction_id")
        && (sent.session_id.is_none() || has("amount") && has("currency"))
}

/// A payment line's own time and visitor win over the line's (docs/contract/reports.md#20).
fn payment(sent: &SentEvent, id: EventId, context: &Context) -> Result<PastPayment, Error> {
    let mut extra = sent.extra_data.clone();
    if let Some(visitor) = &sent.visitor_id {
        let has_own = ["datafast_visitor_id", "visitorId"]
            .into_iter()
            .any(|name| extra.get(name).and_then(Json::as_str).is_some_and(|own| !own.trim().is_empty()));
        if !has_own {
            extra.insert("datafast_visitor_id".to_owned(), visitor.as_str().into());
        }
    }
    let create: payments::Create = parse_lenient(Json::Object(extra))?;
    let time = match create.time(context.now)? {
        Some(time) => time,
        None => sent.past_time(context.now)?,
    };
    Ok(PastPayment { create, id, time })
}

/// POST: stores past events.
pub async fn import(call: WebsiteCall, input: Input<Upload>) -> Result<Data<Imported>, Error> {
    let (website, mut upload, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    let mut run = Run {
        website: &website,
        context: &context,
        rates: RatesOfDays::default(),
        result: Imported::default(),
        batch: Vec::new(),
        bytes: 0,
        done: 0,
        failures: 0,
    };
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

/// Why a line of a pageview or an exit click is rejected that would otherwise be taken.
const FULL: &str = "the website's store is full: only goals, identities and payments are taken";

/// An import in progress.
struct Run<'a> {
    website: &'a EnteredWebsite,
    context: &'a ReportContext,
    rates: RatesOfDays,
    result: Imported,
    /// Items that are not stored yet, each with the number of its line.
    batch: Vec<(u64, Item)>,
    bytes: usize,
    /// The number of the last line that has been dealt with, like all before it.
    done: u64,
    /// How many batches could not be stored.
    failures: u32,
}

impl Run<'_> {
    async fn take(&mut self, number: u64, line: &[u8], is_too_long: bool) -> Result<(), Error> {
        // Files that were put together have a byte order mark before each of their parts.
        let line = json::without_mark(line.trim_ascii()).trim_ascii();
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
                self.batch.push((number, item));
                self.bytes += line.len();
            }
            Err(Error::Refused { message, .. }) => self.reject(number, message),
            Err(other) => return Err(other),
        }
        if self.batch.len() >= LINES_AT_ONCE || self.bytes >= BYTES_AT_ONCE {
            self.flush().await?;
        }
        Ok(())
    }

    fn reject(&mut self, line: u64, message: String) {
        self.result.rejected += 1;
        if self.result.errors.len() < MOST_ERRORS {
            self.result.errors.push(LineError { line, message });
        }
    }

    async fn item(&mut self, line: &[u8]) -> Result<Item, Error> {
        let website = self.context;
        let platform = &self.website.call.platform;
        let context = Context {
            now: self.website.call.now,
            owns: &|host| website.owns(host),
            currency: website.currency,
            rates: &|_| Rates::fallback().clone(),
            random: &|| platform.random().unwrap_or_default(),
        };
        match read(line, &context)? {
            Line::Event(event) => Ok(Item::Event(event)),
            Line::Payment(payment) => match payment.foreign_day(website.currency) {
                Some(day) => payment.item(&self.rates.of(platform, day).await?, &context),
                None => payment.item(Rates::fallback(), &context),
            },
        }
    }

    /// Stores the batch. What cannot be stored is parted until only the lines are left that are to blame.
    async fn flush(&mut self) -> Result<(), Error> {
        self.bytes = 0;
        let mut parts = vec![std::mem::take(&mut self.batch)];
        while let Some(mut part) = parts.pop() {
            let Some((last, _)) = part.last() else { continue };
            let (last, site) = (*last, self.website.site());
            let items = part.iter().map(|(_, item)| item.clone()).collect();
            let import = Import { items, zone: self.context.timezone.clone(), may_drop: true };
            match site.ask_in(self.context.currency, import).await {
                Ok(stored) => {
                    for ((number, _), is_new) in part.iter().zip(stored) {
                        match is_new {
                            Some(true) => self.result.accepted += 1,
                            Some(false) => self.result.duplicates += 1,
                            None => self.reject(*number, FULL.to_owned()),
                        }
                    }
                    self.done = last;
                }
                Err(error) => {
                    self.failures += 1;
                    if self.failures > MOST_FAILURES || site.ask(RealtimeCount {}).await.is_err() {
                        return Err(Error::Stopped { cause: error, message: self.stopped() });
                    }
                    let second = part.split_off(part.len() / 2);
                    if part.is_empty() {
                        self.reject(last, "could not be stored".to_owned());
                        self.done = last;
                    } else {
                        parts.push(second);
                        parts.push(part);
                    }
                }
            }
        }
        Ok(())
    }

    fn stopped(&self) -> String {
        format!(
            "the import stopped behind line {}: send the lines after it again ({} accepted, {} duplicates, {} rejected so far)",
            self.done, self.result.accepted, self.result.duplicates, self.result.rejected
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(line: &Json) -> Result<Item, String> {
        let context = Context {
            now: "2026-06-01T00:00:00Z".parse().unwrap(),
            owns: &|host| ["example.com", "own.example"].contains(&host),
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
        let of_payment =
            |extra: &Json| line(&json!({ "type": "payment", "sessionId": null, "href": null, "extraData": extra }));
        let paid = |extra: &Json| match read(&of_payment(extra)).unwrap() {
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
