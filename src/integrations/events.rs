//! What providers have told, as `provider_events` has it (docs/contract/providers.md#3.2): one row for each event, with its body
//! sealed.

use std::io::{Read, Write};
use std::str::FromStr;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::queue::{self, Hint};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path, Paths, Query};
use crate::http::reply::{BothIds, Data};
use crate::platform::column::Json;
use crate::platform::config::PROVIDER_EVENT_DAYS;
use crate::platform::database::{Batch, RowValues, Statement, sql};
use crate::platform::{Platform, PlatformError};
use crate::secrets::keyring::{Keyring, NONCE_BYTES};
use sluice_providers::delivery::Envelope;
use sluice_providers::fields::Fault;
use sluice_providers::headers::Headers;
use sluice_providers::provider::Provider;
use sluice_providers::{inbound, ledger, reread};
use sluice_values::{Invalid, Limit, Offset, ProviderEventId, Timestamp, WebsiteId, excerpt, kinds};

/// A body of more bytes, compressed, is not kept.
const LARGEST_BODY: usize = 256 * 1024;

/// How an event was heard of. Part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Origin {
    /// The provider posted it.
    Webhook,
    /// It was found among the provider's events.
    Poll,
    /// It was found by the daily look.
    Sweep,
    /// It was worked on again because somebody asked for it.
    Replay,
}

impl Origin {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Sweep => "sweep",
            Self::Replay => "replay",
        }
    }
}

impl From<Origin> for ledger::Origin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Webhook => Self::Webhook,
            Origin::Poll => Self::Poll,
            Origin::Sweep => Self::Sweep,
            Origin::Replay => Self::Replay,
        }
    }
}

/// The state of an event. Part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum State {
    /// It waits to be worked on.
    Received,
    Done,
    /// Nothing comes of it; `reason` says why.
    Ignored,
    /// Nothing can be made of it; `reason` says why.
    Failed,
}

impl State {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }
}

/// Who an event is of, and its key among doubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub website: WebsiteId,
    pub provider: Provider,
    pub key: String,
}

impl Name {
    /// What the body is sealed for. Part of the stored format.
    fn scope(&self) -> String {
        let Self { website, provider, key } = self;
        format!("{website}/{provider}/event/{key}")
    }

    /// Compresses and seals a body; `None` if it is too large to be kept.
    pub fn seal(
        &self,
        keyring: &Keyring,
        body: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Option<String>, PlatformError> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let compressed = gzip.write_all(body).and_then(|()| gzip.finish());
        let compressed = compressed.map_err(|error| PlatformError::new(format!("compressing a body: {error}")))?;
        if compressed.len() > LARGEST_BODY {
            return Ok(None);
        }
        let sealed = keyring.seal(&compressed, &self.scope(), nonce);
        sealed.map(Some).map_err(|error| PlatformError::new(format!("sealing a body: {error}")))
    }

    pub fn open(&self, keyring: &Keyring, sealed: &str) -> Result<Vec<u8>, PlatformError> {
        let broken = |error: String| PlatformError::new(format!("body of an event: {error}"));
        let compressed = keyring.open(sealed, &self.scope()).map_err(|error| broken(error.to_string()))?;
        let mut body = Vec::new();
        let most = u64::try_from(inbound::LONGEST_BODY).unwrap_or(u64::MAX);
        GzDecoder::new(compressed.as_slice())
            .take(most)
            .read_to_end(&mut body)
            .map_err(|error| broken(error.to_string()))?;
        Ok(body)
    }
}

/// Reads a body that was kept. Of the headers only the type is.
pub fn envelope(provider: Provider, kind: &str, body: &[u8]) -> Result<Envelope, Fault> {
    let headers = [("x-shopify-topic", kind), ("x-wc-webhook-topic", kind)];
    Envelope::read(provider, Headers(&headers), body)
}

/// The type of an event whose body is not its provider's envelope.
const UNREADABLE: &str = "unreadable";

/// An event that came.
pub struct Arrived<'a> {
    pub id: ProviderEventId,
    pub name: &'a Name,
    pub origin: Origin,
    pub received_at: Timestamp,
    pub sealed_body: Option<String>,
    /// What it says, or why it says nothing.
    pub read: Result<&'a Envelope, &'a str>,
}

impl Arrived<'_> {
    /// Stores the event. The statement returns its id if it is to be worked on: a double changes nothing, unless the first one
    /// failed and this one can be read.
    pub fn store(self) -> Statement {
        let Self { id, name, origin, received_at, sealed_body, read } = self;
        let state = if read.is_ok() { State::Received } else { State::Failed };
        let envelope = read.ok();
        RowValues::new()
            .with("website_id", name.website)
            .with("provider", name.provider.name())
            .with("key", name.key.as_str())
            .with("id", id)
            .with("origin", origin.as_str())
            .with("type", envelope.map_or(UNREADABLE, |envelope| envelope.kind.as_str()))
            .with("subject", envelope.and_then(|envelope| envelope.subject.clone()))
            .with("happened_at", envelope.and_then(|envelope| envelope.happened_at))
            .with("received_at", received_at)
            .with("state", state.as_str())
            .with("reason", read.err())
            .with("due_at", envelope.map(|_| received_at))
            .with("sealed_body", sealed_body)
            .insert("provider_events")
            .then(
                " ON CONFLICT (website_id, provider, key) DO UPDATE SET type = excluded.type, \
                 subject = excluded.subject, happened_at = excluded.happened_at, state = excluded.state, reason = NULL, \
                 outcome = NULL, attempts = 0, due_at = excluded.due_at, lease = NULL, \
                 sealed_body = coalesce(excluded.sealed_body, sealed_body) \
                 WHERE state = 'failed' AND excluded.state = 'received' RETURNING id, due_at",
            )
    }
}

// ---- The resource: what comes in

/// A provider as a path names it.
#[derive(Debug, Clone, Copy)]
pub struct Named(pub Provider);

impl FromStr for Named {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        sent.parse().map(Self).map_err(|_| {
            let names = Provider::ALL.map(Provider::name).join(", ");
            Invalid::new(format!("expected one of {names}, got \"{}\"", excerpt(sent)))
        })
    }
}

impl schemars::JsonSchema for Named {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Provider".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": Provider::ALL.map(Provider::name) })
    }
}

/// The query of the list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// Only events in this state.
    state: Option<State>,
    #[serde(default)]
    limit: Limit<50, 100>,
    #[serde(default)]
    offset: Offset,
}

// ---- What goes out

/// What a provider told of.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct ProviderEvent {
    #[serde(flatten)]
    ids: BothIds<kinds::ProviderEvent>,
    /// The provider.
    provider: String,
    origin: Origin,
    /// The provider's name for what happened.
    r#type: String,
    /// What it is about: the provider's id of it.
    subject: Option<String>,
    /// When it happened, by the provider.
    happened_at: Option<Timestamp>,
    received_at: Timestamp,
    state: State,
    /// Why it was ignored or failed, or why the last attempt did.
    reason: Option<String>,
    /// How many payments were added, changed and voided, once it is done.
    outcome: Option<Json<Outcome>>,
    /// Attempts so far.
    attempts: u32,
    /// When it is worked on next.
    next_attempt_at: Option<Timestamp>,
}

/// What an event changed of the website's payments.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "it is shown as it is stored; this describes it")]
pub struct Outcome {
    /// Payments that were not known before.
    added: u32,
    changed: u32,
    /// Payments that are no more.
    voided: u32,
    unchanged: u32,
    /// Payments without a visitor.
    unattributed: u32,
}

/// An event with what the provider sent.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ProviderEventDetails {
    #[serde(flatten)]
    event: ProviderEvent,
    /// What the provider sent: JSON, or a text if it is none. It is kept for a time only.
    body: Option<serde_json::Value>,
}

// ---- SQL

const COLUMNS: &str = "id, provider, origin, type, subject, happened_at, received_at, state, reason, outcome, attempts, \
                       due_at AS next_attempt_at";

fn select_page(website: WebsiteId, provider: Provider, filter: &Filter) -> Statement {
    sql(format!(
        "SELECT {COLUMNS} FROM provider_events WHERE website_id = ?1 AND provider = ?2 AND (?3 IS NULL OR state = ?3) \
         ORDER BY received_at DESC, id DESC LIMIT ?4 OFFSET ?5"
    ))
    .bind(website)
    .bind(provider.name())
    .bind(filter.state.map(State::as_str))
    .bind(filter.limit.get())
    .bind(filter.offset.get())
}

fn select_one(website: WebsiteId, provider: Provider, id: ProviderEventId) -> Statement {
    sql(format!(
        "SELECT {COLUMNS}, key, sealed_body FROM provider_events WHERE id = ?3 AND website_id = ?1 AND provider = ?2"
    ))
    .bind(website)
    .bind(provider.name())
    .bind(id)
}

#[derive(Deserialize)]
struct WithBody {
    #[serde(flatten)]
    event: ProviderEvent,
    key: String,
    sealed_body: Option<String>,
}

/// Makes an event due again, as if it had not been worked on.
fn restart(website: WebsiteId, provider: Provider, id: ProviderEventId, now: Timestamp) -> Statement {
    sql(format!(
        "UPDATE provider_events SET state = 'received', origin = 'replay', reason = NULL, outcome = NULL, attempts = 0, \
         due_at = ?4, lease = NULL WHERE id = ?3 AND website_id = ?1 AND provider = ?2 RETURNING {COLUMNS}"
    ))
    .bind(website)
    .bind(provider.name())
    .bind(id)
    .bind(now)
}

/// Makes the events due that wait for this connection.
pub fn wake(website: WebsiteId, provider: Provider, now: Timestamp) -> Statement {
    sql("UPDATE provider_events SET due_at = ?3 WHERE website_id = ?1 AND provider = ?2 AND due_at > ?3 AND state = 'received' \
         AND lease IS NULL")
    .bind(website)
    .bind(provider.name())
    .bind(now)
}

/// Forgets all that a provider sent for a website.
pub fn forget_bodies(website: WebsiteId, provider: Provider) -> Statement {
    sql("UPDATE provider_events SET sealed_body = NULL WHERE website_id = ?1 AND provider = ?2 AND sealed_body IS NOT NULL")
        .bind(website)
        .bind(provider.name())
}

// ---- Handlers

/// GET: what a provider has told, newest first.
pub async fn list(call: WebsiteCall, input: Input<(Path<Named>, Query<Filter>)>) -> Result<Data<ProviderEvent>, Error> {
    let plan = |batch: &mut Batch, website, (Path(Named(provider)), Query(filter)): &(Path<Named>, Query<Filter>)| {
        batch.read::<ProviderEvent>(select_page(website, *provider, filter))
    };
    let (_, _, rows, results) = call.enter(input, plan).await?;
    Ok(Data::many(results.all(&rows)?))
}

/// GET: one event, with what the provider sent.
pub async fn get(
    call: WebsiteCall,
    input: Input<Paths<Named, ProviderEventId>>,
) -> Result<Data<ProviderEventDetails>, Error> {
    let plan = |batch: &mut Batch, website, Paths(Named(provider), id): &Paths<Named, ProviderEventId>| {
        batch.read::<WithBody>(select_one(website, *provider, *id))
    };
    let (website, Paths(Named(provider), id), row, results) = call.enter(input, plan).await?;
    let row = results.first(&row)?.ok_or_else(|| not_found(provider, id))?;
    let name = Name { website: website.id, provider, key: row.key };
    let keyring = Keyring::from_config(&website.call.platform.config())?;
    let body = row.sealed_body.map(|sealed| name.open(&keyring, &sealed)).transpose()?;
    let body = body.map(|body| {
        serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into())
    });
    Ok(Data::one(ProviderEventDetails { event: row.event, body }))
}

/// POST: works on an event again.
pub async fn replay(
    call: WebsiteCall,
    input: Input<Paths<Named, ProviderEventId>>,
) -> Result<Data<ProviderEvent>, Error> {
    let plan = |batch: &mut Batch, website, Paths(Named(provider), id): &Paths<Named, ProviderEventId>| {
        batch.read::<WithBody>(select_one(website, *provider, *id))
    };
    let (website, Paths(Named(provider), id), row, results) = call.enter(input, plan).await?;
    let row = results.first(&row)?.ok_or_else(|| not_found(provider, id))?;
    let ProviderEvent { r#type, subject, .. } = &row.event;
    let may_be_read = subject.as_deref().is_some_and(|subject| reread::step(provider, r#type, subject).is_some());
    if row.sealed_body.is_none() && !may_be_read {
        return Err(Error::conflict("this event cannot be worked on again: its body is not kept any more"));
    }
    let now = website.call.platform.now();
    let restarted = website.rows(restart(website.id, provider, id, now)).await?.into_iter().next();
    queue::enqueue(&website.call.platform, &[(Hint::Event(id), 0)]).await;
    restarted.map(Data::one).ok_or_else(|| not_found(provider, id))
}

fn not_found(provider: Provider, id: ProviderEventId) -> Error {
    Error::not_found(format!("no event {id} of {} on this website", provider.title()))
}

// ---- What is not kept for ever

/// Days for which an event is kept without its body.
const KEPT_DAYS: u32 = 90;
const DAY_MS: i64 = 24 * 60 * 60_000;
/// The rows that one statement changes.
const AT_ONCE: u32 = 1_000;
/// How many statements one run of cron makes; what is left waits for the next.
const TURNS: usize = 10;
/// The bodies that are kept of a connection.
const MOST_BODIES: u32 = 20_000;

/// Forgets old bodies, then old events. It costs two rows read if there are none.
pub async fn forget_old(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let days = platform.config().cap(PROVIDER_EVENT_DAYS).min(KEPT_DAYS);
    let before = |days: u32| now.plus_millis(-i64::from(days) * DAY_MS);
    let old = |has_body: u32| {
        format!(
            "SELECT id FROM provider_events WHERE (sealed_body IS NOT NULL) = {has_body} AND received_at <= ?1 \
             ORDER BY received_at LIMIT ?2"
        )
    };
    let bodies = format!("UPDATE provider_events SET sealed_body = NULL WHERE id IN ({}) RETURNING id", old(1));
    let events = format!("DELETE FROM provider_events WHERE id IN ({}) RETURNING id", old(0));
    for (text, before) in [(bodies, before(days)), (events, before(KEPT_DAYS))] {
        for _ in 0..TURNS {
            let gone = sql(text.clone()).bind(before).bind(AT_ONCE);
            let gone = platform.database().rows::<IgnoredAny>(gone).await?;
            if gone.len() < AT_ONCE as usize {
                break;
            }
        }
    }
    Ok(())
}

/// Forgets the oldest bodies of a connection that has too many.
pub fn forget_most(website: WebsiteId, provider: Provider) -> Statement {
    sql("UPDATE provider_events SET sealed_body = NULL WHERE website_id = ?1 AND provider = ?2 AND sealed_body IS NOT NULL \
         AND received_at <= (SELECT received_at FROM provider_events WHERE website_id = ?1 AND provider = ?2 \
         AND sealed_body IS NOT NULL ORDER BY received_at DESC LIMIT 1 OFFSET ?3)")
    .bind(website)
    .bind(provider.name())
    .bind(MOST_BODIES)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::tracking::payments::forget_transactions;

    const WEBSITE: &str = "0000000000000000000000d1";

    fn name(key: &str) -> Name {
        Name { website: WEBSITE.parse().unwrap(), provider: Provider::Polar, key: key.to_owned() }
    }

    fn keyring() -> Keyring {
        Keyring::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap()
    }

    #[test]
    fn a_body_opens_for_its_event_only_and_is_not_kept_if_it_is_too_large() {
        let (keyring, name) = (keyring(), name("a"));
        let body = "{\"email\":\"bo@example.com\"}".repeat(50_000).into_bytes();
        let sealed = name.seal(&keyring, &body, [3; 12]).unwrap().unwrap();
        assert!(sealed.len() < body.len() / 10, "it is compressed");
        assert_eq!(name.open(&keyring, &sealed).unwrap(), body);
        for other in [
            Name { key: "b".to_owned(), ..name.clone() },
            Name { provider: Provider::Stripe, ..name.clone() },
            Name { website: "0000000000000000000000d2".parse().unwrap(), ..name.clone() },
        ] {
            assert!(other.open(&keyring, &sealed).is_err(), "{other:?}");
        }
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        })
        .take(LARGEST_BODY + 1)
        .collect();
        assert_eq!(name.seal(&keyring, &noise, [3; 12]).unwrap(), None);
        assert!(name.seal(&keyring, &noise[..LARGEST_BODY - 1024], [3; 12]).unwrap().is_some());
    }

    /// Rows with a body and without, of some ages in days.
    fn aged(database: &Database, days: &[(i64, bool)], now: Timestamp) {
        for (number, (days, has_body)) in days.iter().enumerate() {
            let body = if *has_body { "'sealed'" } else { "NULL" };
            let at = now.as_millis() - days * DAY_MS;
            database.execute(&format!(
                "INSERT INTO provider_events (website_id, provider, key, id, origin, type, subject, received_at, state, sealed_body) \
                 VALUES ('{WEBSITE}', 'polar', 'k{number}', '{number:024x}', 'webhook', 't', 's', {at}, 'done', {body})"
            ));
        }
    }

    fn left(database: &Database) -> Vec<(i64, bool)> {
        let rows = sql(
            "SELECT received_at / 86400000 AS day, sealed_body IS NOT NULL AS has_body FROM provider_events ORDER BY key",
        );
        let rows = database.batch::<Json>(&[rows]).unwrap().remove(0);
        rows.iter().map(|row| (row["day"].as_i64().unwrap(), row["has_body"] == 1)).collect()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn bodies_go_after_their_days_and_events_after_90() {
        let now = Timestamp::from_millis(1_000 * DAY_MS);
        for (days, expected) in
            [("30", [(971, true), (970, false), (911, false)]), ("7", [(971, false), (970, false), (911, false)])]
        {
            let memory = Memory::new(Database::with_website(), now).with("PROVIDER_EVENT_DAYS", days);
            aged(&memory.database, &[(29, true), (30, true), (89, false), (90, false), (200, true)], now);
            let memory = std::rc::Rc::new(memory);
            forget_old(&Platform::in_memory(memory.clone()), now).await.unwrap();
            assert_eq!(left(&memory.database), expected, "{days} days");
        }
    }

    #[test]
    fn the_oldest_bodies_of_a_connection_with_too_many_go() {
        let database = Database::with_website();
        database.execute(&format!(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 20009)
             INSERT INTO provider_events (website_id, provider, key, id, origin, type, received_at, state, sealed_body)
             SELECT '{WEBSITE}', 'polar', i, printf('%024x', i), 'webhook', 't', i, 'done', 'sealed' FROM n"
        ));
        let forget = forget_most(WEBSITE.parse().unwrap(), Provider::Polar);
        assert!(database.plan(&forget).contains("provider_events_bodies"), "{}", database.plan(&forget));
        database.batch::<Json>(&[forget]).unwrap();
        let kept = sql(
            "SELECT count(sealed_body) AS kept, min(CASE WHEN sealed_body IS NOT NULL THEN received_at END) AS oldest FROM provider_events",
        );
        assert_eq!(database.batch::<Json>(&[kept]).unwrap()[0], [json!({ "kept": 20_000, "oldest": 10 })]);
    }

    #[test]
    fn what_is_asked_of_events_is_found_by_indexes() {
        let (database, website) = (Database::with_website(), WEBSITE.parse().unwrap());
        let filter = |state| Filter { state, limit: Limit::default(), offset: Offset::default() };
        for (statement, index) in [
            (select_page(website, Provider::Polar, &filter(None)), "provider_events_list"),
            (select_page(website, Provider::Polar, &filter(Some(State::Failed))), "provider_events_list"),
            (forget_bodies(website, Provider::Polar), "PRIMARY KEY"),
            (forget_transactions(website, &["lemonsqueezy:order:1".to_owned()]), "provider_events_subject"),
        ] {
            let plan = database.plan(&statement);
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }

    #[test]
    fn what_was_sent_about_a_transaction_is_forgotten_under_the_name_that_its_provider_has_for_it() {
        for (transaction, subject) in [("pi_1", "pi_1"), ("lemonsqueezy:order:2201", "2201"), ("shopify:order:5", "5")]
        {
            let (database, website) = (Database::with_website(), WEBSITE.parse().unwrap());
            aged(&database, &[(0, true), (0, true)], Timestamp::from_millis(0));
            database.execute(&format!("UPDATE provider_events SET subject = '{subject}' WHERE key = 'k1'"));
            database.batch::<Json>(&[forget_transactions(website, &[transaction.to_owned()])]).unwrap();
            assert_eq!(left(&database), [(0, true), (0, false)], "{transaction}");
        }
    }

    fn envelope(kind: &str) -> Envelope {
        let body = json!({ "type": kind, "timestamp": "2026-11-28T10:00:00Z", "data": { "id": "o" } }).to_string();
        Envelope::read(Provider::Polar, Headers(&[]), body.as_bytes()).unwrap()
    }

    #[test]
    fn a_double_changes_nothing_unless_the_first_one_failed_and_it_can_be_read() {
        let database = Database::with_website();
        let name = name("k");
        let store = |id: u64, read: Result<&Envelope, &str>, body: Option<&str>| {
            let arrived = Arrived {
                id: ProviderEventId::new(Timestamp::from_millis(0), id.to_be_bytes()),
                name: &name,
                origin: Origin::Webhook,
                received_at: Timestamp::from_millis(i64::try_from(id).unwrap()),
                sealed_body: body.map(str::to_owned),
                read,
            };
            database.batch::<Json>(&[arrived.store()]).unwrap().remove(0)
        };
        let row = || {
            let row = sql("SELECT type, state, reason, due_at, sealed_body, received_at FROM provider_events");
            database.batch::<Json>(&[row]).unwrap().remove(0).remove(0)
        };
        assert_eq!(store(1, Err("body: expected JSON"), Some("one"))[0]["due_at"], Json::Null);
        let failed = row();
        assert_eq!(failed["state"], "failed");
        assert_eq!(store(2, Err("body: something else"), Some("two")), [Json::Null; 0]);
        assert_eq!(row(), failed);
        assert_eq!(store(3, Ok(&envelope("order.paid")), None)[0]["due_at"], 3);
        assert_eq!(
            row(),
            json!({ "type": "order.paid", "state": "received", "reason": null, "due_at": 3, "sealed_body": "one", "received_at": 1 })
        );
        assert_eq!(store(4, Ok(&envelope("order.updated")), Some("four")), [Json::Null; 0]);
        for state in ["done", "ignored"] {
            database.execute(&format!("UPDATE provider_events SET state = '{state}', due_at = NULL"));
            assert_eq!(store(5, Ok(&envelope("order.updated")), Some("five")), [Json::Null; 0]);
            assert_eq!(row()["state"], state);
        }
    }
}
