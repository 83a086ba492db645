//! Authorization, exhaustively: every route × every kind of token × every permission alone and all but the right ones ×
//! every role × every allow-list. The expected results come from `expected.rs`, never from the gateway's own table.
//!
//! No call here changes anything: a route with a body gets a list in place of an object, which is `400`, and a route
//! with an id gets one that does not exist, which is `404`; both come after every check of access (the order of
//! refusals).

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::expected::{Expected, console_routes, token_routes};
use crate::support::{Account, Answer, Browser, Caller, Gateway, NO_SUCH_ID, Website, all, answer};

/// Every endpoint whose call can be made to change nothing. Leaving a team reads no body and always does what it says.
fn harmless_routes() -> Vec<Expected> {
    token_routes().into_iter().filter(|route| route.path != "/websites/{websiteId}/team/me").collect()
}

/// Every permission there is (docs/contract/account-api.md#1.5), the wildcard first.
pub const PERMISSIONS: [&str; 23] = [
    "*",
    "analytics:read",
    "goals:read",
    "goals:write",
    "payments:read",
    "payments:write",
    "identify:write",
    "websites:read",
    "websites:write",
    "settings:read",
    "settings:write",
    "api-keys:read",
    "api-keys:write",
    "funnels:read",
    "funnels:write",
    "alerts:read",
    "alerts:write",
    "webhooks:read",
    "webhooks:write",
    "team:read",
    "team:write",
    "notes:read",
    "notes:write",
];

/// The number of tokens that an account may have besides its first.
pub const ROOM: usize = 19;

/// Keys that a website may have.
const MOST_KEYS: usize = 10;

/// Where a token's allow-list leaves the website of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AllowList {
    None,
    With,
    Without,
}

/// A caller and everything that decides about it.
#[derive(Clone)]
struct Subject {
    caller: Caller,
    permissions: BTreeSet<&'static str>,
    allow_list: AllowList,
    /// The role of the token's account on [`Subject::website`].
    role: Option<&'static str>,
    website: String,
}

/// The expected result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Anything but a refusal of access and a server error.
    Through,
    /// 403 that names what is missing of the route's permissions.
    Permission,
    /// 403.
    Forbidden,
    /// 404.
    Hidden,
}

/// The oracle for account tokens. Refusals come in this order: the permission, then the website (404 without a role,
/// 403 outside the allow-list, 403 for too low a role; docs/contract/README.md#5, docs/contract/account-api.md#1.2).
fn expect(route: &Expected, subject: &Subject) -> Outcome {
    const RANKS: [&str; 3] = ["viewer", "member", "owner"];
    let rank = |role: &str| RANKS.iter().position(|known| *known == role).unwrap();

    if !route.missing(&subject.permissions).is_empty() {
        return Outcome::Permission;
    }
    let Some(needed) = route.role else {
        // A token with a list of websites cannot create one (docs/contract/README.md#29).
        let creates_outside = route.is_website_creation() && subject.allow_list != AllowList::None;
        // The body is wrong as well, and its error may come first.
        return if creates_outside { Outcome::Forbidden } else { Outcome::Through };
    };
    let Some(role) = subject.role else { return Outcome::Hidden };
    if subject.allow_list == AllowList::Without || rank(role) < rank(needed) || route.is_website_deletion() {
        return Outcome::Forbidden;
    }
    Outcome::Through
}

fn check(route: &Expected, expected: Outcome, held: &BTreeSet<&'static str>, answer: &Answer) -> Result<(), String> {
    let message = || answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    let fits = match expected {
        // The request names something that does not exist, or lacks a required parameter.
        Outcome::Through
            if route.method == "GET"
                && (route.path.replace("{websiteId}", "").contains("Id}") || needs_query(route)) =>
        {
            matches!(answer.status, 400 | 404)
        }
        Outcome::Through if route.method == "GET" => answer.status == 200,
        // It reads no body that could be wrong; the website has a token, or none.
        Outcome::Through if route.path.ends_with("/bot-traffic/token") => matches!(answer.status, 200 | 404 | 409),
        Outcome::Through => matches!(answer.status, 200 | 400 | 404),
        Outcome::Permission => {
            let missing = route.missing(held);
            let named = |one: &&str| message().contains(&format!("\"{one}\""));
            answer.status == 403 && route.permissions.iter().all(|wanted| named(wanted) == missing.contains(wanted))
        }
        // A token with an allow-list may first be refused because the body is not an object.
        Outcome::Forbidden if route.is_website_creation() => matches!(answer.status, 400 | 403),
        Outcome::Forbidden => answer.status == 403 && !message().is_empty(),
        Outcome::Hidden => answer.status == 404,
    };
    if fits { Ok(()) } else { Err(format!("expected {expected:?}, but {answer}")) }
}

/// Whether the route has required parameters.
fn needs_query(route: &Expected) -> bool {
    ["/analytics/goals/properties", "/authorization"].contains(&route.path)
}

/// The path of the route for `website`.
fn address(route: &Expected, website: &str) -> String {
    let path = format!("{}{}", route.base, fill(route.path, website));
    match route.path {
        _ if route.is_of_website_api() => format!("{path}?websiteId={website}"),
        "/websites/{websiteId}/reports" => format!("{path}?parts=metadata,overview"),
        _ => path,
    }
}

/// A call of `route` that changes nothing.
async fn call(route: &Expected, caller: &Caller, website: &str) -> Answer {
    let method: Method = route.method.parse().unwrap();
    send(route, caller.gateway.request(method, &address(route, website)).bearer_auth(&caller.token)).await
}

/// The same by a browser that is signed in to the console.
async fn call_by_session(route: &Expected, browser: &Browser, website: &str) -> Answer {
    send(route, browser.request(route.method.parse().unwrap(), &address(route, website))).await
}

async fn send(route: &Expected, request: RequestBuilder) -> Answer {
    let takes_body = route.method != "GET" && (route.method != "DELETE" || route.path.contains("/team"));
    answer(if takes_body { request.json(&json!([])) } else { request }).await
}

/// The path with ids for its parameters.
fn fill(path: &str, website: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{websiteId}" => website,
        "{provider}" => "stripe",
        part if part.starts_with('{') => NO_SUCH_ID,
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Every set of permissions worth a token: each alone, the wildcard among them, and for each route all but the right. Where a
/// route needs several, also exactly these, and these but one.
fn permission_sets() -> Vec<BTreeSet<&'static str>> {
    let alone = PERMISSIONS.iter().map(|permission| BTreeSet::from([*permission]));
    let lacking = token_routes().into_iter().map(|route| {
        PERMISSIONS[1..].iter().copied().filter(|permission| !route.permissions.contains(permission)).collect()
    });
    let several = token_routes().into_iter().filter(|route| route.needs_all && route.permissions.len() > 1);
    let together = several.flat_map(|route| {
        let all: BTreeSet<_> = route.permissions.iter().copied().collect();
        let but_one: Vec<BTreeSet<_>> =
            all.iter().map(|one| all.iter().copied().filter(|other| other != one).collect()).collect();
        but_one.into_iter().chain([all])
    });
    alone.chain(lacking.chain(together).filter(|set| set.len() > 1).collect::<BTreeSet<_>>()).collect()
}

/// Tokens of `account` with each of `sets` and one kind of allow-list. `other` is the website in an allow-list that
/// excludes.
async fn subjects(
    account: &Account,
    role: Option<&'static str>,
    sets: &[BTreeSet<&'static str>],
    allow_list: AllowList,
    (website, other): (&str, &str),
) -> Vec<Subject> {
    let listed = match allow_list {
        AllowList::None => vec![],
        AllowList::With => vec![website],
        AllowList::Without => vec![other],
    };
    all(sets.iter().map(async |permissions| {
        let caller = account.mint(json!({ "permissions": permissions, "websiteIds": listed })).await;
        Subject { caller, permissions: permissions.clone(), allow_list, role, website: website.to_owned() }
    }))
    .await
}

/// Every relation to one website: owner, member, viewer, a former member, a stranger.
async fn callers(gateway: &Gateway, sets: &[BTreeSet<&'static str>], allow_list: AllowList) -> Vec<Subject> {
    let accounts = all((0..5).map(|_| gateway.account())).await;
    let [owner, member, viewer, former, stranger] = &accounts[..] else { panic!("five accounts") };
    let website = owner.website().await;
    website.admit(member, "member").await;
    website.admit(viewer, "viewer").await;
    website.admit(former, "member").await;

    let mut callers = Vec::new();
    let people = [(owner, Some("owner")), (member, Some("member")), (viewer, Some("viewer")), (former, None)];
    for (account, role) in people {
        let other = account.website().await;
        callers.extend(subjects(account, role, sets, allow_list, (&website.id, &other.id)).await);
    }
    if allow_list != AllowList::With {
        // An account cannot mint a token for a website on which it has no role; the former member has such tokens.
        let other = stranger.website().await;
        callers.extend(subjects(stranger, None, sets, allow_list, (&website.id, &other.id)).await);
    }
    website.remove(former).await;
    callers
}

/// Whether a combination is tried. Without an allow-list, all are. With one, only the permissions that decide:
/// the wildcard, each right one alone, all but the right ones, and one wrong one, which differs by route.
fn matters(number: usize, route: &Expected, subject: &Subject) -> bool {
    let held = &subject.permissions;
    let lacks_only_the_right = held.len() == PERMISSIONS.len() - 1 - route.permissions.len();
    subject.allow_list == AllowList::None
        || held.contains("*")
        || route.permissions.iter().any(|right| held.len() <= route.permissions.len() && held.contains(right))
        || (lacks_only_the_right && route.permissions.iter().all(|right| !held.contains(right)))
        || (held.len() == 1 && held.contains(PERMISSIONS[1 + number % (PERMISSIONS.len() - 1)]))
}

async fn everybody_against_every_route(allow_list: AllowList) {
    let gateway = Gateway::roomy();
    let sets = permission_sets();
    let parts = all(sets.chunks(ROOM).map(|sets| callers(&gateway, sets, allow_list))).await;
    let callers: Vec<Subject> = parts.into_iter().flatten().collect();
    let routes = harmless_routes();

    let calls = routes.iter().enumerate().flat_map(|(number, route)| {
        callers.iter().filter(move |subject| matters(number, route, subject)).map(move |subject| (route, subject))
    });
    let outcomes = all(calls.map(async |(route, subject)| {
        let answer = call(route, &subject.caller, &subject.website).await;
        check(route, expect(route, subject), &subject.permissions, &answer).map_err(|wrong| {
            let Subject { permissions, allow_list, role, .. } = subject;
            format!("{} with {permissions:?}, {role:?}, allow-list {allow_list:?}: {wrong}", route.name())
        })
    }))
    .await;
    assert!(outcomes.len() > 500, "only {} combinations", outcomes.len());
    let wrong: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} are wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[tokio::test]
async fn tokens_without_an_allow_list_reach_what_permission_and_role_allow() {
    everybody_against_every_route(AllowList::None).await;
}

#[tokio::test]
async fn tokens_reach_no_more_on_a_website_of_their_allow_list_than_without_one() {
    everybody_against_every_route(AllowList::With).await;
}

#[tokio::test]
async fn tokens_reach_nothing_on_a_website_that_their_allow_list_leaves_out() {
    everybody_against_every_route(AllowList::Without).await;
}

/// The sessions of an account that are alive at once.
const MOST_SESSIONS: usize = 10;

/// The console's routes whose call can be made to change nothing: one that signs out always does what it says.
fn harmless_console_routes() -> Vec<Expected> {
    console_routes().into_iter().filter(|route| route.method == "GET" || route.path.contains("{sessionId}")).collect()
}

/// Every route × a session made from each of these tokens: it reaches what its token reaches, and the console's own routes
/// besides.
async fn every_session_against_every_route(allow_list: AllowList) {
    let gateway = Gateway::roomy();
    let sets = permission_sets();
    let parts = all(sets.chunks(MOST_SESSIONS).map(|sets| callers(&gateway, sets, allow_list))).await;
    let subjects = all(parts.into_iter().flatten().map(async |subject| {
        let signed_in = gateway.sign_in(json!({ "token": subject.caller.token })).await.ok();
        (gateway.browser(&signed_in), subject)
    }))
    .await;
    let (routes, own) = (harmless_routes(), harmless_console_routes());

    // What permissions alone decide was tried with tokens, in every combination.
    let decides = |number: usize, route: &Expected, subject: &Subject| {
        let narrowed = Subject { allow_list: AllowList::With, ..subject.clone() };
        matters(number, route, &narrowed)
    };
    let calls = routes.iter().chain(&own).enumerate().flat_map(|(number, route)| {
        let subjects = subjects.iter().filter(move |(_, subject)| decides(number, route, subject));
        subjects.map(move |(browser, subject)| (route, browser, subject))
    });
    let outcomes = all(calls.map(async |(route, browser, subject)| {
        let answer = call_by_session(route, browser, &subject.website).await;
        check(route, expect(route, subject), &subject.permissions, &answer).map_err(|wrong| {
            let Subject { permissions, allow_list, role, .. } = subject;
            format!("{} with {permissions:?}, {role:?}, allow-list {allow_list:?}: {wrong}", route.name())
        })
    }))
    .await;
    assert!(outcomes.len() > 500, "only {} combinations", outcomes.len());
    let wrong: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} are wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[tokio::test]
async fn sessions_without_an_allow_list_reach_what_permission_and_role_allow() {
    every_session_against_every_route(AllowList::None).await;
}

#[tokio::test]
async fn sessions_reach_no_more_on_a_website_of_their_allow_list_than_without_one() {
    every_session_against_every_route(AllowList::With).await;
}

#[tokio::test]
async fn sessions_reach_nothing_on_a_website_that_their_allow_list_leaves_out() {
    every_session_against_every_route(AllowList::Without).await;
}

/// Every route × a key made by a token with each set of permissions: a key can do what its maker's token could, where a member
/// may, and nothing else (docs/contract/README.md#41).
#[tokio::test]
async fn website_keys_are_members_of_their_own_website_within_their_ceiling_and_nothing_elsewhere() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let sibling = owner.website().await;
    let foreign = gateway.account().await.website().await;
    // Without the permission to make keys there is no key; with it, it is part of the ceiling.
    let sets: BTreeSet<BTreeSet<&'static str>> = permission_sets()
        .into_iter()
        .map(|mut set| {
            if !set.contains("*") {
                set.insert("api-keys:write");
            }
            set
        })
        .collect();
    let sets: Vec<_> = sets.into_iter().collect();
    let keys = all(sets.chunks(MOST_KEYS).map(async |sets| {
        let owner = gateway.account().await;
        let website = owner.website().await;
        all(sets.iter().map(async |permissions| {
            let minter = owner.mint(json!({ "permissions": permissions, "websiteIds": [website.id] })).await;
            let row = minter.post(&website.path("/apikeys"), json!({})).await.ok().row();
            assert_eq!(row["createdBy"], owner.id.as_str());
            (gateway.caller(&crate::support::text(&row["key"])), permissions.clone(), website.id.clone())
        }))
        .await
    }))
    .await;
    let routes = harmless_routes();
    let calls = keys.iter().flatten().flat_map(|subject| routes.iter().map(move |route| (route, subject)));
    let wrong: Vec<String> = all(calls.map(async |(route, (key, permissions, website))| {
        let answer = call(route, key, website).await;
        let expected = if !route.keys {
            Outcome::Forbidden
        } else if !route.missing(permissions).is_empty() {
            Outcome::Permission
        } else {
            Outcome::Through
        };
        check(route, expected, permissions, &answer)
            .map_err(|wrong| format!("{} by a key with {permissions:?}: {wrong}", route.name()))
    }))
    .await
    .into_iter()
    .filter_map(Result::err)
    .collect();
    assert!(wrong.is_empty(), "{} are wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));

    let full = keys.iter().flatten().find(|(_, permissions, _)| permissions.contains("*")).unwrap();
    for route in routes.iter().filter(|route| route.role.is_some()) {
        // Whether another website exists is not for a key to learn (docs/contract/README.md#29).
        for website in [&sibling.id, &foreign.id, NO_SUCH_ID] {
            call(route, &full.0, website).await.error(403);
        }
    }
}

#[tokio::test]
async fn without_a_valid_token_every_route_is_401() {
    let gateway = Gateway::roomy();
    let owner = gateway.account().await;
    let website = owner.website().await;
    let callers = [
        gateway.caller("nothing-of-the-kind"),
        gateway.caller(&owner.token.replacen("dft_", "df_", 1)),
        gateway.caller(&format!("{}x", owner.token)),
        gateway.caller(&unknown_token("dft_")),
        gateway.caller(&unknown_token("df_")),
    ];
    for route in token_routes() {
        let path = address(&route, &website.id);
        let bare = answer(gateway.request(route.method.parse().unwrap(), &path)).await;
        assert!(bare.error(401).contains("Authorization"), "{bare}");
        assert_eq!(bare.header("www-authenticate"), "Bearer", "{bare}");
        for caller in &callers {
            call(&route, caller, &website.id).await.error(401);
        }
    }
}

/// A well-formed token (docs/contract/README.md#12) that no account holds.
pub fn unknown_token(prefix: &str) -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let random = || RandomState::new().build_hasher().finish();
    let kind =
        if prefix == "df_" { sluice::auth::token::TokenKind::Website } else { sluice::auth::token::TokenKind::Account };
    let token = sluice::auth::token::RawToken::generate(kind, || random().to_le_bytes()[3]);
    assert!(token.reveal().starts_with(prefix));
    token.reveal().to_owned()
}

/// Refusals have an order, so that a wrong request reveals no more than a right one.
#[tokio::test]
async fn refusals_come_in_the_order_of_the_contract() {
    let gateway = Gateway::roomy();
    let (owner, stranger) = (gateway.account().await, gateway.account().await);
    let website: Website = owner.website().await;
    let reader = owner.mint(json!({ "permissions": ["funnels:read"] })).await;
    let elsewhere = owner.mint(json!({ "websiteIds": [owner.website().await.id] })).await;
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(65 * 1024));
    let create = |caller: &Caller, website: &str, body: &str| {
        answer(caller.request(Method::POST, &format!("/websites/{website}/funnels")).body(body.to_owned()))
    };

    let unknown = gateway.caller(&unknown_token("dft_"));
    assert_eq!(answer(unknown.request(Method::PATCH, &website.path("/funnels"))).await.status, 405, "405 before 401");
    assert_eq!(create(&unknown, "no-id", &long).await.status, 401, "401 before 400 and 413");
    assert_eq!(create(&reader, "no-id", &long).await.status, 403, "a missing permission before 400 and 413");
    assert_eq!(create(&stranger, "no-id", &long).await.status, 400, "a wrong website id before 413");
    assert_eq!(create(&stranger, &website.id, &long).await.status, 413, "413 before the closed website");
    assert_eq!(create(&stranger, &website.id, "[]").await.status, 404, "the closed website before 400");
    assert_eq!(create(&elsewhere, &website.id, "[]").await.status, 403, "the allow-list before 400");
    let path = website.path(&format!("/funnels/{NO_SUCH_ID}"));
    assert_eq!(answer(owner.request(Method::PUT, &path).body("[]")).await.status, 400, "400 before the resource");
    assert_eq!(owner.put(&path, json!({ "name": "x" })).await.status, 404, "and then the resource");
}
