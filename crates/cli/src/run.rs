//! What a command does, by its row of the table; a noun that stands alone; and how a failure is told.

use clap::ArgMatches;

use crate::call::Call;
use crate::context::{Context, answers_list};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::output::Mode;
use crate::prompt;
use crate::screen::{self, note};
use crate::table::{Act, Command};
use crate::{alerts, analytics, api, goals, integrations, sending, session, shell, transfer, webhooks, websites};

pub fn run(context: &mut Context, command: &'static Command, matches: &ArgMatches) -> Outcome {
    if context.mode == Mode::Csv && !gives_rows(command) {
        return Err(Failure::usage("--csv is for commands that list rows"));
    }
    let call = Call::new(context, command, matches);
    match command.act {
        Act::Call => sending::send(context, &call),
        Act::Login => session::login(context, &call),
        Act::Logout => session::logout(context),
        Act::Whoami => session::whoami(context),
        Act::ConfigShow => session::show(context),
        Act::SetWebsite => session::set_website(context, &call),
        Act::ClearWebsite => session::clear_website(context),
        Act::InstallCompletion => shell::install(context.name),
        Act::UninstallCompletion => shell::uninstall(context.name),
        Act::PrintCompletion => shell::print(context.name, command.verb()),
        Act::Manual => shell::manual(context.name),
        Act::CreateToken => session::create_token(context, &call),
        Act::DeleteToken => session::delete_token(context, &call),
        Act::CreateWebsite => websites::create(context, &call),
        Act::UpdateWebsite => websites::update(context, &call),
        Act::Kpi => websites::kpi(context, &call),
        Act::NamedMember => websites::named_member(context, &call),
        Act::OfTeam => websites::of_team(context, &call),
        Act::Integration => integrations::run(context, &call),
        Act::ListGoals => goals::list(context, &call),
        Act::Colors => goals::colors(context, &call),
        Act::CreateFunnel => goals::create_funnel(context, &call),
        Act::GetAlert => alerts::get(context, &call),
        Act::SetAlert => alerts::set(context, &call),
        Act::PreviewAlert => alerts::preview(context, &call),
        Act::Timeseries => analytics::timeseries(context, &call),
        Act::Realtime => analytics::realtime(context, &call),
        Act::Identify => analytics::identify(context, &call),
        Act::Deliveries => webhooks::deliveries(context, &call),
        Act::WebhookStats => webhooks::stats(context, &call),
        Act::Import => transfer::import(context, &call),
        Act::Export => transfer::export(context, &call),
        Act::Api => api::call(context, &call),
        Act::Open => api::open(context, &call),
        Act::McpConfig => api::mcp(context, &call),
    }
}

fn gives_rows(command: &Command) -> bool {
    let is_own =
        matches!(command.act, Act::Colors | Act::Deliveries | Act::WebhookStats | Act::Timeseries | Act::ListGoals);
    is_own || command.operation().is_some_and(answers_list)
}

/// A noun without a verb: its verbs to choose from.
pub fn pick(verbs: &[&'static str]) -> Outcome<Option<&'static str>> {
    let mut verbs = verbs.to_vec();
    verbs.push("Cancel");
    let picked = prompt::select("Command:", verbs)?;
    Ok((picked != "Cancel").then_some(picked))
}

/// Tells of a failure: on stderr, or with `--json` as the gateway's own error on stdout.
pub fn tell(failure: &Failure, is_json: bool) {
    if failure.message.is_empty() {
        return;
    }
    if is_json {
        let own = || {
            let mut body = Json::Object(vec![("status".to_owned(), Json::text("error"))]);
            body.set("error.code", Json::Number(failure.code.to_string()));
            body.set("error.message", Json::text(&failure.message));
            body.to_string()
        };
        let _ = screen::print(&format!("{}\n", failure.envelope.clone().unwrap_or_else(own).trim_end()));
        return;
    }
    note(&format!("error: {}", failure.message));
    if let Some(hint) = &failure.hint {
        note(&format!("hint: {hint}"));
    }
}
