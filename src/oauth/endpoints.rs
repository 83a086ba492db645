//! The endpoints that applications call: what there is (RFC 9728, RFC 8414), registration (RFC 7591), tokens (OAuth 2.1), revocation
//! (RFC 7009). They speak OAuth's own JSON, also when they refuse (RFC 6749, 5.2).

use std::future::Future;
use std::pin::Pin;

use serde_json::{Value, json};

use super::clients;
use super::grants::{self, Outcome, Row};
use super::rules::{self, Client, offered, scope};
use crate::auth::client::CredentialClient;
use crate::auth::failures::ClientAddress;
use crate::auth::permission::Permission;
use crate::auth::token::{RawToken, TokenKind};
use crate::http::admission::Admission;
use crate::http::agent::AgentCall;
use crate::http::error::{Error, OUR_FAULT};
use crate::http::reply::Reply;
use crate::platform::database::Statement;
use crate::platform::{PlatformError, log};
use sluice_values::OauthClientId;

/// The headers that are read.
pub const HEADERS: &[&str] = &["cf-connecting-ip"];
/// Where the metadata of an address of tools is: before its path.
pub const PROTECTED: &str = "/.well-known/oauth-protected-resource";
/// Where people are asked.
const CONSENT: &str = "/console/authorize";

// ---- Refusals

/// Why an application is refused. The words have no quotation marks: RFC 6749 leaves them out.
#[derive(Debug)]
enum Fault {
    Refused { status: u16, code: &'static str, message: String },
    TooMany { code: &'static str, retry_after: i64 },
    Ours(PlatformError),
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { status: 400, code, message: message.into() }
    }

    fn into_reply(self, call: &AgentCall) -> Reply {
        let refusal = |status, code: &str, message: &str| {
            Reply::json(status, &json!({ "error": code, "error_description": message }))
        };
        match self {
            Self::Refused { status, code, message } => refusal(status, code, &message),
            Self::TooMany { code, retry_after } => {
                let message = format!("too many requests: try again in {retry_after} seconds");
                refusal(429, code, &message).with_header("retry-after", retry_after.to_string())
            }
            Self::Ours(error) => {
                log::failure(&call.call.request_id.to_string(), call.path, &error.to_string());
                refusal(500, "server_error", OUR_FAULT)
            }
        }
    }
}

impl From<PlatformError> for Fault {
    fn from(error: PlatformError) -> Self {
        Self::Ours(error)
    }
}

/// What is wrong with a request as such, or with a secret.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused { status: 401, message } => Self::new("invalid_grant", message),
            Error::Refused { status, message } => {
                Self::Refused { status, code: "invalid_request", message: message.replace('"', "'") }
            }
            Error::RateLimited(rate) => {
                Self::TooMany { code: "temporarily_unavailable", retry_after: rate.reset_in_secs() }
            }
            Error::Ours(error) => Self::Ours(error),
            _ => Self::Ours(PlatformError::new("an error that OAuth has no word for")),
        }
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + 'a>>;

/// Answers one method, and browsers of any origin: nothing here looks at a cookie.
async fn answered(call: &AgentCall, method: &'static str, answer: Answer<'_>) -> Reply {
    let allow = if method == "GET" { "GET, HEAD" } else { method };
    let reply = match call.method.as_str() {
        "OPTIONS" => Reply::empty(204)
            .with_header("access-control-allow-methods", allow)
            .with_header("access-control-allow-headers", "authorization, content-type, accept, mcp-protocol-version")
            .with_header("access-control-max-age", "86400"),
        sent if sent == method || (sent, method) == ("HEAD", "GET") => {
            answer.await.unwrap_or_else(|fault| fault.into_reply(call))
        }
        _ => {
            let message = format!("this path takes {allow}");
            Fault::Refused { status: 405, code: "invalid_request", message }
                .into_reply(call)
                .with_header("allow", allow)
        }
    };
    reply
        .with_header("access-control-allow-origin", "*")
        .with_header("access-control-expose-headers", "x-request-id, retry-after")
}

// ---- Metadata

/// GET: what guards an address of tools.
pub async fn protected_resource(call: AgentCall) -> Reply {
    let base = &call.call.base_url;
    let path = call.path.strip_prefix(PROTECTED).unwrap_or_default();
    let metadata = json!({
        "resource": format!("{base}{path}"),
        "resource_name": "Sluice",
        "resource_documentation": format!("{base}/docs/mcp"),
        "authorization_servers": [base],
        "bearer_methods_supported": ["header"],
        "scopes_supported": rules::asked(""),
    });
    answered(&call, "GET", Box::pin(async { Ok(Reply::json(200, &metadata)) })).await
}

/// GET: what the gateway can do as an authorization server.
pub async fn server(call: AgentCall) -> Reply {
    let base = &call.call.base_url;
    let metadata = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}{CONSENT}"),
        "token_endpoint": format!("{base}/oauth/token"),
        "registration_endpoint": format!("{base}/oauth/register"),
        "revocation_endpoint": format!("{base}/oauth/revoke"),
        "service_documentation": format!("{base}/docs/mcp"),
        "scopes_supported": offered().collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
    });
    answered(&call, "GET", Box::pin(async { Ok(Reply::json(200, &metadata)) })).await
}

// ---- Registration

/// POST: registers an application. It gets no secret: what proves it is the code's challenge.
pub async fn register(call: AgentCall) -> Reply {
    answered(&call, "POST", Box::pin(registered(&call))).await
}

async fn registered(call: &AgentCall) -> Result<Reply, Fault> {
    let body = body(call)?;
    let metadata: Value = serde_json::from_slice(body)
        .map_err(|_| Fault::new("invalid_client_metadata", "expected a JSON object with redirect_uris"))?;
    let client = Client::of(&metadata).map_err(|(code, why)| Fault::new(code, why))?;
    // The name of the counter differs from that of failures: who registers often may still mistype a token.
    let counted =
        CredentialClient::new(&call.call.platform).count_failure(&format!("register:{}", address(call))).await?;
    if !counted.admitted {
        return Err(Error::RateLimited(counted).into());
    }
    let id: OauthClientId = call.call.new_id()?;
    if !clients::register(&call.call, id, &client).await? {
        return Err(Fault::TooMany { code: "temporarily_unavailable", retry_after: 600 });
    }
    let answer = json!({
        "client_id": id,
        "client_id_issued_at": call.call.now.as_millis() / 1_000,
        "client_name": client.name,
        "redirect_uris": client.redirects,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    Ok(Reply::json(201, &answer))
}

// ---- Tokens

fn body(call: &AgentCall) -> Result<&[u8], Fault> {
    match &call.body {
        Ok(body) => Ok(body),
        Err(Error::Refused { status, message }) => {
            Err(Fault::Refused { status: *status, code: "invalid_request", message: message.clone() })
        }
        Err(_) => Err(PlatformError::new("the body could not be read").into()),
    }
}

fn address(call: &AgentCall) -> ClientAddress {
    ClientAddress::new(call.headers.header("cf-connecting-ip").as_deref())
}

/// The parameters of a form; none comes twice (RFC 6749, 3.2).
struct Form(Vec<(String, String)>);

impl Form {
    fn of(call: &AgentCall) -> Result<Self, Fault> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body(call)?) {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Fault::new("invalid_request", "a parameter comes twice"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    fn optional(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn required(&self, name: &str) -> Result<&str, Fault> {
        self.optional(name).ok_or_else(|| Fault::new("invalid_request", format!("{name} is missing")))
    }
}

/// POST: tokens for a code or a refresh token.
pub async fn token(call: AgentCall) -> Reply {
    answered(&call, "POST", Box::pin(issued(&call))).await
}

const CODE_UNKNOWN: &str = "the code is unknown, was used before, or has expired";
const REFRESH_UNKNOWN: &str = "the refresh token is unknown, was used before, or is over";

async fn issued(call: &AgentCall) -> Result<Reply, Fault> {
    let form = Form::of(call)?;
    let invalid = |message: &str| Fault::new("invalid_grant", message);
    let (row, outcome) = match form.required("grant_type")? {
        "authorization_code" => {
            let (code, verifier) = (form.required("code")?, form.required("code_verifier")?);
            let redirect = form.required("redirect_uri")?;
            let row = found(call, &form, CODE_UNKNOWN, grants::is_code(code).then(|| grants::of_code(code))).await?;
            if row.redirect_uri != redirect {
                return Err(invalid("redirect_uri is not the one that was asked with"));
            }
            if !rules::proves(verifier, &row.code_challenge) {
                return Err(invalid("code_verifier is not the one that the challenge was made of"));
            }
            let outcome = if row.refresh_hash.is_some() {
                Outcome::UsedBefore
            } else if call.call.now >= row.expires_at {
                return Err(invalid(CODE_UNKNOWN));
            } else {
                grants::exchange(&call.call, &row).await?
            };
            (row, outcome)
        }
        "refresh_token" => {
            let sent = form.required("refresh_token")?;
            let family = grants::family_of(sent);
            let row = found(call, &form, REFRESH_UNKNOWN, family.map(grants::of_family)).await?;
            if call.call.now >= row.ends_at {
                return Err(invalid(REFRESH_UNKNOWN));
            }
            let outcome = grants::refresh(&call.call, &row, sent).await?;
            (row, outcome)
        }
        _ => {
            return Err(Fault::new(
                "unsupported_grant_type",
                "grant_type: expected authorization_code or refresh_token",
            ));
        }
    };
    match outcome {
        Outcome::Issued(pair) => {
            let permissions: Vec<Permission> = serde_json::from_str(&row.permissions)
                .map_err(|error| PlatformError::new(format!("grant {}: {error}", row.id)))?;
            let left = pair.expires_at.as_millis() - call.call.now.as_millis();
            let answer = json!({
                "access_token": pair.access.reveal(),
                "token_type": "Bearer",
                "expires_in": left / 1_000,
                "refresh_token": pair.refresh,
                "scope": scope(permissions.into_iter()),
            });
            Ok(Reply::json(200, &answer))
        }
        Outcome::UsedBefore => {
            grants::revoke(&call.call, row.id).await?;
            Err(invalid("it was used before: whoever has used it, everything that was granted with it is revoked"))
        }
        Outcome::TooMany => Err(invalid(
            "the account has as many tokens as it may; delete one that is no longer used and connect again",
        )),
    }
}

/// The grant that a secret is of, if it is of the application that sends it. `None` is no secret at all.
async fn found(call: &AgentCall, form: &Form, unknown: &str, select: Option<Statement>) -> Result<Row, Fault> {
    let (client, address) = (form.required("client_id")?, address(call));
    let admission = Admission::new(&call.call.platform, &address, call.call.now);
    let Some(select) = select else { return Err(admission.count_malformed(unknown).into()) };
    let Some(row) = call.call.platform.database().rows::<Row>(select).await?.into_iter().next() else {
        return Err(admission.count_unknown(unknown).await.into());
    };
    if row.client_id != client {
        return Err(Fault::new("invalid_grant", "it was issued to another application"));
    }
    if form.optional("resource").is_some_and(|resource| resource != row.resource) {
        return Err(Fault::new("invalid_target", "resource is not the one that was asked with"));
    }
    Ok(row)
}

// ---- Revocation

/// POST: ends what was granted, by any of its tokens. An unknown one is as good as revoked.
pub async fn revoke(call: AgentCall) -> Reply {
    answered(&call, "POST", Box::pin(revoked(&call))).await
}

async fn revoked(call: &AgentCall) -> Result<Reply, Fault> {
    let form = Form::of(call)?;
    let (token, client) = (form.required("token")?, form.required("client_id")?);
    let select = match (grants::family_of(token), token.parse::<RawToken>()) {
        (Some(family), _) => Some(grants::of_family(family)),
        (None, Ok(token)) if token.kind() == TokenKind::Account => Some(grants::of_token(&token)),
        (None, _) => None,
    };
    let row = match select {
        Some(select) => call.call.platform.database().rows::<Row>(select).await?.into_iter().next(),
        None => None,
    };
    if let Some(row) = row {
        if row.client_id != client {
            return Err(Fault::new("invalid_grant", "it was issued to another application"));
        }
        grants::revoke(&call.call, row.id).await?;
    }
    Ok(Reply::empty(200))
}
