//! The contract's samples, and a provider's API that answers as they say (docs/contract/providers/samples/README.md).

use std::collections::BTreeMap;

use serde_json::Value;

use sluice_values::{Environment, Timestamp, WebsiteId};

use crate::delivery::Envelope;
use crate::headers::Headers;
use crate::mapped::{Context, Mapped};
use crate::provider::Provider;
use crate::reading::{Step, Trouble};
use crate::request::{Answer, Request};
use crate::work;

pub const WEBSITE: &str = "665f0b3c4d2e1a0012345678";
/// When the samples are read.
pub const NOW: i64 = 1_795_860_001_234;

pub fn context(environment: Environment) -> Context {
    let website: WebsiteId = WEBSITE.parse().unwrap();
    Context::new(environment, website, Timestamp::from_millis(NOW))
}

pub fn production() -> Context {
    context(Environment::Production)
}

/// What is posted, and what has to come of it.
pub struct Sample {
    pub provider: Provider,
    pub name: String,
    pub body: Vec<u8>,
    pub expected: Value,
}

impl Sample {
    pub fn read(provider: Provider, name: &str) -> Self {
        let folder = format!("{}/../../docs/contract/providers/samples/{provider}", env!("CARGO_MANIFEST_DIR"));
        let expected = std::fs::read(format!("{folder}/{name}.expected.json")).unwrap();
        Self {
            provider,
            name: name.to_owned(),
            body: std::fs::read(format!("{folder}/{name}.json")).unwrap(),
            expected: serde_json::from_slice(&expected).unwrap(),
        }
    }

    /// All of a provider, by name.
    pub fn all(provider: Provider) -> Vec<Self> {
        let folder = format!("{}/../../docs/contract/providers/samples/{provider}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            files.filter_map(|name| name.strip_suffix(".expected.json").map(str::to_owned)).collect();
        names.sort();
        names.iter().map(|name| Self::read(provider, name)).collect()
    }

    pub fn headers(&self) -> Vec<(String, String)> {
        let headers = self.expected["post"]["headers"].as_object().unwrap().iter();
        headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn api(&self) -> Api {
        let answers = self.expected["api"].as_object().unwrap().iter();
        Api::of(answers.map(|(request, answer)| (request.clone(), Answer::new(200, answer.clone()))))
    }

    pub fn envelope(&self) -> Envelope {
        let headers = self.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Envelope::read(self.provider, Headers(&headers), &self.body).unwrap()
    }

    /// What comes of it, and the requests that were made for it.
    pub fn mapped(&self, context: &Context) -> (Mapped, Vec<String>) {
        let mut api = self.api();
        let mapped = api.work(&self.envelope(), context).unwrap();
        (mapped, api.asked)
    }
}

/// A provider's API: answers by request, 404 for the rest.
#[derive(Default)]
pub struct Api {
    pub answers: BTreeMap<String, Answer>,
    pub asked: Vec<String>,
}

impl Api {
    pub fn of(answers: impl IntoIterator<Item = (String, Answer)>) -> Self {
        Self { answers: answers.into_iter().collect(), asked: Vec::new() }
    }

    /// Answers to a request that is written as the samples write it: without what only says how much to answer.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let silent = ["expand[]", "payment[type]", "limit"];
        let query: Vec<String> = request
            .query
            .iter()
            .filter(|(name, _)| !silent.contains(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let method = format!("{:?}", request.method).to_uppercase();
        let question = if query.is_empty() { "" } else { "?" };
        let asked = format!("{method} {}{question}{}", request.path, query.join("&"));
        self.asked.push(asked.clone());
        self.answers.get(&asked).cloned().unwrap_or_else(|| Answer::new(404, Value::Null))
    }

    pub fn work(&mut self, envelope: &Envelope, context: &Context) -> Result<Mapped, Trouble> {
        self.follow(work::step(envelope, context), context)
    }

    pub fn follow(&mut self, mut step: Step, context: &Context) -> Result<Mapped, Trouble> {
        loop {
            match step {
                Step::Done(mapped) => return Ok(mapped),
                Step::Ask(reading) => {
                    assert!(self.asked.len() < 10, "endless reading: {:?}", self.asked);
                    let answer = self.answer(reading.request());
                    step = reading.answered(&answer, context)?;
                }
            }
        }
    }
}
