//! Acknowledged events survive a crash, exactly once (docs/contract/reports.md#12).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::own_gateway::State;
use crate::support::{Caller, Gateway, all, answer, text, unique};
use crate::traffic::{AGENT, EVENTS, moment, visitor};

/// The number of crashes.
const ROUNDS: usize = 3;
/// The number of concurrent senders.
const SENDERS: usize = 6;
/// The number of acknowledged events after which the gateway is killed.
const BEFORE_THE_CRASH: usize = 250;

/// Sends an event; returns whether it was acknowledged.
async fn send(gateway: &Gateway, tracking_id: &str, domain: &str, visitor: &str, id: &str) -> bool {
    let event = json!({
        "websiteId": tracking_id, "domain": domain, "visitorId": visitor, "sessionId": format!("s{visitor}"), "id": id,
        "visitorFirstSeenAt": moment(0), "href": format!("https://{domain}/{id}"), "referrer": null, "type": "pageview",
    });
    let request = gateway.request(Method::POST, EVENTS).header("user-agent", AGENT).timeout(Duration::from_secs(20));
    match request.json(&event).send().await {
        Ok(answer) => {
            let (status, dropped) = (answer.status(), answer.headers().contains_key("x-sluice-dropped"));
            // It is acknowledged once the whole response has arrived.
            let body = answer.text().await;
            assert!(status == 200 || status.is_server_error(), "{status} {body:?}");
            assert!(!dropped);
            status == 200 && body.is_ok()
        }
        Err(_) => false,
    }
}

/// How often each id is stored.
async fn stored(owner: &Caller, website: &str) -> BTreeMap<String, usize> {
    let answer = answer(owner.request(Method::GET, &format!("/websites/{website}/export"))).await;
    assert_eq!(answer.status, 200, "{answer}");
    let mut counts = BTreeMap::new();
    for line in answer.body.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        *counts.entry(text(&line["id"])).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledged_event_survives_a_crash_exactly_once() {
    let state = State::new();
    let settings = [("RATE_LIMIT_PER_MINUTE", "100000"), ("EVENTS_PER_MINUTE", "1000000")];
    let mut own = state.serve(&settings);
    let account = own.gateway.account().await;
    let website = account.website().await;
    let tracking_id = text(&account.get(&website.path("")).await.ok().row()["trackingId"]);
    let (token, website, domain) = (account.token.clone(), website.id, website.domain);
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for round in 0..ROUNDS {
        let acknowledged: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let sent: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let (gateway, tracking_id, domain) = (own.gateway.clone(), tracking_id.clone(), domain.clone());
                let (acknowledged, sent, stop) = (acknowledged.clone(), sent.clone(), stop.clone());
                tokio::spawn(async move {
                    let visitor = visitor();
                    while !stop.load(Ordering::Relaxed) {
                        let id = unique();
                        sent.lock().unwrap().push((visitor.clone(), id.clone()));
                        if send(&gateway, &tracking_id, &domain, &visitor, &id).await {
                            acknowledged.lock().unwrap().insert(id);
                        } else {
                            // The gateway is gone; a few more events are sent to no avail.
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                })
            })
            .collect();
        let begun = tokio::time::Instant::now();
        while acknowledged.lock().unwrap().len() < BEFORE_THE_CRASH {
            assert!(begun.elapsed() < Duration::from_mins(1), "too few events are taken");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        own.kill();
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.await.unwrap();
        }
        drop(own);

        own = state.serve(&settings);
        let owner = own.gateway.caller(&token);
        let (acknowledged, sent) = (acknowledged.lock().unwrap().clone(), sent.lock().unwrap().clone());
        assert!(acknowledged.len() < sent.len(), "the crash came in the middle");
        let after = stored(&owner, &website).await;
        let lost: Vec<_> = acknowledged.iter().chain(&expected).filter(|id| !after.contains_key(*id)).collect();
        assert!(
            lost.is_empty(),
            "round {round}: {} of {} acknowledged are lost: {lost:?}",
            lost.len(),
            acknowledged.len()
        );
        let twice: Vec<_> = after.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "round {round}: more than once: {twice:?}");

        let again = sent.iter().map(|(visitor, id)| send(&own.gateway, &tracking_id, &domain, visitor, id));
        assert!(all(again).await.into_iter().all(|taken| taken), "round {round}: all of them again");
        expected.extend(sent.into_iter().map(|(_, id)| id));
        let after = stored(&owner, &website).await;
        assert_eq!(after.keys().cloned().collect::<BTreeSet<_>>(), expected, "round {round}");
        assert!(after.values().all(|count| *count == 1), "round {round}");
        // The totals that reports read still match the events.
        let path = format!("/api/v1/analytics/overview?websiteId={website}");
        let totals = answer(own.gateway.request(Method::GET, &path).bearer_auth(&token)).await.ok().row();
        assert_eq!(totals["visitors"], json!(SENDERS * (round + 1)), "round {round}: {totals}");
        assert_eq!(totals["sessions"], json!(SENDERS * (round + 1)), "round {round}: {totals}");
        let path = format!("/api/v1/analytics/pages?limit=1&websiteId={website}");
        let pages = answer(own.gateway.request(Method::GET, &path).bearer_auth(&token)).await.ok().json();
        assert_eq!(pages["pagination"]["total"], json!(expected.len()), "round {round}: {pages}");
    }
}
