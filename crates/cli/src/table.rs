//! The table: every command is one row. The grammar, the help, completion, the man page and docs/cli.md follow from it; what a
//! command takes follows from its operation in `openapi.json`.

/// What a command does beyond sending its operation and showing the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Sends the operation.
    Call,
    Login,
    Logout,
    Whoami,
    ConfigShow,
    SetWebsite,
    ClearWebsite,
    InstallCompletion,
    UninstallCompletion,
    PrintCompletion,
    Manual,
    /// A token, which is copied.
    CreateToken,
    /// Tokens, whose deletion may hit the one in use.
    DeleteToken,
    CreateWebsite,
    UpdateWebsite,
    Kpi,
    NamedMember,
    /// What names a member or an invitation by an e-mail address, if one likes.
    OfTeam,
    /// An operation of the provider that is named.
    Integration,
    ListGoals,
    Colors,
    CreateFunnel,
    GetAlert,
    SetAlert,
    PreviewAlert,
    Timeseries,
    Realtime,
    Identify,
    Deliveries,
    WebhookStats,
    Import,
    Export,
    Api,
    Open,
    McpConfig,
}

/// Where the website comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The command has none.
    None,
    /// `--website`, or the default.
    Flag,
    /// The first id, or the default.
    First,
}

/// A flag that the operation does not have.
pub enum Own {
    /// Sets a field to this JSON: `--disable`.
    Fixed { flag: &'static str, field: &'static str, json: &'static str },
    /// A value for the act.
    Value { flag: &'static str, help: &'static str },
    /// A value for the act that may be given several times.
    Values { flag: &'static str, help: &'static str },
    /// On or off, for the act.
    Switch { flag: &'static str, help: &'static str },
}

pub struct Command {
    /// Noun and verb.
    pub name: &'static str,
    /// Other spellings of the verb.
    pub aliases: &'static [&'static str],
    pub act: Act,
    /// What it does, where the operation's own summary is not enough.
    pub about: &'static str,
    /// The operations, the first of which gives the flags; none where the command calls nothing.
    pub operations: &'static [&'static str],
    pub site: Site,
    /// What follows the ids: names of fields, or of what the act reads.
    pub more: &'static [&'static str],
    /// Fields under other names: `("isCookieless", "cookieless")`, further names behind `|`.
    pub named: &'static [(&'static str, &'static str)],
    /// Fields that have no flag.
    pub without: &'static [&'static str],
    pub own: &'static [Own],
    pub columns: &'static [&'static str],
    /// What is asked before it is done.
    pub confirm: &'static str,
    pub examples: &'static [&'static str],
}

const BASE: Command = Command {
    name: "",
    aliases: &[],
    act: Act::Call,
    about: "",
    operations: &[],
    site: Site::None,
    more: &[],
    named: &[],
    without: &[],
    own: &[],
    columns: &[],
    confirm: "",
    examples: &[],
};
/// A command about a website that its first id names.
const SITE: Command = Command { site: Site::First, ..BASE };
/// A command about a website that `--website` names.
const FLAG: Command = Command { site: Site::Flag, ..BASE };

/// What triggers an alert, as flags, with further ones.
macro_rules! alert_flags {
    ($($more:expr),*) => {
        &[
            $($more,)*
            Own::Value { flag: "goal", help: "The goal that triggers it, or that is counted" },
            Own::Value { flag: "metric", help: "visitors, sessions, goals, revenue, payments, bounce_rate or conversion_rate" },
            Own::Value { flag: "window", help: "The time that is looked at: 5m, 1h, 1d" },
            Own::Value { flag: "above", help: "Fires above this value" },
            Own::Value { flag: "below", help: "Fires below this value" },
            Own::Value { flag: "increase-pct", help: "Fires after a rise by so many percent" },
            Own::Value { flag: "decrease-pct", help: "Fires after a fall by so many percent" },
            Own::Value { flag: "for", help: "How long it has to be so: 15m" },
        ]
    };
}
const ALERT_NAMES: &[(&str, &str)] = &[("template.subject", "subject"), ("template.message", "message")];
/// What the flags above stand for.
const ALERT_WITHOUT: &[&str] = &[
    "trigger.goalName",
    "trigger.type",
    "trigger.comparison",
    "trigger.for",
    "trigger.metric",
    "trigger.threshold",
    "trigger.window",
    "trigger.filters",
    "trigger.noData",
    "destination.type",
    "destination.endpointId",
    "isEnabled",
];
const ENABLED: Own = Own::Fixed { flag: "enabled", field: "isEnabled", json: "true" };
const DISABLED: Own = Own::Fixed { flag: "disabled", field: "isEnabled", json: "false" };

const WEBHOOK: Own = Own::Value { flag: "webhook", help: "The webhook that is called instead of the owner's mailbox" };

const WEBHOOK_NAMES: &[(&str, &str)] = &[
    ("url", "endpoint"), // --url is the gateway's
    ("eventTypes", "events|event-types"),
    ("goalNames", "goals|goal-names"),
    ("headers", "header"),
];

const PAYMENT_NAMES: &[(&str, &str)] = &[
    ("transaction_id", "transaction-id|tx-id"),
    ("datafast_visitor_id", "visitor|visitor-id"),
    ("is_free_trial", "free-trial"),
];

macro_rules! report {
    ($name:literal, $operation:literal, $about:literal) => {
        Command { name: concat!("analytics ", $name), operations: &[$operation], about: $about, ..FLAG }
    };
}

pub const COMMANDS: &[Command] = &[
    // ── Session and configuration ──
    Command {
        name: "login",
        act: Act::Login,
        about: "Store the address of a gateway and a token for it",
        own: &[Own::Switch { flag: "with-token", help: "Read the token from stdin" }],
        examples: &[
            "login --url https://your-gateway.example",
            "login --url https://your-gateway.example --with-token < token.txt",
        ],
        ..BASE
    },
    Command { name: "logout", act: Act::Logout, about: "Forget the stored token and key", ..BASE },
    Command {
        name: "whoami",
        act: Act::Whoami,
        about: "Say who the token belongs to",
        operations: &["getAccount"],
        examples: &["whoami"],
        ..BASE
    },
    Command {
        name: "config show",
        act: Act::ConfigShow,
        about: "Show what is configured, and where it comes from",
        ..BASE
    },
    Command {
        name: "config set-website",
        act: Act::SetWebsite,
        about: "Make a website the default",
        more: &["website"],
        examples: &["config set-website example.com"],
        ..BASE
    },
    Command { name: "config clear-website", act: Act::ClearWebsite, about: "Forget the default website", ..BASE },
    Command {
        name: "completion install",
        act: Act::InstallCompletion,
        about: "Add completion to your shell",
        examples: &["completion install"],
        ..BASE
    },
    Command {
        name: "completion uninstall",
        act: Act::UninstallCompletion,
        about: "Remove completion from your shell",
        ..BASE
    },
    Command { name: "completion bash", act: Act::PrintCompletion, about: "Print the completion of bash", ..BASE },
    Command { name: "completion zsh", act: Act::PrintCompletion, about: "Print the completion of zsh", ..BASE },
    Command { name: "completion fish", act: Act::PrintCompletion, about: "Print the completion of fish", ..BASE },
    Command {
        name: "completion powershell",
        act: Act::PrintCompletion,
        about: "Print the completion of PowerShell",
        ..BASE
    },
    Command { name: "completion man", act: Act::Manual, about: "Print the man page", ..BASE },
    Command { name: "account get", operations: &["getAccount"], ..BASE },
    Command {
        name: "account update",
        operations: &["updateAccount"],
        examples: &["account update --name \"Jane Doe\""],
        ..BASE
    },
    // ── Tokens ──
    Command {
        name: "tokens list",
        operations: &["listAccessTokens"],
        columns: &["id", "name", "displayKey", "permissions", "websiteIds", "lastUsedAt", "createdAt"],
        ..BASE
    },
    Command {
        name: "tokens create",
        act: Act::CreateToken,
        operations: &["createAccessToken"],
        named: &[("websiteIds", "websites")],
        own: &[Own::Switch { flag: "no-copy", help: "Leave the clipboard alone" }],
        examples: &[
            "tokens create --name \"CI token\" --permissions \"*\"",
            "tokens create --name \"Read only\" --permissions \"analytics:read,websites:read\"",
            "tokens create --name \"AI agent\" --permissions \"analytics:read,websites:read,funnels:write,alerts:write\"",
        ],
        ..BASE
    },
    Command {
        name: "tokens delete",
        act: Act::DeleteToken,
        operations: &["deleteAccessToken"],
        confirm: "Delete this token?",
        ..BASE
    },
    // ── Websites ──
    Command {
        name: "websites list",
        operations: &["listWebsites"],
        columns: &["id", "domain", "name", "trackingId", "timezone", "currency", "role"],
        ..BASE
    },
    Command { name: "websites get", operations: &["getWebsite"], examples: &["websites get example.com"], ..SITE },
    Command {
        name: "websites create",
        act: Act::CreateWebsite,
        operations: &["createWebsite"],
        examples: &["websites create --domain example.com --timezone Europe/Paris --name \"My Blog\""],
        ..BASE
    },
    Command {
        name: "websites update",
        act: Act::UpdateWebsite,
        operations: &["updateWebsite"],
        named: &[
            ("isCookieless", "cookieless"),
            ("isAttackModeEnabled", "attack-mode"),
            ("isAllHostnamesAllowed", "all-hostnames"),
            ("isPublicDashboardEnabled", "public-dashboard"),
            ("isPublicDataEnabled", "public-data"),
            ("sendWeeklyReports", "weekly-reports"),
            ("sendViralTrafficAlerts", "viral-alerts"),
        ],
        own: &[
            Own::Fixed { flag: "clear-kpi", field: "kpi", json: "null" },
            Own::Values { flag: "add-allowed-hostnames", help: "Add to the list" },
            Own::Values { flag: "remove-allowed-hostnames", help: "Remove from the list" },
            Own::Values { flag: "add-excluded-ips", help: "Add to the list" },
            Own::Values { flag: "remove-excluded-ips", help: "Remove from the list" },
            Own::Values { flag: "add-excluded-paths", help: "Add to the list" },
            Own::Values { flag: "remove-excluded-paths", help: "Remove from the list" },
            Own::Values { flag: "add-excluded-countries", help: "Add to the list" },
            Own::Values { flag: "remove-excluded-countries", help: "Remove from the list" },
            Own::Values { flag: "add-excluded-hostnames", help: "Add to the list" },
            Own::Values { flag: "remove-excluded-hostnames", help: "Remove from the list" },
            Own::Values { flag: "add-trusted-proxies", help: "Add to the list" },
            Own::Values { flag: "remove-trusted-proxies", help: "Remove from the list" },
        ],
        examples: &[
            "websites update example.com --kpi signup --kpi-color-scheme green",
            "websites update example.com --cookieless true --excluded-ips \"203.0.113.7,198.51.100.0/24\"",
        ],
        ..SITE
    },
    Command { name: "websites delete", operations: &["deleteWebsite"], confirm: "Delete this website?", ..SITE },
    Command {
        name: "websites kpi",
        act: Act::Kpi,
        about: "Choose the goal that is a website's KPI",
        operations: &["updateWebsite"],
        more: &["goal"],
        without: &["*"],
        own: &[
            Own::Fixed { flag: "clear", field: "kpi", json: "null" },
            Own::Value { flag: "color", help: "The color in which it is shown" },
        ],
        examples: &["websites kpi example.com signup --color green"],
        ..SITE
    },
    Command {
        name: "websites apikeys list",
        operations: &["listWebsiteKeys"],
        columns: &["id", "name", "displayKey", "lastUsedAt", "createdAt"],
        ..SITE
    },
    Command {
        name: "websites apikeys create",
        operations: &["createWebsiteKey"],
        examples: &["websites apikeys create example.com --name \"Prod key\""],
        ..SITE
    },
    Command {
        name: "websites apikeys roll",
        operations: &["rollWebsiteKey"],
        confirm: "Roll this key? Its old value stops working at once.",
        ..SITE
    },
    Command { name: "websites apikeys delete", operations: &["deleteWebsiteKey"], confirm: "Delete this key?", ..SITE },
    Command {
        name: "websites team list",
        operations: &["listTeam"],
        columns: &["userId", "name", "email", "role", "joinedAt"],
        ..SITE
    },
    Command {
        name: "websites team invite",
        operations: &["inviteTeamMember"],
        examples: &["websites team invite example.com --email jane@example.com --role viewer"],
        ..SITE
    },
    Command {
        name: "websites team remove",
        act: Act::NamedMember,
        operations: &["removeTeamMember"],
        more: &["userId"],
        confirm: "Remove this member?",
        examples: &["websites team remove example.com jane@example.com --yes"],
        ..SITE
    },
    Command {
        name: "websites team role",
        act: Act::OfTeam,
        operations: &["updateTeamMember"],
        examples: &["websites team role example.com jane@example.com --role member"],
        ..SITE
    },
    Command {
        name: "websites team cancel",
        act: Act::OfTeam,
        operations: &["cancelInvitation"],
        confirm: "Cancel this invitation?",
        examples: &["websites team cancel example.com jane@example.com --yes"],
        ..SITE
    },
    Command {
        name: "websites team resend",
        act: Act::OfTeam,
        operations: &["resendInvitation"],
        examples: &["websites team resend example.com jane@example.com"],
        ..SITE
    },
    Command {
        name: "websites team transfer",
        act: Act::NamedMember,
        operations: &["transferWebsite"],
        more: &["userId"],
        confirm: "Give this website away? Only its new owner can give it back.",
        examples: &["websites team transfer example.com jane@example.com --domain example.com --yes"],
        ..SITE
    },
    Command { name: "websites team leave", operations: &["leaveTeam"], confirm: "Leave this website?", ..SITE },
    Command { name: "websites integrations list", operations: &["getIntegrations"], ..SITE },
    Command {
        name: "websites integrations get",
        act: Act::Integration,
        about: "Show one provider's connection",
        operations: &["getStripe", "getLemonSqueezy", "getPolar", "getPaddle", "getShopify", "getWooCommerce"],
        more: &["provider"],
        ..SITE
    },
    Command {
        name: "websites integrations connect",
        act: Act::Integration,
        about: "Connect a payment provider; its credentials are asked for without echo",
        operations: &[
            "connectStripe",
            "connectLemonSqueezy",
            "connectPolar",
            "connectPaddle",
            "connectShopify",
            "connectWooCommerce",
        ],
        more: &["provider"],
        without: &["*"],
        own: &[
            Own::Switch { flag: "with-credentials", help: "Read the credentials as JSON from stdin" },
            Own::Switch { flag: "no-wait", help: "Do not follow the import of past payments" },
        ],
        examples: &[
            "websites integrations connect example.com stripe",
            "websites integrations connect example.com stripe --with-credentials < stripe.json",
        ],
        ..SITE
    },
    Command {
        name: "websites integrations disconnect",
        act: Act::Integration,
        about: "Disconnect a payment provider",
        operations: &[
            "disconnectStripe",
            "disconnectLemonSqueezy",
            "disconnectPolar",
            "disconnectPaddle",
            "disconnectShopify",
            "disconnectWooCommerce",
        ],
        more: &["provider"],
        confirm: "Disconnect this provider?",
        ..SITE
    },
    Command {
        name: "websites integrations resync",
        act: Act::Integration,
        about: "Read a provider's past payments again",
        operations: &[
            "resyncStripe",
            "resyncLemonSqueezy",
            "resyncPolar",
            "resyncPaddle",
            "resyncShopify",
            "resyncWooCommerce",
        ],
        more: &["provider"],
        ..SITE
    },
    Command {
        name: "websites integrations webhook-secret",
        act: Act::Integration,
        about: "Store the secret that a provider signs its webhooks with; it is asked for without echo, or read from stdin",
        operations: &[
            "setStripeWebhookSecret",
            "setLemonSqueezyWebhookSecret",
            "setPolarWebhookSecret",
            "setPaddleWebhookSecret",
            "setShopifyWebhookSecret",
            "setWooCommerceWebhookSecret",
        ],
        more: &["provider"],
        without: &["*"],
        ..SITE
    },
    Command { name: "websites integrations authorize", operations: &["authorizeWooCommerce"], ..SITE },
    Command { name: "websites integrations events", operations: &["listProviderEvents"], ..SITE },
    Command { name: "websites integrations event", operations: &["getProviderEvent"], ..SITE },
    Command { name: "websites integrations replay", operations: &["replayProviderEvent"], ..SITE },
    Command { name: "websites bot-traffic usage", operations: &["getBotUsage"], ..BASE },
    Command { name: "websites bot-traffic settings", operations: &["getBotSettings"], ..SITE },
    Command {
        name: "websites bot-traffic update",
        operations: &["updateBotSettings"],
        examples: &["websites bot-traffic update example.com --verified-only true --disable-companies ByteDance"],
        ..SITE
    },
    Command { name: "websites bot-traffic token", operations: &["getBotToken"], ..SITE },
    Command { name: "websites bot-traffic create-token", operations: &["createBotToken"], ..SITE },
    Command {
        name: "websites bot-traffic rotate-token",
        operations: &["rotateBotToken"],
        confirm: "Give the token a new value? Its old one stops working at once.",
        ..SITE
    },
    Command {
        name: "websites bot-traffic delete-token",
        operations: &["deleteBotToken"],
        confirm: "Delete the token?",
        ..SITE
    },
    // ── Goals ──
    Command {
        name: "goals list",
        act: Act::ListGoals,
        operations: &["listTrackedGoals"],
        columns: &["name", "total", "uv", "conversionRate", "displayName", "color", "description"],
        ..SITE
    },
    Command {
        name: "goals customizations",
        operations: &["listGoalCustomizations"],
        named: &[("goalName", "goal")],
        columns: &["goalName", "displayName", "color", "description", "updatedAt"],
        ..SITE
    },
    Command {
        name: "goals colors",
        act: Act::Colors,
        about: "List the colors that a goal can have",
        operations: &["listGoalCustomizations"],
        without: &["*"],
        ..SITE
    },
    Command {
        name: "goals customize",
        operations: &["customizeGoal"],
        more: &["goalName"],
        own: &[
            Own::Fixed { flag: "clear-display-name", field: "displayName", json: "null" },
            Own::Fixed { flag: "clear-color", field: "color", json: "null" },
            Own::Fixed { flag: "clear-description", field: "description", json: "null" },
        ],
        examples: &["goals customize example.com signup --display-name \"Signed up\" --color \"#8dcdff\""],
        ..SITE
    },
    Command {
        name: "goals reset",
        operations: &["resetGoal"],
        more: &["goalName"],
        confirm: "Reset how this goal is shown?",
        ..SITE
    },
    Command {
        name: "goals create",
        operations: &["createGoal"],
        more: &["name"],
        named: &[("datafast_visitor_id", "visitor|visitor-id"), ("metadata", "param")],
        examples: &["goals create signup --visitor 1d7aca88-0f2a-4f4b-8f4e-5f1c1c1d2a3b --param plan=pro"],
        ..FLAG
    },
    Command {
        name: "goals delete",
        operations: &["deleteGoals"],
        named: &[("datafast_visitor_id", "visitor|visitor-id")],
        without: &["start", "end"],
        confirm: "Delete these goals?",
        examples: &["goals delete --name signup --period today --yes"],
        ..FLAG
    },
    // ── Funnels ──
    Command {
        name: "funnels list",
        operations: &["listFunnels"],
        columns: &["id", "name", "steps", "isActive"],
        ..SITE
    },
    Command {
        name: "funnels view",
        about: "Show how many visitors take each step of a funnel",
        operations: &["getFunnelResult"],
        examples: &["funnels view example.com 6a1d74404efcfc7eaf61d4d8 --period last30d --country \"United States\""],
        ..SITE
    },
    Command {
        name: "funnels create",
        act: Act::CreateFunnel,
        operations: &["createFunnel"],
        examples: &[
            "funnels create example.com --name Signup --steps '[{\"name\":\"Home\",\"type\":\"pageview\",\"url\":\"/\"},{\"name\":\"Signed up\",\"type\":\"goal\",\"goalName\":\"signup\"}]'",
            "funnels create example.com --name Signup --steps @steps.json",
        ],
        ..SITE
    },
    Command {
        name: "funnels update",
        operations: &["updateFunnel"],
        without: &["isActive"],
        own: &[
            Own::Fixed { flag: "enable", field: "isActive", json: "true" },
            Own::Fixed { flag: "disable", field: "isActive", json: "false" },
        ],
        ..SITE
    },
    Command { name: "funnels delete", operations: &["deleteFunnel"], confirm: "Delete this funnel?", ..SITE },
    // ── Alerts ──
    Command {
        name: "alerts list",
        operations: &["listAlerts"],
        columns: &["id", "name", "trigger.goalName", "trigger.metric", "state", "isEnabled"],
        ..SITE
    },
    Command {
        name: "alerts get",
        act: Act::GetAlert,
        about: "Show one alert",
        operations: &["listAlerts"],
        more: &["alertId"],
        ..SITE
    },
    Command {
        name: "alerts create",
        act: Act::SetAlert,
        operations: &["createAlert"],
        named: ALERT_NAMES,
        without: ALERT_WITHOUT,
        own: alert_flags!(DISABLED, WEBHOOK),
        examples: &[
            "alerts create example.com --name \"New signup\" --goal signup",
            "alerts create example.com --name \"Few visitors\" --metric visitors --window 1h --below 10 --notify-resolved",
        ],
        ..SITE
    },
    Command {
        name: "alerts update",
        act: Act::SetAlert,
        operations: &["updateAlert"],
        named: ALERT_NAMES,
        without: ALERT_WITHOUT,
        own: alert_flags!(ENABLED, DISABLED, WEBHOOK),
        ..SITE
    },
    Command { name: "alerts delete", operations: &["deleteAlert"], confirm: "Delete this alert?", ..SITE },
    Command { name: "alerts history", operations: &["listAlertHistory"], named: &[("alertId", "alert")], ..SITE },
    Command { name: "alerts transitions", operations: &["listAlertTransitions"], ..SITE },
    Command { name: "alerts test", operations: &["testAlert"], ..SITE },
    Command {
        name: "alerts preview",
        act: Act::PreviewAlert,
        operations: &["previewAlert"],
        without: &["*"],
        own: alert_flags!(),
        examples: &["alerts preview example.com --metric visitors --window 1d --above 100"],
        ..SITE
    },
    // ── Reports ──
    Command {
        name: "analytics overview",
        operations: &["getOverview"],
        examples: &["analytics overview --country \"United States\" --os iOS"],
        ..FLAG
    },
    Command {
        name: "analytics timeseries",
        act: Act::Timeseries,
        operations: &["getTimeseries"],
        named: &[("goalName", "completions-of")],
        examples: &["analytics timeseries --fields visitors,revenue --interval day --filter page:contains=/docs"],
        ..FLAG
    },
    Command {
        name: "analytics pages",
        operations: &["listPages"],
        examples: &["analytics pages --filter page:contains=/docs --limit 25"],
        ..FLAG
    },
    Command {
        name: "analytics referrers",
        operations: &["listReferrers"],
        examples: &["analytics referrers --country \"United States\" --device mobile"],
        ..FLAG
    },
    report!("goals", "listGoals", ""),
    Command {
        name: "analytics goal-properties",
        operations: &["listGoalProperties"],
        named: &[("eventName", "event"), ("propertyName", "property")],
        ..FLAG
    },
    Command {
        name: "analytics realtime",
        act: Act::Realtime,
        operations: &["getRealtime"],
        own: &[Own::Value { flag: "watch", help: "Ask again every so many seconds, at least 5" }],
        examples: &["analytics realtime --watch 10"],
        ..FLAG
    },
    Command { name: "analytics realtime-map", aliases: &["map"], operations: &["getRealtimeMap"], ..FLAG },
    report!("countries", "listCountries", ""),
    report!("regions", "listRegions", ""),
    report!("cities", "listCities", ""),
    report!("devices", "listDevices", ""),
    report!("browsers", "listBrowsers", ""),
    Command { name: "analytics operating-systems", aliases: &["os"], operations: &["listOperatingSystems"], ..FLAG },
    report!("hostnames", "listHostnames", ""),
    report!("campaigns", "listCampaigns", ""),
    report!("channels", "listChannels", ""),
    report!("entry-pages", "listEntryPages", ""),
    report!("exit-pages", "listExitPages", ""),
    report!("exit-clicks", "listExitClicks", ""),
    report!("metadata", "getMetadata", ""),
    report!("bot-traffic", "getBotTraffic", ""),
    report!("bot-pages", "listBotPages", ""),
    // ── Visitors ──
    Command {
        name: "visitors list",
        operations: &["listVisitors"],
        own: &[Own::Fixed { flag: "not-customer", field: "isCustomer", json: "false" }],
        columns: &[
            "visitorId",
            "lastSeenAt",
            "currentUrl",
            "identity.country",
            "identity.device",
            "identity.browser",
            "acquisition.referrer",
        ],
        examples: &[
            "visitors list --visited-page /pricing --period last30d",
            "visitors list --visited-page-contains /docs --completed-goal signup --period last30d",
            "visitors list --device mobile --referrer Google --country France --period last30d",
            "visitors list --utm-campaign launch --is-customer --period last30d",
            "visitors list --completed-goal subscription_ended --period today",
        ],
        ..FLAG
    },
    Command { name: "visitors get", operations: &["getVisitor"], ..FLAG },
    Command {
        name: "visitors identify",
        act: Act::Identify,
        operations: &["identifyVisitor"],
        more: &["datafast_visitor_id"],
        own: &[Own::Values { flag: "set", help: "A trait of the user: plan=pro" }],
        examples: &["visitors identify 1d7aca88-0f2a-4f4b-8f4e-5f1c1c1d2a3b --user-id 42 --set plan=pro"],
        ..FLAG
    },
    Command {
        name: "visitors erase",
        operations: &["eraseVisitor"],
        confirm: "Erase everything that is stored of this visitor?",
        ..FLAG
    },
    // ── Payments ──
    Command {
        name: "payments create",
        aliases: &["track"],
        operations: &["createPayment"],
        named: PAYMENT_NAMES,
        examples: &["payments create --amount 49 --currency USD --transaction-id tx_1 --email jane@example.com"],
        ..FLAG
    },
    Command {
        name: "payments delete",
        operations: &["deletePayments"],
        named: PAYMENT_NAMES,
        without: &["tx_id", "start", "end"],
        confirm: "Delete these payments?",
        examples: &["payments delete --transaction-id tx_1 --yes"],
        ..FLAG
    },
    // ── Webhooks ──
    Command {
        name: "webhooks list",
        operations: &["listWebhooks"],
        columns: &["id", "url", "eventTypes", "goalNames", "isEnabled", "disabledReason"],
        ..SITE
    },
    Command { name: "webhooks get", operations: &["getWebhook"], ..SITE },
    Command {
        name: "webhooks create",
        operations: &["createWebhook"],
        named: WEBHOOK_NAMES,
        own: &[DISABLED],
        without: &["isEnabled"],
        examples: &[
            "webhooks create example.com --endpoint https://example.com/hooks --events goal.completed,payment.received",
        ],
        ..SITE
    },
    Command {
        name: "webhooks update",
        operations: &["updateWebhook"],
        named: WEBHOOK_NAMES,
        own: &[ENABLED, DISABLED],
        without: &["isEnabled"],
        ..SITE
    },
    Command {
        name: "webhooks delete",
        operations: &["deleteWebhook"],
        confirm: "Delete this webhook and its deliveries?",
        ..SITE
    },
    Command { name: "webhooks secret", operations: &["getWebhookSecret"], ..SITE },
    Command {
        name: "webhooks rotate",
        operations: &["rotateWebhookSecret"],
        confirm: "Rotate this webhook's secret?",
        ..SITE
    },
    Command { name: "webhooks test", operations: &["testWebhook"], ..SITE },
    Command {
        name: "webhooks deliveries",
        about: "List the deliveries of a website, or of one of its webhooks, newest first",
        act: Act::Deliveries,
        operations: &["listAllDeliveries", "listDeliveries"],
        more: &["webhookId"],
        own: &[Own::Switch { flag: "follow", help: "Show deliveries as they are made, until Ctrl+C" }],
        columns: &["id", "webhookId", "type", "status", "attemptCount", "lastStatusCode", "createdAt"],
        examples: &["webhooks deliveries example.com 6a1d74400a11e1c974506e53 --follow"],
        ..SITE
    },
    Command {
        name: "webhooks stats",
        about: "Show how a webhook is doing, by the hour or the day",
        act: Act::WebhookStats,
        operations: &["getWebhookStats"],
        columns: &["at", "delivered", "failed", "missed", "p50Ms", "p95Ms"],
        examples: &["webhooks stats example.com 6a1d74400a11e1c974506e53 --interval day --since 2026-05-01"],
        ..SITE
    },
    Command { name: "webhooks delivery", operations: &["getDelivery"], ..SITE },
    Command {
        name: "webhooks resend",
        about: "Send one delivery again, or with --since all of a range",
        operations: &["resendDeliveries", "resendDelivery"],
        more: &["deliveryId"],
        examples: &["webhooks resend example.com 6a1d74400a11e1c974506e53 6a1d7440d21912423cb147f2"],
        ..SITE
    },
    // ── Audit log ──
    Command {
        name: "audit list",
        operations: &["listAudit"],
        without: &["format"],
        columns: &["at", "client", "operation", "target", "country"],
        examples: &["audit list --since 2026-01-31 --client mcp", "audit list --csv"],
        ..BASE
    },
    Command {
        name: "audit website",
        operations: &["listWebsiteAudit"],
        without: &["format"],
        columns: &["at", "account.email", "client", "operation", "target", "country"],
        examples: &["audit website example.com --operation updateWebsite"],
        ..SITE
    },
    // ── Notes ──
    Command {
        name: "notes list",
        operations: &["listNotes"],
        columns: &["id", "timestamp", "text", "author.name"],
        ..SITE
    },
    Command {
        name: "notes create",
        operations: &["createNote"],
        without: &["idempotencyKey"],
        examples: &["notes create example.com --timestamp 2026-01-31 --text \"Launch\""],
        ..SITE
    },
    Command { name: "notes update", operations: &["updateNote"], ..SITE },
    Command { name: "notes delete", operations: &["deleteNote"], confirm: "Delete this note?", ..SITE },
    Command { name: "mentions list", operations: &["listMentions"], ..FLAG },
    // ── The rest ──
    Command {
        name: "import",
        act: Act::Import,
        about: "Bring past events into a website; one that breaks off can be run again",
        operations: &["importEvents"],
        more: &["file"],
        examples: &["import example.com events.ndjson", "import example.com - < events.ndjson"],
        ..SITE
    },
    Command {
        name: "export",
        act: Act::Export,
        about: "Take everything out of a website",
        operations: &["exportEvents"],
        own: &[Own::Value { flag: "output", help: "The file that is written; without it, stdout" }],
        examples: &[
            "export example.com --output events.ndjson",
            "export example.com --format parquet --output events.parquet",
        ],
        ..SITE
    },
    Command {
        name: "api",
        act: Act::Api,
        about: "Call any route, with authentication; {websiteId} in the path is filled in",
        more: &["method", "path"],
        own: &[
            Own::Values { flag: "field", help: "A field: of the query for GET and DELETE, otherwise of the body" },
            Own::Value { flag: "data", help: "The body: JSON, @file, or - for stdin" },
        ],
        examples: &["api GET /admin/websites", "api POST /admin/websites -f domain=example.com -f timezone=UTC"],
        ..FLAG
    },
    Command { name: "open", act: Act::Open, about: "Open the console in a browser", more: &["website"], ..BASE },
    Command {
        name: "mcp config",
        act: Act::McpConfig,
        about: "Print what connects an agent to the gateway: claude, codex or cursor",
        more: &["client"],
        examples: &["mcp config claude"],
        ..BASE
    },
];
