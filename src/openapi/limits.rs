//! The limits that no schema states, because they are of bytes, of several fields together, or of what exists: `x-limits` of
//! the OpenAPI document. A test finds every constant of the code that is neither here nor in a schema.

use serde_json::{Map, Value, json};

use crate::account::access_tokens;
use crate::alerts::statements;
use crate::auth::{passkeys, sessions, webauthn};
use crate::bots::crawls;
use crate::console::{codes, reports as views};
use crate::http::{input, json as depth};
use crate::oauth::{clients, rules};
use crate::platform::config;
use crate::reports::{filters, range};
use crate::tracking::{import, sanitize, stored};
use crate::webhooks::{event, settings};
use crate::websites::{goal_customizations, keys};
use sluice_engine::bots;
use sluice_engine::reports::visitors;

/// Name, value, and what is limited.
#[expect(clippy::too_many_lines, reason = "it is a list")]
fn all() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("bodyBytes", json!(input::LONGEST_BODY), "A body, also after decoding; more is 413."),
        ("goalCustomizationBodyBytes", json!(goal_customizations::LONGEST_BODY), "The body of a goal customization."),
        ("jsonDepth", json!(depth::DEEPEST), "Objects and arrays within each other in a body."),
        ("importLineBytes", json!(import::LONGEST_LINE), "A line of an import."),
        ("importErrors", json!(import::MOST_ERRORS), "Rejected lines that the answer to an import names."),
        ("hostBytes", json!(stored::LONGEST_HOST), "The host of a page."),
        ("pathBytes", json!(stored::LONGEST_PATH), "The path of a page, percent-encoded."),
        ("hrefBytes", json!(stored::LONGEST_HREF), "The address of a page, and a referrer; more is cut."),
        ("linkBytes", json!(stored::LONGEST_LINK), "The address of a link to another website."),
        ("clickIdBytes", json!(stored::LONGEST_CLICK_ID), "A click id of an advertising network; more is cut."),
        ("textCharacters", json!(stored::LONGEST_TEXT), "Any other short text of an event or a payment; more is cut."),
        ("goalDescriptionCharacters", json!(stored::LONGEST_DESCRIPTION), "The description of a goal; more is cut."),
        ("goalProperties", json!(sanitize::MOST_PROPERTIES), "The properties of a goal."),
        ("goalPropertyNameCharacters", json!(sanitize::LONGEST_NAME), "The name of a goal's property."),
        ("goalPropertyValueCharacters", json!(sanitize::LONGEST_VALUE), "The value of a goal's property; more is cut."),
        ("traits", json!(stored::MOST_TRAITS), "The traits of one identification."),
        ("traitsBytes", json!(stored::LONGEST_TRAITS), "The traits of one identification, as JSON."),
        ("imageCharacters", json!(stored::LONGEST_IMAGE), "The address of a user's image; a longer one is left out."),
        ("filters", json!(filters::MOST_FILTERS), "Filters of one request, or of an alert."),
        (
            "filterValues",
            json!(filters::MOST_VALUES),
            "Values of all filters of one request, or of an alert, together.",
        ),
        ("listedValues", json!(filters::MOST_LISTED), "Values of one parameter of the list of visitors."),
        (
            "searchedProfiles",
            json!(visitors::MOST_SEARCHED),
            "Profiles, and payments, that a search for visitors reads: the newest ones.",
        ),
        ("oauthBodyBytes", json!(rules::LONGEST_BODY), "The body of a request to `/oauth/…`; more is 413."),
        ("redirects", json!(rules::MOST_REDIRECTS), "Addresses that an application may name for answers."),
        ("redirectBytes", json!(rules::LONGEST_REDIRECT), "One of those addresses."),
        ("stateBytes", json!(rules::LONGEST_STATE), "The `state` of an application that asks for a grant."),
        (
            "unusedApplications",
            json!(clients::MOST_UNUSED),
            "Registered applications that nobody has granted anything; the oldest makes room after ten minutes, until then one \
             more is 429.",
        ),
        ("applicationDocumentBytes", json!(clients::LONGEST_DOCUMENT), "The document behind an application's id."),
        ("viewParts", json!(views::MOST_PARTS), "Parts of a view of the console."),
        ("timeseriesBuckets", json!(range::MOST_BUCKETS), "Buckets of a time series, on all its pages."),
        (
            "payloadBytes",
            json!(event::LONGEST_PAYLOAD),
            "The payload of a delivery; what clients sent is left out of a longer one.",
        ),
        ("accessTokens", json!(access_tokens::MOST), "Access tokens of an account; one more is 400."),
        ("consoleSessions", json!(sessions::MOST), "Sessions of an account; one more ends the oldest."),
        (
            "consoleSessionsOfToken",
            json!(sessions::MOST_OF_TOKEN),
            "Sessions that were made from one access token; one more ends the oldest.",
        ),
        ("passkeys", json!(passkeys::MOST), "Passkeys of an account; one more is 400."),
        (
            "credentialIdBytes",
            json!(webauthn::LONGEST_CREDENTIAL_ID),
            "The id of a passkey, as authenticators name it.",
        ),
        (
            "signInCodes",
            json!(codes::MOST_OF_ACCOUNT),
            "Codes by mail of an account in an hour; of one more nothing is said, and none is sent.",
        ),
        (
            "signInCodesOfClient",
            json!(codes::MOST_OF_CLIENT),
            "Codes by mail that one client address has sent in an hour; of one more nothing is said, and none is sent.",
        ),
        ("signInCodeTries", json!(codes::MOST_TRIES), "Tries of a code by mail; after them it is worth nothing."),
        ("websiteKeys", json!(keys::MOST), "Keys of a website; one more is 400."),
        ("webhooks", json!(settings::MOST_ENDPOINTS), "Webhooks of a website; one more is 400."),
        ("alerts", json!(statements::MOST), "Alerts of a website; one more is 400."),
        (
            "websites",
            json!(config::MAX_WEBSITES.default),
            "Websites of an account, unless the gateway is set otherwise; one more is 403.",
        ),
        (
            "funnels",
            json!(config::MAX_FUNNELS.default),
            "Active funnels of a website, unless the gateway is set otherwise; one more is 403.",
        ),
        (
            "goalCustomizations",
            json!(config::MAX_GOAL_CUSTOMIZATIONS.default),
            "Customized goals of a website, unless the gateway is set otherwise; one more is 403.",
        ),
        (
            "botRequests",
            json!(config::MAX_BOT_REQUESTS.default),
            "Requests of crawlers of a website in a month of UTC, unless the gateway is set otherwise; one more is 429.",
        ),
        (
            "crawledPages",
            json!(bots::MOST_PAGES),
            "Pages of a website that crawlers requested; further ones are counted together.",
        ),
        (
            "crawledPathBytes",
            json!(crawls::LONGEST_PATH),
            "The path of a page that a crawler requested; one with a longer path is counted without it.",
        ),
        (
            "notes",
            json!(config::MAX_NOTES.default),
            "Notes of a website, unless the gateway is set otherwise; one more is 403.",
        ),
        (
            "openInvitations",
            json!(config::MAX_OPEN_INVITATIONS.default),
            "Open invitations of a website, unless the gateway is set otherwise; one more is 403.",
        ),
        (
            "invitationsPerDay",
            json!(config::MOST_INVITATIONS_PER_DAY.default),
            "Invitations of an account in 24 hours, unless the gateway is set otherwise; one more is 403.",
        ),
        (
            "store",
            json!(config::MAX_OBJECT_MB.default),
            "Megabytes of a website's events, unless the gateway is set otherwise. From 95 % pageviews and exit clicks are \
             dropped.",
        ),
        (
            "database",
            json!(config::MAX_DATABASE_MB.default),
            "Megabytes of all else, unless the gateway is set otherwise. The health check tells from 80 %.",
        ),
        (
            "waitingDeliveries",
            json!(config::MAX_WAITING_DELIVERIES.default),
            "Deliveries of a website that wait, unless the gateway is set otherwise; one more is `missed`.",
        ),
    ]
}

/// Every limit by its name.
pub fn limits() -> Value {
    let of =
        |(name, value, what): (&str, Value, &str)| (name.to_owned(), json!({ "value": value, "description": what }));
    all().into_iter().map(of).collect::<Map<_, _>>().into()
}
