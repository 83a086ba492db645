//! What any door accepts, an export writes and an import takes (docs/contract/README.md#46): adversarial events, goals,
//! payments and identities through the real parsers into a website in memory, exported, imported elsewhere, exported again.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};

use crate::http::error::Error;
use crate::http::input::{Body, FromRaw, LenientBody, Raw};
use crate::tracking::event_body::{Received, SentEvent};
use crate::tracking::export::{COLUMNS, row};
use crate::tracking::identify::Identify;
use crate::tracking::import::{Context, item};
use crate::tracking::parquet::Cell;
use crate::tracking::{goals, payments};
use sluice_engine::Site;
use sluice_engine::event::{Event, VisitorKey};
use sluice_engine::export::{Export, Place as ExportPlace};
use sluice_engine::memory::Memory;
use sluice_engine::protocol::{Append, Import, PostGoal, PostIdentity, RecordPayment, Request, SiteCall};
use sluice_engine::reports::overview::Overview;
use sluice_engine::selection::{Selection, Span};
use sluice_money::Rates;
use sluice_values::{Currency, Id, Place, Timestamp, kinds};

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;
/// In a text, what becomes the escape of half a character in the body.
const HALF: char = '\u{e000}';
const VISITORS: [&str; 3] = [
    "b971cbbf-7ce2-4925-902b-8f95a5fb3401",
    "b971cbbf-7ce2-4925-902b-8f95a5fb3402",
    "B971CBBF-7CE2-4925-902B-8F95A5FB3403",
];

/// A request to one of the doors.
#[derive(Clone)]
struct Sent {
    door: &'static str,
    body: Vec<u8>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}: {}", self.door, String::from_utf8_lossy(&self.body))
    }
}

struct Website {
    site: Site<Memory>,
    domain: &'static str,
    currency: Currency,
}

impl Website {
    fn new(domain: &'static str) -> Self {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        Self { site, domain, currency: Currency::USD }
    }

    fn ask<C: SiteCall>(&self, call: C) -> C::Answer {
        let request = Request { now: NOW, currency: None, call: call.into_call() };
        let request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        serde_json::from_str(&self.site.answer(&request).unwrap()).unwrap()
    }

    /// Takes a request as the handlers do, and returns whether it was accepted.
    fn take(&self, sent: &Sent, number: usize) -> Result<(), Error> {
        let raw = Raw { body: sent.body.clone(), ..Raw::default() };
        let time = Timestamp::from_millis(NOW - 86_400_000 + i64::try_from(number / 2).unwrap());
        let id: Id<kinds::Event> = Id::new(time, u64::try_from(number).unwrap().to_be_bytes());
        match sent.door {
            "event" => {
                let Body(sent) = Body::<SentEvent>::from_raw(&raw)?;
                let (address, action) = (sent.address()?, sent.action_of_browser()?);
                let text = || "Zürich \u{0}".repeat(100);
                let received = Received {
                    id: sent.id.clone().unwrap_or_else(|| id.into()),
                    time,
                    sender: VisitorKey::Visitor(sent.visitor()?),
                    session: Some(sent.session_id.clone().ok_or_else(|| Error::bad_request("sessionId"))?),
                    place: Place {
                        country: Some("XK".to_owned()),
                        region: Some(text()),
                        city: Some(text()),
                        latitude: Some(48.123_456_789_012_345),
                        longitude: Some(-0.1 - 0.2),
                    },
                    user_agent: Some("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"),
                    owns: &|host| host.ends_with(self.domain),
                };
                let is_public_id = sent.id.is_some();
                let event = Event { is_public_id, ..sent.event(action, address, received) };
                self.ask(Append { event, may_drop: true });
            }
            "goal" => {
                let LenientBody(create) = LenientBody::<goals::Create>::from_raw(&raw)?;
                let (visitor, action) = create.action()?;
                self.ask(PostGoal { event: Event::of_backend(id.into(), time, visitor, action) });
            }
            "identify" => {
                let LenientBody(identify) = LenientBody::<Identify>::from_raw(&raw)?;
                let (visitor, action) = identify.action()?;
                self.ask(PostIdentity { event: Event::of_backend(id.into(), time, visitor, action) });
            }
            _ => {
                let LenientBody(create) = LenientBody::<payments::Create>::from_raw(&raw)?;
                let time = create.time(Timestamp::from_millis(NOW))?.unwrap_or(time);
                let id = Id::new(time, u64::try_from(number).unwrap().to_be_bytes());
                let payment = create.payment(id, None, time, self.currency, Rates::fallback())?;
                self.ask(RecordPayment { payment });
            }
        }
        Ok(())
    }

    fn export(&self) -> String {
        let (mut lines, mut after) = (String::new(), Some(ExportPlace::START));
        while let Some(place) = after {
            let part = self.ask(Export { after: place, limit: 5 });
            lines.push_str(&part.lines);
            after = part.next;
        }
        lines
    }

    /// Whether each line was new.
    fn import(&self, lines: &str) -> Vec<bool> {
        let context = Context {
            now: Timestamp::from_millis(NOW),
            owns: &|host| host.ends_with(self.domain),
            currency: self.currency,
            rates: &|_| Rates::fallback().clone(),
            random: &|| [1; 8],
        };
        let read = |line: &str| {
            assert!(line.len() <= 64 * 1024, "{} bytes", line.len());
            item(line.as_bytes(), &context).unwrap_or_else(|error| panic!("{error:?}: {line}"))
        };
        let items = lines.lines().map(read).collect();
        let stored = self.ask(Import { items, zone: "UTC".parse().unwrap(), may_drop: true });
        stored.into_iter().map(|is_new| is_new.unwrap()).collect()
    }

    /// Money of all time.
    fn money(&self) -> Json {
        let selection = Selection { span: Span::ALL, filters: Vec::new() };
        let totals = self.ask(Overview {
            selection,
            zone: "UTC".parse().unwrap(),
            with_renewals: true,
            pageviews: false,
            newcomers: false,
        });
        serde_json::to_value(totals).unwrap()["money"].clone()
    }
}

/// The line that the columns of this line's row amount to (docs/export.md).
fn line_of(line: &Json) -> Json {
    let cells = COLUMNS.iter().zip(row(line));
    let cells: Map<String, Json> = cells
        .filter_map(|(column, cell)| {
            let value = match cell? {
                Cell::Text(text) if ["extraData", "adClickIds"].contains(&column.name) => {
                    serde_json::from_str(&text).unwrap()
                }
                Cell::Text(text) => text.into(),
                Cell::Time(time) => Timestamp::from_millis(time).to_string().into(),
                Cell::Whole(number) => number.into(),
                Cell::Number(number) => number.into(),
                Cell::Flag(flag) => flag.into(),
            };
            Some((column.name.to_owned(), value))
        })
        .collect();
    // What is in the second half repeats `extraData`.
    let is_own =
        |name: &str| COLUMNS.iter().take_while(|column| column.name != "eventName").any(|column| column.name == name);
    for (name, value) in cells.iter().filter(|(name, _)| !is_own(name)) {
        assert_eq!(value, &cells["extraData"][name], "{name}");
    }
    let mut whole: Map<String, Json> =
        cells.iter().filter(|(name, _)| is_own(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
    if let (Some(name), host) = (whole.remove("referrerSourceName"), whole.remove("referrerSourceHost")) {
        whole.insert("referrerSource".to_owned(), json!({ "name": name, "host": host }));
    }
    if let (Some(width), height) = (whole.remove("viewportWidth"), whole.remove("viewportHeight")) {
        whole.insert("viewport".to_owned(), json!({ "width": width, "height": height }));
    }
    if whole.contains_key("href") {
        whole.entry("referrer").or_insert(Json::Null);
    }
    if !whole.get("referrer").is_none_or(Json::is_null) {
        whole.entry("referrerSource").or_insert(Json::Null);
    }
    whole.into()
}

fn text() -> BoxedStrategy<String> {
    let fixed = [
        "",
        " ",
        "a",
        " a b ",
        "\u{feff}",
        "javascript:alert(1)",
        "\" onclick=x",
        "on a=b",
        "0",
        "1e400",
        "null",
        "😀😀",
        "\u{202e}abc",
        "e\u{301}",
        "İ",
        "ß",
        "\\ud83d",
        "%F0%9F",
        "https://a.example/",
        "<b>&amp;",
    ];
    prop_oneof![
        6 => select(fixed.to_vec()).prop_map(str::to_owned),
        3 => "\\PC{0,12}",
        2 => "[\\x00-\\x20\"\\\\\u{3000}]{0,6}",
        2 => (select(vec!['x', 'é', '中', '😀', '\u{1}', '"', HALF]), select(vec![200_usize, 254, 255, 300, 1_100])).prop_map(
            |(character, count)| format!("{} {}", character.to_string().repeat(count), "z".repeat(3))
        ),
        1 => Just(format!("{}{HALF}", "x".repeat(254))),
        1 => Just(format!("{HALF}a{HALF}{HALF}")),
    ]
    .boxed()
}

fn value() -> BoxedStrategy<Json> {
    prop_oneof![
        5 => text().prop_map(Json::from),
        1 => Just(Json::Null),
        1 => any::<bool>().prop_map(Json::from),
        1 => any::<i64>().prop_map(Json::from),
        2 => prop::num::f64::NORMAL.prop_map(Json::from),
        1 => (0..20_usize, text()).prop_map(|(depth, text)| (0..depth).fold(json!(text), |inner, level| {
            if level % 2 == 0 { json!([inner]) } else { json!({ "k": inner }) }
        })),
    ]
    .boxed()
}

fn object(names: &'static [&'static str]) -> BoxedStrategy<Map<String, Json>> {
    let name = prop_oneof![8 => select(names.to_vec()).prop_map(str::to_owned), 1 => text()];
    vec((name, value()), 0..6).prop_map(|pairs| pairs.into_iter().collect()).boxed()
}

fn address() -> BoxedStrategy<Json> {
    let host = select(vec![
        "example.com",
        "WWW.Example.com.",
        "app.example.com:8080",
        "user:pw@example.com",
        "bücher.example.com",
        "127.0.0.1",
        "[::1]",
    ]);
    let part = |first: &'static [&'static str]| {
        let long = (
            select(first.to_vec()),
            select(vec!['x', '中', '😀', '%', '+']),
            select(vec![1_usize, 200, 220, 700, 2_100, 9_000]),
        );
        prop_oneof![
            3 => select(first.to_vec()).prop_map(str::to_owned),
            1 => long.prop_map(|(first, character, count)| format!("{first}{}", character.to_string().repeat(count))),
            1 => (select(first.to_vec()), text()).prop_map(|(first, text)| format!("{first}{text}")),
        ]
    };
    let paths: &[&str] = &["", "/", "/a%2fb/%41%7e", "/über/../x", "//a", "/a b\"<>", "/*"];
    let queries: &[&str] = &[
        "",
        "?",
        "?utm_source=",
        "?utm_source=%20a%20&ref=%ff&via=",
        "??utm_term=&amp;source=b",
        "?q=",
        "?a=1&ref=x&q=",
    ];
    let fragments: &[&str] = &["", "#", "#/route", "#/route?utm_source=", "#?utm_medium=x", "#pako:", "#!/a%2Db?x="];
    let whole = (select(vec!["http", "HTTPS", "https"]), host, part(paths), part(queries), part(fragments));
    prop_oneof![
        12 => whole.prop_map(|(scheme, host, path, query, fragment)| json!(format!("{scheme}://{host}{path}{query}{fragment}"))),
        1 => select(vec!["file:///C:/a/ü.html?utm_source=x#y", "capacitor://localhost/a?b", "about:blank", ""]).prop_map(Json::from),
        1 => value(),
    ]
    .boxed()
}

const HINTS: &[&str] = &[
    "transaction_id",
    "amount",
    "currency",
    "email",
    "stripe_session_id",
    "lemonsqueezy_order_id",
    "refunded",
    "renewal",
    "timestamp",
    "datafast_visitor_id",
    "is_free_trial",
    "refund_id",
];

fn extra() -> BoxedStrategy<(&'static str, Json)> {
    let forged = json!({ "transaction_id": "forged", "amount": 1_000_000, "currency": "USD" });
    prop_oneof![
        3 => Just(("pageview", json!({}))),
        3 => (select(vec!["signup", " SignUp ", "a:b-c_d", "payment"]), object(&["plan", "Plan", "a-b", "eventName"])).prop_map(|(name, mut map)| {
            map.insert("eventName".to_owned(), name.into());
            ("custom", map.into())
        }),
        2 => (value(), object(&["name", "image", "plan", "email"])).prop_map(|(user, mut map)| {
            map.insert("user_id".to_owned(), user);
            ("identify", map.into())
        }),
        3 => (any::<bool>(), object(HINTS)).prop_map(move |(is_forged, map)| {
            let mut hint = if is_forged { forged.as_object().unwrap().clone() } else { Map::new() };
            hint.extend(map);
            ("payment", hint.into())
        }),
        2 => (address(), value()).prop_map(|(url, text)| ("external_link", json!({ "url": url, "text": text }))),
        1 => value().prop_map(|extra| ("pageview", extra)),
    ]
    .boxed()
}

fn event() -> BoxedStrategy<Json> {
    let ids = (select(VISITORS.to_vec()), prop_oneof![3 => Just("s1".to_owned()), 1 => text()]);
    let id = option::weighted(
        0.4,
        prop_oneof![
            select(vec!["1", "2", "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "665f0b3c4d2e1a0012345678"])
                .prop_map(str::to_owned),
            text()
        ],
    );
    let beside = object(&[
        "language",
        "timezone",
        "viewport",
        "screenWidth",
        "screenHeight",
        "device",
        "adClickIds",
        "cookieless",
        "domain",
    ]);
    let device = option::of(prop_oneof![
        text().prop_map(Json::from),
        (text(), text())
            .prop_map(|(version, model)| json!({ "platform": "ios", "osVersion": version, "model": model })),
    ]);
    let clicks = option::of(text().prop_map(|text| json!({ "gclid": text, "fbclid": text, "other": text })));
    (ids, id, address(), option::of(address()), extra(), (beside, device, clicks, any::<bool>()))
        .prop_map(
            |((visitor, session), id, href, referrer, (kind, extra), (mut body, device, clicks, hash_is_page))| {
                body.insert("domain".to_owned(), "example.com".into());
                for (name, value) in [
                    ("visitorId", json!(visitor)),
                    ("sessionId", json!(session)),
                    ("id", json!(id)),
                    ("href", href),
                    ("referrer", json!(referrer)),
                    ("type", json!(kind)),
                    ("extraData", extra),
                    ("hashIsPage", json!(hash_is_page)),
                ] {
                    body.insert(name.to_owned(), value);
                }
                body.extend(device.map(|device| ("device".to_owned(), device)));
                body.extend(clicks.map(|clicks| ("adClickIds".to_owned(), clicks)));
                Json::Object(body)
            },
        )
        .boxed()
}

fn payment() -> BoxedStrategy<Json> {
    let amount = prop_oneof![
        select(vec![
            json!(0),
            json!(49.99),
            json!("49.00"),
            json!(1e-9),
            json!(0.004),
            json!(1e9),
            json!(19.999),
            json!("x")
        ]),
        (0..1_000_000_u32).prop_map(|cents| json!(f64::from(cents) / 100.0)),
    ];
    let time = select(vec![
        json!(null),
        json!("1970-01-01T00:00:00Z"),
        json!("1969-12-31T23:59:59Z"),
        json!("9999-01-01T00:00:00Z"),
        json!("2026-05-21T00:05:00Z"),
        json!("2026-05-01T02:00:00.1234+02:00"),
        json!(""),
    ]);
    let who = option::of(select(VISITORS.to_vec()));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), option::of(select(vec!["re_1", "re_2", ""])));
    let payer = object(&["email", "customer_email", "name", "customer_name", "customer_id", "visitorId"]);
    (amount, select(vec!["USD", "EUR", "jpy", "KWD", "XAU"]), 0..3_u8, time, who, flags, payer).prop_map(
        |(amount, currency, transaction, time, who, (renewal, refunded, is_trial, refund), payer)| {
            let mut body = json!({
                "amount": amount, "currency": currency, "transaction_id": format!("t{transaction}"), "timestamp": time,
                "datafast_visitor_id": who, "renewal": renewal, "refunded": refunded, "is_free_trial": is_trial, "refund_id": refund,
            });
            let payer = payer.into_iter().filter(|(_, value)| value.is_string());
            body.as_object_mut().unwrap().extend(payer);
            body
        },
    )
    .boxed()
}

fn sent() -> BoxedStrategy<Sent> {
    let visitor = || select(VISITORS.to_vec());
    let body = prop_oneof![
        8 => event().prop_map(|body| ("event", body)),
        2 => (visitor(), text(), value(), object(&["plan", "a-b"])).prop_map(|(visitor, name, description, metadata)| {
            let name = if name.is_empty() { "free_trial".to_owned() } else { name };
            ("goal", json!({ "datafast_visitor_id": visitor, "name": name, "description": description, "metadata": metadata }))
        }),
        2 => (visitor(), text(), description(), object(&["plan"])).prop_map(|(visitor, _, description, metadata)| {
            ("goal", json!({ "datafast_visitor_id": visitor, "name": "Bought It", "description": description, "metadata": metadata }))
        }),
        2 => (visitor(), text(), object(&["name", "image", "plan", "visitorId"])).prop_map(|(visitor, user, mut body)| {
            body.insert("datafast_visitor_id".to_owned(), visitor.into());
            body.insert("user_id".to_owned(), user.into());
            ("identify", Json::Object(body))
        }),
        3 => payment().prop_map(|body| ("payment", body)),
    ];
    (body, any::<bool>())
        .prop_map(|((door, body), has_mark)| {
            let text = body.to_string().replace(HALF, "\\ud83d");
            let mark = if has_mark { "\u{feff}" } else { "" };
            Sent { door, body: format!("{mark}{text}").into_bytes() }
        })
        .boxed()
}

fn description() -> BoxedStrategy<String> {
    (text(), 1..8_usize).prop_map(|(text, count)| text.repeat(count)).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_any_door_accepts_is_exported_and_imported_to_the_letter(requests in vec(sent(), 1..40)) {
        let first = Website::new("example.com");
        let visit = |visitor: &str| Sent {
            door: "event",
            body: json!({ "type": "pageview", "href": "https://example.com/", "visitorId": visitor, "sessionId": "s" }).to_string().into_bytes(),
        };
        let all: Vec<Sent> = VISITORS.iter().map(|visitor| visit(visitor)).chain(requests).collect();
        let mut paid = false;
        for (number, request) in all.iter().enumerate() {
            match first.take(request, number) {
                Ok(()) => paid |= request.door == "payment",
                Err(Error::Refused { status: 400, .. }) => {}
                Err(other) => prop_assert!(false, "{other:?}: {request:?}"),
            }
        }
        let (money, lines) = (first.money(), first.export());
        if !paid {
            prop_assert_eq!(&money["new"], &json!(0), "hints are no revenue");
        }
        for line in lines.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            prop_assert_eq!(line_of(&line), line, "the columns of an export have all of a line");
        }
        // Of another domain: what is a referrer does not depend on it.
        let second = Website::new("elsewhere.net");
        prop_assert!(second.import(&lines).iter().all(|is_new| *is_new), "all are new elsewhere: {}", lines);
        let again = second.export();
        for (one, other) in lines.lines().zip(again.lines()) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(lines.len(), again.len());
        prop_assert_eq!(&second.money(), &money);
        prop_assert!(first.import(&lines).iter().all(|is_new| !is_new), "its own export has nothing new");
        prop_assert_eq!(first.money(), money);
    }
}

#[test]
fn ids_that_browsers_choose_occupy_none_of_an_import() {
    let site = Website::new("example.com");
    for id in ["1", "2", "b971cbbf-7ce2-4925-902b-8f95a5fb3449", "665f0b3c4d2e1a0012345678"] {
        let event = json!({ "type": "pageview", "href": "https://example.com/", "visitorId": VISITORS[0], "sessionId": "s", "id": id });
        let public = Sent { door: "event", body: event.to_string().into_bytes() };
        site.take(&public, 0).unwrap();
        let own = site.export();
        let mut line = event.clone();
        line["timestamp"] = json!("2026-05-01T00:00:00Z");
        assert_eq!(site.import(&line.to_string()), [true], "{id}");
        // Sent twice it is stored once, and its own export holds nothing new.
        site.take(&public, 0).unwrap();
        assert_eq!(site.export().lines().count(), own.lines().count() + 1);
        assert!(site.import(&own).iter().all(|is_new| !is_new));
    }
}

#[test]
fn what_a_browser_said_of_a_payment_is_revenue_in_no_export() {
    let forged = json!({ "transaction_id": "forged", "amount": 1_000_000, "currency": "USD" });
    let hint = json!({
        "type": "payment", "href": "https://example.com/", "visitorId": VISITORS[0], "sessionId": "s", "extraData": forged,
    });
    let (site, other) = (Website::new("example.com"), Website::new("elsewhere.net"));
    site.take(&Sent { door: "event", body: hint.to_string().into_bytes() }, 0).unwrap();
    assert_eq!(other.import(&site.export()), [true]);
    assert_eq!(other.money()["new"], 0);
    // As exports of older objects have it.
    let context = Context {
        now: Timestamp::from_millis(NOW),
        owns: &|_| false,
        currency: Currency::USD,
        rates: &|_| Rates::fallback().clone(),
        random: &|| [1; 8],
    };
    let mut line = hint.clone();
    line["id"] = json!("1");
    line["timestamp"] = json!("2026-05-01T00:00:00Z");
    assert!(item(line.to_string().as_bytes(), &context).is_err());
    line["extraData"] = json!({ "transaction_id": "t" });
    assert_eq!(other.import(&line.to_string()), [true], "a hint that names a transaction only");
    assert_eq!(other.money()["new"], 0);
}
