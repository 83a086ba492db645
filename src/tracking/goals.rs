//! `POST` and `DELETE /goals` (docs/contract/website-api.md#3.4 and #3.5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::sanitize::Properties;
use super::stored;
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Lenient, LenientBody, Query, Raw, Truth};
use crate::http::json;
use crate::http::reply::Data;
use crate::reports::range::Bound;
use crate::reports::range::Bounds;
use crate::reports::visitors::no_pageviews;
use crate::websites::report_context::ReportContext;
use sluice_engine::delete::GoalDeletion;
use sluice_engine::event::{Action, Event};
use sluice_engine::protocol::PostGoal;
use sluice_engine::selection::Span;
use sluice_values::{GoalName, Id, LooseGoalName, TimeZone, Timestamp, VisitorId, kinds};

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CreateGoal")]
pub struct Create {
    datafast_visitor_id: VisitorId,
    /// Upper case becomes lower case, spaces become `_`.
    #[schemars(schema_with = "sendable_name_schema")]
    name: LooseGoalName,
    /// Cut to 1,000 characters.
    description: Option<String>,
    /// At most 10. Values become text, which is cut to 255 characters.
    metadata: Option<Properties>,
}

/// Names that may be sent: `identify` and the goals of payments are reserved, in any spelling.
fn sendable_name_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = <LooseGoalName as schemars::JsonSchema>::json_schema(generator);
    let spelled = |letter: char| match letter {
        '_' => "[_ ]".to_owned(),
        letter => format!("[{}{letter}]", letter.to_ascii_uppercase()),
    };
    let reserved = GoalName::reserved_names().map(|name| name.chars().map(spelled).collect::<String>());
    let pattern = format!(r"^\s*({})\s*$", reserved.collect::<Vec<_>>().join("|"));
    schema.insert("not".to_owned(), serde_json::json!({ "pattern": pattern }));
    schema
}

impl Create {
    /// Who completed what.
    pub fn action(self) -> Result<(VisitorId, Action), Error> {
        GoalName::check_sendable(self.name.as_str()).map_err(|why| Error::field("name", &why))?;
        let Properties(properties) = self.metadata.unwrap_or_default();
        let description = self.description.as_deref().and_then(stored::description);
        Ok((self.datafast_visitor_id, Action::Goal { name: self.name.as_str().to_owned(), properties, description }))
    }
}

impl Lenient for Create {
    fn tidy(body: &mut Map<String, Json>) {
        json::rename(body, "visitorId", "datafast_visitor_id");
    }
}

/// The parameters of delete.
#[derive(Debug)]
pub struct Delete {
    visitor: Option<VisitorId>,
    name: Option<LooseGoalName>,
    range: Removal,
    is_dry_run: bool,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct DeleteParameters {
    /// Only this visitor's.
    datafast_visitor_id: Option<VisitorId>,
    /// Only goals of this name.
    name: Option<LooseGoalName>,
    /// Whether to count what would be deleted, and delete nothing.
    #[serde(rename = "dryRun")]
    dry_run: Option<Truth>,
}

/// The range of a deletion, under either pair of parameter names.
#[derive(Debug)]
pub struct Removal {
    bounds: Bounds,
    zone: Option<TimeZone>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RemovalParameters {
    /// Requires `endAt`.
    start_at: Option<Bound>,
    /// Requires `startAt`.
    end_at: Option<Bound>,
    /// An alias of `startAt`.
    start: Option<Bound>,
    /// An alias of `endAt`.
    end: Option<Bound>,
    /// Defaults to the website's.
    timezone: Option<TimeZone>,
}

impl FromRaw for Removal {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(sent) = Query::<RemovalParameters>::from_raw(raw)?;
        let names = if sent.start.or(sent.end).is_some() { ("start", "end") } else { ("startAt", "endAt") };
        let bounds = Bounds::new(names, sent.start_at.or(sent.start), sent.end_at.or(sent.end))?;
        Ok(Self { bounds, zone: sent.timezone })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<RemovalParameters>::describe(operation, generators);
    }
}

impl Removal {
    pub fn is_given(&self) -> bool {
        self.bounds.is_given()
    }

    /// The range in the time zone asked for, or in the website's.
    pub fn span(&self, website: &ReportContext) -> Result<Option<Span>, Error> {
        self.bounds.span(&self.zone.as_ref().unwrap_or(&website.timezone).rules())
    }
}

impl FromRaw for Delete {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(sent) = Query::<DeleteParameters>::from_raw(raw)?;
        let range = Removal::from_raw(raw)?;
        if sent.datafast_visitor_id.is_none() && sent.name.is_none() && !range.is_given() {
            return Err(Error::bad_request(
                "datafast_visitor_id, name, startAt and endAt: at least one of them must say which goals to delete",
            ));
        }
        let is_dry_run = sent.dry_run == Some(Truth::True);
        Ok(Self { visitor: sent.datafast_visitor_id, name: sent.name, range, is_dry_run })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<DeleteParameters>::describe(operation, generators);
        Removal::describe(operation, generators);
    }
}

// ---- What goes out

/// The response of create.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedGoal {
    message: &'static str,
    event_id: Id<kinds::Event>,
}

/// The response of delete.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedGoals {
    message: String,
    #[serde(rename = "goal_name", skip_serializing_if = "Option::is_none")]
    goal_name: Option<String>,
    #[serde(rename = "datafast_visitor_id", skip_serializing_if = "Option::is_none")]
    visitor_id: Option<VisitorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_range: Option<TimeRange>,
    /// The number of deleted goals; in a dry run, of those that would be.
    deleted: i64,
}

/// A range, as responses to deletions show it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct TimeRange {
    start: Timestamp,
    end: Timestamp,
}

impl From<Span> for TimeRange {
    fn from(span: Span) -> Self {
        Self { start: Timestamp::from_millis(span.from), end: Timestamp::from_millis(span.to) }
    }
}

// ---- Handlers

/// POST: records a goal that a backend saw completed.
pub async fn create(call: WebsiteCall, input: Input<LenientBody<Create>>) -> Result<Data<CreatedGoal>, Error> {
    let (website, LenientBody(create), (), _) = call.enter(input, |_, _, _| ()).await?;
    let (visitor, action) = create.action()?;
    let id: Id<kinds::Event> = website.call.new_id()?;
    let event = Event::of_backend(id.into(), website.call.now, visitor, action);
    if !website.site().ask(PostGoal { event }).await? {
        return Err(no_pageviews(visitor));
    }
    Ok(Data::one(CreatedGoal { message: "Custom event created successfully", event_id: id }))
}

/// DELETE: deletes goals by visitor, by name or by time.
pub async fn delete(call: WebsiteCall, input: Input<Delete>) -> Result<Data<DeletedGoals>, Error> {
    let (website, asked, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let span = asked.range.span(&ReportContext::of(&results, &context, website.id)?)?;
    let name = asked.name.map(|name| name.as_str().to_owned());
    let which = GoalDeletion { visitor: asked.visitor, name: name.clone(), span, only_counts: asked.is_dry_run };
    let deleted = website.site().ask(which).await?;
    if asked.is_dry_run || deleted == 0 {
        website.call.note_no_change();
    }
    let within = if span.is_some() { " within time range" } else { "" };
    let done = if asked.is_dry_run { "Goal events counted" } else { "Goal events deleted successfully" };
    Ok(Data::one(DeletedGoals {
        message: format!("{done}{within}"),
        goal_name: name,
        visitor_id: asked.visitor,
        time_range: span.map(TimeRange::from),
        deleted,
    }))
}
