//! Stripe's past: sessions and invoices first, which only tell more of the charges that follow; and its events, for polling
//! (docs/contract/providers.md#4.1).

use serde_json::{Map, Value};

use sluice_values::Timestamp;

use crate::delivery::Envelope;
use crate::fields::Node;
use crate::headers::Headers;
use crate::mapped::{Context, Mapped};
use crate::paging::{Cursor, Link, Links, Page, Reach, body, unlike};
use crate::provider::Provider;
use crate::reading::Trouble;
use crate::request::{Answer, Request};
use crate::stripe::{EVENTS, Parts, Trial, dispute, payment, refund, trial_record};

const SESSIONS: usize = 0;
const INVOICES: usize = 1;
const SUBSCRIPTIONS: usize = 2;
const CHARGES: usize = 3;
const REFUNDS: usize = 4;

pub fn request(cursor: &Cursor, reach: &Reach) -> Request {
    let list = match cursor.stage {
        SESSIONS => Request::get("/v1/checkout/sessions").with("status", "complete"),
        INVOICES => Request::get("/v1/invoice_payments").with("status", "paid").with("expand[]", "data.invoice"),
        SUBSCRIPTIONS => Request::get("/v1/subscriptions").with("status", "all").with("expand[]", "data.customer"),
        CHARGES => Request::get("/v1/charges")
            .with("expand[]", "data.payment_intent")
            .with("expand[]", "data.balance_transaction")
            .with("expand[]", "data.customer"),
        REFUNDS => Request::get("/v1/refunds"),
        _ => Request::get("/v1/disputes"),
    };
    let list = match reach.from {
        Some(from) => list.with("created[gte]", secs(from)),
        None => list,
    };
    after(list.with("limit", "100"), cursor.after.as_deref())
}

fn secs(time: Timestamp) -> String {
    time.as_millis().div_euclid(1000).to_string()
}

fn after(list: Request, id: Option<&str>) -> Request {
    match id {
        Some(id) => list.with("starting_after", id),
        None => list,
    }
}

pub fn page(cursor: &Cursor, answer: &Answer, links: &Links, context: &Context) -> Result<Page, Trouble> {
    let list = Node::new("list", body(answer)?);
    let mut page = Page::default();
    let mut last = None;
    for item in list.need_items("/data", "object").map_err(unlike)? {
        page.done += 1;
        last = item.id("/id").or(last);
        match cursor.stage {
            SESSIONS => page.links.extend(links_of_session(&item)),
            INVOICES => page.links.extend(link_of_invoice(&item)),
            SUBSCRIPTIONS => {
                let session = item.id("/id").and_then(|id| links.get(&id)).and_then(|link| link.session.clone());
                let trial = Trial { subscription: item.json().clone(), session, ..Trial::default() };
                page.push(trial_record(&trial, context).map(Into::into));
            }
            CHARGES => page.push(payment(&parts(&item, links), context).map(Into::into)),
            REFUNDS => page.push(refund(&item, context.now).map(Into::into)),
            _ if item.value("/livemode").is_some_and(|mode| mode == false) && context.ignores_tests() => {
                page.push(Ok(Mapped::ignored(crate::mapped::TEST_MODE).into()));
            }
            _ => page.push(dispute(&item, None, context.now).map(Into::into)),
        }
    }
    page.next = Some(match last.filter(|_| list.is("/has_more")) {
        Some(last) => cursor.after(last),
        None => cursor.next_stage(),
    });
    Ok(page)
}

fn parts(charge: &Node<'_>, links: &Links) -> Parts {
    let link = charge.id_of("/payment_intent").and_then(|intent| links.get(&intent));
    let invoice = link.and_then(|link| link.invoice.clone());
    let subscription = invoice.as_ref().and_then(subscription_of);
    let of_subscription = subscription.and_then(|id| links.get(&id)).and_then(|link| link.session.clone());
    let session = link.and_then(|link| link.session.clone()).or(of_subscription);
    Parts { charge: charge.json().clone(), invoice, session, customer: None }
}

fn subscription_of(invoice: &Value) -> Option<String> {
    Node::new("invoice", invoice).id_of("/parent/subscription_details/subscription")
}

pub fn wanted_links(cursor: &Cursor, answer: &Answer, links: &Links) -> Vec<String> {
    let list = Node::new("list", &answer.body);
    let of = |item: Node<'_>| -> Vec<String> {
        match cursor.stage {
            SUBSCRIPTIONS => item.id("/id").into_iter().collect(),
            CHARGES => {
                let intent = item.id_of("/payment_intent");
                let invoice =
                    intent.as_ref().and_then(|intent| links.get(intent)).and_then(|link| link.invoice.as_ref());
                let subscription = invoice.and_then(subscription_of);
                intent.into_iter().chain(subscription).collect()
            }
            _ => Vec::new(),
        }
    };
    let mut wanted: Vec<String> = list.items("/data", "object").flat_map(of).collect();
    wanted.retain(|id| !links.contains_key(id));
    wanted.sort();
    wanted.dedup();
    wanted
}

/// Of a session, what a charge takes from it, under its intent and its subscription.
fn links_of_session(session: &Node<'_>) -> Vec<(String, Link)> {
    let kept = keep(session, &["id", "metadata", "client_reference_id", "customer_details", "total_details"]);
    let of = ["/payment_intent", "/subscription"].into_iter().filter_map(|path| session.id_of(path));
    of.map(|id| (id, Link { session: Some(kept.clone()), invoice: None })).collect()
}

fn link_of_invoice(paid: &Node<'_>) -> Option<(String, Link)> {
    let invoice = paid.object("/invoice", "invoice")?;
    let fields = ["id", "billing_reason", "metadata", "customer_email", "customer_name", "parent", "total_taxes"];
    Some((paid.id_of("/payment/payment_intent")?, Link { session: None, invoice: Some(keep(&invoice, &fields)) }))
}

fn keep(node: &Node<'_>, fields: &[&str]) -> Value {
    let kept = fields.iter().filter_map(|field| Some(((*field).to_owned(), node.json().get(field)?.clone())));
    Value::Object(kept.collect::<Map<String, Value>>())
}

// ---- Polling

/// How far a look reaches back behind the newest event that was seen: events are not told in order.
const OVERLAP_MS: i64 = 10 * 60_000;

/// The request for events since one that was seen; `id` is the last one of the page before.
pub fn events_request(since: Timestamp, id: Option<&str>) -> Request {
    let list = EVENTS.iter().fold(Request::get("/v1/events"), |list, event| list.with("types[]", *event));
    let from = since.plus_millis(-OVERLAP_MS);
    after(list.with("created[gte]", secs(from)).with("limit", "100"), id)
}

/// An event that polling found.
#[derive(Debug)]
pub struct Found {
    /// By which doubles are found.
    pub key: String,
    /// The event as JSON.
    pub text: String,
    pub envelope: Envelope,
}

/// Events as polling finds them.
#[derive(Debug)]
pub struct Events {
    pub events: Vec<Found>,
    /// The id that the next page begins after.
    pub next: Option<String>,
}

pub fn events(answer: &Answer) -> Result<Events, Trouble> {
    let list = Node::new("list", body(answer)?);
    let (mut events, mut last) = (Vec::new(), None);
    for item in list.need_items("/data", "event").map_err(unlike)? {
        let text = item.json().to_string();
        let Ok(envelope) = Envelope::read(Provider::Stripe, Headers(&[]), text.as_bytes()) else { continue };
        let Some(key) = item.id("/id") else { continue };
        last = Some(key.clone());
        events.push(Found { key, text, envelope });
    }
    Ok(Events { events, next: last.filter(|_| list.is("/has_more")) })
}
