//! Import and export (docs/contract/reports.md#20).

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Account, Caller, Gateway, NO_SUCH_ID, answer, assert_fields, has_exactly, id_of, text};
use crate::traffic::{AGENT, FIREFOX, Site, api, imported, moment, ndjson, visitor, with, without};

/// Uploads these parts, each as its own chunk, and returns the row of the response, or `None` if the connection is cut
/// after the last part.
async fn upload(site: &Site, pieces: Vec<Vec<u8>>, is_cut: bool) -> Option<Value> {
    let host = site.owner.gateway.url.trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /api/v1/admin{} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        site.path("/import"),
        site.owner.token
    );
    let exchange = move || {
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        for piece in pieces {
            stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).unwrap();
            stream.write_all(&piece).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        if is_cut {
            stream.flush().unwrap();
            std::thread::sleep(Duration::from_millis(300));
            stream.shutdown(Shutdown::Both).unwrap();
            return None;
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let (from, to) = (answer.find("{\"").unwrap(), answer.rfind('}').unwrap());
        let json: Value = serde_json::from_str(answer.get(from..=to).unwrap()).unwrap();
        assert_eq!(json["status"], "success", "{json}");
        Some(json["data"][0].clone())
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

/// `bytes` in parts of these lengths, repeatedly.
fn in_pieces(bytes: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let (mut rest, mut pieces) = (bytes, Vec::new());
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces
}

fn day(number: usize) -> String {
    format!("2026-01-{:02}T12:00:00Z", number % 28 + 1)
}

#[tokio::test]
async fn every_line_is_accepted_known_or_wrong() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let line = |id: &str| with(site.line(&visitor(), &day(1), json!({})), json!({ "id": id }));
    let body = [
        line("a").to_string(),                                                                         // 1
        String::new(),                                                                                 // 2
        "   \t".to_owned(),                                                                            // 3
        "{\"id\":".to_owned(),                                                                         // 4
        format!("  {}  ", line("b")),                                                                  // 5
        line("a").to_string(),                                            // 6: known by now
        "[]".to_owned(),                                                  // 7
        "null".to_owned(),                                                // 8
        without(line("x"), "id").to_string(),                             // 9
        without(line("x"), "timestamp").to_string(),                      // 10
        with(line("x"), json!({ "timestamp": "yesterday" })).to_string(), // 11
        with(line("x"), json!({ "type": "click" })).to_string(),          // 12
        with(line("x"), json!({ "visitorId": "me" })).to_string(),        // 13
        without(line("x"), "sessionId").to_string(),                      // 14
        without(line("x"), "href").to_string(),                           // 15
        with(line("x"), json!({ "type": "custom", "extraData": { "eventName": "A B" } })).to_string(), // 16
        with(line("x"), json!({ "country": "Atlantis" })).to_string(),    // 17
        with(line("x"), json!({ "id": "i".repeat(129) })).to_string(),    // 18
        format!("{}{}", line("x"), line("y")),                            // 19
        with(line("x"), json!({ "padding": "p".repeat(70_000) })).to_string(), // 20
        line("ü").to_string(),                                            // 21, without an end of line
    ]
    .join("\r\n");
    let result = site.import_body(body).await.ok().row();
    has_exactly(&result, &["accepted", "duplicates", "rejected", "errors"]);
    assert_fields(&result, json!({ "accepted": 3, "duplicates": 1, "rejected": 15 }));
    let wanted = [
        (4, "JSON"),
        (7, "object"),
        (8, "object"),
        (9, "id"),
        (10, "timestamp"),
        (11, "timestamp"),
        (12, "type"),
        (13, "visitorId"),
        (14, "sessionId"),
        (15, "href"),
        (16, "extraData.eventName"),
        (17, "country"),
        (18, "id"),
        (19, "JSON"),
        (20, "64 KiB"),
    ];
    let errors = result["errors"].as_array().unwrap();
    assert_eq!(errors.len(), wanted.len(), "{result}");
    for (error, (line, part)) in errors.iter().zip(wanted) {
        has_exactly(error, &["line", "message"]);
        assert_eq!(error["line"], line, "{error}");
        assert!(text(&error["message"]).contains(part), "{part}: {error}");
    }
    let mut ids: Vec<String> = site.export().await.iter().map(|line| text(&line["id"])).collect();
    ids.sort();
    assert_eq!(ids, ["a", "b", "ü"]);
    assert_eq!(site.import_body("").await.ok().row(), imported(0, 0));
    assert_eq!(site.import_body("\n\n \n").await.ok().row(), imported(0, 0));
}

#[tokio::test]
async fn a_line_that_is_not_text_does_not_stop_the_rest() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let good = || format!("{}\n", site.line(&visitor(), &day(1), json!({ "city": "Köln" }))).into_bytes();
    let broken = good().into_iter().filter(|byte| *byte != 0xc3).collect();
    let deep = format!("{}\n", "[".repeat(5_000)).into_bytes();
    let body = [good(), broken, b"\xff\xfe\n".to_vec(), b"\0\0\n".to_vec(), deep, good()].concat();
    let result = site.import_body(body).await.ok().row();
    assert_fields(&result, json!({ "accepted": 2, "rejected": 4 }));
}

#[tokio::test]
async fn only_the_first_hundred_errors_are_listed() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let good = site.line(&visitor(), &day(1), json!({}));
    let body = format!("{}{good}\n", "wrong\n".repeat(150));
    let result = site.import_body(body).await.ok().row();
    assert_fields(&result, json!({ "rejected": 150, "accepted": 1 })); // the last line too
    let lines: Vec<_> = result["errors"].as_array().unwrap().iter().map(|error| error["line"].clone()).collect();
    assert_eq!(lines, (1..=100).map(Value::from).collect::<Vec<_>>());
}

#[tokio::test]
async fn twenty_thousand_lines_arrive_in_chunks_cut_anywhere() {
    const LINES: usize = 20_000;
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitors: Vec<String> = (0..200).map(|_| visitor()).collect();
    let lines: Vec<Value> = (0..LINES)
        .map(|number| {
            let visitor = &visitors[number % visitors.len()];
            // Multi-byte characters, for chunks to cut through.
            let href = format!("https://{}/ä€😀/{}", site.domain, number % 50);
            site.line(
                visitor,
                &day(number % visitors.len()),
                json!({ "id": format!("n{number}"), "href": href, "city": "Köln 😀" }),
            )
        })
        .collect();
    let body = ndjson(&lines);
    let pieces = in_pieces(body.as_bytes(), &[1, 7, 4_093, 1, 65_537, 2, 333, 12_289]);
    assert_eq!(upload(&site, pieces, false).await.unwrap(), imported(LINES, 0));
    assert_eq!(site.visitors().await, 200);
    let cities = site.rows("/cities?fields=city,visitors").await;
    assert_eq!(cities, [json!({ "city": "Köln 😀", "visitors": 200 })]);
    let exported = site.export().await;
    assert_eq!(exported.len(), LINES);
    let moments: Vec<String> = exported.iter().map(|line| text(&line["timestamp"])).collect();
    assert!(moments.is_sorted(), "oldest first");
    // In one part: every line is known except one, whatever its line ending.
    let one_more = format!("{body}{}", site.line(&visitor(), &day(1), json!({})));
    assert_eq!(site.import_body(one_more.replace('\n', "\r\n")).await.ok().row(), imported(1, LINES));
    assert_eq!(site.visitors().await, 201);
}

#[tokio::test]
async fn an_import_that_was_cut_off_is_resumed_by_sending_all_of_it_again() {
    const LINES: usize = 4_000;
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let lines: Vec<Value> = (0..LINES).map(|number| site.line(&visitor(), &day(number), json!({}))).collect();
    let body = ndjson(&lines);
    let half = &body.as_bytes()[..body.len() / 2 + 13];
    assert_eq!(upload(&site, in_pieces(half, &[50_000]), true).await, None);
    // The interrupted import finishes.
    let (mut before, mut unchanged) = (0, 0);
    while unchanged < 10 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = site.visitors().await;
        unchanged = if now == before && now > 0 { unchanged + 1 } else { 0 };
        before = now;
    }
    assert!((1..=2_001).contains(&before), "half of it at most, and some: {before}");
    let result = site.import_body(body).await.ok().row();
    let count = |field: &str| result[field].as_i64().unwrap();
    assert_eq!(count("rejected"), 0);
    assert_eq!((count("duplicates"), count("accepted")), (before, 4_000 - before));
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "visitors": LINES, "sessions": LINES }));
}

#[tokio::test]
async fn the_future_is_not_imported() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let line = |millis: i64| site.line(&visitor(), &moment(millis), json!({}));
    let (fast, future) = (line(4 * 60_000), line(6 * 60_000));
    let payment = with(
        line(0),
        json!({
            "type": "payment",
            "extraData": { "amount": 1, "currency": "USD", "transaction_id": "t", "timestamp": moment(3_600_000) },
        }),
    );
    let result = site.import_body(ndjson(&[future, fast, payment])).await.ok().row();
    assert_fields(&result, json!({ "accepted": 1, "rejected": 2 }));
    for (error, line) in result["errors"].as_array().unwrap().iter().zip([1, 3]) {
        assert_eq!(error["line"], line, "{error}");
        assert!(text(&error["message"]).starts_with("timestamp"), "{error}");
    }
}

#[tokio::test]
async fn a_line_may_state_what_the_platform_would_supply() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (given, program, both, app) = (visitor(), visitor(), visitor(), visitor());
    let place = json!({ "country": "FR", "region": "FR-IDF", "city": "Paris" });
    let fields = json!({ "browser": "Opera", "os": "Linux", "device": "tablet", "browserVersion": "9.8" });
    site.import(&[
        site.line(&given, &day(1), with(place.clone(), fields.clone())),
        site.line(&program, &day(1), json!({ "userAgent": FIREFOX })),
        site.line(&both, &day(1), with(fields, json!({ "userAgent": AGENT }))),
        site.line(
            &app,
            &day(1),
            json!({ "device": { "platform": "ios", "osVersion": "17.2", "model": "iPhone15,2" }, "country": "DE" }),
        ),
    ])
    .await;
    let identity = async |visitor: &str| site.visitor(visitor).await["identity"].clone();
    let one = identity(&given).await;
    assert_fields(&one, json!({ "countryCode": "FR", "region": "FR-IDF", "city": "Paris" }));
    assert_eq!(one["browser"], json!({ "name": "Opera", "version": "9.8" }));
    let one = identity(&program).await;
    assert_eq!(one["browser"], json!({ "name": "Firefox", "version": "131.0" }));
    assert_fields(&one, json!({ "os.name": "Windows", "device.type": "desktop" }));
    assert_eq!(one["country"], Value::Null, "who imports is not who visited");
    let one = identity(&both).await;
    assert_fields(&one, json!({ "browser.name": "Opera", "device.type": "tablet", "os.name": "Linux" }));
    let one = identity(&app).await;
    assert_eq!(one["os"], json!({ "name": "iOS", "version": "17.2" }));
    assert_fields(&one["device"], json!({ "model": "iPhone15,2", "type": "mobile" }));
    let countries = site.rows("/countries?fields=country,visitors").await;
    assert_eq!(
        countries,
        [json!({ "country": "France", "visitors": 1 }), json!({ "country": "Germany", "visitors": 1 })]
    );
    let regions = site.rows("/regions?fields=region,visitors").await;
    assert_eq!(regions, [json!({ "region": "Île-de-France", "visitors": 1 })]);
    let range = "startAt=2026-01-02&endAt=2026-01-02&timezone=UTC";
    assert_eq!(site.rows(&format!("/overview?{range}")).await[0]["visitors"], 4);
    assert_eq!(site.rows("/realtime").await, [json!({ "visitors": 0 })]);
}

#[tokio::test]
async fn exclusions_of_live_events_do_not_apply_to_imports() {
    let owner = Gateway::roomy().account().await;
    let other = Site::new(&owner).await;
    let site = Site::with(&owner, |domain| {
        json!({
            "excludedIps": ["0.0.0.0/0", "::/0"], "excludedPaths": ["/*", "/"], "excludedCountries": ["US"],
            "excludedHostnames": [domain], "isAttackModeEnabled": true,
        })
    })
    .await;
    let line = |fields: Value| {
        // The website in the path wins.
        let named = json!({ "websiteId": other.tracking_id, "country": "US", "userAgent": "curl/8.0" });
        site.line(&visitor(), &day(1), with(named, fields))
    };
    site.import(&[
        line(json!({})),
        line(json!({ "href": "https://elsewhere.example/x" })),
        line(json!({ "websiteId": NO_SUCH_ID })),
        line(json!({ "websiteId": other.id, "domain": other.domain })),
    ])
    .await;
    assert_eq!((site.visitors().await, other.visitors().await), (4, 0));
    assert_eq!(site.rows("/hostnames").await.len(), 2);
}

#[tokio::test]
async fn an_import_requires_permission_to_change_the_website() {
    let gateway = Gateway::roomy();
    let (owner, member, viewer, stranger) =
        (gateway.account().await, gateway.account().await, gateway.account().await, gateway.account().await);
    let (site, other) = (Site::new(&owner).await, Site::new(&owner).await);
    site.admit(&member, "member").await;
    site.admit(&viewer, "viewer").await;
    let import = async |caller: &Caller, site: &Site| {
        let line = site.line(&visitor(), &day(1), json!({}));
        answer(caller.request(Method::POST, &site.path("/import")).body(line.to_string())).await
    };
    let export = async |caller: &Caller, site: &Site| answer(caller.request(Method::GET, &site.path("/export"))).await;
    let key = site.key().await;
    for caller in [&owner.caller, &member.caller, &key] {
        import(caller, &site).await.ok();
        assert_eq!(export(caller, &site).await.status, 200);
    }
    let message = import(&viewer, &site).await.error(403);
    assert!(message.contains("viewer") && message.contains("member"), "{message}");
    assert_eq!(export(&viewer, &site).await.status, 200);
    let reader = owner.mint(json!({ "permissions": ["settings:read", "analytics:read"] })).await;
    assert!(import(&reader, &site).await.error(403).contains("settings:write"));
    assert_eq!(export(&reader, &site).await.status, 200);
    let writer = owner.mint(json!({ "permissions": ["settings:write"] })).await;
    assert!(export(&writer, &site).await.error(403).contains("settings:read"));
    import(&key, &other).await.error(403);
    export(&key, &other).await.error(403);
    for answer in [import(&stranger, &site).await, export(&stranger, &site).await] {
        answer.error(404);
    }
    for answer in [import(&gateway.caller(""), &site).await, export(&gateway.caller(""), &site).await] {
        answer.error(401);
    }
    assert_eq!((site.visitors().await, other.visitors().await), (3, 0));
}

#[tokio::test]
async fn a_line_of_a_payment_has_its_own_time_and_visitor() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let (sender, payer) = (visitor(), visitor());
    let payment = |id: &str, transaction: &str, fields: Value| {
        let extra = with(json!({ "amount": 10, "currency": "USD", "transaction_id": transaction }), fields);
        json!({ "id": id, "timestamp": "2026-01-05T00:00:00Z", "type": "payment", "visitorId": sender, "extraData": extra })
    };
    site.import(&[
        site.line(&sender, "2026-01-01T00:00:00Z", json!({})),
        site.line(&payer, "2026-01-01T00:00:00Z", json!({})),
        payment("1", "a", json!({})),
        payment("2", "b", json!({ "datafast_visitor_id": payer, "timestamp": "2026-02-05T00:00:00Z" })),
        payment("3", "a", json!({ "refunded": true, "amount": 4 })),
    ])
    .await;
    // The key is the transaction's, whatever the line's id and the route.
    let again = site.import_body(ndjson(&[payment("9", "a", json!({ "amount": 99 }))])).await.ok().row();
    assert_eq!(again, imported(0, 1));
    let posted = site.post("/payments", json!({ "amount": 1, "currency": "USD", "transaction_id": "b" })).await;
    assert!(posted.body.contains("duplicate"), "{posted}");
    assert_eq!(site.overview().await["revenue"], 16);
    assert_eq!(site.rows("/overview?startAt=2026-01-05&endAt=2026-01-05").await[0]["revenue"], 6);
    assert_eq!(site.rows("/overview?startAt=2026-02-05&endAt=2026-02-05").await[0]["revenue"], 10);
    let goals = async |visitor: &str| site.visitor(visitor).await["activity"]["completedGoals"].clone();
    assert_eq!(goals(&payer).await[0]["timestamp"], "2026-02-05T00:00:00.000Z");
    assert_eq!(goals(&sender).await.as_array().unwrap().len(), 1);
    let wrong = [
        payment("w1", "w1", json!({ "amount": -1 })),
        payment("w2", "w2", json!({ "renewal": "yes" })),
        payment("w3", "w3", json!({ "currency": "ABC" })),
    ];
    let result = site.import_body(ndjson(&wrong)).await.ok().row();
    assert_fields(&result, json!({ "accepted": 0, "rejected": 3 }));
    for (error, named) in result["errors"].as_array().unwrap().iter().zip(["amount", "renewal", "currency"]) {
        assert!(text(&error["message"]).contains(named), "{named}: {error}");
    }
}

#[tokio::test]
async fn deleted_events_may_be_imported_again() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let visitor = visitor();
    let extra = json!({ "type": "custom", "extraData": { "eventName": "signup" } });
    let goal = with(site.line(&visitor, &day(2), extra), json!({ "id": "goal" }));
    let paid = json!({ "amount": 5, "currency": "USD", "transaction_id": "t" });
    let payment =
        json!({ "id": "paid", "timestamp": day(3), "type": "payment", "visitorId": visitor, "extraData": paid });
    let lines = [site.line(&visitor, &day(1), json!({})), goal, payment];
    site.import(&lines).await;
    site.delete("/goals?name=signup").await.ok();
    site.delete("/payments?tx_id=t").await.ok();
    assert_eq!((site.goals().await, site.overview().await["revenue"].clone()), (vec![], json!(0)));
    assert_eq!(site.import_body(ndjson(&lines)).await.ok().row(), imported(2, 1));
    assert_eq!(
        (site.goals().await, site.overview().await["revenue"].clone()),
        (vec![("signup".to_owned(), 1, 1)], json!(5))
    );
    assert_eq!(site.import_body(ndjson(&lines)).await.ok().row(), imported(0, 3));
}

/// A website with every kind of event, most of them in the past; returns its visitors.
async fn full(owner: &Account) -> (Site, Vec<String>) {
    let site = Site::with(owner, |_| json!({ "timezone": "Europe/Berlin", "currency": "EUR" })).await;
    let visitors: Vec<String> = (0..12).map(|_| visitor()).collect();
    let mut lines = Vec::new();
    for (number, visitor) in visitors.iter().enumerate() {
        let place =
            [("US", "US-CA", "San Francisco"), ("FR", "FR-IDF", "Paris"), ("DE", "DE-BE", "Berlin")][number % 3];
        let context = json!({
            "country": place.0, "region": place.1, "city": place.2, "userAgent": (if number % 2 == 0 { AGENT } else { FIREFOX }),
            "viewport": { "width": 800 + number, "height": 600 }, "screenWidth": 1000, "screenHeight": 700, "language": "de",
            "adClickIds": { "gclid": format!("g{number}") },
        });
        let referrer =
            ["https://www.google.com/", "https://t.co/x", "https://news.example/a", "https://www.own.example/y"];
        for visit in 0..=number % 3 {
            let at = |second: usize| format!("2026-01-{:02}T{:02}:00:{second:02}Z", number + 1, visit * 5);
            let session = format!("s{visit}-{visitor}");
            let line = |second: usize, fields: Value| {
                let base = json!({ "sessionId": session, "timestamp": at(second) });
                with(site.line(visitor, "", context.clone()), with(base, fields))
            };
            let href = format!("https://www.own.example/p{}?utm_source=s{}&ref=r&q=ä#top", number % 4, visit);
            lines.push(line(0, json!({ "href": href, "referrer": referrer[number % 4] })));
            lines.push(line(5, json!({ "href": "https://app.own.example/x#y" })));
            let extra = json!({ "eventName": format!("g{}", number % 2), "plan": format!("p{visit}") });
            lines.push(line(9, json!({ "type": "custom", "extraData": extra })));
            lines.push(line(
                11,
                json!({ "type": "external_link", "extraData": { "url": "https://out.example/", "text": "Out" } }),
            ));
        }
        let extra = json!({ "user_id": format!("u{number}"), "name": "Jane Ö.", "nested": { "a": [1, null] } });
        lines.push(with(
            site.line(visitor, "2026-01-20T00:00:00Z", context),
            json!({ "type": "identify", "extraData": extra }),
        ));
    }
    site.import(&lines).await;
    for (number, visitor) in visitors.iter().enumerate().take(6) {
        let named = json!({ "datafast_visitor_id": visitor, "customer_id": "c", "name": "Jane" });
        let base = json!({
            "amount": 10.5 + f64::from(u32::try_from(number).unwrap()), "currency": (if number % 2 == 0 { "EUR" } else { "USD" }),
            "transaction_id": format!("t{number}"), "renewal": number == 2, "is_free_trial": number == 3,
            "timestamp": format!("2026-01-21T00:00:0{number}Z"),
        });
        let paid = site.post("/payments", with(base.clone(), named)).await;
        assert_eq!(paid.status, 200, "{paid}");
        if number == 1 {
            let refund = json!({ "refunded": true, "amount": 1, "datafast_visitor_id": visitor, "timestamp": "2026-01-22T00:00:00Z" });
            assert_eq!(site.post("/payments", with(base, refund)).await.status, 200);
        }
    }
    // Hinted by a browser, without a visitor, from a backend, and live.
    let hint = json!({ "type": "payment", "extraData": { "email": "h@example.com" } });
    site.take(site.event(&visitors[7], hint)).await;
    for (transaction, email) in [("hinted", "h@example.com"), ("nobody", "n@example.com")] {
        let sent = json!({ "amount": 7, "currency": "EUR", "transaction_id": transaction, "email": email });
        assert_eq!(site.post("/payments", sent).await.status, 200);
    }
    let goal = json!({ "datafast_visitor_id": visitors[8], "name": "g0", "description": "Reported", "metadata": { "plan": "x" } });
    site.post("/goals", goal).await.ok();
    site.post("/identify", json!({ "datafast_visitor_id": visitors[8], "user_id": "u8", "plan": "pro" })).await;
    site.take(site.event(&visitors[9], json!({ "referrer": format!("https://{}/", site.domain), "id": "live ü" })))
        .await;
    (site, visitors)
}

/// All reports of a website that do not depend on the time of the request.
async fn answers(owner: &Account, site: &Site, visitors: &[String]) -> Vec<(String, Value)> {
    let steps = json!([
        { "name": "A", "type": "pageview", "url": "/p*" },
        { "name": "B", "type": "goal", "goalName": "g0" },
    ]);
    let funnel = id_of(&owner.post(&site.path("/funnels"), json!({ "name": "F", "steps": steps })).await.ok().row());
    let range = "startAt=2026-01-01&endAt=2026-12-31";
    let mut paths: Vec<String> = [
        "pages",
        "entry-pages",
        "exit-pages",
        "channels",
        "referrers",
        "countries",
        "regions",
        "cities",
        "devices",
        "browsers",
        "operating-systems",
        "hostnames",
        "campaigns",
        "exit-clicks",
        "goals",
        "overview",
    ]
    .into_iter()
    .flat_map(|report| {
        [
            "",
            "&filter_country=US,DE",
            "&filter_goal=g1",
            "&filter_page=contains:p1",
            "&filter_referrer=Google",
            "&filter_visit_count=gte:2",
        ]
        .map(|filter| format!("/analytics/{report}?{range}{filter}"))
    })
    .collect();
    for interval in ["day", "week", "month"] {
        let fields =
            "name,visitors,sessions,revenue,payments,conversion_rate,pageviews,new_visitors,returning_visitors";
        paths.push(format!("/analytics/timeseries?fields={fields}&interval={interval}&{range}&limit=1000"));
    }
    paths.push("/analytics/overview".to_owned());
    paths.push("/analytics/goals/properties?eventName=g0".to_owned());
    paths.push("/analytics/goals/properties?eventName=g0&propertyName=plan".to_owned());
    paths.push("/visitors".to_owned());
    paths.push("/visitors?isCustomer=true&limit=3&offset=1".to_owned());
    paths.push("/visitors?completedGoal=g0".to_owned());
    paths.push(format!("/analytics/funnels/{funnel}"));
    paths.extend(visitors.iter().map(|visitor| format!("/visitors/{visitor}")));
    let mut answers = Vec::new();
    for path in paths {
        let answer = answer(api(owner, Method::GET, &site.named(&path))).await;
        assert_eq!(answer.status, 200, "{answer}");
        let mut json = answer.json();
        if let Some(activity) = json.pointer_mut("/data/activity") {
            *activity = without(without(activity.clone(), "timeSinceFirstVisit"), "timeSinceCurrentVisit");
        }
        if path.contains("/funnels/") {
            for step in json.pointer_mut("/data/0/steps").unwrap().as_array_mut().unwrap() {
                *step = without(step.clone(), "id");
            }
            json["data"][0] = without(json["data"][0].clone(), "funnelId");
        }
        let path = path.replace(&funnel, "FUNNEL");
        answers.push((path, json));
    }
    let goals = owner.get(&site.path("/goals")).await.ok().json();
    answers.push(("tracked goals".to_owned(), goals));
    answers
}

#[tokio::test]
async fn an_export_of_events_and_payments_in_turn_misses_none() {
    const PAIRS: usize = 2_300;
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let payer = visitor();
    let lines: Vec<Value> = (0..PAIRS)
        .flat_map(|number| {
            // Many with the same timestamp, and long runs of one kind between them.
            let (hour, minute) = (number / 1_000, number / 100 % 10);
            let at = |kind: usize| {
                format!("2026-01-01T{:02}:{minute:02}:{:02}Z", hour * 2 + kind * (number % 2), number % 3)
            };
            let paid = json!({ "amount": 1, "currency": "USD", "transaction_id": format!("t{number}") });
            let payment =
                json!({ "id": format!("p{number}"), "timestamp": at(1), "type": "payment", "extraData": paid });
            [with(site.line(&payer, &at(0), json!({})), json!({ "id": format!("e{number}") })), payment]
        })
        .collect();
    site.import(&lines).await;
    let exported = site.export().await;
    let moments: Vec<String> = exported.iter().map(|line| text(&line["timestamp"])).collect();
    assert!(moments.is_sorted(), "oldest first");
    let ids = |lines: &[Value]| {
        let mut ids: Vec<String> = lines.iter().map(|line| text(&line["id"])).collect();
        ids.sort();
        ids
    };
    assert!(ids(&exported) == ids(&lines), "{} of {} lines", exported.len(), lines.len());
    // From any time on it is the rest of the same lines.
    for at in [0, 1, 2_000, exported.len() - 1] {
        let since = text(&exported[at]["timestamp"]);
        let first = moments.iter().position(|moment| *moment == since).unwrap();
        let path = site.path(&format!("/export?since={since}"));
        let answered = answer(owner.request(Method::GET, &path)).await;
        assert_eq!(answered.status, 200);
        let rest = answered.body;
        let rest: Vec<Value> = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(rest == exported[first..], "since {since}: {} lines", rest.len());
    }
    let path = site.path("/export?since=yesterday");
    assert!(owner.get(&path).await.error(400).starts_with("since"));
    let totals = site.overview().await;
    assert_fields(&totals, json!({ "payments": PAIRS, "revenue": PAIRS }));
}

#[tokio::test]
async fn an_export_is_also_a_table_with_a_footer_and_no_other_form() {
    let owner = Gateway::roomy().account().await;
    let site = Site::new(&owner).await;
    let table = async || {
        let request = owner.request(Method::GET, &site.path("/export?format=parquet"));
        let response = request.send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let found = (response.status().as_u16(), header("content-type"), header("content-disposition"));
        let name = format!("attachment; filename=\"{}.parquet\"", site.id);
        assert_eq!(found, (200, "application/vnd.apache.parquet".to_owned(), name));
        response.bytes().await.unwrap().to_vec()
    };
    let empty = table().await;
    site.import(&[site.line(&visitor(), &day(1), json!({}))]).await;
    let filled = table().await;
    for bytes in [&empty, &filled] {
        let footer = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap());
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
        assert!((200..bytes.len()).contains(&(footer as usize)), "{footer}");
    }
    assert!(filled.len() > empty.len());
    for format in ["csv", "", "Parquet"] {
        let message = owner.get(&site.path(&format!("/export?format={format}"))).await.error(400);
        assert!(message.starts_with("format: ") && message.contains("parquet"), "{message}");
    }
}

#[tokio::test]
async fn a_page_identified_by_its_fragment_survives_an_export() {
    let owner = Gateway::roomy().account().await;
    let (site, copy) = (Site::new(&owner).await, Site::new(&owner).await);
    let href = "https://app.example/#/settings";
    site.import(&[site.line(&visitor(), &day(1), json!({ "href": href, "hashIsPage": true }))]).await;
    let pages = site.rows("/pages").await;
    assert_eq!(pages[0]["path"], "/#/settings");
    copy.import(&site.export().await).await;
    assert_eq!(copy.rows("/pages").await, pages);
}

#[tokio::test]
async fn an_export_makes_another_website_answer_the_same() {
    let owner = Gateway::roomy().account().await;
    let (site, visitors) = full(&owner).await;
    let body = answer(owner.request(Method::GET, &site.path("/export"))).await;
    assert_eq!((body.status, body.header("content-type").as_str()), (200, "application/x-ndjson"));
    assert_eq!(body.header("content-disposition"), format!("attachment; filename=\"{}.ndjson\"", site.id));
    assert!(body.body.ends_with('\n'));
    let lines: Vec<Value> = body.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let moments: Vec<String> = lines.iter().map(|line| text(&line["timestamp"])).collect();
    assert!(moments.is_sorted(), "oldest first: {moments:?}");
    assert!(lines.iter().any(|line| line["id"] == "live ü"));
    let href = lines.iter().filter_map(|line| line["href"].as_str()).find(|href| href.contains("/p1"));
    assert!(href.unwrap().ends_with("?utm_source=s0&ref=r&q=%C3%A4#top"), "the whole address: {href:?}");

    // A website with another domain and no events.
    let copy = Site::with(&owner, |_| json!({ "timezone": "Europe/Berlin", "currency": "EUR" })).await;
    assert_eq!(copy.import_body(body.body.clone()).await.ok().row(), imported(lines.len(), 0));
    assert_eq!(copy.import_body(body.body.clone()).await.ok().row(), imported(0, lines.len()));
    assert_eq!(
        site.import_body(body.body.clone()).await.ok().row(),
        imported(0, lines.len()),
        "into itself: nothing new"
    );
    let (ours, theirs) = (answers(&owner, &site, &visitors).await, answers(&owner, &copy, &visitors).await);
    assert!(ours.len() > 90);
    for ((path, one), (_, other)) in ours.iter().zip(&theirs) {
        assert_eq!(one, other, "{path}");
    }
    let again = answer(owner.request(Method::GET, &copy.path("/export"))).await.body;
    let (mut one, mut other): (Vec<_>, Vec<_>) = (body.body.lines().collect(), again.lines().collect());
    one.sort_unstable();
    other.sort_unstable();
    assert_eq!(one, other, "the copy exports what the original does");
}
