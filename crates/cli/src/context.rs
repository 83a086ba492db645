//! What every command has at hand: the settings, the gateway, the screen, and the website that it is about.

use std::cell::OnceCell;

use clap::ArgMatches;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::client::{Client, Request};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::operations::Operation;
use crate::output::{self, Meaning, Mode};
use crate::prompt;
use crate::screen::{self, Screen, note};
use crate::settings::{Given, Settings};

pub struct Context {
    /// What the binary is called.
    pub name: &'static str,
    pub screen: Screen,
    pub mode: Mode,
    pub settings: Settings,
    pub all: bool,
    /// `--fields`.
    pub fields: Vec<String>,
    no_retry: bool,
    verbose: bool,
    client: OnceCell<Client>,
    /// The website that a key belongs to.
    own: OnceCell<String>,
}

impl Context {
    pub fn new(name: &'static str, matches: &ArgMatches) -> Outcome<Self> {
        let text = |id: &str| matches.get_one::<String>(id).cloned();
        let is = |id: &str| matches.get_flag(id);
        let given = Given { url: text("gateway"), website: text("website"), insecure_http: is("insecure-http") };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let settings = Settings::read(&given, variable)?;
        let screen = Screen::new(is("no-color"), is("no-input") || is("json") || is("csv"));
        let mode = match (is("json"), is("csv"), screen.terminal) {
            (true, ..) => Mode::Json,
            (_, true, _) => Mode::Csv,
            (.., true) => Mode::People,
            _ => Mode::Tabs,
        };
        if settings.file.is_open {
            note(&format!("warning: others can read {}: chmod 600 it", settings.file.path.display()));
        }
        let fields = text("fields").unwrap_or_default();
        Ok(Self {
            name,
            screen,
            mode,
            settings,
            all: is("all"),
            fields: fields.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect(),
            no_retry: is("no-retry"),
            verbose: is("verbose"),
            client: OnceCell::new(),
            own: OnceCell::new(),
        })
    }

    pub fn client(&self) -> Outcome<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.client_for(self.settings.url()?, self.settings.credential()?);
        Ok(self.client.get_or_init(|| client))
    }

    pub fn client_for(&self, url: &str, credential: &str) -> Client {
        let mut client = Client::new(url, Some(credential));
        client.retry = !self.no_retry;
        client.verbose = self.verbose;
        client
    }

    /// The rows of a list.
    pub fn rows(&self, path: &str) -> Outcome<Vec<Json>> {
        let body = self.client()?.call(&Request::get(path))?.json()?;
        Ok(body.get("data").map(Json::list).unwrap_or_default().to_vec())
    }

    /// Whether a website is known without being named.
    pub fn has_default_website(&self) -> bool {
        self.settings.website.is_some() || self.settings.has_only_key()
    }

    /// The id of the website that is meant: what was given, the default, the key's own, or what a person picks.
    pub fn website(&self, given: Option<&str>) -> Outcome<String> {
        self.settings.credential()?; // without one, no website helps
        let named = given.or(self.settings.website.as_ref().map(|website| website.value.as_str()));
        match named {
            Some(named) if is_id(named) => Ok(named.to_owned()),
            Some(named) => self.find_website(named),
            None if self.settings.has_only_key() => self.own_website(),
            None if self.screen.prompts => {
                let choices = self.rows("/api/v1/admin/websites")?.into_iter().map(|row| prompt::Choice {
                    label: row.str("domain").unwrap_or_default().to_owned(),
                    value: row.str("id").unwrap_or_default().to_owned(),
                });
                Ok(prompt::select("Website:", choices.collect())?.value)
            }
            None => Err(Failure::usage("no website is named")
                .hint(format!("--website example.com, or {} config set-website example.com", self.name))),
        }
    }

    fn find_website(&self, named: &str) -> Outcome<String> {
        if self.settings.has_only_key() {
            let rows = self.rows("/api/v1/analytics/metadata")?;
            let is_own = rows.iter().any(|row| row.str("domain") == Some(named));
            return if is_own {
                self.own_website()
            } else {
                Err(Failure::failed(format!("the key is for another website than {named}")))
            };
        }
        let rows = self.rows("/api/v1/admin/websites")?;
        let found = rows.iter().find(|row| {
            let domain = row.str("domain").unwrap_or_default();
            row.str("trackingId") == Some(named) || domain.eq_ignore_ascii_case(named)
        });
        let id = found.and_then(|row| row.str("id")).map(str::to_owned);
        id.ok_or_else(|| Failure::failed(format!("no website {named}")).hint(format!("{} websites list", self.name)))
    }

    fn own_website(&self) -> Outcome<String> {
        if let Some(own) = self.own.get() {
            return Ok(own.clone());
        }
        let rows = self.rows("/api/v1/admin/account")?;
        let own = rows.first().and_then(|row| row.str("websiteId")).map(str::to_owned);
        let own = own.ok_or_else(|| Failure::failed("the gateway does not say which website the key is for"))?;
        Ok(self.own.get_or_init(|| own).clone())
    }

    /// The zone and currency of a website, remembered for a day.
    pub fn meaning(&self, website: Option<&str>) -> Outcome<Meaning> {
        let now = Timestamp::now();
        let name = website.unwrap_or("key");
        let (zone, currency) = match self.settings.file.zone(name, now) {
            Some(known) => known,
            None => {
                let mut request = Request::get("/api/v1/analytics/metadata").query("fields", "timezone,currency");
                if let Some(website) = website {
                    request = request.query("websiteId", website);
                }
                let body = self.client()?.call(&request)?.json()?;
                let row = body.get("data").and_then(|data| data.list().first());
                let part = |key: &str| row.and_then(|row| row.str(key)).unwrap_or_default().to_owned();
                let (zone, currency) = (part("timezone"), part("currency"));
                if website.is_some() {
                    self.remember(name, &zone, &currency, now);
                }
                (zone, currency)
            }
        };
        Ok(Meaning { zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC), currency, fractions: false })
    }

    /// Only a convenience: where the file cannot be written, the zone is asked for again.
    fn remember(&self, website: &str, zone: &str, currency: &str, now: Timestamp) {
        let mut file = crate::settings::File {
            path: self.settings.file.path.clone(),
            content: self.settings.file.content.clone(),
            is_open: false,
        };
        file.remember_zone(website, zone, currency, now);
        let _ = file.save();
    }

    /// Asks before what cannot be undone.
    pub fn confirm(&self, question: &str, yes: bool) -> Outcome {
        if yes {
            return Ok(());
        }
        if !self.screen.prompts {
            return Err(
                Failure::usage(format!("this cannot be undone: {question}")).hint("--yes goes on without asking")
            );
        }
        if prompt::confirm(question)? { Ok(()) } else { Err(Failure::cancelled()) }
    }

    /// Shows an answer in the way that was asked for.
    pub fn show(&self, text: &str, form: &Form) -> Outcome {
        if self.mode == Mode::Json {
            return self.show_json(text);
        }
        let body = Json::parse(text).ok_or_else(|| Failure::failed("the gateway's answer is no JSON"))?;
        let data = body.get("data").unwrap_or(&body);
        match data {
            Json::List(rows) if form.is_list || rows.len() != 1 => self.show_rows(rows, form)?,
            Json::List(rows) => self.show_record(rows.first().unwrap_or(&Json::Null), form)?,
            record => self.show_record(record, form)?,
        }
        // What an answer has beside its rows: invitations, for example.
        for (key, value) in body.entries() {
            if self.mode == Mode::People
                && key != "data"
                && value.list().iter().any(|item| matches!(item, Json::Object(_)))
            {
                let rows = value.list();
                let columns = output::columns(rows, &[], &[]);
                let table = output::table(rows, &columns, &form.meaning, self.screen);
                screen::print(&format!("\n{}\n{table}", self.screen.bold(key)))?;
            }
        }
        if let Some(page) = body.get("pagination") {
            let number = |key: &str| page.number(key).unwrap_or_default();
            let next = number("offset") + count(data.list().len());
            if number("total") > next {
                note(&format!("{} of {}; --offset {next} for more", data.list().len(), number("total")));
            }
        }
        Ok(())
    }

    pub fn show_json(&self, text: &str) -> Outcome {
        let pretty = self.screen.terminal.then(|| Json::parse(text)).flatten().map(|body| body.pretty());
        screen::print(&format!("{}\n", pretty.as_deref().unwrap_or(text).trim_end()))
    }

    pub fn show_rows(&self, rows: &[Json], form: &Form) -> Outcome {
        let columns = output::columns(rows, form.columns, &form.chosen);
        match self.mode {
            Mode::Csv => screen::print(&output::csv(rows, &columns)),
            Mode::Tabs => screen::print(&output::tabs(rows, &columns)),
            _ if rows.is_empty() => {
                note("nothing");
                Ok(())
            }
            _ => screen::print(&output::table(rows, &columns, &form.meaning, self.screen)),
        }
    }

    fn show_record(&self, row: &Json, form: &Form) -> Outcome {
        if self.mode == Mode::Csv {
            return Err(Failure::usage("--csv is for lists"));
        }
        // A secret is shown this once, alone, so that it can be piped somewhere.
        let secret =
            ["key", "secret", "requestAuthToken"].iter().find_map(|key| row.str(key).map(|secret| (key, secret)));
        if let Some((key, secret)) = secret {
            let mut rest = row.clone();
            rest.take(key);
            let told = if self.mode == Mode::People {
                output::record(&rest, &form.meaning, self.screen)
            } else {
                output::pairs(&rest)
            };
            eprint_lines(&told);
            return screen::print(&format!("{secret}\n"));
        }
        if self.mode == Mode::Tabs {
            return screen::print(&output::pairs(row));
        }
        let is_message = row.entries().iter().all(|(key, _)| matches!(key.as_str(), "message" | "id" | "_id"));
        match row.str("message") {
            Some(message) if is_message => screen::print(&format!("{}\n", screen::plain(message))),
            _ => screen::print(&output::record(row, &form.meaning, self.screen)),
        }
    }
}

fn eprint_lines(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// How an answer is shown.
#[derive(Clone, Default)]
pub struct Form {
    pub is_list: bool,
    pub columns: &'static [&'static str],
    pub chosen: Vec<String>,
    pub meaning: Meaning,
}

/// Whether an operation answers a list, also one of a single row.
pub fn answers_list(operation: &Operation) -> bool {
    operation.id.starts_with("list") || operation.id == "getTimeseries"
}

/// The id of a website, as the gateway makes them.
pub fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn count(rows: usize) -> f64 {
    f64::from(u32::try_from(rows).unwrap_or(u32::MAX))
}
