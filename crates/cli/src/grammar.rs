//! The table as clap understands it: nouns, verbs, ids and flags.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command as Clap};

use crate::operations::{self, Field, Kind, Operation, Place};
use crate::period::PERIODS;
use crate::table::{Act, COMMANDS, Command, Own, Site};

/// What nouns are about.
const NOUNS: &[(&str, &str)] = &[
    ("config", "What is configured on this machine"),
    ("completion", "Completion of the shell, and the man page"),
    ("account", "Your account"),
    ("tokens", "Account tokens"),
    ("websites", "Websites, their keys, team and payment providers"),
    ("websites apikeys", "Keys that reach one website"),
    ("websites team", "Members and invitations of a website"),
    ("websites integrations", "Payment providers of a website"),
    ("websites bot-traffic", "Which crawlers are counted, and the token of a server that counts them"),
    ("goals", "Goals, and how they are shown"),
    ("funnels", "Funnels and their results"),
    ("alerts", "Alerts, their history and states"),
    ("analytics", "Reports"),
    ("visitors", "Visitors one by one"),
    ("payments", "Payments from your own backend"),
    ("webhooks", "Webhooks, their deliveries and secrets"),
    ("audit", "Who has changed what"),
    ("notes", "Notes on a website's chart"),
    ("mentions", "Mentions of a website"),
    ("mcp", "Agents that use the gateway"),
];

impl Command {
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operations.first().and_then(|id| operations::find(id))
    }

    /// What it does, in a line.
    pub fn summary(&self) -> &'static str {
        if self.about.is_empty() { self.operation().map_or("", |operation| operation.summary) } else { self.about }
    }

    pub fn noun(&self) -> &'static str {
        self.name.rsplit_once(' ').map_or("", |(noun, _)| noun)
    }

    pub fn verb(&self) -> &'static str {
        self.name.rsplit_once(' ').map_or(self.name, |(_, verb)| verb)
    }

    /// The ids behind the verb, in order, with whether each is needed.
    pub fn ids(&self) -> Vec<(&'static str, bool)> {
        let mut ids = Vec::new();
        if self.site == Site::First {
            ids.push(("websiteId", true));
        }
        let operation = self.operation();
        let of_path = operation.map_or(&[][..], |operation| operation.ids);
        if self.act != Act::Integration {
            ids.extend(of_path.iter().filter(|id| **id != "websiteId").map(|id| (*id, true)));
        }
        let is_needed = |name: &str| {
            let is_field = operation.and_then(|operation| operation.field(name)).is_some_and(|field| field.required);
            is_field
                || matches!(name, "file" | "alertId" | "method" | "path" | "provider")
                || name == "website" && self.act == Act::SetWebsite
        };
        ids.extend(self.more.iter().map(|&name| (name, is_needed(name))));
        ids
    }

    /// The fields of its operation that are flags.
    pub fn flags(&self) -> impl Iterator<Item = &'static Field> {
        let fields = self.operation().map_or(&[][..], |operation| operation.fields);
        fields.iter().filter(|field| {
            let is_common = matches!(field.name, "websiteId" | "fields" | "startAt" | "endAt");
            !is_common
                && !self.more.contains(&field.name)
                && !self.without.contains(&field.name)
                && !self.without.contains(&"*")
        })
    }

    /// The names of a field's flag, the usual one first.
    pub fn names(&self, field: &Field) -> Vec<String> {
        if let Some((_, names)) = self.named.iter().find(|(name, _)| *name == field.name) {
            return names.split('|').map(str::to_owned).collect();
        }
        let name = field.name.rsplit('.').next().unwrap_or(field.name);
        vec![kebab(name.strip_prefix("filter_").unwrap_or(name))]
    }

    pub fn takes_fields(&self) -> bool {
        self.operation().is_some_and(|operation| operation.field("fields").is_some())
    }

    pub fn has_range(&self) -> bool {
        self.operation().is_some_and(Operation::has_range)
    }
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(if char == '_' { '-' } else { char.to_ascii_lowercase() });
    }
    kebab
}

/// The whole grammar, for a binary of this name.
pub fn clap(name: &'static str) -> Clap {
    let mut root = Clap::new(name)
        .version(env!("CARGO_PKG_VERSION"))
        .about("Everything that a Sluice gateway does, from a terminal")
        .subcommand_value_name("COMMAND")
        .disable_help_subcommand(false)
        .infer_subcommands(false)
        .args(common());
    for command in COMMANDS.iter().filter(|command| command.noun().is_empty()) {
        root = root.subcommand(leaf(name, command));
    }
    for (noun, about) in NOUNS.iter().filter(|(noun, _)| !noun.contains(' ')) {
        root = root.subcommand(branch(name, noun, noun, about));
    }
    root
}

fn branch(name: &'static str, path: &'static str, noun: &'static str, about: &'static str) -> Clap {
    let mut clap = Clap::new(noun).about(about);
    if path == "websites" {
        clap = clap.visible_alias("website");
    }
    for command in COMMANDS.iter().filter(|command| command.noun() == path) {
        clap = clap.subcommand(leaf(name, command));
    }
    for (deeper, about) in NOUNS {
        if let Some(noun) = deeper.strip_prefix(path).and_then(|rest| rest.strip_prefix(' ')) {
            clap = clap.subcommand(branch(name, deeper, noun, about));
        }
    }
    clap
}

fn leaf(name: &'static str, command: &'static Command) -> Clap {
    let mut clap = Clap::new(command.verb())
        .about(command.summary())
        .visible_aliases(command.aliases.iter().copied())
        .after_long_help(details(name, command));
    for (id, _) in command.ids() {
        clap = clap.arg(Arg::new(format!("id:{id}")).value_name(id).allow_hyphen_values(id == "file"));
    }
    for field in command.flags() {
        clap = clap.arg(flag(command, field));
    }
    if command.has_range() {
        clap = clap.args(range());
    }
    if command.operation().is_some_and(Operation::has_filters) {
        let filter =
            Arg::new("filter").short('F').long("filter").value_name("key:operator=value").action(ArgAction::Append);
        clap = clap.arg(filter.help("A filter, such as page:contains=/docs"));
    }
    for own in command.own {
        clap = clap.arg(own_flag(own));
    }
    if !command.confirm.is_empty() {
        let yes = Arg::new("yes").short('y').long("yes").visible_alias("force").action(ArgAction::SetTrue);
        clap = clap.arg(yes.help("Do not ask for a confirmation"));
    }
    clap
}

fn flag(command: &Command, field: &'static Field) -> Arg {
    let mut names = command.names(field).into_iter();
    let mut arg = Arg::new(field.name).long(names.next().unwrap_or_default()).help(help(field));
    for alias in names {
        arg = arg.visible_alias(alias);
    }
    match field.kind {
        Kind::Text(choices) if !choices.is_empty() && !field.nullable => {
            arg.value_parser(PossibleValuesParser::new(choices))
        }
        Kind::Text(_) => arg.allow_hyphen_values(true),
        Kind::List(_) => arg.action(ArgAction::Append).value_name("a,b"),
        Kind::Number => arg.value_name("number").allow_negative_numbers(true),
        Kind::Switch => {
            let values = PossibleValuesParser::new(["true", "false"]);
            arg.num_args(0..=1)
                .default_missing_value("true")
                .value_parser(values)
                .hide_possible_values(true)
                .value_name("true|false")
        }
        Kind::Map => arg.action(ArgAction::Append).value_name("key=value"),
        Kind::Json => arg.value_name("json|@file|-").allow_hyphen_values(true),
    }
}

fn help(field: &Field) -> String {
    let text = field.help.lines().next().unwrap_or_default().trim_end_matches('.').replace('`', "");
    let text = if text.is_empty() && field.place == Place::Query { "Filters by this".to_owned() } else { text };
    match field.kind {
        Kind::Text(choices) if field.nullable && !choices.is_empty() => format!("{text} [{}]", choices.join(", ")),
        Kind::List(choices) if !choices.is_empty() => {
            format!("{text} [{}]", choices.join(", ")).trim_start().to_owned()
        }
        _ => text,
    }
}

fn own_flag(own: &'static Own) -> Arg {
    let arg = |flag: &'static str| {
        let arg = Arg::new(flag).long(flag);
        match flag {
            "output" => arg.short('o'),
            "field" => arg.short('f'),
            "data" => arg.short('d').allow_hyphen_values(true),
            _ => arg,
        }
    };
    match *own {
        Own::Fixed { flag, field, json } => {
            let value = if json == "null" { "nothing".to_owned() } else { json.to_owned() };
            arg(flag).action(ArgAction::SetTrue).help(format!("Sets {field} to {value}"))
        }
        Own::Value { flag, help } => arg(flag).help(help).allow_negative_numbers(true),
        Own::Values { flag, help } => arg(flag).help(help).action(ArgAction::Append),
        Own::Switch { flag, help } => arg(flag).help(help).action(ArgAction::SetTrue),
    }
}

fn range() -> [Arg; 3] {
    [
        Arg::new("period")
            .long("period")
            .value_parser(PossibleValuesParser::new(PERIODS))
            .conflicts_with_all(["from", "to"])
            .help("A range that ends now, in the website's days"),
        Arg::new("from").long("from").alias("start").help("The first day (YYYY-MM-DD), or a time with its zone"),
        Arg::new("to").long("to").alias("end").help("The last day, or a time with its zone; without it, today"),
    ]
}

/// The flags of every command.
fn common() -> Vec<Arg> {
    let value = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).global(true).help(help).help_heading("Everywhere")
    };
    let switch = |name: &'static str, help: &'static str| value(name, help).action(ArgAction::SetTrue);
    vec![
        // Not `url`: that is a field of webhooks.
        value("gateway", "The gateway's address").long("url"),
        value("website", "The website: id, tracking id or domain").alias("website-id"),
        switch("json", "Print the answer as the gateway sent it"),
        switch("csv", "Print rows as CSV").conflicts_with("json"),
        value("fields", "Columns, separated by commas"),
        switch("all", "Follow the pages to the end"),
        switch("no-input", "Never ask"),
        switch("no-color", "No colours"),
        switch("no-retry", "Do not repeat what fails for now"),
        switch("verbose", "Tell about every request"),
        switch("insecure-http", "Allow http to another machine"),
    ]
}

/// Examples and endpoints, below the long help.
fn details(name: &str, command: &Command) -> String {
    let mut text = String::new();
    if !command.examples.is_empty() {
        text.push_str("Examples:\n");
        for example in command.examples {
            text.push_str(&format!("  {name} {example}\n"));
        }
    }
    for operation in command.operations.iter().filter_map(|id| operations::find(id)) {
        text.push_str(&format!("\nCalls {} {}", operation.method, operation.path));
        let needs = operation.tokens.iter().chain(operation.permissions).copied().collect::<Vec<_>>().join(", ");
        text.push_str(&format!(" ({needs})"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;

    /// What no command is for; `sluice api` reaches it all the same.
    const NOT_FOR_TERMINALS: &[(&str, &str)] = &[
        ("trackEvent", "the tracking script's"),
        ("trackCrawl", "a website's server's"),
        ("getReportsPage", "a page"),
        ("unsubscribeFromReports", "a page's"),
        ("receiveProviderEvent", "a payment provider's"),
        ("createFirstAccount", "the operator's, with the set-up secret"),
        ("createConsoleTicket", "the operator's, with the set-up secret"),
        ("acceptInvitation", "the invitation page's"),
        ("getInvitationPage", "a page"),
        ("getUnsubscribePage", "a page"),
        ("unsubscribe", "a page's"),
        ("getScript", "a script of websites"),
        ("getCookielessScript", "a script of websites"),
        ("getHashScript", "a script of websites"),
        ("getHealth", "a monitor's"),
        ("getOpenApi", "for programs"),
    ];

    #[test]
    fn every_operation_has_a_command() {
        for operation in OPERATIONS {
            let is_consoles = operation.path.starts_with("/api/v1/console/");
            let is_left_out = is_consoles || NOT_FOR_TERMINALS.iter().any(|(id, _)| *id == operation.id);
            let has_command = COMMANDS.iter().any(|command| command.operations.contains(&operation.id));
            assert_ne!(is_left_out, has_command, "{}: a command, or a reason for none", operation.id);
        }
        for (id, _) in NOT_FOR_TERMINALS {
            assert!(operations::find(id).is_some(), "{id} is no operation");
        }
    }

    #[test]
    fn the_table_names_what_there_is() {
        for command in COMMANDS {
            for id in command.operations {
                assert!(operations::find(id).is_some(), "{}: no operation {id}", command.name);
            }
            let has = |field: &str| command.operation().is_some_and(|operation| operation.field(field).is_some());
            for (field, _) in command.named {
                let elsewhere = COMMANDS.iter().any(|other| {
                    std::ptr::eq(other.named, command.named)
                        && other.operation().is_some_and(|one| one.field(field).is_some())
                });
                assert!(has(field) || elsewhere, "{}: no field {field}", command.name);
            }
            for own in command.own {
                if let Own::Fixed { field, json, .. } = own {
                    assert!(has(field), "{}: no field {field}", command.name);
                    assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{}: {json}", command.name);
                }
            }
            assert!(!command.summary().is_empty(), "{}: what does it do?", command.name);
            if !command.noun().is_empty() {
                assert!(
                    NOUNS.iter().any(|(noun, _)| *noun == command.noun()),
                    "{}: a noun without a line",
                    command.name
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_undone_asks() {
        for command in COMMANDS {
            let deletes = command.operation().is_some_and(|operation| operation.method == "DELETE");
            assert!(!deletes || !command.confirm.is_empty(), "{} does not ask", command.name);
        }
    }

    #[test]
    fn clap_takes_the_grammar_and_every_example() {
        let root = clap("sluice");
        root.clone().debug_assert();
        for command in COMMANDS {
            for example in command.examples {
                let words = shell_words(example.split(" < ").next().unwrap_or(example));
                let matched = root.clone().try_get_matches_from(std::iter::once("sluice".to_owned()).chain(words));
                assert!(matched.is_ok(), "{example}: {}", matched.expect_err("refused"));
            }
        }
    }

    /// Words as a shell would split them, with both kinds of quotes.
    fn shell_words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for char in line.chars() {
            match (quote, char) {
                (Some(open), char) if char == open => quote = None,
                (None, '"' | '\'') => quote = Some(char),
                (None, ' ') => words.push(std::mem::take(&mut word)),
                (_, char) => word.push(char),
            }
        }
        words.push(word);
        words
    }

    #[test]
    fn names_of_flags_are_those_of_the_contract() {
        let flags = |name: &str| {
            let command = COMMANDS.iter().find(|command| command.name == name).expect("a command");
            let own = command.own.iter().map(|own| match own {
                Own::Fixed { flag, .. }
                | Own::Value { flag, .. }
                | Own::Values { flag, .. }
                | Own::Switch { flag, .. } => (*flag).to_owned(),
            });
            command.flags().flat_map(|field| command.names(field)).chain(own).collect::<Vec<_>>()
        };
        for (name, wanted) in [
            (
                "websites update",
                "name domain timezone kpi kpi-color-scheme cookieless include-renewal-revenue excluded-ips currency revenue-metric \
                 allowed-hostnames excluded-paths excluded-countries excluded-hostnames attack-mode all-hostnames public-dashboard \
                 public-data weekly-reports viral-alerts trusted-proxies clear-kpi",
            ),
            ("websites create", "domain timezone name"),
            ("websites team invite", "email role"),
            ("tokens create", "name permissions websites no-copy"),
            ("goals create", "visitor visitor-id param description"),
            ("goals delete", "visitor name"),
            ("goals customize", "display-name color description clear-color clear-description clear-display-name"),
            ("funnels update", "name enable disable steps"),
            (
                "alerts create",
                "name goal subject message disabled metric window above below increase-pct decrease-pct for cooldown notify-resolved webhook",
            ),
            ("alerts update", "name goal enabled disabled subject message"),
            ("alerts history", "alert limit"),
            (
                "analytics pages",
                "limit offset timezone country region city device browser os referrer page entry-page hostname goal ref source via \
                 utm-source utm-medium utm-campaign utm-term utm-content visit-count",
            ),
            ("analytics timeseries", "interval limit"),
            (
                "visitors list",
                "visited-page visited-page-contains completed-goal country device referrer utm-campaign is-customer region city browser \
                 os hostname ref source via not-customer",
            ),
            (
                "payments create",
                "amount currency transaction-id tx-id visitor email name customer-id renewal refunded free-trial timestamp",
            ),
            ("payments delete", "transaction-id visitor"),
        ] {
            let has = flags(name);
            for flag in wanted.split_whitespace() {
                assert!(has.iter().any(|one| one == flag), "{name} has no --{flag}, only {has:?}");
            }
        }
    }
}
