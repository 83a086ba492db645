//! Which of its news a website's object has to write down: what its endpoints and alerts want to be told of.

use crate::site;
use serde::Deserialize;

use super::event::EventType;
use crate::platform::database::{Rows, Statement, sql};
use crate::platform::{Platform, PlatformError};
use sluice_engine::outbox::{Goals, Subscriptions};
use sluice_values::{AlertId, Timestamp, WebsiteId};

/// How long ago something may have changed that cron tells a website's object once more: a request that changed an
/// endpoint or an alert may have ended before the object had been told.
const SETTLING_MS: i64 = 150_000;

/// Goes into every transaction that changes an endpoint or an alert.
pub fn changed(website: WebsiteId, now: Timestamp) -> Statement {
    sql("UPDATE websites SET watch_version = watch_version + 1, watch_changed_at = ?2 WHERE id = ?1")
        .bind(website)
        .bind(now)
}

/// [`changed`] for the website of an alert; it does nothing if the alert is gone.
pub fn changed_by_alert(alert: AlertId, now: Timestamp) -> Statement {
    sql("UPDATE websites SET watch_version = watch_version + 1, watch_changed_at = ?2 \
         WHERE id = (SELECT website_id FROM alerts WHERE id = ?1)")
    .bind(alert)
    .bind(now)
}

/// Tells a website's object what to watch from now on. Of two that overtake each other the later version counts.
pub async fn tell(platform: &Platform, website: WebsiteId, now: Timestamp) -> Result<(), PlatformError> {
    let mut rows = platform.database().batch(select(website)).await?;
    let watch = read(&mut rows)?;
    site::ask(platform, website, now, watch).await.map(|_| ())
}

/// Tells the objects of websites whose endpoints or alerts have changed lately.
pub async fn settle(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    #[derive(Deserialize)]
    struct Changed {
        id: WebsiteId,
    }
    let statement = sql("SELECT id FROM websites WHERE watch_changed_at > ?1 ORDER BY watch_changed_at LIMIT 200");
    let rows = platform.database().batch(vec![statement.bind(now.plus_millis(-SETTLING_MS))]).await?;
    for Changed { id } in { rows }.all()? {
        tell(platform, id, now).await?;
    }
    Ok(())
}

/// All in one transaction, so that the version is that of the rows.
fn select(website: WebsiteId) -> Vec<Statement> {
    vec![
        sql("SELECT watch_version FROM websites WHERE id = ?1").bind(website),
        sql("SELECT event_types, goal_names FROM webhooks WHERE website_id = ?1").bind(website),
        sql("SELECT kind, goal_name FROM alerts WHERE website_id = ?1 AND is_enabled = 1").bind(website),
    ]
}

#[derive(Deserialize)]
struct Version {
    watch_version: i64,
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

fn read(rows: &mut Rows) -> Result<Subscriptions, PlatformError> {
    let version = rows.first::<Version>()?.map_or(0, |row| row.watch_version);
    let (endpoints, alerts): (Vec<Endpoint>, Vec<Alert>) = (rows.all()?, rows.all()?);
    let mut watch = Subscriptions { version, ..Subscriptions::default() };
    for endpoint in endpoints {
        let broken = |error| PlatformError::new(format!("webhook: {error}"));
        let types: Vec<EventType> = serde_json::from_str(&endpoint.event_types).map_err(broken)?;
        let names: Vec<String> = serde_json::from_str(&endpoint.goal_names).map_err(broken)?;
        add_endpoint(&mut watch, &types, names);
    }
    for alert in alerts {
        match (alert.kind.as_str(), alert.goal_name) {
            ("goal", Some(name)) => add_goals(&mut watch, vec![name]),
            _ => watch.activity = true,
        }
    }
    Ok(watch)
}

fn add_endpoint(watch: &mut Subscriptions, types: &[EventType], names: Vec<String>) {
    let wants = |r#type| types.is_empty() || types.contains(&r#type);
    if wants(EventType::GoalCompleted) {
        if names.is_empty() {
            watch.goals = Goals::All;
        } else {
            add_goals(watch, names);
        }
    }
    watch.payments |= wants(EventType::PaymentReceived) || wants(EventType::PaymentRefunded);
    watch.identities |= wants(EventType::VisitorIdentified);
}

fn add_goals(watch: &mut Subscriptions, names: Vec<String>) {
    if let Goals::Named(known) = &mut watch.goals {
        for name in names {
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_watched_that_nobody_wants() {
        let mut watch = Subscriptions::default();
        add_endpoint(&mut watch, &[EventType::AlertFiring], Vec::new());
        assert_eq!(watch, Subscriptions::default());
        add_endpoint(&mut watch, &[EventType::GoalCompleted], vec!["signup".to_owned()]);
        add_goals(&mut watch, vec!["signup".to_owned(), "paid".to_owned()]);
        assert_eq!(watch.goals, Goals::Named(vec!["signup".to_owned(), "paid".to_owned()]));
        assert!(!watch.payments && !watch.identities && !watch.activity);
    }

    #[test]
    fn an_endpoint_without_types_wants_all() {
        let mut watch = Subscriptions::default();
        add_endpoint(&mut watch, &[], Vec::new());
        add_goals(&mut watch, vec!["signup".to_owned()]);
        assert_eq!(watch.goals, Goals::All);
        assert!(watch.payments && watch.identities && !watch.activity);
    }
}
