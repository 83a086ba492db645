//! The ways of sending mail: the platform's binding, Resend, Postmark. Reads the settings and builds the requests.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::MailError;
use super::message::{Mail, one_line};
use sluice_values::Environment;
use sluice_values::{Email, Invalid};

/// The sender in development, if `EMAIL_FROM` is not set.
const DEVELOPMENT_SENDER: &str = "Sluice <sluice@localhost.example>";

/// How many characters of a provider's own explanation are passed on; the rest of a reason is the gateway's.
const LONGEST_EXPLANATION: usize = 150;

/// The sender of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: Email,
}

impl Sender {
    /// The name that mail programs show.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub fn address(&self) -> &Email {
        &self.address
    }
}

impl FromStr for Sender {
    type Err = Invalid;

    /// Parses `address` or `Name <address>`.
    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let sent = sent.trim();
        let Some((name, address)) = sent.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) else {
            return Ok(Self { name: None, address: sent.parse()? });
        };
        let name = one_line(name);
        let name = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&name).trim();
        Ok(Self { name: (!name.is_empty()).then(|| name.to_owned()), address: address.parse()? })
    }
}

/// As in a `From` header (RFC 5322): a name that is not just words is quoted.
impl fmt::Display for Sender {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = &self.name else { return write!(to, "{}", self.address) };
        if name.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '.', '"']) {
            write!(to, "\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), self.address)
        } else {
            write!(to, "{name} <{}>", self.address)
        }
    }
}

/// A provider with an HTTP API for mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `resend.com`
    Resend,
    /// `postmarkapp.com`
    Postmark,
}

impl Service {
    const fn name(self) -> &'static str {
        match self {
            Self::Resend => "Resend",
            Self::Postmark => "Postmark",
        }
    }

    const fn base(self) -> &'static str {
        match self {
            Self::Resend => "https://api.resend.com",
            Self::Postmark => "https://api.postmarkapp.com",
        }
    }
}

/// A provider with its credentials. Not `Debug`: it holds a key.
pub struct Api {
    service: Service,
    base: String,
    key: String,
}

/// The POST request that sends a message through a provider. Not `Debug`: it holds a key.
pub struct Request {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON.
    pub body: String,
}

/// How messages are sent.
pub enum Way {
    /// Through the `send_email` binding.
    Binding,
    /// Through a service.
    Api(Api),
}

/// The settings of mail.
pub struct Settings {
    pub sender: Sender,
    pub way: Way,
}

impl Settings {
    /// Reads the settings; `setting` returns a variable by its name.
    pub fn read(setting: impl Fn(&str) -> Option<String>, environment: Environment) -> Result<Self, MailError> {
        let sender = match setting("EMAIL_FROM") {
            Some(sender) => sender,
            None if environment == Environment::Development => DEVELOPMENT_SENDER.to_owned(),
            None => return Err(MailError::new("EMAIL_FROM is not set")),
        };
        let sender = sender.parse().map_err(|why| MailError::new(format!("EMAIL_FROM: {why}")))?;
        let service = match setting("EMAIL_PROVIDER").as_deref().map(str::trim) {
            None | Some("binding") => return Ok(Self { sender, way: Way::Binding }),
            Some("resend") => Service::Resend,
            Some("postmark") => Service::Postmark,
            Some(_) => return Err(MailError::new("EMAIL_PROVIDER is none of binding, resend and postmark")),
        };
        let key = setting("EMAIL_API_KEY").map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| MailError::new("EMAIL_API_KEY is not set"))?;
        let base = setting("EMAIL_API_BASE").unwrap_or_else(|| service.base().to_owned());
        let base = base.trim().trim_end_matches('/').to_owned();
        Ok(Self { sender, way: Way::Api(Api { service, base, key }) })
    }
}

impl Api {
    /// The request that sends `mail`.
    pub fn request(&self, from: &Sender, mail: &Mail) -> Request {
        let json = |name| (name, "application/json".to_owned());
        match self.service {
            Service::Resend => {
                let headers: Map<String, Value> =
                    mail.headers().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
                Request {
                    url: format!("{}/emails", self.base),
                    headers: vec![
                        ("Authorization", format!("Bearer {}", self.key)),
                        ("Idempotency-Key", mail.id().to_owned()),
                        json("Content-Type"),
                        json("Accept"),
                    ],
                    body: json!({
                        "from": from.to_string(),
                        "to": [mail.to()],
                        "subject": mail.subject(),
                        "text": mail.text(),
                        "html": mail.html(),
                        "headers": headers,
                    })
                    .to_string(),
                }
            }
            Service::Postmark => {
                let headers: Vec<Value> =
                    mail.headers().into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
                Request {
                    url: format!("{}/email", self.base),
                    headers: vec![("X-Postmark-Server-Token", self.key.clone()), json("Content-Type"), json("Accept")],
                    body: json!({
                        "From": from.to_string(),
                        "To": mail.to(),
                        "Subject": mail.subject(),
                        "TextBody": mail.text(),
                        "HtmlBody": mail.html(),
                        "Headers": headers,
                        "MessageStream": "outbound",
                    })
                    .to_string(),
                }
            }
        }
    }

    /// Why a response of `status` is a rejection; `None` if the message was accepted.
    pub fn refusal(&self, status: u16, body: &[u8]) -> Option<MailError> {
        /// The explanation in the errors of both providers.
        #[derive(Deserialize)]
        struct Explained {
            #[serde(alias = "Message")]
            message: String,
        }

        if (200..300).contains(&status) {
            return None;
        }
        let name = self.service.name();
        let Ok(Explained { message }) = serde_json::from_slice(body) else {
            return Some(MailError::new(format!("{name} answered {status}")));
        };
        // If a provider echoes the key, it must not go further.
        let message: String = message.replace(&self.key, "…").chars().take(LONGEST_EXPLANATION).collect();
        Some(MailError::new(format!("{name} answered {status}: {message}")))
    }

    /// The provider did not respond in time.
    pub fn late(&self, seconds: u32) -> MailError {
        MailError::new(format!("{} did not answer within {seconds} seconds", self.service.name()))
    }

    /// The provider did not respond at all.
    pub fn unreachable(&self) -> MailError {
        MailError::new(format!("{} could not be reached", self.service.name()))
    }

    /// The request could not be built.
    pub fn unusable(&self) -> MailError {
        MailError::new("EMAIL_API_BASE or EMAIL_API_KEY cannot be used in a request")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settings(pairs: &[(&str, &str)], environment: Environment) -> Result<Settings, MailError> {
        let find = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::read(find, environment)
    }

    fn api(provider: &str, more: &[(&str, &str)]) -> (Sender, Api) {
        let mut pairs = vec![
            ("EMAIL_FROM", "Acme, Inc. <alerts@acme.com>"),
            ("EMAIL_PROVIDER", provider),
            ("EMAIL_API_KEY", "k-1"),
        ];
        pairs.extend(more);
        match settings(&pairs, Environment::Production).map(|settings| (settings.sender, settings.way)) {
            Ok((sender, Way::Api(api))) => (sender, api),
            _ => panic!("no service"),
        }
    }

    fn mail() -> Mail {
        Mail::new("alert/1", "jane@example.com".parse().unwrap(), "Signup", "Somebody <signed> up.")
            .with_unsubscribe("https://s.example/unsubscribe/x")
    }

    #[test]
    fn the_request_to_resend_follows_its_documentation() {
        let (sender, api) = api("resend", &[]);
        let request = api.request(&sender, &mail());
        assert_eq!(request.url, "https://api.resend.com/emails");
        let header = |name: &str| request.headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        assert_eq!(header("Authorization"), "Bearer k-1");
        assert_eq!(header("Idempotency-Key"), "alert/1");
        assert_eq!(header("Content-Type"), "application/json");
        assert_eq!(
            serde_json::from_str::<Value>(&request.body).unwrap(),
            json!({
                "from": "\"Acme, Inc.\" <alerts@acme.com>",
                "to": ["jane@example.com"],
                "subject": "Signup",
                "text": mail().text(),
                "html": mail().html(),
                "headers": {
                    "Auto-Submitted": "auto-generated",
                    "List-Unsubscribe": "<https://s.example/unsubscribe/x>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
            })
        );
    }

    #[test]
    fn the_request_to_postmark_follows_its_documentation() {
        let (sender, api) = api("postmark", &[("EMAIL_API_BASE", "http://127.0.0.1:9/")]);
        let request = api.request(&sender, &mail());
        assert_eq!(request.url, "http://127.0.0.1:9/email");
        assert!(request.headers.contains(&("X-Postmark-Server-Token", "k-1".to_owned())));
        assert_eq!(
            serde_json::from_str::<Value>(&request.body).unwrap(),
            json!({
                "From": "\"Acme, Inc.\" <alerts@acme.com>",
                "To": "jane@example.com",
                "Subject": "Signup",
                "TextBody": mail().text(),
                "HtmlBody": mail().html(),
                "Headers": [
                    { "Name": "Auto-Submitted", "Value": "auto-generated" },
                    { "Name": "List-Unsubscribe", "Value": "<https://s.example/unsubscribe/x>" },
                    { "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" },
                ],
                "MessageStream": "outbound",
            })
        );
    }

    #[test]
    fn missing_settings_are_named() {
        let why = |pairs: &[(&str, &str)]| settings(pairs, Environment::Production).err().unwrap().to_string();
        let from = ("EMAIL_FROM", "a@b.co");
        assert_eq!(why(&[]), "EMAIL_FROM is not set");
        assert!(why(&[("EMAIL_FROM", "nobody")]).starts_with("EMAIL_FROM: expected an e-mail address"));
        assert_eq!(why(&[from, ("EMAIL_PROVIDER", "resend")]), "EMAIL_API_KEY is not set");
        assert_eq!(why(&[from, ("EMAIL_PROVIDER", "resend"), ("EMAIL_API_KEY", " ")]), "EMAIL_API_KEY is not set");
        assert!(why(&[from, ("EMAIL_PROVIDER", "smtp")]).starts_with("EMAIL_PROVIDER"));
        assert!(matches!(settings(&[from], Environment::Production).unwrap_or_else(|_| panic!()).way, Way::Binding));
        let developer = settings(&[], Environment::Development).unwrap_or_else(|_| panic!());
        assert_eq!(developer.sender.to_string(), DEVELOPMENT_SENDER);
    }

    #[test]
    fn senders_are_addresses_with_or_without_a_name() {
        for (sent, name, shown) in [
            (" Alerts@Acme.com ", None, "alerts@acme.com"),
            ("<a@acme.com>", None, "a@acme.com"),
            ("Acme <a@acme.com>", Some("Acme"), "Acme <a@acme.com>"),
            ("\"Acme, Inc.\" <a@acme.com>", Some("Acme, Inc."), "\"Acme, Inc.\" <a@acme.com>"),
            ("A\r\nBcc: x <a@acme.com>", Some("A Bcc: x"), "\"A Bcc: x\" <a@acme.com>"),
            ("Größe \"x\" \\ <a@acme.com>", Some("Größe \"x\" \\"), "\"Größe \\\"x\\\" \\\\\" <a@acme.com>"),
        ] {
            let sender: Sender = sent.parse().unwrap();
            assert_eq!((sender.name(), sender.to_string().as_str()), (name, shown));
        }
        for wrong in ["", "Acme", "Acme <acme.com>", "a@b.co, c@d.co", "Acme <a@b.co> x"] {
            assert!(wrong.parse::<Sender>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rejection_has_the_providers_explanation_without_the_key() {
        let (_, resend) = api("resend", &[]);
        let (_, postmark) = api("postmark", &[]);
        assert_eq!(resend.refusal(200, b"{\"id\":\"x\"}"), None);
        let refusal = |api: &Api, status, body: &str| api.refusal(status, body.as_bytes()).unwrap().to_string();
        assert_eq!(
            refusal(&resend, 422, r#"{"statusCode":422,"name":"validation_error","message":"Invalid `to` field"}"#),
            "Resend answered 422: Invalid `to` field"
        );
        assert_eq!(
            refusal(&postmark, 422, r#"{"ErrorCode":406,"Message":"Inactive recipient"}"#),
            "Postmark answered 422: Inactive recipient"
        );
        assert_eq!(refusal(&resend, 401, r#"{"message":"no such key:\nk-1"}"#), "Resend answered 401: no such key: …");
        assert_eq!(refusal(&resend, 502, "<html>"), "Resend answered 502");
        assert_eq!(refusal(&resend, 302, ""), "Resend answered 302");
    }

    proptest! {
        #[test]
        fn no_sender_ends_a_header(sent in "(?s).{0,40}<a@b.co>") {
            if let Ok(sender) = sent.parse::<Sender>() {
                prop_assert!(!sender.to_string().chars().any(char::is_control));
            }
        }

        #[test]
        fn no_response_makes_a_reason_long_or_leaks_the_key(status in 300..600_u16, body in any::<String>()) {
            let (_, api) = api("resend", &[]);
            let answer = json!({ "message": format!("{body}k-1{body}") }).to_string();
            let reason = api.refusal(status, answer.as_bytes()).unwrap().to_string();
            prop_assert!(reason.chars().count() <= 200 && !reason.contains("k-1"));
        }
    }
}
