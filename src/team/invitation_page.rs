//! The page behind an invitation's link. It shows nothing of the invitation: only the code opens that, and the code stands in
//! the link's fragment, which no server and no log gets to see.

use crate::http::call::Call;
use crate::http::error::Error;
use crate::http::input::Path;
use crate::http::reply::{Answer, Reply};
use sluice_values::InvitationId;

/// The page. Its script and style are files of the console (`console/public/pages`).
pub struct InvitationPage;

impl Answer for InvitationPage {
    const CONTENT_TYPE: &'static str = "text/html";

    fn into_reply(self) -> Reply {
        let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
        Reply::page(200, include_bytes!("invitation.html").to_vec(), policy)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
}

/// GET: the page, the same whether the invitation exists or not.
pub async fn page(_: Call, _: Path<InvitationId>) -> Result<InvitationPage, Error> {
    Ok(InvitationPage)
}
