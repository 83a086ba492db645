//! Alert rules (contract, account-api 9; decision 32). They are stored and validated; evaluating them is a matter of
//! events.

use serde::{Deserialize, Serialize};

use super::history::{self, Log};
use crate::http::call::{Website, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Patch, Path};
use crate::http::reply::{BothIds, Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Statement, sql};
use crate::values::{AlertId, Name, SpelledGoalName, Text, Timestamp, Verbatim, WebsiteId, kinds};

/// Rules that a website may have at once.
const MOST: u32 = 25;

/// The subject of an alert's e-mail (contract decision 10).
type Subject = Text<1, 200>;
/// The text of an alert's message.
type MessageText = Verbatim<10, 2000>;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateAlert")]
pub struct Create {
    name: Name,
    trigger: Trigger,
    #[serde(default)]
    destination: Destination,
    template: Template,
    /// Left out: `true`.
    is_enabled: Option<bool>,
}

/// What sets an alert off.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Trigger {
    #[serde(default)]
    r#type: TriggerType,
    goal_name: SpelledGoalName,
}

/// The kinds of trigger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum TriggerType {
    /// Somebody completes a goal.
    #[default]
    Goal,
}

/// Where an alert's messages go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Destination {
    r#type: DestinationType,
}

/// The kinds of destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum DestinationType {
    /// The website owner's mailbox.
    #[default]
    Email,
}

/// What an alert says.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
struct Template {
    subject: Option<Subject>,
    message: MessageText,
}

/// The body of update.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateAlert")]
pub struct Update {
    name: Patch<Name>,
    trigger: Patch<UpdateTrigger>,
    destination: Patch<Destination>,
    template: Patch<UpdateTemplate>,
    is_enabled: Patch<bool>,
}

/// What changes of a trigger.
// Serialized, it is the patch of the stored one.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(inline)]
struct UpdateTrigger {
    #[serde(skip_serializing_if = "Patch::is_kept")]
    r#type: Patch<TriggerType>,
    #[serde(skip_serializing_if = "Patch::is_kept")]
    goal_name: Patch<SpelledGoalName>,
}

#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
struct UpdateTemplate {
    /// `null` clears it.
    subject: Patch<Option<Subject>>,
    message: Patch<MessageText>,
}

// ---- What goes out

/// An alert rule.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    #[serde(flatten)]
    ids: BothIds<kinds::Alert>,
    website_id: WebsiteId,
    name: String,
    trigger: Trigger,
    destination: Destination,
    template: ShownTemplate,
    is_enabled: bool,
    /// The latest messages, newest first.
    recent_logs: Vec<Log>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct ShownTemplate {
    subject: Option<String>,
    message: String,
}

// ---- SQL

/// A row of `alerts`.
#[derive(Deserialize)]
struct Row {
    id: AlertId,
    website_id: WebsiteId,
    name: String,
    condition: String,
    destination: String,
    subject: Option<String>,
    message: String,
    is_enabled: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn select_all(website: WebsiteId) -> Statement {
    sql("SELECT id, website_id, name, condition, destination, subject, message, is_enabled, created_at, updated_at FROM alerts \
         WHERE website_id = ?1 ORDER BY created_at, id")
    .bind(website)
}

/// Adds a rule where the website has room for one more, in one statement.
fn insert(id: AlertId, website: &Website, create: &Create) -> Statement {
    sql("INSERT INTO alerts (id, website_id, name, condition, destination, subject, message, is_enabled, created_at, updated_at) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9 WHERE (SELECT count(*) FROM alerts WHERE website_id = ?2) < ?10 \
         RETURNING id, website_id, name, condition, destination, subject, message, is_enabled, created_at, updated_at")
    .bind(id)
    .bind(website.id)
    .bind(create.name.as_str())
    .bind_json(&create.trigger)
    .bind_json(&create.destination)
    .bind(create.template.subject.as_ref().map(Text::as_str))
    .bind(create.template.message.as_str())
    .bind(create.is_enabled.unwrap_or(true))
    .bind(website.call.now)
    .bind(MOST)
}

/// Only what was sent changes, in one statement, so that two updates at once lose nothing.
fn update(id: AlertId, website: &Website, changes: &Update) -> Statement {
    let template = changes.template.as_set();
    let subject = template.and_then(|template| template.subject.as_set());
    let message = template.and_then(|template| template.message.as_set());
    sql("UPDATE alerts SET name = coalesce(?3, name), condition = json_patch(condition, ?4), \
         destination = coalesce(?5, destination), subject = iif(?6, ?7, subject), message = coalesce(?8, message), \
         is_enabled = coalesce(?9, is_enabled), updated_at = ?10 WHERE id = ?1 AND website_id = ?2 \
         RETURNING id, website_id, name, condition, destination, subject, message, is_enabled, created_at, updated_at")
    .bind(id)
    .bind(website.id)
    .bind(changes.name.as_set().map(Text::as_str))
    .bind_json(changes.trigger.as_set().unwrap_or(&UpdateTrigger::default()))
    .bind(changes.destination.as_set().and_then(|destination| serde_json::to_string(destination).ok()))
    .bind(subject.is_some())
    .bind(subject.and_then(|subject| subject.as_ref()).map(Text::as_str))
    .bind(message.map(Verbatim::as_str))
    .bind(changes.is_enabled.as_set().copied())
    .bind(website.call.now)
}

/// A rule with its latest messages, which may be those of several rules.
fn shown(row: Row, logs: &[(AlertId, Log)]) -> Result<Alert, PlatformError> {
    let broken = |error| PlatformError::new(format!("alert {}: {error}", row.id));
    let own = logs.iter().filter(|(alert, _)| *alert == row.id);
    Ok(Alert {
        ids: row.id.into(),
        website_id: row.website_id,
        name: row.name,
        trigger: serde_json::from_str(&row.condition).map_err(broken)?,
        destination: serde_json::from_str(&row.destination).map_err(broken)?,
        template: ShownTemplate { subject: row.subject, message: row.message },
        is_enabled: row.is_enabled != 0,
        recent_logs: own.map(|(_, log)| log.clone()).collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

// ---- Handlers

/// GET: the website's rules, oldest first.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<Alert>, Error> {
    let plan = |website, (): &()| vec![select_all(website), history::select_recent(website)];
    let (_, (), mut rows) = call.enter(input, plan).await?;
    let alerts: Vec<Row> = rows.all()?;
    let logs = history::recent(&mut rows)?;
    Ok(Data::many(alerts.into_iter().map(|row| shown(row, &logs)).collect::<Result<_, _>>()?))
}

/// POST: a new rule.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Data<Alert>, Error> {
    let (website, Body(create), _) = call.enter(input, |_, _| Vec::new()).await?;
    let statement = insert(website.call.new_id()?, &website, &create);
    let row = website.batch(vec![statement]).await?.first::<Row>()?.ok_or_else(|| {
        Error::forbidden(format!("Alert limit reached (max {MOST} per website); delete one that is no longer used"))
    })?;
    Ok(Data::one(shown(row, &[])?))
}

/// PUT: changes a rule.
pub async fn change(call: WebsiteCall, input: Input<(Path<AlertId>, Changes<Update>)>) -> Result<Data<Alert>, Error> {
    let (website, (Path(id), Changes(changes)), _) = call.enter(input, |_, _| Vec::new()).await?;
    let mut rows = website.batch(vec![update(id, &website, &changes), history::select_recent(website.id)]).await?;
    let row = rows.first::<Row>()?.ok_or_else(|| not_found(id))?;
    Ok(Data::one(shown(row, &history::recent(&mut rows)?)?))
}

/// DELETE: deletes a rule for good; its history stays.
pub async fn delete(call: WebsiteCall, input: Input<Path<AlertId>>) -> Result<Data<Message>, Error> {
    let (website, Path(id), _) = call.enter(input, |_, _| Vec::new()).await?;
    let statement = sql("DELETE FROM alerts WHERE id = ?1 AND website_id = ?2 RETURNING id").bind(id).bind(website.id);
    let deleted = website.batch(vec![statement]).await?.first::<serde::de::IgnoredAny>()?;
    deleted.map(|_| Message::saying("Alert deleted successfully")).ok_or_else(|| not_found(id))
}

fn not_found(id: AlertId) -> Error {
    Error::not_found(format!("no alert {id} on this website"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Create, String> {
        serde_json::from_str(body).map_err(|error| error.to_string())
    }

    #[test]
    fn the_server_supplies_what_clients_do_not_send() {
        let body =
            r#"{"name":"New signup","trigger":{"goalName":" SignUp "},"template":{"message":"Somebody signed up."}}"#;
        let create = parse(body).unwrap();
        assert_eq!(create.trigger.goal_name.as_str(), "signup");
        assert_eq!(create.destination, Destination::default());
        assert!(create.template.subject.is_none() && create.is_enabled.is_none());
    }

    #[test]
    fn limits_are_those_of_the_contract() {
        let with = |subject: usize, message: usize| {
            let (subject, message) = ("s".repeat(subject), "m".repeat(message));
            parse(&format!(
                r#"{{"name":"x","trigger":{{"goalName":"g"}},"template":{{"subject":"{subject}","message":"{message}"}}}}"#
            ))
        };
        for (subject, message, fits) in
            [(200, 10, true), (201, 10, false), (1, 2000, true), (1, 2001, false), (1, 9, false)]
        {
            assert_eq!(with(subject, message).is_ok(), fits, "{subject} {message}");
        }
    }

    #[test]
    fn triggers_and_destinations_of_other_types_are_refused() {
        let template = r#""template":{"message":"Somebody signed up."}"#;
        let metric = parse(&format!(r#"{{"name":"x","trigger":{{"type":"metric","goalName":"g"}},{template}}}"#));
        assert!(metric.unwrap_err().contains("expected `goal`"));
        let webhook = parse(&format!(
            r#"{{"name":"x","trigger":{{"goalName":"g"}},"destination":{{"type":"webhook"}},{template}}}"#
        ));
        assert!(webhook.unwrap_err().contains("expected `email`"));
    }
}
