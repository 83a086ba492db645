//! Sends an operation and shows its answer: what most commands do, and the others in part.

use crate::call::{Call, ask};
use crate::client::Request;
use crate::context::{Context, Form, answers_list};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::operations::{self, Operation, Place};
use crate::output::{Meaning, Mode};
use crate::prompt;
use crate::screen::note;
use crate::table::{Command, Site};

/// The most rows of a page that `--all` asks for; a route may give fewer.
const PAGE_ROWS: &str = "100";

/// The operation that is meant, where a command has two: the one whose further id was given.
pub fn operation(call: &Call) -> Outcome<&'static Operation> {
    let further = call.command.more.iter().find(|name| call.id(name).is_some());
    let known = || call.command.operations.iter().filter_map(|id| operations::find(id));
    let wanted = further.and_then(|name| known().find(|operation| operation.ids.contains(name)));
    wanted.or_else(|| known().next()).ok_or_else(|| Failure::failed("this command calls nothing"))
}

/// Sends the operation and shows the answer.
pub fn send(context: &Context, call: &Call) -> Outcome {
    let operation = operation(call)?;
    let is_update = matches!(operation.method, "PUT" | "PATCH") && operation.body;
    if is_update && context.screen.prompts && !call.has_any_field() {
        return edit(context, call, operation);
    }
    let (request, website) = call.request(context, operation)?;
    finish(context, call, operation, &request, website.as_deref())
}

/// Asks for a confirmation where one is needed, sends, and shows the answer.
pub fn finish(
    context: &Context,
    call: &Call,
    operation: &'static Operation,
    request: &Request,
    website: Option<&str>,
) -> Outcome {
    if !call.command.confirm.is_empty() {
        context.confirm(call.command.confirm, call.is("yes"))?;
    }
    let text = if context.all && operation.has_pages() {
        all(context, request)?
    } else {
        context.client()?.call(request)?.text
    };
    tell_range(context, operation, request, website)?;
    context.show(&text, &form(context, call.command, operation, website))
}

/// How the answer of an operation is shown.
pub fn form(context: &Context, command: &Command, operation: &Operation, website: Option<&str>) -> Form {
    // What times and money mean is worth a request only for people, and only where a website is meant.
    let is_about_website = website.is_some() || command.site != Site::None;
    let is_shown = context.mode == Mode::People && operation.method == "GET" && is_about_website;
    let meaning = if is_shown { context.meaning(website).unwrap_or_default() } else { Meaning::default() };
    let chosen = if command.takes_fields() { Vec::new() } else { context.fields.clone() };
    // `--fields` of a report is what the gateway answers: the command's own columns would hide it.
    let columns = if command.takes_fields() && !context.fields.is_empty() { &[][..] } else { command.columns };
    Form { is_list: answers_list(operation) || !command.columns.is_empty(), columns, chosen, meaning }
}

pub fn tell_range(context: &Context, operation: &Operation, request: &Request, website: Option<&str>) -> Outcome {
    if context.mode != Mode::People || !operation.has_range() || operation.method != "GET" {
        return Ok(());
    }
    let part = |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let zone = match part("timezone") {
        Some(zone) => zone.to_owned(),
        None => context.meaning(website)?.zone.iana_name().unwrap_or("UTC").to_owned(),
    };
    match (part("startAt"), part("endAt")) {
        (Some(start), Some(end)) => note(&format!("{start} to {end}, {zone}")),
        _ if operation.id == "getTimeseries" => note(&format!("the latest, {zone}")),
        _ => note("all time"),
    }
    Ok(())
}

/// Every page of a list, as one answer.
pub fn all(context: &Context, request: &Request) -> Outcome<String> {
    let mut request = request.clone();
    request.query.retain(|(name, _)| name != "offset" && name != "limit");
    let mut rows = Vec::new();
    loop {
        let page = request.clone().query("limit", PAGE_ROWS).query("offset", rows.len().to_string());
        let mut body = context.client()?.call(&page)?.json()?;
        let Some(Json::List(more)) = body.take("data") else {
            return Err(Failure::failed("the answer has no rows"));
        };
        let is_last = more.is_empty();
        rows.extend(more);
        let total = body.number("pagination.total");
        let is_complete = total.is_none_or(|total| f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)) >= total);
        if is_last || is_complete {
            let mut whole =
                Json::Object(vec![("status".to_owned(), Json::text("success")), ("data".to_owned(), Json::List(rows))]);
            for (key, value) in body.entries().iter().filter(|(key, _)| key != "status") {
                whole.set(key, value.clone());
            }
            if whole.get("pagination").is_some() {
                let count = whole.get("data").map_or(0, |data| data.list().len()).to_string();
                whole.set("pagination.limit", Json::Number(count));
                whole.set("pagination.offset", Json::Number("0".to_owned()));
            }
            return Ok(whole.to_string());
        }
    }
}

/// Changes one field after another, and saves each at once.
fn edit(context: &Context, call: &Call, operation: &'static Operation) -> Outcome {
    let mut request = Request::new(operation.method, operation.path);
    let website = call.place(context, operation, &mut request)?;
    // What names the thing, such as a goal, goes with every change.
    let mut fixed = Json::Object(Vec::new());
    for field in operation.fields.iter().filter(|field| field.place == Place::Body && field.required) {
        let value = match call.id(field.name) {
            Some(value) => Json::text(value),
            None => ask(context, field, website.as_deref())?,
        };
        fixed.set(field.name, value);
    }
    loop {
        let names = call.command.flags().filter(|field| !field.required).map(|field| prompt::Choice {
            label: call.command.names(field).into_iter().next().unwrap_or_default().replace('-', " "),
            value: field,
        });
        let mut names: Vec<_> =
            names.map(|choice| prompt::Choice { label: choice.label, value: Some(choice.value) }).collect();
        names.push(prompt::Choice { label: "Done".to_owned(), value: None });
        let Some(field) = prompt::select("Change:", names)?.value else { return Ok(()) };
        let mut body = fixed.clone();
        body.set(field.name, ask(context, field, website.as_deref())?);
        request.body = Some(body.to_string());
        match context.client()?.call(&request) {
            Ok(_) => note("saved"),
            Err(failure) => note(&format!("error: {}", failure.message)),
        }
    }
}
