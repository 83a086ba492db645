//! The table of routes: every endpoint is one row. Routing, authentication, authorization, CORS, the OpenAPI document
//! and the permission tests are all derived from it.

use crate::account::{access_tokens, profile, setup};
use crate::alerts::{history, preview, resource as alerts, test_message, transitions, unsubscribe};
use crate::audit::{list as audit, records};
use crate::auth::permission::Permission;
use crate::auth::permission::Permission::{
    AlertsRead, AlertsWrite, AnalyticsRead, ApiKeysRead, ApiKeysWrite, Full, FunnelsRead, FunnelsWrite, GoalsRead,
    GoalsWrite, IdentifyWrite, NotesRead, NotesWrite, PaymentsWrite, SettingsRead, SettingsWrite, TeamRead, TeamWrite,
    WebhooksRead, WebhooksWrite, WebsitesRead, WebsitesWrite,
};
use crate::auth::permission::Required;
use crate::auth::role::Role::{Member, Owner, Viewer};
use crate::bots::{crawls, reports as bot_reports, settings as bots, usage as bot_usage};
use crate::console::{
    codes, installation, passkeys, reports as views, session as console_session, sessions, shell,
    status as console_status, tickets, websites as console_websites,
};
use crate::docs;
use crate::email_reports::unsubscribe as reports_mails;
use crate::erasure;
use crate::health;
use crate::http::recording::Record;
use crate::http::route::Method::{Delete, Get, Patch, Post, Put};
use crate::http::route::{Route, Table};
use crate::integrations::registry;
use crate::integrations::status::status;
use crate::integrations::{address, consent, events as provider_events, hooks};
use crate::mcp::server as mcp;
use crate::notes;
use crate::oauth::{consent as oauth_consent, endpoints as oauth, rules};
use crate::openapi;
use crate::public;
use crate::reports::breakdowns::{
    Breakdown, BrowserRow, CampaignRow, ChannelRow, CityRow, CountryRow, DeviceRow, EntryPageRow, ExitPageRow,
    HostnameRow, OperatingSystemRow, PageRow, ReferrerRow, RegionRow,
};
use crate::reports::goals::{Counts, ExitClickRow, GoalRow, Properties};
use crate::reports::overview::Overview;
use crate::reports::realtime::{MapRequest, Realtime};
use crate::reports::report::report;
use crate::reports::timeseries::Timeseries;
use crate::reports::visitors::{self, List};
use crate::reports::{funnel, mentions, metadata};
use crate::team::{invitation_page, invitations, members, transfer, waiting};
use crate::tracking::{events, export, goals, identify, import, payments, script};
use crate::webhooks::{deliveries, endpoints};
use crate::websites::{funnels, goal_customizations, keys, resource as websites, tracked_goals};
use sluice_providers::inbound;

/// The permissions of the lists whose rows the audit log has the values of.
const WHAT_THE_LOG_SHOWS: &[Permission] =
    &[SettingsRead, ApiKeysRead, TeamRead, WebhooksRead, AlertsRead, FunnelsRead, GoalsRead, NotesRead];

#[expect(clippy::too_many_lines, reason = "it is a table")]
#[rustfmt::skip]
fn rows() -> Vec<Route> {
    let mut rows = vec![
        // The gateway itself
        Route::public((Get, "/healthz", "getHealth", "Whether D1 and the Durable Objects answer"), health::get),
        Route::public((Get, "/openapi.json", "getOpenApi", "This document"), openapi::get).with_cors(),
        Route::setup((Post, "/api/v1/setup", "createFirstAccount", "Make an account and its first token, or give an account back to its owner"),
            setup::create).refusing(&[404, 409]).recording(records::ACCESS_TOKEN),

        // Account
        Route::account((Get, "/api/v1/admin/account", "getAccount", "Get the account behind the token"),
            &[AnalyticsRead], profile::get).also_for_website_keys(),
        Route::account((Put, "/api/v1/admin/account", "updateAccount", "Change the account's name"),
            &[AnalyticsRead], profile::update).recording(records::ACCOUNT),

        // The audit log; whoever reads it sees what the lists of all these show
        Route::account((Get, "/api/v1/admin/audit", "listAudit", "List what the account has done, newest first"),
            Required::All(WHAT_THE_LOG_SHOWS), audit::of_own),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/audit", "listWebsiteAudit", "List what was done to a website, newest first"),
            Owner, Required::All(WHAT_THE_LOG_SHOWS), audit::of_one),

        // Access tokens
        Route::account((Get, "/api/v1/admin/access-tokens", "listAccessTokens", "List account tokens"),
            &[ApiKeysRead], access_tokens::list),
        Route::account((Post, "/api/v1/admin/access-tokens", "createAccessToken", "Create an account token; it is shown once"),
            &[ApiKeysWrite], access_tokens::create).wanting_a_fresh_sign_in().recording(records::ACCESS_TOKEN),
        Route::account((Delete, "/api/v1/admin/access-tokens/{tokenId}", "deleteAccessToken", "Revoke an account token"),
            &[ApiKeysWrite], access_tokens::delete).refusing(&[404]).recording(records::ACCESS_TOKEN),

        // Agents
        Route::agent((Post, "/api/mcp", "callTools", "Tools for agents, by the Model Context Protocol"),
            mcp::HEADERS, mcp::serve)
            .recording(Record::Nothing("each tool is kept as the operation that it calls")),
        Route::agent((Post, "/mcp", "callToolsToo", "The same, at a shorter address"),
            mcp::HEADERS, mcp::serve)
            .recording(Record::Nothing("as above")),

        // OAuth for agents
        Route::agent((Get, "/.well-known/oauth-protected-resource/api/mcp", "getProtectedResource", "Which authorization server guards the tools (RFC 9728)"),
            oauth::HEADERS, oauth::protected_resource),
        Route::agent((Get, "/.well-known/oauth-protected-resource/mcp", "getProtectedResourceToo", "The same of their shorter address"),
            oauth::HEADERS, oauth::protected_resource),
        Route::agent((Get, "/.well-known/oauth-authorization-server", "getAuthorizationServer", "What the authorization server can do (RFC 8414)"),
            oauth::HEADERS, oauth::server),
        Route::agent((Post, "/oauth/register", "registerApplication", "Register an application (RFC 7591)"),
            oauth::HEADERS, oauth::register).with_body_of(rules::LONGEST_BODY)
            .recording(Record::Nothing("anybody may register, and gets nothing by it: what is kept is what an account grants")),
        Route::agent((Post, "/oauth/token", "issueToken", "Tokens for a code or a refresh token (OAuth 2.1)"),
            oauth::HEADERS, oauth::token).with_body_of(rules::LONGEST_BODY)
            .recording(Record::Nothing("it renews what an account has granted, which is kept, every hour")),
        Route::agent((Post, "/oauth/revoke", "revokeToken", "End what was granted (RFC 7009)"),
            oauth::HEADERS, oauth::revoke).with_body_of(rules::LONGEST_BODY)
            .recording(Record::Nothing("an application gives back what it was granted")),
        Route::account((Get, "/api/v1/console/authorization", "getAuthorization", "Which application asks to be granted what"),
            &[ApiKeysWrite], oauth_consent::get).of_console(),
        Route::account((Post, "/api/v1/console/authorization", "grantAuthorization", "Grant an application a token with an end (OAuth)"),
            &[ApiKeysWrite], oauth_consent::grant).of_console().wanting_a_fresh_sign_in().recording(records::APPLICATION),

        // Console
        Route::page((Get, "/", "openGateway", "To the console"), shell::root),
        Route::page((Get, "/console", "openConsole", "The console"), shell::page),
        Route::page((Get, "/console/{*path}", "openConsolePage", "A page of the console"), shell::page),
        Route::page((Get, "/console/api", "openReference", "The reference of the API"), shell::reference),
        Route::page((Get, "/console/assets/{*path}", "getConsoleFile", "A file of the console that is not there"), shell::no_file),
        Route::public((Get, "/api/v1/console/status", "getConsoleStatus", "How one can sign in to the console"),
            console_status::get),
        Route::setup((Post, "/api/v1/console/tickets", "createConsoleTicket", "Make an address that signs in to the console once"),
            tickets::create).refusing(&[404])
            .recording(Record::Nothing("the operator's address changes nothing until somebody signs in with it, which is kept")),
        Route::sign_in((Post, "/api/v1/console/session", "signIn", "Sign in to the console"),
            console_session::sign_in).refusing(&[404, 503]).recording(records::SESSION),
        Route::sign_in((Post, "/api/v1/console/sign-in-codes", "createSignInCode", "Mail a code that signs in to the console"),
            codes::create).refusing(&[404]).recording(Record::Nothing("a code changes nothing until somebody signs in with it, which is kept")),
        Route::sign_in((Post, "/api/v1/console/session/options", "createSignInOptions", "Make a challenge to sign in with a passkey"),
            passkeys::sign_in_options).refusing(&[404]).recording(Record::Nothing("a challenge changes nothing")),
        Route::account((Get, "/api/v1/console/passkeys", "listPasskeys", "List the account's passkeys, oldest first"),
            &[ApiKeysRead], passkeys::list).of_console(),
        Route::account((Post, "/api/v1/console/passkeys", "addPasskey", "Add a passkey to the account"),
            &[ApiKeysWrite], passkeys::add).of_console().wanting_a_fresh_sign_in().refusing(&[404, 409]).recording(records::PASSKEY),
        Route::account((Post, "/api/v1/console/passkeys/options", "createPasskeyOptions", "Make a challenge to add a passkey"),
            &[ApiKeysWrite], passkeys::options).of_console().wanting_a_fresh_sign_in().refusing(&[404]).recording(Record::Nothing("a challenge changes nothing")),
        Route::account((Put, "/api/v1/console/passkeys/{passkeyId}", "renamePasskey", "Change a passkey's name"),
            &[ApiKeysWrite], passkeys::rename).of_console().refusing(&[404]).recording(records::PASSKEY),
        Route::account((Delete, "/api/v1/console/passkeys/{passkeyId}", "deletePasskey", "Remove a passkey, and sign out what was signed in with it"),
            &[ApiKeysWrite], passkeys::delete).of_console().wanting_a_fresh_sign_in().refusing(&[404]).recording(records::PASSKEY),
        Route::account((Get, "/api/v1/console/session", "getConsoleSession", "Who is signed in, and to what"),
            &[], console_session::get).of_console(),
        Route::account((Delete, "/api/v1/console/session", "signOut", "Sign out of the console"),
            &[], console_session::sign_out).of_console().recording(records::SESSION),
        Route::account((Get, "/api/v1/console/sessions", "listConsoleSessions", "List the devices that are signed in, newest first"),
            &[ApiKeysRead], sessions::list).of_console(),
        Route::account((Delete, "/api/v1/console/sessions", "deleteOtherConsoleSessions", "Sign out every other device"),
            &[ApiKeysWrite], sessions::delete_others).of_console().recording(records::DEED),
        Route::account((Delete, "/api/v1/console/sessions/{sessionId}", "deleteConsoleSession", "Sign out one device"),
            &[ApiKeysWrite], sessions::delete).of_console().refusing(&[404]).recording(records::SESSION),
        Route::account((Get, "/api/v1/console/websites", "listConsoleWebsites", "List the websites that the session reaches, with figures"),
            &[WebsitesRead], console_websites::list).of_console(),
        Route::website((Get, "/api/v1/console/websites/{websiteId}/reports", "getView", "Get several reports in one request, each as soon as it is there"),
            Viewer, &[AnalyticsRead], views::reports).of_console(),
        Route::website((Get, "/api/v1/console/websites/{websiteId}/installation", "getInstallation", "Get what arrives at a website, and what was dropped"),
            Viewer, &[AnalyticsRead], installation::get).of_console(),

        // Documentation
        Route::page((Get, "/docs", "openDocs", "The documentation"), docs::start),
        Route::page((Get, "/docs/{*path}", "openDocsPage", "A page of the documentation, or its twin in Markdown"), docs::any),
        Route::page((Get, "/llms.txt", "getDocsIndex", "What a program reads first"), docs::index),

        // Public pages
        Route::page((Get, "/share/{websiteId}", "openPublicDashboard", "The dashboard of a website that has switched it on"), public::show),
        Route::page((Get, "/widgets/{websiteId}/{widget}", "openWidget", "A widget of such a website: realtime or recent"), public::show),

        // Websites
        Route::account((Get, "/api/v1/admin/websites", "listWebsites", "List the websites that the token can reach"),
            &[WebsitesRead], websites::list),
        Route::account((Post, "/api/v1/admin/websites", "createWebsite", "Create a website"),
            &[WebsitesWrite], websites::create).refusing(&[409]).recording(records::WEBSITE),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}", "getWebsite", "Get a website's settings"),
            Viewer, &[SettingsRead], websites::get),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}", "updateWebsite", "Update a website's settings"),
            Member, &[SettingsWrite], websites::change).refusing(&[409]).recording(records::WEBSITE),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}", "deleteWebsite", "Always refused: websites are not deleted by the API"),
            Member, &[WebsitesWrite], websites::delete)
            .recording(Record::Nothing("it is always refused")),

        // Website keys
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/apikeys", "listWebsiteKeys", "List a website's keys"),
            Viewer, &[ApiKeysRead], keys::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/apikeys", "createWebsiteKey", "Create a website key; it is shown once"),
            Member, &[ApiKeysWrite], keys::create).wanting_a_fresh_sign_in().recording(records::WEBSITE_KEY),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/apikeys/{apiKeyId}", "rollWebsiteKey", "Give a key a new value; it is shown once"),
            Member, &[ApiKeysWrite], keys::roll).wanting_a_fresh_sign_in().recording(records::WEBSITE_KEY),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/apikeys/{apiKeyId}", "deleteWebsiteKey", "Revoke a website key"),
            Member, &[ApiKeysWrite], keys::delete).recording(records::WEBSITE_KEY),

        // Goals
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/goals", "listTrackedGoals", "List tracked goals, most frequent first"),
            Viewer, Required::Any(&[SettingsRead, GoalsRead]), tracked_goals::list),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/goals/customizations", "listGoalCustomizations", "List how goals are shown, and the palette"),
            Viewer, &[GoalsRead], goal_customizations::list),
        Route::website((Patch, "/api/v1/admin/websites/{websiteId}/goals/customizations", "customizeGoal", "Change how a goal is shown"),
            Member, &[GoalsWrite], goal_customizations::change).with_body_of(goal_customizations::LONGEST_BODY).recording(records::GOAL),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/goals/customizations", "resetGoal", "Show a goal by its own name again"),
            Member, &[GoalsWrite], goal_customizations::delete).recording(records::GOAL),

        // Funnels
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/funnels", "listFunnels", "List active funnels"),
            Viewer, &[FunnelsRead], funnels::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/funnels", "createFunnel", "Create a funnel"),
            Member, &[FunnelsWrite], funnels::create).refusing(&[409]).recording(records::FUNNEL),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}", "updateFunnel", "Update a funnel"),
            Member, &[FunnelsWrite], funnels::change).refusing(&[409]).recording(records::FUNNEL),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}", "deleteFunnel", "Soft-delete a funnel"),
            Member, &[FunnelsWrite], funnels::delete).recording(records::FUNNEL),

        // Notes
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/notes", "listNotes", "List the notes on the chart, newest first"),
            Viewer, &[NotesRead], notes::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/notes", "createNote", "Note something on the chart"),
            Member, &[NotesWrite], notes::create).refusing(&[409]).recording(records::NOTE),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/notes/{noteId}", "updateNote", "Change a note's text or time"),
            Member, &[NotesWrite], notes::change).recording(records::NOTE),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/notes/{noteId}", "deleteNote", "Delete a note"),
            Member, &[NotesWrite], notes::delete).recording(records::NOTE),

        // Bot traffic
        Route::account((Get, "/api/v1/admin/bot-traffic/usage", "getBotUsage", "How many requests of crawlers one's websites had this month"),
            &[SettingsRead], bot_usage::get),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/bot-traffic/settings", "getBotSettings", "Get the settings of bot traffic, and every crawler that is known"),
            Owner, &[SettingsRead], bots::get),
        Route::website((Patch, "/api/v1/admin/websites/{websiteId}/bot-traffic/settings", "updateBotSettings", "Change which crawlers are counted and shown"),
            Owner, &[SettingsWrite], bots::change).recording(records::DEED),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/bot-traffic/token", "getBotToken", "Get whether requests of crawlers have a token"),
            Owner, &[SettingsRead], bots::token),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/bot-traffic/token", "createBotToken", "Create the token for requests of crawlers; it is shown once"),
            Owner, &[SettingsWrite], bots::create_token).wanting_a_fresh_sign_in()
            .saving_its_answer_afterwards("the token is in the website's object; one whose answer was lost is rotated").refusing(&[409]).recording(records::DEED),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/bot-traffic/token", "rotateBotToken", "Give the token a new value; it is shown once, and the old one is worth nothing"),
            Owner, &[SettingsWrite], bots::rotate_token).wanting_a_fresh_sign_in().recording(records::DEED),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/bot-traffic/token", "deleteBotToken", "Delete the token, and require none"),
            Owner, &[SettingsWrite], bots::delete_token).recording(records::DEED),

        // Alerts
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/alerts", "listAlerts", "List alerts"),
            Viewer, &[AlertsRead], alerts::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/alerts", "createAlert", "Create an alert"),
            Member, &[AlertsWrite], alerts::create).recording(records::ALERT),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/alerts/history", "listAlertHistory", "List what alerts have sent"),
            Viewer, &[AlertsRead], history::list),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/alerts/{alertId}", "updateAlert", "Update an alert"),
            Member, &[AlertsWrite], alerts::change).refusing(&[409]).recording(records::ALERT),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/alerts/{alertId}/transitions", "listAlertTransitions", "List an alert's changes of state, newest first"),
            Viewer, &[AlertsRead], transitions::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/alerts/preview", "previewAlert", "What an alert would have done in the last seven days"),
            Member, &[AlertsWrite], preview::preview)
            .saving_its_answer_afterwards("it writes nothing")
            .recording(Record::Nothing("it changes nothing")),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/alerts/{alertId}", "deleteAlert", "Delete an alert; its history stays"),
            Member, &[AlertsWrite], alerts::delete).recording(records::ALERT),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/alerts/{alertId}/test", "testAlert", "Send one real message of an alert, marked as a test"),
            Member, &[AlertsWrite], test_message::test)
            .saving_its_answer_afterwards("what it does is sending; the history is written afterwards").recording(records::DEED),
        Route::public((Get, "/unsubscribe/{token}", "getUnsubscribePage", "The page behind the link of an alert's mail; it switches nothing off"),
            unsubscribe::page).refusing(&[404]),
        Route::public((Post, "/unsubscribe/{token}", "unsubscribe", "Switch off the alert behind a mail's link (RFC 8058)"),
            unsubscribe::unsubscribe).refusing(&[404]).recording(records::ALERT),
        Route::public((Get, "/unsubscribe/reports/{reportsToken}", "getReportsPage", "The page behind the link of a report's mail; it switches nothing off"),
            reports_mails::page).refusing(&[404]),
        Route::public((Post, "/unsubscribe/reports/{reportsToken}", "unsubscribeFromReports", "Switch off the mails behind a report's link (RFC 8058)"),
            reports_mails::unsubscribe).refusing(&[404]).recording(records::WEBSITE),

        // Webhooks
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/webhooks", "listWebhooks", "List webhooks"),
            Viewer, &[WebhooksRead], endpoints::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/webhooks", "createWebhook", "Create a webhook; the answer has its secret"),
            Member, &[WebhooksWrite], endpoints::create).recording(records::WEBHOOK),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}", "getWebhook", "Get a webhook"),
            Viewer, &[WebhooksRead], endpoints::get),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}", "updateWebhook", "Update a webhook"),
            Member, &[WebhooksWrite], endpoints::change).recording(records::WEBHOOK),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}", "deleteWebhook", "Delete a webhook that no alert uses"),
            Member, &[WebhooksWrite], endpoints::delete).refusing(&[409]).recording(records::WEBHOOK),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/secret", "getWebhookSecret", "Get the secret that signs a webhook's deliveries"),
            Member, &[WebhooksWrite], endpoints::secret).wanting_a_fresh_sign_in().recording(records::DEED),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/secret/rotate", "rotateWebhookSecret", "Give a webhook a new secret; the old one signs too for 24 hours"),
            Member, &[WebhooksWrite], endpoints::rotate).wanting_a_fresh_sign_in().recording(records::WEBHOOK),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/test", "testWebhook", "Send an example of an event to a webhook"),
            Member, &[WebhooksWrite], endpoints::test)
            .saving_its_answer_afterwards("a further example does no harm: it is marked as a test").recording(records::DEED),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/deliveries", "listAllDeliveries", "List the deliveries of all webhooks of a website, newest first"),
            Viewer, &[WebhooksRead], deliveries::list_all),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/stats", "getWebhookStats", "Get how a webhook is doing, by the hour or the day"),
            Viewer, &[WebhooksRead], deliveries::stats),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/deliveries", "listDeliveries", "List a webhook's deliveries, newest first"),
            Viewer, &[WebhooksRead], deliveries::list),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/deliveries/{deliveryId}", "getDelivery", "Get a delivery with its payload and attempts"),
            Viewer, &[WebhooksRead], deliveries::get),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/deliveries/{deliveryId}/resend", "resendDelivery", "Send a delivery again"),
            Member, &[WebhooksWrite], deliveries::resend)
            .saving_its_answer_afterwards("sending again does no harm to the receiver, which knows a message by its id").refusing(&[409]).recording(records::DEED),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/resend", "resendDeliveries", "Send all that failed or was missed in a time again, or count them"),
            Member, &[WebhooksWrite], deliveries::resend_all)
            .saving_its_answer_afterwards("sending again does no harm to the receiver, which knows a message by its id").refusing(&[409]).recording(records::DEED),

        // Team
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/team", "listTeam", "List team members; for the owner also open invitations"),
            Viewer, &[TeamRead], members::list),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/team", "inviteTeamMember", "Invite a team member"),
            Owner, &[TeamWrite], invitations::invite).refusing(&[409]).recording(records::INVITATION),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/team", "removeTeamMember", "Remove a team member, with the keys, webhooks and webhook alerts that they made"),
            Owner, &[TeamWrite], members::remove).recording(records::MEMBER),
        Route::website((Put, "/api/v1/admin/websites/{websiteId}/team/{userId}", "updateTeamMember", "Change the role of a team member; whoever becomes a viewer loses the keys that they made"),
            Owner, &[TeamWrite], members::change_role).recording(records::MEMBER),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/team/invitations/{invitationId}/resend", "resendInvitation", "Send an invitation again, with another link and its whole time"),
            Owner, &[TeamWrite], waiting::resend).recording(records::INVITATION),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/team/invitations/{invitationId}", "cancelInvitation", "Cancel an invitation; its links open nothing from then on"),
            Owner, &[TeamWrite], waiting::cancel).recording(records::INVITATION),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/team/transfer", "transferWebsite", "Make a member of the team the owner; the caller becomes a member"),
            Owner, &[Full], transfer::transfer).refusing(&[409]).wanting_a_fresh_sign_in().recording(records::WEBSITE),
        Route::website((Delete, "/api/v1/admin/websites/{websiteId}/team/me", "leaveTeam", "Leave the team, with all keys, webhooks and webhook alerts that one made"),
            Viewer, &[TeamWrite], members::leave).but_not_for_website_keys().recording(records::MEMBER),
        Route::open((Post, "/api/v1/invitations/{invitationId}/accept", "acceptInvitation", "Accept an invitation with the code from its link; where its address has an account, with a [\"*\"] token of that account"),
            invitations::accept).refusing(&[404]).recording(records::MEMBER),
        Route::public((Get, "/invitations/{invitationId}", "getInvitationPage", "The page behind an invitation's link"),
            invitation_page::page),

        // Integrations; the rows of each provider follow from `registry`
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/integrations", "getIntegrations", "Get which payment providers are connected"),
            Viewer, &[SettingsRead], status),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/integrations/{provider}/events", "listProviderEvents", "List what a payment provider has told, newest first"),
            Viewer, &[SettingsRead], provider_events::list),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/integrations/{provider}/events/{eventId}", "getProviderEvent", "Get an event with what the provider sent"),
            Member, &[SettingsWrite], provider_events::get),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/integrations/{provider}/events/{eventId}/replay", "replayProviderEvent", "Work on an event again"),
            Member, &[SettingsWrite], provider_events::replay)
            .saving_its_answer_afterwards("working on an event again ends in the same payments").refusing(&[409]).recording(records::DEED),
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/integrations/woocommerce/authorize", "authorizeWooCommerce", "Get the page of a WooCommerce shop on which its owner consents; the shop then connects itself"),
            Member, &[SettingsWrite], consent::authorize).refusing(&[409]).recording(records::DEED),
        Route::hook((Post, "/api/v1/hooks/{provider}/{websiteId}/{token}", "receiveProviderEvent", "Take what a connected payment provider posts"),
            (address::knows, hooks::HEADERS), hooks::receive).with_body_of(inbound::LONGEST_BODY).refusing(&[401, 410, 429, 503]).recording(records::DATA),

        // Import and export
        Route::website((Post, "/api/v1/admin/websites/{websiteId}/import", "importEvents", "Import past events, one JSON object per line"),
            Member, &[SettingsWrite, GoalsWrite, PaymentsWrite, IdentifyWrite], import::import)
            .saving_its_answer_afterwards("it writes to the website's object, which knows events by their ids").recording(records::DEED),
        Route::website((Get, "/api/v1/admin/websites/{websiteId}/export", "exportEvents", "Export all events as the import takes them, or as Apache Parquet"),
            Viewer, &[SettingsRead, AnalyticsRead], export::export),

        // Tracking
        Route::public((Post, "/api/events", "trackEvent", "Accept an event of the tracking script or the SDK"),
            events::take).with_cors().refusing(&[404, 429]).recording(records::DATA),
        Route::public((Post, "/api/ai-crawls", "trackCrawl", "Count a request that a crawler made to a website's server"),
            crawls::take).refusing(&[401, 404, 429]).recording(records::DATA),
        Route::public((Get, "/js/script.js", "getScript", "The tracking script"), script::default).with_cors(),
        Route::public((Get, "/js/script.hash.js", "getHashScript", "The tracking script for pages distinguished by their fragment"),
            script::hash).with_cors(),
        Route::public((Get, "/js/script.cookieless.js", "getCookielessScript", "The tracking script without cookies"),
            script::cookieless).with_cors(),

        // Analytics
        Route::website((Get, "/api/v1/analytics/overview", "getOverview", "The totals of a range"),
            Viewer, &[AnalyticsRead], report::<Overview>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/timeseries", "getTimeseries", "The totals of a range by hour, day, week or month"),
            Viewer, &[AnalyticsRead], report::<Timeseries>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/metadata", "getMetadata", "What the website is"),
            Viewer, &[AnalyticsRead], metadata::get).of_website_api(),
        Route::website((Get, "/api/v1/analytics/realtime", "getRealtime", "How many visitors there were in the last ten minutes"),
            Viewer, &[AnalyticsRead], report::<Realtime>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/realtime/map", "getRealtimeMap", "Who was there in the last ten minutes"),
            Viewer, &[AnalyticsRead], report::<MapRequest>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/pages", "listPages", "Visitors and revenue by page"),
            Viewer, &[AnalyticsRead], report::<Breakdown<PageRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/entry-pages", "listEntryPages", "Visitors and revenue by the page that visits begin on"),
            Viewer, &[AnalyticsRead], report::<Breakdown<EntryPageRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/exit-pages", "listExitPages", "Visitors and revenue by the page that visits end on"),
            Viewer, &[AnalyticsRead], report::<Breakdown<ExitPageRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/channels", "listChannels", "Visitors and revenue by channel"),
            Viewer, &[AnalyticsRead], report::<Breakdown<ChannelRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/referrers", "listReferrers", "Visitors and revenue by source"),
            Viewer, &[AnalyticsRead], report::<Breakdown<ReferrerRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/countries", "listCountries", "Visitors and revenue by country"),
            Viewer, &[AnalyticsRead], report::<Breakdown<CountryRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/regions", "listRegions", "Visitors and revenue by region"),
            Viewer, &[AnalyticsRead], report::<Breakdown<RegionRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/cities", "listCities", "Visitors and revenue by city"),
            Viewer, &[AnalyticsRead], report::<Breakdown<CityRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/devices", "listDevices", "Visitors and revenue by kind of device"),
            Viewer, &[AnalyticsRead], report::<Breakdown<DeviceRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/browsers", "listBrowsers", "Visitors and revenue by browser"),
            Viewer, &[AnalyticsRead], report::<Breakdown<BrowserRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/operating-systems", "listOperatingSystems", "Visitors and revenue by operating system"),
            Viewer, &[AnalyticsRead], report::<Breakdown<OperatingSystemRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/hostnames", "listHostnames", "Visitors and revenue by host"),
            Viewer, &[AnalyticsRead], report::<Breakdown<HostnameRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/campaigns", "listCampaigns", "Visitors and revenue by campaign"),
            Viewer, &[AnalyticsRead], report::<Breakdown<CampaignRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/exit-clicks", "listExitClicks", "Links followed to other websites"),
            Viewer, &[AnalyticsRead], report::<Counts<ExitClickRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/goals", "listGoals", "Goals with their completions"),
            Viewer, &[AnalyticsRead], report::<Counts<GoalRow>>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/goals/properties", "listGoalProperties", "What came with a goal"),
            Viewer, &[AnalyticsRead], report::<Properties>).of_website_api(),
        Route::website((Get, "/api/v1/analytics/funnels/{funnelId}", "getFunnelResult", "How visitors took the steps of a funnel"),
            Viewer, &[AnalyticsRead], funnel::get).of_website_api(),
        Route::website((Get, "/api/v1/analytics/bot-traffic", "getBotTraffic", "Requests of crawlers by crawler and over time; website keys have to be the owner's"),
            Owner, &[AnalyticsRead], bot_reports::summary).of_website_api().also_for_keys_of_the_owner(),
        Route::website((Get, "/api/v1/analytics/bot-traffic/pages", "listBotPages", "The pages that crawlers requested; website keys have to be the owner's"),
            Owner, &[AnalyticsRead], bot_reports::pages).of_website_api().also_for_keys_of_the_owner(),
        Route::website((Get, "/api/v1/mentions", "listMentions", "List posts that mention the website; none is collected, so the list is empty"),
            Viewer, &[AnalyticsRead], mentions::list).of_website_api(),

        // Visitors
        Route::website((Get, "/api/v1/visitors", "listVisitors", "List visitors, last seen first"),
            Viewer, &[AnalyticsRead], report::<List>).of_website_api(),
        Route::website((Get, "/api/v1/visitors/{visitorId}", "getVisitor", "Get one visitor with all that they did"),
            Viewer, &[AnalyticsRead], visitors::get).of_website_api(),

        Route::website((Delete, "/api/v1/visitors/{visitorId}", "eraseVisitor", "Erase a visitor with all events, payments, profile and messages"),
            Member, &[IdentifyWrite, GoalsWrite, PaymentsWrite], erasure::erase).of_website_api().recording(records::DEED),

        // Backends
        Route::website((Post, "/api/v1/goals", "createGoal", "Record a goal that a visitor completed"),
            Member, &[GoalsWrite], goals::create).of_website_api().recording(records::DATA),
        Route::website((Delete, "/api/v1/goals", "deleteGoals", "Delete goals of a visitor, a name, a time"),
            Member, &[GoalsWrite], goals::delete).of_website_api().recording(records::DEED),
        Route::website((Post, "/api/v1/payments", "createPayment", "Record a payment, a refund or a free trial"),
            Member, &[PaymentsWrite], payments::create).of_website_api().with_plain_errors().recording(records::DATA),
        Route::website((Delete, "/api/v1/payments", "deletePayments", "Delete payments of a transaction, a visitor, a time"),
            Member, &[PaymentsWrite], payments::delete).of_website_api().recording(records::DEED),
        Route::website((Post, "/api/v1/identify", "identifyVisitor", "Say who a visitor is"),
            Member, &[IdentifyWrite], identify::create).of_website_api().recording(records::DATA),
    ];
    rows.extend(registry::routes());
    rows
}

thread_local! {
    // Leaked on purpose: the table lives as long as its instance, and handlers borrow it across awaits.
    static TABLE: Result<&'static Table, String> = Table::new(rows()).map(|table| &*Box::leak(Box::new(table)));
}

/// The table. It is built on first use; this module's test finds a table that cannot be built.
pub fn table() -> Result<&'static Table, String> {
    TABLE.with(Clone::clone)
}

#[cfg(test)]
mod tests {
    use crate::auth::role::Role;
    use crate::http::route::Door;

    #[test]
    fn the_table_can_be_built() {
        super::table().unwrap();
    }

    #[test]
    fn viewers_reach_exactly_the_routes_that_change_nothing() {
        for route in super::table().unwrap().routes() {
            if let Door::Website { permissions, role, .. } = &route.door {
                let writes = permissions.list().iter().any(|permission| permission.is_write());
                // Leaving changes nothing for anybody else, and bot traffic is the owner's to read too.
                let is_of_owners =
                    ["getBotSettings", "getBotToken", "getBotTraffic", "listBotPages", "listWebsiteAudit"]
                        .contains(&route.operation);
                assert_eq!(*role == Role::Owner && !writes, is_of_owners, "{}", route.operation);
                let is_open = *role == Role::Viewer && route.operation != "leaveTeam";
                assert_eq!(is_open, !writes && !is_of_owners, "{}", route.operation);
            }
        }
    }
}
