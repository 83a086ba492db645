//! Applications: those that have registered themselves (RFC 7591), and those whose id is the address of a document about them
//! (draft-ietf-oauth-client-id-metadata-document).

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::rules::Client;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::platform::expired::Expired;
use crate::platform::outgoing::{Ask, Unanswered};
use crate::platform::{PlatformError, outgoing};
use sluice_values::{OauthClientId, Timestamp};
use sluice_webhook_rules::destination::Destination;

/// How many applications that nobody has granted anything may be registered at once.
pub const MOST_UNUSED: u32 = 500;
/// For how long one of them makes room for no other: whoever registers asks at once.
const SETTLING_MS: i64 = 10 * 60 * 1_000;
/// How long one of them is known: a day.
const UNUSED_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long an application is known after its last grant or refresh: a year and a month, longer than any grant.
const USED_MS: i64 = 400 * 24 * 60 * 60 * 1_000;
/// The longest document about an application, in bytes.
pub const LONGEST_DOCUMENT: usize = 16 * 1024;
/// How long a document may take, in milliseconds.
const DOCUMENT_MS: u64 = 5_000;

// ---- Registered ones

#[derive(Deserialize)]
struct Row {
    name: String,
    redirect_uris: String,
}

fn select(id: OauthClientId, now: Timestamp) -> Statement {
    sql("SELECT name, redirect_uris FROM oauth_clients WHERE id = ?1 AND expires_at > ?2").bind(id).bind(now)
}

const UNUSED: &str = "(SELECT count(*) FROM oauth_clients WHERE is_used = 0)";

/// Deletes the oldest application that was not used in ten minutes, if there are as many as may be.
fn make_room(now: Timestamp) -> Statement {
    sql(format!(
        "DELETE FROM oauth_clients WHERE {UNUSED} >= ?1 AND id = (SELECT id FROM oauth_clients WHERE is_used = 0 \
         AND created_at <= ?2 ORDER BY created_at LIMIT 1)"
    ))
    .bind(MOST_UNUSED)
    .bind(now.plus_millis(-SETTLING_MS))
}

/// Adds an application, if there is room.
fn insert(id: OauthClientId, client: &Client, now: Timestamp) -> Statement {
    sql(format!(
        "INSERT INTO oauth_clients (id, name, redirect_uris, created_at, expires_at) SELECT ?1, ?2, ?3, ?4, ?5 \
         WHERE {UNUSED} < ?6 RETURNING id"
    ))
    .bind(id)
    .bind(client.name.as_str())
    .bind_json(&client.redirects)
    .bind(now)
    .bind(now.plus_millis(UNUSED_MS))
    .bind(MOST_UNUSED)
}

/// Registers an application, and says whether there was room.
pub async fn register(call: &Call, id: OauthClientId, client: &Client) -> Result<bool, PlatformError> {
    let mut batch = Batch::of(make_room(call.now));
    let inserted: Handle<IgnoredAny> = batch.read(insert(id, client, call.now));
    Ok(call.platform.database().run(batch).await?.first(&inserted)?.is_some())
}

/// Notes that an application is in use; one that has not registered itself is not noted.
pub fn note_use(client: &str, now: Timestamp) -> Statement {
    sql("UPDATE oauth_clients SET is_used = 1, expires_at = ?2 WHERE id = ?1")
        .bind(client)
        .bind(now.plus_millis(USED_MS))
}

/// Applications that are not used, or no longer.
pub const EXPIRED: Expired = Expired { table: "oauth_clients", key: "id", time: "expires_at", kept_ms: 0 };

// ---- Any

/// An application that asks, and the address of the document about it, where that is its id.
pub async fn find(call: &Call, id: &str) -> Result<(Client, Option<Destination>), Error> {
    if id.contains("://") {
        let (client, document) = fetch(call, id).await?;
        return Ok((client, Some(document)));
    }
    let unknown = || {
        Error::bad_request(
            "client_id: no such application is registered here, or not any more; remove the connection in the application and \
             connect again",
        )
    };
    let id: OauthClientId = id.parse().map_err(|_| unknown())?;
    let row = call.platform.database().rows::<Row>(select(id, call.now)).await?.into_iter().next();
    let Row { name, redirect_uris } = row.ok_or_else(unknown)?;
    let redirects = serde_json::from_str(&redirect_uris)
        .map_err(|error| PlatformError::new(format!("application {id}: {error}")))?;
    Ok((Client { name, redirects }, None))
}

/// Reads the document about an application. It may be where webhooks may be sent to, and not here.
async fn fetch(call: &Call, id: &str) -> Result<(Client, Destination), Error> {
    let document = address(call, id)?;
    let ask = Ask {
        method: "GET",
        url: document.url().as_str(),
        headers: vec![("accept", "application/json".to_owned()), ("user-agent", "Sluice-OAuth".to_owned())],
        body: None,
        timeout_ms: DOCUMENT_MS,
        longest_answer: LONGEST_DOCUMENT,
    };
    let refused = |why: &str| Error::bad_request(format!("client_id: the document about the application {why}"));
    let answer = call.platform.outgoing().ask(ask).await.map_err(|why| {
        refused(match why {
            Unanswered::TimedOut => "did not come within 5 seconds",
            Unanswered::TooLong => "is longer than 16 KiB",
            Unanswered::Failed => "cannot be reached",
        })
    })?;
    let outgoing::Whole { status, body, .. } = answer;
    if status != 200 {
        return Err(refused(&format!("was answered with status {status}, not 200")));
    }
    let metadata: Value = serde_json::from_str(&body).map_err(|_| refused("is not JSON"))?;
    if metadata.get("client_id").and_then(Value::as_str) != Some(id) {
        return Err(refused("has another client_id than its own address"));
    }
    let client = Client::of(&metadata).map_err(|(_, why)| refused(&format!("says what it must not: {why}")))?;
    Ok((client, document))
}

/// The address of a document: its host may be anything public but this gateway, and it names one document in one way.
fn address(call: &Call, id: &str) -> Result<Destination, Error> {
    let document =
        Destination::parse(id, call.platform.config().environment()).map_err(|why| Error::field("client_id", &why))?;
    let url = document.url();
    if url.as_str() != id || url.path() == "/" || url.query().is_some() {
        return Err(Error::bad_request(
            "client_id: expected the plain address of a document, with a path and without a query",
        ));
    }
    if call.own_origins.iter().any(|own| document.is_at(own)) {
        return Err(Error::bad_request("client_id: this gateway has no document about an application"));
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;

    #[test]
    fn applications_are_found_and_counted_by_indexes() {
        let database = Memory::default();
        let now = Timestamp::from_millis(0);
        let id = "0000000000000000000000fa".parse().unwrap();
        for statement in [
            select(id, now),
            make_room(now),
            insert(id, &Client { name: String::new(), redirects: Vec::new() }, now),
            note_use("x", now),
        ] {
            let plan = database.plan(&statement);
            assert!(!plan.contains("SCAN oauth_clients\n") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
