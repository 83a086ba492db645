//! The table of routes: every endpoint is one row. Routing, authentication, authorization, CORS, the OpenAPI document
//! and the permission tests are all derived from it.

use crate::account::{access_tokens, profile, setup};
use crate::auth::permission::Permission::*;
use crate::funnels;
use crate::health;
use crate::http::route::Method::*;
use crate::http::route::{Route, Table};

/// Every endpoint.
#[rustfmt::skip]
fn rows() -> Vec<Route> {
    vec![
        // The gateway itself
        Route::public((Get, "/healthz", "getHealth", "Whether D1 and the Durable Objects answer"), health::get),
        Route::setup((Post, "/api/v1/setup", "createFirstAccount", "Make an account and its first token"), setup::create)
            .refusing(&[404, 409]),

        // Account
        Route::account((Get, "/api/v1/admin/account", "getAccount", "Get the account behind the token"),
            &[AnalyticsRead], profile::get).also_for_website_keys(),
        Route::account((Put, "/api/v1/admin/account", "updateAccount", "Change the account's name"),
            &[AnalyticsRead], profile::update),

        // Access tokens
        Route::account((Get, "/api/v1/admin/access-tokens", "listAccessTokens", "List account tokens"),
            &[ApiKeysRead], access_tokens::list),
        Route::account((Post, "/api/v1/admin/access-tokens", "createAccessToken", "Create an account token; it is shown once"),
            &[ApiKeysWrite], access_tokens::create),
        Route::account((Delete, "/api/v1/admin/access-tokens/{tokenId}", "deleteAccessToken", "Revoke an account token"),
            &[ApiKeysWrite], access_tokens::delete).refusing(&[404]),

        // Funnels
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/funnels", "listFunnels", "List active funnels"),
            &[FunnelsRead], funnels::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/funnels", "createFunnel", "Create a funnel"),
            &[FunnelsWrite], funnels::create).refusing(&[409]),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}", "updateFunnel", "Update a funnel"),
            &[FunnelsWrite], funnels::change).refusing(&[409]),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}", "deleteFunnel", "Soft-delete a funnel"),
            &[FunnelsWrite], funnels::delete),
    ]
}

thread_local! {
    // Leaked on purpose: one table lives as long as its instance, and handlers borrow it across awaits.
    static TABLE: Result<&'static Table, String> = Table::new(rows()).map(|table| &*Box::leak(Box::new(table)));
}

/// The table. It has been built once it is asked for; a table that cannot be built is found by this module's test.
pub fn table() -> Result<&'static Table, String> {
    TABLE.with(Clone::clone)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_can_be_built() {
        super::table().unwrap();
    }
}
