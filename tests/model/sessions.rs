//! The imported data as plain lists: sessions with their events, goals, payments.

use super::World;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The campaign keys in the order of docs/contract/website-api.md#1.8.
pub const CAMPAIGN: [&str; 8] =
    ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref", "source", "via"];

#[derive(PartialEq)]
pub enum Kind {
    Pageview,
    Goal,
    Click(String),
    /// identify, and the browser's payment hints (docs/contract/reports.md#13)
    Other,
}

/// An event of the script or SDK.
pub struct Event {
    pub id: String,
    /// The number of its line.
    pub arrival: usize,
    /// Milliseconds since 1970.
    pub at: i64,
    pub kind: Kind,
    pub host: String,
    pub path: String,
    /// The user id and the name of an identification.
    pub identity: Option<(String, Option<String>)>,
    query: Vec<(String, String)>,
    referrer: Option<String>,
    country: Option<String>,
    region: Option<String>,
    city: Option<String>,
    device: Option<String>,
    browser: Option<String>,
    os: Option<String>,
}

/// docs/contract/reports.md#1: a session is (visitor id, session id). Its events are ordered by time, then id.
pub struct Session {
    pub visitor: String,
    pub events: Vec<Event>,
    /// The source name and the host, both of the first event's referrer; none for the website's own hosts
    /// (docs/contract/reports.md#3).
    pub referrer: Option<(String, String)>,
}

/// A completed goal, from the script or from a backend.
pub struct Goal {
    /// The number of its line.
    pub arrival: usize,
    pub at: i64,
    pub visitor: String,
    pub name: String,
    pub properties: BTreeMap<String, String>,
    /// The session of the event; for a backend's goal, the visitor's latest session that had begun by then.
    pub session: Option<usize>,
}

/// A completion of a goal by an event or a payment.
pub struct Completion<'a> {
    pub at: i64,
    /// Of what happens in one moment, payments come last; otherwise the order of arrival decides.
    pub order: (bool, usize),
    pub visitor: &'a str,
    pub session: Option<usize>,
}

#[derive(PartialEq, Clone, Copy)]
pub enum Sort {
    New,
    Renewal,
    Refund,
    /// The refund of a renewal (docs/contract/README.md#44).
    RefundedRenewal,
    Trial,
}

pub struct Payment {
    /// The number of its line.
    pub arrival: usize,
    pub at: i64,
    pub visitor: Option<String>,
    pub sort: Sort,
    pub cents: i128,
    /// The visitor's latest session begun before it (docs/contract/reports.md#4).
    pub session: Option<usize>,
}

pub struct Store {
    pub sessions: Vec<Session>,
    pub goals: Vec<Goal>,
    pub payments: Vec<Payment>,
}

impl Session {
    pub fn start(&self) -> i64 {
        self.events[0].at
    }

    pub fn duration(&self) -> i64 {
        self.events[self.events.len() - 1].at - self.events[0].at
    }

    pub fn pageviews(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| matches!(event.kind, Kind::Pageview))
    }

    /// One pageview and no goal (docs/contract/README.md#20, docs/contract/reports.md#5).
    pub fn bounces(&self) -> bool {
        self.pageviews().count() == 1 && !self.events.iter().any(|event| matches!(event.kind, Kind::Goal))
    }

    pub fn seen_between(&self, from: i64, to: i64) -> bool {
        self.events.iter().any(|event| from <= event.at && event.at <= to)
    }

    /// Every host that it touched (docs/contract/README.md#34).
    pub fn hosts(&self) -> BTreeSet<&str> {
        self.events.iter().map(|event| event.host.as_str()).collect()
    }

    /// docs/analytics.md#entry-and-exit-pages
    pub fn entry_page(&self) -> Option<&Event> {
        self.pageviews().next()
    }

    /// docs/analytics.md#entry-and-exit-pages
    pub fn exit_page(&self) -> Option<&Event> {
        self.pageviews().max_by_key(|view| (view.at, view.arrival))
    }

    /// docs/analytics.md#channels, for the sources that the generator uses.
    pub fn channel(&self) -> &'static str {
        let named = ["utm_source", "source", "ref"].into_iter().find_map(|key| self.campaign(key));
        let referrer = self.referrer.as_ref().map(|(source, _)| source.as_str());
        match (named.or(referrer), self.campaign("utm_medium")) {
            (None, _) => "Direct",
            (Some("google"), Some("cpc")) => "Paid Search",
            (Some("google" | "Google"), _) => "Organic Search",
            (Some("hn" | "X" | "Hacker News"), _) => "Organic Social",
            (Some(_), _) => "Referral",
        }
    }

    // The other dimensions of a session come from its first event (docs/contract/reports.md#3).

    pub fn country(&self) -> Option<&str> {
        self.events[0].country.as_deref()
    }

    /// As received.
    pub fn region_code(&self) -> Option<&str> {
        self.events[0].region.as_deref()
    }

    /// ISO codes are shown with their names (docs/contract/reports.md#11).
    pub fn region(&self) -> Option<&str> {
        self.region_code().map(|region| match region {
            "US-CA" => "California",
            "FR-IDF" => "Île-de-France",
            "DE-BE" => "Berlin",
            other => other,
        })
    }

    pub fn city(&self) -> Option<&str> {
        self.events[0].city.as_deref()
    }

    pub fn device(&self) -> Option<&str> {
        self.events[0].device.as_deref()
    }

    /// `Mobile Safari` is folded into `Safari` (docs/contract/reports.md#7).
    pub fn browser(&self) -> Option<&str> {
        self.events[0].browser.as_deref().map(|name| if name == "Mobile Safari" { "Safari" } else { name })
    }

    pub fn os(&self) -> Option<&str> {
        self.events[0].os.as_deref()
    }

    /// A campaign parameter of the first event's address; an empty one is unset.
    pub fn campaign(&self, key: &str) -> Option<&str> {
        let pair = self.events[0].query.iter().find(|(name, _)| name == key)?;
        (!pair.1.is_empty()).then_some(pair.1.as_str())
    }
}

/// The full name (docs/contract/reports.md#7), for the countries that the generator uses.
pub fn country_name(code: &str) -> &str {
    match code {
        "US" => "United States of America",
        "DE" => "Germany",
        "FR" => "France",
        "IN" => "India",
        other => panic!("the model knows no country {other}"),
    }
}

fn source_name(host: &str) -> &str {
    match host {
        "google.com" => "Google",
        "t.co" => "X",
        "news.ycombinator.com" => "Hacker News",
        other => other,
    }
}

impl Store {
    pub fn read(world: &World) -> Store {
        let mut ids = BTreeSet::new();
        let mut transactions = BTreeSet::new();
        let mut sessions: BTreeMap<(String, String), Vec<(Event, Value)>> = BTreeMap::new();
        let mut backend_goals = Vec::new();
        let mut payments = Vec::new();

        for (arrival, line) in world.lines.iter().enumerate() {
            // An id is stored once (docs/contract/reports.md#12).
            if let Some(id) = line["id"].as_str()
                && !ids.insert(id.to_owned())
            {
                continue;
            }
            let extra = &line["extraData"];
            let visitor = text(line, "visitorId");
            match line["type"].as_str().unwrap() {
                "payment" if extra["transaction_id"].is_string() => {
                    // The key is (transaction_id, refunded, refund_id) (docs/contract/reports.md#14).
                    let refunded = extra["refunded"] == Value::Bool(true);
                    let refund = text(extra, "refund_id").filter(|_| refunded);
                    if !transactions.insert((text(extra, "transaction_id"), refunded, refund)) {
                        continue;
                    }
                    let cents = (extra["amount"].as_f64().unwrap() * 100.0).round() as i128;
                    let sort = if refunded && extra["renewal"] == Value::Bool(true) {
                        Sort::RefundedRenewal
                    } else if refunded {
                        Sort::Refund
                    } else if cents == 0 || extra["is_free_trial"] == Value::Bool(true) {
                        Sort::Trial
                    } else if extra["renewal"] == Value::Bool(true) {
                        Sort::Renewal
                    } else {
                        Sort::New
                    };
                    // A payment line's own time and visitor win (docs/contract/reports.md#20).
                    let at = text(extra, "timestamp").or(text(line, "timestamp")).unwrap();
                    let visitor = text(extra, "datafast_visitor_id").or(visitor);
                    payments.push(Payment { arrival, at: milliseconds(&at), visitor, sort, cents, session: None });
                }
                "custom" if line["sessionId"].is_null() => {
                    let at = milliseconds(line["timestamp"].as_str().unwrap());
                    backend_goals.push(goal(line, arrival, at, visitor.unwrap()));
                }
                _ => {
                    let key = (visitor.unwrap(), text(line, "sessionId").unwrap());
                    sessions.entry(key).or_default().push((event(line, arrival), line.clone()));
                }
            }
        }

        let mut store = Store { sessions: Vec::new(), goals: Vec::new(), payments: Vec::new() };
        for ((visitor, _), mut events) in sessions {
            events.sort_by(|(a, _), (b, _)| (a.at, a.id.as_bytes()).cmp(&(b.at, b.id.as_bytes())));
            for (event, line) in &events {
                if let Kind::Goal = event.kind {
                    let session = Some(store.sessions.len());
                    store.goals.push(Goal { session, ..goal(line, event.arrival, event.at, visitor.clone()) });
                }
            }
            let events: Vec<Event> = events.into_iter().map(|(event, _)| event).collect();
            let referrer = referrer(&world.website.domain, events[0].referrer.as_deref());
            store.sessions.push(Session { visitor, events, referrer });
        }
        for goal in backend_goals {
            let session = store.latest_session(Some(&goal.visitor), goal.at);
            store.goals.push(Goal { session, ..goal });
        }
        for payment in payments {
            let session = store.latest_session(payment.visitor.as_deref(), payment.at);
            store.payments.push(Payment { session, ..payment });
        }
        store
    }

    /// The visitor's latest session begun before (or at) a moment (docs/contract/reports.md#4). Of sessions that begin in the
    /// same moment, the one with the highest session id is the latest, which holds in any order of arrival.
    fn latest_session(&self, visitor: Option<&str>, at: i64) -> Option<usize> {
        let begun = |&index: &usize| {
            let session = &self.sessions[index];
            Some(session.visitor.as_str()) == visitor && session.start() <= at
        };
        // Sessions of a visitor are stored in the order of their ids.
        (0..self.sessions.len()).filter(begun).max_by_key(|&index| (self.sessions[index].start(), index))
    }

    /// What was said last of a visitor: the user id, and the name.
    pub fn profile(&self, visitor: &str) -> Option<(String, Option<String>)> {
        let own = self.sessions.iter().filter(|session| session.visitor == visitor);
        let mut said: Vec<&Event> =
            own.flat_map(|session| &session.events).filter(|event| event.identity.is_some()).collect();
        said.sort_by_key(|event| (event.at, event.id.as_bytes()));
        let said = || said.iter().rev().filter_map(|event| event.identity.as_ref());
        Some((said().next()?.0.clone(), said().find_map(|(_, name)| name.clone())))
    }

    /// The number of sessions that a visitor ever had.
    pub fn visits(&self, visitor: &str) -> i64 {
        self.sessions.iter().filter(|session| session.visitor == visitor).count() as i64
    }

    /// The start of a visitor's first session ever.
    pub fn first_visit(&self, visitor: &str) -> i64 {
        let own = self.sessions.iter().filter(|session| session.visitor == visitor);
        own.map(Session::start).min().unwrap()
    }

    /// Any payment ever, trials included (docs/contract/reports.md#10).
    pub fn is_customer(&self, visitor: &str) -> bool {
        self.payments.iter().any(|payment| payment.visitor.as_deref() == Some(visitor))
    }

    /// Payment goals are goals here (docs/contract/README.md#37).
    pub fn completed(&self, visitor: &str, name: &str, from: i64, to: i64) -> bool {
        self.completions(name).any(|done| done.visitor == visitor && from <= done.at && done.at <= to)
    }

    /// Every completion of a goal by a visitor: of the events with its name, or of the payments that complete it
    /// (docs/contract/README.md#37).
    pub fn completions<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Completion<'a>> {
        let goals = self.goals.iter().filter(move |goal| goal.name == name);
        let goals = goals.map(|goal| Completion {
            at: goal.at,
            order: (false, goal.arrival),
            visitor: &goal.visitor,
            session: goal.session,
        });
        let payments = self.payments.iter().filter(move |payment| match name {
            "payment" => matches!(payment.sort, Sort::New | Sort::Renewal),
            "free_trial" => payment.sort == Sort::Trial,
            _ => false,
        });
        let payments = payments.filter_map(|payment| {
            let visitor = payment.visitor.as_deref()?;
            Some(Completion { at: payment.at, order: (true, payment.arrival), visitor, session: payment.session })
        });
        goals.chain(payments)
    }
}

fn text(object: &Value, key: &str) -> Option<String> {
    object[key].as_str().map(str::to_owned)
}

pub fn milliseconds(timestamp: &str) -> i64 {
    timestamp.parse::<Timestamp>().unwrap().as_millisecond()
}

fn goal(line: &Value, arrival: usize, at: i64, visitor: String) -> Goal {
    let extra = line["extraData"].as_object().unwrap();
    let properties = extra.iter().filter(|(key, _)| *key != "eventName");
    let properties = properties.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
    Goal { arrival, at, visitor, name: text(&line["extraData"], "eventName").unwrap(), properties, session: None }
}

fn event(line: &Value, arrival: usize) -> Event {
    let (host, path, query) = split_url(line["href"].as_str().unwrap());
    Event {
        id: text(line, "id").unwrap_or_default(),
        arrival,
        at: milliseconds(line["timestamp"].as_str().unwrap()),
        kind: match line["type"].as_str().unwrap() {
            "pageview" => Kind::Pageview,
            "custom" => Kind::Goal,
            "external_link" => Kind::Click(text(&line["extraData"], "url").unwrap()),
            "identify" | "payment" => Kind::Other,
            other => panic!("unknown type {other}"),
        },
        host,
        path,
        identity: text(&line["extraData"], "user_id").map(|user| (user, text(&line["extraData"], "name"))),
        query: pairs(&query),
        referrer: text(line, "referrer"),
        country: text(line, "country"),
        region: text(line, "region"),
        city: text(line, "city"),
        device: text(line, "device"),
        browser: text(line, "browser"),
        os: text(line, "os"),
    }
}

/// Host, path and query of an absolute URL.
pub fn split_url(url: &str) -> (String, String, String) {
    let rest = url.split_once("://").unwrap_or_else(|| panic!("{url} is not absolute")).1;
    let rest = rest.split('#').next().unwrap();
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    (host.to_lowercase(), format!("/{path}"), query.to_owned())
}

/// The decoded pairs of a query.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(k, v)| (decode(k), decode(v))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// The website's own hosts are never a referrer (docs/contract/reports.md#3).
fn referrer(domain: &str, url: Option<&str>) -> Option<(String, String)> {
    let (host, _, _) = split_url(url?);
    if host == domain || host.ends_with(&format!(".{domain}")) {
        return None;
    }
    let host = host.strip_prefix("www.").unwrap_or(&host);
    Some((source_name(host).to_owned(), host.to_owned()))
}
