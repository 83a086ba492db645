//! Connecting a WooCommerce shop by its owner's consent (docs/contract/providers.md#4.6): the shop's own page asks for it, and the
//! shop posts a key to the address of its hooks.
//!
//! The nonce ties both ends together. It is in addresses, so it is no secret: it is good for one post within a quarter of an hour, of a
//! key that the very shop accepts which was asked, for the website and as long as whoever asked may connect shops to it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::address::{Address, is_public};
use super::ask::store_base;
use super::connections::{Former, Made, make, select_former};
use super::provider::Kind;
use super::queue::{self, Hint};
use super::woocommerce::{StoreUrl, WooCommerce};
use crate::auth::role::Role;
use crate::http::call::{Call, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::{Created, Data};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::expired::Expired;
use crate::secrets::keyring::Keyring;
use sluice_providers::woocommerce_access;
use sluice_values::{AccountId, Timestamp, WebsiteId, hex};
use sluice_webhook_rules::destination::Destination;

/// For how long a shop may post its key, in milliseconds.
const OPEN_MS: i64 = 15 * 60 * 1000;
/// Random bytes of a nonce.
const BYTES: usize = 24;

// ---- What comes in

/// The body of authorize.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuthorizeWooCommerce")]
pub struct Authorize {
    store_url: StoreUrl,
    /// Where the shop leads its owner back to; without it, to the gateway.
    #[serde(default)]
    return_url: Option<StoreUrl>,
}

// ---- What goes out

/// Where a shop's owner consents.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Authorization {
    /// The page of the shop; it is good for 15 minutes and for one consent.
    authorize_url: String,
}

// ---- SQL

/// The nonce as it is stored.
pub fn hash(nonce: &str) -> String {
    hex(&Sha256::digest(nonce.as_bytes()))
}

/// What is asked for, in place of what the same member asked for before.
fn ask((website, account): (WebsiteId, AccountId), nonce: &str, store: &str, now: Timestamp) -> Statement {
    sql("INSERT INTO provider_consents (website_id, account_id, nonce_hash, store_url, expires_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (website_id, account_id) DO UPDATE SET nonce_hash = excluded.nonce_hash, store_url = excluded.store_url, \
         expires_at = excluded.expires_at RETURNING website_id")
    .bind(website)
    .bind(account)
    .bind(hash(nonce))
    .bind(store)
    .bind(now.plus_millis(OPEN_MS))
}

/// What was asked for.
#[derive(Debug, Deserialize)]
struct Asked {
    store_url: String,
}

/// Uses a consent up. It returns nothing if there is none, or if whoever asked may not connect shops any more.
fn spend(website: WebsiteId, nonce: &str, now: Timestamp) -> Statement {
    sql("DELETE FROM provider_consents WHERE website_id = ?1 AND nonce_hash = ?2 AND expires_at > ?3 AND EXISTS (\
           SELECT 1 FROM members m WHERE m.website_id = provider_consents.website_id \
           AND m.account_id = provider_consents.account_id AND m.role IN (?4, ?5)) RETURNING store_url")
    .bind(website)
    .bind(hash(nonce))
    .bind(now)
    .bind(Role::Member.as_str())
    .bind(Role::Owner.as_str())
}

/// Consents that were not given in time.
pub const EXPIRED: Expired = Expired { table: "provider_consents", key: "nonce_hash", time: "expires_at", kept_ms: 0 };

// ---- Handlers

/// POST: answers the page of a shop on which its owner consents.
pub async fn authorize(
    call: WebsiteCall,
    input: Input<Body<Authorize>>,
) -> Result<Created<Data<Authorization>>, Error> {
    let (website, Body(Authorize { store_url, return_url }), (), _) = call.enter(input, |_, _, _| ()).await?;
    let call = &website.call;
    let (config, keyring) = (call.platform.config(), Keyring::from_config(&call.platform.config())?);
    let gateway = config.public_url().filter(|url| is_public(Some(url))).ok_or_else(|| {
        Error::conflict("the shop could not reach this gateway: PUBLIC_URL is not set to an https address")
    })?;
    let environment = config.environment();
    let mut store = store_base(store_url.as_str(), environment, Some(&gateway));
    for own in &call.own_origins {
        store = store.and_then(|_| store_base(store_url.as_str(), environment, Some(own)));
    }
    let store = store.map_err(|why| Error::field("storeUrl", &why))?;
    let back = match &return_url {
        Some(url) => Destination::parse(url.as_str(), environment)
            .map_err(|why| Error::field("returnUrl", &why))?
            .as_str()
            .to_owned(),
        None => call.base_url.clone(),
    };
    let nonce = hex(&call.platform.random::<BYTES>()?);
    let address = Address { website: website.id, provider: Kind::WooCommerce };
    let callback = format!("{}?authorize={nonce}", address.url(&keyring, &gateway));
    let authorize_url = woocommerce_access::consent_url(&store, &nonce, &back, &callback);
    let account = website.principal.maker().unwrap_or_else(|| website.principal.account_id());
    let asked = ask((website.id, account), &nonce, &store, call.now);
    let made = website
        .create_once(Batch::new(), asked, &Kind::WooCommerce.name(), Data::one(Authorization { authorize_url }))
        .await?;
    made.ok_or_else(|| PlatformError::new("an upsert returned no row").into())
}

/// Why a post is not taken.
pub enum Refused {
    /// Nobody has asked for it, or it comes too late or twice.
    NotAsked,
    Other(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Takes the key that a shop posts once its owner has consented. If it is refused, the shop deletes the key.
pub async fn consented(call: &Call, website: WebsiteId, nonce: &str, body: &[u8]) -> Result<(), Refused> {
    let body = serde_json::from_slice(body).map_err(|_| Error::bad_request("body: expected JSON"))?;
    let consent = woocommerce_access::consent(&body).map_err(|fault| Error::bad_request(fault.0))?;
    if consent.nonce != nonce {
        return Err(Refused::NotAsked);
    }
    let mut batch = Batch::new();
    let asked = batch.read::<Asked>(spend(website, nonce, call.now));
    let former = batch.read::<Former>(select_former(website, Kind::WooCommerce));
    let results = call.platform.database().run(batch).await?;
    let Some(Asked { store_url }) = results.first(&asked)? else { return Err(Refused::NotAsked) };
    let credentials = WooCommerce::consented(&store_url, consent.consumer_key, consent.consumer_secret)
        .map_err(|why| Error::bad_request(why.to_string()))?;
    let former = results.first(&former)?;
    let Made { mut batch, row } = make(&call.platform, website, &credentials, former, &call.own_origins).await?;
    batch.run(row);
    call.platform.database().run(batch).await?;
    queue::enqueue(&call.platform, &[(Hint::Connected, 0)]).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::platform::database::memory::Memory as Database;

    const WEBSITE: &str = "0000000000000000000000d1";
    const ASKER: &str = "0000000000000000000000a1";
    const NOW: Timestamp = Timestamp::from_millis(1_795_860_000_000);

    fn website() -> WebsiteId {
        WEBSITE.parse().unwrap()
    }

    /// A website whose member with this role has asked with the nonce "n".
    fn asked(role: &str) -> Database {
        let database = Database::with_website();
        database.execute(&format!(
            "INSERT INTO accounts (id, email, created_at) VALUES ('{ASKER}', 'b', 0);
             INSERT INTO members (website_id, account_id, role, joined_at) VALUES ('{WEBSITE}', '{ASKER}', '{role}', 0);"
        ));
        let ask = ask((website(), ASKER.parse().unwrap()), "n", "https://shop.example.com", NOW);
        assert_eq!(database.batch::<Json>(&[ask]).unwrap()[0].len(), 1);
        database
    }

    fn spent(database: &Database, website: WebsiteId, nonce: &str, millis: i64) -> Vec<Json> {
        database.batch::<Json>(&[spend(website, nonce, NOW.plus_millis(millis))]).unwrap().remove(0)
    }

    #[test]
    fn a_consent_is_good_once_in_time_for_its_website_and_while_its_asker_may_connect() {
        let shop = json!({ "store_url": "https://shop.example.com" });
        let database = asked("member");
        assert_eq!(spent(&database, "0000000000000000000000d2".parse().unwrap(), "n", 0), [Json::Null; 0], "another's");
        assert_eq!(spent(&database, website(), "m", 0), [Json::Null; 0]);
        assert_eq!(spent(&database, website(), "n", OPEN_MS), [Json::Null; 0], "too late");
        assert_eq!(spent(&database, website(), "n", OPEN_MS - 1), std::slice::from_ref(&shop));
        assert_eq!(spent(&database, website(), "n", 0), [Json::Null; 0], "once");
        assert_eq!(spent(&asked("owner"), website(), "n", 0), [shop]);
        assert_eq!(spent(&asked("viewer"), website(), "n", 0), [Json::Null; 0]);
        let database = asked("member");
        database.execute("DELETE FROM members");
        assert_eq!(spent(&database, website(), "n", 0), [Json::Null; 0], "a member who is gone");
    }

    #[test]
    fn who_asks_again_has_one_consent_open_and_nobody_finds_the_nonce_in_storage() {
        let database = asked("member");
        let again = ask((website(), ASKER.parse().unwrap()), "m", "https://other.example.com", NOW);
        database.batch::<Json>(&[again]).unwrap();
        assert_eq!(spent(&database, website(), "n", 0), [Json::Null; 0]);
        let stored = database.batch::<Json>(&[sql("SELECT nonce_hash FROM provider_consents")]).unwrap().remove(0);
        assert_eq!(stored, [json!({ "nonce_hash": hash("m") })]);
        assert_eq!(spent(&database, website(), "m", 0), [json!({ "store_url": "https://other.example.com" })]);
    }

    #[test]
    fn consents_are_found_by_their_website_and_their_time() {
        let database = Database::with_website();
        let plan = database.plan(&spend(website(), "n", NOW));
        assert!(!plan.contains("SCAN"), "{plan}");
        let Expired { table, key, time, .. } = EXPIRED;
        let plan = database.plan(&sql(format!("SELECT {key} FROM {table} WHERE {time} <= 1 ORDER BY {time} LIMIT 2")));
        assert!(plan.contains("SEARCH") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
