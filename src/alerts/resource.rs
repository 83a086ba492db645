//! Alert rules (docs/contract/account-api.md#9, docs/contract/README.md#28 and #32,
//! docs/contract/automation.md#alerts-beyond-the-contract). What they come to is next door, in `machine` and
//! `evaluate`.

use serde::{Deserialize, Deserializer, Serialize};

use super::history::{self, Log};
use super::state_machine::State;
use super::template::{MessageText, Subject};
use super::trigger::{SentTrigger, Trigger, TriggerType, UpdateTrigger};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Patch, Path};
use crate::http::reply::{BothIds, Created, Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Rows, Statement, sql};
use crate::webhooks::subscriptions;
use sluice_values::{AlertId, Duration, Id, Name, Timestamp, WebhookId, WebsiteId, kinds};

/// Rules that a website may have at once.
const MOST: u32 = 25;

/// How often a change of a trigger is tried when others change it at the same moment.
const ATTEMPTS: u32 = 12;

/// The time between two messages of an alert.
pub type Cooldown = Duration<0, 43_200>;

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateAlert")]
pub struct Create {
    name: Name,
    #[schemars(with = "SentTrigger")]
    trigger: Trigger,
    #[serde(default)]
    destination: Destination,
    template: Template,
    /// Left out: `true`.
    is_enabled: Option<bool>,
    /// The time between two messages of the alert; left out: `0m` for goals, `1h` for metrics.
    cooldown: Option<Cooldown>,
    /// Whether the end of a firing is told too; left out: `false`.
    notify_resolved: Option<bool>,
}

/// Where an alert's messages go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[schemars(inline)]
pub enum Destination {
    /// To the website owner's mailbox.
    #[default]
    Email,
    /// To a webhook endpoint of the website.
    Webhook {
        /// Which one.
        endpoint_id: WebhookId,
    },
}

impl Destination {
    /// The endpoint that it names.
    pub fn endpoint(&self) -> Option<WebhookId> {
        match self {
            Self::Email => None,
            Self::Webhook { endpoint_id } => Some(*endpoint_id),
        }
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Kind {
            Email,
            Webhook,
        }

        // As loosely as JSON allows, so that errors name the field.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct AnyDestination {
            r#type: Kind,
            endpoint_id: Option<WebhookId>,
        }

        match AnyDestination::deserialize(from)? {
            AnyDestination { r#type: Kind::Email, .. } => Ok(Self::Email),
            AnyDestination { endpoint_id: Some(endpoint_id), .. } => Ok(Self::Webhook { endpoint_id }),
            AnyDestination { .. } => Err(serde::de::Error::missing_field("endpointId")),
        }
    }
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
    /// The time between two messages of the alert.
    cooldown: Patch<Cooldown>,
    /// Whether the end of a firing is told too.
    notify_resolved: Patch<bool>,
}

#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
struct UpdateTemplate {
    /// `null` clears it.
    subject: Patch<Option<Subject>>,
    message: Patch<MessageText>,
}

// ---- Rules

impl Update {
    /// Whether the new trigger depends on the old one.
    fn needs_stored(&self) -> bool {
        self.trigger.as_set().is_some_and(|trigger| trigger.complete().is_none())
    }

    /// The new trigger, and the stored text that it was made of, where it was.
    fn edit(&self, stored: Option<String>) -> Result<Option<Edit>, Error> {
        let Some(patch) = self.trigger.as_set() else { return Ok(None) };
        if let Some(trigger) = patch.complete() {
            return Ok(Some(Edit { trigger, made_of: None }));
        }
        let text = stored.ok_or_else(|| PlatformError::new("a change of a trigger that nobody has read"))?;
        let before = serde_json::from_str(&text).map_err(|error| PlatformError::new(format!("a trigger: {error}")))?;
        Ok(Some(Edit { trigger: patch.onto(before)?, made_of: Some(text) }))
    }

    fn endpoint(&self) -> Option<WebhookId> {
        self.destination.as_set().and_then(Destination::endpoint)
    }
}

/// A new trigger.
struct Edit {
    trigger: Trigger,
    /// The text that must still be stored for the change to be right.
    made_of: Option<String>,
}

/// The time between two messages that an alert has where none was sent.
pub fn default_cooldown(kind: TriggerType) -> Cooldown {
    Cooldown::of_minutes(match kind {
        TriggerType::Goal => 0,
        TriggerType::Metric => 60,
    })
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
    cooldown: Cooldown,
    notify_resolved: bool,
    /// Of an alert on a metric; one on a goal stays `normal`.
    state: State,
    state_since: Timestamp,
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
    cooldown: Option<String>,
    notify_resolved: i64,
    state: State,
    state_since: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, website_id, name, condition, destination, subject, message, is_enabled, cooldown, notify_resolved, state, \
         state_since, created_at, updated_at"
    };
}

/// The condition that an alert starts anew: its trigger changes, or it is switched on or off.
macro_rules! starts_anew {
    ($condition:literal, $is_enabled:literal) => {
        concat!(
            "(",
            $condition,
            " IS NOT NULL AND ",
            $condition,
            " <> condition OR coalesce(",
            $is_enabled,
            ", is_enabled) <> is_enabled)"
        )
    };
}

/// The condition that the endpoint is one of the website's, as part of a write, so that neither can overtake the other.
macro_rules! has_endpoint {
    ($endpoint:literal) => {
        concat!(" AND EXISTS (SELECT 1 FROM webhooks WHERE id = ", $endpoint, " AND website_id = ?2)")
    };
}

fn select_all(website: WebsiteId) -> Statement {
    sql(concat!("SELECT ", columns!(), " FROM alerts WHERE website_id = ?1 ORDER BY created_at, id")).bind(website)
}

/// The stored trigger of an alert, for [`read_condition`].
pub fn select_condition(id: AlertId, website: WebsiteId) -> Statement {
    sql("SELECT condition FROM alerts WHERE id = ?1 AND website_id = ?2").bind(id).bind(website)
}

/// What [`select_condition`] found.
pub fn read_condition(rows: &mut Rows) -> Result<Option<String>, PlatformError> {
    #[derive(Deserialize)]
    struct Stored {
        condition: String,
    }
    Ok(rows.first::<Stored>()?.map(|row| row.condition))
}

/// Whether the website has this endpoint; tells of a write that was not done why.
fn endpoint_exists(endpoint: WebhookId, website: WebsiteId) -> Statement {
    sql("SELECT 1 FROM webhooks WHERE id = ?1 AND website_id = ?2").bind(endpoint).bind(website)
}

/// Adds a rule where the website has room for one more, in one statement.
fn insert(id: AlertId, website: WebsiteId, (now, base_url): (Timestamp, &str), create: &Create) -> Statement {
    macro_rules! text {
        ($further:expr) => {
            concat!(
                "INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, endpoint_id, subject, \
                 message, is_enabled, cooldown, notify_resolved, state_since, in_force_since, due_at, created_at, \
                 updated_at, base_url) \
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, \
                 iif(?5 = 'metric' AND ?11, ?14, NULL), ?14, ?14, ?16 \
                 WHERE (SELECT count(*) FROM alerts WHERE website_id = ?2) < ?15",
                $further,
                " RETURNING ",
                columns!()
            )
        };
    }
    let endpoint = create.destination.endpoint();
    sql(if endpoint.is_some() { text!(has_endpoint!("?8")) } else { text!("") })
        .bind(id)
        .bind(website)
        .bind(create.name.as_str())
        .bind_json(&create.trigger)
        .bind(create.trigger.kind().as_str())
        .bind(create.trigger.goal_name())
        .bind_json(&create.destination)
        .bind(endpoint)
        .bind(create.template.subject.as_ref().map(Subject::as_str))
        .bind(create.template.message.as_str())
        .bind(create.is_enabled.unwrap_or(true))
        .bind(create.cooldown.map(|cooldown| cooldown.to_string()))
        .bind(create.notify_resolved.unwrap_or_default())
        .bind(now)
        .bind(MOST)
        .bind(base_url)
}

/// Only what was sent changes, in one statement, so that two updates at once lose nothing. An alert that starts anew is
/// `normal`, counts from now on, and is looked at afresh: whoever is looking at it has lost the lease.
fn update(
    id: AlertId,
    website: WebsiteId,
    (now, transition): (Timestamp, Id<kinds::Transition>),
    changes: &Update,
    edit: Option<&Edit>,
) -> Vec<Statement> {
    macro_rules! text {
        ($further:expr) => {
            concat!(
                "UPDATE alerts SET name = coalesce(?3, name), destination = coalesce(?4, destination), \
                 endpoint_id = iif(?4 IS NULL, endpoint_id, ?5), subject = iif(?6, ?7, subject), \
                 message = coalesce(?8, message), is_enabled = coalesce(?9, is_enabled), \
                 cooldown = coalesce(?10, cooldown), notify_resolved = coalesce(?11, notify_resolved), \
                 condition = coalesce(?12, condition), kind = coalesce(?13, kind), \
                 goal_name = iif(?12 IS NULL, goal_name, ?14), updated_at = ?15, news = news + 1, ",
                // The cooldown of another goal, or of another kind of alert, is none of this one's.
                "last_message_at = iif(?12 IS NOT NULL AND ?12 <> condition AND (kind = 'goal' OR ?13 = 'goal'), NULL, \
                 last_message_at), state_since = iif(",
                starts_anew!("?12", "?9"),
                " AND state <> 'normal', ?15, state_since), state = iif(",
                starts_anew!("?12", "?9"),
                ", 'normal', state), firing_told = iif(",
                starts_anew!("?12", "?9"),
                ", 0, firing_told), held = iif(",
                starts_anew!("?12", "?9"),
                ", 0, held), in_force_since = iif(",
                starts_anew!("?12", "?9"),
                ", ?15, in_force_since), leased_until = iif(",
                starts_anew!("?12", "?9"),
                // Another cooldown may be over earlier.
                ", 0, leased_until), due_at = iif(NOT coalesce(?9, is_enabled), NULL, iif(coalesce(?13, kind) = 'metric', iif(",
                starts_anew!("?12", "?9"),
                " OR ?10 IS NOT NULL, ?15, due_at), iif(",
                starts_anew!("?12", "?9"),
                ", NULL, due_at))) \
                 WHERE id = ?1 AND website_id = ?2 AND (?16 IS NULL OR condition = ?16)",
                $further,
                " RETURNING ",
                columns!()
            )
        };
    }
    let template = changes.template.as_set();
    let subject = template.and_then(|template| template.subject.as_set());
    let message = template.and_then(|template| template.message.as_set());
    let endpoint = changes.endpoint();
    let trigger = edit.map(|edit| &edit.trigger);
    let text = sql(if endpoint.is_some() { text!(has_endpoint!("?5")) } else { text!("") });
    let update = text
        .bind(id)
        .bind(website)
        .bind(changes.name.as_set().map(Name::as_str))
        .bind(changes.destination.as_set().and_then(|destination| serde_json::to_string(destination).ok()))
        .bind(endpoint)
        .bind(subject.is_some())
        .bind(subject.and_then(|subject| subject.as_ref()).map(Subject::as_str))
        .bind(message.map(MessageText::as_str))
        .bind(changes.is_enabled.as_set().copied())
        .bind(changes.cooldown.as_set().map(ToString::to_string))
        .bind(changes.notify_resolved.as_set().copied())
        .bind(trigger.and_then(|trigger| serde_json::to_string(trigger).ok()))
        .bind(trigger.map(|trigger| trigger.kind().as_str()))
        .bind(trigger.and_then(Trigger::goal_name))
        .bind(now)
        .bind(edit.and_then(|edit| edit.made_of.as_deref()));
    let mut statements = vec![
        end_firing(id, website, (now, transition), changes, edit),
        update,
        select_condition(id, website),
        history::select_recent(website),
    ];
    statements.extend(endpoint.map(|endpoint| endpoint_exists(endpoint, website)));
    statements.push(forget_earlier(id));
    statements
}

/// What was completed before an alert has been in force is none of its business.
fn forget_earlier(id: AlertId) -> Statement {
    sql("DELETE FROM alert_completions WHERE alert_id = ?1 \
         AND received_at < (SELECT in_force_since FROM alerts WHERE id = ?1)")
    .bind(id)
}

/// Tells of the state that the update after it ends.
fn end_firing(
    id: AlertId,
    website: WebsiteId,
    (now, transition): (Timestamp, Id<kinds::Transition>),
    changes: &Update,
    edit: Option<&Edit>,
) -> Statement {
    macro_rules! text {
        ($further:expr) => {
            concat!(
                "INSERT INTO alert_transitions (id, website_id, alert_id, from_state, to_state, reason, value, at) \
                 SELECT ?3, website_id, id, state, 'normal', \
                 iif(coalesce(?5, 1), 'the trigger was changed', 'the alert was switched off'), NULL, ?7 FROM alerts \
                 WHERE id = ?1 AND website_id = ?2 AND (?6 IS NULL OR condition = ?6) AND state <> 'normal' AND ",
                starts_anew!("?4", "?5"),
                $further
            )
        };
    }
    let endpoint = changes.endpoint();
    let text = sql(if endpoint.is_some() { text!(has_endpoint!("?8")) } else { text!("") });
    let statement = text
        .bind(id)
        .bind(website)
        .bind(transition)
        .bind(edit.and_then(|edit| serde_json::to_string(&edit.trigger).ok()))
        .bind(changes.is_enabled.as_set().copied())
        .bind(edit.and_then(|edit| edit.made_of.as_deref()))
        .bind(now);
    if endpoint.is_some() { statement.bind(endpoint) } else { statement }
}

/// A rule with its latest messages, which may be those of several rules.
fn shown(row: Row, logs: &[(AlertId, Log)]) -> Result<Alert, PlatformError> {
    let broken = |error| PlatformError::new(format!("alert {}: {error}", row.id));
    let own = logs.iter().filter(|(alert, _)| *alert == row.id);
    let trigger: Trigger = serde_json::from_str(&row.condition).map_err(broken)?;
    Ok(Alert {
        ids: row.id.into(),
        website_id: row.website_id,
        name: row.name,
        destination: serde_json::from_str(&row.destination).map_err(broken)?,
        template: ShownTemplate { subject: row.subject, message: row.message },
        is_enabled: row.is_enabled != 0,
        cooldown: read_cooldown(row.cooldown.as_deref(), trigger.kind()),
        notify_resolved: row.notify_resolved != 0,
        trigger,
        state: row.state,
        state_since: row.state_since,
        recent_logs: own.map(|(_, log)| log.clone()).collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A cooldown as it is stored.
pub fn read_cooldown(stored: Option<&str>, kind: TriggerType) -> Cooldown {
    stored.and_then(|text| text.parse().ok()).unwrap_or_else(|| default_cooldown(kind))
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
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Data<Alert>>, Error> {
    let plan = |website, Body(create): &Body<Create>| {
        create.destination.endpoint().map(|endpoint| endpoint_exists(endpoint, website)).into_iter().collect()
    };
    let (website, Body(create), mut rows) = call.enter(input, plan).await?;
    let (id, now) = (website.call.new_id()?, website.call.now);
    if !has_endpoint(create.destination.endpoint(), &mut rows)? {
        return Err(no_endpoint(create.destination.endpoint()));
    }
    let mut statements = vec![subscriptions::changed(website.id, now)];
    statements.push(insert(id, website.id, (now, &website.call.base_url), &create));
    let alert = Alert {
        cooldown: create.cooldown.unwrap_or_else(|| default_cooldown(create.trigger.kind())),
        ids: id.into(),
        website_id: website.id,
        name: create.name.as_str().to_owned(),
        trigger: create.trigger,
        destination: create.destination,
        template: ShownTemplate {
            subject: create.template.subject.map(|subject| subject.as_str().to_owned()),
            message: create.template.message.as_str().to_owned(),
        },
        is_enabled: create.is_enabled.unwrap_or(true),
        notify_resolved: create.notify_resolved.unwrap_or_default(),
        state: State::Normal,
        state_since: now,
        recent_logs: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let made = website.create_once(statements, Data::one(alert)).await?.ok_or_else(no_room)?;
    subscriptions::tell(&website.call.platform, website.id, now).await?;
    Ok(made)
}

/// PUT: changes a rule.
pub async fn change(call: WebsiteCall, input: Input<(Path<AlertId>, Changes<Update>)>) -> Result<Data<Alert>, Error> {
    let plan = |website, (Path(id), Changes(changes)): &(Path<AlertId>, Changes<Update>)| {
        if changes.needs_stored() { vec![select_condition(*id, website)] } else { Vec::new() }
    };
    let (website, (Path(id), Changes(changes)), mut rows) = call.enter(input, plan).await?;
    let mut stored =
        if changes.needs_stored() { Some(read_condition(&mut rows)?.ok_or_else(|| not_found(id))?) } else { None };
    for _ in 0..ATTEMPTS {
        let edit = changes.edit(stored)?;
        let moment = (website.call.now, website.call.new_id()?);
        let mut statements = update(id, website.id, moment, &changes, edit.as_ref());
        statements.extend([seen_at(id, &website), subscriptions::changed(website.id, website.call.now)]);
        let mut rows = website.batch(statements).await?;
        rows.skip();
        let row = rows.first::<Row>()?;
        stored = read_condition(&mut rows)?;
        let logs = history::recent(&mut rows)?;
        if let Some(row) = row {
            subscriptions::tell(&website.call.platform, website.id, website.call.now).await?;
            return Ok(Data::one(shown(row, &logs)?));
        }
        if stored.is_none() {
            return Err(not_found(id));
        }
        if !has_endpoint(changes.endpoint(), &mut rows)? {
            return Err(no_endpoint(changes.endpoint()));
        }
        // Somebody else has changed the trigger since it was read: theirs is the one to change now.
    }
    Err(Error::conflict("trigger: others are changing it at this moment; try again"))
}

/// DELETE: deletes a rule for good; its history stays.
pub async fn delete(call: WebsiteCall, input: Input<Path<AlertId>>) -> Result<Data<Message>, Error> {
    let (website, Path(id), _) = call.enter(input, |_, _| Vec::new()).await?;
    let statement = sql("DELETE FROM alerts WHERE id = ?1 AND website_id = ?2 RETURNING id").bind(id).bind(website.id);
    let completions = sql("DELETE FROM alert_completions WHERE alert_id = ?1 \
                           AND NOT EXISTS (SELECT 1 FROM alerts WHERE id = ?1)");
    let statements = vec![statement, completions.bind(id), subscriptions::changed(website.id, website.call.now)];
    let deleted = website.batch(statements).await?.first::<serde::de::IgnoredAny>()?;
    deleted.ok_or_else(|| not_found(id))?;
    subscriptions::tell(&website.call.platform, website.id, website.call.now).await?;
    Ok(Message::saying("Alert deleted successfully"))
}

/// 404.
pub fn not_found(id: AlertId) -> Error {
    Error::not_found(format!("no alert {id} on this website"))
}

fn no_room() -> Error {
    Error::forbidden(format!("Alert limit reached (max {MOST} per website); delete one that is no longer used"))
}

/// Whether the endpoint is there, where there is to be one: the next statement is [`endpoint_exists`].
fn has_endpoint(endpoint: Option<WebhookId>, rows: &mut Rows) -> Result<bool, PlatformError> {
    Ok(endpoint.is_none() || rows.first::<serde::de::IgnoredAny>()?.is_some())
}

fn no_endpoint(endpoint: Option<WebhookId>) -> Error {
    let named = endpoint.map(|id| id.to_string()).unwrap_or_default();
    Error::bad_request(format!("destination.endpointId: no webhook {named} on this website"))
}

/// Where people reach the gateway, as whoever wrote the alert did: cron has no request to tell.
fn seen_at(id: AlertId, website: &EnteredWebsite) -> Statement {
    sql("UPDATE alerts SET base_url = ?3 WHERE id = ?1 AND website_id = ?2")
        .bind(id)
        .bind(website.id)
        .bind(website.call.base_url.as_str())
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
        assert_eq!(create.trigger.goal_name(), Some("signup"));
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
    fn a_destination_is_a_mailbox_or_an_endpoint() {
        let read = |sent: &str| serde_json::from_str::<Destination>(sent).map_err(|error| error.to_string());
        let endpoint = "0123456789abcdef01234567";
        let webhook = format!(r#"{{"type":"webhook","endpointId":"{endpoint}"}}"#);
        assert_eq!(read(r#"{"type":"email"}"#).unwrap(), Destination::Email);
        assert_eq!(read(&webhook).unwrap(), Destination::Webhook { endpoint_id: endpoint.parse().unwrap() });
        assert_eq!(serde_json::to_string(&read(&webhook).unwrap()).unwrap(), webhook);
        for (sent, said) in [
            (r#"{"type":"webhook"}"#, "missing field `endpointId`"),
            (r#"{"type":"webhook","endpointId":"x"}"#, "24 hexadecimal"),
            (r#"{"type":"pigeon"}"#, "expected `email` or `webhook`"),
            ("{}", "missing field `type`"),
        ] {
            let error = read(sent).unwrap_err();
            assert!(error.contains(said), "{sent}: {error}");
        }
    }

    // ---- The statements, on a SQLite with the migrations applied

    use crate::platform::database::memory::Memory;
    use serde_json::{Value, json};

    const WEBSITE: &str = "0000000000000000000000d1";
    const ENDPOINT: &str = "0000000000000000000000e1";

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + minute * 60_000)
    }

    fn website() -> WebsiteId {
        WEBSITE.parse().unwrap()
    }

    fn made(database: &Memory, trigger: &Value) -> (AlertId, Alert) {
        let create = json!({ "name": "x", "trigger": trigger, "template": { "message": "Ten or more." } });
        let id = AlertId::new(at(0), [1; 8]);
        let statement = insert(id, website(), (at(0), ""), &parse(&create.to_string()).unwrap());
        let row = database.batch::<Row>(&[statement]).unwrap().remove(0).remove(0);
        (id, shown(row, &[]).unwrap())
    }

    fn metric() -> Value {
        json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10 })
    }

    fn change_at(database: &Memory, id: AlertId, minute: i64, sent: &Value, stored: Option<&str>) -> Option<Alert> {
        let changes: Update = serde_json::from_value(sent.clone()).unwrap();
        let edit = changes.edit(stored.map(str::to_owned)).unwrap();
        let moment = (at(minute), Id::new(at(minute), [2; 8]));
        let statements = update(id, website(), moment, &changes, edit.as_ref());
        let rows = database.batch::<Value>(&statements).unwrap();
        rows[1].first().map(|row| shown(serde_json::from_value(row.clone()).unwrap(), &[]).unwrap())
    }

    fn stored(database: &Memory, columns: &'static str) -> Value {
        database.batch::<Value>(&[sql(columns)]).unwrap().remove(0).remove(0)
    }

    const INNER: &str = "SELECT kind, goal_name, held, in_force_since, last_message_at, firing_told, due_at, leased_until, \
                         state FROM alerts";

    /// What the alert would be after some time of work.
    fn worked(database: &Memory) {
        database.execute(&format!(
            "UPDATE alerts SET state = 'firing', firing_told = 1, held = 3, last_message_at = {}, leased_until = 7, due_at = 9",
            at(1).as_millis()
        ));
    }

    #[test]
    fn a_new_alert_has_the_defaults_of_its_kind_and_is_due_where_it_watches_a_number() {
        let database = Memory::with_website();
        let (_, goal) = made(&database, &json!({ "goalName": "signup" }));
        assert_eq!(
            (goal.cooldown.to_string().as_str(), goal.state, goal.notify_resolved),
            ("0m", State::Normal, false)
        );
        assert_eq!((goal.state_since, goal.is_enabled), (at(0), true));
        assert_eq!(stored(&database, INNER)["due_at"], json!(null));
        assert_eq!(stored(&database, INNER)["goal_name"], "signup");
        database.execute("DELETE FROM alerts");
        let (_, on_metric) = made(&database, &metric());
        assert_eq!(on_metric.cooldown.to_string(), "1h");
        let row = stored(&database, INNER);
        assert_eq!(
            (&row["due_at"], &row["kind"], &row["goal_name"]),
            (&json!(at(0).as_millis()), &json!("metric"), &json!(null))
        );
    }

    #[test]
    fn another_trigger_starts_an_alert_anew_and_the_same_one_does_not() {
        let database = Memory::with_website();
        let (id, alert) = made(&database, &metric());
        worked(&database);
        let same = change_at(&database, id, 5, &json!({ "trigger": metric(), "name": "y" }), None).unwrap();
        assert_eq!((same.state, same.trigger == alert.trigger), (State::Firing, true));
        assert_eq!(stored(&database, INNER)["leased_until"], 7);
        let text = serde_json::to_string(&alert.trigger).unwrap();
        let patch = json!({ "trigger": { "threshold": 20 } });
        assert!(change_at(&database, id, 6, &patch, Some(&text.replace("10", "11"))).is_none(), "not what is stored");
        let changed = change_at(&database, id, 6, &patch, Some(&text)).unwrap();
        assert_eq!((changed.state, changed.state_since), (State::Normal, at(6)));
        let row = stored(&database, INNER);
        assert_eq!(
            (&row["leased_until"], &row["due_at"], &row["firing_told"]),
            (&json!(0), &json!(at(6).as_millis()), &json!(0))
        );
        assert_eq!(row["last_message_at"], at(1).as_millis(), "the cooldown survives");
        let transition = stored(&database, "SELECT from_state, to_state, reason, value, at FROM alert_transitions");
        assert_eq!(
            transition,
            json!({ "from_state": "firing", "to_state": "normal", "reason": "the trigger was changed", "value": null,
                "at": at(6).as_millis() })
        );
        let goal =
            change_at(&database, id, 7, &json!({ "trigger": { "type": "goal", "goalName": "buy" } }), None).unwrap();
        assert_eq!(goal.cooldown.to_string(), "0m", "the default of its kind");
        let row = stored(&database, INNER);
        assert_eq!((&row["due_at"], &row["goal_name"], &row["kind"]), (&json!(null), &json!("buy"), &json!("goal")));
        assert_eq!(row["last_message_at"], json!(null));
    }

    #[test]
    fn completions_that_wait_stay_unless_the_alert_starts_anew() {
        let database = Memory::with_website();
        let (id, _) = made(&database, &json!({ "goalName": "signup" }));
        database.execute(&format!(
            "INSERT INTO alert_completions VALUES ('{id}', 1, {}, '{{}}'); UPDATE alerts SET due_at = 9",
            at(3).as_millis()
        ));
        let waiting = || {
            let waiting = stored(&database, "SELECT count(*) AS n FROM alert_completions");
            (stored(&database, INNER)["due_at"].clone(), waiting["n"].clone())
        };
        for kept in [json!({ "name": "y" }), json!({ "cooldown": "5m" }), json!({ "isEnabled": true })] {
            change_at(&database, id, 5, &kept, None).unwrap();
            assert_eq!(waiting(), (json!(9), json!(1)), "{kept}");
        }
        change_at(&database, id, 6, &json!({ "isEnabled": false }), None).unwrap();
        assert_eq!(waiting(), (json!(null), json!(0)));
    }

    #[test]
    fn a_renamed_goal_counts_from_now_and_so_does_a_switched_on_one() {
        let database = Memory::with_website();
        let (id, _) = made(&database, &json!({ "goalName": "signup" }));
        let text = r#"{"type":"goal","goalName":"signup"}"#;
        worked(&database);
        change_at(&database, id, 5, &json!({ "trigger": { "goalName": "SIGNUP" }, "isEnabled": true }), Some(text))
            .unwrap();
        assert_eq!(stored(&database, INNER)["held"], 3, "nothing has changed");
        change_at(&database, id, 6, &json!({ "trigger": { "goalName": "buy" } }), Some(text)).unwrap();
        let row = stored(&database, INNER);
        assert_eq!(
            (&row["held"], &row["in_force_since"], &row["last_message_at"]),
            (&json!(0), &json!(at(6).as_millis()), &json!(null))
        );
        worked(&database);
        change_at(&database, id, 7, &json!({ "isEnabled": false }), None).unwrap();
        change_at(&database, id, 8, &json!({ "isEnabled": true }), None).unwrap();
        let row = stored(&database, INNER);
        assert_eq!(
            (&row["held"], &row["in_force_since"], &row["due_at"]),
            (&json!(0), &json!(at(8).as_millis()), &json!(null))
        );
    }

    #[test]
    fn a_switched_off_alert_is_normal_and_not_due() {
        let database = Memory::with_website();
        let (id, _) = made(&database, &metric());
        worked(&database);
        let off = change_at(&database, id, 5, &json!({ "isEnabled": false }), None).unwrap();
        assert_eq!((off.state, off.is_enabled), (State::Normal, false));
        assert_eq!(stored(&database, INNER)["due_at"], json!(null));
        assert_eq!(stored(&database, "SELECT reason FROM alert_transitions")["reason"], "the alert was switched off");
        change_at(&database, id, 6, &json!({ "cooldown": "5m" }), None).unwrap();
        assert_eq!(stored(&database, INNER)["due_at"], json!(null), "still off");
        let on = change_at(&database, id, 7, &json!({ "isEnabled": true, "notifyResolved": true }), None).unwrap();
        assert_eq!((on.cooldown.to_string().as_str(), on.notify_resolved), ("5m", true));
        assert_eq!(stored(&database, INNER)["due_at"], at(7).as_millis());
    }

    #[test]
    fn an_endpoint_must_be_one_of_the_website() {
        let database = Memory::with_website();
        let (id, _) = made(&database, &metric());
        let to = json!({ "destination": { "type": "webhook", "endpointId": ENDPOINT }, "isEnabled": false });
        worked(&database);
        assert!(change_at(&database, id, 5, &to, None).is_none());
        assert_eq!(stored(&database, "SELECT count(*) AS n FROM alert_transitions")["n"], 0);
        database.execute(&format!(
            "INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers, \
             sealed_secret, created_at, updated_at) VALUES ('{ENDPOINT}', '{WEBSITE}', '', '[]', '[]', 1, '', '', 0, 0)"
        ));
        let changed = change_at(&database, id, 6, &to, None).unwrap();
        assert_eq!(changed.destination.endpoint(), ENDPOINT.parse().ok());
        assert_eq!(stored(&database, "SELECT endpoint_id FROM alerts")["endpoint_id"], ENDPOINT);
        change_at(&database, id, 7, &json!({ "destination": { "type": "email" } }), None).unwrap();
        assert_eq!(stored(&database, "SELECT endpoint_id FROM alerts")["endpoint_id"], json!(null));
    }
}
