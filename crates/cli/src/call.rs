//! What a command line becomes: the ids, the query and the body of one operation.

use std::fs;
use std::io::{Read, stdin};

use clap::ArgMatches;
use clap::parser::ValueSource;
use jiff::Timestamp;

use crate::client::Request;
use crate::context::{Context, is_id};
use crate::failure::{Failure, Outcome};
use crate::filters;
use crate::json::Json;
use crate::operations::{Field, Kind, Operation, Place};
use crate::period::{self, Range};
use crate::prompt;
use crate::screen::note;
use crate::table::{Command, Own, Site};

/// How many rows of a report are asked for (docs/contract/cli.md#analytics-w).
const REPORT_ROWS: &str = "50";

/// A command with what was given for it.
pub struct Call<'a> {
    pub command: &'static Command,
    pub matches: &'a ArgMatches,
    ids: Vec<(&'static str, String)>,
}

impl<'a> Call<'a> {
    /// Says which id is which: where a website is known already, the first one may be left out.
    pub fn new(context: &Context, command: &'static Command, matches: &'a ArgMatches) -> Self {
        let names = command.ids();
        let given: Vec<String> =
            names.iter().filter_map(|(id, _)| matches.get_one::<String>(&format!("id:{id}")).cloned()).collect();
        let needed = names.iter().filter(|(_, is_needed)| *is_needed).count();
        let flag = matches.value_source("website") == Some(ValueSource::CommandLine);
        let lacks_first = command.site == Site::First
            && (flag && given.len() < names.len() || given.len() + 1 == needed && context.has_default_website());
        let skipped = usize::from(lacks_first);
        let ids = names.iter().skip(skipped).map(|(id, _)| *id).zip(given).collect();
        Self { command, matches, ids }
    }

    pub fn id(&self, name: &str) -> Option<&str> {
        self.ids.iter().find(|(id, _)| *id == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self, flag: &str) -> Option<&str> {
        self.matches.try_get_one::<String>(flag).ok().flatten().map(String::as_str)
    }

    pub fn texts(&self, flag: &str) -> Vec<String> {
        self.matches
            .try_get_many::<String>(flag)
            .ok()
            .flatten()
            .map(|values| values.cloned().collect())
            .unwrap_or_default()
    }

    pub fn is(&self, flag: &str) -> bool {
        self.matches.try_get_one::<bool>(flag).ok().flatten().copied().unwrap_or_default()
    }

    /// The website that the command is about.
    pub fn website(&self, context: &Context) -> Outcome<String> {
        context.website(self.id("websiteId"))
    }

    /// Whether any of these fields was given, by a flag of theirs or one that stands for them.
    pub fn has_any_field(&self) -> bool {
        let fixed = self.command.own.iter().any(|own| matches!(own, Own::Fixed { flag, .. } if self.is(flag)));
        let own = self.command.own.iter().any(|own| match own {
            Own::Value { flag, .. } => self.text(flag).is_some(),
            Own::Values { flag, .. } => !self.texts(flag).is_empty(),
            _ => false,
        });
        fixed
            || own
            || self.command.flags().any(|field| self.matches.value_source(field.name) == Some(ValueSource::CommandLine))
    }

    /// The request of an operation, with all that it needs: what is missing is asked for on a terminal.
    pub fn request(&self, context: &Context, operation: &'static Operation) -> Outcome<(Request, Option<String>)> {
        self.request_without(context, operation, "")
    }

    /// The same, where the caller itself fills in what is needed below `own`.
    pub fn request_without(
        &self,
        context: &Context,
        operation: &'static Operation,
        own: &str,
    ) -> Outcome<(Request, Option<String>)> {
        let mut request = Request::new(operation.method, operation.path);
        request.keyed = operation.keyed;
        let website = self.place(context, operation, &mut request)?;
        let mut body = Json::Object(Vec::new());
        self.fields(context, operation, &mut request, &mut body, website.as_deref(), own)?;
        if operation.body {
            request.body = Some(body.to_string());
        }
        Ok((request, website))
    }

    /// Puts the ids into the path, and the website where the operation wants it.
    pub fn place(
        &self,
        context: &Context,
        operation: &'static Operation,
        request: &mut Request,
    ) -> Outcome<Option<String>> {
        let mut website = None;
        if operation.ids.contains(&"websiteId") {
            website = Some(self.website(context)?);
        } else if operation.field("websiteId").is_some() {
            if context.settings.has_only_key() {
                let is_given = self.id("websiteId").is_some()
                    || self.matches.value_source("website") == Some(ValueSource::CommandLine);
                if is_given {
                    note("the key is for one website: the one that is named is ignored");
                }
            } else {
                let id = self.website(context)?;
                request.query.push(("websiteId".to_owned(), id.clone()));
                website = Some(id);
            }
        }
        for &id in operation.ids {
            let value = match (id, &website) {
                ("websiteId", Some(website)) => website.clone(),
                _ => self.id_or_ask(context, id, website.as_deref())?,
            };
            request.path = request.path.replace(&format!("{{{id}}}"), &encoded(&value));
        }
        Ok(website)
    }

    /// An id of the path, or one that a person picks from the list of what there is.
    pub fn id_or_ask(&self, context: &Context, id: &'static str, website: Option<&str>) -> Outcome<String> {
        if let Some(value) = self.id(id) {
            return Ok(value.to_owned());
        }
        if !context.screen.prompts {
            return Err(self.missing(context, &format!("<{id}>")));
        }
        let of_website = |list: &str| format!("/api/v1/admin/websites/{}/{list}", website.unwrap_or_default());
        let path = match id {
            "funnelId" => of_website("funnels"),
            "alertId" => of_website("alerts"),
            "webhookId" => of_website("webhooks"),
            "noteId" => of_website("notes"),
            "apiKeyId" => of_website("apikeys"),
            "userId" => of_website("team"),
            "deliveryId" => of_website(&format!("webhooks/{}/deliveries", self.id("webhookId").unwrap_or_default())),
            "tokenId" => "/api/v1/admin/access-tokens".to_owned(),
            _ => return prompt::text(&format!("{id}:"), ""),
        };
        let label = |row: &Json| {
            let names = ["name", "email", "url", "text", "type", "displayKey"].iter().filter_map(|key| row.str(key));
            format!("{} ({})", names.collect::<Vec<_>>().join(", "), row.str("id").unwrap_or_default())
        };
        let rows = context.rows(&path)?;
        let choices = rows
            .iter()
            .map(|row| prompt::Choice { label: label(row), value: row.str("id").unwrap_or_default().to_owned() });
        let choices: Vec<_> = choices.collect();
        if choices.is_empty() {
            return Err(Failure::failed("there is none yet"));
        }
        Ok(prompt::select("Which one?", choices)?.value)
    }

    pub fn missing(&self, context: &Context, what: &str) -> Failure {
        let example = self.command.examples.first().map(|example| format!("{} {example}", context.name));
        let usage = || {
            let ids = self.command.ids().iter().map(|(id, _)| format!(" <{id}>")).collect::<Vec<_>>().concat();
            format!("{} {}{ids}", context.name, self.command.name)
        };
        Failure::usage(format!("{what} is missing")).hint(example.unwrap_or_else(usage))
    }

    fn fields(
        &self,
        context: &Context,
        operation: &'static Operation,
        request: &mut Request,
        body: &mut Json,
        website: Option<&str>,
        own: &str,
    ) -> Outcome {
        let mut filters = Vec::new();
        for field in operation.fields {
            let is_positional = self.command.more.contains(&field.name);
            let value =
                if is_positional { self.id(field.name).map(|text| Ok(Json::text(text))) } else { self.value(field) };
            let value = match value {
                Some(value) => value?,
                None if field.required && field.name.split('.').next() != Some(own) => {
                    self.ask(context, field, website)?
                }
                None => continue,
            };
            match field.place {
                Place::Body => body.set(field.name, value),
                Place::Query => match field.name.strip_prefix("filter_") {
                    Some(key) => filters.push((key.to_owned(), crate::output::raw(&value))),
                    None => request.query.push((field.name.to_owned(), crate::output::raw(&value))),
                },
            }
        }
        for own in self.command.own {
            if let Own::Fixed { flag, field, json } = own
                && self.is(flag)
                && let Some(known) = operation.field(field)
            {
                let value = Json::parse(json).unwrap_or(Json::Null);
                match known.place {
                    Place::Body => body.set(field, value),
                    Place::Query => request.query.push(((*field).to_owned(), crate::output::raw(&value))),
                }
            }
        }
        for filter in self.texts("filter") {
            filters.push(filters::parse(&filter)?);
        }
        request.query.extend(filters::merge(filters)?.into_iter().map(|(key, value)| (format!("filter_{key}"), value)));
        if operation.has_range() {
            let range = self.range(context, website)?;
            let ends = [("startAt", range.start), ("endAt", range.end)];
            request.query.extend(ends.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        if operation.field("fields").is_some() && !context.fields.is_empty() {
            request.query.push(("fields".to_owned(), context.fields.join(",")));
        }
        let is_report = self.command.noun() == "analytics" && operation.has_pages();
        if is_report && self.text("limit").is_none() {
            request.query.push(("limit".to_owned(), REPORT_ROWS.to_owned()));
        }
        Ok(())
    }

    /// The range that the flags name, in the website's days.
    pub fn range(&self, context: &Context, website: Option<&str>) -> Outcome<Range> {
        let now = Timestamp::now();
        let zone = || match self.text("timezone") {
            Some(name) => jiff::tz::TimeZone::get(name).map_err(|_| Failure::usage(format!("{name} is no time zone"))),
            None => Ok(context.meaning(website)?.zone),
        };
        match self.text("period") {
            Some("all") => Ok(Range::default()),
            Some(preset) => Ok(period::preset(preset, now, &zone()?)),
            None => period::between(self.text("from"), self.text("to"), || Ok(now.to_zoned(zone()?).date())),
        }
    }

    /// The value of a field's flag.
    pub fn value(&self, field: &Field) -> Option<Outcome<Json>> {
        match field.kind {
            Kind::List(_) => {
                let values = self.texts(field.name);
                let is_given = self.matches.try_contains_id(field.name).unwrap_or_default();
                is_given.then(|| Ok(list(&values.join(","))))
            }
            Kind::Map => {
                let pairs = self.texts(field.name);
                (!pairs.is_empty()).then(|| map(&pairs))
            }
            _ => self.text(field.name).map(|text| typed(field, text)),
        }
    }

    /// Asks for a field that is needed.
    fn ask(&self, context: &Context, field: &'static Field, website: Option<&str>) -> Outcome<Json> {
        if !context.screen.prompts {
            let is_positional = self.command.more.contains(&field.name);
            let flag = self.command.names(field).into_iter().next().unwrap_or_default();
            return Err(
                self.missing(context, &if is_positional { format!("<{}>", field.name) } else { format!("--{flag}") })
            );
        }
        ask(context, field, website)
    }
}

/// Asks for the value of a field, in the way that suits it.
pub fn ask(context: &Context, field: &Field, website: Option<&str>) -> Outcome<Json> {
    let label = format!("{}:", field.name);
    let choices = |choices: &[&str]| choices.iter().map(|&choice| choice.to_owned()).collect::<Vec<_>>();
    match field.kind {
        Kind::Switch => Ok(Json::Bool(prompt::confirm(&label)?)),
        Kind::Text(values) if !values.is_empty() => Ok(Json::Text(prompt::select(&label, choices(values))?)),
        Kind::Text(_) if field.name == "timezone" => {
            let zones = jiff::tz::db().available().map(|name| name.to_string()).collect();
            Ok(Json::Text(prompt::select(&label, zones)?))
        }
        Kind::Text(_) if matches!(field.name, "goalName" | "kpi") && website.is_some() => {
            let path = format!("/api/v1/admin/websites/{}/goals", website.unwrap_or_default());
            let goals: Vec<String> =
                context.rows(&path)?.iter().filter_map(|row| row.str("name").map(str::to_owned)).collect();
            if goals.is_empty() {
                Ok(Json::Text(prompt::text(&label, field.help)?))
            } else {
                Ok(Json::Text(prompt::select(&label, goals)?))
            }
        }
        Kind::List(values) if !values.is_empty() => {
            Ok(Json::List(prompt::select_many(&label, choices(values))?.into_iter().map(Json::Text).collect()))
        }
        Kind::List(_) => Ok(list(&prompt::text(&label, "Several are separated by commas")?)),
        Kind::Map => map(&[prompt::text(&label, "key=value")?]),
        Kind::Text(_) | Kind::Number | Kind::Json => typed(field, &prompt::text(&label, field.help)?),
    }
}

/// A text as the type of its field.
pub fn typed(field: &Field, text: &str) -> Outcome<Json> {
    if text.is_empty() && field.nullable {
        return Ok(Json::Null);
    }
    match field.kind {
        Kind::Number => {
            let is_number = text.parse::<serde_json::Number>().is_ok();
            let wrong = || Failure::usage(format!("{}: {text} is no number", field.name));
            if is_number { Ok(Json::Number(text.to_owned())) } else { Err(wrong()) }
        }
        Kind::Switch => Ok(Json::Bool(text == "true")),
        Kind::Json => {
            let content = content(text)?;
            Json::parse(&content).ok_or_else(|| Failure::usage(format!("{}: not JSON: {content}", field.name)))
        }
        _ => Ok(Json::text(text)),
    }
}

/// What `@file`, `-` or a text itself says.
pub fn content(text: &str) -> Outcome<String> {
    let failed = |error: std::io::Error| Failure::failed(format!("{text}: {error}"));
    match text.strip_prefix('@') {
        Some(path) => fs::read_to_string(path).map_err(failed),
        None if text == "-" => {
            let mut content = String::new();
            stdin().read_to_string(&mut content).map_err(failed)?;
            Ok(content)
        }
        None => Ok(text.to_owned()),
    }
}

/// `a,b` as a list; nothing as an empty one.
pub fn list(text: &str) -> Json {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Json::List(items.map(Json::text).collect())
}

fn map(pairs: &[String]) -> Outcome<Json> {
    let mut map = Vec::new();
    for pair in pairs {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| Failure::usage(format!("{pair}: key=value is needed")))?;
        map.push((key.to_owned(), Json::text(value)));
    }
    Ok(Json::Object(map))
}

/// A part of a path.
pub fn encoded(text: &str) -> String {
    if is_id(text) {
        return text.to_owned();
    }
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
