//! Websites: the tag of a new one, lists that grow and shrink, the KPI, and members by their e-mail address.

use crate::call::{Call, encoded, list};
use crate::client::Request;
use crate::context::{Context, Form};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::output::{Mode, raw};
use crate::screen::note;
use crate::sending;

/// The settings that are lists: each has `--add-…` and `--remove-…`.
const LISTS: [(&str, &str); 6] = [
    ("allowedHostnames", "allowed-hostnames"),
    ("excludedIps", "excluded-ips"),
    ("excludedPaths", "excluded-paths"),
    ("excludedCountries", "excluded-countries"),
    ("excludedHostnames", "excluded-hostnames"),
    ("trustedProxies", "trusted-proxies"),
];

pub fn create(context: &Context, call: &Call) -> Outcome {
    let (request, _) = call.request(context, sending::operation(call)?)?;
    let answer = context.client()?.call(&request)?;
    context.show(&answer.text, &Form::default())?;
    let body = answer.json()?;
    let row = body.get("data").and_then(|data| data.list().first()).cloned().unwrap_or(Json::Null);
    if context.mode == Mode::People {
        let part = |key: &str| row.str(key).unwrap_or_default().to_owned();
        let url = context.settings.url()?;
        note("\nPaste this into the head of every page:\n");
        note(&format!(
            "<script defer data-website-id=\"{}\" data-domain=\"{}\" src=\"{url}/js/script.js\"></script>",
            part("trackingId"),
            part("domain")
        ));
    }
    Ok(())
}

pub fn update(context: &Context, call: &Call) -> Outcome {
    let changes: Vec<_> = LISTS
        .iter()
        .filter_map(|(field, flag)| {
            let parts = |verb: &str| {
                let texts = call.texts(&format!("{verb}-{flag}"));
                list(&texts.join(",")).list().iter().map(raw).collect::<Vec<_>>()
            };
            let (add, remove) = (parts("add"), parts("remove"));
            (!add.is_empty() || !remove.is_empty()).then_some((*field, add, remove))
        })
        .collect();
    let operation = sending::operation(call)?;
    if changes.is_empty() {
        return sending::send(context, call);
    }
    let (mut request, website) = call.request(context, operation)?;
    let rows = context.rows(&request.path)?;
    let current = rows.first().ok_or_else(|| Failure::failed("the website has no settings"))?;
    let mut body = request.body.as_deref().and_then(Json::parse).unwrap_or(Json::Null);
    for (field, add, remove) in changes {
        let mut values: Vec<String> = current.get(field).map(Json::list).unwrap_or_default().iter().map(raw).collect();
        values.retain(|value| !remove.contains(value));
        values.extend(add.into_iter().filter(|value| !values.contains(value)).collect::<Vec<_>>());
        body.set(field, Json::List(values.into_iter().map(Json::Text).collect()));
    }
    request.body = Some(body.to_string());
    sending::finish(context, call, operation, &request, website.as_deref())
}

/// Chooses the goal that is a website's KPI.
pub fn kpi(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let mut request = Request::new(operation.method, operation.path);
    let website = call.place(context, operation, &mut request)?;
    let mut body = Json::Object(Vec::new());
    if call.is("clear") {
        body.set("kpi", Json::Null);
    } else if let Some(goal) = call.id("goal") {
        body.set("kpi", Json::text(goal));
    } else if context.screen.prompts {
        let field = operation.field("kpi").ok_or_else(|| Failure::failed("the gateway has no KPI"))?;
        body.set("kpi", crate::call::ask(context, field, website.as_deref())?);
    } else if call.text("color").is_none() {
        return Err(call.missing(context, "<goal>"));
    }
    if let Some(color) = call.text("color") {
        body.set("kpiColorScheme", Json::text(color));
    }
    request.body = Some(body.to_string());
    sending::finish(context, call, operation, &request, website.as_deref())
}

/// What names a member in its body, by their id or their e-mail address.
pub fn named_member(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let named = call.id("userId").filter(|id| id.contains('@')).map(str::to_owned);
    let mut request;
    let website;
    if let Some(email) = named {
        request = Request::new(operation.method, operation.path);
        website = call.place(context, operation, &mut request)?;
        let user = of_address(context, website.as_deref(), "userId", &email)?;
        let mut body = Json::Null;
        body.set("userId", Json::text(&user));
        if let Some(keep) = call.text("revokeKeys") {
            body.set("revokeKeys", Json::Bool(keep == "true"));
        }
        if let Some(domain) = call.text("domain") {
            body.set("domain", Json::text(domain));
        }
        request.body = Some(body.to_string());
    } else {
        (request, website) = call.request(context, operation)?;
    }
    sending::finish(context, call, operation, &request, website.as_deref())
}

/// What names a member or an invitation in its path, by its id or its e-mail address.
pub fn of_team(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (mut request, website) = call.request(context, operation)?;
    for name in ["userId", "invitationId"] {
        if let Some(email) = call.id(name).filter(|id| id.contains('@')) {
            let id = of_address(context, website.as_deref(), name, email)?;
            request.path = request.path.replace(&encoded(email), &encoded(&id));
        }
    }
    sending::finish(context, call, operation, &request, website.as_deref())
}

/// The id of the member or the invitation with this address.
fn of_address(context: &Context, website: Option<&str>, name: &str, email: &str) -> Outcome<String> {
    let path = format!("/api/v1/admin/websites/{}/team", encoded(website.unwrap_or_default()));
    let team = context.client()?.call(&Request::new("GET", &path))?.json()?;
    let (list, what) = if name == "userId" { ("data", "a member") } else { ("invitations", "invited") };
    let rows = team.get(list).map(Json::list).unwrap_or_default();
    let row = rows.iter().find(|row| row.str("email").is_some_and(|known| known.eq_ignore_ascii_case(email)));
    let id = row.and_then(|row| row.str(name)).map(str::to_owned);
    id.ok_or_else(|| Failure::failed(format!("{email} is not {what}")))
}
