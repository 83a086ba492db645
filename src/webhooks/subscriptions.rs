//! Subscriptions: which events a website's object writes to its outbox, derived from the website's endpoints and
//! alerts; the endpoints themselves; and how long the object keeps events.

use serde::Deserialize;

use super::event::EventType;
use crate::platform::database::{Batch, Handle, Results, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::site;
use crate::websites::website::{RetentionDays, Settings};
use sluice_engine::outbox::{Endpoint, Goals, Subscriptions};
use sluice_values::{AlertId, Timestamp, WebsiteId};

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

/// Sends a website's subscriptions to its object, and returns their version. The object keeps those with the highest version.
pub async fn sync(platform: &Platform, website: WebsiteId, now: Timestamp) -> Result<i64, PlatformError> {
    let subscriptions = load(platform, website).await?;
    let version = subscriptions.version;
    site::ask(platform, website, now, subscriptions).await.map(|_| version)
}

/// A website's subscriptions, with its endpoints.
pub async fn load(platform: &Platform, website: WebsiteId) -> Result<Subscriptions, PlatformError> {
    let mut batch = Batch::new();
    let rows = Rows::read(&mut batch, website);
    let results = platform.database().run(batch).await?;
    rows.subscriptions(website, &results)
}

/// What the new objects of a website must know before they take events: the subscriptions, and the number of the outbox entry
/// that was drained last.
pub async fn of_new_objects(platform: &Platform, website: WebsiteId) -> Result<(Subscriptions, i64), PlatformError> {
    #[derive(Deserialize)]
    struct Cursor {
        seq: i64,
    }
    let mut batch = Batch::new();
    let rows = Rows::read(&mut batch, website);
    let cursor = batch.read::<Cursor>(sql("SELECT seq FROM news_cursors WHERE website_id = ?1").bind(website));
    let results = platform.database().run(batch).await?;
    let last = results.first(&cursor)?.map_or(0, |cursor| cursor.seq);
    Ok((rows.subscriptions(website, &results)?, last))
}

/// [`sync`] after a change was stored. A failure is logged: the change stands, and cron sends it.
pub async fn sync_later(platform: &Platform, website: WebsiteId, now: Timestamp) {
    if let Err(error) = sync(platform, website, now).await {
        log::failure("subscriptions", &website.to_string(), &error.to_string());
    }
}

/// The most websites whose subscriptions one run of cron sends.
const SYNCED_AT_ONCE: u32 = 200;

/// Sends the subscriptions of every website whose endpoints or alerts have changed, once more or until the object has them: the
/// request that changed something may have died before it sent them.
pub async fn sync_changed(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Changed {
        id: WebsiteId,
    }
    for Changed { id } in platform.database().rows(select_changed()).await? {
        match sync(platform, id, now).await {
            Ok(version) => {
                let synced = sql("UPDATE websites SET watch_synced = ?2 WHERE id = ?1 AND watch_synced < ?2");
                platform.database().run(Batch::of(synced.bind(id).bind(version))).await?;
            }
            Err(error) => log::failure("subscriptions", &id.to_string(), &error.to_string()),
        }
    }
    Ok(())
}

fn select_changed() -> Statement {
    sql("SELECT id FROM websites WHERE watch_synced < watch_version ORDER BY watch_changed_at LIMIT ?1")
        .bind(SYNCED_AT_ONCE)
}

#[derive(Deserialize)]
struct Version {
    watch_version: i64,
    settings: String,
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
        let endpoints = sql("SELECT id, url, event_types, goal_names, is_enabled, switched_on, sealed_headers, \
                             sealed_secret, sealed_previous_secret, previous_secret_expires_at, slot_ms, failing_since, \
                             warned_at FROM webhooks WHERE website_id = ?1");
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
        let endpoints = results.all(&self.endpoints)?;
        for endpoint in &endpoints {
            let broken = |error| PlatformError::new(format!("webhook: {error}"));
            let types: Vec<EventType> = serde_json::from_str(&endpoint.event_types).map_err(broken)?;
            let names: Vec<String> = serde_json::from_str(&endpoint.goal_names).map_err(broken)?;
            add_endpoint(&mut subscriptions, &types, names);
        }
        subscriptions.endpoints = Some(endpoints);
        let mut of_alerts = Goals::default();
        for alert in results.all(&self.alerts)? {
            match (alert.kind.as_str(), alert.goal_name) {
                ("goal", Some(name)) => of_alerts.add(Goals::Named(vec![name])),
                _ => subscriptions.activity = true,
            }
        }
        subscriptions.goals.add(of_alerts.clone());
        subscriptions.alert_goals = Some(of_alerts);
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
    use crate::platform::database::memory::Memory;

    #[test]
    fn websites_to_sync_are_found_by_their_index() {
        let plan = Memory::default().plan(&select_changed());
        assert!(plan.contains("USING INDEX websites_to_sync"), "{plan}");
    }

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
