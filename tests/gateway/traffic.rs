//! Shared by the tests of ingestion and reports: websites from the script's view, events as the script sends them,
//! lines of an import, and the Website API.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::ops::Deref;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Account, Answer, Caller, Website, answer, text, unique};

/// The path for events.
pub const EVENTS: &str = "/api/events";
/// A person's browser.
pub const AGENT: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                         Chrome/128.0.0.0 Safari/537.36";
/// Another browser.
pub const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0";

/// A new visitor's id.
pub fn visitor() -> String {
    let random = || RandomState::new().build_hasher().finish().to_be_bytes();
    let bytes: Vec<u8> = [random(), random()].concat();
    uuid::Builder::from_random_bytes(bytes.try_into().unwrap()).into_uuid().to_string()
}

/// Whether this is a UUID v4.
pub fn is_uuid_v4(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.len() == 36 && uuid::Uuid::try_parse(text).is_ok_and(|id| id.get_version_num() == 4))
}

/// `base` with `fields` added or replaced.
pub fn with(mut base: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("no object: {fields}") };
    base.as_object_mut().unwrap().extend(fields);
    base
}

/// `base` without one of its fields.
pub fn without(mut base: Value, field: &str) -> Value {
    base.as_object_mut().unwrap().remove(field).unwrap_or_else(|| panic!("no {field}"));
    base
}

/// A timestamp this many milliseconds from now.
pub fn moment(millis: i64) -> String {
    let now = jiff::Timestamp::now().as_millisecond();
    jiff::Timestamp::from_millisecond(now + millis).unwrap().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A request of the Website API, as `caller` makes it.
pub fn api(caller: &Caller, method: Method, path: &str) -> RequestBuilder {
    caller.gateway.request(method, &format!("/api/v1{path}")).bearer_auth(&caller.token)
}

/// The response to a `GET`.
pub async fn get(caller: &Caller, path: &str) -> Answer {
    answer(api(caller, Method::GET, path)).await
}

/// The response to a `POST`.
pub async fn post(caller: &Caller, path: &str, body: Value) -> Answer {
    answer(api(caller, Method::POST, path).json(&body)).await
}

/// The response to a `DELETE`.
pub async fn delete(caller: &Caller, path: &str) -> Answer {
    answer(api(caller, Method::DELETE, path)).await
}

/// A website from the script's view.
pub struct Site {
    pub website: Website,
    pub tracking_id: String,
}

impl Deref for Site {
    type Target = Website;

    fn deref(&self) -> &Website {
        &self.website
    }
}

impl Site {
    /// A new website of `owner`.
    pub async fn new(owner: &Account) -> Self {
        Self::with(owner, |_| json!({})).await
    }

    /// A new website of `owner`, configured before its first event: cached settings would last for a minute.
    pub async fn with(owner: &Account, settings: impl FnOnce(&str) -> Value) -> Self {
        let website = owner.website().await;
        let settings = settings(&website.domain);
        if settings != json!({}) {
            owner.put(&website.path(""), settings).await.ok();
        }
        let row = owner.get(&website.path("")).await.ok().row();
        Self { tracking_id: text(&row["trackingId"]), website }
    }

    /// The same website on a gateway that has started anew on its storage.
    pub fn on(&self, gateway: &crate::support::Gateway) -> Self {
        let owner = gateway.caller(&self.owner.token);
        let website = Website { id: self.id.clone(), domain: self.domain.clone(), owner };
        Self { website, tracking_id: self.tracking_id.clone() }
    }

    /// The first pageview of a session, as the script sends it, with `fields` added or replaced.
    pub fn event(&self, visitor: &str, fields: Value) -> Value {
        let base = json!({
            "websiteId": self.tracking_id, "domain": self.domain, "visitorId": visitor,
            "sessionId": format!("s{visitor}"), "visitorFirstSeenAt": moment(0), "visitorSessionNumber": 1,
            "href": format!("https://{}/", self.domain), "referrer": null, "type": "pageview",
            "viewport": { "width": 1280, "height": 720 }, "language": "en-US", "timezone": "America/Chicago",
            "screenWidth": 1440, "screenHeight": 900,
        });
        with(base, fields)
    }

    /// A completed goal.
    pub fn goal(&self, visitor: &str, name: &str) -> Value {
        self.event(visitor, json!({ "type": "custom", "extraData": { "eventName": name } }))
    }

    /// Sends an event from a browser, with further headers.
    pub async fn send_with(&self, event: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.owner.gateway.request(Method::POST, EVENTS);
        if !headers.iter().any(|(name, _)| *name == "user-agent") {
            request = request.header("user-agent", AGENT);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.json(event)).await
    }

    /// Sends an event from a browser.
    pub async fn send(&self, event: &Value) -> Answer {
        self.send_with(event, &[]).await
    }

    /// Sends an event that must be accepted.
    pub async fn take(&self, event: Value) -> Answer {
        taken(self.send(&event).await)
    }

    /// A new visitor who has seen a page.
    pub async fn visit(&self) -> String {
        let visitor = visitor();
        self.take(self.event(&visitor, json!({}))).await;
        visitor
    }

    /// A path of the Website API with this website named in the query.
    pub fn named(&self, path: &str) -> String {
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}websiteId={}", self.id)
    }

    /// The owner's response from the Website API.
    pub async fn get(&self, path: &str) -> Answer {
        get(&self.owner, &self.named(path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        post(&self.owner, &self.named(path), body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        delete(&self.owner, &self.named(path)).await
    }

    /// The rows of a report below `/analytics`.
    #[track_caller]
    pub fn rows(&self, path: &str) -> impl Future<Output = Vec<Value>> {
        let path = format!("/analytics{path}");
        async move { self.get(&path).await.ok().rows() }
    }

    /// The totals of all time.
    pub async fn overview(&self) -> Value {
        self.get("/analytics/overview").await.ok().row()
    }

    /// Distinct visitors of all time.
    pub async fn visitors(&self) -> i64 {
        self.overview().await["visitors"].as_i64().unwrap()
    }

    /// One visitor with all activity.
    pub async fn visitor(&self, id: &str) -> Value {
        let answer = self.get(&format!("/visitors/{id}")).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.json()["data"].clone()
    }

    /// Goals as `(name, completions, visitors)`.
    pub async fn goals(&self) -> Vec<(String, i64, i64)> {
        let rows = self.rows("/goals").await;
        rows.iter()
            .map(|row| (text(&row["goal"]), row["completions"].as_i64().unwrap(), row["visitors"].as_i64().unwrap()))
            .collect()
    }

    /// An import line: a pageview, with `fields` added or replaced.
    pub fn line(&self, visitor: &str, timestamp: &str, fields: Value) -> Value {
        let base = json!({
            "id": unique(), "timestamp": timestamp, "type": "pageview", "visitorId": visitor,
            "sessionId": format!("s{visitor}"), "href": format!("https://{}/", self.domain), "referrer": null,
        });
        with(base, fields)
    }

    /// Imports a body.
    pub async fn import_body(&self, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.owner.request(Method::POST, &self.path("/import"));
        answer(request.header("content-type", "application/x-ndjson").body(body)).await
    }

    /// Imports lines that are all valid and new.
    pub async fn import(&self, lines: &[Value]) {
        let result = self.import_body(ndjson(lines)).await.ok().row();
        assert_eq!(result, imported(lines.len(), 0), "{result}");
    }

    /// Everything stored, line by line.
    pub async fn export(&self) -> Vec<Value> {
        let answer = answer(self.owner.request(Method::GET, &self.path("/export"))).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The response to an accepted event.
#[track_caller]
pub fn taken(answer: Answer) -> Answer {
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.headers.get("x-sluice-dropped"), None, "{answer}");
    answer
}

/// Why an event was dropped.
#[track_caller]
pub fn dropped(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer}");
    answer.header("x-sluice-dropped")
}

/// One object per line.
pub fn ndjson(lines: &[Value]) -> String {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// The response to an import without wrong lines.
pub fn imported(accepted: usize, duplicates: usize) -> Value {
    json!({ "accepted": accepted, "duplicates": duplicates, "rejected": 0, "errors": [] })
}
