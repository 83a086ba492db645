//! Registering webhooks at a provider (docs/contract/providers.md#3.3): listing, making, deleting, and which of those that
//! are there are ours.

use serde_json::json;

use crate::fields::Node;
use crate::ids::is_path_segment;
use crate::provider::Provider;
use crate::request::{Answer, Body, Method, POLAR_VERSION, Request, STRIPE_VERSION};
use crate::{lemonsqueezy, paddle, polar, shopify, stripe, woocommerce};

/// What a webhook is made with.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub url: &'a str,
    /// Of the website.
    pub website: &'a str,
    /// Chosen by us, where the provider wants that: Lemon Squeezy, WooCommerce.
    pub secret: &'a str,
    /// The store of Lemon Squeezy.
    pub store: &'a str,
    /// Whether the store's test mode is meant.
    pub test_mode: bool,
    /// Whether Shopify's disputes may be read.
    pub has_disputes: bool,
}

/// A webhook that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: String,
    pub url: String,
    /// What it is for, where a shop has one for each topic.
    pub topic: Option<String>,
    /// Whether the provider has it switched on.
    pub is_on: bool,
    /// Where the provider tells it.
    pub secret: Option<String>,
}

/// The request for the webhooks that are there.
pub fn list(provider: Provider, wanted: &Wanted<'_>) -> Request {
    match provider {
        Provider::Stripe => Request::get("/v1/webhook_endpoints").with("limit", "100"),
        Provider::LemonSqueezy => {
            Request::get("/v1/webhooks").with("filter[store_id]", wanted.store).with("page[size]", "100")
        }
        Provider::Polar => Request::get("/v1/webhooks/endpoints").with("limit", "100"),
        Provider::Paddle => Request::get("/notification-settings").with("per_page", "200"),
        Provider::Shopify => shopify::graphql(LIST, &json!({})),
        Provider::WooCommerce => Request::get(format!("{}/webhooks", woocommerce::API)).with("per_page", "100"),
    }
}

/// The requests that make what is wanted; shops have a webhook for each topic.
pub fn create(provider: Provider, wanted: &Wanted<'_>) -> Vec<Request> {
    match provider {
        Provider::Stripe => {
            let mut form = vec![
                ("url", wanted.url.to_owned()),
                ("api_version", STRIPE_VERSION.to_owned()),
                ("description", "Sluice".to_owned()),
                ("metadata[website]", wanted.website.to_owned()),
            ];
            form.extend(stripe::EVENTS.map(|event| ("enabled_events[]", event.to_owned())));
            vec![Request::post("/v1/webhook_endpoints", Body::Form(form))]
        }
        Provider::LemonSqueezy => {
            let attributes = json!({ "url": wanted.url, "events": lemonsqueezy::EVENTS, "secret": wanted.secret, "test_mode": wanted.test_mode });
            let store = json!({ "data": { "type": "stores", "id": wanted.store } });
            let body = json!({ "data": { "type": "webhooks", "attributes": attributes, "relationships": { "store": store } } });
            vec![Request::post("/v1/webhooks", Body::Json(body))]
        }
        Provider::Polar => {
            // An organization's token says which organization; naming it would be an error.
            let body = json!({ "url": wanted.url, "format": "raw", "events": polar::EVENTS, "name": "Sluice", "api_version": POLAR_VERSION });
            vec![Request::post("/v1/webhooks/endpoints", Body::Json(body))]
        }
        Provider::Paddle => {
            let body = json!({ "description": "Sluice", "type": "url", "destination": wanted.url, "subscribed_events": paddle::EVENTS,
                "api_version": 1, "traffic_source": "platform" });
            vec![Request::post("/notification-settings", Body::Json(body))]
        }
        Provider::Shopify => shopify_topics(wanted)
            .map(|topic| shopify::graphql(CREATE, &json!({ "topic": topic, "uri": wanted.url })))
            .collect(),
        Provider::WooCommerce => {
            let body = |topic: &&str| json!({ "name": "Sluice orders", "topic": topic, "delivery_url": wanted.url, "secret": wanted.secret, "status": "active" });
            let request = |topic| Request::post(format!("{}/webhooks", woocommerce::API), Body::Json(body(topic)));
            woocommerce::TOPICS.iter().map(request).collect()
        }
    }
}

/// What makes the webhooks that are there the ones that are wanted. Doing it again does nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub keep: Vec<String>,
    /// Those that were switched off, and what switches them on.
    pub enable: Vec<(String, Request)>,
    pub delete: Vec<String>,
    pub create: Vec<Request>,
}

/// Of those that are ours, one for each purpose is kept if its secret is known, and switched on where it was off: Shopify signs with
/// the app's, Polar and Paddle tell it again, the others' are known by the ids of webhooks that we made.
pub fn plan(provider: Provider, wanted: &Wanted<'_>, ours: &[Webhook], known: &[String]) -> Plan {
    let mut plan = Plan::default();
    let mut kept: Vec<&Option<String>> = Vec::new();
    let (on, off): (Vec<_>, Vec<_>) = ours.iter().partition(|webhook| webhook.is_on);
    for webhook in on.into_iter().chain(off) {
        let has_secret = provider == Provider::Shopify || webhook.secret.is_some() || known.contains(&webhook.id);
        let is_good = has_secret && webhook.url == wanted.url && !kept.contains(&&webhook.topic);
        let switch = if webhook.is_on { None } else { enable(provider, &webhook.id) };
        match switch {
            _ if !is_good || !webhook.is_on && switch.is_none() => {
                plan.delete.push(webhook.id.clone());
                continue;
            }
            Some(request) => plan.enable.push((webhook.id.clone(), request)),
            None => plan.keep.push(webhook.id.clone()),
        }
        kept.push(&webhook.topic);
    }
    let topics: Vec<Option<&str>> = match provider {
        Provider::Shopify => shopify_topics(wanted).map(Some).collect(),
        Provider::WooCommerce => woocommerce::TOPICS.into_iter().map(Some).collect(),
        _ => vec![None],
    };
    let is_kept = |topic: Option<&str>| kept.iter().any(|kept| topic.is_none() || kept.as_deref() == topic);
    let requests = topics.into_iter().zip(create(provider, wanted));
    plan.create = requests.filter(|(topic, _)| !is_kept(*topic)).map(|(_, request)| request).collect();
    plan
}

fn shopify_topics(wanted: &Wanted<'_>) -> impl Iterator<Item = &'static str> {
    let disputes: &[&'static str] = if wanted.has_disputes { &shopify::DISPUTE_TOPICS } else { &[] };
    shopify::TOPICS.iter().chain(disputes).copied()
}

/// The request that deletes a webhook; `None` for an id that is none.
pub fn delete(provider: Provider, id: &str) -> Option<Request> {
    if provider == Provider::Shopify {
        return Some(shopify::graphql(DELETE, &json!({ "id": id })));
    }
    let request = Request::delete(path(provider, id)?);
    Some(if provider == Provider::WooCommerce { request.with("force", "true") } else { request })
}

/// The request that switches a webhook on again; `None` where the provider has no switch, and for an id that is none.
fn enable(provider: Provider, id: &str) -> Option<Request> {
    let (method, body) = match provider {
        Provider::Stripe => (Method::Post, Body::Form(vec![("disabled", "false".to_owned())])),
        Provider::Polar => (Method::Patch, Body::Json(json!({ "enabled": true }))),
        Provider::Paddle => (Method::Patch, Body::Json(json!({ "active": true }))),
        Provider::WooCommerce => (Method::Put, Body::Json(json!({ "status": "active" }))),
        Provider::LemonSqueezy | Provider::Shopify => return None,
    };
    Some(Request { method, ..Request::post(path(provider, id)?, body) })
}

/// The path of a webhook; Shopify has none.
fn path(provider: Provider, id: &str) -> Option<String> {
    let path = match provider {
        Provider::Stripe => "/v1/webhook_endpoints",
        Provider::LemonSqueezy => "/v1/webhooks",
        Provider::Polar => "/v1/webhooks/endpoints",
        Provider::Paddle => "/notification-settings",
        Provider::Shopify | Provider::WooCommerce => "/wp-json/wc/v3/webhooks",
    };
    is_path_segment(id).then(|| format!("{path}/{id}"))
}

/// Whether the webhook is gone after this answer to [`delete`].
pub fn is_deleted(provider: Provider, answer: &Answer) -> bool {
    match provider {
        Provider::Shopify => answer.is_ok() && answer.body.pointer("/errors").is_none(),
        _ => answer.is_ok() || matches!(answer.status, 404 | 410),
    }
}

/// The webhooks of an answer to [`list`] whose address begins with `prefix`.
pub fn ours(provider: Provider, answer: &Answer, prefix: &str) -> Vec<Webhook> {
    let node = Node::new("webhooks", &answer.body);
    let items: Vec<Node<'_>> = match provider {
        Provider::Stripe | Provider::LemonSqueezy | Provider::Paddle => node.items("/data", "webhook").collect(),
        Provider::Polar => node.items("/items", "webhook").collect(),
        Provider::Shopify => node.items("/data/webhookSubscriptions/nodes", "webhook").collect(),
        Provider::WooCommerce => node.items("", "webhook").collect(),
    };
    items.iter().filter_map(|item| webhook(provider, item)).filter(|webhook| webhook.url.starts_with(prefix)).collect()
}

/// The webhook that an answer to [`create`] says was made. Shopify: `None` too if one for the topic was there before.
pub fn created(provider: Provider, answer: &Answer) -> Option<Webhook> {
    if !answer.is_ok() {
        return None;
    }
    let node = Node::new("webhook", &answer.body);
    let made = match provider {
        Provider::LemonSqueezy | Provider::Paddle => node.object("/data", "webhook")?,
        Provider::Shopify => node.object("/data/webhookSubscriptionCreate/webhookSubscription", "webhook")?,
        _ => node,
    };
    webhook(provider, &made)
}

/// Whether Shopify says that the topic has our address already, which is as good.
pub fn is_taken(answer: &Answer) -> bool {
    let node = Node::new("webhook", &answer.body);
    let mut errors = node.items("/data/webhookSubscriptionCreate/userErrors", "error");
    errors.any(|error| error.text("/message").is_some_and(|text| text.contains("already been taken")))
}

fn webhook(provider: Provider, node: &Node<'_>) -> Option<Webhook> {
    let url = match provider {
        Provider::LemonSqueezy => "/attributes/url",
        Provider::Paddle => "/destination",
        Provider::Shopify => "/uri",
        Provider::WooCommerce => "/delivery_url",
        Provider::Stripe | Provider::Polar => "/url",
    };
    let is_on = match provider {
        Provider::Stripe => node.text("/status").is_none_or(|status| status == "enabled"),
        Provider::Polar => node.value("/enabled").is_none_or(|enabled| enabled == true),
        Provider::Paddle => node.value("/active").is_none_or(|active| active == true),
        Provider::WooCommerce => node.text("/status").is_none_or(|status| status == "active"),
        Provider::LemonSqueezy | Provider::Shopify => true,
    };
    let secret = match provider {
        Provider::Stripe | Provider::Polar => node.text("/secret"),
        Provider::Paddle => node.text("/endpoint_secret_key"),
        _ => None,
    };
    let topic = node.text("/topic").map(str::to_owned);
    Some(Webhook {
        id: node.id("/id")?,
        url: node.text(url)?.to_owned(),
        topic,
        is_on,
        secret: secret.map(str::to_owned),
    })
}

const LIST: &str = "query Webhooks { webhookSubscriptions(first: 50) { nodes { id topic uri } } }";
const CREATE: &str = "mutation CreateWebhook($topic: WebhookSubscriptionTopic!, $uri: String!) { webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) { webhookSubscription { id topic uri } userErrors { field message } } }";
const DELETE: &str = "mutation DeleteWebhook($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }";

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const PREFIX: &str = "https://gateway.example/api/v1/hooks/x/665f0b3c4d2e1a0012345678/";

    fn wanted() -> Wanted<'static> {
        Wanted {
            url: "https://gateway.example/api/v1/hooks/x/665f0b3c4d2e1a0012345678/token",
            website: "665f0b3c4d2e1a0012345678",
            secret: "ours",
            store: "12345",
            test_mode: false,
            has_disputes: true,
        }
    }

    #[test]
    fn every_provider_is_told_where_to_post() {
        for provider in Provider::ALL {
            let made = create(provider, &wanted());
            let count = match provider {
                Provider::Shopify => 7,
                Provider::WooCommerce => 4,
                _ => 1,
            };
            assert_eq!(made.len(), count, "{provider}");
            for request in made {
                assert!(format!("{:?}", request.body).contains(wanted().url), "{provider}");
            }
        }
        let Body::Form(form) = &create(Provider::Stripe, &wanted())[0].body else { panic!() };
        assert_eq!(form.iter().filter(|(name, _)| *name == "enabled_events[]").count(), 13);
    }

    #[test]
    fn only_addresses_of_this_website_are_ours() {
        let own = wanted().url;
        let others =
            ["https://gateway.example/api/v1/hooks/x/665f0b3c4d2e1a0012345679/token", "https://other.example/"];
        let list = |item: fn(usize, &str) -> Value| -> Vec<Value> {
            [own].iter().chain(&others).enumerate().map(|(index, url)| item(index, url)).collect()
        };
        for (provider, body, is_on) in [
            (
                Provider::Stripe,
                json!({ "data": list(|id, url| json!({ "id": id + 1, "url": url, "status": "disabled" })) }),
                false,
            ),
            (
                Provider::LemonSqueezy,
                json!({ "data": list(|id, url| json!({ "id": id + 1, "attributes": { "url": url } })) }),
                true,
            ),
            (
                Provider::Polar,
                json!({ "items": list(|id, url| json!({ "id": id + 1, "url": url, "enabled": false })) }),
                false,
            ),
            (
                Provider::Paddle,
                json!({ "data": list(|id, url| json!({ "id": id + 1, "destination": url, "active": false })) }),
                false,
            ),
            (
                Provider::Shopify,
                json!({ "data": { "webhookSubscriptions": { "nodes": list(|id, url| json!({ "id": id + 1, "uri": url })) } } }),
                true,
            ),
            (
                Provider::WooCommerce,
                json!(list(|id, url| json!({ "id": id + 1, "delivery_url": url, "status": "paused" }))),
                false,
            ),
        ] {
            let found = ours(provider, &Answer::new(200, body), PREFIX);
            assert_eq!(
                found,
                [Webhook { id: "1".into(), url: own.into(), topic: None, is_on, secret: None }],
                "{provider}"
            );
        }
        assert!(ours(Provider::WooCommerce, &Answer::new(200, Value::Null), PREFIX).is_empty());
    }

    #[test]
    fn a_secret_is_read_where_it_is_told() {
        let own = wanted().url;
        for (provider, body, secret) in [
            (Provider::Stripe, json!({ "id": "we_1", "url": own, "secret": "whsec_1" }), Some("whsec_1")),
            (Provider::LemonSqueezy, json!({ "data": { "id": "1", "attributes": { "url": own } } }), None),
            (Provider::Polar, json!({ "id": "1", "url": own, "secret": "whsec_2" }), Some("whsec_2")),
            (
                Provider::Paddle,
                json!({ "data": { "id": "ntfset_1", "destination": own, "endpoint_secret_key": "pdl_1" } }),
                Some("pdl_1"),
            ),
            (
                Provider::Shopify,
                json!({ "data": { "webhookSubscriptionCreate": { "webhookSubscription": { "id": "gid", "uri": own }, "userErrors": [] } } }),
                None,
            ),
            (Provider::WooCommerce, json!({ "id": 11, "delivery_url": own }), None),
        ] {
            let made = created(provider, &Answer::new(201, body.clone())).unwrap();
            assert_eq!(made.secret.as_deref(), secret, "{provider}");
            assert_eq!(created(provider, &Answer::new(403, body)), None, "{provider}");
        }
        let taken = json!({ "data": { "webhookSubscriptionCreate": { "webhookSubscription": null, "userErrors": [{ "message": "Address for this topic has already been taken" }] } } });
        assert!(is_taken(&Answer::new(200, taken.clone())));
        assert_eq!(created(Provider::Shopify, &Answer::new(200, taken)), None);
    }

    #[test]
    fn one_webhook_of_each_purpose_is_kept_and_the_rest_made_again() {
        let webhook = |id: &str, topic: Option<&str>, secret: Option<&str>| Webhook {
            id: id.into(),
            url: wanted().url.into(),
            topic: topic.map(str::to_owned),
            is_on: true,
            secret: secret.map(str::to_owned),
        };
        let ids = |plan: &Plan| (plan.keep.join(" "), plan.delete.join(" "), plan.create.len());
        let of = |provider, ours: &[Webhook], known: &[&str]| {
            let known: Vec<String> = known.iter().map(|id| (*id).to_owned()).collect();
            ids(&plan(provider, &wanted(), ours, &known))
        };
        let stripe = [webhook("we_1", None, None), webhook("we_2", None, None)];
        assert_eq!(of(Provider::Stripe, &stripe, &["we_2"]), ("we_2".into(), "we_1".into(), 0));
        assert_eq!(of(Provider::Stripe, &stripe, &[]), (String::new(), "we_1 we_2".into(), 1));
        assert_eq!(of(Provider::Stripe, &[], &["we_1"]), (String::new(), String::new(), 1));
        let mut off = webhook("we_1", None, None);
        off.is_on = false;
        let switched = plan(Provider::Stripe, &wanted(), std::slice::from_ref(&off), &["we_1".to_owned()]);
        assert_eq!((ids(&switched), switched.enable.len()), ((String::new(), String::new(), 0), 1));
        // Its secret is not known, or another is on.
        assert_eq!(of(Provider::Stripe, std::slice::from_ref(&off), &[]), (String::new(), "we_1".into(), 1));
        let both = [off, webhook("we_2", None, None)];
        assert_eq!(of(Provider::Stripe, &both, &["we_1", "we_2"]), ("we_2".into(), "we_1".into(), 0));
        let mut moved = webhook("we_1", None, None);
        moved.url.push('x');
        assert_eq!(of(Provider::Stripe, &[moved], &["we_1"]), (String::new(), "we_1".into(), 1));
        assert_eq!(
            of(Provider::Paddle, &[webhook("ntfset_1", None, Some("pdl"))], &[]),
            ("ntfset_1".into(), String::new(), 0)
        );
        let woo = [
            webhook("1", Some("order.created"), None),
            webhook("2", Some("order.created"), None),
            webhook("3", Some("order.updated"), None),
        ];
        assert_eq!(of(Provider::WooCommerce, &woo, &["1", "2", "3"]), ("1 3".into(), "2".into(), 2));
        let shopify = [webhook("gid", Some("ORDERS_PAID"), None)];
        assert_eq!(of(Provider::Shopify, &shopify, &[]), ("gid".into(), String::new(), 6));
    }

    #[test]
    fn what_was_switched_off_is_switched_on_where_it_is() {
        for (provider, id, method, target, content) in [
            (Provider::Stripe, "we_1", Method::Post, "/v1/webhook_endpoints/we_1", "disabled=false"),
            (Provider::Polar, "1", Method::Patch, "/v1/webhooks/endpoints/1", r#"{"enabled":true}"#),
            (Provider::Paddle, "ntfset_1", Method::Patch, "/notification-settings/ntfset_1", r#"{"active":true}"#),
            (Provider::WooCommerce, "11", Method::Put, "/wp-json/wc/v3/webhooks/11", r#"{"status":"active"}"#),
        ] {
            let request = enable(provider, id).unwrap();
            assert_eq!((request.method, request.target().as_str()), (method, target), "{provider}");
            assert_eq!(request.content().unwrap().0, content, "{provider}");
            assert_eq!(enable(provider, "../orders"), None, "{provider}");
        }
        assert_eq!((enable(Provider::Shopify, "1"), enable(Provider::LemonSqueezy, "1")), (None, None));
    }

    #[test]
    fn what_is_gone_counts_as_deleted() {
        for provider in Provider::ALL.into_iter().filter(|provider| *provider != Provider::Shopify) {
            assert!(delete(provider, "../orders").is_none(), "{provider}");
            assert!(delete(provider, "we_1").unwrap().path.ends_with("/we_1"), "{provider}");
            assert!(is_deleted(provider, &Answer::new(404, Value::Null)), "{provider}");
            assert!(is_deleted(provider, &Answer::new(204, Value::Null)), "{provider}");
            assert!(!is_deleted(provider, &Answer::new(503, Value::Null)), "{provider}");
        }
        assert_eq!(delete(Provider::WooCommerce, "11").unwrap().query, [("force", "true".to_owned())]);
    }
}
