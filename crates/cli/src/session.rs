//! Who we are: log in and out, tokens, and what is configured.

use crate::call::Call;
use crate::client::Request;
use crate::context::{Context, Form};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::output::Mode;
use crate::screen::{self, note};
use crate::settings::{Origin, masked, origin};
use crate::{api, prompt, sending};

const ACCOUNT: &str = "/api/v1/admin/account";

pub fn login(context: &mut Context, call: &Call) -> Outcome {
    let with_token = call.is("with-token");
    let url = match &context.settings.url {
        Some(url) => url.value.clone(),
        None if context.screen.prompts => {
            origin(&prompt::text("Gateway:", "https://your-gateway.example")?, call.is("insecure-http"))?
        }
        None => {
            return Err(Failure::usage("--url is missing")
                .hint(format!("{} login --url https://your-gateway.example", context.name)));
        }
    };
    let credential = if with_token {
        screen::piped("--with-token")?
    } else if context.screen.prompts {
        note(&format!("A token is made in the console ({url}/console), or with: {} tokens create", context.name));
        prompt::secret("Token:")?
    } else {
        return Err(Failure::usage("--with-token is missing")
            .hint(format!("{} login --url {url} --with-token < token.txt", context.name)));
    };
    let credential = credential.trim();
    let is_key = credential.starts_with("df_");
    if !is_key && !credential.starts_with("dft_") {
        return Err(Failure::usage("a token begins with dft_, a website key with df_"));
    }
    let body = context.client_for(&url, credential).call(&Request::get(ACCOUNT))?.json()?;
    let account = body.get("data").and_then(|data| data.list().first()).cloned().unwrap_or(Json::Null);
    let file = &mut context.settings.file;
    file.set("url", Some(&url));
    // One credential at a time: an older token would be used instead of the key.
    file.set("token", (!is_key).then_some(credential));
    file.set("siteKey", is_key.then_some(credential));
    if is_key {
        file.set("website", account.str("websiteId"));
    }
    file.save()?;
    let part = |key: &str| screen::plain(account.str(key).unwrap_or_default());
    note(&format!("Logged in to {url} as {} <{}>", part("name"), part("email")));
    Ok(())
}

pub fn logout(context: &mut Context) -> Outcome {
    let file = &mut context.settings.file;
    let had = file.content.get("token").is_some() || file.content.get("siteKey").is_some();
    if had {
        file.set("token", None);
        file.set("siteKey", None);
        file.save()?;
        note(&format!("Logged out. The token itself still works: {} tokens delete revokes it.", context.name));
    } else {
        note("No token is stored.");
    }
    Ok(())
}

pub fn whoami(context: &Context) -> Outcome {
    let answer = context.client()?.call(&Request::get(ACCOUNT))?;
    if context.mode == Mode::Json {
        return context.show_json(&answer.text);
    }
    let body = answer.json()?;
    let account = body.get("data").and_then(|data| data.list().first()).cloned().unwrap_or(Json::Null);
    let mut row = Json::Object(Vec::new());
    for key in ["name", "email", "planType"] {
        row.set(key, account.get(key).cloned().unwrap_or(Json::Null));
    }
    let is_key = context.settings.has_only_key();
    row.set("credential", Json::text(if is_key { "website key" } else { "account token" }));
    if is_key {
        row.set("website", account.get("websiteId").cloned().unwrap_or(Json::Null));
    }
    row.set("gateway", Json::text(context.settings.url()?));
    context.show(&Json::List(vec![row]).to_string(), &Form::default())
}

pub fn show(context: &Context) -> Outcome {
    let settings = &context.settings;
    let mut row = Json::Object(Vec::new());
    let mut add = |name: &str, origin: &Option<Origin>, is_secret: bool| {
        let value = origin.as_ref().map_or(Json::Null, |origin| {
            let value = if is_secret { masked(&origin.value) } else { origin.value.clone() };
            Json::text(format!("{value} ({})", origin.from))
        });
        row.set(name, value);
    };
    add("url", &settings.url, false);
    add("token", &settings.token, true);
    add("siteKey", &settings.key, true);
    add("website", &settings.website, false);
    row.set("file", Json::text(settings.file.path.display().to_string()));
    let is_json = context.mode == Mode::Json;
    let text = if is_json { row.to_string() } else { Json::List(vec![row]).to_string() };
    // Masked values are no secrets: shown like any other row.
    context.show(&text, &Form::default())
}

pub fn set_website(context: &mut Context, call: &Call) -> Outcome {
    let named = call.id("website").map(str::to_owned);
    if named.is_none() && !context.screen.prompts {
        return Err(call.missing(context, "<website>"));
    }
    if named.is_none() {
        // The picker, and not the default that is to be replaced.
        context.settings.website = None;
    }
    let website = context.website(named.as_deref())?;
    let body = context.client()?.call(&Request::get(format!("/api/v1/admin/websites/{website}")))?.json()?;
    let domain = body
        .get("data")
        .and_then(|data| data.list().first())
        .and_then(|row| row.str("domain"))
        .unwrap_or_default()
        .to_owned();
    context.settings.file.set("website", Some(&website));
    context.settings.file.save()?;
    note(&format!("The default website is {}", screen::plain(&domain)));
    Ok(())
}

pub fn clear_website(context: &mut Context) -> Outcome {
    context.settings.file.set("website", None);
    context.settings.file.save()?;
    note("There is no default website.");
    Ok(())
}

/// Warns where the token that is deleted is the one in use.
pub fn delete_token(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (request, website) = call.request(context, operation)?;
    let id = request.path.rsplit('/').next().unwrap_or_default().to_owned();
    let own = context.settings.token.as_ref().map(|token| token.value.clone()).unwrap_or_default();
    let rows = context.rows("/api/v1/admin/access-tokens").unwrap_or_default();
    let is_own = rows.iter().filter(|row| row.str("id") == Some(&id)).any(|row| {
        let shown = row.str("displayKey").unwrap_or_default();
        shown.split_once("...").is_some_and(|(head, tail)| own.starts_with(head) && own.ends_with(tail))
    });
    if is_own {
        note("warning: this is the token in use");
    }
    sending::finish(context, call, operation, &request, website.as_deref())
}

/// The key is shown this once, and copied where there is a clipboard.
pub fn create_token(context: &Context, call: &Call) -> Outcome {
    let (request, _) = call.request(context, sending::operation(call)?)?;
    let answer = context.client()?.call(&request)?;
    context.show(&answer.text, &Form::default())?;
    if context.mode == Mode::People && !call.is("no-copy") {
        let body = answer.json()?;
        let key = body
            .get("data")
            .and_then(|data| data.list().first())
            .and_then(|row| row.str("key"))
            .unwrap_or_default()
            .to_owned();
        if api::copy(&key) {
            note("The key is on the clipboard.");
        }
    }
    Ok(())
}
