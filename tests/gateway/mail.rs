//! Mail over all three ways of sending, parsed with Python's email parser; and the page that disables an alert
//! (docs/contract/automation.md#e-mail).

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sluice::alerts::unsubscribe;
use sluice::email_reports::unsubscribe::{self as reports_mails, Kind};
use sluice::secrets::keyring::Keyring;

use crate::own_gateway::State;
use crate::support::{
    Account, Answer, Caller, Gateway, Website, all, answer, invitation_code, text, unique_email, variable,
};

/// A name that tries to inject headers, a body, and elements.
const HOSTILE: &str = "Jane\r\nBcc: eve@example.com\r\n\r\n<script>x</script><img src=x> \"&amp; \u{2028}Größe 🎉";
/// The same name on one line.
const TAMED: &str = "Jane Bcc: eve@example.com <script>x</scr";

/// The base address of links in alerts' mails on the shared gateways.
pub fn unsubscribe_token(alert: &str) -> String {
    let keyring = Keyring::parse(&variable("SLUICE_ENCRYPTION_KEYS")).unwrap();
    unsubscribe::token(&keyring, alert.parse().unwrap())
}

/// The path of the link in mails about a website on the shared gateways.
pub fn reports_link(website: &str, kind: Kind) -> String {
    let keyring = Keyring::parse(&variable("SLUICE_ENCRYPTION_KEYS")).unwrap();
    reports_mails::link("", &keyring, kind, website.parse().unwrap())
}

// ---- Reading mail

/// What Python parses from these header lines and parts.
pub fn parsed(head: &str, text: &str, html: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/mail_parser.py");
    let mut python = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let sent = json!({ "head": head, "text": text, "html": html }).to_string();
    python.stdin.take().unwrap().write_all(sent.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{head}");
    let mail: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(mail["defects"], json!([]), "{mail}");
    mail
}

/// The headers of a mail, without those of MIME.
pub fn headers(mail: &Value) -> Vec<(String, String)> {
    let all = mail["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1])));
    all.filter(|(name, _)| name != "MIME-Version" && name != "Content-Type").collect()
}

/// Checks the contents of an invitation, in text and in HTML.
fn is_invitation(mail: &Value, website: &Website, inviter: (&str, &str), link: &str) {
    let (name, email) = inviter;
    let body = format!(
        "{name} ({email}) invites you to the team of {} on Sluice, as viewer.\n\nThe link below can be used once, within \
         7 days. It is for you alone: do not pass it on.\n\nIf you do not expect this, ignore it: nothing happens without \
         you. To report it, forward this mail to whoever runs the gateway that the link leads to.",
        website.domain
    );
    // The mail's code is not the one that the inviter sees.
    let (before, code) = link.split_once("#code=").unwrap();
    let link = text(&mail["html"]["links"][0]);
    assert!(link.starts_with(&format!("{before}#code=")) && !link.ends_with(code), "{link}");
    assert_eq!(mail["text"], format!("{body}\n\nAccept the invitation: {link}"));
    assert_eq!(text(&mail["html"]["shown"]).trim(), format!("{body}\nAccept the invitation"));
    assert_eq!(mail["html"]["links"], json!([link]));
    let tags = json!(["html", "head", "meta", "title", "body", "p", "br", "br", "br", "br", "p", "a"]);
    assert_eq!(mail["html"]["tags"], tags, "no element but ours");
    assert_eq!(mail["html"]["attributes"], json!(["charset", "style", "href"]));
}

/// Waits until `log` contains a text, and returns its contents.
async fn logged(state: &State, needle: &str) -> String {
    for _ in 0..100 {
        let log = fs::read_to_string(state.path().join("log")).unwrap();
        if log.contains(needle) {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{needle} is not in the log: {}", fs::read_to_string(state.path().join("log")).unwrap());
}

/// An account of this name with a website.
async fn owner(gateway: &Gateway, name: &str) -> (String, Caller, Website) {
    let email = unique_email();
    let created = gateway.setup(&email, name).await.ok().row();
    let caller = gateway.caller(&text(&created["key"]));
    let account =
        Account { id: text(&created["id"]), email: email.clone(), token_id: text(&created["tokenId"]), caller };
    let website = account.website().await;
    (email, account.caller, website)
}

#[tokio::test]
async fn the_binding_receives_both_parts_and_no_injected_header() {
    let state = State::new();
    let own = state.serve(&[("ENVIRONMENT", "development"), ("EMAIL_FROM", "Acme, \"Inc.\" <alerts@acme.example>")]);
    let (inviter, owner, website) = owner(&own.gateway, HOSTILE).await;
    let guest = unique_email();
    let row = owner.post(&website.path("/team"), json!({ "email": guest })).await.ok().row();

    // The log names the recipient and the files with the text.
    let log = logged(&state, "\nHTML: ").await;
    let entry = log.split("send_email binding called").nth(1).unwrap();
    let head = entry.split_once('\n').unwrap().1.rsplit_once("\n\nText: ").unwrap().0;
    let file = |kind: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(kind)).unwrap();
        fs::read_to_string(line.trim()).unwrap()
    };
    let mail = parsed(head, &file("Text: "), &file("HTML: "));
    assert_eq!(
        headers(&mail),
        [
            ("From".to_owned(), "\"Acme, \\\"Inc.\\\"\" <alerts@acme.example>".to_owned()),
            ("To".to_owned(), guest),
            ("Subject".to_owned(), "You are invited to a team on Sluice".to_owned()),
        ]
    );
    is_invitation(&mail, &website, (TAMED, &inviter), &text(&row["inviteUrl"]));
    assert!(!log.contains(&invitation_code(&row)), "the log has no codes");
}

// ---- A mail provider

/// A received request.
#[derive(Debug, Clone)]
pub struct Received {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A mail provider's HTTP API, on this machine.
#[derive(Clone)]
pub struct Service {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    /// The response: a whole head and body; empty for no response.
    answer: Arc<Mutex<String>>,
    /// The response to a body that contains this text, which takes precedence.
    exceptions: Arc<Mutex<Vec<(String, String)>>>,
}

impl Service {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = Self { url, received: Arc::default(), answer: Arc::default(), exceptions: Arc::default() };
        let (received, reply, exceptions) =
            (Arc::clone(&service.received), Arc::clone(&service.answer), Arc::clone(&service.exceptions));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (received, reply, exceptions) =
                    (Arc::clone(&received), Arc::clone(&reply), Arc::clone(&exceptions));
                std::thread::spawn(move || serve(connection.unwrap(), &received, &reply, &exceptions));
            }
        });
        service
    }

    pub fn answers(&self, status: &str, more: &str, body: &str) {
        *self.answer.lock().unwrap() =
            format!("HTTP/1.1 {status}\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    }

    /// Sets the response to requests whose body contains `needle`.
    pub fn answers_about(&self, needle: &str, status: &str, body: &str) {
        let reply = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        self.replies_about(needle, reply);
    }

    /// Sends no response to requests whose body contains `needle`.
    pub fn is_silent_about(&self, needle: &str) {
        self.replies_about(needle, String::new());
    }

    fn replies_about(&self, needle: &str, reply: String) {
        let mut exceptions = self.exceptions.lock().unwrap();
        exceptions.retain(|(known, _)| known != needle);
        exceptions.push((needle.to_owned(), reply));
    }

    /// All received requests that have not been taken.
    pub fn seen(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The requests received since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

fn serve(
    connection: TcpStream,
    received: &Mutex<Vec<Received>>,
    reply: &Mutex<String>,
    exceptions: &Mutex<Vec<(String, String)>>,
) {
    let mut reader = BufReader::new(connection);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let headers: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    received.lock().unwrap().push(Received { line: lines[0].clone(), headers, body });
    let exception = exceptions.lock().unwrap().iter().find(|(needle, _)| text.contains(needle)).cloned();
    let reply = exception.map_or_else(|| reply.lock().unwrap().clone(), |(_, reply)| reply);
    if reply.is_empty() {
        std::thread::sleep(Duration::from_mins(1));
    }
    let _ = reader.get_mut().write_all(reply.as_bytes());
}

/// The header lines that a naive provider would write.
pub fn head(from: &Value, to: &Value, subject: &Value, more: &[(String, String)]) -> String {
    let head = format!("From: {}\r\nTo: {}\r\nSubject: {}\r\n", text(from), text(to), text(subject));
    more.iter().fold(head, |head, (name, value)| format!("{head}{name}: {value}\r\n"))
}

#[tokio::test]
async fn resend_receives_the_documented_request_and_its_rejections_are_harmless() {
    let (state, service) = (State::new(), Service::start());
    let own = state.serve(&[
        ("RATE_LIMIT_PER_MINUTE", "1000"),
        ("EMAIL_FROM", "Acme, Inc. <alerts@acme.example>"),
        ("EMAIL_PROVIDER", "resend"),
        ("EMAIL_API_BASE", &service.url),
        ("EMAIL_API_KEY", "re_Zebra7Key"),
    ]);
    let (inviter, owner, website) = owner(&own.gateway, HOSTILE).await;
    let invite = async |email: &str| owner.post(&website.path("/team"), json!({ "email": email })).await.ok().row();

    service.answers("200 OK", "content-type: application/json\r\n", r#"{"id":"x"}"#);
    let guest = unique_email();
    let row = invite(&guest).await;
    let [request] = &service.take()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST /emails HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer re_Zebra7Key"));
    assert_eq!(request.header("idempotency-key"), Some(&*format!("invitation/{}", text(&row["id"]))));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body = &request.body;
    crate::support::has_exactly(body, &["from", "to", "subject", "text", "html", "headers"]);
    assert_eq!(body["to"], json!([guest]));
    assert_eq!(body["headers"], json!({ "Auto-Submitted": "auto-generated" }));
    let more = [("Auto-Submitted".to_owned(), "auto-generated".to_owned())];
    let head = head(&body["from"], &body["to"][0], &body["subject"], &more);
    let mail = parsed(&head, &text(&body["text"]), &text(&body["html"]));
    let [from, to, subject] = [
        ("From".to_owned(), "\"Acme, Inc.\" <alerts@acme.example>".to_owned()),
        ("To".to_owned(), guest),
        ("Subject".to_owned(), "You are invited to a team on Sluice".to_owned()),
    ];
    assert_eq!(headers(&mail), [from, to, subject, more[0].clone()]);
    is_invitation(&mail, &website, (TAMED, &inviter), &text(&row["inviteUrl"]));

    // Whatever happens to the mail, the response has the link, and the log has the reason without it.
    let mut codes = vec![invitation_code(&row)];
    let elsewhere = Service::start();
    let onward = format!("location: {}/emails\r\n", elsewhere.url);
    for (status, more, body, reason) in [
        (
            "422 Unprocessable",
            "",
            r#"{"statusCode":422,"message":"Not for\nre_Zebra7Key"}"#,
            "Resend answered 422: Not for …",
        ),
        ("500 Oops", "", "<html>", "Resend answered 500"),
        // If the redirect were followed, the key would be sent along.
        ("307 Moved", &*onward, "", "Resend answered 307"),
    ] {
        service.answers(status, more, body);
        codes.push(invitation_code(&invite(&unique_email()).await));
        assert_eq!(service.take().len(), 1);
        logged(&state, &format!("\"error\":\"{reason}\"")).await;
    }
    assert_eq!(elsewhere.take().len(), 0);
    *service.answer.lock().unwrap() = String::new();
    codes.push(invitation_code(&invite(&unique_email()).await));
    let log = logged(&state, "Resend did not answer within 10 seconds").await;
    for secret in codes.iter().map(String::as_str).chain(["re_Zebra7Key", "@example.com"]) {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[tokio::test]
async fn whoever_gives_a_website_away_and_whoever_gets_it_are_told() {
    let (state, service) = (State::new(), Service::start());
    let own = state.serve(&[
        ("RATE_LIMIT_PER_MINUTE", "1000"),
        ("EMAIL_FROM", "alerts@acme.example"),
        ("EMAIL_PROVIDER", "resend"),
        ("EMAIL_API_BASE", &service.url),
        ("EMAIL_API_KEY", "re_Zebra7Key"),
    ]);
    service.answers("200 OK", "content-type: application/json\r\n", r#"{"id":"x"}"#);
    let (giver, owner, website) = owner(&own.gateway, HOSTILE).await;
    let receiver = own.gateway.account().await;
    website.admit(&receiver, "member").await;
    service.take();
    let wrong = json!({ "userId": receiver.id, "domain": "other.example.com" });
    owner.post(&website.path("/team/transfer"), wrong).await.error(400);
    let sent = json!({ "userId": receiver.id, "domain": website.domain });
    owner.post(&website.path("/team/transfer"), sent.clone()).await.ok();
    // Who sends it twice owns the website no longer, and nobody is told again.
    owner.post(&website.path("/team/transfer"), sent).await.error(403);
    let mut told = Vec::new();
    for _ in 0..100 {
        told.extend(service.take());
        if told.len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    told.extend(service.take());
    told.sort_by_key(|mail| mail.body["to"] != json!([receiver.email]));
    let [received, given] = &told[..] else { panic!("{told:?}") };
    let mut keys = Vec::new();
    for (mail, to, subject, words) in [
        (
            received,
            &receiver.email,
            "You own a website on Sluice now",
            format!("{TAMED} ({giver}) has made you the owner of {} on", website.domain),
        ),
        (
            given,
            &giver,
            "A website of yours on Sluice has another owner",
            format!("{} on Sluice is no longer yours: ", website.domain),
        ),
    ] {
        assert_eq!((&mail.body["to"], &mail.body["subject"]), (&json!([to]), &json!(subject)));
        keys.push(text(&json!(mail.header("idempotency-key"))));
        let head = head(&mail.body["from"], &mail.body["to"][0], &mail.body["subject"], &[]);
        let mail = parsed(&head, &text(&mail.body["text"]), &text(&mail.body["html"]));
        let link = format!("/console/w/{}", website.id);
        assert!(text(&mail["text"]).starts_with(&words), "{mail}");
        assert!(text(&mail["html"]["links"][0]).ends_with(&link), "{mail}");
        let tags = json!(["html", "head", "meta", "title", "body", "p", "br", "br", "p", "a"]);
        assert_eq!(mail["html"]["tags"], tags, "no element but ours");
    }
    assert!(keys[0] != keys[1] && keys[0].starts_with(&format!("transfer/{}/", website.id)), "{keys:?}");
}

#[tokio::test]
async fn postmark_receives_the_documented_request() {
    let (state, service) = (State::new(), Service::start());
    let own = state.serve(&[
        ("EMAIL_FROM", "alerts@acme.example"),
        ("EMAIL_PROVIDER", "postmark"),
        ("EMAIL_API_BASE", &format!("{}/", service.url)),
        ("EMAIL_API_KEY", "pm-Zebra7Key"),
    ]);
    let (inviter, owner, website) = owner(&own.gateway, HOSTILE).await;
    service.answers("200 OK", "", r#"{"ErrorCode":0,"Message":"OK"}"#);
    let guest = unique_email();
    let row = owner.post(&website.path("/team"), json!({ "email": guest })).await.ok().row();
    let [request] = &service.take()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST /email HTTP/1.1");
    assert_eq!(request.header("x-postmark-server-token"), Some("pm-Zebra7Key"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body = &request.body;
    crate::support::has_exactly(body, &["From", "To", "Subject", "TextBody", "HtmlBody", "Headers", "MessageStream"]);
    assert_eq!(body["MessageStream"], "outbound");
    assert_eq!(body["Headers"], json!([{ "Name": "Auto-Submitted", "Value": "auto-generated" }]));
    let mail = parsed(
        &head(&body["From"], &body["To"], &body["Subject"], &[]),
        &text(&body["TextBody"]),
        &text(&body["HtmlBody"]),
    );
    let subject = "You are invited to a team on Sluice".to_owned();
    let expected = [("From", "alerts@acme.example"), ("To", &*guest), ("Subject", &*subject)];
    assert_eq!(headers(&mail), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    is_invitation(&mail, &website, (TAMED, &inviter), &text(&row["inviteUrl"]));

    service.answers("422 Unprocessable", "", r#"{"ErrorCode":406,"Message":"Inactive recipient"}"#);
    owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok();
    logged(&state, "Postmark answered 422: Inactive recipient").await;
}

#[tokio::test]
async fn a_gateway_without_mail_still_invites_and_names_the_missing_setting() {
    let state = State::new();
    let invite = async |settings: &[(&str, &str)], reason: &str| {
        let own = state.serve(settings);
        let (_, owner, website) = owner(&own.gateway, "Jane").await;
        let row = owner.post(&website.path("/team"), json!({ "email": unique_email() })).await.ok().row();
        assert!(!logged(&state, reason).await.contains(&invitation_code(&row)));
    };
    invite(&[], "EMAIL_FROM is not set").await;
    let from = ("EMAIL_FROM", "alerts@acme.example");
    invite(&[from, ("EMAIL_PROVIDER", "resend")], "EMAIL_API_KEY is not set").await;
    // A port without a listener.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{closed}");
    let service = [from, ("EMAIL_PROVIDER", "resend"), ("EMAIL_API_KEY", "x"), ("EMAIL_API_BASE", &base)];
    invite(&service, "Resend could not be reached").await;
}

// ---- Unsubscribing

/// An alert with this name, and the address of its page.
async fn alert(website: &Website, name: &str) -> (Value, String) {
    let sent = json!({ "name": name, "trigger": { "goalName": "g" }, "template": { "message": "Somebody did it." } });
    let row = website.owner.post(&website.path("/alerts"), sent).await.ok().row();
    let page = format!("/unsubscribe/{}", unsubscribe_token(&text(&row["id"])));
    (row, page)
}

/// The alert's current row.
async fn now(website: &Website, alert: &Value) -> Value {
    let rows = website.owner.get(&website.path("/alerts")).await.ok().rows();
    rows.into_iter().find(|row| row["id"] == alert["id"]).unwrap()
}

/// A page, after its headers are checked.
#[track_caller]
fn page(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{answer}");
    assert!(answer.header("content-type").starts_with("text/html"), "{answer}");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("script"), "{policy}");
    assert!(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.body.contains("<script"), "{answer}");
    &answer.body
}

#[tokio::test]
async fn opening_the_page_disables_nothing_and_its_form_does() {
    let gateway = Gateway::roomy();
    let website = gateway.account().await.website().await;
    let (created, path) = alert(&website, "<script>x</script> \"New\" & 'signup'").await;
    let (other, _) = alert(&website, "Another").await;
    let call = |method: Method| gateway.request(method, &path);

    for method in [Method::GET, Method::GET, Method::HEAD] {
        assert_eq!(answer(call(method)).await.status, 200);
    }
    assert_eq!(now(&website, &created).await, created);
    let question = answer(call(Method::GET)).await;
    let shown = page(&question);
    assert!(shown.contains("&lt;script&gt;x&lt;/script&gt; &quot;New&quot; &amp; &#39;signup&#39;"), "{shown}");
    assert!(shown.contains("<form method=\"post\">"), "{shown}");
    let field = shown.split("<input type=\"hidden\" ").nth(1).unwrap();
    assert!(field.starts_with("name=\"List-Unsubscribe\" value=\"One-Click\">"), "{shown}");
    for secret in [&website.id, &website.owner.token, &website.domain] {
        assert!(!shown.contains(secret.as_str()), "{secret} must not be shown");
    }

    let form = || {
        let request = call(Method::POST).header("content-type", "application/x-www-form-urlencoded");
        request.body("List-Unsubscribe=One-Click")
    };
    let done = answer(form()).await;
    assert!(page(&done).contains("Switched off") && !done.body.contains("<form"), "{done}");
    let off = now(&website, &created).await;
    assert_eq!(off["isEnabled"], false);
    assert_ne!(off["updatedAt"], created["updatedAt"]);
    assert_eq!(now(&website, &other).await, other, "only this one");

    // Once more, and in other ways, it stays the same.
    for request in [form(), call(Method::POST), call(Method::GET), call(Method::POST).body("x")] {
        assert!(page(&answer(request).await).contains("Switched off"));
    }
    assert_eq!(now(&website, &created).await, off);
}

#[tokio::test]
async fn one_click_of_a_mail_service_switches_off_and_the_alert_can_be_switched_on_again() {
    let gateway = Gateway::roomy();
    let website = gateway.account().await.website().await;
    let (created, path) = alert(&website, "x").await;
    let boundary = "multipart/form-data; boundary=b";
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    // RFC 8058, section 3.2: both encodings, no cookies, no redirects.
    for (kind, body) in [("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"), (boundary, multipart)] {
        let request = gateway.request(Method::POST, &path).header("content-type", kind).body(body);
        page(&answer(request).await);
        assert_eq!(now(&website, &created).await["isEnabled"], false, "{kind}");
        let on = json!({ "isEnabled": true });
        website.owner.put(&website.path(&format!("/alerts/{}", text(&created["id"]))), on).await.ok();
    }
    assert_eq!(now(&website, &created).await["isEnabled"], true);
}

#[tokio::test]
async fn the_link_of_a_deleted_alert_says_so() {
    let gateway = Gateway::roomy();
    let website = gateway.account().await.website().await;
    let (created, path) = alert(&website, "x").await;
    website.owner.delete(&website.path(&format!("/alerts/{}", text(&created["id"])))).await.ok();
    for method in [Method::GET, Method::POST] {
        let gone = answer(gateway.request(method, &path)).await;
        assert!(page(&gone).contains("was deleted") && !gone.body.contains("<form"), "{gone}");
    }
}

#[tokio::test]
async fn forged_altered_and_garbled_links_are_404() {
    let gateway = Gateway::roomy();
    let website = gateway.account().await.website().await;
    let (created, path) = alert(&website, "x").await;
    let (_, other) = alert(&website, "y").await;
    let token = path.strip_prefix("/unsubscribe/").unwrap();
    let id = text(&created["id"]);
    let foreign = Keyring::parse("k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();

    let mut wrong: Vec<String> = (0..token.len())
        .map(|at| {
            let mut altered = token.to_owned();
            altered.replace_range(at..=at, if &token[at..=at] == "A" { "B" } else { "A" });
            altered
        })
        .collect();
    // One alert with the proof of another, and a proof made with another key.
    wrong.push(format!("{}{}", &token[..16], &other.strip_prefix("/unsubscribe/").unwrap()[16..]));
    wrong.push(unsubscribe::token(&foreign, id.parse().unwrap()));
    wrong.extend(
        [&token[..47], &format!("{token}A"), &format!("{token}="), &token.to_lowercase(), &id].map(str::to_owned),
    );
    wrong.extend(["x", "%00", "%ff", "%2e%2e%2f", "'%20OR%201=1", "🎉"].map(str::to_owned));
    wrong.push("A".repeat(5000));
    all(wrong.iter().flat_map(|token| [Method::GET, Method::POST].map(|method| (method, token))).map(
        async |(method, token)| {
            let refused = answer(gateway.request(method, &format!("/unsubscribe/{token}"))).await;
            // A person reads this: it is a page.
            assert_eq!(refused.status, 404, "{refused}");
            assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
            assert!(refused.body.contains("This link does not work") && !refused.body.contains(&id), "{refused}");
            // Refused without a query to the database.
            assert_eq!(refused.hops().d1, 0, "{refused}");
        },
    ))
    .await;
    answer(gateway.request(Method::POST, "/unsubscribe/")).await.error(404);
    assert_eq!(now(&website, &created).await, created);
}

#[tokio::test]
async fn links_outlive_the_rotation_of_the_keys() {
    let (old, new) =
        ("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
    let token = |ring: &str, alert: &Value| {
        unsubscribe::token(&Keyring::parse(ring).unwrap(), text(&alert["id"]).parse().unwrap())
    };
    let state = State::new();
    let rotated = state.serve(&[("RATE_LIMIT_PER_MINUTE", "1000"), ("ENCRYPTION_KEYS", &format!("{new},{old}"))]);
    let website = rotated.gateway.account().await.website().await;
    let sent = json!({ "name": "x", "trigger": { "goalName": "g" }, "template": { "message": "Somebody did it." } });
    let mut created = Vec::new();
    for ring in [old, new] {
        let alert = website.owner.post(&website.path("/alerts"), sent.clone()).await.ok().row();
        let path = format!("/unsubscribe/{}", token(ring, &alert));
        page(&answer(rotated.gateway.request(Method::POST, &path)).await);
        assert_eq!(now(&website, &alert).await["isEnabled"], false);
        created.push(path);
    }
    drop(rotated);
    let without = state.serve(&[("ENCRYPTION_KEYS", new)]);
    assert_eq!(answer(without.gateway.request(Method::POST, &created[0])).await.status, 404);
    page(&answer(without.gateway.request(Method::POST, &created[1])).await);
}
