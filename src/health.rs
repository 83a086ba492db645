//! The health check.

use crate::auth::client::CredentialClient;
use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::reply::{Answer, Reply};
use crate::platform::database::{Batch, sql};

#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Health {
    status: Ok,
}

#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Ok {
    Ok,
}

impl Answer for Health {
    fn into_reply(self) -> Reply {
        Reply::json(200, &self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<Self>())
    }
}

/// GET: 200 when D1 and the Durable Objects answer.
pub async fn get(call: Call, (): ()) -> Result<Health, Error> {
    call.platform.database().run(Batch::of(sql("SELECT 1"))).await?;
    CredentialClient::new(&call.platform).check().await?;
    Ok(Health { status: Ok::Ok })
}
