//! Invitations as an attacker would use them: to own an account before its owner does, to join or learn of somebody else's, to
//! stay on a team, to send mail (docs/contract/README.md#31, #41 and #47).

use reqwest::Method;
use serde_json::{Value, json};

use crate::mail::Service;
use crate::own_gateway::{OwnGateway, State};
use crate::support::{Answer, Caller, Gateway, accept, accept_as, answer, id_of, invitation_code, text, unique_email};

/// A gateway whose mails the test reads.
fn mailing(state: &State, more: &[(&str, &str)]) -> (OwnGateway, Service) {
    let service = Service::start();
    service.answers("200 OK", "content-type: application/json\r\n", r#"{"id":"x"}"#);
    let settings = [
        ("RATE_LIMIT_PER_MINUTE", "1000"),
        ("EMAIL_FROM", "alerts@acme.example"),
        ("EMAIL_PROVIDER", "resend"),
        ("EMAIL_API_BASE", &service.url),
        ("EMAIL_API_KEY", "re_Zebra7Key"),
    ];
    (state.serve(&[&settings, more].concat()), service)
}

/// The code of the only mail since the last look.
fn mailed_code(service: &Service) -> String {
    let [mail] = &service.take()[..] else { panic!("one mail") };
    text(&mail.body["text"]).split_once("#code=").unwrap().1.to_owned()
}

async fn accept_with(gateway: &Gateway, invitation: &Value, token: Option<&Caller>, body: Value) -> Answer {
    let path = format!("/api/v1/invitations/{}/accept", id_of(invitation));
    let request = gateway.request(Method::POST, &path).json(&body);
    answer(if let Some(caller) = token { request.bearer_auth(&caller.token) } else { request }).await
}

#[tokio::test]
async fn an_account_made_before_its_owner_came_opens_nothing_to_whoever_made_it() {
    let state = State::new();
    let (own, mails) = mailing(&state, &[]);
    let gateway = &own.gateway;
    let (attacker, inviter) = (gateway.account().await, gateway.account().await);
    let (bait, website) = (attacker.website().await, inviter.website().await);
    let victim = unique_email();
    let invite = async |owner: &Caller, path: String| {
        owner.post(&path, json!({ "email": victim, "role": "member" })).await.ok().row()
    };

    // The attacker makes the account with the code that they were answered.
    let planted = invite(&attacker, bait.path("/team")).await;
    let made = accept(gateway, &planted, "Victor Victim").await.ok().row();
    let hijacked = gateway.caller(&text(&made["key"]));
    let minted = hijacked.mint(json!({})).await;
    mails.take();

    // A day later, somebody else invites the same address.
    drop(own);
    state.query("UPDATE invitation_sends SET created_at = created_at - 86400000");
    let (own, mails) = mailing(&state, &[]);
    let gateway = &own.gateway;
    let at = |caller: &Caller| gateway.caller(&caller.token);
    let (inviter, hijacked, minted) = (at(&inviter), at(&hijacked), at(&minted));
    let invitation = invite(&inviter, website.path("/team")).await;
    let code = mailed_code(&mails);
    assert_ne!(code, invitation_code(&invitation));
    // The inviter's own code joins nobody to an account that is there.
    accept(gateway, &invitation, "x").await.error(403);
    hijacked.get(&website.path("/funnels")).await.error(404);

    // The mail's code does, and the account is its owner's from then on.
    let joined = accept_with(gateway, &invitation, None, json!({ "code": code })).await.ok().row();
    let real = gateway.caller(&text(&joined["key"]));
    assert_eq!(real.get(&website.path("/funnels")).await.status, 200);
    for token in [&hijacked, &minted] {
        token.get("/account").await.error(401);
    }
    assert_eq!(real.get("/access-tokens").await.ok().rows().len(), 1);
    accept_with(gateway, &invitation, None, json!({ "code": code })).await.error(404);
    real.get("/account").await.ok();
}

#[tokio::test]
async fn refusals_do_not_tell_whether_an_address_has_an_account() {
    let gateway = Gateway::roomy();
    let (owner, there, other) = (gateway.account().await, gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    let narrow = there.mint(json!({ "permissions": ["team:write", "websites:read"] })).await;
    let scoped = there.mint(json!({ "websiteIds": [there.website().await.id] })).await;
    let key = there.website().await.key().await;
    let mut texts = Vec::new();
    for email in [there.email.clone(), unique_email()] {
        let invitation = owner.post(&website.path("/team"), json!({ "email": email })).await.ok().row();
        let code = invitation_code(&invitation);
        for caller in [&other.caller, &owner.caller, &narrow, &scoped, &key] {
            for body in [json!({ "code": code }), json!({ "code": code, "name": "x" })] {
                let refused = accept_with(&gateway, &invitation, Some(caller), body).await;
                texts.push((refused.error(403), refused.hops().d1));
            }
        }
        let refused = accept_with(&gateway, &invitation, None, json!({ "code": code })).await;
        texts.push((refused.error(403), refused.hops().d1));
        // A wrong code is 404 whoever sends it.
        for caller in [None, Some(&there.caller), Some(&other.caller)] {
            accept_with(&gateway, &invitation, caller, json!({ "code": "x", "name": "x" })).await.error(404);
        }
        gateway.caller("dft_x").get("/account").await.error(401);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "one text, and one look-up: {texts:?}");
    assert_eq!(owner.get(&website.path("/team")).await.ok().rows().len(), 1, "nobody joined");
    let mine = there.get("/websites").await.ok();
    assert!(!mine.body.contains(&website.id), "{mine}");
}

#[tokio::test]
async fn the_operator_gives_an_account_back_to_its_owner() {
    let gateway = Gateway::roomy();
    let lost = gateway.account().await;
    let second = lost.mint(json!({ "permissions": ["funnels:read"] })).await;
    let recover = async |secret: &str, email: &str| {
        let request = gateway.request(Method::POST, "/api/v1/setup").bearer_auth(secret);
        answer(request.json(&json!({ "email": email, "recover": true }))).await
    };
    recover("wrong", &lost.email).await.error(401);
    recover(&lost.token, &lost.email).await.error(401);
    recover(&gateway.setup_secret, &unique_email()).await.error(404);
    lost.get("/account").await.ok();
    let row = recover(&gateway.setup_secret, &lost.email.to_uppercase()).await.ok().row();
    assert_eq!(id_of(&row), lost.id);
    for token in [&lost.caller, &second] {
        token.get("/account").await.error(401);
    }
    let owner = gateway.caller(&text(&row["key"]));
    assert_eq!(owner.get("/access-tokens").await.ok().rows().len(), 1);
    gateway.setup(&lost.email, "x").await.error(409);
}

#[tokio::test]
async fn invitations_are_no_mail_relay() {
    let state = State::new();
    let (own, mails) = mailing(&state, &[("INVITATIONS_PER_DAY", "4"), ("MAX_OPEN_INVITATIONS", "3")]);
    let (one, two) = (own.gateway.account().await, own.gateway.account().await);
    let sites = [one.website().await, one.website().await, two.website().await];
    let victim = unique_email();
    for (owner, site) in [(&one, &sites[0]), (&one, &sites[1]), (&two, &sites[2])] {
        owner.post(&site.path("/team"), json!({ "email": victim })).await.ok();
    }
    let sent = mails.take();
    assert_eq!(sent.len(), 1, "one mail a day, whoever invites");
    assert_eq!(sent[0].body["subject"], "You are invited to a team on Sluice");
    for _ in 0..2 {
        one.post(&sites[0].path("/team"), json!({ "email": unique_email() })).await.ok();
    }
    let full = one.post(&sites[1].path("/team"), json!({ "email": unique_email() })).await.error(403);
    assert!(full.contains("INVITATIONS_PER_DAY"), "{full}");
    for _ in 0..2 {
        two.post(&sites[2].path("/team"), json!({ "email": unique_email() })).await.ok();
    }
    let full = two.post(&sites[2].path("/team"), json!({ "email": unique_email() })).await.error(403);
    assert!(full.contains("MAX_OPEN_INVITATIONS"), "{full}");
    assert_eq!(mails.take().len(), 4, "what was refused sends nothing");
}

#[tokio::test]
async fn an_invitation_is_sent_again_within_its_caps_and_floods_nobody() {
    let state = State::new();
    let (own, mails) = mailing(&state, &[("INVITATIONS_PER_DAY", "3"), ("MAX_OPEN_INVITATIONS", "1")]);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let email = unique_email();
    let first = owner.post(&website.path("/team"), json!({ "email": email })).await.ok().row();
    assert_eq!(first["sendsMail"], json!(true));
    let code = mailed_code(&mails);
    let resend = website.path(&format!("/team/invitations/{}/resend", id_of(&first)));
    let again = owner.post(&resend, json!({})).await.ok().row();
    assert_eq!((&again["sendsMail"], mails.take().len()), (&json!(false), 0), "one mail a day");
    accept_with(&own.gateway, &first, None, json!({ "code": code, "name": "x" })).await.error(404);
    // Once its time is over it is listed as such, for another week. It no longer counts as open, and comes back by a mail of
    // its own.
    drop(own);
    state.query("UPDATE invitation_sends SET created_at = created_at - 86400000");
    state.query("UPDATE invitations SET expires_at = expires_at - 604800000");
    let (own, mails) = mailing(&state, &[("INVITATIONS_PER_DAY", "3"), ("MAX_OPEN_INVITATIONS", "1")]);
    let owner = own.gateway.caller(&owner.token);
    let listed = owner.get(&website.path("/team")).await.ok().json()["invitations"][0].clone();
    assert_eq!((&listed["state"], &listed["id"]), (&json!("expired"), &first["id"]), "{listed}");
    accept_with(&own.gateway, &first, None, json!({ "code": invitation_code(&again), "name": "x" })).await.error(404);
    let other = owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
    mails.take();
    let full = owner.post(&resend, json!({})).await.error(403);
    assert!(full.contains("MAX_OPEN_INVITATIONS"), "{full}");
    owner.delete(&website.path(&format!("/team/invitations/{}", id_of(&other)))).await.ok();
    let renewed = owner.post(&resend, json!({})).await.ok().row();
    assert_eq!(renewed["sendsMail"], json!(true));
    let code = mailed_code(&mails);
    owner.post(&resend, json!({})).await.ok();
    let full = owner.post(&resend, json!({})).await.error(403);
    assert!(full.contains("INVITATIONS_PER_DAY"), "{full}");
    let listed = owner.get(&website.path("/team")).await.ok().json()["invitations"][0].clone();
    assert_eq!(listed["state"], json!("pending"), "{listed}");
    accept_with(&own.gateway, &first, None, json!({ "code": code, "name": "x" })).await.error(404);
    assert_eq!(mails.take().len(), 0);
}

/// A member with a key, a key of that key, a webhook and an alert to it.
async fn entrenched(website: &crate::support::Website, member: &Caller) -> (Vec<Caller>, String, String) {
    let gateway = &member.gateway;
    let key = gateway.caller(&text(&member.post(&website.path("/apikeys"), json!({})).await.ok().row()["key"]));
    let child = gateway.caller(&text(&key.post(&website.path("/apikeys"), json!({})).await.ok().row()["key"]));
    // The owner's key, whose value the member knows since rolling it.
    let owners = website.owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    let rolled = member.put(&website.path(&format!("/apikeys/{}", id_of(&owners))), json!({})).await.ok().row();
    let hook = json!({ "url": "https://evil.example/hook" });
    let hook = id_of(&member.post(&website.path("/webhooks"), hook).await.ok().row());
    let alert = json!({ "name": "x", "trigger": { "goalName": "g" }, "template": { "message": "Somebody did it." },
        "destination": { "type": "webhook", "endpointId": hook } });
    let alert = id_of(&member.post(&website.path("/alerts"), alert).await.ok().row());
    (vec![key, child, gateway.caller(&text(&rolled["key"]))], hook, alert)
}

#[tokio::test]
async fn whoever_is_removed_or_leaves_keeps_no_way_in() {
    let gateway = Gateway::roomy();
    for leaves in [false, true] {
        let (owner, member) = (gateway.account().await, gateway.account().await);
        let website = owner.website().await;
        website.admit(&member, "member").await;
        let (keys, hook, alert) = entrenched(&website, &member).await;
        let other = json!({ "name": "y", "trigger": { "goalName": "g" }, "template": { "message": "Somebody did it." },
            "destination": { "type": "webhook", "endpointId": hook } });
        let other = id_of(&owner.post(&website.path("/alerts"), other).await.ok().row());
        let left = if leaves {
            member.delete_with(&website.path("/team/me"), json!({ "revokeKeys": false })).await
        } else {
            owner.delete_with(&website.path("/team"), json!({ "userId": member.id })).await
        };
        let left = left.ok().row();
        assert_eq!((left["keys"].as_array().unwrap().len(), &left["revoked"]), (3, &json!(true)), "{left}");
        assert_eq!((text(&left["webhooks"][0]["id"]), text(&left["alerts"][0]["id"])), (hook, alert));
        assert_eq!(left["switchedOffAlerts"][0]["id"], other.as_str());
        for key in &keys {
            key.get("/account").await.error(401);
        }
        member.get(&website.path("/funnels")).await.error(404);
        assert_eq!(owner.get(&website.path("/apikeys")).await.ok().rows().len(), 0);
        assert_eq!(owner.get(&website.path("/webhooks")).await.ok().rows().len(), 0);
        let alerts = owner.get(&website.path("/alerts")).await.ok().row();
        assert_eq!((id_of(&alerts), &alerts["isEnabled"]), (other, &json!(false)));
        // Out is out: a second time there is nobody.
        member.delete(&website.path("/team/me")).await.error(404);
        owner.delete(&website.path("/team/me")).await.error(400);
    }
}

#[tokio::test]
async fn the_owner_may_keep_what_a_removed_member_made() {
    let gateway = Gateway::roomy();
    let (owner, member) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&member, "member").await;
    let (keys, hook, _) = entrenched(&website, &member).await;
    let sent = json!({ "userId": member.id, "revokeKeys": false });
    let left = owner.delete_with(&website.path("/team"), sent).await.ok().row();
    assert_eq!((left["keys"].as_array().unwrap().len(), &left["revoked"]), (3, &json!(false)), "{left}");
    assert_eq!(left["webhooks"][0]["id"], hook.as_str());
    for key in &keys {
        assert_eq!(key.get("/account").await.status, 200);
    }
    for wrong in [json!("no"), json!(1)] {
        let sent = json!({ "userId": member.id, "revokeKeys": wrong });
        assert!(owner.delete_with(&website.path("/team"), sent).await.error(400).starts_with("revokeKeys"));
    }
    // A viewer leaves as well, and nobody leaves for another.
    let viewer = gateway.account().await;
    website.admit(&viewer, "viewer").await;
    website.key().await.delete(&website.path("/team/me")).await.error(403);
    viewer.delete(&website.path("/team/me")).await.ok();
    viewer.get(&website.path("/funnels")).await.error(404);
    let again = owner.post(&website.path("/team"), json!({ "email": viewer.email })).await.ok().row();
    accept_as(&viewer, &again).await.ok();
}

#[tokio::test]
async fn a_webhook_cannot_call_the_gateway_and_its_address_is_no_viewers() {
    let gateway = Gateway::roomy();
    let (owner, viewer) = (gateway.account().await, gateway.account().await);
    let website = owner.website().await;
    website.admit(&viewer, "viewer").await;
    let hooks = website.path("/webhooks");
    let port = gateway.url.rsplit_once(':').unwrap().1;
    for own in [gateway.url.clone(), format!("http://localhost:{port}/x"), format!("http://[::1]:{port}/")] {
        assert!(owner.post(&hooks, json!({ "url": own })).await.error(400).starts_with("url: this is an address of"));
    }
    let secret = "https://hooks.corp.example/T000/s3cr3t?token=s3cr3t";
    let made = owner.post(&hooks, json!({ "url": secret })).await.ok().row();
    assert_eq!((&made["url"], &made["createdBy"]), (&json!(secret), &json!(owner.id)));
    let one = format!("{hooks}/{}", id_of(&made));
    assert!(owner.put(&one, json!({ "url": gateway.url })).await.error(400).starts_with("url"));
    for path in [&hooks, &one] {
        let seen = viewer.get(path).await.ok();
        assert!(!seen.body.contains("s3cr3t") && seen.row()["url"] == "https://hooks.corp.example", "{seen}");
    }
    let test = owner.post(&format!("{one}/test"), json!({ "type": "endpoint.disabled" })).await.ok().row();
    let delivery = format!("{one}/deliveries/{}", text(&test["deliveryId"]));
    assert!(!viewer.get(&delivery).await.ok().body.contains("s3cr3t"));
    assert!(owner.get(&delivery).await.ok().body.contains("s3cr3t"));
    // What a webhook sends is refused wherever it goes, also under another name of the gateway.
    let sent = |agent: &str, id: bool| {
        let request = owner.request(Method::POST, &format!("{one}/test")).header("user-agent", agent).json(&json!({}));
        answer(if id { request.header("webhook-id", "msg_1") } else { request })
    };
    assert!(sent("Sluice/9.9 (webhooks)", true).await.error(403).contains("loop"));
    assert_eq!(sent("Sluice/9.9 (webhooks)", false).await.status, 200);
    assert_eq!(sent("curl/8", true).await.status, 200);
}
