//! The mails that a website's settings ask for, from the setting to the link that switches it off (docs/email-reports.md). What a weekly
//! report says, and when it is sent, native tests check: it depends on the day of the week.

use reqwest::Method;
use serde_json::{Value, json};
use sluice::email_reports::unsubscribe::Kind;

use crate::mail::{Service, reports_link};
use crate::own_gateway::State;
use crate::support::{Account, Gateway, NO_SUCH_ID, answer, text};
use crate::traffic::{Site, moment};

/// What D1 says of the only website.
fn stored(state: &State) -> Value {
    let select = "SELECT weekly_report_at, traffic_look_at, mails_base_url IS NOT NULL AS has_base FROM websites";
    state.query(select).remove(0).remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_hears_of_unusual_traffic_once_and_can_switch_it_off() {
    let (state, service) = (State::new(), Service::start());
    service.answers("200 OK", "content-type: application/json\r\n", r#"{"id":"x"}"#);
    let settings = [
        ("RATE_LIMIT_PER_MINUTE", "1000"),
        ("EMAIL_FROM", "Sluice <sluice@acme.example>"),
        ("EMAIL_PROVIDER", "resend"),
        ("EMAIL_API_BASE", &*service.url),
        ("EMAIL_API_KEY", "re_Zebra7Key"),
    ];
    let mut own = state.serve(&settings);
    let account: Account = own.gateway.account().await;
    let site = Site::new(&account).await;
    let switch = async |on: bool| {
        let body = json!({ "sendWeeklyReports": on, "sendViralTrafficAlerts": on });
        site.owner.put(&site.path(""), body).await.ok().row()
    };
    switch(true).await;
    switch(false).await;
    own.stop();
    assert_eq!(stored(&state), json!({ "weekly_report_at": null, "traffic_look_at": null, "has_base": 1 }));

    own = state.serve(&settings);
    let site = site.on(&own.gateway);
    let row =
        site.owner.put(&site.path(""), json!({ "sendWeeklyReports": true, "sendViralTrafficAlerts": true })).await;
    assert_eq!(row.ok().row()["sendViralTrafficAlerts"], true);
    let lines: Vec<Value> = (0..60)
        .map(|number| {
            let visitor = format!("b971cbbf-7ce2-4925-902b-8f95a5fb34{number:02}");
            let mut line = site.line(
                &visitor,
                &moment(-60_000 * (number % 30 + 1)),
                json!({ "referrer": "https://news.ycombinator.com/" }),
            );
            line["id"] = json!(format!("line-{number}"));
            line
        })
        .collect();
    site.import(&lines).await;
    own.cron().await;
    let [request] = &service.take()[..] else { panic!("one mail") };
    assert_eq!(request.body["to"], json!([account.email]));
    assert_eq!(request.body["subject"], format!("{}: 60 sessions in the last hour", site.domain));
    let told = text(&request.body["text"]);
    assert!(told.contains("Where they come from\n  ") && told.contains("60 visitors"), "{told}");
    let link = text(&request.body["headers"]["List-Unsubscribe"]);
    let link = link.trim_matches(['<', '>']).strip_prefix(&own.gateway.url).unwrap().to_owned();
    own.cron().await;
    assert_eq!(service.take().len(), 0, "once a day");

    // The link asks first, and switches nothing else off.
    let asked = answer(own.gateway.request(Method::GET, &link)).await;
    assert!(asked.body.contains("Switch these mails off?") && asked.body.contains(&site.domain), "{asked}");
    let shown = async || {
        let row = site.owner.get(&site.path("")).await.ok().row();
        (row["sendWeeklyReports"].clone(), row["sendViralTrafficAlerts"].clone())
    };
    assert_eq!(shown().await, (json!(true), json!(true)));
    for _ in 0..2 {
        let done = answer(own.gateway.request(Method::POST, &link).body("List-Unsubscribe=One-Click")).await;
        assert!(done.status == 200 && done.body.contains("Switched off"), "{done}");
    }
    assert_eq!(shown().await, (json!(true), json!(false)));
    own.stop();
    let stored = stored(&state);
    assert_eq!(stored["traffic_look_at"], Value::Null);
    let planned = stored["weekly_report_at"].as_i64().unwrap();
    assert!(planned > 1_700_000_000_000, "the report has a time: {stored}");
}

#[tokio::test]
async fn links_of_another_kind_altered_or_of_nobody_do_not_work() {
    let account = Gateway::roomy().account().await;
    let website = account.website().await;
    let link = reports_link(&website.id, Kind::Weekly);
    let of_alerts = link.replace("/reports/", "/");
    for wrong in
        [of_alerts, format!("{link}A"), link.replace("reports/", "reports/A"), "/unsubscribe/reports/x".to_owned()]
    {
        for method in [Method::GET, Method::POST] {
            let found = answer(account.gateway.request(method, &wrong)).await;
            assert!(found.status == 404 && found.body.contains("This link does not work"), "{wrong}: {found}");
        }
    }
    let nobody = answer(account.gateway.request(Method::POST, &reports_link(NO_SUCH_ID, Kind::Traffic))).await;
    assert!(nobody.status == 200 && nobody.body.contains("Nothing left to switch off"), "{nobody}");
}
