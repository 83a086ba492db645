//! Any route, the console in a browser, and what connects agents.

use std::process::{Command as Process, Stdio};

use crate::call::{Call, content};
use crate::client::Request;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::operations::{OPERATIONS, Operation};
use crate::output::Mode;
use crate::screen::{self, note};

pub fn call(context: &Context, call: &Call) -> Outcome {
    let (Some(method), Some(path)) = (call.id("method"), call.id("path")) else {
        return Err(call.missing(context, "<method> or <path>"));
    };
    let method = method.to_ascii_uppercase();
    if !matches!(method.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE") {
        return Err(Failure::usage(format!("{method}: GET, POST, PUT, PATCH or DELETE")));
    }
    let mut request = Request::new(&method, full(path)?);
    let website = request.path.contains("{websiteId}") || request.path.contains(":websiteId");
    if website {
        let id = context.website(None)?;
        request.path = request.path.replace("{websiteId}", &id).replace(":websiteId", &id);
    }
    let operation = find(&method, &request.path);
    request.keyed = operation.is_some_and(|operation| operation.keyed);
    let wants_website = operation.is_some_and(|operation| operation.field("websiteId").is_some());
    let has_website = request.path.contains("websiteId=");
    if wants_website && !has_website && !context.settings.has_only_key() && context.has_default_website() {
        request.query.push(("websiteId".to_owned(), context.website(None)?));
    }
    let in_query = matches!(method.as_str(), "GET" | "DELETE");
    let mut body = Json::Object(Vec::new());
    for field in call.texts("field") {
        let (key, value) =
            field.split_once('=').ok_or_else(|| Failure::usage(format!("-f {field}: key=value is needed")))?;
        if in_query {
            request.query.push((key.to_owned(), value.to_owned()));
        } else {
            body.set(key, Json::parse(value).unwrap_or_else(|| Json::text(value)));
        }
    }
    request.body = match call.text("data") {
        Some(data) => Some(content(data)?),
        None if in_query => None,
        None => Some(body.to_string()),
    };
    let is_lines = operation.is_some_and(|operation| operation.id == "importEvents");
    request.media_type = is_lines.then_some("application/x-ndjson");
    if context.all {
        return context.show_json(&crate::sending::all(context, &request)?);
    }
    let answer = context.client()?.call(&request)?;
    if Json::parse(&answer.text).is_some() { context.show_json(&answer.text) } else { screen::print(&answer.text) }
}

/// `/admin/account` below `/api/v1`, and the few paths that are not below it.
fn full(path: &str) -> Outcome<String> {
    let path = format!("/{}", path.trim_start_matches('/'));
    if path.contains(['#', ' ', '\\']) || path.contains("..") {
        return Err(Failure::usage(format!("{path} is no path")));
    }
    let is_root = ["/api/", "/healthz", "/openapi.json", "/js/"].iter().any(|root| path.starts_with(root));
    Ok(if is_root { path } else { format!("/api/v1{path}") })
}

fn find(method: &str, path: &str) -> Option<&'static Operation> {
    let path = path.split('?').next().unwrap_or_default();
    OPERATIONS.iter().find(|operation| {
        let (mut wanted, mut given) = (operation.path.split('/'), path.split('/'));
        operation.method == method
            && wanted
                .by_ref()
                .zip(given.by_ref())
                .all(|(wanted, given)| wanted == given || wanted.starts_with('{') && !given.is_empty())
            && operation.path.split('/').count() == path.split('/').count()
    })
}

/// Opens the console, where the gateway has one.
pub fn open(context: &Context, call: &Call) -> Outcome {
    let url = context.settings.url()?;
    let has_console = context.client_for(url, "").ask(&Request::get("/console"))?.status < 400;
    if !has_console {
        return Err(Failure::failed(format!("{url} serves no console")));
    }
    let address = match call.id("website") {
        Some(named) => format!("{url}/console/w/{}", context.website(Some(named))?),
        None => format!("{url}/console"),
    };
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let quiet = || Stdio::null();
    let opened = context.screen.terminal
        && Process::new(program)
            .arg(&address)
            .stdin(quiet())
            .stdout(quiet())
            .stderr(quiet())
            .status()
            .is_ok_and(|status| status.success());
    if opened {
        note(&format!("opened {address}"));
        return Ok(());
    }
    screen::print(&format!("{address}\n"))
}

/// What connects an agent to `/api/mcp`. The token stays in the environment.
pub fn mcp(context: &Context, call: &Call) -> Outcome {
    const CLIENTS: [&str; 3] = ["claude", "codex", "cursor"];
    let client = match call.id("client") {
        Some(client) => client.to_ascii_lowercase(),
        None if context.screen.prompts => crate::prompt::select("Client:", CLIENTS.to_vec())?.to_owned(),
        None => "cursor".to_owned(),
    };
    let url = context.settings.url()?;
    let text = match client.as_str() {
        "claude" | "claude-code" => format!(
            "claude mcp add --transport http sluice {url}/api/mcp \\\n  --header \"Authorization: Bearer $SLUICE_TOKEN\"\n"
        ),
        "codex" => format!("codex mcp add sluice --url {url}/api/mcp \\\n  --bearer-token-env-var SLUICE_TOKEN\n"),
        "cursor" => {
            let mut server = Json::Null;
            server.set("url", Json::text(format!("{url}/api/mcp")));
            server.set("headers.Authorization", Json::text("Bearer ${env:SLUICE_TOKEN}"));
            let mut config = Json::Null;
            config.set("mcpServers.sluice", server);
            config.pretty() + "\n"
        }
        other => return Err(Failure::usage(format!("{other}: one of {}", CLIENTS.join(", ")))),
    };
    if context.mode == Mode::Json {
        let mut answer = Json::Null;
        answer.set("client", Json::text(client));
        answer.set("config", Json::text(text));
        return context.show_json(&answer.to_string());
    }
    note("The token is read from SLUICE_TOKEN.");
    screen::print(&text)
}

/// The clipboard, where a program for it answers.
pub fn copy(text: &str) -> bool {
    use std::io::Write;
    let programs: [(&str, &[&str]); 4] =
        [("pbcopy", &[]), ("wl-copy", &[]), ("xclip", &["-selection", "clipboard"]), ("clip.exe", &[])];
    programs.iter().any(|(program, arguments)| {
        let started = Process::new(program)
            .args(*arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else { return false };
        // Through stdin: what is in argv can be seen by everybody on this machine.
        let is_written = child.stdin.take().is_some_and(|mut stdin| stdin.write_all(text.as_bytes()).is_ok());
        is_written && child.wait().is_ok_and(|status| status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_below_the_api() {
        for (path, expected) in [
            ("/admin/account", "/api/v1/admin/account"),
            ("admin/account", "/api/v1/admin/account"),
            ("/api/v1/visitors", "/api/v1/visitors"),
            ("/healthz", "/healthz"),
            ("analytics/pages?limit=1", "/api/v1/analytics/pages?limit=1"),
        ] {
            assert_eq!(full(path).expect("a path"), expected);
        }
        for wrong in ["/a/../b", "a b", "a#b"] {
            assert_eq!(full(wrong).expect_err(wrong).code, 2);
        }
    }

    #[test]
    fn a_path_is_an_operation() {
        let id = |method, path| find(method, path).map(|operation| operation.id);
        assert_eq!(id("GET", "/api/v1/admin/websites/abc/funnels?x=1"), Some("listFunnels"));
        assert_eq!(id("GET", "/api/v1/admin/websites"), Some("listWebsites"));
        assert_eq!(id("POST", "/api/v1/admin/websites/abc/funnels"), Some("createFunnel"));
        assert_eq!(id("GET", "/api/v1/nothing"), None);
    }
}
