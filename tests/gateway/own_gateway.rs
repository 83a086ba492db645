//! Gateways that a test starts for itself: where it has to choose the settings, look into what is stored, or start anew
//! on what an earlier gateway has left.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use reqwest::Method;
use serde_json::{Value, json};

use crate::matrix::unknown_token;
use crate::support::{Gateway, accept, answer, statuses, text, together, unique, unique_email};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SETUP_SECRET: &str = "a setup secret for one test";

/// A folder of this test's own, gone when the test is.
pub struct State(PathBuf);

impl State {
    pub fn new() -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{}", unique()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Starts a gateway on this state.
    pub fn serve(&self, settings: &[(&str, &str)]) -> OwnGateway {
        OwnGateway::start(Some(&self.0), &self.0.join("log"), settings)
    }

    /// Runs one of wrangler's commands for the D1 database of this state. `config` stands in for the project's own.
    pub fn d1(&self, config: Option<&Path>, arguments: &[&str]) -> Output {
        let mut command = Command::new("wrangler");
        command.current_dir(ROOT).arg("d1").args(arguments).arg("--local").arg("--persist-to").arg(&self.0);
        if let Some(config) = config {
            command.arg("--config").arg(config);
        }
        let output = command.env("CI", "true").stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "wrangler d1 {arguments:?}: {output:?}");
        output
    }

    /// The rows that each of the SQL statements gives. No gateway may be running on this state.
    pub fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        let output = String::from_utf8(self.d1(None, &["execute", "DB", "--json", "--command", sql]).stdout).unwrap();
        let json = output.get(output.find('[').unwrap()..).unwrap();
        let results: Vec<Value> = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {output}"));
        results.iter().map(|result| result["results"].as_array().unwrap().clone()).collect()
    }

    /// What KV holds for the events of a website. No gateway may be running on this state.
    pub fn tracking(&self, key: &str) -> Value {
        let mut command = Command::new("wrangler");
        command.current_dir(ROOT).args(["kv", "key", "get", key, "--binding", "TRACKING", "--local", "--text"]);
        let output = command.arg("--persist-to").arg(&self.0).stdin(Stdio::null()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{key}: {error}: {output:?}"))
    }

    /// Every file below, with what is in it.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, files);
                } else {
                    files.push((path.clone(), fs::read(path).unwrap()));
                }
            }
        }
        let mut files = Vec::new();
        walk(&self.0, &mut files);
        files
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A gateway of this test's own; it stops when it is dropped.
pub struct OwnGateway {
    pub gateway: Gateway,
    child: Child,
}

impl OwnGateway {
    /// Starts a gateway for many tests, which stops with the last of them and takes along what it has stored.
    pub fn shared(name: &str, settings: &[(&str, &str)]) -> Self {
        Self::start(None, &Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log")), settings)
    }

    fn start(state: Option<&Path>, log: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new("node");
        command.current_dir(ROOT).arg("scripts/gateway.mjs");
        if let Some(state) = state {
            command.arg("--state").arg(state);
        }
        command.arg("--var").arg(format!("SETUP_SECRET={SETUP_SECRET}"));
        for (name, value) in settings {
            command.arg("--var").arg(format!("{name}={value}"));
        }
        // It stops when this pipe closes, so it never outlives the test.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::options().create(true).append(true).open(log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the gateway did not start: {}", fs::read_to_string(log).unwrap_or_default()));
        Self { gateway: Gateway::at(text(&started["url"]), SETUP_SECRET.to_owned()), child }
    }

    /// Runs what cron runs every minute.
    pub async fn cron(&self) {
        let run = answer(self.gateway.request(Method::GET, "/cdn-cgi/local/scheduled?cron=*+*+*+*+*")).await;
        assert_eq!((run.status, run.body.as_str()), (200, "ok"));
    }

    /// Ends it with everything below it in the middle of whatever it does: node, and workerd, which node started.
    pub fn kill(&self) {
        let mut doomed = vec![self.child.id().to_string()];
        let mut at = 0;
        while let Some(parent) = doomed.get(at).cloned() {
            let below = Command::new("pgrep").arg("-P").arg(&parent).output().unwrap().stdout;
            doomed.extend(String::from_utf8(below).unwrap().split_whitespace().map(str::to_owned));
            at += 1;
        }
        assert!(doomed.len() > 1, "workerd runs below {doomed:?}");
        // workerd first: nobody is left who could tell it to finish.
        doomed.reverse();
        assert!(Command::new("kill").arg("-KILL").args(&doomed).status().unwrap().success());
    }
}

impl Drop for OwnGateway {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn without_a_setup_secret_setup_does_not_exist_and_failures_have_a_limit_of_their_own() {
    let state = State::new();
    let own =
        state.serve(&[("SETUP_SECRET", ""), ("RATE_LIMIT_PER_MINUTE", "1000"), ("AUTH_FAILURES_PER_MINUTE", "5")]);
    let gateway = &own.gateway;
    for secret in ["", "x", SETUP_SECRET] {
        let request = gateway.request(Method::POST, "/api/v1/setup").bearer_auth(secret);
        answer(request.json(&json!({ "email": unique_email(), "name": "x" }))).await.error(404);
    }
    let guesses =
        together((0..9).map(|_| async move { gateway.caller(&unknown_token("dft_")).get("/account").await })).await;
    assert_eq!(statuses(&guesses), [(401, 5), (429, 4)]);
    let refused = guesses.iter().find(|guess| guess.status == 429).unwrap();
    assert_eq!(refused.json()["limit"], 5);
}

#[tokio::test]
async fn what_was_promised_survives_a_restart() {
    let state = State::new();
    let (token, revoked, website);
    {
        let own = state.serve(&[]);
        let owner = own.gateway.account().await;
        website = owner.website().await.id;
        let second = owner.post("/access-tokens", json!({})).await.ok().row();
        revoked = text(&second["key"]);
        assert_eq!(own.gateway.caller(&revoked).get("/account").await.status, 200);
        owner.delete(&format!("/access-tokens/{}", text(&second["id"]))).await.ok();
        together((0..70).map(|_| owner.get("/account"))).await;
        token = owner.token.clone();
    }
    let own = state.serve(&[]);
    // The window is in storage: nobody gets sixty more by waiting for a restart.
    assert_eq!(own.gateway.caller(&token).get("/account").await.status, 429);
    own.gateway.caller(&revoked).get("/account").await.error(401);
    drop(own);
    let roomy = state.serve(&[("RATE_LIMIT_PER_MINUTE", "1000")]);
    assert_eq!(
        roomy.gateway.caller(&token).get(&format!("/websites/{website}")).await.ok().row()["id"],
        website.as_str()
    );
}

#[tokio::test]
async fn cron_strikes_off_what_was_revoked_and_leaves_the_rest_alone() {
    let state = State::new();
    let own = state.serve(&[("RATE_LIMIT_PER_MINUTE", "1000")]);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let revoke = async || {
        let made = owner.post("/access-tokens", json!({})).await.ok().row();
        owner.delete(&format!("/access-tokens/{}", text(&made["id"]))).await.ok();
        own.gateway.caller(&text(&made["key"]))
    };
    let mut dead = vec![revoke().await, revoke().await];
    let key = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    dead.push(own.gateway.caller(&text(&key["key"])));
    owner.put(&website.path(&format!("/apikeys/{}", text(&key["id"]))), json!({})).await.ok();
    own.cron().await;
    // Twice over, it changes nothing.
    own.cron().await;
    dead.push(revoke().await);
    for token in &dead {
        token.get("/account").await.error(401);
    }
    owner.get("/account").await.ok();
    drop(own);
    let counts = state.query("SELECT count(*) AS left FROM revocations; SELECT count(*) AS left FROM access_tokens");
    assert_eq!(counts[0], [json!({ "left": 1 })], "only what was revoked after cron");
    assert_eq!(counts[1], [json!({ "left": 1 })]);
}

#[tokio::test]
async fn an_invitation_can_be_accepted_until_it_expires_and_made_anew_after() {
    let state = State::new();
    let (owner, website, email, invitation);
    {
        let own = state.serve(&[]);
        let account = own.gateway.account().await;
        let site = account.website().await;
        (email, owner) = (unique_email(), account.token.clone());
        invitation = account.post(&site.path("/team"), json!({ "email": email })).await.ok().row();
        website = site.id;
    }
    // Seven days pass: everything about the invitation is seven days older.
    let week = 7 * 24 * 60 * 60 * 1000;
    let age = format!("UPDATE invitations SET created_at = created_at - {week}, expires_at = expires_at - {week}");
    state.d1(None, &["execute", "DB", "--command", &age]);
    let own = state.serve(&[]);
    let owner = own.gateway.caller(&owner);
    accept(&own.gateway, &invitation, "Late").await.error(404);
    let team = format!("/websites/{website}/team");
    assert_eq!(owner.get(&team).await.ok().json()["invitations"], json!([]));
    let again = owner.post(&team, json!({ "email": email })).await.ok().row();
    accept(&own.gateway, &invitation, "Late").await.error(404);
    accept(&own.gateway, &again, "In time").await.ok();
    // Used up.
    accept(&own.gateway, &again, "In time").await.error(404);
}

#[tokio::test]
async fn what_tracking_needs_to_know_is_written_through_to_kv() {
    let state = State::new();
    let (website, tracking_id);
    {
        let own = state.serve(&[]);
        let account = own.gateway.account().await;
        let site = account.website().await;
        let sent =
            json!({ "isCookieless": true, "excludedIps": ["10.0.0.0/8"], "allowedHostnames": ["app.example.com"] });
        tracking_id = text(&account.put(&site.path(""), sent).await.ok().row()["trackingId"]);
        website = site;
    }
    for key in [&website.id, &tracking_id] {
        let stored = state.tracking(key);
        assert_eq!(stored["websiteId"], website.id.as_str());
        assert_eq!(stored["trackingId"], tracking_id.as_str());
        assert_eq!(stored["domain"], website.domain.as_str());
        assert_eq!(stored["isCookieless"], true);
        assert_eq!(stored["isAttackModeEnabled"], false);
        assert_eq!(stored["excludedIps"], json!(["10.0.0.0/8"]));
        assert_eq!(stored["allowedHostnames"], json!(["app.example.com"]));
    }
}
