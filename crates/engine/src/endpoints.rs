//! The endpoints of a website in its object, as D1 sends them.

use sluice_values::Timestamp;

use crate::error::Error;
use crate::site::Site;
use crate::sql::Sql;
use crate::subscriptions::Endpoint;

/// An endpoint that was switched off here stays off until it is switched on, which `switched_on` counts.
const REPLACE: &str = "INSERT INTO webhooks (id, url, event_types, goal_names, is_enabled, switched_on, sealed_headers, \
    sealed_secret, sealed_previous_secret, previous_secret_expires_at, slot_ms, failing_since, warned_at) \
    SELECT value ->> 'id', value ->> 'url', value ->> 'event_types', value ->> 'goal_names', value ->> 'is_enabled', \
      value ->> 'switched_on', value ->> 'sealed_headers', value ->> 'sealed_secret', \
      value ->> 'sealed_previous_secret', value ->> 'previous_secret_expires_at', value ->> 'slot_ms', \
      value ->> 'failing_since', value ->> 'warned_at' FROM json_each(?1) WHERE true \
    ON CONFLICT (id) DO UPDATE SET url = excluded.url, event_types = excluded.event_types, \
      goal_names = excluded.goal_names, sealed_headers = excluded.sealed_headers, \
      sealed_secret = excluded.sealed_secret, sealed_previous_secret = excluded.sealed_previous_secret, \
      previous_secret_expires_at = excluded.previous_secret_expires_at, slot_ms = excluded.slot_ms, \
      is_enabled = excluded.is_enabled AND (excluded.switched_on > switched_on OR disabled_reason IS NULL), \
      disabled_reason = iif(excluded.switched_on > switched_on, NULL, disabled_reason), \
      to_tell = iif(excluded.switched_on > switched_on, NULL, to_tell), \
      failing_since = iif(excluded.switched_on > switched_on, NULL, failing_since), \
      warned_at = iif(excluded.switched_on > switched_on, NULL, warned_at), \
      switched_on = max(excluded.switched_on, switched_on)";

/// Pending deliveries of endpoints that are off become `missed`, but for tests, which are sent anyway; those of endpoints that
/// were deleted fail.
pub const END_STRANDED: &str = "UPDATE deliveries SET \
    status = iif(EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id), 'missed', 'failed'), \
    next_attempt_at = NULL, lease = NULL, leased_until = 0, updated_at = ?1 WHERE status = 'pending' AND \
    NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id AND (w.is_enabled OR deliveries.is_test))";

/// Replaces all endpoints. Runs within a transaction.
pub(crate) fn replace<S: Sql>(site: &Site<S>, endpoints: &[Endpoint], now: Timestamp) -> Result<(), Error> {
    // As rows of D1 have them, moments are numbers.
    let mut list = serde_json::to_value(endpoints).map_err(|error| Error::new(error.to_string()))?;
    for (row, endpoint) in list.as_array_mut().into_iter().flatten().zip(endpoints) {
        for (name, moment) in [
            ("previous_secret_expires_at", endpoint.previous_secret_expires_at),
            ("failing_since", endpoint.failing_since),
            ("warned_at", endpoint.warned_at),
        ] {
            if let Some(row) = row.as_object_mut() {
                row.insert(name.to_owned(), moment.map(Timestamp::as_millis).into());
            }
        }
    }
    let list = list.to_string();
    site.sql
        .run("DELETE FROM webhooks WHERE id NOT IN (SELECT value ->> 'id' FROM json_each(?1))", &[(&list).into()])?;
    site.sql.run(REPLACE, &[list.into()])?;
    site.sql.run(END_STRANDED, &[now.into()])?;
    site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('endpoints', 1)", &[])
}

impl<S: Sql> Site<S> {
    /// Whether D1 has told the object which endpoints there are. An object of an earlier release does not know.
    pub fn knows_endpoints(&self) -> Result<bool, Error> {
        if !self.knows_endpoints.get() {
            let known = self.sql.first("SELECT 1 FROM meta WHERE key = 'endpoints'", &[])?.is_some();
            self.knows_endpoints.set(known);
        }
        Ok(self.knows_endpoints.get())
    }
}
