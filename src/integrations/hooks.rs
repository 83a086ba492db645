//! What providers post: checked by its address and its signature, stored, answered. Nobody is asked for it
//! (docs/contract/providers.md#3.1): one read of D1, and one write.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::consent::{self, Refused};
use super::events::{Arrived, Name, Origin};
use super::queue::{self, Hint};
use super::webhook_secrets;
use crate::auth::sliding_window::{Rate, WINDOW_MS};
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Raw};
use crate::http::reply::Plain;
use crate::platform::database::sql;
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_providers::delivery::Envelope;
use sluice_providers::headers::Headers;
use sluice_providers::inbound::{self, Connection};
use sluice_providers::provider::Provider;
use sluice_values::{ProviderEventId, Timestamp, WebsiteId};

// ---- What comes in

/// The headers by which providers sign, and by which they say what is posted.
pub const HEADERS: &[&str] = &[
    "content-type",
    "stripe-signature",
    "x-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "paddle-signature",
    "x-shopify-hmac-sha256",
    "shopify-hmac-sha256",
    "x-shopify-shop-domain",
    "shopify-shop-domain",
    "x-shopify-topic",
    "shopify-topic",
    "x-shopify-event-id",
    "shopify-event-id",
    "x-shopify-webhook-id",
    "shopify-webhook-id",
    "x-wc-webhook-signature",
    "x-wc-webhook-topic",
];

/// What was posted to an address.
pub struct Posted {
    address: Address,
    /// What a shop was asked for its owner's consent with.
    consent: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl FromRaw for Posted {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let (address, _) = Address::parse(&raw.path).ok_or_else(|| Error::not_found("no such address"))?;
        let authorize = form_urlencoded::parse(raw.query.as_bytes()).find(|(name, _)| name == "authorize");
        let consent =
            authorize.filter(|_| address.provider == Provider::WooCommerce).map(|(_, nonce)| nonce.into_owned());
        Ok(Self { address, consent, headers: raw.caller.headers.clone(), body: raw.body.clone() })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {
        let names = Provider::ALL.map(Provider::name);
        operation.path_parameter(schemars::json_schema!({ "type": "string", "enum": names }));
        operation.path_parameter(schemars::json_schema!({ "type": "string", "pattern": "^[0-9A-Za-z]{32}$" }));
    }
}

// ---- What goes out

/// The answer to what was taken, whether it is new or not.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Received {
    received: bool,
}

const RECEIVED: Plain<Received> = Plain(Received { received: true });

// ---- The limit of wrong signatures

/// Wrong signatures for one website in a minute, after which nothing is read for it any more.
const MOST_WRONG: u32 = 600;
/// How many websites are counted at once.
const MOST_WEBSITES: usize = 10_000;

/// The wrong signatures of one minute, by website. A right token is needed to be counted here.
#[derive(Default)]
struct Wrong {
    began: i64,
    counts: HashMap<[u8; 12], u32>,
}

thread_local! {
    static WRONG: RefCell<Wrong> = RefCell::default();
}

impl Wrong {
    fn of(&mut self, website: WebsiteId, now: Timestamp) -> &mut u32 {
        let began = now.to_the_minute().as_millis();
        if began != self.began || self.counts.len() >= MOST_WEBSITES {
            *self = Self { began, counts: HashMap::new() };
        }
        self.counts.entry(*website.as_bytes()).or_default()
    }

    fn check(&mut self, website: WebsiteId, now: Timestamp) -> Result<(), Rate> {
        if *self.of(website, now) < MOST_WRONG {
            return Ok(());
        }
        let reset_in_ms = WINDOW_MS - (now.as_millis() - self.began);
        Err(Rate { admitted: false, limit: MOST_WRONG, remaining: 0, reset_in_ms })
    }

    fn count(&mut self, website: WebsiteId, now: Timestamp) {
        let count = self.of(website, now);
        *count = count.saturating_add(1);
    }
}

// ---- SQL

/// What is read of a connection.
#[derive(Deserialize)]
struct Row {
    sealed_credentials: String,
    sealed_webhook_secrets: Option<String>,
}

/// What a statement that stores an event says of it.
#[derive(Deserialize)]
struct Stored {
    id: ProviderEventId,
    due_at: Option<Timestamp>,
}

async fn connection(platform: &Platform, Address { website, provider }: Address) -> Result<Option<Row>, PlatformError> {
    let select = sql("SELECT sealed_credentials, sealed_webhook_secrets FROM integrations \
                      WHERE website_id = ?1 AND provider = ?2")
    .bind(website)
    .bind(provider.name());
    Ok(platform.database().rows(select).await?.into_iter().next())
}

// ---- Handlers

/// POST: takes an event.
pub async fn receive(call: Call, posted: Posted) -> Result<Plain<Received>, Error> {
    let Posted { address, consent, headers, body } = posted;
    let Address { website, provider } = address;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let headers = Headers(&headers);
    if inbound::at_the_door(provider, headers, &body) == Some(inbound::Delivery::Ping) {
        return Ok(RECEIVED);
    }
    WRONG.with_borrow_mut(|wrong| wrong.check(website, call.now)).map_err(Error::RateLimited)?;
    if let Some(nonce) = consent {
        return match consent::consented(&call, website, &nonce, &body).await {
            Ok(()) => Ok(RECEIVED),
            Err(Refused::NotAsked) => {
                WRONG.with_borrow_mut(|wrong| wrong.count(website, call.now));
                Err(Error::unauthorized("nobody has asked this shop for its consent, or it comes too late"))
            }
            Err(Refused::Other(error)) => Err(error),
        };
    }
    let keyring = Keyring::from_config(&call.platform.config())?;
    let row = connection(&call.platform, address).await.map_err(unavailable)?;
    let secrets = match row.as_ref().and_then(|row| row.sealed_webhook_secrets.as_deref()) {
        Some(sealed) => webhook_secrets::open(&keyring, (website, provider), sealed).map_err(unavailable)?,
        None => Vec::new(),
    };
    let secrets = webhook_secrets::accepted(&secrets, call.now);
    let shop = match &row {
        Some(row) if provider == Provider::Shopify => Some(shop(&keyring, address, row).map_err(unavailable)?),
        _ => None,
    };
    let connection = row.map(|_| Connection { secrets: &secrets, shop: shop.as_deref() });
    match inbound::judge(provider, connection.as_ref(), headers, &body, call.now) {
        inbound::Delivery::TooLong => Err(Error::too_large(inbound::LONGEST_BODY)),
        inbound::Delivery::Ping => Ok(RECEIVED),
        inbound::Delivery::Gone => Err(Error::gone(format!("{} is not connected any more", provider.title()))),
        inbound::Delivery::Unsigned => {
            WRONG.with_borrow_mut(|wrong| wrong.count(website, call.now));
            Err(Error::unauthorized(format!("not signed by {}", provider.title())))
        }
        inbound::Delivery::Failed { key, reason } => {
            let name = Name { website, provider, key };
            store(&call, &keyring, &name, &body, Err(&reason)).await.map_err(unavailable)?;
            Err(Error::bad_request(reason))
        }
        inbound::Delivery::Accepted { key, envelope } => {
            let name = Name { website, provider, key };
            store(&call, &keyring, &name, &body, Ok(&envelope)).await.map_err(unavailable)?;
            Ok(RECEIVED)
        }
    }
}

async fn store(
    call: &Call,
    keyring: &Keyring,
    name: &Name,
    body: &[u8],
    read: Result<&Envelope, &str>,
) -> Result<(), PlatformError> {
    let arrived = Arrived {
        id: call.new_id()?,
        name,
        origin: Origin::Webhook,
        received_at: call.now,
        sealed_body: name.seal(keyring, body, call.platform.random()?)?,
        read,
    };
    let stored: Vec<Stored> = call.platform.database().rows(arrived.store()).await?;
    let due = stored.into_iter().filter(|stored| stored.due_at.is_some());
    let hints: Vec<(Hint, u32)> = due.map(|stored| (Hint::Event(stored.id), 0)).collect();
    queue::enqueue(&call.platform, &hints).await;
    Ok(())
}

/// The domain of the connected shop.
fn shop(keyring: &Keyring, Address { website, provider }: Address, row: &Row) -> Result<String, PlatformError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Shop {
        shop_domain: String,
    }
    let broken = |error: String| PlatformError::new(format!("credentials of {provider}: {error}"));
    let context = super::sealing::seal_context(website, provider.name());
    let credentials = keyring.open(&row.sealed_credentials, &context).map_err(|error| broken(error.to_string()))?;
    let Shop { shop_domain } = serde_json::from_slice(&credentials).map_err(|error| broken(error.to_string()))?;
    Ok(shop_domain.trim_start_matches("https://").trim_end_matches('/').to_owned())
}

/// Nothing was stored: the provider tries again.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unavailable(error: PlatformError) -> Error {
    log::failure("hooks", "store", &error.to_string());
    Error::Unavailable { message: "nothing can be stored now; try again later".to_owned(), retry_after: 30 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrations::address;

    const OLD: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const NEW: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn website() -> WebsiteId {
        "665f0b3c4d2e1a0012345678".parse().unwrap()
    }

    fn parameters(url: &str) -> Vec<(String, String)> {
        let mut parts: Vec<&str> = url.split('/').rev().take(3).collect();
        parts.reverse();
        let named = ["provider", "websiteId", "token"].into_iter().zip(parts);
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn is_known(keys: &str, url: &str) -> bool {
        use crate::platform::database::memory::Memory as Database;
        use crate::platform::memory::Memory;
        let memory = Memory::new(Database::default(), Timestamp::from_millis(0)).with("ENCRYPTION_KEYS", keys);
        match address::knows(&Platform::in_memory(std::rc::Rc::new(memory)), &parameters(url)) {
            Ok(()) => true,
            Err(Error::Refused { status: 404, message }) => {
                assert_eq!(message, "no such address");
                false
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_outlives_its_key_and_every_other_one_is_answered_alike() {
        let address = Address { website: website(), provider: Provider::Polar };
        let url = |keys: &str| address.url(&Keyring::parse(keys).unwrap(), "https://gateway.example");
        let (old, new) = (url(OLD), url(NEW));
        assert!(old.starts_with(&address.prefix("https://gateway.example")));
        assert_eq!(old.rsplit('/').next().unwrap().len(), 32);
        assert_ne!(old, new);
        assert!(is_known(OLD, &old) && is_known(NEW, &old) && is_known(NEW, &new));
        assert!(is_known(OLD, &old.replace("665f0b3c", "665F0B3C")), "an id has several spellings");
        for wrong in [
            new,
            old.replace("/polar/", "/stripe/"),
            old.replace("/polar/", "/square/"),
            old.replace("5678", "5679"),
            old.replace("665f0b3c4d2e1a0012345678", "dfid_1"),
            format!("{old}0"),
            old[..old.len() - 1].to_owned(),
        ] {
            assert!(!is_known(OLD, &wrong), "{wrong}");
        }
    }

    #[test]
    fn from_600_wrong_signatures_a_minute_a_website_is_refused_and_no_other() {
        let mut wrong = Wrong::default();
        let other = "665f0b3c4d2e1a0012345679".parse().unwrap();
        let at = |secs: i64| Timestamp::from_millis(1_795_860_000_000 + secs * 1_000);
        for _ in 0..600 {
            assert_eq!(wrong.check(website(), at(1)), Ok(()));
            wrong.count(website(), at(1));
        }
        let refused = wrong.check(website(), at(20)).unwrap_err();
        assert_eq!((refused.limit, refused.reset_in_ms), (600, 40_000));
        assert_eq!(wrong.check(other, at(20)), Ok(()));
        assert_eq!(wrong.check(website(), at(60)), Ok(()), "the next minute");
        for number in 0..3 * MOST_WEBSITES {
            let id = WebsiteId::new(at(0), number.to_be_bytes());
            wrong.count(id, at(60));
            assert!(wrong.counts.len() <= MOST_WEBSITES);
        }
    }
}
