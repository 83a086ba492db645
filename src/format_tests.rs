//! The stored formats against texts of every release (`tests/formats`): older forms are still read and lose no field, and
//! today's form is written as its examples have it. docs/architecture.md has the rules.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::alerts::alert::Cooldown;
use crate::alerts::destination::Destination;
use crate::alerts::state_machine::{Event, State};
use crate::alerts::trigger::{Trigger, TriggerType};
use crate::alerts::{self, history};
use crate::auth::access::WebsiteScope;
use crate::auth::credential::{CredentialCall, Verdict};
use crate::auth::permission::{Permission, Permissions};
use crate::auth::role::Role;
use crate::auth::sessions::Method;
use crate::auth::sliding_window::Rate;
use crate::auth::token::RawToken;
use crate::exchange_rates;
use crate::http::idempotency::{Key, KeyLease, Lookup};
use crate::integrations::lemonsqueezy::LemonSqueezy;
use crate::integrations::paddle::Paddle;
use crate::integrations::polar::Polar;
use crate::integrations::provider::Credentials;
use crate::integrations::sealing::seal_context;
use crate::integrations::shopify::Shopify;
use crate::integrations::stripe::Stripe;
use crate::integrations::tokens::Owner;
use crate::integrations::webhook_secrets::{self as hook_secrets, WebhookSecret};
use crate::integrations::woocommerce::WooCommerce;
use crate::integrations::{connection, consent, events, imports, past, polling, queue as provider_queue};
use crate::platform::Platform;
use crate::platform::database::Parameter;
use crate::platform::database::memory::Memory as Database;
use crate::platform::memory::Memory;
use crate::platform::outgoing::Sent;
use crate::platform::queues::{Queue, parse_ids};
use crate::reports::filters;
use crate::secrets::keyring::{Keyring, NONCE_BYTES};
use crate::webhooks::consequences::DisabledReason;
use crate::webhooks::delivery::{Cause, Status};
use crate::webhooks::event::{self, EventType};
use crate::webhooks::object;
use crate::webhooks::queue::{self, Hint};
use crate::webhooks::secrets::EndpointSeal;
use crate::websites::funnels::StoredStep;
use crate::websites::tracking_settings::Configuration;
use crate::websites::website::{Settings, Update};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sluice_engine::outbox::Completion;
use sluice_engine::protocol::Taken;
use sluice_values::{Timestamp, WebhookId, WebsiteId};
use sluice_webhook_rules::schedule::Failure;

/// 2026-05-21T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);
/// 2026-11-20T12:00:00Z, the day of the exchange rates.
const NOON: Timestamp = Timestamp::from_millis(1_795_176_000_000);

/// A format: its file, and what becomes of a stored text when it is read and written again.
type Format = (&'static str, fn(&str) -> Result<String, String>);

/// Every stored format but those of a website's object, which are in crates/engine/src/formats.rs.
const FORMATS: [Format; 37] = [
    ("access_tokens.permissions", json::<Permissions>),
    ("access_tokens.website_ids", json::<WebsiteScope>),
    ("alert_completions.event", json::<Completion>),
    ("alerts.condition", json::<Trigger>),
    ("alerts.destination", json::<Destination>),
    ("console_sessions.permissions", json::<Permissions>),
    ("console_sessions.website_ids", json::<WebsiteScope>),
    ("credential-object.calls", call),
    ("credential-object.rates", json::<Rate>),
    ("credential-object.verdicts", json::<Verdict>),
    ("funnels.steps", json::<Vec<StoredStep>>),
    ("idempotency_keys.sealed_answer", response),
    ("integrations.missing_permissions", json::<Vec<String>>),
    ("integrations.poll_cursor", json::<polling::Seen>),
    ("integrations.sealed_credentials", credentials),
    ("integrations.sealed_token", token),
    ("integrations.sealed_webhook_secrets", webhook_secrets),
    ("integrations.webhook_ids", json::<Vec<String>>),
    ("kv.exchange-rates", rates),
    ("kv.tracking-configuration", json::<Configuration>),
    ("messages.payload", payload),
    ("names", name),
    ("oauth_clients.redirect_uris", json::<Vec<String>>),
    ("oauth_grants.permissions", json::<Permissions>),
    ("oauth_grants.website_ids", json::<WebsiteScope>),
    ("provider_consents.nonce_hash", nonce_hash),
    ("provider_events.outcome", json::<Taken>),
    ("provider_events.sealed_body", event_body),
    ("provider_imports.cursor", json::<imports::Position>),
    ("queues", message),
    ("webhook-calls", json::<object::Call>),
    ("webhooks.event_types", json::<Vec<EventType>>),
    ("webhooks.goal_names", json::<Vec<String>>),
    ("webhooks.sealed_headers", headers),
    ("webhooks.sealed_secret", secret),
    ("website_keys.permissions", json::<Permissions>),
    ("websites.settings", json::<Settings>),
];

// ---- The files

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// The forms of a format, oldest first, each with its examples.
fn forms(format: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder().join(format!("{format}.txt"))).unwrap();
    let mut forms = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') {
            forms.push(Vec::new());
        } else {
            forms.last_mut().expect("a form begins with a comment").push(line.to_owned());
        }
    }
    forms
}

fn todays(format: &str) -> Vec<String> {
    forms(format).pop().unwrap()
}

// ---- The formats

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn text(error: impl ToString) -> String {
    error.to_string()
}

fn json<T: DeserializeOwned + Serialize>(stored: &str) -> Result<String, String> {
    serde_json::from_str::<T>(stored).and_then(|value| serde_json::to_string(&value)).map_err(text)
}

fn call(path: &str) -> Result<String, String> {
    CredentialCall::of_path(path).map(CredentialCall::path).ok_or_else(|| "no such call".to_owned())
}

fn platform() -> Platform {
    let memory = Memory::new(Database::default(), NOW).with("EXCHANGE_RATES_URL", "https://rates.example/{date}");
    Platform::in_memory(Rc::new(memory))
}

/// Reads the value from KV; writing it again is a run of cron whose source answers the same rates.
fn rates(line: &str) -> Result<String, String> {
    let (key, json) = line.split_once(' ').ok_or("no key")?;
    let stored = platform();
    stored.key_value().put(&[key], json).now_or_never().ok_or("it waits")?.map_err(text)?;
    let read = exchange_rates::rates(&stored, NOON).now_or_never().ok_or("it waits")?.map_err(text)?.to_json();
    let memory = Memory::new(Database::default(), NOON).with("EXCHANGE_RATES_URL", "https://rates.example/{date}");
    let answer = read.clone().into_bytes();
    memory.serve(move |_| Sent::Answered { status: 200, retry_after: None, body: answer.clone() });
    let written = Platform::in_memory(Rc::new(memory));
    exchange_rates::refresh(&written, NOON).now_or_never().ok_or("it waits")?.map_err(text)?;
    let written = written.key_value().get(key, 0).now_or_never().ok_or("it waits")?.map_err(text)?;
    Ok(format!("{key} {}", written.ok_or("not under this key")?))
}

/// The queue's body is parsed as its consumer does, and written by the sender.
fn message(line: &str) -> Result<String, String> {
    let (name, body) = line.split_once(' ').ok_or("no queue")?;
    let body = [body.to_owned()];
    let memory = Rc::new(Memory::new(Database::default(), NOW));
    let platform = Platform::in_memory(memory.clone());
    let sent = match name {
        "deliveries" => {
            match Hint::parse(&body[0]).ok_or("no delivery's id")? {
                Hint::Due(website, ids) => {
                    queue::enqueue(&platform, website, &ids).now_or_never().ok_or("it waits")?;
                }
                Hint::InDatabase(id) => return Ok(format!("{name} {id}")),
            }
            memory.take_queued(Queue::Deliveries)
        }
        "providers" => {
            let hint = provider_queue::Hint::parse(&body[0]).ok_or("no hint")?;
            provider_queue::enqueue(&platform, &[(hint, 0)]).now_or_never().ok_or("it waits")?;
            memory.take_queued(Queue::Providers)
        }
        "alerts" => {
            alerts::queue::enqueue(&platform, &parse_ids(&body)).now_or_never().ok_or("it waits")?;
            memory.take_queued(Queue::Alerts)
        }
        _ => return Err("no such queue".to_owned()),
    };
    Ok(format!("{name} {}", sent.first().ok_or("no alert's id")?.body))
}

fn website() -> WebsiteId {
    "665f0b3c4d2e1a0012345678".parse().unwrap()
}

fn webhook() -> WebhookId {
    "665f0b3c4d2e1a0012345679".parse().unwrap()
}

fn keyring() -> Keyring {
    Keyring::parse(&format!("k1:{}", BASE64.encode([1; 32]))).unwrap()
}

/// The random bytes that something was sealed with: the last part but one.
fn nonce(sealed: &str) -> Result<[u8; NONCE_BYTES], String> {
    let nonce = sealed.rsplit('.').nth(1).ok_or("no nonce")?;
    BASE64.decode(nonce).map_err(text)?.try_into().map_err(|_| "a nonce of another length".to_owned())
}

fn credentials(line: &str) -> Result<String, String> {
    fn of<P: Credentials + DeserializeOwned>(sealed: &str) -> Result<String, String> {
        let context = seal_context(website(), P::NAME);
        let plain = keyring().open(sealed, &context).map_err(text)?;
        let stored: Value = serde_json::from_slice(&plain).map_err(text)?;
        let credentials: P = serde_json::from_value(stored.clone()).map_err(text)?;
        let mut written = serde_json::to_value(&credentials).map_err(text)?;
        // What was found out of how the provider is asked is no part of the body of connect.
        for found in ["keyInQuery", "sandbox"].into_iter().filter(|found| stored.get(*found).is_some()) {
            written[found] = stored[found].clone();
        }
        let plain = serde_json::to_string(&written).map_err(text)?;
        let sealed = keyring().seal(plain.as_bytes(), &context, nonce(sealed)?).map_err(text)?;
        Ok(format!("{} {sealed} {plain}", P::NAME))
    }
    let mut words = line.split(' ');
    let (provider, sealed) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match provider {
        "stripe" => of::<Stripe>(sealed),
        "lemonsqueezy" => of::<LemonSqueezy>(sealed),
        "polar" => of::<Polar>(sealed),
        "paddle" => of::<Paddle>(sealed),
        "shopify" => of::<Shopify>(sealed),
        "woocommerce" => of::<WooCommerce>(sealed),
        _ => Err("no such provider".to_owned()),
    }
}

fn token(line: &str) -> Result<String, String> {
    let mut words = line.split(' ');
    let (provider, sealed) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let owner = Owner { website: website(), provider: provider.parse().map_err(|_| "no such provider")? };
    let token = owner.open(&keyring(), sealed).map_err(text)?;
    Ok(format!("{provider} {} {token}", owner.seal(&keyring(), &token, nonce(sealed)?).map_err(text)?))
}

fn webhook_secrets(line: &str) -> Result<String, String> {
    let mut words = line.split(' ');
    let (name, sealed) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let of = (website(), name.parse().map_err(|_| "no such provider")?);
    let secrets: Vec<WebhookSecret> = hook_secrets::open(&keyring(), of, sealed).map_err(text)?;
    let plain = serde_json::to_string(&secrets).map_err(text)?;
    let sealed = hook_secrets::seal(&keyring(), of, &secrets, nonce(sealed)?).map_err(text)?;
    Ok(format!("{name} {sealed} {plain}"))
}

/// A body is compressed, which every version of a library does in its own way: it is read only.
fn event_body(line: &str) -> Result<String, String> {
    let mut words = line.split(' ');
    let (provider, key) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let sealed = words.next().unwrap_or_default();
    let provider = provider.parse().map_err(|_| "no such provider")?;
    let name = events::Name { website: website(), provider, key: key.to_owned() };
    let body = name.open(&keyring(), sealed).map_err(text)?;
    let again = name.seal(&keyring(), &body, nonce(sealed)?).map_err(text)?.ok_or("it is not kept")?;
    assert_eq!(name.open(&keyring(), &again).map_err(text)?, body);
    Ok(format!("{provider} {key} {sealed} {}", String::from_utf8(body).map_err(text)?))
}

fn nonce_hash(line: &str) -> Result<String, String> {
    let (nonce, _) = line.split_once(' ').ok_or("no nonce")?;
    Ok(format!("{nonce} {}", consent::hash(nonce)))
}

fn secret(line: &str) -> Result<String, String> {
    let (sealed, _) = line.split_once(' ').ok_or("no secret")?;
    let keyring = keyring();
    let seal = EndpointSeal::new(&keyring, website(), webhook());
    let secret = seal.open_secret(sealed).map_err(text)?;
    Ok(format!("{} {}", seal.seal_secret(&secret, nonce(sealed)?).map_err(text)?, secret.reveal()))
}

fn headers(line: &str) -> Result<String, String> {
    let (sealed, _) = line.split_once(' ').ok_or("no headers")?;
    let keyring = keyring();
    let seal = EndpointSeal::new(&keyring, website(), webhook());
    let headers = seal.open_headers(sealed).map_err(text)?;
    let plain = serde_json::to_string(&headers).map_err(text)?;
    Ok(format!("{} {plain}", seal.seal_headers(&headers, nonce(sealed)?).map_err(text)?))
}

/// The response to the body `{}` under the key `k`, replayed and saved again.
fn response(line: &str) -> Result<String, String> {
    let (sealed, _) = line.split_once(' ').ok_or("no response")?;
    let token: RawToken = "df_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17".parse().unwrap();
    let key: Key = "k".parse().unwrap();
    let lease = KeyLease::new(&token, "POST", "/api/v1/admin/websites", &key, [0; 16], NOW).map_err(text)?;
    lease.hash_part(b"{}");
    let row = serde_json::from_value(json!({ "holder": "another", "sealed_answer": sealed })).map_err(text)?;
    let Lookup::Completed(saved) = lease.lookup(Some(&row)).map_err(text)? else {
        return Err("no response".to_owned());
    };
    let reply = lease.replay(saved).map_err(|_| "the response to another body".to_owned())?;
    let statement = lease.save(&reply, NOW, nonce(sealed)?).map_err(text)?;
    let Some(Parameter::Text(sealed)) = statement.parts().1.get(2) else { return Err("nothing is saved".to_owned()) };
    let media_type = reply.headers.iter().find(|(name, _)| *name == "content-type").map_or("-", |(_, value)| value);
    let body = String::from_utf8(reply.body.clone()).map_err(text)?;
    Ok(format!("{sealed} {} {media_type} {body}", reply.status).trim_end().to_owned())
}

/// Stored payloads are sent as they are. What is checked is that receivers still find every field.
fn payload(stored: &str) -> Result<String, String> {
    let stored: Value = serde_json::from_str(stored).map_err(text)?;
    let r#type: EventType = serde_json::from_value(stored["type"].clone()).map_err(text)?;
    let of = event::Example { website: website(), webhook: webhook(), url: "https://example.com/hook", now: NOW };
    event::example(r#type, &of).map(|body| body.text).map_err(text)
}

/// A name that a column holds, read and written as its type.
fn name(line: &str) -> Result<String, String> {
    fn of<T: DeserializeOwned>(name: &str, as_str: fn(T) -> &'static str) -> Result<String, String> {
        serde_json::from_value(name.into()).map(|value| as_str(value).to_owned()).map_err(text)
    }
    let (column, name) = line.split_once(' ').ok_or("no name")?;
    let written = match column {
        "console_sessions.method" => of(name, Method::as_str),
        "members.role" => of(name, Role::as_str),
        "deliveries.status" => of(name, Status::as_str),
        "deliveries.cause" => of(name, Cause::as_str),
        "delivery_attempts.error" => of(name, Failure::as_str),
        "alerts.kind" => of(name, TriggerType::as_str),
        "alerts.state" => of(name, State::as_str),
        "alerts.cooldown" => name.parse::<Cooldown>().map(text).map_err(text),
        "alert_history.event" => of(name, Event::as_str),
        "alert_history.status" => json::<history::Status>(&format!("\"{name}\"")).map(|name| name.replace('"', "")),
        "integrations.state" => of(name, connection::State::as_str),
        "integrations.mode" => of(name, connection::Mode::as_str),
        "integrations.failing_reason" => of(name, connection::Reason::as_str),
        "provider_events.state" => of(name, events::State::as_str),
        "provider_events.origin" => of(name, events::Origin::as_str),
        "provider_imports.state" => {
            json::<connection::ImportState>(&format!("\"{name}\"")).map(|name| name.replace('"', ""))
        }
        "provider_imports.kind" => {
            let kinds = past::Kind::ALL.map(past::Kind::as_str);
            kinds.iter().find(|kind| **kind == name).map(text).ok_or_else(|| "no such kind".to_owned())
        }
        // Read as text only.
        "webhooks.disabled_reason" => {
            let reasons = [DisabledReason::Gone, DisabledReason::Failing].map(DisabledReason::as_str);
            reasons.iter().find(|reason| **reason == name).map(text).ok_or_else(|| "no such reason".to_owned())
        }
        _ => Err("no such column".to_owned()),
    }?;
    Ok(format!("{column} {written}"))
}

// ---- What is checked

/// The JSON that a line ends with.
fn value(line: &str) -> Option<Value> {
    serde_json::from_str(line.get(line.find(['{', '['])?..)?).ok()
}

/// Whether `now` has everything that `before` has. More is allowed: fields that were added.
fn keeps(before: &Value, now: &Value) -> bool {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            before.iter().all(|(name, value)| now.get(name).is_some_and(|now| keeps(value, now)))
        }
        (Value::Array(before), Value::Array(now)) => {
            before.len() == now.len() && before.iter().zip(now).all(|(before, now)| keeps(before, now))
        }
        _ => before == now,
    }
}

#[test]
fn every_form_that_was_ever_stored_is_read_and_loses_nothing() {
    let mut faults = Vec::new();
    for (format, reread) in FORMATS {
        for stored in forms(format).concat() {
            let kept = match reread(&stored).map(|now| (value(&stored), value(&now), now)) {
                Ok((Some(before), Some(now), _)) => Ok(keeps(&before, &now)),
                Ok((_, _, now)) => Ok(stored == now),
                Err(error) => Err(error),
            };
            if kept != Ok(true) {
                faults.push(format!("{format}: {kept:?}: {stored}"));
            }
        }
    }
    assert!(faults.is_empty(), "not read, or read with something missing:\n{}", faults.join("\n"));
}

#[test]
fn todays_form_is_written_as_its_examples_have_it() {
    let mut faults = Vec::new();
    for (format, reread) in FORMATS {
        for stored in todays(format) {
            let written = reread(&stored);
            if written.as_ref() != Ok(&stored) {
                faults.push(format!("{format}: {stored}\n  became {written:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "add a form to tests/formats:\n{}", faults.join("\n"));
}

/// During a rollout, and after a rollback, an older release reads what a newer one has written.
#[test]
fn fields_that_a_later_release_adds_are_ignored() {
    for (format, reread) in
        FORMATS.into_iter().filter(|(format, _)| !format.contains("sealed_") && *format != "messages.payload")
    {
        for stored in todays(format) {
            if let Some(Value::Object(mut fields)) = value(&stored).filter(|_| stored.starts_with('{')) {
                // The fields of a call are those of its kind.
                let of_call = fields.values_mut().next().and_then(Value::as_object_mut);
                let to = if format == "webhook-calls" { of_call.unwrap() } else { &mut fields };
                to.insert("addedLater".to_owned(), json!({ "at": 1 }));
                let read = reread(&Value::from(fields).to_string());
                assert_eq!(read.as_ref(), Ok(&stored), "{format}");
            }
        }
    }
}

#[test]
fn every_format_has_a_file_and_every_file_a_format() {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    let mut known: Vec<_> = FORMATS.iter().map(|(format, _)| *format).collect();
    files.sort_unstable();
    known.sort_unstable();
    assert_eq!(files, known);
    for format in known {
        assert!(forms(format).iter().all(|examples| !examples.is_empty()), "{format}");
    }
}

#[test]
fn every_name_that_is_stored_in_a_list_has_an_example() {
    let examples = |format: &str| todays(format).join("\n");
    let permissions = examples("access_tokens.permissions");
    let (types, payloads) = (examples("webhooks.event_types"), examples("messages.payload"));
    let conditions = examples("alerts.condition");
    for permission in Permission::ALL {
        assert!(permissions.contains(&format!("\"{permission}\"")), "{permission}");
    }
    for r#type in EventType::ALL.iter().map(|r#type| r#type.as_str()) {
        assert!(types.contains(&format!("\"{type}\"")), "{type}");
        assert!(payloads.contains(&format!("{{\"type\":\"{type}\",")), "{type}");
    }
    for metric in alerts::trigger::Metric::ALL.iter().map(|metric| metric.as_str()) {
        assert!(conditions.contains(&format!("\"metric\":\"{metric}\"")), "{metric}");
    }
    for filter in filters::names() {
        assert!(conditions.contains(&format!("\"{filter}\":\"")), "{filter}");
    }
}

#[test]
fn settings_are_patched_in_the_form_that_they_are_read_in() {
    for stored in todays("websites.settings") {
        assert_eq!(json::<Update>(&stored), Ok(stored));
    }
}
