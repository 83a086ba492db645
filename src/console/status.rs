//! What the page of sign-in has to know before anybody has signed in.

use serde::{Deserialize, Serialize};

use super::{access, passkeys, shell};
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::reply::Data;
use crate::mail::mailer;
use crate::platform::database::sql;
use sluice_values::Environment;

/// The state of the gateway, as anybody may know it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleStatus {
    /// Whether there is no account yet.
    is_empty: bool,
    methods: Methods,
    /// The version of the gateway.
    version: String,
    environment: EnvironmentName,
}

/// The ways to sign in.
#[expect(clippy::struct_excessive_bools, reason = "one for each way")]
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Methods {
    token: bool,
    /// Codes by mail.
    email: bool,
    /// At the address that was called; a browser makes none for an IP address.
    passkey: bool,
    /// What Cloudflare Access says of whoever it has let through.
    access: bool,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum EnvironmentName {
    Development,
    Production,
}

/// GET: how one can sign in here.
pub async fn get(call: Call, (): ()) -> Result<Data<ConsoleStatus>, Error> {
    #[derive(Deserialize)]
    struct Row {
        is_empty: i64,
    }
    let select = sql("SELECT NOT EXISTS (SELECT 1 FROM accounts) AS is_empty");
    let row = call.platform.database().rows::<Row>(select).await?.into_iter().next();
    Ok(Data::one(ConsoleStatus {
        is_empty: row.is_some_and(|row| row.is_empty != 0),
        methods: Methods {
            token: true,
            email: mailer::check(&call.platform).is_ok(),
            passkey: passkeys::party(&call).is_some(),
            access: access::issuer(&call.platform).is_ok(),
        },
        version: shell::version(&call.platform).await,
        environment: match call.platform.config().environment() {
            Environment::Development => EnvironmentName::Development,
            Environment::Production => EnvironmentName::Production,
        },
    }))
}
