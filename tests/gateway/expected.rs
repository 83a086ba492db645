//! Who may call what, taken from the tables of the documentation (`docs/seeds/`) and
//! docs/contract/account-api.md#1.4 and #1.6, and from nothing else:
//! the oracle that the route table is compared with.

use std::collections::BTreeSet;

use sluice::auth::access::WebsiteKeys;
use sluice::auth::permission::Required;
use sluice::http::route::{Door, Route};

/// What the documentation says about one endpoint.
pub struct Expected {
    pub method: &'static str,
    /// `/api/v1/admin` (Account API) or `/api/v1` (Website API, where the website is named in the query).
    pub base: &'static str,
    /// The path after the prefix.
    pub path: &'static str,
    /// One, several of which any will do (`a|b`), or several that are all needed (`a+b`; docs/contract/README.md#43).
    pub permissions: Vec<&'static str>,
    /// Whether all of them are needed.
    pub needs_all: bool,
    /// Whether a `df_` key may call.
    pub keys: bool,
    /// The lowest role that may call; `None` if the path has no website.
    pub role: Option<&'static str>,
}

/// method, path, permission, whether website keys may call, lowest role
const ADMIN_ROUTES: &str = "
GET    /account                                            analytics:read            key    -
PUT    /account                                            analytics:read            no     -

GET    /audit                                              settings:read+api-keys:read+team:read+webhooks:read+alerts:read+funnels:read+goals:read+notes:read no -
GET    /websites/{websiteId}/audit                         settings:read+api-keys:read+team:read+webhooks:read+alerts:read+funnels:read+goals:read+notes:read no owner

GET    /access-tokens                                      api-keys:read             no     -
POST   /access-tokens                                      api-keys:write            no     -
DELETE /access-tokens/{tokenId}                            api-keys:write            no     -

GET    /websites                                           websites:read             no     -
POST   /websites                                           websites:write            no     -
GET    /websites/{websiteId}                               settings:read             key    viewer
PUT    /websites/{websiteId}                               settings:write            key    member
DELETE /websites/{websiteId}                               websites:write            no     owner

GET    /websites/{websiteId}/apikeys                       api-keys:read             key    viewer
POST   /websites/{websiteId}/apikeys                       api-keys:write            key    member
PUT    /websites/{websiteId}/apikeys/{apiKeyId}            api-keys:write            key    member
DELETE /websites/{websiteId}/apikeys/{apiKeyId}            api-keys:write            key    member

GET    /websites/{websiteId}/goals                         settings:read|goals:read  key    viewer
GET    /websites/{websiteId}/goals/customizations          goals:read                key    viewer
PATCH  /websites/{websiteId}/goals/customizations          goals:write               key    member
DELETE /websites/{websiteId}/goals/customizations          goals:write               key    member

POST   /websites/{websiteId}/import                        settings:write+goals:write+payments:write+identify:write key member
GET    /websites/{websiteId}/export                        settings:read+analytics:read key viewer

GET    /websites/{websiteId}/funnels                       funnels:read              key    viewer
POST   /websites/{websiteId}/funnels                       funnels:write             key    member
PUT    /websites/{websiteId}/funnels/{funnelId}            funnels:write             key    member
DELETE /websites/{websiteId}/funnels/{funnelId}            funnels:write             key    member

GET    /websites/{websiteId}/notes                         notes:read                key    viewer
POST   /websites/{websiteId}/notes                         notes:write               key    member
PUT    /websites/{websiteId}/notes/{noteId}                notes:write               key    member
DELETE /websites/{websiteId}/notes/{noteId}                notes:write               key    member

GET    /bot-traffic/usage                                  settings:read             no     -
GET    /websites/{websiteId}/bot-traffic/settings          settings:read             no     owner
PATCH  /websites/{websiteId}/bot-traffic/settings          settings:write            no     owner
GET    /websites/{websiteId}/bot-traffic/token             settings:read             no     owner
POST   /websites/{websiteId}/bot-traffic/token             settings:write            no     owner
PUT    /websites/{websiteId}/bot-traffic/token             settings:write            no     owner
DELETE /websites/{websiteId}/bot-traffic/token             settings:write            no     owner

GET    /websites/{websiteId}/alerts                        alerts:read               key    viewer
POST   /websites/{websiteId}/alerts                        alerts:write              key    member
PUT    /websites/{websiteId}/alerts/{alertId}              alerts:write              key    member
DELETE /websites/{websiteId}/alerts/{alertId}              alerts:write              key    member
POST   /websites/{websiteId}/alerts/{alertId}/test         alerts:write              key    member
GET    /websites/{websiteId}/alerts/history                alerts:read               key    viewer
GET    /websites/{websiteId}/alerts/{alertId}/transitions  alerts:read               key    viewer
POST   /websites/{websiteId}/alerts/preview                alerts:write              key    member

GET    /websites/{websiteId}/webhooks                      webhooks:read             key    viewer
POST   /websites/{websiteId}/webhooks                      webhooks:write            key    member
GET    /websites/{websiteId}/webhooks/{webhookId}          webhooks:read             key    viewer
PUT    /websites/{websiteId}/webhooks/{webhookId}          webhooks:write            key    member
DELETE /websites/{websiteId}/webhooks/{webhookId}          webhooks:write            key    member
GET    /websites/{websiteId}/webhooks/{webhookId}/secret   webhooks:write            key    member
POST   /websites/{websiteId}/webhooks/{webhookId}/secret/rotate webhooks:write       key    member
POST   /websites/{websiteId}/webhooks/{webhookId}/test     webhooks:write            key    member
GET    /websites/{websiteId}/deliveries                    webhooks:read             key    viewer
GET    /websites/{websiteId}/webhooks/{webhookId}/stats    webhooks:read             key    viewer
GET    /websites/{websiteId}/webhooks/{webhookId}/deliveries webhooks:read           key    viewer
GET    /websites/{websiteId}/webhooks/{webhookId}/deliveries/{deliveryId} webhooks:read key viewer
POST   /websites/{websiteId}/webhooks/{webhookId}/deliveries/{deliveryId}/resend webhooks:write key member
POST   /websites/{websiteId}/webhooks/{webhookId}/resend   webhooks:write            key    member

GET    /websites/{websiteId}/team                          team:read                 key    viewer
POST   /websites/{websiteId}/team                          team:write                no     owner
DELETE /websites/{websiteId}/team                          team:write                no     owner
DELETE /websites/{websiteId}/team/me                       team:write                no     viewer
PUT    /websites/{websiteId}/team/{userId}                 team:write                no     owner
POST   /websites/{websiteId}/team/invitations/{invitationId}/resend team:write       no     owner
DELETE /websites/{websiteId}/team/invitations/{invitationId} team:write              no     owner
POST   /websites/{websiteId}/team/transfer                 *                         no     owner

GET    /websites/{websiteId}/integrations                  settings:read             key    viewer
GET    /websites/{websiteId}/integrations/stripe          settings:read             key    viewer
POST   /websites/{websiteId}/integrations/stripe          settings:write            key    member
DELETE /websites/{websiteId}/integrations/stripe           settings:write            key    member
GET    /websites/{websiteId}/integrations/{provider}/events settings:read            key    viewer
GET    /websites/{websiteId}/integrations/{provider}/events/{eventId} settings:write key    member
POST   /websites/{websiteId}/integrations/{provider}/events/{eventId}/replay settings:write key member
PUT    /websites/{websiteId}/integrations/stripe/webhook  settings:write            key    member
PATCH  /websites/{websiteId}/integrations/stripe          settings:write            key    member
GET    /websites/{websiteId}/integrations/lemonsqueezy    settings:read             key    viewer
POST   /websites/{websiteId}/integrations/lemonsqueezy    settings:write            key    member
DELETE /websites/{websiteId}/integrations/lemonsqueezy     settings:write            key    member
PUT    /websites/{websiteId}/integrations/lemonsqueezy/webhook settings:write            key    member
PATCH  /websites/{websiteId}/integrations/lemonsqueezy    settings:write            key    member
GET    /websites/{websiteId}/integrations/polar           settings:read             key    viewer
POST   /websites/{websiteId}/integrations/polar           settings:write            key    member
DELETE /websites/{websiteId}/integrations/polar            settings:write            key    member
PUT    /websites/{websiteId}/integrations/polar/webhook   settings:write            key    member
PATCH  /websites/{websiteId}/integrations/polar           settings:write            key    member
GET    /websites/{websiteId}/integrations/paddle          settings:read             key    viewer
POST   /websites/{websiteId}/integrations/paddle          settings:write            key    member
DELETE /websites/{websiteId}/integrations/paddle           settings:write            key    member
PUT    /websites/{websiteId}/integrations/paddle/webhook  settings:write            key    member
PATCH  /websites/{websiteId}/integrations/paddle          settings:write            key    member
GET    /websites/{websiteId}/integrations/shopify         settings:read             key    viewer
POST   /websites/{websiteId}/integrations/shopify         settings:write            key    member
DELETE /websites/{websiteId}/integrations/shopify          settings:write            key    member
PUT    /websites/{websiteId}/integrations/shopify/webhook settings:write            key    member
PATCH  /websites/{websiteId}/integrations/shopify         settings:write            key    member
GET    /websites/{websiteId}/integrations/woocommerce     settings:read             key    viewer
POST   /websites/{websiteId}/integrations/woocommerce     settings:write            key    member
POST   /websites/{websiteId}/integrations/woocommerce/authorize settings:write       key    member
DELETE /websites/{websiteId}/integrations/woocommerce      settings:write            key    member
PUT    /websites/{websiteId}/integrations/woocommerce/webhook settings:write            key    member
PATCH  /websites/{websiteId}/integrations/woocommerce     settings:write            key    member
";

/// The endpoints of the Website API (docs/contract/website-api.md#1.1).
const WEBSITE_ROUTES: &str = "
GET    /analytics/overview                                 analytics:read            key    viewer
GET    /analytics/timeseries                               analytics:read            key    viewer
GET    /analytics/metadata                                 analytics:read            key    viewer
GET    /analytics/realtime                                 analytics:read            key    viewer
GET    /analytics/realtime/map                             analytics:read            key    viewer
GET    /analytics/pages                                    analytics:read            key    viewer
GET    /analytics/entry-pages                              analytics:read            key    viewer
GET    /analytics/exit-pages                               analytics:read            key    viewer
GET    /analytics/channels                                 analytics:read            key    viewer
GET    /analytics/referrers                                analytics:read            key    viewer
GET    /analytics/countries                                analytics:read            key    viewer
GET    /analytics/regions                                  analytics:read            key    viewer
GET    /analytics/cities                                   analytics:read            key    viewer
GET    /analytics/devices                                  analytics:read            key    viewer
GET    /analytics/browsers                                 analytics:read            key    viewer
GET    /analytics/operating-systems                        analytics:read            key    viewer
GET    /analytics/hostnames                                analytics:read            key    viewer
GET    /analytics/campaigns                                analytics:read            key    viewer
GET    /analytics/exit-clicks                              analytics:read            key    viewer
GET    /analytics/goals                                    analytics:read            key    viewer
GET    /analytics/goals/properties                         analytics:read            key    viewer
GET    /analytics/funnels/{funnelId}                       analytics:read            key    viewer
GET    /analytics/bot-traffic                              analytics:read            key    owner
GET    /analytics/bot-traffic/pages                        analytics:read            key    owner
GET    /mentions                                           analytics:read            key    viewer
GET    /visitors                                           analytics:read            key    viewer
GET    /visitors/{visitorId}                               analytics:read            key    viewer
DELETE /visitors/{visitorId}                               identify:write+goals:write+payments:write key member
POST   /goals                                              goals:write               key    member
DELETE /goals                                              goals:write               key    member
POST   /payments                                           payments:write            key    member
DELETE /payments                                           payments:write            key    member
POST   /identify                                           identify:write            key    member
";

/// The routes of the console, which take sessions only. method, path, permission (`-`: none), lowest role
const CONSOLE_ROUTES: &str = "
GET    /session                                            -                         -
DELETE /session                                            -                         -
GET    /sessions                                           api-keys:read             -
DELETE /sessions                                           api-keys:write            -
DELETE /sessions/{sessionId}                               api-keys:write            -
GET    /passkeys                                           api-keys:read             -
POST   /passkeys                                           api-keys:write            -
POST   /passkeys/options                                   api-keys:write            -
PUT    /passkeys/{passkeyId}                               api-keys:write            -
DELETE /passkeys/{passkeyId}                               api-keys:write            -
GET    /authorization                                      api-keys:write            -
POST   /authorization                                      api-keys:write            -
GET    /websites                                           websites:read             -
GET    /websites/{websiteId}/reports                       analytics:read            viewer
GET    /websites/{websiteId}/installation                  analytics:read            viewer
";

/// Routes that do not accept tokens.
const OTHER_ROUTES: [(&str, &str); 20] = [
    ("POST", "/api/events"),
    ("POST", "/api/ai-crawls"),
    ("GET", "/js/script.js"),
    ("GET", "/js/script.hash.js"),
    ("GET", "/js/script.cookieless.js"),
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("GET", "/invitations/{invitationId}"),
    ("GET", "/unsubscribe/{token}"),
    ("POST", "/unsubscribe/{token}"),
    ("GET", "/unsubscribe/reports/{reportsToken}"),
    ("POST", "/unsubscribe/reports/{reportsToken}"),
    ("POST", "/api/v1/setup"),
    ("GET", "/api/v1/console/status"),
    ("POST", "/api/v1/console/tickets"),
    ("POST", "/api/v1/console/session"),
    ("POST", "/api/v1/console/sign-in-codes"),
    ("POST", "/api/v1/console/session/options"),
    ("POST", "/api/v1/hooks/{provider}/{websiteId}/{token}"),
    ("POST", "/api/v1/invitations/{invitationId}/accept"),
];

/// Every endpoint that accepts tokens.
pub fn token_routes() -> Vec<Expected> {
    let read = |base: &'static str, line: &'static str| {
        let [method, path, permissions, keys, role] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("five columns: {line}");
        };
        let (needs_all, role) = (!permissions.contains('|'), (role != "-").then_some(role));
        let permissions = permissions.split(['|', '+']).collect();
        Expected { method, base, path, permissions, needs_all, keys: keys == "key", role }
    };
    let admin = ADMIN_ROUTES.lines().map(|line| ("/api/v1/admin", line));
    let website = WEBSITE_ROUTES.lines().map(|line| ("/api/v1", line));
    admin.chain(website).filter(|(_, line)| !line.is_empty()).map(|(base, line)| read(base, line)).collect()
}

/// Every endpoint that accepts sessions of the console only.
pub fn console_routes() -> Vec<Expected> {
    let read = |line: &'static str| {
        let [method, path, permissions, role] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}");
        };
        let permissions = permissions.split(['|', '+']).filter(|one| *one != "-").collect();
        let role = (role != "-").then_some(role);
        Expected { method, base: "/api/v1/console", path, permissions, needs_all: true, keys: false, role }
    };
    CONSOLE_ROUTES.lines().filter(|line| !line.is_empty()).map(read).collect()
}

impl Expected {
    /// The name of the route in messages.
    pub fn name(&self) -> String {
        format!("{} {}{}", self.method, self.base, self.path)
    }

    /// Which of the permissions a token that holds `held` lacks; nothing where it may call.
    pub fn missing(&self, held: &BTreeSet<&'static str>) -> Vec<&'static str> {
        let missing: Vec<_> = self.permissions.iter().copied().filter(|wanted| !held.contains(wanted)).collect();
        let suffices = held.contains("*") || !self.needs_all && missing.len() < self.permissions.len();
        if suffices { Vec::new() } else { missing }
    }

    /// Whether the website is named in the query.
    pub fn is_of_website_api(&self) -> bool {
        self.base == "/api/v1"
    }

    pub fn is_website_deletion(&self) -> bool {
        (self.method, self.path) == ("DELETE", "/websites/{websiteId}")
    }

    pub fn is_website_creation(&self) -> bool {
        (self.method, self.path) == ("POST", "/websites")
    }
}

/// The rows of the gateway's own table.
pub fn table() -> &'static [Route] {
    sluice::routes::table().unwrap().routes()
}

#[test]
fn the_table_has_exactly_the_routes_that_are_documented() {
    let shape = |path: &str| {
        path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
    };
    let documented: BTreeSet<String> = token_routes()
        .iter()
        .chain(&console_routes())
        .map(|route| format!("{} {}{}", route.method, route.base, shape(route.path)))
        .chain(OTHER_ROUTES.map(|(method, path)| format!("{method} {}", shape(path))))
        .collect();
    let tabled: BTreeSet<String> = table()
        .iter()
        .filter(|route| route.is_documented())
        .map(|route| format!("{} {}", route.method.as_str(), shape(route.path)))
        .collect();
    let missing: Vec<_> = documented.difference(&tabled).collect();
    let surplus: Vec<_> = tabled.difference(&documented).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "missing in the table: {missing:#?}, not documented: {surplus:#?}"
    );
}

#[test]
fn the_table_agrees_with_the_documentation_on_every_route() {
    for expected in token_routes().into_iter().chain(console_routes()) {
        let path = format!("{}{}", expected.base, expected.path);
        let Some(route) = table().iter().find(|row| row.method.as_str() == expected.method && row.path == path) else {
            panic!("{} is not in the table", expected.name());
        };
        let (permissions, keys, role) = match &route.door {
            Door::Account { permissions, keys, .. } => (permissions, keys, None),
            Door::Website { permissions, keys, role, .. } => (permissions, keys, Some(role.as_str())),
            Door::Public(_)
            | Door::Hook { .. }
            | Door::Open(_)
            | Door::Setup(_)
            | Door::Page(_)
            | Door::Agent { .. }
            | Door::SignIn(_) => {
                panic!("{} is open to everybody", expected.name())
            }
        };
        assert_eq!(route.is_of_console, expected.base == "/api/v1/console", "{}", expected.name());
        assert_eq!(matches!(permissions, Required::All(_)), expected.needs_all, "{}", expected.name());
        let permissions: BTreeSet<_> = permissions.list().iter().map(|permission| permission.as_str()).collect();
        assert_eq!(permissions, expected.permissions.iter().copied().collect(), "{}", expected.name());
        assert_eq!(role.is_some(), expected.role.is_some(), "{}", expected.name());
        // No caller may delete a website, so this refusal needs no further check.
        if !expected.is_website_deletion() {
            assert_eq!(role, expected.role, "{}", expected.name());
            assert_eq!(*keys == WebsiteKeys::Accepted, expected.keys, "{}", expected.name());
        }
    }
}
