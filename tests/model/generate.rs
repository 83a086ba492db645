//! proptest strategies: small worlds that collide a lot, and queries over all reports.
//!
//! `stream()` and `query()` are independent of each other; `case()` draws a world and queries around the same time,
//! some with bounds exactly on events, and is what most property tests need.
//!
//! The generator avoids cases on which `docs/contract/` is silent: two sessions of a visitor that begin at the same
//! time, differing events of a session at the same time, refunds of nothing, `pages` and `countries`
//! with only one of their two keys in `fields`, region codes as filter values.

use super::sessions::{CAMPAIGN, milliseconds};
use super::{Funnel, Website, World};
use jiff::Timestamp;
use jiff::tz::Offset;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub const DOMAIN: &str = "example.com";
pub const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
];
/// The ids of `funnels()`, in its order; queries name them.
pub const FUNNEL_IDS: [&str; 6] = [
    "65f000000000000000000001",
    "65f000000000000000000002",
    "65f000000000000000000003",
    "65f000000000000000000004",
    "65f000000000000000000005",
    "65f000000000000000000006",
];

const HOSTS: [&str; 3] = ["example.com", "www.example.com", "app.example.com"];
const PATHS: [&str; 6] = ["/", "/pricing", "/blog", "/blog/one", "/blog/two", "/docs"];
const GOALS: [&str; 3] = ["signup", "checkout", "demo:book"];
/// The names of goals that queries ask for: payments complete some (docs/contract/README.md#37).
const ASKED_GOALS: [&str; 5] = ["signup", "checkout", "demo:book", "payment", "free_trial"];
const SUFFIXES: [&str; 9] = [
    "",
    "#top",
    "?utm_source=google&utm_medium=cpc",
    "?utm_source=google&utm_campaign=spring%20sale",
    "?utm_source=&utm_medium=&ref=",
    "?ref=hn",
    "?source=news&via=bob&page=2",
    "?utm_term=shoes&utm_content=a#b",
    "?utm_source=news&utm_medium=mail",
];
const REFERRERS: [&str; 7] = [
    "https://www.google.com/search?q=x",
    "https://t.co/abc",
    "https://news.ycombinator.com/item?id=1",
    "https://blog.example.org/post",
    "https://www.shop.example.net/",
    "https://example.com/pricing",
    "https://app.example.com/?utm_source=own",
];
const COUNTRIES: [&str; 4] = ["US", "DE", "FR", "IN"];
const REGIONS: [&str; 4] = ["US-CA", "California", "FR-IDF", "DE-BE"];
const CITIES: [&str; 3] = ["Berlin", "Paris", "San Francisco"];
const BROWSERS: [&str; 4] = ["Chrome", "Safari", "Mobile Safari", "Firefox"];
const SYSTEMS: [&str; 4] = ["Mac OS", "iOS", "Windows", "Android"];
const DEVICES: [&str; 3] = ["desktop", "mobile", "tablet"];
const LINKS: [&str; 3] =
    ["https://partner.example.net/", "https://shop.example.org/a", "https://shop.example.org/b?c=d"];

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

pub fn website() -> impl Strategy<Value = Website> {
    (select(ZONES.to_vec()), any::<bool>()).prop_map(|(timezone, include_renewal_revenue)| Website {
        domain: DOMAIN.to_owned(),
        timezone: timezone.to_owned(),
        currency: "USD".to_owned(),
        include_renewal_revenue,
        name: None,
        kpi: None,
        kpi_color_scheme: None,
    })
}

/// The funnels that queries ask for.
pub fn funnels() -> Vec<Funnel> {
    let page = |url: &str| json!({ "type": "pageview", "url": url });
    let goal = |name: &str| json!({ "type": "goal", "goalName": name });
    let all = [
        vec![page("/"), goal("signup")],
        vec![page("/blog/*"), page("https://example.com/pricing"), goal("checkout")],
        vec![page("*"), page("/blog*"), page("/blog*")],
        vec![goal("signup"), page("https://app.example.com/*"), goal("signup"), page("/docs")],
        vec![page("*"), goal("payment"), goal("payment"), page("*")],
        vec![goal("free_trial"), goal("signup"), goal("payment")],
    ];
    let funnel = |(number, (id, mut steps)): (usize, (&str, Vec<Value>))| {
        for (index, step) in steps.iter_mut().enumerate() {
            step["id"] = json!(format!("step-{}", index + 1));
            step["name"] = json!(format!("Step {}", index + 1));
        }
        Funnel {
            id: id.to_owned(),
            name: format!("Funnel {}", number + 1),
            slug: format!("funnel-{}", number + 1),
            steps: Value::Array(steps),
        }
    };
    FUNNEL_IDS.into_iter().zip(all).enumerate().map(funnel).collect()
}

/// Clock changes and other turns of the calendar, Unix seconds.
fn moment() -> impl Strategy<Value = i64> {
    let moments = [
        "2025-03-30T01:00:00Z", // Berlin, an hour less
        "2025-10-26T01:00:00Z", // Berlin, an hour more
        "2025-03-09T07:00:00Z", // New York, an hour less
        "2025-11-02T06:00:00Z", // New York, an hour more
        "2025-10-04T15:30:00Z", // Lord Howe, half an hour less
        "2025-04-05T15:00:00Z", // Lord Howe, half an hour more
        "2025-03-09T05:30:00Z", // St. John's, an hour less
        "2025-11-02T04:30:00Z", // St. John's, an hour more
        "2025-02-28T18:30:00Z", // midnight of India before 1 March
        "2025-09-01T00:00:00Z", // a Monday that begins a month
    ];
    select(moments.map(|moment| milliseconds(moment) / 1000).to_vec())
}

/// Seconds from the reference time; many on the same half hours.
fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![
        5 => (-12..=12i64).prop_map(|n| n * HOUR / 2),
        2 => (-40..=40i64).prop_map(|n| n * DAY / 2),
        2 => -3 * DAY..3 * DAY,
        1 => -20 * DAY..20 * DAY,
    ]
}

fn one_of(names: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    select(names.to_vec()).prop_map(str::to_owned)
}

fn maybe(names: &[&'static str]) -> impl Strategy<Value = Option<String>> + use<> {
    option::weighted(0.8, one_of(names))
}

/// Country, region, city, device, browser, os of an event.
fn look() -> impl Strategy<Value = Map<String, Value>> {
    let parts =
        (maybe(&COUNTRIES), maybe(&REGIONS), maybe(&CITIES), maybe(&DEVICES), maybe(&BROWSERS), maybe(&SYSTEMS));
    parts.prop_map(|(country, region, city, device, browser, os)| {
        let names = ["country", "region", "city", "device", "browser", "os"];
        let values = [country, region, city, device, browser, os];
        names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
    })
}

fn properties() -> impl Strategy<Value = Map<String, Value>> {
    let plan = option::of(one_of(&["free", "pro"]));
    let place = option::of(one_of(&["top", "bottom", "pro"]));
    (plan, place).prop_map(|(plan, place)| {
        let values = [("plan", plan), ("button_location", place)];
        values.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect()
    })
}

fn goal_data() -> impl Strategy<Value = Value> {
    (one_of(&GOALS), properties()).prop_map(|(name, mut data)| {
        data.insert("eventName".to_owned(), json!(name));
        Value::Object(data)
    })
}

/// Type and extraData of an event of the script.
fn content() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        8 => Just(("pageview", Value::Null)),
        3 => goal_data().prop_map(|data| ("custom", data)),
        1 => one_of(&LINKS).prop_map(|url| ("external_link", json!({ "url": url, "text": "there" }))),
        1 => select(vec![
            json!({ "user_id": "u1", "name": "Ann" }),
            json!({ "user_id": "U2", "name": "Zoë Ånn" }),
            json!({ "user_id": "u1" }),
        ])
        .prop_map(|data| ("identify", data)),
        1 => Just(("payment", json!({ "email": "hint@example.com" }))),
        1 => Just(("payment", json!({ "stripe_session_id": "cs_hint" }))),
    ]
}

/// The spelling of a timestamp.
fn spelling() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0u8), 1 => Just(1), 1 => Just(2), 1 => Just(3)]
}

fn spell(at: i64, spelling: u8) -> String {
    let at = Timestamp::from_second(at).unwrap();
    match spelling {
        0 => at.to_string(),
        1 => format!("{at:.3}"),
        2 => at.display_with_offset(Offset::constant(2)).to_string(),
        _ => at.display_with_offset(Offset::from_seconds(-(3 * 60 + 30) * 60).unwrap()).to_string(),
    }
}

#[derive(Clone, Debug)]
struct EventSpec {
    /// Seconds since the event before.
    gap: i64,
    content: (&'static str, Value),
    address: (String, String, String),
    referrer: Option<String>,
    /// If false, the values of the session's first event.
    look: Option<Map<String, Value>>,
    spelling: u8,
    /// The order in which lines arrive.
    order: u16,
}

fn event() -> impl Strategy<Value = EventSpec> {
    let gap = prop_oneof![
        2 => Just(0i64),
        3 => 1..120i64,
        3 => select(vec![600, HOUR / 2, HOUR, 2 * HOUR]),
        1 => 1..9 * HOUR,
    ];
    (
        gap,
        content(),
        (one_of(&HOSTS), one_of(&PATHS), one_of(&SUFFIXES)),
        option::of(one_of(&REFERRERS)),
        option::weighted(0.25, look()),
        spelling(),
        any::<u16>(),
    )
        .prop_map(|(gap, content, address, referrer, look, spelling, order)| EventSpec {
            gap,
            content,
            address,
            referrer,
            look,
            spelling,
            order,
        })
}

#[derive(Clone, Debug)]
struct SessionSpec {
    visitor: usize,
    session: usize,
    start: i64,
    look: Map<String, Value>,
    events: Vec<EventSpec>,
}

fn session() -> impl Strategy<Value = SessionSpec> {
    (0..6usize, 0..5usize, offset(), look(), vec(event(), 1..=6))
        .prop_map(|(visitor, session, start, look, events)| SessionSpec { visitor, session, start, look, events })
}

#[derive(Clone, Debug)]
struct PaymentSpec {
    visitor: Option<usize>,
    at: i64,
    cents: i64,
    /// 0 to 3 new, 4 and 5 renewal, 6 and 7 refund, 8 and 9 refund of a renewal
    sort: u8,
    transaction: usize,
    /// Seconds by which the line's own time differs from the payment's.
    line_offset: Option<i64>,
    flags: bool,
    spelling: u8,
    order: u16,
}

fn payment() -> impl Strategy<Value = PaymentSpec> {
    let cents = prop_oneof![1 => Just(0i64), 5 => select(vec![1, 100, 999, 1990, 4900, 123_456]), 2 => 1..10_000i64];
    (
        option::weighted(0.85, 0..7usize),
        offset(),
        cents,
        0..10u8,
        0..5usize,
        option::weighted(0.4, select(vec![-DAY, -HOUR, 0, HOUR, DAY])),
        any::<bool>(),
        spelling(),
        any::<u16>(),
    )
        .prop_map(|(visitor, at, cents, sort, transaction, line_offset, flags, spelling, order)| PaymentSpec {
            visitor,
            at,
            cents,
            sort,
            transaction,
            line_offset,
            flags,
            spelling,
            order,
        })
}

/// Visitor, time, extraData, spelling and order of a backend's goal.
type BackendGoalSpec = (usize, i64, Value, u8, u16);

#[derive(Clone, Debug)]
struct StreamSpec {
    visitors: usize,
    sessions: Vec<SessionSpec>,
    goals: Vec<BackendGoalSpec>,
    payments: Vec<PaymentSpec>,
    copies: Vec<(Index, u16)>,
}

fn stream_spec() -> impl Strategy<Value = StreamSpec> {
    (
        2..=6usize,
        vec(session(), 2..=9),
        vec((0..6usize, offset(), goal_data(), spelling(), any::<u16>()), 0..=4),
        vec(payment(), 0..=7),
        vec(any::<(Index, u16)>(), 0..=3),
    )
        .prop_map(|(visitors, sessions, goals, payments, copies)| StreamSpec {
            visitors,
            sessions,
            goals,
            payments,
            copies,
        })
}

fn visitor_id(number: usize) -> String {
    format!("{:08x}-7ab1-4c2d-9e3f-0123456789ab", 0xb000_0000_u32.wrapping_mul(2 * number as u32 + 1) + number as u32)
}

fn session_id(number: usize) -> String {
    format!("s{number:08x}-1111-4222-8333-444444444444")
}

/// An event of the script in the world, before it becomes a line.
struct Placed<'a> {
    visitor: usize,
    session: usize,
    at: i64,
    look: &'a Map<String, Value>,
    spec: &'a EventSpec,
}

impl StreamSpec {
    /// The lines in their order of arrival.
    fn lines(&self, moment: i64) -> Vec<Value> {
        let mut lines: Vec<(u16, Value)> = Vec::new();
        let mut add = |order: u16, mut line: Value| {
            line["id"] = json!(format!("event-{}", lines.len()));
            lines.push((order, line));
        };

        let placed = self.placed(moment);
        for event in &placed {
            let same_time =
                |other: &&Placed| (other.visitor, other.session, other.at) == (event.visitor, event.session, event.at);
            // Events with equal times have equal places, so their order does not matter.
            let twin = placed.iter().find(same_time).unwrap();
            let (host, path, suffix) = &twin.spec.address;
            let (kind, extra) = &event.spec.content;
            let mut line = json!({
                "websiteId": "dfid_model",
                "domain": DOMAIN,
                "visitorId": visitor_id(event.visitor),
                "sessionId": session_id(event.session),
                "href": format!("https://{host}{path}{suffix}"),
                "referrer": twin.spec.referrer,
                "type": kind,
                "timestamp": spell(event.at, event.spec.spelling),
                "viewport": { "width": 1280, "height": 720 },
                "language": "en",
                "timezone": "UTC",
            });
            if !extra.is_null() {
                line["extraData"] = extra.clone();
            }
            line.as_object_mut().unwrap().extend(twin.look.clone());
            add(event.spec.order, line);
        }

        for (visitor, at, extra, spelling, order) in &self.goals {
            let line = json!({
                "type": "custom",
                "visitorId": visitor_id(visitor % self.visitors),
                "timestamp": spell(moment + at, *spelling),
                "extraData": extra,
            });
            add(*order, line);
        }

        let mut transactions = BTreeSet::new();
        for (number, payment) in self.payments.iter().enumerate() {
            let refunded = payment.sort >= 6;
            let cents = if refunded { payment.cents.max(1) } else { payment.cents };
            let mut transaction = format!("tx_{}", payment.transaction);
            let refund = (refunded && payment.flags).then(|| format!("re_{}", payment.sort));
            if !transactions.insert((transaction.clone(), refunded, refund.clone())) {
                transaction = format!("tx_own_{number}");
            }
            let mut extra = json!({
                "amount": cents as f64 / 100.0,
                "currency": "USD",
                "transaction_id": transaction,
            });
            // The seventh visitor has no other events.
            if let Some(visitor) = payment.visitor {
                extra["datafast_visitor_id"] =
                    json!(visitor_id(if visitor == 6 { 6 } else { visitor % self.visitors }));
            }
            if refunded || payment.flags {
                extra["refunded"] = json!(refunded);
            }
            if let Some(refund) = refund {
                extra["refund_id"] = json!(refund);
            }
            if cents > 0 && [4, 5, 8, 9].contains(&payment.sort) {
                extra["renewal"] = json!(true);
            }
            if cents == 0 && payment.flags {
                extra["is_free_trial"] = json!(true);
            }
            let at = moment + payment.at;
            let mut line_at = at;
            if let Some(difference) = payment.line_offset {
                extra["timestamp"] = json!(spell(at, payment.spelling));
                line_at += difference;
            }
            let line = json!({ "type": "payment", "timestamp": spell(line_at, payment.spelling), "extraData": extra });
            add(payment.order, line);
        }

        // Repeated ids: exact copies.
        for (index, order) in &self.copies {
            let copy = index.get(&lines).1.clone();
            lines.push((*order, copy));
        }
        lines.sort_by_key(|(order, _)| *order);
        lines.into_iter().map(|(_, line)| line).collect()
    }

    fn placed(&self, moment: i64) -> Vec<Placed<'_>> {
        let mut placed: Vec<Placed> = Vec::new();
        for session in &self.sessions {
            let mut at = moment + session.start;
            for (index, spec) in session.events.iter().enumerate() {
                at += if index == 0 { 0 } else { spec.gap };
                let look = spec.look.as_ref().filter(|_| index > 0).unwrap_or(&session.look);
                placed.push(Placed {
                    visitor: session.visitor % self.visitors,
                    session: session.session,
                    at,
                    look,
                    spec,
                });
            }
        }
        // No two sessions of a visitor begin at the same time: the later ones move by a second.
        for visitor in 0..self.visitors {
            let mut starts = BTreeSet::new();
            for session in 0..5 {
                let own = |event: &&mut Placed| event.visitor == visitor && event.session == session;
                let Some(start) = placed.iter_mut().filter(own).map(|event| event.at).min() else {
                    continue;
                };
                let shift = (0..).find(|shift| !starts.contains(&(start + shift))).unwrap();
                starts.insert(start + shift);
                placed.iter_mut().filter(own).for_each(|event| event.at += shift);
            }
        }
        placed
    }
}

/// Import lines in random order of arrival.
pub fn stream() -> impl Strategy<Value = Vec<Value>> {
    (moment(), stream_spec()).prop_map(|(moment, spec)| spec.lines(moment))
}

#[derive(Clone, Debug)]
enum Anchor {
    /// Seconds from the reference time.
    Offset(i64),
    /// Exactly at a line's time.
    Line(Index),
}

impl Anchor {
    fn second(&self, moment: i64, times: &[i64]) -> i64 {
        match self {
            Anchor::Line(index) if !times.is_empty() => *index.get(times),
            Anchor::Line(_) => moment,
            Anchor::Offset(offset) => moment + offset,
        }
    }
}

fn anchor() -> impl Strategy<Value = Anchor> {
    prop_oneof![
        4 => offset().prop_map(Anchor::Offset),
        3 => any::<Index>().prop_map(Anchor::Line),
        1 => (-200..200i64).prop_map(|days| Anchor::Offset(days * DAY)),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Dates,
    Instants(u8, u8),
    FullDays,
    FullDaysWithFraction,
    DateThenInstant,
    InstantThenDate,
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        4 => Just(Form::Dates),
        4 => (spelling(), spelling()).prop_map(|(a, b)| Form::Instants(a, b)),
        2 => Just(Form::FullDays),
        1 => Just(Form::FullDaysWithFraction),
        1 => Just(Form::DateThenInstant),
        1 => Just(Form::InstantThenDate),
    ]
}

type Parameters = Vec<(&'static str, String)>;

#[derive(Clone, Debug)]
struct QuerySpec {
    path: String,
    own: Parameters,
    bounds: Option<(Anchor, Anchor, Form)>,
    zone: Option<&'static str>,
    limit: Option<usize>,
    offset: Option<usize>,
    filters: Parameters,
}

fn fields(names: &[&'static str]) -> impl Strategy<Value = Parameters> + use<> {
    let count = names.len();
    option::of(subsequence(names.to_vec(), 1..=count).prop_shuffle())
        .prop_map(|fields| fields.into_iter().map(|fields| ("fields", fields.join(","))).collect())
}

fn overview() -> impl Strategy<Value = (String, Parameters)> {
    let names = [
        "visitors",
        "sessions",
        "bounce_rate",
        "avg_session_duration",
        "currency",
        "revenue",
        "payments",
        "revenue_per_visitor",
        "conversion_rate",
        "pageviews",
        "new_visitors",
        "returning_visitors",
    ];
    fields(&names).prop_map(|own| ("/analytics/overview".to_owned(), own))
}

/// Columns that are only there by name, beside these.
fn by_name(own: Parameters, names: &[&'static str]) -> impl Strategy<Value = Parameters> + use<> {
    subsequence(names.to_vec(), 0..=names.len()).prop_map(move |names| {
        let mut own = own.clone();
        if let Some((_, fields)) = own.iter_mut().find(|(name, _)| *name == "fields") {
            names.iter().for_each(|name| fields.push_str(&format!(",{name}")));
        }
        own
    })
}

/// What is searched for, and the order.
fn search(terms: &[&'static str], orders: &[&'static str]) -> impl Strategy<Value = Parameters> + use<> {
    (option::weighted(0.3, one_of(terms)), option::weighted(0.3, one_of(orders)))
        .prop_map(|(q, sort)| q.map(|q| ("q", q)).into_iter().chain(sort.map(|sort| ("sort", sort))).collect())
}

fn timeseries() -> impl Strategy<Value = (String, Parameters)> {
    let names = [
        "name",
        "visitors",
        "sessions",
        "revenue",
        "payments",
        "conversion_rate",
        "pageviews",
        "new_visitors",
        "returning_visitors",
    ];
    let more = ["bounce_rate", "avg_session_duration", "revenue_per_visitor", "completions"];
    let own = fields(&names).prop_flat_map(move |own| by_name(own, &more));
    (own, one_of(&ASKED_GOALS), option::weighted(0.9, select(vec!["hour", "day", "week", "month"]))).prop_map(
        |(mut own, goal, interval)| {
            own.extend(interval.map(|interval| ("interval", interval.to_owned())));
            own.push(("goalName", goal));
            ("/analytics/timeseries".to_owned(), own)
        },
    )
}

fn breakdown() -> impl Strategy<Value = (String, Parameters)> {
    // Two keys in one entry are always requested together.
    let reports = vec![
        ("pages", "hostname,path"),
        ("entry-pages", "hostname,path"),
        ("exit-pages", "hostname,path"),
        ("channels", "channel"),
        ("referrers", "referrer"),
        ("countries", "country,image"),
        ("regions", "region"),
        ("cities", "city"),
        ("devices", "device"),
        ("browsers", "browser"),
        ("operating-systems", "operating_system"),
        ("hostnames", "hostname"),
        ("campaigns", "campaign"),
    ];
    select(reports).prop_flat_map(|(report, keys)| {
        let more: &[&str] = match report {
            "countries" => &["conversion_rate", "countryCode"],
            "regions" | "cities" => &["conversion_rate", "countryCode", "regionCode"],
            _ => &["conversion_rate"],
        };
        let own = fields(&[keys, "visitors", "revenue", "payments"]).prop_flat_map(|own| by_name(own, more));
        let terms = ["o", "BLOG", "example.com/p", "a", "île", "x", "Direct", "nothing"];
        (own, search(&terms, &["visitors", "revenue"])).prop_map(move |(mut own, more)| {
            own.extend(more);
            (format!("/analytics/{report}"), own)
        })
    })
}

fn flat_campaigns() -> impl Strategy<Value = (String, Parameters)> {
    let metrics = subsequence(vec!["visitors", "revenue", "payments", "conversion_rate"], 0..=4);
    let search = search(&["o", "Spring", "nothing"], &["visitors", "revenue"]);
    (subsequence(CAMPAIGN.to_vec(), 1..=3), metrics, search).prop_map(|(keys, metrics, mut own)| {
        own.push(("fields", [keys, metrics].concat().join(",")));
        ("/analytics/campaigns".to_owned(), own)
    })
}

fn goals() -> impl Strategy<Value = (String, Parameters)> {
    (fields(&["name", "completions", "visitors"]), option::weighted(0.3, one_of(&["UP", "book", "nothing"]))).prop_map(
        |(mut own, q)| {
            own.extend(q.map(|q| ("q", q)));
            ("/analytics/goals".to_owned(), own)
        },
    )
}

fn exit_clicks() -> impl Strategy<Value = (String, Parameters)> {
    let q = option::weighted(0.3, one_of(&["Shop", "/b", "nothing"]));
    q.prop_map(|q| ("/analytics/exit-clicks".to_owned(), q.map(|q| ("q", q)).into_iter().collect()))
}

fn goal_properties() -> impl Strategy<Value = (String, Parameters)> {
    (one_of(&ASKED_GOALS), option::of(one_of(&["plan", "button_location", "nothing"]))).prop_map(|(event, property)| {
        let mut own = vec![("eventName", event)];
        own.extend(property.map(|property| ("propertyName", property)));
        ("/analytics/goals/properties".to_owned(), own)
    })
}

fn funnel() -> impl Strategy<Value = (String, Parameters)> {
    select(FUNNEL_IDS.to_vec()).prop_map(|id| (format!("/analytics/funnels/{id}"), Vec::new()))
}

/// The values of a filter, and whether it has the operators of paths.
fn filter() -> impl Strategy<Value = (&'static str, String)> {
    let names = |dimension: &'static str, values: &[&'static str]| {
        let operator = select(vec!["", "is:", "is_not:"]);
        (operator, vec(one_of(values), 1..=2))
            .prop_map(move |(o, v)| (dimension, format!("{o}{}", v.join(","))))
            .boxed()
    };
    let paths = |dimension: &'static str| {
        let whole = (select(vec!["", "is:", "is_not:"]), vec(one_of(&PATHS), 1..=2));
        let part = (select(vec!["contains:", "does_not_contain:"]), vec(one_of(&["/blog", "o", "/", "xyz"]), 1..=2));
        prop_oneof![whole, part].prop_map(move |(o, v)| (dimension, format!("{o}{}", v.join(",")))).boxed()
    };
    let goal = (select(vec!["is:", "is_not:"]), vec(one_of(&ASKED_GOALS), 1..=2));
    let visits = (select(vec!["", "is:", "is_not:", "gte:", "lte:"]), one_of(&["1", "2", "3"]));
    let countries = ["US", "us", "DE", "Germany", "france", "United States", "United States of America", "India"];
    let referrers = [
        "Google",
        "google",
        "google.com",
        "www.google.com",
        "X",
        "t.co",
        "Hacker News",
        "blog.example.org",
        "www.shop.example.net",
        "Direct/None",
        "direct/none",
    ];
    let dimension = prop_oneof![
        names("country", &countries),
        names("region", &["California", "california", "Île-de-France", "île-de-france", "Berlin"]),
        names("city", &["Berlin", "paris", "San Francisco"]),
        names("device", &["desktop", "Mobile", "tablet"]),
        names("browser", &["Chrome", "Safari", "safari", "Firefox"]),
        names("os", &["Mac OS", "ios", "Windows"]),
        names("referrer", &referrers),
        names("hostname", &["example.com", "www.example.com", "App.example.com"]),
        paths("page"),
        paths("entry_page"),
    ];
    let campaign = prop_oneof![
        names("utm_source", &["google", "Google", "news"]),
        names("utm_medium", &["cpc", "MAIL"]),
        names("utm_campaign", &["spring sale", "Spring Sale"]),
        names("utm_term", &["shoes"]),
        names("utm_content", &["a", "A"]),
        names("ref", &["hn", "HN"]),
        names("source", &["news"]),
        names("via", &["bob"]),
    ];
    prop_oneof![
        8 => dimension,
        3 => campaign,
        2 => goal.prop_map(|(o, v)| ("goal", format!("{o}{}", v.join(",")))),
        1 => visits.prop_map(|(o, v)| ("visit_count", format!("{o}{v}"))),
    ]
}

/// 0 to 3 filters of different dimensions, with the prefix or without (docs/contract/README.md#23).
fn filters() -> impl Strategy<Value = Parameters> {
    let some = vec((filter(), any::<bool>()), 1..=3);
    prop_oneof![2 => Just(Vec::new()), 3 => some].prop_map(|filters| {
        let mut seen = BTreeSet::new();
        let filters = filters.into_iter().filter(|((name, _), _)| seen.insert(*name));
        filters.map(|((name, value), plain)| (if plain { name } else { with_prefix(name) }, value)).collect()
    })
}

fn with_prefix(name: &'static str) -> &'static str {
    match name {
        "country" => "filter_country",
        "region" => "filter_region",
        "city" => "filter_city",
        "device" => "filter_device",
        "browser" => "filter_browser",
        "os" => "filter_os",
        "referrer" => "filter_referrer",
        "page" => "filter_page",
        "entry_page" => "filter_entry_page",
        "hostname" => "filter_hostname",
        "goal" => "filter_goal",
        "utm_source" => "filter_utm_source",
        "utm_medium" => "filter_utm_medium",
        "utm_campaign" => "filter_utm_campaign",
        "utm_term" => "filter_utm_term",
        "utm_content" => "filter_utm_content",
        "ref" => "filter_ref",
        "source" => "filter_source",
        "via" => "filter_via",
        "visit_count" => "filter_visit_count",
        other => unreachable!("{other}"),
    }
}

fn visitors() -> impl Strategy<Value = (String, Parameters)> {
    let plain = |name: &'static str, values: &[&'static str]| {
        vec(one_of(values), 1..=2).prop_map(move |values| (name, values.join(","))).boxed()
    };
    let single = |names: &[&'static str], values: &[&'static str]| (select(names.to_vec()), one_of(values)).boxed();
    let one = prop_oneof![
        plain("visitedPage", &PATHS),
        plain("page", &PATHS),
        single(&["visitedPageContains", "pageContains"], &["/blog", "o", "xyz"]),
        plain("completedGoal", &ASKED_GOALS),
        single(&["completedGoal", "goal"], &ASKED_GOALS),
        single(&["isCustomer", "hasRevenue"], &["true", "false"]),
        plain("country", &["US", "Germany", "fr"]),
        plain("region", &["California", "Berlin"]),
        plain("city", &["Berlin", "paris"]),
        single(&["browser"], &["Chrome", "safari"]),
        single(&["os"], &["Mac OS", "ios"]),
        single(&["device"], &["desktop", "mobile"]),
        single(&["referrer"], &["Google", "t.co", "Direct/None"]),
        single(&["hostname"], &["example.com", "app.example.com"]),
        single(&["utm_source"], &["google", "news"]),
        single(&["ref"], &["hn"]),
    ];
    // Each dimension once; `completedGoal` and `isCustomer` exclude each other (docs/contract/website-api.md#3.2).
    let dimension = |name: &'static str| match name {
        "visitedPage" | "page" => "page",
        "visitedPageContains" | "pageContains" => "part of a page",
        "completedGoal" | "goal" | "isCustomer" | "hasRevenue" => "goal or customer",
        other => other,
    };
    let further = ["displayName", "isCustomer", "revenue", "visitCount", "firstSeenAt"];
    let further = option::of(subsequence(further.to_vec(), 1..=further.len()));
    let terms = ["ann", "ZOË", "u1", "u", "b000", "b0000000-7a", "1000", "nothing"];
    (vec(one, 0..=3), further, search(&terms, &["lastSeenAt", "revenue"])).prop_map(
        move |(parameters, further, search)| {
            let mut seen = BTreeSet::new();
            let own = parameters.into_iter().filter(|(name, _)| seen.insert(dimension(name)));
            let mut own: Parameters = own.chain(search).collect();
            own.extend(further.map(|fields| ("fields", fields.join(","))));
            ("/visitors".to_owned(), own)
        },
    )
}

fn query_spec() -> impl Strategy<Value = QuerySpec> {
    let report = prop_oneof![
        3 => overview().boxed(),
        5 => timeseries().boxed(),
        7 => breakdown().boxed(),
        1 => flat_campaigns().boxed(),
        2 => goals().boxed(),
        1 => exit_clicks().boxed(),
        1 => goal_properties().boxed(),
        2 => funnel().boxed(),
        2 => visitors().boxed(),
    ];
    (
        report,
        option::weighted(0.75, (anchor(), anchor(), form())),
        option::of(select(ZONES.to_vec())),
        option::weighted(0.3, select(vec![1usize, 2, 3, 10, 100, 250, 1000, 5000])),
        option::weighted(0.2, select(vec![0usize, 1, 2, 5, 50])),
        filters(),
    )
        .prop_map(|((path, own), bounds, zone, limit, offset, filters)| {
            let paged = path != "/analytics/overview" && !path.contains("/funnels/");
            let filtered = path != "/visitors" && path != "/analytics/goals/properties";
            QuerySpec {
                path,
                own,
                bounds,
                zone,
                limit: limit.filter(|_| paged),
                offset: offset.filter(|_| paged),
                filters: if filtered { filters } else { Vec::new() },
            }
        })
}

fn day_of(second: i64) -> String {
    spell(second, 0)[..10].to_owned()
}

impl QuerySpec {
    fn text(&self, moment: i64, times: &[i64]) -> String {
        let mut parameters = self.own.clone();
        if let Some((a, b, form)) = &self.bounds {
            let (a, b) = (a.second(moment, times), b.second(moment, times));
            let (from, to) = (a.min(b), a.max(b));
            let (start, end) = match form {
                Form::Dates => (day_of(from), day_of(to)),
                Form::Instants(a, b) => (spell(from, *a), spell(to, *b)),
                Form::FullDays => (format!("{}T00:00:00Z", day_of(from)), format!("{}T23:59:59Z", day_of(to))),
                Form::FullDaysWithFraction => {
                    (format!("{}T00:00:00.000Z", day_of(from)), format!("{}T23:59:59.999Z", day_of(to)))
                }
                // A day of margin, so that the start is before the end in every zone.
                Form::DateThenInstant => (day_of(from - DAY), spell(to, 0)),
                Form::InstantThenDate => (spell(from, 0), day_of(to + DAY)),
            };
            parameters.extend([("startAt", start), ("endAt", end)]);
        }
        parameters.extend(self.zone.map(|zone| ("timezone", zone.to_owned())));
        parameters.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        parameters.extend(self.offset.map(|offset| ("offset", offset.to_string())));
        parameters.extend(self.filters.clone());
        let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        match pairs.is_empty() {
            true => self.path.clone(),
            false => format!("{}?{}", self.path, pairs.join("&")),
        }
    }
}

fn encode(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~,:/".contains(&byte);
    value.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A path with its query, over all reports.
pub fn query() -> impl Strategy<Value = String> {
    (moment(), query_spec()).prop_map(|(moment, spec)| spec.text(moment, &[]))
}

/// A world, a current time (not before any line), and queries around the same time.
pub fn case(queries: usize) -> impl Strategy<Value = (World, i64, Vec<String>)> {
    let slack = prop_oneof![4 => Just(0i64), 2 => 1..3 * HOUR, 1 => 1..40 * DAY];
    (moment(), website(), stream_spec(), vec(query_spec(), 1..=queries), slack).prop_map(
        |(moment, website, stream, queries, slack)| {
            let lines = stream.lines(moment);
            let times: Vec<i64> = lines.iter().map(|line| milliseconds(&time(line)) / 1000).collect();
            let queries = queries.iter().map(|query| query.text(moment, &times)).collect();
            let now = present(&lines, slack);
            (World { website, funnels: funnels(), lines }, now, queries)
        },
    )
}

/// The time of a line: a payment's own, if it has one.
fn time(line: &Value) -> String {
    line["extraData"]["timestamp"].as_str().or(line["timestamp"].as_str()).unwrap().to_owned()
}

/// A current time in milliseconds, some seconds after the last line (imports reject the future).
pub fn present(lines: &[Value], slack: i64) -> i64 {
    let both = |line: &Value| [milliseconds(&time(line)), milliseconds(line["timestamp"].as_str().unwrap())];
    lines.iter().flat_map(both).max().unwrap_or_default() + slack * 1000
}
