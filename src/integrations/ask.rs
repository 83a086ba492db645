//! One request to a provider's API with a connection's credentials (docs/contract/providers.md#3.8).

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::sealing::seal_context;
use super::tokens::{self, Owner, Sealed};
use crate::platform::config::{Config, PROVIDER_TIMEOUT};
use crate::platform::outgoing::Ask;
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use sluice_providers::access::Refused;
use sluice_providers::provider::Provider;
use sluice_providers::request::{Answer, Method, Request, headers, with_key_in_query};
use sluice_providers::shopify_access::{self, ShopDomain};
use sluice_values::{Environment, Invalid, Timestamp, WebsiteId};
use sluice_webhook_rules::destination::Destination;

/// The most bytes of an answer.
pub const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

const USER_AGENT: &str = concat!("Sluice/", env!("CARGO_PKG_VERSION"));

/// The status of an [`Answer`] that did not come: no connection, no time, or too much of it. It counts as "later".
pub const NO_ANSWER: u16 = 0;

/// How a provider's API is reached with a connection's credentials.
#[derive(Clone)]
pub struct Access {
    provider: Provider,
    base: String,
    /// As [`headers`] takes it.
    credential: RefCell<String>,
    /// How the token is renewed that requests are made with; none where the credential is one of the owner's.
    renewal: Option<Renewal>,
    /// Of WooCommerce, where the shop's host strips `Authorization`.
    is_key_in_query: bool,
    store: String,
}

/// How a token is renewed.
#[derive(Clone)]
struct Renewal {
    owner: Owner,
    /// Asks for another token.
    request: Request,
    ends_at: Cell<Option<Timestamp>>,
}

/// A token that ends so soon, in milliseconds, is renewed before it is used.
const SOON_MS: i64 = 60_000;
/// Milliseconds between two looks at what another one renews.
const LOOK_MS: u64 = 250;
/// How long it is waited for, in milliseconds.
const PATIENCE_MS: i64 = 15_000;

/// What of stored credentials requests are made with. Which fields there are says the provider.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    #[serde(alias = "lemonsqueezyApiKey", alias = "polarAccessToken", alias = "paddleApiKey", alias = "stripeRak")]
    #[serde(alias = "adminApiAccessToken", default)]
    key: String,
    shop_domain: Option<String>,
    store_url: Option<String>,
    #[serde(default)]
    consumer_key: String,
    #[serde(default)]
    consumer_secret: String,
    #[serde(default)]
    key_in_query: bool,
    #[serde(default)]
    sandbox: bool,
    #[serde(alias = "lemonsqueezyStoreId", alias = "polarOrgId", default)]
    store_id: String,
}

impl Access {
    /// Opens a row's credentials. `token` is Shopify's, where the shop gives one for an app's credentials.
    pub fn open(
        platform: &Platform,
        website: WebsiteId,
        provider: Provider,
        sealed_credentials: &str,
        token: &Sealed,
    ) -> Result<Self, PlatformError> {
        let config = platform.config();
        let keyring = Keyring::from_config(&config)?;
        let owner = Owner { website, provider };
        let context = seal_context(website, provider.name());
        let fault = |error: String| PlatformError::new(format!("credentials of {provider}: {error}"));
        let credentials = keyring.open(sealed_credentials, &context).map_err(|error| fault(error.to_string()))?;
        // The parser's words are not told: they may have a part of what it reads.
        let credentials: Value = serde_json::from_slice(&credentials).map_err(|_| fault("no JSON".to_owned()))?;
        let opened = token.sealed_token.as_deref().map(|sealed| owner.open(&keyring, sealed)).transpose()?;
        let mut access = Self::of(&config, provider, &credentials, opened).map_err(|error| fault(error.to_string()))?;
        let of_client = |name: &str| credentials.get(name).and_then(Value::as_str);
        access.renewal = token.sealed_token.as_ref().and(of_client("clientId").zip(of_client("clientSecret"))).map(
            |(id, secret)| Renewal {
                owner,
                request: shopify_access::token_request(id, secret),
                ends_at: Cell::new(token.token_expires_at),
            },
        );
        Ok(access)
    }

    /// Credentials in the clear, as the body of connect has them.
    pub fn of(
        config: &Config<'_>,
        provider: Provider,
        credentials: &Value,
        token: Option<String>,
    ) -> Result<Self, PlatformError> {
        let unreadable = || PlatformError::new("a field is missing or of another kind");
        let stored: Stored = Stored::deserialize(credentials).map_err(|_| unreadable())?;
        let invalid = |why: Invalid| PlatformError::new(why.to_string());
        let environment = config.environment();
        let base = match provider {
            Provider::WooCommerce => {
                let store = stored.store_url.as_deref().ok_or_else(unreadable)?;
                store_base(store, environment, config.public_url().as_deref()).map_err(invalid)?
            }
            Provider::Shopify => {
                let shop: ShopDomain =
                    stored.shop_domain.as_deref().ok_or_else(unreadable)?.parse().map_err(invalid)?;
                let base = config.provider_base(provider)?.unwrap_or_else(|| "https://{shop}".to_owned());
                base.replace("{shop}", shop.as_str())
            }
            _ => config.provider_base(provider)?.unwrap_or_else(|| own_base(provider, &stored, environment).to_owned()),
        };
        let credential = match provider {
            Provider::WooCommerce => format!("{}:{}", stored.consumer_key, stored.consumer_secret),
            _ => token.unwrap_or(stored.key),
        };
        let (is_key_in_query, store) = (stored.key_in_query, stored.store_id);
        Ok(Self { provider, base, credential: RefCell::new(credential), renewal: None, is_key_in_query, store })
    }

    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Sends a request. What does not come is an answer too, with the status [`NO_ANSWER`].
    pub async fn ask(&self, platform: &Platform, request: &Request) -> Answer {
        self.ask_within(platform, request, u64::MAX).await
    }

    /// [`Access::ask`], with so many milliseconds for it at most.
    pub async fn ask_within(&self, platform: &Platform, request: &Request, millis: u64) -> Answer {
        let millis = millis.min(u64::from(platform.config().cap(PROVIDER_TIMEOUT)) * 1_000);
        let began = platform.now();
        if let Some(renewal) = &self.renewal {
            return self.ask_with_token(platform, renewal, request, millis).await;
        }
        let answer = self.send(platform, request, self.is_key_in_query, millis).await;
        // Some hosts strip `Authorization` on the way to the shop.
        if self.provider == Provider::WooCommerce && answer.status == 401 && !self.is_key_in_query {
            let passed = u64::try_from(platform.now().as_millis() - began.as_millis()).unwrap_or_default();
            let again = self.send(platform, request, true, millis.saturating_sub(passed)).await;
            return if again.status == NO_ANSWER { answer } else { again };
        }
        answer
    }

    /// Asks with a token that is renewed before it ends, and once if it is refused.
    async fn ask_with_token(&self, platform: &Platform, renewal: &Renewal, request: &Request, millis: u64) -> Answer {
        let ends_soon = |ends_at: Timestamp| ends_at <= platform.now().plus_millis(SOON_MS);
        let was_renewed = renewal.ends_at.get().is_some_and(ends_soon);
        if was_renewed && let Some(instead) = self.renewed(platform, renewal, millis).await {
            return instead;
        }
        let answer = self.send(platform, request, false, millis).await;
        if answer.status != 401 || was_renewed {
            return answer;
        }
        match self.renewed(platform, renewal, millis).await {
            Some(instead) => instead,
            None => self.send(platform, request, false, millis).await,
        }
    }

    /// Takes another token, which one at a time asks for. What is answered instead, if there is none.
    async fn renewed(&self, platform: &Platform, renewal: &Renewal, millis: u64) -> Option<Answer> {
        match self.renew(platform, renewal, millis).await {
            Ok(instead) => instead,
            Err(error) => {
                log::failure("providers", "token", &error.to_string());
                Some(Answer::new(NO_ANSWER, Value::Null))
            }
        }
    }

    async fn renew(
        &self,
        platform: &Platform,
        renewal: &Renewal,
        millis: u64,
    ) -> Result<Option<Answer>, PlatformError> {
        let Renewal { owner, request, ends_at } = renewal;
        let gives_up_at = platform.now().plus_millis(PATIENCE_MS);
        loop {
            let Some(Sealed { sealed_token: Some(sealed), token_expires_at }) = owner.read(platform).await? else {
                return Ok(Some(Answer::new(401, Value::Null)));
            };
            let known = owner.open(&Keyring::from_config(&platform.config())?, &sealed)?;
            if known != *self.credential.borrow() {
                // Another one has renewed it.
                self.credential.replace(known);
                ends_at.set(token_expires_at);
                return Ok(None);
            }
            if let Some(lease) = owner.lease(platform, &sealed).await? {
                let answer = self.send(platform, request, false, millis.min(tokens::LONGEST_RENEWAL_MS)).await;
                return match shopify_access::token(&answer) {
                    Ok(token) => {
                        owner.store(platform, &token, lease).await?;
                        ends_at.set(Some(platform.now().plus_millis(token.secs.saturating_mul(1_000))));
                        self.credential.replace(token.token);
                        Ok(None)
                    }
                    // It may have given one: nobody asks again before the lease is over.
                    Err(Refused::Later) => Ok(Some(Answer::new(NO_ANSWER, Value::Null))),
                    Err(Refused::Invalid(_)) => {
                        owner.release(platform, lease).await?;
                        Ok(Some(Answer::new(401, Value::Null)))
                    }
                };
            }
            if platform.now() >= gives_up_at {
                return Ok(Some(Answer::new(NO_ANSWER, Value::Null)));
            }
            platform.sleep(LOOK_MS).await;
        }
    }

    /// Renews the token if it ends before a time, as requests do: one at a time. Returns when it ends; what is answered instead, if
    /// there is none. `None` for credentials that no token is given for.
    pub async fn renewed_before(
        &self,
        platform: &Platform,
        ends_before: Timestamp,
    ) -> Result<Option<Timestamp>, Answer> {
        let Some(renewal) = &self.renewal else { return Ok(None) };
        let ends_soon = renewal.ends_at.get().is_some_and(|ends_at| ends_at <= ends_before);
        if ends_soon && let Some(instead) = self.renewed(platform, renewal, tokens::LONGEST_RENEWAL_MS).await {
            return Err(instead);
        }
        Ok(renewal.ends_at.get())
    }

    pub fn is_key_in_query(&self) -> bool {
        self.is_key_in_query
    }

    /// The store of Lemon Squeezy, or the organization of Polar.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// [`Access::ask_within`], with the key where it is and nowhere else.
    pub async fn ask_once(&self, platform: &Platform, request: &Request, millis: u64) -> Answer {
        self.send(platform, request, self.is_key_in_query, millis).await
    }

    /// The same shop, asked with the key in the query at once.
    #[must_use]
    pub fn key_in_query(&self) -> Self {
        Self { is_key_in_query: true, ..self.clone() }
    }

    async fn send(&self, platform: &Platform, request: &Request, key_in_query: bool, millis: u64) -> Answer {
        let credential = self.credential.borrow().clone();
        let mut sent = headers(self.provider, &credential);
        if credential.is_empty() || request.path == shopify_access::TOKEN_PATH {
            // Shopify's token is asked for without one.
            sent.retain(|(name, _)| *name != "x-shopify-access-token");
        }
        let with_key = credential.split_once(':').filter(|_| key_in_query);
        let with_key = with_key.map(|(key, secret)| with_key_in_query(request.clone(), key, secret));
        if with_key.is_some() {
            sent.retain(|(name, _)| *name != "authorization");
        }
        let request = with_key.as_ref().unwrap_or(request);
        let content = request.content();
        if let Some((_, media_type)) = &content
            && !sent.iter().any(|(name, _)| *name == "content-type")
        {
            sent.push(("content-type", (*media_type).to_owned()));
        }
        if !sent.iter().any(|(name, _)| *name == "accept") {
            sent.push(("accept", "application/json".to_owned()));
        }
        sent.push(("user-agent", USER_AGENT.to_owned()));
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let ask = Ask {
            method,
            url: &format!("{}{}", self.base, request.target()),
            headers: sent,
            body: content.as_ref().map(|(body, _)| body.as_str()),
            timeout_ms: millis,
            longest_answer: LONGEST_ANSWER,
        };
        match platform.outgoing().ask(ask).await {
            Ok(whole) => Answer {
                status: whole.status,
                headers: whole.headers,
                body: serde_json::from_str(&whole.body).unwrap_or_default(),
            },
            Err(_) => Answer::new(NO_ANSWER, Value::Null),
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Access({})", self.provider)
    }
}

/// The address of a provider's own API.
fn own_base(provider: Provider, stored: &Stored, environment: Environment) -> &'static str {
    let is_development = environment == Environment::Development;
    match provider {
        Provider::Stripe => "https://api.stripe.com",
        Provider::LemonSqueezy => "https://api.lemonsqueezy.com",
        Provider::Polar if stored.sandbox && is_development => "https://sandbox-api.polar.sh",
        Provider::Polar => "https://api.polar.sh",
        Provider::Paddle if stored.key.starts_with("pdl_sdbx_") && is_development => "https://sandbox-api.paddle.com",
        Provider::Paddle => "https://api.paddle.com",
        Provider::Shopify | Provider::WooCommerce => "",
    }
}

/// The address of a WooCommerce shop, judged like a webhook's destination: at connect and before each request.
pub fn store_base(store: &str, environment: Environment, own: Option<&str>) -> Result<String, Invalid> {
    let destination = Destination::parse(store, environment)?;
    if own.is_some_and(|own| destination.is_at(own)) {
        return Err(Invalid::new("the address of this gateway; expected the shop's"));
    }
    let mut url = destination.url().clone();
    url.set_query(None);
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::json;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::platform::outgoing::Sent;
    use sluice_values::Timestamp;

    fn answered(status: u16, body: &str) -> Sent {
        Sent::Answered { status, retry_after: Some("7".to_owned()), body: body.as_bytes().to_vec() }
    }

    fn platform(variables: &[(&str, &str)], serve: fn(&str, bool) -> Sent) -> (Rc<Memory>, Platform) {
        let memory = Memory::new(Database::default(), Timestamp::from_millis(1_000));
        let memory = variables.iter().fold(memory, |memory, (name, value)| memory.with(name, value));
        memory.serve(move |request| serve(&request.url, request.headers.contains_key("authorization")));
        let memory = Rc::new(memory);
        (memory.clone(), Platform::in_memory(memory))
    }

    fn access(platform: &Platform, provider: Provider, credentials: &Value) -> Result<Access, String> {
        Access::of(&platform.config(), provider, credentials, None).map_err(|error| error.to_string())
    }

    const DEVELOPMENT: (&str, &str) = ("ENVIRONMENT", "development");

    #[tokio::test(flavor = "current_thread")]
    async fn a_request_says_who_asks_and_its_answer_is_data() {
        let (memory, platform) = platform(&[], |_, _| answered(429, r#"{"a":1}"#));
        let stripe = access(&platform, Provider::Stripe, &json!({ "stripeRak": "rk_live_secret" })).unwrap();
        assert_eq!(format!("{stripe:?}"), "Access(stripe)");
        let answer = stripe.ask(&platform, &Request::get("/v1/charges").with("limit", "1")).await;
        assert_eq!((answer.status, &answer.body, answer.retry_after_secs()), (429, &json!({ "a": 1 }), Some(7)));
        let sent = memory.requests.borrow()[0].clone();
        assert_eq!((sent.method, sent.url.as_str()), ("GET", "https://api.stripe.com/v1/charges?limit=1"));
        assert_eq!(sent.headers["authorization"], "Bearer rk_live_secret");
        assert_eq!(sent.headers["user-agent"], USER_AGENT);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_does_not_come_counts_as_later() {
        for serve in [
            (|_, _| Sent::TimedOut) as fn(&str, bool) -> Sent,
            |_, _| Sent::Failed("cut".to_owned()),
            |_, _| answered(200, &" ".repeat(LONGEST_ANSWER + 1)),
        ] {
            let (_, platform) = platform(&[], serve);
            let paddle = access(&platform, Provider::Paddle, &json!({ "paddleApiKey": "pdl_live_x" })).unwrap();
            assert_eq!(paddle.ask(&platform, &Request::get("/")).await, Answer::new(NO_ANSWER, Value::Null));
            assert!(platform.now().as_millis() <= 11_000, "ten seconds are the most");
        }
        let (_, platform) = platform(&[], |_, _| answered(502, "<html>"));
        let paddle = access(&platform, Provider::Paddle, &json!({ "paddleApiKey": "pdl_live_x" })).unwrap();
        let answer = paddle.ask(&platform, &Request::get("/")).await;
        assert_eq!((answer.status, answer.body), (502, Value::Null));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_shop_that_strips_the_header_is_asked_with_the_key_in_the_query() {
        let strips = |url: &str, _| {
            if url.contains("consumer_key=ck_1&consumer_secret=cs_1") {
                answered(200, "[]")
            } else {
                answered(401, "{}")
            }
        };
        let (memory, platform) = platform(&[], strips);
        let keys =
            json!({ "storeUrl": "https://shop.example.com/wp/", "consumerKey": "ck_1", "consumerSecret": "cs_1" });
        let woo = access(&platform, Provider::WooCommerce, &keys).unwrap();
        assert_eq!(woo.ask(&platform, &Request::get("/wp-json/wc/v3/orders")).await.status, 200);
        let sent: Vec<_> = memory.requests.take().into_iter().map(|request| request.url).collect();
        assert_eq!(sent[0], "https://shop.example.com/wp/wp-json/wc/v3/orders");
        assert_eq!(sent.len(), 2);
        assert_eq!(woo.key_in_query().ask(&platform, &Request::get("/wp-json/wc/v3/orders")).await.status, 200);
        assert_eq!(memory.requests.borrow().len(), 1, "remembered");
        assert!(!memory.requests.borrow()[0].headers.contains_key("authorization"));
    }

    /// A shop that knows the token "new" only, which it gives `given` times; and a connection with the token "old".
    fn shop(ends_at: i64, serve: fn(&str, Option<&str>) -> Sent) -> (Rc<Memory>, Platform, Access) {
        shop_with("10", ends_at, serve)
    }

    fn shop_with(timeout: &str, ends_at: i64, serve: fn(&str, Option<&str>) -> Sent) -> (Rc<Memory>, Platform, Access) {
        const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let memory = Memory::new(Database::with_website(), Timestamp::from_millis(1_000));
        let memory = memory.with("ENCRYPTION_KEYS", KEYS).with("PROVIDER_TIMEOUT", timeout);
        memory.serve(move |request| {
            serve(&request.url, request.headers.get("x-shopify-access-token").map(String::as_str))
        });
        let website: WebsiteId = "0000000000000000000000d1".parse().unwrap();
        let keyring = Keyring::parse(KEYS).unwrap();
        let credentials = br#"{"shopDomain":"sluice-demo.myshopify.com","clientId":"id","clientSecret":"secret"}"#;
        let credentials = keyring.seal(credentials, &seal_context(website, "shopify"), [1; 12]).unwrap();
        let context = super::super::sealing::token_context(website, Provider::Shopify);
        let token = keyring.seal(b"old", &context, [2; 12]).unwrap();
        memory.database.execute(&format!(
            "INSERT INTO integrations (website_id, provider, sealed_credentials, connected_at, sealed_token, token_expires_at) \
             VALUES ('{website}', 'shopify', '{credentials}', 0, '{token}', {ends_at})"
        ));
        let memory = Rc::new(memory);
        let platform = Platform::in_memory(memory.clone());
        let sealed = Sealed { sealed_token: Some(token), token_expires_at: Some(Timestamp::from_millis(ends_at)) };
        let access = Access::open(&platform, website, Provider::Shopify, &credentials, &sealed).unwrap();
        (memory, platform, access)
    }

    fn asked_for_tokens(memory: &Memory) -> usize {
        memory.requests.take().iter().filter(|request| request.url.ends_with(shopify_access::TOKEN_PATH)).count()
    }

    const LATE: i64 = 1_000_000_000;

    #[tokio::test(flavor = "current_thread")]
    async fn a_token_that_is_refused_or_ends_is_renewed_once_however_many_ask() {
        let serve = |url: &str, token: Option<&str>| match (url.ends_with(shopify_access::TOKEN_PATH), token) {
            (true, None) => answered(200, r#"{"access_token":"new","expires_in":86399}"#),
            (false, Some("new")) => answered(200, "{}"),
            _ => answered(401, "{}"),
        };
        for ends_at in [LATE, 30_000] {
            let (memory, platform, access) = shop(ends_at, serve);
            let others = [access.clone(), access.clone()];
            let request = Request::get("/admin/api/x");
            let all = [&access, &others[0], &others[1]].map(|access| access.ask(&platform, &request));
            let answers = futures_util::future::join_all(all).await;
            assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200; 3], "{ends_at}");
            assert_eq!(asked_for_tokens(&memory), 1, "{ends_at}");
            let stored = memory.database.batch::<Value>(&[crate::platform::database::sql(
                "SELECT sealed_token, token_expires_at, token_leased_until FROM integrations",
            )]);
            let row = stored.unwrap().remove(0).remove(0);
            assert!(!row["sealed_token"].as_str().unwrap().contains("new"), "sealed");
            assert_eq!(row["token_leased_until"], 0);
            assert!(row["token_expires_at"].as_i64().unwrap() >= 86_399_000);
            assert_eq!(access.ask(&platform, &request).await.status, 200);
            assert_eq!(asked_for_tokens(&memory), 0, "it is kept");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_shop_that_gives_no_token_refuses_and_one_that_is_silent_is_asked_later() {
        type Serve = fn(&str, Option<&str>) -> Sent;
        let refuses = |url: &str, _: Option<&str>| {
            if url.ends_with(shopify_access::TOKEN_PATH) {
                answered(400, r#"{"error":"shop_not_permitted"}"#)
            } else {
                answered(401, "{}")
            }
        };
        let silent = |url: &str, _: Option<&str>| {
            if url.ends_with(shopify_access::TOKEN_PATH) { Sent::TimedOut } else { answered(401, "{}") }
        };
        let gives_another = |url: &str, _: Option<&str>| {
            if url.ends_with(shopify_access::TOKEN_PATH) {
                answered(200, r#"{"access_token":"x"}"#)
            } else {
                answered(401, "{}")
            }
        };
        for (serve, status) in [(refuses as Serve, 401), (silent, NO_ANSWER), (gives_another, 401)] {
            let (memory, platform, access) = shop(LATE, serve);
            assert_eq!(access.ask(&platform, &Request::get("/x")).await.status, status);
            assert_eq!(asked_for_tokens(&memory), 1, "once for a request");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_token_that_is_given_late_is_asked_for_by_nobody_else_meanwhile() {
        thread_local! {
            static SILENT: Cell<bool> = const { Cell::new(true) };
        }
        // The first time, the answer comes too late.
        let serve = |url: &str, token: Option<&str>| match (url.ends_with(shopify_access::TOKEN_PATH), token) {
            (true, _) if SILENT.replace(false) => Sent::TimedOut,
            (true, _) => answered(200, r#"{"access_token":"new"}"#),
            (false, Some("new")) => answered(200, "{}"),
            _ => answered(401, "{}"),
        };
        let (memory, platform, access) = shop(LATE, serve);
        let others = [access.clone(), access.clone()];
        let request = Request::get("/x");
        let all = [&access, &others[0], &others[1]].map(|access| access.ask(&platform, &request));
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [NO_ANSWER; 3]);
        assert_eq!(asked_for_tokens(&memory), 1, "by one of them");
        memory.advance(tokens::LEASE_MS);
        assert_eq!(access.ask(&platform, &request).await.status, 200);
        assert_eq!(asked_for_tokens(&memory), 1);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_slow_renewal_is_over_before_another_one_may_begin() {
        let serve = |url: &str, _: Option<&str>| {
            if url.ends_with(shopify_access::TOKEN_PATH) { Sent::TimedOut } else { answered(401, "{}") }
        };
        let (memory, platform, access) = shop_with("600", LATE, serve);
        let began = platform.now();
        access.ask_within(&platform, &Request::get("/x"), u64::MAX).await;
        let taken = platform.now().as_millis() - began.as_millis();
        assert!(taken < tokens::LEASE_MS, "whatever time the operator gives providers: {taken}");
        assert_eq!(asked_for_tokens(&memory), 1);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_another_one_renews_is_waited_for_until_its_lease_is_over() {
        let serve = |url: &str, token: Option<&str>| match (url.ends_with(shopify_access::TOKEN_PATH), token) {
            (true, _) => answered(200, r#"{"access_token":"new"}"#),
            (false, Some("new")) => answered(200, "{}"),
            _ => answered(401, "{}"),
        };
        let (memory, platform, access) = shop(LATE, serve);
        memory.database.execute("UPDATE integrations SET token_leased_until = 6000");
        assert_eq!(access.ask(&platform, &Request::get("/x")).await.status, 200);
        assert!((6_000..7_000).contains(&platform.now().as_millis()));
        let (memory, platform, access) = shop(LATE, serve);
        memory.database.execute("UPDATE integrations SET token_leased_until = 6000000");
        assert_eq!(access.ask(&platform, &Request::get("/x")).await.status, NO_ANSWER);
        assert_eq!(asked_for_tokens(&memory), 0);
        let (memory, platform, access) = shop(LATE, serve);
        memory.database.execute("DELETE FROM integrations");
        assert_eq!(access.ask(&platform, &Request::get("/x")).await.status, 401, "disconnected meanwhile");
        assert_eq!(asked_for_tokens(&memory), 0);
    }

    #[test]
    fn where_requests_go_is_decided_by_the_provider_and_the_operator() {
        let url = |variables: &[(&str, &str)], provider, credentials: Value| {
            let (_, platform) = platform(variables, |_, _| answered(200, ""));
            access(&platform, provider, &credentials).map(|access| access.base)
        };
        let local = ("STRIPE_API_BASE", "http://127.0.0.1:9000/");
        let shop = json!({ "shopDomain": "sluice-demo.myshopify.com" });
        let stripe = || json!({ "stripeRak": "rk_live_x" });
        assert_eq!(url(&[DEVELOPMENT, local], Provider::Stripe, stripe()).unwrap(), "http://127.0.0.1:9000");
        assert!(url(&[local], Provider::Stripe, stripe()).unwrap_err().contains("STRIPE_API_BASE"));
        assert_eq!(url(&[], Provider::Shopify, shop.clone()).unwrap(), "https://sluice-demo.myshopify.com");
        let template = [("SHOPIFY_API_BASE", "https://proxy.example/{shop}")];
        assert_eq!(url(&template, Provider::Shopify, shop).unwrap(), "https://proxy.example/sluice-demo.myshopify.com");
        let forged = json!({ "shopDomain": "sluice-demo.myshopify.com.evil.example" });
        assert!(url(&[], Provider::Shopify, forged).is_err());
        let sandbox = || json!({ "paddleApiKey": "pdl_sdbx_x", "sandbox": true });
        assert_eq!(url(&[DEVELOPMENT], Provider::Paddle, sandbox()).unwrap(), "https://sandbox-api.paddle.com");
        assert_eq!(url(&[], Provider::Paddle, sandbox()).unwrap(), "https://api.paddle.com");
        let polar = json!({ "polarAccessToken": "polar_oat_x", "sandbox": true });
        assert_eq!(url(&[DEVELOPMENT], Provider::Polar, polar).unwrap(), "https://sandbox-api.polar.sh");
    }

    #[test]
    fn a_shop_is_judged_like_a_webhooks_destination() {
        use Environment::{Development, Production};
        for (store, production, development) in [
            ("https://shop.example.com", true, true),
            ("https://shop.example.com/wp?x=1#y", true, true),
            ("http://127.0.0.1:9000", false, true),
            ("http://shop.example.com", false, false),
            ("https://10.0.0.5", false, false),
            ("https://169.254.169.254/latest", false, false),
            ("https://user@shop.example.com", false, false),
            ("https://gateway.example.com/x", false, false),
        ] {
            let own = Some("https://gateway.example.com");
            assert_eq!(store_base(store, Production, own).is_ok(), production, "{store}");
            assert_eq!(store_base(store, Development, own).is_ok(), development, "{store}");
        }
        assert_eq!(
            store_base("https://shop.example.com/wp/?x=1#y", Production, None).unwrap(),
            "https://shop.example.com/wp"
        );
    }
}
