//! `GET …/console/websites/{websiteId}/installation`: what arrives at a website, and why what else was sent does not.

use serde::Serialize;

use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::Input;
use crate::http::reply::Data;
use sluice_engine::installation::{Arrival, Dropped, Host, Installation as Call, Installed};
use sluice_values::Timestamp;

/// What arrives, and what does not.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    first_event_at: Option<Timestamp>,
    last_event_at: Option<Timestamp>,
    /// The hosts of the 10,000 events that arrived last; the 20 with the most events.
    hosts: Vec<InstallationHost>,
    /// What was dropped in the last hour, by reason, the last first.
    dropped: Vec<DroppedReason>,
    /// The 20 events that arrived last, the last one first.
    arrivals: Vec<ArrivedEvent>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct InstallationHost {
    hostname: String,
    last_seen_at: Timestamp,
    events: i64,
}

#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct DroppedReason {
    /// As `X-Sluice-Dropped` says it; `invalid` for what was answered 400, `rate-limit` for what was answered 429.
    reason: String,
    count: i64,
    last_at: Timestamp,
    /// The host that it happened to last.
    example: Option<String>,
    /// The hosts that it happened to, as far as they are known, the last first.
    hosts: Vec<DroppedHost>,
}

#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct DroppedHost {
    hostname: String,
    count: i64,
    last_at: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ArrivedEvent {
    at: Timestamp,
    /// `pageview`, `custom`, `identify`, `payment` or `external_link`.
    r#type: String,
    hostname: Option<String>,
    path: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// `desktop`, `mobile` or `tablet`.
    device: Option<String>,
}

impl From<Installed> for Installation {
    fn from(found: Installed) -> Self {
        let host =
            |Host { hostname, last_seen, events }| InstallationHost { hostname, last_seen_at: last_seen, events };
        let arrival = |Arrival { time, r#type, hostname, path, country, device }| ArrivedEvent {
            at: time,
            r#type,
            hostname,
            path,
            country,
            device,
        };
        Self {
            first_event_at: found.first_event,
            last_event_at: found.last_event,
            hosts: found.hosts.into_iter().map(host).collect(),
            dropped: by_reason(found.dropped),
            arrivals: found.arrivals.into_iter().map(arrival).collect(),
        }
    }
}

/// What was dropped, the last first, by reason.
fn by_reason(dropped: Vec<Dropped>) -> Vec<DroppedReason> {
    let mut reasons: Vec<DroppedReason> = Vec::new();
    for Dropped { reason, host, count, last } in dropped {
        let at = reasons.iter().position(|known| known.reason == reason).unwrap_or_else(|| {
            reasons.push(DroppedReason { reason, count: 0, last_at: last, example: None, hosts: Vec::new() });
            reasons.len() - 1
        });
        let Some(row) = reasons.get_mut(at) else { continue };
        row.count += count;
        row.last_at = row.last_at.max(last);
        if !host.is_empty() {
            row.example.get_or_insert_with(|| host.clone());
            row.hosts.push(DroppedHost { hostname: host, count, last_at: last });
        }
    }
    reasons
}

/// GET: what arrives.
pub async fn get(call: WebsiteCall, input: Input<()>) -> Result<Data<Installation>, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    Ok(Data::one(website.site().ask(Call {}).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dropped_is_grouped_by_reason_with_the_latest_host_as_its_example() {
        let dropped = |reason: &str, host: &str, count, last| Dropped {
            reason: reason.to_owned(),
            host: host.to_owned(),
            count,
            last: Timestamp::from_millis(last),
        };
        let found = by_reason(vec![
            dropped("hostname", "b.example", 1, 9),
            dropped("bot", "", 4, 8),
            dropped("hostname", "a.example", 2, 7),
            dropped("hostname", "", 5, 6),
        ]);
        let host = |hostname: &str, count, last| DroppedHost {
            hostname: hostname.to_owned(),
            count,
            last_at: Timestamp::from_millis(last),
        };
        let row = |reason: &str, count, last, example: Option<&str>, hosts| DroppedReason {
            reason: reason.to_owned(),
            count,
            last_at: Timestamp::from_millis(last),
            example: example.map(str::to_owned),
            hosts,
        };
        let hosts = vec![host("b.example", 1, 9), host("a.example", 2, 7)];
        assert_eq!(found, [row("hostname", 8, 9, Some("b.example"), hosts), row("bot", 4, 8, None, Vec::new())]);
    }
}
