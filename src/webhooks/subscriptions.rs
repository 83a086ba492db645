//! Subscriptions: which events a website's object writes to its outbox, derived from the website's endpoints and
//! alerts; and how long it keeps events.

use serde::Deserialize;

use super::event::EventType;
use crate::platform::database::{Batch, Handle, Results, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::site;
use crate::websites::website::{RetentionDays, Settings};
use sluice_engine::outbox::{Goals, Subscriptions};
use sluice_values::{AlertId, Timestamp, WebsiteId};

/// How long after a change cron sends the subscriptions to the website's object again, in milliseconds: the request
/// that changed an endpoint or an alert may have died before it sent them.
const SETTLING_MS: i64 = 150_000;

/// Belongs in every transaction that changes an endpoint or an alert.
pub fn changed(website: WebsiteId, now: Timestamp) -> Statement {
    changed_where("?1").bind(website).bind(now)
}

/// [`changed`] for the website of an alert; it does nothing if the alert is gone.
pub fn changed_by_alert(alert: AlertId, now: Timestamp) -> Statement {
    changed_where("(SELECT website_id FROM alerts WHERE id = ?1)").bind(alert).bind(now)
}

fn changed_where(id: &str) -> Statement {
    sql(format!("UPDATE websites SET watch_version = watch_version + 1, watch_changed_at = ?2 WHERE id = {id}"))
}

/// Sends a website's subscriptions to its object. The object keeps those with the highest version.
pub async fn sync(platform: &Platform, website: WebsiteId, now: Timestamp) -> Result<(), PlatformError> {
    let mut batch = Batch::new();
    let rows = Rows::read(&mut batch, website);
    let results = platform.database().run(batch).await?;
    site::ask(platform, website, now, rows.subscriptions(website, &results)?).await.map(|_| ())
}

/// [`sync`] after a change was stored. A failure is logged: the change stands, and cron sends it.
pub async fn sync_later(platform: &Platform, website: WebsiteId, now: Timestamp) {
    if let Err(error) = sync(platform, website, now).await {
        log::failure("subscriptions", &website.to_string(), &error.to_string());
    }
}

/// Sends the subscriptions of every website whose endpoints or alerts have changed lately.
pub async fn sync_changed(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Changed {
        id: WebsiteId,
    }
    let changed = sql("SELECT id FROM websites WHERE watch_changed_at > ?1 ORDER BY watch_changed_at LIMIT 200");
    for Changed { id } in platform.database().rows(changed.bind(now.plus_millis(-SETTLING_MS))).await? {
        sync_later(platform, id, now).await;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Version {
    watch_version: i64,
    settings: String,
}

#[derive(Deserialize)]
struct Endpoint {
    event_types: String,
    goal_names: String,
}

#[derive(Deserialize)]
struct Alert {
    kind: String,
    goal_name: Option<String>,
}

/// The rows that subscriptions derive from, read in one transaction, so that the version is that of the rows.
struct Rows {
    version: Handle<Version>,
    endpoints: Handle<Endpoint>,
    alerts: Handle<Alert>,
}

impl Rows {
    fn read(batch: &mut Batch, website: WebsiteId) -> Self {
        let version = sql("SELECT watch_version, settings FROM websites WHERE id = ?1");
        let endpoints = sql("SELECT event_types, goal_names FROM webhooks WHERE website_id = ?1");
        let alerts = sql("SELECT kind, goal_name FROM alerts WHERE website_id = ?1 AND is_enabled = 1");
        Self {
            version: batch.read(version.bind(website)),
            endpoints: batch.read(endpoints.bind(website)),
            alerts: batch.read(alerts.bind(website)),
        }
    }

    fn subscriptions(&self, website: WebsiteId, results: &Results) -> Result<Subscriptions, PlatformError> {
        let mut subscriptions = Subscriptions::default();
        if let Some(row) = results.first(&self.version)? {
            let settings: Settings = serde_json::from_str(&row.settings)
                .map_err(|error| PlatformError::new(format!("settings of website {website}: {error}")))?;
            subscriptions.version = row.watch_version;
            subscriptions.retention_days = settings.retention_days.map(RetentionDays::get);
        }
        for endpoint in results.all(&self.endpoints)? {
            let broken = |error| PlatformError::new(format!("webhook: {error}"));
            let types: Vec<EventType> = serde_json::from_str(&endpoint.event_types).map_err(broken)?;
            let names: Vec<String> = serde_json::from_str(&endpoint.goal_names).map_err(broken)?;
            add_endpoint(&mut subscriptions, &types, names);
        }
        for alert in results.all(&self.alerts)? {
            match (alert.kind.as_str(), alert.goal_name) {
                ("goal", Some(name)) => subscriptions.goals.add(Goals::Named(vec![name])),
                _ => subscriptions.activity = true,
            }
        }
        Ok(subscriptions)
    }
}

fn add_endpoint(subscriptions: &mut Subscriptions, types: &[EventType], goal_names: Vec<String>) {
    let goals = if goal_names.is_empty() { Goals::All } else { Goals::Named(goal_names) };
    let types = if types.is_empty() { EventType::ALL } else { types };
    for r#type in types {
        r#type.subscribe(subscriptions, goals.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wanted_events_are_subscribed_to() {
        let mut subscriptions = Subscriptions::default();
        add_endpoint(&mut subscriptions, &[EventType::AlertFiring], Vec::new());
        assert_eq!(subscriptions, Subscriptions::default());
        add_endpoint(&mut subscriptions, &[EventType::GoalCompleted], vec!["signup".to_owned()]);
        subscriptions.goals.add(Goals::Named(vec!["signup".to_owned(), "paid".to_owned()]));
        assert_eq!(subscriptions.goals, Goals::Named(vec!["signup".to_owned(), "paid".to_owned()]));
        assert!(!subscriptions.payments && !subscriptions.identities && !subscriptions.activity);
    }

    #[test]
    fn an_endpoint_without_types_wants_all() {
        let mut subscriptions = Subscriptions::default();
        add_endpoint(&mut subscriptions, &[], Vec::new());
        subscriptions.goals.add(Goals::Named(vec!["signup".to_owned()]));
        assert_eq!(subscriptions.goals, Goals::All);
        assert!(subscriptions.payments && subscriptions.identities && !subscriptions.activity);
    }
}
