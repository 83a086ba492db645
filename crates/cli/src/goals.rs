//! Goals as they are listed, their colors, and funnels made step by step.

use crate::call::Call;
use crate::context::{Context, Form};
use crate::failure::Outcome;
use crate::json::Json;
use crate::output::{Mode, raw};
use crate::{prompt, screen, sending};

/// A funnel's steps (docs/contract/cli.md#funnels-w).
const LEAST_STEPS: usize = 2;
const MOST_STEPS: usize = 8;

/// The rates of tracked goals are fractions, those of reports are in percent.
pub fn list(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (request, website) = call.request(context, operation)?;
    let answer = context.client()?.call(&request)?;
    let mut form = sending::form(context, call.command, operation, website.as_deref());
    form.meaning.fractions = true;
    context.show(&answer.text, &form)
}

pub fn colors(context: &Context, call: &Call) -> Outcome {
    let (request, _) = call.request(context, sending::operation(call)?)?;
    let answer = context.client()?.call(&request)?;
    if context.mode == Mode::Json {
        return context.show_json(&answer.text);
    }
    let body = answer.json()?;
    let colors = body.get("colors").map(Json::list).unwrap_or_default();
    if context.mode != Mode::People {
        return context.show_rows(colors, &Form { columns: &["color", "label"], ..Form::default() });
    }
    let line = |row: &Json| {
        let color = row.get("color").map(raw).unwrap_or_default();
        let label = row.get("label").map(raw).unwrap_or_default();
        format!("{}  {}  {}\n", context.screen.swatch(&color), screen::plain(&color), screen::plain(&label))
    };
    screen::print(&colors.iter().map(line).collect::<String>())
}

/// Without `--steps`, a terminal asks for one step after another.
pub fn create_funnel(context: &Context, call: &Call) -> Outcome {
    if !context.screen.prompts || call.text("steps").is_some() {
        return sending::send(context, call);
    }
    let operation = sending::operation(call)?;
    let mut request = crate::client::Request::new(operation.method, operation.path);
    request.keyed = operation.keyed;
    let website = call.place(context, operation, &mut request)?;
    let name = match call.text("name") {
        Some(name) => name.to_owned(),
        None => prompt::text("Name:", "")?,
    };
    let mut steps = Vec::new();
    while steps.len() < MOST_STEPS {
        let mut kinds = vec!["pageview", "goal"];
        if steps.len() >= LEAST_STEPS {
            kinds.push("Done");
        }
        let kind = prompt::select(&format!("Step {}:", steps.len() + 1), kinds)?;
        if kind == "Done" {
            break;
        }
        let mut step = Json::Null;
        step.set("name", Json::Text(prompt::text("Name of the step:", "")?));
        step.set("type", Json::text(kind));
        let (field, question) = if kind == "goal" { ("goalName", "Goal:") } else { ("url", "Path:") };
        step.set(field, Json::Text(prompt::text(question, "")?));
        steps.push(step);
    }
    let mut body = Json::Null;
    body.set("name", Json::Text(name));
    body.set("steps", Json::List(steps));
    request.body = Some(body.to_string());
    sending::finish(context, call, operation, &request, website.as_deref())
}
