//! Worlds computed by hand, and random ones that must at least be answered.
#![cfg(test)]

use super::generate::{self, case, query, stream};
use super::{Funnel, Website, World, project, same, sessions};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

fn world(timezone: &str, lines: Vec<Value>) -> World {
    let website = Website {
        domain: "example.com".to_owned(),
        timezone: timezone.to_owned(),
        currency: "USD".to_owned(),
        include_renewal_revenue: true,
        name: None,
        kpi: None,
        kpi_color_scheme: None,
    };
    World { website, funnels: Vec::new(), lines }
}

/// An event of visitor "a", session 1 is written "a1".
fn event(who: &str, at: &str, url: &str, more: Value) -> Value {
    let mut line = json!({
        "id": format!("{who} {at} {url} {more}"),
        "visitorId": who[..1],
        "sessionId": format!("s{}", &who[1..]),
        "type": "pageview",
        "href": url,
        "referrer": null,
        "timestamp": at,
    });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line
}

fn goal(name: &str) -> Value {
    json!({ "type": "custom", "extraData": { "eventName": name } })
}

fn payment(id: &str, visitor: Option<&str>, at: &str, amount: f64, more: Value) -> Value {
    let mut extra = json!({ "transaction_id": id, "amount": amount, "currency": "USD" });
    if let Some(visitor) = visitor {
        extra["datafast_visitor_id"] = json!(visitor);
    }
    extra.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "id": format!("{id} {more}"), "type": "payment", "timestamp": at, "extraData": extra })
}

#[track_caller]
fn assert_same(answer: Value, expected: Value) {
    assert!(same(&answer, &expected), "{answer:#}\nis not\n{expected:#}");
}

/// Two visitors; "a" is from the US with a bounce and a longer session, "b" from Germany.
fn shop() -> World {
    let site = "https://example.com";
    let us = json!({ "country": "US", "region": "US-CA", "browser": "Mobile Safari" });
    let de = json!({ "country": "DE", "browser": "Safari", "referrer": "https://www.google.com/search?q=x" });
    let mut lines = vec![
        event("a1", "2025-06-02T10:00:00Z", &format!("{site}/?utm_source=mail"), us.clone()),
        // The first session's dimensions are those of its first event.
        event(
            "a2",
            "2025-06-03T10:00:00Z",
            &format!("{site}/pricing"),
            json!({ "country": "US", "region": "California" }),
        ),
        event("a2", "2025-06-03T10:00:30.500Z", &format!("{site}/"), json!({ "country": "FR" })),
        event("b1", "2025-06-03T23:59:00Z", &format!("{site}/blog/one"), de),
        event("b1", "2025-06-04T00:01:00Z", &format!("{site}/blog/one"), goal("signup")),
        event(
            "b1",
            "2025-06-04T00:02:00Z",
            &format!("{site}/"),
            json!({ "type": "payment", "extraData": { "email": "x" } }),
        ),
        payment("t1", Some("a"), "2025-06-03T10:00:00Z", 10.0, json!({})),
        payment("t2", Some("a"), "2025-06-02T12:00:00Z", 0.01, json!({ "renewal": true })),
        payment("t2", Some("a"), "2025-06-05T12:00:00Z", 2.5, json!({ "refunded": true })),
        payment("t3", None, "2025-06-03T12:00:00Z", 7.0, json!({})),
        payment("t4", Some("b"), "2025-06-03T12:00:00Z", 1.0, json!({})),
        payment("t5", Some("b"), "2025-06-04T12:00:00Z", 0.0, json!({})),
        json!({ "id": "g", "type": "custom", "visitorId": "a", "timestamp": "2025-06-02T11:00:00Z",
            "extraData": { "eventName": "signup", "plan": "pro" } }),
    ];
    lines.push(lines[0].clone());
    lines.push(payment("t1", Some("a"), "2025-06-03T10:00:00Z", 10.0, json!({})));
    world("UTC", lines)
}

#[test]
fn overview() {
    let shop = shop();
    assert_same(
        shop.answer(0, "/analytics/overview"),
        json!({ "status": "success", "data": [{
            "visitors": 2, "sessions": 3, "bounce_rate": 33.33,
            // 0, 30.5 and 180 seconds
            "avg_session_duration": 70166.67,
            "currency": "$", "revenue": 15.51, "payments": 4,
            "revenue_per_visitor": 7.76, "conversion_rate": 100,
            "pageviews": 4, "new_visitors": 2, "returning_visitors": 0,
        }] }),
    );
    assert_same(
        shop.answer(0, "/analytics/overview?fields=revenue,visitors,sessions&startAt=2025-06-03&endAt=2025-06-04"),
        json!({ "status": "success", "data": [{ "revenue": 18, "visitors": 2, "sessions": 2 }] }),
    );
    // "a" came on 2 June for the first time, "b" on 3 June; filters choose visitors, not what their first session is.
    let new = |query: &str| {
        shop.answer(0, &format!("/analytics/overview?fields=pageviews,new_visitors,returning_visitors&{query}"))["data"]
            .clone()
    };
    assert_same(
        new("startAt=2025-06-03&endAt=2025-06-03"),
        json!([{ "pageviews": 3, "new_visitors": 1, "returning_visitors": 1 }]),
    );
    assert_same(
        new("startAt=2025-06-02&endAt=2025-06-03&filter_entry_page=/pricing"),
        json!([{ "pageviews": 2, "new_visitors": 1, "returning_visitors": 0 }]),
    );
    assert_same(
        new("startAt=2025-06-04&endAt=2025-06-04"),
        json!([{ "pageviews": 0, "new_visitors": 0, "returning_visitors": 1 }]),
    );
    // b's payment came before its first session.
    assert_same(
        shop.answer(0, "/analytics/overview?fields=revenue,payments,conversion_rate&filter_country=is_not:fr"),
        json!({ "status": "success", "data": [{ "revenue": 7.51, "payments": 2, "conversion_rate": 50 }] }),
    );
    let without_renewals = World { website: Website { include_renewal_revenue: false, ..shop.website }, ..shop };
    assert_same(
        without_renewals.answer(
            0,
            "/analytics/overview?endAt=2025-06-02&startAt=2025-06-02&fields=revenue,payments,conversion_rate",
        ),
        json!({ "status": "success", "data": [{ "revenue": 0, "payments": 1, "conversion_rate": 0 }] }),
    );
}

#[test]
fn every_filter() {
    let shop = shop();
    let sessions = |filter: &str| {
        let answer = shop.answer(0, &format!("/analytics/overview?fields=sessions&{filter}"));
        answer["data"][0]["sessions"].as_i64().unwrap()
    };
    assert_eq!(sessions("filter_country=united%20states"), 2);
    assert_eq!(sessions("country=is:germany,FR"), 1);
    assert_eq!(sessions("filter_region=california"), 2);
    assert_eq!(sessions("filter_region=is_not:California"), 1);
    assert_eq!(sessions("filter_browser=safari"), 2);
    assert_eq!(sessions("filter_browser=is_not:safari"), 1);
    assert_eq!(sessions("filter_referrer=Direct/None"), 2);
    assert_eq!(sessions("filter_referrer=www.google.com"), 1);
    assert_eq!(sessions("filter_page=/"), 2);
    assert_eq!(sessions("filter_entry_page=/"), 1);
    assert_eq!(sessions("filter_page=does_not_contain:blog"), 2);
    assert_eq!(sessions("filter_goal=signup"), 3);
    assert_eq!(sessions("filter_goal=is_not:signup&startAt=2025-06-03&endAt=2025-06-03"), 2);
    assert_eq!(sessions("filter_visit_count=gte:2"), 2);
    assert_eq!(sessions("filter_utm_source=MAIL&filter_country=US"), 1);
    assert_eq!(sessions("filter_utm_source=is_not:mail"), 2);
    assert_eq!(sessions("filter_hostname=example.com"), 3);
}

#[test]
fn breakdowns() {
    let shop = shop();
    let rows = |query: &str| shop.answer(0, &format!("/analytics/{query}"))["data"].clone();
    let flag = |code: &str| format!("https://purecatamphetamine.github.io/country-flag-icons/3x2/{code}.svg");
    assert_same(
        rows("countries"),
        json!([
            { "country": "Germany", "image": flag("DE"), "visitors": 1, "revenue": 0, "payments": 0 },
            { "country": "United States of America", "image": flag("US"), "visitors": 1, "revenue": 7.51, "payments": 2 },
        ]),
    );
    assert_same(rows("regions"), json!([{ "region": "California", "visitors": 1, "revenue": 7.51, "payments": 2 }]));
    assert_same(
        rows("browsers?fields=browser,visitors,payments"),
        json!([{ "browser": "Safari", "visitors": 2, "payments": 1 }]),
    );
    assert_same(
        rows("pages?fields=path,hostname,visitors,revenue&limit=2"),
        json!([
            { "hostname": "example.com", "path": "/", "visitors": 1, "revenue": 7.51 },
            { "hostname": "example.com", "path": "/blog/one", "visitors": 1, "revenue": 0 },
        ]),
    );
    // The refund belongs to the session that viewed these pages two days before.
    assert_same(
        rows("pages?startAt=2025-06-05&endAt=2025-06-05"),
        json!([
            { "hostname": "example.com", "path": "/", "visitors": 0, "revenue": -2.5, "payments": 0 },
            { "hostname": "example.com", "path": "/pricing", "visitors": 0, "revenue": -2.5, "payments": 0 },
        ]),
    );
    assert_same(rows("campaigns?fields=utm_source,visitors"), json!([{ "utm_source": "mail", "visitors": 1 }]));
    assert_same(
        rows("campaigns?fields=campaign"),
        json!([{ "campaign": { "utm_source": "mail", "utm_medium": "", "utm_campaign": "", "utm_term": "",
            "utm_content": "", "ref": "", "source": "", "via": "" } }]),
    );
    assert_same(rows("referrers?fields=referrer"), json!([{ "referrer": "Direct/None" }, { "referrer": "Google" }]));
    assert_same(
        shop.answer(0, "/analytics/hostnames?offset=1&limit=5000"),
        json!({ "status": "success", "data": [], "pagination": { "limit": 1000, "offset": 1, "total": 1 } }),
    );
}

#[test]
fn goals_of_scripts_and_backends() {
    let shop = shop();
    let rows = |query: &str| shop.answer(0, &format!("/analytics/goals{query}"))["data"].clone();
    assert_same(rows(""), json!([{ "goal": "signup", "completions": 2, "visitors": 2 }]));
    assert_same(rows("?filter_country=US&fields=name,visitors"), json!([{ "goal": "signup", "visitors": 1 }]));
    assert_same(rows("?filter_entry_page=/pricing"), json!([]));
    assert_same(rows("/properties?eventName=signup"), json!([{ "property": "plan", "completions": 1, "visitors": 1 }]));
    assert_same(
        rows("/properties?eventName=signup&propertyName=plan"),
        json!([{ "value": "pro", "completions": 1, "visitors": 1 }]),
    );
}

#[test]
fn visitors() {
    let shop = shop();
    let rows = |query: &str| shop.answer(0, &format!("/visitors{query}"));
    let row = |visitor: &str, at: &str| json!({ "visitorId": visitor, "lastSeenAt": at });
    assert_same(
        rows("?limit=1"),
        json!({ "status": "success", "data": [row("b", "2025-06-03T23:59:00.000Z")],
            "pagination": { "limit": 1, "offset": 0, "total": 2, "hasMore": true } }),
    );
    assert_same(
        rows("?completedGoal=signup&limit=999")["data"].clone(),
        json!([row("b", "2025-06-04T00:01:00.000Z"), row("a", "2025-06-02T11:00:00.000Z")]),
    );
    // Payments complete goals; whatever the filters, a visitor was last seen on their last page.
    assert_same(
        rows("?completedGoal=payment,free_trial")["data"].clone(),
        json!([row("b", "2025-06-04T12:00:00.000Z"), row("a", "2025-06-03T10:00:00.000Z")]),
    );
    assert_same(
        rows("?completedGoal=payment&utm_source=mail")["data"].clone(),
        json!([row("a", "2025-06-03T10:00:00.000Z")]),
    );
    assert_same(rows("?utm_source=mail")["data"].clone(), json!([row("a", "2025-06-03T10:00:30.500Z")]));
    assert_same(rows("?isCustomer=true&country=US")["data"].clone(), json!([row("a", "2025-06-03T10:00:30.500Z")]));
    assert_same(rows("?hasRevenue=false")["data"].clone(), json!([]));
    let more = json!({ "status": "success", "data": [{ "visitorId": "a", "lastSeenAt": "x", "identity": {} }],
        "pagination": { "total": 1 } });
    let cut = json!({ "status": "success", "data": [{ "visitorId": "a", "lastSeenAt": "x" }],
        "pagination": { "total": 1 } });
    assert_same(project("/visitors?limit=1", more), cut);
}

#[test]
fn funnel() {
    let mut shop = shop();
    let steps = json!([
        { "id": "one", "name": "Any", "type": "pageview", "url": "*" },
        { "id": "two", "name": "Blog or shop", "type": "pageview", "url": "https://example.com/*" },
        { "id": "three", "name": "Signup", "type": "goal", "goalName": "signup" },
    ]);
    shop.funnels.push(Funnel { id: "f".into(), name: "F".into(), slug: "f".into(), steps });
    // a: page 2 June 10:00, page 3 June 10:00, but its goal was between; b has one page only.
    let step = |id: &str, name: &str, kind: &str, numbers: [f64; 6]| {
        json!({ "id": id, "name": name, "type": kind, "visitors": numbers[0], "conversionRate": numbers[1],
            "stepConversionRate": numbers[2], "dropOff": numbers[3], "dropOffRate": numbers[4], "revenue": numbers[5] })
    };
    assert_same(
        shop.answer(0, "/analytics/funnels/f"),
        json!({ "status": "success", "data": [{
            "funnelId": "f", "name": "F", "slug": "f",
            "totalVisitors": 2, "completedVisitors": 0, "conversionRate": 0, "revenue": 0,
            "steps": [
                step("one", "Any", "pageview", [2.0, 100.0, 100.0, 0.0, 0.0, 8.51]),
                step("two", "Blog or shop", "pageview", [1.0, 50.0, 50.0, 1.0, 50.0, 7.51]),
                step("three", "Signup", "goal", [0.0, 0.0, 0.0, 1.0, 100.0, 0.0]),
            ],
        }] }),
    );
    let filtered = shop.answer(0, "/analytics/funnels/f?filter_country=is_not:US")["data"][0].clone();
    assert_same(filtered["steps"][0]["revenue"].clone(), json!(0));
    assert_same(filtered["totalVisitors"].clone(), json!(1));
}

/// The buckets of a time series: names and timestamps.
fn buckets(timezone: &str, now: &str, query: &str) -> (String, Vec<(String, String)>) {
    let now = sessions::milliseconds(now);
    let answer =
        world(timezone, Vec::new()).answer(now, &format!("/analytics/timeseries?fields=visitors&limit=1000&{query}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = answer["data"].as_array().unwrap();
    let rows = rows.iter().map(|row| (text(&row["name"]), text(&row["timestamp"]))).collect();
    (text(&answer["interval"]), rows)
}

#[test]
fn clock_changes() {
    let now = "2025-12-10T12:00:00Z";
    let bucket = |name: &str, timestamp: &str| (name.to_owned(), timestamp.to_owned());
    let (interval, hours) = buckets("Europe/Berlin", now, "interval=day&startAt=2025-10-26&endAt=2025-10-26");
    assert_eq!((interval.as_str(), hours.len()), ("hour", 25));
    assert_eq!(
        hours[2..4],
        [bucket("02:00", "2025-10-26T02:00:00+02:00"), bucket("02:00", "2025-10-26T02:00:00+01:00")]
    );
    let (_, hours) = buckets("Europe/Berlin", now, "interval=week&startAt=2025-03-30&endAt=2025-03-30");
    assert_eq!(hours.len(), 23);
    assert_eq!(hours[2], bucket("03:00", "2025-03-30T03:00:00+02:00"));
    // Lord Howe: half an hour back at 02:00, half an hour forward at 02:00.
    let (_, hours) = buckets("Australia/Lord_Howe", now, "interval=hour&startAt=2025-04-06&endAt=2025-04-06");
    assert_eq!(hours.len(), 25);
    assert_eq!(
        hours[1..4],
        [
            bucket("01:00", "2025-04-06T01:00:00+11:00"),
            bucket("01:00", "2025-04-06T01:30:00+10:30"),
            bucket("02:00", "2025-04-06T02:00:00+10:30"),
        ]
    );
    let (_, hours) = buckets("Australia/Lord_Howe", now, "interval=hour&startAt=2025-10-05&endAt=2025-10-05");
    assert_eq!(hours.len(), 24);
    assert_eq!(
        hours[2..4],
        [bucket("02:00", "2025-10-05T02:30:00+11:00"), bucket("03:00", "2025-10-05T03:00:00+11:00")]
    );
    // Days of 23 and 25 hours remain days.
    let (_, days) = buckets("Europe/Berlin", now, "interval=day&startAt=2025-10-25&endAt=2025-10-27");
    assert_eq!(days[2], bucket("27 Oct", "2025-10-27T00:00:00+01:00"));
    assert_eq!(days.len(), 3);
}

#[test]
fn ranges() {
    let now = "2025-12-10T12:00:00Z";
    let bucket = |name: &str, timestamp: &str| (name.to_owned(), timestamp.to_owned());
    // A partial first bucket begins where the range begins and is named as its whole.
    let (_, weeks) = buckets("UTC", now, "interval=week&startAt=2025-12-18T10:20:30Z&endAt=2025-12-22T00:00:00Z");
    assert_eq!(weeks, [bucket("15 Dec", "2025-12-18T10:20:30Z"), bucket("22 Dec", "2025-12-22T00:00:00Z")]);
    let (_, hours) =
        buckets("Asia/Kolkata", now, "interval=day&startAt=2025-12-18T01:45:00Z&endAt=2025-12-18T03:00:00Z");
    assert_eq!(hours, [bucket("07:00", "2025-12-18T07:15:00+05:30"), bucket("08:00", "2025-12-18T08:00:00+05:30")]);
    // Full days of UTC are read as dates of the zone.
    let (interval, days) =
        buckets("America/New_York", now, "interval=day&startAt=2025-12-18T00:00:00.000Z&endAt=2025-12-19T23:59:59Z");
    assert_eq!(interval, "day");
    assert_eq!(days, [bucket("18 Dec", "2025-12-18T00:00:00-05:00"), bucket("19 Dec", "2025-12-19T00:00:00-05:00")]);
    // The present is 10 December, 17:45 in Kathmandu.
    let (_, hours) = buckets("Asia/Kathmandu", now, "interval=hour");
    assert_eq!(hours.len(), 24);
    assert_eq!(hours[0], bucket("18:00", "2025-12-09T18:00:00+05:45"));
    assert_eq!(hours[23], bucket("17:00", "2025-12-10T17:00:00+05:45"));
    let (_, days) = buckets("UTC", now, "interval=day");
    assert_eq!(
        (days.len(), &days[0], &days[29].0),
        (30, &bucket("11 Nov", "2025-11-11T00:00:00Z"), &"10 Dec".to_owned())
    );
    let (_, weeks) = buckets("UTC", now, "interval=week");
    assert_eq!((weeks.len(), &weeks[0]), (5, &bucket("10 Nov", "2025-11-11T00:00:00Z")));
    let (_, months) = buckets("UTC", now, "interval=month");
    assert_eq!((months.len(), &months[0]), (12, &bucket("Jan 2025", "2025-01-01T00:00:00Z")));
}

#[test]
fn timeseries() {
    let answer = shop().answer(
        0,
        "/analytics/timeseries?fields=sessions,revenue,visitors&interval=day&startAt=2025-06-03&endAt=2025-06-04",
    );
    let parts = |new: f64| json!({ "new": new, "renewal": 0, "refund": 0 });
    assert_same(
        answer,
        json!({
            "status": "success", "fields": ["sessions", "revenue", "visitors", "payments"], "interval": "day",
            "timezone": "UTC", "currency": "$",
            "totals": { "sessions": 2, "revenue": 18, "visitors": 2, "payments": 3, "revenueBreakdown": parts(18.0) },
            "data": [
                { "name": "03 Jun", "timestamp": "2025-06-03T00:00:00Z", "sessions": 2, "visitors": 2,
                    "revenue": 18, "payments": 3, "revenueBreakdown": parts(18.0) },
                { "name": "04 Jun", "timestamp": "2025-06-04T00:00:00Z", "sessions": 0, "visitors": 1,
                    "revenue": 0, "payments": 0, "revenueBreakdown": parts(0.0) },
            ],
            "pagination": { "limit": 100, "offset": 0, "total": 2 },
        }),
    );
}

#[test]
fn every_random_query_has_an_answer() {
    let mut runner = TestRunner::deterministic();
    let mut with_rows = 0;
    for _ in 0..200 {
        let (world, now, queries) = case(4).new_tree(&mut runner).unwrap().current();
        for query in queries {
            let answer = world.answer(now, &query);
            with_rows += usize::from(answer["data"].as_array().is_some_and(|rows| !rows.is_empty()));
        }
    }
    assert!(with_rows > 200, "{with_rows} answers have rows");
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, cases: 200, ..Config::default() })]

    #[test]
    fn streams_and_queries_go_together(website in generate::website(), lines in stream(), query in query()) {
        prop_assert!((2..=68).contains(&lines.len()));
        let now = generate::present(&lines, 0);
        let world = World { website, funnels: generate::funnels(), lines };
        prop_assert_eq!(&world.answer(now, &query)["status"], "success");
    }

}

proptest! {
    #![proptest_config(Config { failure_persistence: None, cases: 100, ..Config::default() })]

    /// Neither the order of arrival nor the ids matter, and the sessions of all buckets add up.
    #[test]
    fn order_decides_nothing((world, now, queries) in case(3)) {
        let mut reversed = world.clone();
        reversed.lines.reverse();
        for line in &mut reversed.lines {
            let number: usize = line["id"].as_str().unwrap()["event-".len()..].parse().unwrap();
            line["id"] = json!(format!("event-{}", 999 - number));
        }
        // But for what happens in one moment, which is ordered by its arrival.
        for query in queries.into_iter().filter(|query| !query.contains("/funnels/")) {
            let answer = world.answer(now, &query);
            prop_assert_eq!(&reversed.answer(now, &query), &answer, "{}", query);
            if let Some(total) = answer["totals"]["sessions"].as_i64()
                && answer["data"].as_array().unwrap().len() as i64 == answer["pagination"]["total"]
            {
                let rows = answer["data"].as_array().unwrap();
                prop_assert_eq!(rows.iter().map(|row| row["sessions"].as_i64().unwrap()).sum::<i64>(), total);
            }
        }
    }
}
