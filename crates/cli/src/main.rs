//! The command line of Sluice (docs/contract/cli.md).

mod alerts;
mod analytics;
mod api;
mod call;
mod client;
mod context;
mod document;
mod failure;
mod filters;
mod goals;
mod grammar;
mod integrations;
mod json;
mod operations;
mod output;
mod period;
mod prompt;
mod run;
mod screen;
mod sending;
mod session;
mod settings;
mod shell;
mod table;
mod transfer;
mod webhooks;
mod websites;

use std::process::ExitCode;

use clap::ArgMatches;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::table::{COMMANDS, Command};

/// Nouns that list without a terminal, where a person would choose a verb.
const LISTING: [&str; 2] = ["goals", "alerts"];

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    let name = match arguments.first().map(std::path::Path::new).and_then(|path| path.file_stem()) {
        Some(stem) if stem == "datafast" => "datafast",
        _ => "sluice",
    };
    // What writes docs/cli.md; no command of the user's.
    if arguments.get(1).is_some_and(|first| first == "--document") {
        return end(screen::print(&document::markdown()), false);
    }
    loop {
        let matches = match grammar::clap(name).try_get_matches_from(&arguments) {
            Ok(matches) => matches,
            Err(error) => {
                let _ = error.print();
                return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(failure::USAGE));
            }
        };
        let is_json = matches.get_flag("json");
        let (path, innermost) = verb(&matches);
        match find(&path) {
            Some(command) => {
                let outcome =
                    Context::new(name, innermost).and_then(|mut context| run::run(&mut context, command, innermost));
                return end(outcome, is_json);
            }
            None => match choose(name, &path, innermost) {
                // As if it had been typed.
                Ok(Some(verb)) => arguments.push(verb.into()),
                Ok(None) => return ExitCode::SUCCESS,
                Err(failure) => return end(Err(failure), is_json),
            },
        }
    }
}

fn end(outcome: Outcome, is_json: bool) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            run::tell(&failure, is_json);
            ExitCode::from(failure.code)
        }
    }
}

/// The noun and verb that were matched, and the matches of the verb.
fn verb(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (mut path, mut innermost) = (Vec::new(), matches);
    while let Some((word, deeper)) = innermost.subcommand() {
        path.push(word);
        innermost = deeper;
    }
    (path.join(" "), innermost)
}

fn find(path: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == path)
}

/// What follows a noun that stands alone: what a person picks, a list for some, the help otherwise.
fn choose(name: &'static str, path: &str, matches: &ArgMatches) -> Outcome<Option<&'static str>> {
    let context = Context::new(name, matches)?;
    if LISTING.contains(&path) && !context.screen.prompts {
        return Ok(Some("list"));
    }
    let prefix = format!("{path} ");
    let mut words: Vec<&'static str> = Vec::new();
    for command in COMMANDS {
        let rest = if path.is_empty() { Some(command.name) } else { command.name.strip_prefix(&prefix) };
        if let Some(word) = rest.and_then(|rest| rest.split(' ').next())
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    if context.screen.prompts && !path.is_empty() {
        return run::pick(&words);
    }
    let sentence =
        if path.is_empty() { "a command is missing".to_owned() } else { format!("{path}: a verb is missing") };
    Err(Failure::usage(format!("{sentence}: {}", words.join(", ")))
        .hint(format!("{name} {path} --help").replace("  ", " ")))
}
