//! Payment providers: the operation of the one that is named, credentials that are never in argv, and the import of past
//! payments as it goes on.

use std::thread::sleep;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::call::Call;
use crate::client::Request;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::operations::{self, Operation, Place};
use crate::output::Mode;
use crate::screen::{self, note};
use crate::{prompt, sending};

const PAUSE: Duration = Duration::from_millis(500);

/// The provider in an operation's path.
fn provider_of(operation: &Operation) -> &'static str {
    let rest = operation.path.split("/integrations/").nth(1).unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

pub fn run(context: &Context, call: &Call) -> Outcome {
    let known: Vec<_> = call.command.operations.iter().filter_map(|id| operations::find(id)).collect();
    let names: Vec<_> = known.iter().map(|operation| provider_of(operation)).collect();
    let provider = match call.id("provider") {
        Some(provider) => provider.to_ascii_lowercase(),
        None if context.screen.prompts => prompt::select("Provider:", names.clone())?.to_owned(),
        None => return Err(call.missing(context, "<provider>")),
    };
    let operation = known.into_iter().find(|operation| provider_of(operation) == provider);
    let operation = operation.ok_or_else(|| Failure::usage(format!("{provider}: one of {}", names.join(", "))))?;

    let mut request = Request::new(operation.method, operation.path);
    request.keyed = operation.keyed;
    let website = call.place(context, operation, &mut request)?;
    let has_credentials = matches!(call.command.verb(), "connect" | "webhook-secret");
    if has_credentials {
        request.body = Some(credentials(context, call, operation)?);
    } else if operation.body {
        let mut body = Json::Object(Vec::new());
        for field in call.command.flags() {
            if let Some(value) = call.value(field) {
                body.set(field.name, value?);
            }
        }
        request.body = Some(body.to_string());
    }
    sending::finish(context, call, operation, &request, website.as_deref())?;
    let imports = matches!(call.command.verb(), "connect" | "resync");
    if imports && context.mode == Mode::People && !call.is("no-wait") {
        follow(context, &provider, website.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

/// The body with the credentials: from stdin, or asked for without echo.
fn credentials(context: &Context, call: &Call, operation: &'static Operation) -> Outcome<String> {
    let verb = call.command.verb();
    if call.is("with-credentials") || verb == "webhook-secret" && !context.screen.prompts {
        let text = screen::piped(if verb == "connect" { "--with-credentials" } else { "a secret" })?;
        if verb == "webhook-secret" {
            let mut body = Json::Null;
            body.set("secret", Json::text(text.trim()));
            return Ok(body.to_string());
        }
        let body = Json::parse(&text).filter(|body| matches!(body, Json::Object(_)));
        return Ok(body.ok_or_else(|| Failure::usage("stdin has no JSON object with the credentials"))?.to_string());
    }
    if !context.screen.prompts {
        return Err(call.missing(context, "--with-credentials"));
    }
    let mut body = Json::Object(Vec::new());
    for field in operation.fields.iter().filter(|field| field.place == Place::Body) {
        let question =
            if field.required { format!("{}:", field.name) } else { format!("{} (or nothing):", field.name) };
        let value =
            if is_secret(field.name) { prompt::secret(&question)? } else { prompt::text(&question, field.help)? };
        if !value.is_empty() {
            body.set(field.name, Json::Text(value));
        }
    }
    Ok(body.to_string())
}

/// Addresses and numbers of shops may be seen; everything else is a secret.
fn is_secret(field: &str) -> bool {
    !matches!(field, "storeUrl" | "shopDomain" | "clientId" | "lemonsqueezyStoreId" | "polarOrgId" | "returnUrl")
}

/// The import of past payments, until it is done.
fn follow(context: &Context, provider: &str, website: &str) -> Outcome {
    let path = format!("/api/v1/admin/websites/{website}/integrations/{provider}");
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    loop {
        let rows = context.rows(&path)?;
        let row = rows.first().cloned().unwrap_or(Json::Null);
        let text = |field: &str| row.str(field).map(screen::plain);
        let done = row.number("import.done").unwrap_or_default();
        bar.set_message(match text("import.stage") {
            Some(stage) => format!("importing past payments: {stage}, {done}"),
            None => "registering the webhook".to_owned(),
        });
        bar.tick();
        let state = row.str("state");
        if matches!(state, Some("verifying" | "importing")) {
            sleep(PAUSE);
            continue;
        }
        bar.finish_and_clear();
        if state == Some("failing") {
            return Err(Failure::failed(text("failing.message").unwrap_or_default()));
        }
        note(&format!("import: {}, {done} objects", text("import.state").unwrap_or_else(|| "none".into())));
        return Ok(());
    }
}
