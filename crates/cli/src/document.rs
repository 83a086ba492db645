//! docs/cli.md, from the table.

use crate::operations::{self, Kind};
use crate::table::{COMMANDS, Command, Own};

/// What no table says.
const INTRODUCTION: &str = r#"# Command line

`sluice` does from a terminal what the API does: it finds a website by its domain, prints tables for people and JSON for programs, and
asks only on a terminal. Called through a link named `datafast`, it calls itself so.

```sh not-run="builds the command line"
cargo install --path crates/cli    # from a checkout of Sluice; or: make cli
sluice login --url https://your-gateway.example
sluice analytics overview --period last30d --website example.com
```

## Where to, and as whom

A flag wins over the environment, the environment over the file, `~/.config/sluice/config.json` (only its owner can read it).

| what | flag | variable | in the file |
| --- | --- | --- | --- |
| the gateway's address | `--url` | `SLUICE_URL`, or `DATAFAST_API_BASE` | `url` |
| account token | none: the process list would show it | `SLUICE_TOKEN` | `token` |
| website key | none | `SLUICE_SITE_KEY` | `siteKey` |
| default website: id, tracking id or domain | `--website` | `SLUICE_WEBSITE` | `website` |

`DATAFAST_TOKEN` and `DATAFAST_SITE_KEY` count only together with `DATAFAST_API_BASE`, so that a token for datafa.st goes nowhere else. The
token goes to the gateway only: no redirect is followed, and `http` is refused but for this machine.

## What is printed

| where | what |
| --- | --- |
| a terminal | a table, in the website's time zone and currency |
| a pipe | the same columns between tabs: raw values, no header |
| `--json` | the answer as the gateway sent it; of an error, its envelope |
| `--csv` | the rows of a list, with a header |

`--fields a,b` chooses columns, and `--all` follows the pages to the end. Data is on stdout, everything else on stderr. A new key or token is
alone on stdout. `--no-color` and `NO_COLOR` switch colours off.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | refused, or failed |
| 2 | wrong usage, or something is missing and nobody can be asked |
| 4 | no credential, or one that is not accepted |
| 130 | interrupted |

Nobody is asked where stdin or stdout is no terminal, where `CI` is set, or with `--json`, `--csv` or `--no-input`. What cannot be undone
needs `--yes` then. A request that is refused for now (429) is repeated after the time that the gateway names; one that finds no gateway only if
it cannot happen twice. `--no-retry` repeats nothing.

## Ranges and filters

`--period` takes `today`, `yesterday`, `last24h`, `last7d`, `last30d`, `last12m`, `week`, `month`, `year` and `all`; `--from` and `--to` take days
or times with their zone. Days are those of the website's zone, or of `--timezone`. Reports take a flag for each [filter](analytics.md) of
the API, such as `--country "United States"` or `--page contains:/docs`, and `--filter page:contains=/docs`.

## Commands

`<id>` is needed, and asked for on a terminal; a website may be left out where there is a default one. `sluice <command> --help` has examples.
"#;

pub fn markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut noun = "-";
    for command in COMMANDS {
        let first = if command.noun().is_empty() { "" } else { command.name.split(' ').next().unwrap_or_default() };
        if first != noun {
            noun = first;
            let title = if noun.is_empty() { "Single commands" } else { noun };
            // The single commands stand in two places of the table.
            if !(noun.is_empty() && text.contains("\n### Single commands")) {
                text.push_str(&format!("\n### {title}\n\n| command | what it does | flags |\n| --- | --- | --- |\n"));
            }
        }
        text.push_str(&row(command));
    }
    text
}

fn row(command: &Command) -> String {
    let ids: String = command
        .ids()
        .iter()
        .map(|(id, needed)| if *needed { format!(" <{id}>") } else { format!(" [{id}]") })
        .collect::<Vec<_>>()
        .concat();
    let mut flags: Vec<String> = Vec::new();
    let mut filters = false;
    for field in command.flags() {
        if field.name.starts_with("filter_") {
            filters = true;
            continue;
        }
        let name = command.names(field).into_iter().next().unwrap_or_default();
        let needed = if field.required && field.name != "template.message" { "" } else { "?" };
        let value = match field.kind {
            Kind::Switch => " true\\|false",
            Kind::List(_) => " a,b",
            Kind::Map => " key=value",
            Kind::Json => " json",
            Kind::Number => " number",
            Kind::Text(_) => " text",
        };
        flags.push(if needed.is_empty() { format!("`--{name}{value}`") } else { format!("[`--{name}{value}`]") });
    }
    if command.has_range() {
        flags.push("a range".to_owned());
    }
    if filters {
        flags.push("filters".to_owned());
    }
    for own in command.own {
        flags.push(match own {
            Own::Fixed { flag, .. } | Own::Switch { flag, .. } => format!("[`--{flag}`]"),
            Own::Value { flag, .. } | Own::Values { flag, .. } => format!("[`--{flag} value`]"),
        });
    }
    if !command.confirm.is_empty() {
        flags.push("[`--yes`]".to_owned());
    }
    let calls = command.operations.first().and_then(|id| operations::find(id));
    let calls = calls.map_or_else(String::new, |operation| format!(" (`{} {}`)", operation.method, operation.path));
    format!("| `{}{ids}` | {}{calls} | {} |\n", command.name, command.summary().replace('|', "\\|"), flags.join(", "))
}
