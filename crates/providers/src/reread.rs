//! The work on an event whose body is not kept any more: its subject is read, and taken as if the provider had told of it now.

use serde_json::{Value, json};

use crate::delivery::Envelope;
use crate::mapped::{Context, GONE, Mapped};
use crate::provider::Provider;
use crate::reading::{Next, Step, Trouble, found};
use crate::request::{Answer, Request};
use crate::{shopify, shopify_pages, woocommerce, work};

/// The first step, which asks for the subject; `None` if the provider has no request for it.
pub fn step(provider: Provider, kind: &str, subject: &str) -> Option<Step> {
    let next = Reread { provider, kind: kind.to_owned(), subject: subject.to_owned() };
    request(provider, kind, subject).map(|request| Step::ask(request, next))
}

fn request(provider: Provider, kind: &str, subject: &str) -> Option<Request> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if subject.is_empty() || !subject.bytes().all(is_id) {
        return None;
    }
    let path = match provider {
        Provider::Stripe => match subject.split('_').next() {
            Some("pi") => format!("/v1/payment_intents/{subject}"),
            Some("ch" | "py") => format!("/v1/charges/{subject}"),
            Some("re" | "pyr") => format!("/v1/refunds/{subject}"),
            Some("sub") => format!("/v1/subscriptions/{subject}"),
            _ => return None,
        },
        Provider::LemonSqueezy if kind.starts_with("order_") => format!("/v1/orders/{subject}"),
        Provider::LemonSqueezy if kind.starts_with("subscription_payment_") => {
            format!("/v1/subscription-invoices/{subject}")
        }
        Provider::LemonSqueezy if kind.starts_with("subscription_") => format!("/v1/subscriptions/{subject}"),
        Provider::Polar if kind.starts_with("order.") => format!("/v1/orders/{subject}"),
        Provider::Paddle if subject.starts_with("txn_") => format!("/transactions/{subject}"),
        Provider::Paddle if subject.starts_with("adj_") => {
            return Some(Request::get("/adjustments").with("id", subject));
        }
        Provider::Shopify if kind.starts_with("orders/") => {
            let variables = json!({ "after": null, "query": format!("id:{subject}") });
            return Some(shopify::graphql(shopify_pages::ORDERS, &variables));
        }
        Provider::WooCommerce if kind.starts_with("order.") => format!("{}/orders/{subject}", woocommerce::API),
        _ => return None,
    };
    Some(Request::get(path))
}

struct Reread {
    provider: Provider,
    kind: String,
    subject: String,
}

impl Reread {
    /// What the provider would post of an answer: the type and the body.
    fn told(&self, answer: &Value, context: &Context) -> Option<(String, Value)> {
        let Self { provider, kind, subject } = self;
        let now = context.now;
        let stripe = |kind: &str, object: Value| {
            let created = now.as_millis().div_euclid(1_000);
            (kind.to_owned(), json!({ "id": "reread", "type": kind, "created": created, "data": { "object": object } }))
        };
        Some(match provider {
            Provider::Stripe => match subject.split('_').next() {
                Some("pi") => stripe(
                    "checkout.session.completed",
                    json!({ "object": "checkout.session", "payment_intent": subject }),
                ),
                Some("ch" | "py") => stripe("charge.succeeded", answer.clone()),
                Some("sub") => stripe(
                    "customer.subscription.created",
                    json!({ "id": subject, "status": "trialing", "object": "subscription" }),
                ),
                _ => stripe(kind, answer.clone()),
            },
            Provider::LemonSqueezy => {
                let mode = answer.pointer("/data/attributes/test_mode");
                (
                    kind.clone(),
                    json!({ "meta": { "event_name": kind, "test_mode": mode }, "data": answer.get("data")? }),
                )
            }
            Provider::Polar => {
                // An order that could be told of is told of as one that was updated.
                (kind.clone(), json!({ "type": kind, "timestamp": now, "data": answer }))
            }
            Provider::Paddle => {
                let data = answer.get("data")?;
                let data = data.get(0).unwrap_or(data);
                (kind.clone(), json!({ "event_id": "reread", "event_type": kind, "occurred_at": now, "data": data }))
            }
            Provider::Shopify => {
                let order = answer.pointer("/data/orders/nodes/0")?;
                (kind.clone(), shopify::rest_order(order))
            }
            Provider::WooCommerce => (kind.clone(), answer.clone()),
        })
    }
}

impl Next for Reread {
    fn answered(self: Box<Self>, answer: &Answer, context: &Context) -> Result<Step, Trouble> {
        let answer = match self.provider {
            Provider::Shopify => {
                shopify::data(answer)?;
                Some(&answer.body)
            }
            _ => found(answer)?,
        };
        let told = answer.and_then(|answer| self.told(answer, context));
        let Some((kind, json)) = told else { return Ok(Mapped::ignored(GONE).into()) };
        let subject = Some(self.subject.clone());
        let envelope = Envelope { provider: self.provider, kind, subject, happened_at: Some(context.now), json };
        Ok(work::step(&envelope, context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Sample, production};

    /// What comes of the subject of a sample, if the provider answers so.
    fn reread(sample: &Sample, answers: &[(&str, Value)]) -> Option<Mapped> {
        let envelope = sample.envelope();
        let mut api = sample.api();
        api.answers
            .extend(answers.iter().map(|(request, answer)| ((*request).to_owned(), Answer::new(200, answer.clone()))));
        let step = step(sample.provider, &envelope.kind, envelope.subject.as_deref()?)?;
        Some(api.follow(step, &production()).unwrap())
    }

    fn is_the_same(one: &Mapped, other: &Mapped) {
        let (Mapped::Take(one), Mapped::Take(other)) = (one, other) else { panic!("{one:?} {other:?}") };
        assert_eq!(one.subject, other.subject);
        for (one, other) in one.records.iter().zip(&other.records) {
            assert_eq!((&one.id, &one.what, one.state, one.time), (&other.id, &other.what, other.state, other.time));
        }
    }

    #[test]
    fn a_subject_that_is_read_becomes_what_the_event_became() {
        for (provider, name, request) in [
            (Provider::LemonSqueezy, "01-order-created", "GET /v1/orders/{}"),
            (Provider::LemonSqueezy, "04-subscription-payment-success-renewal", "GET /v1/subscription-invoices/{}"),
            (Provider::LemonSqueezy, "07-subscription-created-on-trial", "GET /v1/subscriptions/{}"),
            (Provider::Polar, "01-order-paid-purchase", "GET /v1/orders/{}"),
            (Provider::Paddle, "01-transaction-completed", "GET /transactions/{}"),
            (Provider::Paddle, "05-adjustment-updated-approved", "GET /adjustments?id={}"),
            (Provider::WooCommerce, "01-order-created-paid", "GET /wp-json/wc/v3/orders/{}"),
            (Provider::Stripe, "06-refund-created-partial", "GET /v1/refunds/{}"),
        ] {
            let sample = Sample::read(provider, name);
            let json = sample.json();
            let answer = match provider {
                Provider::Paddle if request.contains("adjustments") => json!({ "data": [json["data"]] }),
                Provider::LemonSqueezy | Provider::Paddle => json!({ "data": json["data"] }),
                Provider::Polar => json["data"].clone(),
                Provider::Stripe => json["data"]["object"].clone(),
                _ => json,
            };
            let request = request.replace("{}", &sample.envelope().subject.unwrap());
            let mapped = reread(&sample, &[(&request, answer)]).unwrap();
            is_the_same(&mapped, &sample.mapped(&production()).0);
            let gone = reread(&sample, &[]).unwrap();
            assert!(matches!(gone, Mapped::Ignored { ref reason, .. } if reason == GONE), "{name}: {gone:?}");
        }
    }

    #[test]
    fn what_has_no_request_of_its_own_is_not_read() {
        for (provider, kind, subject) in [
            (Provider::Polar, "refund.created", "5c2f1a40-7d3e-4b7e-9a65-0f4b1c2d3e4f"),
            (Provider::Shopify, "refunds/create", "1"),
            (Provider::Stripe, "charge.dispute.funds_withdrawn", "du_1"),
            (Provider::Stripe, "charge.succeeded", "pi_1/../x"),
            (Provider::Stripe, "charge.succeeded", ""),
            (Provider::WooCommerce, "order.updated", "1?x=y"),
        ] {
            assert!(step(provider, kind, subject).is_none(), "{provider} {subject}");
        }
    }
}
