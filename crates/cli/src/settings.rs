//! Where the gateway is and as whom we call it: flags, then the environment, then the file
//! (docs/contract/cli.md#2-where-to-and-as-whom).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::failure::{Failure, NO_CREDENTIAL, Outcome};
use crate::json::Json;

/// How long a website's zone is remembered.
const ZONE_HOURS: i64 = 24;

/// A value, and what it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub value: String,
    pub from: String,
}

#[derive(Default)]
pub struct Settings {
    pub url: Option<Origin>,
    pub token: Option<Origin>,
    pub key: Option<Origin>,
    pub website: Option<Origin>,
    pub file: File,
}

/// The flags that count here.
#[derive(Default)]
pub struct Given {
    pub url: Option<String>,
    pub website: Option<String>,
    pub insecure_http: bool,
}

impl Settings {
    /// `variable` reads the environment.
    pub fn read(given: &Given, variable: impl Fn(&str) -> Option<String>) -> Outcome<Self> {
        let file = File::read(&path(&variable))?;
        let ours = |name: &str| variable(name).map(|value| Origin { value, from: name.to_owned() });
        let stored = |key: &str| {
            let value = file.content.str(key)?;
            Some(Origin { value: value.to_owned(), from: file.path.display().to_string() })
        };
        let flag =
            |value: &Option<String>, name: &str| value.clone().map(|value| Origin { value, from: name.to_owned() });

        // DataFast's own credentials may be for datafa.st: they count only beside the address that they are meant for.
        let base = ours("DATAFAST_API_BASE");
        let theirs = |name: &str| base.as_ref().and_then(|_| ours(name));
        let mut token = None;
        let mut key = None;
        let mut place = |credential: Option<Origin>| {
            let Some(credential) = credential else { return };
            // The kind is in the prefix, not in the variable's name.
            let slot = if credential.value.starts_with("df_") { &mut key } else { &mut token };
            slot.get_or_insert(credential);
        };
        place(ours("SLUICE_TOKEN"));
        place(ours("SLUICE_SITE_KEY"));
        place(theirs("DATAFAST_TOKEN"));
        place(theirs("DATAFAST_SITE_KEY"));
        place(stored("token"));
        place(stored("siteKey"));

        let mut url = flag(&given.url, "--url").or_else(|| ours("SLUICE_URL")).or(base).or_else(|| stored("url"));
        if let Some(url) = &mut url {
            url.value = origin(&url.value, given.insecure_http)?;
        }
        let website =
            flag(&given.website, "--website").or_else(|| ours("SLUICE_WEBSITE")).or_else(|| stored("website"));
        Ok(Self { url, token, key, website, file })
    }

    pub fn url(&self) -> Outcome<&str> {
        self.url.as_ref().map(|url| url.value.as_str()).ok_or_else(|| {
            Failure::usage("no gateway is known")
                .hint("sluice login --url https://your-gateway.example, or set SLUICE_URL")
        })
    }

    /// The token, or the key where there is no token.
    pub fn credential(&self) -> Outcome<&str> {
        self.token
            .as_ref()
            .or(self.key.as_ref())
            .map(|credential| credential.value.as_str())
            .ok_or_else(|| Failure::new(NO_CREDENTIAL, "no token is known").hint("sluice login, or set SLUICE_TOKEN"))
    }

    /// Whether calls are made with a website key, which reaches one website.
    pub fn has_only_key(&self) -> bool {
        self.token.is_none() && self.key.is_some()
    }
}

/// The origin of a gateway's address: with or without a slash or `/api/v1` behind it, and https except for this machine.
pub fn origin(address: &str, insecure_http: bool) -> Outcome<String> {
    let wrong =
        |why: &str| Failure::usage(format!("{address}: {why}")).hint("an address is https://your-gateway.example");
    let url = url::Url::parse(address.trim()).map_err(|_| wrong("no address of a gateway"))?;
    if !matches!(url.path().trim_end_matches('/'), "" | "/api/v1")
        || url.query().is_some()
        || !url.username().is_empty()
    {
        return Err(wrong("the address of a gateway has no path"));
    }
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("no address of a gateway")),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback || insecure_http => {}
        "http" => {
            return Err(Failure::usage(format!("{address}: the token would travel unencrypted"))
                .hint("use https, or --insecure-http in a network that you trust"));
        }
        _ => return Err(wrong("no address of a gateway")),
    }
    Ok(url.origin().ascii_serialization())
}

fn path(variable: &impl Fn(&str) -> Option<String>) -> PathBuf {
    let folder = if cfg!(windows) {
        variable("APPDATA").map(PathBuf::from)
    } else {
        let home = || variable("HOME").map(|home| Path::new(&home).join(".config"));
        variable("XDG_CONFIG_HOME").filter(|folder| Path::new(folder).is_absolute()).map(PathBuf::from).or_else(home)
    };
    folder.unwrap_or_default().join("sluice").join("config.json")
}

/// What is shown of a secret.
pub fn masked(secret: &str) -> String {
    let tail = secret.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect::<String>();
    let head = secret.split_once('_').map_or("", |(head, _)| head);
    if secret.len() < 20 { "********".to_owned() } else { format!("{head}_…{tail}") }
}

/// The configuration file. Keys that we do not know stay in it.
pub struct File {
    pub path: PathBuf,
    pub content: Json,
    /// Whether others on this machine may read it.
    pub is_open: bool,
}

impl Default for File {
    fn default() -> Self {
        Self { path: PathBuf::new(), content: Json::Object(Vec::new()), is_open: false }
    }
}

impl File {
    fn read(path: &Path) -> Outcome<Self> {
        let path = path.to_owned();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self { path, ..Self::default() }),
            Err(error) => return Err(Failure::failed(format!("{}: {error}", path.display()))),
        };
        let content = Json::parse(&text).filter(|content| matches!(content, Json::Object(_)));
        let content = content.ok_or_else(|| Failure::failed(format!("{}: not a JSON object", path.display())))?;
        let is_open = is_open(&path);
        Ok(Self { path, content, is_open })
    }

    /// Writes it under another name, readable by its owner only, and renames that.
    pub fn save(&self) -> Outcome {
        let failed = |error: std::io::Error| Failure::failed(format!("{}: {error}", self.path.display()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        make_folder(folder).map_err(failed)?;
        let temporary = folder.join(format!(".config-{}.json", std::process::id()));
        let written = create(&temporary)
            .and_then(|mut file| {
                file.write_all(self.content.pretty().as_bytes())?;
                file.write_all(b"\n")?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&temporary, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(failed)
    }

    pub fn set(&mut self, key: &str, value: Option<&str>) {
        match value {
            Some(value) => self.content.set(key, Json::text(value)),
            None => {
                self.content.take(key);
            }
        }
    }

    /// What is remembered of a website: its zone and its currency.
    pub fn zone(&self, website: &str, now: Timestamp) -> Option<(String, String)> {
        let zone = self.content.get("zones")?.get(website)?;
        let at = zone.str("at")?.parse::<Timestamp>().ok()?;
        let age = now.duration_since(at).as_hours();
        let is_fresh = (0..ZONE_HOURS).contains(&age);
        is_fresh.then(|| {
            let part = |key: &str| zone.str(key).unwrap_or_default().to_owned();
            (part("timezone"), part("currency"))
        })
    }

    pub fn remember_zone(&mut self, website: &str, timezone: &str, currency: &str, now: Timestamp) {
        let mut zone = Json::Null;
        zone.set("timezone", Json::text(timezone));
        zone.set("currency", Json::text(currency));
        zone.set("at", Json::text(now.to_string()));
        self.content.set(&format!("zones.{website}"), zone);
    }
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> std::io::Result<fs::File> {
    fs::File::create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &Given, variables: &[(&str, &str)]) -> Settings {
        let variable = |name: &str| {
            let home = ("HOME", "/nowhere");
            variables.iter().chain([&home]).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(given, variable).expect("settings")
    }

    fn value(origin: Option<Origin>) -> Option<String> {
        origin.map(|origin| origin.value)
    }

    #[test]
    fn an_address_is_an_origin() {
        for (address, expected) in [
            ("https://a.example", Some("https://a.example")),
            ("https://a.example/", Some("https://a.example")),
            ("https://a.example/api/v1", Some("https://a.example")),
            ("https://a.example/api/v1/", Some("https://a.example")),
            ("http://localhost:8787", Some("http://localhost:8787")),
            ("http://127.0.0.1:8787/api/v1", Some("http://127.0.0.1:8787")),
            ("http://[::1]:1", Some("http://[::1]:1")),
            ("http://a.example", None),
            ("http://localhost.a.example", None),
            ("https://a.example/other", None),
            ("https://user@a.example", None),
            ("a.example", None),
            ("ftp://a.example", None),
        ] {
            assert_eq!(origin(address, false).ok().as_deref(), expected, "{address}");
        }
        assert_eq!(origin("http://a.example", true).expect("allowed"), "http://a.example");
    }

    #[test]
    fn datafasts_credentials_count_only_beside_its_address() {
        let lone = read(&Given::default(), &[("DATAFAST_TOKEN", "dft_a"), ("SLUICE_URL", "https://a.example")]);
        assert!(lone.token.is_none() && lone.key.is_none());
        let both = [("DATAFAST_TOKEN", "df_a"), ("DATAFAST_API_BASE", "https://b.example/api/v1")];
        let both = read(&Given::default(), &both);
        assert_eq!(value(both.url.clone()).as_deref(), Some("https://b.example"));
        assert!(both.has_only_key(), "the prefix says what it is");
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_ours_over_theirs() {
        let given =
            Given { url: Some("https://flag.example".to_owned()), website: Some("w".to_owned()), insecure_http: false };
        let variables = [
            ("SLUICE_URL", "https://ours.example"),
            ("DATAFAST_API_BASE", "https://theirs.example"),
            ("SLUICE_TOKEN", "dft_ours"),
            ("DATAFAST_TOKEN", "dft_theirs"),
            ("SLUICE_WEBSITE", "other"),
        ];
        let settings = read(&given, &variables);
        assert_eq!(value(settings.url).as_deref(), Some("https://flag.example"));
        assert_eq!(value(settings.website).as_deref(), Some("w"));
        assert_eq!(value(settings.token).as_deref(), Some("dft_ours"));
        assert_eq!(value(read(&Given::default(), &variables).url).as_deref(), Some("https://ours.example"));
    }

    #[test]
    fn a_token_wins_over_a_key() {
        let settings = read(&Given::default(), &[("SLUICE_SITE_KEY", "df_a"), ("SLUICE_TOKEN", "dft_a")]);
        assert_eq!(settings.credential().expect("one"), "dft_a");
        assert!(!settings.has_only_key());
        assert_eq!(read(&Given::default(), &[]).credential().expect_err("none").code, NO_CREDENTIAL);
    }

    #[test]
    fn a_zone_is_forgotten_after_a_day() {
        let mut file = File::default();
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a time");
        file.remember_zone("w", "Europe/Paris", "EUR", now);
        let at = |text: &str| file.zone("w", text.parse().expect("a time"));
        assert_eq!(at("2026-05-02T11:59:00Z"), Some(("Europe/Paris".to_owned(), "EUR".to_owned())));
        assert_eq!(at("2026-05-02T12:01:00Z"), None);
        assert_eq!(at("2026-05-01T10:00:00Z"), None, "a clock that went back");
    }

    #[test]
    fn a_secret_is_masked() {
        assert_eq!(masked(&format!("dft_{}wxyz", "a".repeat(32))), "dft_…wxyz");
        assert_eq!(masked("dft_short"), "********");
    }
}
