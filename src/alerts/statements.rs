//! The SQL of alert rules: the rows of `alerts`, and how they are made, changed, restarted and switched off.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::alert::{Alert, Create, Edit, ShownTemplate, Update, read_cooldown};
use super::history::{self, Log, RecentLog};
use super::state_machine::State;
use super::template::{MessageText, Subject};
use super::trigger::Trigger;
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::webhooks::subscriptions;
use sluice_values::{AccountId, AlertId, Id, Name, Timestamp, WebhookId, WebsiteId, kinds};

/// The most rules that a website may have.
pub const MOST: u32 = 25;

// ---- Rows

/// A row of `alerts` as the API shows it.
#[derive(Deserialize)]
pub struct Row {
    id: AlertId,
    website_id: WebsiteId,
    name: String,
    /// A [`Trigger`] as JSON.
    condition: String,
    /// A [`super::destination::Destination`] as JSON.
    destination: String,
    subject: Option<String>,
    message: String,
    is_enabled: i64,
    cooldown: Option<String>,
    notify_resolved: i64,
    state: State,
    state_since: Timestamp,
    created_by: Option<AccountId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The columns of a [`Row`].
const COLUMNS: &str = "id, website_id, name, condition, destination, subject, message, is_enabled, cooldown, \
                       notify_resolved, state, state_since, created_by, created_at, updated_at";

impl Row {
    /// The alert with its latest messages, picked from `logs`, which may be those of several alerts.
    pub fn into_alert(self, logs: &[RecentLog]) -> Result<Alert, PlatformError> {
        let broken = |error| PlatformError::new(format!("alert {}: {error}", self.id));
        let trigger: Trigger = serde_json::from_str(&self.condition).map_err(broken)?;
        let own = logs.iter().filter(|recent| recent.alert_id == self.id);
        let recent_logs: Vec<Log> = own.map(|recent| recent.log.clone()).collect();
        Ok(Alert {
            ids: self.id.into(),
            website_id: self.website_id,
            name: self.name,
            destination: serde_json::from_str(&self.destination).map_err(broken)?,
            template: ShownTemplate { subject: self.subject, message: self.message },
            is_enabled: self.is_enabled != 0,
            cooldown: read_cooldown(self.cooldown.as_deref(), trigger.kind()),
            notify_resolved: self.notify_resolved != 0,
            trigger,
            state: self.state,
            state_since: self.state_since,
            recent_logs,
            created_by: self.created_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// The trigger of an alert as it is stored.
#[derive(Deserialize)]
pub struct StoredTrigger {
    #[serde(rename = "condition")]
    pub json: String,
}

// ---- Reading

pub fn select_all(website: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM alerts WHERE website_id = ?1 ORDER BY created_at, id")).bind(website)
}

/// The trigger of one alert; no row if the website has no such alert.
pub fn select_trigger(id: AlertId, website: WebsiteId) -> Statement {
    sql("SELECT condition FROM alerts WHERE id = ?1 AND website_id = ?2").bind(id).bind(website)
}

/// Returns a row if the website has this endpoint. It explains why a write that needs the endpoint wrote nothing.
pub fn endpoint_exists(endpoint: WebhookId, website: WebsiteId) -> Statement {
    sql("SELECT 1 FROM webhooks WHERE id = ?1 AND website_id = ?2").bind(endpoint).bind(website)
}

// ---- Writing

/// The condition that the endpoint, if one is named, belongs to the website. As part of the write itself it cannot be
/// overtaken by the endpoint's deletion.
const ENDPOINT_EXISTS: &str =
    "(:endpoint IS NULL OR EXISTS (SELECT 1 FROM webhooks WHERE id = :endpoint AND website_id = :website))";

/// Adds a rule if the website has room for one more, in one statement. Returns its [`Row`].
pub fn insert(
    (id, website): (AlertId, WebsiteId),
    maker: Option<AccountId>,
    (now, base_url): (Timestamp, &str),
    create: &Create,
) -> Statement {
    sql(format!(
        "INSERT INTO alerts (id, website_id, name, condition, kind, goal_name, destination, endpoint_id, subject, \
         message, is_enabled, cooldown, notify_resolved, state_since, in_force_since, due_at, created_at, updated_at, \
         base_url, created_by, destination_set_by) \
         SELECT :id, :website, :name, :trigger, :kind, :goal_name, :destination, :endpoint, :subject, \
         :message, :is_enabled, :cooldown, :notify_resolved, :now, :now, \
         iif(:kind = 'metric' AND :is_enabled, :now, NULL), :now, :now, :base_url, :maker, :maker \
         WHERE (SELECT count(*) FROM alerts WHERE website_id = :website) < :most AND {ENDPOINT_EXISTS} \
         RETURNING {COLUMNS}"
    ))
    .bind_named("id", id)
    .bind_named("website", website)
    .bind_named("name", create.name.as_str())
    .bind_named("trigger", json(&create.trigger))
    .bind_named("kind", create.trigger.kind().as_str())
    .bind_named("goal_name", create.trigger.goal_name())
    .bind_named("destination", json(&create.destination))
    .bind_named("endpoint", create.destination.endpoint())
    .bind_named("subject", create.template.subject.as_ref().map(Subject::as_str))
    .bind_named("message", create.template.message.as_str())
    .bind_named("is_enabled", create.is_enabled())
    .bind_named("cooldown", create.cooldown.map(|cooldown| cooldown.to_string()))
    .bind_named("notify_resolved", create.notify_resolved())
    .bind_named("now", now)
    .bind_named("most", MOST)
    .bind_named("base_url", base_url)
    .bind_named("maker", maker)
}

/// Notes who chooses a new endpoint for an alert. To be run before [`update`], in its batch.
pub fn note_destination(id: AlertId, website: WebsiteId, chooser: Option<AccountId>, changes: &Update) -> Statement {
    sql("UPDATE alerts SET destination_set_by = ?3 WHERE id = ?1 AND website_id = ?2 AND endpoint_id IS NOT ?4 \
         AND EXISTS (SELECT 1 FROM webhooks WHERE id = ?4 AND website_id = ?2)")
    .bind(id)
    .bind(website)
    .bind(chooser)
    .bind(changes.endpoint())
}

/// An update restarts the alert if it changes the trigger, or switches the alert on or off.
const RESTARTS: &str = "(:trigger IS NOT NULL AND :trigger <> condition \
                        OR coalesce(:is_enabled, is_enabled) <> is_enabled)";

/// What every change of a rule sets; `c.restarts` says whether it restarts the alert. Restarting sets the alert to
/// `normal`, discards earlier counts and revokes the current evaluation lease.
const RESTART: &str = "state_since = iif(c.restarts AND state <> 'normal', :now, state_since), \
                       state = iif(c.restarts, 'normal', state), \
                       firing_told = iif(c.restarts, 0, firing_told), \
                       held = iif(c.restarts, 0, held), \
                       in_force_since = iif(c.restarts, :now, in_force_since), \
                       leased_until = iif(c.restarts, 0, leased_until), \
                       news = news + 1";

/// The handles of [`update`].
pub struct Updated {
    /// The changed row; none if the alert is gone, its trigger is no longer the expected one, or the endpoint is
    /// missing.
    pub row: Handle<Row>,
    pub trigger: Handle<StoredTrigger>,
    pub logs: Handle<RecentLog>,
    /// Whether the endpoint exists, if the update names one.
    pub endpoint: Option<Handle<IgnoredAny>>,
}

/// Changes only the fields that were sent, in one statement, so that concurrent updates do not overwrite each other.
pub fn update(
    batch: &mut Batch,
    (id, website): (AlertId, WebsiteId),
    (now, transition): (Timestamp, Id<kinds::Transition>),
    changes: &Update,
    edit: Option<&Edit>,
) -> Updated {
    let endpoint = changes.endpoint();
    let trigger = edit.map(|edit| &edit.trigger);
    let based_on = edit.and_then(|edit| edit.based_on.as_deref());
    let is_enabled = changes.is_enabled.as_set().copied();

    // Reads the row as it is before the update, so it comes first.
    batch.run(
        sql(format!(
            "INSERT INTO alert_transitions (id, website_id, alert_id, from_state, to_state, reason, value, at) \
             SELECT :transition, website_id, id, state, 'normal', \
             iif(coalesce(:is_enabled, 1), 'the trigger was changed', 'the alert was switched off'), NULL, :now \
             FROM alerts WHERE id = :id AND website_id = :website AND (:based_on IS NULL OR condition = :based_on) \
             AND state <> 'normal' AND {RESTARTS} AND {ENDPOINT_EXISTS}"
        ))
        .bind_named("transition", transition)
        .bind_named("is_enabled", is_enabled)
        .bind_named("now", now)
        .bind_named("id", id)
        .bind_named("website", website)
        .bind_named("based_on", based_on)
        .bind_named("trigger", trigger.map(json))
        .bind_named("endpoint", endpoint),
    );
    // A new goal, or a trigger of the other kind, does not inherit the cooldown. A metric alert is due when it
    // restarts, and when its cooldown changes, because the new one may end earlier.
    let update = sql(format!(
        "UPDATE alerts SET name = coalesce(:name, name), destination = coalesce(:destination, destination), \
         endpoint_id = iif(:destination IS NULL, endpoint_id, :endpoint), \
         subject = iif(:changes_subject, :subject, subject), message = coalesce(:message, message), \
         is_enabled = coalesce(:is_enabled, is_enabled), cooldown = coalesce(:cooldown, cooldown), \
         notify_resolved = coalesce(:notify_resolved, notify_resolved), \
         condition = coalesce(:trigger, condition), kind = coalesce(:kind, kind), \
         goal_name = iif(:trigger IS NULL, goal_name, :goal_name), updated_at = :now, \
         last_message_at = iif(:trigger IS NOT NULL AND :trigger <> condition AND (kind = 'goal' OR :kind = 'goal'), \
           NULL, last_message_at), \
         due_at = CASE \
           WHEN NOT coalesce(:is_enabled, is_enabled) THEN NULL \
           WHEN coalesce(:kind, kind) = 'metric' THEN iif(c.restarts OR :cooldown IS NOT NULL, :now, due_at) \
           ELSE iif(c.restarts, NULL, due_at) END, \
         {RESTART} \
         FROM (SELECT id AS changed, {RESTARTS} AS restarts FROM alerts WHERE id = :id) c \
         WHERE id = c.changed AND website_id = :website AND (:based_on IS NULL OR condition = :based_on) \
         AND {ENDPOINT_EXISTS} RETURNING {COLUMNS}"
    ))
    .bind_named("name", changes.name.as_set().map(Name::as_str))
    .bind_named("destination", changes.destination.as_set().map(json))
    .bind_named("endpoint", endpoint)
    .bind_named("changes_subject", changes.subject().is_some())
    .bind_named("subject", changes.subject().and_then(Option::as_ref).map(Subject::as_str))
    .bind_named("message", changes.message().map(MessageText::as_str))
    .bind_named("is_enabled", is_enabled)
    .bind_named("cooldown", changes.cooldown.as_set().map(ToString::to_string))
    .bind_named("notify_resolved", changes.notify_resolved.as_set().copied())
    .bind_named("trigger", trigger.map(json))
    .bind_named("kind", trigger.map(|trigger| trigger.kind().as_str()))
    .bind_named("goal_name", trigger.and_then(Trigger::goal_name))
    .bind_named("now", now)
    .bind_named("id", id)
    .bind_named("website", website)
    .bind_named("based_on", based_on);
    let updated = Updated {
        row: batch.read(update),
        trigger: batch.read(select_trigger(id, website)),
        logs: batch.read(history::select_recent(website)),
        endpoint: endpoint.map(|endpoint| batch.read(endpoint_exists(endpoint, website))),
    };
    batch.run(discard_earlier(id));
    updated
}

/// Completions from before the alert took effect are ignored.
fn discard_earlier(id: AlertId) -> Statement {
    sql("DELETE FROM alert_completions WHERE alert_id = ?1 \
         AND received_at < (SELECT in_force_since FROM alerts WHERE id = ?1)")
    .bind(id)
}

/// Stores the gateway's public address for the links in mails: cron has no request to take it from.
pub fn set_base_url(id: AlertId, website: WebsiteId, base_url: &str) -> Statement {
    sql("UPDATE alerts SET base_url = ?3 WHERE id = ?1 AND website_id = ?2").bind(id).bind(website).bind(base_url)
}

/// An alert after [`switch_off`].
#[derive(Deserialize)]
pub struct SwitchedOff {
    pub name: String,
}

/// Disables an alert from the link in one of its mails, as `isEnabled` would. A disabled one stays as it is.
pub fn switch_off(
    batch: &mut Batch,
    id: AlertId,
    (now, transition): (Timestamp, Id<kinds::Transition>),
) -> Handle<SwitchedOff> {
    batch.run(
        sql("INSERT INTO alert_transitions (id, website_id, alert_id, from_state, to_state, reason, value, at) \
             SELECT ?2, website_id, id, state, 'normal', 'the alert was switched off by the link in a mail', NULL, ?3 \
             FROM alerts WHERE id = ?1 AND is_enabled AND state <> 'normal'")
        .bind(id)
        .bind(transition)
        .bind(now),
    );
    let update = sql(format!(
        "UPDATE alerts SET is_enabled = 0, updated_at = iif(c.restarts, :now, updated_at), due_at = NULL, {RESTART} \
         FROM (SELECT id AS changed, is_enabled AS restarts FROM alerts WHERE id = :id) c \
         WHERE id = c.changed RETURNING name"
    ));
    let switched_off = batch.read(update.bind_named("now", now).bind_named("id", id));
    batch.run(discard_earlier(id));
    batch.run(subscriptions::changed_by_alert(id, now));
    switched_off
}

/// Switches off the alerts of a website whose endpoint is gone, as `isEnabled` would, and returns their ids and names.
pub fn switch_off_stranded<T>(batch: &mut Batch, website: WebsiteId, now: Timestamp) -> Handle<T> {
    const STRANDED: &str = "website_id = :website AND endpoint_id IS NOT NULL AND is_enabled \
                            AND NOT EXISTS (SELECT 1 FROM webhooks WHERE webhooks.id = endpoint_id)";
    batch.run(
        sql(format!(
            "INSERT INTO alert_transitions (id, website_id, alert_id, from_state, to_state, reason, value, at) \
             SELECT lower(hex(randomblob(12))), website_id, id, state, 'normal', 'its webhook was deleted', NULL, :now \
             FROM alerts WHERE {STRANDED} AND state <> 'normal'"
        ))
        .bind_named("now", now)
        .bind_named("website", website),
    );
    let update = sql(format!(
        "UPDATE alerts SET is_enabled = 0, updated_at = :now, due_at = NULL, {RESTART} \
         FROM (SELECT id AS changed, 1 AS restarts FROM alerts WHERE {STRANDED}) c \
         WHERE id = c.changed RETURNING id, name"
    ));
    let switched_off = batch.read(update.bind_named("now", now).bind_named("website", website));
    batch.run(
        sql("DELETE FROM alert_completions WHERE alert_id IN (SELECT id FROM alerts \
             WHERE website_id = ?1 AND NOT is_enabled AND in_force_since = ?2)")
        .bind(website)
        .bind(now),
    );
    switched_off
}

/// Deletes a rule; its history stays. Returns a row if there was one.
pub fn delete(batch: &mut Batch, id: AlertId, website: WebsiteId) -> Handle<IgnoredAny> {
    let alert = sql("DELETE FROM alerts WHERE id = ?1 AND website_id = ?2 RETURNING id").bind(id).bind(website);
    let deleted = batch.read(alert);
    let completions = "DELETE FROM alert_completions WHERE alert_id = ?1 \
                       AND NOT EXISTS (SELECT 1 FROM alerts WHERE id = ?1)";
    batch.run(sql(completions).bind(id));
    deleted
}

/// A value as it is stored.
fn json<T: serde::Serialize>(value: &T) -> String {
    // Our own types always serialize: their keys are strings and their numbers finite.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let create = serde_json::from_value(create).unwrap();
        let row =
            database.batch::<Row>(&[insert((id, website()), None, (at(0), ""), &create)]).unwrap().remove(0).remove(0);
        (id, row.into_alert(&[]).unwrap())
    }

    fn metric() -> Value {
        json!({ "type": "metric", "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10 })
    }

    fn change_at(database: &Memory, id: AlertId, minute: i64, sent: &Value, stored: Option<&str>) -> Option<Alert> {
        let changes: Update = serde_json::from_value(sent.clone()).unwrap();
        let edit = changes.edit(stored.map(str::to_owned)).unwrap();
        let mut batch = Batch::new();
        let moment = (at(minute), Id::new(at(minute), [2; 8]));
        update(&mut batch, (id, website()), moment, &changes, edit.as_ref());
        let rows = database.batch::<Value>(&batch.into_statements()).unwrap();
        let row = rows.into_iter().flatten().find(|row| row.get("notify_resolved").is_some())?;
        Some(serde_json::from_value::<Row>(row).unwrap().into_alert(&[]).unwrap())
    }

    fn stored(database: &Memory, columns: &'static str) -> Value {
        database.batch::<Value>(&[sql(columns)]).unwrap().remove(0).remove(0)
    }

    const BOOKKEEPING: &str = "SELECT kind, goal_name, held, in_force_since, last_message_at, firing_told, due_at, leased_until, \
                         state FROM alerts";

    /// The alert after it has been evaluated a few times.
    fn worked(database: &Memory) {
        database.execute(&format!(
            "UPDATE alerts SET state = 'firing', firing_told = 1, held = 3, last_message_at = {}, leased_until = 7, due_at = 9",
            at(1).as_millis()
        ));
    }

    #[test]
    fn a_new_alert_has_the_defaults_of_its_kind_and_is_due_if_it_is_on_a_metric() {
        let database = Memory::with_website();
        let (_, goal) = made(&database, &json!({ "goalName": "signup" }));
        assert_eq!(
            (goal.cooldown.to_string().as_str(), goal.state, goal.notify_resolved),
            ("0m", State::Normal, false)
        );
        assert_eq!((goal.state_since, goal.is_enabled), (at(0), true));
        assert_eq!(stored(&database, BOOKKEEPING)["due_at"], json!(null));
        assert_eq!(stored(&database, BOOKKEEPING)["goal_name"], "signup");
        database.execute("DELETE FROM alerts");
        let (_, on_metric) = made(&database, &metric());
        assert_eq!(on_metric.cooldown.to_string(), "1h");
        let row = stored(&database, BOOKKEEPING);
        assert_eq!(
            (&row["due_at"], &row["kind"], &row["goal_name"]),
            (&json!(at(0).as_millis()), &json!("metric"), &json!(null))
        );
    }

    #[test]
    fn another_trigger_restarts_an_alert_and_the_same_one_does_not() {
        let database = Memory::with_website();
        let (id, alert) = made(&database, &metric());
        worked(&database);
        let same = change_at(&database, id, 5, &json!({ "trigger": metric(), "name": "y" }), None).unwrap();
        assert_eq!((same.state, same.trigger == alert.trigger), (State::Firing, true));
        assert_eq!(stored(&database, BOOKKEEPING)["leased_until"], 7);
        let text = serde_json::to_string(&alert.trigger).unwrap();
        let patch = json!({ "trigger": { "threshold": 20 } });
        assert!(change_at(&database, id, 6, &patch, Some(&text.replace("10", "11"))).is_none(), "not what is stored");
        let changed = change_at(&database, id, 6, &patch, Some(&text)).unwrap();
        assert_eq!((changed.state, changed.state_since), (State::Normal, at(6)));
        let row = stored(&database, BOOKKEEPING);
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
        let row = stored(&database, BOOKKEEPING);
        assert_eq!((&row["due_at"], &row["goal_name"], &row["kind"]), (&json!(null), &json!("buy"), &json!("goal")));
        assert_eq!(row["last_message_at"], json!(null));
    }

    #[test]
    fn waiting_completions_stay_unless_the_alert_restarts() {
        let database = Memory::with_website();
        let (id, _) = made(&database, &json!({ "goalName": "signup" }));
        database.execute(&format!(
            "INSERT INTO alert_completions VALUES ('{id}', 1, {}, '{{}}'); UPDATE alerts SET due_at = 9",
            at(3).as_millis()
        ));
        let waiting = || {
            let waiting = stored(&database, "SELECT count(*) AS n FROM alert_completions");
            (stored(&database, BOOKKEEPING)["due_at"].clone(), waiting["n"].clone())
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
        assert_eq!(stored(&database, BOOKKEEPING)["held"], 3, "nothing has changed");
        change_at(&database, id, 6, &json!({ "trigger": { "goalName": "buy" } }), Some(text)).unwrap();
        let row = stored(&database, BOOKKEEPING);
        assert_eq!(
            (&row["held"], &row["in_force_since"], &row["last_message_at"]),
            (&json!(0), &json!(at(6).as_millis()), &json!(null))
        );
        worked(&database);
        change_at(&database, id, 7, &json!({ "isEnabled": false }), None).unwrap();
        change_at(&database, id, 8, &json!({ "isEnabled": true }), None).unwrap();
        let row = stored(&database, BOOKKEEPING);
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
        assert_eq!(stored(&database, BOOKKEEPING)["due_at"], json!(null));
        assert_eq!(stored(&database, "SELECT reason FROM alert_transitions")["reason"], "the alert was switched off");
        change_at(&database, id, 6, &json!({ "cooldown": "5m" }), None).unwrap();
        assert_eq!(stored(&database, BOOKKEEPING)["due_at"], json!(null), "still off");
        let on = change_at(&database, id, 7, &json!({ "isEnabled": true, "notifyResolved": true }), None).unwrap();
        assert_eq!((on.cooldown.to_string().as_str(), on.notify_resolved), ("5m", true));
        assert_eq!(stored(&database, BOOKKEEPING)["due_at"], at(7).as_millis());
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
