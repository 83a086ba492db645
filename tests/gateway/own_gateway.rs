//! Gateways that a test starts itself through `scripts/gateway.mjs`: to choose the settings, to inspect storage, or to
//! restart on the storage of an earlier gateway.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Method;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};

use crate::matrix::unknown_token;
use crate::support::{Gateway, accept, answer, statuses, text, together, unique, unique_email};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SETUP_SECRET: &str = "a setup secret for one test";

/// A folder for this test, deleted when the test ends.
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

    /// Has wrangler apply the migrations that `config` names to the D1 database of this state.
    pub fn migrate(&self, config: &Path) {
        let mut command = Command::new("wrangler");
        command.current_dir(ROOT).args(["d1", "migrations", "apply", "DB", "--local", "--persist-to"]).arg(&self.0);
        let output = command.arg("--config").arg(config).env("CI", "true").stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "wrangler d1 migrations apply: {output:?}");
    }

    /// Runs SQL statements on the D1 database and returns the rows of each. No gateway may be running on this state.
    pub fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        let folder = self.0.join("v3/d1/miniflare-D1DatabaseObject");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let is_database =
            |path: &PathBuf| path.extension().is_some_and(|end| end == "sqlite") && !path.ends_with("metadata.sqlite");
        let files: Vec<_> = files.filter(is_database).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let database = rusqlite::Connection::open(&files[0]).unwrap();
        let mut statements = rusqlite::Batch::new(&database, sql);
        let mut results = Vec::new();
        while let Some(mut statement) = statements.next().unwrap_or_else(|error| panic!("{error}: {sql}")) {
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query([]).unwrap();
            let mut found = Vec::new();
            while let Some(row) = rows.next().unwrap_or_else(|error| panic!("{error}: {sql}")) {
                let value = |at: usize| match row.get_ref(at).unwrap() {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => json!(number),
                    ValueRef::Real(number) => json!(number),
                    ValueRef::Text(text) => json!(std::str::from_utf8(text).unwrap()),
                    ValueRef::Blob(bytes) => json!(bytes),
                };
                found.push(names.iter().enumerate().map(|(at, name)| (name.clone(), value(at))).collect());
            }
            results.push(found);
        }
        results
    }

    /// The first column of what a query finds in the objects of all websites, also while a gateway is running.
    pub fn objects(&self, sql: &str) -> Vec<Value> {
        let folder = self.0.join("v3/do/sluice-SiteObject");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut found = Vec::new();
        for file in files.filter(|path| path.extension().is_some_and(|end| end == "sqlite")) {
            let database =
                rusqlite::Connection::open_with_flags(&file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
            database.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
            // The runtime's own database of the class has none of the tables.
            let Ok(mut statement) = database.prepare(sql) else { continue };
            let rows = statement.query_map([], |row| {
                Ok(match row.get_ref(0)? {
                    ValueRef::Integer(number) => json!(number),
                    ValueRef::Text(text) => json!(std::str::from_utf8(text).unwrap()),
                    _ => Value::Null,
                })
            });
            found.extend(rows.unwrap().map(Result::unwrap));
        }
        found
    }

    /// The tracking settings of a website in KV. No gateway may be running on this state.
    pub fn tracking(&self, key: &str) -> Value {
        let mut command = Command::new("wrangler");
        command.current_dir(ROOT).args(["kv", "key", "get", key, "--binding", "TRACKING", "--local", "--text"]);
        let output = command.arg("--persist-to").arg(&self.0).stdin(Stdio::null()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{key}: {error}: {output:?}"))
    }

    /// Every file below, with its contents.
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

/// A gateway for this test; it stops when it is dropped.
pub struct OwnGateway {
    pub gateway: Gateway,
    pub cron: Cron,
    child: Child,
    /// Its processes, in the order in which to kill them.
    pids: Vec<String>,
}

impl OwnGateway {
    /// Starts a gateway for many tests; it stops after the last of them, and its storage is deleted.
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
        // The gateway stops when this pipe closes, so it never outlives the test.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::options().create(true).append(true).open(log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the gateway did not start: {}", fs::read_to_string(log).unwrap_or_default()));
        let pids = started["pids"].as_array().unwrap().iter().map(Value::to_string).collect();
        let (url, cron) = (text(&started["url"]), text(&started["cron"]));
        let cron = Cron(cron.strip_prefix(&url).unwrap().to_owned());
        Self { gateway: Gateway::at(url, SETUP_SECRET.to_owned()), cron, child, pids }
    }

    /// Runs cron's jobs once.
    pub async fn cron(&self) {
        self.cron.run(&self.gateway).await;
    }

    /// Runs cron as in twenty minutes, so that all housekeeping is done.
    pub async fn twenty_minutes_of_cron(&self) {
        for minute in 0..20 {
            let Cron(path) = &self.cron;
            Cron(format!("{path}&time={}", minute * 60_000)).run(&self.gateway).await;
        }
    }

    /// Stops it and waits for its end.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }

    /// Kills all its processes immediately.
    pub fn kill(&self) {
        assert!(self.pids.len() > 1, "workerd runs below node: {:?}", self.pids);
        assert!(Command::new("kill").arg("-KILL").args(&self.pids).status().unwrap().success());
    }
}

/// The path of a gateway that runs cron once.
#[derive(Clone)]
pub struct Cron(String);

impl Cron {
    /// Runs cron's jobs once.
    pub async fn run(&self, gateway: &Gateway) {
        let run = answer(gateway.request(Method::GET, &self.0)).await;
        assert_eq!((run.status, run.body.as_str()), (200, "ok"));
    }
}

impl Drop for OwnGateway {
    fn drop(&mut self) {
        self.stop();
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
async fn limits_tokens_and_revocations_survive_a_restart() {
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
    // The window is in storage: a restart does not reset it.
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
async fn cron_deletes_revoked_tokens_and_leaves_the_rest_alone() {
    let state = State::new();
    let own = state.serve(&[("RATE_LIMIT_PER_MINUTE", "1000")]);
    let owner = own.gateway.account().await;
    let website = owner.website().await;
    let revoke = async || {
        let created = owner.post("/access-tokens", json!({})).await.ok().row();
        owner.delete(&format!("/access-tokens/{}", text(&created["id"]))).await.ok();
        own.gateway.caller(&text(&created["key"]))
    };
    let mut dead = vec![revoke().await, revoke().await];
    let key = owner.post(&website.path("/apikeys"), json!({})).await.ok().row();
    dead.push(own.gateway.caller(&text(&key["key"])));
    owner.put(&website.path(&format!("/apikeys/{}", text(&key["id"]))), json!({})).await.ok();
    own.cron().await;
    // A second run changes nothing.
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
async fn an_invitation_can_be_accepted_until_it_expires_and_sent_again_after() {
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
    // Seven days pass: the invitation's times are moved back by seven days.
    let week = 7 * 24 * 60 * 60 * 1000;
    let age = format!("UPDATE invitations SET created_at = created_at - {week}, expires_at = expires_at - {week}");
    state.query(&age);
    let own = state.serve(&[]);
    let owner = own.gateway.caller(&owner);
    accept(&own.gateway, &invitation, "Late").await.error(404);
    let team = format!("/websites/{website}/team");
    let listed = owner.get(&team).await.ok().json()["invitations"].clone();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["state"], "expired");
    let again = owner.post(&team, json!({ "email": email })).await.ok().row();
    accept(&own.gateway, &invitation, "Late").await.error(404);
    accept(&own.gateway, &again, "In time").await.ok();
    // It can be used only once.
    accept(&own.gateway, &again, "In time").await.error(404);
}

#[tokio::test]
async fn tracking_settings_are_written_through_to_kv() {
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
