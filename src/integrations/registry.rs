//! The list of payment providers, from which their routes and the status response are made.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connections::{connect, disconnect};
use super::lemonsqueezy::LemonSqueezy;
use super::paddle::Paddle;
use super::polar::Polar;
use super::shopify::Shopify;
use super::stripe::Stripe;
use super::woocommerce::WooCommerce;
use super::{Credentials, Provider};
use crate::auth::permission::Permission::SettingsWrite;
use crate::auth::role::Role::Member;
use crate::http::route::Method::{Delete, Post};
use crate::http::route::Route;

macro_rules! providers {
    ($($field:ident: $provider:ty, $routes:ident;)+) => {
        /// Which providers are connected.
        #[derive(Debug, Serialize, schemars::JsonSchema)]
        pub struct Integrations {
            $($field: <$provider as Provider>::Connection,)+
            /// The website's currency.
            currency: String,
        }

        impl Integrations {
            pub(super) fn new(is_connected: impl Fn(&str) -> bool, currency: String) -> Self {
                Self { $($field: is_connected(<$provider>::NAME).into(),)+ currency }
            }
        }

        /// The rows that connect and disconnect the providers.
        pub fn routes() -> Vec<Route> {
            [$($routes::<$provider>()),+].into_iter().flatten().collect()
        }
    };
}

// The field of the status response, the provider, its routes.
providers! {
    stripe: Stripe, by_credentials;
    lemonsqueezy: LemonSqueezy, by_credentials;
    polar: Polar, by_credentials;
    paddle: Paddle, by_credentials;
    shopify: Shopify, by_install_flow;
    woocommerce: WooCommerce, by_install_flow;
}

/// The routes of a provider that is connected by its credentials.
fn by_credentials<P: Credentials + DeserializeOwned + schemars::JsonSchema>() -> Vec<Route> {
    let row = (Post, path::<P>(), operation::<P>("connect"), summary::<P>("Connect"));
    let mut routes = vec![Route::website(row, Member, &[SettingsWrite], connect::<P>)];
    routes.extend(by_install_flow::<P>());
    routes
}

/// The routes of a provider that is connected by its own install flow: it can only be disconnected here.
fn by_install_flow<P: Provider>() -> Vec<Route> {
    let row = (Delete, path::<P>(), operation::<P>("disconnect"), summary::<P>("Disconnect"));
    vec![Route::website(row, Member, &[SettingsWrite], disconnect::<P>)]
}

// Leaked on purpose: the table of routes is built once and never dropped.

fn path<P: Provider>() -> &'static str {
    format!("/api/v1/admin/websites/{{websiteId}}/integrations/{}", P::NAME).leak()
}

fn operation<P: Provider>(verb: &str) -> &'static str {
    format!("{verb}{}", P::TITLE.replace(' ', "")).leak()
}

fn summary<P: Provider>(verb: &str) -> &'static str {
    format!("{verb} {}", P::TITLE).leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_status_response_is_a_provider_as_paths_spell_it() {
        let all = serde_json::to_value(Integrations::new(|_| true, "USD".to_owned())).unwrap();
        for (name, connection) in all.as_object().unwrap().iter().filter(|(name, _)| *name != "currency") {
            let one = serde_json::to_value(Integrations::new(|asked| asked == name, "USD".to_owned())).unwrap();
            assert_eq!(one[name], *connection, "{name}");
            assert!(routes().iter().any(|route| route.path.ends_with(&format!("/{name}"))), "{name}");
        }
    }

    #[test]
    fn every_checkout_belongs_to_a_provider() {
        let checkouts: serde_json::Value = serde_json::from_str(include_str!("../../tracker/checkouts.json")).unwrap();
        let all = serde_json::to_value(Integrations::new(|_| true, "USD".to_owned())).unwrap();
        for checkout in checkouts.as_array().unwrap() {
            assert!(all.get(checkout["provider"].as_str().unwrap()).is_some(), "{checkout}");
        }
    }
}
