//! Notes on the chart (docs/contract/account-api.md#13).

use serde_json::{Value, json};

use crate::own_gateway::State;
use crate::support::{Answer, Caller, Gateway, NO_SUCH_ID, all, has_exactly, id_of, is_moment, text};

const FIELDS: [&str; 8] = ["_id", "id", "websiteId", "text", "timestamp", "author", "createdAt", "updatedAt"];

/// The note of an answer that has made it.
#[track_caller]
fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{answer}");
    let row = answer.row();
    has_exactly(&row, &FIELDS);
    row
}

fn texts(answer: Answer) -> Vec<String> {
    answer.ok().rows().iter().map(|row| text(&row["text"])).collect()
}

async fn note(caller: &Caller, path: &str, said: &str, at: &str) -> Value {
    made(&caller.post(path, json!({ "text": said, "timestamp": at })).await)
}

#[tokio::test]
async fn a_note_is_made_listed_changed_and_deleted() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    let first =
        made(&owner.post(&path, json!({ "text": "  Launch 🚀 ", "timestamp": "2026-05-20T10:00:00+02:00" })).await);
    assert_eq!((&first["text"], &first["timestamp"]), (&json!("Launch 🚀"), &json!("2026-05-20T08:00:00.000Z")));
    assert_eq!(first["websiteId"], website.id.as_str());
    assert_eq!(first["author"], json!({ "id": owner.id, "name": "Test", "image": null }));
    assert!(is_moment(&first["createdAt"]) && first["createdAt"] == first["updatedAt"], "{first}");
    assert_eq!(owner.get(&path).await.ok().rows(), std::slice::from_ref(&first));

    let its = format!("{path}/{}", id_of(&first));
    let changed = owner.put(&its, json!({ "text": "Relaunch" })).await.ok().row();
    assert_eq!((&changed["text"], &changed["timestamp"]), (&json!("Relaunch"), &first["timestamp"]));
    let moved = owner.put(&its, json!({ "timestamp": "2026-05-21T00:00:00Z" })).await.ok().row();
    assert_eq!((&moved["text"], &moved["timestamp"]), (&json!("Relaunch"), &json!("2026-05-21T00:00:00.000Z")));
    assert_eq!(moved["author"], first["author"]);
    assert_eq!(owner.get(&path).await.ok().rows(), [moved]);
    assert_eq!(texts(owner.get(&format!("{path}?q=relaunch")).await), ["Relaunch"], "the search knows the new text");

    assert_eq!(owner.delete(&its).await.ok().row(), json!({ "message": "Note deleted successfully" }));
    assert_eq!(owner.get(&path).await.ok().rows(), [Value::Null; 0]);
    for gone in [owner.delete(&its).await, owner.put(&its, json!({ "text": "x" })).await] {
        assert!(gone.error(404).contains("no note"), "{gone}");
    }
}

#[tokio::test]
async fn a_note_of_another_website_is_not_there() {
    let owner = Gateway::roomy().account().await;
    let (website, other) = (owner.website().await, owner.website().await);
    let first = note(&owner, &website.path("/notes"), "Here", "2026-05-20").await;
    let elsewhere = other.path(&format!("/notes/{}", id_of(&first)));
    owner.put(&elsewhere, json!({ "text": "x" })).await.error(404);
    owner.delete(&elsewhere).await.error(404);
    assert_eq!(owner.get(&other.path("/notes")).await.ok().rows(), [Value::Null; 0]);
    assert_eq!(texts(owner.get(&website.path("/notes")).await), ["Here"]);
}

#[tokio::test]
async fn an_invalid_note_names_the_field() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    let at = "2026-05-20T10:00:00Z";
    for (body, named) in [
        (json!({ "timestamp": at }), "text"),
        (json!({ "text": "x" }), "timestamp"),
        (json!({ "text": " \u{200b} ", "timestamp": at }), "text"),
        (json!({ "text": "x".repeat(501), "timestamp": at }), "text"),
        (json!({ "text": 7, "timestamp": at }), "text"),
        (json!({ "text": "x", "timestamp": "2026-05-20T10:00:00" }), "timestamp"),
        (json!({ "text": "x", "timestamp": "2026-02-30" }), "timestamp"),
        (json!({ "text": "x", "timestamp": "yesterday" }), "timestamp"),
        (json!({ "text": "x", "timestamp": 1_779_321_600 }), "timestamp"),
        (json!({ "text": "x", "timestamp": at, "idempotencyKey": "" }), "idempotencyKey"),
        (json!({ "text": "x", "timestamp": at, "idempotencyKey": "a b" }), "idempotencyKey"),
        (json!({ "text": "x", "timestamp": at, "idempotencyKey": "k".repeat(129) }), "idempotencyKey"),
    ] {
        let refused = owner.post(&path, body.clone()).await;
        assert!(refused.error(400).contains(named), "{body}: {refused}");
    }
    made(
        &owner
            .post(&path, json!({ "text": "é".repeat(500), "timestamp": at, "idempotencyKey": "k".repeat(128) }))
            .await,
    );
    let its = format!("{path}/{}", id_of(&note(&owner, &path, "x", at).await));
    for (body, named) in [
        (json!({}), "text, timestamp"),
        (json!({ "author": "me" }), "text, timestamp"),
        (json!({ "text": "" }), "text"),
        (json!({ "timestamp": "2026-05-20 10:00" }), "timestamp"),
    ] {
        let refused = owner.put(&its, body.clone()).await;
        assert!(refused.error(400).contains(named), "{body}: {refused}");
    }
    owner.put(&format!("{path}/x"), json!({ "text": "x" })).await.error(400);
    owner.put(&format!("{path}/{NO_SUCH_ID}"), json!({ "text": "x" })).await.error(404);
    for (query, named) in
        [("limit=0", "limit"), ("offset=-1", "offset"), ("order=up", "order"), ("startAt=2026-01-01", "endAt")]
    {
        assert!(owner.get(&format!("{path}?{query}")).await.error(400).contains(named), "{query}");
    }
}

#[tokio::test]
async fn a_day_begins_in_the_websites_zone_also_where_clocks_change_at_midnight() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    for (zone, day, start) in [
        ("America/New_York", "2026-05-20", "2026-05-20T04:00:00.000Z"),
        ("Asia/Kathmandu", "2026-05-20", "2026-05-19T18:15:00.000Z"),
        // At midnight clocks go to one o'clock.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z"),
    ] {
        owner.put(&website.path(""), json!({ "timezone": zone })).await.ok();
        let made = note(&owner, &path, zone, day).await;
        assert_eq!(made["timestamp"], start, "{zone}");
        let same = owner.put(&format!("{path}/{}", id_of(&made)), json!({ "timestamp": day })).await.ok().row();
        assert_eq!(same["timestamp"], start, "{zone}");
        let of_day = |day: &str| format!("{path}?startAt={day}&endAt={day}&q={zone}");
        assert_eq!(texts(owner.get(&of_day(day)).await), [zone], "the day has its own start");
    }
    // What another zone's day has is another matter.
    let other = "startAt=2026-05-19&endAt=2026-05-19&q=Kathmandu";
    assert_eq!(texts(owner.get(&format!("{path}?{other}&timezone=Asia/Kathmandu")).await), [""; 0]);
    assert_eq!(texts(owner.get(&format!("{path}?{other}")).await), ["Asia/Kathmandu"], "in Cairo it is still the 19th");
}

#[tokio::test]
async fn the_list_has_pages_an_order_a_range_and_a_search() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    for (said, at) in
        [("b Über 100 %_\\", "2026-05-20T12:00:00Z"), ("c", "2026-05-21T23:59:59.999Z"), ("a", "2026-05-19")]
    {
        note(&owner, &path, said, at).await;
    }
    let get = async |query: &str| texts(owner.get(&format!("{path}?{query}")).await);
    assert_eq!(get("").await, ["c", "b Über 100 %_\\", "a"], "newest first");
    assert_eq!(get("order=asc").await, ["a", "b Über 100 %_\\", "c"]);
    assert_eq!(get("limit=1&offset=1").await, ["b Über 100 %_\\"]);
    assert_eq!(get("startAt=2026-05-20&endAt=2026-05-21").await, ["c", "b Über 100 %_\\"]);
    assert_eq!(get("startAt=2026-05-20T12:00:00Z&endAt=2026-05-21T23:59:59.998Z").await, ["b Über 100 %_\\"]);
    for (q, found) in
        [("ÜBER", 1), ("u%CC%88ber", 1), ("100%20%25_", 1), ("%25", 1), ("_", 1), ("%5C", 1), ("xyz", 0), ("%20", 3)]
    {
        assert_eq!(get(&format!("q={q}")).await.len(), found, "{q}");
    }
    let page = owner.get(&format!("{path}?limit=2&offset=2")).await.ok().json();
    assert_eq!(page["pagination"], json!({ "limit": 2, "offset": 2, "total": 3 }));
    assert_eq!(owner.get(&path).await.ok().json()["pagination"], json!({ "limit": 100, "offset": 0, "total": 3 }));
}

#[tokio::test]
async fn a_key_makes_a_note_once_and_is_its_makers_on_one_website() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    let sent = json!({ "text": "Deployed", "timestamp": "2026-05-20", "idempotencyKey": "deploy:1.2_a-b" });
    let first = made(&owner.post(&path, sent.clone()).await);
    // Also after the note and the zone have changed.
    assert_eq!(owner.post(&path, sent.clone()).await.ok().row(), first);
    let its = format!("{path}/{}", id_of(&first));
    let changed = owner.put(&its, json!({ "text": "Rolled back" })).await.ok().row();
    owner.put(&website.path(""), json!({ "timezone": "Asia/Tokyo" })).await.ok();
    assert_eq!(owner.post(&path, sent.clone()).await.ok().row(), changed);
    for other in [json!({ "text": "Deployed again" }), json!({ "timestamp": "2026-05-21" })] {
        let mut body = sent.clone();
        body.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        assert!(owner.post(&path, body).await.error(409).contains("idempotencyKey"));
    }
    // A key of the website is its maker's.
    assert_eq!(website.key().await.post(&path, sent.clone()).await.ok().row(), changed);

    let member = owner.gateway.account().await;
    website.admit(&member, "member").await;
    let theirs = made(&member.post(&path, sent.clone()).await);
    assert_eq!(theirs["author"]["id"], member.id.as_str());
    assert_ne!(id_of(&theirs), id_of(&first));
    made(&owner.post(&owner.website().await.path("/notes"), sent.clone()).await);

    owner.delete(&its).await.ok();
    let again = made(&owner.post(&path, sent.clone()).await);
    assert_ne!(id_of(&again), id_of(&first), "with the note its key is free");

    let at_once = json!({ "text": "x", "timestamp": "2026-05-20", "idempotencyKey": "at-once" });
    let answers = all((0..12).map(|_| owner.post(&path, at_once.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.row()["id"] == answers[0].row()["id"]), "{answers:?}");
}

#[tokio::test]
async fn an_idempotency_key_in_the_header_repeats_the_status_too() {
    let owner = Gateway::roomy().account().await;
    let path = owner.website().await.path("/notes");
    let send = || owner.request(reqwest::Method::POST, &path).header("idempotency-key", "k");
    let sent = json!({ "text": "x", "timestamp": "2026-05-20" });
    let first = made(&crate::support::answer(send().json(&sent)).await);
    let again = crate::support::answer(send().json(&sent)).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(made(&again), first);
    assert_eq!(owner.get(&path).await.ok().rows().len(), 1);
}

#[tokio::test]
async fn viewers_read_members_write_and_anybody_who_left_does_neither() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    let (member, viewer) = (owner.gateway.account().await, owner.gateway.account().await);
    website.admit(&member, "member").await;
    website.admit(&viewer, "viewer").await;
    let of_owner = note(&owner, &path, "Owner's", "2026-05-20").await;
    let of_member = note(&member, &path, "Member's", "2026-05-21").await;
    let its = |note: &Value| format!("{path}/{}", id_of(note));
    assert_eq!(texts(viewer.get(&path).await), ["Member's", "Owner's"]);
    assert!(viewer.post(&path, json!({ "text": "x", "timestamp": "2026-05-20" })).await.error(403).contains("member"));
    viewer.put(&its(&of_owner), json!({ "text": "x" })).await.error(403);
    viewer.delete(&its(&of_owner)).await.error(403);
    // A note belongs to the website: any member may correct it, and its author stays.
    let corrected = member.put(&its(&of_owner), json!({ "text": "Corrected" })).await.ok().row();
    assert_eq!(corrected["author"]["id"], owner.id.as_str());
    website.remove(&member).await;
    member.get(&path).await.error(404);
    let left = owner.get(&path).await.ok().rows();
    assert_eq!(left[0]["author"]["id"], member.id.as_str(), "a note stays its author's");
    owner.delete(&its(&of_member)).await.ok();
}

#[tokio::test]
async fn the_cap_holds_and_deleting_makes_room() {
    let state = State::new();
    let own = state.serve(&[("MAX_NOTES", "2")]);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    let sent = json!({ "text": "x", "timestamp": "2026-05-20" });
    let answers = all((0..8).map(|_| owner.post(&path, sent.clone()))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 2, "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert!(refused.error(403).contains("MAX_NOTES"), "{refused}");
    }
    owner.delete(&format!("{path}/{}", id_of(&made[0].row()))).await.ok();
    assert_eq!(owner.post(&path, sent).await.status, 201);
}

#[tokio::test]
async fn a_view_of_the_console_has_the_notes_of_its_range_for_who_may_read_them() {
    let owner = Gateway::roomy().account().await;
    let website = owner.website().await;
    let path = website.path("/notes");
    for (said, at) in [("in", "2026-05-20"), ("out", "2026-05-22"), ("too", "2026-05-21T23:00:00Z")] {
        note(&owner, &path, said, at).await;
    }
    let view = |parts: &str| {
        format!(
            "/api/v1/console/websites/{}/reports?parts={parts}&startAt=2026-05-20&endAt=2026-05-21&compare=previous",
            website.id
        )
    };
    let browser = owner.browser().await;
    let answer = browser.get(&view("overview,notes,notes:1:1&notes.q=in")).await;
    let lines: Vec<Value> = answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[1]["part"]), (3, &json!("notes")), "{answer}");
    assert_eq!(lines[1].get("compare"), None, "notes are compared with nothing");
    let range = "startAt=2026-05-20&endAt=2026-05-21";
    assert_eq!(lines[1]["body"], owner.get(&format!("{path}?{range}&q=in")).await.ok().json());
    assert_eq!(lines[1]["body"]["data"][0]["text"], "in");
    let answer = browser.get(&view("notes")).await;
    let line: Value = serde_json::from_str(answer.body.trim()).unwrap();
    assert_eq!(line["body"], owner.get(&format!("{path}?{range}")).await.ok().json());

    let narrow = owner.mint(json!({ "permissions": ["analytics:read"] })).await;
    let signed_in = owner.gateway.sign_in(json!({ "token": narrow.token })).await.ok();
    let answer = owner.gateway.browser(&signed_in).get(&view("notes,overview")).await;
    let lines: Vec<Value> = answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["status"], &lines[1]["status"]), (&json!(403), &json!(200)), "{answer}");
    assert!(text(&lines[0]["body"]["error"]["message"]).contains("notes:read"), "{answer}");
}
