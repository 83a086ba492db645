//! What the console's page of consent asks: who wants what, and the grant itself.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::clients;
use super::grants::New;
use super::rules::{self, Client};
use crate::account::access_tokens;
use crate::auth::permission::{Permission, Permissions};
use crate::http::call::AccountCall;
use crate::http::error::Error;
use crate::http::input::{Body, Query};
use crate::http::reply::Data;
use crate::platform::database::{Batch, Handle};
use sluice_values::{Invalid, List, WebsiteId};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long an application may be granted anything, in days.
const MOST_DAYS: u32 = 365;

// ---- What comes in

/// What an application asks for, as it stands in the address of the page (OAuth 2.1, 4.1.1).
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Asked {
    client_id: String,
    /// Where the answer goes.
    redirect_uri: String,
    response_type: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    /// Permissions, with spaces between them.
    scope: Option<String>,
    /// The address of the tools; the first one if left out.
    resource: Option<String>,
    state: Option<String>,
}

/// What is granted.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantToApplication {
    permissions: Permissions,
    /// An empty list: every website that the session reaches, also later ones.
    website_ids: List<WebsiteId>,
    /// After how many days everything ends: 1 to 365.
    days: Days,
}

/// 1 to 365 days.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct Days(u32);

impl TryFrom<u32> for Days {
    type Error = Invalid;

    fn try_from(days: u32) -> Result<Self, Invalid> {
        if (1..=MOST_DAYS).contains(&days) {
            Ok(Self(days))
        } else {
            Err(Invalid::new(format!("expected 1 to {MOST_DAYS}, got {days}")))
        }
    }
}

impl schemars::JsonSchema for Days {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Days".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": MOST_DAYS })
    }
}

// ---- What goes out

/// Who asks for what.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AskedByApplication {
    /// What the application calls itself; it may say anything.
    name: String,
    /// The host of the document about it; null where it has only registered itself.
    document_host: Option<String>,
    /// Where the answer goes: host and port, or the scheme of a program on the machine of who grants, with a colon.
    redirect_host: String,
    /// Whether that is whatever listens on the machine of who grants, or has taken the scheme there.
    is_on_this_machine: bool,
    /// What it asks for, as far as it can be granted.
    asked: Vec<Permission>,
    /// What this session can grant.
    grantable: Vec<Permission>,
    /// What is wrong with what it asks, so that nothing can be granted.
    problem: Option<String>,
    /// Where to go for who refuses.
    refuse_to: String,
}

/// Where to go with the code.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantedToApplication {
    /// The application's address with a code that is good once, for a minute.
    redirect_to: String,
}

// ---- Rules

/// A request of an application that is known, to an address of its own.
struct Request {
    client: Client,
    document_host: Option<String>,
    challenge: String,
    resource: String,
    /// What is wrong besides: its code, and the words.
    problem: Option<(&'static str, String)>,
}

/// What of a request the application itself is told. Who it is and where it may be told has been seen to.
fn check(asked: &Asked, base: &str) -> Result<(String, String), (&'static str, String)> {
    let wrong = |code: &'static str, message: &str| Err((code, message.to_owned()));
    if asked.response_type.as_deref() != Some("code") {
        return wrong("unsupported_response_type", "response_type: expected code");
    }
    let Some(challenge) = asked.code_challenge.as_ref().filter(|challenge| rules::is_challenge(challenge)) else {
        return wrong("invalid_request", "code_challenge: expected a SHA-256 in base64url (PKCE)");
    };
    if asked.code_challenge_method.as_deref() != Some("S256") {
        return wrong("invalid_request", "code_challenge_method: expected S256");
    }
    if asked.state.as_ref().is_some_and(|state| state.len() > rules::LONGEST_STATE) {
        return wrong("invalid_request", "state: too long");
    }
    let own = rules::RESOURCES.map(|path| format!("{base}{path}"));
    let [first, _] = &own;
    let resource = asked.resource.as_ref().unwrap_or(first);
    if !own.contains(resource) {
        return Err(("invalid_target", format!("resource: expected {}", own.join(" or "))));
    }
    Ok((challenge.clone(), resource.clone()))
}

/// The address of the application with an answer, and what every answer says (RFC 9207).
fn answer_to(asked: &Asked, base: &str, answer: &[(&str, &str)]) -> String {
    let state =
        asked.state.as_deref().filter(|state| state.len() <= rules::LONGEST_STATE).map(|state| ("state", state));
    let answer: Vec<_> = answer.iter().copied().chain(state).chain([("iss", base)]).collect();
    rules::with_answer(&asked.redirect_uri, &answer)
}

async fn read(call: &AccountCall, asked: &Asked) -> Result<Request, Error> {
    let (client, document) = clients::find(&call.call, &asked.client_id).await?;
    if !client.may_redirect(&asked.redirect_uri) {
        return Err(Error::bad_request("redirect_uri: not one of the addresses that the application has named"));
    }
    let document_host = document.map(|document| rules::host(document.as_str()));
    let (challenge, resource, problem) = match check(asked, &call.call.base_url) {
        Ok((challenge, resource)) => (challenge, resource, None),
        Err(problem) => (String::new(), String::new(), Some(problem)),
    };
    Ok(Request { client, document_host, challenge, resource, problem })
}

// ---- Handlers

/// GET: who asks for what.
pub async fn get(call: AccountCall, Query(asked): Query<Asked>) -> Result<Data<AskedByApplication>, Error> {
    let request = read(&call, &asked).await?;
    let base = &call.call.base_url;
    let grantable = rules::offered().filter(|one| call.principal.permissions().allow(*one)).collect();
    let (code, message) = match &request.problem {
        Some((code, message)) => (*code, Some(message.clone())),
        None => ("access_denied", None),
    };
    let refuse_to = match &message {
        Some(message) => answer_to(&asked, base, &[("error", code), ("error_description", message)]),
        None => answer_to(&asked, base, &[("error", code)]),
    };
    Ok(Data::one(AskedByApplication {
        name: request.client.name,
        document_host: request.document_host,
        redirect_host: rules::host(&asked.redirect_uri),
        is_on_this_machine: rules::is_on_this_machine(&asked.redirect_uri),
        asked: rules::asked(asked.scope.as_deref().unwrap_or_default()),
        grantable,
        problem: message,
        refuse_to,
    }))
}

/// POST: grants, and answers where the application waits for its code.
pub async fn grant(
    call: AccountCall,
    (Query(asked), Body(wanted)): (Query<Asked>, Body<GrantToApplication>),
) -> Result<Data<GrantedToApplication>, Error> {
    let GrantToApplication { permissions, website_ids, days } = wanted;
    if let Some(beyond) = permissions.list().iter().find(|permission| !rules::is_offered(**permission)) {
        return Err(Error::bad_request(format!(
            "permissions: \"{beyond}\" cannot be granted to an application, for what it makes with that would outlive it"
        )));
    }
    let request = read(&call, &asked).await?;
    if let Some((_, message)) = request.problem {
        return Err(Error::bad_request(message));
    }
    let granted = access_tokens::granted_to_application(&call, permissions, website_ids).await?;
    let host = rules::host(&asked.redirect_uri);
    let name: String = format!("{} ({host})", request.client.name).chars().take(100).collect();
    let new = New {
        account: call.account_id(),
        client: &asked.client_id,
        redirect: &asked.redirect_uri,
        resource: &request.resource,
        challenge: &request.challenge,
        name: &name,
        grant: &granted,
        ends_at: call.call.now.plus_millis(i64::from(days.0) * DAY_MS),
    };
    let (insert, code) = new.insert(&call.call)?;
    let mut batch = Batch::new();
    let inserted: Handle<IgnoredAny> = batch.read(insert);
    batch.run(clients::note_use(&asked.client_id, call.call.now));
    if call.run(batch).await?.first(&inserted)?.is_none() {
        let most = access_tokens::MOST;
        return Err(Error::bad_request(format!(
            "token limit reached (max {most} per account); delete one that is no longer used"
        )));
    }
    let redirect_to = answer_to(&asked, &call.call.base_url, &[("code", &code)]);
    Ok(Data::one(GrantedToApplication { redirect_to }))
}
