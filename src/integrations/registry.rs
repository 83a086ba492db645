//! The list of payment providers, from which their routes and the status response are made.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connection::Details;
use super::connections::{connect, disconnect, set_webhook_secret};
use super::lemonsqueezy::LemonSqueezy;
use super::paddle::Paddle;
use super::polar::Polar;
use super::provider::{Credentials, Provider};
use super::resync::resync;
use super::setup::one;
use super::shopify::Shopify;
use super::stripe::Stripe;
use super::woocommerce::WooCommerce;
use crate::audit::records;
use crate::auth::permission::Permission::{SettingsRead, SettingsWrite};
use crate::auth::role::Role::{Member, Viewer};
use crate::http::route::Method::{Delete, Get, Patch, Post, Put};
use crate::http::route::Route;

macro_rules! providers {
    ($($field:ident: $provider:ty;)+) => {
        /// Which providers are connected.
        #[derive(Debug, Serialize, schemars::JsonSchema)]
        pub struct Integrations {
            $($field: <$provider as Provider>::Connection,)+
            /// The website's currency.
            currency: String,
        }

        impl Integrations {
            pub(super) fn new(connection: &mut dyn FnMut(&str) -> Option<Details>, currency: String) -> Self {
                Self { $($field: connection(<$provider>::NAME).into(),)+ currency }
            }
        }

        /// The rows of the providers.
        pub fn routes() -> Vec<Route> {
            [$(routes_of::<$provider>()),+].into_iter().flatten().collect()
        }
    };
}

// The field of the status response, and the provider.
providers! {
    stripe: Stripe;
    lemonsqueezy: LemonSqueezy;
    polar: Polar;
    paddle: Paddle;
    shopify: Shopify;
    woocommerce: WooCommerce;
}

fn routes_of<P: Credentials + DeserializeOwned + schemars::JsonSchema>() -> Vec<Route> {
    let row = |method, verb| (method, path::<P>(""), operation::<P>(verb, ""), summary::<P>(verb, ""));
    let webhook = (
        Put,
        path::<P>("/webhook"),
        operation::<P>("set", "WebhookSecret"),
        summary::<P>("Store the secret of", "'s webhook"),
    );
    let resynced =
        (Patch, path::<P>(""), operation::<P>("resync", ""), summary::<P>("Import the past payments of", ""));
    vec![
        Route::website(row(Get, "get"), Viewer, &[SettingsRead], one::<P>),
        Route::website(row(Post, "connect"), Member, &[SettingsWrite], connect::<P>)
            .refusing(&[503])
            .recording_of(P::NAME, records::INTEGRATION),
        Route::website(row(Delete, "disconnect"), Member, &[SettingsWrite], disconnect::<P>)
            .recording_of(P::NAME, records::INTEGRATION),
        Route::website(webhook, Member, &[SettingsWrite], set_webhook_secret::<P>)
            .recording_of(P::NAME, records::INTEGRATION),
        Route::website(resynced, Member, &[SettingsWrite], resync::<P>).recording_of(P::NAME, records::DEED),
    ]
}

// Leaked on purpose: the table of routes is built once and never dropped.

fn path<P: Provider>(rest: &str) -> &'static str {
    format!("/api/v1/admin/websites/{{websiteId}}/integrations/{}{rest}", P::NAME).leak()
}

fn operation<P: Provider>(verb: &str, what: &str) -> &'static str {
    format!("{verb}{}{what}", P::TITLE.replace(' ', "")).leak()
}

fn summary<P: Provider>(verb: &str, rest: &str) -> &'static str {
    let mut letters = verb.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    format!("{}{} {}{rest}", first.unwrap_or_default(), letters.as_str(), P::TITLE).leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_status_response_is_a_provider_as_paths_spell_it() {
        let mut asked = Vec::new();
        let mut none = |name: &str| {
            asked.push(name.to_owned());
            None
        };
        let all = serde_json::to_value(Integrations::new(&mut none, "USD".to_owned())).unwrap();
        for name in all.as_object().unwrap().keys().filter(|name| *name != "currency") {
            assert!(asked.contains(name), "{name}");
            assert!(routes().iter().any(|route| route.path.ends_with(&format!("/{name}"))), "{name}");
        }
    }

    #[test]
    fn every_checkout_belongs_to_a_provider() {
        let checkouts: serde_json::Value = serde_json::from_str(include_str!("../../tracker/checkouts.json")).unwrap();
        let all = serde_json::to_value(Integrations::new(&mut |_| None, "USD".to_owned())).unwrap();
        for checkout in checkouts.as_array().unwrap() {
            assert!(all.get(checkout["provider"].as_str().unwrap()).is_some(), "{checkout}");
        }
    }
}
